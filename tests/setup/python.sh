#!/usr/bin/env bash
# python.sh [REQUIREMENTS]: a virtual environment with what the pytest suites import, or with what
# another file asks for; prints its path.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

need python3=python3 python-venv=python3-venv >&2

requirements=${1:-$here/../requirements.txt}
name=venv-$(python3 -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')-$(digest "$requirements" "$0")

venv=$TEST_CACHE/$name

# A virtual environment does not survive a move, so it is made where it stays, and a mark
# says that it is whole.
mkdir -p "$TEST_CACHE"
exec 9>"$TEST_CACHE/.venv.lock"
flock 9
if [ ! -e "$venv/.whole" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" -q install --disable-pip-version-check --only-binary :all: --require-hashes -r "$requirements" >&2
    touch "$venv/.whole"
fi
printf '%s\n' "$venv"
