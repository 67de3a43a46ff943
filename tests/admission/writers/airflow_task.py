"""The pod of a task, as Airflow's own KubernetesExecutor makes it.

    airflow_task.py [TEMPLATE]

takes a pod template file (`[kubernetes_executor] pod_template_file`), by default the one that Airflow
brings, and prints the pod as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

IMAGE = "registry.example.com/airflow:3.3.2"


def main() -> None:
    # Airflow makes its files below its home when it is imported.
    with tempfile.TemporaryDirectory(prefix="airflow-") as home:
        os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
        print(json.dumps(pod(sys.argv[1] if len(sys.argv) > 1 else None)))


def pod(template: str | None) -> dict:
    from airflow.providers.cncf.kubernetes import kubernetes_executor_templates
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
    from kubernetes.client import ApiClient

    brought = Path(kubernetes_executor_templates.__file__).parent / "basic_template.yaml"
    made = PodGenerator.construct_pod(
        dag_id="acme",
        task_id="submitted",
        pod_id="acme-submitted-x1y2z3",
        try_number=1,
        kube_image=IMAGE,
        date=None,
        args=["python", "-m", "airflow.sdk.execution_time.execute_workload", "--json-string", "{}"],
        pod_override_object=None,
        base_worker_pod=PodGenerator.deserialize_model_file(template or str(brought)),
        namespace="customer-acme",
        scheduler_job_id="1",
        run_id="manual__2026-11-27",
    )
    return ApiClient().sanitize_for_serialization(made)


main()
