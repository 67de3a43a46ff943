"""The archive and what leads to it: checksums, cargo-binstall, Homebrew. And all of it, made twice."""

import re
import subprocess
import tarfile
import tomllib
from pathlib import Path

import conftest
import pytest
from conftest import ROOT, VERSION, run
from support import binary

MANIFEST = tomllib.loads((ROOT / "crates/trust-init/Cargo.toml").read_text())
REPOSITORY = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["repository"]
BINSTALL = MANIFEST["package"]["metadata"]["binstall"]["overrides"]


def hashes(dist: Path) -> dict[str, str]:
    lines = (dist / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_the_archive_holds_a_binary_that_runs_and_its_texts(dist: Path, tmp_path: Path):
    name = f"trust-init-{VERSION}-linux-amd64"
    run("tar", "-xzf", dist / f"{name}.tar.gz", "-C", tmp_path)
    stage = tmp_path / name
    found = {str(path.relative_to(stage)) for path in stage.rglob("*") if path.is_file()}
    texts = {"LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md", "sbom.cdx.json"}
    completions = {"completions/_trust-init", "completions/trust-init.bash", "completions/trust-init.fish"}
    pages = {name for name in found if re.fullmatch(r"man/trust-init(-\w+)?\.1", name)}
    assert found == {"trust-init"} | texts | completions | pages
    assert {"man/trust-init.1", "man/trust-init-build.1", "man/trust-init-doctor.1"} <= pages
    assert run(stage / "trust-init", "--version").startswith(f"trust-init {VERSION}")


def test_every_file_of_a_release_has_its_hash(dist: Path):
    offered = {path.name for path in dist.iterdir() if path.is_file() and path.name != "SHA256SUMS"}
    assert hashes(dist).keys() == offered
    kinds = [name.removesuffix(".gz").rpartition(".")[2] for name in offered]
    assert {kind: kinds.count(kind) for kind in kinds} == {"tar": 2, "deb": 2, "rpm": 2, "whl": 2, "rb": 1, "json": 2}
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=dist)


def test_the_same_input_gives_the_same_bytes(dist: Path, tmp_path: Path):
    """For a user with another time zone, locale and umask, and under another path."""
    mask = ["sh", "-c", 'umask 077; exec "$0"', ROOT / "release/package"]
    again = tmp_path / "another place"
    for name in ("linux-amd64/trust-init", "linux-arm64/trust-init"):
        (again / name).parent.mkdir(parents=True)
        (again / name).write_bytes(binary.path().read_bytes())
    for sbom in dist.glob("*.cdx.json"):
        (again / sbom.name).write_bytes(sbom.read_bytes())
    elsewhere = {"TZ": "Asia/Tokyo", "LC_ALL": "C"}
    env = conftest.rust_environment(DIST=again, SOURCE_DATE_EPOCH=str(conftest.EPOCH)) | elsewhere
    run(*mask, env=env)
    assert hashes(again) == hashes(dist)


@pytest.mark.parametrize("target", BINSTALL)
def test_binstall_finds_the_archive_and_the_program_in_it(dist: Path, target: str):
    """cargo-binstall replaces `{ name }` and the like; where nothing is published, its templates are all there is."""
    known = {"repo": REPOSITORY, "name": "trust-init", "version": VERSION, "bin": "trust-init"}
    expanded = {
        key: re.sub(r"\{ ([\w-]+) \}", lambda found: known[found[1]], text) for key, text in BINSTALL[target].items()
    }
    address, _, archive = expanded["pkg-url"].rpartition("/")
    assert address == f"{REPOSITORY}/releases/download/v{VERSION}"
    assert archive.endswith({"x86_64": "-amd64.tar.gz", "aarch64": "-arm64.tar.gz"}[target.partition("-")[0]])
    with tarfile.open(dist / archive) as opened:
        assert opened.getmember(expanded["bin-dir"]).mode == 0o755


def test_binstall_knows_the_platforms_of_a_release():
    machines, libcs = ("x86_64", "aarch64"), ("gnu", "musl")
    assert set(BINSTALL) == {f"{machine}-unknown-linux-{libc}" for machine in machines for libc in libcs}


def test_the_formula_names_the_archives_and_their_hashes(dist: Path):
    formula = (dist / "trust-init.rb").read_text()
    fetched = re.findall(r'url "(.*)"\n\s*sha256 "(.*)"', formula)
    assert len(fetched) == 2
    for address, digest in fetched:
        base, _, archive = address.rpartition("/")
        assert base == f"{REPOSITORY}/releases/download/v{VERSION}"
        assert hashes(dist)[archive] == digest


def test_the_formula_is_ruby_and_installs_what_the_archive_has(dist: Path):
    formula = dist / "trust-init.rb"
    assert run("ruby", "-c", formula) == "Syntax OK\n"
    with tarfile.open(dist / f"trust-init-{VERSION}-linux-amd64.tar.gz") as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    installed = re.findall(r'_completion\.install "([^"]+)"|bin\.install "([^"]+)"', formula.read_text())
    wanted = {one or other for one, other in installed}
    assert len(wanted) == 4 and wanted <= names


def test_a_published_crate_has_its_texts(tmp_path: Path):
    """What `cargo publish` would upload. That they compile is what the other tests show."""
    target = tmp_path / "target"
    command = ["cargo", "package", "--workspace", "--locked", "--offline", "--no-verify", "--allow-dirty"]
    env = conftest.rust_environment() | {"CARGO_TARGET_DIR": str(target)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Such as a description or an address that is missing.
    assert "warning: manifest has no" not in done.stderr
    for crate in ("trust-stores", "trust-doctor", "trust-init"):
        with tarfile.open(target / "package" / f"{crate}-{VERSION}.crate") as opened:
            names = {name.partition("/")[2] for name in opened.getnames()}
        assert {"LICENSE-APACHE", "LICENSE-MIT", "Cargo.toml", "src/lib.rs"} <= names
        assert ("README.md" in names) == (crate != "trust-doctor")
