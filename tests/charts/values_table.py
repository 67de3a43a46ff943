"""The tables of values in docs/chart.md and in each chart's README, made from the comment of each key in values.yaml.

    python tests/charts/values_table.py      writes them into the pages, between their marks

A key is documented by a comment that begins with `--`, as helm-docs reads it; what is nested below such a key belongs
to it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "charts"
# By the name in the mark: the prefix of each key, and where the keys are.
CHARTS = {
    "trust": ("trust.", FOLDER / "trust-init" / "values.yaml"),
    "spark-customer": ("", FOLDER / "spark-customer" / "values.yaml"),
    "trust-inject": ("", FOLDER / "trust-inject" / "values.yaml"),
}
PAGES = {
    REPOSITORY / "docs" / "chart.md": ("trust", "spark-customer"),
    FOLDER / "trust-init" / "README.md": ("trust",),
    FOLDER / "spark-customer" / "README.md": ("spark-customer",),
    FOLDER / "trust-inject" / "README.md": ("trust-inject",),
}


@dataclass(frozen=True)
class Key:
    """A documented key of values.yaml."""

    path: tuple[str, ...]
    words: str
    default: object


def keys(values: Path) -> list[Key]:
    """Every key, in file order; one that has neither words nor documented keys below it fails."""
    text = values.read_text()
    whole = yaml.safe_load(text)
    found: list[Key] = []
    path: list[str] = []
    words: list[str] = []
    below: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare:
            words = []
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        if below is not None and depth > below:
            continue
        below = None
        if bare.startswith("#"):
            comment = bare.lstrip("#").strip()
            if comment.startswith("-- "):
                words = [comment[3:]]
            elif words:
                words.append(comment)
            continue
        name = bare.partition(":")[0]
        path = [*path[:depth], name]
        default = whole
        for part in path:
            default = default[part]
        if words:
            found.append(Key(tuple(path), " ".join(words), default))
            below = depth
        elif not isinstance(default, dict):
            raise ValueError(f"{values}:{number}: {name} is not documented")
        words = []
    return found


def table(prefix: str, values: Path) -> str:
    lines = ["| key | default | description |", "| --- | --- | --- |"]
    for key in keys(values):
        default = json.dumps(key.default, separators=(", ", ": ")).replace("|", "\\|")
        lines.append(
            f"| `{prefix}{'.'.join(key.path)}` | `{default}` | {key.words.replace('|', chr(92) + '|')} |"
        )
    return "\n".join(lines)


def written(page: Path) -> str:
    """The text of a page with its tables as they should be."""
    text = page.read_text()
    for name in PAGES[page]:
        begin, end = f"<!-- values {name} -->\n", "<!-- end -->"
        before, found, rest = text.partition(begin)
        if not found:
            raise ValueError(f"no {begin.strip()} in {page}")
        # Comments link from docs/, where the long page is.
        docs = os.path.relpath(REPOSITORY / "docs", page.parent)
        rows = re.sub(r"\]\((?=[\w-]+\.md)", "](" if docs == "." else f"]({docs}/", table(*CHARTS[name]))
        text = before + begin + rows + "\n" + end + rest.partition(end)[2]
    return text


if __name__ == "__main__":
    for one in PAGES:
        one.write_text(written(one))
    sys.exit(0)
