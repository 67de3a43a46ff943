#!/usr/bin/env bash
# The smallest Debian root file system, as on a machine where nothing was installed yet, for
# tests/fresh. Prints its path; nothing ever writes to it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

SUITE=bookworm

need debootstrap=debootstrap >&2

root() {
    local log=$1.log
    debootstrap --variant=minbase "$SUITE" "$1" "$(debian_mirror)" >"$log" 2>&1 || {
        tail -n 30 "$log"
        rm "$log"
        return 1
    }
    rm "$log"
    # The package lists would be out of date when the root is used again.
    rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/usr/share/{doc,info,locale,man}/*
}

name=minimal-$SUITE-$(digest "$0")
cached "$name" root >&2
printf '%s\n' "$TEST_CACHE/$name"
