"""Runs trust-init and reads what it wrote."""

import base64
import hashlib
import json
import os
import re
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support import environment

PEM_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----\s(.*?)-----END CERTIFICATE-----", re.DOTALL)


def path() -> Path:
    """The binary under test: $TRUST_INIT_BIN, else the static release build."""
    if named := os.environ.get("TRUST_INIT_BIN"):
        return Path(named)
    target = Path(os.environ.get("CARGO_TARGET_DIR", environment.REPOSITORY / "target"))
    return target / "x86_64-unknown-linux-musl" / "release" / "trust-init"


@dataclass(frozen=True)
class Run:
    """What a finished run said."""

    code: int
    stdout: bytes
    stderr: str


def run(*args: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None, **options) -> Run:
    """Runs the binary to its end, whatever its exit code.

    The time limit is no measure of speed: it turns a run that hangs into a failure.
    """
    done = subprocess.run(
        [path(), *map(str, args)],
        input=stdin,
        capture_output=True,
        timeout=60,
        env=env or environment.clean(),
        **options,
    )
    return Run(done.returncode, done.stdout, done.stderr.decode())


class Tree:
    """An output directory."""

    def __init__(self, root: Path):
        self.root = root

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    @property
    def manifest(self) -> dict:
        return json.loads((self / "manifest.json").read_text())

    def fingerprints(self, store: str) -> list[str]:
        """The certificates that the manifest says are in a store, sorted.

        One that was read several times has several entries, and is in the store once.
        """
        entries = self.manifest["certificates"]
        return sorted({entry["sha256"] for entry in entries if store in entry["stores"]})

    def snapshot(self) -> dict[str, tuple]:
        """Every path with its kind, mode and content; equal for byte-identical trees."""
        return {
            str(path.relative_to(self.root)): _look(path) for path in sorted(self.root.rglob("*"))
        }

    def touched(self) -> dict[str, tuple]:
        """Every path with what changes when a file is written again, even with the same bytes."""
        found = {}
        for path in [self.root, *sorted(self.root.rglob("*"))]:
            status = path.lstat()
            found[str(path)] = (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        return found


def _look(path: Path) -> tuple:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return ("link", os.readlink(path))
    if stat.S_ISDIR(mode):
        return ("directory", stat.S_IMODE(mode))
    return ("file", stat.S_IMODE(mode), path.read_bytes())


def build(out: Path, *args: str | Path, **options) -> Tree:
    """Builds into `out`; anything but success fails the test."""
    done = run("build", "--out", out, *args, **options)
    assert done.code == 0, f"exit code {done.code}:\n{done.stderr}"
    return Tree(out)


def pem_fingerprints(bundle: bytes) -> list[str]:
    """The SHA-256 of every PEM certificate in a file, in file order."""
    return [
        hashlib.sha256(base64.b64decode(body)).hexdigest() for body in PEM_BLOCK.findall(bundle)
    ]
