"""`doctor` on each of the failures in support/failures.py: the cause, the fix and the verdict of
each client, beside what `openssl s_client` says and what real clients do.

TRUST_INIT_WRITE_GOLDEN=1 writes tests/interop/doctor/*.txt again.
"""

import contextlib
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import binary, real_clients
from support.failures import CASES, Asking, Case, Scene
from support.real_clients import Outcome

# Of a server that speaks them on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1")

GOLDEN = Path(__file__).parent / "doctor"
# Which verdict in doctor's report is about which real client.
SPOKEN_FOR = {"openssl": "openssl", "curl": "curl", "urllib": "python-ssl", "requests": "python"}
WRITE = "TRUST_INIT_WRITE_GOLDEN"


@dataclass(frozen=True)
class Examined:
    """A case, as doctor and everybody else saw it."""

    case: Case
    asking: Asking
    # Where its stores are.
    directory: Path
    human: str
    code: int
    report: dict
    said: dict[str, real_clients.Said]

    @property
    def server(self) -> dict:
        return self.report["servers"][0]

    @property
    def cause(self) -> str | None:
        cause = self.server["cause"]
        return cause["code"] if cause else None

    def apart(self, name: str) -> Outcome | None:
        """What is documented of a client that parts from doctor's verdict."""
        return self.case.apart.get("java" if name.startswith("java") else name)

    @property
    def server_block(self) -> list[str]:
        """What people read about the server."""
        return self.human.partition("\n\n")[0].splitlines()

    def about(self, name: str) -> str | None:
        """The client in doctor's report whose verdict is about this real client."""
        return "java" if name.startswith("java") else SPOKEN_FOR.get(name)

    def answer(self, client: str) -> dict:
        """What doctor says of a client; nothing if no certificate came."""
        answers = self.server["clients"]
        return next((one for one in answers if one["client"] == client), {})

    def verdict(self, client: str) -> Outcome | None:
        """None is doctor's "cannot tell"."""
        if client in self.server["undecided"]:
            return None
        if client in self.server["trustedBy"]:
            return Outcome.TRUSTED
        return Outcome.REFUSED if client in self.server["refusedBy"] else Outcome.FAILED


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def examined(request, tmp_path_factory):
    case = request.param
    directory = tmp_path_factory.mktemp(case.name)
    with contextlib.ExitStack() as stack:
        asking = case.make(Scene(directory, stack))
        human, machine = doctor(asking), doctor(asking, "--format", "json")
        assert human.returncode == machine.returncode
        said = real_clients.everyone(asking.question)
    of_all = asking.only or list(said)
    yield Examined(
        case,
        asking,
        directory,
        human.stdout,
        human.returncode,
        json.loads(machine.stdout),
        {name: said[name] for name in of_all},
    )


def doctor(asking: Asking, *options: str) -> subprocess.CompletedProcess:
    done = asking.question.run(
        binary.path(), "doctor", asking.question.authority, *asking.options, *options
    )
    unexpected = [line for line in done.stderr.splitlines() if "warning[proxy]" not in line]
    assert done.returncode in {0, 1, 3} and not unexpected, done.stderr
    return done


def test_the_cause_is_found(examined):
    assert examined.cause == examined.case.cause, examined.human


def test_the_exit_code_says_it(examined):
    server = examined.server
    is_known = server["trustedBy"] and not server["undecided"]
    is_no = server["refusedBy"] or is_known or examined.cause == "not-proven"
    assert examined.code == (0 if not examined.cause else 1 if is_no else 3), examined.human


def test_every_verdict_is_what_the_clients_do(examined):
    wrong = []
    for name, said in examined.said.items():
        about = examined.about(name)
        if not about or examined.apart(name):
            continue
        if about in examined.server["undecided"]:
            continue
        verdict = examined.verdict(about)
        if verdict is None:
            continue
        if said.outcome != verdict and not excused(examined, verdict, said.outcome):
            wrong.append(f"{name} {said.outcome}, doctor says of {about}: {verdict}\n{said.text}")
    assert not wrong, examined.human + "\n".join(wrong)


# What clients answer depends on more than doctor sees: their version, how they were built, a key that
# was not proven.
UNDECIDED = {
    "a-chain-in-circles",
    "chacha20-alone",
    "dhe-with-chacha20-alone",
    "final-dot-in-what-was-asked",
    "handshake-signed-with-sha1",
    "key-on-ed25519",
    "name-constraint-with-a-leading-dot",
    "proxy-script",
    "reset-behind-the-certificate",
    "rsa-key-exchange-alone",
    "sha1-mac-alone",
    "signature-of-another-key",
}


def test_it_cannot_tell_only_of_what_it_does_not_see(examined):
    if examined.server["undecided"]:
        assert examined.case.name in UNDECIDED, examined.human


def test_the_words_to_search_for_are_the_clients_own(examined):
    wrong = []
    for name, said in examined.said.items():
        about = examined.about(name)
        words = examined.answer(about).get("ownWords") if about else None
        if not words or examined.apart(name) or said.outcome != Outcome.REFUSED:
            continue
        if words not in said.text:
            wrong.append(f"{name}: no {words!r} in\n{said.text}")
    assert not wrong, examined.human + "\n".join(wrong)


def test_the_first_line_says_for_whom(examined):
    server, (first, *lines) = examined.server, examined.server_block
    authority = examined.asking.question.authority
    assert first == f"{server['host']}: {server['summary']}" and authority in first
    for answer in server["clients"]:
        is_trusted = any(" trusts it" in line for line in lines if named(line, answer["client"]))
        assert is_trusted == (answer["verdict"] == "trusted"), examined.human
        assert bool(answer["anchor"]) == bool(answer["path"])
        assert answer["path"] or answer["verdict"] != "trusted"
    is_all_well = not examined.cause
    assert is_all_well == ("trusted by" in first and ", but " not in first), first


_SHOWN = {
    "openssl": "OpenSSL",
    "curl": "curl",
    "python-ssl": "Python ssl",
    "python": "Python requests",
    "java": "JVM",
}


def named(line: str, client: str) -> bool:
    return line.startswith(f"  {_SHOWN[client]:<16} ")


def excused(examined: Examined, verdict: Outcome, did: Outcome) -> bool:
    """A chain may be trusted and the connection fail: then doctor has to name a cause. Or the client
    refuses what the server speaks, and does not come to its chain.
    """
    if did != Outcome.FAILED:
        return False
    if verdict == Outcome.TRUSTED:
        return examined.cause is not None
    return examined.cause in {
        "old-tls",
        "old-ciphers",
        "no-secure-renegotiation",
        "weak-key-exchange",
    }


def test_who_differs_from_openssl_does_so_as_documented(examined):
    for name, said in examined.said.items():
        if outcome := examined.apart(name):
            assert said.outcome == outcome, said.text


def test_python_3_13_is_noted_where_it_differs(examined):
    if "strict" not in examined.said or examined.said["requests"].outcome != Outcome.TRUSTED:
        return
    is_strict = examined.said["strict"].outcome == Outcome.REFUSED
    # The other notes are about proxies, and about clients of other protocols.
    others = ("proxy", *(client["name"] for client in examined.server["protocolClients"]))
    notes = [
        note for note in examined.server["notes"] if not any(other in note for other in others)
    ]
    assert bool(notes) == is_strict, examined.said["strict"].text


def test_nothing_is_wrong_where_no_cause_is_named(examined):
    if examined.cause is not None:
        return
    told = [name for name in examined.said if name != "strict" and not examined.apart(name)]
    outcomes = {name: examined.said[name].outcome for name in told}
    assert set(outcomes.values()) == {Outcome.TRUSTED}, outcomes


def test_the_golden(examined):
    golden = GOLDEN / f"{examined.case.name}.txt"
    text = shown(examined)
    if os.environ.get(WRITE):
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text)
    assert golden.is_file(), f"no {golden}: {WRITE}=1 writes it"
    assert text == golden.read_text()


def test_every_golden_is_of_a_case():
    written = sorted(path.stem for path in GOLDEN.iterdir())
    assert written == sorted(case.name for case in CASES)


def shown(examined: Examined) -> str:
    """A case for a reader: doctor, then what s_client says, then what everybody does."""
    question = examined.asking.question
    asked = " ".join(["trust-init doctor", question.authority, *examined.asking.options])
    s_client = " ".join(real_clients.s_client(question))
    text = "\n".join(
        [
            f"# {examined.case.story}",
            "",
            f"$ {asked}",
            *told(examined.human),
            f"exit code {examined.code}",
            "",
            f"$ {s_client}",
            *meaningful(examined.said["openssl"].text),
            "",
            *(f"{name} {said.outcome}" for name, said in examined.said.items()),
            "",
        ]
    )
    return normal(text, examined)


def told(human: str) -> list[str]:
    """All about the server, and what is wrong with the stores."""
    server, _, stores = human.partition("\n\n")
    return server.splitlines() + [line for line in stores.splitlines() if line.startswith("  ")]


_MEANINGFUL = re.compile(
    r"CONNECTED|connect:|s_client:|depth=|verify error|.*:error:| \d s:|   i:|Verification"
    r"|Protocol  ?:|New, |\s*Verify return code|no peer certificate|HTTP CONNECT|Didn't find"
)


def meaningful(text: str) -> list[str]:
    """s_client's lines that say how it went, without process, place in the source, or twice."""
    lines = []
    for line in filter(_MEANINGFUL.match, text.splitlines()):
        line = re.sub(r"^[0-9A-F]+:error:[0-9A-F]+:(.*?):\.\./.*$", r"error:\1", line.strip())
        line = re.sub(r"\([0-9A-F]{8}\)$", "", line)
        # By the server's key, it is the one or the other.
        line = re.sub(r"\b(first|last)( octet invalid)", r"first or last\2", line)
        if line not in lines:
            lines.append(line)
    return lines


def normal(text: str, examined: Examined) -> str:
    """Without what is of this run alone."""
    question = examined.asking.question
    for found, shown in {**examined.asking.hidden, str(examined.directory): "/STORES"}.items():
        text = text.replace(found, shown)
    for port in {question.port, question.proxy} - {443, None}:
        text = re.sub(rf"(?<=[:=]){port}\b", "PORT", text)
    text = re.sub(r"(?<=\.pem:)\d+", "LINE", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "SHA256", text)
    text = re.sub(r"until \d{4}-\d\d-\d\d", "until DATE", text)
    return "".join(line.rstrip() + "\n" for line in text.splitlines())
