"""A certification path, and who is asked for it."""

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """What a server presents, what its client trusts, and what it was called by."""

    id: str
    # The client's store, and what is presented with the server's own first: a PEM section each.
    anchors: tuple[str, ...]
    chain: tuple[str, ...]
    host: str
    # Seconds since 1970.
    at: int
    # The server's private key, if there is one.
    key: str | None = None


def der(section: str) -> bytes:
    lines = section.strip().splitlines()
    return base64.b64decode("".join(line for line in lines if not line.startswith("-----")))


def pem(content: bytes) -> str:
    text = base64.b64encode(content).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
