"""Text in values never ends a line or a block of YAML: what comes out has exactly what went in, or is refused."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator

import pytest
from cases import CORPORATE, GIVEN
from support import helm

# What no reader takes as it is, and text that ends a value, a block or a document.
HOSTILE = "x\ufeff\x7f\x80\x9f: #&*!|>'\"%@`{}[],\\ \t\n---\nkind: Pod\r\n\uffff é"
# Line ends of YAML 1.1. spark-customer refuses them.
LINES = "x\u0085---\u2028  - y: z\u2029kind: Pod"
MARKER = "marker"

TRUST = {
    "caBundle": {"existing": {"name": "chain", "key": "ca.crt"}},
    "env": {"NAME": "value"},
    "platform": [CORPORATE],
    "image": {"registry": "registry.example.com", "repository": "trust-init", "tag": "1"},
    "volume": {"sizeLimit": "32Mi"},
    "wrapper": {"command": ["/entry"]},
}
VALUES = {
    "trust": TRUST,
    "spark": {
        "image": "registry.example.com/spark",
        "version": "4.0.1",
        "mainApplicationFile": "local:///x.py",
        "mainClass": "x",
        "arguments": ["a"],
        "conf": {"spark.x": "y"},
        "env": [{"name": "A", "value": "b"}],
        "labels": {"a": "b"},
        "annotations": {"a": "b"},
        "nodeSelector": {"a": "b"},
        "pullSecrets": ["a"],
        "priorityClassName": "a",
        "volumes": [{"name": "more", "configMap": {"name": "acme-more"}}],
        "volumeMounts": [{"name": "more", "mountPath": "/more"}],
    },
    "commonLabels": {"a": "b"},
    "commonAnnotations": {"a": "b"},
    "serviceAccount": {"name": "spark"},
}


def leaves(value: object, path: tuple = ()) -> Iterator[tuple]:
    """The path of each text, and of each key that a user chooses (with None at its end)."""
    if isinstance(value, str):
        yield path
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in parts:
        yield from leaves(part, (*path, name))
    if path and path[-1] in ("env", "conf", "labels", "annotations", "commonAnnotations"):
        if isinstance(value, dict):
            yield (*path, None)


def put(path: tuple, text: str) -> dict:
    values = copy.deepcopy(VALUES)
    place = values
    for name in path[:-1]:
        place = place[name]
    if path[-1] is None:
        place[text] = "b"
    else:
        place[path[-1]] = text
    return values


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from (name, *texts(part))
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def shape(documents: list[dict], text: str) -> object:
    """Documents with what was put in replaced by what is expected in its place."""
    return json.loads(json.dumps(documents).replace(json.dumps(text)[1:-1], MARKER))


# What Helm says if a template made no YAML.
BROKEN = ("YAML parse error", "error converting YAML", "error parsing", "did not find expected")


@pytest.mark.parametrize("run", ["spark-submit", "kubeflow", "apache"])
def test_each_text_comes_out_as_it_went_in(charts: helm.Charts, run: str):
    seen = refused = 0
    # The library's own are the same for each way of running.
    paths = [path for path in leaves(VALUES) if run == "spark-submit" or path[0] == "spark"]
    for number, path in enumerate(paths):
        version = helm.VERSIONS[(number + len(run)) % 2]
        try:
            documents = charts.render(put(path, HOSTILE) | {"run": run}, version=version)
        except helm.Refused as error:
            said = re.sub(r"\([\w/-]+\.yaml:[\d:]+\)", "", str(error))
            assert "YAML" not in said and "yaml" not in said, (path, error)
            refused += 1
            continue
        expected = charts.render(put(path, MARKER) | {"run": run}, version=version)
        if run == "spark-submit":
            documents, expected = opened(documents), opened(expected)
        assert shape(documents, HOSTILE) == expected, path
        seen += any(HOSTILE in text for text in texts(documents))
    assert seen > 5
    assert refused > 0


def test_line_ends_of_unicode_end_no_line(charts: helm.Charts):
    """In a chart that does not refuse them."""
    seen = 0
    for number, path in enumerate(leaves({"trust": TRUST})):
        values = put(path, LINES)["trust"] | {"mode": ("init", "wrapper")[number % 2]}
        expected = put(path, MARKER)["trust"] | {"mode": ("init", "wrapper")[number % 2]}
        version = helm.VERSIONS[number // 2 % 2]
        try:
            documents = charts.render({"trust": values}, "examples/deployment", version)
        except helm.Refused as error:
            assert not any(word in str(error) for word in BROKEN), (path, error)
            continue
        expected = charts.render({"trust": expected}, "examples/deployment", version)
        assert shape(documents, LINES) == expected, path
        seen += any(LINES in text for text in texts(documents))
    assert seen > 2


def opened(documents: list[dict]) -> list[dict]:
    """With the files of spark-submit's ConfigMap read as their readers do."""
    documents = copy.deepcopy(documents)
    configmap = helm.object_of(documents, "ConfigMap", "acme-spark")
    templates = helm.pod_templates(documents)
    for role, template in templates.items():
        configmap["data"][f"{role}.yaml"] = template
    configmap["data"]["spark.properties"] = properties(configmap["data"]["spark.properties"])
    return documents


def properties(text: str) -> dict[str, str]:
    """As java.util.Properties reads what the chart writes: one line for each, with escapes."""
    found = {}
    for line in text.split("\n"):
        name, value, escaped = [], [], False
        parts = name
        rest = iter(line)
        for letter in rest:
            if escaped:
                escapes = {"n": "\n", "r": "\r", "t": "\t"}
                if letter == "u":
                    letter = chr(int("".join(next(rest) for _ in range(4)), 16))
                parts.append(escapes.get(letter, letter))
                escaped = False
            elif letter == "\\":
                escaped = True
            elif parts is name and letter in " =:":
                parts = value
            else:
                parts.append(letter)
        found["".join(name)] = "".join(value)
    return found


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("release", ["123", "1e3", "true", "null", "0x10"])
def test_a_release_s_name_is_a_text(charts: helm.Charts, version: str, release: str):
    for run in ("spark-submit", "kubeflow", "apache"):
        values = {"trust": {"caBundle": GIVEN}, "run": run}
        documents = charts.render(values, version=version, release=release)
        for one in documents:
            metadata = one["metadata"]
            assert metadata["labels"]["app.kubernetes.io/instance"] == release
            assert isinstance(metadata["name"], str)
        for template in helm.pod_templates(documents).values():
            assert template["metadata"]["labels"]["app.kubernetes.io/instance"] == release
