#!/usr/bin/env python3
"""compare.py [--full]: what the models of clients foresee, beside what the clients do.

Each certificate is put into a store next to a good one, and each client is asked whether the store still
works. Without an option these are a sample of the grids and every vector; with --full all of the grids,
bent certificates and the public corpora (tests/setup/corpora.sh), which takes half an hour. Run it with the
Python of the test environment. It prints a table for docs/strictness.md, then each difference by its reason.
"""

import argparse
import collections
import re
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2])]

from models import ber, grid  # noqa: E402
from support import bent, environment, examples, readers  # noqa: E402

Named = tuple[str, bytes]
# One in so many of the grids: half a minute for all clients together.
SAMPLE = 24
# How JDK 11 before 11.0.9 says that it reads no RSA-PSS key. Every other version does, so the models do too.
NO_PSS_KEYS = "Unsupported algorithm 1.2.840.113549.1.1.10"


@dataclass(frozen=True)
class Foreseen:
    """What the functions of `trust_stores::strictness` say; empty where nothing is refused."""

    java: str
    openssl: str
    openssl_verify: str

    @property
    def is_malformed(self) -> bool:
        return self.java == "malformed"


def foreseen(certificates: Sequence[bytes]) -> list[Foreseen]:
    records = b"".join(struct.pack(">I", len(der)) + der for der in certificates)
    done = subprocess.run([examples.program("refusals")], input=records, stdout=subprocess.PIPE, check=True)
    lines = done.stdout.decode().split("\n")[:-1]
    return [Foreseen(*line.split("\t")[:3]) for line in lines]


@dataclass
class Figures:
    """How often a client and its model agree, and each difference by its reason."""

    seen: int = 0
    broken: int = 0
    agree: int = 0
    kept_and_breaks: list[str] = field(default_factory=list)
    # Those that are no certificate to trust-init, and break no store.
    malformed_and_taken: list[str] = field(default_factory=list)
    dropped_and_taken: collections.Counter = field(default_factory=collections.Counter)

    def add(self, name: str, breaks: str | None, refusal: str) -> None:
        self.seen += 1
        self.broken += breaks is not None
        if (breaks is None) == (refusal == ""):
            self.agree += 1
        elif breaks is None:
            self.dropped_and_taken[_kind(refusal)] += 1
        else:
            self.kept_and_breaks.append(f"{name}: {breaks}")


def _kind(refusal: str) -> str:
    """A reason without what is each certificate's own."""
    return re.sub(r"\b\d[\d.]*\.\d+\b", "…", refusal)


def compared(
    clients: Sequence[readers.Reader], certificates: Iterable[Named]
) -> dict[str, Figures]:
    """By client, and for what all JVMs and all versions of OpenSSL say together."""
    once = {der: name for name, der in certificates}
    names, ders = list(once.values()), list(once)
    answers = readers.ask_all(clients, ders)
    figures: dict[str, Figures] = collections.defaultdict(Figures)
    for index, (name, told) in enumerate(zip(names, foreseen(ders), strict=True)):
        if told.is_malformed:
            # It is no section of a store: `malformed` names it, whatever a client says.
            if all(answers[client][index].store is None for client in answers):
                figures["all clients"].malformed_and_taken.append(name)
            continue
        said = {client: answers[client][index] for client in answers}
        java = [_java(client, answer) for client, answer in said.items() if "Java" in client]
        openssl = [answer.store for client, answer in said.items() if "Java" not in client]
        for client, answer in said.items():
            if "Java" in client:
                figures[client].add(name, _java(client, answer), told.java)
            else:
                figures[client].add(name, answer.store, told.openssl)
                if answer.store is None:
                    verifies = answer.alone if answer.alone == "invalid" else None
                    figures[f"chains, {client}"].add(name, verifies, told.openssl_verify)
        figures["any JVM"].add(name, next(filter(None, java), None), told.java)
        figures["any OpenSSL"].add(name, next(filter(None, openssl), None), told.openssl)
    return figures


def _java(client: str, answer: readers.Answer) -> str | None:
    is_old = client == "Java 11.0.5" and answer.store and NO_PSS_KEYS in answer.store
    return None if is_old else answer.store


def vectors() -> Iterator[Named]:
    for file in sorted((environment.REPOSITORY / "tests/vectors/certificates").glob("*.der")):
        yield file.name, file.read_bytes()


def grids(step: int = 1) -> Iterator[Named]:
    for make in (grid.GRIDS | ber.GRIDS).values():
        for index, one in enumerate(make()):
            if index % step == 0:
                yield one


def corpora() -> Iterator[Named]:
    """The public ones; they are fetched if they are not here yet."""
    done = subprocess.run(
        [environment.SETUP / "corpora.sh"], stdout=subprocess.PIPE, text=True, check=True
    )
    folder = Path(done.stdout.strip())
    records = (folder / "records").read_bytes()
    at = 0
    for origin in (folder / "origins").read_text().splitlines():
        (size,) = struct.unpack_from(">I", records, at)
        yield origin.split(" ", 1)[1], records[at + 4 : at + 4 + size]
        at += 4 + size


def everything() -> Iterator[Named]:
    yield from vectors()
    yield from grids()
    public = list(corpora())
    yield from public
    whole = [der for _, der in public if _is_der(der)]
    yield from bent.bent(20261121, whole, 10_000)


def _is_der(der: bytes) -> bool:
    try:
        return bent.parse(der).encode() == der
    except (ValueError, IndexError):
        return False


def clients(good: readers.Good) -> list[readers.Reader]:
    return [*readers.jvms(good), readers.machines_python(good), readers.newest_python(good)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="everything, the public corpora too")
    certificates = everything() if parser.parse_args().full else [*vectors(), *grids(SAMPLE)]
    with tempfile.TemporaryDirectory() as folder:
        figures = compared(clients(readers.Good.make(Path(folder))), certificates)
    print("| client | certificates | broken | model agrees | kept and breaks | dropped and taken |")
    print("| --- | --- | --- | --- | --- | --- |")
    taken = figures.pop("all clients", Figures()).malformed_and_taken
    for client, one in figures.items():
        dropped = one.dropped_and_taken.total()
        print(f"| {client} | {one.seen} | {one.broken} | {one.agree} | {len(one.kept_and_breaks)} | {dropped} |")
    for client, one in figures.items():
        for difference in one.kept_and_breaks[:20]:
            print(f"kept and breaks, {client}: {difference}")
    for name in taken:
        print(f"malformed and taken by all: {name}")
    for client in ("any JVM", "any OpenSSL"):
        for reason, count in figures[client].dropped_and_taken.most_common():
            print(f"dropped and taken, {client}: {count} {reason}")


if __name__ == "__main__":
    main()
