#!/usr/bin/env bash
# The clients of tests/clients; prints directories, one a line: first the Python environment,
# then those that hold the programs built here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"
clients=$here/../clients

[ "$(id -u)" -eq 0 ] || die "tests/clients: run as root: clients run in a mount namespace of their own"
need unshare=util-linux mount=mount openssl=openssl curl=curl wget=wget git=git go=golang-go \
    ruby=ruby php=php-cli /var/lib/dpkg/info/php-curl.list=php-curl Rscript=r-base-core \
    /usr/lib/R/site-library/curl=r-cran-curl javac=default-jdk-headless keytool=default-jre-headless \
    cargo=cargo cc=gcc >&2

go_client() {
    CGO_ENABLED=0 GOCACHE=$1/cache go build -o "$1/fetch-go" "$clients/fetch.go"
    chmod -R u+w "$1/cache"
    rm -r "$1/cache"
}

rust_client() {
    cargo install --quiet --locked --debug --path "$clients/rust" --root "$1" --target-dir "$1/target"
    rm -r "$1/target"
}

"$here/python.sh" "$clients/requirements.txt"

name=fetch-go-$(digest "$clients/fetch.go" "$0")
cached "$name" go_client >&2
printf '%s\n' "$TEST_CACHE/$name"

name=fetch-rust-$(digest "$clients/rust/Cargo.toml" "$clients/rust/Cargo.lock" "$clients/rust/src/main.rs" "$0")
cached "$name" rust_client >&2
printf '%s\n' "$TEST_CACHE/$name/bin"
