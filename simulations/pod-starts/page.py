"""The tables of docs/fleet.md in Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from model import MB, Cluster, Mode, Result, assumptions, modes, simulate

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fleet.md"
PLOTS = PAGE.with_suffix("")
HOUR = 3600
AT_ONCE = float("inf")

# The assumptions that move the figures most, varied one at a time.
VARIED = {
    "none": {},
    "all pods bound at once": {"bound": AT_ONCE},
    "all at once, a fifth of the registry": {"bound": AT_ONCE, "registry": 250 * MB},
    "all at once, 100 nodes of 100 pods": {"bound": AT_ONCE, "nodes": 100},
    "all at once, one core for starting pods": {"bound": AT_ONCE, "cores": 1},
    "a limit of a tenth of a core on the init container": {"cpu_limit": 0.1},
    "2 s to start a container instead of 0.3 s": {"container": 2.0},
}


def tables(costs: dict) -> dict[str, str]:
    """By the name of the marker in the page that each belongs to."""
    return {
        "unit costs": unit_costs(costs),
        "assumptions": assumed(),
        "results": results(simulated(costs)),
        "sensitivity": sensitivity(modes(costs)),
    }


def simulated(costs: dict) -> list[Result]:
    return [simulate(Cluster(), mode) for mode in modes(costs)]


def unit_costs(costs: dict) -> str:
    ours, shell, every = costs["init"], costs["keytool"], costs["keytool_every_root"]
    prebuilt, container, on = costs["prebuilt"], costs["container"], costs["on"]

    objects = " and ".join(f"{size:,}" for size in prebuilt["object_bytes"])
    said = [
        f"Measured on {on['date']}: {on['machine']}; {on['kernel']}; load {on['load']}; {on['trust-init']}.",
        f"Image of trust-init: measured on {ours['image_on']}, of a binary of {ours['image_binary_bytes']:,} bytes.",
        f"Chain: {costs['chain']['certificates']} certificates, {costs['chain']['bytes']:,} bytes.",
        f"Prebuilt: two ConfigMaps of {objects} bytes of YAML, a volume of {prebuilt['volume_bytes']:,} bytes in"
        f" the node's memory, {seconds(prebuilt['volume_cpu'])} of CPU to write it.",
        f"A container that does nothing, by crun alone: {seconds(container['cpu'])} of CPU.",
    ]
    head = ["", "image, compressed", "CPU to unpack it", "CPU per start", "waiting", "peak memory"]
    rows = [
        [
            "`trust-init build`",
            *image_cells(ours),
            *work_cells(ours, seconds(max(0.0, ours["wall"] - ours["cpu"]))),
        ],
        ["prebuilt", *["none"] * (len(head) - 1)],
        ["shell and keytool", *image_cells(shell), *work_cells(shell, "not counted")],
        ["the same, every root", *image_cells(shell), *work_cells(every, "not counted")],
    ]
    return markdown(head, rows) + "\n\n" + "\n".join(said)


def image_cells(image: dict) -> list[str]:
    return [mb(image["image_bytes"]), seconds(image["unpack_cpu"])]


def work_cells(work: dict, waits: str) -> list[str]:
    return [seconds(work["cpu"]), waits, mb(work["peak_bytes"])]


def assumed() -> str:
    rows = [[text, number(value), basis] for _, value, text, basis in assumptions()]
    return markdown(["", "value", "basis"], rows, "-:-")


def results(of: Iterable[Result]) -> str:
    columns = {
        "delay of a pod: median": lambda one: seconds(one.delay(0.5)),
        "99 %": lambda one: seconds(one.delay(0.99)),
        "maximum": lambda one: seconds(one.delay(1)),
        "last pod": lambda one: seconds(one.last),
        "CPU, hours": lambda one: f"{one.cpu / HOUR:,.2f}",
        "image bytes": lambda one: gb(one.pulled),
        "API requests": lambda one: f"{one.api_requests:,}",
        "of which writes": lambda one: f"{one.api_writes:,}",
        "API bytes": lambda one: gb(one.api_bytes),
        "peak memory of a node": lambda one: mb(one.node_memory),
    }
    rows = [[one.mode.name, *(show(one) for show in columns.values())] for one in of]
    return markdown(["", *columns], rows)


def sensitivity(found: list[Mode]) -> str:
    rows = []
    for name, change in VARIED.items():
        runs = [simulate(replace(Cluster(), **change), mode) for mode in found]
        rows.append(
            [name, *(f"{seconds(one.delay(0.5))}, {seconds(one.delay(1))}" for one in runs)]
        )
    return markdown(
        ["changed assumption; delay of a pod: median, maximum", *(mode.name for mode in found)], rows
    )


def markdown(head: list[str], rows: list[list[str]], align: str = "") -> str:
    """Numbers are right-aligned unless `align` says otherwise for a column."""
    marks = {"-": "---", ":": "---:"}
    line = [marks[mark] for mark in align or "-" + ":" * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, line, *rows])


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:g}"


# Between a number and its unit: a narrow column would break there first.
NBSP = "\N{NO-BREAK SPACE}"


def seconds(value: float) -> str:
    if value < 0.1:
        return f"{value * 1000:,.1f}{NBSP}ms"
    return f"{value:,.2f}{NBSP}s" if value < 10 else f"{value:,.0f}{NBSP}s"


def mb(value: float) -> str:
    return f"{value / MB:,.1f}{NBSP}MB"


def gb(value: float) -> str:
    return f"{value / 1e9:,.2f}{NBSP}GB" if value else "0"
