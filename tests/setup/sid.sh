#!/usr/bin/env bash
# A root file system of Debian's unstable suite: the newest OpenSSL, Python, requests and curl that
# Debian has. Prints its path; nothing ever writes to it. The suite moves on, so nothing here has a
# pinned version: whoever asks these programs prints what they are. To take newer ones, remove it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

PACKAGES=ca-certificates,curl,openssl,python3,python3-requests

need debootstrap=debootstrap >&2

root() {
    local log=$1.log
    debootstrap --variant=minbase --include="$PACKAGES" sid "$1" "$(debian_mirror)" >"$log" 2>&1 || {
        tail -n 30 "$log"
        rm "$log"
        return 1
    }
    rm "$log"
    rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/usr/share/{doc,info,locale,man}/*
}

name=sid-$(digest "$0")
cached "$name" root >&2
printf '%s\n' "$TEST_CACHE/$name"
