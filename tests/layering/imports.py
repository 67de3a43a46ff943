#!/usr/bin/env python3
"""imports.py: holds the crates to the table of rooms in ARCHITECTURE.md.

The table is the fenced block `layers`: each crate, then its floors from the lowest to the highest, a
line for each, the rooms of one floor between commas. A room is a top-level module:

    trust-init
      error
      read, image
      write
      commands

No code of a room may name a room of a higher floor, nor another room of its own. Tests are exempt, and
so are the crate's root files, lib.rs and main.rs, which name every room. A path through a re-export
of lib.rs counts as a path to the room behind it.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TABLE = "ARCHITECTURE.md"

# The floors of a crate, lowest first.
Floors = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Import:
    named: str
    line: int


def table(page: str) -> dict[str, Floors]:
    blocks = re.findall(r"^```layers\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    if len(blocks) != 1:
        raise SystemExit(f"{TABLE}: expected one fenced block named layers, found {len(blocks)}")
    crates: dict[str, list[list[str]]] = {}
    for line in filter(None, map(str.rstrip, blocks[0].splitlines())):
        if not line.startswith(" "):
            floors = crates[line] = []
        else:
            floors.append([room.strip() for room in line.split(",")])
    return crates


def faults(crate: str, floors: Floors, source: Path) -> Iterator[str]:
    """What in the crate, whose sources are in `source`, is not as the table says."""
    height = {room: number for number, floor in enumerate(floors) for room in floor}
    files = list(_files(source))
    present = {room for room, _ in files if room}
    for room in sorted(present - set(height)):
        yield f"{TABLE}: the table has no room {room} of {crate}"
    for room in sorted(set(height) - present):
        yield f"{TABLE}: {crate} has no room {room}"
    reexports = _reexports(_root(source))
    for room, path in files:
        for one in imports(path, source, reexports) if room in height else ():
            where = f"{path}:{one.line}"
            if one.named not in present | set(height):
                yield f"{where}: {one.named} is no room: name the room that holds it"
            elif one.named not in height:
                continue
            elif height[one.named] > height[room]:
                yield f"{where}: {room} names {one.named}, which is on a higher floor"
            elif height[one.named] == height[room] and one.named != room:
                yield f"{where}: {room} names {one.named}, which is on the same floor"


def _root(source: Path) -> Path:
    library = source / "lib.rs"
    return library if library.exists() else source / "main.rs"


def _files(source: Path) -> Iterator[tuple[str, Path]]:
    """Each file outside tests with its room; the root file has none."""
    tests = {
        directory / name
        for path in source.rglob("*.rs")
        for directory in [_directory(path, source)]
        for module in re.findall(
            r"#\[cfg\(test\)\]\s*(?:pub(?:\(\w+\))?\s+)?mod (\w+);", path.read_text()
        )
        for name in (f"{module}.rs", f"{module}/mod.rs")
    }
    for path in sorted(source.rglob("*.rs")):
        if path.parent == source and path.name in {"lib.rs", "main.rs"}:
            yield "", path
        elif path not in tests and not any(t.parent in path.parents for t in tests if t.name == "mod.rs"):
            yield path.relative_to(source).parts[0].removesuffix(".rs"), path


def _directory(path: Path, source: Path) -> Path:
    """Where the modules that a file declares are."""
    if path == _root(source) or path.name in {"mod.rs", "main.rs"}:
        return path.parent
    return path.with_suffix("")


def imports(path: Path, source: Path, reexports: Mapping[str, str]) -> Iterator[Import]:
    """The rooms that the code of a file names by a path from the crate's root."""
    text = code(path.read_text())
    inside = _inline_modules(text)
    depth = len(_directory(path, source).relative_to(source).parts)
    for match in re.finditer(r"(?<!in )(?<![\w:])(crate|(?:self::)?super(?:::super)*)::", text):
        if match[1] != "crate":
            # From a file at depth 1, one `super` leads to the root.
            nested = sum(start < match.start() < end for start, end in inside)
            if match[1].count("super") != depth + nested:
                continue
        for name in _first_names(text, match.end()):
            line = text.count("\n", 0, match.start()) + 1
            yield Import(reexports.get(name, name), line)


def _first_names(text: str, start: int) -> Iterator[str]:
    """The first segment of a path, or of each path in braces."""
    if text[start] != "{":
        yield re.match(r"\w+|\*|", text[start:])[0]
        return
    end = _closing(text, start)
    depth = 0
    fresh = True
    for token in re.findall(r"\w+|[{},*]", text[start + 1 : end - 1]):
        if token == "," and depth == 0:
            fresh = True
        elif token in "{}":
            depth += 1 if token == "{" else -1
        elif fresh:
            yield token
            fresh = False


def _reexports(root: Path) -> dict[str, str]:
    """What the root file re-exports, and the room that each name comes from."""
    found = {}
    for statement in re.findall(r"\buse\s+(?:crate::|self::)?(\w+)::([^;]+);", code(root.read_text())):
        room, names = statement
        for name in re.findall(r"(?:\bas\s+)?(\w+)\s*(?=[,}]|$)", names):
            found[name] = room
    return found


def _inline_modules(text: str) -> list[tuple[int, int]]:
    opened = [match.end() - 1 for match in re.finditer(r"\bmod \w+\s*\{", text)]
    return [(start, _closing(text, start)) for start in opened]


def _closing(text: str, start: int) -> int:
    """The offset behind the brace that closes the one at `start`."""
    depth = 0
    for match in re.finditer(r"[{}]", text[start:]):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return start + match.end()
    raise SystemExit("a brace is not closed")


_LITERALS = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r'|b?r(?P<hashes>#*)".*?"(?P=hashes)'
    r'|b?"(?:\\.|[^"\\])*"'
    r"|b?'(?:\\[^\n]+?|[^'\\\n])'",
    re.DOTALL,
)


def code(text: str) -> str:
    """The text without comments, literals and test modules; its lines stay where they are."""
    text = _LITERALS.sub(lambda literal: re.sub(r"[^\n]", " ", literal[0]), text)
    for match in reversed(list(re.finditer(r"#\[cfg\(test\)\]", text))):
        # The item ends with the first semicolon or block that is not within brackets.
        head = re.match(r"(?:[^\[{;]|\[[^\]]*\])*", text[match.end() :])
        end = match.end() + head.end()
        end = _closing(text, end) if text[end : end + 1] == "{" else end + 1
        text = text[: match.start()] + "\n" * text.count("\n", match.start(), end) + text[end:]
    return text


def main() -> int:
    page = REPOSITORY / TABLE
    if not page.exists():
        raise SystemExit(f"no {TABLE}")
    crates = table(page.read_text())
    found = []
    for manifest in sorted(REPOSITORY.glob("crates/*/Cargo.toml")):
        crate = manifest.parent.name
        if crate not in crates:
            found.append(f"{TABLE}: the table has no crate {crate}")
    for crate, floors in crates.items():
        source = REPOSITORY / "crates" / crate / "src"
        if source.is_dir():
            found += faults(crate, floors, source)
        else:
            found.append(f"{TABLE}: there is no crate {crate}")
    for fault in found:
        print(fault.replace(f"{REPOSITORY}/", ""))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
