"""Tables in Markdown, of what was measured."""

from __future__ import annotations

from bench import goals
from bench.results import BEFORE, NO_SHA, NOW, RIVAL, Cost, Result, Row, Table

LABELS = {
    "build": "`trust-init build`, into an empty directory",
    "build, same again": "`trust-init build`, over its own tree",
    "build, other chain": "`trust-init build`, over another chain's tree",
    "cp -r": "`cp -r` of those outputs",
    "floor": "the floor: `floor.c` writes the same files",
    "floor, compare": "the floor over its own tree: `floor.c` reads and compares",
    "cp -r over": "`cp -r` over an older copy",
    "openssl rehash": "`openssl rehash`, as many certificates",
    "--version": "`trust-init --version`",
    "exec, first": "`exec -- /bin/true`, the first start",
    "exec, again": "`exec -- /bin/true`, a later start",
    "exec --from": "`exec --from DIR -- /bin/true`",
    "exec --from, eight set": "`exec --from`, eight CA variables set",
    "check": "`check` of a chain of four",
    "doctor": "`doctor` without a host",
    "doctor, loopback": "`doctor` with a host on loopback",
    "render": "`render` of a chain of four",
    "hello": "a static hello world",
    "hello, true": "a static program that becomes `/bin/true`",
    "true": "`/bin/true`: what any process costs",
    "cat stores": "`cat` of the stores that doctor reads",
    "rotation": "from a changed ConfigMap to the new stores, default `--debounce`",
    "rotation, no debounce": "from a changed ConfigMap to the new stores, `--debounce 0`",
    "rotation, no debounce, disk": "from a changed ConfigMap to the new stores on a disk, `--debounce 0`",
    "nothing changed": "a swap that brings the same bytes",
    "interval": "one second with `--interval 1`: one look",
}
BUILDS = {
    NOW: "{}",
    BEFORE: "{}, **before**",
    NO_SHA: "{}, **without SHA instructions**",
    RIVAL: "{}",
}
# A build into an empty directory is compared with a copy into one; others with what they compete with.
AGAINST = {
    "build, same again": "cp -r over",
    "build, other chain": "cp -r over",
    "cp -r over": "cp -r over",
    "floor, compare": "cp -r over",
}
FLOORS = {"build, same again": "floor, compare", "floor, compare": "floor, compare"}


def label(row: Row) -> str:
    return BUILDS[row.build].format(LABELS.get(row.name, row.name))


def builds(table: Table) -> str:
    """Every row of a table that has a copy and a floor."""
    return costs(table, [
        ("against `cp -r`", lambda row: ratio(
            row.cost.wall_ms / table.cost(AGAINST.get(row.name, "cp -r")).wall_ms)),
        ("CPU, against the floor's", lambda row: ratio(
            row.cost.cpu_ms / table.cost(FLOORS.get(row.name, "floor")).cpu_ms)),
    ])  # fmt: skip


def peers(result: Result, table: Table) -> str:
    """And those that could not run, with what is missing in place of their figures."""
    build = table.cost("build", NOW).wall_ms
    named = {one.name: one.label for one in result.peers if one.name}
    rows = [Row(named.get(row.name, row.name), row.build, row.cost) for row in table.rows]
    told = Table(table.kind, table.size, table.place, rows)
    text = costs(told, [("against the build", lambda row: ratio(row.cost.wall_ms / build))])
    blank = " |" * text.partition("\n")[0].count(" | ")
    missing = [f"| {one.label}: {one.missing} |{blank}" for one in result.peers if one.missing]
    return "\n".join([text, *missing])


def costs(table: Table, ratios: list = ()) -> str:
    columns = [
        ("", label),
        ("wall, ms", lambda row: ms(row.cost.wall_ms) if row.cost.wall else ""),
        ("10 to 90 %", lambda row: spread(row.cost)),
        *ratios,
        ("CPU, ms", lambda row: ms(row.cost.cpu_ms)),
        ("instructions, million", lambda row: count(row.cost.instructions, 1e6)),
        ("peak, KiB", lambda row: count(row.cost.resident)),
        ("its own, KiB", lambda row: count(row.cost.own)),
        ("system calls", lambda row: count(row.cost.syscalls)),
        ("runs", lambda row: str(row.cost.runs)),
    ]
    cells = [[show(row) for row in table.rows] for _, show in columns]
    # What was not measured here has no column.
    kept = [number for number, column in enumerate(cells) if any(column)]
    return markdown(
        [columns[number][0] for number in kept],
        [[cells[number][row] for number in kept] for row in range(len(table.rows))],
    )


def reached(result: Result) -> str:
    found = goals.of(result)
    before = any(goal.before is not None for goal in found)
    rows = []
    for goal in found:
        shown = [in_unit(value, goal.unit) for value in (goal.floor, goal.limit, goal.before, goal.now)]
        shown[1] = f"at {'least' if goal.at_least else 'most'} {shown[1]}"
        if not before:
            del shown[2]
        rows.append([goal.what, *shown, "yes" if goal.reached else "**no**"])
    columns = ["", "floor", "goal", *(["before"] if before else []), "now", "reached"]
    return markdown(columns, rows)


def growth(result: Result) -> str:
    rows = []
    for table in result.sizes:
        build, copy = table.cost("build", NOW), table.cost("cp -r")
        rows.append([
            f"{table.size:,}",
            f"{table.files:,} files, {table.bytes:,} bytes",
            *(f"{1000 * cost / table.size:.1f}" for cost in (build.wall_ms, build.cpu_ms, copy.wall_ms)),
            ratio(build.wall_ms / copy.wall_ms),
            count(build.resident),
            ratio(build.resident * 1024 / table.bytes),
        ])  # fmt: skip
    return markdown(
        ["certificates", "outputs", "build, µs each", "CPU, µs each", "`cp -r`, µs each",
         "build / `cp -r`", "peak, KiB", "peak / outputs"],
        rows,
    )  # fmt: skip


def worse_machines(result: Result) -> str:
    """A build into an empty directory: here, and on a machine that has less."""
    before = any(table.find("build", BEFORE) for table in result.sizes)
    rows = []
    for usual in result.sizes:
        rows.append(_machine("this machine", usual, usual.cost("build", NOW), before))
        if slow := usual.find("build", NO_SHA):
            rows.append(_machine("no SHA instructions", usual, slow, before=False))
        for table in result.tables:
            if table.size == usual.size and table.kind.startswith(("one core", "quota")):
                rows.append(_machine(table.kind, table, table.cost("build", NOW), before))
    for kind, told in (("build", "on a disk"), ("cold", "on a disk, nothing in the page cache")):
        if table := result.find(kind, goals.USUAL, "disk"):
            rows.append(_machine(told, table, table.cost("build", NOW), before))
    columns = ["certificates", "on", "build, ms", "CPU, ms", "`cp -r`, ms", "build / `cp -r`"]
    return markdown([*columns, *(["before / `cp -r`"] if before else [])], [
        row if before else row[:-1] for row in rows
    ], words=2)  # fmt: skip


def _machine(told: str, table: Table, build: Cost, before: bool) -> list[str]:
    copy, old = table.cost("cp -r"), table.find("build", BEFORE) if before else None
    return [
        f"{table.size:,}", told, ms(build.wall_ms), ms(build.cpu_ms), ms(copy.wall_ms),
        ratio(build.wall_ms / copy.wall_ms), ratio(old.wall_ms / copy.wall_ms) if old else "",
    ]  # fmt: skip


def images(result: Result) -> str:
    kinds = {"binary": "binary", "gzip": "layer, gzip -9", "zstd": "layer, zstd -19"}
    kept = {kind: told for kind, told in kinds.items() if kind in result.images[NOW]}
    return markdown(["build", *(f"{told}, bytes" for told in kept.values())], [
        [build, *(count(sizes.get(kind)) for kind in kept)] for build, sizes in result.images.items()
    ])  # fmt: skip


def rotations(result: Result) -> str:
    return markdown(
        ["build", "rotations", "first, KiB", "last, KiB", "highest, KiB"],
        [[one.build, count(one.count), count(one.first), count(one.last), count(one.highest)]
         for one in result.rotations],
    )  # fmt: skip


def profiles(result: Result) -> str:
    """Shares in percent; what has less than one in a hundred everywhere is added up."""
    found = result.profiles
    names = list(dict.fromkeys(name for one in found for name in one.shares))
    large = [name for name in names if any(one.shares.get(name, 0) >= 0.01 for one in found)]
    rows = [[name, *(percent(one.shares.get(name, 0)) for one in found)] for name in large]
    small = [sum(one.shares.get(name, 0) for name in names if name not in large) for one in found]
    if any(small):
        rows.append(["less than 1 % each", *map(percent, small)])
    return markdown(["share of the CPU time", *(f"{one.size:,}" for one in found)], rows)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def makes(result: Result) -> str:
    ours = (
        "OS bundle, hashed directory (of files), Java store (PKCS#12 without a password), Python"
        " bundle, the customer's chain, the variables that clients need, a record of what was left"
        " out"
    )
    rows = [["`trust-init build`", ours, ""]]
    rows += [[peer.label, peer.makes, peer.lacks] for peer in result.peers]
    return markdown(["", "makes", "lacks"], rows, words=3)


def markdown(columns: list[str], rows: list[list[str]], words: int = 1) -> str:
    """The first columns hold `words` and are aligned on the left; the others hold numbers."""
    rule = ["---" if number < words else "---:" for number in range(len(columns))]
    return "\n".join("| " + " | ".join(row) + " |" for row in [columns, rule, *rows])


def in_unit(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return {
        "×": lambda: f"{ratio(value)} ×",
        "ms": lambda: f"{ms(value)} ms",
    }.get(unit, lambda: f"{value:,.0f} {unit}")()


def spread(cost: Cost) -> str:
    return f"{ms(cost.wall_at(0.1))} to {ms(cost.wall_at(0.9))}" if cost.wall else ""


def count(value: float | None, of: float = 1) -> str:
    if value is None:
        return ""
    return f"{value:,}" if of == 1 else f"{value / of:,.1f}"


def ms(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def ratio(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"
