"""What a release offers, made once by the release's own script from the binary under test."""

import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import binary, environment

ROOT = environment.REPOSITORY
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
# The time of every file in what is made here.
EPOCH = 1_700_000_000
# What cargo and rustup need of this machine; nothing else of it.
RUST = ("CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_PROFILE_DEV_DEBUG", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN")


def rust_environment(**more: str | Path) -> dict[str, str]:
    """For programs that run cargo: without a network, because ./test has fetched the crates."""
    passed_on = {name: os.environ[name] for name in RUST if name in os.environ}
    homes = {"CARGO_HOME": Path.home() / ".cargo", "RUSTUP_HOME": Path.home() / ".rustup"}
    target = {"CARGO_TARGET_DIR": ROOT / "target"}
    return environment.clean(**(homes | target | passed_on), CARGO_NET_OFFLINE="true", **more)


def run(*command: str | Path, **options) -> str:
    """What a command prints; anything but success fails the test."""
    options = {"env": environment.clean()} | options
    done = subprocess.run(
        [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, **options
    )
    assert done.returncode == 0, f"{command}: exit code {done.returncode}:\n{done.stdout}"
    return done.stdout


def package(dist: Path, **more: str | Path) -> Path:
    """Runs release/package on the binary under test. As arm64's it stands in for a binary that is not built here."""
    for architecture in ("amd64", "arm64"):
        program = dist / f"linux-{architecture}" / "trust-init"
        program.parent.mkdir(parents=True)
        shutil.copy(binary.path(), program)
        # release/sbom needs a program that takes minutes to compile.
        (dist / f"trust-init-{VERSION}-linux-{architecture}.cdx.json").write_text("{}\n")
    run(ROOT / "release/package", env=rust_environment(DIST=dist, SOURCE_DATE_EPOCH=str(EPOCH), **more))
    return dist


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("release") / "dist")


@dataclass(frozen=True)
class Tools:
    pre_commit: Path
    wheels: Path


@pytest.fixture(scope="session")
def tools() -> Tools:
    """What tests/install/setup.sh installs."""
    done = subprocess.run([ROOT / "tests/install/setup.sh"], check=True, stdout=subprocess.PIPE, text=True)
    found = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    return Tools(Path(found["pre-commit"]), Path(found["wheels"]))
