#!/usr/bin/env bash
# Debian's OCI registry, the program; prints its path. The package is unpacked and not installed, because an
# installation starts a service.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

# Debian 12's. Its file name on the mirror, and its SHA-256 in Debian's signed list of packages.
FILE=docker-registry_2.8.2+ds1-1_amd64.deb
SHA256=a9bd06c0e006854608f8469b4371743f40604ad90975532bb3b7ceeb72fe2913

need python3=python3 dpkg-deb=dpkg >&2

program() {
    local deb=$1/$FILE
    python3 - "$(debian_mirror)/pool/main/d/docker-registry/$FILE" "$deb" <<'END'
import sys, urllib.request

urllib.request.urlretrieve(sys.argv[1], sys.argv[2])
END
    printf '%s  %s\n' "$SHA256" "$deb" | sha256sum --check --quiet
    dpkg-deb -x "$deb" "$1/unpacked"
    mv "$1/unpacked/usr/bin/docker-registry" "$1/"
    rm -r "$deb" "$1/unpacked"
    "$1/docker-registry" --version
}

name=docker-registry-$(digest "$0")
cached "$name" program >&2
printf '%s\n' "$TEST_CACHE/$name/docker-registry"
