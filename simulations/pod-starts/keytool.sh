#!/bin/sh
# keytool.sh [every-root]: what an init container with a shell does today: the chain into the system's
# bundle and, a certificate at a time, into a copy of the JDK's truststore. So does the entrypoint of
# Eclipse Temurin's images (__cacert_entrypoint.sh). With every-root, the system's certificates go through
# keytool as well, as scripts do that fill a store of their own.
set -eu
store=/trust/cacerts
certificates=$(mktemp -d)

split() {
    # keytool reads the first certificate of a file and no other.
    awk -v prefix="$certificates/$1" '/-----BEGIN CERTIFICATE-----/ { n++ } n { print > sprintf("%s-%03d.crt", prefix, n) }' "$2"
}

split customer /certificates/ca.crt
if [ "${1:-}" = every-root ]; then
    split system /etc/ssl/certs/ca-certificates.crt
else
    cp /etc/ssl/certs/java/cacerts "$store" # which the JDK's own links to
fi
for certificate in "$certificates"/*.crt; do
    keytool -importcert -noprompt -alias "$(basename "$certificate" .crt)" -file "$certificate" -keystore "$store" -storepass changeit
done

cp "$certificates"/customer-*.crt /usr/local/share/ca-certificates/
update-ca-certificates
cp /etc/ssl/certs/ca-certificates.crt /trust/ca-certificates.crt
