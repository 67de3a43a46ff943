#!/usr/bin/env bash
# The Spark of spark.txt; prints where its home is. It needs a JVM: the machine's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

need java=default-jre-headless >&2
python=$("$here/python.sh")/bin/python

# Apart from the tests' own Python packages: nothing of theirs imports it.
spark() {
    "$python" -m pip -q install --disable-pip-version-check --no-deps --no-compile --require-hashes \
        --target "$1" -r "$here/spark.txt"
    "$1/pyspark/bin/spark-submit" --version
}

name=spark-$(digest "$here/spark.txt" "$0")
cached "$name" spark >&2
printf '%s\n' "$TEST_CACHE/$name/pyspark"
