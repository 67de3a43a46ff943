"""How a measured command is started: the same environment for all, no input, no output, and at
real-time priority where the machine lets us.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
from collections.abc import Iterator

from bench.cases import Case

# A machine's own trust in the environment would have OpenSSL or the JVM read something else.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
QUIET = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
PRIORITY = (os.SCHED_FIFO, os.sched_param(10))
# Who measures must run as soon as what it waits for has ended.
OWN_PRIORITY = (os.SCHED_FIFO, os.sched_param(11))


def environment(case: Case) -> dict[str, str]:
    return {**ENVIRONMENT, **case.environment}


def start(path: str, case: Case, *, realtime: bool) -> int:
    # posix_spawn does not copy this process's page tables: a fork would add to what it measures.
    options = {"scheduler": PRIORITY} if realtime else {}
    return os.posix_spawn(path, case.argv, environment(case), file_actions=QUIET, **options)


@functools.cache
def realtime_is_permitted() -> bool:
    try:
        pid = start("/bin/true", Case("true", ["/bin/true"]), realtime=True)
    except PermissionError:
        return False
    return os.waitpid(pid, 0)[1] == 0


@contextlib.contextmanager
def in_real_time(wanted: bool = True) -> Iterator[bool]:
    """Whether what is started within is to have the priority: if it is wanted and permitted."""
    if not (wanted and realtime_is_permitted()):
        yield False
        return
    os.sched_setscheduler(0, *OWN_PRIORITY)
    try:
        yield True
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def expect_success(case: Case, status: int) -> None:
    if status != 0:
        raise SystemExit(f"benches/run: {' '.join(case.argv)}: wait status {status}")


@functools.cache
def executable(name: str) -> str:
    if (path := shutil.which(name, path=ENVIRONMENT["PATH"])) is None:
        raise SystemExit(f"benches/run: {name} is not on PATH")
    return path
