#!/usr/bin/env bash
# airflow.sh: an Airflow that runs spark-submit; prints its Python, and the folder of the provider for Spark.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

python=$("$here/python.sh" "$here/../admission/writers/requirements.txt")/bin/python

provider() {
    "$python" -m pip -q install --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --target "$1" -r "$here/airflow.txt"
    PYTHONPATH=$1 AIRFLOW_HOME=$1/home "$python" -c 'import airflow.providers.apache.spark.operators.spark_submit'
    rm -rf "${1:?}/home"
}

name=airflow-$(digest "$here/airflow.txt" "$0")
cached "$name" provider >&2
printf '%s\n' "python $python" "provider $TEST_CACHE/$name"
