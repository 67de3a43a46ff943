"""What a user reads after an installation."""

from __future__ import annotations

import hashlib
import re

import pytest
from cases import CORPORATE, GIVEN, HASH, PEM, RAW, RUNS, TRUST, chart_of, values_of
from support import helm

SHA256 = hashlib.sha256(PEM.encode()).hexdigest()

SAID: dict[str, tuple[dict, str]] = {
    "off": (TRUST["off"], "trust: disabled. Pods trust what their image trusts."),
    "chain": (
        TRUST["chain"],
        f"trust: the customer's chain is in ConfigMap acme-trust-ca, caBundleHash {SHA256}.",
    ),
    "release": (TRUST["chain"], "the chain is also stored in the Secret of this Helm release"),
    "existing": (
        TRUST["existing"],
        "the customer's chain comes from ConfigMap from-trust-manager, key bundle.pem.",
    ),
    "optional": (
        TRUST["optional"],
        "trust.optional is set. Without that object, its key or its content, pods start with what the base",
    ),
    "platform": (TRUST["platform-only"], "no customer chain is set. Pods trust the platform's CAs"),
    "nothing": ({}, "neither a customer chain nor a platform CA is set, so nothing is added. Set trust."),
    "wrapper": (TRUST["wrapper"], "mode wrapper mounts nothing over /etc/ssl/certs"),
    "raw": (
        TRUST["older-values"],
        "trust.env.SSL_CERT_FILE names the raw chain, which lacks the public roots. Pods get the merged",
    ),
    "raw, wrapper": (
        {**TRUST["wrapper"], "env": {"SSL_CERT_FILE": RAW}},
        "trust.env.SSL_CERT_FILE names the raw chain, which lacks the public roots. It is removed here",
    ),
}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("run", ["spark-submit", "deployment"])
@pytest.mark.parametrize("what", SAID)
def test_notes_say_it(charts: helm.Charts, version: str, run: str, what: str):
    trust, sentence = SAID[what]
    assert sentence in charts.notes(values_of(run, trust), chart_of(run), version)


@pytest.mark.parametrize("run", RUNS)
def test_notes_read_well(charts: helm.Charts, run: str):
    for trust in TRUST.values():
        notes = charts.notes(values_of(run, trust), chart_of(run))
        # Neither gaps of a template nor its leavings, nor the chain.
        assert not re.search(r"\n\n\n|<no value>|map\[|%!|BEGIN", notes), notes
        assert not [line for line in notes.splitlines() if line != line.rstrip()], notes


@pytest.mark.parametrize("version", helm.VERSIONS)
def test_the_test_is_named_where_there_is_one(charts: helm.Charts, version: str):
    command = "helm test acme --namespace "
    hosts = {"hosts": ["login.example.com"]}
    assert command in charts.notes({"trust": TRUST["chain"], "test": hosts}, version=version)
    assert command not in charts.notes({"trust": TRUST["chain"]}, version=version)
    assert command not in charts.notes({"trust": TRUST["off"], "test": hosts}, version=version)


def test_a_property_that_spark_does_not_know_is_named(charts: helm.Charts):
    conf = {"spark.kubernetes.executorEnv.X": "1", "spark.executorEnv.SSL_CERT_FILE": RAW}
    notes = charts.notes({"spark": {"conf": conf}, "trust": {"caBundle": GIVEN}})
    assert "spark.kubernetes.executorEnv.X: Spark has no such property" in notes
    assert "Use spark.executorEnv.X." in notes
    assert "spark.executorEnv.SSL_CERT_FILE names the raw chain" in notes


def test_what_cannot_roll_is_named(charts: helm.Charts):
    existing = {"name": "x", "key": "y"}
    trust = {"caBundle": {"existing": existing}, "platform": [CORPORATE]}
    sentence = "a new chain in x does not roll the pods, because the chart does not know its hash."
    assert sentence in charts.notes({"trust": trust}, "examples/deployment")
    assert sentence not in charts.notes({"trust": trust})
    trust["caBundle"] = {"existing": {**existing, "sha256": HASH}}
    assert sentence not in charts.notes({"trust": trust}, "examples/deployment")


def test_the_command_lines_name_what_is_there(charts: helm.Charts):
    values = {"trust": TRUST["chain"]}
    notes = charts.notes(values)
    documents = charts.render(values)
    assert helm.object_of(documents, "ConfigMap", "acme-spark")
    assert "kubectl -n customer-acme get configmap acme-spark -o yaml" in notes
    assert "--properties-file /etc/spark-trust/spark.properties" in notes
    (label,) = re.findall(r"pod -l (\S+)", notes)
    key, _, value = label.partition("=")
    for template in helm.pod_templates(documents).values():
        assert template["metadata"]["labels"][key] == value
