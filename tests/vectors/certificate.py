"""Certificates of which any field can be bent, by keys that are the same in every run."""

import base64
import functools
import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import der

# --------------------------------------------------------------------------------------
# Keys. Nobody must trust them: their seeds are public.


def _is_prime(number: int, chance: random.Random) -> bool:
    """Miller and Rabin's test."""
    if any(number % small == 0 for small in _SMALL_PRIMES):
        return False
    odd = number - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    for _ in range(8):
        power = pow(chance.randrange(2, number - 1), odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


_SMALL_PRIMES = [n for n in range(3, 2000) if all(n % d for d in range(2, int(n**0.5) + 1))]


@dataclass(frozen=True)
class RsaKey:
    """A key that signs what cryptography would refuse to."""

    p: int
    q: int
    exponent: int

    @property
    def modulus(self) -> int:
        return self.p * self.q

    @property
    def _secret(self) -> int:
        return pow(self.exponent, -1, (self.p - 1) * (self.q - 1))

    @property
    def bits(self) -> bytes:
        """What the BIT STRING of the key holds."""
        return rsa_bits(self.modulus, self.exponent)

    @property
    def info(self) -> bytes:
        return rsa_info(self.bits)

    @property
    def identifier(self) -> bytes:
        return hashlib.sha1(self.bits).digest()

    def sign(self, message: bytes, digest: str = "sha256") -> bytes:
        """By PKCS#1 1.5."""
        size = (self.modulus.bit_length() + 7) // 8
        info = der.sequence(
            der.sequence(der.oid(DIGESTS[digest]), der.null()),
            der.octets(hashlib.new(digest, message).digest()),
        )
        padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
        return pow(int.from_bytes(padded, "big"), self._secret, self.modulus).to_bytes(size, "big")

    def private(self) -> rsa.RSAPrivateKey:
        secret = self._secret
        return rsa.RSAPrivateNumbers(
            p=self.p,
            q=self.q,
            d=secret,
            dmp1=secret % (self.p - 1),
            dmq1=secret % (self.q - 1),
            iqmp=pow(self.q, -1, self.p),
            public_numbers=rsa.RSAPublicNumbers(self.exponent, self.modulus),
        ).private_key()


@functools.cache
def rsa_key(seed: str, size: int = 2048, exponent: int = 65537) -> RsaKey:
    chance = random.Random(f"trust-init test vector {seed} {size}")
    primes: list[int] = []
    while len(primes) < 2:
        # Its two highest bits set, so that the product has all its bits.
        candidate = chance.getrandbits(size // 2) | 3 << (size // 2 - 2) | 1
        if (candidate - 1) % exponent and _is_prime(candidate, chance):
            primes.append(candidate)
    return RsaKey(*primes, exponent)


def rsa_bits(modulus: int, exponent: int) -> bytes:
    return der.sequence(der.integer(modulus), der.integer(exponent))


def rsa_info(content: bytes, unused: int = 0, algorithm: bytes | None = None) -> bytes:
    """A SubjectPublicKeyInfo that says RSA, whatever it holds."""
    algorithm = algorithm or der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null())
    return der.sequence(algorithm, der.bits(content, unused))


DIGESTS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
}
SIGNATURES = {
    "md5": "1.2.840.113549.1.1.4",
    "sha1": "1.2.840.113549.1.1.5",
    "sha256": "1.2.840.113549.1.1.11",
}


def signature_algorithm(digest: str) -> bytes:
    return der.sequence(der.oid(SIGNATURES[digest]), der.null())


def public_info(key) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def ec_private(curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(0x7E57_7E57_7E57_7E57, curve)


def ec_info(curve: ec.EllipticCurve, form: PublicFormat = PublicFormat.UncompressedPoint) -> bytes:
    named = der.split(der.split(public_info(ec_private(curve).public_key()))[0][1])
    point = ec_private(curve).public_key().public_bytes(Encoding.X962, form)
    return der.sequence(named[0][2], der.bits(point))


def ecdsa(message: bytes) -> bytes:
    how = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    return ec_private(ec.SECP256R1()).sign(message, how)


def ed25519_private() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(b"trust-init test vector, Ed25519.")


def dsa_info() -> bytes:
    """Numbers of the right sizes: no client looks whether they are a key."""
    chance = random.Random("trust-init test vector DSA")
    p, q = chance.getrandbits(2048) | 1 << 2047 | 1, chance.getrandbits(256) | 1 << 255 | 1
    numbers = der.sequence(*map(der.integer, (p, q, chance.getrandbits(2040))))
    public = der.integer(chance.getrandbits(2040))
    return der.sequence(der.sequence(der.oid("1.2.840.10040.4.1"), numbers), der.bits(public))


# --------------------------------------------------------------------------------------
# Names, times and extensions.

COMMON_NAME, ORGANIZATION = "2.5.4.3", "2.5.4.10"


def attribute(kind: str, value: bytes, tag: int = der.UTF8) -> bytes:
    return der.sequence(der.oid(kind), der.tlv(tag, value))


def distinguished(*attributes: bytes) -> bytes:
    """A name with one attribute an RDN."""
    return der.sequence(*map(der.set_of, attributes))


def name(common: str | bytes, tag: int = der.UTF8) -> bytes:
    """A name by its common name; bytes go in as they are, under any tag."""
    value = common.encode() if isinstance(common, str) else common
    organization = attribute(ORGANIZATION, b"Example Customer")
    return distinguished(organization, attribute(COMMON_NAME, value, tag))


def utc(text: str) -> bytes:
    return der.tlv(der.UTC_TIME, text.encode())


def generalized(text: str) -> bytes:
    return der.tlv(der.GENERALIZED_TIME, text.encode())


STARTS, ENDS = utc("260101000000Z"), generalized("20560101000000Z")


def extension(kind: str, value: bytes, critical: bool = False) -> bytes:
    return der.sequence(der.oid(kind), der.true() if critical else b"", der.octets(value))


def basic(
    ca: bool = True, path_length: int | None = None, critical: bool = True, value: bytes | None = None
) -> bytes:
    length = b"" if path_length is None else der.integer(path_length)
    value = der.sequence(der.true() if ca else b"", length) if value is None else value
    return extension("2.5.29.19", value, critical)


def usage(*positions: int, critical: bool = True) -> bytes:
    """keyUsage by bit positions; without any those of a CA: keyCertSign and cRLSign."""
    byte = sum(0x80 >> position for position in positions or (5, 6))
    return extension("2.5.29.15", der.bits(bytes([byte]), (byte & -byte).bit_length() - 1), critical)


def subject_identifier(key: RsaKey, critical: bool = False) -> bytes:
    return extension("2.5.29.14", der.octets(key.identifier), critical)


def authority_identifier(key: RsaKey, critical: bool = False) -> bytes:
    return extension("2.5.29.35", der.sequence(der.implicit(0, key.identifier)), critical)


def alternative(dns: str = "ca.example.com", critical: bool = False) -> bytes:
    return extension("2.5.29.17", der.sequence(der.implicit(2, dns.encode())), critical)


# --------------------------------------------------------------------------------------
# Certificates.


@dataclass(frozen=True)
class Authority:
    """A CA that signs others."""

    der: bytes
    subject: bytes
    key: RsaKey


KEY = rsa_key("CA")
OTHER_KEY = rsa_key("another CA")


def ca_extensions(key: RsaKey = KEY) -> list[bytes]:
    return [basic(), usage(), subject_identifier(key)]


def certificate(
    subject: bytes,
    *,
    by: Authority | None = None,
    issuer: bytes | None = None,
    key: RsaKey = KEY,
    info: bytes | None = None,
    version: bytes | None = None,
    serial: bytes | None = None,
    digest: str = "sha256",
    inner: bytes | None = None,
    outer: bytes | None = None,
    starts: bytes = STARTS,
    ends: bytes = ENDS,
    identifiers: bytes = b"",
    extensions: Sequence[bytes] | None = (),
    behind: bytes = b"",
    sign: Callable[[bytes], bytes] | None = None,
    unused: int = 0,
) -> bytes:
    """A good CA's certificate, but for what is given.

    Self-signed unless there is `by`. `extensions` None is a certificate without the field, an
    empty one those of a CA. `behind` follows all other fields of the signed part.
    """
    inner = inner or signature_algorithm(digest)
    if extensions is not None and not extensions:
        extensions = ca_extensions(key) + ([authority_identifier(by.key)] if by else [])
    if issuer is None:
        issuer = by.subject if by else subject
    # Without a serial of its own, one that its names and key give.
    drawn = hashlib.sha256(subject + issuer + (info or key.bits) + ends).digest()
    signed = der.sequence(
        der.explicit(0, der.integer(2)) if version is None else version,
        der.integer(int.from_bytes(b"\1" + drawn[:8], "big")) if serial is None else serial,
        inner,
        issuer,
        der.sequence(starts, ends),
        subject,
        info or key.info,
        identifiers,
        b"" if extensions is None else der.explicit(3, der.sequence(*extensions)),
        behind,
    )
    signature = sign(signed) if sign else (by.key if by else key).sign(signed, digest)
    return der.sequence(signed, outer or inner, der.bits(signature, unused))


def authority(common: str, key: RsaKey = KEY, by: Authority | None = None) -> Authority:
    subject = name(common)
    return Authority(certificate(subject, key=key, by=by), subject, key)


ROOT = authority("Example Customer Root CA")
ISSUING = authority("Example Customer Issuing CA", OTHER_KEY, ROOT)
SERVER_KEY = rsa_key("server")
SERVER = certificate(
    name("server.example.com"),
    by=ISSUING,
    key=SERVER_KEY,
    ends=utc("280101000000Z"),
    extensions=[
        basic(ca=False, critical=False),
        usage(0, 2),
        subject_identifier(SERVER_KEY),
        authority_identifier(OTHER_KEY),
        alternative("server.example.com"),
        extension("2.5.29.37", der.sequence(der.oid("1.3.6.1.5.5.7.3.1"))),
    ],
)


def pem(content: bytes, label: str = "CERTIFICATE") -> str:
    text = base64.b64encode(content).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
