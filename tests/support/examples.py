"""The examples of trust-stores, which answer the tests' questions about the library."""

import functools
import json
import subprocess
from pathlib import Path

from support import environment


@functools.cache
def program(name: str) -> Path:
    """A debug build of an example."""
    done = subprocess.run(
        ["cargo", "build", "--quiet", "--locked", "--package", "trust-stores", "--example", name]
        + ["--message-format", "json"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=environment.REPOSITORY,
    )
    built = [json.loads(line) for line in done.stdout.splitlines()]
    [path] = [one["executable"] for one in built if one.get("target", {}).get("name") == name]
    return Path(path)
