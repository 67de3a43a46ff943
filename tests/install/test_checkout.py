"""Who installs from a checkout: cargo, and pre-commit through pip."""

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, VERSION, Tools, run, rust_environment
from support import binary, checkout

MUSL = "x86_64-unknown-linux-musl"
CHAIN = ROOT / "examples" / "client-ca-chain.pem"


def test_cargo_installs_it(tmp_path: Path):
    """For musl, because ./test has compiled that; without a target, cargo takes the machine's own."""
    command = ("cargo", "install", "--locked", "--offline", "--path", "crates/trust-init", "--target", MUSL)
    run(*command, "--root", tmp_path, env=rust_environment(), cwd=ROOT)
    program = tmp_path / "bin" / "trust-init"
    assert "passed: 2 certificates" in run(program, "check", CHAIN)
    run("cargo", "uninstall", "--root", tmp_path, "trust-init", env=rust_environment(), cwd=ROOT)
    assert not program.exists()


def git(repository: Path, *arguments: str) -> None:
    author = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main")
    run("git", *author, "-C", repository, *arguments)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of hooks with what this checkout holds, tagged as a release is."""
    repository = tmp_path_factory.mktemp("hooks")
    for name in checkout.files():
        if name.startswith(("Cargo.", "LICENSE-", "README.md", "crates/", "pyproject.toml", ".pre-commit-hooks.yaml")):
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, repository / name, follow_symlinks=False)
    git(repository, "init", "--quiet")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "a release")
    git(repository, "tag", f"v{VERSION}")
    return repository


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One with a chain that was added, and a certificate that is none."""
    path = tmp_path / "repository"
    path.mkdir()
    git(path, "init", "--quiet")
    (path / "chain.pem").write_bytes(CHAIN.read_bytes())
    git(path, "add", ".")
    return path


def commit(repository: Path, tools: Tools, config: str, **env: str | Path) -> subprocess.CompletedProcess[str]:
    """What pre-commit says before a commit of what was added."""
    (repository / ".pre-commit-config.yaml").write_text(config)
    git(repository, "add", ".")
    return subprocess.run(
        [tools.pre_commit, "run", "--verbose"], cwd=repository, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env=rust_environment(PRE_COMMIT_HOME=repository.parent / "cache", **env),
    )  # fmt: skip


def hook(source: str, name: str) -> str:
    return f"repos:\n  - repo: {source}\n    rev: v{VERSION}\n    hooks:\n      - {{id: {name}}}\n"


def check_refuses(repository: Path, tools: Tools, config: str, **env: str | Path) -> None:
    """A chain passes, and a certificate that was cut stops the commit."""
    done = commit(repository, tools, config, **env)
    assert done.returncode == 0, done.stdout
    assert "passed: 2 certificates" in done.stdout
    (repository / "cut.crt").write_bytes(CHAIN.read_bytes()[:600])
    done = commit(repository, tools, config, **env)
    assert done.returncode == 1 and "error[malformed]: cut.crt" in done.stdout, done.stdout


def test_a_hook_compiles_the_program_for_who_has_not_installed_it(hooks: Path, repository: Path, tools: Tools):
    # Without optimization, because only how it comes about is asked here.
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": tools.wheels, "MATURIN_PEP517_ARGS": "--profile dev"}
    check_refuses(repository, tools, hook(str(hooks), "trust-init-check"), **offline)


def test_a_hook_uses_the_program_that_is_installed(hooks: Path, repository: Path, tools: Tools, tmp_path: Path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "trust-init").symlink_to(binary.path())
    path = {"PATH": f"{tmp_path}/bin:{rust_environment()['PATH']}"}
    (repository / ".pre-commit-config.yaml").write_text("")
    check_refuses(repository, tools, hook(str(hooks), "trust-init-check-system"), **path)


def test_a_local_hook_takes_the_wheel(dist: Path, repository: Path, tools: Tools):
    """The recipe of docs/check.md, with a folder in place of PyPI."""
    page = (ROOT / "docs" / "check.md").read_text()
    (config,) = [block for block in page.split("```yaml\n")[1:] if "additional_dependencies" in block]
    config = config.partition("```")[0]
    assert f"trust-init=={VERSION}" in config
    # pre-commit installs a package of its own with it.
    check_refuses(repository, tools, config, PIP_NO_INDEX="1", PIP_FIND_LINKS=f"{dist} {tools.wheels}")
