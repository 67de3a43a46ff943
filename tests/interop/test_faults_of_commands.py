"""What breaks exec, install and watch: each system call that changes something, failed and killed.

What breaks a build is in test_faults.py; docs/faults.md is the table of both.
"""

import collections
import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support import binary, environment
from support.change import (  # noqa: F401
    AT,
    MOUNTED,
    OUTPUT,
    Change,
    change,
    strace,
    traced,
)

CALLS = ("mkdirat", "openat", "write", "renameat", "unlinkat", "rmdir")
EXEC_FAILED = 125


@pytest.fixture
def memory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="trust-init-", dir="/dev/shm") as name:
        yield Path(name)


# exec

COMMAND = ["--", "/bin/sh", "-c", "echo ran; exit 7"]


class Exec:
    """exec with a place of its own in memory; the stores that it leaves there."""

    def __init__(self, change: Change, memory: Path):
        self.memory, self.place = memory, memory / "place"
        source, self.anew = change.inputs["b"][1], memory / "wanted"
        self.command = ["exec", "--ca", source, *AT, "--base", "mozilla", *COMMAND]
        self.place.mkdir(mode=0o755)
        done = self.run()
        assert done.returncode == 7 and done.stdout == "ran\n", done.stderr
        [stores] = self.place.iterdir()
        self.name, self.wanted = stores.name, binary.Tree(stores).snapshot()
        self.clear()

    def run(self, call: str = "mkdirat", how: str = "", number: int = 0):
        done, self.lines = traced(self.memory, self.command, call, how, number, TMPDIR=self.place)
        return done

    def own(self, call: str) -> list[str]:
        """The calls of a run up to its last step, which is to become the command."""
        command = [*self.command[: -len(COMMAND)], "--", "/nowhere"]
        done, lines = traced(self.memory, command, call, TMPDIR=self.place)
        assert done.returncode == 127, done.stderr
        self.clear()
        return lines

    def left(self) -> set[str]:
        """Sees that all stores are complete; gives the names of what is there."""
        names = {path.name for path in self.place.iterdir()}
        for name in names:
            if not name.startswith("."):
                assert binary.Tree(self.place / name).snapshot() == self.wanted, name
        return names

    def clear(self) -> None:
        for path in self.place.iterdir():
            shutil.rmtree(path)

    def elsewhere(self, done) -> None:
        """Sees that stores in another place are complete too, and removes them."""
        # The line itself may be what could not be written.
        for where in re.findall(r"the stores are in (\S+)", done.stderr):
            self._elsewhere(where)

    def _elsewhere(self, where: str) -> None:
        if not Path(where).is_relative_to(self.memory):
            assert binary.Tree(Path(where)).snapshot() == self.wanted
            shutil.rmtree(where)


@pytest.fixture
def executed(change, memory) -> Exec:
    return Exec(change, memory)


@pytest.mark.parametrize("call", CALLS)
def test_each_call_of_exec_fails(call, executed):
    codes = collections.Counter()
    own = executed.own(call)
    for number, injected in enumerate(own, 1):
        done = executed.run(call, "error=ENOSPC", number)
        codes[done.returncode] += 1
        if done.returncode == EXEC_FAILED:
            assert "error[" in done.stderr and done.stdout == "", done.stderr
        elif "ran" in done.stdout:
            assert done.returncode == 7
            executed.elsewhere(done)
        else:
            # The shell's own write, where the run without a command wrote why.
            assert call == "write" and number == len(own), (injected, done)
        names = executed.left()
        if call not in ("unlinkat", "rmdir"):
            assert not any(name.startswith(".") for name in names), (injected, names)
        executed.clear()
    assert codes[7] or call in ("rmdir", "unlinkat"), codes


@pytest.mark.parametrize("call", CALLS)
def test_exec_is_killed_at_each_call(call, executed):
    own = executed.own(call)
    for number in [number for number, line in enumerate(own, 1) if "O_RDONLY" not in line]:
        executed.run(call, "signal=KILL", number)
        # What is under its final name is complete.
        executed.left()
        done = executed.run()
        assert done.returncode == 7 and done.stdout == "ran\n", done.stderr
        assert executed.name in executed.left()
        executed.clear()


# install

INSTALL_CALLS = (*CALLS, "mkdir", "copy_file_range", "sendfile", "fchmod")


@pytest.mark.parametrize("how", ["error=ENOSPC", "signal=KILL"])
def test_each_call_of_install_goes_wrong(how, memory):
    target = memory / "bin"
    failed = collections.Counter()
    wanted = binary.path().read_bytes()
    for call in INSTALL_CALLS:
        for number in range(1, 100):
            target.mkdir(exist_ok=True)
            old = target / "trust-init"
            old.write_bytes(b"an older one")
            done, lines = traced(memory, ["install", target], call, how, number)
            if len(lines) < number:
                assert done.returncode == 0
                break
            found = old.read_bytes()
            assert found in (b"an older one", wanted), (call, number)
            if done.returncode == 0:
                assert found == wanted and old.stat().st_mode & 0o777 == 0o755
            elif how.startswith("error"):
                failed[call] += 1
                # The program itself, or a library of the system, cannot be opened either.
                assert done.returncode in (OUTPUT, 3), done
                assert "error[un" in done.stderr, done.stderr
                assert found == b"an older one"
            names = {path.name for path in target.iterdir()}
            if how.startswith("error") and call not in ("unlinkat", "rmdir"):
                assert names == {"trust-init"}, (call, number, names)
            # The next one clears away what is left.
            assert binary.run("install", target).code == 0
            assert [path.name for path in target.iterdir()] == ["trust-init"]
            assert old.read_bytes() == wanted
            shutil.rmtree(target)
    if how.startswith("error"):
        assert {"openat", "renameat"} <= failed.keys(), failed


# watch

LIMIT = 60


def _moving(change: Change, memory: Path) -> tuple[Change, Path]:
    """The same two sets as one file that changes, as a watch reads them."""
    source = memory / "volume" / "ca.pem"
    source.parent.mkdir()
    inputs = ["--ca", source, *AT, *MOUNTED]
    wanted = {}
    for label in "ab":
        _put(change, source, label)
        wanted[label] = binary.build(memory / f"wanted-{label}", *inputs).snapshot()
        shutil.rmtree(memory / f"wanted-{label}")
    return replace(change, inputs=dict.fromkeys("ab", inputs), wanted=wanted), source


def _put(change: Change, source: Path, label: str) -> None:
    fresh = source.with_name(".fresh")
    shutil.copy(change.inputs[label][1], fresh)
    fresh.rename(source)


@contextlib.contextmanager
def _watch(moving: Change, memory: Path, call: str, how: str = "", number: int = 0):
    out, log = memory / "trust", memory / "log"
    timing = ["--debounce", "20", "--interval", "1", "--remind", "1"]
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [*strace(memory / "trace", call, how, number), binary.path()]
            + ["watch", "--out", out, *timing, *moving.inputs["a"]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=environment.clean(),
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            # strace does not hand on the signal.
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            for child in children.split():
                os.kill(int(child), signal.SIGTERM)
            process.wait(timeout=LIMIT)


def _until(process: subprocess.Popen, is_so) -> bool:
    """Waits; False if the process ended first."""
    end = time.monotonic() + LIMIT
    while not is_so():
        if process.poll() is not None:
            return False
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.02)
    return True


def _stores(moving: Change, out: Path, label: str) -> bool:
    try:
        found = binary.Tree(out).snapshot()
    except FileNotFoundError:
        # It is changing.
        return False
    found = {name: entry for name, entry in found.items() if name != ".trust-init-watch"}
    return found == moving.wanted[label]


def _rotate(moving, original, source, memory, call, how="", number=0) -> tuple[int | None, list[str]]:
    """A watch that finds a, and builds b; gives its exit code, if it ended by itself, and its calls."""
    out = memory / "trust"
    _put(original, source, "a")
    shutil.rmtree(out, ignore_errors=True)
    moving.build(out, "a")
    with _watch(moving, memory, call, how, number) as process:
        # Taken after the first build. The log's last line may be the write that goes wrong.
        if _until(process, (out / ".trust-init-watch").exists):
            time.sleep(0.05)
            _put(original, source, "b")
            _until(process, lambda: _stores(moving, out, "b"))
        code = process.poll()
    lines = (memory / "trace").read_text().splitlines()
    return code, [line for line in lines if f" {call}(" in line]


@pytest.mark.parametrize("call", CALLS)
def test_each_call_of_watch_goes_wrong(call, change, memory):
    """A sample. A failure after the first build is made good by the watch itself."""
    moving, source = _moving(change, memory)
    code, lines = _rotate(moving, change, source, memory, call)
    assert code is None, (memory / "log").read_text()
    out = memory / "trust"
    count = collections.Counter(line.split()[0] for line in lines)
    main = count.pop(lines[0].split()[0]) if lines else 0
    # strace counts for each thread, and each build starts another: a number that it has would fail every build.
    numbers = range(1 + max(count.values(), default=0), main + 1)
    for number in [*numbers[:: max(1, len(numbers) // 5)]][:5]:
        for how in ("error=ENOSPC", "signal=KILL"):
            code, _ = _rotate(moving, change, source, memory, call, how, number)
            log = (memory / "log").read_text()
            if code is not None and how.startswith("error"):
                # Only the first build may end it.
                assert code in (3, OUTPUT) and "error[" in log, (code, log)
                assert "kept" not in log
            (out / ".trust-init-watch").unlink(missing_ok=True)
            if out.exists():
                moving.whole(out)
            # Whatever was left, a build makes good.
            _put(change, source, "b")
            moving.built(out, "b")
