"""The pod of `helm test`, run: doctor's answer there is what the application's own clients would say."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import application
import pytest
import rendered
from application import WORKDIR, Application
from engine import Engine
from kubelet import Cluster, Ended, Pod
from sources import Sources
from support import binary, environment, kubectl

# Serves the customer's site in the container, which has no network, and runs a command with its port.
SERVING = """
import subprocess, sys
from support import tls_server

with tls_server.serve("/sites/customer/chain.pem", "/sites/customer/key.pem") as server:
    sys.exit(subprocess.call([word.replace("8443", str(server.port)) for word in sys.argv[1:]]))
"""
HOSTS = ["localhost:8443"]
TRUSTED = "trusted by every client seen here"


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict], list[dict]]:
    """What Helm renders of spark-customer, hooks among it."""
    work = tmp_path_factory.mktemp("charts")
    for name in ("trust-init", "spark-customer"):
        unwanted = shutil.ignore_patterns("charts", "Chart.lock")
        shutil.copytree(environment.REPOSITORY / "charts" / name, work / name, ignore=unwanted)
    chart = work / "spark-customer"

    def helm(*words: str | Path, given: str = "") -> str:
        env = environment.clean(HOME=work, KUBECONFIG="/dev/null")
        command = [kubectl.programs()["helm"], *words]
        return subprocess.run(command, input=given, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout

    helm("dependency", "update", chart)

    def objects(values: dict) -> list[dict]:
        text = helm("template", "acme", chart, "--values", "-", given=json.dumps(values))
        return [one for one in rendered.objects(text) if one]

    return objects


@pytest.fixture
def tested(
    engine: Engine, image: str, main_image: Application, objects: Callable[[dict], list[dict]], tmp_path: Path
) -> Callable[..., Ended]:
    """How the main container of the test's pod ended."""

    def tested(trust: dict, *also: dict) -> Ended:
        values = {"spark": {"image": application.TAG}, "trust": trust, "test": {"hosts": HOSTS}}
        made, cluster = objects(values), Cluster()
        cluster.upgrade([*made, *also])
        (pod,) = (one for one in made if one["kind"] == "Pod")
        images = {image: image, application.TAG: main_image.root}
        running = Pod(engine, tmp_path, pod, cluster, images).ready()
        container = running.main()
        command = ["python3", "-c", SERVING, *container.pop("command")]
        try:
            return running.run({**container, "workingDir": WORKDIR}, command=command)
        finally:
            running.stop()

    return tested


@pytest.mark.parametrize("mode", ["init", "wrapper", "sidecar"])
def test_it_passes_if_the_customer_is_trusted(tested: Callable[..., Ended], sources: Sources, mode: str):
    trust = rendered.trusting(sources.chain, mode=mode)
    ended = tested(trust)
    assert ended.code == 0, ended
    assert TRUSTED in ended.stdout
    assert "JVM " in ended.stdout


def test_it_passes_with_stores_that_were_rendered(tested: Callable[..., Ended], sources: Sources):
    """Those pods do not have the program; the test's pod gets it."""
    words = ("--ca", sources.chain, "--namespace", rendered.NAMESPACE)
    stores = rendered.objects(binary.run("render", *words).stdout.decode())
    image = rendered.trusting(sources.chain)["image"]
    ended = tested({"mode": "prebuilt", "image": image}, *stores)
    assert ended.code == 0, ended
    assert TRUSTED in ended.stdout


def test_it_fails_if_a_ca_is_missing(tested: Callable[..., Ended], sources: Sources):
    ended = tested(rendered.trusting(sources.other))
    assert ended.code == 1, ended
    assert TRUSTED not in ended.stdout
