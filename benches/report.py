"""The figures as Markdown: absolute numbers, ratios, and the budgets beside what was found."""

from __future__ import annotations

from measure import Peak, Times

NAMES = {
    "build": "`trust-init build`, into an empty directory",
    "build, same again": "`trust-init build`, over its own tree",
    "build, other chain": "`trust-init build`, over another customer's tree",
    "cp -r": "`cp -r` of those outputs",
    "cp -r over": "`cp -r` over an older copy",
    "openssl rehash": "`openssl rehash`, as many certificates",
    "keytool": "`keytool -importcert`, one certificate",
    "exec true, first": "`exec -- /bin/true`, the first start",
    "exec true, again": "`exec -- /bin/true`, a later start",
    "exec --from true": "`exec --from DIR -- /bin/true`",
    "true": "`/bin/true`: what any process costs",
}
# Where nothing stands before, a copy that has nothing before it is the measure; else one over an
# older copy.
RIVAL = {"build, same again": "cp -r over", "build, other chain": "cp -r over"}


def markdown(
    facts: dict[str, str],
    timings: dict[str, dict[str, Times]],
    peaks: dict[str, Peak],
    instructions: dict[str, int],
    syscalls: dict[str, int | None],
    scaling: list[tuple[int, float, float, int, int, int]],
    size: int,
) -> str:
    parts = ["# Benchmark", table(["", ""], [[name, value] for name, value in facts.items()])]
    for place, times in timings.items():
        parts += [f"## Time, {place}", time_table(times)]
    parts += ["## Memory, instructions, system calls", cost_table(peaks, instructions, syscalls)]
    if scaling:
        parts += ["## Scale, tmpfs", scale_table(scaling)]
    parts += ["## Budgets", budget_table(timings["tmpfs"], peaks, size, scaling)]
    return "\n\n".join(parts)


def time_table(times: dict[str, Times]) -> str:
    rows = []
    for name, label in NAMES.items():
        one = times[name]
        rival = times[RIVAL.get(name, "cp -r")]
        rows.append(
            [
                label,
                ms(one.median),
                f"{ms(one.at(0.1))} to {ms(one.at(0.9))}",
                f"{one.median / rival.median:.2f}",
                str(len(one.runs)),
            ]
        )
    return table(["", "median, ms", "10 to 90 %", "against `cp -r`", "runs"], rows)


def cost_table(
    peaks: dict[str, Peak], instructions: dict[str, int], syscalls: dict[str, int | None]
) -> str:
    rows = []
    for name, label in NAMES.items():
        if name not in peaks:
            continue
        counted, calls = instructions.get(name), syscalls.get(name)
        rows.append([
            label,
            f"{peaks[name].resident:,}",
            f"{peaks[name].own:,}",
            f"{counted / 1e6:.1f}" if counted else "",
            f"{calls:,}" if calls else "",
        ])  # fmt: skip
    return table(["", "peak, KiB", "its own, KiB", "instructions, million", "system calls"], rows)


def scale_table(scaling: list[tuple[int, float, float, int, int, int]]) -> str:
    rows = [
        [
            f"{count:,}",
            ms(build),
            f"{1000 * build / count:.1f}",
            ms(copy),
            f"{build / copy:.2f}",
            f"{counted / count:,.0f}",
            f"{peak:,}",
            f"{peak * 1024 / size:.2f}",
        ]
        for count, build, copy, counted, peak, size in scaling
    ]
    head = [
        "certificates",
        "build, ms",
        "µs each",
        "`cp -r`, ms",
        "build / cp",
        "instructions each",
        "peak, KiB",
        "peak / outputs",
    ]
    return table(head, rows)


def budget_table(times: dict[str, Times], peaks: dict[str, Peak], size: int, scaling: list) -> str:
    build = times["build"].median
    copy, rehash = build / times["cp -r"].median, times["openssl rehash"].median / build
    rows = [
        [
            "time of `cp -r` of its own outputs, tmpfs",
            "at most 1.0",
            f"{copy:.2f}",
            held(copy <= 1),
        ],
        ["times faster than `openssl rehash`", "at least 5", f"{rehash:.1f}", held(rehash >= 5)],
        [
            "peak memory",
            "at most 4,096 KiB",
            f"{peaks['build'].resident:,} KiB",
            held(peaks["build"].resident <= 4096),
        ],
        ["the binary", "at most 2,500,000 bytes", f"{size:,} bytes", held(size <= 2_500_000)],
    ]
    if len(scaling) > 1:
        first, last = scaling[0], scaling[-1]
        growth = (last[3] / last[0]) / (first[3] / first[0])
        # A little under 1 is the fixed cost spread over more certificates; n log n would be 1.8
        # here.
        rows.append(
            [
                f"instructions a certificate, {last[0]:,} against {first[0]:,}",
                "about 1",
                f"{growth:.2f}",
                held(growth <= 1.2),
            ]
        )
    return table(["", "budget", "found", "held"], rows)


def table(head: list[str], rows: list[list[str]]) -> str:
    align = ["---"] + ["---:"] * (len(head) - 1) if len(head) > 2 else ["---", "---"]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, align, *rows])


def ms(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def held(yes: bool) -> str:
    return "yes" if yes else "**no**"
