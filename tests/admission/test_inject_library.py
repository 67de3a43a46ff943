"""An injected pod is the pod that the library would have rendered for the same choices."""

from __future__ import annotations

import copy
import functools
import itertools
import json

import injection
import pytest
import yaml
from support import admission, helm

NAMESPACE = "customer-one"
# What the two charts must be told alike.
VALUES = yaml.safe_load((helm.REPOSITORY / injection.CHART / "values.yaml").read_text())["trust"]
RESOURCES = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}
# Says runAsNonRoot itself, as the library's containers do.
CONTAINER = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
}
PLATFORM = {
    "none": [],
    "two": [
        {"name": "corporate", "key": "ca.crt"},
        {"kind": "Secret", "name": "s", "key": "s.pem"},
    ],
    "cluster": [{"kind": "ClusterTrustBundle", "name": "corporate"}],
    "signer": [
        {
            "kind": "ClusterTrustBundle",
            "signerName": "example.com/corporate",
            "labelSelector": {"matchLabels": {"example.com/trust": "yes"}},
        }
    ],
}
COMBINATIONS = list(
    itertools.product(
        ("image", "mozilla"),
        ("none", "debian", "rhel", "suse"),
        ("true", "false"),
        ("chain", "no-chain"),
        ("none", "two", "cluster", "signer", "own"),
    )
)
OTHER_VALUES = {
    "stores": {
        "java": {"store": "pkcs12-mac"},
        "volume": {"sizeLimit": "64Mi", "medium": "Memory"},
    },
    "jks": {"java": {"store": "jks"}, "updateJavaTrust": False},
    "no-option": {"java": {"toolOptions": False}},
    "rules": {
        "policy": {
            "warn": ["duplicate"],
            "deny": ["expired", "weak-key"],
            "block": ["0123456789abcdef" * 4],
            "expiresSoon": "60d",
            "maxSize": "128KiB",
        }
    },
    "image": {
        "image": {
            "registry": "registry.example.com:5000/mirror",
            "digest": f"sha256:{'0123456789abcdef' * 4}",
            "pullPolicy": "Always",
            "pullSecrets": ["registry-key"],
        }
    },
    "place": {"mountPath": "/opt/customer/"},
    "container": {
        "resources": {
            "requests": {"cpu": "1m", "memory": "4Mi"},
            "limits": {"cpu": "2m", "memory": "8Mi"},
        },
        "securityContext": {
            "seccompProfile": {"type": "Localhost", "localhostProfile": "it's.json"}
        },
    },
}


def rendered(charts: helm.Charts, trust: dict) -> dict:
    """The pod of a Deployment."""
    return copy.deepcopy(_rendered(charts, json.dumps(trust)))


@functools.cache
def _rendered(charts: helm.Charts, text: str) -> dict:
    trust = json.loads(text)
    values = {"trust": trust, "securityContext": CONTAINER, "env": [{"name": "OWN", "value": "1"}]}
    template = helm.pod_templates(charts.render(values, "examples/deployment"))["deployment"]
    template["spec"]["containers"][0]["resources"] = RESOURCES
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one", "namespace": NAMESPACE},
        "spec": template["spec"],
    }


def compare(
    server: admission.Server,
    charts: helm.Charts,
    trust: dict,
    choices: dict[str, str],
    chain: bool = True,
    own: bool = False,
) -> None:
    """`trust` are values of both charts, `choices` those of the namespace."""
    values = {"trust": trust}
    if own:
        values["platformCA"] = {"pem": injection.PEM, "namespaces": [NAMESPACE]}
    data = choices | ({injection.KEY: injection.PEM} if chain else {})
    cluster = [
        *injection.only(injection.policies(charts, values), "trust-inject"),
        admission.namespace(NAMESPACE, injection.LABEL),
        injection.parameter(NAMESPACE, **data),
    ]
    came = rendered(charts, {"enabled": False})
    out = server.admit(came, cluster)
    assert out.denied is None

    same = dict(trust)
    same.setdefault("resources", VALUES["resources"])
    if chain:
        same["caBundle"] = {"existing": {"name": "trust-init", "key": injection.KEY}}
    same |= {"base": choices["base"]} if "base" in choices else {}
    same["updateOsTrust"] = "osLayout" in choices
    same |= {"osLayout": choices["osLayout"]} if "osLayout" in choices else {}
    same |= {"updateJavaTrust": choices["java"] == "true"} if "java" in choices else {}
    if own:
        platform = [*trust.get("platform", []), {"name": "trust-platform-ca", "key": "ca.crt"}]
        same["platform"] = platform
    # As the API server writes it.
    expected = server.admit(rendered(charts, same), [admission.namespace(NAMESPACE)])
    assert out.object["spec"] == expected.object["spec"]


@pytest.mark.parametrize(
    "combination", COMBINATIONS, ids=["-".join(combination) for combination in COMBINATIONS]
)
def test_every_choice(server: admission.Server, charts: helm.Charts, combination: tuple[str, ...]):
    base, layout, java, chain, platform = combination
    choices = {"base": base, "java": java} | ({} if layout == "none" else {"osLayout": layout})
    own = platform == "own"
    trust = {"platform": PLATFORM["two" if own else platform]}
    compare(server, charts, trust, choices, chain == "chain", own)


@pytest.mark.parametrize("base", ["image", "image-os", "mozilla"])
@pytest.mark.parametrize("name", OTHER_VALUES)
def test_other_values(server: admission.Server, charts: helm.Charts, name: str, base: str):
    compare(server, charts, {"base": base, **OTHER_VALUES[name]}, {})


def test_the_platform_s_own_ca_is_mounted_where_it_is_and_nowhere_else(
    server: admission.Server, charts: helm.Charts
):
    values = {"platformCA": {"pem": injection.PEM, "namespaces": ["customer-acme"]}}
    cluster = injection.only(injection.cluster(charts, values), "trust-inject")
    mounted = {}
    for namespace in ("customer-acme", "customer-none"):
        pod = rendered(charts, {"enabled": False})
        pod["metadata"]["namespace"] = namespace
        spec = server.admit(pod, cluster).object["spec"]
        mounted[namespace] = [
            volume["configMap"]["name"]
            for volume in spec["volumes"]
            if volume["name"].startswith("trust-platform-")
        ]
    assert mounted == {"customer-acme": ["trust-platform-ca"], "customer-none": []}
