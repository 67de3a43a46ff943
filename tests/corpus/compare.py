#!/usr/bin/env python3
"""compare.py [--full]: what real readers take from the test data of public projects, and what trust-init says.

Without an option it takes a sample of the files; with --full all of tests/setup/corpora.sh, which takes some
minutes. Each difference must be explained in differences.toml. Run it with the Python of the test environment.
"""

import argparse
import collections
import concurrent.futures
import json
import pickle
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from corpus import asking, differences  # noqa: E402
from corpus.asking import File, Judged, Read  # noqa: E402
from support import environment  # noqa: E402

LEDGER = HERE / "differences.toml"
PASSWORDS = HERE / "passwords.txt"


@dataclass(frozen=True)
class Named:
    name: str
    path: Path
    file: File


def gathered(*arguments: str) -> list[tuple[str, Path]]:
    """The files of the corpora; they are fetched if they are not here yet."""
    done = subprocess.run(
        [environment.SETUP / "corpora.sh", *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    folder = Path(done.stdout.strip()) / "files"
    lines = (folder / "origins").read_text().splitlines()
    return [(line.split(" ", 1)[1], folder / line.split(" ", 1)[0]) for line in lines]


def with_passwords(files: Sequence[tuple[str, Path]]) -> list[Named]:
    search = asking.Program("passwords", [sys.executable, HERE / "native.py", PASSWORDS])
    named = []
    for name, path in files:
        content = path.read_bytes()
        word = search.ask(File(content)) if content[:1] in b"\x30\xfe\xce" else None
        named.append(Named(name, path, File(content, word and json.loads(word))))
    search.close()
    return named


def readers() -> list[asking.Reader]:
    python = [asking.machines_python(), asking.newest_python()]
    return [*python, asking.java("11"), asking.java("25")]


def answered(reader: asking.Reader, files: Sequence[Named], kept: Path | None) -> list[dict[str, Read]]:
    file = kept and kept / reader.name
    if file and file.exists():
        return pickle.loads(file.read_bytes())
    answers = [reader.reads(named.file) for named in files]
    reader.close()
    if file:
        kept.mkdir(exist_ok=True)
        file.write_bytes(pickle.dumps(answers))
    return answers


def asked(files: Sequence[Named], kept: Path | None = None) -> list[differences.Answers]:
    """What each reader takes from each file, all readers at once; or what they said before."""
    every = readers()
    with concurrent.futures.ThreadPoolExecutor(len(every)) as pool:
        answers = list(pool.map(lambda reader: answered(reader, files, kept), every))
    names = [reader.name for reader in every]
    return [dict(zip(names, one, strict=True)) for one in zip(*answers, strict=True)]


def judged(files: Sequence[Named]) -> list[Judged | None]:
    ours = asking.ours()
    said = [ours.judges(named.file) for named in files]
    ours.close()
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="every file of the corpora")
    parser.add_argument("--answers", type=Path, help="a folder that keeps the readers' answers for the next run")
    options = parser.parse_args()
    files = with_passwords(gathered() if options.full else gathered("--sample"))
    answers = asked(files, options.answers)
    found = collections.defaultdict(list)
    for named, said, one in zip(files, judged(files), answers, strict=True):
        for difference in differences.differences(said, one):
            found[difference.key].append((named, difference))
    print(f"{len(files)} files, {sum(map(len, found.values()))} differences of {len(found)} kinds")
    for (kind, says), members in sorted(found.items(), key=lambda item: (item[0][0], -len(item[1]))):
        print(f"\n== {kind}: {len(members)} files: {says}")
        for named, difference in members[:8]:
            print(f"   {named.name}  {named.path}\n      {'; '.join(difference.readers)}")


if __name__ == "__main__":
    main()
