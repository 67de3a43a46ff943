"""One run of all that was asked for, in the order that disturbs least: peers come last."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from bench import conditions, measure, peers, profile, programs, spawn, starts, watching
from bench.cases import Case, Place
from bench.results import BEFORE, NO_SHA, NOW, PeerNote, Result, Row, Table

USUAL, SCALE = 150, (1000, 10_000)
QUOTAS = (1, 0.1)


class Session:
    def __init__(
        self, memory: Path, disk: Path, builds: dict[str, Path], no_sha: Path | None, rounds: int,
        note: Callable[[str], None],
    ):  # fmt: skip
        self.memory, self.disk, self.builds, self.rounds, self.note = (
            memory, disk, builds, rounds, note,
        )  # fmt: skip
        self.with_no_sha = {**builds, NO_SHA: no_sha} if no_sha else builds
        self.floor = programs.floor(memory)
        self.places: dict[int, Place] = {}

    def measure(self, args: argparse.Namespace, facts: dict[str, str]) -> Result:
        images = {build: programs.image(binary) for build, binary in self.builds.items()}
        if args.peers:
            facts |= peers.versions()
        result = Result(facts, images)
        add = result.tables.append
        for size in (USUAL, *(SCALE if args.scale else ())):
            add(self.every_build(size))
            if args.symbols and (found := profile.of_place(self.places[size], args.symbols)):
                result.profiles.append(found)
        add(self.on_disk())
        if args.starts:
            add(self.starts())
            add(self.watch())
        if args.watch_rotations:
            self.note(f"{args.watch_rotations:,} rotations of watch")
            chains = watching.chains(self.folder("rotations"))
            result.rotations.extend(
                watching.memory_of_rotations(
                    self.memory, self.builds, chains, args.watch_rotations
                )
            )
        if args.conditions:
            result.tables.extend(self.worse_machines())
        if args.peers:
            try:
                self.peers(result, args.peer_runs)
            except SystemExit as failed:  # of a program that is not ours: the rest is worth keeping
                self.note(f"no table of peers: {failed}")
        return result

    def every_build(self, size: int) -> Table:
        self.note(f"builds of {size:,} certificates, tmpfs")
        self.places[size] = place = Place(
            "tmpfs", self.memory / str(size), self.with_no_sha, size, self.floor
        )
        rows = measure.rows(place.every_build(), self.rounds, traced=size <= measure.TRACED)
        return Table("build", size, place.name, rows, place.files, place.bytes)

    def on_disk(self) -> Table:
        self.note(f"builds of {USUAL} certificates, disk")
        # The programs are there too: what is read cold must be on the disk.
        folder = self.folder("disk", self.disk)
        builds = {
            name: Path(shutil.copy(binary, folder / name)) for name, binary in self.builds.items()
        }
        self.slower = place = Place("disk", folder / str(USUAL), builds, USUAL, self.floor)
        rows = measure.rows(place.every_build(), self.rounds)
        return Table("build", USUAL, place.name, rows, place.files, place.bytes)

    def starts(self) -> Table:
        self.note("exec, check, doctor, render")
        place = self.places[USUAL]
        hello = programs.hello(self.memory)
        with starts.tls_server(place.chains[0], self.memory) as port:
            rows = measure.rows(starts.cases(place, hello, port), self.rounds)
        return Table("starts", USUAL, place.name, rows)

    def watch(self) -> Table:
        self.note("watch")
        chains = watching.chains(self.folder("chains"))
        watched = self.folder("watched", self.disk)
        with spawn.in_real_time():
            return watching.table(self.builds, chains, self.memory, watched, self.rounds)

    def worse_machines(self) -> list[Table]:
        found = []
        for size, place in self.places.items():
            if size <= SCALE[0]:
                self.note(f"{size:,} certificates, one core")
                with conditions.one_core():
                    found.append(self.times("one core", place, self.few(place)))
                found += self.quotas(place)
        if conditions.can_drop_caches():
            self.note("a cold page cache")
            cases = [conditions.cold(case) for case in self.few(self.slower)]
            found.append(self.times("cold", self.slower, cases))
        else:
            self.note("the page cache cannot be dropped here: no row for a cold one")
        return found

    def quotas(self, place: Place) -> list[Table]:
        found = []
        for cpus in QUOTAS:
            if place.size > USUAL and cpus < 1:
                continue
            self.note(f"{place.size:,} certificates, a quota of {cpus} CPU")
            try:
                with conditions.Quota(cpus) as quota:
                    cases = [quota.after_a_pause(case) for case in self.few(place)]
                    found.append(
                        self.times(f"quota of {cpus} CPU", place, cases, realtime=False)
                    )
            except OSError as error:
                self.note(f"no control group can be made here: {error}")
        return found

    def few(self, place: Place) -> list[Case]:
        """A copy, the floor, and a build of each: into nothing."""
        builds = [build for build in (NOW, BEFORE) if build in place.builds]
        return [*place.rivals()[:2], *(place.from_nothing(build) for build in builds)]

    def times(self, kind: str, place: Place, cases: list[Case], **options: bool) -> Table:
        rows = measure.rows(cases, self.rounds, details=False, **options)
        return Table(kind, place.size, place.name, rows)

    def peers(self, result: Result, rounds: int) -> None:
        self.note("peers")
        place = self.places[USUAL]
        with peers.all_of_them(place) as found:
            runnable = [peer.case for peer in found if peer.case and not peer.missing]
            cases = [*self.few(place), place.rivals()[2], *runnable]
            # A JVM has more threads than a machine has cores: at real-time priority they would
            # keep each other waiting.
            rows: list[Row] = measure.rows(cases, rounds, realtime=False)
        result.tables.append(Table("peers", USUAL, place.name, rows))
        result.peers.extend(
            PeerNote(
                peer.case.name if peer.case else "", peer.label, peer.makes, peer.lacks, peer.missing
            )
            for peer in found
        )

    def folder(self, name: str, inside: Path | None = None) -> Path:
        path = (inside or self.memory) / name
        path.mkdir()
        return path
