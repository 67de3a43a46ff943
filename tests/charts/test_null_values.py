"""With null, a later values file removes one entry of an earlier one: it is rendered as if it had never been there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cases import GIVEN
from support import helm

SPREAD = {"requiredDuringSchedulingIgnoredDuringExecution": []}
TEXTS = {"kept": "1", "removed": "2"}
# Each map whose entries a user chooses, or that goes to Kubernetes as it is. The last entry is removed.
MAPS: dict[str, dict] = {
    "commonLabels": TEXTS,
    "commonAnnotations": TEXTS,
    "serviceAccount.annotations": TEXTS,
    "podSecurityContext": {"runAsUser": 185, "fsGroup": 185},
    "podSecurityContext.seccompProfile": {"type": "Localhost", "localhostProfile": "a.json"},
    "securityContext": {"runAsUser": 185, "privileged": False},
    "securityContext.capabilities": {"drop": ["ALL"], "add": ["CHOWN"]},
    "spark.conf": {"spark.kept": "1", "spark.removed": "2"},
    "spark.labels": TEXTS,
    "spark.annotations": TEXTS,
    "spark.nodeSelector": TEXTS,
    "spark.affinity": {"podAffinity": {}, "nodeAffinity": {}},
    "spark.affinity.podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [], **SPREAD},
    "spark.dnsConfig": {"nameservers": ["192.0.2.4"], "searches": ["example.com"]},
    "spark.driver.labels": TEXTS,
    "spark.executor.annotations": TEXTS,
    "spark.driver.nodeSelector": TEXTS,
    "spark.executor.affinity": {"podAffinity": SPREAD, "nodeAffinity": {}},
    "spark.driver": {"priorityClassName": "high", "dnsPolicy": "Default"},
    "spark.executor": {"env": [{"name": "A", "value": "b"}], "tolerations": [{"key": "a"}]},
    "trust.resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1m"}},
    "trust.resources.limits": {"cpu": "1", "example.com/disk": "2"},
    "trust.securityContext": {"runAsNonRoot": True, "runAsUser": 185},
}


def nested(path: str, value: object) -> dict:
    for part in reversed(path.split(".")):
        value = {part: value}
    return value


def merged(parts: Iterator[dict]) -> dict:
    """As Helm merges values files."""
    whole: dict = {}
    for part in parts:
        for key, value in part.items():
            both = isinstance(value, dict) and isinstance(whole.get(key), dict)
            whole[key] = merged(iter((whole[key], value))) if both else value
    return whole


REMOVED = {path: next(reversed(entries)) for path, entries in MAPS.items()}


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("run", ["spark-submit", "kubeflow", "apache"])
def test_null_removes_one_entry_of_a_map(charts: helm.Charts, tmp_path: Path, run: str, version: str):
    def file(name: str, content: dict) -> Path:
        (tmp_path / name).write_text(yaml.safe_dump(content))
        return tmp_path / name

    def rendered(*files: Path) -> list[dict]:
        return charts.render({}, version=version, values_files=(file("base.yaml", base), *files))

    base = {"run": run, "trust": {"caBundle": GIVEN}}
    every = file("every.yaml", merged(nested(*one) for one in MAPS.items()))
    nulls = file("nulls.yaml", merged(nested(path, {name: None}) for path, name in REMOVED.items()))
    kept = merged(nested(path, {k: v for k, v in MAPS[path].items() if k != name}) for path, name in REMOVED.items())
    expected = rendered(file("kept.yaml", kept), file("requests.yaml", {"trust": {"resources": {"requests": None}}}))
    assert rendered(every, nulls) == expected
    # Each was there, and nothing is null; nor where no earlier file has the entry.
    text = json.dumps(rendered(every))
    assert all(name in text for name in REMOVED.values())
    alone = rendered(nulls)
    for documents in (expected, alone):
        text = json.dumps(documents)
        assert "null" not in text and "<nil>" not in text


def test_a_role_s_null_leaves_what_is_for_both(charts: helm.Charts):
    spark = {"labels": {"team": "data"}, "driver": {"labels": {"team": None}}}
    templates = helm.pod_templates(charts.render({"commonLabels": {"a": "b"}, "spark": spark}))
    assert templates["driver"]["metadata"]["labels"]["team"] == "data"


def test_what_null_removes_is_not_refused(charts: helm.Charts):
    """A later file mends what an earlier one should not have had."""
    values = {
        "commonLabels": {"app.kubernetes.io/name": None},
        "spark": {
            "conf": {
                "spark.local.dir": None,
                "spark.kubernetes.container.image": None,
                "spark.kubernetes.driver.secrets.a": None,
                "spark.kubernetes.driver.label.spark-role": None,
            }
        },
        "serviceAccount": {"create": False, "name": "other", "annotations": {"a": None}},
    }
    assert charts.render(values) == charts.render({"serviceAccount": {"create": False, "name": "other"}})


@pytest.mark.parametrize("version", helm.VERSIONS)
def test_null_removes_a_label_that_opts_in(charts: helm.Charts, version: str):
    def rendered(selector: dict) -> list[dict]:
        return charts.render({"namespaceSelector": selector}, "charts/trust-inject", version)

    one = rendered({"matchLabels": {"example.com/a": None}, "matchExpressions": None})
    assert one == rendered({})
    with pytest.raises(helm.Refused, match="namespaceSelector.matchLabels: is empty"):
        rendered({"matchLabels": {"trust-init/inject": None, "example.com/a": None}})
