"""Where trust-init and the real readers part ways about a file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from corpus.asking import Judged, Read
from corpus.identity import identity

# By reader, then by the way in which it reads.
Answers = Mapping[str, Mapping[str, Read]]

SILENT = "lost silently"
KEY_PASSED = "a key that passed"
REFUSED = "certificates refused"
WHOLE = "refused, though every certificate was read"
KEY_UNNAMED = "refused, but not for its key"
CRASHED = "no answer of trust-init"
SUM = "sections that do not add up"
# Those that no ledger can explain.
NEVER = (SILENT, KEY_PASSED, CRASHED, SUM)


@dataclass(frozen=True)
class Difference:
    kind: str
    # What trust-init says, without what is each file's own.
    says: str
    # Who takes more than trust-init.
    readers: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.says


def differences(judged: Judged | None, answers: Answers) -> Iterator[Difference]:
    if judged is None:
        yield Difference(CRASHED, "")
        return
    if not judged.adds_up:
        yield Difference(SUM, "")
    ours = {identity(der) for der in judged.certificates}
    taken = {
        f"{reader}, {way}": {identity(der) for der in read.certificates}
        for reader, ways in answers.items()
        for way, read in ways.items()
    }
    says = words(judged)
    more = tuple(name for name, found in taken.items() if found - ours)
    if more:
        yield Difference(REFUSED if judged.denied else SILENT, says, more)
    with_key = tuple(
        f"{reader}, {way}"
        for reader, ways in answers.items()
        for way, read in ways.items()
        if read.keys
    )
    if with_key and not judged.has_key:
        yield Difference(KEY_UNNAMED if judged.denied else KEY_PASSED, says, with_key)
    every = set().union(*taken.values())
    if judged.denied and every and not more and not judged.has_key:
        whole = tuple(
            f"{reader}, {way}"
            for reader, ways in answers.items()
            for way, read in ways.items()
            if read.certificates and not read.error and taken[f"{reader}, {way}"] == every
        )
        if whole:
            yield Difference(WHOLE, says, whole)


def words(judged: Judged) -> str:
    """The problems that it names, each once, without numbers, names and labels of the file's own."""
    reasons = {
        f"{rule}: {_kind(reason)}" for rule, level, reason in judged.problems if level == "deny"
    }
    return "; ".join(sorted(reasons)) or ("no certificate is left" if judged.denied else "ok")


def _kind(reason: str) -> str:
    reason = re.sub(r"\(.*?\)", "(…)", reason)
    reason = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "'…'", reason)
    return re.sub(r"\d+", "N", reason)
