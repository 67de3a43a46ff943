"""The commands that are compared, each with what must exist before it runs and what it must leave."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import contents
import inputs

CHAIN = 4


def nothing() -> None:
    pass


@dataclass(frozen=True)
class Case:
    name: str
    argv: list[str]
    prepare: Callable[[], None] = nothing  # never measured
    check: Callable[[], None] = nothing  # nor this: a failure must not pass for a fast run
    jvm: bool = False  # callgrind cannot run one
    becomes_another: bool = False  # by exec: its memory and instructions end as those of that one
    slow: bool = False  # a minute a run: a few of them tell


class Place:
    """One directory, on tmpfs or on a disk, with inputs of one size and the outputs of every
    case.
    """

    def __init__(self, name: str, root: Path, binary: Path, size: int):
        self.name, self.root, self.binary, self.size = name, root, binary, size
        root.mkdir()
        made_up = inputs.made_up(root, size - CHAIN - public_roots(binary))
        self.chains = [
            inputs.chain(root / f"chain-{number}", customer, made_up)
            for number, customer in enumerate(inputs.CUSTOMERS)
        ]
        self.old, self.fresh, self.changed = root / "old", root / "fresh", root / "changed"
        self.copy, self.copied, self.rehash = root / "copy", root / "copied", root / "rehash"
        self.started = root / "started"
        run(self.build(self.old))
        contents.expect(self.size, contents.pem(self.old / "os/ca-certificates.crt"))
        inputs.split(self.old / "os/ca-certificates.crt", self.rehash, "pem")

    @property
    def files(self) -> int:
        return len(self._outputs())

    @property
    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self._outputs())

    def _outputs(self) -> list[Path]:
        return [path for path in self.old.rglob("*") if path.is_file() and not path.is_symlink()]

    def build(self, out: Path, chain: int = 0) -> list[str]:
        chain_file = str(self.chains[chain])
        # The customer's part of 10,000 certificates is beyond what build reads by default.
        return [
            str(self.binary), "build", "--ca", chain_file, "--max-size", "64MiB", "--out", str(out)
        ]  # fmt: skip

    def exec(self, place: Path) -> list[str]:
        command = [str(self.binary), "exec", "--ca", str(self.chains[0]), "--base", "mozilla"]
        return ["env", f"TMPDIR={place}", *command, "--", "/bin/true"]

    def from_nothing(self) -> list[Case]:
        """A build, a copy of its outputs and the hashed directory alone, where nothing is yet."""
        return [
            Case("build", self.build(self.fresh), self._empty, self._built),
            Case("cp -r", ["cp", "-r", str(self.old), str(self.copy)], self._no_copy),
            Case("openssl rehash", ["openssl", "rehash", str(self.rehash)], self._no_links,
                 self._linked),
        ]  # fmt: skip

    def every_start(self) -> list[Case]:
        """Those, the same over an older tree, and `exec`."""
        for older in (self.changed, self.copied):
            shutil.copytree(self.old, older, symlinks=True)
        self.started.mkdir()
        # cp would put its source inside a directory that exists, hence `old/.` for the second.
        return [
            *self.from_nothing(),
            Case("build, same again", self.build(self.old)),
            Case("build, other chain", self.build(self.changed), self._another),
            Case("cp -r over", ["cp", "-r", f"{self.old}/.", str(self.copied)]),
            # The first start of a container, and every later one: nothing is written then.
            Case("exec true, first", self.exec(self.fresh), self._empty, becomes_another=True),
            Case("exec true, again", self.exec(self.started), becomes_another=True),
            Case(
                "exec --from true",
                [str(self.binary), "exec", "--from", str(self.old), "--", "/bin/true"],
                becomes_another=True,
            ),
            # What any process costs: nothing can be faster.
            Case("true", ["/bin/true"]),
        ]

    def _empty(self) -> None:
        # A mount point is there, and empty, before an init container runs.
        shutil.rmtree(self.fresh, ignore_errors=True)
        self.fresh.mkdir()

    def _built(self) -> None:
        contents.expect(self.size, contents.pem(self.fresh / "python/cacert.pem"))

    def _another(self) -> None:
        run(self.build(self.changed, chain=1))

    def _no_copy(self) -> None:
        shutil.rmtree(self.copy, ignore_errors=True)

    def _no_links(self) -> None:
        for entry in os.scandir(self.rehash):
            if entry.is_symlink():
                os.unlink(entry.path)

    def _linked(self) -> None:
        contents.expect(self.size, contents.hashed(self.rehash))


def public_roots(binary: Path) -> int:
    """How many certificates a build adds to those of the customer."""
    return int(re.search(r"\((\d+) certificates\)", run([str(binary), "--version"]))[1])


def run(argv: list[str]) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(
            f"benches/run: {' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout
