"""The same input gives the same bytes, and builds that meet do not mix."""

import itertools
import os
import random
import resource
import signal
import subprocess
import threading
import time

import pytest

from support import binary, environment, pki

AT = ["--at", pki.NOW.isoformat().replace("+00:00", "Z")]
# What the main container sees: the same whatever directory a test builds in.
MOUNTED = ["--mounted-at", "/trust"]


@pytest.fixture(scope="module")
def authorities():
    return [pki.root(f"Example CA {number}", kind="ec") for number in range(6)]


@pytest.mark.parametrize("form", ["pkcs12", "pkcs12-mac", "pkcs12-encrypted", "jks"])
def test_two_runs_are_byte_identical(form, customer, tmp_path):
    sources = ["--ca", customer.chain_file, "--java-store", form]
    trees = [binary.build(tmp_path / n, *sources, *AT, *MOUNTED).snapshot() for n in ("a", "b")]
    assert len(trees[0]) > 100
    assert trees[0] == trees[1]


def test_a_second_run_over_the_first_changes_nothing(customer, tmp_path):
    sources = ["--ca", customer.chain_file, *AT]
    tree = binary.build(tmp_path / "trust", *sources)
    first, touched = tree.snapshot(), tree.touched()
    assert binary.build(tmp_path / "trust", *sources).snapshot() == first
    # Not even written again with the same bytes: on ext4 each rename over a file is a flush.
    assert tree.touched() == touched
    # Nothing stays behind beside the output either: an emptyDir has one owner.
    assert [path.name for path in tmp_path.iterdir()] == ["trust"]


def test_the_umask_does_not_show(customer, tmp_path):
    """A store that its reader cannot open is no error to a JVM: it silently uses its own."""
    sources = ["--ca", customer.chain_file, *AT, *MOUNTED]
    modes = []
    for mask in (0o077, 0o000):
        tree = binary.build(tmp_path / f"{mask:o}", *sources, umask=mask)
        modes.append(tree.snapshot())
        assert (tree.root.stat().st_mode & 0o777) == 0o755
    assert modes[0] == modes[1]
    kinds = {(entry[0], entry[1]) for entry in modes[0].values() if entry[0] != "link"}
    assert kinds == {("file", 0o644), ("directory", 0o755)}


def _stores(tree):
    """What clients read; the manifest and its origins differ with the sources' names."""
    return {
        name: entry
        for name, entry in tree.snapshot().items()
        if name.split("/")[0] in ("os", "java", "python")
    }


def test_the_order_and_form_of_the_sources_does_not_matter(authorities, tmp_path):
    def build(label, write):
        directory = tmp_path / f"{label}-ca"
        directory.mkdir()
        sources = itertools.chain.from_iterable(["--ca", path] for path in write(directory))
        return binary.build(tmp_path / label, *sources, *AT, *MOUNTED)

    def one_file(directory, order):
        path = directory / "all.pem"
        path.write_bytes(b"".join(ca.pem for ca in order))
        return [path]

    def many_files(directory, order):
        for number, ca in enumerate(order):
            path = directory / f"{number}.pem"
            path.write_bytes(ca.pem)
            yield path

    def as_der(directory, order):
        for number, ca in enumerate(order):
            path = directory / f"{number}.crt"
            path.write_bytes(ca.certificate.der)
            yield path

    def one_directory(directory, order):
        list(many_files(directory, order))
        return [directory]

    def repeated(directory, order):
        return one_file(directory, [*order, *order])

    plain = build("plain", lambda d: one_file(d, authorities))
    shuffled = random.Random(2).sample(authorities, len(authorities))
    assert shuffled != authorities
    ways = (one_file, many_files, as_der, one_directory, repeated)
    for way, order in itertools.product(ways, (authorities[::-1], shuffled)):
        label = f"{way.__name__}-{'shuffled' if order is shuffled else 'reversed'}"
        tree = build(label, lambda d, way=way, order=order: way(d, order))
        assert tree.manifest["trustAnchorsHash"] == plain.manifest["trustAnchorsHash"], label
        assert _stores(tree) == _stores(plain), label


def test_another_set_has_another_hash(authorities, tmp_path):
    hashes = set()
    for count in (1, 2, 3):
        source = tmp_path / f"{count}.pem"
        source.write_bytes(b"".join(ca.pem for ca in authorities[:count]))
        tree = binary.build(tmp_path / str(count), "--ca", source, "--base", "none")
        hashes.add(tree.manifest["trustAnchorsHash"])
    assert len(hashes) == 3


def test_the_hashes_do_not_depend_on_the_base(authorities, customer, tmp_path):
    source = tmp_path / "ca.pem"
    source.write_bytes(authorities[0].pem)
    bases = {"none": "none", "mozilla": "mozilla", "path": customer.chain_file}
    found = {
        (tree.manifest["caBundleHash"], tree.manifest["trustAnchorsHash"])
        for tree in (
            binary.build(tmp_path / label, "--ca", source, "--base", base)
            for label, base in bases.items()
        )
    }
    assert len(found) == 1


# Builds that meet.


def _two_inputs(authorities, directory):
    """Two sources that share the first CA, as arguments, and the whole tree that each gives."""
    shared, *rest = authorities
    inputs = {}
    for label, extra in {"a": rest[:2], "b": rest[2:]}.items():
        source = directory / f"{label}.pem"
        source.write_bytes(b"".join(ca.pem for ca in (shared, *extra)))
        inputs[label] = ["--ca", source, *AT, *MOUNTED]
    wanted = {
        label: binary.build(directory / f"whole-{label}", *args).snapshot()
        for label, args in inputs.items()
    }
    return inputs, wanted


ROUNDS = 4
BUILDERS = 6


def test_concurrent_builds_leave_one_of_the_two_whole(authorities, tmp_path):
    """Two inputs, many builds at once into one directory, and a reader all the while."""
    shared = authorities[0]
    inputs, wanted = _two_inputs(authorities, tmp_path)
    assert wanted["a"] != wanted["b"]
    bundle = "os/ca-certificates.crt"
    whole = {wanted[label][bundle][2] for label in wanted}
    hash_file = _hash_file(shared)

    out = tmp_path / "trust"
    seen = _Reader(out, bundle, hash_file)
    ended_as = []
    with seen:
        for number in range(ROUNDS):
            order = ["a", "b"] * (BUILDERS // 2)
            random.Random(number).shuffle(order)
            builders = [_start(out, inputs[label]) for label in order]
            for builder in builders:
                _, stderr = builder.communicate(timeout=120)
                assert builder.returncode == 0, stderr.decode()
            end = binary.Tree(out).snapshot()
            ended_as += [label for label in wanted if end == wanted[label]]
            assert len(ended_as) == number + 1, _mixed(end, wanted)
    assert seen.reads > 0
    assert seen.bundles <= whole, "a reader saw a bundle that no build wrote"
    assert not seen.lost, f"a reader did not find {hash_file}, which both builds hold"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".", "trust."))] == []


def test_a_killed_build_leaves_whole_files(authorities, tmp_path):
    """A pod can be killed at any moment; what its volume then holds is what the next one reads."""
    shared = authorities[0]
    inputs, wanted = _two_inputs(authorities, tmp_path)
    out = tmp_path / "volume" / "trust"
    out.parent.mkdir()
    began = time.monotonic()
    binary.build(out, *inputs["a"])
    whole_run = time.monotonic() - began
    random_moment = random.Random(3)
    killed = 0
    for number in range(40):
        build = _start(out, inputs["ab"[number % 2]])
        time.sleep(random_moment.uniform(0, whole_run))
        build.kill()
        build.communicate(timeout=60)
        killed += build.returncode == -signal.SIGKILL
        for name, entry in binary.Tree(out).snapshot().items():
            known = [wanted[label][name] for label in wanted if name in wanted[label]]
            # A temporary file may be left, under a name that no client reads.
            assert entry in known or _is_temporary(name), name
        for name in ("os/ca-certificates.crt", "java/truststore.p12", _hash_file(shared)):
            assert (out / name).is_file(), name
    assert killed > 0, "every build was done before it could be killed"
    assert binary.build(out, *inputs["b"]).snapshot() == wanted["b"]
    assert [path.name for path in out.parent.iterdir()] == ["trust"]


def _is_temporary(name):
    # Go reads every file of os/, dotfiles too, so there a temporary would be trusted.
    return name.startswith(".") and not name.startswith("os/")


def test_a_full_disk_leaves_the_old_output(authorities, customer, tmp_path):
    out = tmp_path / "volume" / "trust"
    out.parent.mkdir()
    old = binary.build(out, "--ca", customer.chain_file, *AT).snapshot()
    source = tmp_path / "other.pem"
    source.write_bytes(authorities[0].pem)
    done = binary.run(
        "build", "--out", out, "--ca", source, *AT,
        preexec_fn=_files_of_64_kib_at_most, restore_signals=False,
    )  # fmt: skip
    assert done.code == 4, done.stderr
    assert str(out) in done.stderr
    assert binary.Tree(out).snapshot() == old
    assert [path.name for path in out.parent.iterdir()] == ["trust"]


def _files_of_64_kib_at_most():
    # The bundles are larger: a write fails half-way, as on a full disk. Python ignores
    # SIGXFSZ, and so does its child: else the kernel would end it without a word.
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, 64 << 10))


def _start(out, args):
    return subprocess.Popen(
        [binary.path(), "build", "--out", out, *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment.clean(),
    )


def _hash_file(ca):
    named = pki.openssl("x509", "-noout", "-subject_hash", stdin=ca.pem).stdout.decode().strip()
    return f"os/{named}.0"


def _mixed(end, wanted):
    return {
        name: [label for label in wanted if wanted[label].get(name) == entry]
        for name, entry in end.items()
        if not all(wanted[label].get(name) == entry for label in wanted)
    }


class _Reader:
    """Reads an output again and again, as a client in the main container would."""

    def __init__(self, out, bundle, hash_file):
        self.out, self.bundle, self.hash_file = out, bundle, hash_file
        self.reads, self.bundles, self.lost = 0, set(), False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def _read(self):
        while not self._stop.is_set():
            if not os.path.exists(self.out / self.bundle):
                # Before the first build is done; from then on it has to be there.
                self.lost = self.lost or self.reads > 0
                continue
            self.bundles.add((self.out / self.bundle).read_bytes())
            self.lost = self.lost or not os.path.exists(self.out / self.hash_file)
            self.reads += 1

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
