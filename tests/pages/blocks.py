"""The fenced blocks of the pages, and the comments before them that say how each is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from support import checkout
from support.environment import REPOSITORY

COMMANDS = ("sh", "bash", "shell")
FENCE = re.compile(r"^( *)(`{3,}|~{3,})(\S*)")
COMMENT = re.compile(r"^ *<!-- (not run|run first|file): (.+) -->$")
# `[…]`, or with words on what was left out: any number of lines.
LEFT_OUT = re.compile(r"\[….*\]")


class Block(NamedTuple):
    page: str
    # Of its fence.
    line: int
    language: str
    text: str
    # (NAME, VALUE) of each comment.
    comments: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_run(self) -> bool:
        return self.language in (*COMMANDS, "console") and not self.of("not run") and not self.of("file")

    def of(self, name: str) -> list[str]:
        return [value for known, value in self.comments if known == name]


class Step(NamedTuple):
    """A command of a console block, and what the page shows that it prints."""

    command: str
    shown: list[str]


def pages() -> list[str]:
    """All but reports of past measurements, whose commands are of their time."""
    found = [name for name in checkout.files() if name.endswith(".md")]
    return [name for name in found if not name.startswith("benches/results/")]


def of(page: str) -> list[Block]:
    return parse(page, (REPOSITORY / page).read_text())


def parse(page: str, text: str) -> list[Block]:
    found = []
    comments: list[tuple[str, str]] = []
    lines = enumerate(text.splitlines(), 1)
    for number, line in lines:
        if comment := COMMENT.match(line):
            comments.append((comment[1], comment[2]))
            continue
        if fence := FENCE.match(line):
            indent, marks, language = fence.groups()
            inside = []
            for _, inner in lines:
                if inner.strip() == marks:
                    break
                inside.append(inner.removeprefix(indent))
            found.append(Block(page, number, language, "\n".join(inside) + "\n", tuple(comments)))
        comments = []
    return found


def steps(block: Block) -> list[Step]:
    found: list[Step] = []
    continued = False
    for line in block.text.splitlines():
        if continued:
            found[-1] = found[-1]._replace(command=f"{found[-1].command}\n{line.removeprefix('> ')}")
        elif line.startswith("$ "):
            found.append(Step(line.removeprefix("$ "), []))
        elif found:
            found[-1].shown.append(line.rstrip())
        else:
            raise ValueError(f"{block.place}: the first line of a console block is a command, after `$ `")
        continued = bool(found) and not found[-1].shown and line.endswith("\\")
    return found


def shows(shown: list[str], printed: list[str]) -> bool:
    """Whether a page shows what was printed: `…` may be any text within a line, `[…]` any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if LEFT_OUT.fullmatch(line) else re.escape(line).replace("…", ".+") + r"\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None
