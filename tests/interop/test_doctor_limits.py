"""`doctor` where it may have few threads, descriptors or memory: it answers as ever, or says that it
cannot tell.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import environment, pki, tls_server
from support.unprivileged import as_nobody


@pytest.fixture(scope="module")
def host(tmp_path_factory) -> Iterator[str]:
    files = pki.root("Example Customer Root CA").server().write(tmp_path_factory.mktemp("s") / "f")
    with tls_server.serve(*files) as server:
        yield f"localhost:{server.port}"


def doctor(directory: Path, *hosts: str, limit: str) -> subprocess.CompletedProcess:
    """doctor in a process with this limit, which root's rights would exceed."""
    program, rights = as_nobody(directory)
    return subprocess.run(
        ["prlimit", limit, program, "doctor", "--proxy=none", "--format=json", *hosts],
        env=environment.clean(),
        capture_output=True,
        text=True,
        timeout=60,
        **rights,
    )


def test_without_threads_each_server_is_asked_after_the_other(open_directory, host):
    done = doctor(open_directory, host, host, host, limit="--nproc=1")
    assert done.returncode == 1, done.stderr
    assert [one["reached"] for one in json.loads(done.stdout)["servers"]] == [True] * 3


@pytest.mark.parametrize("descriptors", [8, 12, 20])
def test_few_descriptors_are_enough(open_directory, host, descriptors):
    done = doctor(open_directory, host, host, limit=f"--nofile={descriptors}")
    assert done.returncode in {1, 3} and not done.stderr, done.stderr
    causes = {one["cause"]["code"] for one in json.loads(done.stdout)["servers"]}
    # The second of two at once may find none left; that is no fault of its name.
    assert causes <= {"missing-root", "missing-intermediate", "unknown-issuer", "unreachable"}


def test_little_memory_is_no_panic_and_no_answer_of_its_own(open_directory, host):
    usual = doctor(open_directory, host, limit="--as=unlimited")
    answers = set()
    for megabytes in range(4, 64, 2):
        done = doctor(open_directory, host, limit=f"--as={megabytes << 20}")
        assert "panicked" not in done.stderr, done.stderr
        if done.returncode in {0, 1}:
            # A client whose store there is no memory for is not seen; the others answer as always.
            [few], [all_of_them] = (json.loads(one.stdout)["servers"] for one in (done, usual))
            assert few["trustedBy"] or few["refusedBy"], few
            for verdict in ("trustedBy", "refusedBy"):
                assert set(few[verdict]) <= set(all_of_them[verdict]), few
        answers.add(done.returncode)
    assert usual.returncode in answers
