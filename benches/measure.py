"""Time, memory, instructions and system calls of one command, each taken so that the taking does
not show.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cases import Case, Place

# A machine's own trust in the environment would have OpenSSL or the JVM read something else.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
QUIET = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]

PTRACE_TRACEME, PTRACE_CONT, PTRACE_SETOPTIONS = 0, 7, 0x4200
PTRACE_O_TRACEEXIT, PTRACE_EVENT_EXIT = 0x40, 6


@dataclass(frozen=True)
class Times:
    """Milliseconds of wall clock, from the spawn to the end, in the order of the rounds."""

    runs: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def at(self, share: float) -> float:
        ordered = sorted(self.runs)
        return ordered[round(share * (len(ordered) - 1))]


@dataclass(frozen=True)
class Peak:
    """KiB: the most that was resident, and how much of what was resident at the end was the
    process's own (the rest is the program file's pages, which every process of that program
    shares).
    """

    resident: int
    own: int


def rounds(cases: list[Case], count: int, every: dict[str, int]) -> dict[str, Times]:
    """Each case once a round, in turn, so that a busy moment of the machine falls on all of them
    alike.
    """
    runs: dict[str, list[float]] = {case.name: [] for case in cases}
    for case in cases:  # the first run finds nothing in the page cache
        case.prepare()
        timed(case)
    for number in range(count):
        for case in cases:
            if number % every.get(case.name, 1) == 0:
                case.prepare()
                runs[case.name].append(timed(case))
    return {name: Times(values) for name, values in runs.items()}


def timed(case: Case) -> float:
    path = executable(case.argv[0])
    # posix_spawn does not copy this process's page tables: a fork would add to what it measures.
    start = time.perf_counter_ns()
    pid = os.posix_spawn(path, case.argv, ENVIRONMENT, file_actions=QUIET)
    _, status = os.waitpid(pid, 0)
    spent = time.perf_counter_ns() - start
    if status != 0:
        raise SystemExit(f"benches/run: {' '.join(case.argv)}: wait status {status}")
    return spent / 1e6


def peak_memory(case: Case, count: int) -> Peak:
    peaks = []
    for _ in range(count):
        case.prepare()
        peaks.append(_peak(case.argv))
    return Peak(*(round(statistics.median(values)) for values in zip(*peaks, strict=True)))


def _peak(argv: list[str]) -> tuple[int, int]:
    """Stops the process as it exits and reads what the kernel noted of its memory alone.

    The usual ways are off: getrusage's maximum is inherited over fork and exec from whoever
    measures, so a Python that measures a small program sees its own size.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    path = executable(argv[0])
    pid = os.fork()
    if pid == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            libc.ptrace(PTRACE_TRACEME, 0, 0, 0)
            os.execve(path, argv, ENVIRONMENT)
        finally:
            os._exit(127)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSTOPPED(status):
        raise SystemExit(
            "benches/run: ptrace is not permitted here, and peak memory is read with it"
        )
    libc.ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT)
    found = (0, 0)
    pending = 0
    while True:
        libc.ptrace(PTRACE_CONT, pid, 0, pending)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            break
        pending = 0
        if status >> 8 == signal.SIGTRAP | PTRACE_EVENT_EXIT << 8:
            fields = dict(
                re.findall(
                    r"^(VmHWM|RssAnon):\s+(\d+) kB$",
                    Path(f"/proc/{pid}/status").read_text(),
                    re.MULTILINE,
                )
            )
            found = (int(fields["VmHWM"]), int(fields["RssAnon"]))
        else:
            pending = os.WSTOPSIG(status)
    if status != 0:
        raise SystemExit(f"benches/run: {' '.join(argv)}: wait status {status}")
    return found


def instructions(case: Case) -> int:
    """Instructions in user space: the same for the same binary and input, however busy the
    machine is. What the kernel does for the process is not among them.
    """
    case.prepare()
    with tempfile.NamedTemporaryFile() as out:
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", *case.argv]
        done = subprocess.run(
            valgrind, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or counted is None:
        raise SystemExit(
            f"benches/run: {' '.join(valgrind)}: exit {done.returncode}\n{done.stderr}"
        )
    return int(counted[1])


def system_calls(case: Case) -> int | None:
    """How often the process asks the kernel for something; None where strace is not to be had."""
    case.prepare()
    with tempfile.NamedTemporaryFile("r") as out:
        strace = ["strace", "-f", "-c", "-o", out.name, *case.argv]
        try:
            done = subprocess.run(
                strace, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True
            )
        except FileNotFoundError:
            return None
        total = re.search(
            r"^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total$", out.read(), re.MULTILINE
        )
    return int(total[1]) if done.returncode == 0 and total else None


def at_size(place: Place, bundle: Path, count: int) -> tuple[int, float, float, int, int, int]:
    """Certificates, milliseconds of a build of that many and of copying its outputs,
    instructions, KiB, output bytes.
    """
    argv = [
        str(place.binary),
        "build",
        "--ca",
        str(bundle),
        "--base",
        "none",
        "--max-size",
        "1024MiB",
        "--out",
    ]
    build = Case("build", [*argv, str(place.fresh)], place.empty)
    copy = Case("cp -r", ["cp", "-r", str(place.fresh), str(place.copy)], place.no_copy)
    times = rounds([build, copy], 20 if count <= 1000 else 7, {})
    size = sum(path.stat().st_size for path in place.fresh.rglob("*") if not path.is_symlink())
    return (
        count,
        times["build"].median,
        times["cp -r"].median,
        instructions(build),
        peak_memory(build, 3).resident,
        size,
    )


def executable(name: str) -> str:
    for folder in os.get_exec_path(ENVIRONMENT):
        if os.access(path := os.path.join(folder, name), os.X_OK):
            return path
    raise SystemExit(f"benches/run: {name} is not on PATH")
