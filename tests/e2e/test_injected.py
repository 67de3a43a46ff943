"""Pods into which charts/trust-inject put trust, run with podman: what Kubernetes' own plugin made of them
(tests/admission/pods/golden), every container in turn, with the clients of the application in place of its command.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import application
import pytest
import rendered
from application import ENTRYPOINT, WORKDIR, Application
from engine import Engine
from kubelet import Cluster, Pod
from sources import Sources
from support.environment import REPOSITORY

PODS = REPOSITORY / "tests" / "admission" / "pods"
NAMES = [
    "java-tool-options-of-memory",
    "job",
    "layout-of-the-pod",
    "native-sidecar",
    "own-init-containers",
    "read-only-root",
    "spark-executor",
]
OURS = ("trust-init-install", "trust-init")
# As charts/trust-inject has it by default.
IMAGE = "registry.example.com/trust-init:0.1.0"


@pytest.fixture(scope="module")
def specifications() -> dict[tuple[str, str], dict]:
    """The pods as they came (`changed`) and as they were stored (`golden`)."""
    keys = [(folder, name) for folder in ("changed", "golden") for name in NAMES]
    texts = [(PODS / folder / f"{name}.yaml").read_text() for folder, name in keys]
    return dict(zip(keys, rendered.objects("\n---\n".join(texts)), strict=True))


@pytest.fixture(scope="module")
def start(
    engine: Engine,
    image: str,
    main_image: Application,
    sources: Sources,
    specifications: dict[tuple[str, str], dict],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, str], Pod]:
    def start(folder: str, name: str) -> Pod:
        one = specifications[folder, name]
        cluster = Cluster()
        data = {"client-ca-chain.pem": sources.chain.read_text()}
        cluster.add({"kind": "ConfigMap", "metadata": {"name": "trust-init"}, "data": data})
        for volume in one["spec"].get("volumes", ()):
            if (own := volume.get("configMap", {}).get("name", "trust-init")) != "trust-init":
                items = {item["key"]: "" for item in volume["configMap"].get("items", ())}
                cluster.add({"kind": "ConfigMap", "metadata": {"name": own}, "data": items})
        # Every image but ours is the application's.
        images = {container["image"]: main_image.root for container in containers(one)}
        return Pod(engine, tmp_path_factory.mktemp(name), one, cluster, images | {IMAGE: image})

    return start


def containers(pod: dict) -> list[dict]:
    return [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


def asked(pod: Pod) -> Iterator[tuple[str, dict]]:
    """What the clients say in each container of the pod's own, in the order in which a kubelet starts them; ours
    run as they are."""
    for container in containers({"spec": pod.spec}):
        if container["name"] in OURS:
            built = pod.run(container)
            assert built.code == 0, built
            continue
        done = pod.run({**container, "workingDir": WORKDIR}, command=ENTRYPOINT)
        assert done.code == 0, done.stderr
        yield container["name"], json.loads(done.stdout)["sites"]


@pytest.mark.parametrize("name", NAMES)
def test_every_container_refuses_the_customer_before_and_trusts_it_after(
    start: Callable[[str, str], Pod], name: str
):
    before, after = dict(asked(start("changed", name))), dict(asked(start("golden", name)))
    assert before.keys() == after.keys()
    for said in before.values():
        application.untouched(said)
    for said in after.values():
        application.trusting(said)


def test_own_init_containers_and_sidecars_are_among_them(
    specifications: dict[tuple[str, str], dict],
):
    init = {
        container["name"]: container.get("restartPolicy")
        for name in NAMES
        for container in specifications["changed", name]["spec"].get("initContainers", ())
    }
    assert None in init.values()
    assert "Always" in init.values()
