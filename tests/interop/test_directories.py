"""Directories as operators write them: stores by the real writers, with their passwords next to them."""

import json
import subprocess
from pathlib import Path

import pytest

from support import binary, jvm, pki

PASSWORD = "O5AGkQSlB9Ah"


def import_certificate(java: str, store: Path, kind: str, certificate: Path) -> None:
    """What Strimzi's and Confluent's scripts do."""
    subprocess.run(
        [
            # Not bin/keytool: the oldest runtime runs by its java alone.
            *(f"{java}/bin/java", "sun.security.tools.keytool.Main", "-importcert", "-noprompt", "-alias", "ca"),
            *("-file", certificate, "-keystore", store, "-storetype", kind, "-storepass", PASSWORD),
        ],
        check=True,
        capture_output=True,
    )


def openssl_store(store: Path, certificate: Path) -> None:
    """What Strimzi's operator did before it used Java's own."""
    pki.openssl(
        *("pkcs12", "-export", "-nokeys", "-in", certificate, "-out", store),
        *("-passout", f"pass:{PASSWORD}"),
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "type").write_text("ca-certificates\n")
    return mounted


@pytest.fixture
def certificate(tmp_path: Path, customer) -> Path:
    """The CA that issued the customer's server."""
    file = tmp_path / "ca.pem"
    file.write_bytes(customer.issuing.certificate.pem)
    return file


def kept(tree: binary.Tree) -> tuple[int, list[str]]:
    """How many of the customer's certificates are kept or merged, and what was passed over."""
    manifest = json.loads((tree / "manifest.json").read_text())
    sources = [one for one in manifest["sources"] if one["role"] == "customer"]
    taken = sum(one["kept"] + one["merged"] for one in sources)
    return taken, [Path(one["name"]).name for one in manifest["passedOver"]]


@pytest.mark.parametrize("version", jvm.names())
def test_a_password_opens_the_stores_of_every_keytool(version, directory, certificate, tmp_path):
    java = jvm.installed()[version]
    import_certificate(java, directory / "truststore.jks", "JKS", certificate)
    import_certificate(java, directory / "ca.p12", "PKCS12", certificate)
    (directory / "ca.password").write_text(PASSWORD)
    (directory / "jksPassword.txt").write_text(f"jksPassword={PASSWORD}\n")
    tree = binary.build(tmp_path / "trust", "--ca", directory, "--base", "none")
    assert kept(tree) == (2, ["ca.password", "jksPassword.txt", "type"])


def test_a_password_opens_the_store_of_openssl(directory, certificate, tmp_path):
    openssl_store(directory / "ca.p12", certificate)
    (directory / "ca.password").write_text(PASSWORD)
    tree = binary.build(tmp_path / "trust", "--ca", directory, "--base", "none")
    assert kept(tree) == (1, ["ca.password", "type"])


def test_a_wrong_password_is_named_and_not_printed(directory, certificate, tmp_path):
    openssl_store(directory / "ca.p12", certificate)
    (directory / "ca.password").write_text("not-the-password")
    run = binary.run("build", "--ca", directory, "--out", tmp_path / "trust")
    assert run.code == 3
    assert "nor does the password in " in run.stderr and "ca.password" in run.stderr
    assert "not-the-password" not in run.stderr
