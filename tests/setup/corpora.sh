#!/usr/bin/env bash
# corpora.sh [--sample]: the certificates in the test data of public projects (corpora.txt), each once, in one file of records:
# four bytes of length, then DER; and the files that may be a certificate, a store, PEM or key material. Prints
# the path of the directory with `records` and `origins`, a line a record, and with `files/SHA-256` and
# `files/origins`, a line a file. The packages come from their registries by the usual clients, a gigabyte of
# them, and only what was found in them is kept. To take newer ones, remove the directory. A sample is what
# PyPI's packages hold, which is fetched in seconds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

sample=''
[ "${1:-}" != --sample ] || sample=-sample
[ -n "$sample" ] || need apt-get=apt npm=npm cargo=cargo >&2
python=$("$here/python.sh")/bin/python

# names REGISTRY: what corpora.txt takes from it.
names() {
    sed -n "s/^$1 //p" "$here/corpora.txt"
}

# As jdk8.sh does: lists and state of its own, and no root.
debian() {
    local work=$1 apt package file
    mkdir -p "$work"/state/lists/partial "$work"/cache/archives/partial "$2"
    : >"$work/status"
    printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' \
        "$(debian_mirror)" >"$work/sources.list"
    apt=(-q -o "Dir::State=$work/state" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache"
        -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
        -o Acquire::Languages=none -o "APT::Sandbox::User=$(id -un)")
    apt-get "${apt[@]}" update
    for package in $(names debian); do
        # A mirror can lag behind its own lists.
        (cd "$2" && apt-get "${apt[@]}" source --download-only "$package") ||
            printf 'corpora: note: %s cannot be fetched, so it is left out\n' "$package"
        for file in "$2"/*; do
            [ -f "$file" ] || continue
            "$python" "$here/corpora.py" "$package" "$file" "$3"
            rm "$file"
        done
    done
}

pypi() {
    local package
    for package in $(names pypi); do
        "$python" -m pip -q download --disable-pip-version-check --no-deps --only-binary :all: -d "$1" "$package"
    done
    for package in $(names pypi-source); do
        "$python" -m pip -q download --disable-pip-version-check --no-deps --no-binary :all: -d "$1" "$package"
    done
}

crates() {
    local package
    mkdir -p "$1/work/src"
    : >"$1/work/src/lib.rs"
    {
        printf '[package]\nname = "corpora"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n'
        names crates | sed 's/^\(.*\)@\(.*\)$/\1 = "=\2"/'
    } >"$1/work/Cargo.toml"
    # Outside the repository, whose toolchain file is not for it.
    (cd "$1/work" && cargo vendor --quiet --versioned-dirs vendor >/dev/null)
    for package in $(names crates); do
        mv "$1/work/vendor/${package%@*}-${package#*@}" "$1/"
    done
    rm -rf "$1/work"
}

npm_packages() {
    local package
    for package in $(names npm); do
        (cd "$1" && npm pack --silent "$package" >/dev/null)
    done
}

corpora() {
    local work
    work=$(mktemp -d)
    mkdir "$work"/{apt,debian,pypi,crates,npm}
    pypi "$work/pypi"
    [ -n "$sample" ] || crates "$work/crates"
    [ -n "$sample" ] || npm_packages "$work/npm"
    for registry in pypi crates npm; do
        for package in "$work/$registry"/*; do
            [ -e "$package" ] || continue
            "$python" "$here/corpora.py" "$(basename "$package")" "$package" "$1"
        done
    done
    [ -n "$sample" ] || debian "$work/apt" "$work/debian" "$1"
    rm -rf "$work"
    [ -s "$1/records" ] || die "found no certificate in any of the packages"
}

name=corpora$sample-$(digest "$here/corpora.txt" "$here/corpora.py" "$0")
cached "$name" corpora >&2
printf '%s\n' "$TEST_CACHE/$name"
