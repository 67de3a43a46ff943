"""The sites that clients call: one under a customer's CA, one under a CA that stands in for a
public one. A suite's conftest.py imports the fixtures.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import binary, pki, tls_server


@pytest.fixture(scope="session", autouse=True)
def the_binary_is_there() -> None:
    """Missing is a failure: a suite that skips itself has tested nothing."""
    if not os.access(binary.path(), os.X_OK):
        pytest.exit(f"no binary at {binary.path()}: run ./test, or set TRUST_INIT_BIN", 2)


@dataclass(frozen=True)
class Site:
    """A hierarchy with a server under it, and the files that hold it."""

    issuing: pki.Authority
    server: pki.Server
    directory: Path
    listener: tls_server.Listener

    @property
    def root(self) -> pki.Authority:
        return (self.issuing, *self.issuing.above)[-1]

    @property
    def chain_file(self) -> Path:
        """What an administrator is sent: the CAs, the root last."""
        return self.directory / "ca-chain.pem"

    @property
    def server_file(self) -> Path:
        """The server's certificate and, where there are any, its intermediates."""
        return self.directory / "server" / "chain.pem"

    @property
    def peer(self) -> str:
        return f"localhost:{self.listener.port}"

    @property
    def url(self) -> str:
        return f"https://{self.peer}/"

    @property
    def heard(self) -> int:
        """How many connections a client went on with after it had seen the certificate."""
        return len(self.listener.heard)


def _site(issuing: pki.Authority, directory: Path) -> Iterator[Site]:
    server = issuing.server()
    chain, key = server.write(directory / "server")
    with tls_server.serve(chain, key) as listener:
        site = Site(issuing, server, directory, listener)
        site.chain_file.write_bytes(issuing.chain)
        yield site


@pytest.fixture(scope="session")
def customer(tmp_path_factory):
    """A customer: a root, an issuing CA, and a server under the issuing CA."""
    issuing = pki.root("Example Customer Root CA").issue("Example Customer Issuing CA")
    yield from _site(issuing, tmp_path_factory.mktemp("customer"))


@pytest.fixture(scope="session")
def public(tmp_path_factory):
    """An unrelated root with its own server, which stands in for a public CA."""
    root = pki.root(pki.name("Example Public Root CA", organization="Example Public Trust"))
    yield from _site(root, tmp_path_factory.mktemp("public"))
