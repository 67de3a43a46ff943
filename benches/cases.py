"""The commands that are compared, each with what has to stand before it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import inputs


@dataclass(frozen=True)
class Case:
    name: str
    argv: list[str]
    prepare: Callable[[], None]  # never measured
    memory: bool = False
    instructions: bool = False


class Place:
    """One directory, on tmpfs or on a disk, with the inputs and the outputs of every case."""

    def __init__(self, name: str, root: Path, binary: Path):
        self.name, self.root, self.binary = name, root, binary
        self.chains = [
            inputs.chain(root / f"chain-{number}", who)
            for number, who in enumerate(inputs.CUSTOMERS)
        ]
        self.old, self.fresh, self.changed = root / "old", root / "fresh", root / "changed"
        self.copy, self.copied = root / "copy", root / "copied"
        self.rehash, self.store = root / "rehash", root / "keytool.p12"
        done = subprocess.run(self.build(self.old), capture_output=True, text=True)
        if done.returncode != 0:
            command = " ".join(self.build(self.old))
            raise SystemExit(f"benches/run: {command}: exit {done.returncode}\n{done.stderr}")
        shutil.copytree(self.old, self.changed, symlinks=True)
        shutil.copytree(self.old, self.copied, symlinks=True)
        self.certificates = inputs.split(self.old / "os/ca-certificates.crt", self.rehash)
        files = [path for path in self.old.rglob("*") if path.is_file() and not path.is_symlink()]
        self.outputs = f"{len(files)} files, {sum(path.stat().st_size for path in files):,} bytes"

    def build(self, out: Path, chain: int = 0) -> list[str]:
        return [str(self.binary), "build", "--ca", str(self.chains[chain]), "--out", str(out)]

    def exec(self, place: Path) -> list[str]:
        command = [str(self.binary), "exec", "--ca", str(self.chains[0]), "--base", "mozilla"]
        return ["env", f"TMPDIR={place}", *command, "--", "/bin/true"]

    def cases(self) -> list[Case]:
        # cp would put its source inside a directory that exists, hence `old/.` for the second.
        return [
            Case("build", self.build(self.fresh), self.empty, memory=True, instructions=True),
            Case(
                "cp -r",
                ["cp", "-r", str(self.old), str(self.copy)],
                self.no_copy,
                memory=True,
                instructions=True,
            ),
            Case(
                "build, same again", self.build(self.old), nothing, memory=True, instructions=True
            ),
            Case("build, other chain", self.build(self.changed), self._another, memory=True),
            Case("cp -r over", ["cp", "-r", f"{self.old}/.", str(self.copied)], nothing),
            Case(
                "openssl rehash",
                ["openssl", "rehash", str(self.rehash)],
                self._no_links,
                memory=True,
                instructions=True,
            ),
            Case("keytool", self._keytool(), self._no_store, memory=True),
            # The first start of a container, and every later one: nothing is written then.
            Case("exec true, first", self.exec(self.fresh), self.empty),
            Case("exec true, again", self.exec(self.old), nothing),
            Case(
                "exec --from true",
                [str(self.binary), "exec", "--from", str(self.old), "--", "/bin/true"],
                nothing,
            ),
            # What any process costs: nothing can be faster.
            Case("true", ["/bin/true"], nothing, memory=True),
        ]

    def _keytool(self) -> list[str]:
        one = str(self.chains[0].parent / "0.pem")
        store = ["-keystore", str(self.store), "-storepass", "changeit"]
        return ["keytool", "-importcert", "-noprompt", "-alias", "root", "-file", one, *store]

    def empty(self) -> None:
        # A mount point is there, and empty, before an init container runs.
        shutil.rmtree(self.fresh, ignore_errors=True)
        self.fresh.mkdir()

    def _another(self) -> None:
        subprocess.run(self.build(self.changed, chain=1), check=True, capture_output=True)

    def no_copy(self) -> None:
        shutil.rmtree(self.copy, ignore_errors=True)

    def _no_links(self) -> None:
        for entry in os.scandir(self.rehash):
            if entry.is_symlink():
                os.unlink(entry.path)

    def _no_store(self) -> None:
        self.store.unlink(missing_ok=True)


def nothing() -> None:
    pass
