#!/usr/bin/env bash
# notebook.sh: what tests/notebook needs; prints NAME PATH lines: `venv`, a kernel's environment, and `spark`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

need java=default-jre-headless >&2
printf 'venv %s\n' "$("$here/python.sh" "$here/../notebook/requirements.txt")"
printf 'spark %s\n' "$("$here/spark.sh" 4.0)"
