"""What each figure must reach, from what it cannot go below: its floor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.results import BEFORE, NOW, Result, Table

USUAL = 150
# Of the time of `cp -r` of the outputs.
WALL = {150: 0.70, 1000: 0.85, 10_000: 0.95}
PEAK_KIB = {150: 4 * 1024, 1000: 8 * 1024, 10_000: 36 * 1024}
# Times faster than `openssl rehash`.
REHASH = {150: 7, 1000: 6, 10_000: 6}
ON_DISK = 1.0
# Of the floor's: a tenth more, and a third of that for what is computed.
CPU = 1.1 * 1.3
# Of reading and comparing the outputs, for a build that changes nothing.
SAME_AGAIN = 2.0
IMAGE_BYTES = 4_000_000
EXEC_FROM_MS, CHECK_MS, DOCTOR_MS, HANDSHAKE_MS = 1.5, 2.0, 10.0, 2.0
# What watch waits after a swap of `..data`, because other volumes may follow.
SWAP_WAIT_MS = 10
LOOK_MS = 1.0
GROWTH_KIB = 512


@dataclass(frozen=True)
class Goal:
    """All figures are in the one unit, and as small as possible, but for `at_least`."""

    what: str
    unit: str
    limit: float
    now: float
    before: float | None = None
    floor: float | None = None
    at_least: bool = False

    @property
    def reached(self) -> bool:
        return self.now >= self.limit if self.at_least else self.now <= self.limit


def of(result: Result) -> list[Goal]:
    return [
        *(goal for table in result.sizes for goal in of_builds(table)),
        *(goal for table in result.of_kind("build") if table.place == "disk"
          for goal in on_disk(table)),
        *of_starts(result),
        *of_watch(result),
        *of_memory(result),
    ]  # fmt: skip


def of_builds(table: Table) -> Iterator[Goal]:
    size, copy, floor = table.size, table.cost("cp -r"), table.cost("floor")
    now, before = table.cost("build", NOW), table.find("build", BEFORE)
    over, compare = table.cost("cp -r over"), table.cost("floor, compare")
    rehash = table.cost("openssl rehash")
    if size in WALL:
        yield Goal(
            f"build of {size:,}: time, of `cp -r`", "×", WALL[size], now.wall_ms / copy.wall_ms,
            before and before.wall_ms / copy.wall_ms, floor.wall_ms / copy.wall_ms,
        )  # fmt: skip
    yield Goal(
        f"build of {size:,}: CPU time, of the floor's", "×", CPU, now.cpu_ms / floor.cpu_ms,
        before and before.cpu_ms / floor.cpu_ms, 1.0,
    )  # fmt: skip
    if size in PEAK_KIB:
        yield Goal(
            f"build of {size:,}: peak memory", "KiB", PEAK_KIB[size], now.resident,
            before and before.resident,
        )  # fmt: skip
        yield Goal(
            f"build of {size:,}: times faster than `openssl rehash`", "×", REHASH[size],
            rehash.wall_ms / now.wall_ms, before and rehash.wall_ms / before.wall_ms,
            rehash.wall_ms / floor.wall_ms, at_least=True,
        )  # fmt: skip
    again, again_before = table.cost("build, same again", NOW), table.find("build, same again", BEFORE)
    yield Goal(
        f"build of {size:,} over its own tree: time, of reading and comparing it", "×", SAME_AGAIN,
        again.wall_ms / compare.wall_ms, again_before and again_before.wall_ms / compare.wall_ms, 1.0,
    )  # fmt: skip
    other, other_before = (table.find("build, other chain", build) for build in (NOW, BEFORE))
    yield Goal(
        f"build of {size:,} over another chain's tree: time, of `cp -r` over a copy", "×", 1.0,
        other.wall_ms / over.wall_ms, other_before and other_before.wall_ms / over.wall_ms,
    )  # fmt: skip


def on_disk(table: Table) -> Iterator[Goal]:
    copy, before = table.cost("cp -r").wall_ms, table.find("build", BEFORE)
    yield Goal(
        f"build of {table.size:,} on a disk: time, of `cp -r`", "×", ON_DISK,
        table.cost("build", NOW).wall_ms / copy, before and before.wall_ms / copy,
        table.cost("floor").wall_ms / copy,
    )  # fmt: skip


def of_starts(result: Result) -> Iterator[Goal]:
    starts, builds = result.find("starts", USUAL), result.find("build", USUAL)
    if not starts:
        return
    hello, becoming = starts.cost("hello").wall_ms, starts.cost("hello, true").wall_ms
    another = becoming - hello
    copy = builds.cost("cp -r").wall_ms
    compared = builds.cost("floor, compare").wall_ms + another
    reading = starts.cost("cat stores").wall_ms
    limits = {
        "--version": ("`--version`", hello + 0.5, hello),
        "check": ("`check` of a chain of four", CHECK_MS, hello),
        "exec --from": ("`exec --from DIR -- /bin/true`", EXEC_FROM_MS, becoming),
        "exec --from, eight set": ("`exec --from`, eight CA variables set", EXEC_FROM_MS, becoming),
        "exec, first": ("`exec -- /bin/true`, the first start", WALL[USUAL] * copy + another,
                        builds.cost("floor").wall_ms + another),
        "exec, again": ("`exec -- /bin/true`, a later start", SAME_AGAIN * compared, compared),
        "render": ("`render`", WALL[USUAL] * copy, hello),
        "doctor": ("`doctor` without a host", DOCTOR_MS, reading),
        "doctor, loopback": ("`doctor` with a host on loopback", DOCTOR_MS + HANDSHAKE_MS,
                             reading + HANDSHAKE_MS / 2),
    }  # fmt: skip
    for name, (what, limit, floor) in limits.items():
        before = starts.find(name, BEFORE)
        yield Goal(
            what, "ms", limit, starts.cost(name, NOW).wall_ms, before and before.wall_ms, floor
        )


def of_watch(result: Result) -> Iterator[Goal]:
    table, builds = result.find("watch", 0), result.find("build", USUAL)
    if not table:
        return
    over, floor = builds.cost("cp -r over").wall_ms, builds.cost("floor").wall_ms
    disk = result.find("build", USUAL, "disk")
    limits = {
        "rotation": ("`watch`: from a changed ConfigMap to the new stores", SWAP_WAIT_MS + over,
                     SWAP_WAIT_MS + floor),
        "rotation, no debounce": ("`watch`, the same with `--debounce 0`", over, floor),
        "rotation, no debounce, disk": (
            "`watch`, the same on a disk", disk.cost("cp -r over").wall_ms, disk.cost("floor").wall_ms),
    }  # fmt: skip
    for name, (what, limit, least) in limits.items():
        before = table.find(name, BEFORE)
        yield Goal(what, "ms", limit, table.cost(name, NOW).wall_ms, before and before.wall_ms, least)
    for name, what in {
        "nothing changed": "`watch`, CPU time for a swap that brings the same bytes",
        "interval": "`watch`, CPU time for a look at its interval",
    }.items():
        before = table.find(name, BEFORE)
        yield Goal(what, "ms", LOOK_MS, table.cost(name, NOW).cpu_ms, before and before.cpu_ms)


def of_memory(result: Result) -> Iterator[Goal]:
    found = {one.build: one for one in result.rotations}
    if NOW in found:
        now, before = found[NOW], found.get(BEFORE)
        yield Goal(
            f"`watch`, memory that {now.count:,} rotations add", "KiB", GROWTH_KIB,
            now.last - now.first, before and before.last - before.first,
        )  # fmt: skip
    images = result.images
    yield Goal(
        "the binary, which is the whole image", "bytes", IMAGE_BYTES, images[NOW]["binary"],
        images[BEFORE]["binary"] if BEFORE in images else None,
    )  # fmt: skip
