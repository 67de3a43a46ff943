#!/usr/bin/env bash
# spark.sh [3.5|4.0|4.3]: a Spark, 3.5 unless another is asked for; prints where its home is. Its jars
# and scripts come with the Python package. It needs a JVM: the machine's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

requirements=$here/spark-${1:-3.5}.txt
[ -f "$requirements" ] || die "no Spark is pinned as ${1:-}: there is $(cd "$here" && echo spark-*.txt)"

need java=default-jre-headless >&2
python=$("$here/python.sh")/bin/python

# Apart from the tests' own Python packages: nothing of theirs imports it. pip would keep half a
# gigabyte more of each in a cache of its own.
spark() {
    "$python" -m pip -q install --disable-pip-version-check --no-cache-dir --no-deps --no-compile --require-hashes \
        --target "$1" -r "$requirements"
    "$1/pyspark/bin/spark-submit" --version
}

name=spark-${1:-3.5}-$(digest "$requirements" "$0")
cached "$name" spark >&2
printf '%s\n' "$TEST_CACHE/$name/pyspark"
