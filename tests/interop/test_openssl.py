"""The bundle and the hashed directory, read by OpenSSL, with none of its own trust."""

import collections
import re
import stat

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from support import binary, pki

HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


@pytest.fixture(scope="module")
def tree(customer, tmp_path_factory):
    return binary.build(tmp_path_factory.mktemp("openssl") / "trust", "--ca", customer.chain_file)


@pytest.fixture(scope="module")
def without_the_customer(tmp_path_factory):
    return binary.build(tmp_path_factory.mktemp("public") / "trust", "--base", "mozilla")


def verify(trust, server_file, *more):
    """openssl verify with the trust named and no other."""
    return pki.openssl("verify", *trust, *more, server_file, check=False)


def bundle(tree):
    return ["-no-CApath", "-no-CAstore", "-CAfile", tree / "os/ca-certificates.crt"]


def directory(tree):
    return ["-no-CAfile", "-no-CAstore", "-CApath", tree / "os"]


@pytest.mark.parametrize("trust", [bundle, directory])
def test_the_customers_server_verifies(trust, tree, customer):
    sent = ["-untrusted", customer.server_file]
    assert verify(trust(tree), customer.server_file).returncode == 0
    assert verify(trust(tree), customer.server_file, *sent).returncode == 0


@pytest.mark.parametrize("trust", [bundle, directory])
def test_it_does_not_verify_without_the_customer(trust, without_the_customer, customer):
    sent = ["-untrusted", customer.server_file]
    refused = verify(trust(without_the_customer), customer.server_file, *sent)
    assert refused.returncode != 0
    assert b"unable to get" in refused.stderr


def test_the_bundle_holds_what_the_manifest_says(tree):
    read = pki.openssl("storeutl", "-certs", tree / "os/ca-certificates.crt").stdout
    assert sorted(binary.pem_fingerprints(read)) == tree.fingerprints("os")


def test_the_second_name_of_the_bundle_is_a_link(tree):
    link = tree / "os/ca-bundle.crt"
    assert link.is_symlink()
    assert link.read_bytes() == (tree / "os/ca-certificates.crt").read_bytes()


def hashed_files(tree):
    return sorted(p for p in (tree / "os").iterdir() if HASHED.fullmatch(p.name))


def certificates(tree):
    """Every certificate of the hashed directory, with the name of its file."""
    found = []
    for path in hashed_files(tree):
        for block in binary.PEM_BLOCK.finditer(path.read_bytes()):
            found.append((path.name, block[0] + b"\n"))
    return found


def assert_named_as_openssl_would(tree):
    """Each certificate is in HASH.0, where HASH is OpenSSL's own for it."""
    wrong = []
    for name, pem in certificates(tree):
        read = pki.openssl("x509", "-noout", "-subject_hash", "-subject", stdin=pem)
        digest, _, subject = read.stdout.decode().partition("\n")
        if name != f"{digest}.0":
            wrong.append((name, digest, subject))
    assert wrong == []


def test_every_public_root_is_named_as_openssl_would(tree):
    assert_named_as_openssl_would(tree)


def test_the_hashed_directory_holds_what_the_manifest_says(tree):
    files = hashed_files(tree)
    # Links could dangle where a main container mounts the directory alone, and a second
    # number for a hash would open a gap when the first goes.
    assert all(stat.S_ISREG(path.lstat().st_mode) for path in files)
    assert [path.name for path in files if not path.name.endswith(".0")] == []
    held = [f for path in files for f in binary.pem_fingerprints(path.read_bytes())]
    assert sorted(held) == tree.fingerprints("os")
    assert {path.name for path in (tree / "os").iterdir()} - {p.name for p in files} == {
        "ca-certificates.crt",
        "ca-bundle.crt",
        "java",
    }


def test_openssl_rehash_would_make_the_same_names(tree, tmp_path):
    for number, (_, pem) in enumerate(certificates(tree)):
        (tmp_path / f"{number}.pem").write_bytes(pem)
    pki.openssl("rehash", tmp_path)
    theirs = collections.Counter(
        path.name.partition(".")[0] for path in tmp_path.iterdir() if path.is_symlink()
    )
    assert theirs == collections.Counter(name.partition(".")[0] for name, _ in certificates(tree))


# Names as customers have them. MASK bits are OpenSSL's B_ASN1_* string types.
ODD_NAMES = {
    "utf8": (["O = Société Générale", "CN = ÉCOLE Ünïcode Ж 漢字 🔒"], None),
    "upper-case-non-ascii": (["CN = ÀÉÎÕÜ ŻÓŁW İSTANBUL"], None),
    "t61": (["O = Société Générale", "CN = ÉCOLE T61"], "MASK:0x4"),
    "bmp": (["O = Société Générale", "CN = ÉCOLE Ж BMP"], "MASK:0x800"),
    "printable": (["C = FR", "O = Plain Printable"], "MASK:0x2"),
    "ia5-email": (["emailAddress = CA@Example.ORG", "DC = Example", "CN = Mail"], None),
    "multi-valued": (["O = Org", "+OU = B unit", "+CN = a name"], None),
    "multi-valued-unsorted": (["CN = zz", "+O = aaaaaaaaaaaa", "+OU = m"], None),
    "spaces": ([r'CN = "  Two  spaces   and more  "'], None),
    "tab": ([r"CN = tab\tand\nline"], None),
    "no-break-space": (["CN = no\u00a0break\u00a0 space"], None),
    "only-spaces": ([r'CN = "   "'], None),
    "repeated": (["OU = one", "1.OU = two", "2.OU = one", "CN = many"], None),
    "empty": ([], None),
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A CA for each odd name, in one directory of sources, and the tree built from it."""
    work = tmp_path_factory.mktemp("odd")
    sources = work / "sources"
    sources.mkdir()
    made = {}
    for label, (lines, mask) in ODD_NAMES.items():
        made[label] = pki.openssl_root(work, lines, mask)
    # OpenSSL reads this type in a name and writes it in none.
    universal = x509.NameAttribute(
        NameOID.ORGANIZATION_NAME, "ÉCOLE Ж Universal", _type=x509.name._ASN1Type.UniversalString
    )
    made["universal"] = pki.root(x509.Name([universal]), kind="ec").certificate
    for label, certificate in made.items():
        (sources / f"{label}.pem").write_bytes(certificate.pem)
    tree = binary.build(work / "trust", "--ca", sources, "--base", "none", "--only", "os")
    return tree, made


def test_odd_names_are_all_written(odd):
    tree, made = odd
    assert tree.fingerprints("os") == sorted(c.sha256 for c in made.values())


def test_odd_names_are_named_as_openssl_would(odd):
    tree, made = odd
    assert len(certificates(tree)) == len(made)
    assert_named_as_openssl_would(tree)


def test_the_odd_certificates_are_what_they_are_called(odd):
    """The encodings above are OpenSSL's to choose: without this they could all be UTF8String."""
    _, made = odd
    for label, kind in {"t61": "T61STRING", "bmp": "BMPSTRING", "universal": "UNIVERSALSTRING"}.items():
        parsed = pki.openssl("asn1parse", "-inform", "DER", stdin=made[label].der).stdout
        assert kind.encode() in parsed, label
    multi_valued = pki.openssl(
        "x509", "-inform", "DER", "-noout", "-subject", stdin=made["multi-valued"].der
    ).stdout
    assert b" + " in multi_valued
    empty = pki.openssl("x509", "-inform", "DER", "-noout", "-subject", stdin=made["empty"].der)
    assert empty.stdout.strip() == b"subject="


@pytest.mark.parametrize("trust", [bundle, directory])
def test_openssl_finds_each_odd_name(trust, odd, tmp_path):
    tree, made = odd
    for label, certificate in made.items():
        path = tmp_path / f"{label}.pem"
        path.write_bytes(certificate.pem)
        # A self-signed CA verifies only where it is found by its name.
        assert verify(trust(tree), path).returncode == 0, label


@pytest.mark.parametrize("trust", [bundle, directory])
def test_two_cas_of_one_name_are_both_found(trust, tmp_path):
    """A CA with a renewed key: servers of both keys are about at the same time."""
    authorities = [pki.root("Example Renewed CA") for _ in range(2)]
    source = tmp_path / "both.pem"
    source.write_bytes(b"".join(ca.pem for ca in authorities))
    tree = binary.build(tmp_path / "trust", "--ca", source)
    [shared] = {name for name, pem in certificates(tree) if pem in source.read_bytes()}
    assert (tree / "os" / shared).read_bytes().count(b"-----BEGIN CERTIFICATE-----") == 2
    for number, ca in enumerate(authorities):
        chain, _ = ca.server().write(tmp_path / str(number))
        assert verify(trust(tree), chain).returncode == 0


@pytest.mark.parametrize("trust", [bundle, directory])
def test_a_ca_without_key_identifier_does_not_hide_its_namesake(trust, tmp_path):
    """OpenSSL takes the first of one name that could fit; the one that names its key goes first."""
    plain = pki.root("Example Renewed CA", key_identifier=False)
    # Both orders by fingerprint have to occur, so that order alone cannot pass.
    for fits in (lambda ca: ca.sha256 > plain.sha256, lambda ca: ca.sha256 < plain.sha256):
        named = pki.root("Example Renewed CA")
        while not fits(named):
            named = pki.root("Example Renewed CA")
        source = tmp_path / f"{named.sha256}.pem"
        source.write_bytes(plain.pem + named.pem)
        tree = binary.build(tmp_path / named.sha256, "--ca", source, "--base", "none")
        chain, _ = named.server().write(tmp_path / f"{named.sha256}-server")
        assert verify(trust(tree), chain).returncode == 0
