"""Pods through charts/trust-inject, by Kubernetes' own mutating plugin.

Each pod of pods/changed has what came out of it in pods/golden. TRUST_INIT_WRITE_GOLDEN=1 writes
them again: read the difference before you commit it.
"""

from __future__ import annotations

import copy
import os

import injection
import pytest
import schemas
import yaml
from support import admission, helm

CHANGED, UNCHANGED = injection.names("changed"), injection.names("unchanged")
OURS = {"trust-init-install", "trust-init"}


@pytest.fixture(scope="module")
def cluster(charts: helm.Charts) -> list[dict]:
    return injection.only(injection.cluster(charts), "trust-inject")


def admit(server: admission.Server, cluster: list[dict], pod: dict) -> admission.Admitted:
    """Admitted, and the same if it is admitted again."""
    admitted = server.admit(pod, cluster)
    assert admitted.denied is None
    assert admitted.again is None
    return admitted


def test_there_are_enough():
    assert len(CHANGED) + len(UNCHANGED) >= 40
    assert injection.names("golden") == CHANGED


@pytest.mark.parametrize("name", CHANGED)
def test_what_comes_out(server: admission.Server, cluster: list[dict], name: str):
    came = injection.pod("changed", name)
    out = admit(server, cluster, came).object
    golden = injection.PODS / "golden" / f"{name}.yaml"
    if os.environ.get("TRUST_INIT_WRITE_GOLDEN"):
        golden.write_text(yaml.safe_dump(out, sort_keys=True, allow_unicode=True, width=100))
    assert out == yaml.safe_load(golden.read_text())


@pytest.mark.parametrize("name", CHANGED)
def test_what_comes_out_is_a_pod(server: admission.Server, cluster: list[dict], name: str):
    came = injection.pod("changed", name)
    out = admit(server, cluster, came).object
    schemas.kubernetes(out, schemas.ADMISSION)
    spec = out["spec"]
    containers = [*spec.get("initContainers", []), *spec["containers"]]
    for named in ([c["name"] for c in containers], [v["name"] for v in spec.get("volumes", [])]):
        assert len(named) == len(set(named)), named
    volumes = {volume["name"] for volume in spec.get("volumes", [])}
    for container in containers:
        mounts = container.get("volumeMounts", [])
        paths = [mount["mountPath"].rstrip("/") for mount in mounts]
        paths += [device["devicePath"] for device in container.get("volumeDevices", [])]
        assert len(paths) == len(set(paths)), paths
        mounted = {mount["name"] for mount in mounts}
        assert {name for name in mounted if name.startswith("trust")} <= volumes


@pytest.mark.parametrize("name", CHANGED)
def test_nothing_of_the_pod_s_own_is_lost(server: admission.Server, cluster: list[dict], name: str):
    """What is left when ours is taken away again is what came in."""
    came = injection.pod("changed", name)
    out = admit(server, cluster, came).object
    assert without_ours(copy.deepcopy(out)) == without_empty(copy.deepcopy(came))


def without_ours(pod: dict) -> dict:
    """Takes away what the policy adds, by name, but never what it may not add."""
    annotations = pod["metadata"].get("annotations", {})
    injected = annotations.pop("trust-init/injected", None)
    for name in ("trust-init/kept", "trust-init/skipped"):
        annotations.pop(name, None)
    spec = pod["spec"]
    if injected:
        spec["initContainers"] = [c for c in spec["initContainers"] if c["name"] not in OURS]
        ours = {"trust", "trust-ca"} if "trust" in _volume_names(spec) else set()
        mine = [v for v in spec["volumes"] if v["name"] in ours and _is_ours(v)]
        spec["volumes"] = [v for v in spec["volumes"] if v not in mine]
        gone = {volume["name"] for volume in mine}
        for container in [*spec["initContainers"], *spec["containers"]]:
            container["volumeMounts"] = [
                m for m in container.get("volumeMounts", []) if m["name"] not in gone
            ]
            container["env"] = [_own(e) for e in container.get("env", []) if not _is_added(e)]
    return without_empty(pod)


def _volume_names(spec: dict) -> set[str]:
    return {volume["name"] for volume in spec["volumes"]}


def _is_ours(volume: dict) -> bool:
    return volume["name"] == "trust" or volume.get("configMap", {}).get("name") == "trust-init"


OPTION = "-Djavax.net.ssl.trustStore=/trust/java/truststore.p12"


def _is_added(variable: dict) -> bool:
    value = variable.get("value") or ""
    return value.startswith("/trust/") or value == OPTION


def _own(variable: dict) -> dict:
    if variable["name"] != "JAVA_TOOL_OPTIONS" or "value" not in variable:
        return variable
    return variable | {"value": variable["value"].removeprefix(f"{OPTION} ")}


def without_empty(one):
    """Kubernetes leaves out what is empty, and writes a quantity as text."""
    if isinstance(one, list):
        return [without_empty(inner) for inner in one]
    if not isinstance(one, dict):
        return one
    kept = {name: without_empty(value) for name, value in one.items()}
    for name in kept.keys() & {"limits", "requests"}:
        kept[name] = {resource: str(quantity) for resource, quantity in kept[name].items()}
    return {n: v for n, v in kept.items() if v not in ("", [], {}, None)}


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_is_left_alone_comes_out_byte_for_byte(
    server: admission.Server, cluster: list[dict], name: str
):
    came = injection.pod("unchanged", name)
    admitted = admit(server, cluster, came)
    assert admitted.unchanged
    # It is the one thing about the pod that keeps it so.
    assert admit(server, cluster, injection.pod("changed", "best-effort")).unchanged is False


CHAIN = {"caBundle": {"pem": injection.PEM}}
MODES = {
    "init": CHAIN,
    "wrapper": CHAIN | {"mode": "wrapper"},
    # Neither an init container nor a volume for the stores.
    "wrapper in the image": CHAIN | {"mode": "wrapper", "wrapper": {"binary": "/opt/trust-init"}},
    "sidecar": CHAIN | {"mode": "sidecar"},
    "prebuilt": {"mode": "prebuilt"},
}


@pytest.mark.parametrize("trust", MODES.values(), ids=MODES)
def test_a_pod_of_the_library_chart_is_left_alone(
    server: admission.Server, charts: helm.Charts, trust: dict
):
    """And nobody is warned about it."""
    cluster = injection.cluster(charts)
    for role, template in helm.pod_templates(charts.render({"trust": trust})).items():
        pod = {"apiVersion": "v1", "kind": "Pod", **copy.deepcopy(template)}
        pod["metadata"] |= {"name": role, "namespace": "customer-acme"}
        admitted = admit(server, cluster, pod)
        assert admitted.unchanged
        assert admitted.warnings == []


@pytest.mark.parametrize("name", CHANGED)
def test_the_restricted_standard_still_holds(
    server: admission.Server, cluster: list[dict], name: str
):
    came = injection.pod("changed", name)
    before, after = (
        injection.restricted(pod) for pod in (came, admit(server, cluster, came).object)
    )
    if before:
        # Nothing of ours is a fault that the pod did not have in another form.
        ours = {fault.partition(": ")[2] for fault in after if fault.split(":")[0] in OURS}
        assert ours <= {fault.partition(": ")[2] for fault in before}
    else:
        assert after == []


def test_some_pods_meet_that_standard():
    met = {name for name in CHANGED if not injection.restricted(injection.pod("changed", name))}
    assert met == {
        "apache-operator",
        "kubeflow-operator",
        "restricted-by-container",
        "restricted-by-pod",
    }


@pytest.mark.parametrize("name", CHANGED)
def test_the_class_of_service_stays(server: admission.Server, cluster: list[dict], name: str):
    came = injection.pod("changed", name)
    out = admit(server, cluster, came).object
    assert injection.quality(out) == injection.quality(came)


# --- costs


def large(containers: int, variables: int, mounts: int) -> dict:
    """A pod that is as costly as real ones get."""
    own = [{"name": f"VARIABLE_{number}", "value": "x" * 40} for number in range(variables)]
    one = {
        "image": "registry.example.com/app:1",
        "env": [*own, {"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx1g"}],
        "volumeMounts": [
            {"name": "own", "mountPath": f"/mnt/volumes/{number}/data"} for number in range(mounts)
        ],
    }
    every = [{"name": f"container-{number}", **copy.deepcopy(one)} for number in range(containers)]
    metadata = {"name": "large", "namespace": "customer-debian"}
    spec = {"containers": every, "volumes": [{"name": "own", "emptyDir": {}}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_thirty_containers_cost_a_part_of_the_budget(
    server: admission.Server, cluster: list[dict]
):
    admitted = server.admit(large(30, 20, 5), cluster, cost=True)
    assert admitted.denied is None
    (cost,) = admitted.costs
    limits = cost["limits"]
    # The README says so.
    assert cost["spent"]["mutations[0]"] < limits["budget"] / 100
    assert cost["spent"]["matchConditions"] < limits["matchConditions"] / 100
    assert max(cost["each"].values()) < limits["expression"] / 10
    assert len(admitted.object["spec"]["containers"]) == 30


# --- versions


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36", "1.37"])
def test_servers_take_the_policies(server: admission.Server, charts: helm.Charts, version: str):
    values = {
        "platformCA": {"pem": injection.PEM, "namespaces": ["customer-acme"]},
        # A quote in a value must not end a string of CEL.
        "trust": {"image": {"pullSecrets": ["registry-key"]}, "mountPath": "/etc/pki/customer's"},
    }
    policies = injection.policies(charts, values, f"v{version}.0")
    reports = server.check(policies, (version,))
    assert {report.name for report in reports} == {
        "trust-inject",
        "trust-inject-parameter",
        "trust-inject-verify",
    }
    for report in reports:
        assert report.errors == {}
        assert report.warnings == []
