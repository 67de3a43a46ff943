"""The figures as Markdown: absolute numbers, ratios, and the budgets beside what was found."""

from __future__ import annotations

from dataclasses import dataclass

from cases import Place
from measure import Cost
from peers import Peer

LABELS = {
    "build": "`trust-init build`, into an empty directory",
    "build, same again": "`trust-init build`, over its own tree",
    "build, other chain": "`trust-init build`, over another customer's tree",
    "cp -r": "`cp -r` of those outputs",
    "cp -r over": "`cp -r` over an older copy",
    "openssl rehash": "`openssl rehash`, as many certificates",
    "exec true, first": "`exec -- /bin/true`, the first start",
    "exec true, again": "`exec -- /bin/true`, a later start",
    "exec --from true": "`exec --from DIR -- /bin/true`",
    "true": "`/bin/true`: what any process costs",
}
# A build into an empty directory is compared with a copy into one; these, with a copy over an older one.
RIVAL = {"build, same again": "cp -r over", "build, other chain": "cp -r over"}

BUILD = "`trust-init build`"
MAKES = (
    "OS bundle, hashed directory (of files), Java store (PKCS#12 without a password), Python"
    " bundle, the customer's chain, the variables that clients need, a record of what was left out"
)
LEGEND = """\
Times and memory are of every process that a row starts: CPU time is their sum, peak memory that of
the largest. Instructions are callgrind's, in user space. They are not there for a row with a JVM,
which callgrind cannot run; nor, with the memory, for `exec`, where the process becomes another."""


@dataclass(frozen=True)
class Sized:
    """What one place cost: all rows were run in turns."""

    place: Place
    costs: dict[str, Cost]

    def each(self, name: str) -> float:
        """Microseconds a certificate."""
        return 1000 * self.costs[name].wall / self.place.size

    @property
    def against_copy(self) -> float:
        return self.costs["build"].wall / self.costs["cp -r"].wall

    @property
    def rehash_against_build(self) -> float:
        return self.costs["openssl rehash"].wall / self.costs["build"].wall


def markdown(
    facts: dict[str, str],
    tmpfs: list[Sized],
    disk: Sized,
    peers: tuple[list[Peer], dict[str, Cost]] | None,
    binary_size: int,
) -> str:
    parts = ["# Benchmark", table(["", ""], [[name, value] for name, value in facts.items()])]
    parts.append(LEGEND)
    for sized in [*tmpfs, disk]:
        parts += [f"## {sized.place.size:,} certificates, {sized.place.name}", sized_table(sized)]
    if peers:
        parts += [f"## Peers, {tmpfs[0].place.size:,} certificates, tmpfs", peer_table(*peers)]
        parts += ["What each makes, and of `trust-init build`'s outputs does not:"]
        parts += [makes_table(peers[0])]
    if len(tmpfs) > 1:
        parts += ["## Growth, tmpfs", growth_table(tmpfs)]
    parts += ["## Budgets", budget_table(tmpfs, binary_size)]
    return "\n\n".join(parts)


def sized_table(sized: Sized) -> str:
    rows = [
        cost_row(LABELS[name], sized.costs[name], sized.costs[RIVAL.get(name, "cp -r")])
        for name in LABELS
        if name in sized.costs
    ]
    return table(head("against `cp -r`"), rows)


def peer_table(peers: list[Peer], costs: dict[str, Cost]) -> str:
    build = costs["build"]
    rows = [cost_row(LABELS[name], costs[name], build) for name in costs if name in LABELS]
    for peer in peers:
        if peer.missing:
            rows.append([peer.label, peer.missing, *[""] * 8])
        else:
            rows.append(cost_row(peer.label, costs[peer.case.name], build))
    return table(head("against the build"), rows)


def makes_table(peers: list[Peer]) -> str:
    rows = [[BUILD, MAKES, ""], *([peer.label, peer.makes, peer.lacks] for peer in peers)]
    return table(["", "makes", "lacks"], rows, "---")


def head(rival: str) -> list[str]:
    return [
        "",
        "wall, ms",
        "10 to 90 %",
        rival,
        "CPU, ms",
        "instructions, million",
        "peak, KiB",
        "its own, KiB",
        "system calls",
        "runs",
    ]


def cost_row(label: str, cost: Cost, rival: Cost) -> list[str]:
    return [
        label,
        ms(cost.wall),
        f"{ms(cost.wall_at(0.1))} to {ms(cost.wall_at(0.9))}",
        ratio(cost.wall / rival.wall),
        ms(cost.cpu),
        f"{cost.instructions / 1e6:,.1f}" if cost.instructions else "",
        f"{cost.peak.resident:,}" if cost.peak else "",
        f"{cost.peak.own:,}" if cost.peak else "",
        f"{cost.syscalls:,}" if cost.syscalls else "",
        str(len(cost.runs)),
    ]


def growth_table(tmpfs: list[Sized]) -> str:
    columns = [
        "certificates",
        "outputs",
        "build, µs each",
        "`cp -r`, µs each",
        "`openssl rehash`, µs each",
        "build / `cp -r`",
        "`openssl rehash` / build",
        "instructions each",
        "peak, KiB",
        "peak / outputs",
    ]
    rows = []
    for sized in tmpfs:
        place, build = sized.place, sized.costs["build"]
        rows.append([
            f"{place.size:,}",
            f"{place.files:,} files, {place.bytes:,} bytes",
            f"{sized.each('build'):.1f}",
            f"{sized.each('cp -r'):.1f}",
            f"{sized.each('openssl rehash'):.1f}",
            ratio(sized.against_copy),
            ratio(sized.rehash_against_build),
            f"{build.instructions / place.size:,.0f}",
            f"{build.peak.resident:,}",
            f"{build.peak.resident * 1024 / place.bytes:.2f}",
        ])  # fmt: skip
    return table(columns, rows)


def budget_table(tmpfs: list[Sized], binary_size: int) -> str:
    rows = []
    for sized in tmpfs:
        count, copy, rehash = sized.place.size, sized.against_copy, sized.rehash_against_build
        peak = sized.costs["build"].peak.resident
        rows += [
            [f"time of `cp -r` of its outputs, {count:,}", "at most 1.0", ratio(copy),
             held(copy <= 1)],
            [f"times faster than `openssl rehash`, {count:,}", "at least 5", ratio(rehash),
             held(rehash >= 5)],
            [f"peak memory, {count:,}", "at most 8,192 KiB", f"{peak:,} KiB", held(peak <= 8192)],
        ]  # fmt: skip
    peak = tmpfs[0].costs["build"].peak.resident
    rows += [
        [f"peak memory, {tmpfs[0].place.size:,}", "at most 4,096 KiB", f"{peak:,} KiB",
         held(peak <= 4096)],
        ["the binary", "at most 4,000,000 bytes", f"{binary_size:,} bytes",
         held(binary_size <= 4_000_000)],
    ]  # fmt: skip
    for smallest, middle, largest in zip(tmpfs, tmpfs[1:], tmpfs[2:], strict=False):
        growth = one_more(middle, largest) / one_more(smallest, middle)
        rows.append([
            f"instructions of one certificate more, after {middle.place.size:,} against before",
            "about 1", f"{growth:.2f}", held(growth <= 1.1),
        ])  # fmt: skip
    return table(["", "budget", "found", "held"], rows)


def one_more(smaller: Sized, larger: Sized) -> float:
    """Instructions of a certificate among those that only the larger build has: made-up roots all,
    where the smaller the size the more are Mozilla's, which cost less than a customer's.
    """
    more = larger.costs["build"].instructions - smaller.costs["build"].instructions
    return more / (larger.place.size - smaller.place.size)


def table(columns: list[str], rows: list[list[str]], align: str = "---:") -> str:
    rule = ["---", *[align if len(columns) > 2 else "---"] * (len(columns) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [columns, rule, *rows])


def ms(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def ratio(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def held(yes: bool) -> str:
    return "yes" if yes else "**no**"
