"""Pods that the policy of examples/admission admits and refuses, with what it says."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import yaml
from cases import CORPORATE, GIVEN, TRUST
from support import helm

POLICY, BINDING = yaml.safe_load_all(
    (helm.REPOSITORY / "examples" / "admission" / "policy.yaml").read_text()
)

Bend = Callable[[dict], None]


@dataclass(frozen=True)
class Case:
    """A pod of the chart, bent or as it is."""

    name: str
    # Values below `trust.`.
    trust: dict
    # A part of what the policy says against it; None if it admits the pod.
    fault: str | None = None
    bends: tuple[Bend, ...] = ()
    role: str = "driver"

    def pod(self, charts: helm.Charts) -> dict:
        pod = spark_pod(charts, self.trust, self.role)
        for bend in self.bends:
            bend(pod)
        return pod


def spark_pod(charts: helm.Charts, trust: dict, role: str) -> dict:
    """A pod as Spark makes it of a template: with a label, a ConfigMap and a token of its own."""
    template = helm.pod_templates(charts.render({"trust": trust}))[role]
    pod = {"apiVersion": "v1", "kind": "Pod", **copy.deepcopy(template)}
    pod["metadata"]["labels"]["spark-role"] = role
    kind = {"driver": "drv", "executor": "exec"}[role]
    pod["spec"]["volumes"] += [
        {"name": "conf", "configMap": {"name": f"spark-{kind}-0123abcd-conf-map"}},
        {"name": "pods", "configMap": {"name": "acme-9f-driver-podspec-conf-map"}},
        {
            "name": "token",
            "projected": {
                "sources": [
                    {"serviceAccountToken": {"path": "token"}},
                    {"configMap": {"name": "kube-root-ca.crt"}},
                ]
            },
        },
    ]
    return pod


# --- bends


def other_configmap(pod: dict) -> None:
    pod["spec"]["volumes"].append({"name": "x", "configMap": {"name": "globex-trust-ca"}})


def other_secret(pod: dict) -> None:
    pod["spec"]["volumes"].append({"name": "x", "secret": {"secretName": "sh.helm.release.v1.x"}})


def projected(pod: dict) -> None:
    source = {"configMap": {"name": "globex-trust-ca"}}
    pod["spec"]["volumes"].append({"name": "x", "projected": {"sources": [source]}})


def projected_secret(pod: dict) -> None:
    source = {"secret": {"name": "acme-trust-ca"}}
    pod["spec"]["volumes"].append({"name": "x", "projected": {"sources": [source]}})


def env_from(pod: dict) -> None:
    pod["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "globex-trust-ca"}}]


def no_init(pod: dict) -> None:
    del pod["spec"]["initContainers"]


def foreign_init(pod: dict) -> None:
    pod["spec"]["initContainers"][0]["image"] = "registry.example.org/trust-init:0.1.0"


def writable(pod: dict) -> None:
    del pod["spec"]["containers"][0]["volumeMounts"][0]["readOnly"]


def no_label(pod: dict) -> None:
    del pod["metadata"]["labels"]["app.kubernetes.io/instance"]


def no_role(pod: dict) -> None:
    del pod["metadata"]["labels"]["spark-role"]


def stores_of(pod: dict) -> list[dict]:
    (volume,) = (volume for volume in pod["spec"]["volumes"] if volume["name"] == "trust")
    return volume["projected"]["sources"]


def anothers_stores(pod: dict) -> None:
    stores_of(pod)[0]["configMap"]["name"] = "globex-trust-java"


def anothers_secret(pod: dict) -> None:
    stores_of(pod).append({"secret": {"name": "sh.helm.release.v1.globex.v1"}})


def a_token(pod: dict) -> None:
    stores_of(pod).append({"serviceAccountToken": {"path": "token"}})


def no_stores(pod: dict) -> None:
    stores_of(pod).clear()


def unmounted(pod: dict) -> None:
    (container,) = pod["spec"]["containers"]
    container["volumeMounts"] = [one for one in container["volumeMounts"] if one["name"] != "trust"]


# --- the table

PREBUILT = {"mode": "prebuilt", "prebuilt": {"name": "acme-trust"}}
ADMITTED = {
    **{name: TRUST[name] for name in ("chain", "secret", "platform", "pinned", "mozilla")},
    **{name: TRUST[name] for name in ("wrapper", "sidecar")},
    "prebuilt": PREBUILT,
    "prebuilt in a Secret": {"mode": "prebuilt", "prebuilt": {"name": "acme-trust", "kind": "Secret"}},
    "prebuilt auto": {"mode": "prebuilt", "prebuilt": {"name": "acme-trust", "auto": True}},
    "prebuilt by names": {
        "mode": "prebuilt",
        "prebuilt": {
            "name": "acme-trust",
            "names": {"java": "acme-trust-java-0f1e2d3c4b", "pem": "acme-trust-pem-6000138dee"},
        },
    },
}
BUILT = {"caBundle": GIVEN, "platform": [CORPORATE]}

FOREIGN = "a ConfigMap or Secret that belongs neither to"
PROJECTED = "a projected volume with a Secret, or with a ConfigMap other"
NO_INIT = "no init container of registry.example.com/trust-init"
NO_STORES = "nor the stores of mode prebuilt"
WRITABLE = "a container mounts the trust stores writable"
NO_LABEL = "the pod has no label app.kubernetes.io/instance"

CASES = [
    *(
        Case(f"{name}, {role}", trust, role=role)
        for name, trust in ADMITTED.items()
        for role in ("driver", "executor")
    ),
    Case("another's pod without an init container", BUILT, bends=(no_role, no_init)),
    Case("another's ConfigMap", BUILT, f"it mounts globex-trust-ca, {FOREIGN}", (other_configmap,)),
    Case("another's Secret", BUILT, f"it mounts sh.helm.release.v1.x, {FOREIGN}", (other_secret,)),
    Case("a projected ConfigMap", BUILT, PROJECTED, (projected,)),
    Case("a projected Secret", BUILT, PROJECTED, (projected_secret,)),
    Case("envFrom", BUILT, "envFrom takes whole ConfigMaps and Secrets", (env_from,)),
    Case("no init container", BUILT, NO_INIT, (no_init,)),
    Case("another's init container", BUILT, NO_INIT, (foreign_init,)),
    Case("a writable mount", BUILT, WRITABLE, (writable,)),
    Case("no label", BUILT, NO_LABEL, (no_label,)),
    Case("another's stores", PREBUILT, f"it mounts globex-trust-java, {FOREIGN}", (anothers_stores,)),
    Case(
        "another's Secret in the stores",
        PREBUILT,
        f"it mounts sh.helm.release.v1.globex.v1, {FOREIGN}",
        (anothers_secret,),
    ),
    Case("a token in the stores", PREBUILT, NO_STORES, (a_token,)),
    Case("no stores", PREBUILT, NO_STORES, (no_stores,)),
    Case("stores that nobody mounts", PREBUILT, NO_STORES, (unmounted,)),
    Case("a projected ConfigMap beside the stores", PREBUILT, PROJECTED, (projected,)),
    Case("stores mounted writable", PREBUILT, WRITABLE, (writable,)),
    Case("stores without a label", PREBUILT, NO_LABEL, (no_label,)),
    # The name by default may be anybody's.
    Case("stores without the release's name", {"mode": "prebuilt"}, f"it mounts trust-pem, {FOREIGN}"),
]
