"""Certificates with one oddity each; all else of each is a good self-signed RSA CA's."""

import base64
import datetime
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import der
from certificate import (
    COMMON_NAME,
    ISSUING,
    KEY,
    ORGANIZATION,
    OTHER_KEY,
    ROOT,
    SERVER,
    Authority,
    alternative,
    attribute,
    authority,
    authority_identifier,
    basic,
    ca_extensions,
    certificate,
    distinguished,
    dsa_info,
    ec_info,
    ecdsa,
    ed25519_private,
    extension,
    generalized,
    name,
    pem,
    public_info,
    rsa_bits,
    rsa_info,
    rsa_key,
    signature_algorithm,
    subject_identifier,
    usage,
    utc,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from vector import HERE, Given, Vector

sys.path.insert(0, str(HERE.parent))
from support import jvm

JAVA, OPENSSL = "breaks-java", "breaks-openssl"
NEITHER = (JAVA, OPENSSL)


def odd(
    file: str, about: str, content: bytes, *rules: str, whole: Sequence[str] = (), rejected: str = ""
) -> Vector:
    """A certificate alone. One that is found by `malformed` is none."""
    if rejected:
        return Vector(f"certificates/{file}.der", about, lambda: content, (), (rejected,))
    if set(NEITHER) <= set(rules):
        whole = ("nothing-left",)
    given = (Given(content, rules),)
    return Vector(f"certificates/{file}.der", about, lambda: content, given, (), tuple(whole))


def several(file: str, about: str, *given: Given, whole: Sequence[str] = ()) -> Vector:
    text = "".join(pem(one.der) for one in given).encode()
    return Vector(f"certificates/{file}.pem", about, lambda: text, given, (), tuple(whole))


def under_root(file: str, about: str, content: bytes, *rules: str) -> Vector:
    """A certificate that the root issued, and the root."""
    return several(file, about, Given(content, rules), Given(ROOT.der))


def ca(common: str, **bent) -> bytes:
    return certificate(name(f"Example {common} CA"), **bent)


def with_extensions(common: str, *extensions: bytes, **bent) -> bytes:
    return ca(common, extensions=extensions, **bent)


def plus(common: str, *more: bytes) -> bytes:
    """A good CA with more extensions."""
    return ca(common, extensions=[*ca_extensions(), *more])


def by_cryptography(common: str, more: x509.ExtensionType) -> bytes:
    """A good CA with one critical extension more, by that package."""
    moment = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder().public_key(KEY.private().public_key()).serial_number(4711)
    builder = builder.subject_name(subject := x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Example {common} CA")]))
    builder = builder.issuer_name(subject).not_valid_before(moment).not_valid_after(moment.replace(year=2056))
    usage_of_ca = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    for extension_, critical in (
        (x509.BasicConstraints(True, None), True),
        (usage_of_ca, True),
        (x509.SubjectKeyIdentifier(KEY.identifier), False),
        (more, True),
    ):
        builder = builder.add_extension(extension_, critical)
    return builder.sign(KEY.private(), hashes.SHA256()).public_bytes(Encoding.DER)


def constrained(
    common: str, *permitted: x509.GeneralName, excluded: x509.GeneralName | None = None
) -> bytes:
    return by_cryptography(common, x509.NameConstraints(permitted or None, [excluded] if excluded else None))


def pss(digest: str, salt: int) -> bytes:
    """A key for RSA-PSS with these parameters (RFC 4055)."""
    hashed = der.sequence(der.oid(digest), der.null())
    mask = der.sequence(der.oid("1.2.840.113549.1.1.8"), hashed)
    fields = der.explicit(0, hashed), der.explicit(1, mask), der.explicit(2, der.integer(salt))
    algorithm = der.sequence(der.oid("1.2.840.113549.1.1.10"), der.sequence(*fields))
    return rsa_info(KEY.bits, algorithm=algorithm)


def named(common: str | bytes, tag: int = der.UTF8) -> bytes:
    return certificate(name(common, tag))


def version(number: int) -> bytes:
    return der.explicit(0, der.integer(number))


def keyed(common: str, info: bytes, **bent) -> bytes:
    """A CA with another key, signed by the usual one unless `sign` is given."""
    return ca(common, info=info, **bent)


def huge_modulus(size: int) -> int:
    """A number as large as a modulus: nobody can tell that it is none."""
    return random.Random(f"trust-init test vector {size}").getrandbits(size) | 1 << size - 1 | 1


def explicit_curve() -> bytes:
    """P-256 with its parameters written out, as old Java cards and OpenSSL 1.0 did."""
    p = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    x = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
    y = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
    wide = [number.to_bytes(32, "big") for number in (p - 3, b, x, y)]
    parameters = der.sequence(
        der.integer(1),
        der.sequence(der.oid("1.2.840.10045.1.1"), der.integer(p)),
        der.sequence(der.octets(wide[0]), der.octets(wide[1])),
        der.octets(b"\4" + wide[2] + wide[3]),
        der.integer(order),
        der.integer(1),
    )
    key = der.split(der.split(P256)[0][1])[1][2]
    return der.sequence(der.sequence(der.oid("1.2.840.10045.2.1"), parameters), key)


P256 = ec_info(ec.SECP256R1())
ECDSA = der.sequence(der.oid("1.2.840.10045.4.3.2"))
ED25519 = der.sequence(der.oid("1.3.101.112"))
RSA = "1.2.840.113549.1.1.1"
NEWLINES = b"Example CA\n" + pem(ROOT.der).encode()[:400]
UNKNOWN_OID = "1.3.6.1.4.1.32473.1"
NAME_CONSTRAINTS = der.sequence(der.explicit(0, der.sequence(der.implicit(2, b"example.com"))))
GOOD_SUBJECT = name("Example Renewed CA")
ROLLED = Authority(certificate(GOOD_SUBJECT), GOOD_SUBJECT, KEY)
CROSS_ROOT = authority("Example Cross Root CA", OTHER_KEY)
STRICT = "python-strict"
LONE = {"whole": ["no-root"]}


def by_root(common: str, **bent) -> bytes:
    return ca(common, by=ROOT, key=OTHER_KEY, **bent)


def bent_length(content: bytes) -> bytes:
    """The outer length with a needless zero byte."""
    body = der.split(content)[0][1]
    return b"\x30\x83\0" + len(body).to_bytes(2, "big") + body


def inner_trailing(content: bytes) -> bytes:
    """A NULL behind the signature, within the certificate."""
    return der.sequence(der.split(content)[0][1], der.null())


def p256_bits(content: bytes) -> bytes:
    return der.sequence(der.split(der.split(P256)[0][1])[0][2], der.bits(content))


def indefinite(element: bytes) -> bytes:
    """One element with an indefinite length; those within stay as they are."""
    tag, content, _ = der.split(element)[0]
    return bytes([tag, 0x80]) + content + b"\0\0"


def signed_part_indefinite(content: bytes) -> bytes:
    parts = der.split(der.split(content)[0][1])
    return der.sequence(indefinite(parts[0][2]), *(part[2] for part in parts[1:]))


def in_pieces(element: bytes) -> bytes:
    """A string in two pieces, each a string of its type; a text in two OCTET STRINGs."""
    tag, content, _ = der.split(element)[0]
    kind = tag if tag in (der.BIT_STRING, der.OCTET_STRING) else der.OCTET_STRING
    unused = content[:1] if tag == der.BIT_STRING else b""
    body = content[len(unused) :]
    half = len(body) // 2
    cut = der.tlv(kind, unused + body[:half]) + der.tlv(kind, unused + body[half:])
    return der.tlv(tag | der.CONSTRUCTED, cut)


def basic_in_pieces() -> bytes:
    oid, critical, octets = (part[2] for part in der.split(der.split(basic())[0][1]))
    return der.sequence(oid, critical, in_pieces(octets))


def text_in_pieces() -> bytes:
    pieces = in_pieces(der.tlv(der.PRINTABLE, b"Example Pieces CA"))
    return der.sequence(der.set_of(der.sequence(der.oid(COMMON_NAME), pieces)))


def key_in_pieces() -> bytes:
    algorithm, bits = (part[2] for part in der.split(der.split(KEY.info)[0][1]))
    return der.sequence(algorithm, in_pieces(bits))


BOUNCY_CASTLE = Path("/usr/share/java/bcprov.jar")


def by_java(what: str, *files: bytes) -> bytes:
    """What WriteCertificates.java writes of these files, on this machine's JDK."""
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder) / str(index) for index in range(len(files))]
        for file, content in zip(names, files, strict=True):
            file.write_bytes(content)
        program = [jvm.machine().home / "bin" / "java", "-cp", BOUNCY_CASTLE, HERE / "WriteCertificates.java"]
        return subprocess.run([*program, what, *names], stdout=subprocess.PIPE, check=True).stdout


def by_bouncy_castle() -> bytes:
    key = KEY.private().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return by_java("ber", ca("BouncyCastle BER"), key)


def by_openssl(*arguments: str, given: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, stdout=subprocess.PIPE, check=True).stdout


def netscape_sequence() -> bytes:
    text = by_openssl("nseq", "-toseq", given=(pem(ISSUING.der) + pem(ROOT.der)).encode())
    body = "".join(line for line in text.decode().splitlines() if not line.startswith("-----"))
    return base64.b64decode(body)


def revocation_list() -> bytes:
    builder = x509.CertificateRevocationListBuilder().last_update(datetime.datetime(2026, 1, 1))
    builder = builder.next_update(datetime.datetime(2056, 1, 1))
    builder = builder.issuer_name(x509.load_der_x509_certificate(ROOT.der).subject)
    return builder.sign(KEY.private(), hashes.SHA256()).public_bytes(Encoding.DER)


def cert_bag(content: bytes) -> bytes:
    """The value of a PKCS#12 certificate bag (RFC 7292, section 4.2.3)."""
    return der.sequence(der.oid("1.2.840.113549.1.9.22.1"), der.explicit(0, der.octets(content)))


def files(file: str, about: str, make: Callable[[], bytes], *given: Given, rejected: Sequence[str] = ()) -> Vector:
    """A file of DER that holds more than a certificate, or holds it in something else."""
    return Vector(f"stores/der-{file}.cer", about, make, given, tuple(rejected))


def as_made(file: str) -> bytes:
    """A certificate that another program made; after it was made, `make.py --expected` knows it."""
    made = HERE / "certificates" / f"{file}.der"
    return made.read_bytes() if made.exists() else b""


VECTORS = [
    odd("good", "A good self-signed RSA-2048 CA, which the others differ from.", ca("Good")),
    # Version and serial number.
    odd("v1-self-signed", "Version 1, self-signed, as roots of the 1990s are.", ca("Version 1", version=b"", extensions=None), STRICT),
    odd("v1-with-extensions", "Version 1, but with extensions.", ca("Version 1 With Extensions", version=b""), JAVA, STRICT),
    odd("v1-explicit", "Version 1 written out, though it is the default.", ca("Version 1 Explicit", version=version(0), extensions=None), STRICT),
    odd("v2-with-extensions", "Version 2, but with extensions.", ca("Version 2", version=version(1)), JAVA, STRICT),
    odd("v3-without-extensions", "Version 3 without the field of extensions.", ca("No Extensions", extensions=None), "not-a-ca"),
    odd("version-4", "A version 4, which there is not.", ca("Version 4", version=version(3)), JAVA),
    odd("serial-negative", "A negative serial number, as of old software that forgot the leading zero.", ca("Negative Serial", serial=der.integer(-0x1234567890))),
    odd("serial-zero", "The serial number 0.", ca("Zero Serial", serial=der.integer(0))),
    odd("serial-21-bytes", "A serial number of 21 bytes; RFC 5280 allows 20.", ca("Long Serial", serial=der.integer(0x7F << 160 | 5))),
    odd("serial-padded", "A serial number with a needless leading zero.", ca("Padded Serial", serial=der.tlv(der.INTEGER, b"\0\0\1\2")), OPENSSL),
    odd("serial-empty", "A serial number of no bytes.", ca("Empty Serial", serial=der.tlv(der.INTEGER, b"")), *NEITHER),
    # Names.
    under_root("subject-empty", "An intermediate with an empty subject.", certificate(der.sequence(), by=ROOT, key=OTHER_KEY), JAVA, STRICT),
    under_root("subject-empty-san", "An intermediate with an empty subject and a critical subjectAltName.", certificate(der.sequence(), by=ROOT, key=OTHER_KEY, extensions=[*ca_extensions(OTHER_KEY), authority_identifier(KEY), alternative(critical=True)]), STRICT),
    under_root("subject-empty-san-not-critical", "An intermediate with an empty subject and a subjectAltName that is not critical.", certificate(der.sequence(), by=ROOT, key=OTHER_KEY, extensions=[*ca_extensions(OTHER_KEY), authority_identifier(KEY), alternative()]), JAVA, STRICT),
    odd("issuer-empty", "A CA with an empty issuer.", ca("Empty Issuer", issuer=der.sequence()), JAVA, STRICT, "incomplete-chain", whole=["no-root"]),
    odd("names-empty", "Subject and issuer are both empty.", certificate(der.sequence()), JAVA, STRICT),
    odd("name-printable", "A common name as PrintableString.", named("Example Printable CA", der.PRINTABLE)),
    odd("name-printable-bad", "A PrintableString with an asterisk and an ampersand, which it does not have.", named("Example * & CA", der.PRINTABLE)),
    odd("name-ia5", "A common name as IA5String.", named("Example IA5 CA", der.IA5)),
    odd("name-ia5-latin1", "An IA5String with a byte above 127.", named("Example Prüfung CA".encode("latin-1"), der.IA5)),
    odd("name-visible", "A common name as VisibleString, which names do not have.", named("Example Visible CA", der.VISIBLE), OPENSSL),
    odd("name-general", "A common name as GeneralString, which names do not have.", named("Example General CA", der.GENERAL), OPENSSL),
    odd("name-octets", "A common name as OCTET STRING.", named("Example Octets CA", der.OCTET_STRING), OPENSSL),
    odd("name-numeric", "A common name as NumericString.", named("1234 5678", der.NUMERIC)),
    odd("name-integer", "A common name as INTEGER.", named(b"\1\2\3", der.INTEGER), OPENSSL),
    odd("name-sequence", "A common name as SEQUENCE.", named(der.integer(1), der.SEQUENCE)),
    odd("name-t61", "A common name as T61String with Latin-1 in it.", named("Example Prüfung CA".encode("latin-1"), der.T61)),
    odd("name-bmp", "A common name as BMPString.", named("Example Prüfung CA".encode("utf-16-be"), der.BMP)),
    odd("name-bmp-odd", "A BMPString of an odd number of bytes.", named(b"\0E\0x\0", der.BMP), *NEITHER),
    odd("name-bmp-surrogate", "A BMPString with half of a surrogate pair.", named(b"\0E\xd8\x3d\0x", der.BMP), *NEITHER),
    odd("name-universal", "A common name as UniversalString.", named("Example Universal CA".encode("utf-32-be"), der.UNIVERSAL)),
    odd("name-universal-cut", "A UniversalString whose length is no multiple of four.", named(b"\0\0\0E\0\0", der.UNIVERSAL), OPENSSL),
    odd("name-utf8-invalid", "A UTF8String with Latin-1 in it.", named("Example Prüfung CA".encode("latin-1")), OPENSSL),
    odd("name-utf8-surrogate", "A UTF8String with an encoded surrogate (CESU-8).", named(b"Example \xed\xa0\xbd\xed\xb8\x80 CA"), OPENSSL),
    odd("name-utf8-overlong", "A UTF8String with an overlong encoding of a slash.", named(b"Example \xc0\xaf CA"), OPENSSL),
    odd("name-nul", "A common name with a NUL byte, which C programs end a text at.", named("Example CA\0.example.com")),
    odd("name-pem", "A common name with a newline and the begin of a PEM block.", named(NEWLINES)),
    odd("name-rtl", "A common name with a right-to-left override, which terminals turn around.", named("Example \u202egpj.CA")),
    odd("name-escape", "A common name with an escape sequence for terminals.", named("Example \x1b[2J\x1b[31m CA")),
    odd("name-5000", "A common name of 5,000 characters; RFC 5280 allows 64.", named("Example " + "very " * 998 + "CA")),
    odd("name-empty-value", "A common name of no characters.", named("")),
    odd("name-multi-valued", "One RDN with two attributes.", certificate(der.sequence(der.set_of(attribute(ORGANIZATION, b"Example Customer"), attribute(COMMON_NAME, b"Example Multi-Valued CA"))))),
    odd("name-empty-rdn", "An RDN without an attribute.", certificate(der.sequence(der.set_of(), der.set_of(attribute(COMMON_NAME, b"Example Empty RDN CA"))))),
    odd("name-unknown-attribute", "An attribute of an identifier that nobody knows.", certificate(distinguished(attribute(UNKNOWN_OID, b"Example"), attribute(COMMON_NAME, b"Example Unknown Attribute CA")))),
    odd("name-no-common-name", "A name with an organization alone.", certificate(distinguished(attribute(ORGANIZATION, b"Example Customer")))),
    odd("name-country-long", "A country of seven letters as PrintableString; two are allowed.", certificate(distinguished(attribute("2.5.4.6", b"Example", der.PRINTABLE), attribute(COMMON_NAME, b"Example Country CA")))),
    # Keys.
    odd("rsa-no-key", "An RSA key whose BIT STRING holds no numbers.", keyed("RSA Garbage", rsa_info(b"no key at all")), JAVA),
    odd("rsa-empty", "An RSA key whose BIT STRING is empty.", keyed("RSA Empty", rsa_info(b"")), JAVA),
    odd("rsa-384", "RSA of 384 bits.", keyed("RSA 384", rsa_info(rsa_bits(huge_modulus(384), 65537))), JAVA, "weak-key"),
    odd("rsa-512", "RSA of 512 bits.", ca("RSA 512", key=rsa_key("512", 512)), "weak-key"),
    odd("rsa-1024", "RSA of 1024 bits.", ca("RSA 1024", key=rsa_key("1024", 1024)), "weak-key"),
    odd("rsa-exponent-3", "RSA with the exponent 3.", ca("RSA 3", key=rsa_key("3", 2048, 3))),
    odd("rsa-exponent-1", "RSA with the exponent 1, under which everything is signed.", keyed("RSA 1", rsa_info(rsa_bits(KEY.modulus, 1))), JAVA),
    odd("rsa-exponent-even", "RSA with an even exponent.", keyed("RSA Even Exponent", rsa_info(rsa_bits(KEY.modulus, 65536)))),
    odd("rsa-exponent-large", "RSA of 4096 bits with an exponent of 80 bits.", keyed("RSA Large Exponent", rsa_info(rsa_bits(huge_modulus(4096), (1 << 79) + 1))), JAVA),
    odd("rsa-even", "RSA with an even modulus.", keyed("RSA Even", rsa_info(rsa_bits(KEY.modulus + 1, 65537)))),
    odd("rsa-negative", "RSA with a negative modulus, as of software that forgot the leading zero.", keyed("RSA Negative", rsa_info(rsa_bits(KEY.modulus - (1 << 2048), 65537)))),
    odd("rsa-16384", "RSA of 16384 bits.", keyed("RSA 16384", rsa_info(rsa_bits(huge_modulus(16384), 65537)))),
    odd("rsa-16400", "RSA of 16400 bits, which is more than the JVM takes.", keyed("RSA 16400", rsa_info(rsa_bits(huge_modulus(16400), 65537))), JAVA),
    odd("rsa-trailing", "A NULL behind the RSA key within its BIT STRING.", keyed("RSA Trailing", rsa_info(KEY.bits + der.null())), JAVA),
    odd("rsa-three-numbers", "An RSA key of three numbers.", keyed("RSA Three", rsa_info(der.sequence(*map(der.integer, (KEY.modulus, 65537, 1))))), JAVA),
    odd("rsa-parameters-missing", "An RSA key without the NULL of its algorithm's parameters.", keyed("RSA No NULL", rsa_info(KEY.bits, algorithm=der.sequence(der.oid(RSA))))),
    odd("rsa-unused-bits", "An RSA key whose BIT STRING says that a bit is unused.", keyed("RSA Unused Bits", rsa_info(KEY.bits, unused=1)), rejected="malformed"),
    odd("rsa-unused-bits-9", "An RSA key whose BIT STRING says that nine bits are unused.", keyed("RSA Unused Bits", rsa_info(KEY.bits, unused=9)), rejected="malformed"),
    odd("rsa-pss", "A key for RSA-PSS alone.", keyed("RSA-PSS", rsa_info(KEY.bits, algorithm=der.sequence(der.oid("1.2.840.113549.1.1.10"))))),
    odd("rsa-pss-salt-222", "A key for RSA-PSS with a salt of 222 bytes, the longest for its size.", keyed("RSA-PSS 222", pss("2.16.840.1.101.3.4.2.1", 222))),
    odd("rsa-pss-md5", "A key for RSA-PSS with a mask by MD5: every JVM refuses it.", keyed("RSA-PSS MD5", pss("1.2.840.113549.2.5", 16)), JAVA),
    odd("ec-p256", "An elliptic curve key, P-256, and its own signature.", keyed("P-256", P256, inner=ECDSA, sign=ecdsa)),
    odd("ec-p384", "P-384.", keyed("P-384", ec_info(ec.SECP384R1()))),
    odd("ec-p521", "P-521.", keyed("P-521", ec_info(ec.SECP521R1()))),
    odd("ec-secp256k1", "The curve of Bitcoin, secp256k1: every JVM reads it.", keyed("secp256k1", ec_info(ec.SECP256K1()))),
    odd("ec-brainpool", "The curve brainpoolP256r1, as of German authorities.", keyed("Brainpool", ec_info(ec.BrainpoolP256R1()))),
    odd("ec-p192", "P-192, which is too short.", keyed("P-192", ec_info(ec.SECP192R1())), "weak-key"),
    odd("ec-p224", "P-224.", keyed("P-224", ec_info(ec.SECP224R1()))),
    odd("ec-unknown-curve", "A curve that no JVM knows: it refuses the certificate.", keyed("Unknown Curve", der.sequence(der.sequence(der.oid("1.2.840.10045.2.1"), der.oid(UNKNOWN_OID)), der.bits(b"\4" + b"\1" * 64))), JAVA),
    odd("key-parameters-empty-long", "Key parameters of nothing, with a length in two bytes: OpenSSL 3.0 and older JVMs do not read it.", keyed("Long Nothing", rsa_info(KEY.bits, algorithm=der.sequence(der.oid(RSA), b"\x30\x81\0"))), *NEITHER),
    odd("ec-compressed", "P-256 with a compressed point.", keyed("Compressed", ec_info(ec.SECP256R1(), PublicFormat.CompressedPoint)), JAVA),
    odd("ec-explicit", "P-256 with the curve's parameters written out.", keyed("Explicit Curve", explicit_curve()), JAVA, STRICT),
    odd("ec-off-curve", "A point that is not on its curve.", keyed("Off Curve", p256_bits(b"\4" + b"\1" * 64))),
    odd("ec-short-point", "A point that is too short for its curve.", keyed("Short Point", p256_bits(b"\4" + b"\1" * 62)), JAVA),
    odd("ec-infinity", "The point at infinity as key.", keyed("Infinity", p256_bits(b"\0")), JAVA),
    odd("ed25519", "Ed25519, and its own signature.", keyed("Ed25519", public_info(ed25519_private().public_key()), inner=ED25519, sign=ed25519_private().sign)),
    odd("dsa", "DSA of 2048 bits.", keyed("DSA", dsa_info())),
    odd("key-unknown", "A key of an algorithm that nobody knows.", keyed("Unknown Key", der.sequence(der.sequence(der.oid(UNKNOWN_OID)), der.bits(b"key")))),
    # Signatures.
    odd("signature-algorithms-differ", "The signature algorithm within the signed part differs from that outside.", ca("Two Algorithms", inner=signature_algorithm("sha1"), outer=signature_algorithm("sha256")), JAVA, STRICT),
    odd("signature-md5", "Self-signed with MD5, which means nothing.", ca("MD5", digest="md5")),
    odd("signature-sha1", "Self-signed with SHA-1, which means nothing.", ca("SHA-1", digest="sha1")),
    under_root("signature-md5-issued", "An intermediate that the root signed with MD5.", by_root("MD5 Issued", digest="md5"), "weak-signature"),
    under_root("signature-sha1-issued", "An intermediate that the root signed with SHA-1.", by_root("SHA-1 Issued", digest="sha1"), "weak-signature"),
    odd("signature-unknown", "A signature algorithm that nobody knows.", ca("Unknown Signature", inner=der.sequence(der.oid(UNKNOWN_OID)))),
    odd("signature-no-null", "sha256WithRSAEncryption without the NULL of its parameters.", ca("Signature No NULL", inner=der.sequence(der.oid("1.2.840.113549.1.1.11")))),
    odd("signature-unused-bits", "A signature whose BIT STRING says that nine bits are unused.", ca("Signature Unused Bits", unused=9), rejected="malformed"),
    odd("signature-empty", "A signature of no bytes.", ca("Empty Signature", sign=lambda _: b"")),
    # Extensions.
    odd("extensions-empty", "The field of extensions with none in it.", ca("Empty Extensions", extensions=None, behind=der.explicit(3, der.sequence())), "not-a-ca"),
    odd("extension-twice", "The same extension twice.", plus("Twice", subject_identifier(KEY)), JAVA),
    odd("extension-unknown", "An extension that nobody knows.", plus("Unknown Extension", extension(UNKNOWN_OID, b"?"))),
    odd("extension-unknown-critical", "A critical extension that nobody knows. OpenSSL refuses every chain with it.", plus("Unknown Critical", extension(UNKNOWN_OID, b"?", critical=True))),
    odd("extension-critical-written-false", "A criticality of FALSE written out, though it is the default.", with_extensions("Written FALSE", basic(), usage(), der.sequence(der.oid("2.5.29.14"), der.tlv(der.BOOLEAN, b"\0"), der.octets(der.octets(KEY.identifier))))),
    odd("extension-critical-1", "A TRUE of 01 where DER has FF.", with_extensions("TRUE of 01", der.sequence(der.oid("2.5.29.19"), der.tlv(der.BOOLEAN, b"\1"), der.octets(der.sequence(der.true()))), usage(), subject_identifier(KEY))),
    odd("basic-constraints-absent", "No basicConstraints.", with_extensions("No basicConstraints", usage(), subject_identifier(KEY)), "not-a-ca"),
    odd("basic-constraints-false", "basicConstraints that say it is no CA.", with_extensions("CA FALSE", basic(ca=False), usage(), subject_identifier(KEY)), "not-a-ca"),
    odd("basic-constraints-not-critical", "basicConstraints that are not critical.", with_extensions("Not Critical", basic(critical=False), usage(), subject_identifier(KEY)), STRICT),
    odd("basic-constraints-malformed-critical", "Critical basicConstraints that cannot be read.", with_extensions("Malformed Critical", basic(value=b"\x30\x05\x01"), usage(), subject_identifier(KEY)), JAVA, "not-a-ca"),
    odd("basic-constraints-malformed", "basicConstraints, not critical, that cannot be read.", with_extensions("Malformed", basic(critical=False, value=b"\x30\x05\x01"), usage(), subject_identifier(KEY)), "not-a-ca"),
    odd("basic-constraints-path-length", "A path length of 0, for a CA that issues to servers alone.", with_extensions("Path Length", basic(path_length=0), usage(), subject_identifier(KEY))),
    odd("basic-constraints-path-length-negative", "A negative path length.", with_extensions("Negative Path Length", basic(path_length=-1), usage(), subject_identifier(KEY)), "not-a-ca"),
    odd("basic-constraints-path-length-without-ca", "A path length for what is no CA.", with_extensions("Path Length Without CA", basic(ca=False, path_length=0), usage(), subject_identifier(KEY)), "not-a-ca"),
    odd("key-usage-absent", "No keyUsage.", with_extensions("No keyUsage", basic(), subject_identifier(KEY)), STRICT),
    odd("key-usage-no-cert-sign", "A keyUsage without keyCertSign.", with_extensions("No keyCertSign", basic(), usage(0, 6), subject_identifier(KEY)), "no-cert-sign"),
    odd("key-usage-not-critical", "A keyUsage that is not critical.", with_extensions("keyUsage Not Critical", basic(), usage(critical=False), subject_identifier(KEY))),
    odd("key-usage-malformed", "A critical keyUsage that cannot be read.", with_extensions("keyUsage Malformed", basic(), extension("2.5.29.15", b"\5\0", critical=True), subject_identifier(KEY)), JAVA, "no-cert-sign"),
    odd("key-usage-empty", "A keyUsage of no bits.", with_extensions("keyUsage Empty", basic(), extension("2.5.29.15", der.bits(b""), critical=True), subject_identifier(KEY)), "no-cert-sign"),
    odd("subject-identifier-absent", "No subjectKeyIdentifier.", with_extensions("No SKI", basic(), usage()), STRICT),
    odd("subject-identifier-critical", "A critical subjectKeyIdentifier.", with_extensions("SKI Critical", basic(), usage(), subject_identifier(KEY, critical=True)), STRICT),
    odd("authority-identifier-critical", "A critical authorityKeyIdentifier.", plus("AKI Critical", authority_identifier(KEY, critical=True)), STRICT),
    under_root("authority-identifier-absent", "An intermediate without authorityKeyIdentifier.", by_root("No AKI", extensions=ca_extensions(OTHER_KEY)), STRICT),
    odd("extended-usage-server", "An extendedKeyUsage for servers, on a CA.", plus("EKU Server", extension("2.5.29.37", der.sequence(der.oid("1.3.6.1.5.5.7.3.1"))))),
    odd("extended-usage-client", "An extendedKeyUsage for clients alone, on a CA: servers under it are refused.", plus("EKU Client", extension("2.5.29.37", der.sequence(der.oid("1.3.6.1.5.5.7.3.2"))))),
    odd("name-constraints", "Critical nameConstraints.", plus("Constrained", extension("2.5.29.30", NAME_CONSTRAINTS, critical=True))),
    odd("name-constraints-malformed", "Critical nameConstraints that cannot be read.", plus("Constraints Malformed", extension("2.5.29.30", b"\x30\x05\xa0", critical=True)), JAVA),
    odd("name-constraints-empty", "Critical nameConstraints without any.", plus("Constraints Empty", extension("2.5.29.30", der.sequence(), critical=True))),
    odd("name-constraints-uri-scheme", "A URI with a scheme in critical nameConstraints: every JVM refuses it.", constrained("URI Scheme", x509.UniformResourceIdentifier("https://corp.example")), JAVA),
    odd("name-constraints-uri-host", "A host as URI in critical nameConstraints, the form of RFC 5280.", constrained("URI Host", x509.UniformResourceIdentifier("host.corp.example"))),
    odd("name-constraints-uri-domain", "A domain as URI in critical nameConstraints, the form of RFC 5280.", constrained("URI Domain", x509.UniformResourceIdentifier(".corp.example"))),
    odd("name-constraints-empty-dns", "An empty dNSName, excluded: no host name at all, as the Baseline Requirements write it.", constrained("No DNS", excluded=x509.DNSName(""))),
    odd("name-constraints-swapped", "Excluded names before permitted ones.", plus("Swapped", extension("2.5.29.30", der.sequence(der.explicit(1, der.sequence(der.implicit(7, bytes(8)))), NAME_CONSTRAINTS[2:]), critical=True))),
    odd("distribution-point-relative", "A CRL's place as a part of a name, critical.", by_cryptography("Relative", x509.CRLDistributionPoints([x509.DistributionPoint(None, x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]), None, None)]))),
    odd("distribution-point-empty", "A CRL distribution point that names nothing, critical. OpenSSL verifies no chain with it.", plus("Empty Point", extension("2.5.29.31", der.sequence(der.sequence()), critical=True)), JAVA),
    odd("alternative-name-uri-underscore", "A critical subjectAltName, a URI whose host has an underscore.", by_cryptography("Underscore", x509.SubjectAlternativeName([x509.UniformResourceIdentifier("https://a_b.example.com:8443/?q#f")]))),
    odd("alternative-name-uri-final-dot", "A critical subjectAltName, a URI whose host has a dot at its end: every JVM refuses it.", by_cryptography("Final Dot", x509.SubjectAlternativeName([x509.UniformResourceIdentifier("https://ca.example.com./")])), JAVA),
    odd("proxy", "A proxy certificate's extension.", plus("Proxy", extension("1.3.6.1.5.5.7.1.14", der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.21.1"))), critical=True))),
    odd("policies-malformed", "certificatePolicies, not critical, that cannot be read.", plus("Policies Malformed", extension("2.5.29.32", b"\x30\x05"))),
    odd("alternative-name-empty", "A subjectAltName without a name.", plus("Empty SAN", extension("2.5.29.17", der.sequence())), STRICT),
    odd("unique-identifiers", "Unique identifiers of issuer and subject, which nobody uses.", ca("Unique Identifiers", identifiers=der.implicit(1, b"\0\1\2") + der.implicit(2, b"\0\3\4"))),
    # Times; the vectors are judged at 2026-11-21.
    odd("time-generalized", "A GeneralizedTime before 2050, where RFC 5280 wants UTCTime.", ca("Generalized", starts=generalized("20260101000000Z"))),
    odd("time-without-seconds", "A UTCTime without seconds: OpenSSL 3.6 refuses it, 3.0 does not.", ca("No Seconds", starts=utc("2601010000Z")), OPENSSL),
    odd("time-with-offset", "A UTCTime with an offset in place of Z.", ca("Offset", starts=utc("260101000000+0100")), OPENSSL),
    odd("time-generalized-offset", "A GeneralizedTime with an offset in place of Z.", ca("Generalized Offset", ends=generalized("20560101000000-0600")), OPENSSL),
    odd("time-offset-24-hours", "A UTCTime with an offset of 24 hours, which no JVM reads.", ca("Offset of a Day", starts=utc("260101000000+2400")), rejected="malformed"),
    odd("time-fraction-empty", "A GeneralizedTime with a point and no fraction, which no JVM reads.", ca("Empty Fraction", ends=generalized("20560101000000.Z")), rejected="malformed"),
    odd("time-leap-day", "Ends on February 29 of a year that has none: JVMs read March 1, OpenSSL verifies nothing.", ca("Leap Day", ends=generalized("20550229000000Z")), OPENSSL),
    odd("time-hour-24", "An hour 24, which no JVM reads.", ca("Hour 24", ends=generalized("20551231240000Z")), rejected="malformed"),
    odd("time-fraction", "A GeneralizedTime with a fraction of a second.", ca("Fraction", ends=generalized("20560101000000.5Z")), OPENSSL),
    odd("time-month-13", "A month 13.", ca("Month 13", starts=utc("261301000000Z")), rejected="malformed"),
    odd("time-9999", "The year 9999, which RFC 5280 has for no end.", ca("Year 9999", ends=generalized("99991231235959Z"))),
    odd("time-swapped", "notAfter before notBefore.", ca("Swapped", starts=utc("260601000000Z"), ends=utc("260501000000Z")), "expired"),
    odd("time-expired", "Expired in 2024.", ca("Expired", starts=utc("140101000000Z"), ends=utc("240101000000Z")), "expired"),
    odd("time-not-yet", "Valid from 2027 on.", ca("Not Yet Valid", starts=utc("270101000000Z")), "not-yet-valid"),
    odd("time-soon", "Expires on 2026-12-01.", ca("Soon", ends=utc("261201000000Z")), "expires-soon"),
    odd("time-1950", "A UTCTime of the year 50, which is 1950.", ca("1950", starts=utc("500101000000Z"))),
    # Structure.
    odd("indefinite", "The outer SEQUENCE in BER, of indefinite length.", indefinite(ca("Indefinite")), OPENSSL),
    Vector("certificates/ber-bouncy-castle.der", "A certificate in BER by BouncyCastle: everything with indefinite lengths, signed over these bytes.", by_bouncy_castle, (Given(as_made("ber-bouncy-castle"), (OPENSSL,)),)),
    odd("ber-signed-part", "The signed part with an indefinite length, as of VeriSign in 1996.", signed_part_indefinite(ca("Indefinite Signed Part")), OPENSSL),
    odd("ber-name", "The names with indefinite lengths: JDK 17 and 21 read past their ends.", certificate(indefinite(name("Example Indefinite Name CA"))), *NEITHER),
    odd("ber-extension-value", "basicConstraints with an indefinite length.", with_extensions("Indefinite Value", basic(value=b"\x30\x80" + der.true() + b"\0\0"), *ca_extensions()[1:]), *NEITHER),
    odd("ber-octets-in-pieces", "The value of basicConstraints in two pieces.", with_extensions("Octets in Pieces", basic_in_pieces(), *ca_extensions()[1:]), *NEITHER),
    odd("ber-text-in-pieces", "A common name in two pieces.", certificate(text_in_pieces()), *NEITHER),
    odd("ber-key-in-pieces", "A public key in two pieces: OpenSSL reads the certificate and no key in it, no JVM reads it.", ca("Key in Pieces", info=key_in_pieces()), rejected="malformed"),
    files("java-path", "A certification path of Java (PkiPath).", lambda: by_java("path", ISSUING.der, ROOT.der), Given(ROOT.der), Given(ISSUING.der)),
    files("netscape-sequence", "A Netscape certificate sequence (`openssl nseq -toseq`).", netscape_sequence, Given(ISSUING.der), Given(ROOT.der)),
    files("two", "Two certificates one after the other.", lambda: ISSUING.der + ROOT.der, Given(ISSUING.der), Given(ROOT.der)),
    files("with-crl", "A certificate, a revocation list and another certificate.", lambda: ISSUING.der + revocation_list() + ROOT.der, Given(ISSUING.der), Given(ROOT.der), rejected=("not-a-certificate",)),
    files("with-other", "A certificate, something else and another certificate.", lambda: ISSUING.der + der.sequence(der.null(), der.sequence()) * 3 + ROOT.der, Given(ISSUING.der), Given(ROOT.der), rejected=("malformed",)),
    files("padded-zeros", "A certificate and zeros up to a block of 4096 bytes.", lambda: ROOT.der.ljust(4096, b"\0"), Given(ROOT.der)),
    files("padded-ctrl-z", "A certificate and the mark for the end of a text file in DOS.", lambda: ROOT.der + b"\x1a", Given(ROOT.der)),
    files("in-octet-string", "A certificate within an OCTET STRING.", lambda: der.octets(ROOT.der), Given(ROOT.der)),
    files("in-cert-bag", "A certificate within the value of a PKCS#12 bag.", lambda: cert_bag(ROOT.der), Given(ROOT.der)),
    files("then-pem", "A certificate in DER and one in PEM.", lambda: ISSUING.der + pem(ROOT.der).encode(), Given(ISSUING.der), Given(ROOT.der)),
    odd("length-padded", "The outer length with a needless leading zero.", bent_length(ca("Padded Length")), JAVA),
    odd("trailing-in-certificate", "A NULL behind the signature, within the certificate.", inner_trailing(ca("Trailing")), *NEITHER),
    odd("trailing-in-signed-part", "A NULL behind all other fields of the signed part.", ca("Trailing Inside", behind=der.null()), rejected="malformed"),
    Vector("certificates/trailing-byte.der", "A byte behind the certificate.", lambda: ca("Trailing Byte") + b"\1", (Given(ca("Trailing Byte")),), ("malformed",)),
    Vector("certificates/trailing-newline.der", "A newline behind the certificate, as of an editor.", lambda: ca("Trailing Newline") + b"\n", (Given(ca("Trailing Newline")),)),
    odd("cut", "A certificate that lacks its last bytes.", ca("Cut")[:-20], rejected="malformed"),
    # Chains.
    odd("leaf", "A server's certificate.", SERVER, "not-a-ca", "incomplete-chain", **LONE),
    odd("leaf-self-signed", "A server's certificate that signed itself.", with_extensions("Self-Signed Server", basic(ca=False), usage(0, 2), subject_identifier(KEY), alternative("localhost")), "not-a-ca"),
    odd("intermediate-alone", "An intermediate without its issuer.", ISSUING.der, "incomplete-chain", **LONE),
    under_root("intermediate-with-root", "An intermediate with its issuer.", ISSUING.der),
    several("same-subject", "Two CAs of one name with two keys, one of them without a subjectKeyIdentifier.", Given(ca("Same Subject"), ("same-subject",)), Given(with_extensions("Same Subject", basic(), usage(), key=OTHER_KEY), ("python-strict", "same-subject"))),
    several("key-rollover", "Two CAs of one name with two keys, each with a subjectKeyIdentifier of its own.", Given(ca("Same Subject")), Given(ca("Same Subject", key=OTHER_KEY), ("key-rollover",))),
    several("renewed", "A CA and its renewal: one name, one key.", Given(ca("Renewed", ends=utc("270101000000Z"))), Given(ca("Renewed"))),
    several("cross-signed", "One CA twice: self-signed, and signed by another root, which is there.", Given(ROLLED.der), Given(certificate(GOOD_SUBJECT, by=CROSS_ROOT)), Given(CROSS_ROOT.der)),
    several("cross-signed-alone", "One CA twice: self-signed, and signed by another root, which is not there.", Given(ROLLED.der), Given(certificate(GOOD_SUBJECT, by=CROSS_ROOT), ("incomplete-chain",))),
    several("rollover", "A new key's certificate by the old key, self-issued (AKI differs from SKI), with the old root.", Given(certificate(GOOD_SUBJECT, by=ROLLED, key=OTHER_KEY)), Given(ROLLED.der, ("key-rollover",))),
    odd("rollover-alone", "A new key's certificate by the old key, self-issued, without the old root.", certificate(GOOD_SUBJECT, by=ROLLED, key=OTHER_KEY), "incomplete-chain", **LONE),
    several("loop", "Two CAs that signed each other, and no root.", Given(certificate(name("Example Loop A CA"), by=Authority(b"", name("Example Loop B CA"), OTHER_KEY))), Given(certificate(name("Example Loop B CA"), by=Authority(b"", name("Example Loop A CA"), KEY), key=OTHER_KEY)), whole=["no-root"]),
]  # fmt: skip
