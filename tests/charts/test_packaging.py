"""What a platform and Artifact Hub read of a chart before anybody renders it."""

from __future__ import annotations

import re
import shutil
import tarfile
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
import schemas
import yaml
from support import helm

CHARTS = ("trust-init", "spark-customer", "trust-inject")
HOME = "https://github.com/example/trust-init"
VERSION = tomllib.loads((helm.REPOSITORY / "Cargo.toml").read_text())["workspace"]["package"]["version"]
every_chart = pytest.mark.parametrize("name", CHARTS)


def folder(name: str) -> Path:
    return helm.REPOSITORY / "charts" / name


def metadata(name: str) -> dict:
    return yaml.safe_load((folder(name) / "Chart.yaml").read_text())


def annotation(name: str, key: str) -> list[dict]:
    """One whose value is YAML in a string."""
    return yaml.safe_load(metadata(name)["annotations"][f"artifacthub.io/{key}"])


def test_no_chart_is_forgotten():
    assert {path.parent.name for path in (helm.REPOSITORY / "charts").glob("*/Chart.yaml")} == set(CHARTS)


@every_chart
def test_a_chart_has_the_version_of_the_program(name: str):
    chart = metadata(name)
    versions = {chart["version"], chart["appVersion"], *(one["version"] for one in chart.get("dependencies", []))}
    assert versions == {VERSION}


@every_chart
def test_a_chart_says_who_makes_it_and_where(name: str):
    chart = metadata(name)
    assert chart["home"] == HOME
    assert chart["sources"] == [HOME]
    assert chart["maintainers"] and all(one.keys() >= {"name", "url"} for one in chart["maintainers"])
    assert len(chart["keywords"]) > 3
    icon = chart["icon"].removeprefix("https://raw.githubusercontent.com/example/trust-init/main/")
    assert ElementTree.parse(helm.REPOSITORY / icon).getroot().tag == "{http://www.w3.org/2000/svg}svg"


@every_chart
def test_the_oldest_kubernetes_is_one_that_is_tested(name: str):
    oldest = re.fullmatch(r">=(\d+\.\d+)\.0-0", metadata(name)["kubeVersion"])[1]
    assert oldest in {*schemas.KUBERNETES, *schemas.SIDECARS}


@every_chart
def test_annotations_are_in_artifact_hub_s_form(name: str):
    """As https://artifacthub.io/docs/topics/annotations/helm/ describes them."""
    values = metadata(name)["annotations"]
    assert all(isinstance(value, str) for value in values.values())
    assert values["artifacthub.io/category"] == "security"
    assert values["artifacthub.io/license"] == "Apache-2.0"
    assert values["artifacthub.io/prerelease"] in ("true", "false")
    kinds = {"added", "changed", "deprecated", "removed", "fixed", "security"}
    changes = annotation(name, "changes")
    assert changes and all(one.keys() == {"kind", "description"} and one["kind"] in kinds for one in changes)
    for link in annotation(name, "links"):
        path = link["url"].removeprefix(f"{HOME}/blob/main/")
        assert link["url"].startswith(HOME) and link["name"]
        assert path == link["url"] or (helm.REPOSITORY / path).exists(), path


@every_chart
def test_the_images_are_those_of_the_values(name: str):
    image = yaml.safe_load((folder("trust-init") / "values.yaml").read_text())["image"]
    (one,) = annotation(name, "images")
    assert one["image"] == f"{image['registry']}/{image['repository']}:{image['tag']}"


@every_chart
def test_the_readme_s_versions_are_those_of_the_chart(name: str):
    readme = (folder(name) / "README.md").read_text()
    versions = re.findall(r"--version (\S+)|version: (\S+)", readme)
    assert {one or other for one, other in versions} == {VERSION}
    assert "oci://registry.example.com/charts" in readme


@every_chart
def test_what_lies_around_stays_out_of_a_package(charts: helm.Charts, name: str, tmp_path: Path):
    """A customer's chain, keys and editors' files; a platform's locks belong in it."""
    copy = tmp_path / "charts" / name
    shutil.copytree(charts.root / "charts" / name, copy)
    unwanted = [".gitignore", "client-ca-chain.pem", "tls.key", "values-acme.yaml", "values.yaml~"]
    for file in (*unwanted, "trust-locked.yaml"):
        (copy / file).write_text("{}\n")
    charts.helm.call("package", "v4", path=str(copy), destination=str(tmp_path))
    with tarfile.open(tmp_path / f"{name}-{VERSION}.tgz") as archive:
        names = {one.removeprefix(f"{name}/") for one in archive.getnames()}
    assert {"Chart.yaml", "README.md", "values.yaml", "values.schema.json", "trust-locked.yaml"} <= names
    assert not names & set(unwanted)
