"""How many certificates an output holds: the time of a run that made less would mean nothing."""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
PASSWORD = "changeit"


def expect(certificates: int, found: int) -> None:
    if found != certificates:
        raise SystemExit(f"benches/run: {certificates} certificates were asked for, {found} made")


def pem(bundle: Path) -> int:
    return bundle.read_bytes().count(b"-----BEGIN CERTIFICATE-----")


def sections(text: str) -> list[str]:
    """Its certificates, each as PEM without what is between them."""
    return re.findall(
        r"-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n", text, re.DOTALL
    )


def hashed(folder: Path) -> int:
    """The entries of OpenSSL's hashed directory, be they files or links."""
    return sum(1 for path in folder.iterdir() if HASHED.fullmatch(path.name))


def jks(store: Path) -> int:
    """A JKS store starts with a magic number, a version and the number of its entries."""
    with store.open("rb") as file:
        magic, _, entries = struct.unpack(">III", file.read(12))
    assert magic == 0xFEEDFEED, "not a JKS store"
    return entries


def pkcs12(store: Path, *options: str) -> int:
    password = ["-passin", f"pass:{PASSWORD}"]
    listed = subprocess.run(
        ["openssl", "pkcs12", *options, "-in", str(store), "-nokeys", *password],
        check=True,
        capture_output=True,
    )
    return listed.stdout.count(b"-----BEGIN CERTIFICATE-----")
