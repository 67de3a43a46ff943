"""The chart finds the private keys that the program finds, before they are stored in a cluster."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from cases import PEM
from support import helm

VECTORS = helm.REPOSITORY / "tests" / "vectors"

# What the program finds and these patterns do not: stores and other formats in base64, and DER with an alias.
ONLY_THE_PROGRAM = {
    *("age.txt", "alias-trusted-base64.pem", "alias-trusted.pem", "alias.jks", "content-der.p7b"),
    *("dnssec-ecdsap256sha256.private", "dnssec-ed25519.private", "dnssec-rsasha256.private"),
    *("ec-text.txt", "ed25519-text.txt", "gpg.gpg", "jwk-ec.json", "jwk-oct.json", "jwk-okp.json"),
    *("jwk-rsa.json", "jwk-set.json", "key-as-public-key.pem", "keytool.jceks", "keytool.jks"),
    *("minisign.key", "name.p12", "rsa-text.txt", "rsa.msblob", "rsa.pvk", "signify.sec"),
    *("wireguard.conf", "xml-rsa.xml"),
}
NO_KEYS = ("README.md", "make.py", "forms.json")


def forms(path: Path) -> dict[str, str]:
    """A file as people paste it into values: as it is, if it is a text, and in base64."""
    content = path.read_bytes()
    encoded = base64.encodebytes(content).decode()
    found = {"base64": encoded, "base64 in one line": encoded.replace("\n", "")}
    try:
        found["text"] = content.decode()
    except UnicodeDecodeError:
        pass
    return found


TEXTS = {
    f"{path.name}, {form}": text
    for folder in ("keys", "pem")
    for path in sorted((VECTORS / folder).iterdir())
    if path.name not in NO_KEYS and path.stat().st_size < 20_000
    if folder == "keys" or (path.suffix == ".pem" and "key" in path.name)
    for form, text in forms(path).items()
}


def found_by_the_program(shipped: Path, texts: dict[str, str], room: Path) -> set[str]:
    found = set()
    for number, (name, text) in enumerate(texts.items()):
        file = room / f"{number}.pem"
        file.write_text(f"{PEM}\n{text}")
        done = subprocess.run([shipped, "check", file], capture_output=True, text=True, check=False)
        if "[private-key]" in done.stdout + done.stderr:
            found.add(name)
    return found


def test_it_finds_the_keys_that_the_program_finds(
    charts: helm.Charts, shipped: Path, tmp_path: Path
):
    expected = found_by_the_program(shipped, TEXTS, tmp_path)
    assert len(expected) > 60
    found = set()
    for name, text in TEXTS.items():
        try:
            charts.render({"trust": {"caBundle": {"pem": f"{PEM}\n{text}"}}})
        except helm.Refused as refused:
            if "found a private key" in str(refused):
                found.add(name)
    missing = {tuple(name.split(", ")) for name in expected - found}
    assert {name for name, form in missing if form != "text"} == ONLY_THE_PROGRAM
    assert {name for name, form in missing if form == "text"} == {"alias-trusted-base64.pem"}
    assert not found - expected


def test_it_takes_what_is_no_key(charts: helm.Charts):
    for path in sorted((VECTORS / "certificates").glob("*.pem")):
        with_it = {"trust": {"caBundle": {"pem": path.read_text()}, "policy": {"maxSize": "4MiB"}}}
        try:
            charts.render(with_it)
        except helm.Refused as refused:
            pytest.fail(f"{path.name}: {refused}") if "private key" in str(refused) else None
