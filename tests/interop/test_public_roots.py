"""Every set of public roots at hand, in through each decoder and out through each encoder: none
is lost, and none is suspected of breaking a client that ships it."""

import hashlib
import json
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from support import binary, jvm

DEBIAN = Path("/etc/ssl/certs/ca-certificates.crt")
FORMS = {
    "pkcs12": "java/truststore.p12",
    "pkcs12-mac": "java/truststore.p12",
    "pkcs12-encrypted": "java/truststore.p12",
    "jks": "java/truststore.jks",
}
NEWEST = jvm.names()[-1]


def of_pem(file: Path) -> list[str]:
    """By cryptography: our own reader is not to be asked what there is to read."""
    ders = [c.public_bytes(Encoding.DER) for c in x509.load_pem_x509_certificates(file.read_bytes())]
    return sorted({hashlib.sha256(der).hexdigest() for der in ders})


def cacerts(home: Path) -> Path:
    [found] = {path.resolve() for path in home.glob("**/security/cacerts")}
    return found


def of_jdk(version: str) -> tuple[Path, list[str]]:
    """By the JVM whose store it is."""
    java = jvm.machine() if version == "the machine's" else jvm.get(version)
    file = cacerts(java.home)
    kind = "JKS" if file.read_bytes()[:2] == b"\xfe\xed" else "PKCS12"
    [opened] = java.open(file, "changeit", kind=kind)
    assert opened.failure is None
    return file, sorted(set(opened.fingerprints))


SETS = {
    "Debian": lambda: (DEBIAN, of_pem(DEBIAN)),
    "certifi": lambda: (Path(certifi.where()), of_pem(Path(certifi.where()))),
    **{
        f"JDK {version}": lambda version=version: of_jdk(version)
        for version in [*jvm.names(), "the machine's"]
    },
}


@pytest.mark.parametrize("name", SETS)
def test_decoded_and_encoded_none_is_lost(name, tmp_path):
    file, expected = SETS[name]()
    assert len(expected) > 80, name
    for form, store in FORMS.items():
        tree = binary.build(
            tmp_path / form,
            *["--ca", file, "--base", "none", "--java-store", form, "--max-size", "4MiB"],
        )
        # Each store again by a program that is not ours.
        [opened] = jvm.get(NEWEST).open(
            tree / store, "changeit", kind="JKS" if form == "jks" else "PKCS12"
        )
        assert opened.fingerprints == expected, form
        for pem in ("os/ca-certificates.crt", "python/cacert.pem", "custom/client-ca-chain.pem"):
            assert of_pem(tree / pem) == expected, (form, pem)
        # And by ours, in the next build.
        shown = json.loads(binary.run("inspect", "--format", "json", tree / store).stdout)
        assert sorted(one["sha256"] for one in shown["certificates"]) == expected


@pytest.mark.parametrize("name", SETS)
def test_no_public_root_is_suspected(name):
    file, expected = SETS[name]()
    shown = json.loads(binary.run("inspect", "--format", "json", file).stdout)
    found = {
        (one["subject"], warning["rule"])
        for one in shown["certificates"]
        for warning in one.get("warnings", [])
        if warning["rule"].startswith("breaks-")
    }
    assert found == set()
    assert shown["rejected"] == []
    assert len(shown["certificates"]) == len(expected)


def test_mozillas_embedded_roots(tmp_path):
    """Against certifi, which is Mozilla's list of some other day."""
    tree = binary.build(tmp_path / "trust", "--base", "mozilla", "--allow", "nothing-left")
    ours = set(tree.fingerprints("os"))
    theirs = set(of_pem(Path(certifi.where())))
    assert len(ours) > 100 and len(ours & theirs) > 0.9 * max(len(ours), len(theirs))
    assert set(tree.fingerprints("java")) == ours == set(tree.fingerprints("python"))
