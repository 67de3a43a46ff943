"""What the Dockerfile makes: the binary, a user, labels, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from engine import BUILT, REVISION, Engine
from support.environment import REPOSITORY


@pytest.fixture(scope="module")
def config(engine: Engine, image: str) -> dict:
    return json.loads(engine.podman("image", "inspect", image).stdout)[0]["Config"]


@pytest.fixture(scope="module")
def context(engine: Engine, shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of the repository that a build can see at all."""
    lister = tmp_path_factory.mktemp("lister") / "Dockerfile"
    lister.write_text("FROM scratch\nCOPY . /context\n")
    engine.build(REPOSITORY, "localhost/context:e2e", f"--file={lister}")
    files = engine.files("localhost/context:e2e")
    return {
        path.removeprefix("context/")
        for path, mode in files.items()
        if path.startswith("context/") and mode[0] != "d"
    }


def test_the_dockerfile_is_lint_clean(programs: dict[str, str]):
    done = subprocess.run(
        [programs["hadolint"], REPOSITORY / "Dockerfile"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_is_the_binary_and_nothing_else(engine: Engine, image: str):
    # What the engine itself puts into every container, for the mounts that it makes.
    engines = {
        "dev/",
        "etc/",
        "proc/",
        "run/",
        "sys/",
        "etc/hosts",
        "etc/hostname",
        "etc/resolv.conf",
        "etc/mtab",
    }
    engines |= {"run/.containerenv", "dev/console", "dev/pts/", "dev/shm/"}
    files = {
        path: mode for path, mode in engine.files(image).items() if path and path not in engines
    }
    assert files == {"trust-init": "-rwxr-xr-x"}


def test_the_binary_in_the_image_is_the_one_that_was_given(
    engine: Engine, image: str, shipped: Path, tmp_path: Path
):
    created = engine.podman("create", "--network=none", "--cgroups=disabled", image).stdout.strip()
    try:
        engine.podman("cp", f"{created}:/trust-init", str(tmp_path / "copy"))
    finally:
        engine.podman("rm", "-f", created)
    assert (tmp_path / "copy").read_bytes() == shipped.read_bytes()


def test_the_user_is_a_number_and_not_root(config: dict):
    # A kubelet refuses runAsNonRoot for an image whose user is a name.
    uid, _, gid = config["User"].partition(":")
    assert int(uid) > 0
    assert int(gid) > 0


def test_the_binary_is_the_entry_point_and_build_its_default(config: dict):
    assert config["Entrypoint"] == ["/trust-init"]
    assert config["Cmd"] == ["build"]


def test_the_labels_say_what_it_is(config: dict, package: dict):
    labels = {
        name.removeprefix("org.opencontainers.image."): value
        for name, value in config["Labels"].items()
        if name.startswith("org.opencontainers.image.")
    }
    assert labels["title"] == "trust-init"
    assert labels["licenses"] == package["license"]
    assert labels["version"] == package["version"]
    assert labels["revision"] == REVISION
    assert labels["source"].startswith("https://")
    assert labels["documentation"].startswith(labels["source"])
    assert labels["description"]


def test_the_builder_is_pinned_and_new_enough(package: dict):
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    pin = r"^ARG RUST_IMAGE=rust:(\d+)\.(\d+)\S*-alpine@sha256:[0-9a-f]{64}$"
    tag = re.search(pin, dockerfile, re.MULTILINE)
    assert tag, "a tag alone builds something else every month"
    oldest = tuple(int(part) for part in package["rust-version"].split(".")[:2])
    assert (int(tag[1]), int(tag[2])) >= oldest


def test_no_history_and_no_build_output_enters_the_context(context: set[str]):
    inside = {path for path in context if path.split("/")[0] in {".git", "target", ".ci", "tests"}}
    assert inside <= {BUILT}
    assert "Cargo.toml" in context


def test_a_private_key_left_in_the_repository_stays_out(engine: Engine, tmp_path: Path):
    shutil.copy2(REPOSITORY / ".dockerignore", tmp_path)
    for name in ("customer.key", "examples/server.key", "crates/kept.rs"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "Lister").write_text("FROM scratch\nCOPY . /context\n")
    engine.build(tmp_path, "localhost/leak:e2e", f"--file={tmp_path / 'Lister'}")
    held = {
        path
        for path in engine.files("localhost/leak:e2e")
        if path.startswith("context/") and not path.endswith("/")
    }
    assert held == {"context/crates/kept.rs"}


def test_the_context_holds_all_that_the_binary_is_compiled_from(context: set[str], shipped: Path):
    # Cargo wrote down every file that it read for the binary, include_bytes! and the like too.
    rule = shipped.with_suffix(".d").read_text().replace("\\ ", "\0")
    read = {Path(word.replace("\0", " ")) for word in rule.partition(": ")[2].split()}
    ours = {str(path.relative_to(REPOSITORY)) for path in read if path.is_relative_to(REPOSITORY)}
    assert {"crates/trust-init/src/main.rs", "crates/trust-stores/src/lib.rs"} <= ours
    assert ours <= context, f"the builder stage would miss {ours - context}"
    assert {"Cargo.toml", "Cargo.lock"} <= context
