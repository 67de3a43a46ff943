"""What `trust-init watch` takes: from a changed ConfigMap to the new stores, for a change of nothing,
for a look at its interval, and in memory after many rotations.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench import inputs, memory, spawn
from bench.results import Cost, Rotations, Row, Table

IN_MOVED_TO = 0x80
EVENT = struct.Struct("iIII")
LAST_WRITTEN = b"manifest.json"
LIMIT = 30  # seconds: what takes longer has failed
# After its last file, watch still puts things away. Its CPU time is read when it sleeps again.
QUIET_S = 0.03
DEFAULT = "default"
SAMPLE_EVERY = 10  # rotations


class Volume:
    """A ConfigMap as the kubelet lays it out: the key is a link through `..data`, which one rename
    moves to the new content.
    """

    def __init__(self, root: Path, content: bytes):
        self.root, self.number = root, 0
        root.mkdir()
        self.swap(content)
        (root / "ca.crt").symlink_to("..data/ca.crt")

    def swap(self, content: bytes) -> int:
        """When the rename was asked for, by perf_counter_ns."""
        old = self.root / f"..{self.number}"
        self.number += 1
        fresh = self.root / f"..{self.number}"
        fresh.mkdir()
        (fresh / "ca.crt").write_bytes(content)
        data, swapped = self.root / "..data_tmp", self.root / "..data"
        data.symlink_to(fresh.name)
        begun = time.perf_counter_ns()
        data.rename(swapped)
        shutil.rmtree(old, ignore_errors=True)
        return begun


class Watch:
    """One `trust-init watch`, its volume and its output directory."""

    def __init__(self, folder: Path, build: str, binary: Path, contents: list[bytes], *options: str):
        self.build, self.contents, self.turn = build, contents, 0
        self.volume = Volume(folder / "volume", contents[0])
        self.out = folder / "trust"
        self.out.mkdir()
        self.renames = ctypes.CDLL(None, use_errno=True).inotify_init1(os.O_CLOEXEC)
        ctypes.CDLL(None).inotify_add_watch(self.renames, os.fsencode(self.out), IN_MOVED_TO)
        self.process = subprocess.Popen(
            [str(binary), "watch", "--ca", str(self.volume.root), "--out", str(self.out), *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=spawn.ENVIRONMENT,
        )  # fmt: skip
        if spawn.realtime_is_permitted():
            os.sched_setscheduler(self.process.pid, *spawn.PRIORITY)
        # A clock that the kernel keeps for every process: clock_getcpuclockid(3).
        self.clock = (~self.process.pid << 3) | 2
        self.written()
        time.sleep(QUIET_S)

    def cpu(self) -> float:
        """Milliseconds that it has run on any core, so far."""
        return time.clock_gettime_ns(self.clock) / 1e6

    def rotate(self) -> tuple[float, float]:
        """Milliseconds from the swap to the last of the new stores, and of CPU for all of it."""
        self.turn = 1 - self.turn
        before = self.cpu()
        begun = self.volume.swap(self.contents[self.turn])
        wall = (self.written() - begun) / 1e6
        time.sleep(QUIET_S)
        return round(wall, 4), round(self.cpu() - before, 4)

    def touch(self) -> float:
        """Milliseconds of CPU for a swap that brings the same bytes."""
        before = self.cpu()
        self.volume.swap(self.contents[self.turn])
        time.sleep(3 * QUIET_S)
        return round(self.cpu() - before, 4)

    def written(self) -> int:
        """Waits for the last file of a build; when it was there, by perf_counter_ns."""
        while True:
            ready, _, _ = select.select([self.renames], [], [], LIMIT)
            now = time.perf_counter_ns()
            if not ready or self.process.poll() is not None:
                raise SystemExit(f"benches/run: watch of {self.build} wrote no stores")
            if LAST_WRITTEN in _names(os.read(self.renames, 1 << 20)):
                return now

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.renames)


def _names(events: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(events):
        *_, length = EVENT.unpack_from(events, at)
        at += EVENT.size
        yield events[at : at + length].rstrip(b"\0")
        at += length


@contextlib.contextmanager
def watches(
    folder: Path, builds: dict[str, Path], contents: list[bytes], *options: str
) -> Iterator[list[Watch]]:
    """One of each build, at the same time: their turns alternate."""
    started: list[Watch] = []
    try:
        for build, binary in builds.items():
            own = folder / f"watch {build}"
            own.mkdir()
            started.append(Watch(own, build, binary, contents, *options))
        yield started
    finally:
        for watch in started:
            watch.stop()
        for build in builds:
            shutil.rmtree(folder / f"watch {build}", ignore_errors=True)


def chains(folder: Path) -> list[bytes]:
    """Two customers' chains of four, one after the other."""
    return [
        inputs.chain(folder / f"rotated {number}", customer, "").read_bytes()
        for number, customer in enumerate(inputs.CUSTOMERS)
    ]


def table(
    builds: dict[str, Path], contents: list[bytes], tmpfs: Path, disk: Path, rounds: int
) -> Table:
    at_once = ("--debounce", "0", "--interval", "3600")
    found = rotations(tmpfs, builds, contents, "rotation", rounds, "--interval", "3600")
    found += rotations(tmpfs, builds, contents, "rotation, no debounce", rounds, *at_once)
    found += rotations(disk, builds, contents, "rotation, no debounce, disk", rounds, *at_once)
    with watches(tmpfs, builds, contents, *at_once) as started:
        spent = [[watch.touch() for watch in started] for _ in range(rounds)]
        found += _rows("nothing changed", started, spent)
    with watches(tmpfs, builds, contents, "--interval", "1") as started:
        found += _rows("interval", started, [_second(started) for _ in range(min(rounds, 10))])
    return Table("watch", 0, "tmpfs", found)


def rotations(
    folder: Path, builds: dict[str, Path], contents: list[bytes], name: str, rounds: int, *options: str
) -> list[Row]:
    with watches(folder, builds, contents, *options) as started:
        spent = [[watch.rotate() for watch in started] for _ in range(rounds)]
        return [
            Row(name, watch.build, Cost(
                [one[number][0] for one in spent], [one[number][1] for one in spent],
                *memory.of_process(watch.process.pid, "VmHWM", "RssAnon"),
            ))
            for number, watch in enumerate(started)
        ]  # fmt: skip


def _second(started: list[Watch]) -> list[float]:
    before = [watch.cpu() for watch in started]
    time.sleep(1)
    return [round(watch.cpu() - was, 4) for watch, was in zip(started, before, strict=True)]


def _rows(name: str, started: list[Watch], spent: list[list[float]]) -> list[Row]:
    """Of what has no wall clock: nobody waits for it."""
    return [
        Row(name, watch.build, Cost([], [one[number] for one in spent]))
        for number, watch in enumerate(started)
    ]


def memory_of_rotations(
    folder: Path, builds: dict[str, Path], contents: list[bytes], count: int
) -> list[Rotations]:
    with watches(folder, builds, contents, "--debounce", "0", "--interval", "3600") as started:
        samples: list[list[int]] = [[] for _ in started]
        for number in range(count):
            for watch, resident in zip(started, samples, strict=True):
                watch.turn = 1 - watch.turn
                watch.volume.swap(contents[watch.turn])
                watch.written()
                if number % SAMPLE_EVERY == 0 or number == count - 1:
                    time.sleep(QUIET_S)
                    resident += memory.of_process(watch.process.pid, "VmRSS")
        return [
            Rotations(
                watch.build, count, resident[0], resident[-1],
                *memory.of_process(watch.process.pid, "VmHWM"), resident,
            )
            for watch, resident in zip(started, samples, strict=True)
        ]  # fmt: skip
