"""Doctor and the real clients, asked for the same cases."""

import base64
import concurrent.futures
import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from case import Case, der
from server import Server
from support import environment, jvm

HERE = Path(__file__).parent
JVMS = ("8", "11.0.13", "17.0.9", "21.0.8", "25.0.2")


@dataclass(frozen=True)
class Answer:
    outcome: str
    words: str


@dataclass
class Answers:
    """What each client says of each case, by the client's name and the case's id."""

    versions: dict[str, str] = field(default_factory=dict)
    by_client: dict[str, dict[str, Answer]] = field(default_factory=dict)

    def add(self, client: str, id: str, answer: Answer) -> None:
        self.by_client.setdefault(client, {})[id] = answer


def doctor(cases: Sequence[Case]) -> dict[str, dict[str, Answer]]:
    """The predictions, by client and case."""
    lines = [
        json.dumps(
            {
                "id": case.id,
                "anchors": case.anchors,
                "chain": case.chain,
                "host": case.host,
                "at": f"@{case.at}",
            }
        )
        for case in cases
    ]
    done = subprocess.run(
        [judge()], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    found: dict[str, dict[str, Answer]] = {}
    for line in done.stdout.splitlines():
        said = json.loads(line)
        answer = Answer(said["outcome"], said["reason"])
        found.setdefault(said["client"], {})[said["id"]] = answer
    return found


def judge() -> Path:
    """crates/trust-doctor/examples/judge.rs: $TRUST_INIT_JUDGE, else the release build of ./test."""
    if named := os.environ.get("TRUST_INIT_JUDGE"):
        return Path(named)
    target = Path(os.environ.get("CARGO_TARGET_DIR", environment.REPOSITORY / "target"))
    return target / "x86_64-unknown-linux-musl" / "release" / "examples" / "judge"


def real_clients(cases: Sequence[Case]) -> Answers:
    answers = Answers()
    classes()
    with Server({case.id: case for case in cases}) as server:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            asking = [
                pool.submit(_libraries, "", [sys.executable, str(HERE / "clients.py")], cases, server.port, answers),
                pool.submit(_sid, cases, server.port, answers),
                *[pool.submit(_jvm, name, cases, server.port, answers) for name in JVMS],
            ]
            for one in asking:
                one.result()
    return answers


def _sid(cases: Sequence[Case], port: int, answers: Answers) -> None:
    """The programs of Debian's unstable suite, in a root of their own that nothing writes to."""
    root = subprocess.run(
        [environment.SETUP / "sid.sh"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    inside = (
        'mount --bind "$1" "$0/mnt" && mount -t tmpfs none "$0/tmp"'
        ' && exec chroot "$0" python3 /mnt/clients.py'
    )
    command = ["unshare", "--mount", "sh", "-c", inside, root, str(HERE)]
    _libraries("sid ", command, cases, port, answers)


def _libraries(
    prefix: str, command: Sequence[str], cases: Sequence[Case], port: int, answers: Answers
) -> None:
    lines = [json.dumps({"port": port})]
    lines += [
        json.dumps({"id": c.id, "anchors": c.anchors, "host": c.host, "at": c.at}) for c in cases
    ]
    done = _run(command, "\n".join(lines), environment.clean(PYTHONDONTWRITEBYTECODE="1"))
    for line in done.splitlines():
        said = json.loads(line)
        if versions := said.get("versions"):
            answers.versions |= {prefix + name: version for name, version in versions.items()}
            continue
        answers.add(prefix + said["client"], said["id"], Answer(said["outcome"], said["words"]))


def _jvm(name: str, cases: Sequence[Case], port: int, answers: Answers) -> None:
    client = f"java {name.split('.')[0]}"
    lines = [
        "\t".join(
            [
                case.id,
                case.host,
                str(case.at * 1000),
                ",".join(base64.b64encode(der(section)).decode() for section in case.anchors),
            ]
        )
        for case in cases
    ]
    command = [jvm.get(name).home / "bin" / "java", *jvm.QUICK_START, "-cp", classes(), "PathJudge"]
    done = _run([*map(str, command), str(port)], "\n".join(lines) + "\n", environment.clean())
    for line in done.splitlines():
        id, outcome, *words = line.split("\t")
        if id == "version":
            answers.versions[client] = outcome
            continue
        answers.add(client, id, Answer(outcome, words[0]))


@functools.cache
def classes() -> Path:
    return jvm.compile(HERE / "PathJudge.java")


def _run(command: Sequence[str], text: str, env: Mapping[str, str]) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=env)
    assert done.returncode == 0, f"{command}: {done.stderr[-3000:]}"
    return done.stdout
