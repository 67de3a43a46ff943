"""Copies of large directories that tests change: quick, and the original stays as it is."""

import os
import shutil
from pathlib import Path


def linked(source: Path, target: Path) -> Path:
    """`source` again at `target`, its files hard links where the disk allows it. A test may then
    replace a file, and must never write into one.
    """
    return Path(shutil.copytree(source, target, symlinks=True, copy_function=_link_or_copy))


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
