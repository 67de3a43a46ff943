"""Makes the chains of tests/unchecked.rs again: a server's certificate and its root, both good but
for one thing that doctor does not read or does not check.

Run it with the tests' Python: $(tests/setup/python.sh)/bin/python crates/trust-doctor/tests/unchecked/make.py
"""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

HERE = Path(__file__).parent
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2046, 1, 1, tzinfo=datetime.UTC)
HOST = "login.example.com"


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(subject, key, signer, *extensions):
    builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name("Example CA"))
    builder = builder.public_key(key.public_key()).serial_number(1 if key is signer else 2)
    for extension in extensions:
        critical = isinstance(extension, x509.BasicConstraints)
        builder = builder.add_extension(extension, critical)
    builder = builder.not_valid_before(START).not_valid_after(END)
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def chain(*for_leaf, constraints=None, names=None, subject=HOST):
    """A leaf with these extensions, below a root with these constraints."""
    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    names = x509.SubjectAlternativeName([x509.DNSName(HOST)] if names is None else names)
    for_root = [x509.BasicConstraints(True, None), *([constraints] if constraints else [])]
    return [
        certificate(subject, leaf, root, *([names] if names else []), *for_leaf),
        certificate("Example CA", root, root, *for_root),
    ], root


def damaged(oid):
    """An extension whose value is a number where a list is due."""
    return x509.UnrecognizedExtension(oid, b"\x02\x01\x05")


def element(tag, content):
    length = len(content)
    head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2)
    return bytes([tag]) + head + content


def with_the_extension_renamed(der, old, new, signer):
    """`der` with one identifier in place of another of its length, signed again."""
    one = x509.load_der_x509_certificate(der)
    tbs = one.tbs_certificate_bytes.replace(old, new)
    signature = signer.sign(tbs, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    return element(0x30, tbs + algorithm + element(3, b"\0" + signature))


def write(file, certificates):
    loaded = map(x509.load_der_x509_certificate, certificates)
    text = b"".join(one.public_bytes(Encoding.PEM) for one in loaded)
    (HERE / f"{file}.pem").write_bytes(text)


def permitted(*names):
    return x509.NameConstraints(list(names), None)


def main():
    write("nothing", chain()[0])
    for file, oid in {
        "damaged-extended-key-usage": ExtensionOID.EXTENDED_KEY_USAGE,
        "damaged-basic-constraints": ExtensionOID.BASIC_CONSTRAINTS,
    }.items():
        write(file, chain(damaged(oid))[0])
    damaged_names = damaged(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = certificate("Example CA", root, root, x509.BasicConstraints(True, None))
    write("damaged-alternative-names", [certificate(HOST, leaf, root, damaged_names), ca])
    # subjectAltName twice: 2.5.29.99 becomes the second.
    second = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.99"), b"\x30\0")
    (one, ca), root = chain(second)
    twice = with_the_extension_renamed(one, b"\x55\x1d\x63", b"\x55\x1d\x11", root)
    write("names-twice", [twice, ca])
    directory = x509.DirectoryName(name("Example Department"))
    write("directory-permitted", chain(constraints=permitted(directory))[0])
    write("directory-excluded", chain(constraints=x509.NameConstraints(None, [directory]))[0])
    mail = permitted(x509.RFC822Name("example.com"))
    write("mail-permitted", chain(constraints=mail)[0])
    names = [x509.DNSName(HOST), x509.RFC822Name("me@example.org")]
    write("mail-permitted-elsewhere", chain(constraints=mail, names=names)[0])
    address = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]
    sixes = permitted(x509.IPAddress(ipaddress.ip_network("2001:db8::/32")))
    write("ipv4-below-ipv6", chain(constraints=sixes, names=address)[0])
    other = permitted(x509.DNSName("example.org"))
    write("common-name-beside-an-address", chain(constraints=other, names=address[1:])[0])


if __name__ == "__main__":
    main()
