"""As an init container of a restricted pod: any uid, a read-only root, no capability, no network.
Its volume is then read by another container, under another uid."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine import UID, Engine
from kubelet import lay_out
from sources import Sources
from support import pki

CHAIN = ("--ca", "/in/client-ca-chain.pem")
# Of one moment, two trees can be compared.
AT = f"--at={pki.NOW:%Y-%m-%dT%H:%M:%SZ}"
READER = "4711"

Build = Callable[..., subprocess.CompletedProcess[str]]


def tree(root: Path) -> dict[str, bytes | str]:
    """Path to content, or to where a link leads."""
    return {
        str(path.relative_to(root)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or not path.is_dir()
    }


def begins(path: Path) -> int:
    return path.read_text().count("-----BEGIN CERTIFICATE-----")


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """An emptyDir as a kubelet makes it: owned by root, open to every uid."""
    path = tmp_path / "volume"
    path.mkdir()
    path.chmod(0o777)
    return path


@pytest.fixture
def message(tmp_path: Path) -> Path:
    """The file that a kubelet binds at /dev/termination-log."""
    path = tmp_path / "termination-log"
    path.touch()
    path.chmod(0o666)
    return path


@pytest.fixture
def build(engine: Engine, image: str, sources: Sources, volume: Path, message: Path) -> Build:
    """`trust-init build` over the volume, with the PKI's files in /in."""

    def build(
        *args: str, volumes: tuple[str, ...] = (), **more
    ) -> subprocess.CompletedProcess[str]:
        mounts = (
            f"{sources.home}:/in:ro",
            f"{volume}:/trust",
            f"{message}:/dev/termination-log",
            *volumes,
        )
        return engine.run(image, "build", *args, volumes=mounts, **more)

    return build


@pytest.fixture(scope="module")
def filled(
    engine: Engine, image: str, sources: Sources, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A volume after the init container, with a made-up public CA beside Mozilla's roots."""
    volume = tmp_path_factory.mktemp("filled")
    volume.chmod(0o777)
    bases = ("--base", "mozilla", "--base", "/in/public.pem")
    engine.run(
        image, "build", *CHAIN, *bases, AT, volumes=(f"{sources.home}:/in:ro", f"{volume}:/trust")
    )
    return volume


def test_the_cage_is_a_cage(engine: Engine, app: str, volume: Path):
    """What the tests below lean on: were a flag of RESTRICTED to lose its effect, they would
    prove nothing."""
    script = """
        id -u
        grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
        touch /file 2>&1
        touch /tmp/file 2>&1
        tail -n +3 /proc/net/dev | cut -d: -f1
        touch /trust/file && echo written
    """
    said = engine.run(app, "sh", "-c", script, volumes=(f"{volume}:/trust",)).stdout
    words = said.split()
    assert words[0] == UID != "0"
    status = dict(re.findall(r"(\w+):\t(\w+)", said))
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    for path in ("/file", "/tmp/file"):
        assert f"touch: {path}: Read-only file system" in said
    assert words[-2:] == ["lo", "written"]


# ---- what is in the volume, as another container sees it


def test_every_artifact_is_there_for_any_uid_to_read(engine: Engine, app: str, filled: Path):
    script = """
        cd /trust && find . -type f -exec stat -c '%a %s %n' {} + &&
        find . -type f -exec cat {} + >/dev/null && echo read
    """
    said = engine.run(app, "sh", "-c", script, volumes=(f"{filled}:/trust:ro",), user=READER).stdout
    *rows, last = said.splitlines()
    assert last == "read"
    modes, sizes, names = zip(*(row.split(None, 2) for row in rows), strict=True)
    assert set(modes) == {"644"}
    assert "0" not in sizes
    hashes = {name for name in names if re.fullmatch(r"\./os/[0-9a-f]{8}\.0", name)}
    assert len(hashes) > 100
    assert set(names) - hashes == {
        "./os/ca-certificates.crt",
        "./os/java/cacerts",
        "./java/truststore.p12",
        "./python/cacert.pem",
        "./custom/client-ca-chain.pem",
        "./trust.env",
        "./manifest.json",
    }


def test_directories_can_be_entered_by_any_uid(engine: Engine, app: str, filled: Path):
    script = "cd /trust && find . -mindepth 1 -type d -exec stat -c '%a %n' {} +"
    said = engine.run(app, "sh", "-c", script, volumes=(f"{filled}:/trust:ro",), user=READER).stdout
    assert sorted(said.splitlines()) == [
        "755 ./custom",
        "755 ./java",
        "755 ./os",
        "755 ./os/java",
        "755 ./python",
    ]


def test_links_lead_to_files_within_the_volume(filled: Path):
    links = {str(path.relative_to(filled)): path for path in filled.rglob("*") if path.is_symlink()}
    assert set(links) == {"os/ca-bundle.crt"}
    for path in links.values():
        # A path from the root would mean another file where the volume is mounted elsewhere.
        assert not path.readlink().is_absolute()
        assert path.resolve().is_relative_to(filled)
        assert path.is_file()


def test_the_application_trusts_the_customer_and_the_public(
    engine: Engine, app: str, filled: Path, sources: Sources
):
    """`os` over /etc/ssl/certs, as a subPath mount puts it, and no variable set: OpenSSL finds the
    hashed directory by itself."""
    inside = (f"{sources.home}:/in:ro",)
    trusting = (*inside, f"{filled}/os:/etc/ssl/certs:ro")
    # A server sends its leaf and the issuing CA; the root has to come from the volume.
    for verify, leaf in (
        (("-untrusted", "/in/issuing.pem"), "/in/leaf.pem"),
        ((), "/in/public-leaf.pem"),
    ):
        command = ("openssl", "verify", *verify, leaf)
        assert engine.run(app, *command, volumes=trusting, user=READER).stdout == f"{leaf}: OK\n"
        # Without the volume it fails, or the line above proves nothing.
        engine.run(app, *command, volumes=inside, user=READER, expect=2)


@pytest.mark.parametrize(
    "bundle", ["os/ca-certificates.crt", "os/ca-bundle.crt", "python/cacert.pem"]
)
def test_the_application_trusts_a_bundle_alone(
    engine: Engine, app: str, filled: Path, sources: Sources, bundle: str
):
    only = ("-CAfile", f"/trust/{bundle}", "-no-CApath", "-no-CAstore")
    leaves = ("/in/leaf.pem", "/in/public-leaf.pem")
    said = engine.run(
        app,
        *("openssl", "verify", *only, "-untrusted", "/in/issuing.pem", *leaves),
        volumes=(f"{filled}:/trust:ro", f"{sources.home}:/in:ro"),
        user=READER,
    ).stdout
    assert said.splitlines() == [f"{leaf}: OK" for leaf in leaves]


def test_the_wiring_names_what_the_application_sees(
    engine: Engine, app: str, build: Build, volume: Path
):
    """Filled at one path, read at another: every path of trust.env is a file there."""
    build(*CHAIN, "--mounted-at", "/opt/trust")
    paths = sorted(set(re.findall(r"/opt/trust/[\w./-]+", (volume / "trust.env").read_text())))
    assert "/opt/trust/os/ca-certificates.crt" in paths
    assert "/opt/trust/java/truststore.p12" in paths
    seen = engine.run(
        app, "stat", "-c", "%F %n", *paths, volumes=(f"{volume}:/opt/trust:ro",)
    ).stdout
    assert seen.splitlines() == [f"regular file {path}" for path in paths]


# ---- what a run refuses, and where it says so


def test_a_private_key_stops_the_pod_and_says_why(
    build: Build, sources: Sources, volume: Path, message: Path
):
    done = build("--ca", "/in/with-key.pem", expect=3)
    line = sources.with_key.read_text().splitlines().index("-----BEGIN PRIVATE KEY-----") + 1
    told = message.read_bytes()
    assert 0 < len(told) <= 4096
    for words in (told.decode(), done.stderr):
        assert "private-key" in words
        assert f"/in/with-key.pem:{line}" in words
        assert not any(secret in words for secret in sources.key.splitlines()[1:-1])
    assert done.stdout == ""
    assert list(volume.iterdir()) == []


def test_a_long_reason_fits_a_termination_message(
    build: Build, sources: Sources, volume: Path, message: Path, tmp_path: Path
):
    # Long names, not ASCII, and more findings than 4096 bytes can hold.
    ca = tmp_path / "ca"
    ca.mkdir()
    for number in range(60):
        shutil.copy2(sources.with_key, ca / f"{number:02}-{'é' * 100}.pem")
    build("--ca", "/ca", volumes=(f"{ca}:/ca:ro",), expect=3)
    told = message.read_bytes()
    assert 0 < len(told) <= 4096
    assert "private-key" in told.decode()  # which fails where a character was cut in two
    assert list(volume.iterdir()) == []


def test_what_an_earlier_run_said_there_is_gone(build: Build, message: Path):
    # The file is a mount: it can be neither replaced nor removed, only written.
    message.write_text("x" * 4096)
    build("--ca", "/in/with-key.pem", expect=3)
    assert "private-key" in message.read_text()
    assert "xxx" not in message.read_text()


def test_nothing_is_said_there_when_all_is_well(build: Build, volume: Path, message: Path):
    build(*CHAIN)
    assert (volume / "manifest.json").exists()
    assert message.read_text() == ""


def test_a_run_without_a_termination_log_fails_with_the_same_code(
    engine: Engine, image: str, sources: Sources, volume: Path
):
    done = engine.run(
        image,
        "build",
        "--ca",
        "/in/with-key.pem",
        volumes=(f"{sources.home}:/in:ro", f"{volume}:/trust"),
        expect=3,
    )
    assert "private-key" in done.stderr


def test_a_source_that_is_not_mounted_is_named(build: Build, volume: Path, message: Path):
    build("--ca", "/etc/pki/custom-certs/client-ca-chain.pem", expect=3)
    assert "/etc/pki/custom-certs/client-ca-chain.pem" in message.read_text()
    assert list(volume.iterdir()) == []


def test_a_source_that_the_uid_may_not_read_is_named(
    build: Build, sources: Sources, volume: Path, message: Path, tmp_path: Path
):
    # A Secret with defaultMode 0400 and no fsGroup.
    secret = tmp_path / "secret.pem"
    shutil.copy2(sources.chain, secret)
    secret.chmod(0o400)
    build("--ca", "/secret.pem", volumes=(f"{secret}:/secret.pem:ro",), expect=3)
    assert "/secret.pem" in message.read_text()
    assert "ermission denied" in message.read_text()
    assert list(volume.iterdir()) == []


def test_a_volume_that_cannot_be_written_is_named(build: Build, volume: Path, message: Path):
    volume.chmod(0o755)
    done = build(*CHAIN, expect=4)
    for words in (done.stderr, message.read_text()):
        assert "/trust" in words
        assert "ermission denied" in words


def test_a_volume_mounted_read_only_is_named(
    engine: Engine, image: str, sources: Sources, volume: Path
):
    done = engine.run(
        image, "build", *CHAIN, volumes=(f"{sources.home}:/in:ro", f"{volume}:/trust:ro"), expect=4
    )
    assert "/trust" in done.stderr
    assert "ead-only file system" in done.stderr


@pytest.fixture
def small(volume: Path) -> Iterator[Path]:
    """An emptyDir in memory with a sizeLimit: large enough for a customer's stores and too small
    for Mozilla's."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k,mode=0777", "tmpfs", volume], check=True
    )
    yield volume
    subprocess.run(["umount", volume], check=True)


def test_a_full_volume_keeps_what_it_had(build: Build, small: Path, message: Path):
    build(*CHAIN, "--base", "none", AT)
    before = tree(small)
    done = build(*CHAIN, "--base", "mozilla", AT, expect=4)
    for words in (done.stderr, message.read_text()):
        assert "/trust" in words
        assert "o space left on device" in words
    assert tree(small) == before


def test_a_run_that_fails_leaves_the_old_trust_whole(build: Build, volume: Path):
    build(*CHAIN, AT)
    before = tree(volume)
    assert len(before) > 100
    build("--ca", "/in/with-key.pem", AT, expect=3)
    assert tree(volume) == before


# ---- a volume that is not as a fresh emptyDir is


def test_a_second_run_changes_nothing(build: Build, volume: Path):
    """A container that is restarted finds its volume as it left it."""
    build(*CHAIN, AT)
    before = tree(volume)
    assert len(before) > 100
    build(*CHAIN, AT)
    assert tree(volume) == before


def test_a_mount_point_keeps_its_owner_and_its_mode(build: Build, volume: Path):
    # It is the kubelet's: any other uid is refused a chmod there, and that must not fail the run.
    build(*CHAIN)
    status = volume.stat()
    assert (status.st_uid, status.st_mode & 0o7777) == (0, 0o777)
    assert (volume / "manifest.json").stat().st_uid == int(UID)


def test_the_umask_has_no_say(build: Build, volume: Path):
    build(*CHAIN, options=("--umask=0077",))
    made = [path for path in volume.rglob("*") if not path.is_symlink()]
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o644}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_dir()} == {0o755}


def test_no_temporary_is_left(build: Build, volume: Path):
    build(*CHAIN)
    build("--ca", "/in/other.pem")
    top = {path.name for path in volume.iterdir()}
    assert {name for name in top if not name.startswith(".")} == {
        "os",
        "java",
        "python",
        "custom",
        "trust.env",
        "manifest.json",
    }
    # Go takes every file there for certificates.
    inside = {path.name for path in (volume / "os").iterdir()}
    assert {name for name in inside if not re.fullmatch(r"[0-9a-f]{8}\.0", name)} == {
        "ca-certificates.crt",
        "ca-bundle.crt",
        "java",
    }


# ---- where the certificates come from


def test_a_config_map_is_read_once(build: Build, sources: Sources, volume: Path, tmp_path: Path):
    files = {"chain.pem": sources.chain.read_text(), "other.pem": sources.other.read_text()}
    mount = lay_out(tmp_path / "config-map", files)
    build("--ca", "/config", "--base", "none", AT, volumes=(f"{mount}:/config:ro",))
    assert begins(volume / "custom/client-ca-chain.pem") == 3
    assert begins(volume / "os/ca-certificates.crt") == 3
    manifest = (volume / "manifest.json").read_text()
    assert "/config/chain.pem" in manifest
    assert "..data" not in manifest
    assert "..2026" not in manifest


def test_an_updated_config_map_changes_the_set(
    build: Build, sources: Sources, volume: Path, tmp_path: Path
):
    mount = lay_out(tmp_path / "config-map", {"ca.pem": sources.chain.read_text()})
    mounted = (f"{mount}:/config:ro",)
    build("--ca", "/config", AT, volumes=mounted)
    first = set(tree(volume))
    # As a kubelet does it: a new directory, and the one link renamed over.
    new = mount / "..2026_06_02_12_00_00.987654321"
    new.mkdir()
    (new / "ca.pem").write_text(sources.other.read_text())
    (mount / "..data_tmp").symlink_to(new.name)
    (mount / "..data_tmp").rename(mount / "..data")
    build("--ca", "/config", AT, volumes=mounted)
    second = set(tree(volume))
    assert begins(volume / "custom/client-ca-chain.pem") == 1
    assert len(first - second) == 2, "the hashes of the old chain's two certificates go"
    assert len(second - first) == 1, "the hash of the new root comes"
    assert all(re.fullmatch(r"os/[0-9a-f]{8}\.0", name) for name in first ^ second)


def test_variables_alone_are_enough(engine: Engine, image: str, sources: Sources, volume: Path):
    """No args: the image's own command, its own user, and what the pod's env says."""
    engine.run(
        image,
        volumes=(f"{sources.home}:/in:ro", f"{volume}:/elsewhere"),
        options=(
            "--env=TRUST_INIT_CA=/in/client-ca-chain.pem:/in/other.pem",
            "--env=TRUST_INIT_OUT=/elsewhere",
            "--env=TRUST_INIT_PORT=tcp://10.0.0.1:80",  # what a Service of that name injects
        ),
        user=None,
    )
    assert begins(volume / "custom/client-ca-chain.pem") == 3
    assert (volume / "manifest.json").stat().st_uid == 65532


def test_standard_input_is_a_source(build: Build, sources: Sources, volume: Path):
    build("--ca", "-", stdin=sources.chain.read_text())
    assert begins(volume / "custom/client-ca-chain.pem") == 2


def test_the_manifest_counts_what_is_there(build: Build, volume: Path):
    build(*CHAIN)
    artifacts = {
        one["path"]: one for one in json.loads((volume / "manifest.json").read_text())["artifacts"]
    }
    for path in ("os/ca-certificates.crt", "python/cacert.pem", "custom/client-ca-chain.pem"):
        assert artifacts[path]["certificates"] == begins(volume / path)
        assert artifacts[path]["size"] == (volume / path).stat().st_size
