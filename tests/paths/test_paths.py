"""Certification paths: what doctor says of hundreds of cases, and what the real clients say."""

import os
from collections.abc import Sequence
from pathlib import Path

import asking
import comparing
import limbo
import listed
import own
import pytest
from asking import Answers
from comparing import Compared, Kind

LIMBO = os.environ.get("TRUST_INIT_LIMBO")


@pytest.fixture(scope="session")
def answers() -> Answers:
    """Every real client, asked for every case."""
    return asking.real_clients(_cases())


@pytest.fixture(scope="session")
def compared(answers: Answers) -> Sequence[Compared]:
    cases = _cases()
    found = comparing.compare(cases, asking.doctor(cases), answers)
    if listed.is_written():
        assert LIMBO, "the list holds limbo's cases as well: name its file in TRUST_INIT_LIMBO"
        listed.write(found, answers)
        listed.write_page(found, answers)
    return found


def _cases():
    return [*own.cases(), *(limbo.cases(Path(LIMBO)) if LIMBO else [])]


def test_limbo_is_among_the_cases():
    if not LIMBO:
        pytest.skip("x509-limbo is not here: name its limbo.json in TRUST_INIT_LIMBO")
    assert sum(case.id.startswith("limbo/") for case in _cases()) >= 190


@pytest.mark.parametrize("client", comparing.PREDICTED_AS)
def test_doctor_never_trusts_what_the_client_refuses(compared: Sequence[Compared], client: str):
    wrong = [
        f"{one.case.id}: {client} says: {one.real.words}"
        for one in compared
        if one.client == client and one.kind == Kind.FALSE_YES
    ]
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("client", comparing.PREDICTED_AS)
def test_each_client_trusts_some_and_refuses_some(answers: Answers, client: str):
    """Otherwise all the others would pass with a client that never answers."""
    outcomes = [answer.outcome for answer in answers.by_client[client].values()]
    assert outcomes.count("trusted") > len(outcomes) / 5
    assert outcomes.count("refused") > len(outcomes) / 5


def test_the_time_of_a_case_is_the_clients_time(answers: Answers):
    for client, said in answers.by_client.items():
        outcomes = {
            year: said[f"time/asked-in-{year}"].outcome for year in (1990, 2023, 2026, 2034, 2036, 2060)
        }
        valid = {year for year, outcome in outcomes.items() if outcome == "trusted"}
        assert valid == {2026, 2034}, (client, outcomes)


def test_each_other_difference_is_listed(compared: Sequence[Compared], answers: Answers):
    known = listed.read()
    # The suite that some clients come from moves on: what a new version changed is found when the
    # list is written the next time. A wrong yes fails for every version.
    others = listed.versions_now(answers, known.versions)
    if others:
        print("other versions than the list was written with:", ", ".join(others))
    now = listed.without(listed.found(compared), others)
    then = listed.without(known.differences(with_limbo=bool(LIMBO)), others)
    assert not now - then, "not listed:\n" + "\n".join(map(str, sorted(now - then)))
    assert not then - now, "listed, but no more:\n" + "\n".join(map(str, sorted(then - now)))


def test_each_listed_difference_has_a_reason():
    assert [one.doctor for one in listed.read().reasons if not one.why] == []
