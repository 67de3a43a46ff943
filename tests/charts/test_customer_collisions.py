"""What charts/spark-customer refuses, because it would collide with the chart's own or be dropped silently."""

from __future__ import annotations

import pytest
from cases import GIVEN
from pods import mounts
from support import helm

MOUNT = {"name": "mine", "mountPath": "/x"}


def mounted(path: str, **more) -> dict:
    return {
        "volumes": [{"name": "mine", "emptyDir": {}}],
        "volumeMounts": [{**MOUNT, "mountPath": path}],
        **more,
    }


REFUSED: dict[str, tuple[dict, str]] = {
    "a volume named trust": (
        {"spark": {"volumes": [{"name": "trust", "emptyDir": {}}]}},
        "spark.volumes: trust: the chart's own volumes have the names trust, trust-ca and trust-platform-N",
    ),
    "a volume named as the chain's": (
        {"spark": {"driver": {"volumes": [{"name": "trust-ca", "emptyDir": {}}]}}},
        "spark.driver.volumes: trust-ca: the chart's own volumes",
    ),
    "a volume named as a platform CA's": (
        {"spark": {"executor": {"volumes": [{"name": "trust-platform-7", "emptyDir": {}}]}}},
        "spark.executor.volumes: trust-platform-7: the chart's own volumes",
    ),
    "a volume named tmp": (
        {"spark": {"volumes": [{"name": "tmp", "emptyDir": {}}]}},
        "spark.volumes: tmp: the chart's own volume at /tmp has this name: mount yours at /tmp, or rename it",
    ),
    "two volumes of one name": (
        {"spark": {"volumes": [{"name": "a", "emptyDir": {}}, {"name": "a", "emptyDir": {}}]}},
        "spark.volumes: a: two volumes have this name: rename one",
    ),
    "the stores, writable": (
        {"spark": {"volumeMounts": [{"name": "trust", "mountPath": "/mine"}]}},
        "spark.volumeMounts: trust is a volume of the chart's own: mount one of yours",
    ),
    "a mount over the stores": (
        {"spark": mounted("/trust")},
        "spark.volumeMounts: /trust would hide /trust, where the stores are, or be hidden by it",
    ),
    "a mount in the stores": (
        {"spark": {"executor": mounted("/trust/os/")}},
        "spark.executor.volumeMounts: /trust/os would hide /trust",
    ),
    "a mount above the image's own": (
        {"spark": mounted("/etc/ssl")},
        "spark.volumeMounts: /etc/ssl would hide /etc/ssl/certs, where the image's own stores are",
    ),
    "a mount over the chain": (
        {"spark": mounted("/etc/pki/custom-certs/client-ca-chain.pem")},
        "would hide /etc/pki/custom-certs, where the customer's chain is",
    ),
    "a mount over the platform's CAs": (
        {"spark": mounted("/etc/pki/platform-certs/0")},
        "would hide /etc/pki/platform-certs, where the platform's CAs are",
    ),
    "a mount over the root": (
        {"spark": mounted("/")},
        "spark.volumeMounts: nothing can be mounted at",
    ),
    "a mount by way of dots": (
        {"spark": mounted("/x/../trust")},
        'spark.volumeMounts: nothing can be mounted at "/x/../trust": use an absolute path',
    ),
    "a mount over the wrapper": (
        {
            "spark": mounted("/usr/local/bin"),
            "trust": {"mode": "wrapper", "wrapper": {"binary": "/usr/local/bin/trust-init"}},
        },
        "would hide /usr/local/bin/trust-init, the program that builds the stores",
    ),
    "a mount of no volume": (
        {"spark": {"driver": {"volumeMounts": [MOUNT]}}},
        "spark.driver.volumeMounts: mine: the driver's pod has no volume of this name: add it to spark.volumes",
    ),
    "two mounts at one place": (
        {"spark": mounted("/x", conf={"spark.kubernetes.driver.secrets.more": "/x/"})},
        "spark.conf.spark.kubernetes.driver.secrets.more: /x: spark.volumeMounts mounts something there, too",
    ),
    "a Secret over the stores, by a property": (
        {"spark": {"conf": {"spark.kubernetes.executor.secrets.mine": "/trust/java"}}},
        "spark.conf.spark.kubernetes.executor.secrets.mine: /trust/java would hide /trust",
    ),
    "a volume over the stores, by a property": (
        {"spark": {"conf": {"spark.kubernetes.driver.volumes.emptyDir.x.mount.path": "/trust"}}},
        "spark.conf.spark.kubernetes.driver.volumes.emptyDir.x.mount.path: /trust would hide /trust",
    ),
    "a volume named trust, by a property": (
        {"spark": {"conf": {"spark.kubernetes.driver.volumes.hostPath.trust.mount.path": "/x"}}},
        "spark.conf.spark.kubernetes.driver.volumes.hostPath.trust.mount.path: trust is a volume of the chart's",
    ),
    "a volume of one name, by a property": (
        {
            "spark": mounted(
                "/x", conf={"spark.kubernetes.driver.volumes.emptyDir.mine.mount.path": "/y"}
            )
        },
        "spark.conf.spark.kubernetes.driver.volumes.emptyDir.mine.mount.path: mine: two volumes have this name",
    ),
    "scratch space in the stores": (
        {"spark": {"conf": {"spark.local.dir": "/scratch, /trust/x"}}},
        "spark.conf.spark.local.dir: /trust/x would hide /trust",
    ),
    "a label of the chart": (
        {"commonLabels": {"app.kubernetes.io/instance": "x"}},
        "commonLabels: app.kubernetes.io/instance: the chart sets this label: remove yours",
    ),
    "the name": (
        {"spark": {"labels": {"app.kubernetes.io/name": "x"}}},
        "spark.labels: app.kubernetes.io/name: nameOverride sets this label",
    ),
    "a label of Spark": (
        {"spark": {"executor": {"labels": {"spark-role": "x"}}}},
        "spark.executor.labels: spark-role: Spark sets this label",
    ),
    "a label of an operator": (
        {"spark": {"labels": {"sparkoperator.k8s.io/app-name": "x"}}},
        "spark.labels: sparkoperator.k8s.io/app-name: the operator sets this label",
    ),
    "a label of the chart, by a property": (
        {"spark": {"conf": {"spark.kubernetes.driver.label.app.kubernetes.io/component": "x"}}},
        "app.kubernetes.io/component: the chart sets this label",
    ),
    "an annotation of the chart": (
        {"commonAnnotations": {"caBundleHash": "x"}},
        "commonAnnotations: caBundleHash: the chart sets this annotation",
    ),
    "an annotation of a pinned chain": (
        {
            "commonAnnotations": {"argocd.argoproj.io/sync-options": "x"},
            "trust": {"caBundle": {**GIVEN, "pin": True}},
        },
        "commonAnnotations: argocd.argoproj.io/sync-options: the chart sets this annotation of a pinned chain",
    ),
    "an identity for nobody": (
        {"serviceAccount": {"create": False, "name": "other", "annotations": {"a": "b"}}},
        "serviceAccount.annotations: has no effect without serviceAccount.create: annotate ServiceAccount other",
    ),
    "a long name": (
        {"nameOverride": "x" * 50},
        "what the names of objects begin with, is longer than 53: set fullnameOverride",
    ),
    "a line break of Unicode": (
        {"spark": {"nodeSelector": {"a": "x\u0085y"}}},
        "spark: one of its values has a line break of Unicode",
    ),
}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("why", REFUSED)
def test_refused_with_a_sentence(charts: helm.Charts, version: str, why: str):
    values, sentence = REFUSED[why]
    values = {"trust": {"caBundle": GIVEN}, **values}
    with pytest.raises(helm.Refused) as refused:
        charts.render(values, version=version)
    assert sentence in str(refused.value)


MISTYPED = {
    "a toleration with an unknown field": (
        {"tolerations": [{"keys": "a"}]},
        "additional properties 'keys'",
    ),
    "a volume of two kinds": (
        {"volumes": [{"name": "a", "emptyDir": {}, "secret": {}}]},
        "/spark/volumes/0",
    ),
    "a volume of an unknown kind": (
        {"volumes": [{"name": "a", "configmap": {}}]},
        "/spark/volumes/0",
    ),
    "a spread without a place": (
        {"driver": {"topologySpreadConstraints": [{"maxSkew": 1}]}},
        "topologyKey",
    ),
    "a number for a variable": ({"env": [{"name": "A", "value": 1}]}, "/spark/env/0/value"),
    "a list for labels": ({"labels": ["a"]}, "/spark/labels"),
    "a memory that Spark cannot read": ({"driver": {"memoryOverhead": "1Gi"}}, "memoryOverhead"),
}


@pytest.mark.parametrize("why", MISTYPED)
def test_the_schema_refuses_what_kubernetes_would_drop(charts: helm.Charts, why: str):
    """Spark reads a pod template and passes over what it does not know."""
    spark, words = MISTYPED[why]
    with pytest.raises(helm.Refused, match="specifications of the schema") as refused:
        charts.render({"spark": spark})
    assert words in str(refused.value)


def test_own_scratch_space_takes_the_place_of_the_chart_s(charts: helm.Charts):
    spark = mounted("/tmp/") | {"volumes": [{"name": "mine", "emptyDir": {"sizeLimit": "1Gi"}}]}
    for template in helm.pod_templates(charts.render({"spark": spark})).values():
        places = [
            one["mountPath"].rstrip("/")
            for one in template["spec"]["containers"][0]["volumeMounts"]
        ]
        assert places.count("/tmp") == 1
        assert "tmp" not in [one["name"] for one in template["spec"]["volumes"]]


def test_without_trust_its_places_are_free(charts: helm.Charts):
    documents = charts.render({"spark": mounted("/etc/ssl/certs"), "trust": {"enabled": False}})
    (main,) = helm.pod_templates(documents)["driver"]["spec"]["containers"]
    assert "/etc/ssl/certs" in mounts(main)
