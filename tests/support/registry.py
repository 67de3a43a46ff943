"""An OCI registry, Debian's, over TLS."""

from __future__ import annotations

import contextlib
import functools
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from support import pki
from support.environment import REPOSITORY, clean


@functools.cache
def program() -> str:
    """What the set-up script keeps in its cache; it fetches what is missing."""
    setup = REPOSITORY / "tests" / "setup" / "registry.sh"
    return subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


@contextlib.contextmanager
def serve(work: Path, server: pki.Server, at: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[str]:
    """HOST:PORT, with the server's certificate; what is pushed stays in the directory."""
    chain, key = server.write(work / "tls")
    with socket.socket() as free:
        free.bind(at)
        address, port = free.getsockname()
    settings = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(work / "data")}},
        "http": {"addr": f"{address}:{port}", "tls": {"certificate": str(chain), "key": str(key)}},
    }
    # JSON is YAML.
    (work / "registry.yml").write_text(json.dumps(settings))
    with (work / "log").open("w") as log:
        running = subprocess.Popen([program(), "serve", work / "registry.yml"], env=clean(), stdout=log, stderr=log)
    try:
        _wait((address, port), running, work / "log")
        yield f"localhost:{port}"
    finally:
        running.terminate()
        running.wait(10)


def _wait(at: tuple[str, int], running: subprocess.Popen, log: Path) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(at, 1):
            return
        if running.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the registry does not listen: {log.read_text()}")
