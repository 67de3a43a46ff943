"""Text of a certificate's own making must not become a certificate, nor a line of anything."""

import json
import re
import ssl

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from support import binary, jvm, pki

BUNDLES = {
    "os/ca-certificates.crt": "os",
    "python/cacert.pem": "python",
    "custom/client-ca-chain.pem": "custom",
}


@pytest.fixture(scope="module")
def smuggled():
    """The CA that an attacker wants in; nothing gives it to the tool as a certificate."""
    return pki.root("Smuggled Root CA", kind="ec")


@pytest.fixture(scope="module")
def carrier(smuggled):
    """A CA whose subject holds the smuggled one as PEM, on lines of its own."""
    text = f"Innocent\n{smuggled.pem.decode()}\nSSL_CERT_FILE=/tmp/evil\n"
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, text, _validate=False),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"\u202e\x1b[31m{text}", _validate=False),
        ]
    )
    return pki.root(subject, kind="ec")


@pytest.fixture(scope="module", params=["ca", "base"])
def built(request, carrier, customer, tmp_path_factory):
    """The carrier as the customer's, and as part of a base: (tree, the run that made it)."""
    work = tmp_path_factory.mktemp("injection")
    evil = work / "evil.pem"
    evil.write_bytes(carrier.pem)
    sources = {"ca": ["--ca", evil, "--base", "none"], "base": ["--base", evil]}[request.param]
    done = binary.run("build", "--out", work / "trust", "--ca", customer.chain_file, *sources)
    assert done.code == 0, done.stderr
    return binary.Tree(work / "trust"), done


def test_the_carrier_itself_is_in(built, carrier):
    tree, _ = built
    for store in ("os", "python", "java"):
        assert carrier.sha256 in tree.fingerprints(store)


@pytest.mark.parametrize("name", BUNDLES)
def test_openssl_counts_what_the_manifest_says(name, built):
    tree, _ = built
    expected = tree.fingerprints(BUNDLES[name])
    stored = pki.openssl("storeutl", "-noout", "-certs", tree / name).stdout.decode()
    assert f"Total found: {len(expected)}" in stored
    as_pkcs7 = pki.openssl("crl2pkcs7", "-nocrl", "-certfile", tree / name).stdout
    printed = pki.openssl("pkcs7", "-print_certs", stdin=as_pkcs7).stdout
    # Not by text: OpenSSL prints subjects too, escaped.
    blocks = binary.pem_fingerprints(printed)
    assert sorted(blocks) == expected


@pytest.mark.parametrize("name", BUNDLES)
def test_python_counts_what_the_manifest_says(name, built, smuggled):
    tree, _ = built
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(tree / name)
    assert context.cert_store_stats()["x509"] == len(tree.fingerprints(BUNDLES[name]))
    assert smuggled.certificate.der not in context.get_ca_certs(binary_form=True)


@pytest.mark.parametrize("version", jvm.names())
def test_a_jvm_counts_what_the_manifest_says(version, built):
    tree, _ = built
    runtime = jvm.get(version)
    trust = runtime.trust(trustStore=tree / "java/truststore.p12")
    assert trust.failure is None
    assert trust.anchors == tree.fingerprints("java")
    for name, store in BUNDLES.items():
        assert runtime.certificates(tree / name) == tree.fingerprints(store)


def test_the_hashed_directory_does_not_hold_it(built, smuggled):
    tree, _ = built
    # Not os/java: the store holds the subject as it is, and no client looks for PEM there.
    for path in (tree / "os").iterdir():
        if path.is_file():
            assert smuggled.sha256 not in binary.pem_fingerprints(path.read_bytes()), path


def test_no_text_file_gains_a_line(built, smuggled):
    tree, done = built
    body = smuggled.pem.decode().splitlines()[1]
    for path in [*tree.root.rglob("*.env"), tree / "manifest.json"]:
        text = path.read_text()
        assert not re.search(r"^SSL_CERT_FILE=/tmp/evil", text, re.MULTILINE), path
        assert not re.search(r"^-----BEGIN", text, re.MULTILINE), path
        assert "\x1b" not in text and "\u202e" not in text, path
    for said in (done.stderr, done.stdout.decode()):
        assert body not in said.splitlines()
        assert "-----BEGIN" not in said
        assert "\x1b" not in said and "\u202e" not in said


def test_the_log_as_json_is_one_object_a_line(carrier, tmp_path):
    evil = tmp_path / "evil.pem"
    evil.write_bytes(carrier.pem)
    expired = pki.root("Expired", kind="ec", starts=pki.NOW - 9 * pki.DAY, ends=pki.NOW - pki.DAY)
    (tmp_path / "expired.pem").write_bytes(expired.pem)
    done = binary.run(
        "build", "--out", tmp_path / "trust", "--ca", evil, "--ca", tmp_path / "expired.pem",
        "--base", "none", "--drop", "expired", "--log-format", "json",
    )  # fmt: skip
    assert done.code == 0, done.stderr
    lines = done.stderr.splitlines()
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert any("expired.pem" in line for line in lines)


@pytest.mark.parametrize(
    "mounted_at",
    ["/trust\nSSL_CERT_DIR=/tmp/evil", "/trust\r\nSSL_CERT_DIR=/tmp/evil", "/tr ust\n#"],
)
def test_a_path_adds_no_line_to_the_wiring(mounted_at, customer, tmp_path):
    out = tmp_path / "trust"
    done = binary.run(
        "build", "--out", out, "--ca", customer.chain_file, "--base", "none",
        "--mounted-at", mounted_at,
    )  # fmt: skip
    if done.code == 0:
        lines = (out / "trust.env").read_text().splitlines()
        assert lines
        names = [line.partition("=")[0] for line in lines if not line.startswith("#")]
        assert "SSL_CERT_DIR" not in names
        assert all(re.fullmatch(r"[A-Z_]+", name) for name in names if name)
    else:
        assert done.code == 2, done.stderr
        assert "mounted-at" in done.stderr
        assert not out.exists()


def test_a_source_named_with_a_line_break_adds_none(customer, tmp_path):
    directory = tmp_path / "ca"
    directory.mkdir()
    (directory / "a\n-----BEGIN CERTIFICATE-----\nb.pem").write_bytes(customer.issuing.chain)
    done = binary.run("build", "--out", tmp_path / "trust", "--ca", directory, "--base", "none")
    assert done.code == 0, done.stderr
    tree = binary.Tree(tmp_path / "trust")
    assert "\n-----BEGIN" not in done.stderr
    assert len(tree.fingerprints("os")) == 2
    for name, store in BUNDLES.items():
        stored = pki.openssl("storeutl", "-noout", "-certs", tree / name).stdout.decode()
        assert f"Total found: {len(tree.fingerprints(store))}" in stored
