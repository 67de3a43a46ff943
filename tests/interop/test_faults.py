"""What breaks a build, and what the stores hold afterwards: docs/faults.md is the table.

A build over an old tree is killed and failed at every system call that changes something, killed at
a thousand random moments, and run beside two hundred others. Full and read-only disks are in
test_volumes.py, large sets of CAs in test_faults_of_many.py.

strace counts the calls of each thread from 1, so the same call of both threads of a build goes wrong.
"""

import collections
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import binary, environment, jvm
from support.change import (  # noqa: F401
    HASHED,
    INPUT,
    OUTPUT,
    Change,
    Injected,
    change,
    inject,
    numbers,
    says_full,
    strace,
    trace,
)


@pytest.fixture
def memory() -> Iterator[Path]:
    """A directory in memory, as an emptyDir can be: a disk flushes a file at each rename over it."""
    with tempfile.TemporaryDirectory(prefix="trust-init-", dir="/dev/shm") as name:
        yield Path(name)


# Each system call that changes something, failed and killed.


def _is_fatal(call: str, out: Path) -> bool:
    """Whether the stores cannot come out right without that call."""
    if re.search(r"\bunlinkat\(", call):
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
    assert done.code == INPUT, (done.calls, done.stderr)
    assert "error[unreadable]: " in done.stderr, done.stderr


CALLS = ("mkdirat", "openat", "write", "renameat", "unlinkat")


@pytest.mark.parametrize("call", CALLS)
def test_each_call_fails_over_an_old_tree(call, change, memory):
    out = memory / "trust"
    change.build(out, "a")
    fatal = 0
    for number in range(1, 1000):
        done = inject(change, out, "b", call, "error=ENOSPC", number)
        if not done.calls:
            assert done.code == 0
            break
        whose = change.whole(out)
        if _reads_a_source(done.calls[0], out):
            _refuses_the_source(done)
            assert set(whose.values()) == {"a"}, done.calls
        elif any(_is_fatal(line, out) for line in done.calls):
            fatal += 1
            assert done.code == OUTPUT, (done.calls, done.stderr)
            if done.could_log(out):
                says_full(done.stderr, out)
            # Nothing of the new set before all of it is written.
            if call in ("mkdirat", "openat", "write") and not any(map(_lists, done.calls)):
                assert set(whose.values()) == {"a"}, done.calls
            # What it had written goes with it.
            assert "temporary" not in whose
        else:
            assert done.code == 0, (done.calls, done.stderr)
        change.built(out, "b")
        change.build(out, "a")
    print(f"{call}: {number - 1} calls, {fatal} of them fatal")
    assert fatal >= {"unlinkat": 3}.get(call, 6)


def _lists(call: str) -> bool:
    """Whether it opens a directory to list it: the last are for what is to be removed."""
    return '>, ".", ' in call


@pytest.mark.parametrize("call", ["mkdir", "mkdirat", "openat", "write", "symlinkat", "renameat"])
def test_each_call_fails_where_nothing_stood(call, change, memory):
    """Quota's own error: the same remedy."""
    out = memory / "trust"
    fatal = 0
    # The tenth file of a hashed directory is like the hundredth.
    for number in [*range(1, 20), *range(20, 1000, 9)]:
        done = inject(change, out, "b", call, "error=EDQUOT", number)
        if not done.calls:
            break
        if _reads_a_source(done.calls[0], out):
            _refuses_the_source(done)
            assert not out.exists()
        elif any(_is_fatal(line, out) for line in done.calls):
            fatal += 1
            assert done.code == OUTPUT, (done.calls, done.stderr)
            if done.could_log(out):
                assert "quota exceeded" in done.stderr and "sizeLimit" in done.stderr, done.stderr
            # Before the first rename nothing may be left, not even the directory.
            assert call == "renameat" or any(map(_lists, done.calls)) or not out.exists()
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
        done = inject(change, out, "b", "getdents64", "error=EIO", number)
        if not done.calls:
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
    done = inject(change, out, "b", "clone", "error=EAGAIN", "1+")
    # One to compare, and one to write.
    assert len(done.calls) == 2, done.calls
    assert done.code == 0, done.stderr
    assert "error[" not in done.stderr, done.stderr
    assert set(change.whole(out).values()) == {"b"}


@pytest.mark.parametrize("call", CALLS)
def test_a_kill_at_each_call(call, change, memory):
    out = memory / "trust"
    change.build(out, "a")
    done, lines = trace(change, out, "b", call)
    assert done.returncode == 0, done.stderr
    change.build(out, "a")
    assert lines
    seen = set()
    for number in numbers(lines):
        done = inject(change, out, "b", call, "signal=KILL", number)
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
    renames = len(trace(change, out, "b", "renameat")[1])
    change.build(out, "a")
    chance, seen = random.Random(11), collections.Counter()
    for first in range(1, renames + 1):
        for label in "bab":
            number = first if label == "b" else chance.randint(1, renames)
            inject(change, out, label, "renameat", "signal=KILL", number)
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


# In each of these some kill has to land: before anything is in place, while it is written, and between renames.
MOMENTS = ("old", "written", "between")


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
    # A moment may be so short that it takes more kills to land in it.
    while kills < KILLS[where] or (kills < 4 * KILLS[where] and not all(moments[m] for m in MOMENTS)):
        old, new = standing, "ba"["ab".index(standing)]
        build = _start(out, change, new)
        # The first lands before the program has begun, the last about when it ends.
        time.sleep(chance.uniform(0, whole_run))
        build.kill()
        standing = new
        if build.wait(timeout=60) == 0:
            moments["too late"] += 1
            assert moments["too late"] < 8 * KILLS[where], moments
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
    assert all(moments[moment] for moment in MOMENTS), moments
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


def test_builds_at_once_without_locks(change, tmp_path):
    """flock fails on some NFS mounts and in gVisor: no build takes another's files for a dead one's."""
    out = tmp_path / "volume" / "trust"
    for label in "ab":
        builders = [
            subprocess.Popen(
                [*strace(tmp_path / f"trace{number}", "flock", "error=ENOLCK", "1+"), binary.path()]
                + ["build", "--out", out, *change.inputs[label]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment.clean(),
            )
            for number in range(48)
        ]
        for builder in builders:
            stderr = builder.communicate(timeout=240)[1].decode()
            assert builder.returncode == 0, stderr
            assert "warning[unlocked]: " in stderr
        assert binary.Tree(out).snapshot() == change.wanted[label]
    assert [path.name for path in out.parent.iterdir()] == ["trust"]


def test_remains_without_locks(change, tmp_path):
    """What may be a living build's stays for an hour; with a lock, it goes at once."""
    out = tmp_path / "trust"
    change.build(out, "a")
    young, old = out / ".trust-init.0123", out / ".trust-init.4567"
    for remains in (young, old):
        (remains / "os").mkdir(parents=True)
    hours_ago = time.time() - 2 * 3600
    os.utime(old, (hours_ago, hours_ago))
    done = inject(change, out, "a", "flock", "error=ENOSYS", "1+")
    assert done.code == 0 and young.exists() and not old.exists()
    change.built(out, "a")


@pytest.mark.parametrize("call", ["newfstatat", "unlinkat"])
def test_a_stale_store_that_cannot_be_removed(call, change, tmp_path):
    """A failing disk: clients would go on trusting an old CA, so the build is no success."""
    out = tmp_path / "trust"
    stale = sorted(change.wanted["a"].keys() - change.wanted["b"].keys())
    assert len(stale) == 3 and all(HASHED.fullmatch(name) for name in stale)
    failed = set()
    change.build(out, "a")
    calls = len(trace(change, out, "b", call)[1])
    # Old files are looked at and removed last.
    for number in sorted({*range(1, calls, 23), *range(max(1, calls - 12), calls + 1)}):
        change.build(out, "a")
        done = inject(change, out, "b", call, "error=EIO", number)
        assert done.calls
        left = [name for name in stale if (out / name).exists()]
        assert done.code in (0, OUTPUT), (done.calls, done.stderr)
        assert (done.code == OUTPUT) >= bool(left), (done.calls, done.stderr)
        if "keep trusting" in done.stderr:
            failed.add(re.search(r"os/\w+\.0", done.stderr)[0])
        change.built(out, "b")
    assert failed == {*stale}, failed


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
    names = (
        "test_faults.py",
        "test_faults_of_commands.py",
        "test_faults_of_many.py",
        "test_volumes.py",
    )
    files = [Path(__file__).with_name(name) for name in names]
    here = {test for file in files for test in re.findall(r"\ndef (test_\w+)\(", file.read_text())}
    assert here - named == {"test_the_table_is_of_these_tests"}
