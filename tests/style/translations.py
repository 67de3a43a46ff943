#!/usr/bin/env python3
"""translations.py: holds each French page docs/NAME.fr.md to its English twin docs/NAME.md.

A translation may choose its words. What a reader copies, looks up or follows must agree, section by
section: the headings' levels and numbers, paragraphs, list items, tables and their cells, blocks,
whatever is in backticks, numbers, and where links lead (to the French page where there is one).
Exempt are comments in shell blocks, and the glossary, which translates words in backticks.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
WIDTH = 120

_FENCE = re.compile(r"^ *```(\w*)$")
_HEADING = re.compile(r"^#+ ")
_ITEM = re.compile(r"^ *(?:-|\d+\.) ")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAME = re.compile(r"`([^`]+)`")
_LEVELS = re.compile(r"(?:allow|warn|drop|deny)(?:, (?:allow|warn|drop|deny))*")
_COMMENT = re.compile(r" {2,}# .*$", re.MULTILINE)
# What French typography has otherwise: the apostrophe, and a space that does not break.
_ENGLISH_TYPOGRAPHY = re.compile(r"\w'\w|(?<=[^\s|]) [:;?!»%](?!\S)|« ")


@dataclass
class Section:
    heading: str
    line: int
    # "paragraph", "item", "block sh", "row 3": in order.
    shape: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    # The lines of each paragraph, item or row, joined.
    texts: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What a translation keeps of the heading: its level, its number, and a code."""
        found = re.match(r"#+ (?:\d+\.|[a-z]+(?:-[a-z]+)*$)?", self.heading)
        return found[0] if found else ""

    @property
    def is_glossary(self) -> bool:
        return self.heading.startswith("## Gloss")


@dataclass
class Page:
    path: Path
    sections: list[Section]

    @property
    def anchors(self) -> list[str]:
        return [anchor(section.heading) for section in self.sections]


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).replace(" ", "-")


def page(path: Path) -> Page:
    return Page(path, list(_sections(path.read_text())))


def _sections(text: str) -> Iterator[Section]:
    section = Section("", 1)
    block: list[str] | None = None
    kind, is_running = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if fence := _FENCE.match(line):
            if block is None:
                kind, block = fence[1], []
            else:
                code = "\n".join(block)
                section.blocks.append(_COMMENT.sub("  #", code) if kind == "sh" else code)
                section.shape.append(f"block {kind}")
                block = None
            is_running = False
        elif block is not None:
            block.append(line)
        elif _HEADING.match(line):
            if section.heading:
                yield section
            section, is_running = Section(line, number), False
        elif not line or line.lstrip().startswith("<!--"):
            is_running = False
        elif is_running and not line.startswith("|") and not _ITEM.match(line):
            section.texts[-1] += " " + line.strip()
        else:
            cells = line.count("|") - line.count("\\|")
            is_item = _ITEM.match(line) is not None
            section.shape.append(f"row {cells}" if line.startswith("|") else "item" if is_item else "paragraph")
            section.texts.append(line.strip())
            is_running = not line.startswith("|")
    yield section


def differences(english: Page, french: Page) -> Iterator[str]:
    """What a reader of one page finds that a reader of the other does not."""
    yield from _twins_link(english, french)
    ours, theirs = ([one.mark for one in each.sections] for each in (english, french))
    if ours != theirs:
        yield f"{french.path.name}: sections differ: {_first_difference(ours, theirs)}"
        return
    for one, other in zip(english.sections, french.sections, strict=True):
        at = f"{french.path.name}:{other.line}: {other.heading}:"
        yield from (f"{at} {message}" for message in _section(one, other))
        expected = Counter(_in_french(link, english, french) for link in _links(one))
        if found := _unequal(expected, Counter(_links(other))):
            yield f"{at} links: {found}"


def _section(english: Section, french: Section) -> Iterator[str]:
    # One language may have more terms to explain than the other.
    if not english.is_glossary and english.shape != french.shape:
        yield f"its form differs: {_first_difference(english.shape, french.shape)}"
    for one, other in zip(english.blocks, french.blocks, strict=False):
        if one != other:
            yield f"a block differs: {_first_difference(one.splitlines(), other.splitlines())}"
    if english.is_glossary:
        return
    if found := _unequal(_names(english.texts), _names(french.texts)):
        yield f"in backticks: {found}"
    if found := _unequal(_numbers(english.texts), _numbers(french.texts)):
        yield f"numbers: {found}"
    # A row has its facts cell by cell.
    for one, other in zip(english.texts, french.texts, strict=False):
        if one.startswith("|") and other.startswith("|"):
            for cell, twin in zip(one.split(" | "), other.split(" | "), strict=False):
                if _facts(cell) != _facts(twin):
                    yield f"cells differ: {cell!r} and {twin!r}"


def _names(texts: list[str]) -> set[str]:
    return {name for text in texts for name in _NAME.findall(text)}


def _facts(cell: str) -> set[str]:
    """Of one cell: names, or the levels of a rule."""
    levels = _LEVELS.fullmatch(cell)
    return {levels[0]} if levels else set(_NAME.findall(cell))


def _numbers(texts: list[str]) -> set[str]:
    """Groups of digits, so that 2,048 and 1.3 are 2 048 and 1,3."""
    return {number for text in texts for number in re.findall(r"\d+", _LINK.sub("]", text))}


def _links(section: Section) -> list[str]:
    """Without those to the other language and to the glossary, which English may not need."""
    found = [link for text in section.texts for link in _LINK.findall(text)]
    found = found[1:] if section.heading.startswith("# ") else found
    return [link for link in found if not link.startswith("#gloss")]


def _in_french(link: str, english: Page, french: Page) -> str:
    """Where a link of the English page leads in French."""
    name, _, fragment = link.partition("#")
    twins = (english, french)
    if name:
        target = english.path.parent / name
        translated = target.with_suffix(".fr.md")
        if target.suffix != ".md" or not translated.exists():
            return link
        name = name.removesuffix(".md") + ".fr.md"
        twins = (page(target), page(translated))
    anchors, theirs = (each.anchors for each in twins)
    if fragment in anchors and len(anchors) == len(theirs):
        fragment = theirs[anchors.index(fragment)]
    return f"{name}#{fragment}" if fragment else name


def _twins_link(english: Page, french: Page) -> Iterator[str]:
    for one, words, other in ((english, "En français", french), (french, "In English", english)):
        expected = f"*[{words}]({other.path.name})*"
        if one.sections[0].texts[:1] != [expected]:
            yield f"{one.path.name}: the title is not followed by {expected}"


def dead_links(one: Page) -> Iterator[str]:
    for section in one.sections:
        for link in (link for text in section.texts for link in _LINK.findall(text)):
            name, _, fragment = link.partition("#")
            target = one.path.parent / name if name else one.path
            if "://" in link:
                continue
            if not target.exists() or (fragment and fragment not in page(target).anchors):
                yield f"{one.path.name}:{section.line}: {section.heading}: {link} leads nowhere"


def typography(french: Page) -> Iterator[str]:
    for section in french.sections:
        for text in section.texts:
            # A word in its place, because punctuation may follow it.
            shown = _LINK.sub("]", _NAME.sub("code", text))
            if found := _ENGLISH_TYPOGRAPHY.search(shown):
                around = shown[max(0, found.start() - 30) : found.end() + 10]
                yield f"{french.path.name}:{section.line}: {section.heading}: English typography: {around!r}"


def long_lines(one: Page) -> Iterator[str]:
    """Of prose that could be broken."""
    is_code = False
    for number, line in enumerate(one.path.read_text().splitlines(), 1):
        is_code ^= _FENCE.match(line) is not None
        is_fixed = is_code or line.startswith("|") or any(len(name) > WIDTH // 2 for name in _NAME.findall(line))
        if len(line) > WIDTH and not is_fixed:
            yield f"{one.path.name}:{number}: longer than {WIDTH} columns"


def _first_difference(ours: list[str], theirs: list[str]) -> str:
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            return f"{one!r} in English, {other!r} in French"
    shorter = min(len(ours), len(theirs))
    language = "English" if len(ours) > shorter else "French"
    return f"only in {language}: {max(ours, theirs, key=len)[shorter:][:1]}"


def _unequal(ours: set[str] | Counter, theirs: set[str] | Counter) -> str:
    found = (("English", ours - theirs), ("French", theirs - ours))
    return "; ".join(f"only in {language}: {sorted(those)}" for language, those in found if those)


def translated(docs: Path) -> list[Path]:
    return sorted(docs.glob("**/*.fr.md"))


def pairs(docs: Path) -> Iterator[tuple[Page, Page]]:
    """Without the front page, which lists fewer pages in French: tests/site compares where its steps lead."""
    for path in translated(docs):
        original = path.with_name(path.name.replace(".fr.md", ".md"))
        if not original.exists():
            raise SystemExit(f"{path}: there is no {original.name}")
        if path.name != "README.fr.md":
            yield page(original), page(path)


def findings(docs: Path) -> Iterator[str]:
    twins = list(pairs(docs))
    for english, french in twins:
        yield from differences(english, french)
    for french in map(page, translated(docs)):
        yield from typography(french)
    for one in [english for english, _ in twins] + [page(path) for path in translated(docs)]:
        yield from dead_links(one)
        yield from long_lines(one)


def main() -> int:
    found = list(findings(DOCS))
    print(*found, sep="\n")
    if found:
        print(f"{len(found)} findings; docs/STYLE.md says how we translate", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
