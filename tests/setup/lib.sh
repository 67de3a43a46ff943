# shellcheck shell=bash
# What ./test and the set-up scripts share. Sourced, never run.

TEST_CACHE=${TRUST_INIT_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trust-init-test}
export TRUST_INIT_TEST_CACHE=$TEST_CACHE

# What a set-up script exits with if what it needs from elsewhere is not to be had: ./test counts the
# step as skipped. Never for a test or a build that fails.
# shellcheck disable=SC2034 # its users source this
SKIP=77

die() {
    printf 'test: error: %s\n' "$*" >&2
    exit 1
}

# want PROGRAM=DEBIAN-PACKAGE...: fails where something is missing, and names the packages that bring it.
# Besides programs it takes the path of a file and the names that `present` knows.
want() {
    local pair missing=() packages=()
    for pair in "$@"; do
        present "${pair%%=*}" || missing+=("${pair%%=*}") packages+=("${pair#*=}")
    done
    [ ${#missing[@]} -eq 0 ] || die "missing: ${missing[*]}
  hint: on Debian: apt-get install --no-install-recommends ${packages[*]}"
}

# need PROGRAM=DEBIAN-PACKAGE...: as want, but installs what is missing where it can.
need() {
    local pair packages=()
    for pair in "$@"; do
        present "${pair%%=*}" || packages+=("${pair#*=}")
    done
    [ ${#packages[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
        want "$@"
    fi
    # Whatever is fetched next comes over HTTPS, and no package of Debian's depends on the roots.
    present ca-certificates || packages+=(ca-certificates)
    printf 'installing %s\n' "${packages[*]}"
    # Another apt may be at work on a shared machine: wait for its lock.
    local apt=(apt-get -q -o DPkg::Lock::Timeout=300)
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" update
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${packages[@]}"
    want "$@"
}

present() {
    case $1 in
        /*) [ -e "$1" ] ;;
        # A system Python can lack what `python3 -m venv` needs and still have the module.
        python-venv) python3 -c 'import venv, ensurepip' 2>/dev/null ;;
        # gcc brings neither the start files that every program is linked with nor a header.
        c-library)
            if command -v cc >/dev/null; then
                [ -e "$(cc -print-file-name=crt1.o)" ] && cc -E -include stdio.h -x c /dev/null >/dev/null 2>&1
            else
                [ -e /usr/include/stdio.h ]
            fi
            ;;
        ca-certificates) [ -s "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" ] ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# cached NAME COMMAND [ARG...]: runs COMMAND with an empty directory as its last argument
# and keeps the directory as $TEST_CACHE/NAME. It appears only when it is whole, and NAME
# holds every pinned version, so that a hit is what a miss would have made.
# COMMAND may need the final place: it is in $FINAL.
cached() {
    local name=$1 fresh status
    shift
    [ ! -d "$TEST_CACHE/$name" ] || return 0
    mkdir -p "$TEST_CACHE"
    fresh=$(mktemp -d "$TEST_CACHE/.new.XXXXXX")
    chmod 755 "$fresh"
    # A shell of its own and no condition around it, or `set -e` would not hold in COMMAND.
    set +e
    (
        set -e
        FINAL=$TEST_CACHE/$name "$@" "$fresh"
    )
    status=$?
    set -e
    if [ "$status" -eq 0 ] && mv -T "$fresh" "$TEST_CACHE/$name" 2>/dev/null; then
        return 0
    fi
    rm -rf "$fresh"
    # Another run may have been first: what it made is as good.
    [ -d "$TEST_CACHE/$name" ] || die "could not make $name in $TEST_CACHE"
}

# The Debian mirror that this machine takes its packages from.
debian_mirror() {
    local mirror
    # Nothing is named where the lists were never fetched.
    mirror=$(debian_sites)
    if [ -z "$mirror" ] && [ "$(id -u)" -eq 0 ]; then
        apt-get -q -o DPkg::Lock::Timeout=300 update >&2
        mirror=$(debian_sites)
    fi
    [ -n "$mirror" ] || die "apt names no Debian mirror: run apt-get update on a Debian machine"
    printf '%s\n' "$mirror"
}

debian_sites() {
    # shellcheck disable=SC2016 # apt's own placeholder
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' | sort -u | head -n 1
}

# The first 12 digits of the SHA-256 of files, for names in the cache.
digest() {
    cat -- "$@" | sha256sum | cut -c1-12
}

# The names in ca-variables.txt, as arguments for env(1).
unset_ca_variables() {
    sed -n 's/^\([A-Z_]\{1,\}\)$/--unset=\1/p' "$(dirname "${BASH_SOURCE[0]}")/ca-variables.txt"
}
