"""What GitHub reads: its schemas, pins that cannot change under their name, versions that agree."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
# check-jsonschema brings it.
from ruamel.yaml import YAML
from support.environment import REPOSITORY

GITHUB = REPOSITORY / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [
    path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"
]
# It reads its own release from the tag, and refuses to run from a commit.
BY_TAG = "slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml"
SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "github-actions": [REPOSITORY / "action.yml"],
    "dependabot": [GITHUB / "dependabot.yml"],
    "github-issue-forms": FORMS,
    "github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
}
# What each ecosystem of dependabot.yml looks for in its directories.
MANIFESTS = {
    "cargo": "Cargo.toml",
    "docker": "Dockerfile",
    "github-actions": ".github/workflows",
    "pip": "requirements.txt",
}

every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


def text(path: str) -> str:
    return (REPOSITORY / path).read_text()


def load(path: str) -> dict:
    return YAML(typ="safe").load(text(path))


def toml(path: str) -> dict:
    return tomllib.loads(text(path))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_follows_its_schema(schema: str):
    assert SCHEMAS[schema]
    command = [sys.executable, "-m", "check_jsonschema", f"--builtin-schema=vendor.{schema}"]
    done = subprocess.run([*command, *SCHEMAS[schema]], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def actions(workflow: Path) -> list[str]:
    return re.findall(r"^\s*(?:- )?uses: (.*)$", workflow.read_text(), re.MULTILINE)


@every_workflow
def test_each_action_is_a_commit_that_names_its_version(workflow: Path):
    for action in actions(workflow):
        expected = rf"{BY_TAG}@v\d+\.\d+\.\d+|[\w./-]+@[0-9a-f]{{40}} # v\d+\.\d+\.\d+"
        assert re.fullmatch(expected, action), action


def test_an_action_has_one_pin_in_all_workflows():
    pins = {action for workflow in WORKFLOWS for action in actions(workflow)}
    names = [pin.partition("@")[0] for pin in pins]
    assert len(names) == len(set(names)), sorted(pins)


@every_workflow
def test_each_image_is_a_digest(workflow: Path):
    for image in re.findall(r"^\s*(?:image|container): (.+)$", workflow.read_text(), re.MULTILINE):
        assert re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", image), image


@every_workflow
def test_each_workflow_starts_with_read_permission_only(workflow: Path):
    assert YAML(typ="safe").load(workflow.read_text())["permissions"] == {"contents": "read"}


def test_one_rust_version_everywhere():
    """The toolchain file names the compiler of the images, and is no older than rust-version."""
    channel = toml("rust-toolchain.toml")["toolchain"]["channel"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", channel), channel
    manifest = toml("Cargo.toml")
    package = manifest.get("workspace", manifest)["package"]
    oldest = package["rust-version"]
    numbers = [[int(part) for part in version.split(".")] for version in (oldest, channel)]
    assert numbers[0] <= numbers[1]
    images = [text("Dockerfile"), *(workflow.read_text() for workflow in WORKFLOWS)]
    tags = {tag for image in images for tag in re.findall(r"\brust:([\d.]+)-", image)}
    assert tags == {channel.rpartition(".")[0]}


def test_the_job_on_the_oldest_compiler_finds_its_version():
    """By the sed command of the workflow, whichever Cargo.toml of the root holds it."""
    (line,) = re.findall(r"version=\$\((sed -n .*)\)$", text(".github/workflows/ci.yml"), re.MULTILINE)
    done = subprocess.run(line, shell=True, cwd=REPOSITORY, capture_output=True, text=True)
    assert re.fullmatch(r"\d+\.\d+\n", done.stdout), done


def test_the_weekly_run_finds_the_locked_roots():
    weekly = text(".github/workflows/weekly.yml")
    (line,) = re.findall(r"locked=\$\((sed -n .*)\)$", weekly, re.MULTILINE)
    done = subprocess.run(line, shell=True, cwd=REPOSITORY, capture_output=True, text=True)
    locked = {one["name"]: one["version"] for one in toml("Cargo.lock")["package"]}
    assert done.stdout.strip() == locked["webpki-root-certs"]


def test_the_weekly_run_uses_the_cargo_deny_of_the_tests():
    (weekly,) = re.findall(r"CARGO_DENY: (\S+)", text(".github/workflows/weekly.yml"))
    (here,) = re.findall(r"^CARGO_DENY=(\S+)$", text("test"), re.MULTILINE)
    assert weekly == here


def test_dependabot_looks_where_there_is_something():
    for update in load(".github/dependabot.yml")["updates"]:
        manifest = MANIFESTS[update["package-ecosystem"]]
        for directory in update.get("directories", [update.get("directory")]):
            assert (REPOSITORY / directory.strip("/") / manifest).exists(), directory


def test_what_the_templates_link_exists():
    config = load(".github/ISSUE_TEMPLATE/config.yml")
    for link in config["contact_links"]:
        _, found, path = link["url"].partition("/blob/main/")
        assert not found or (REPOSITORY / path).exists(), link["url"]
    for name in ("SECURITY.md", "CONTRIBUTING.md", "docs/STYLE.md"):
        assert (REPOSITORY / name).exists(), name
