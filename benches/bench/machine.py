"""On what it was measured: without that, no figure means anything later."""

from __future__ import annotations

import datetime
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bench import measure, spawn
from bench.results import BEFORE, NOW


def require(program: str) -> None:
    if shutil.which(program) is None:
        sys.exit(f"benches/run: {program} is not on PATH (benches/README.md lists what is needed)")


def describe(repo: Path, builds: dict[str, Path], disk: Path) -> dict[str, str]:
    memory = re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {cpu()}, {int(memory[1]) / 2**20:.0f} GiB"
        if memory
        else cpu(),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": f"{os.getloadavg()[0]:.2f} in the minute before",
        "priority": "real-time (SCHED_FIFO), but for peers and quotas"
        if spawn.realtime_is_permitted()
        else "the usual one: real-time priority is not permitted",
        "instructions": "counted by the processor"
        if measure.counts_instructions()
        else "not counted: perf has no hardware counter here",
        "trust-init": f"{first_line(str(builds[NOW]), '--version')}, commit {commit(repo)},"
        f" sha256 {digest(builds[NOW])}",
        **({"before": f"sha256 {digest(builds[BEFORE])}"} if BEFORE in builds else {}),
        "openssl": first_line("openssl", "version"),
        "cp": first_line("cp", "--version"),
        "cc": first_line("cc", "--version"),
        "strace": first_line("strace", "--version"),
        "disk": file_system(disk),
    }


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def cpu() -> str:
    """The processor's name, and whether it has instructions for SHA."""
    flags = re.search(r"^(?:flags|Features)\s*: (.*)$", _cpuinfo(), re.MULTILINE)
    has = flags and {"sha_ni", "sha2"} & set(flags[1].split())
    return f"{_model()} ({'with' if has else 'without'} SHA instructions)"


def _cpuinfo() -> str:
    return Path("/proc/cpuinfo").read_text()


def _model() -> str:
    found = re.search(r"^model name\s*: (.*)$", _cpuinfo(), re.MULTILINE)
    return found[1].strip() if found else platform.processor() or "CPU unknown"


def commit(repo: Path) -> str:
    def git(*args: str) -> str:
        return subprocess.run(
            ["git", "-C", str(repo), *args], check=False, capture_output=True, text=True
        ).stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "none") + (
        " and changes" if git("status", "--porcelain") else ""
    )


def file_system(path: Path) -> str:
    """The type of the file system that a path is on: the longest mount point that leads to it."""
    path = path.resolve()
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return max((len(mount[1]), mount[2]) for mount in mounts if path.is_relative_to(mount[1]))[1]


def first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return "not there"
    return (done.stdout or done.stderr).strip().partition("\n")[0]
