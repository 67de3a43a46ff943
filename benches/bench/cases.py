"""The commands that are compared, each with what must exist before it runs and what it must leave."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench import contents, inputs, programs
from bench.results import BEFORE, NOW, RIVAL

CHAIN = 4


def nothing() -> None:
    pass


@dataclass(frozen=True)
class Case:
    name: str
    argv: list[str]
    build: str = RIVAL
    prepare: Callable[[], None] = nothing  # never measured
    check: Callable[[], None] = nothing  # nor this: a failure must not pass for a fast run
    environment: dict[str, str] = field(default_factory=dict)
    becomes_another: bool = False  # by exec: its memory ends as that of the other
    every: int = 1  # rounds: of what takes seconds or minutes, a few runs tell

    @property
    def slow(self) -> bool:
        return self.every > 1


class Place:
    """One directory, on tmpfs or on a disk, with inputs of one size and the outputs of every
    case. `builds` are the binaries, by name; each has directories of its own.
    """

    def __init__(self, name: str, root: Path, builds: dict[str, Path], size: int, floor: Path):
        self.name, self.root, self.builds, self.size = name, root, builds, size
        self.binary, self.floor = builds[NOW], floor
        root.mkdir()
        made_up = inputs.made_up(root, size - CHAIN - public_roots(self.binary))
        self.chains = [
            inputs.chain(root / f"chain-{number}", customer, made_up)
            for number, customer in enumerate(inputs.CUSTOMERS)
        ]
        self.old, self.copy, self.copied = root / "old", root / "copy", root / "copied"
        self.rehash, self.floored = root / "rehash", root / "floored"
        run(self.command(self.binary, self.chains[0], self.old))
        contents.expect(self.size, contents.pem(self.old / "os/ca-certificates.crt"))
        inputs.split(self.old / "os/ca-certificates.crt", self.rehash, "pem")
        self.pack = programs.pack(self.old, root / "pack")

    @property
    def files(self) -> int:
        return len(self._outputs())

    @property
    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self._outputs())

    def _outputs(self) -> list[Path]:
        return [path for path in self.old.rglob("*") if path.is_file() and not path.is_symlink()]

    def command(self, binary: Path, chain: Path, out: Path) -> list[str]:
        # The customer's part of 10,000 certificates is beyond what build reads by default.
        options = ["--ca", str(chain), "--max-size", "64MiB", "--out", str(out)]
        return [str(binary), "build", *options]

    def rivals(self) -> list[Case]:
        """A copy of the outputs, the floor, and the hashed directory alone, where nothing is yet."""
        return [
            Case("cp -r", ["cp", "-r", str(self.old), str(self.copy)],
                 prepare=lambda: remove(self.copy)),
            Case("floor", [str(self.floor), "write", str(self.pack), str(self.floored)],
                 prepare=lambda: empty(self.floored)),
            Case("openssl rehash", ["openssl", "rehash", str(self.rehash)],
                 prepare=self._no_links, check=self._linked, every=5 if self.size > 1000 else 1),
        ]  # fmt: skip

    def from_nothing(self, build: str) -> Case:
        # A mount point is there, and empty, before an init container runs.
        fresh = self.root / f"fresh {build}"
        return Case(
            "build", self.command(self.builds[build], self.chains[0], fresh), build,
            prepare=lambda: empty(fresh),
            check=lambda: contents.expect(self.size, contents.pem(fresh / "python/cacert.pem")),
        )  # fmt: skip

    def over_rivals(self) -> list[Case]:
        shutil.copytree(self.old, self.copied, symlinks=True)
        # cp would put its source inside a directory that exists, hence `old/.`.
        return [
            Case("cp -r over", ["cp", "-r", f"{self.old}/.", str(self.copied)]),
            Case("floor, compare", [str(self.floor), "compare", str(self.pack), str(self.old)]),
        ]

    def over(self, build: str) -> list[Case]:
        """Builds that find a tree: their own, and that of another chain."""
        own, changed = self.root / f"own {build}", self.root / f"changed {build}"
        for older in (own, changed):
            run(self.command(self.builds[build], self.chains[0], older))
        current, turns = self.root / f"current {build}.pem", [0]

        def another() -> None:
            turns[0] = 1 - turns[0]
            remove(current)
            current.symlink_to(self.chains[turns[0]])

        return [
            Case("build, same again", self.command(self.builds[build], self.chains[0], own), build),
            Case(
                "build, other chain", self.command(self.builds[build], current, changed), build,
                prepare=another,
            ),
        ]  # fmt: skip

    def every_build(self) -> list[Case]:
        """All of them, those that are compared with each other next to each other. A build without
        SHA instructions is only measured from nothing.
        """
        whole = [build for build in self.builds if build in (NOW, BEFORE)]
        return [
            *self.rivals(),
            *(self.from_nothing(build) for build in self.builds),
            *self.over_rivals(),
            *(case for build in whole for case in self.over(build)),
        ]

    def _no_links(self) -> None:
        for entry in os.scandir(self.rehash):
            if entry.is_symlink():
                os.unlink(entry.path)

    def _linked(self) -> None:
        contents.expect(self.size, contents.hashed(self.rehash))


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def empty(folder: Path) -> None:
    remove(folder)
    folder.mkdir()


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
