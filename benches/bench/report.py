"""The whole report: every table of a run."""

from __future__ import annotations

from bench import tables
from bench.results import Result

LEGEND = """\
Medians of alternating runs. Times and memory are of every process that a row starts: CPU time is
their sum, peak memory that of the largest. The memory of `exec` is left out, because the process
becomes another. The floor of a goal is what it cannot go below; benches/README.md derives each."""


def markdown(result: Result) -> str:
    facts = [[name, value] for name, value in result.facts.items()]
    parts = ["# Benchmark", tables.markdown(["", ""], facts, words=2), LEGEND]
    parts += ["## Goals", tables.reached(result)]
    for table in result.of_kind("build"):
        parts += [f"## {table.size:,} certificates, {table.place}", tables.builds(table)]
    if len(result.sizes) > 1:
        parts += ["## Growth, tmpfs", tables.growth(result)]
    if result.profiles:
        parts += ["## Where the time of a build goes", tables.profiles(result)]
    for table in result.of_kind("starts"):
        parts += ["## Starts and looks, 150 certificates, tmpfs", tables.costs(table)]
    for table in result.of_kind("watch"):
        parts += ["## Watch, a chain of four, tmpfs", tables.costs(table)]
    if result.rotations:
        parts += ["Resident memory of `watch`:", tables.rotations(result)]
    parts += ["## Worse machines", tables.worse_machines(result)]
    parts += ["## Image", tables.images(result)]
    for table in result.of_kind("peers"):
        title = f"## Peers, {table.size:,} certificates, tmpfs, without real-time priority"
        parts += [title, tables.peers(result, table)]
        parts += ["What each makes, and of `trust-init build`'s outputs does not:"]
        parts += [tables.makes(result)]
    return "\n\n".join(parts)
