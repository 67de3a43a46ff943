"""Who is injected with what, what a namespace may choose, and who hears of pods that slipped past."""

from __future__ import annotations

import base64
import copy

import injection
import pytest
from support import admission, helm

PEM, KEY = injection.PEM, injection.KEY
PRIVATE = "-----BEGIN {}PRIVATE KEY-----\nc2VjcmV0\n-----END {}PRIVATE KEY-----\n"


def pod(namespace: str, **metadata) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one", "namespace": namespace, **metadata},
        "spec": {"containers": [{"name": "main", "image": "registry.example.com/app:1"}]},
    }


# --- one customer and another


def test_each_namespace_gets_its_own_choices(server: admission.Server, charts: helm.Charts):
    """Two customers chose otherwise, and each pod mounts the ConfigMap of its own namespace."""
    cluster = [
        *injection.only(injection.policies(charts), "trust-inject"),
        admission.namespace("customer-acme", injection.LABEL),
        injection.parameter("customer-acme", **{KEY: PEM, "osLayout": "rhel"}),
        admission.namespace("customer-globex", injection.LABEL),
        injection.parameter("customer-globex", base="mozilla"),
    ]
    acme, globex = (
        server.admit(pod(f"customer-{name}"), cluster).object["spec"] for name in ("acme", "globex")
    )
    assert [c["name"] for c in acme["initContainers"]] == ["trust-init-install", "trust-init"]
    assert [c["name"] for c in globex["initContainers"]] == ["trust-init"]
    assert [v["name"] for v in acme["volumes"]] == ["trust", "trust-ca"]
    assert [v["name"] for v in globex["volumes"]] == ["trust"]


def test_a_parameter_of_another_name_or_namespace_does_not_count(
    server: admission.Server, charts: helm.Charts
):
    cluster = [
        *injection.only(injection.policies(charts), "trust-inject"),
        admission.namespace("customer-acme", injection.LABEL),
        admission.configmap("trust-init-2", "customer-acme", {KEY: PEM}),
        admission.namespace("customer-globex", injection.LABEL),
        injection.parameter("customer-globex", **{KEY: PEM}),
    ]
    assert server.admit(pod("customer-acme"), cluster).unchanged
    assert not server.admit(pod("customer-globex"), cluster).unchanged


def test_without_a_parameter_pods_are_refused_if_the_platform_says_so(
    server: admission.Server, charts: helm.Charts
):
    values = {"parameter": {"notFoundAction": "Deny"}}
    cluster = injection.only(injection.cluster(charts, values), "trust-inject")
    denied = server.admit(pod("customer-missing"), cluster).denied
    assert (
        "no params found for policy binding with `Deny` parameterNotFoundAction" in denied.message
    )
    for namespace in ("unlabeled", "kube-system"):
        assert server.admit(pod(namespace), cluster).unchanged
    assert server.admit(pod("customer-acme"), cluster).denied is None


def test_another_label_and_another_name(server: admission.Server, charts: helm.Charts):
    values = {
        "namespaceSelector": {
            "matchLabels": {"trust-init/inject": None, "example.com/customer": "yes"}
        },
        "parameter": {"name": "customer-trust"},
    }
    cluster = [
        *injection.policies(charts, values),
        admission.namespace("one", {"example.com/customer": "yes"}),
        admission.configmap("customer-trust", "one", {KEY: PEM}),
        admission.namespace("two", injection.LABEL),
        admission.configmap("customer-trust", "two", {KEY: PEM}),
    ]
    spec = server.admit(pod("one"), cluster).object["spec"]
    assert spec["volumes"][1]["configMap"]["name"] == "customer-trust"
    assert server.admit(pod("two"), cluster).unchanged


# --- what a namespace may choose

DENIED: dict[str, tuple[dict, str]] = {
    "unknown key": ({"data": {KEY: PEM, "os-layout": "debian"}}, "os-layout: there is no such key"),
    "key of another file": ({"data": {"ca.crt": PEM}}, "ca.crt: there is no such key"),
    "a choice in binaryData": ({"binary": {"base": "aW1hZ2U="}}, "base: there is no such key"),
    "base": ({"data": {"base": "none"}}, "base: use image"),
    "osLayout": ({"data": {"osLayout": "none"}}, "osLayout: use debian, rhel or suse"),
    "java": ({"data": {"java": "yes"}}, "java: use 'true' or 'false'"),
    "private key": ({"data": {KEY: PEM + PRIVATE.format("", "")}}, "found a private key"),
    "private key, RSA": (
        {"data": {KEY: PRIVATE.format("RSA ", "RSA ") + PEM}},
        "found a private key",
    ),
    "private key, its base64": (
        {"data": {KEY: PEM + base64.b64encode(PRIVATE.format("", "").encode()).decode()}},
        "found a private key",
    ),
    "private key, in binaryData": (
        {"binary": {KEY: base64.b64encode(PRIVATE.format("", "").encode()).decode()}},
        "found a private key",
    ),
    "private key, as openssl prints it": (
        {"data": {KEY: f"{PEM}privateExponent:\n    {'00:1f:' * 8}\n"}},
        "found a private key",
    ),
    "no certificate": ({"data": {KEY: "see the attachment"}}, "found no BEGIN CERTIFICATE"),
    "empty": ({"data": {KEY: ""}}, "found no BEGIN CERTIFICATE"),
    "a request": (
        {"data": {KEY: "-----BEGIN CERTIFICATE REQUEST-----"}},
        "found no BEGIN CERTIFICATE",
    ),
    "too large": ({"data": {KEY: PEM + "#" * 65536}}, "is larger than 65536 bytes"),
    "too large, in UTF-8": ({"data": {KEY: PEM + "é" * 32768}}, "is larger than 65536 bytes"),
    "too large, in binaryData": ({"binary": {KEY: "AAAA" * 22000}}, "is larger than 65536 bytes"),
    "twice": (
        {"data": {KEY: PEM}, "binary": {KEY: injection.DER}},
        "is both in data and in binaryData",
    ),
}
ALLOWED: dict[str, dict] = {
    "nothing": {"data": {}},
    "a chain": {"data": {KEY: PEM}},
    "a PKCS#7 file in PEM": {"data": {KEY: "-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n"}},
    "comments, CRLF and a byte order mark": {
        "data": {KEY: "\ufeff# Émis par l'autorité\n" + PEM.replace("\n", "\r\n")}
    },
    "a trusted certificate": {"data": {KEY: PEM.replace("BEGIN CERT", "BEGIN TRUSTED CERT")}},
    "as large as can be": {"data": {KEY: PEM + "#" * (65536 - len(PEM))}},
    "in binaryData": {"binary": {KEY: injection.DER}, "data": {}},
    "as large as can be, in binaryData": {
        "binary": {KEY: base64.b64encode(b"0" * 65536).decode()},
        "data": {},
    },
    "every choice": {"data": {KEY: PEM, "base": "mozilla", "osLayout": "suse", "java": "false"}},
    "other choices": {"data": {"base": "image", "osLayout": "debian", "java": "true"}},
}


@pytest.fixture(scope="module")
def guarded(charts: helm.Charts) -> list[dict]:
    return injection.only(injection.cluster(charts), "trust-inject-parameter")


def written(choices: dict, namespace: str = "customer-acme") -> dict:
    return injection.parameter(namespace, choices.get("binary"), **choices.get("data", {}))


@pytest.mark.parametrize("name", DENIED)
def test_what_a_namespace_may_not_choose(server: admission.Server, guarded: list[dict], name: str):
    choices, said = DENIED[name]
    before = written(ALLOWED["a chain"])
    for old in (None, before):
        denied = server.admit(written(choices), guarded, old=old).denied
        assert said in denied.message
        # What was pasted must not end up in a log.
        assert "c2VjcmV0" not in denied.message


@pytest.mark.parametrize("name", ALLOWED)
def test_what_a_namespace_may_choose(server: admission.Server, guarded: list[dict], name: str):
    admitted = server.admit(written(ALLOWED[name]), guarded, cost=True)
    assert admitted.faults == []
    (cost,) = admitted.costs
    assert max(cost["each"].values()) < cost["limits"]["expression"] / 2


@pytest.mark.parametrize("binary", [False, True], ids=["data", "binaryData"])
def test_the_largest_limit_can_still_be_searched(
    server: admission.Server, charts: helm.Charts, binary: bool
):
    values = {"trust": {"policy": {"maxSize": "128KiB"}}}
    guarded = injection.only(injection.cluster(charts, values), "trust-inject-parameter")
    limit, key = 128 * 1024, PRIVATE.format("", "")
    for text, faults in ((PEM, 0), (PEM + key, 1)):
        text = "#" * (limit - len(text)) + text
        encoded = base64.b64encode(text.encode()).decode()
        choices = {"binary": {KEY: encoded}} if binary else {"data": {KEY: text}}
        admitted = server.admit(written(choices), guarded, cost=True)
        assert (admitted.denied is not None) == faults
        assert not faults or "found a private key" in admitted.denied.message
        (cost,) = admitted.costs
        assert max(cost["each"].values()) < cost["limits"]["expression"] * 3 / 4
        assert cost["spent"]["validations"] < cost["limits"]["budget"] / 3


def test_a_wrong_one_can_be_deleted(server: admission.Server, guarded: list[dict]):
    """One that was there before the label: to remove its finalizer is an update."""
    old = written(DENIED["unknown key"][0])
    deleted = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    old["metadata"] |= {"finalizers": ["example.com/a"], **deleted}
    new = copy.deepcopy(old)
    del new["metadata"]["finalizers"]
    assert server.admit(new, guarded, old=old).denied is None


def test_other_configmaps_are_not_looked_at(server: admission.Server, guarded: list[dict]):
    wrong = DENIED["private key"][0]
    other = written(wrong)
    other["metadata"]["name"] = "settings"
    for one in (other, written(wrong, "unlabeled"), written(wrong, "kube-system")):
        assert server.admit(one, guarded).denied is None


def test_the_guard_can_be_left_out(charts: helm.Charts):
    policies = injection.policies(charts, {"parameter": {"guard": False}})
    assert {one["metadata"]["name"] for one in policies} == {"trust-inject", "trust-inject-verify"}


# --- pods that slipped past


def test_whoever_makes_a_pod_without_trust_is_warned(server: admission.Server, charts: helm.Charts):
    cluster = injection.cluster(charts)
    (warning,) = server.admit(pod("customer-missing"), cluster).warnings
    assert "this pod does not trust the CAs of its namespace: nothing was injected" in warning
    assert "ConfigMap trust-init" in warning
    skipped = injection.pod("changed", "volume-named-trust")
    (warning,) = server.admit(skipped, cluster).warnings
    assert "the pod has its own volume trust" in warning


@pytest.mark.parametrize("action", ["Deny", "Audit"])
def test_the_platform_chooses_what_happens_then(
    server: admission.Server, charts: helm.Charts, action: str
):
    cluster = injection.cluster(charts, {"verify": {"actions": [action]}})
    admitted = server.admit(pod("customer-missing"), cluster)
    assert admitted.warnings == []
    assert (admitted.denied is not None) == (action == "Deny")
    if action == "Audit":
        assert "nothing was injected" in str(admitted.audit)


def test_nobody_is_told_if_the_platform_wants_nothing(charts: helm.Charts):
    policies = injection.policies(charts, {"verify": {"actions": []}})
    assert "trust-inject-verify" not in {one["metadata"]["name"] for one in policies}


@pytest.mark.parametrize(
    "name", [name for name in injection.names("unchanged") if name != "no-parameter"]
)
def test_of_pods_that_are_left_alone_nobody_is_told(
    server: admission.Server, charts: helm.Charts, name: str
):
    admitted = server.admit(injection.pod("unchanged", name), injection.cluster(charts))
    assert (admitted.warnings, admitted.denied) == ([], None)


def test_an_injected_pod_passes_all_policies(server: admission.Server, charts: helm.Charts):
    cluster = injection.cluster(charts, {"verify": {"actions": ["Deny"]}})
    for namespace in injection.CHOICES:
        admitted = server.admit(pod(namespace), cluster)
        assert (admitted.warnings, admitted.denied, admitted.again) == ([], None, None)
        assert admitted.object["metadata"]["annotations"] == {"trust-init/injected": "0.1.0"}
