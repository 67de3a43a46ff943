"""What check and inspect say, in the hands of those who read it: CI systems, terminals, hooks."""

import json
import os
import re
import resource
import ssl
import subprocess
import xml.etree.ElementTree
from pathlib import Path

import pytest

from support import binary, environment, pki

VECTORS = environment.REPOSITORY / "tests" / "vectors"
HOSTILE = sorted(
    path for path in VECTORS.glob("stores/hostile-*") if not path.name.endswith(".json")
)


@pytest.fixture(scope="module")
def password(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("password") / "password"
    file.write_text("example-password\n")
    return file


def test_junit_is_xml_with_a_case_a_certificate():
    # Names with escape sequences, NUL bytes and PEM in them: XML takes none of the first two.
    done = binary.run("check", VECTORS / "certificates", "--format", "junit", "--deny", "expired")
    assert done.code == 1
    suites = xml.etree.ElementTree.fromstring(done.stdout)
    cases = suites.findall("testsuite/testcase")
    failed = [case for case in cases if case.find("failure") is not None]
    assert int(suites.get("tests")) == len(cases) > 150
    assert int(suites.get("failures")) == len(failed) > 20
    reasons = {case.find("failure").get("type") for case in failed}
    assert {"expired", "malformed", "breaks-java", "breaks-openssl"} <= reasons


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.name)
def test_a_hostile_store_ends_within_a_second_and_64_mib(file, password):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))
        # Seconds of its own work: another's load does not count.
        resource.setrlimit(resource.RLIMIT_CPU, (1, 1))

    done = binary.run("check", file, "--ca-password-file", password, preexec_fn=limit)
    assert done.code == 1, done
    # A password that does not fit and a store that is damaged look the same.
    assert re.search(rb"error\[(malformed|wrong-password)\]", done.stdout)


def test_there_are_hostile_stores():
    assert len(HOSTILE) >= 10


@pytest.fixture
def hook(tmp_path) -> Path:
    """The script of docs/check.md."""
    text = (environment.REPOSITORY / "docs" / "check.md").read_text()
    [script] = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", text, re.DOTALL)
    file = tmp_path / "check-ca-chains"
    file.write_text(script)
    file.chmod(0o755)
    (tmp_path / "trust-init").symlink_to(binary.path())
    return file


def values(folder: Path, name: str, pem: str | None) -> Path:
    file = folder / name
    # JSON is YAML.
    bundle = {} if pem is None else {"caBundle": {"pem": pem}}
    file.write_text(json.dumps({"trust": {"enabled": True, **bundle}}))
    return file


def test_the_hook_of_the_docs(hook, customer, tmp_path):
    chain = customer.chain_file.read_text()
    key = pki.key_pem(pki.new_key()).decode()
    expired = ssl.DER_cert_to_PEM_cert((VECTORS / "certificates" / "time-expired.der").read_bytes())
    big = chain * (1_100_000 // len(chain))

    def run(*files: Path) -> subprocess.CompletedProcess:
        path = f"{tmp_path}:{os.environ['PATH']}"
        return subprocess.run(
            [hook, *files], capture_output=True, text=True, env=environment.clean() | {"PATH": path}
        )

    good = values(tmp_path, "values.yaml", chain)
    none = values(tmp_path, "values-none.yaml", None)
    done = run(good, none)
    assert done.returncode == 0, done
    assert done.stdout.count("ok: ") == 2
    for name, pem, rule in [
        ("key", chain + key, "private-key"),
        ("expired", expired, "expired"),
        ("cut", chain[:-200], "malformed"),
        ("empty", "  ", "malformed"),
        ("big", big, "too-large"),
    ]:
        bad = values(tmp_path, f"values-{name}.yaml", pem)
        done = run(good, bad)
        assert done.returncode == 1, (name, done)
        assert f"error[{rule}]" in done.stdout, (name, done.stdout[:500])
        assert f"in {bad}" in done.stderr and f"in {good}" not in done.stderr
        assert key.splitlines()[1] not in done.stdout + done.stderr
