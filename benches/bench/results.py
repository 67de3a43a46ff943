"""What was measured, as it is kept: the reports, the page and the plots are made from this alone."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path

# Which build of trust-init a row is of.
NOW, BEFORE, NO_SHA = "now", "before", "no SHA"
# A row of another program has none.
RIVAL = ""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of each run, of wall clock and of every core; KiB at the highest, and of those
    what was the process's own; what happened once.
    """

    wall: list[float]
    cpu: list[float]
    resident: int | None = None
    own: int | None = None
    instructions: int | None = None
    syscalls: int | None = None

    @property
    def runs(self) -> int:
        return len(self.wall or self.cpu)

    @property
    def wall_ms(self) -> float:
        return statistics.median(self.wall)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(self.cpu)

    def wall_at(self, share: float) -> float:
        ordered = sorted(self.wall)
        return ordered[round(share * (len(ordered) - 1))]


@dataclass(frozen=True)
class Row:
    name: str
    build: str
    cost: Cost


@dataclass(frozen=True)
class Table:
    """Rows that ran in turns. `kind` says under which conditions."""

    kind: str
    size: int
    place: str
    rows: list[Row]
    # Of the build's outputs.
    files: int = 0
    bytes: int = 0

    def find(self, name: str, build: str = RIVAL) -> Cost | None:
        for row in self.rows:
            if (row.name, row.build) == (name, build):
                return row.cost
        return None

    def cost(self, name: str, build: str = RIVAL) -> Cost:
        found = self.find(name, build)
        if found is None:
            raise KeyError(f"{self.kind}, {self.size}, {self.place} has no row {name} {build}")
        return found

    @property
    def builds(self) -> list[str]:
        return list(dict.fromkeys(row.build for row in self.rows if row.build))


@dataclass(frozen=True)
class Rotations:
    """The memory of one watch while its source changed `count` times: KiB."""

    build: str
    count: int
    first: int
    last: int
    highest: int
    samples: list[int]


@dataclass(frozen=True)
class Profile:
    """Of all samples of a build, the share that each purpose of the code has."""

    build: str
    size: int
    samples: int
    shares: dict[str, float]


@dataclass(frozen=True)
class PeerNote:
    name: str
    label: str
    makes: str
    lacks: str
    missing: str  # why it did not run, or nothing


@dataclass(frozen=True)
class Result:
    facts: dict[str, str]
    # By build: the bytes of the binary, and of its compressed layer.
    images: dict[str, dict[str, int]]
    tables: list[Table] = field(default_factory=list)
    rotations: list[Rotations] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    peers: list[PeerNote] = field(default_factory=list)

    def find(self, kind: str, size: int, place: str = "tmpfs") -> Table | None:
        for table in self.tables:
            if (table.kind, table.size, table.place) == (kind, size, place):
                return table
        return None

    def of_kind(self, kind: str) -> list[Table]:
        return [table for table in self.tables if table.kind == kind]

    @property
    def sizes(self) -> list[Table]:
        """The builds on tmpfs, smallest first."""
        return sorted(
            (table for table in self.of_kind("build") if table.place == "tmpfs"),
            key=lambda table: table.size,
        )

    @property
    def date(self) -> str:
        return self.facts["date"].partition(" ")[0]

    def save(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), separators=(",", ":"), default=str) + "\n")


def load(file: Path) -> Result:
    found = json.loads(file.read_text())
    tables = [
        Table(**{
            **table,
            "rows": [Row(row["name"], row["build"], Cost(**row["cost"])) for row in table["rows"]],
        })
        for table in found["tables"]
    ]  # fmt: skip
    return Result(
        facts=found["facts"],
        images=found["images"],
        tables=tables,
        rotations=[Rotations(**one) for one in found["rotations"]],
        profiles=[Profile(**one) for one in found["profiles"]],
        peers=[PeerNote(**one) for one in found["peers"]],
    )
