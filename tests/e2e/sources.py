"""What a container is given to read: a customer's chain, and what goes with it."""

from __future__ import annotations

from pathlib import Path

from support import pki


class Sources:
    def __init__(self, home: Path):
        self.home = home
        # With its own organization, or the customer's certificates would be under the same names.
        public = pki.root(pki.name("Example Public Root CA", organization="Example Public Trust"))
        issuing = pki.root("Example Customer Root CA").issue("Example Customer Issuing CA")
        self.chain = self._write("client-ca-chain.pem", issuing.chain)
        self._write("issuing.pem", issuing.pem)
        # The servers' keys stay out of this directory, which stands for a ConfigMap.
        self.servers = {"customer": issuing.server(), "public": public.server()}
        self._write("leaf.pem", self.servers["customer"].certificate.pem)
        self.public = self._write("public.pem", public.pem)
        self._write("public-leaf.pem", self.servers["public"].certificate.pem)
        self.other = self._write("other.pem", pki.root("Example Other Root CA").pem)
        self.key = pki.key_pem(issuing.key).decode()
        self.with_key = self._write("with-key.pem", issuing.chain + self.key.encode())

    def _write(self, name: str, content: bytes) -> Path:
        path = self.home / name
        path.write_bytes(content)
        return path
