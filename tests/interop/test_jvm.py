"""Every Java store, read by every JVM that a customer may still run.

What counts is what the default TrustManager trusts, fingerprint by fingerprint: a JVM that
cannot use a store often says nothing and trusts something else.
"""

import re
import subprocess
from pathlib import Path

import pytest

from support import binary, environment, jvm, pki

FORMS = {
    "pkcs12": "java/truststore.p12",
    "pkcs12-mac": "java/truststore.p12",
    "pkcs12-encrypted": "java/truststore.p12",
    "jks": "java/truststore.jks",
}
# They came before HmacPBESHA256 (11.0.12), this form's MAC: its documented limit.
TOO_OLD_FOR_ITS_MAC = {"11.0.5", "11.0.10"}
READABLE = [
    (version, form)
    for version in jvm.names()
    for form in FORMS
    if not (form == "pkcs12-encrypted" and version in TOO_OLD_FOR_ITS_MAC)
]
UNTRUSTED = "unable to find valid certification path to requested target"
NOT_THE_PASSWORD = "password was incorrect|Failed PKCS12 integrity checking"
# No application property gets it right by chance.
WRONG = "not-the-password"


@pytest.fixture(scope="module")
def stores(customer, public, tmp_path_factory):
    """A tree for each form: Mozilla's roots, the stand-in for a public one, the customer's."""
    public_root = public.directory / "public-root.pem"
    public_root.write_bytes(public.root.pem)
    return {
        form: binary.build(
            tmp_path_factory.mktemp(form) / "trust",
            "--ca", customer.chain_file,
            "--base", "mozilla",
            "--base", public_root,
            "--java-store", form,
        )
        for form in FORMS
    }  # fmt: skip


@pytest.mark.parametrize("version", jvm.names())
def test_no_jvm_trusts_the_sites_by_itself(version, customer, public):
    trust = jvm.get(version).trust(customer.peer, public.peer)
    assert trust.failure is None
    assert len(trust.anchors) > 100, "its own cacerts is not in place"
    assert UNTRUSTED in trust.handshakes[customer.peer]
    assert UNTRUSTED in trust.handshakes[public.peer]


@pytest.mark.parametrize(("version", "form"), READABLE)
def test_every_anchor_and_a_handshake(version, form, stores, customer, public):
    tree = stores[form]
    trust = jvm.get(version).trust(
        customer.peer, public.peer, trustStore=tree / FORMS[form], trustStorePassword="changeit"
    )
    assert trust.failure is None
    assert trust.anchors == tree.fingerprints("java")
    assert trust.handshakes == {customer.peer: "passed", public.peer: "passed"}


def test_the_stores_hold_the_customer_and_mozilla(stores, customer, public):
    for form, tree in stores.items():
        java = tree.fingerprints("java")
        assert {customer.root.sha256, customer.issuing.sha256, public.root.sha256} < set(java)
        assert len(java) > 100, form


@pytest.mark.parametrize("version", sorted(TOO_OLD_FOR_ITS_MAC))
def test_an_old_11_says_that_it_cannot_read_the_encrypted_form(version, stores, customer):
    trust = jvm.get(version).trust(
        customer.peer,
        trustStore=stores["pkcs12-encrypted"] / FORMS["pkcs12-encrypted"],
        trustStorePassword="changeit",
    )
    assert trust.failure, "it reads it now: the documentation says that it does not"
    assert trust.handshakes[customer.peer] != "passed"


@pytest.mark.parametrize("version", jvm.names())
def test_the_default_form_wants_no_password_and_takes_any(version, stores, customer):
    tree = stores["pkcs12"]
    runtime = jvm.get(version)
    store = tree / FORMS["pkcs12"]
    passwords = [{}, {"trustStorePassword": "changeit"}, {"trustStorePassword": WRONG}]
    for password in [*passwords, {"trustStorePassword": ""}]:
        trust = runtime.trust(customer.peer, trustStore=store, **password)
        assert trust.failure is None, password
        assert trust.anchors == tree.fingerprints("java"), password
        assert trust.handshakes == {customer.peer: "passed"}, password


@pytest.mark.parametrize("version", jvm.names())
def test_the_default_form_through_the_keystore_api(version, stores):
    tree = stores["pkcs12"]
    runtime = jvm.get(version)
    # JDK 8 derives a key even from an empty password, and cannot.
    empty = [""] if runtime.major >= 11 else []
    for opened in runtime.open(tree / FORMS["pkcs12"], None, "changeit", WRONG, *empty):
        assert opened.failure is None
        assert opened.fingerprints == tree.fingerprints("java")
        assert opened.others == []


@pytest.mark.parametrize("form", ["pkcs12-mac", "jks"])
@pytest.mark.parametrize("version", jvm.names())
def test_a_form_with_a_digest_needs_no_password_and_refuses_a_wrong_one(version, form, stores):
    tree = stores[form]
    runtime = jvm.get(version)
    without = runtime.trust(trustStore=tree / FORMS[form])
    assert without.failure is None
    assert without.anchors == tree.fingerprints("java")
    wrong = runtime.trust(trustStore=tree / FORMS[form], trustStorePassword=WRONG)
    assert re.search(NOT_THE_PASSWORD, wrong.failure)
    assert wrong.anchors == []


@pytest.mark.parametrize("version", [v for v, form in READABLE if form == "pkcs12-encrypted"])
def test_the_encrypted_form_without_its_password_is_empty_in_silence(version, stores):
    """The JVM's own behaviour, and why this form is never written in place of a JDK's cacerts."""
    store = stores["pkcs12-encrypted"] / FORMS["pkcs12-encrypted"]
    runtime = jvm.get(version)
    without = runtime.trust(trustStore=store)
    assert (without.failure, without.anchors) == (None, [])
    wrong = runtime.trust(trustStore=store, trustStorePassword=WRONG)
    assert re.search(NOT_THE_PASSWORD, wrong.failure)


@pytest.mark.parametrize("form", FORMS)
def test_aliases_are_unique_lower_case_ascii(form, stores):
    """Java lower-cases PKCS#12 aliases and overwrites on a clash; in JKS upper case hides one."""
    tree = stores[form]
    [opened] = jvm.machine().open(tree / FORMS[form], "changeit")
    assert opened.fingerprints == tree.fingerprints("java")
    assert len(set(opened.aliases)) == len(opened.aliases)
    assert [a for a in opened.aliases if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", a)] == []


@pytest.mark.parametrize("form", FORMS)
def test_keytool_lists_every_entry(form, stores):
    tree = stores[form]
    listed = subprocess.run(
        ["keytool", "-list", "-keystore", tree / FORMS[form], "-storepass", "changeit"],
        capture_output=True, text=True, timeout=60, env=environment.clean(),
    )  # fmt: skip
    assert listed.returncode == 0, listed.stdout
    found = re.findall(r"\(SHA-256\): ([0-9A-F:]+)", listed.stdout)
    assert sorted(f.replace(":", "").lower() for f in found) == tree.fingerprints("java")
    assert listed.stdout.count("trustedCertEntry") == len(found)


# A password of one's own.

OWN = "Correct horse; battery $taple"


@pytest.mark.parametrize("form", ["pkcs12-mac", "pkcs12-encrypted", "jks"])
def test_a_password_of_ones_own(form, customer, tmp_path):
    tree = _build_with_password(OWN.encode() + b"\n", form, customer, tmp_path)
    for version in [v for v, f in READABLE if f == form]:
        own, usual = jvm.get(version).open(tree / FORMS[form], OWN, "changeit")
        assert own.failure is None, version
        assert own.fingerprints == tree.fingerprints("java"), version
        assert usual.failure, f"JDK {version} opened it with another password"


def test_a_non_ascii_password_works_in_jks(customer, tmp_path):
    password = "pässwörd-Ж-漢"
    tree = _build_with_password(password.encode(), "jks", customer, tmp_path)
    for version in jvm.names():
        own, usual = jvm.get(version).open(tree / FORMS["jks"], password, "changeit")
        assert own.failure is None, version
        assert own.fingerprints == tree.fingerprints("java"), version
        assert usual.failure, version


@pytest.mark.parametrize("form", ["pkcs12-mac", "pkcs12-encrypted"])
def test_a_non_ascii_password_is_refused_where_no_jvm_could_use_it(form, customer, tmp_path):
    """Every JVM refuses one for PKCS#12 ("Password is not ASCII"): such a store is of no use."""
    secret = tmp_path / "password"
    secret.write_text("pässwörd")
    done = binary.run(
        "build", "--ca", customer.chain_file, "--base", "none", "--out", tmp_path / "trust",
        "--java-store", form, "--java-password-file", secret,
    )  # fmt: skip
    assert done.code in (2, 3), done.stderr
    assert "ASCII" in done.stderr
    assert "pässwörd" not in done.stderr
    assert not (tmp_path / "trust").exists()


def _build_with_password(password, form, customer, tmp_path):
    secret = tmp_path / "password"
    secret.write_bytes(password)
    return binary.build(
        tmp_path / "trust", "--ca", customer.chain_file, "--base", "none",
        "--java-store", form, "--java-password-file", secret,
    )  # fmt: skip


# In place of a JDK's own cacerts.


def test_the_system_store_does_not_depend_on_the_form(stores):
    contents = {form: (tree / "os/java/cacerts").read_bytes() for form, tree in stores.items()}
    assert len(set(contents.values())) == 1, sorted(contents)


@pytest.mark.parametrize("version", jvm.names())
def test_the_system_store_in_the_place_of_cacerts(version, stores, customer, public, tmp_path):
    tree = stores["pkcs12-encrypted"]
    runtime = jvm.get(version).copy(tmp_path / "jdk")
    cacerts = runtime.home / "lib/security/cacerts"
    cacerts.unlink()
    # A link, as Debian's JDKs have one to /etc/ssl/certs/java/cacerts.
    cacerts.symlink_to(tree / "os/java/cacerts")
    trust = runtime.trust(customer.peer, public.peer)
    assert trust.failure is None
    assert trust.anchors == tree.fingerprints("java")
    assert trust.handshakes == {customer.peer: "passed", public.peer: "passed"}


# Other readers of PKCS#12.

BOUNCY_CASTLE = "PKCS12@org.bouncycastle.jce.provider.BouncyCastleProvider"


@pytest.mark.parametrize("form", ["pkcs12-mac", "pkcs12-encrypted"])
def test_bouncy_castle_reads_a_form_with_a_mac(form, stores):
    tree = stores[form]
    right, wrong = _bouncy_castle(tree / FORMS[form], "changeit", WRONG)
    assert right.failure is None
    assert right.fingerprints == tree.fingerprints("java")
    assert "wrong password" in wrong.failure


def test_bouncy_castle_reads_the_default_form_without_a_password_only(stores):
    """Its documented limit: whoever needs BouncyCastle takes pkcs12-mac."""
    tree = stores["pkcs12"]
    without, given = _bouncy_castle(tree / FORMS["pkcs12"], None, "changeit")
    assert without.failure is None
    assert without.fingerprints == tree.fingerprints("java")
    assert given.failure, "it takes a password now: the documentation says that it does not"


def _bouncy_castle(store, *passwords):
    # Debian's libbcprov-java.
    provider = Path("/usr/share/java/bcprov.jar")
    assert provider.exists(), "libbcprov-java is not installed: run ./test interop"
    return jvm.machine().open(
        store, *passwords, kind=BOUNCY_CASTLE, classpath=[provider],
        # Else it looks for factors in every root's modulus, for many seconds.
        properties={"org.bouncycastle.rsa.allow_unsafe_mod": "true"},
    )  # fmt: skip


@pytest.mark.parametrize("form", ["pkcs12-mac", "pkcs12-encrypted"])
def test_openssl_reads_pkcs12(form, stores):
    tree = stores[form]
    store = tree / FORMS[form]
    read = pki.openssl("pkcs12", "-in", store, "-passin", "pass:changeit", "-nokeys", "-info")
    assert sorted(binary.pem_fingerprints(read.stdout)) == tree.fingerprints("java")
    wrong = pki.openssl(
        "pkcs12", "-in", store, "-passin", f"pass:{WRONG}", "-nokeys", check=False
    )
    assert wrong.returncode != 0


@pytest.mark.parametrize("form", [form for form in FORMS if form != "jks"])
def test_pkcs12_is_der_to_the_last_byte(form, stores):
    store = stores[form] / FORMS[form]
    parsed = pki.openssl("asn1parse", "-inform", "DER", "-in", store).stdout.decode()
    [header, length] = re.search(r"0:d=0 +hl=(\d+) +l= *(\d+) ", parsed).groups()
    assert int(header) + int(length) == store.stat().st_size
