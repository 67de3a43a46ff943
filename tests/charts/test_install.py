"""Helm and kubectl themselves install, change, roll back and remove the charts, and this reads what is in the API."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from cases import PEM
from support import helm, kube_api, kubectl
from support.helm_program import VERSIONS, Helm

SPARK = {"spark-submit": "ConfigMap", "kubeflow": "SparkApplication", "apache": "SparkApplication"}
OTHER = (helm.REPOSITORY / "examples/client-ca-chain-with-expired.pem").read_text()
CHAIN = "client-ca-chain.pem"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class User:
    """Somebody with Helm, kubectl and a namespace."""

    helm: Helm
    api: kube_api.Api
    charts: Path
    home: Path

    def upgrade(self, chart: str, pem: str, *options: str, values: dict | None = None) -> str:
        """As the guides have it; what it printed."""
        (self.home / CHAIN).write_text(pem)
        command = ["upgrade", "--install", helm.RELEASE, self.charts / chart, "--namespace", helm.NAMESPACE]
        given = ["--create-namespace", "--set-file", f"trust.caBundle.pem={self.home / CHAIN}", *options]
        return self.helm.run(*command, *given, values=values or {})

    def run(self, command: str, *arguments: str) -> str:
        """A command about the release."""
        return self.helm.run(command, helm.RELEASE, *arguments, "--namespace", helm.NAMESPACE)

    def objects(self) -> dict[tuple[str, str], dict]:
        """All that the API holds now, but for the namespace and what Helm notes of its releases."""
        found = {}
        for one in self.api.existing().values():
            if one["kind"] != "Namespace" and one.get("type") != "helm.sh/release.v1":
                found[one["kind"], one["metadata"]["name"]] = one
        return found

    def releases(self) -> list[dict]:
        """What Helm stored, by revision."""
        stored = [one for one in self.api.existing().values() if one.get("type") == "helm.sh/release.v1"]
        texts = (gzip.decompress(base64.b64decode(base64.b64decode(one["data"]["release"]))) for one in stored)
        return sorted((json.loads(text) for text in texts), key=lambda one: one["version"])

    def kubectl(self, *arguments: str) -> str:
        command = ["kubectl", "--namespace", helm.NAMESPACE, *arguments]
        done = subprocess.run(command, env=self.helm.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(params=VERSIONS)
def user(request: pytest.FixtureRequest, charts: helm.Charts, tmp_path: Path) -> Iterator[User]:
    with kube_api.serve() as api:
        yield User(Helm.of(request.param, tmp_path, api), api, charts.root, tmp_path)


@pytest.mark.parametrize("run", SPARK)
def test_a_release_of_spark_from_its_installation_to_its_end(user: User, run: str):
    """spark-customer, whose objects a new chain changes, and no pod of a running job."""
    chart, option = "charts/spark-customer", f"run={run}"
    said = user.upgrade(chart, PEM, "--set", option)
    assert f"caBundleHash {sha256(PEM)}" in said
    first = user.objects()
    expected = {("ConfigMap", "acme-trust-ca"), ("ServiceAccount", "acme")}
    expected |= {(kind, name) for kind in ("Role", "RoleBinding") for name in ("acme-driver", "acme-trust-ca-reader")}
    expected |= {(SPARK[run], "acme-spark" if run == "spark-submit" else "acme")}
    assert first.keys() == expected
    assert first["ConfigMap", "acme-trust-ca"]["data"] == {CHAIN: PEM}
    user.upgrade(chart, OTHER, "--set", option)
    second = user.objects()
    assert second["ConfigMap", "acme-trust-ca"]["data"] == {CHAIN: OTHER}
    assert second["ConfigMap", "acme-trust-ca"]["metadata"]["annotations"]["caBundleHash"] == sha256(OTHER)
    for key in expected - {("ConfigMap", "acme-trust-ca")}:
        assert content(second[key]) == content(first[key]), key
    user.run("rollback")
    assert {key: content(one) for key, one in user.objects().items()} == {k: content(o) for k, o in first.items()}
    assert [one["info"]["status"] for one in user.releases()] == ["superseded", "superseded", "deployed"]
    user.run("uninstall")
    assert user.objects() == {}
    assert user.releases() == []


def content(one: dict) -> dict:
    """Without what the API writes."""
    metadata = {k: v for k, v in one["metadata"].items() if k in {"name", "namespace", "labels", "annotations"}}
    return {**one, "metadata": metadata}


def test_a_platform_s_values_are_installed_and_upgraded(user: User):
    values = yaml.safe_load((helm.REPOSITORY / "examples/platform/values.yaml").read_text())
    for cores in (1, 2):
        values["spark"]["driver"]["cores"] = cores
        user.upgrade("charts/spark-customer", PEM, "--set", "run=kubeflow", values=values)
        application = user.objects()["SparkApplication", "acme"]
        assert application["spec"]["driver"]["cores"] == cores
        assert application["metadata"]["labels"].items() >= values["commonLabels"].items()
    annotations = user.objects()["ServiceAccount", "acme"]["metadata"]["annotations"]
    assert annotations.items() >= values["serviceAccount"]["annotations"].items()


def test_a_pinned_chain_is_kept_and_never_changed(user: User):
    """Running drivers mount it, after the upgrade and after the end of the release."""
    pinned = ("--set", "trust.caBundle.pin=true")
    names = [("ConfigMap", f"acme-trust-ca-{sha256(pem)[:10]}") for pem in (PEM, OTHER)]
    user.upgrade("charts/spark-customer", PEM, *pinned)
    before = user.objects()[names[0]]
    assert before["immutable"] is True
    user.upgrade("charts/spark-customer", OTHER, *pinned)
    both = user.objects()
    assert both[names[0]] == before
    assert both[names[1]]["data"] == {CHAIN: OTHER}
    templates = both["ConfigMap", "acme-spark"]["data"]
    assert names[1][1] in templates["driver.yaml"] and names[0][1] not in templates["driver.yaml"]
    if user.helm.program.name == "helm3":
        # It does not roll back to an object that was kept; an upgrade takes it.
        with pytest.raises(helm.Refused, match=f'no ConfigMap with the name "{names[0][1]}" found'):
            user.run("rollback")
        user.upgrade("charts/spark-customer", PEM, *pinned)
    else:
        user.run("rollback")
    back = user.objects()
    assert names[0][1] in back["ConfigMap", "acme-spark"]["data"]["driver.yaml"]
    assert content(back[names[0]]) == content(before)
    user.run("uninstall")
    assert user.objects().keys() == set(names)
    listed = user.kubectl("get", "configmap", "-l", "app.kubernetes.io/component=customer-ca", "-o", "name")
    assert set(listed.split()) == {f"configmap/{name}" for _, name in names}
    # And the same chain again takes the object that was kept.
    user.upgrade("charts/spark-customer", PEM, *pinned)
    assert user.objects()[names[0]]["data"] == before["data"]


def test_a_new_chain_rolls_a_deployment_and_a_rollback_rolls_it_back(user: User):
    def rolled_by() -> str:
        template = user.objects()["Deployment", "acme"]["spec"]["template"]
        return template["metadata"]["annotations"]["caBundleHash"]

    for pem in (PEM, OTHER):
        user.upgrade("examples/deployment", pem)
        assert rolled_by() == sha256(pem)
    user.run("rollback")
    assert rolled_by() == sha256(PEM)
    assert user.objects()["ConfigMap", "acme-trust-ca"]["data"] == {CHAIN: PEM}
    user.run("uninstall")
    assert user.objects() == {}


def test_a_chain_with_a_key_leaves_nothing_in_the_cluster(user: User):
    key = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"
    with pytest.raises(helm.Refused, match="found a private key") as refused:
        user.upgrade("charts/spark-customer", PEM + key)
    assert "MAA=" not in str(refused.value)
    assert user.objects() == {}
    assert user.releases() == []
    # Nor does a release that is there already change, or remember the key.
    user.upgrade("charts/spark-customer", PEM)
    before = user.objects()
    with pytest.raises(helm.Refused, match="found a private key"):
        user.upgrade("charts/spark-customer", PEM + key)
    assert user.objects() == before
    assert "MAA=" not in json.dumps(user.releases())


def test_a_dry_run_changes_nothing(user: User):
    said = user.upgrade("charts/spark-customer", PEM, "--dry-run=server", "--set", "run=kubeflow")
    assert "kind: SparkApplication" in said
    assert user.objects() == {}
    assert user.releases() == []


def test_trust_inject_from_its_installation_to_its_end(user: User):
    command = ["upgrade", "--install", "trust-inject", user.charts / "charts/trust-inject"]
    command += ["--namespace", "trust-system", "--create-namespace"]
    said = user.helm.run(*command, values={})
    assert "kubectl label namespace NAMESPACE trust-init/inject=enabled" in said
    kinds = {kind for kind, _ in user.objects()}
    policies = {f"{what}AdmissionPolicy" for what in ("Mutating", "Validating")}
    assert kinds == policies | {f"{one}Binding" for one in policies}
    before = user.objects()
    user.helm.run(*command, values={"parameter": {"guard": False}})
    assert user.objects().keys() < before.keys()
    user.helm.run("rollback", "trust-inject", "--namespace", "trust-system")
    assert user.objects().keys() == before.keys()
    user.helm.run("uninstall", "trust-inject", "--namespace", "trust-system")
    assert user.objects() == {}


def test_kubectl_applies_what_helm_renders(user: User):
    """As a pipeline does it that has Helm render and kubectl write."""
    rendered = user.helm.template(user.charts / "charts/spark-customer", {"trust": {"caBundle": {"pem": PEM}}})
    (user.home / "rendered.yaml").write_text(rendered)
    for mode in (["--server-side"], ["--server-side", "--dry-run=server"]):
        said = user.kubectl("apply", *mode, "-f", str(user.home / "rendered.yaml"))
        assert "configmap/acme-trust-ca serverside-applied" in said
    names = {name for _, name in user.objects()}
    assert names == {"acme", "acme-driver", "acme-spark", "acme-trust-ca", "acme-trust-ca-reader"}
    hashed = user.kubectl("get", "configmap", "acme-trust-ca", "-o", "jsonpath={.metadata.annotations.caBundleHash}")
    assert hashed == sha256(PEM)
    user.kubectl("delete", "-f", str(user.home / "rendered.yaml"))
    assert user.objects() == {}


@pytest.mark.parametrize(("phase", "passes"), [("Succeeded", True), ("Failed", False)])
def test_helm_test_says_how_doctor_s_pod_ended(user: User, phase: str, passes: bool):
    user.upgrade("charts/spark-customer", PEM, "--set", "test.hosts={api.example.com}")
    assert ("Pod", "acme-doctor") not in user.objects()
    kubelet = threading.Thread(target=end_of_pod, args=(user.api, phase))
    kubelet.start()
    try:
        said = user.run("test", "--timeout", "20s")
        assert passes
        assert "Phase:          Succeeded" in said
    except helm.Refused as refused:
        assert not passes, refused
        assert "acme-doctor" in str(refused)
    finally:
        kubelet.join()
    command = user.objects()["Pod", "acme-doctor"]["spec"]["containers"][0]["command"]
    assert command == ["/trust/bin/trust-init", "doctor", "--", "api.example.com"]


def end_of_pod(api: kube_api.Api, phase: str) -> None:
    """What a kubelet reports when the main container has ended."""
    for _ in range(400):
        if pods := api.recorded("Pod"):
            api.report(pods[0], {"phase": phase})
            return
        time.sleep(0.05)
