"""The .deb on a minimal Debian, the .rpm by rpm itself: installed, run, removed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, VERSION, run
from support import binary
from support.environment import SETUP

CHAIN = ROOT / "examples" / "client-ca-chain.pem"
# Both keep books about what was installed once.
BOOKS = re.compile(r"/(?:var/lib/(?:dpkg|rpm)|var/log|usr/lib/sysimage)(?:/|$)")


def files(root: Path) -> set[str]:
    """Every path under a root, but for the books of its package manager."""
    found = ("/" + str(path.relative_to(root)) for path in root.rglob("*"))
    return {path for path in found if not BOOKS.match(path)}


def check_runs(root: Path) -> None:
    shutil.copy(CHAIN, root / "chain.pem")
    said = run("chroot", root, "/usr/bin/trust-init", "check", "/chain.pem")
    (root / "chain.pem").unlink()
    assert "passed: 2 certificates" in said
    assert (root / "usr/bin/trust-init").read_bytes() == binary.path().read_bytes()


def installed(dist: Path, zsh: str, own: set[str]) -> set[str]:
    """Where a system looks for what the archive holds, and what only its packages hold."""
    listed = run("tar", "-tzf", dist / f"trust-init-{VERSION}-linux-amd64.tar.gz")
    pages = re.findall(r"/man/(.*\.1)$", listed, re.MULTILINE)
    assert len(pages) > 5
    return own | {
        "/usr/bin/trust-init",
        "/usr/share/bash-completion/completions/trust-init",
        "/usr/share/fish/vendor_completions.d/trust-init.fish",
        f"/usr/share/zsh/{zsh}/_trust-init",
        *(f"/usr/share/man/man1/{page}.gz" for page in pages),
        *(f"/usr/share/doc/trust-init/{name}" for name in ("README.md", "changelog.gz", "sbom.cdx.json")),
    }


@pytest.fixture
def debian(tmp_path: Path) -> Path:
    minimal = subprocess.run([SETUP / "minimal.sh"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    root = tmp_path / "root"
    run("cp", "-a", "--reflink=auto", minimal, root)
    return root


def test_the_deb_installs_runs_and_leaves_nothing(dist: Path, debian: Path):
    before = files(debian)
    shutil.copy(dist / f"trust-init_{VERSION}_amd64.deb", debian / "trust-init.deb")
    run("chroot", debian, "dpkg", "--install", "/trust-init.deb")
    (debian / "trust-init.deb").unlink()
    check_runs(debian)
    # No file differs from what the package says.
    assert run("chroot", debian, "dpkg", "--verify", "trust-init") == ""
    added = {path for path in files(debian) - before if (debian / path[1:]).is_file()}
    assert added == installed(dist, "vendor-completions", {"/usr/share/doc/trust-init/copyright"})
    run("chroot", debian, "dpkg", "--purge", "trust-init")
    assert files(debian) == before


def test_the_deb_follows_debians_form(dist: Path):
    for architecture in ("amd64", "arm64"):
        deb = dist / f"trust-init_{VERSION}_{architecture}.deb"
        fields = run("dpkg-deb", "--field", deb, "Architecture", "Version", "Depends")
        assert fields == f"Architecture: {architecture}\nVersion: {VERSION}\n"


def test_the_rpm_installs_runs_and_leaves_nothing(dist: Path, tmp_path: Path):
    """In an empty root: a static binary needs no system around it."""
    root = tmp_path / "root"
    root.mkdir()
    rpm = ("rpm", "--root", root, "--dbpath", "/var/lib/rpm")
    package = dist / f"trust-init-{VERSION}-1.x86_64.rpm"
    run(*rpm, "--install", package)
    check_runs(root)
    added = {path for path in files(root) if (root / path[1:]).is_file()}
    licenses = {f"/usr/share/licenses/trust-init/{name}" for name in ("LICENSE-APACHE", "LICENSE-MIT")}
    assert added == installed(dist, "site-functions", licenses)
    folders = {"/usr/share/doc/trust-init", "/usr/share/licenses/trust-init"}
    assert set(run("rpm", "-qpl", package).split()) == added | folders
    # No file differs from what the package says.
    assert run(*rpm, "--verify", "trust-init") == ""
    run(*rpm, "--erase", "trust-init")
    assert not [path for path in files(root) if "trust-init" in path]


def test_the_rpm_asks_for_no_other_package(dist: Path):
    for machine in ("x86_64", "aarch64"):
        package = dist / f"trust-init-{VERSION}-1.{machine}.rpm"
        query = ("rpm", "-qp", "--queryformat")
        assert run(*query, "%{ARCH} %{VERSION} %{BUILDHOST} %{BUILDTIME}", package) == (
            f"{machine} {VERSION} reproducible 1700000000"
        )
        # What rpm itself must know.
        assert all(line.startswith("rpmlib(") for line in run("rpm", "-qp", "--requires", package).splitlines())
        assert run("rpm", "-qp", "--scripts", "--triggers", package) == ""
