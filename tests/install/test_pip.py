"""The wheel, installed by pip from a folder as it would be from PyPI."""

import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, VERSION, run
from support import binary

CHAIN = ROOT / "examples" / "client-ca-chain.pem"


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", path)
    return path


def test_pip_installs_the_program_and_removes_it(dist: Path, venv: Path):
    before = set(venv.rglob("*"))
    pip = (venv / "bin/pip", "--disable-pip-version-check", "--no-cache-dir")
    run(*pip, "install", "--no-index", "--find-links", dist, "trust-init")
    program = venv / "bin" / "trust-init"
    assert program.read_bytes() == binary.path().read_bytes()
    assert "passed: 2 certificates" in run(program, "check", CHAIN)
    # The notebook's `!trust-init`: found by name, because Jupyter's shell has the environment's bin first.
    assert run("sh", "-c", "trust-init --version", env={"PATH": f"{venv}/bin:/usr/bin:/bin"}).startswith("trust-init ")
    run(*pip, "check")
    run(*pip, "uninstall", "--yes", "trust-init")
    left = {path for path in set(venv.rglob("*")) - before if "__pycache__" not in path.parts}
    assert left == set()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("libc", ["manylinux2014", "manylinux_2_17", "musllinux_1_1"])
def test_pip_takes_it_for_every_libc(dist: Path, venv: Path, tmp_path: Path, machine: str, libc: str):
    """By a tag that pip accepts there: newer systems accept older tags."""
    download = ("download", "--disable-pip-version-check", "--no-index", "--find-links", dist, "--no-deps")
    only = ("--only-binary", ":all:", "--platform", f"{libc}_{machine}")
    run(venv / "bin/pip", *download, *only, "--dest", tmp_path, "trust-init")
    (taken,) = tmp_path.iterdir()
    assert taken.name.endswith(f"_{machine}.whl")


def test_pypi_shows_a_readme_whose_links_lead_somewhere(dist: Path):
    (wheel,) = dist.glob("*_x86_64.whl")
    with zipfile.ZipFile(wheel) as opened:
        metadata = opened.read(f"trust_init-{VERSION}.dist-info/METADATA").decode()
        names = set(opened.namelist())
    assert {f"trust_init-{VERSION}.dist-info/licenses/{name}" for name in ("LICENSE-APACHE", "LICENSE-MIT")} <= names
    head, _, body = metadata.partition("\n\n")
    assert f"\nVersion: {VERSION}\n" in head and "\nLicense-Expression: MIT OR Apache-2.0\n" in head
    assert f"](https://github.com/example/trust-init/blob/v{VERSION}/docs/" in body
    assert "](docs/" not in body and "](charts/" not in body
