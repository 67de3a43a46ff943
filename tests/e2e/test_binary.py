"""One file that needs nothing of the machine it lands on."""

from __future__ import annotations

import subprocess
from pathlib import Path


def readelf(shipped: Path, *flags: str) -> str:
    return subprocess.run(
        ["readelf", "--wide", *flags, shipped], capture_output=True, text=True, check=True
    ).stdout


def test_no_loader_and_no_library_is_asked_for(shipped: Path):
    assert "INTERP" not in readelf(shipped, "--program-headers")
    assert "(NEEDED)" not in readelf(shipped, "--dynamic")
    ldd = subprocess.run(["ldd", shipped], capture_output=True, text=True)
    assert "statically linked" in ldd.stdout + ldd.stderr


def test_it_is_position_independent_and_hardened(shipped: Path):
    assert (
        "static-pie linked"
        in subprocess.run(["file", "-b", shipped], capture_output=True, text=True).stdout
    )
    headers = readelf(shipped, "--program-headers")
    assert "GNU_RELRO" in headers
    stack = next(line for line in headers.splitlines() if "GNU_STACK" in line)
    assert " RW " in stack  # RWE would be a stack that can be executed


def test_it_is_stripped_and_within_its_budget(shipped: Path):
    assert ".symtab" not in readelf(shipped, "--section-headers")
    assert shipped.stat().st_size <= 4_000_000


def test_it_runs_with_no_environment_at_all(shipped: Path, package: dict):
    done = subprocess.run([shipped, "--version"], env={}, capture_output=True, text=True)
    assert done.returncode == 0
    assert package["version"] in done.stdout
