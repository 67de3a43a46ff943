#!/usr/bin/env python3
"""words.py [FILE...]: finds the words that docs/STYLE.md refuses, in the files given or in all that
people read: docs, charts, examples, sources with their messages and comments, scripts, tests.

A pattern matches across line breaks, within one paragraph. Text in backticks is exempt, and so is
what allowed.txt lists with a reason; an entry there that matches nothing is an error.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STYLE = "docs/STYLE.md"
ALLOWED = Path(__file__).with_name("allowed.txt")
READ = (
    "*.md",
    "docs/**/*.md",
    "docs/**/*.py",
    "docs/site/build",
    "docs/site/screenshots",
    "docs/site/static/*",
    "charts/**/*.md",
    "charts/**/*.tpl",
    "charts/**/*.txt",
    "charts/**/*.yaml",
    "charts/**/*.json",
    "examples/**/*.md",
    "examples/**/*.sh",
    "examples/**/*.yaml",
    "src/**/*.rs",
    "tests/**/*.rs",
    "crates/**/*.rs",
    "fuzz/targets/**/*.rs",
    "tests/**/*.py",
    "tests/**/*.sh",
    "tests/**/*.md",
    "benches/*.md",
    "benches/**/*.py",
    "simulations/**/*.md",
    "simulations/**/*.py",
    "simulations/**/*.sh",
    "release/*",
    "fuzz/run",
    ".ci/run",
    "test",
    ".github/**/*.md",
    ".github/**/*.yml",
    "Dockerfile",
    "**/Cargo.toml",
)
# Build output, and what tools wrote.
SKIPPED = {"target", ".git", "__pycache__", "node_modules", "results"}
# What begins a line in a comment, a quotation or a list, and what continues a string.
_MARGIN = re.compile(r'^\s*(?://[/!]?|#+|>|[*-](?=\s))?\s*(?:""")?|\s*\\?$')
_QUOTED = re.compile(r"`[^`\n]+`")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    words: str
    # The whole line, or lines, that the words are on.
    text: str


@dataclass(frozen=True)
class Exception_:
    """A line of allowed.txt: PATH | TEXT | REASON."""

    path: str
    text: str

    def covers(self, finding: Finding) -> bool:
        return finding.path == self.path and (self.text == "*" or self.text in finding.text)


def patterns(style: str) -> re.Pattern:
    """Any of the patterns in the last code block of the page, as whole words."""
    block = re.findall(r"^```text\n(.*?)^```$", style, re.DOTALL | re.MULTILINE)[-1]
    return re.compile("|".join(rf"\b(?:{line})\b" for line in block.split("\n") if line), re.I)


def findings(path: str, content: str, refused: re.Pattern) -> Iterator[Finding]:
    lines = content.splitlines()
    for first, paragraph in _paragraphs(lines):
        # Blanked to the same length, so that what follows keeps its place.
        text = _QUOTED.sub(lambda quoted: "`" * len(quoted[0]), " ".join(paragraph))
        for match in refused.finditer(text):
            start, end = (first + _line(paragraph, at) for at in (match.start(), match.end() - 1))
            around = " ".join(line.strip() for line in lines[start : end + 1])
            yield Finding(path, start + 1, match[0], around)


def _paragraphs(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines without an empty one or a code fence between, each with its first line's index."""
    run: list[str] = []
    for number, line in enumerate([*lines, ""]):
        text = _MARGIN.sub("", line)
        if text and not text.startswith("```"):
            run.append(text)
        elif run:
            yield number - len(run), run
            run = []


def _line(paragraph: list[str], offset: int) -> int:
    """Which line of the paragraph has this character of the joined text."""
    for number, line in enumerate(paragraph):
        offset -= len(line) + 1
        if offset < 0:
            return number
    raise IndexError(offset)


def allowed(content: str) -> list[Exception_]:
    entries = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" | ")]
        if len(fields) != 3 or not all(fields):
            raise SystemExit(f"{ALLOWED}:{number}: write PATH | TEXT | REASON")
        entries.append(Exception_(*fields[:2]))
    return entries


def files() -> list[Path]:
    found = {path for pattern in READ for path in REPOSITORY.glob(pattern) if path.is_file()}
    return sorted(
        path for path in found if not SKIPPED & set(path.relative_to(REPOSITORY).parts)
    )


def main(arguments: list[str]) -> int:
    refused = patterns((REPOSITORY / STYLE).read_text())
    exceptions = allowed(ALLOWED.read_text())
    used = set()
    count = 0
    for file in [Path(name).resolve() for name in arguments] or files():
        path = str(file.relative_to(REPOSITORY))
        for finding in findings(path, file.read_text(errors="replace"), refused):
            covering = [entry for entry in exceptions if entry.covers(finding)]
            used.update(covering)
            if not covering:
                count += 1
                print(f"{path}:{finding.line}: '{finding.words}': {finding.text[:160]}")
    unused = [] if arguments else [entry for entry in exceptions if entry not in used]
    for entry in unused:
        print(f"{ALLOWED.name}: nothing in {entry.path} needs this exception: {entry.text}")
    if count or unused:
        print(f"{count} findings; {STYLE} says what to write instead", file=sys.stderr)
    return 1 if count or unused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
