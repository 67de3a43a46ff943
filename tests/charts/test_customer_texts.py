"""Labels, annotations and node selectors of charts/spark-customer: exactly what the values say, or refused by place."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import GIVEN
from support import helm

LONG = "x" * 63
PREFIX = ".".join(["x" * 62] * 4)

# Values as YAML, because a number in it is what a user wrote, and what the chart says.
REFUSED = {
    "a label with a space": (
        "commonLabels: {team: data science}",
        'commonLabels: team: "data science" cannot be the value of a label: use at most 63 letters, digits',
    ),
    "a long label": (
        f"spark: {{labels: {{team: {LONG}x}}}}",
        "cannot be the value of a label: use at most 63 letters",
    ),
    "a label that ends with a dash": (
        "spark: {driver: {labels: {team: data-}}}",
        'spark.driver.labels: team: "data-" cannot be the value of a label',
    ),
    "a negative number": (
        "commonLabels: {level: -1}",
        'commonLabels: level: "-1" cannot be the value of a label',
    ),
    "an address in a label": (
        "commonLabels: {owner: a@example.com}",
        'commonLabels: owner: "a@example.com" cannot be the value of a label',
    ),
    "a label by a property": (
        "spark: {conf: {spark.kubernetes.executor.label.team: a b}}",
        'spark.conf.spark.kubernetes.executor.label.team: team: "a b" cannot be the value of a label',
    ),
    "a node selector": (
        "spark: {executor: {nodeSelector: {pool: a b}}}",
        'spark.executor.nodeSelector: pool: "a b" cannot be the value of a node selector',
    ),
    "a node selector by a property": (
        "spark: {conf: {spark.kubernetes.node.selector.pool: a b}}",
        'pool: "a b" cannot be the value of a node selector',
    ),
    "a name with a space": (
        "commonLabels: {the team: data}",
        'commonLabels: "the team" cannot be the name of a label: use at most 63 letters',
    ),
    "a long name": (f"commonLabels: {{{LONG}x: data}}", "cannot be the name of a label"),
    "a name with two slashes": (
        "spark: {annotations: {a/b/c: data}}",
        'spark.annotations: "a/b/c" cannot be the name of an annotation',
    ),
    "a prefix in capitals": (
        "commonLabels: {Example.com/team: data}",
        'commonLabels: "Example.com/team" cannot be the name of a label',
    ),
    "a long prefix": (f"commonLabels: {{{PREFIX}xxx/team: data}}", "cannot be the name of a label"),
    "an annotation of the ServiceAccount": (
        "serviceAccount: {annotations: {a b: data}}",
        'serviceAccount.annotations: "a b" cannot be the name of an annotation',
    ),
    "a number that Helm rounds": (
        "commonLabels: {build: 12345678901234567890}",
        "commonLabels: build: 1.2345678901234567e+19 is a number of more digits than Helm keeps: quote it",
    ),
    "a number that Helm would write otherwise": (
        "spark: {annotations: {build: 1e21}}",
        "spark.annotations: build: 1e+21 is a number of more digits than Helm keeps: quote it",
    ),
    "a number just above what a float holds": (
        "spark: {nodeSelector: {build: -9007199254740993}}",
        "spark.nodeSelector: build: -9.007199254740992e+15 is a number of more digits than Helm keeps: quote it",
    ),
    "a version": (
        "commonLabels: {version: 3.10}",
        "commonLabels: version: 3.1 has a fraction, and Helm takes 1.10 for 1.1: quote it",
    ),
    "a property that Helm rounds": (
        "spark: {conf: {spark.app.build: 12345678901234567890}}",
        "spark.conf.spark.app.build: 1.2345678901234567e+19 is a number of more digits than Helm keeps: quote it",
    ),
    "a hook": (
        "commonAnnotations: {helm.sh/hook: pre-install}",
        "commonAnnotations: helm.sh/hook: Helm acts on this annotation: remove yours",
    ),
    "a ServiceAccount as a hook": (
        "serviceAccount: {annotations: {helm.sh/hook: pre-install}}",
        "serviceAccount.annotations: helm.sh/hook: Helm acts on this annotation",
    ),
    "an object that stays": (
        "commonAnnotations: {helm.sh/resource-policy: keep}",
        "commonAnnotations: helm.sh/resource-policy: Helm acts on this annotation",
    ),
    "a test that stays": (
        "spark: {annotations: {helm.sh/hook-delete-policy: hook-succeeded}}",
        "spark.annotations: helm.sh/hook-delete-policy: Helm acts on this annotation",
    ),
    "an object of another release": (
        "commonAnnotations: {meta.helm.sh/release-name: other}",
        "commonAnnotations: meta.helm.sh/release-name: Helm acts on this annotation",
    ),
}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("why", REFUSED)
def test_refused_with_its_place(charts: helm.Charts, tmp_path: Path, version: str, why: str):
    text, sentence = REFUSED[why]
    (tmp_path / "values.yaml").write_text(text)
    with pytest.raises(helm.Refused) as refused:
        charts.render({}, version=version, values_files=(tmp_path / "values.yaml",))
    assert sentence in str(refused.value)


VALID = {
    "commonLabels": {"empty": "", "a": LONG, f"{PREFIX[:-1]}/{LONG}": "A_b.c-1", "n": 9007199254740991, "t": True},
    "commonAnnotations": {"Example.com/Owner": "a@example.com: any text, however long" * 9, "n": 7},
    "spark": {"nodeSelector": {"kubernetes.io/arch": "amd64"}, "conf": {"spark.memory.fraction": 0.6}},
    "trust": {"caBundle": GIVEN},
}


@pytest.mark.parametrize("version", helm.VERSIONS)
def test_what_kubernetes_takes_is_rendered_as_it_is(charts: helm.Charts, version: str):
    documents = charts.render(VALID, version=version)
    labels = VALID["commonLabels"] | {"n": "9007199254740991", "t": "true"}
    annotations = VALID["commonAnnotations"] | {"n": "7"}
    templates = helm.pod_templates(documents).values()
    for one in (*documents, *templates):
        assert labels.items() <= one["metadata"]["labels"].items()
        assert annotations.items() <= one["metadata"]["annotations"].items()
    assert helm.spark_conf(documents)["spark.memory.fraction"] == "0.6"


@pytest.mark.parametrize("version", helm.VERSIONS)
def test_a_label_that_no_namespace_can_have_is_refused(charts: helm.Charts, version: str):
    values = {"namespaceSelector": {"matchLabels": {"example.com/a": "b c"}}}
    with pytest.raises(helm.Refused, match='matchLabels: example.com/a: "b c" cannot be the value of a label'):
        charts.render(values, "charts/trust-inject", version)
