"""A thousand rotations of the customer's CAs under one watch, with clients that never stop looking;
and what a kernel, a container or another machine does to it.
"""

import contextlib
import json
import mmap
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from support import binary, environment, jvm, pki

# No measure of speed: what hangs is to fail.
LIMIT = 120
DONE = "trust-init: done: "


class Volume:
    """A ConfigMap's volume: its keys are links through `..data`, which the kubelet renames over."""

    def __init__(self, root: Path, content: bytes):
        self.root, self.number = root, 0
        root.mkdir()
        self.swap(content)
        (root / "ca.crt").symlink_to("..data/ca.crt")

    def swap(self, content: bytes) -> None:
        old = self.root / f"..{self.number}"
        self.number += 1
        fresh = self.root / f"..{self.number}"
        fresh.mkdir()
        (fresh / "ca.crt").write_bytes(content)
        (self.root / "..data_tmp").symlink_to(fresh.name)
        (self.root / "..data_tmp").rename(self.root / "..data")
        shutil.rmtree(old, ignore_errors=True)


class Watch:
    def __init__(self, process: subprocess.Popen, out: Path, log: Path):
        self.process, self.out, self.log_file = process, out, log

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def says(self, words: str, times: int = 1) -> None:
        _until(lambda: self.log.count(words) >= times, lambda: f"{words!r} is not in\n{self.log}")

    def memory(self) -> int:
        """What of it is in memory, in KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[1])

    def descriptors(self) -> list[str]:
        """What it holds open, as the kernel names it."""
        return sorted(os.readlink(fd) for fd in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def watches(self) -> int:
        """How many inotify watches it has."""
        infos = Path(f"/proc/{self.process.pid}/fdinfo").iterdir()
        return sum(info.read_text().count("inotify wd:") for info in infos)


@contextlib.contextmanager
def _watching(directory: Path, *args: str | Path, prefix=(), debounce: int = 50, **options):
    out, log = directory / "trust", directory / "log"
    command = [*prefix, binary.path(), "watch", "--out", out, "--debounce", debounce, *args]
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stderr=stderr,
            env=environment.clean(),
            **options,
        )
    try:
        yield Watch(process, out, log)
    finally:
        process.kill()
        process.wait()


def _until(is_so, told) -> None:
    end = time.monotonic() + LIMIT
    while not is_so():
        assert time.monotonic() < end, told()
        time.sleep(0.002)


def _healthy(out: Path) -> int:
    return binary.run("watch", "--healthy", "--out", out).code


# A thousand rotations.

ROTATIONS = 1000
GENERATIONS = 8


class Rotation:
    """The customer's CAs, again and again others: one that stays, one that is renewed each time with
    its old key, and two of a ring, of which one goes as the next comes.
    """

    def __init__(self, directory: Path):
        self.stays = pki.root("Example CA that stays", kind="ec")
        renewed = pki.root("Example CA that is renewed", kind="ec")
        ring = [pki.root(f"Example CA {n} of the ring", kind="ec") for n in range(GENERATIONS)]
        self.generations = [
            [
                self.stays.certificate,
                renewed.vouch_for(renewed),
                ring[number].certificate,
                ring[(number + 1) % GENERATIONS].certificate,
            ]
            for number in range(GENERATIONS)
        ]
        self.servers = []
        for label, authority in {"stays": self.stays, "renewed": renewed}.items():
            server = authority.server(key=pki.new_key("ec"))
            self.servers.append(server.write(directory / label))
        self.sets = [{one.sha256 for one in generation} for generation in self.generations]

    def pem(self, number: int) -> bytes:
        return b"".join(one.pem for one in self.generations[number % GENERATIONS])


class Client(threading.Thread):
    """Looks again and again, for as long as the rotations go on."""

    def __init__(self, name: str, look, pause: float):
        super().__init__(name=name)
        self.look, self.pause = look, pause
        self.looks, self.faults, self._stop_asked = 0, [], threading.Event()

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                if fault := self.look():
                    self.faults.append(fault)
            except Exception as error:
                self.faults.append(repr(error))
            self.looks += 1
            self._stop_asked.wait(self.pause)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stop_asked.set()
        self.join()


def _openssl(trust, rotation: Rotation):
    """Both servers verify: under the CA that stays, and under the old or the new one of the other."""
    servers = [chain for chain, _ in rotation.servers]

    def look():
        done = pki.openssl("verify", "-no-CAstore", *trust, *servers, check=False)
        return None if done.returncode == 0 else (done.stdout + done.stderr).decode()

    return look


# Python's own ssl in a process of its own: each look is a new context, the certificates in it and a
# handshake with either server. A line in is a look, a line out what it found.
PYTHON = """
import hashlib, json, ssl, sys
bundle, servers = sys.argv[1], [pair.split(":") for pair in sys.argv[2:]]

def handshake(context, chain, key):
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain, key)
    there, here = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(there, here, server_hostname="localhost")
    server = serving.wrap_bio(here, there, server_side=True)
    for _ in range(4):
        for side in client, server:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
    return client.version()

for _ in sys.stdin:
    context = ssl.create_default_context(cafile=bundle)
    found = [hashlib.sha256(der).hexdigest() for der in context.get_ca_certs(binary_form=True)]
    said = []
    for chain, key in servers:
        try:
            said.append(handshake(context, chain, key))
        except ssl.SSLError as error:
            said.append(str(error))
    print(json.dumps([found, said]), flush=True)
"""


@contextlib.contextmanager
def _python(bundle: Path, rotation: Rotation, base: set[str], seen: set[frozenset[str]]):
    servers = [f"{chain}:{key}" for chain, key in rotation.servers]
    process = subprocess.Popen(
        [sys.executable, "-c", PYTHON, bundle, *servers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment.clean(),
    )

    def look():
        process.stdin.write("\n")
        process.stdin.flush()
        found, said = json.loads(process.stdout.readline())
        if said != ["TLSv1.3", "TLSv1.3"]:
            return f"{said}"
        customers = set(found) - base
        seen.add(frozenset(customers))
        return None if customers in rotation.sets else f"no build wrote {len(found)}"

    yield look
    process.stdin.close()
    process.stdout.close()
    assert process.wait(timeout=LIMIT) == 0


def _java(store: Path, rotation: Rotation, base: set[str]):
    def look():
        trust = jvm.machine().trust(trustStore=store)
        if set(trust.anchors) - base in rotation.sets:
            return None
        return f"no build wrote {len(trust.anchors)}: {trust.failure}"

    return look


# How often each client has to look, at least, for its answers to tell anything. A JVM takes long to start.
LOOKS = {"CAfile": 100, "CApath": 100, "Python": 100, "JVM": 5}


def test_a_thousand_rotations_under_load(tmp_path):
    """Each client trusts the old CA or the new one at every look, and never none or a mixture."""
    rotation = Rotation(tmp_path / "servers")
    volume = Volume(tmp_path / "volume", rotation.pem(0))
    jvm.classes("TrustProbe")
    with _watching(tmp_path, "--ca", volume.root, debounce=1) as watch:
        _until(lambda: _healthy(watch.out) == 0, lambda: watch.log)
        tree = binary.Tree(watch.out)
        base = {store: set(tree.fingerprints(store)) - rotation.sets[0] for store in ("python", "java")}
        assert all(len(held) > 100 for held in base.values())
        bundle, directory = watch.out / "os/ca-certificates.crt", watch.out / "os"
        seen = set()
        with _python(watch.out / "python/cacert.pem", rotation, base["python"], seen) as python:
            clients = [
                Client("CAfile", _openssl(["-no-CApath", "-CAfile", bundle], rotation), 0.02),
                Client("CApath", _openssl(["-no-CAfile", "-CApath", directory], rotation), 0.02),
                Client("Python", python, 0.02),
                Client("JVM", _java(watch.out / "java/truststore.p12", rotation, base["java"]), 2),
            ]
            with contextlib.ExitStack() as running:
                for client in clients:
                    running.enter_context(client)
                before = _rotate(watch, volume, rotation, range(1, 101))
                after = _rotate(watch, volume, rotation, range(101, ROTATIONS + 1))
                # A fast machine is done with a thousand before the JVM has looked often enough.
                for first in range(ROTATIONS + 1, 3 * ROTATIONS, 50):
                    if all(client.looks > LOOKS[client.name] for client in clients):
                        break
                    _rotate(watch, volume, rotation, range(first, first + 50))
        for client in clients:
            assert client.faults == [], (client.name, client.looks, client.faults[:3])
        looks = {client.name: client.looks for client in clients}
        assert all(looks[name] > least for name, least in LOOKS.items()), looks
        # What rotates reached them.
        assert len(seen) > GENERATIONS // 2
        print(f"{looks}; before and after: {before}, {after}")
        # A thousand builds; nothing went wrong in any.
        assert watch.log.count(DONE) > ROTATIONS
        assert not re.search(r"error|warning", watch.log), watch.log[-2000:]
        # In KiB; a leak of one certificate a rotation would be a thousand, and the allocator takes some
        # two hundred more, once, in the first thousands.
        assert after["memory"] - before["memory"] < 512, (before, after)
        assert after["open"] == before["open"]
        assert after["watches"] == before["watches"]


def _rotate(watch: Watch, volume: Volume, rotation: Rotation, numbers: range) -> dict:
    """Goes on when the stores hold what is new; then gives what the watch holds."""
    chain = watch.out / "custom/client-ca-chain.pem"
    for number in numbers:
        volume.swap(rotation.pem(number))
        wanted = rotation.sets[number % GENERATIONS]
        _until(
            lambda: set(binary.pem_fingerprints(chain.read_bytes())) == wanted,
            lambda number=number: f"rotation {number}: {watch.log[-2000:]}",
        )
    # The chain is in place a moment before the build is done.
    watch.says(DONE, numbers[-1] + 1)
    return {"memory": watch.memory(), "open": watch.descriptors(), "watches": watch.watches()}


# What a kernel, a container or another machine does.


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(_ca("First").pem)
    return path


def _ca(label: str) -> pki.Authority:
    return pki.root(f"Example {label} CA", kind="ec")


def test_what_inotify_does_not_tell_is_noticed(source, tmp_path):
    """A write through a mapping makes no event, as one on another machine of an NFS makes none."""
    old = source.read_bytes()
    new = _ca("Other").pem
    size = max(len(old), len(new)) + 1
    source.write_bytes(old.ljust(size, b"\n"))
    with _watching(tmp_path, "--ca", source, "--base", "none", "--interval", "1") as watch:
        watch.says(DONE)
        with source.open("r+b") as file, mmap.mmap(file.fileno(), size) as mapped:
            mapped[:] = new.ljust(size, b"\n")
        watch.says(DONE, 2)
        chain = (watch.out / "custom/client-ca-chain.pem").read_bytes()
        assert binary.pem_fingerprints(chain) == binary.pem_fingerprints(new)


def test_without_inotify_it_looks_at_intervals(source, tmp_path):
    """A node's limit of instances is soon used up: 128 for each user, by default."""
    none_left = ["unshare", "--user", "--map-root-user", "sh", "-c"]
    none_left += ['echo 0 >/proc/sys/user/max_inotify_instances && exec "$@"', "sh"]
    args = ["--ca", source, "--base", "none", "--interval", "1"]
    with _watching(tmp_path, *args, prefix=none_left) as watch:
        watch.says(DONE)
        watch.says("warning[unwatched]: inotify does not report every change")
        source.write_bytes(_ca("Other").pem)
        watch.says(DONE, 2)
        assert watch.log.count("warning[unwatched]") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_process_1_it_ends_on_a_signal(number, source, tmp_path):
    """For process 1 of a container the kernel has no default: what is not handled is ignored."""
    # A user namespace, so that it needs no root; its process 1 cannot be reached by another way.
    alone = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]
    with _watching(tmp_path, "--ca", source, prefix=alone) as watch:
        _until(lambda: _healthy(watch.out) == 0, lambda: watch.log)
        children = Path(f"/proc/{watch.process.pid}/task/{watch.process.pid}/children")
        [child] = map(int, children.read_text().split())
        status = Path(f"/proc/{child}/status").read_text()
        assert re.search(r"^NSpid:\s+\d+\s+1$", status, re.MULTILINE), status
        os.kill(child, number)
        # unshare hands its child's exit code on.
        assert watch.process.wait(timeout=LIMIT) == 0
        assert _healthy(watch.out) == 1


def test_it_opens_no_socket(source, tmp_path):
    trace = tmp_path / "trace"
    # -D: what is started here, and ended, is the watch itself.
    traced = ["strace", "-D", "-f", "-o", trace, "-e", "trace=execve,%network"]
    with _watching(tmp_path, "--ca", source, prefix=traced) as watch:
        watch.says(DONE)
        source.write_bytes(_ca("Other").pem)
        watch.says(DONE, 2)
        # strace reports threads that end, too.
        calls = [line for line in trace.read_text().splitlines() if "+++" not in line]
        assert len(calls) == 1, calls
        assert "execve(" in calls[0]


def test_a_file_that_is_mounted_by_itself_is_noticed(source, tmp_path):
    """What `docker run -v FILE:FILE` does: the name in its directory never changes."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "ca.pem").touch()
    mounted = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    mounted += [f'mount --bind "{source}" "{inside}/ca.pem" && exec "$@"', "sh"]
    args = ["--ca", inside / "ca.pem", "--base", "none", "--interval", "3600"]
    with _watching(tmp_path, *args, prefix=mounted) as watch:
        watch.says(DONE)
        source.write_bytes(_ca("Other").pem)
        watch.says(DONE, 2)
        chain = (watch.out / "custom/client-ca-chain.pem").read_bytes()
        assert binary.pem_fingerprints(chain) == binary.pem_fingerprints(source.read_bytes())


def test_a_full_disk_leaves_the_stores_and_is_tried_again(source, tmp_path):
    # Python ignores SIGXFSZ, and so does its child then: a write fails, as on a full disk.
    args = ["--ca", source, "--remind", "1"]
    with _watching(tmp_path, *args, restore_signals=False) as watch:
        watch.says(DONE)
        stores = binary.Tree(watch.out).snapshot()
        _let_files_grow_to(64 << 10, watch)
        other = _ca("Other")
        source.write_bytes(other.pem)
        watch.says("warning[kept]", 2)
        assert "error[unwritable]" in watch.log
        assert binary.Tree(watch.out).snapshot() == stores
        _let_files_grow_to(resource.RLIM_INFINITY, watch)
        watch.says("recovered: ")
        watch.says(f"({other.sha256})")


def _let_files_grow_to(size: int, watch: Watch) -> None:
    limits = (size, resource.RLIM_INFINITY)
    resource.prlimit(watch.process.pid, resource.RLIMIT_FSIZE, limits)
