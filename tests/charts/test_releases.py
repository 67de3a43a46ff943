"""Releases that did not begin with this chart's own defaults: an older chart's values, and a chart above this one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cases import PEM
from support import helm, kube_api
from support.helm_program import VERSIONS, Helm

CHART = "charts/spark-customer"
# What the application cannot be without; everything else may have come with a later chart.
FIRST = {
    "run": "kubeflow",
    "spark": {
        **dict.fromkeys(("version", "image", "mainApplicationFile"), "x"),
        "imagePullPolicy": "Always",
        "type": "Python",
        "templates": "/etc/x",
        "driver": {"cores": 1, "memory": "1g"},
        "executor": {"instances": 1, "cores": 1, "memory": "1g"},
    },
}


@pytest.fixture(params=VERSIONS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Helm, kube_api.Api]]:
    with kube_api.serve() as api:
        yield Helm.of(request.param, tmp_path, api), api


@pytest.mark.parametrize("option", ["--reuse-values", "--reset-then-reuse-values"])
def test_an_older_chart_s_values_are_enough(
    charts: helm.Charts, program: tuple[Helm, kube_api.Api], tmp_path: Path, option: str
):
    """With the defaults of an older chart, every key is missing that came later."""
    older = tmp_path / "older"
    shutil.copytree(charts.root / CHART, older)
    (older / "values.yaml").write_text(yaml.safe_dump(FIRST))
    run, api = program[0].run, program[1]
    where = ["--namespace", helm.NAMESPACE]
    given = {"run": "kubeflow", "commonLabels": {"team": "data"}, "trust": {"caBundle": {"pem": PEM}}}
    run("install", "acme", older, *where, "--create-namespace", values=given)
    later = {"commonLabels": {"cost": "7"}, "spark": {"image": "registry.example.com/new:1"}}
    run("upgrade", "acme", charts.root / CHART, *where, option, values=later)
    (stored,) = (one for one in api.existing().values() if one["kind"] == "SparkApplication")
    # What the older chart did not have is missing with --reuse-values, as if it were removed.
    reused = {**FIRST, "podSecurityContext": None, "securityContext": None} if option == "--reuse-values" else {}
    values = {**reused, **given, "commonLabels": {"team": "data", "cost": "7"}}
    values["spark"] = {**reused.get("spark", {}), **later["spark"]}
    expected = helm.object_of(charts.render(values), "SparkApplication")
    assert stored["spec"] == expected["spec"]
    assert stored["metadata"]["labels"] == expected["metadata"]["labels"]


@pytest.mark.parametrize(("option", "kept"), [("--reuse-values", True), ("--reset-then-reuse-values", False)])
def test_what_a_release_remembers(
    charts: helm.Charts, program: tuple[Helm, kube_api.Api], tmp_path: Path, option: str, kept: bool
):
    """As docs/chart.md has it: Helm's older option keeps the older image of trust-init, and what null would remove."""
    older = tmp_path / "older"
    shutil.copytree(charts.root / CHART, older)
    values = yaml.safe_load((older / "values.yaml").read_text())
    (older / "values.yaml").write_text(yaml.safe_dump(values | {"trust": {"image": {"tag": "0.0.1"}}}))
    run, api = program[0].run, program[1]
    where = ["--namespace", helm.NAMESPACE]
    given = {"run": "kubeflow", "commonLabels": {"team": "data"}}
    run("install", "acme", older, *where, "--create-namespace", values=given)
    run("upgrade", "acme", charts.root / CHART, *where, option, values={"commonLabels": {"team": None}})
    (stored,) = (one for one in api.existing().values() if one["kind"] == "SparkApplication")
    assert ("trust-init:0.0.1" in str(stored["spec"])) == kept
    assert ("team" in stored["metadata"]["labels"]) == kept


def umbrella(charts: helm.Charts, root: Path, *aliases: str) -> str:
    """A chart that depends on spark-customer by these names."""
    (root / "charts").mkdir(parents=True)
    shutil.copytree(charts.root / CHART, root / "charts/spark-customer")
    needs = [{"name": "spark-customer", "version": "0.1.0", "alias": alias} for alias in aliases]
    chart = {"apiVersion": "v2", "name": "umbrella", "version": "0.1.0", "dependencies": needs}
    (root / "Chart.yaml").write_text(yaml.safe_dump(chart))
    return str(root)


@pytest.mark.parametrize("version", helm.VERSIONS)
def test_the_chart_by_an_alias_is_the_chart(charts: helm.Charts, tmp_path: Path, version: str):
    values = {"nameOverride": "spark-customer", "trust": {"caBundle": {"pem": PEM}}}
    above = charts.render({"jobs": values}, umbrella(charts, tmp_path / "umbrella", "jobs"), version)
    own = charts.render(values, version=version)
    assert len(above) == len(own)
    for one, other in zip(above, own, strict=True):
        assert one["metadata"]["labels"].pop("helm.sh/chart") == "jobs-0.1.0"
        del other["metadata"]["labels"]["helm.sh/chart"]
        assert one == other


def test_the_chart_by_two_aliases_is_checked_twice_or_refused(charts: helm.Charts, tmp_path: Path):
    chart = umbrella(charts, tmp_path / "umbrella", "etl", "jobs")
    values = {name: {"nameOverride": name, "trust": {"caBundle": {"pem": PEM}}} for name in ("etl", "jobs")}
    names = {one["metadata"]["name"] for one in charts.render(values, chart, "v4")}
    assert {"acme-etl-spark", "acme-jobs-spark", "acme-etl-trust-ca", "acme-jobs-trust-ca"} < names
    values["jobs"]["trust"]["bsae"] = "image"
    with pytest.raises(helm.Refused, match="additional properties 'bsae' not allowed"):
        charts.render(values, chart, "v4")
    with pytest.raises(helm.Refused, match="Helm 3 loses the alias of the library .*: use Helm 4, or a release"):
        charts.render(values, chart, "v3")
