"""HTTPS servers that Python's ssl cannot be: a JVM's, and `openssl s_server`."""

import contextlib
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from support import environment, jvm, pki

PASSWORD = "example-password"


@contextlib.contextmanager
def _running(command: Sequence[str | Path], port: re.Pattern) -> Iterator[int]:
    """A server that prints its port."""
    process = subprocess.Popen(
        [*map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment.clean(),
        text=True,
    )
    try:
        found = next(filter(None, map(port.search, process.stdout)), None)
        assert found, f"{command[0]} says no port"
        yield int(found[1])
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def of_jvm(of: pki.Server, store: Path, **properties: str) -> Iterator[int]:
    """A JVM's server of TLS 1.2 with these system properties; `store` is the file for its key."""
    certificates = x509.load_pem_x509_certificates(of.chain)
    protection = serialization.BestAvailableEncryption(PASSWORD.encode())
    store.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"server", of.key, certificates[0], certificates[1:], protection
        )
    )
    command = [jvm.machine().home / "bin" / "java", *jvm.QUICK_START]
    command += [f"-D{name}={value}" for name, value in properties.items()]
    command += ["-cp", jvm.classes("Serve"), "Serve", store, PASSWORD]
    with _running(command, re.compile(r"^(\d+)$")) as port:
        yield port


@contextlib.contextmanager
def s_server(of: pki.Server, directory: Path, *options: str | Path) -> Iterator[int]:
    """`openssl s_server` with these options; `directory` is the place for its files."""
    chain, key = of.write(directory)
    # What it sends on top of the first certificate of `-cert`.
    others = directory / "others.pem"
    others.write_bytes(of.chain.removeprefix(of.certificate.pem))
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www"]
    command += ["-cert", chain, "-cert_chain", others, "-key", key, *options]
    with _running(command, re.compile(r"^ACCEPT 127\.0\.0\.1:(\d+)$")) as port:
        yield port
