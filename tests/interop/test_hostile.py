"""Every file that fuzzing kept, given to the program itself: within 64 MiB and a second of the
processor it is judged or refused in words.
"""

import collections
import resource
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support import binary, environment

CORPUS = Path(__file__).resolve().parents[2] / "fuzz/corpus"
# Those of doctor are chains and handshakes, and no files.
TARGETS = ("pem", "der", "pkcs7", "pkcs12", "jks", "whole")
MEMORY = 64 << 20
ANSWERED, INPUT = {0, 1}, 3


def _limit():
    # All that is mapped, whether it is ever touched or not.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))


def _check(file):
    done = subprocess.run(
        [binary.path(), "check", "--max-size", "1MiB", "--", file],
        capture_output=True,
        preexec_fn=_limit,
        env=environment.clean(),
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr, file


@pytest.mark.parametrize("target", TARGETS)
def test_every_kept_file_is_judged_or_refused(target, tmp_path):
    with tarfile.open(CORPUS / f"{target}.tar.xz") as corpus:
        corpus.extractall(tmp_path, filter="data")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 300
    codes = collections.Counter()
    with ThreadPoolExecutor(2) as pool:
        for code, said, file in pool.map(_check, files):
            codes[code] += 1
            assert code in ANSWERED | {INPUT}, (code, said[-2000:], file.name)
            assert said, file.name
    assert codes[1] + codes[INPUT] > 100, codes
