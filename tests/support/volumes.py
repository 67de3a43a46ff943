"""Volumes in a mount namespace of their own, reached from outside through /proc."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

# A page of a tmpfs.
PAGE = 4096


@contextlib.contextmanager
def mounted(place: Path, mount: str) -> Iterator[Path]:
    """What the shell command `mount` puts at `place`, `$0` in it. It goes with its process."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]
    command += [f"{mount}; echo there; exec cat", place]
    # cat lives until its input ends.
    holder = subprocess.Popen(
        [*map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "there\n"
        yield Path(f"/proc/{holder.pid}/root{place}")
    finally:
        holder.stdin.close()
        holder.stdout.close()
        holder.wait(timeout=60)


def fill(volume: Path, pages: int) -> None:
    """Leaves that many pages free."""
    filler = volume / "filler"
    filler.unlink(missing_ok=True)
    free = os.statvfs(volume)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, (free.f_bfree - pages) * PAGE)


def use_up(volume: Path, inodes: int) -> None:
    """Leaves that many inodes free."""
    for number in range(os.statvfs(volume).f_ffree - inodes):
        (volume / f"filler-{number}").touch()
