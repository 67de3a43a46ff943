"""The chain is changed under a running driver, which then starts another executor.

The executor's pod is the one that Spark asked for with the first chain. What the cluster holds when
it starts is what the second one leaves there, as Helm upgrades a release.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from pathlib import Path

import application
import pytest
from application import Application
from engine import Engine
from kubelet import Absent, Cluster, Pod
from on_spark import OWN_SECRET, Submissions
from sources import Sources
from support import binary

VERSION = "4.3"


@pytest.fixture
def start(
    engine: Engine, image: str, main_image: Application, tmp_path: Path
) -> Callable[[dict, Cluster], binary.Tree]:
    """What an executor's main container finds."""

    def start(pod: dict, cluster: Cluster) -> binary.Tree:
        images = {image: image, application.TAG: main_image.root}
        return binary.Tree(Pod(engine, tmp_path, pod, cluster, images).ready().volumes["trust"])

    return start


def customer(tree: binary.Tree) -> list[str]:
    return binary.pem_fingerprints((tree / "custom/client-ca-chain.pem").read_bytes())


def certificates(file: Path) -> list[str]:
    return binary.pem_fingerprints(file.read_bytes())


def test_a_new_executor_starts_with_the_new_chain(
    submissions: Submissions, sources: Sources, start
):
    submitted = submissions.of(VERSION, "own")
    before, after = submitted.asked.executors
    cluster = Cluster()
    cluster.add({"kind": "Secret", "metadata": {"name": OWN_SECRET}}, *submitted.asked.others)
    cluster.upgrade(submitted.release.documents)
    assert set(customer(start(before, cluster))) == set(certificates(sources.chain))
    cluster.upgrade(submissions.releases["renewed"].documents)
    tree = start(after, cluster)
    assert customer(tree) == certificates(sources.other)
    digest = hashlib.sha256(sources.other.read_bytes()).hexdigest()
    assert tree.manifest["caBundleHash"] == digest
    annotations = submissions.releases["renewed"].bundle["metadata"]["annotations"]
    assert annotations["caBundleHash"] == digest


def test_with_a_pin_it_starts_with_the_old_chain(submissions: Submissions, sources: Sources, start):
    submitted = submissions.of(VERSION, "pinned")
    before, after = submitted.asked.executors
    cluster = Cluster()
    cluster.add(*submitted.asked.others)
    cluster.upgrade(submitted.release.documents)
    digest = hashlib.sha256(sources.chain.read_bytes()).hexdigest()
    (build,) = (one for one in after["spec"]["initContainers"] if one["name"] == "trust-init")
    assert digest in build["command"], "nothing holds the chain to its hash"
    old, new = start(before, cluster), submissions.releases["pinned-renewed"]
    assert set(customer(old)) == set(certificates(sources.chain))
    assert new.bundle["metadata"]["name"] != submitted.release.bundle["metadata"]["name"]
    cluster.upgrade(new.documents)
    tree = start(after, cluster)
    assert customer(tree) == customer(old)
    assert tree.manifest["caBundleHash"] == digest


def test_without_the_annotation_that_keeps_it_the_old_object_would_be_gone(
    submissions: Submissions, start
):
    """What the one above leans on."""
    submitted = submissions.of(VERSION, "pinned")
    documents = copy.deepcopy(submitted.release.documents)
    for one in documents:
        (one["metadata"].get("annotations") or {}).pop("helm.sh/resource-policy", None)
    cluster = Cluster()
    cluster.add(*submitted.asked.others)
    cluster.upgrade(documents)
    cluster.upgrade(submissions.releases["pinned-renewed"].documents)
    with pytest.raises(Absent, match="acme-trust-ca-"):
        start(submitted.asked.executors[1], cluster)
