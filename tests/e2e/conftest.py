"""The binary as it is shipped: in an image of nothing else, run as a kubelet would run it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from application import Application
from engine import BUILT, REVISION, Engine
from on_spark import Submissions
from roots import Roots
from sources import Sources
from support import binary, environment

REPO = environment.REPOSITORY


@pytest.fixture(scope="session")
def programs() -> dict[str, str]:
    """What the set-up script keeps in its cache; it installs what is missing."""
    setup = Path(__file__).with_name("setup.sh")
    done = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The release binary that goes into the image. Missing is a failure: a suite that skips has
    tested nothing.
    """
    path = binary.path()
    if not path.is_file():
        pytest.exit(f"no binary at {path}: run ./test, or set TRUST_INIT_BIN", 2)
    return path


@pytest.fixture(scope="session")
def package() -> dict:
    """What Cargo.toml says of it."""
    return tomllib.loads((REPO / "Cargo.toml").read_text())["workspace"]["package"]


@pytest.fixture(scope="session")
def engine(programs: dict[str, str]) -> Iterator[Engine]:
    # A short path: the sockets of a container are below it, and their names have a limit.
    engine = Engine(Path(tempfile.mkdtemp(prefix="trust-init-e2e-")))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def image(
    engine: Engine, shipped: Path, package: dict, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The Dockerfile's `prebuilt` stage around the binary that was built already."""
    context = REPO
    if shipped != REPO / BUILT:  # built elsewhere, where the context does not reach
        context = tmp_path_factory.mktemp("context")
        for name in ("Dockerfile", ".dockerignore"):
            shutil.copy2(REPO / name, context / name)
        (context / BUILT).parent.mkdir(parents=True)
        shutil.copy2(shipped, context / BUILT)
    tag = "localhost/trust-init:e2e"
    arguments = {
        "BINARY": BUILT,
        "VERSION": package["version"],
        "REVISION": REVISION,
        "TARGETARCH": "amd64",
    }
    engine.build(
        context,
        tag,
        "--target=prebuilt",
        *(f"--build-arg={name}={value}" for name, value in arguments.items()),
    )
    return tag


@pytest.fixture(scope="session")
def app(engine: Engine, programs: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Stands for a customer's application: a shell to look around with, and OpenSSL with no trust
    of its own. Its OpenSSL looks in /etc/ssl/certs, as Debian's does, and that is empty.
    """
    tag = "localhost/app:e2e"
    context = tmp_path_factory.mktemp("app")
    root = context / "root"
    for folder in ("bin", "tmp", "etc/ssl/certs"):
        (root / folder).mkdir(parents=True)
    shutil.copy2(programs["busybox"], root / "bin/busybox")
    for applet in _said(programs["busybox"], "--list").split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    openssl = shutil.which("openssl")
    assert openssl
    for path in [
        openssl,
        *(word for word in _said("ldd", openssl).split() if word.startswith("/")),
    ]:
        copy = root / path.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    home = root / _said("openssl", "version", "-d").split('"')[1].lstrip("/")
    home.mkdir(parents=True)
    (home / "certs").symlink_to("/etc/ssl/certs")
    (context / "Dockerfile").write_text("FROM scratch\nCOPY root /\nENV PATH=/bin:/usr/bin\n")
    engine.build(context, tag)
    return tag


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    home = tmp_path_factory.mktemp("sources")
    home.chmod(0o755)  # other uids read it
    return Sources(home)


@pytest.fixture(scope="session")
def roots(
    engine: Engine,
    programs: dict[str, str],
    sources: Sources,
    tmp_path_factory: pytest.TempPathFactory,
) -> Roots:
    home = tmp_path_factory.mktemp("roots")
    return Roots(engine, Path(programs["debian"]), home, sources.public)


@pytest.fixture(scope="session")
def main_image(
    roots: Roots,
    programs: dict[str, str],
    sources: Sources,
    tmp_path_factory: pytest.TempPathFactory,
) -> Application:
    probe = Path(programs["TrustProbe"])
    return Application(roots, sources, probe, tmp_path_factory.mktemp("application"))


@pytest.fixture(scope="session")
def submissions(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Submissions:
    return Submissions(sources, tmp_path_factory)


def _said(*command: str) -> str:
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment.clean()
    ).stdout
