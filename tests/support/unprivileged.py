"""Runs of a user without root's rights: root reads and writes everything."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import binary

NOBODY = 65534


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that any user reaches; pytest's own are for its user alone."""
    with tempfile.TemporaryDirectory(prefix="trust-init-test-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory


def as_nobody(directory: Path) -> tuple[Path, dict]:
    """Options for a run without root's rights, with the binary where such a user reaches it."""
    shutil.copy(binary.path(), directory / "trust-init")
    (directory / "trust-init").chmod(0o755)
    rights = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    return directory / "trust-init", rights
