#!/usr/bin/env bash
# A Debian root file system that tests/e2e makes its images from: OpenSSL, curl, Python and a JVM,
# and p11-kit, with which other distributions write their stores. Prints its path; nothing ever
# writes to it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

SUITE=bookworm
PACKAGES=openssl,curl,python3-minimal,libpython3-stdlib,openjdk-17-jre-headless,ca-certificates
PACKAGES+=,ca-certificates-java,p11-kit,p11-kit-modules

need debootstrap=debootstrap >&2

root() {
    local log=$1.log
    debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$1" "$(debian_mirror)" >"$log" 2>&1 || {
        tail -n 30 "$log"
        rm "$log"
        return 1
    }
    rm "$log"
    cd "$1"
    # An engine brings the devices; a copy of /dev/zero would have no end.
    rm -r dev/* var/cache/apt var/lib/apt/lists usr/share/{doc,info,locale,man}
}

name=debian-$SUITE-$(digest "$0")
cached "$name" root >&2
printf '%s\n' "$TEST_CACHE/$name"
