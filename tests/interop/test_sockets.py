"""Nothing but `doctor` with a host opens a socket: seen by strace, whatever the code says."""

import shutil
import subprocess
from pathlib import Path

import pytest

from support import binary, environment, fakes, pki

CA = environment.REPOSITORY / "examples" / "client-ca-chain.pem"
COMMANDS = {
    "build": ["build", "--ca", CA, "--out", "out", "--install"],
    "build for an image": ["build", "--ca", CA, "--base", "auto", "--out", "out"],
    "exec": ["exec", "--ca", CA, "--", "true"],
    "check": ["check", CA, "--against", "."],
    "inspect": ["inspect", CA],
    "env": ["env"],
    "install": ["install", "bin"],
    "watch --healthy": ["watch", "--healthy", "--out", "out"],
    "help": ["--help"],
    "version": ["--version"],
    "doctor without a host": ["doctor"],
}


def sockets(directory: Path, *args: str | Path) -> list[str]:
    """The calls by which a run asks the kernel for a socket."""
    strace = shutil.which("strace")
    assert strace, "no strace"
    trace = directory / "trace"
    command = [strace, "-f", "-o", trace, "-e", "trace=execve,%network", binary.path(), *args]
    done = subprocess.run(
        list(map(str, command)), cwd=directory, env=environment.clean(), capture_output=True, text=True
    )
    assert done.returncode in {0, 1, 3}, done.stderr
    calls = trace.read_text()
    assert "execve(" in calls, "nothing was traced"
    return [line for line in calls.splitlines() if "execve(" not in line and "(" in line]


@pytest.mark.parametrize("name", COMMANDS)
def test_no_socket_is_opened(name, tmp_path):
    calls = sockets(tmp_path, *COMMANDS[name])
    assert calls == []


def test_doctor_opens_one_for_a_host(tmp_path):
    with fakes.closed() as port:
        calls = sockets(tmp_path, "doctor", f"127.0.0.1:{port}")
    assert any("socket(" in call for call in calls)


def test_no_issuer_is_fetched_by_check(tmp_path):
    """A certificate that names an address tempts nobody."""
    ca = pki.root("Example Root CA").issue("Example CA", issuer_at="http://127.0.0.1:1/ca")
    (tmp_path / "ca.pem").write_bytes(ca.pem)
    assert sockets(tmp_path, "check", "ca.pem") == []
