"""Which certificates a client refuses is decided by their structure; here the real clients are
asked. What a JVM or OpenSSL refuses must be told before it can take a store down with it."""

import base64
import collections
import ipaddress
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from support import bent, binary, environment, jvm, pki

# More would find rarer faults; a run of 80,000 found none that these do not stand for.
COUNT = 6_000
SEED = 20261121
# With elliptic curves, which the older runtimes of the matrix were built without.
FULL_JVMS: dict[str, Callable[[], jvm.Jvm]] = {
    "8": lambda: jvm.get("8"),
    "the machine's": jvm.machine,
    "25": lambda: jvm.get(next(name for name in jvm.names() if name.startswith("25"))),
}


def authority(key, *, extensions: bool = True, algorithm=hashes.SHA256(), **options) -> bytes:
    """A root; with every extension that a JVM reads, most of them critical."""
    name = pki.name("Example Bent CA")
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x1234567890)
        .not_valid_before(pki.NOW - pki.DAY)
        .not_valid_after(pki.NOW + 3000 * pki.DAY)
    )
    everything = [
        (x509.BasicConstraints(True, 3), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True),
        (
            x509.SubjectAlternativeName(
                [
                    x509.DNSName("ca.example.com"),
                    x509.RFC822Name("ca@example.com"),
                    x509.DirectoryName(name),
                    x509.UniformResourceIdentifier("https://ca.example.com/"),
                ]
            ),
            True,
        ),
        (
            x509.NameConstraints(
                [x509.DNSName("example.com")],
                [x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))],
            ),
            True,
        ),
        (
            x509.CRLDistributionPoints(
                [
                    x509.DistributionPoint(
                        [x509.UniformResourceIdentifier("http://example.com/ca.crl")],
                        None,
                        None,
                        None,
                    )
                ]
            ),
            True,
        ),
        (
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.OCSP,
                        x509.UniformResourceIdentifier("http://example.com/"),
                    )
                ]
            ),
            False,
        ),
        (
            x509.CertificatePolicies(
                [
                    x509.PolicyInformation(
                        x509.ObjectIdentifier("2.5.29.32.0"), ["http://example.com/cps"]
                    )
                ]
            ),
            True,
        ),
        (x509.PolicyConstraints(0, 1), True),
        (x509.InhibitAnyPolicy(1), True),
    ]
    for extension, critical in everything if extensions else ():
        builder = builder.add_extension(extension, critical=critical)
    made = builder.sign(key, algorithm, **options)
    return made.public_bytes(serialization.Encoding.DER)


def public_roots() -> list[bytes]:
    bundle = Path("/etc/ssl/certs/ca-certificates.crt").read_bytes()
    roots = x509.load_pem_x509_certificates(bundle)[::12]
    return [root.public_bytes(serialization.Encoding.DER) for root in roots]


@pytest.fixture(scope="module")
def corpus() -> list[tuple[str, bytes]]:
    rsa = pki.new_key()
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    whole = [
        pki.root("Example Plain CA").certificate.der,
        authority(rsa),
        authority(rsa, extensions=False),
        authority(ec.generate_private_key(ec.SECP256R1())),
        authority(ec.generate_private_key(ec.SECP384R1()), extensions=False),
        authority(ed25519.Ed25519PrivateKey.generate(), extensions=False, algorithm=None),
        authority(rsa, extensions=False, rsa_padding=pss),
        authority(dsa.generate_private_key(2048), extensions=False),
        *public_roots(),
    ]
    unbent = [("as it was issued", der) for der in whole]
    return unbent + list(bent.bent(SEED, whole, COUNT))


@pytest.fixture(scope="module")
def told(corpus, tmp_path_factory) -> list[set[str]]:
    """The rules that trust-init names for each certificate of the corpus."""
    folder = tmp_path_factory.mktemp("bent")
    for index, (_, der) in enumerate(corpus):
        (folder / f"{index:06}.der").write_bytes(der)
    done = binary.run("inspect", "--format", "json", folder)
    # 3 if some are bent so far that they are no certificates; the rest is shown all the same.
    assert done.code in (0, 3), done.stderr
    shown = json.loads(done.stdout)
    rules: list[set[str]] = [set() for _ in corpus]
    seen = set()

    def index_of(origin: str) -> int:
        index = int(Path(origin).name[:6])
        seen.add(index)
        return index

    for certificate in shown["certificates"]:
        found = {warning["rule"] for warning in certificate.get("warnings", [])}
        for origin in certificate["origins"]:
            rules[index_of(origin)] |= found
    for section in shown["rejected"]:
        rules[index_of(section["origin"])].add(section["rule"])
    assert seen == set(range(len(corpus))), "a certificate was lost without a word"
    return rules


def missed(corpus, told, refused: list[str | None], rule: str) -> list[str]:
    """What a client refuses and trust-init would have put into its store."""
    return [
        f"{how}: {why}: {base64.b64encode(der).decode()}"
        for (how, der), rules, why in zip(corpus, told, refused, strict=True)
        if why and not rules & {rule, "malformed"}
    ]


def suspected(corpus, told, refused: list[str | None], rule: str) -> int:
    """How many trust-init would leave out though the client takes them."""
    pairs = zip(told, refused, strict=True)
    return sum(1 for rules, why in pairs if rule in rules and not why)


@pytest.fixture(scope="module")
def refused_by_jvms(corpus, tmp_path_factory) -> dict[str, list[str | None]]:
    records = tmp_path_factory.mktemp("records") / "records"
    bent.write_records([der for _, der in corpus], records)
    classes = jvm.classes("Parse")
    return {
        name: bent.java_refuses(get().home / "bin" / "java", classes, records, environment.clean())
        for name, get in FULL_JVMS.items()
    }


@pytest.mark.parametrize("name", FULL_JVMS)
def test_what_a_jvm_refuses_is_told(name, corpus, told, refused_by_jvms):
    refused = refused_by_jvms[name]
    assert missed(corpus, told, refused, "breaks-java")[:3] == []
    assert sum(map(bool, refused)) > COUNT / 4, "the bent certificates test nothing"


def test_what_every_jvm_takes_is_rarely_left_out(corpus, told, refused_by_jvms):
    refused = [next(filter(None, all_of), None) for all_of in zip(*refused_by_jvms.values())]
    assert suspected(corpus, told, refused, "breaks-java") < COUNT / 20


def test_what_openssl_refuses_is_told(corpus, told, tmp_path):
    good = pki.root("Example Good CA").pem
    bundle = tmp_path / "bundle.pem"
    refused = [bent.openssl_refuses(der, good, bundle) for _, der in corpus]
    assert missed(corpus, told, refused, "breaks-openssl")[:3] == []
    assert sum(map(bool, refused)) > COUNT / 8, "the bent certificates test nothing"
    assert suspected(corpus, told, refused, "breaks-openssl") < COUNT / 100


def test_what_was_issued_breaks_nothing(corpus, told):
    issued = [
        (how, rules & {"breaks-java", "breaks-openssl", "malformed"})
        for (how, _), rules in zip(corpus, told, strict=True)
        if how == "as it was issued"
    ]
    # The Ed25519 root is read by JDK 15 and later, and taken as bytes by those before.
    assert collections.Counter(bool(rules) for _, rules in issued) == {False: len(issued)}
