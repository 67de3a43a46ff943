"""What real clients do with a store that holds a certificate beside a good one: the judges of what
trust-init believes about them.

Each reader is one process that is asked about certificate after certificate. An answer is None if the
store works, or why it does not.
"""

import concurrent.futures
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support import environment, jvm, pki

NATIVE = environment.REPOSITORY / "tests" / "interop" / "native_reader.py"
# Those of the bars: the oldest and the newest of each line in use. The runtime of 11.0.5 was built
# without elliptic curves.
JVMS = ("8", "11.0.5", "11.0.13", "17", "21", "25")


@dataclass(frozen=True)
class Answer:
    """What a client does with a store that has the certificate, and with the certificate alone."""

    store: str | None
    alone: str | None
    key: str = ""


@dataclass(frozen=True)
class Reader:
    """A client, and how it is asked."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]

    def ask(self, certificates: Sequence[bytes]) -> list[Answer]:
        """What it does with each."""
        records = b"".join(struct.pack(">I", len(der)) + der for der in certificates)
        done = subprocess.run(
            self.command, input=records, capture_output=True, env=self.environment, timeout=1800
        )
        assert done.returncode == 0, f"{self.name}: {done.stderr.decode(errors='replace')[-2000:]}"
        lines = done.stdout.decode(errors="replace").split("\n")[:-1]
        assert len(lines) == len(certificates), f"{self.name}: {len(lines)} answers"
        return [_answer(line) for line in lines]


def _answer(line: str) -> Answer:
    store, _, alone = line.partition("\t")
    said, _, key = alone.partition(" ")
    return Answer(
        store=None if store == "ok" else store.removeprefix("breaks "),
        alone=None if said == "ok" else alone.removeprefix("breaks "),
        key=key if said == "ok" else "",
    )


@dataclass(frozen=True)
class Good:
    """A root that each store holds, and a chain under it that must go on verifying."""

    anchor: Path
    chain: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> "Good":
        root = pki.root("Example Good CA")
        server = root.issue("Example Good Issuing CA").server()
        made = cls(folder / "good.der", folder / "chain.pem", folder / "key.pem")
        made.anchor.write_bytes(root.certificate.der)
        made.chain.write_bytes(server.chain)
        made.key.write_bytes(pki.key_pem(server.key))
        return made


def jvms(good: Good, names: Sequence[str] = JVMS) -> list[Reader]:
    """The JVMs of the matrix."""
    classes = jvm.classes("Breaks")
    readers = []
    for name in names:
        newest = next(full for full in reversed(jvm.names()) if f"{full}.".startswith(f"{name}."))
        java = jvm.get(newest).home / "bin" / "java"
        command = [java, *jvm.QUICK_START, "-cp", classes, "Breaks", good.anchor, good.chain]
        readers.append(Reader(f"Java {name}", tuple(map(str, command)), environment.clean()))
    return readers


def machines_python(good: Good) -> Reader:
    """The machine's Python, and the OpenSSL that it is linked with."""
    return _native("this Python", [Path(sys.executable)], good, environment.clean())


def newest_python(good: Good) -> Reader:
    """Debian unstable's Python and OpenSSL, started by their own loader: no root is needed."""
    done = subprocess.run(
        [environment.SETUP / "sid.sh"], stdout=subprocess.PIPE, text=True, check=True
    )
    root = Path(done.stdout.strip())
    libraries = root / "usr/lib/x86_64-linux-gnu"
    loader = [root / "lib64/ld-linux-x86-64.so.2", "--library-path", libraries]
    env = environment.clean() | {"PYTHONHOME": str(root / "usr")}
    return _native("newest Python", [*loader, root / "usr/bin/python3"], good, env)


def _native(name: str, python: Sequence[Path | str], good: Good, env: dict[str, str]) -> Reader:
    command = [*python, NATIVE, good.anchor, good.chain, good.key]
    return Reader(name, tuple(map(str, command)), env)


def ask_all(readers: Sequence[Reader], certificates: Sequence[bytes]) -> dict[str, list[Answer]]:
    """What each says of each certificate."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda reader: reader.ask(certificates), readers)
        return {reader.name: said for reader, said in zip(readers, answers, strict=True)}
