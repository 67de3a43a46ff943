#!/usr/bin/env bash
# The clients of tests/clients; prints NAME VALUE lines: `venv`, the Python environment, and what is added to
# `path`, `pythonpath` and `classpath` for the others.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"
clients=$here/../clients

[ "$(id -u)" -eq 0 ] || die "tests/clients: run as root: clients run in a mount namespace of their own"
need unshare=util-linux mount=mount openssl=openssl curl=curl wget=wget aria2c=aria2 git=git psql=postgresql-client \
    go=golang-go ruby=ruby bundle=bundler php=php-cli /var/lib/dpkg/info/php-curl.list=php-curl composer=composer \
    Rscript=r-base-core /usr/lib/R/site-library/curl=r-cran-curl /usr/lib/R/site-library/httr=r-cran-httr \
    perl=perl /usr/share/perl5/LWP/UserAgent.pm=libwww-perl /usr/share/perl5/LWP/Protocol/https.pm=liblwp-protocol-https-perl \
    javac=default-jdk-headless keytool=default-jre-headless /usr/share/java/okhttp.jar=libokhttp-java \
    /usr/share/java/netty-handler.jar=libnetty-java /usr/share/java/httpclient.jar=libhttpclient-java \
    /usr/share/java/postgresql.jar=libpostgresql-jdbc-java cargo=cargo cc=gcc >&2

go_client() {
    CGO_ENABLED=0 GOCACHE=$1/cache go build -o "$1/fetch-go" "$clients/fetch.go"
    chmod -R u+w "$1/cache"
    rm -r "$1/cache"
}

rust_client() {
    cargo install --quiet --locked --debug --path "$clients/rust" --root "$1" --target-dir "$1/target"
    rm -r "$1/target"
}

# Deno and Bun as the packages that hold their programs: those that are named after them run scripts at installation.
npm_clients() {
    cp "$clients/npm/package.json" "$clients/npm/package-lock.json" "$1/"
    (cd "$1" && npm_config_cache=$1/cache PATH=$venv/bin:$PATH npm ci --silent --ignore-scripts --no-audit --no-fund)
    rm -r "$1/cache"
    ln -s "../@deno/linux-x64-glibc/deno" "../@oven/bun-linux-x64/bin/bun" "$1/node_modules/.bin/"
}

# It is published as source, without the jars.
spark_connect() {
    "$venv/bin/pip" -q install --disable-pip-version-check --no-cache-dir --no-deps --require-hashes --target "$1" \
        -r "$clients/spark-connect.txt"
}

jars=
for name in okhttp okio httpclient httpcore commons-logging postgresql \
    netty-buffer netty-codec netty-common netty-handler netty-resolver netty-transport; do
    jars=$jars:/usr/share/java/$name.jar
done

java_clients() {
    javac --release 8 -Xlint:-options -cp "$jars" -d "$1" "$clients"/java/*.java
}

venv=$("$here/python.sh" "$clients/requirements.txt")
printf 'venv %s\n' "$venv"

go=fetch-go-$(digest "$clients/fetch.go" "$0")
cached "$go" go_client >&2
rust=fetch-rust-$(digest "$clients/rust/Cargo.toml" "$clients/rust/Cargo.lock" "$clients/rust/src/main.rs" "$0")
cached "$rust" rust_client >&2
npm=clients-npm-$(digest "$clients/npm/package-lock.json" "$0")
cached "$npm" npm_clients >&2
kubectl=$("$here/kubectl.sh" | sed -n 's/^kubectl //p')
printf 'path %s:%s:%s:%s\n' "$TEST_CACHE/$go" "$TEST_CACHE/$rust/bin" "$TEST_CACHE/$npm/node_modules/.bin" "${kubectl%/*}"

connect=clients-spark-connect-$(digest "$clients/spark-connect.txt" "$0")
cached "$connect" spark_connect >&2
printf 'pythonpath %s\n' "$TEST_CACHE/$connect"

java=clients-java-$(digest "$clients"/java/*.java "$0")
cached "$java" java_clients >&2
printf 'classpath %s%s\n' "$TEST_CACHE/$java" "$jars"
