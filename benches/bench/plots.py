"""The plots of docs/performance.md, by file name, from the data of one run."""

from __future__ import annotations

from bench import goals
from bench.results import BEFORE, NO_SHA, NOW, Result, Table
from bench.svg import Bar, Chart, Group

KIB_OF_MIB = 1024

PEERS = {
    "update-ca-certificates": "update-ca-certificates",
    "update-ca-trust": "p11-kit",
    "temurin": "Temurin's entrypoint",
    "ca-certificates-java": "ca-certificates-java",
    "keytool loop": "keytool, once per certificate",
    "cryptography": "Python with cryptography",
    "go": "Go with go-pkcs12",
}
OURS = [("trust-init, before", BEFORE, "before"), ("trust-init, no SHA", NO_SHA, "other"),
        ("trust-init", NOW, "now")]  # fmt: skip


def of(result: Result) -> dict[str, str]:
    charts = {
        "against-copy": against_copy(result),
        "makers": makers(result),
        "memory": memory(result),
    }
    if result.find("starts", goals.USUAL):
        charts["starts"] = starts(result)
    return {f"{name}.svg": chart.svg() for name, chart in charts.items()}


def against_copy(result: Result) -> Chart:
    def group(table: Table) -> Group:
        copy = table.cost("cp -r").wall_ms
        bars = [Bar("floor", table.cost("floor").wall_ms / copy, "floor")]
        bars += [
            Bar(told, cost.wall_ms / copy, color)
            for told, build, color in OURS
            if (cost := table.find("build", build))
        ]
        bars.append(Bar("cp -r", 1.0, "rival"))
        bars.sort(key=lambda bar: bar.value)
        return Group(f"{table.size:,} certificates", bars, goals.WALL.get(table.size))

    return Chart(
        f"Time of a build, compared with cp -r of its outputs, {result.date}",
        "Medians on tmpfs, into an empty directory. The floor only writes the files.",
        "times the time of cp -r", [group(table) for table in result.sizes],
    )  # fmt: skip


def makers(result: Result) -> Chart:
    """Who else makes such stores: by size where that is known, and peers for 150."""
    groups = []
    for table in result.sizes:
        bars = [
            Bar("floor", table.cost("floor").wall_ms, "floor"),
            Bar("trust-init", table.cost("build", NOW).wall_ms, "now"),
            Bar("cp -r", table.cost("cp -r").wall_ms, "rival"),
            Bar("openssl rehash", table.cost("openssl rehash").wall_ms, "other"),
        ]
        if before := table.find("build", BEFORE):
            bars.insert(2, Bar("trust-init, before", before.wall_ms, "before"))
        groups.append(Group(f"{table.size:,} certificates", bars))
    for table in result.of_kind("peers"):
        bars = [Bar("trust-init", table.cost("build", NOW).wall_ms, "now")]
        bars += [Bar(told, cost.wall_ms, "other") for name, told in PEERS.items()
                 if (cost := table.find(name))]  # fmt: skip
        groups.append(Group(f"{table.size:,} certificates: other makers", bars))
    return Chart(
        f"Time to make the stores, {result.date}",
        "Medians on tmpfs, into an empty directory. Most peers make only some of the stores.",
        "ms", groups, logarithmic=True,
    )  # fmt: skip


def memory(result: Result) -> Chart:
    def group(table: Table) -> Group:
        bars = [Bar("the outputs", table.bytes / KIB_OF_MIB**2, "rival")]
        bars += [
            Bar(told, cost.resident / KIB_OF_MIB, color)
            for told, build, color in OURS
            if build != NO_SHA and (cost := table.find("build", build)) and cost.resident
        ]
        goal = goals.PEAK_KIB.get(table.size)
        return Group(f"{table.size:,} certificates", bars, goal and goal / KIB_OF_MIB)

    groups = [group(table) for table in result.sizes]
    if watched := {one.build: one for one in result.rotations}:
        bars = [
            Bar(told, watched[build].last / KIB_OF_MIB, color)
            for told, build, color in OURS
            if build in watched
        ]
        groups.append(Group(f"watch, after {watched[NOW].count:,} changes of its source", bars))
    return Chart(
        f"Peak memory of a build, and memory of a watch, {result.date}",
        "Of a build, the kernel's high-water mark, next to the size of all outputs; of a watch, what is resident.",
        "MiB", groups, logarithmic=True,
    )  # fmt: skip


def starts(result: Result) -> Chart:
    shown = [goal for goal in goals.of_starts(result)]
    shown += [goal for goal in goals.of_watch(result) if goal.floor]
    groups = []
    for goal in shown:
        bars = [Bar("floor", goal.floor, "floor"), Bar("now", goal.now, "now")]
        if goal.before:
            bars.append(Bar("before", goal.before, "before"))
        groups.append(Group(goal.what.replace("`", ""), bars, goal.limit))
    return Chart(
        f"Starts, looks and rotations, {result.date}",
        "Medians on tmpfs, for 150 certificates. The floor is what a goal cannot go below.",
        "ms", groups, logarithmic=True,
    )  # fmt: skip


