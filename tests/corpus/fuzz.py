#!/usr/bin/env python3
"""fuzz.py SECONDS [--seed N] [--keys] [--into DIRECTORY]: bends files and asks real readers and trust-init what they
take from the same bytes.

A finding is whatever a reader takes that trust-init neither has nor refuses, and every key that passes: with --keys
each file gets a private key in some form, and is refused for it or is a finding. Each finding is made smaller and
kept in DIRECTORY (fuzz/findings/differential), a file a kind, with a note of who takes what. Run it with the Python of
the test environment.
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from corpus import asking, differences, mutate  # noqa: E402
from corpus.asking import File  # noqa: E402
from corpus.keys import Keys  # noqa: E402
from corpus.mutate import Made  # noqa: E402
from support import environment  # noqa: E402

VECTORS = environment.REPOSITORY / "tests" / "vectors"
# A finding is made smaller by so many questions at most.
TRIES = 150


class Seeds:
    """Files to begin with: the test vectors, and their parts."""

    def __init__(self) -> None:
        self.texts = [path.read_bytes() for path in _files("pem") if _is_taken(path)]
        self.stores = [
            (path.read_bytes(), _told(path).get("password"))
            for path in _files("stores")
            if _is_taken(path)
        ]
        small = [path.read_bytes() for path in _files("certificates") if path.suffix == ".der"]
        self.certificates = [der for der in small if len(der) < 1500 and mutate.is_plain(der)]

    def any(self, rng: random.Random) -> Made:
        match rng.randrange(6):
            case 0:
                content, password = rng.choice(self.stores)
                return Made(content, ["store"], password=password)
            case 1:
                return Made(rng.choice(self.certificates), ["certificate"])
            case 2:
                return mutate.keystore(rng, self.certificates)
            case 3:
                return Made(rng.choice(self.texts), ["text"])
            case _:
                chosen = rng.sample(self.certificates, rng.choice([1, 2, 2, 3]))
                return Made(b"".join(mutate.pem(b"CERTIFICATE", der) for der in chosen), ["PEM"])


def _files(folder: str) -> list[Path]:
    return sorted(path for path in (VECTORS / folder).iterdir() if path.suffix not in {".json", ".pyc"})


def _told(path: Path) -> dict:
    sidecar = path.with_name(path.name + ".json")
    return json.loads(sidecar.read_text()) if sidecar.exists() else {}


def _is_taken(path: Path) -> bool:
    """Whether a build takes the whole file: a change to any other is lost among what is wrong with it."""
    return not _told(path).get("expected", {}).get("rejected", True)


def mutated(rng: random.Random, seeds: Seeds) -> Made:
    made = seeds.any(rng)
    for _ in range(rng.choice([1, 1, 1, 2])):
        is_binary = made.content[:1] in b"\x30\xfe\xce"
        if is_binary and rng.random() < 0.9 or rng.random() < 0.15:
            made = mutate.container(rng, made, seeds.certificates)
        else:
            made = mutate.text(rng, made)
    if rng.random() < 0.1:
        made = made.then("joined", made.content + rng.choice(seeds.texts))
    return made


def with_key(rng: random.Random, seeds: Seeds, keys: Keys) -> Made:
    """A plain file with a key in some form before, behind or among its certificates."""
    chosen = rng.sample(seeds.certificates, rng.choice([1, 1, 2]))
    parts = [mutate.pem(b"CERTIFICATE", der) for der in chosen]
    if rng.random() < 0.15:
        parts = [chosen[0]]
    name, key = keys.any(rng)
    parts.insert(rng.randrange(len(parts) + 1), key)
    between = rng.choice([b"", b"\n", b"\n\n", b"# key\n"])
    return Made(between.join(parts), [f"{name}, at {parts.index(key)} of {len(parts)}"], has_key=True)


class Judge:
    """Asks everybody about a file."""

    def __init__(self) -> None:
        self.readers = [
            asking.machines_python(), asking.newest_python(), asking.java("11"), asking.java("25"),
        ]  # fmt: skip
        self.ours = asking.ours()

    def findings(self, made: Made) -> Iterator[differences.Difference]:
        file = File(made.content, made.password)
        said = self.ours.judges(file)
        if said is None:
            yield differences.Difference(differences.CRASHED, "")
            return
        if made.has_key and not said.has_key:
            says = differences.words(said)
            yield differences.Difference(
                differences.KEY_UNNAMED if said.denied else differences.KEY_PASSED, says
            )
        # A file that is refused loses nothing silently, so nobody need be asked about it.
        if not said.denied:
            answers = {reader.name: reader.reads(file) for reader in self.readers}
            for one in differences.differences(said, answers):
                if one.kind in differences.NEVER:
                    yield one

    def kinds(self, made: Made) -> set[str]:
        return {one.kind for one in self.findings(made)}

    def close(self) -> None:
        for program in [*self.readers, self.ours]:
            program.close()


def smaller(judge: Judge, made: Made, kind: str) -> Made:
    """The file without the lines, or the bytes, that the finding does not need."""
    if made.has_key:
        return made
    lines = made.content.splitlines(keepends=True)
    size, tries = len(lines) // 2, 0
    while size >= 1 and tries < TRIES:
        at = 0
        while at < len(lines) and tries < TRIES:
            fewer = lines[:at] + lines[at + size :]
            tries += 1
            if fewer and kind in judge.kinds(Made(b"".join(fewer), made.steps, password=made.password)):
                lines = fewer
            else:
                at += size
        size //= 2
    return Made(b"".join(lines), made.steps, password=made.password)


def run(
    seed: int, into: Path, only_keys: bool, seconds: float = math.inf, most: float = math.inf
) -> int:
    """How many kinds of findings there are; each is printed once and kept."""
    rng, seeds, keys, judge = random.Random(seed), Seeds(), Keys(), Judge()
    until, count, seen = time.monotonic() + seconds, 0, {}
    while time.monotonic() < until and count < most:
        made = with_key(rng, seeds, keys) if only_keys else mutated(rng, seeds)
        count += 1
        for finding in judge.findings(made):
            name = (finding.kind, made.steps[-1].split(",")[0], finding.readers[:1])
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1 or finding.kind not in differences.NEVER:
                continue
            least = smaller(judge, made, finding.kind)
            into.mkdir(parents=True, exist_ok=True)
            file = into / f"{seed}-{count}"
            file.write_bytes(least.content)
            note = f"{finding.kind}: {file}\n  made by: {', '.join(made.steps)}; password {made.password}\n"
            note += f"  says: {finding.says}\n  taken by: {'; '.join(finding.readers)}\n"
            file.with_suffix(".txt").write_text(note)
            print(note, flush=True)
    judge.close()
    for name, times in sorted(seen.items()):
        print(times, *name)
    print(f"seed {seed}: {count} files, {sum(seen.values())} findings of {len(seen)} kinds")
    return sum(name[0] in differences.NEVER for name in seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keys", action="store_true", help="a private key in each file")
    parser.add_argument(
        "--into", type=Path, default=environment.REPOSITORY / "fuzz" / "findings" / "differential"
    )
    options = parser.parse_args()
    sys.exit(run(options.seed, options.into, options.keys, options.seconds) > 0)


if __name__ == "__main__":
    main()
