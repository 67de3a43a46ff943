"""Pods of programs that are not ours, made by those programs: JupyterHub's KubeSpawner and Airflow's
KubernetesExecutor.

The pods that other tests inject are checked to be what these programs make today; and the examples that
do without injection are checked to make a pod that has what the library chart renders.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from support import environment, helm

WRITERS = Path(__file__).with_name("writers")
PODS = Path(__file__).with_name("pods") / "changed"
EXAMPLES = helm.REPOSITORY / "examples"

NOTEBOOK = {
    "image": {"name": "registry.example.com/pyspark-notebook", "tag": "2026-10-26"},
    # The chart's own defaults.
    "uid": 1000,
    "fsGid": 100,
    "allowPrivilegeEscalation": False,
    "extraLabels": {"hub.jupyter.org/network-access-hub": "true"},
    "serviceAccountName": "spark",
}


@functools.cache
def python() -> Path:
    setup = helm.REPOSITORY / "tests" / "setup" / "python.sh"
    done = subprocess.run(
        [setup, WRITERS / "requirements.txt"], stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(done.stdout.strip()) / "bin" / "python"


def made_by(writer: str, *arguments: str | Path, singleuser: dict | None = None) -> dict:
    done = subprocess.run(
        [python(), WRITERS / writer, *arguments],
        input=json.dumps(singleuser) if singleuser else "",
        capture_output=True,
        text=True,
        env=environment.clean(),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("jupyterhub-notebook", lambda: made_by("notebook.py", singleuser=NOTEBOOK)),
        ("airflow-task", lambda: made_by("airflow_task.py")),
    ],
)
def test_the_pods_are_what_their_writers_make(name: str, make):
    file = PODS / f"{name}.yaml"
    pod = make()
    if os.environ.get("TRUST_INIT_WRITE_GOLDEN"):
        file.write_text(yaml.safe_dump(pod, sort_keys=False))
    assert yaml.safe_load(file.read_text()) == pod


# --- the examples that do without injection


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory):
    """The pod template of a service with an image, by the library chart."""
    charts = helm.Charts(tmp_path_factory.mktemp("charts"))
    chain = {"existing": {"name": "trust-init", "key": "client-ca-chain.pem"}}

    def rendered(image: str) -> dict:
        values = {"image": image, "trust": {"caBundle": chain}}
        return helm.pod_templates(charts.render(values, "examples/deployment"))["deployment"]["spec"]

    yield rendered
    charts.close()


def assert_has_what_the_library_renders(pod: dict, library: dict) -> None:
    """`pod` may also have volumes, mounts and variables of its own."""
    spec = pod["spec"]
    assert spec["initContainers"] == library["initContainers"]
    ours, main = library["containers"][0], spec["containers"][0]
    assert main["image"] == ours["image"]
    for own, expected in (
        (spec["volumes"], library["volumes"]),
        (main["env"], ours["env"]),
        (main["volumeMounts"], ours["volumeMounts"]),
    ):
        for one in expected:
            assert own.count(one) == 1, one


def test_a_notebook_of_the_example_has_what_the_library_renders(rendered):
    values = yaml.safe_load((EXAMPLES / "jupyterhub" / "values.yaml").read_text())
    singleuser = NOTEBOOK | values["singleuser"]
    pod = made_by("notebook.py", singleuser=singleuser)
    assert_has_what_the_library_renders(pod, rendered("{name}:{tag}".format(**singleuser["image"])))


def test_a_task_of_the_example_has_what_the_library_renders(rendered):
    template = EXAMPLES / "airflow" / "worker.yaml"
    image = yaml.safe_load(template.read_text())["spec"]["containers"][0]["image"]
    pod = made_by("airflow_task.py", template)
    assert_has_what_the_library_renders(pod, rendered(image))
