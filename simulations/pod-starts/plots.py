"""The plots of docs/fleet.md, by file name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bench.svg import Bar, Chart, Group
from model import MB, Result

HOUR = 3600
# What fits next to a bar, and its color: ours, or what is compared.
SHOWN = {
    "init": ("init", "now"),
    "prebuilt": ("prebuilt", "floor"),
    "shell and keytool, in the pod's own image": ("keytool in the pod's own image", "rival"),
    "shell and keytool, in its own image": ("keytool in an image of its own", "rival"),
    "the same, with every public root through keytool": ("keytool, every public root", "other"),
}
# Less than that is no delay: a bar of microseconds would stretch the scale for nothing.
NO_DELAY = 0.001


def of(results: Iterable[Result]) -> dict[str, str]:
    found = list(results)
    charts = {"delay": delay(found), "cpu": cpu(found), "memory": memory(found)}
    return {f"{name}.svg": chart.svg() for name, chart in charts.items()}


def delay(results: list[Result]) -> Chart:
    shares = {"median": 0.5, "99 % of the pods": 0.99, "maximum": 1.0}

    def of(share: float) -> Callable[[Result], float]:
        return lambda one: found if (found := one.delay(share)) >= NO_DELAY else 0.0

    return Chart(
        "Delay of a pod, 10,000 pods on 500 nodes (simulated)",
        "From the moment a pod is bound to a node until its main container may start, beyond a pod without any of this.",
        "seconds", [group(name, results, of(share)) for name, share in shares.items()], logarithmic=True,
    )  # fmt: skip


def cpu(results: list[Result]) -> Chart:
    return Chart(
        "CPU time of 10,000 pod starts (simulated)",
        "Of all nodes together: the work of each start, and unpacking the image once per node.",
        "hours", [group("all pods", results, lambda one: one.cpu / HOUR)], logarithmic=True,
    )  # fmt: skip


def memory(results: list[Result]) -> Chart:
    return Chart(
        "Peak memory of a node (simulated)",
        "On the worst node at one moment: init containers that run, and volumes in memory, which stay.",
        "MB", [group("the worst of 500 nodes", results, lambda one: one.node_memory / MB)], logarithmic=True,
    )  # fmt: skip


def group(label: str, results: list[Result], value: Callable[[Result], float]) -> Group:
    return Group(label, [Bar(SHOWN[one.mode.name][0], value(one), SHOWN[one.mode.name][1]) for one in results])
