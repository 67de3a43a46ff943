"""What a program takes. Python without packages; benches/bounds and tests/interop/test_bounds.py share it.

The kernel counts what a process had before it became the program as that program's memory. So this module,
run as a program, starts it: a process of some megabytes, where a test has a hundred.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    code: int
    memory: int
    """Peak resident memory in bytes."""
    seconds: float
    """Of the processors."""
    stdout: bytes
    stderr: bytes


def run(folder: Path, *command: str | Path, env: Mapping[str, str]) -> Usage:
    """Runs `command` to its end; `folder` is where its output goes."""
    files = [folder / "stdout", folder / "stderr"]
    starter = [sys.executable, "-I", "-S", __file__, *files]
    done = subprocess.run(
        [*starter, *command], stdin=subprocess.DEVNULL, capture_output=True, check=True, env=env
    )
    code, memory, seconds = json.loads(done.stdout)
    return Usage(code, memory, seconds, *(file.read_bytes() for file in files))


def _start(stdout: str, stderr: str, *command: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, number, file, flags, 0o644)
        for number, file in ((1, stdout), (2, stderr))
    ]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, used = os.wait4(process, 0)
    seconds = used.ru_utime + used.ru_stime
    print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss << 10, seconds]))


if __name__ == "__main__":
    _start(*sys.argv[1:])
