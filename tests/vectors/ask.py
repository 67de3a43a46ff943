#!/usr/bin/env python3
"""Asks OpenSSL, Python and the JVMs about the test vectors.

    ask.py        records what they say in the sidecars
    ask.py FILE…  shows what they say of these files, and records nothing
"""

import json
import sys
from pathlib import Path

from strict import strict
from vector import HERE, write_sidecar

sys.path.insert(0, str(HERE.parent))
from support import asked


def told(file: Path) -> dict:
    """The sidecar of a file, if it has one."""
    sidecar = Path(f"{file}.json")
    return json.loads(sidecar.read_text()) if sidecar.exists() else {}


def vectors() -> list[Path]:
    folders = (HERE / folder for folder in ("certificates", "pem", "stores"))
    files = (file for folder in folders for file in folder.glob("*.*"))
    return sorted(file for file in files if file.suffix not in {".json", ".pyc"})


def answers(files: list[Path]) -> list[dict]:
    questions = [asked.Question(file, told(file).get("password")) for file in files]
    every = asked.answers(questions)
    for file, said in zip(files, every, strict=True):
        certificates = told(file).get("expected", {}).get("certificates", [])
        # What is not in the bundles is not asked about.
        is_in_bundles = any("breaks-openssl" not in one["rules"] for one in certificates)
        if file.suffix == ".der" and is_in_bundles and said["python"] == 1:
            said["strict"] = strict(file.read_bytes())
    return every


def main(arguments: list[str]) -> None:
    files = [Path(name) for name in arguments]
    if not arguments:
        files = vectors()
    for file, said in zip(files, answers(files), strict=True):
        if arguments:
            print(file, json.dumps(said, indent=2, ensure_ascii=False))
        else:
            sidecar = Path(f"{file}.json")
            described = json.loads(sidecar.read_text())
            described["clients"] = said
            write_sidecar(sidecar, described)


if __name__ == "__main__":
    main(sys.argv[1:])
