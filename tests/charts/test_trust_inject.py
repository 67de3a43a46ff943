"""charts/trust-inject as Helm renders it: objects, refusals and NOTES. What it does is in tests/admission."""

from __future__ import annotations

import re

import kubernetes_validate
import pytest
import values_table
from cases import CORPORATE, GIVEN, PEM
from support import helm

CHART = "charts/trust-inject"
PLATFORM_CA = {"pem": PEM, "namespaces": ["customer-acme", "customer-globex"]}
KEY = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
VALUES: dict[str, dict] = {
    "defaults": {},
    "platform's CA": {"platformCA": PLATFORM_CA},
    "platform": {"trust": {"platform": [CORPORATE, {"kind": "ClusterTrustBundle", "name": "a:b"}]}},
    "least": {"parameter": {"guard": False}, "verify": {"actions": []}},
    "strict": {
        "failurePolicy": "Fail",
        "parameter": {"name": "customer", "notFoundAction": "Deny"},
        "verify": {"actions": ["Deny", "Audit"]},
    },
    "names that YAML reads as something else": {
        "parameter": {"name": "1.2"},
        "platformCA": {"pem": PEM, "name": "1e3", "namespaces": ["123", "true"]},
    },
    "loose": {
        "failurePolicy": "Ignore",
        "trust": {
            "base": "mozilla",
            "updateJavaTrust": False,
            "extraVariables": ["PGSSLROOTCERT"],
            "image": {"pullSecrets": ["k"]},
        },
        "namespaceSelector": {
            "matchLabels": {"example.com/customer": "yes"},
            "matchExpressions": [{"key": "example.com/old", "operator": "DoesNotExist"}],
        },
    },
}


def render(charts: helm.Charts, values: dict, version: str = "v4", kubernetes=helm.KUBERNETES):
    return charts.render(values, CHART, version, release="trust-inject", kubernetes=kubernetes)


@pytest.mark.parametrize(("name", "count"), [("least", 0), ("loose", 1)])
def test_an_extra_variable_is_set_to_the_merged_bundle(charts: helm.Charts, name: str, count: int):
    text = str(render(charts, VALUES[name]))
    assert text.count("GIT_SSL_CAINFO") == 1
    assert text.count("PGSSLROOTCERT") == count


@pytest.mark.parametrize("name", VALUES)
def test_objects_are_valid(charts: helm.Charts, name: str):
    three, four = (render(charts, VALUES[name], version) for version in helm.VERSIONS)
    assert three == four, "Helm 3 and Helm 4 differ"
    names = [(o["kind"], o["metadata"]["name"], o["metadata"].get("namespace")) for o in four]
    assert len(names) == len(set(names)), names
    for one in four:
        kubernetes_validate.validate(one, "1.36", strict=True)
        assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == "trust-inject"
    policies = {o["metadata"]["name"] for o in four if o["kind"].endswith("Policy")}
    bound = {o["spec"]["policyName"] for o in four if o["kind"].endswith("Binding")}
    assert policies == bound >= {"trust-inject"}


@pytest.mark.parametrize(
    ("kubernetes", "expected"),
    [("v1.34.0", "v1beta1"), ("v1.35.3", "v1beta1"), ("v1.36.0", "v1"), ("v1.37.1-gke.1", "v1")],
)
def test_the_api_version_is_that_of_the_cluster(
    charts: helm.Charts, kubernetes: str, expected: str
):
    documents = render(charts, {}, kubernetes=kubernetes)
    found = {o["kind"]: o["apiVersion"].partition("/")[2] for o in documents}
    assert found == {
        "MutatingAdmissionPolicy": expected,
        "MutatingAdmissionPolicyBinding": expected,
        "ValidatingAdmissionPolicy": "v1",
        "ValidatingAdmissionPolicyBinding": "v1",
    }


def test_the_platform_s_ca_is_written_into_each_namespace(charts: helm.Charts):
    documents = render(charts, VALUES["platform's CA"])
    written = [one for one in documents if one["kind"] == "ConfigMap"]
    assert [one["metadata"]["namespace"] for one in written] == PLATFORM_CA["namespaces"]
    assert {one["metadata"]["name"] for one in written} == {"trust-platform-ca"}
    assert all(one["data"] == {"ca.crt": PEM} for one in written)
    policy = helm.object_of(documents, "MutatingAdmissionPolicy")
    assert "request.namespace in ['customer-acme', 'customer-globex']" in str(policy)
    assert "BEGIN CERTIFICATE" not in str(policy)


def test_no_policy_touches_the_system_s_namespaces(charts: helm.Charts):
    system = {"kube-system", "kube-public", "kube-node-lease"}
    for one in render(charts, {}):
        if one["kind"].endswith("Policy"):
            (rule,) = one["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"]
            assert (rule["operator"], set(rule["values"])) == ("NotIn", system)


# --- Kyverno


def test_kyverno_has_the_same_expressions(charts: helm.Charts):
    """The other engine runs them; this one was not run."""
    values = {**VALUES["loose"], "platformCA": PLATFORM_CA}
    native = helm.object_of(render(charts, values), "MutatingAdmissionPolicy")["spec"]
    documents = render(charts, {**values, "engine": "kyverno"}, kubernetes="v1.30.0")
    assert {one["kind"] for one in documents} == {
        "ConfigMap",
        "MutatingPolicy",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    }
    policy = helm.object_of(documents, "MutatingPolicy")
    assert policy["apiVersion"] == "policies.kyverno.io/v1"
    spec = policy["spec"]
    assert spec["mutations"] == native["mutations"]
    assert spec["matchConditions"][:-1] == native["matchConditions"]
    parameter, *others = spec["variables"]
    assert parameter["name"] == "parameter"
    as_native = [
        {**one, "expression": re.sub(r"variables\.parameter\b", "params", one["expression"])}
        for one in others
    ]
    assert as_native == native["variables"]
    # There is no binding, so the policy says itself which namespaces opt in.
    selector = spec["matchConstraints"]["namespaceSelector"]
    assert selector["matchLabels"]["example.com/customer"] == "yes"
    assert {rule["key"] for rule in selector["matchExpressions"]} == {
        "kubernetes.io/metadata.name",
        "example.com/old",
    }
    # Templates of Deployments stay as their authors wrote them.
    assert spec["autogen"] == {"podControllers": {"controllers": []}}


def test_kyverno_denies_a_pod_without_parameter_if_the_platform_says_so(charts: helm.Charts):
    values = {"engine": "kyverno", "parameter": {"notFoundAction": "Deny"}}
    spec = helm.object_of(render(charts, values), "MutatingPolicy")["spec"]
    assert "has-parameter" not in {one["name"] for one in spec["matchConditions"]}


# --- refusals

REFUSED: dict[str, tuple[dict, str]] = {
    "chain": (
        {"trust": {"caBundle": GIVEN}},
        "trust.caBundle: has no effect on injected pods: put the",
    ),
    "mode": (
        {"trust": {"mode": "wrapper"}},
        "trust.mode: has no effect on injected pods: a policy can",
    ),
    "off": (
        {"trust": {"enabled": False}},
        "trust.enabled: has no effect on injected pods: uninstall",
    ),
    "variables": (
        {"trust": {"env": {"A": "b"}}},
        "trust.env: has no effect on injected pods: set the",
    ),
    "layout": (
        {"trust": {"osLayout": "rhel"}},
        "trust.osLayout: has no effect on injected pods: set osL",
    ),
    "the chain in a directory of the image": (
        {"trust": {"mountPath": "/etc/ssl/certs/customer"}},
        'trust.mountPath: "/etc/ssl/certs/customer" and /etc/ssl/certs, which',
    ),
    "the chain over the platform's CAs": (
        {"trust": {"mountPath": "/etc/pki"}},
        'trust.mountPath: "/etc/pki" and /etc/pki/platform-certs, which',
    ),
    "a chain that may be missing": (
        {"trust": {"optional": True}},
        "trust.optional: has no effect on injected pods: the ConfigMap",
    ),
    "user": (
        {"trust": {"securityContext": {"runAsUser": 1000}}},
        "trust.securityContext.runAsUser: has no effect on injected pods, whose init containers",
    ),
    "no label": (
        {"namespaceSelector": {"matchLabels": {"trust-init/inject": None}}},
        "namespaceSelector.matchLabels: is empty, so every namespace would opt in",
    ),
    "over the image": (
        {"trust": {"updateOsTrust": True}},
        "trust.updateOsTrust: a policy cannot know",
    ),
    "a limit that the guard cannot search": (
        {"trust": {"policy": {"maxSize": "129KiB"}}},
        "trust.policy.maxSize: is 129KiB, and the guard of the ConfigMap can search at most 128KiB",
    ),
    "base none": (
        {"trust": {"base": "none", "platform": [CORPORATE]}},
        "trust.base: none would take away from a pod what it trusted before",
    ),
    "no CA": (
        {"platformCA": {"namespaces": ["a"]}},
        "platformCA.pem: is empty, but platformCA.namespaces",
    ),
    "no namespace": (
        {"platformCA": {"pem": PEM}},
        "platformCA.namespaces: is empty, so no pod would get",
    ),
    "private key": (
        {"platformCA": {**PLATFORM_CA, "pem": PEM + KEY}},
        "platformCA.pem: found a private key. Remove it; only certificates belong here.",
    ),
    "no certificate": (
        {"platformCA": {**PLATFORM_CA, "pem": "a"}},
        "platformCA.pem: found no BEGIN CERTIFICATE: give the content of a PEM file",
    ),
    "the same name": (
        {"platformCA": {**PLATFORM_CA, "name": "trust-init"}},
        "platformCA.name: trust-init is also parameter.name, the customer's ConfigMap",
    ),
}
BY_SCHEMA: dict[str, dict] = {
    "unknown key": {"params": {}},
    "unknown key below": {"parameter": {"namespace": "x"}},
    "unknown key of the library": {"trust": {"bsae": "image"}},
    "engine": {"engine": "gatekeeper"},
    "failurePolicy": {"failurePolicy": "fail"},
    "name": {"parameter": {"name": "Trust"}},
    "name with an empty part": {"platformCA": {"pem": PEM, "namespaces": ["a"], "name": "a..b"}},
    "action": {"verify": {"actions": ["Reject"]}},
    "two actions that exclude each other": {"verify": {"actions": ["Warn", "Deny"]}},
    "the system's namespace": {"platformCA": {"pem": PEM, "namespaces": ["kube-system"]}},
    "no selector": {"namespaceSelector": {"matchLabels": None}},
    "a key of a ClusterTrustBundle": {
        "trust": {"platform": [{"kind": "ClusterTrustBundle", "name": "a", "key": "b"}]}
    },
    "a signer without selector": {
        "trust": {"platform": [{"kind": "ClusterTrustBundle", "signerName": "example.com/a"}]}
    },
    "a ConfigMap without key": {"trust": {"platform": [{"name": "a"}]}},
}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_effect_or_does_harm_is_refused(charts: helm.Charts, name: str, version: str):
    values, said = REFUSED[name]
    with pytest.raises(helm.Refused) as refused:
        render(charts, values, version)
    assert said in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value)


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("name", BY_SCHEMA)
def test_the_schema_refuses(charts: helm.Charts, name: str, version: str):
    with pytest.raises(helm.Refused, match="values don't meet the specifications of the schema"):
        render(charts, BY_SCHEMA[name], version)


def test_an_old_cluster_is_refused_by_name(charts: helm.Charts):
    with pytest.raises(helm.Refused, match="Kubernetes 1.34, and this is v1.33.9: install Kyverno"):
        render(charts, {}, kubernetes="v1.33.9")
    with pytest.raises(helm.Refused, match="Kubernetes 1.30, and this is v1.29.0: set"):
        render(charts, {"engine": "kyverno"}, kubernetes="v1.29.0")
    render(charts, {**VALUES["least"], "engine": "kyverno"}, kubernetes="v1.29.0")
    bundle = {"trust": {"platform": [{"kind": "ClusterTrustBundle", "name": "a"}]}}
    values = {**VALUES["least"], **bundle, "engine": "kyverno"}
    with pytest.raises(
        helm.Refused, match="ClusterTrustBundle needs Kubernetes 1.33, and this is v1.32"
    ):
        render(charts, values, kubernetes="v1.32.0")


# --- words


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("name", VALUES)
def test_lint_finds_nothing(charts: helm.Charts, name: str, version: str):
    # Lint assumes a cluster that is too old for Helm 3's own version of it.
    values = {**VALUES[name], "engine": "kyverno"} if version == "v3" else VALUES[name]
    said = charts.helm.call(
        "lint",
        version,
        paths=[str(charts.root / CHART)],
        values=values,
        strict=True,
        with_subcharts=True,
    )
    assert '"passed": true' in said, said


def test_notes_say_the_next_two_commands_and_how_to_find_who_was_left_out(charts: helm.Charts):
    notes = charts.notes({}, CHART)
    assert (
        "kubectl -n NAMESPACE create configmap trust-init --from-file=client-ca-chain.pem" in notes
    )
    assert "kubectl label namespace NAMESPACE trust-init/inject=enabled" in notes
    (line,) = (one.strip() for one in notes.splitlines() if "kubectl get pods" in one)
    readme = (helm.REPOSITORY / CHART / "README.md").read_text()
    assert line.replace("NAMESPACE", "customer-acme") in readme


def test_every_value_is_documented():
    keys = values_table.keys(helm.REPOSITORY / CHART / "values.yaml")
    assert {key.path[0] for key in keys} >= {"engine", "parameter", "platformCA", "trust", "verify"}
