"""What is refused when a chart is rendered, with a sentence that says where, what and the remedy."""

from __future__ import annotations

import base64
import textwrap

import pytest
from cases import GIVEN, PEM, chart_of
from support import environment, helm

KEY = (
    "-----BEGIN {}PRIVATE KEY-----\nc2VjcmV0LW9mLXRoZS1jdXN0b21lcg==\n-----END {}PRIVATE KEY-----\n"
)
EXISTING = {"name": "x", "key": "y"}

REFUSED: dict[str, tuple[dict, str]] = {
    "private key": (
        {"caBundle": {"pem": PEM + KEY.format("", "")}},
        "trust.caBundle.pem: found a private key. Remove it; only the CA's certificates belong here. If",
    ),
    "private key, RSA": (
        {"caBundle": {"pem": KEY.format("RSA ", "RSA ") + PEM}},
        "trust.caBundle.pem: found a private key",
    ),
    "private key, encrypted": (
        {"caBundle": {"pem": PEM + KEY.format("ENCRYPTED ", "ENCRYPTED ")}},
        "trust.caBundle.pem: found a private key",
    ),
    "too large": (
        {"caBundle": {"pem": PEM + "#" * 65536}},
        "bytes, and the limit is 65536 (trust.policy.maxSize): give only the customer's own CAs",
    ),
    "too large, by a limit in MiB": (
        {"caBundle": {"pem": PEM + "#" * 1048576}, "policy": {"maxSize": "1MiB"}},
        "bytes, and the limit is 1048576 (trust.policy.maxSize)",
    ),
    "too large, by a number": (
        {"caBundle": {"pem": PEM}, "policy": {"maxSize": 100}},
        "bytes, and the limit is 100 (trust.policy.maxSize)",
    ),
    "no certificate": (
        {"caBundle": {"pem": "see the attachment"}},
        "trust.caBundle.pem: found no BEGIN CERTIFICATE: give the content of a PEM file (--set-file",
    ),
    "a certificate request": (
        {"caBundle": {"pem": "-----BEGIN CERTIFICATE REQUEST-----\n"}},
        "trust.caBundle.pem: found no BEGIN CERTIFICATE",
    ),
    "a path for a name": (
        {"caBundle": GIVEN, "fileName": "certs/chain.pem"},
        'trust.fileName: "certs/chain.pem" cannot be a key of a ConfigMap: use only letters, digits',
    ),
    "a name with a space": (
        {"caBundle": GIVEN, "fileName": "my chain.pem"},
        "put the path into trust.mountPath",
    ),
    "a hidden name": (
        {"caBundle": GIVEN, "fileName": "..data"},
        "trust.fileName: \"..data\" cannot be a key of a ConfigMap: it must not be empty or '.', start",
    ),
    "no name": ({"caBundle": GIVEN, "fileName": ""}, 'trust.fileName: "" cannot be a key'),
    "a long name": ({"caBundle": GIVEN, "fileName": "a" * 254}, "be longer than 253"),
    "pem and existing": (
        {"caBundle": {**GIVEN, "existing": EXISTING}},
        "trust.caBundle: both pem and existing are set, and they may differ: keep one of them",
    ),
    "existing without a key": (
        {"caBundle": {"existing": {"name": "x"}}},
        "trust.caBundle.existing.key: is empty: set it to the key of ConfigMap x",
    ),
    "existing without a name": (
        {"caBundle": {"existing": {"key": "x"}}},
        "trust.caBundle.existing.name: is empty, but key or sha256 is set",
    ),
    "pin without a chain": (
        {"caBundle": {"pin": True, "existing": EXISTING}},
        "trust.caBundle.pin: needs the chain in trust.caBundle.pem",
    ),
    "a pinned object under a sidecar": (
        {"mode": "sidecar", "caBundle": {**GIVEN, "pin": True}},
        "trust.caBundle.pin: a pinned object never changes, so mode sidecar would watch in vain",
    ),
    "prebuilt, with a chain": (
        {"mode": "prebuilt", "caBundle": GIVEN},
        "trust.caBundle: has no effect in mode prebuilt, which builds nothing: give the chain to trust-init render",
    ),
    "prebuilt, with an object": (
        {"mode": "prebuilt", "caBundle": {"existing": EXISTING}},
        "trust.caBundle: has no effect in mode prebuilt",
    ),
    "prebuilt, with a base": (
        {"mode": "prebuilt", "base": "none"},
        "trust.base: has no effect in mode prebuilt, which builds nothing: give the base to trust-init render",
    ),
    "prebuilt, with a platform": (
        {"mode": "prebuilt", "platform": [{"name": "x", "key": "y"}]},
        "trust.platform: has no effect in mode prebuilt",
    ),
    "prebuilt, with a policy": (
        {"mode": "prebuilt", "policy": {"deny": ["expired"]}},
        "trust.policy: has no effect in mode prebuilt",
    ),
    "prebuilt, with the name of another object": (
        {"mode": "prebuilt", "prebuilt": {"names": {"os": "x"}}},
        "trust.prebuilt.names.os: these values mount no such object, only java, pem",
    ),
    "prebuilt, with a roll": (
        {"mode": "prebuilt", "rollOnChange": True},
        "trust.rollOnChange: mode prebuilt does not know the chain's hash: run trust-init render",
    ),
    "prebuilt, with an optional chain": (
        {"mode": "prebuilt", "optional": True},
        "trust.optional: has no effect in mode prebuilt, which builds nothing: give --optional to trust-init render",
    ),
    "optional, with a chain": (
        {"optional": True, "caBundle": GIVEN},
        "trust.optional: only an object of trust.caBundle.existing can be missing: name it there",
    ),
    "optional, without a chain": (
        {"optional": True},
        "trust.optional: only an object of trust.caBundle.existing can be missing",
    ),
    "optional, with a hash": (
        {"optional": True, "caBundle": {"existing": {**EXISTING, "sha256": "0" * 64}}},
        "trust.optional: a chain that may be missing cannot have the hash of trust.caBundle.existing.sha256",
    ),
    "optional, with nothing else": (
        {"optional": True, "base": "none", "caBundle": {"existing": EXISTING}},
        "trust.optional: with base none and without trust.platform, a missing chain would leave nothing to trust",
    ),
    "nothing to trust": (
        {"base": "none"},
        "trust.base: none, without a chain and a platform CA, leaves nothing to trust",
    ),
    "mounted over the stores": (
        {"caBundle": GIVEN, "mountPath": "/trust"},
        "would hide each other: use another path",
    ),
    "mounted in the stores": (
        {"caBundle": GIVEN, "mountPath": "/trust/in/"},
        "would hide each other: use another path",
    ),
    "mounted above the image's own": (
        {"caBundle": GIVEN, "mountPath": "/etc/ssl"},
        'trust.mountPath: "/etc/ssl" and /etc/ssl/certs, where the stores are mounted',
    ),
    "mounted at the root": ({"caBundle": GIVEN, "mountPath": "/"}, "use an absolute path"),
    "mounted nowhere": ({"caBundle": GIVEN, "mountPath": "certs"}, "use an absolute path"),
    "mounted by way of dots": (
        {"caBundle": GIVEN, "mountPath": "/opt/../trust"},
        "use an absolute path",
    ),
}


KEYS = environment.REPOSITORY / "tests/vectors/keys"
#: Text that the chart's patterns do not know, and trust-init does.
NOT_IN_THE_CHART = {"alias-trusted-base64.pem", "minisign.key", "signify.sec", "wireguard.conf"}


def pasted_keys() -> dict[str, str]:
    """The keys of tests/vectors as people paste them: text, text in base64, DER in base64."""
    pasted = {}
    for file in sorted(KEYS.iterdir()):
        content = file.read_bytes()
        encoded = base64.b64encode(content).decode()
        if file.suffix == ".der":
            pasted[f"{file.name} in base64"] = encoded
            pasted[f"{file.name} at 32 columns"] = "\n".join(textwrap.wrap(encoded, 32))
        elif file.suffix in {".pem", ".key", ".ppk", ".txt", ".json", ".xml", ".private", ".asc"}:
            if file.name not in NOT_IN_THE_CHART and file.name != "forms.json":
                pasted[file.name] = content.decode()
            if b"PRIVATE KEY-" in content and file.name not in NOT_IN_THE_CHART:
                pasted[f"{file.name} in base64"] = f"tls.key: {encoded}"
    return pasted


@pytest.mark.parametrize("name", pasted_keys())
def test_a_private_key_is_refused_in_the_forms_that_people_paste(charts: helm.Charts, name: str):
    pem = f"{PEM}\n{pasted_keys()[name]}\n"
    with pytest.raises(helm.Refused, match="found a private key"):
        charts.render({"trust": {"caBundle": {"pem": pem}}})


def test_certificates_are_no_private_keys(charts: helm.Charts):
    files = sorted((KEYS.parent / "certificates").glob("*.der"))
    assert len(files) > 100
    lines = (base64.encodebytes(file.read_bytes()).decode() for file in files)
    pem = "".join(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n" for body in lines)
    trust = {"caBundle": {"pem": pem}, "policy": {"maxSize": "1MiB"}}
    assert charts.render({"trust": trust})


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("why", REFUSED)
def test_refused_with_a_sentence(charts: helm.Charts, version: str, why: str):
    trust, sentence = REFUSED[why]
    with pytest.raises(helm.Refused) as refused:
        charts.render({"trust": trust}, version=version)
    said = str(refused.value)
    assert sentence in said
    # What is in a chain ends in no log.
    assert "c2VjcmV0" not in said and "MII" not in said and "####" not in said


@pytest.mark.parametrize("run", ["spark-submit", "kubeflow", "apache", "deployment"])
def test_refused_however_it_is_run(charts: helm.Charts, run: str):
    values = {"trust": REFUSED["private key"][0]}
    with pytest.raises(helm.Refused, match="found a private key"):
        charts.render(values | ({} if run == "deployment" else {"run": run}), chart_of(run))


MISTYPED = {
    "an unknown key": ({"caBundel": {}}, "additional properties 'caBundel' not allowed"),
    "an unknown key below": ({"caBundle": {"path": "x"}}, "additional properties 'path'"),
    "an unknown base": ({"base": "auto"}, "'image', 'image-os', 'mozilla', 'none'"),
    "an unknown layout": ({"osLayout": "alpine"}, "'debian', 'rhel', 'suse'"),
    "an unknown rule": ({"policy": {"allow": ["privatekey"]}}, "/policy/allow/0"),
    "a fixed rule": ({"policy": {"allow": ["private-key"]}}, "/policy/allow/0"),
    "an unknown mode": ({"mode": "side-car"}, "'init', 'wrapper', 'sidecar', 'prebuilt'"),
    "an unknown object": ({"prebuilt": {"names": {"jvm": "x"}}}, "'/prebuilt/names': additional"),
    "a hash that is none": ({"caBundle": {"existing": {"sha256": "abc"}}}, "sha256"),
    "a number for a variable": ({"env": {"SSL_CERT_FILE": 1}}, "/env/SSL_CERT_FILE"),
    "a platform without a key": ({"platform": [{"name": "x"}]}, "/platform/0"),
    "a cluster's bundle with a key": (
        {"platform": [{"kind": "ClusterTrustBundle", "name": "x", "key": "y"}]},
        "/platform/0",
    ),
    "a cluster's bundle by name and signer": (
        {"platform": [{"kind": "ClusterTrustBundle", "name": "x", "signerName": "example.com/x"}]},
        "/platform/0",
    ),
    "a signer without a selector": (
        {"platform": [{"kind": "ClusterTrustBundle", "signerName": "example.com/x"}]},
        "/platform/0",
    ),
    "a signer of a ConfigMap": (
        {"platform": [{"name": "x", "key": "y", "signerName": "example.com/x"}]},
        "/platform/0",
    ),
    "a word for a switch": ({"rollOnChange": "yes"}, "/rollOnChange"),
}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("why", MISTYPED)
def test_the_schema_refuses_what_is_mistyped(charts: helm.Charts, version: str, why: str):
    trust, words = MISTYPED[why]
    with pytest.raises(helm.Refused, match="specifications of the schema") as refused:
        charts.render({"trust": trust}, version=version)
    assert words in str(refused.value)


def test_a_cluster_s_bundle_needs_a_cluster_that_has_them(charts: helm.Charts):
    values = {"trust": {"platform": [{"kind": "ClusterTrustBundle", "name": "x"}]}}
    charts.render(values, kubernetes="v1.33.0")
    with pytest.raises(helm.Refused, match="ClusterTrustBundle needs Kubernetes 1.33, and this is v1.32.9: use"):
        charts.render(values, kubernetes="v1.32.9")


def test_off_is_off_whatever_else_is_wrong(charts: helm.Charts):
    trust = {"enabled": False, **REFUSED["pem and existing"][0]}
    assert "initContainers" not in str(charts.render({"trust": trust}))


def test_a_mount_elsewhere_is_fine_without_the_image_s_place(charts: helm.Charts):
    trust = {"caBundle": GIVEN, "mountPath": "/etc/ssl/certs", "updateOsTrust": False}
    documents = charts.render({"trust": trust})
    (main,) = helm.pod_templates(documents)["driver"]["spec"]["containers"]
    assert "/etc/ssl/certs" in [mount["mountPath"] for mount in main["volumeMounts"]]


@pytest.mark.parametrize("run", ["spark-submit", "kubeflow", "apache"])
@pytest.mark.parametrize(
    "name",
    [
        "spark.kubernetes.driver.podTemplateFile",
        "spark.kubernetes.executor.podTemplateContainerName",
        "spark.kubernetes.container.image",
        "spark.kubernetes.executor.container.image",
    ],
)
def test_properties_that_would_lose_the_trust_are_refused(charts: helm.Charts, run: str, name: str):
    values = {"run": run, "spark": {"conf": {name: "x"}}, "trust": {"caBundle": GIVEN}}
    with pytest.raises(helm.Refused) as refused:
        charts.render(values)
    assert f"spark.conf.{name}: the chart sets this property, because the pod template" in str(refused.value)
    # Without trust there is nothing to lose.
    values["trust"]["enabled"] = False
    assert helm.spark_conf(charts.render(values))[name] == "x"


# --- values that would write YAML of their own

# Whatever comes before it: a new key, a new container, a new object.
HOSTILE = (
    'x"\n    privileged: true\n---\nkind: Pod\n',
    "x\n- name: evil\n  image: evil\n",
    "x: {y: z} # &a *b",
    "{{ fail }} ${X} %s",
    "a\u2028- name: evil\u0085- name: evil",
)
# Strings that a customer may set, with the run that shows them.
STRINGS = {
    "trust.caBundle.reason": "spark-submit",
    "trust.env.EXAMPLE": "spark-submit",
    "trust.resources.limits.cpu": "spark-submit",
    "trust.securityContext.seLinuxOptions.level": "kubeflow",
    "podSecurityContext.fsGroupChangePolicy": "spark-submit",
    "securityContext.procMount": "spark-submit",
    "trust.mountPath": "spark-submit",
    "trust.fileName": "spark-submit",
    "trust.image.registry": "kubeflow",
    "trust.image.repository": "apache",
    "trust.image.tag": "kubeflow",
    "trust.volume.sizeLimit": "kubeflow",
    "trust.wrapper.binary": "kubeflow",
    "trust.caBundle.existing.name": "kubeflow",
    "trust.prebuilt.name": "kubeflow",
    "trust.prebuilt.names.pem": "spark-submit",
    "trust.caBundle.existing.key": "kubeflow",
    "spark.version": "kubeflow",
    "spark.image": "kubeflow",
    "spark.mainApplicationFile": "kubeflow",
    "spark.mainClass": "apache",
    "spark.driver.memory": "kubeflow",
    "spark.executor.memory": "spark-submit",
    "spark.templates": "spark-submit",
    "spark.conf": "spark-submit",
    "serviceAccount.name": "kubeflow",
    "serviceAccount.annotations.example": "kubeflow",
    "commonLabels.example": "spark-submit",
    "commonAnnotations.example": "spark-submit",
    "nameOverride": "spark-submit",
    "fullnameOverride": "kubeflow",
    "spark.labels.example": "spark-submit",
    "spark.nodeSelector.example": "spark-submit",
    "spark.priorityClassName": "spark-submit",
    "spark.schedulerName": "kubeflow",
    "spark.driver.coreLimit": "kubeflow",
    "spark.driver.memoryOverhead": "spark-submit",
    "spark.executor.annotations.example": "spark-submit",
}


def shape(one: object) -> object:
    """What is where, without the texts."""
    if isinstance(one, dict):
        return {key: shape(value) for key, value in one.items()}
    if isinstance(one, list):
        return [shape(value) for value in one]
    return type(one).__name__


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("path", STRINGS)
def test_a_text_stays_a_text(charts: helm.Charts, path: str, hostile: str):
    """Or is refused: else values could write what trust-locked.yaml forbids."""

    def documents(text: str) -> list[dict]:
        values: dict = {"run": STRINGS[path], "trust": {"caBundle": dict(GIVEN)}}
        if "existing" in path:
            values["trust"]["caBundle"] = {"existing": dict(EXISTING)}
        if "wrapper" in path:
            values["trust"]["mode"] = "wrapper"
        if "prebuilt" in path:
            values["trust"] = {"mode": "prebuilt"}
        at = values
        *parents, last = path.split(".")
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = {"spark.example": text} if path == "spark.conf" else text
        return charts.render(values)

    harmless = {"spark.driver.coreLimit": "1", "spark.driver.memoryOverhead": "1"}
    harmless |= {"trust.mountPath": "/x", "spark.templates": "/x", "trust.wrapper.binary": "/x"}
    expected = documents(harmless.get(path, "x"))
    prefix = "/" if harmless.get(path) == "/x" else ""
    try:
        found = documents(prefix + hostile)
    except helm.Refused:
        return
    assert shape(found) == shape(expected)
    assert shape(helm.pod_templates(found)) == shape(helm.pod_templates(expected))
    if STRINGS[path] == "spark-submit":
        assert set(helm.spark_conf(found)) == set(helm.spark_conf(expected))
