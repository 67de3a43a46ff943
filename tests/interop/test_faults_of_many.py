"""What breaks a build of many CAs, whose stores are written in many pieces: docs/faults.md is the table.

Two threads stage a build: one the files of the hashed directory and the manifest, the other the stores. For
the first test the hashed directory is as it should be, so that of the writes, each of which goes wrong in
turn, all but the manifest's are the second thread's. For the other both threads have work, and of the calls for a thousand CAs there is a
sample: the first of each thread, with all the stores among them, the last, and some between.
"""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import binary
from support.change import HASHED, OUTPUT, Change, inject, numbers, of_many, says_full, trace

HOW = ["error=ENOSPC", "signal=KILL"]


@pytest.fixture(scope="module", params=[150, 1000])
def many(request, tmp_path_factory) -> Change:
    return of_many(tmp_path_factory.mktemp("many"), request.param)


@pytest.fixture
def memory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="trust-init-", dir="/dev/shm") as name:
        yield Path(name)


class Old:
    """A tree that builds go wrong over. Failures before the first rename leave it as it is, which saves
    most of the time that building it again would take.
    """

    def __init__(self, path: Path, out: Path):
        self.path, self.out = path, out
        self.wanted = binary.Tree(path).snapshot()
        self.restore()

    def restore(self) -> None:
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(self.path, self.out, symlinks=True)

    def remains(self) -> None:
        """Sees that it is there, whole, with nothing next to it but the staging of a killed build."""
        for staging in self.out.glob(".trust-init.*"):
            shutil.rmtree(staging)
        assert binary.Tree(self.out).snapshot() == self.wanted


@pytest.fixture
def only_stores_differ(many, memory) -> Old:
    """The tree of a with the hashed directory of b."""
    old = memory / "old"
    many.build(old, "a")
    many.build(memory / "new", "b")
    for path in old.glob("os/*.0"):
        path.unlink()
    for path in (memory / "new").glob("os/*.0"):
        shutil.copy2(path, old / "os")
    return Old(old, memory / "trust")


@pytest.fixture
def all_differs(many, memory) -> Old:
    many.build(memory / "old", "a")
    return Old(memory / "old", memory / "trust")


def _injectable(many: Change, old: Old, call: str) -> list[int]:
    done, lines = trace(many, old.out, "b", call)
    assert done.returncode == 0, done.stderr
    assert binary.Tree(old.out).snapshot() == many.wanted["b"]
    old.restore()
    if call == "openat":
        # The main thread opens the sources first: with those numbers it would fail there.
        main = lines[0].split()[0]
        lines = [line for line in lines if line.split()[0] == main]
    # Not those to the log: when that is written, all is done.
    return numbers(lines, str(old.out))


def _goes_wrong(many: Change, old: Old, call: str, how: str, number: int) -> list[str]:
    """Lets that call go wrong, and sees that what is left is whole; gives the calls that did."""
    done = inject(many, old.out, "b", call, how, number)
    if how.startswith("signal"):
        assert done.code == -9, (call, number, done.stderr)
    else:
        assert done.code == OUTPUT, (done.calls, done.stderr)
        if done.could_log(old.out):
            says_full(done.stderr, old.out)
        assert not [*old.out.glob(".trust-init.*")], done.calls
    if call == "renameat":
        many.whole(old.out)
        many.built(old.out, "b")
        old.restore()
    else:
        old.remains()
    return done.calls


@pytest.mark.parametrize("how", HOW)
def test_each_write_of_the_stores_goes_wrong(how, many, only_stores_differ):
    every = _injectable(many, only_stores_differ, "write")
    assert len(every) > 10
    for number in every:
        calls = _goes_wrong(many, only_stores_differ, "write", how, number)
        assert not any(map(HASHED.search, calls)), calls


@pytest.mark.parametrize("call", ["openat", "write", "renameat"])
@pytest.mark.parametrize("how", HOW)
def test_a_call_for_many_goes_wrong(how, call, many, all_differs):
    every = _injectable(many, all_differs, call)
    # After each of these the new tree is built, and the old one copied again.
    first, some = (4, 4) if call == "renameat" else (14, 10)
    between = random.Random(5).sample(every, min(len(every), some))
    for number in sorted({*every[:first], *between, *every[-4:]}):
        _goes_wrong(many, all_differs, call, how, number)
