"""What doctor says of each case beside what the real client says."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from asking import Answer, Answers
from case import Case

# Which prediction each real client is compared with.
PREDICTED_AS = {
    "openssl": "openssl",
    "sid openssl": "openssl",
    "curl": "curl",
    "sid curl": "curl",
    "python": "python",
    "sid python": "python-strict",
    "requests": "requests",
    "sid requests": "requests-strict",
    "java 8": "java",
    "java 11": "java",
    "java 17": "java",
    "java 21": "java",
    "java 25": "java",
}

# The server has no cipher suite for the key of such a certificate.
_NO_SUITE = re.compile("wrong.certificate.type|DSAPublicKey", re.IGNORECASE)
# A machine that is too busy: no answer at all.
_LATE = re.compile("timed out|timeout", re.IGNORECASE)
# Where a client ends that took the certificates of a server without their key.
_PROOF_REFUSED = re.compile("signature", re.IGNORECASE)


class Kind(StrEnum):
    AGREE = "agree"
    # Doctor refuses, or has a broken store, and the client trusts.
    FALSE_NO = "false no"
    CANNOT_TELL = "cannot tell"
    # Doctor trusts, and the client refuses: the worst fault that doctor can have.
    FALSE_YES = "FALSE YES"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Compared:
    case: Case
    client: str
    doctor: Answer
    real: Answer
    kind: Kind


def compare(
    cases: Sequence[Case], predicted: Mapping[str, Mapping[str, Answer]], real: Answers
) -> list[Compared]:
    found = []
    for client, prediction in PREDICTED_AS.items():
        for case in cases:
            doctor, answer = predicted[prediction][case.id], real.by_client[client][case.id]
            kind = _kind(doctor, trusts(case, client, answer))
            found.append(Compared(case, client, doctor, answer, kind))
    return found


def trusts(case: Case, client: str, answer: Answer) -> bool | None:
    """Whether the client trusts the server; nothing if it could not be fully asked."""
    assert not _LATE.search(answer.words), f"{client} was too slow for {case.id}: {answer.words}"
    if _NO_SUITE.search(answer.words):
        return None
    if answer.outcome == "failed" and not case.key and _PROOF_REFUSED.search(answer.words):
        # curl compares the host name after the handshake.
        return None if client.endswith("curl") else True
    return answer.outcome == "trusted"


def _kind(doctor: Answer, trusts: bool | None) -> Kind:
    if trusts is None:
        return Kind.NOT_ASKED
    if doctor.outcome == "cannot-tell":
        return Kind.CANNOT_TELL
    match doctor.outcome == "trusted", trusts:
        case True, False:
            return Kind.FALSE_YES
        case False, True:
            return Kind.FALSE_NO
    return Kind.AGREE


def figures(compared: Sequence[Compared]) -> dict[str, Counter[Kind]]:
    """How often each kind, by client."""
    counted = {client: Counter() for client in PREDICTED_AS}
    for one in compared:
        counted[one.client][one.kind] += 1
    return counted
