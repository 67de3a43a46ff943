"""What breaks a build, and what the stores hold afterwards: docs/faults.md is the table.

A build over an old tree is killed and failed at every system call that changes something, killed at
a thousand random moments, and run where the disk is full, read-only or somebody else's.
"""

import collections
import errno
import functools
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import binary, environment, jvm, pki, volumes
from support.unprivileged import as_nobody

AT = ["--at", pki.NOW.isoformat().replace("+00:00", "Z")]
# What the main container sees: the same whatever directory a test builds in.
MOUNTED = ["--mounted-at", "/trust"]
INPUT = 3
OUTPUT = 4
TEMPORARY = re.compile(r"\.trust-init\.[0-9a-f]+")
HASHED = re.compile(r"os/[0-9a-f]{8}\.0")
FULL = os.strerror(errno.ENOSPC).lower()


@functools.cache
def _certificates(content: bytes) -> frozenset[str]:
    return frozenset(binary.pem_fingerprints(content))


@dataclass(frozen=True)
class Change:
    """Two sets of CAs, and all that a build makes of each: the old tree and the new one.

    One CA stays, two have new keys under their old names, three go and three come: files of a
    hashed directory are left alone, replaced, removed and added.
    """

    inputs: dict[str, list]
    wanted: dict[str, dict]
    # A server's certificate under each CA.
    servers: dict[str, list[Path]]

    def build(self, out: Path, label: str) -> None:
        binary.build(out, *self.inputs[label])

    def built(self, out: Path, label: str) -> None:
        """Builds, and sees that this leaves that tree and nothing else."""
        self.build(out, label)
        assert binary.Tree(out).snapshot() == self.wanted[label]

    def whole(self, out: Path, labels: str = "ab") -> dict[str, str]:
        """Sees that each file is one that a build wrote, and that no set has less than one of the
        two builds' certificates. Gives whose each file is where they differ, and `temporary`.
        """
        found, held, whose = binary.Tree(out).snapshot(), set(), {}
        wanted = {label: self.wanted[label] for label in labels}
        for name, entry in found.items():
            if TEMPORARY.match(name):
                whose["temporary"] = name
                continue
            of = [label for label in wanted if wanted[label].get(name) == entry]
            if not of and entry in self._both(name, labels):
                of = ["both"]
            assert of, f"no build wrote {name}"
            if len(of) < len(wanted):
                whose[name] = of[0]
            if HASHED.fullmatch(name):
                held |= _certificates(entry[2])
        if len(labels) > 1:
            missing = wanted["a"].keys() & wanted["b"].keys() - found.keys()
            assert not missing, missing
            less = [len(self.hashed(label) - held) for label in wanted]
            assert 0 in less, f"of the hashed directories {less} are missing"
        return whose

    def _both(self, name: str, labels: str) -> list[tuple]:
        """What a file of a hashed directory is while others change: the old one and the new one."""
        entries = [self.wanted[label].get(name) for label in labels]
        if not HASHED.fullmatch(name) or len(entries) < 2 or None in entries:
            return []
        (*kind, one), (*_, other) = entries
        return [(*kind, one + other), (*kind, other + one)]

    def hashed(self, label: str) -> set[str]:
        """The certificates of the hashed directory: those of every store here."""
        entries = self.wanted[label].items()
        hashed = [entry[2] for name, entry in entries if HASHED.fullmatch(name)]
        return set().union(*map(_certificates, hashed))

    def verifies(self, *trust: str | Path) -> None:
        """Sees that OpenSSL, asked of each server, trusts no less than the old set or the new."""
        every = sorted({*self.servers["a"], *self.servers["b"]})
        done = pki.openssl("verify", "-no-CAstore", *trust, *every, check=False)
        passed = {
            Path(line[:-4]) for line in done.stdout.decode().splitlines() if line[-4:] == ": OK"
        }
        assert any(passed.issuperset(of) for of in self.servers.values()), passed


@pytest.fixture(scope="module")
def change(tmp_path_factory) -> Change:
    directory = tmp_path_factory.mktemp("change")
    stays = pki.root("Example CA that stays", kind="ec")
    inputs, wanted, servers = {}, {}, {}
    for label in "ab":
        rekeyed = [pki.root(f"Example CA {number}, another key", kind="ec") for number in range(2)]
        others = [pki.root(f"Example CA {number} of {label}", kind="ec") for number in range(3)]
        cas = [stays, *rekeyed, *others]
        source = directory / f"{label}.pem"
        source.write_bytes(b"".join(ca.pem for ca in cas))
        inputs[label] = ["--ca", source, *AT, *MOUNTED]
        tree = binary.build(directory / label, *inputs[label])
        wanted[label] = tree.snapshot()
        servers[label] = []
        for number, ca in enumerate(cas):
            server = directory / f"{label}{number}-server.pem"
            server.write_bytes(ca.server(key=pki.new_key("ec")).certificate.pem)
            servers[label].append(server)
    change = Change(inputs, wanted, servers)
    differing = [n for n in wanted["a"] if wanted["a"][n] != wanted["b"].get(n)]
    assert len([name for name in differing if HASHED.fullmatch(name)]) == 5
    assert {"os/ca-certificates.crt", "java/truststore.p12", "manifest.json"} <= {*differing}
    return change


@pytest.fixture
def memory() -> Iterator[Path]:
    """A directory in memory, as an emptyDir can be: a disk flushes a file at each rename over it."""
    with tempfile.TemporaryDirectory(prefix="trust-init-", dir="/dev/shm") as name:
        yield Path(name)


# Each system call that changes something, failed and killed.


@dataclass(frozen=True)
class Injected:
    """A build of which one call went wrong: strace's line of that call, None if there was none."""

    code: int
    stderr: str
    call: str | None


def _inject(change: Change, out: Path, label: str, call: str, how: str, number: int) -> Injected:
    done, lines = _trace(change, out, label, call, how, number)
    there = lines[number - 1] if len(lines) >= number else None
    return Injected(done.returncode, done.stderr, there)


def _trace(change: Change, out: Path, label: str, call: str, how: str = "", number: int = 0):
    trace = out.parent / "trace"
    inject = ["-e", f"inject={call}:{how}:when={number}"] if how else []
    # With that filter in the kernel, this strace injects errors and no signals.
    quick = [] if how.startswith("signal") else ["--seccomp-bpf"]
    done = subprocess.run(
        ["strace", "-f", *quick, "-qq", "-y", "-s", "0", "-o", trace, "-e", f"trace={call}"]
        + [*inject, binary.path(), "build", "--out", out, *change.inputs[label]],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment.clean(),
    )
    return done, [line for line in trace.read_text().splitlines() if f" {call}(" in line]


def _is_fatal(call: str, out: Path) -> bool:
    """Whether the stores cannot come out right without that call."""
    if re.search(r"\b(unlinkat|rmdir)\(", call):
        # What a run cannot clear away of its own, the next one does.
        return ".trust-init." not in call
    if "openat(" in call:
        # A file that exists but cannot be read is written again.
        return "O_CREAT" in call or "O_DIRECTORY" in call
    # A log that nobody can take is no reason to fail.
    return "write(" not in call or str(out) in call


def _reads_a_source(call: str, out: Path) -> bool:
    return "openat(" in call and str(out) not in call


def _refuses_the_source(done: Injected) -> None:
    assert done.code == INPUT, (done.call, done.stderr)
    assert "error[unreadable]: " in done.stderr, done.stderr


CALLS = ("mkdirat", "openat", "write", "renameat", "unlinkat", "rmdir")


@pytest.mark.parametrize("call", CALLS)
def test_each_call_fails_over_an_old_tree(call, change, memory):
    out = memory / "trust"
    change.build(out, "a")
    fatal = 0
    for number in range(1, 1000):
        done = _inject(change, out, "b", call, "error=ENOSPC", number)
        if done.call is None:
            assert done.code == 0
            break
        assert "(INJECTED)" in done.call
        whose = change.whole(out)
        if _reads_a_source(done.call, out):
            _refuses_the_source(done)
            assert set(whose.values()) == {"a"}, done.call
        elif _is_fatal(done.call, out):
            fatal += 1
            assert done.code == OUTPUT, (done.call, done.stderr)
            _says_full(done.stderr, out)
            # Nothing of the new set before all of it is written.
            if call in ("mkdirat", "openat", "write") and not _lists(done.call):
                assert set(whose.values()) == {"a"}, done.call
            # What it had written goes with it.
            assert "temporary" not in whose
        else:
            assert done.code == 0, (done.call, done.stderr)
        change.built(out, "b")
        change.build(out, "a")
    print(f"{call}: {number - 1} calls, {fatal} of them fatal")
    assert fatal >= {"rmdir": 0, "unlinkat": 3}.get(call, 6)


def _lists(call: str) -> bool:
    """Whether it opens a directory to list it: the last are for what is to be removed."""
    return '>, ".", ' in call


def _says_full(stderr: str, out: Path) -> None:
    error, hint = stderr.splitlines()[-2:]
    assert error.startswith(f"trust-init: error[unwritable]: {out}"), stderr
    assert error.endswith(FULL), stderr
    assert hint.startswith("hint: the volume has no space or no inodes left") and "sizeLimit" in hint


@pytest.mark.parametrize("call", ["mkdir", "mkdirat", "openat", "write", "symlinkat", "renameat"])
def test_each_call_fails_where_nothing_stood(call, change, memory):
    """Quota's own error: the same remedy."""
    out = memory / "trust"
    fatal = 0
    # The tenth file of a hashed directory is like the hundredth.
    for number in [*range(1, 20), *range(20, 1000, 9)]:
        done = _inject(change, out, "b", call, "error=EDQUOT", number)
        if done.call is None:
            break
        if _reads_a_source(done.call, out):
            _refuses_the_source(done)
            assert not out.exists()
        elif _is_fatal(done.call, out):
            fatal += 1
            assert done.code == OUTPUT, (done.call, done.stderr)
            assert "quota exceeded" in done.stderr and "sizeLimit" in done.stderr, done.stderr
            # Before the first rename nothing may be left, not even the directory.
            assert call == "renameat" or _lists(done.call) or not out.exists()
        if out.exists():
            assert "temporary" not in change.whole(out, "b")
        change.built(out, "b")
        shutil.rmtree(out)
    assert fatal >= {"mkdir": 1, "symlinkat": 1}.get(call, 5)


def test_a_directory_that_cannot_be_listed(change, tmp_path):
    """A failing disk: stores whose old files cannot be told apart are not called done."""
    out = tmp_path / "trust"
    change.build(out, "a")
    codes = collections.Counter()
    for number in range(1, 1000):
        done = _inject(change, out, "b", "getdents64", "error=EIO", number)
        if done.call is None:
            break
        codes[done.code] += 1
        change.whole(out)
        change.built(out, "b")
        change.build(out, "a")
    assert codes.keys() <= {0, OUTPUT} and codes[OUTPUT] > 5, codes


def test_no_thread_is_to_be_had(change, tmp_path):
    """A limit of processes, as pids.max of a pod sets one."""
    out = tmp_path / "trust"
    change.build(out, "a")
    done = _inject(change, out, "b", "clone", "error=EAGAIN", 1)
    assert "(INJECTED)" in done.call, "the build asked for no thread"
    assert done.code == 0, done.stderr
    assert "error[" not in done.stderr, done.stderr
    assert set(change.whole(out).values()) == {"b"}


@pytest.mark.parametrize("call", CALLS)
def test_a_kill_at_each_call(call, change, memory):
    out = memory / "trust"
    change.build(out, "a")
    done, lines = _trace(change, out, "b", call)
    assert done.returncode == 0, done.stderr
    change.build(out, "a")
    # What only reads is left out.
    numbers = [number for number, line in enumerate(lines, 1) if "O_RDONLY" not in line]
    assert numbers
    seen = set()
    for number in numbers:
        done = _inject(change, out, "b", call, "signal=KILL", number)
        assert done.code == -9, done
        seen.add(_moment(change.whole(out)))
        if number % 4 == 0 or call == "renameat":
            change.verifies("-no-CAfile", "-CApath", out / "os")
            change.verifies("-no-CApath", "-CAfile", out / "os/ca-certificates.crt")
        change.built(out, "b")
        change.build(out, "a")
    if call == "renameat":
        assert {"written", "old and new", "between"} <= seen
    if call == "unlinkat":
        assert "new, old files left" in seen or "new" in seen, seen


def test_a_kill_after_a_kill(change, memory):
    """The run that finds what a dead one left is killed too, with no good one between them."""
    out = memory / "trust"
    change.build(out, "a")
    renames = len(_trace(change, out, "b", "renameat")[1])
    change.build(out, "a")
    chance, seen = random.Random(11), collections.Counter()
    for first in range(1, renames + 1):
        for label in "bab":
            number = first if label == "b" else chance.randint(1, renames)
            _inject(change, out, label, "renameat", "signal=KILL", number)
            seen[_moment(change.whole(out))] += 1
            change.verifies("-no-CAfile", "-CApath", out / "os")
        last = chance.choice("ab")
        change.built(out, last)
        if last == "b":
            change.build(out, "a")
    assert seen["old and new"] > 5, seen


def _moment(whose: dict[str, str]) -> str:
    """Which moment of a build of b over a tree of a this was."""
    hashed = {label for name, label in whose.items() if HASHED.fullmatch(name)}
    if "both" in hashed:
        return "old and new"
    stores = {
        label for name, label in whose.items() if name != "temporary" and not HASHED.fullmatch(name)
    }
    if stores == {"a"} and hashed == {"a"}:
        return "written" if "temporary" in whose else "old"
    if stores == {"b"}:
        return "new, old files left" if "a" in hashed else "new"
    return "between"


# Random moments.

# Most of them in memory; on a disk a build takes several times as long.
KILLS = {"memory": 850, "disk": 150}


@pytest.mark.parametrize("where", KILLS)
def test_a_thousand_kills(where, change, memory, tmp_path):
    out = {"memory": memory, "disk": tmp_path}[where] / "volume" / "trust"
    change.build(out, "a")
    jvm.classes("TrustProbe")
    took = []
    for label in "ba" * 10:
        began = time.perf_counter()
        _start(out, change, label).wait(timeout=60)
        took.append(time.perf_counter() - began)
    # The machine does other things meanwhile: the quickest ones tell.
    whole_run = sorted(took)[4]
    chance = random.Random(7)
    moments, kills, standing = collections.Counter(), 0, "a"
    while kills < KILLS[where]:
        old, new = standing, "ba"["ab".index(standing)]
        build = _start(out, change, new)
        # The first lands before the program has begun, the last about when it ends.
        time.sleep(chance.uniform(0, whole_run))
        build.kill()
        standing = new
        if build.wait(timeout=60) == 0:
            moments["too late"] += 1
            assert moments["too late"] < 2 * KILLS[where], moments
            continue
        assert build.returncode == -9
        kills += 1
        whose = change.whole(out)
        # As if every build were one of b over a.
        moments[_moment({n: {old: "a", new: "b"}.get(of, of) for n, of in whose.items()})] += 1
        if kills % 10 == 0:
            change.verifies("-no-CAfile", "-CApath", out / "os")
            change.verifies("-no-CApath", "-CAfile", out / "os/ca-certificates.crt")
        if kills % 150 == 0:
            _a_jvm_reads(change, out)
        # The next run, of either set, ends what the dead one began.
        standing = chance.choice("ab")
        change.built(out, standing)
    print(f"{dict(moments)}; a build took {whole_run * 1000:.1f} ms")
    for moment in ("old", "written", "between"):
        assert moments[moment] > 0, moments
    assert moments["new"] + moments["new, old files left"] > 0, moments


def _a_jvm_reads(change: Change, out: Path) -> None:
    """That of the machine, in each place where one looks: the whole old set or the whole new."""
    for store in ("java/truststore.p12", "os/java/cacerts"):
        anchors = jvm.machine().trust(trustStore=out / store).anchors
        assert anchors in [sorted(change.hashed(label)) for label in "ab"], len(anchors)


def _start(out: Path, change: Change, label: str, *args: str) -> subprocess.Popen:
    return subprocess.Popen(
        [binary.path(), "build", "-q", "--out", out, *change.inputs[label], *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment.clean(),
    )


def test_two_hundred_builds_at_once(change, tmp_path):
    out = tmp_path / "volume" / "trust"
    builders = [_start(out, change, "ab"[number % 2]) for number in range(200)]
    said = [builder.communicate(timeout=120)[1].decode() for builder in builders]
    for builder, stderr in zip(builders, said, strict=True):
        assert builder.returncode == 0, stderr
    assert binary.Tree(out).snapshot() in change.wanted.values()
    assert [path.name for path in out.parent.iterdir()] == ["trust"]


def test_two_hundred_builds_that_do_not_wait(change, tmp_path):
    out = tmp_path / "volume" / "trust"
    builders = [
        _start(out, change, "ab"[number % 2], "--lock-timeout", "0") for number in range(200)
    ]
    codes = collections.Counter()
    for builder in builders:
        stderr = builder.communicate(timeout=120)[1].decode()
        codes[builder.returncode] += 1
        if builder.returncode != 0:
            assert builder.returncode == OUTPUT, stderr
            assert f"error[locked]: {out}: another run" in stderr
            assert "hint: " in stderr
    assert codes[0] > 0 and codes[OUTPUT] > 0, codes
    assert binary.Tree(out).snapshot() in change.wanted.values()
    assert [path.name for path in out.parent.iterdir()] == ["trust"]


# Volumes that are full, read-only or somebody else's.


def _fails_over_the_old(change: Change, out: Path) -> str:
    done = binary.run("build", "--out", out, *change.inputs["b"])
    assert done.code == OUTPUT, done
    assert binary.Tree(out).snapshot() == change.wanted["a"]
    assert str(out) in done.stderr
    return done.stderr


def test_a_volume_with_too_few_pages(change, tmp_path):
    """One page more at a time, until the new stores fit beside the old ones."""
    with volumes.mounted(tmp_path, 'mount -t tmpfs -o size=8m none "$0"') as volume:
        out = volume / "trust"
        change.build(out, "a")
        for pages in range(1000):
            volumes.fill(volume, pages)
            done = binary.run("build", "--out", out, *change.inputs["b"])
            if done.code == 0:
                break
            assert done.code == OUTPUT, done
            _says_full(done.stderr, out)
            assert binary.Tree(out).snapshot() == change.wanted["a"], pages
        print(f"{pages} pages are enough")
        assert pages > 100
        assert binary.Tree(out).snapshot() == change.wanted["b"]


def test_a_volume_with_too_few_inodes(change, tmp_path):
    mount = 'mount -t tmpfs -o size=8m,nr_inodes=250 none "$0"'
    with volumes.mounted(tmp_path, mount) as volume:
        out = volume / "trust"
        change.build(out, "a")
        volumes.use_up(volume, 0)
        fillers = sorted(volume.glob("filler-*"))
        for free, filler in enumerate(fillers):
            done = binary.run("build", "--out", out, *change.inputs["b"])
            if done.code == 0:
                break
            assert done.code == OUTPUT, done
            _says_full(done.stderr, out)
            assert binary.Tree(out).snapshot() == change.wanted["a"], free
            filler.unlink()
        print(f"{free} inodes are enough")
        assert free > 10
        assert binary.Tree(out).snapshot() == change.wanted["b"]


def test_a_read_only_volume(change, tmp_path):
    out = tmp_path / "trust"
    change.build(out, "a")
    mount = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"'
    with volumes.mounted(out, mount) as volume:
        said = _fails_over_the_old(change, volume)
        assert os.strerror(errno.EROFS).lower() in said
        assert "hint: mount a writable volume" in said
        # Where all is as it should be, nothing needs to be written.
        change.built(volume, "a")


def test_a_directory_of_another_user(change, open_directory):
    program, rights = as_nobody(open_directory)
    out = open_directory / "trust"
    change.build(out, "a")
    # Without root's rights this user owns it.
    out.chmod(0o555)
    source = open_directory / "b.pem"
    source.write_bytes(change.inputs["b"][1].read_bytes())
    done = subprocess.run(
        [program, "build", "--out", out, "--ca", source, *AT, *MOUNTED],
        capture_output=True, text=True, timeout=60, env=environment.clean(), **rights,
    )  # fmt: skip
    out.chmod(0o755)
    assert done.returncode == OUTPUT, done.stderr
    assert f"error[unwritable]: {out}" in done.stderr
    assert "permission denied" in done.stderr
    assert "hint: --out must be a directory" in done.stderr
    assert binary.Tree(out).snapshot() == change.wanted["a"]


# Sources that go, and targets that are something else.


def test_a_source_that_is_gone(change, tmp_path):
    out, source = tmp_path / "trust", tmp_path / "a.pem"
    shutil.copy(change.inputs["a"][1], source)
    binary.build(out, "--ca", source, *AT, *MOUNTED)
    before = binary.Tree(out).touched()
    source.unlink()
    done = binary.run("build", "--out", out, "--ca", source, *AT, *MOUNTED)
    assert done.code == 3
    assert f"error[unreadable]: {source}: no such file" in done.stderr
    assert "hint: " in done.stderr
    assert binary.Tree(out).touched() == before


def test_a_source_that_goes_during_the_run(change, tmp_path):
    """It was in the directory's list, and is no longer there when it is opened."""
    out, sources = tmp_path / "trust", tmp_path / "sources"
    sources.mkdir()
    for label in "ab":
        shutil.copy(change.inputs[label][1], sources)
    change.build(out, "a")
    before = binary.Tree(out).touched()
    moved = Change({"b": ["--ca", sources, *AT, *MOUNTED]}, change.wanted, change.servers)
    # The directory is opened and listed with other calls; the files in it are the first of these.
    for number, name in ((1, "a.pem"), (2, "b.pem")):
        done = _inject(moved, out, "b", "openat", "error=ENOENT", number)
        assert name in done.call and "(INJECTED)" in done.call
        assert done.code == 3
        assert f"error[unreadable]: {sources / name}: no such file" in done.stderr
        assert binary.Tree(out).touched() == before


def test_a_link_in_place_of_a_directory(change, tmp_path):
    out, elsewhere = tmp_path / "trust", tmp_path / "elsewhere"
    change.build(out, "a")
    (out / "os").rename(elsewhere)
    (out / "os").symlink_to(elsewhere)
    before = [binary.Tree(root).touched() for root in (out, elsewhere)]
    done = binary.run("build", "--out", out, *change.inputs["b"])
    assert done.code == OUTPUT
    assert f"{out}/os: expected a directory, found a link or a file" in done.stderr
    assert "hint: remove it" in done.stderr
    assert [binary.Tree(root).touched() for root in (out, elsewhere)] == before


@pytest.mark.parametrize("name", ["os/ca-certificates.crt", "java/truststore.p12", "manifest.json"])
def test_a_directory_in_place_of_a_file(name, change, tmp_path):
    out = tmp_path / "trust"
    change.build(out, "a")
    (out / name).unlink()
    (out / name).mkdir()
    before = binary.Tree(out).touched()
    done = binary.run("build", "--out", out, *change.inputs["b"])
    assert done.code == OUTPUT
    assert f"{out / name}: expected a file, found a directory" in done.stderr
    assert "hint: remove it" in done.stderr
    assert binary.Tree(out).touched() == before


def test_a_name_that_is_too_long(change, tmp_path):
    out = tmp_path / ("n" * 256)
    done = binary.run("build", "--out", out, *change.inputs["b"])
    assert done.code == OUTPUT
    assert f"error[unwritable]: {out}: filename too long" in done.stderr
    assert "hint: choose a shorter path for --out" in done.stderr
    assert [*tmp_path.iterdir()] == []


def test_the_table_is_of_these_tests():
    """Each row of docs/faults.md names tests that exist; each test here has its row."""
    table = (environment.REPOSITORY / "docs/faults.md").read_text()
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 10
    named = set()
    for row in rows:
        tests = re.findall(r"`(\w+)\.(py|rs)::(\w+)`", row)
        assert tests, row
        for file, language, test in tests:
            folder = "tests/interop" if language == "py" else "crates/trust-init/tests"
            start = "def" if language == "py" else "fn"
            text = (environment.REPOSITORY / folder / f"{file}.{language}").read_text()
            assert f"\n{start} {test}(" in text, f"{file} has no {test}"
            named.add(test)
    here = set(re.findall(r"\ndef (test_\w+)\(", Path(__file__).read_text()))
    assert here - named == {"test_the_table_is_of_these_tests"}
