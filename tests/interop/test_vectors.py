"""What other programs say of the test vectors, now and not when they were made."""

import json
import sys
from pathlib import Path

import pytest

from support import asked

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vectors"))
import ask
from strict import ALWAYS


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict]:
    return {_name(file): json.loads(Path(f"{file}.json").read_text()) for file in ask.vectors()}


@pytest.fixture(scope="module")
def answers(recorded) -> dict[str, dict]:
    files = ask.vectors()
    return dict(zip(map(_name, files), ask.answers(files), strict=True))


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def test_the_clients_answer_as_recorded(recorded, answers):
    assert len(answers) > 280
    expected = {
        _name(file): asked.expected(file, recorded[_name(file)]["clients"])
        for file in ask.vectors()
    }
    found = {name: asked.outcomes(said) for name, said in answers.items()}
    wrong = [(name, expected[name], took) for name, took in found.items() if expected[name] != took]
    assert wrong == []


def test_what_a_client_refuses_is_told_before_it_breaks_a_store(recorded, answers):
    """A certificate that is alone in its file, and one client that refuses it."""
    missed = []
    for name, said in answers.items():
        if not name.endswith(".der"):
            continue
        expected = recorded[name]["expected"]
        rules = {rule for one in expected["certificates"] for rule in one["rules"]}
        for client, took in asked.outcomes(said).items():
            rule = "breaks-java" if client.startswith("Java") else "breaks-openssl"
            if not took and rule not in rules and "malformed" not in expected["rejected"]:
                missed.append((name, client, rule))
    assert missed == []


def test_python_strict_is_what_openssl_says_under_that_flag(recorded, answers):
    """In both directions, where no other rule says already that it signs for nobody."""
    wrong = []
    strict = {name: said["strict"] for name, said in answers.items() if "strict" in said}
    assert len(strict) > 100
    for name, said in strict.items():
        rules = {rule for one in recorded[name]["expected"]["certificates"] for rule in one["rules"]}
        if not recorded[name]["expected"]["certificates"] or rules & {"not-a-ca", "no-cert-sign"}:
            continue
        if said.startswith(ALWAYS):
            continue
        if ("python-strict" in rules) != (said != "taken"):
            wrong.append((name, rules, said))
    assert wrong == []
    assert sum(said != "taken" for said in strict.values()) > 8
