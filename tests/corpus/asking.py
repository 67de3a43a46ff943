"""Programs that are asked about file after file: each is one process, which says what it takes from the bytes.

The processes that run real readers are `native.py` (a Python and its OpenSSL) and `Take.java` (a JVM). Ours is
the example `judged` of trust-stores, or any program that answers as it does.
"""

import base64
import hashlib
import json
import os
import select
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support import environment, examples, jvm

HERE = Path(__file__).resolve().parent
# A file may ask for years of hashing. Whoever has not answered by then is not going to.
SECONDS = 120
NO_ANSWER = f"no answer within {SECONDS} seconds"


@dataclass(frozen=True)
class File:
    content: bytes
    password: str | None = None

    @property
    def record(self) -> bytes:
        word = b"\xff" * 4 if self.password is None else _sized(self.password.encode())
        return word + _sized(self.content)


def _sized(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


@dataclass(frozen=True)
class Read:
    """What a program takes from a file in one way, or what trust-init makes of it."""

    certificates: tuple[bytes, ...] = ()
    keys: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Judged:
    """What trust-init makes of a file."""

    certificates: tuple[bytes, ...] = ()
    verdicts: tuple[str, ...] = ()
    # Of the sections that are no certificates: the rule, its level, and the reason.
    problems: tuple[tuple[str, str, str], ...] = ()
    denied: bool = True
    adds_up: bool = True

    @property
    def has_key(self) -> bool:
        return any(rule == "private-key" for rule, _, _ in self.problems)


@dataclass
class Program:
    """A process that answers a record with a line, and is started anew if it does not answer."""

    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=environment.clean)
    _running: subprocess.Popen | None = None

    def ask(self, file: File) -> str | None:
        """Its line; None if it gave none in time or ended."""
        if self._running is None or self._running.poll() is not None:
            self._running = subprocess.Popen(
                list(map(str, self.command)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=dict(self.env),
            )
        try:
            self._running.stdin.write(file.record)
            self._running.stdin.flush()
        except BrokenPipeError:
            return self._gone()
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._running.stdout], [], [], SECONDS)
            part = os.read(self._running.stdout.fileno(), 1 << 20) if ready else b""
            if not part:
                return self._gone()
            line += part
        return line.decode(errors="replace").rstrip("\n")

    def _gone(self) -> None:
        self.close()

    def close(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None


class Reader(Program):
    """A real reader: what it takes, by the way in which it reads."""

    def reads(self, file: File) -> dict[str, Read]:
        line = self.ask(file)
        if line is None:
            return {"-": Read(error=NO_ANSWER)}
        return self._parsed(line)

    def _parsed(self, line: str) -> dict[str, Read]:
        return {
            way: Read(tuple(map(base64.b64decode, said["certificates"])), said["keys"], said["error"])
            for way, said in json.loads(line).items()
        }


class Java(Reader):
    def _parsed(self, line: str) -> dict[str, Read]:
        answers = {}
        for part in line.split("\t\t"):
            way, keys, error, *certificates = part.split("\t")
            answers[way] = Read(
                tuple(map(base64.b64decode, certificates)), int(keys), None if error == "-" else error
            )
        return answers


class Ours(Program):
    def judges(self, file: File) -> Judged | None:
        line = self.ask(file)
        if line is None:
            return None
        said = json.loads(line)
        return Judged(
            tuple(base64.b64decode(one["der"]) for one in said["certificates"]),
            tuple(one["verdict"] for one in said["certificates"]),
            tuple((one["rule"], one["level"], one["reason"]) for one in said["problems"]),
            said["denied"],
            said["adds_up"],
        )


def example() -> Path:
    """The program that asks the library: $TRUST_INIT_JUDGED, else a debug build."""
    named = os.environ.get("TRUST_INIT_JUDGED")
    return Path(named) if named else examples.program("judged")


def ours(*arguments: str) -> Ours:
    return Ours("trust-init", [example(), *arguments])


def machines_python() -> Reader:
    """This Python, the OpenSSL that it is linked with, and the package cryptography."""
    return Reader("python", [sys.executable, HERE / "native.py"])


def newest_python() -> Reader:
    """Debian unstable's Python and OpenSSL, started by their own loader: no root is needed."""
    done = subprocess.run(
        [environment.SETUP / "sid.sh"], stdout=subprocess.PIPE, text=True, check=True
    )
    root = Path(done.stdout.strip())
    libraries = root / "usr/lib/x86_64-linux-gnu"
    command = [root / "lib64/ld-linux-x86-64.so.2", "--library-path", libraries]
    modules = {"OPENSSL_MODULES": str(libraries / "ossl-modules"), "PYTHONHOME": str(root / "usr")}
    env = environment.clean() | modules
    return Reader("newest python", [*command, root / "usr/bin/python3", HERE / "native.py"], env)


def java(name: str) -> Java:
    """A JVM of the matrix: the newest one whose version begins so."""
    newest = next(full for full in reversed(jvm.names()) if f"{full}.".startswith(f"{name}."))
    home = jvm.get(newest).home
    command = [home / "bin" / "java", "-Xmx512m", *jvm.QUICK_START, "-cp", jvm.classes("Take"), "Take"]
    return Java(f"Java {name}", command)


def fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()
