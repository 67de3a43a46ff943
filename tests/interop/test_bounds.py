"""What a run takes is bounded by what it reads: docs/bounds.md has the bounds. Whatever a source is made
of, memory, manifest, log and reports stay within them, and every section is counted.

benches/bounds prints the figures.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import binary, environment, heavy, usage

MIB = 1 << 20
BOUNDS = (environment.REPOSITORY / "docs/bounds.md").read_text()


def _bound(name: str) -> tuple[int, int]:
    """So many times what was read, and so many bytes more, as docs/bounds.md says."""
    row = re.search(rf"^\| {name} \| (\d+) × \| (\d+) MiB \|", BOUNDS, re.MULTILINE)
    return int(row[1]), int(row[2]) * MIB


MEMORY, MANIFEST, LOG, REPORT = map(_bound, ("memory", "manifest", "log", "report"))
# Not bytes that were read, but each file costs something.
A_FILE = 4096


def run(folder: Path, *args: str | Path) -> usage.Usage:
    return usage.run(folder, binary.path(), *map(str, args), env=environment.clean())


def _within(done: usage.Usage, size: int, files: int = 1) -> None:
    more = files * A_FILE
    assert done.memory <= MEMORY[0] * size + MEMORY[1] + more, f"{done.memory / MIB:.0f} MiB"
    assert len(done.stderr) <= LOG[0] * size + LOG[1], len(done.stderr)
    assert len(done.stdout) <= REPORT[0] * size + REPORT[1] + more, len(done.stdout)


@pytest.fixture
def memory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="trust-init-", dir="/dev/shm") as name:
        yield Path(name)


def _manifest(out: Path, size: int, files: int = 1) -> dict:
    text = (out / "manifest.json").read_bytes()
    assert len(text) <= MANIFEST[0] * size + MANIFEST[1] + files * A_FILE, len(text)
    return json.loads(text)


def _adds_up(source: dict) -> None:
    verdicts = ("kept", "merged", "dropped", "denied", "rejected")
    assert source["seen"] == sum(source.get(verdict, 0) for verdict in verdicts) > 0, source


@pytest.mark.parametrize("source", heavy.SOURCES)
def test_a_base_as_large_as_can_be(source, memory):
    file, chain, out = memory / "base", memory / "chain.der", memory / "out"
    content = heavy.SOURCES[source](heavy.LARGEST_BASE)
    assert heavy.LARGEST_BASE * 0.9 < len(content) <= heavy.LARGEST_BASE
    file.write_bytes(content)
    chain.write_bytes(heavy.first(1)[0])
    done = run(memory, "build", "--ca", chain, "--base", file, "--out", out)
    assert done.code == 0, done.stderr[-1000:]
    _within(done, len(content))
    manifest = _manifest(out, len(content))
    for one in manifest["sources"]:
        _adds_up(one)
    base = next(one for one in manifest["sources"] if one["name"] == str(file))
    listed = [one for one in manifest["rejected"] if one["origin"].startswith(str(file))]
    assert base["rejected"] == sum(one.get("count", 1) for one in listed)
    assert len(listed) <= 2002


# What a customer can send if --max-size is raised: the size of a base, so that squares would show.
@pytest.mark.parametrize("source", heavy.SOURCES)
def test_a_large_source_of_a_customer(source, memory):
    file, out = memory / "source", memory / "out"
    content = heavy.SOURCES[source](MIB)
    file.write_bytes(content)
    limit = ["--max-size", str(2 * MIB)]
    done = run(memory, "build", "--base", "none", "--ca", file, *limit, "--out", out)
    assert done.code in (0, 3), done.stderr[-1000:]
    _within(done, len(content))
    if done.code == 0:
        _manifest(out, len(content))
    for command in ("check", "inspect"):
        for form in ("json", "junit" if command == "check" else "table"):
            limited = limit if command == "check" else []
            done = run(memory, command, file, "--format", form, *limited)
            assert done.code in (0, 1, 3), done.stderr[-1000:]
            _within(done, len(content))


@pytest.mark.parametrize("source", ["distinct", "empty PEM sections", "PKCS#7 of empty elements"])
def test_a_directory_of_a_thousand_files(source, memory):
    many, out = memory / "many", memory / "out"
    heavy.write_directory(many, 1000, 2000, source)
    size = sum(file.stat().st_size for file in many.iterdir())
    done = run(
        memory, "build", "--base", "none", "--ca", many, "--drop", "malformed", "--out", out
    )
    _within(done, size, 1000)
    if source == "distinct":
        assert done.code == 0
        for one in _manifest(out, size, 1000)["sources"]:
            _adds_up(one)
    else:
        # Nothing is left.
        assert done.code == 3


def test_each_code_has_some_lines_and_a_number(memory):
    """A private key after thousands of damaged sections is still named, and all are counted."""
    file = memory / "source.pem"
    damaged = b"-----BEGIN A-----\n-----END A-----\n" * 5000
    file.write_bytes(damaged + b"-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n")
    done = run(memory, "build", "--ca", file, "--max-size", "1MiB", "--out", memory / "out")
    assert done.code == 3
    lines = [line for line in done.stderr.decode().splitlines() if not line.startswith("hint: ")]
    assert len(lines) == 22, lines
    assert sum("error[malformed]: " in line for line in lines) == 21
    assert "error[malformed]: 4980 more errors not shown" in lines[-1]
    assert sum("error[private-key]: " in line for line in lines) == 1


def test_a_certificate_given_five_times_is_reported_once(memory):
    file, out = memory / "five.pem", memory / "out"
    file.write_bytes(heavy.pem(heavy.first(1)[0]) * 5)
    done = run(memory, "build", "--ca", file, "--out", out)
    assert done.code == 0
    lines = done.stderr.decode().splitlines()
    warned = [line for line in lines if line.startswith("trust-init: warning[")]
    assert warned and len({line.split("]")[0] for line in warned}) == len(warned), lines
    # And where it is left out or denied, once, with the number.
    for level, code in (("--drop", 3), ("--deny", 3)):
        done = run(memory, "build", "--ca", file, level, "weak-key", "--out", out)
        assert done.code == code
        lines = [line for line in done.stderr.decode().splitlines() if "weak-key" in line]
        if level == "--deny":
            assert len(lines) == 1 and lines[0].endswith("(also in 4 more places)"), lines


def test_a_long_name_is_cut(memory):
    file, out = memory / "long.der", memory / "out"
    name = heavy.name(b"\x01" * 32000)
    file.write_bytes(heavy.certificate(1, name))
    done = run(memory, "build", "--ca", file, "--out", out)
    assert done.code == 0
    assert max(map(len, done.stderr.decode().splitlines())) < 1000, done.stderr
    assert "…: " in done.stderr.decode()
    record = next(
        one for one in _manifest(out, 32000)["certificates"] if one["role"] == "customer"
    )
    assert len(record["subject"]) == len(record["issuer"]) == 1001
    assert record["subject"].endswith("…")
