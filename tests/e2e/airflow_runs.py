"""Runs a DAG with Airflow itself, as `airflow dags test` does, and prints how each run and its tasks ended.

    airflow_runs.py DAG TIMES

Airflow is not in the environment of the tests: tests/setup/airflow.sh names the Python that has it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    dag_id, times = sys.argv[1], int(sys.argv[2])
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]))
    assert not bag.import_errors, bag.import_errors
    ended = []
    for _ in range(times):
        run = bag.dags[dag_id].test()
        tasks = {one.task_id: str(one.state) for one in run.get_task_instances()}
        ended.append({"run": str(run.state), "tasks": tasks})
    print("ended", json.dumps(ended))


main()
