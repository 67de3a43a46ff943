"""Every way of running, with every kind of values, by Helm 3 and Helm 4: valid objects."""

from __future__ import annotations

import copy

import jsonschema
import kubernetes_validate
import pytest
import schemas
from cases import RUNS, TRUST, chart_of, values_of
from support import helm


@pytest.fixture(params=TRUST)
def trust(request: pytest.FixtureRequest) -> dict:
    return TRUST[request.param]


@pytest.mark.parametrize("run", RUNS)
def test_objects_are_valid(charts: helm.Charts, run: str, trust: dict):
    values = values_of(run, trust)
    by_version = [charts.render(values, chart_of(run), version) for version in helm.VERSIONS]
    assert by_version[0] == by_version[1], "Helm 3 and Helm 4 differ"
    documents = by_version[0]
    names = [(one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in documents]
    assert len(names) == len(set(names)), names
    for one in documents:
        assert one["metadata"]["namespace"] == helm.NAMESPACE
        if one["apiVersion"] not in schemas.CRDS:
            schemas.kubernetes(one, schemas.versions(trust))
    templates = helm.pod_templates(documents)
    assert set(templates) == ({"deployment"} if run == "deployment" else {"driver", "executor"})
    for template in templates.values():
        schemas.pod_template(template, schemas.versions(trust))
        schemas.restricted(template)


@pytest.mark.parametrize("run", ["kubeflow", "apache"])
def test_the_operators_resources_are_valid(charts: helm.Charts, run: str, trust: dict):
    documents = charts.render(
        values_of(run, trust, spark={"conf": {"spark.x": 1, "spark.y": True}})
    )
    schemas.custom(helm.object_of(documents, "SparkApplication"))


@pytest.mark.parametrize("kind", ["Java", "Scala", "Python"])
@pytest.mark.parametrize("run", ["kubeflow", "apache"])
def test_each_kind_of_application_is_valid(charts: helm.Charts, run: str, kind: str):
    spark = {"type": kind, "arguments": ["--a", "b c"], "mainClass": "com.example.Main"}
    schemas.custom(helm.object_of(charts.render({"run": run, "spark": spark}), "SparkApplication"))


def test_the_schemas_would_find_a_fault(charts: helm.Charts):
    """Else all of the above would say nothing."""
    documents = charts.render({"run": "kubeflow"})
    application = helm.object_of(documents, "SparkApplication")
    wrong = copy.deepcopy(application)
    wrong["spec"]["driver"]["initContainer"] = []
    with pytest.raises(AssertionError, match="initContainer"):
        schemas.custom(wrong)
    template = copy.deepcopy(helm.pod_templates(documents)["driver"])
    template["spec"]["containers"][0]["volumeMounts"][0]["readonly"] = True
    with pytest.raises((kubernetes_validate.ValidationError, jsonschema.ValidationError)):
        schemas.pod_template(template)


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("run", RUNS)
def test_lint_finds_nothing(charts: helm.Charts, version: str, run: str, trust: dict):
    said = charts.helm.call(
        "lint",
        version,
        paths=[str(charts.root / chart_of(run))],
        values=values_of(run, trust),
        strict=True,
        with_subcharts=True,
    )
    assert '"passed": true' in said, said
    assert '"severity"' not in said, said


@pytest.mark.parametrize("version", helm.VERSIONS)
@pytest.mark.parametrize("chart", helm.CHARTS)
def test_a_package_renders_as_its_folder_does(
    charts: helm.Charts, version: str, chart: str, tmp_path
):
    charts.helm.call("package", version, path=str(charts.root / chart), destination=str(tmp_path))
    (archive,) = tmp_path.glob("*.tgz")
    if chart == "charts/trust-init":
        assert charts.render({}, str(archive), version) == [], "a library has objects of its own"
        return
    # A policy has no customer of its own.
    values = {"trust": TRUST["all"] if chart != "charts/trust-inject" else {"base": "mozilla"}}
    assert charts.render(values, str(archive), version) == charts.render(values, chart, version)


@pytest.mark.parametrize("run", RUNS)
def test_disabled_renders_nothing_of_trust(charts: helm.Charts, run: str):
    documents = charts.render(
        values_of(run, {**TRUST["platform"], "enabled": False}), chart_of(run)
    )
    assert "trust" not in str(documents).replace("spark-trust", "")
    for template in helm.pod_templates(documents).values():
        spec = template["spec"]
        assert "initContainers" not in spec
        assert [volume["name"] for volume in spec.get("volumes", [])] in ([], ["tmp"])
        assert "env" not in spec["containers"][0]


@pytest.mark.parametrize("run", RUNS)
def test_two_releases_in_a_namespace_share_no_name(charts: helm.Charts, run: str):
    """Names are a release's own, to its last letter: 53 are allowed."""
    seen = set()
    for release in ("customer-" + "x" * 43 + "a", "customer-" + "x" * 43 + "b"):
        documents = charts.render(values_of(run, TRUST["chain"]), chart_of(run), release=release)
        names = {(one["kind"], one["metadata"]["name"]) for one in documents}
        assert not seen & names
        seen |= names
        for one in documents:
            assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == release
