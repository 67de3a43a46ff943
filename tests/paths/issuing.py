"""Certificates for the cases of our own: good ones, but for what a case changes.

cryptography refuses to write much of what the cases are about (a name twice, version 1 with
extensions), so the certificate around its encodings is put together by hand.
"""

import datetime
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

from case import Case, pem
from vectors import der

YEAR = datetime.timedelta(days=365)
AT = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
STARTS, ENDS = AT - 5 * YEAR, AT + 5 * YEAR
HOST = "login.example.com"

BASIC, USAGE, PURPOSES, ALTERNATIVE, CONSTRAINTS, SUBJECT_KEY, AUTHORITY_KEY = (
    "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.30", "2.5.29.14", "2.5.29.35",
)  # fmt: skip
SERVER_AUTH, CLIENT_AUTH, ANY_PURPOSE = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"

CURVES = {
    "p224": ec.SECP224R1, "p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1,
    "p192": ec.SECP192R1, "secp256k1": ec.SECP256K1, "brainpool": ec.BrainpoolP256R1,
}  # fmt: skip


@functools.cache
def key(label: str, kind: str = "p256"):
    """The key of this label; those on a curve are the same in every run."""
    seed = hashlib.sha256(f"{label} {kind}".encode()).digest()
    if kind in CURVES:
        return ec.derive_private_key(int.from_bytes(seed[:20]), CURVES[kind]())
    match kind:
        case "ed25519":
            return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        case "ed448":
            return ed448.Ed448PrivateKey.from_private_bytes(seed + seed[:25])
        case "dsa":
            return dsa.generate_private_key(2048)
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))


def public_info(private) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(serialization.Encoding.DER, form)


def key_id(private) -> bytes:
    return x509.SubjectKeyIdentifier.from_public_key(private.public_key()).digest


# --- Signatures

_RSA_HASHES = {
    "md5": ("1.2.840.113549.1.1.4", hashes.MD5),
    "sha1": ("1.2.840.113549.1.1.5", hashes.SHA1),
    "sha224": ("1.2.840.113549.1.1.14", hashes.SHA224),
    "sha256": ("1.2.840.113549.1.1.11", hashes.SHA256),
    "sha384": ("1.2.840.113549.1.1.12", hashes.SHA384),
    "sha512": ("1.2.840.113549.1.1.13", hashes.SHA512),
}
_EC_HASHES = {
    "sha1": ("1.2.840.10045.4.1", hashes.SHA1),
    "sha224": ("1.2.840.10045.4.3.1", hashes.SHA224),
    "sha256": ("1.2.840.10045.4.3.2", hashes.SHA256),
    "sha384": ("1.2.840.10045.4.3.3", hashes.SHA384),
    "sha512": ("1.2.840.10045.4.3.4", hashes.SHA512),
}
_HASH_IDS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}


def _pss_parameters(name: str, salt: int) -> bytes:
    algorithm = der.sequence(der.oid(_HASH_IDS[name]), der.null())
    generator = der.sequence(der.oid("1.2.840.113549.1.1.8"), algorithm)
    return der.sequence(
        der.explicit(0, algorithm), der.explicit(1, generator), der.explicit(2, der.integer(salt))
    )


def algorithm_of(private, digest: str) -> bytes:
    match private:
        case ec.EllipticCurvePrivateKey():
            return der.sequence(der.oid(_EC_HASHES[digest][0]))
        case ed25519.Ed25519PrivateKey():
            return der.sequence(der.oid("1.3.101.112"))
        case ed448.Ed448PrivateKey():
            return der.sequence(der.oid("1.3.101.113"))
        case dsa.DSAPrivateKey():
            return der.sequence(der.oid("2.16.840.1.101.3.4.3.2"))
    if digest.startswith("pss-"):
        name = digest.removeprefix("pss-")
        size = _RSA_HASHES[name][1]().digest_size
        return der.sequence(der.oid("1.2.840.113549.1.1.10"), _pss_parameters(name, size))
    return der.sequence(der.oid(_RSA_HASHES[digest][0]), der.null())


def sign(private, digest: str, data: bytes) -> bytes:
    match private:
        case ec.EllipticCurvePrivateKey():
            how = ec.ECDSA(_EC_HASHES[digest][1](), deterministic_signing=True)
            return private.sign(data, how)
        case ed25519.Ed25519PrivateKey() | ed448.Ed448PrivateKey():
            return private.sign(data)
        case dsa.DSAPrivateKey():
            return private.sign(data, hashes.SHA256())
    if digest.startswith("pss-"):
        algorithm = _RSA_HASHES[digest.removeprefix("pss-")][1]()
        salted = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
        return private.sign(data, salted, algorithm)
    return private.sign(data, padding.PKCS1v15(), _RSA_HASHES[digest][1]())


# --- Names and extensions


def name(common: str | None, organization: str | None = "Example", **more: str) -> bytes:
    attributes = [(NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, common)]
    attributes += [(getattr(NameOID, kind), value) for kind, value in more.items()]
    given = [x509.NameAttribute(oid, text) for oid, text in attributes if text is not None]
    return x509.Name(given).public_bytes()


EMPTY_NAME = der.sequence()


@dataclass(frozen=True)
class Extension:
    oid: str
    value: bytes
    critical: bool = False

    @property
    def encoded(self) -> bytes:
        flag = der.true() if self.critical else b""
        return der.sequence(der.oid(self.oid), flag, der.octets(self.value))


def basic(ca: bool | None = True, limit: int | None = None, critical: bool = True) -> Extension:
    value = der.sequence(
        der.true() if ca else b"", b"" if limit is None else der.integer(limit)
    )
    return Extension(BASIC, value, critical)


# Bits of keyUsage.
SIGNATURE, COMMITMENT, ENCIPHERMENT, DATA, AGREEMENT, CERT_SIGN, CRL_SIGN = range(7)


def usage(*positions: int, critical: bool = True) -> Extension:
    byte = sum(0x80 >> position for position in positions)
    unused = (byte & -byte).bit_length() - 1 if byte else 0
    value = der.bits(bytes([byte]) if byte else b"", unused)
    return Extension(USAGE, value, critical)


def purposes(*oids: str, critical: bool = False) -> Extension:
    return Extension(PURPOSES, der.sequence(*map(der.oid, oids)), critical)


def subject_key(digest: bytes, critical: bool = False) -> Extension:
    return Extension(SUBJECT_KEY, der.octets(digest), critical)


def authority_key(
    digest: bytes | None, issuer: bytes | None = None, serial: int | None = None, critical: bool = False
) -> Extension:
    parts = der.implicit(0, digest) if digest is not None else b""
    if issuer is not None:
        parts += der.explicit(1, der.explicit(4, issuer))
    if serial is not None:
        parts += der.implicit(2, der.split(der.integer(serial))[0][1])
    return Extension(AUTHORITY_KEY, der.sequence(parts), critical)


def general(text: str | bytes) -> bytes:
    """A GeneralName: `dns:…`, `ip:…` in hexadecimal, `email:…`, `uri:…`, or DER as it is."""
    if isinstance(text, bytes):
        return text
    kind, _, value = text.partition(":")
    match kind:
        case "dns" | "email" | "uri":
            number = {"email": 1, "dns": 2, "uri": 6}[kind]
            return der.implicit(number, value.encode("latin-1"))
        case "ip":
            return der.implicit(7, bytes.fromhex(value))
        case "rid":
            return der.implicit(8, der.split(der.oid(value))[0][1])
    raise ValueError(text)


def directory(encoded: bytes) -> bytes:
    return der.explicit(4, encoded)


def other_name(oid: str, text: str) -> bytes:
    return der.explicit(0, der.oid(oid), der.explicit(0, der.tlv(der.UTF8, text.encode())))


def alternative(*names: str | bytes, critical: bool = False) -> Extension:
    return Extension(ALTERNATIVE, der.sequence(*map(general, names)), critical)


def constraints(
    permitted: Sequence[str | bytes] | None = None,
    excluded: Sequence[str | bytes] | None = None,
    critical: bool = True,
    bounds: bytes = b"",
) -> Extension:
    def trees(number: int, bases: Sequence[str | bytes] | None) -> bytes:
        if bases is None:
            return b""
        return der.explicit(number, *[der.sequence(general(base), bounds) for base in bases])

    return Extension(CONSTRAINTS, der.sequence(trees(0, permitted), trees(1, excluded)), critical)


# --- Certificates


def time(moment: datetime.datetime | bytes) -> bytes:
    if isinstance(moment, bytes):
        return moment
    if 1950 <= moment.year < 2050:
        return der.tlv(der.UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())
    return der.tlv(der.GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, which may issue others."""

    der: bytes
    subject: bytes
    private: object
    serial: int
    # What its subjectKeyIdentifier would say.
    key_id: bytes

    @property
    def pem(self) -> str:
        return pem(self.der)


def issue(
    subject: bytes,
    private,
    extensions: Sequence[Extension] | None,
    by: Certificate | None = None,
    *,
    issuer: bytes | None = None,
    signer=None,
    digest: str | None = None,
    algorithm: bytes | None = None,
    starts: datetime.datetime | bytes = STARTS,
    ends: datetime.datetime | bytes = ENDS,
    version: int | None = 2,
    serial: int | None = None,
    info: bytes | None = None,
) -> Certificate:
    """Signs whatever is given. `version` is the number in the certificate: 2 for version 3."""
    signer = signer or (by.private if by else private)
    default = "sha256"
    digest = digest or default
    algorithm = algorithm or algorithm_of(signer, digest)
    issuer = issuer if issuer is not None else by.subject if by else subject
    info = info or public_info(private)
    body = [issuer, der.sequence(time(starts), time(ends)), subject, info]
    if extensions is not None:
        body.append(der.explicit(3, der.sequence(*[one.encoded for one in extensions])))
    if serial is None:
        serial = int.from_bytes(b"\1" + hashlib.sha256(b"".join(body)).digest()[:8])
    head = b"" if version is None else der.explicit(0, der.integer(version))
    signed = der.sequence(head, der.integer(serial), algorithm, *body)
    whole = der.sequence(signed, algorithm, der.bits(sign(signer, digest, signed)))
    return Certificate(whole, subject, private, serial, key_id(private))


def _with(defaults: dict[str, Extension], changes: dict[str, Extension | None], more) -> list:
    """The extensions of a kind of certificate; None leaves one out."""
    merged = {**defaults, **changes}
    return [one for one in merged.values() if one is not None] + list(more)


_EXTENSIONS = {"basic", "usage", "purposes", "names", "constraints", "ski", "aki"}


def _make(subject, private, defaults, by, changes) -> Certificate:
    given = {name: changes.pop(name) for name in list(changes) if name in _EXTENSIONS}
    more = changes.pop("more", ())
    extensions = _with(defaults, given, more)
    if changes.pop("bare", False):
        extensions = None
    return issue(subject, private, extensions, by, **changes)


def ca(label: str, by: Certificate | None = None, *, private=None, subject=None, **changes) -> Certificate:
    """A CA that every client takes: a root, or an intermediate below `by`."""
    private = private or key(label)
    defaults = {"basic": basic(), "usage": usage(CERT_SIGN, CRL_SIGN), "ski": subject_key(key_id(private))}
    if by:
        defaults["aki"] = authority_key(by.key_id)
    subject = name(label) if subject is None else subject
    return _make(subject, private, defaults, by, changes)


def leaf(by: Certificate | None, *, private=None, subject=None, **changes) -> Certificate:
    """A server's certificate that every client takes."""
    private = private or key("server")
    defaults = {
        "usage": usage(SIGNATURE),
        "purposes": purposes(SERVER_AUTH),
        "names": alternative(f"dns:{HOST}"),
        "ski": subject_key(key_id(private)),
    }
    if by:
        defaults["aki"] = authority_key(by.key_id)
    subject = name("A server") if subject is None else subject
    return _make(subject, private, defaults, by, changes)


def private_pem(private) -> str:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def case(
    id: str,
    anchors: Sequence[Certificate] | Certificate,
    *chain: Certificate | bytes,
    host: str = HOST,
    at: datetime.datetime = AT,
) -> Case:
    anchors = [anchors] if isinstance(anchors, Certificate) else anchors
    sections = [one.pem if isinstance(one, Certificate) else pem(one) for one in chain]
    return Case(
        id=id,
        anchors=tuple(one.pem for one in anchors),
        chain=tuple(sections),
        host=host,
        at=int(at.timestamp()),
        key=private_pem(chain[0].private),
    )
