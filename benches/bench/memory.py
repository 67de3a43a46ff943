"""The peak memory of a command, as the kernel noted it for each of its processes.

The usual ways are off: getrusage's maximum is inherited over fork and exec from whoever measures, so
a Python that measures a small program sees its own size.
"""

from __future__ import annotations

import ctypes
import os
import re
import statistics
from pathlib import Path

from bench import spawn
from bench.cases import Case

PTRACE_TRACEME, PTRACE_CONT, PTRACE_SETOPTIONS = 0, 7, 0x4200
PTRACE_O_TRACEFORK, PTRACE_O_TRACEVFORK, PTRACE_O_TRACEEXEC, PTRACE_O_TRACEEXIT = 2, 4, 16, 64
# The processes that it starts are traced from their first instruction on; threads are not.
FOLLOW = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT
PTRACE_EVENT_EXIT = 6
WALL = 0x40000000  # __WALL: waitpid tells of every child, however it was made


def peak(case: Case, count: int) -> tuple[int, int]:
    """KiB, of the process that had the most: what was resident at its highest, and how much of what
    was resident at the end was the process's own. The rest is the program file's pages, which every
    process of that program shares.
    """
    found = []
    for _ in range(count):
        case.prepare()
        found.append(_once(case))
    resident, own = zip(*found, strict=True)
    return round(statistics.median(resident)), round(statistics.median(own))


def of_process(pid: int, *names: str) -> list[int]:
    """Fields of its status, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(re.findall(r"^(\w+):\s+(\d+) kB$", status, re.MULTILINE))
    return [int(fields[name]) for name in names]


def _once(case: Case) -> tuple[int, int]:
    libc = ctypes.CDLL(None, use_errno=True)
    first = _start_traced(case, libc)
    libc.ptrace(PTRACE_SETOPTIONS, first, 0, FOLLOW)
    libc.ptrace(PTRACE_CONT, first, 0, 0)
    traced, ended, most = {first}, 0, (0, 0)
    while traced:
        pid, status = os.waitpid(-1, WALL)
        if not os.WIFSTOPPED(status):
            traced.discard(pid)
            if pid == first:
                ended = status
            continue
        event, pending = status >> 16, os.WSTOPSIG(status)
        if event == PTRACE_EVENT_EXIT:
            most = max(most, tuple(of_process(pid, "VmHWM", "RssAnon")))
        if event or pid not in traced:  # a new process begins stopped, by no one's signal
            pending = 0
        traced.add(pid)
        libc.ptrace(PTRACE_CONT, pid, 0, pending)
    spawn.expect_success(case, ended)
    return most


def _start_traced(case: Case, libc: ctypes.CDLL) -> int:
    path = spawn.executable(case.argv[0])
    first = os.fork()
    if first == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            libc.ptrace(PTRACE_TRACEME, 0, 0, 0)
            os.execve(path, case.argv, spawn.environment(case))
        finally:
            os._exit(127)
    _, status = os.waitpid(first, 0)
    if not os.WIFSTOPPED(status):
        raise SystemExit(
            "benches/run: ptrace is not permitted here, and peak memory is read with it"
        )
    return first
