"""The tables and plots of docs/performance.md, written from the data of one run."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

from bench import goals, markers, plots, programs, tables
from bench.results import BEFORE, NO_SHA, NOW, Result, load

PAGE = programs.REPO / "docs/performance.md"
PLOTS = PAGE.with_suffix("")


# The size of the image, measured apart from the times: it changes more often, and needs no quiet machine.
IMAGE = programs.REPO / "benches/results/image.json"


def write(file: Path) -> None:
    result = result_of(file)
    markers.write(PAGE, texts(result, file))
    PLOTS.mkdir(exist_ok=True)
    for name, svg in plots.of(result).items():
        (PLOTS / name).write_text(svg)


def result_of(file: Path) -> Result:
    """The data of a run, with the size of the image as it was last measured."""
    result = load(file)
    return replace(result, images=result.images | {NOW: json.loads(IMAGE.read_text())["sizes"]})


def measure_image(binary: Path) -> None:
    measured = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "sha256": hashlib.sha256(binary.read_bytes()).hexdigest()[:16],
        "sizes": programs.image(binary),
    }
    IMAGE.write_text(json.dumps(measured, indent=2) + "\n")


def texts(result: Result, file: Path) -> dict[str, str]:
    """By the name of the marker in the page that each belongs to. A part that was not measured has
    one line that says so.
    """
    made = {
        "source": lambda: source(result, file),
        "in short": lambda: in_short(result),
        "goals": lambda: tables.reached(result),
        "growth": lambda: tables.growth(result),
        "profile": lambda: tables.profiles(result),
        "starts": lambda: tables.costs(result.of_kind("starts")[0]),
        "watch": lambda: tables.costs(result.of_kind("watch")[0]),
        "rotations": lambda: tables.rotations(result),
        "worse machines": lambda: tables.worse_machines(result),
        "worse machines in words": lambda: worse(result),
        "peers": lambda: tables.peers(result, result.of_kind("peers")[0]),
        "image": lambda: image(result),
    }
    needs = {
        "profile": result.profiles,
        "starts": result.of_kind("starts"),
        "watch": result.of_kind("watch"),
        "rotations": result.rotations,
        "peers": result.of_kind("peers"),
    }
    return {
        name: make() if needs.get(name, True) else "Not measured in this run."
        for name, make in made.items()
    }


def source(result: Result, file: Path) -> str:
    """Where the figures are from: the page must not outlive them unnoticed."""
    report = f"../benches/results/{file.with_suffix('.md').name}"
    names = ("machine", "kernel", "load", "priority", "trust-init", "before")
    return "\n".join([
        f"Measured on {result.facts['date']}. All rows are in [the report]({report}), and every single"
        f"\nrun is in [its data](../benches/results/{file.name}).",
        "",
        *(f"- {name}: {result.facts[name]}" for name in names if name in result.facts),
    ])  # fmt: skip


def in_short(result: Result) -> str:
    lines = []
    for table in result.sizes:
        build, copy = table.cost("build", NOW), table.cost("cp -r")
        times = tables.ratio(build.wall_ms / copy.wall_ms)
        before = table.find("build", BEFORE)
        was = f" (before: {tables.ratio(before.wall_ms / copy.wall_ms)})" if before else ""
        lines.append(
            f"- A build of {table.size:,} certificates takes {tables.ms(build.wall_ms)} ms,"
            f" {times} times as long as `cp -r` of its outputs{was},\n "
            f" and {tables.count(build.resident)} KiB of memory."
        )
    found = goals.of(result)
    missed = sum(not goal.reached for goal in found)
    lines.append(f"- Of {len(found)} goals, {len(found) - missed} are reached.")
    return "\n".join(lines)


def worse(result: Result) -> str:
    """What one core, no SHA instructions and a cold cache cost, for the usual build."""
    usual = result.find("build", goals.USUAL)
    build = usual.cost("build", NOW)
    lines = []

    def line(told: str, before: float, after: float) -> None:
        more = 100 * (after / before - 1)
        lines.append(
            f"- **{told}**: {tables.ms(after)} ms instead of {tables.ms(before)} ms ({more:+.0f} %)."
        )

    if table := result.find("one core", goals.USUAL):
        line("One core", build.wall_ms, table.cost("build", NOW).wall_ms)
    if table := result.find("quota of 0.1 CPU", goals.USUAL):
        line("A tenth of a CPU (`limits.cpu: 100m`)", build.wall_ms, table.cost("build", NOW).wall_ms)
    for table in result.sizes:
        if slow := table.find("build", NO_SHA):
            line(f"No SHA instructions, {table.size:,} certificates",
                 table.cost("build", NOW).wall_ms, slow.wall_ms)  # fmt: skip
    disk, cold = (result.find(kind, goals.USUAL, "disk") for kind in ("build", "cold"))
    if cold:
        line("A cold page cache, on a disk", disk.cost("build", NOW).wall_ms,
             cold.cost("build", NOW).wall_ms)  # fmt: skip
    return "\n".join(lines) or "Not measured in this run."


def image(result: Result) -> str:
    measured = json.loads(IMAGE.read_text())
    return "\n".join([
        tables.images(result),
        "",
        f"The sizes of *now* were measured on {measured['date']}, apart from the times on this page, of a binary with"
        f" the\nSHA-256 {measured['sha256']}….",
    ])  # fmt: skip


def measured_from() -> Path:
    """The data that the page names."""
    name = re.search(r"\]\(\.\./(benches/results/[^)]*\.json)\)", PAGE.read_text())[1]
    return programs.REPO / name
