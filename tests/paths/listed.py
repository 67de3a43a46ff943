"""The list of known differences, none of which is a wrong yes, and the page with the figures."""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from asking import Answers
from comparing import PREDICTED_AS, Compared, Kind, figures
from support import environment

FILE = Path(__file__).with_name("differences.toml")
PAGE = environment.REPOSITORY / "docs" / "paths.md"
BEGIN, END = "<!-- figures: written by tests/paths -->", "<!-- end of figures -->"
HEAD = """\
# Where doctor answers otherwise than the real client: it refuses what the client trusts, it cannot tell,
# or the client could not be fully asked. None is a wrong yes. tests/paths fails for a difference
# that is not here, and for one here that is no more. To write it anew:
#
#   TRUST_INIT_WRITE_GOLDEN=1 ./test paths
#
# An entry is for a kind of difference, and for what doctor's reason begins with. Keep `why`: without it
# the test fails.
"""
JVMS = tuple(client for client in PREDICTED_AS if client.startswith("java "))


def is_written() -> bool:
    return bool(os.environ.get("TRUST_INIT_WRITE_GOLDEN"))


@dataclass
class Reason:
    """One cause of differences."""

    kind: str
    # What doctor's own reason begins with.
    doctor: str
    why: str
    # The clients that answer otherwise, by the id of the case.
    cases: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Listed:
    versions: dict[str, str]
    reasons: list[Reason]

    def differences(self, with_limbo: bool) -> set[tuple[str, str, str]]:
        """Kind, case and client of each."""
        return {
            (reason.kind, id, client)
            for reason in self.reasons
            for id, clients in reason.cases.items()
            for client in clients
            if with_limbo or not id.startswith("limbo/")
        }


def read() -> Listed:
    if not FILE.exists():
        return Listed({}, [])
    content = tomllib.loads(FILE.read_text())
    reasons = [
        Reason(
            entry["kind"],
            entry["doctor"],
            entry["why"],
            {id: _expanded(clients) for id, clients in entry["cases"].items()},
        )
        for entry in content.get("reason", [])
    ]
    return Listed(content["versions"], reasons)


def found(compared: Iterable[Compared]) -> set[tuple[str, str, str]]:
    kinds = (Kind.FALSE_NO, Kind.CANNOT_TELL, Kind.NOT_ASKED)
    return {(one.kind, one.case.id, one.client) for one in compared if one.kind in kinds}


def write(compared: Sequence[Compared], answers: Answers) -> None:
    """The list with what was found, and with the reasons that it had."""
    known = {(reason.kind, reason.doctor): reason.why for reason in read().reasons}
    reasons: dict[tuple[str, str], Reason] = {}
    for one in compared:
        if one.kind in (Kind.AGREE, Kind.FALSE_YES):
            continue
        doctor = _beginning(one.doctor.words) if one.kind != Kind.NOT_ASKED else ""
        key = (one.kind.value, doctor)
        reason = reasons.setdefault(key, Reason(*key, known.get(key, "")))
        reason.cases.setdefault(one.case.id, []).append(one.client)
    lines = [HEAD, "[versions]"]
    lines += [f'"{client}" = {json.dumps(answers.versions[client])}' for client in PREDICTED_AS]
    for reason in sorted(reasons.values(), key=lambda one: (one.kind, one.doctor)):
        lines += ["", "[[reason]]", f"kind = {json.dumps(reason.kind)}"]
        lines += [f"doctor = {json.dumps(reason.doctor)}", f"why = {json.dumps(reason.why)}"]
        lines += ["", "[reason.cases]"]
        for id, clients in sorted(reason.cases.items()):
            lines.append(f"{json.dumps(id)} = {json.dumps(_short(clients))}")
    FILE.write_text("\n".join(lines) + "\n")


def _beginning(words: str) -> str:
    """The names of the variants in doctor's reason, without what differs from case to case."""
    return re.match(r"[A-Za-z]*(\([A-Za-z]+(\([A-Za-z]+)?)?", words)[0]


def _short(clients: Sequence[str]) -> str:
    """All clients as `all`, and all JVMs as `java`."""
    if len(clients) == len(PREDICTED_AS):
        return "all"
    if set(JVMS) <= set(clients):
        clients = [*[one for one in clients if one not in JVMS], "java"]
    return ", ".join(clients)


def _expanded(clients: str) -> list[str]:
    if clients == "all":
        return list(PREDICTED_AS)
    named = clients.split(", ")
    return [one for name in named for one in (JVMS if name == "java" else (name,))]


# --- The page


def write_page(compared: Sequence[Compared], answers: Answers) -> None:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, behind = rest.partition(END)
    sources = {
        "x509-limbo": [one for one in compared if one.case.id.startswith("limbo/")],
        "our own": [one for one in compared if not one.case.id.startswith("limbo/")],
    }
    parts = [BEGIN, ""]
    for name, those in sources.items():
        count = len({one.case.id for one in those})
        parts += [f"### {count} cases: {name}", "", *_table(those, answers), ""]
    parts += ["### Each kind of difference", "", *_reasons(read()), "", END]
    PAGE.write_text(before + "\n".join(parts) + behind)


def _table(compared: Sequence[Compared], answers: Answers) -> list[str]:
    lines = [
        "| client | version | the same answer | doctor refuses, the client trusts | doctor cannot tell |"
        " not asked | doctor trusts, the client refuses |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for client, counted in figures(compared).items():
        kinds = (Kind.AGREE, Kind.FALSE_NO, Kind.CANNOT_TELL, Kind.NOT_ASKED, Kind.FALSE_YES)
        cells = [NAMES.get(client, client), answers.versions[client]]
        lines.append(f"| {' | '.join([*cells, *[str(counted[kind]) for kind in kinds]])} |")
    return lines


NAMES = {
    "openssl": "OpenSSL",
    "sid openssl": "OpenSSL, newest",
    "curl": "curl",
    "sid curl": "curl, newest",
    "python": "Python's ssl",
    "sid python": "Python's ssl, strict",
    "requests": "requests",
    "sid requests": "requests, strict",
    **{client: f"JVM {client.removeprefix('java ')}" for client in JVMS},
}
KINDS = {
    "false no": "doctor refuses, the client trusts",
    "cannot tell": "doctor cannot tell",
    "not asked": "not fully asked",
}


def _reasons(listed: Listed) -> list[str]:
    lines = ["| kind | doctor's reason | cases | why |", "| --- | --- | ---: | --- |"]
    for reason in listed.reasons:
        doctor = f"`{reason.doctor.replace('(', ' ')}`" if reason.doctor else ""
        lines.append(f"| {KINDS[reason.kind]} | {doctor} | {len(reason.cases)} | {reason.why} |")
    return lines


def versions_now(answers: Answers, listed: Mapping[str, str]) -> list[str]:
    """The clients that are another version than the list was written with."""
    return [client for client in PREDICTED_AS if listed.get(client) != answers.versions[client]]


def without(
    differences: set[tuple[str, str, str]], clients: Sequence[str]
) -> set[tuple[str, str, str]]:
    return {one for one in differences if one[2] not in clients}


