#!/usr/bin/env python3
"""Makes the test vectors: each file, and the sidecar that says what it is and what is expected.

    make.py NAME...     makes the vectors of these names (pem/crlf, or pem/crlf.pem)
    make.py --all       makes every one
    make.py --expected  writes `about` and `expected` anew, and no vector

What the clients say is left in the sidecar where the vector stays the same; ask.py records it.
"""

import argparse
import sys
from collections.abc import Sequence

import certificate_vectors
import pem_vectors
import store_vectors
from vector import Vector


def vectors() -> list[Vector]:
    every = [*pem_vectors.VECTORS, *certificate_vectors.VECTORS, *store_vectors.VECTORS]
    assert len({vector.file for vector in every}) == len(every), "two vectors have one name"
    return every


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Makes the test vectors.")
    parser.add_argument("name", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--expected", action="store_true")
    options = parser.parse_args(arguments)
    if not (options.name or options.all or options.expected):
        parser.error("name vectors, or say --all or --expected")
    every = vectors()
    known = {name for vector in every for name in (vector.file, vector.file.rpartition(".")[0])}
    if unknown := set(options.name) - known:
        parser.error(f"no such vector: {', '.join(sorted(unknown))}")
    for vector in every:
        named = {vector.file, vector.file.rpartition(".")[0]} & set(options.name)
        if options.all or named:
            vector.write(bytes_too=True)
        elif options.expected and vector.path.exists():
            vector.write(bytes_too=False)


if __name__ == "__main__":
    main(sys.argv[1:])
