"""Time, memory, instructions and system calls of one command, each taken so that the taking does
not show.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cases import Case

# A machine's own trust in the environment would have OpenSSL or the JVM read something else.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
QUIET = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]

PTRACE_TRACEME, PTRACE_CONT, PTRACE_SETOPTIONS = 0, 7, 0x4200
PTRACE_O_TRACEFORK, PTRACE_O_TRACEVFORK, PTRACE_O_TRACEEXEC, PTRACE_O_TRACEEXIT = 2, 4, 16, 64
PTRACE_EVENT_EXIT = 6
WALL = 0x40000000  # __WALL: waitpid tells of every child, however it was made

SLOW_EVERY = 5  # rounds


@dataclass(frozen=True)
class Run:
    """Milliseconds of one run: of wall clock from the spawn to the end, and of every core in user
    space and in the kernel, with the processes that it started.
    """

    wall: float
    cpu: float


@dataclass(frozen=True)
class Peak:
    """KiB, of the process that had the most: what was resident at its highest, and how much of
    what was resident at the end was the process's own (the rest is the program file's pages,
    which every process of that program shares).
    """

    resident: int
    own: int


@dataclass(frozen=True)
class Cost:
    runs: list[Run]
    peak: Peak | None
    instructions: int | None
    syscalls: int | None

    @property
    def wall(self) -> float:
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        return statistics.median(run.cpu for run in self.runs)

    def wall_at(self, share: float) -> float:
        ordered = sorted(run.wall for run in self.runs)
        return ordered[round(share * (len(ordered) - 1))]


def costs(cases: list[Case], rounds: int) -> dict[str, Cost]:
    runs = in_turns(cases, rounds)
    return {
        case.name: Cost(
            runs[case.name],
            None if case.becomes_another else peak_memory(case, 1 if case.slow else min(rounds, 5)),
            None if case.becomes_another or case.jvm else instructions(case),
            system_calls(case),
        )
        for case in cases
    }


def in_turns(cases: list[Case], rounds: int) -> dict[str, list[Run]]:
    """Each case once a round, so that a busy moment of the machine falls on all of them alike."""
    runs: dict[str, list[Run]] = {case.name: [] for case in cases}
    for case in cases:
        if not case.slow:  # the first run finds nothing in the page cache
            timed(case)
    for number in range(rounds):
        for case in cases:
            if not case.slow or number % SLOW_EVERY == 0:
                runs[case.name].append(timed(case))
    return runs


def timed(case: Case) -> Run:
    case.prepare()
    path = executable(case.argv[0])
    # posix_spawn does not copy this process's page tables: a fork would add to what it measures.
    start = time.perf_counter_ns()
    pid = os.posix_spawn(path, case.argv, ENVIRONMENT, file_actions=QUIET)
    _, status, used = os.wait4(pid, 0)
    spent = time.perf_counter_ns() - start
    expect_success(case, status)
    case.check()
    return Run(spent / 1e6, (used.ru_utime + used.ru_stime) * 1e3)


def peak_memory(case: Case, count: int) -> Peak:
    peaks = []
    for _ in range(count):
        case.prepare()
        peaks.append(_peak(case))
    return Peak(*(round(statistics.median(values)) for values in zip(*peaks, strict=True)))


def _peak(case: Case) -> tuple[int, int]:
    """Stops each process as it exits and reads what the kernel noted of its memory alone.

    The usual ways are off: getrusage's maximum is inherited over fork and exec from whoever
    measures, so a Python that measures a small program sees its own size.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    path = executable(case.argv[0])
    first = os.fork()
    if first == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            libc.ptrace(PTRACE_TRACEME, 0, 0, 0)
            os.execve(path, case.argv, ENVIRONMENT)
        finally:
            os._exit(127)
    _, status = os.waitpid(first, 0)
    if not os.WIFSTOPPED(status):
        raise SystemExit(
            "benches/run: ptrace is not permitted here, and peak memory is read with it"
        )
    # The processes that it starts are traced from their first instruction on; threads are not.
    follow = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT
    libc.ptrace(PTRACE_SETOPTIONS, first, 0, follow)
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
            most = max(most, _memory(pid))
        if event or pid not in traced:  # a new process begins stopped, by no one's signal
            pending = 0
        traced.add(pid)
        libc.ptrace(PTRACE_CONT, pid, 0, pending)
    expect_success(case, ended)
    return most


def _memory(pid: int) -> tuple[int, int]:
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(re.findall(r"^(VmHWM|RssAnon):\s+(\d+) kB$", status, re.MULTILINE))
    return int(fields["VmHWM"]), int(fields["RssAnon"])


def instructions(case: Case) -> int:
    """Instructions in user space, of every program that it runs: the same for the same binary and
    input, however busy the machine is. What the kernel does for it is not among them.
    """
    case.prepare()
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run(
        [*valgrind, "--trace-children=yes", *case.argv],
        check=False, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    counted = re.findall(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not counted:
        raise SystemExit(
            f"benches/run: {case.name} under valgrind: exit {done.returncode}\n{done.stderr}"
        )
    case.check()
    return sum(int(number) for number in counted)


def system_calls(case: Case) -> int | None:
    """How often it asks the kernel for something; None where strace is not to be had."""
    if shutil.which("strace") is None:
        return None
    case.prepare()
    with tempfile.NamedTemporaryFile("r") as out:
        done = subprocess.run(
            ["strace", "-f", "-c", "-o", out.name, *case.argv],
            check=False, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
        total = re.search(
            r"^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total$", out.read(), re.MULTILINE
        )
    if done.returncode != 0 or total is None:
        raise SystemExit(f"benches/run: {case.name} under strace: exit {done.returncode}")
    return int(total[1])


def expect_success(case: Case, status: int) -> None:
    if status != 0:
        raise SystemExit(f"benches/run: {' '.join(case.argv)}: wait status {status}")


def executable(name: str) -> str:
    if (path := shutil.which(name, path=ENVIRONMENT["PATH"])) is None:
        raise SystemExit(f"benches/run: {name} is not on PATH")
    return path
