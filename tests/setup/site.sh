#!/usr/bin/env bash
# What docs/site/build needs; prints `python PATH`, Python with Sphinx, and `mermaid PATH`, the script that
# draws in the reader's browser.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

# The edition without formulas and rarer kinds of drawings: half the size. The sum is that of the file in npm's package.
MERMAID=11.17.2
SUM=7a644017d37f93c8359790884e6b67fb1f747c78eb20475952404bd87190a3f8

mermaid() {
    local work
    work=$(mktemp -d)
    (cd "$work" && npm pack --silent "@mermaid-js/tiny@$MERMAID" >/dev/null)
    tar -xzf "$work"/*.tgz -C "$work"
    printf '%s  %s\n' "$SUM" "$work/package/dist/mermaid.tiny.js" | sha256sum --check --quiet
    mv "$work/package/dist/mermaid.tiny.js" "$1/mermaid.min.js"
    rm -rf "$work"
}

python=$("$here/python.sh" "$here/../../docs/site/requirements.txt")/bin/python
name=mermaid-$MERMAID-$(digest "$0")
[ -d "$TEST_CACHE/$name" ] || need npm=npm >&2
cached "$name" mermaid >&2
printf '%s\n' "python $python" "mermaid $TEST_CACHE/$name/mermaid.min.js"
