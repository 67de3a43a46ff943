#!/usr/bin/env bash
# Builds tests/admission/apiserver, the program that holds Kubernetes' own admission plugins, and
# prints its path. Kubernetes' libraries and the compiler are packages of Debian's unstable suite:
# they are unpacked for the build, which needs no root, and only the program is kept, by the
# versions of the packages and by its sources.
#
# The suite moves on and keeps no old versions. So its lists are fetched once a day, and before each
# build; a newer version is a new program. Where they cannot be fetched, the newest program that was
# built from these sources is as good. Without one, this exits with the status SKIP of lib.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

# What the program is known by. The others that it is built of are listed next to it.
PACKAGES=(golang-go golang-k8s-apiserver-dev golang-k8s-client-go-dev golang-k8s-api-dev
    golang-cel-cel-go-dev)
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
sources=$here/../admission/apiserver
state=$TEST_CACHE/apt-sid

# apt without this machine's own sources, state and packages.
configure_apt() {
    mkdir -p "$state"/{lists/partial,cache/archives/partial,none}
    printf 'deb [signed-by=%s] %s sid main\n' "$KEYRING" "$(debian_mirror)" >"$state/sid.list"
    cat >"$state/apt.conf" <<END
Dir::Etc::SourceList "$state/sid.list";
Dir::Etc::SourceParts "$state/none";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "$state/none";
Dir::State "$state";
Dir::State::Status "/dev/null";
Dir::Cache "$state/cache";
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
END
    # The user that apt fetches as cannot write in a home directory.
    [ "$(id -u)" -ne 0 ] || echo 'APT::Sandbox::User "root";' >>"$state/apt.conf"
    export APT_CONFIG=$state/apt.conf
}

asked_today() {
    [ -n "$(find "$state/offered" -mmin -1440 2>/dev/null)" ]
}

# Keeps PACKAGE VERSION of all that the build takes.
ask() {
    apt-get -qq update >&2 &&
        apt-get -qq -s install "${PACKAGES[@]}" | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\).*/\1 \2/p' |
        sort >"$state/offered.new" &&
        mv "$state/offered.new" "$state/offered"
}

# Sets `name` to the program of what is offered.
look() {
    [ -s "$state/offered" ] && name=$family-$(named <"$state/offered" | digest -)
}

# Of a fetch that was cut off nothing may be left that the suite no longer has: all that is there is unpacked.
fetch_packages() {
    [ -d "$TEST_CACHE/$name" ] ||
        { apt-get -qq autoclean && apt-get -qq -y --download-only install "${PACKAGES[@]}"; } >&2
}

# Of those, the ones that the program is known by.
named() {
    grep -E "^($(IFS='|' && echo "${PACKAGES[*]}")) "
}

build() {
    local package root=$1/root
    mkdir "$root"
    # Only what is Go. The compiler is static, so it runs anywhere.
    for package in "$state"/cache/archives/golang-*.deb; do
        dpkg-deb -x "$package" "$root"
    done
    export GOROOT=$root/usr/lib/go GOPATH=$root/usr/share/gocode GOCACHE=$TEST_CACHE/go-build
    export GO111MODULE=off GOTOOLCHAIN=local GOFLAGS=-trimpath CGO_ENABLED=0
    cd "$sources"
    [ -z "$("$GOROOT/bin/gofmt" -l .)" ] || die "gofmt would change files of $sources"
    "$GOROOT/bin/go" build -ldflags='-s -w' -o "$1/apiserver" .
    rm -rf "$root" "$state/cache/archives"
    cp "$state/offered" "$1/packages.txt"
}

# The newest program of these sources.
newest() {
    find "$TEST_CACHE" -maxdepth 1 -name "$family-*" -printf '%T@ %f\n' | sort -n | sed -n '$s/.* //p'
}

need apt-get=apt dpkg-deb=dpkg "$KEYRING=debian-archive-keyring" >&2
configure_apt
exec 9>"$state/lock"
flock 9
family=admission-$(digest "$0" "$sources"/*.go)
if asked_today && look && [ -d "$TEST_CACHE/$name" ]; then
    :
elif ask && look && fetch_packages; then
    cached "$name" build >&2
elif name=$(newest) && [ -n "$name" ]; then
    printf "admission: Debian's unstable suite cannot be asked; the newest program here is of\n" >&2
else
    printf "admission: Debian's unstable suite does not give %s, and no program was built before\n" "${PACKAGES[*]}" >&2
    exit "$SKIP"
fi
named <"$TEST_CACHE/$name/packages.txt" >&2
printf '%s\n' "$TEST_CACHE/$name/apiserver"
