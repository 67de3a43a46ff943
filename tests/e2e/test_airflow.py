"""The DAG of examples/airflow, run by a real Airflow with the real spark-submit.

The tasks run with the variables of the example's worker, against an API server under the customer's CA.
What a kubelet and Kubeflow's operator would do next, the API does at once.
"""

from __future__ import annotations

import json
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import rendered
import spark
from on_spark import DRIVER
from sources import Sources
from support import binary, environment, kube_api

EXAMPLE = environment.REPOSITORY / "examples" / "airflow"
# Where the DAG expects the chart's ConfigMap, and the worker its stores.
MOUNTED, TRUST = "/etc/spark-trust", "/trust/"
# How a driver ends well, and how Kubernetes reports one whose init container failed.
RUNS = (
    ("Succeeded", {"terminated": {"exitCode": 0}}),
    ("Failed", {"waiting": {"reason": "PodInitializing"}}),
)


class Cluster(kube_api.Api):
    """Each application ends at once: the two of the DAG's first run well, those of the second not."""

    def keep(self, parent: str, content: dict) -> dict:
        kept = super().keep(parent, content)
        if kept["kind"] == "SparkApplication":
            kept["status"] = {"applicationState": {"state": "RUNNING"}}
            driver = {"name": f"{kept['metadata']['name']}-driver"}
            driver["labels"] = kept["spec"]["driver"]["labels"] | {"spark-role": "driver"}
            spec = {"containers": [{"name": DRIVER}]}
            place = f"/api/v1/namespaces/{kept['metadata']['namespace']}/pods"
            self.keep(place, {"kind": "Pod", "apiVersion": "v1", "metadata": driver, "spec": spec})
        elif kept["kind"] == "Pod":
            phase, state = RUNS[(len(self.recorded("Pod")) - 1) // 2]
            container = {"name": DRIVER, "image": "", "imageID": "", "restartCount": 0}
            container |= {"ready": False, "state": state}
            self.report(kept, {"phase": phase, "containerStatuses": [container]})
        return kept

    def find(self, path: str, selector: str = "") -> dict | None:
        if path.endswith("/log"):
            return {}
        return super().find(path.removesuffix("/status"), selector)


@dataclass(frozen=True)
class Ran:
    said: str
    ended: list[dict]
    pods: list[dict]
    # Spark's, of each driver's pod.
    properties: list[str]
    applications: list[dict]
    releases: dict[str, rendered.Release]


def _programs() -> dict[str, str]:
    setup = environment.SETUP / "airflow.sh"
    done = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def _worker(stores: Path) -> dict[str, str]:
    """The variables of the example's worker, for stores that are elsewhere."""
    (pod,) = rendered.objects((EXAMPLE / "worker.yaml").read_text())
    (base,) = pod["spec"]["containers"]
    return {one["name"]: one["value"].replace(TRUST, f"{stores}/") for one in base["env"]}


def _releases(sources: Sources, work: Path) -> dict[str, rendered.Release]:
    """Writes the DAG, with what its two tasks submit."""
    templates, dags = work / "templates", work / "dags"
    templates.mkdir()
    dags.mkdir()
    trust = rendered.trusting(sources.chain)
    values = [{"spark": {"templates": str(templates)}, "trust": trust}]
    values += [{"run": "kubeflow", "trust": trust}]
    submitted, kubeflow = rendered.render(*values)
    submitted.write(templates)
    (dags / "acme.yaml").write_text(json.dumps(kubeflow.one("SparkApplication")))
    dag = (EXAMPLE / "dag.py").read_text()
    assert MOUNTED in dag
    (dags / "dag.py").write_text(dag.replace(MOUNTED, str(templates)))
    return {"submitted": submitted, "by_operator": kubeflow}


def _connections(url: str, work: Path) -> dict[str, str]:
    one = {"name": "one", "cluster": {"server": url}, "user": {}}
    one["context"] = {"cluster": "one", "user": "one"}
    kubeconfig = {"apiVersion": "v1", "kind": "Config", "current-context": "one"}
    kubeconfig |= {"clusters": [one], "users": [one], "contexts": [one]}
    file = work / "kubeconfig"
    file.write_text(json.dumps(kubeconfig))
    # As the comment in the DAG says.
    submit = {"conn_type": "spark", "host": f"k8s://{url}", "extra": {"deploy-mode": "cluster"}}
    operator = {"conn_type": "kubernetes", "extra": {"kube_config_path": str(file)}}
    return {
        "AIRFLOW_CONN_SPARK_ACME": json.dumps(submit),
        "AIRFLOW_CONN_KUBERNETES_DEFAULT": json.dumps(operator),
    }


@pytest.fixture(scope="module")
def ran(sources: Sources, shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    work = tmp_path_factory.mktemp("airflow")
    programs, releases = _programs(), _releases(sources, work)
    stores = binary.build(work / "trust", "--ca", sources.chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sources.servers["customer"].write(work / "server"))
    with kube_api.serve(Cluster) as api:
        api.socket = context.wrap_socket(api.socket, server_side=True)
        variables = spark.variables_for(spark.home("4.0")) | _worker(stores.root)
        variables |= _connections(f"https://localhost:{api.server_address[1]}", work)
        variables |= {
            "PYTHONPATH": programs["provider"],
            "AIRFLOW_HOME": str(work),
            "AIRFLOW__CORE__DAGS_FOLDER": str(work / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        }
        script = Path(__file__).with_name("airflow_runs.py")
        done = subprocess.run(
            [programs["python"], script, "acme", str(len(RUNS))],
            env=variables,
            capture_output=True,
            text=True,
            timeout=600,
        )
        said = [line for line in done.stdout.splitlines() if line.startswith("ended ")]
        assert done.returncode == 0 and said, done.stdout + done.stderr
        maps = [one.get("data") or {} for one in api.recorded("ConfigMap")]
        return Ran(
            done.stdout + done.stderr,
            json.loads(said[-1].removeprefix("ended ")),
            api.recorded("Pod"),
            [one["spark.properties"] for one in maps if "spark.properties" in one],
            api.recorded("SparkApplication"),
            releases,
        )


def test_the_dag_ends_as_its_applications_do(ran: Ran):
    tasks = ("submitted", "by_operator")
    assert ran.ended == [
        {"run": state, "tasks": dict.fromkeys(tasks, state)} for state in ("success", "failed")
    ]


def test_a_failed_init_container_reads_as_the_customer_s_guide_quotes_it(ran: Ran):
    assert "Error code is: 0. Kubernetes spark exit code is: None" in ran.said


def test_spark_submit_asked_for_the_chart_s_driver(ran: Ran):
    drivers = [pod for pod in ran.pods if pod["spec"].get("initContainers")]
    assert len(drivers) == len(RUNS)
    release = ran.releases["submitted"]
    template = release.templates["driver"]["spec"]
    (ours,) = template["containers"]
    for pod in drivers:
        # Named by the DAG, and not by the operator's default.
        assert pod["metadata"]["name"].startswith("acme-")
        assert pod["metadata"]["namespace"] == rendered.NAMESPACE
        assert pod["spec"]["initContainers"] == template["initContainers"]
        (container,) = pod["spec"]["containers"]
        for one in ours["env"]:
            assert one in container["env"]
        for one in ours["volumeMounts"]:
            assert any(one.items() <= mounted.items() for mounted in container["volumeMounts"]), one


def test_the_driver_s_properties_are_the_chart_s_and_the_dag_s(ran: Ran):
    conf = ran.releases["submitted"].conf | {"spark.sql.shuffle.partitions": "64"}
    assert "/trust/java/truststore.p12" in conf["spark.driver.defaultJavaOptions"]
    assert len(ran.properties) == len(RUNS)
    for properties in ran.properties:
        # As Java writes a properties file.
        lines = {line.replace("\\", "") for line in properties.splitlines()}
        for name, value in conf.items():
            # Spark puts its own file in place of these two.
            if not name.endswith("podTemplateFile"):
                assert f"{name}={value}" in lines


def test_kubeflow_s_operator_got_the_chart_s_application(ran: Ran):
    chart = ran.releases["by_operator"].one("SparkApplication")
    assert len(ran.applications) == len(RUNS)
    for application in ran.applications:
        assert application["apiVersion"] == chart["apiVersion"]
        spec, ours = application["spec"], chart["spec"]
        assert spec["sparkConf"] == ours["sparkConf"]
        for role in ("driver", "executor"):
            assert spec[role]["template"] == ours[role]["template"]
