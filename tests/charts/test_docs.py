"""Pages that repeat each other agree."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import values_table
import yaml
from support import binary, helm

LIBRARY = helm.REPOSITORY / "charts" / "trust-init"


@pytest.mark.parametrize("page", values_table.PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_the_page_has_the_values(page: Path):
    text = page.read_text()
    assert values_table.written(page) == text, "run python tests/charts/values_table.py"
    assert text.count("` | `") > 10


def test_every_key_of_the_schema_has_a_default_and_words():
    schema = json.loads((LIBRARY / "values.schema.json").read_text())
    documented = {key.path for key in values_table.keys(LIBRARY / "values.yaml")}

    def leaves(schema: dict, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        if path and (path in documented or "properties" not in schema):
            return {path}
        assert schema["additionalProperties"] is False, path
        return set().union(*(leaves(v, (*path, k)) for k, v in schema["properties"].items()))

    assert leaves(schema) - {("global",)} == documented


def test_the_defaults_that_null_cannot_take_away_are_those_of_values_yaml():
    text = (LIBRARY / "templates" / "_config.tpl").read_text()
    found = re.search(r'define "trust-init.defaults" -}}\n(.*?)\n{{- end', text, re.DOTALL)
    assert json.loads(found[1]) == yaml.safe_load((LIBRARY / "values.yaml").read_text())


def test_the_versions_are_those_of_the_binary():
    version = tomllib.loads((helm.REPOSITORY / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    assert yaml.safe_load((LIBRARY / "values.yaml").read_text())["image"]["tag"] == version
    assert yaml.safe_load((LIBRARY / "Chart.yaml").read_text())["appVersion"] == version


def test_the_schema_s_rules_are_those_of_the_binary(shipped):
    said = binary.run("build", "--help").stdout.decode()
    lines = re.findall(r"^ *- (?:deny|drop|warn|allow): (.*)$", said, re.MULTILINE)
    assert len(lines) == 4, said
    rules = ", ".join(lines)
    names = set(rules.replace(" (fixed)", "").split(", "))
    schema = json.loads((LIBRARY / "values.schema.json").read_text())
    fixed = set(re.findall(r"([a-z-]+) \(fixed\)", rules))
    assert fixed == {"private-key", "hash-mismatch"}
    assert set(schema["definitions"]["rule"]["enum"]) == names - fixed


def test_every_template_is_in_the_readme():
    names = set()
    for file in (LIBRARY / "templates").iterdir():
        # Nothing in a library is rendered by itself.
        assert file.name.startswith("_"), file
        assert file.read_text().lstrip().startswith("{{/*"), f"{file.name} does not say what it is"
        names |= set(re.findall(r'define "(trust-init\.\w+)"', file.read_text()))
    readme = (LIBRARY / "README.md").read_text()
    listed = set(re.findall(r"`(trust-init\.\w+)`", readme))
    assert listed <= names, listed - names
    used = set()
    for chart in ("charts/spark-customer", "examples/deployment"):
        for file in (helm.REPOSITORY / chart / "templates").glob("**/*.*"):
            used |= set(re.findall(r'include "(trust-init\.\w+)"', file.read_text()))
    assert used <= listed, used - listed


def test_links_lead_somewhere():
    pages = [
        *(helm.REPOSITORY / "docs" / name for name in ("chart.md", "isolation.md", "submitter.md")),
        *(page for page in values_table.PAGES if page.name == "README.md"),
        *(helm.REPOSITORY / "examples").glob("*/README.md"),
    ]
    seen = 0
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page}: {target}"
            seen += 1
    assert seen > 10


def test_the_readme_s_example_renders(charts: helm.Charts, tmp_path):
    """As the page has it, in a chart of its own."""
    readme = (LIBRARY / "README.md").read_text()
    (template,) = (
        b for b in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL) if "kind: Dep" in b
    )
    template = "\n".join(line.removeprefix("   ") for line in template.splitlines())
    template = template.replace("# …", "metadata: {name: x}\nspec:\n  selector: {}")
    chart = charts.root / "own" / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: own\nversion: 1.0.0\ndependencies:\n"
        "  - {name: trust-init, version: 0.1.0, repository: file://../../charts/trust-init, alias: trust}\n"
    )
    (chart / "values.yaml").write_text("image: registry.example.com/x:1\nenv: []\n")
    (chart / "templates" / "it.yaml").write_text(template)
    helm.build_dependencies(chart)
    for enabled in (True, False):
        (one,) = charts.render({"trust": {"enabled": enabled}}, "own/chart")
        spec = one["spec"]["template"]["spec"]
        assert bool(spec["initContainers"]) == enabled
        assert bool(spec["containers"][0]["env"]) == enabled


def test_the_library_serves_two_customers_in_one_chart(charts: helm.Charts, chain: str):
    """By two aliases: two objects, each by its own name."""
    chart = charts.root / "two" / "chart"
    (chart / "templates").mkdir(parents=True)
    dependency = "{{name: trust-init, version: 0.1.0, repository: file://../../charts/trust-init, alias: {}}}"
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: two\nversion: 1.0.0\ndependencies:\n"
        + "".join(f"  - {dependency.format(alias)}\n" for alias in ("trustAcme", "trustGlobex"))
    )
    (chart / "templates" / "it.yaml").write_text(
        '{{ include "trust-init.caBundle" (dict "context" $ "key" "trustAcme") }}\n---\n'
        '{{ include "trust-init.caBundle" (dict "context" $ "key" "trustGlobex") }}\n'
    )
    helm.build_dependencies(chart)
    given = {"caBundle": {"pem": chain}}
    documents = charts.render({"trustAcme": given, "trustGlobex": given}, "two/chart")
    names = [one["metadata"]["name"] for one in documents]
    assert names == ["acme-trust-acme-ca", "acme-trust-globex-ca"]


def test_without_the_alias_the_fault_is_named(charts: helm.Charts):
    chart = charts.root / "none" / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: none\nversion: 1.0.0\ndependencies:\n"
        "  - {name: trust-init, version: 0.1.0, repository: file://../../charts/trust-init}\n"
    )
    (chart / "templates" / "it.yaml").write_text(
        '{{ include "trust-init.caBundle" (dict "context" $) }}\n'
    )
    helm.build_dependencies(chart)
    with pytest.raises(helm.Refused, match="needs `alias: trust`"):
        charts.render({}, "none/chart")
