"""One bad certificate must not cost a client all the others: every odd certificate there is, in
one customer's bundle, and the stores that come out of it in the hands of the clients."""

import hashlib
import json
import ssl
import subprocess
from pathlib import Path

import pytest

from support import asked, binary, environment, jvm, pki

VECTORS = environment.REPOSITORY / "tests" / "vectors" / "certificates"
FORMS = {"pkcs12": "java/truststore.p12", "jks": "java/truststore.jks"}
PEM_STORES = {
    "os/ca-certificates.crt": "os",
    "python/cacert.pem": "python",
    "custom/client-ca-chain.pem": "custom",
}
# Certificates of indefinite length; every JVM reads them.
BER = ("ber-bouncy-castle.der", "indefinite.der")
JVMS = [full for name in asked.JVMS for full in jvm.names() if f"{full}.".startswith(f"{name}.")]


def poison(client: str) -> list[Path]:
    """Certificates that a client refuses, by what it answered when it was asked."""
    found = []
    for file in sorted(VECTORS.glob("*.der")):
        told = json.loads(Path(f"{file}.json").read_text())
        took = asked.expected(file, told["clients"])
        if told["expected"]["certificates"] and not took[client]:
            found.append(file)
    assert len(found) > 5, client
    return found


def fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def customers_bundle(customer, tmp_path_factory) -> Path:
    """All of them, and the customer's own chain between."""
    bundle = tmp_path_factory.mktemp("poison") / "bundle.pem"
    odd = [ssl.DER_cert_to_PEM_cert(file.read_bytes()) for file in sorted(VECTORS.glob("*.der"))]
    half = len(odd) // 2
    bundle.write_bytes("".join(odd[:half]).encode() + customer.issuing.chain + "".join(odd[half:]).encode())
    return bundle


@pytest.fixture(scope="module", params=FORMS)
def tree(request, customers_bundle, public, tmp_path_factory) -> binary.Tree:
    public_root = public.directory / "public-root.pem"
    public_root.write_bytes(public.root.pem)
    return binary.build(
        tmp_path_factory.mktemp("poisoned") / "trust",
        *["--ca", customers_bundle, "--base", "mozilla", "--base", public_root],
        *["--java-store", request.param, "--drop", "malformed", "--max-size", "1MiB"],
    )


@pytest.mark.parametrize("version", JVMS)
def test_each_jvm_trusts_all_that_the_manifest_says(version, tree, customer, public):
    [store] = [tree / name for name in FORMS.values() if (tree / name).exists()]
    trust = jvm.get(version).trust(
        customer.peer, public.peer, trustStore=store, trustStorePassword="changeit"
    )
    assert trust.failure is None
    # A JVM shows the definite form that it makes of these, and so another fingerprint.
    in_ber = {fingerprint(VECTORS / name) for name in BER}
    written = tree.fingerprints("java")
    assert in_ber <= set(written)
    assert len(trust.anchors) == len(written)
    assert set(written) - set(trust.anchors) == in_ber
    assert len(trust.anchors) > 200
    assert trust.handshakes == {customer.peer: "passed", public.peer: "passed"}


@pytest.mark.parametrize(("name", "store"), PEM_STORES.items())
def test_python_and_openssl_trust_all_that_the_manifest_says(name, store, tree):
    bundle = tree / name
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=bundle)
    assert context.cert_store_stats()["x509"] == len(tree.fingerprints(store))
    assert sorted(binary.pem_fingerprints(bundle.read_bytes())) == tree.fingerprints(store)
    done = subprocess.run(
        ["openssl", "storeutl", "-noout", "-certs", bundle],
        capture_output=True,
        text=True,
        check=True,
        env=environment.clean(),
    )
    assert f"Total found: {len(tree.fingerprints(store))}\n" in done.stdout


def test_openssl_verifies_by_the_hashed_directory(tree, customer):
    done = subprocess.run(
        ["openssl", "verify", "-no-CAfile", "-CApath", tree / "os", "-untrusted"]
        + [customer.server_file, customer.server_file],
        capture_output=True,
        env=environment.clean(),
    )
    assert done.returncode == 0, done.stderr


def test_what_breaks_one_client_stands_in_the_stores_of_the_other(tree):
    java, pem = set(tree.fingerprints("java")), set(tree.fingerprints("os"))
    of_java = {fingerprint(file) for file in poison("Java 17")}
    of_openssl = {fingerprint(file) for file in poison("python")}
    assert java & of_java == set() and pem & of_openssl == set()
    assert len(of_java & pem) > 10, "refused by the JVM, and OpenSSL has it"
    entries = {entry["sha256"]: entry for entry in tree.manifest["certificates"]}
    left_out = of_openssl - java
    # What OpenSSL refuses and a JVM takes is in the Java store, unless an older JVM might not.
    assert len(of_openssl & java) >= 5
    for one in left_out:
        told = [warning["rule"] for warning in entries[one].get("warnings", [])]
        assert "breaks-java" in [*told, entries[one].get("rule")], entries[one]


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("good") / "good.pem"
    file.write_bytes(pki.root("Example Good CA").pem)
    return file


def one_by_one(files: list[Path], good: Path, folder: Path, *policy: str) -> list[binary.Tree]:
    """A tree for each certificate, which is in it beside a good one."""
    return [
        binary.build(folder / file.stem, "--ca", good, "--ca", file, "--base", "none", *policy)
        for file in files
    ]


@pytest.mark.parametrize("name", asked.JVMS)
def test_a_jvm_refuses_the_whole_store_with_it_and_takes_it_without(name, good, tmp_path):
    files = poison(f"Java {name}")
    for folder, policy, expected in [
        ("with", ["--allow", "breaks-java"], False),
        ("without", ["--warn", "breaks-openssl"], True),
    ]:
        trees = one_by_one(files, good, tmp_path / folder, *policy)
        questions = [asked.Question(tree / FORMS["pkcs12"], "changeit") for tree in trees]
        answers = [answer[name] for answer in asked.java(questions, only=name)]
        took = [file.name for file, answer in zip(files, answers) if isinstance(answer, int)]
        assert took == ([file.name for file in files] if expected else []), answers
        assert all(answer == 1 for answer in answers if isinstance(answer, int))


def test_openssl_refuses_the_whole_bundle_with_it_and_takes_it_without(good, tmp_path):
    files = poison("python")
    for tree in one_by_one(files, good, tmp_path / "with", "--allow", "breaks-openssl"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with pytest.raises(ssl.SSLError):
            context.load_verify_locations(cafile=tree / "os/ca-certificates.crt")
    for tree in one_by_one(files, good, tmp_path / "without"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=tree / "os/ca-certificates.crt")
        assert context.cert_store_stats()["x509"] == 1
