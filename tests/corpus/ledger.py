"""The ledger of explained differences: differences.toml, by kind and by what trust-init says."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent / "differences.toml"
HEAD = """\
# Where trust-init and the real readers part ways about a file of the corpora (tests/setup/corpora.txt): none is a
# silent loss, and none is a key that passed. tests/corpus fails for a difference that is not here. To write it
# anew, with every file of the corpora (some minutes):
#
#   tests/corpus/compare.py --full --write
#
# An entry is for a kind of difference and for what trust-init says. Keep `why`: without it the test fails.
"""


@dataclass(frozen=True)
class Entry:
    kind: str
    says: str
    why: str
    files: frozenset[str]

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.says


def read() -> dict[tuple[str, str], Entry]:
    entries = tomllib.loads(FILE.read_text()).get("difference", []) if FILE.exists() else []
    read = [Entry(one["kind"], one["says"], one["why"], frozenset(one["files"])) for one in entries]
    return {entry.key: entry for entry in read}


def unexplained(found: Mapping[tuple[str, str], Iterable[str]]) -> list[str]:
    """The differences that no entry explains, file by file."""
    known = read()
    lines = []
    for key, files in found.items():
        entry = known.get(key)
        for file in files:
            if entry is None or not entry.why or file not in entry.files:
                lines.append(f"{key[0]}: {file}: {key[1]}")
    return sorted(lines)


def write(found: Mapping[tuple[str, str], Iterable[str]]) -> None:
    """Every difference, with the reasons that are known."""
    known = read()
    text = HEAD
    for key in sorted(found):
        kind, says = key
        why = known[key].why if key in known else ""
        files = "".join(f"  {json.dumps(file)},\n" for file in sorted(set(found[key])))
        text += f"\n[[difference]]\nkind = {json.dumps(kind)}\nsays = {json.dumps(says)}\n"
        text += f"why = {json.dumps(why)}\nfiles = [\n{files}]\n"
    FILE.write_text(text)
