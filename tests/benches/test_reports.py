"""What benches/ makes of its data: tables, plots, and docs/performance.md. No test measures time."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from bench import docs, goals, markers, plots, profile, report, results, svg, tables
from bench.results import BEFORE, NO_SHA, NOW, Cost, PeerNote, Profile, Result, Rotations, Row, Table

SVG = "{http://www.w3.org/2000/svg}"


def cost(ms: float, kib: int | None = 2000) -> Cost:
    return Cost([ms, ms * 2, ms / 2], [ms, ms, ms], kib, kib and 100, None, 10)


def builds(size: int, place: str = "tmpfs", kind: str = "build") -> Table:
    """Times that grow with the size; a build takes half the time of a copy, and before, twice."""
    unit = size / 100
    rows = [
        Row("cp -r", "", cost(2 * unit)),
        Row("floor", "", cost(0.9 * unit)),
        Row("openssl rehash", "", cost(20 * unit)),
        Row("build", NOW, cost(unit)),
        Row("build", BEFORE, cost(4 * unit, 40_000)),
        Row("build", NO_SHA, cost(3 * unit)),
        Row("cp -r over", "", cost(2 * unit)),
        Row("floor, compare", "", cost(unit)),
        *(Row(name, build, cost(unit)) for build in (NOW, BEFORE)
          for name in ("build, same again", "build, other chain")),
    ]  # fmt: skip
    return Table(kind, size, place, rows, files=size, bytes=size * 5000)


def starts() -> Table:
    names = ("--version", "check", "exec --from", "exec --from, eight set", "exec, first",
             "exec, again", "render", "doctor", "doctor, loopback")  # fmt: skip
    rows = [Row(name, "", cost(1)) for name in ("hello", "hello, true", "true", "cat stores")]
    rows += [Row(name, build, cost(1.2, None)) for name in names for build in (NOW, BEFORE)]
    return Table("starts", 150, "tmpfs", rows)


def watch() -> Table:
    rows = [Row(name, NOW, cost(9)) for name in
            ("rotation", "rotation, no debounce", "rotation, no debounce, disk")]  # fmt: skip
    rows += [Row(name, NOW, Cost([], [0.2, 0.3])) for name in ("nothing changed", "interval")]
    return Table("watch", 0, "tmpfs", rows)


def peers() -> Table:
    rows = [Row("build", NOW, cost(2)), Row("keytool loop", "", cost(900))]
    return Table("peers", 150, "tmpfs", rows)


RESULT = Result(
    facts={"date": "2026-11-27 12:00 UTC", "machine": "m", "kernel": "k", "load": "0", "trust-init": "t"},
    images={NOW: {"binary": 3_000_000, "gzip": 1_000_000}, BEFORE: {"binary": 5_000_000}},
    tables=[
        builds(150), builds(1000), builds(10_000), builds(150, "disk"), starts(), watch(),
        builds(150, kind="one core"), builds(150, kind="quota of 0.1 CPU"),
        builds(150, "disk", kind="cold"), peers(),
    ],
    rotations=[Rotations(NOW, 100, 4000, 4100, 4200, [4000, 4200, 4100])],
    profiles=[Profile(NOW, 150, 1000, {"SHA-256 and SHA-1": 0.6, "base64": 0.39, "verdicts": 0.01})],
    peers=[
        PeerNote("keytool loop", "keytool", "a store", "the rest", ""),
        PeerNote("", "another | maker", "a store", "the rest", "not run: no registry has it"),
    ],
)  # fmt: skip


def rows_of(table: str) -> list[list[str]]:
    return [line.strip("|").split(" | ") for line in table.splitlines()]


def test_data_is_kept_whole(tmp_path):
    file = tmp_path / "result.json"
    RESULT.save(file)
    assert results.load(file) == RESULT


def test_a_report_has_every_table_and_every_row():
    text = report.markdown(RESULT)
    for told in ("## Goals", "## 10,000 certificates, tmpfs", "## Worse machines", "## Peers"):
        assert told in text
    assert text.count("**without SHA instructions**") == 4
    assert "not run: no registry has it" in text


def test_every_line_of_a_table_has_as_many_cells():
    text = report.markdown(replace(RESULT, peers=RESULT.peers[:1]))
    for table in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        assert len({len(row) for row in rows_of(table)}) == 1, table


def test_a_column_that_nothing_fills_is_left_out():
    shown = tables.costs(RESULT.of_kind("watch")[0])
    assert "instructions" not in shown
    assert "wall, ms" in shown


def test_a_ratio_is_taken_within_its_table():
    [row] = [row for row in rows_of(tables.builds(RESULT.find("build", 150)))
             if row[0].strip() == tables.LABELS["build"]]  # fmt: skip
    assert row[3] == "0.50"


def test_a_goal_is_reached_or_not():
    found = {goal.what: goal for goal in goals.of(RESULT)}
    assert found["build of 150: time, of `cp -r`"].reached
    assert found["build of 150: times faster than `openssl rehash`"].reached
    assert found["build of 150: peak memory"].before == 40_000
    assert not replace(found["build of 150: peak memory"], now=40_000).reached
    assert not replace(found["build of 150: times faster than `openssl rehash`"], now=6.9).reached


def test_a_run_of_a_part_has_a_report_too():
    part = replace(RESULT, tables=[builds(150), builds(150, "disk")], rotations=[], peers=[])
    assert "## Goals" in report.markdown(part)
    assert docs.texts(part, docs.PAGE)["peers"] == "Not measured in this run."


SAMPLES = """\
sh 
\t  10 memcpy (/usr/bin/dash)

trust-init 
\t  ffffffff8158c235 shmem_write_begin ([kernel.kallsyms])
\t  ffffffff815c469a __x64_sys_write ([kernel.kallsyms])
\t  4d1f2 write (/tmp/profiled)

hashes 
\t  4d1f2 sha2::sha256::x86_sha::compress (/tmp/profiled)

trust-init 
\t  4d1f2 <alloc::vec::Vec<u8>>::reserve (/tmp/profiled)

trust-init 
\t  4d1f2 trust_stores::cert::name::Name::of (/tmp/profiled)
"""


def test_samples_are_counted_by_purpose():
    count, shares = profile.shares(SAMPLES)
    assert count == 4
    assert shares == {
        "kernel: writing": 0.25,
        "SHA-256 and SHA-1": 0.25,
        "allocation, with its lock": 0.25,
        "certificates: fields, names, hashes": 0.25,
    }


@pytest.mark.parametrize("name", plots.of(RESULT))
def test_a_plot_says_in_words_what_it_shows(name):
    root = ElementTree.fromstring(plots.of(RESULT)[name])
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text.endswith("2026-11-27")
    values = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "value"]
    assert values
    words = root.find(f"{SVG}desc").text
    assert all(value in words for value in values)


def test_what_a_plot_shows_lies_within_it():
    low, high = 0.2, 9000
    bars = [svg.Bar("low", low, "now"), svg.Bar("high", high, "before")]
    for logarithmic in (False, True):
        chart = svg.Chart("t", "d", "ms", [svg.Group("g", bars, goal=50)], logarithmic)
        root = ElementTree.fromstring(chart.svg())
        width, height = (float(root.get(name)) for name in ("width", "height"))
        for element in root.iter():
            for name, end in (("x", width), ("x1", width), ("x2", width), ("y", height), ("y2", height)):
                assert 0 <= float(element.get(name, 0)) <= end, ElementTree.tostring(element)


def test_the_page_shows_the_result_that_it_names():
    file = docs.measured_from()
    result = docs.result_of(file)
    for name, text in docs.texts(result, file).items():
        assert markers.written(docs.PAGE, name) == text.strip(), f"{name}: benches/plot {file} writes it"
    for name, plot in plots.of(result).items():
        assert (docs.PLOTS / name).read_text() == plot, f"{name}: benches/plot {file} writes it"
    assert {path.name for path in docs.PLOTS.iterdir()} == set(plots.of(result))
