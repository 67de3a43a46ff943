"""The workflow files: their schema, and that what they name cannot change under its name."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.environment import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
# It reads from its tag which release it is, and refuses to run from a commit.
BY_TAG = "slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml"

every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


def test_each_follows_the_schema():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema=vendor.github-workflows"]
    done = subprocess.run([*command, *WORKFLOWS], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@every_workflow
def test_each_action_is_a_commit_that_names_its_version(workflow: Path):
    for action in re.findall(r"^\s*(?:- )?uses: (.*)$", workflow.read_text(), re.MULTILINE):
        expected = rf"{BY_TAG}@v\d+\.\d+\.\d+|[\w./-]+@[0-9a-f]{{40}} # v\d+\.\d+\.\d+"
        assert re.fullmatch(expected, action), action


@every_workflow
def test_each_image_is_a_digest(workflow: Path):
    for image in re.findall(r"^\s*(?:image|container): (.+)$", workflow.read_text(), re.MULTILINE):
        assert re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", image), image
