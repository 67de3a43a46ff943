"""A cluster with charts/trust-inject, the pods that come into it, and what must be true of them."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import yaml
from support import admission, helm

CHART = "charts/trust-inject"
PODS = Path(__file__).parent / "pods"
LABEL = {"trust-init/inject": "enabled"}
PEM = (helm.REPOSITORY / "examples" / "client-ca-chain.pem").read_text()
KEY = "client-ca-chain.pem"
# The beginning of a DER file, as binaryData has it. No test decodes it.
DER = "MIIBszCCAVmgAwIBAgIUQ0E="


def parameter(namespace: str, binary: dict[str, str] | None = None, **data: str) -> dict:
    """The ConfigMap that a namespace's policy reads."""
    made = admission.configmap("trust-init", namespace, data)
    if not data:
        del made["data"]
    return made | ({"binaryData": binary} if binary else {})


# Namespaces, each with its choices.
CHOICES: dict[str, dict] = {
    "customer-acme": {"data": {KEY: PEM}},
    "customer-debian": {"data": {KEY: PEM, "osLayout": "debian"}},
    "customer-rhel": {"binary": {KEY: DER}, "data": {"osLayout": "rhel"}},
    "customer-mozilla": {"data": {KEY: PEM, "base": "mozilla", "java": "false"}},
    "customer-none": {"data": {}},
    "customer-wrong": {"data": {KEY: PEM, "base": "none", "osLayout": "windows", "java": "yes"}},
}


def namespaces() -> list[dict]:
    """The namespaces of CHOICES, and those in which no pod may change."""
    objects = [
        admission.namespace("customer-missing", LABEL),
        admission.namespace("unlabeled"),
        parameter("unlabeled", **{KEY: PEM}),
        # A label by mistake must not break the cluster.
        admission.namespace("kube-system", LABEL),
        parameter("kube-system", **{KEY: PEM}),
    ]
    for name, choices in CHOICES.items():
        objects += [
            admission.namespace(name, LABEL),
            parameter(name, choices.get("binary"), **choices["data"]),
        ]
    return objects


def policies(
    charts: helm.Charts, values: dict | None = None, kubernetes: str = helm.KUBERNETES
) -> list[dict]:
    """What the chart renders, without the platform's ConfigMaps."""
    return list(_policies(charts, json.dumps(values or {}), kubernetes))


@functools.cache
def _policies(charts: helm.Charts, values: str, kubernetes: str) -> tuple[dict, ...]:
    documents = charts.render(
        json.loads(values), CHART, release="trust-inject", kubernetes=kubernetes
    )
    return tuple(one for one in documents if one["kind"] != "ConfigMap")


def cluster(charts: helm.Charts, values: dict | None = None) -> list[dict]:
    return [*policies(charts, values), *namespaces()]


def only(objects: list[dict], name: str) -> list[dict]:
    """One policy with its binding, and every object that is not a policy."""
    return [
        one for one in objects if "Admission" not in one["kind"] or one["metadata"]["name"] == name
    ]


def names(folder: str) -> list[str]:
    return sorted(path.stem for path in (PODS / folder).glob("*.yaml"))


def pod(folder: str, name: str) -> dict:
    return yaml.safe_load((PODS / folder / f"{name}.yaml").read_text())


# --- the Pod Security Standards


def restricted(pod: dict) -> list[str]:
    """The controls of the restricted standard (1.36) that a pod violates."""
    spec = pod["spec"]
    whole = spec.get("securityContext", {})
    containers = [*spec.get("initContainers", []), *spec["containers"]]
    containers += spec.get("ephemeralContainers", [])
    faults = [field for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    allowed = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "projected"}
    allowed |= {"persistentVolumeClaim", "secret"}
    faults += [
        f"volume {v['name']}" for v in spec.get("volumes", []) if set(v) - {"name"} - allowed
    ]
    if whole.get("runAsUser") == 0:
        faults.append("runAsUser of the pod")
    for container in containers:
        faults += [f"{container['name']}: {fault}" for fault in _against(container, whole)]
    return faults


def _against(container: dict, whole: dict) -> list[str]:
    own = container.get("securityContext", {})
    capabilities = own.get("capabilities", {})
    profile = own.get("seccompProfile", whole.get("seccompProfile", {})).get("type")
    checks = {
        "privileged": not own.get("privileged"),
        "hostPorts": not any(port.get("hostPort") for port in container.get("ports", [])),
        "procMount": own.get("procMount", "Default") == "Default",
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
        "runAsNonRoot": own.get("runAsNonRoot", whole.get("runAsNonRoot")) is True,
        "runAsUser": own.get("runAsUser") != 0,
        "seccompProfile": profile in ("RuntimeDefault", "Localhost"),
        "capabilities.drop": "ALL" in capabilities.get("drop", []),
        "capabilities.add": set(capabilities.get("add", [])) <= {"NET_BIND_SERVICE"},
    }
    return [control for control, holds in checks.items() if not holds]


# --- the class of service


def _counted(resources: dict) -> dict:
    """Processor and memory, where they are not 0."""
    return {
        kind: {
            name: quantity
            for name, quantity in some.items()
            if name in ("cpu", "memory") and str(quantity) != "0"
        }
        for kind, some in resources.items()
        if kind in ("requests", "limits")
    }


def quality(pod: dict) -> str:
    """The QoS class, as Kubernetes computes it (without pod-level resources)."""
    containers = [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
    resources = [_counted(container.get("resources", {})) for container in containers]
    if not any(one.get("requests") or one.get("limits") for one in resources):
        return "BestEffort"
    for one in resources:
        limits = one.get("limits", {})
        requests = limits | one.get("requests", {})
        if set(limits) != {"cpu", "memory"} or requests != limits:
            return "Burstable"
    return "Guaranteed"
