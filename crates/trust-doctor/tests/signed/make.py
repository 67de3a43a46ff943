"""Makes the chains of tests/signed.rs again, and asks real clients about each of them.

A chain is a server's certificate and the root that it names as its issuer. In `genuine-*.pem` that
root's key signed it; in the others something is bent. `answers.json` is what OpenSSL's and each JDK's
certificate check and TLS client say of it. Run it with the tests' Python, from the repository's root:

    PYTHONPATH=tests $(tests/setup/python.sh)/bin/python crates/trust-doctor/tests/signed/make.py
"""

import datetime
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import ask
import der
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

HERE = Path(__file__).parent
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2046, 1, 1, tzinfo=datetime.UTC)
HOST = "login.example.com"
ROOT = "Example Root CA"

MD5, SHA1, SHA224 = hashes.MD5(), hashes.SHA1(), hashes.SHA224()  # noqa: S303
SHA256, SHA384, SHA512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()
SHA3 = hashes.SHA3_256()
NULL = b"\x05\0"


@dataclass(frozen=True)
class Scheme:
    """How a key signs, and what certificates say of that."""

    key: object
    algorithm: bytes
    digest: hashes.HashAlgorithm | None = None
    padding: object = None
    # Of the key, in place of what `cryptography` writes.
    key_algorithm: bytes | None = None
    compressed: bool = False

    def sign(self, message: bytes) -> bytes:
        if self.padding:
            return self.key.sign(message, self.padding, self.digest)
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(message, ec.ECDSA(self.digest))
        return self.key.sign(message, self.digest) if self.digest else self.key.sign(message)

    def key_info(self) -> bytes:
        encoding, form = serialization.Encoding, serialization.PublicFormat
        info = self.key.public_key().public_bytes(encoding.DER, form.SubjectPublicKeyInfo)
        algorithm, bits = der.children(info)
        if self.compressed:
            point = self.key.public_key().public_bytes(encoding.X962, form.CompressedPoint)
            bits = der.bits(point)
        return der.sequence(self.key_algorithm or algorithm, bits)


# What signs certificates.

_RSA = {
    "MD5": "1.2.840.113549.1.1.4",
    "SHA1": "1.2.840.113549.1.1.5",
    "SHA224": "1.2.840.113549.1.1.14",
    "SHA256": "1.2.840.113549.1.1.11",
    "SHA384": "1.2.840.113549.1.1.12",
    "SHA512": "1.2.840.113549.1.1.13",
    "SHA3_256": "2.16.840.1.101.3.4.3.14",
}
_ECDSA = {
    "SHA1": "1.2.840.10045.4.1",
    "SHA224": "1.2.840.10045.4.3.1",
    "SHA256": "1.2.840.10045.4.3.2",
    "SHA384": "1.2.840.10045.4.3.3",
    "SHA512": "1.2.840.10045.4.3.4",
    "SHA3_256": "2.16.840.1.101.3.4.3.10",
}
_DSA = {
    "SHA1": "1.2.840.10040.4.3",
    "SHA224": "2.16.840.1.101.3.4.3.1",
    "SHA256": "2.16.840.1.101.3.4.3.2",
    "SHA384": "2.16.840.1.101.3.4.3.3",
    "SHA512": "2.16.840.1.101.3.4.3.4",
}
_HASH = {
    "MD5": "1.2.840.113549.2.5",
    "SHA1": "1.3.14.3.2.26",
    "SHA224": "2.16.840.1.101.3.4.2.4",
    "SHA256": "2.16.840.1.101.3.4.2.1",
    "SHA384": "2.16.840.1.101.3.4.2.2",
    "SHA512": "2.16.840.1.101.3.4.2.3",
}


def label(digest):
    return type(digest).__name__


_KEYS = {}


def rsa_key(bits=2048, exponent=65537):
    # A CA's key may be shared by chains: large ones take long to make.
    if (bits, exponent) not in _KEYS:
        _KEYS[bits, exponent] = rsa.generate_private_key(exponent, bits)
    return _KEYS[bits, exponent]


def pkcs1(digest, bits=2048, exponent=65537):
    algorithm = der.sequence(der.oid(_RSA[label(digest)]), NULL)
    return Scheme(rsa_key(bits, exponent), algorithm, digest, padding.PKCS1v15())


def pss_parameters(digest, mask, salt):
    hash_of = lambda one: der.sequence(der.oid(_HASH[label(one)]), NULL)  # noqa: E731
    mgf1 = der.sequence(der.oid("1.2.840.113549.1.1.8"), hash_of(mask))
    fields = [der.explicit(0, hash_of(digest))] if digest is not SHA1 else []
    fields += [der.explicit(1, mgf1)] if mask is not SHA1 else []
    fields += [der.explicit(2, der.integer(salt))] if salt != 20 else []
    return der.sequence(*fields)


def pss_algorithm(*parameters):
    return der.sequence(der.oid("1.2.840.113549.1.1.10"), *parameters)


def pss(digest, mask=None, salt=None, bits=2048, key_algorithm=None):
    mask = mask or digest
    salt = digest.digest_size if salt is None else salt
    algorithm = pss_algorithm(pss_parameters(digest, mask, salt))
    return Scheme(
        rsa_key(bits), algorithm, digest, padding.PSS(padding.MGF1(mask), salt), key_algorithm
    )


def ecdsa(curve, digest, **options):
    algorithm = der.sequence(der.oid(_ECDSA[label(digest)]))
    return Scheme(ec.generate_private_key(curve), algorithm, digest, **options)


def dsa_scheme(digest, bits=2048):
    algorithm = der.sequence(der.oid(_DSA[label(digest)]))
    return Scheme(dsa.generate_private_key(bits), algorithm, digest)


def edwards(kind):
    oid = {ed25519.Ed25519PrivateKey: "1.3.101.112", ed448.Ed448PrivateKey: "1.3.101.113"}[kind]
    return Scheme(kind.generate(), der.sequence(der.oid(oid)))


ONLY_PSS = pss_algorithm()


def genuine():
    """What clients may meet, by name."""
    any_rsa = [MD5, SHA1, SHA224, SHA256, SHA384, SHA512, SHA3]
    named = {f"rsa-{label(one).lower()}": pkcs1(one) for one in any_rsa}
    named |= {f"rsa-{bits}-bits": pkcs1(SHA256, bits) for bits in (1024, 2047, 3072, 4096, 9216)}
    named |= {
        "rsa-exponent-3": pkcs1(SHA256, exponent=3),
        "pss-sha1": pss(SHA1),
        "pss-sha224": pss(SHA224),
        "pss-sha256": pss(SHA256),
        "pss-sha384": pss(SHA384),
        "pss-sha512": pss(SHA512),
        "pss-of-2049-bits": pss(SHA256, bits=2049),
        "pss-no-salt": pss(SHA256, salt=0),
        "pss-salt-of-20": pss(SHA256, salt=20),
        "pss-longest-salt": pss(SHA256, salt=222),
        "pss-mask-sha1": pss(SHA256, SHA1),
        "pss-mask-sha512": pss(SHA256, SHA512),
        "pss-key": pss(SHA256, key_algorithm=ONLY_PSS),
        "pss-key-1024-bits": pss(SHA256, bits=1024, key_algorithm=ONLY_PSS),
        "pss-key-restricted": pss(
            SHA256, key_algorithm=pss_algorithm(pss_parameters(SHA256, SHA256, 32))
        ),
        "pss-key-least-salt": pss(
            SHA256, salt=40, key_algorithm=pss_algorithm(pss_parameters(SHA256, SHA256, 32))
        ),
    }
    curves = {
        "p192": (ec.SECP192R1(), SHA256),
        "p224": (ec.SECP224R1(), SHA256),
        "p256": (ec.SECP256R1(), SHA256),
        "p384": (ec.SECP384R1(), SHA384),
        "p521": (ec.SECP521R1(), SHA512),
        "secp256k1": (ec.SECP256K1(), SHA256),
        "brainpoolp256r1": (ec.BrainpoolP256R1(), SHA256),
        "brainpoolp384r1": (ec.BrainpoolP384R1(), SHA384),
        "brainpoolp512r1": (ec.BrainpoolP512R1(), SHA512),
    }
    for name, (curve, digest) in curves.items():
        named[name] = ecdsa(curve, digest)
    for name in ("p256", "p384", "p521"):
        for digest in (SHA1, SHA224, SHA256, SHA384, SHA512):
            named[f"{name}-{label(digest).lower()}"] = ecdsa(curves[name][0], digest)
    named["p256-sha3_256"] = ecdsa(curves["p256"][0], SHA3)
    for name in ("p256", "p521"):
        named[f"{name}-compressed"] = ecdsa(*curves[name], compressed=True)
    named["ed25519"] = edwards(ed25519.Ed25519PrivateKey)
    named["ed448"] = edwards(ed448.Ed448PrivateKey)
    for digest in (SHA1, SHA224, SHA256, SHA384, SHA512):
        named[f"dsa-{label(digest).lower()}"] = dsa_scheme(digest)
    named["dsa-1024-bits"] = dsa_scheme(SHA256, 1024)
    return named


# Certificates.


def to_be_signed(subject, key_info, serial, algorithm, *extensions):
    """What is signed, written by `cryptography` but for the algorithm and the key."""
    name = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])  # noqa: E731
    any_key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(ROOT))
    builder = builder.public_key(any_key.public_key()).serial_number(serial)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    builder = builder.not_valid_before(START).not_valid_after(END)
    fields = der.children(builder.sign(any_key, SHA256).tbs_certificate_bytes)
    fields[2], fields[6] = algorithm, key_info
    return der.sequence(*fields)


def root(scheme):
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    ca = [(x509.BasicConstraints(True, None), True), (usage, True)]
    return signed(to_be_signed(ROOT, scheme.key_info(), 1, scheme.algorithm, *ca), scheme)


def leaf_to_be_signed(algorithm, host=HOST):
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    return to_be_signed(host, LEAF.key_info(), 2, algorithm, (names, False))


LEAF = Scheme(rsa.generate_private_key(65537, 2048), b"")


def signed(message, scheme, algorithm=None, bend=lambda signature: signature):
    signature = bend(scheme.sign(message))
    return der.sequence(message, algorithm or scheme.algorithm, der.bits(signature))


def chain(scheme, signer=None, bend=lambda signature: signature):
    """A leaf by `signer` below the root of `scheme`."""
    signer = signer or scheme
    message = leaf_to_be_signed(signer.algorithm)
    return [signed(message, signer, bend=bend), root(scheme)]


def with_algorithms(scheme, inner, outer):
    return [signed(leaf_to_be_signed(inner), scheme, outer), root(scheme)]


# What is bent.


def flipped(signature):
    return signature[:-1] + bytes([signature[-1] ^ 1])


def other_key(scheme):
    """A scheme like this with another key."""
    key = scheme.key
    if isinstance(key, rsa.RSAPrivateKey):
        key = rsa.generate_private_key(key.public_key().public_numbers().e, key.key_size)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        key = ec.generate_private_key(key.curve)
    elif isinstance(key, dsa.DSAPrivateKey):
        key = key.parameters().generate_private_key()
    elif isinstance(key, ed448.Ed448PrivateKey):
        key = ed448.Ed448PrivateKey.generate()
    else:
        key = ed25519.Ed25519PrivateKey.generate()
    return replace(scheme, key=key)


def renamed(scheme):
    """Signed for another server, then given to this one."""
    [one, ca] = chain(scheme)
    other = leaf_to_be_signed(scheme.algorithm, HOST.replace("login", "other"))
    _, algorithm, signature = der.children(signed(other, scheme))
    return [der.sequence(der.children(one)[0], algorithm, signature), ca]


def with_values(change):
    """r and s of an ECDSA or DSA signature, changed."""
    return lambda signature: der.sequence(*map(der.integer, change(*der.integers(signature))))


def bent_pairs(name, scheme, order):
    """Signatures of two numbers, below this order."""
    zero = with_values(lambda r, s: (0, s))
    long_form = lambda signature: b"\x30\x81" + signature[1:]  # noqa: E731
    yield f"{name}-r-zero", chain(scheme, bend=zero)
    yield f"{name}-s-zero", chain(scheme, bend=with_values(lambda r, s: (r, 0)))
    yield f"{name}-both-zero", chain(scheme, bend=with_values(lambda r, s: (0, 0)))
    yield f"{name}-r-and-order", chain(scheme, bend=with_values(lambda r, s: (r + order, s)))
    yield f"{name}-s-and-order", chain(scheme, bend=with_values(lambda r, s: (r, s + order)))
    yield f"{name}-s-negative", chain(scheme, bend=with_values(lambda r, s: (r, s - order)))
    yield f"{name}-swapped", chain(scheme, bend=with_values(lambda r, s: (s, r)))
    yield f"{name}-long-form", chain(scheme, bend=long_form)
    yield f"{name}-garbage-behind", chain(scheme, bend=lambda signature: signature + b"\0")
    three = lambda signature: der.sequence(*der.children(signature), b"\x02\x01\0")  # noqa: E731
    yield f"{name}-three-numbers", chain(scheme, bend=three)


ORDERS = {
    "p224": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFF16A2E0B8F03E13DD29455C5C2A3D,
    "p256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp256k1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    "p521": ((1 << 265) - 6 << 256)
    + 0x51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
    "brainpoolp256r1": 0xA9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7,
}


def high_and_low(name, scheme):
    """Both signatures that differ in the sign of s are genuine."""
    order = ORDERS[name]
    low = with_values(lambda r, s: (r, min(s, order - s)))
    high = with_values(lambda r, s: (r, max(s, order - s)))
    yield f"genuine-{name}-low-s", chain(scheme, bend=low)
    yield f"genuine-{name}-high-s", chain(scheme, bend=high)


def bent_rsa(kinds):
    scheme, cubic = kinds["rsa-sha256"], kinds["rsa-exponent-3"]
    public = scheme.key.public_key().public_numbers()

    def and_modulus(signature):
        return (int.from_bytes(signature) + public.n).to_bytes(len(signature) + 1)

    yield "rsa-zero-in-front", chain(scheme, bend=lambda signature: b"\0" + signature)
    yield "rsa-and-modulus", chain(scheme, bend=and_modulus)
    yield "rsa-all-zero", chain(scheme, bend=lambda signature: bytes(len(signature)))
    yield "rsa-cut", chain(scheme, bend=lambda signature: signature[:-1])
    message = leaf_to_be_signed(cubic.algorithm)
    forged = der.sequence(message, cubic.algorithm, der.bits(cube_root_forgery(message)))
    yield "rsa-garbage-in-block", [forged, root(cubic)]
    # The hash's identifier without its NULL: some clients take that, others do not.
    yield "rsa-without-null-in-block", [without_null(scheme), root(scheme)]
    as_384 = pkcs1(SHA384).algorithm
    yield "rsa-other-hash", with_algorithms(scheme, as_384, as_384)
    yield "rsa-as-pss", chain(scheme, replace(scheme, algorithm=kinds["pss-sha256"].algorithm))
    yield "rsa-inner-sha384", with_algorithms(scheme, as_384, scheme.algorithm)
    bare = der.sequence(der.oid(_RSA["SHA256"]))
    yield "rsa-inner-without-null", with_algorithms(scheme, bare, scheme.algorithm)
    yield "genuine-rsa-without-null", with_algorithms(scheme, bare, bare)
    odd = der.sequence(der.oid(_RSA["SHA256"]), der.integer(5))
    yield "rsa-odd-parameters", with_algorithms(scheme, odd, odd)


def encoded_block(message, length, null=NULL):
    info = der.sequence(
        der.sequence(der.oid(_HASH["SHA256"]), null), der.element(4, digest_of(message))
    )
    return b"\0\1" + b"\xff" * (length - 3 - len(info)) + b"\0" + info


def digest_of(message):
    digest = hashes.Hash(SHA256)
    digest.update(message)
    return digest.finalize()


def without_null(scheme):
    """A signature over a hash whose identifier has no parameters."""
    message = leaf_to_be_signed(scheme.algorithm)
    numbers = scheme.key.private_numbers()
    n = numbers.public_numbers.n
    block = int.from_bytes(encoded_block(message, 256, b""))
    return der.sequence(
        message, scheme.algorithm, der.bits(pow(block, numbers.d, n).to_bytes(256))
    )


def cube_root_forgery(message, length=256):
    """What passes for a signature by an exponent of 3 where nobody looks behind the hash
    (Bleichenbacher, 2006)."""
    info = der.sequence(
        der.sequence(der.oid(_HASH["SHA256"]), NULL), der.element(4, digest_of(message))
    )
    start = b"\0\1" + b"\xff" * 8 + b"\0" + info
    block = int.from_bytes(start + b"\xff" * (length - len(start)))
    low, high = 0, 1 << 700
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= block else (low, middle - 1)
    return low.to_bytes(length)


def bent_pss(kinds):
    scheme = kinds["pss-sha256"]
    for name, parameters in {
        "longer-salt": pss_parameters(SHA256, SHA256, 33),
        "shorter-salt": pss_parameters(SHA256, SHA256, 31),
        "default-salt": pss_parameters(SHA256, SHA256, 20),
        "other-mask": pss_parameters(SHA256, SHA512, 32),
        "other-hash": pss_parameters(SHA384, SHA256, 32),
        "trailer-2": der.sequence(
            *der.children(pss_parameters(SHA256, SHA256, 32)), der.explicit(3, der.integer(2))
        ),
        "huge-salt": pss_parameters(SHA256, SHA256, 1 << 31),
        "negative-salt": pss_parameters(SHA256, SHA256, -1),
    }.items():
        algorithm = pss_algorithm(parameters)
        yield f"pss-{name}", with_algorithms(scheme, algorithm, algorithm)
    yield "pss-no-parameters", with_algorithms(scheme, ONLY_PSS, ONLY_PSS)
    null = pss_algorithm(NULL)
    yield "pss-null-parameters", with_algorithms(scheme, null, null)
    yield "pss-as-pkcs1", chain(scheme, replace(scheme, algorithm=pkcs1(SHA256).algorithm))
    only_pss = replace(pkcs1(SHA256), key_algorithm=ONLY_PSS)
    yield "pss-key-signs-pkcs1", chain(only_pss)
    for name, restriction in {
        "other-hash": pss_parameters(SHA512, SHA256, 32),
        "other-mask": pss_parameters(SHA256, SHA512, 32),
        "longer-salt": pss_parameters(SHA256, SHA256, 33),
        "sha1": pss_parameters(SHA1, SHA1, 20),
    }.items():
        restricted = pss(SHA256, key_algorithm=pss_algorithm(restriction))
        yield f"pss-key-restricted-to-{name}", chain(restricted)


def unused_bits(scheme, accepted):
    """A genuine signature whose last bit is no part of it."""
    while True:
        [one, ca] = chain(scheme)
        message, algorithm, signature = der.children(one)
        if accepted(signature[-1]):
            content = der.content(signature)
            return [der.sequence(message, algorithm, der.element(3, b"\1" + content[1:])), ca]


def bent(kinds):
    for name, scheme in kinds.items():
        # A key of that length takes a minute to make.
        if name == "rsa-9216-bits":
            continue
        yield f"{name}-other-key", chain(scheme, other_key(scheme))
    for name in (
        ["rsa-sha256", "rsa-sha224", "pss-sha256", "pss-key", "p224", "p256", "p256-sha512"]
        + ["p384", "p521", "secp256k1", "brainpoolp256r1", "brainpoolp384r1", "ed25519", "ed448"]
        + ["dsa-sha256"]
    ):
        yield f"{name}-flipped", chain(kinds[name], bend=flipped)
        yield f"{name}-renamed", renamed(kinds[name])
    for name, order in ORDERS.items():
        yield from bent_pairs(name, kinds[name], order)
        yield from high_and_low(name, kinds[name])
    group = kinds["dsa-sha256"].key.parameters().parameter_numbers()
    yield from bent_pairs("dsa", kinds["dsa-sha256"], group.q)
    yield from bent_rsa(kinds)
    yield from bent_pss(kinds)
    yield "p256-by-rsa", chain(kinds["p256"], kinds["rsa-sha256"])
    yield "rsa-by-p256", chain(kinds["rsa-sha256"], kinds["p256"])
    yield "p256-by-p384", chain(kinds["p256"], kinds["p384"])
    yield "p256-other-hash", with_algorithms(
        kinds["p256"], kinds["p384"].algorithm, kinds["p384"].algorithm
    )
    null = der.sequence(der.oid(_ECDSA["SHA256"]), NULL)
    yield "genuine-p256-with-null", with_algorithms(kinds["p256"], null, null)
    for name, oid in {"ed25519": "1.3.101.112", "ed448": "1.3.101.113"}.items():
        scheme = kinds[name]
        half = 32 if name == "ed25519" else 57
        order = ED_ORDERS[name]
        yield f"{name}-s-and-order", chain(
            scheme,
            bend=lambda one, half=half, order=order: one[:half]
            + (int.from_bytes(one[half:], "little") + order).to_bytes(half, "little"),
        )
        yield f"{name}-all-zero", chain(scheme, bend=lambda one: bytes(len(one)))
        yield f"{name}-cut", chain(scheme, bend=lambda one: one[:-1])
        yield f"{name}-garbage-behind", chain(scheme, bend=lambda one: one + b"\0")
        null = der.sequence(der.oid(oid), NULL)
        yield f"{name}-with-null", with_algorithms(scheme, null, null)
    yield "ed25519-as-ed448", chain(
        kinds["ed25519"], replace(kinds["ed25519"], algorithm=kinds["ed448"].algorithm)
    )
    yield "rsa-unused-bits", unused_bits(kinds["rsa-sha256"], lambda last: last & 1 == 0)
    yield "p256-unused-bits", unused_bits(kinds["p256"], lambda last: last & 1 == 0)


ED_ORDERS = {
    "ed25519": 2**252 + 27742317777372353535851937790883648493,
    "ed448": 2**446
    - 13818066809895115352007386748515426880336692474882178609894547503885,
}


def main():
    kinds = genuine()
    chains = {f"genuine-{name}": chain(scheme) for name, scheme in kinds.items()}
    chains |= dict(bent(kinds))
    for old in HERE.glob("*.pem"):
        old.unlink()
    for name, certificates in chains.items():
        (HERE / f"{name}.pem").write_text("".join(map(der.pem, certificates)))
    with tempfile.TemporaryDirectory() as work:
        key = LEAF.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        answers = ask.everyone({name: HERE / f"{name}.pem" for name in chains}, key, Path(work))
    (HERE / "answers.json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
