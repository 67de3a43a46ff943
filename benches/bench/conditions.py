"""Machines that are worse than this one: one core, a quota of processor time, a cold page cache.

A processor without SHA instructions is a build of its own (programs.without_sha).
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.cases import Case

DROP_CACHES = Path("/proc/sys/vm/drop_caches")
CGROUPS = Path("/sys/fs/cgroup")
PERIOD = 100_000  # µs: what the kubelet uses


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """This process and what it starts share one core; it waits while what it started runs."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Quota:
    """A control group with a limit of processor time, as a container with `limits.cpu` has it. It
    holds this process too, which is idle while it measures.
    """

    def __init__(self, cpus: float):
        self.cpus, name = cpus, f"trust-init-bench-{os.getpid()}"
        first_version = CGROUPS / "cpu"
        self.old = first_version.is_dir()
        self.folder = (first_version if self.old else CGROUPS) / name

    def __enter__(self) -> Quota:
        limit = round(self.cpus * PERIOD)
        self.home = self.folder.parent / _group(controller="cpu" if self.old else "")
        self.folder.mkdir()
        try:
            if self.old:
                (self.folder / "cpu.cfs_period_us").write_text(str(PERIOD))
                (self.folder / "cpu.cfs_quota_us").write_text(str(limit))
            else:
                (self.folder / "cpu.max").write_text(f"{limit} {PERIOD}")
            self._move_to(self.folder)
        except OSError:
            self.folder.rmdir()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._move_to(self.home)
        self.folder.rmdir()

    def after_a_pause(self, case: Case) -> Case:
        """Starts with a full quota, whatever was spent to prepare it."""

        def prepare() -> None:
            case.prepare()
            time.sleep(2.5 * PERIOD / 1e6)

        return replace(case, prepare=prepare)

    @staticmethod
    def _move_to(folder: Path) -> None:
        (folder / "cgroup.procs").write_text(str(os.getpid()))


def _group(controller: str) -> str:
    """The control group of this process, relative to where the hierarchy is mounted."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path.removeprefix("/")
    return ""


def cold(case: Case) -> Case:
    """Nothing of what it reads is in the page cache: not its program, and no directory."""

    def prepare() -> None:
        case.prepare()
        os.sync()
        DROP_CACHES.write_text("3\n")

    return replace(case, prepare=prepare)


def can_drop_caches() -> bool:
    return os.access(DROP_CACHES, os.W_OK)
