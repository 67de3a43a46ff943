#!/usr/bin/env python3
"""compare.py [--full] [--write]: what real readers take from the test data of public projects, and what trust-init says.

Without an option it takes a sample of the files; with --full all of tests/setup/corpora.sh, which takes some
minutes. Each difference must be explained in differences.toml, which --write writes anew. Run it with the Python of the test environment.
"""

import argparse
import collections
import concurrent.futures
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from corpus import asking, differences, ledger  # noqa: E402
from corpus.asking import File, Judged, Read  # noqa: E402
from support import environment  # noqa: E402

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
    return [(_short(line.split(" ", 1)[1]), folder / line.split(" ", 1)[0]) for line in lines]


def _short(origin: str) -> str:
    """The package and the path in it, without the archive's name, which has Debian's version."""
    package, path = origin.split(" ", 1)
    archive, _, inner = path.strip("'\"").partition("/")
    return f"{package}: {inner or archive}"


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


Found = dict[tuple[str, str], list[tuple[Named, differences.Difference]]]


def compared(files: Sequence[Named], kept: Path | None = None) -> Found:
    """The differences about each file, by kind and by what trust-init says."""
    found: Found = collections.defaultdict(list)
    for named, said, answers in zip(files, judged(files), asked(files, kept), strict=True):
        for difference in differences.differences(said, answers):
            found[difference.key].append((named, difference))
    return found


def by_name(found: Found) -> dict[tuple[str, str], list[str]]:
    return {key: [named.name for named, _ in members] for key, members in found.items()}


def shown(found: Found) -> Iterator[str]:
    for (kind, says), members in sorted(found.items(), key=lambda item: (item[0][0], -len(item[1]))):
        yield f"\n== {kind}: {len(members)} files: {says}"
        for named, difference in members[:8]:
            yield f"   {named.name}  {named.path}\n      {'; '.join(difference.readers)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="every file of the corpora")
    parser.add_argument("--write", action="store_true", help="write differences.toml anew")
    parser.add_argument("--answers", type=Path, help="a folder that keeps the readers' answers for the next run")
    options = parser.parse_args()
    files = with_passwords(gathered() if options.full else gathered("--sample"))
    found = compared(files, options.answers)
    if options.write:
        ledger.write(by_name(found))
    print(*shown(found), sep="\n")
    print(f"\n{len(files)} files, {sum(map(len, found.values()))} differences of {len(found)} kinds")
    new = ledger.unexplained(by_name(found))
    print(f"{len(new)} without a reason in differences.toml", *new, sep="\n  ")
    sys.exit(bool(new))


if __name__ == "__main__":
    main()
