"""On what it was measured: without that, no figure means anything later."""

from __future__ import annotations

import datetime
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path


def require(program: str) -> None:
    if shutil.which(program) is None:
        sys.exit(f"benches/run: {program} is not on PATH (benches/README.md lists what is needed)")


def describe(repo: Path, binary: Path, disk: Path) -> dict[str, str]:
    memory = re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {cpu()}, {int(memory[1]) / 2**20:.0f} GiB"
        if memory
        else cpu(),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": f"{os.getloadavg()[0]:.2f} in the minute before",
        "trust-init": f"{first_line(str(binary), '--version')}, commit {commit(repo)}",
        "openssl": first_line("openssl", "version"),
        "cp": first_line("cp", "--version"),
        "valgrind": first_line("valgrind", "--version"),
        "strace": first_line("strace", "--version"),
        "disk": file_system(disk),
    }


def cpu() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
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
