"""The generated parts of a page, each between a comment with its name and a comment `end`."""

from __future__ import annotations

import re
from pathlib import Path


def write(page: Path, texts: dict[str, str]) -> None:
    """Replaces the part of each name."""
    text = page.read_text()
    for name, generated in texts.items():
        text, places = re.subn(
            _place(name),
            lambda found, generated=generated: f"{found[1]}\n{generated}\n\n{found[3]}",
            text,
            flags=re.DOTALL,
        )
        if places != 1:
            raise SystemExit(f"{page.name} has {places} places for {name}")
    page.write_text(text)


def written(page: Path, name: str) -> str:
    """The part as the page has it."""
    return re.search(_place(name), page.read_text(), flags=re.DOTALL)[2].strip()


def _place(name: str) -> str:
    return rf"(<!-- {re.escape(name)} -->\n)(.*?)(<!-- end -->)"
