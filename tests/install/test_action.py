"""The action, its steps run one after the other as a runner would, with the release from a folder."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ROOT, VERSION
from ruamel.yaml import YAML
from support import binary, environment

ACTION = YAML(typ="safe").load((ROOT / "action.yml").read_text())
CHAIN = "examples/client-ca-chain.pem"
EXPIRED = "examples/client-ca-chain-with-expired.pem"
HASH = "6e196ef487cf2e18fa311c855fab1bd6352a1a7e6a923e616d552c8dccab2ec9"


@dataclass
class Job:
    """What one use of the action leaves."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


def use(work: Path, **given: str) -> Job:
    inputs = {name.replace("-", "_"): one.get("default", "") for name, one in ACTION["inputs"].items()} | given
    assert set(inputs) == {name.replace("-", "_") for name in ACTION["inputs"]}
    known = {f"inputs.{name}": value for name, value in inputs.items()}
    job = Job()
    for step in ACTION["runs"]["steps"]:
        outputs, summary = (work / f"{step['id']}.{kind}" for kind in ("outputs", "summary"))
        env = environment.clean(
            GITHUB_ACTION_PATH=ROOT, GITHUB_OUTPUT=outputs, GITHUB_STEP_SUMMARY=summary, RUNNER_TEMP=work,
            **{name: filled(text, known) for name, text in step.get("env", {}).items()},
        )  # fmt: skip
        # As a runner calls `shell: bash`.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        job.code, job.log = done.returncode, job.log + done.stdout
        job.summary += summary.read_text() if summary.exists() else ""
        lines = outputs.read_text().splitlines() if outputs.exists() else []
        known |= {f"steps.{step['id']}.outputs.{name}": value for name, value in (line.split("=", 1) for line in lines)}
        if job.code:
            break
    job.outputs = {name: filled(one["value"], known) for name, one in ACTION["outputs"].items()}
    return job


def filled(text: str, known: dict[str, str]) -> str:
    """An expression that is not known is empty, as on a runner."""
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: known.get(found[1], ""), text)


def published(dist: Path, work: Path) -> str:
    """The address of downloads that are laid out as GitHub's are."""
    shutil.copytree(dist, work / "releases" / f"v{VERSION}", ignore=shutil.ignore_patterns("linux-*"))
    return f"file://{work}/releases"


def test_a_release_is_downloaded_compared_and_used(dist: Path, tmp_path: Path):
    report = tmp_path / "reports" / "ca.xml"
    job = use(tmp_path, sources=f"\n  {CHAIN}\n", releases=published(dist, tmp_path), junit=str(report))
    assert job.code == 0, job.log
    assert "passed: 2 certificates" in job.log and "passed: 2 certificates" in job.summary
    assert job.summary.startswith("### trust-init check: ok\n")
    assert job.outputs == {"ca-bundle-hash": HASH}
    tests = ElementTree.parse(report)
    assert tests.findall(".//testcase") and not tests.findall(".//failure")


def test_an_archive_that_was_changed_is_not_run(dist: Path, tmp_path: Path):
    releases = published(dist, tmp_path)
    archive = tmp_path / "releases" / f"v{VERSION}" / f"trust-init-{VERSION}-linux-amd64.tar.gz"
    archive.write_bytes(archive.read_bytes() + b"\0")
    job = use(tmp_path, sources=CHAIN, releases=releases)
    assert job.code != 0
    assert "tar.gz: FAILED" in job.log and "passed" not in job.log


def test_a_refusal_fails_the_step_and_marks_the_line(tmp_path: Path):
    job = use(tmp_path, sources=EXPIRED, options="--deny expired", program=str(binary.path()))
    assert job.code == 1
    assert job.summary.startswith("### trust-init check: refused\n")
    assert f"::error file={EXPIRED},line=51,title=expired::CN=Example Client Root CA 2009" in job.log


def test_a_warning_is_marked_and_passes(tmp_path: Path):
    job = use(tmp_path, sources=f"{CHAIN}\n{EXPIRED}", program=str(binary.path()))
    assert job.code == 0, job.log
    assert f"::warning file={EXPIRED},line=51,title=expired::" in job.log


def test_a_source_that_is_missing_is_no_verdict(tmp_path: Path):
    job = use(tmp_path, sources="no/such/file.pem", program=str(binary.path()), junit=f"{tmp_path}/ca.xml")
    assert job.code == 3
    assert job.summary.startswith("### trust-init check: no verdict\n")
    assert "::error title=unreadable::no/such/file.pem: " in job.log
    assert job.outputs == {"ca-bundle-hash": ""}
    assert ElementTree.parse(tmp_path / "ca.xml").find(".//error") is not None


def test_the_name_of_a_file_is_no_command_for_the_runner(tmp_path: Path):
    """A runner obeys lines that begin with `::`, unless an earlier line stops that."""
    shutil.copy(ROOT / EXPIRED, tmp_path / "##[error] ok.pem")
    job = use(tmp_path, sources=f"{tmp_path}/##[error] ok.pem", program=str(binary.path()))
    stop, verdict, token = re.search(r"^::stop-commands::(\w{32})\n(.*?)^::(\w{32})::$", job.log, re.S | re.M).groups()
    assert stop == token and "##[error]" in verdict


@pytest.mark.parametrize("given", [{"sources": "\n \n"}, {"sources": CHAIN, "program": "no-such-program"}])
def test_an_input_that_names_nothing_is_refused(tmp_path: Path, given: dict[str, str]):
    job = use(tmp_path, **({"program": os.fspath(binary.path())} | given))
    assert job.code == 2 and job.log.startswith("::error::"), job.log
