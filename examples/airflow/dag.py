"""One customer's Spark application from Airflow, in the two ways that charts/spark-customer supports.

With `run: spark-submit`, the worker runs spark-submit. Mount ConfigMap acme-spark into the worker at
/etc/spark-trust (the chart's spark.templates); it holds the pod templates and properties.

With `run: kubeflow`, the operator runs it. Save the SparkApplication that `helm template --show-only
templates/kubeflow.yaml` prints next to this file.
"""

from __future__ import annotations

from datetime import datetime

from airflow import DAG
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.cncf.kubernetes.operators.spark_kubernetes import SparkKubernetesOperator

with DAG(
    dag_id="acme",
    start_date=datetime(2026, 1, 1),
    schedule=None,
    catchup=False,
) as dag:
    # The connection names the cluster: Host k8s://https://kubernetes.example.com:6443, with
    # {"deploy-mode": "cluster"} in Extra.
    #
    # spark-submit runs in the worker's pod and resolves `packages` there, so that pod must trust the repository:
    # worker.yaml, or charts/trust-inject. The operator's `env_vars` do not reach spark-submit, only the driver.
    submitted = SparkSubmitOperator(
        task_id="submitted",
        # Without it, the driver's pod is called arrow-spark-….
        name="acme",
        conn_id="spark_acme",
        application="local:///opt/spark/examples/src/main/python/pi.py",
        properties_file="/etc/spark-trust/spark.properties",
        # `conf` ends up on the command line and overrides the file. Keep podTemplateFile and
        # defaultJavaOptions out of it: they carry the trust.
        conf={"spark.sql.shuffle.partitions": "64"},
    )

    by_operator = SparkKubernetesOperator(
        task_id="by_operator",
        namespace="customer-acme",
        application_file="acme.yaml",
    )
