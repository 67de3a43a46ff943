#!/usr/bin/env bash
# What tests/install needs from PyPI; prints `pre-commit PATH`, and `wheels PATH`, a folder in which pip finds what
# it builds with, without a network.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/../setup/lib.sh"

requirements=$here/requirements.txt
python=$("$here/../setup/python.sh" "$requirements")/bin/python

wheels() {
    "$python" -m pip -q download --disable-pip-version-check --only-binary :all: --require-hashes \
        --requirement "$requirements" --dest "$1"
    # The rest of the list is installed already.
    find "$1" -type f ! -name 'maturin-*' ! -name 'setuptools-*' -delete
}

name=build-wheels-$(digest "$requirements" "$0")
cached "$name" wheels >&2
printf '%s\n' "pre-commit $(dirname "$python")/pre-commit" "wheels $TEST_CACHE/$name"
