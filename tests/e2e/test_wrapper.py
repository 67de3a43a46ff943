"""`exec` in containers as a kubelet runs them: a read-only root, any uid, process number 1."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from engine import Engine
from sources import Sources

SHM = "/dev/shm"


@pytest.fixture
def mounts(shipped: Path, sources: Sources) -> tuple[str, ...]:
    return (f"{shipped}:/trust-init:ro", f"{sources.chain}:/ca.pem:ro")


def test_a_read_only_root_with_nothing_writable_but_shm(engine: Engine, app: str, mounts):
    said = engine.run(
        app,
        *["/trust-init", "exec", "--ca", "/ca.pem", "--"],
        *["sh", "-c", "echo $SSL_CERT_FILE; grep -c BEGIN $SSL_CERT_FILE; touch /tmp/x || id -u"],
        volumes=mounts,
        user="987654",
    ).stdout.splitlines()
    assert said[0].startswith(f"{SHM}/trust-init-")
    assert int(said[1]) > 100
    # The root really was read-only, and the user is in no passwd file.
    assert said[2] == "987654"


def test_with_no_place_at_all_it_says_where_it_looked(engine: Engine, app: str, mounts):
    done = engine.run(
        app,
        *["/trust-init", "exec", "--ca", "/ca.pem", "--", "echo", "ran"],
        volumes=(*mounts, f"{mounts[1].split(':')[0]}:{SHM}:ro"),
        expect=125,
    )
    assert done.stdout == ""
    for place in ("/tmp", SHM, "/run"):
        assert f"hint: {place}: " in done.stderr, done.stderr
    assert "emptyDir" in done.stderr


def test_it_is_process_1_and_gets_the_kubelets_signal(engine: Engine, app: str, mounts):
    loop = 'trap "exit 42" TERM; echo $$; while :; do sleep 0.05; done'
    flags = [f"--volume={mount}" for mount in mounts]
    started = engine.podman(
        *["run", "--detach", "--network=none", "--cgroups=disabled", "--user=185", *flags, app],
        *["/trust-init", "exec", "-q", "--ca", "/ca.pem", "--", "sh", "-c", loop],
    ).stdout.strip()
    try:
        deadline = time.monotonic() + 20
        while engine.podman("logs", started).stdout.strip() != "1":
            assert time.monotonic() < deadline, engine.podman("logs", started)
            time.sleep(0.1)
        engine.podman("kill", "--signal=TERM", started)
        assert engine.podman("wait", started).stdout.strip() == "42"
    finally:
        engine.podman("rm", "--force", started)


def test_the_stores_of_an_init_container_and_the_program_from_the_volume(
    engine: Engine, image: str, app: str, sources: Sources, tmp_path: Path
):
    tmp_path.chmod(0o777)
    engine.run(
        image,
        *["build", "--ca", "/ca.pem", "--out", "/trust", "--install"],
        volumes=(f"{tmp_path}:/trust", f"{sources.chain}:/ca.pem:ro"),
    )
    said = engine.run(
        app,
        *["/trust/bin/trust-init", "exec", "--from", "/trust", "--"],
        *["sh", "-c", "echo $REQUESTS_CA_BUNDLE; grep -c BEGIN $NODE_EXTRA_CA_CERTS"],
        volumes=(f"{tmp_path}:/trust:ro",),
    ).stdout.splitlines()
    assert said == ["/trust/python/cacert.pem", "2"]
