#!/usr/bin/env bash
# What an image with a shell and keytool holds: Debian's smallest root file system, its JRE without a
# display, ca-certificates. Prints its path; nothing ever writes to it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/../../tests/setup/lib.sh"

SUITE=bookworm
PACKAGES=openjdk-17-jre-headless,ca-certificates,ca-certificates-java

need debootstrap=debootstrap >&2

root() {
    debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$1" "$(debian_mirror)"
    cd "$1"
    # As Debian's own small images have it.
    rm -r dev/* var/cache/apt var/lib/apt/lists usr/share/{doc,info,locale,man}
    # With it update-ca-certificates would start a JVM too. Images with a JDK of another vendor have none.
    rm etc/ca-certificates/update.d/jks-keystore
}

name=keytool-$SUITE-$(digest "$0")
cached "$name" root >&2
printf '%s\n' "$TEST_CACHE/$name"
