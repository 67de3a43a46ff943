"""Time, memory, instructions and system calls of commands, each taken so that the taking does not
show.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import tempfile
import time

from bench import memory, spawn
from bench.cases import Case
from bench.results import Cost, Row

MEMORY_RUNS = 5
RARE = 5  # rounds: what runs less often takes minutes, and is not run again for its memory


TRACED = 1000  # certificates: strace takes seconds for each case of more


def rows(
    cases: list[Case], rounds: int, *, details: bool = True, traced: bool = True, realtime: bool = True
) -> list[Row]:
    """Each case once a round, so that a busy moment of the machine falls on all of them alike.
    Without `details` only time is measured; without `traced`, all but system calls.
    """
    walls: list[list[float]] = [[] for _ in cases]
    cpus: list[list[float]] = [[] for _ in cases]
    with spawn.in_real_time(wanted=realtime) as realtime:
        for case in cases:
            if not case.slow:  # the first run finds nothing in the page cache
                timed(case, realtime=realtime)
        for number in range(rounds):
            for case, wall, cpu in zip(cases, walls, cpus, strict=True):
                if number % case.every == 0:
                    spent = timed(case, realtime=realtime)
                    wall.append(spent[0])
                    cpu.append(spent[1])
    return [
        Row(case.name, case.build, Cost(wall, cpu, *(extras(case, rounds, traced) if details else ())))
        for case, wall, cpu in zip(cases, walls, cpus, strict=True)
    ]


def timed(case: Case, *, realtime: bool) -> tuple[float, float]:
    """Milliseconds of wall clock from the spawn to the end, and of every core in user space and in
    the kernel, with the processes that it started.
    """
    case.prepare()
    path = spawn.executable(case.argv[0])
    begun = time.perf_counter_ns()
    pid = spawn.start(path, case, realtime=realtime)
    _, status, used = os.wait4(pid, 0)
    spent = time.perf_counter_ns() - begun
    spawn.expect_success(case, status)
    case.check()
    return round(spent / 1e6, 4), round((used.ru_utime + used.ru_stime) * 1e3, 4)


def extras(
    case: Case, rounds: int, traced: bool
) -> tuple[int | None, int | None, int | None, int | None]:
    peak = (None, None)
    if not (case.becomes_another or case.every > RARE):
        peak = memory.peak(case, 1 if case.slow else min(rounds, MEMORY_RUNS))
    return *peak, instructions(case), system_calls(case) if traced and not case.slow else None


def instructions(case: Case) -> int | None:
    """Those in user space, of every process that it starts, as the processor counts them. A virtual
    machine seldom lets it; and valgrind is no substitute, because it hides the processor's SHA
    instructions and so counts another program.
    """
    if not counts_instructions():
        return None
    case.prepare()
    counted = _instructions(case.argv, spawn.environment(case))
    case.check()
    return counted


@functools.cache
def counts_instructions() -> bool:
    return _instructions(["true"], spawn.ENVIRONMENT) is not None


def _instructions(argv: list[str], environment: dict[str, str]) -> int | None:
    if shutil.which("perf") is None:
        return None
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run(
            ["perf", "stat", "-x", ",", "-e", "instructions:u", "-o", out.name, "--", *argv],
            check=False, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
        counted = re.search(r"^(\d+),", out.read(), re.MULTILINE)
    return int(counted[1]) if counted else None


def system_calls(case: Case) -> int | None:
    """How often it asks the kernel for something; None where strace is not to be had."""
    if shutil.which("strace") is None:
        return None
    case.prepare()
    with tempfile.NamedTemporaryFile("r") as out:
        done = subprocess.run(
            ["strace", "-f", "-c", "-o", out.name, *case.argv], check=False,
            env=spawn.environment(case), stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
        total = re.search(
            r"^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total$", out.read(), re.MULTILINE
        )
    if done.returncode != 0 or total is None:
        raise SystemExit(f"benches/run: {case.name} under strace: exit {done.returncode}")
    return int(total[1])
