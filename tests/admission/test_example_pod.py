"""The pod of README.md and the ConfigMap that comes with it, by Kubernetes."""

from __future__ import annotations

import kubernetes_validate
import pytest
import yaml
from support import admission, helm

FILE = helm.REPOSITORY / "examples" / "pod" / "pod.yaml"
TEXT = FILE.read_text()
CHAIN, POD = yaml.safe_load_all(TEXT)


def test_the_readme_shows_the_pod_of_the_file():
    readme = (helm.REPOSITORY / "README.md").read_text()
    assert "```yaml\n" + TEXT.partition("\n---\n")[2] + "```" in readme


@pytest.mark.parametrize("version", ["1.30", "1.33", "1.36"])
@pytest.mark.parametrize("one", [CHAIN, POD], ids=lambda one: one["kind"])
def test_it_is_valid(version: str, one: dict):
    kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize("one", [CHAIN, POD], ids=lambda one: one["kind"])
def test_kubernetes_admits_it_as_it_is(server: admission.Server, one: dict):
    place = admission.namespace("default")
    admitted = server.admit(one | {"metadata": one["metadata"] | {"namespace": "default"}}, [place])
    assert admitted.denied is None
    assert admitted.warnings == []
    assert admitted.unchanged


def test_the_pod_mounts_what_is_there():
    assert POD["spec"]["volumes"][0]["configMap"]["name"] == CHAIN["metadata"]["name"]
    example = (helm.REPOSITORY / "examples" / "client-ca-chain.pem").read_text()
    assert list(CHAIN["data"].values()) == [example]
