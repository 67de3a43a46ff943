"""Private keys in every form that people paste: whoever reads a file must not pass one over."""

import base64
import json
import random
import struct
from collections.abc import Callable

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x448, x25519

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8 = serialization.PrivateFormat.PKCS8
TRADITIONAL = serialization.PrivateFormat.TraditionalOpenSSL
OPENSSH = serialization.PrivateFormat.OpenSSH
PLAIN = serialization.NoEncryption()
LOCKED = serialization.BestAvailableEncryption(b"changeit")


class Keys:
    """Keys of every kind, made once: it is the forms that differ."""

    def __init__(self) -> None:
        curves = [ec.SECP256R1, ec.SECP384R1, ec.SECP521R1, ec.SECP256K1, ec.BrainpoolP256R1]
        self.every = {
            "RSA 2048": rsa.generate_private_key(65537, 2048),
            "RSA 1024": rsa.generate_private_key(65537, 1024),
            "Ed25519": ed25519.Ed25519PrivateKey.generate(),
            "Ed448": ed448.Ed448PrivateKey.generate(),
            "X25519": x25519.X25519PrivateKey.generate(),
            "X448": x448.X448PrivateKey.generate(),
            "DSA": dsa.generate_private_key(1024),
            **{curve.name: ec.generate_private_key(curve()) for curve in curves},
        }

    def any(self, rng: random.Random) -> tuple[str, bytes]:
        """A key in some form, and what it is."""
        kind = rng.choice(list(self.every))
        key = self.every[kind]
        name = rng.choice(list(FORMS))
        try:
            return f"{kind} as {name}", FORMS[name](rng, key)
        except (ValueError, TypeError, AttributeError):
            # Not every kind has every form.
            return f"{kind} as PKCS#8", key.private_bytes(PEM, PKCS8, PLAIN)


def wrapped(body: bytes, columns: int) -> bytes:
    return b"\n".join(body[at : at + columns] for at in range(0, len(body), columns)) + b"\n"


def _der(rng: random.Random, key) -> bytes:
    return key.private_bytes(DER, rng.choice([PKCS8, TRADITIONAL]), PLAIN)


def _base64(rng: random.Random, key) -> bytes:
    body = base64.b64encode(_der(rng, key))
    return rng.choice([b"", b"tls.key: ", b"- ", b'"', b"key="]) + wrapped(
        body, rng.choice([32, 48, 64, 76, 10_000])
    )


def _pem(rng: random.Random, key) -> bytes:
    return key.private_bytes(PEM, rng.choice([PKCS8, TRADITIONAL]), rng.choice([PLAIN, PLAIN, LOCKED]))


def _narrow(rng: random.Random, key) -> bytes:
    begin, *body, end = _pem(rng, key).splitlines()
    if any(b":" in line for line in body):
        raise ValueError("has headers")
    return begin + b"\n" + wrapped(b"".join(body), rng.choice([16, 32, 76, 10_000])) + end + b"\n"


def _bare_pem(rng: random.Random, key) -> bytes:
    """The lines between the markers, which were left behind."""
    lines = key.private_bytes(PEM, rng.choice([PKCS8, TRADITIONAL]), PLAIN).splitlines()
    return b"\n".join(lines[1:-1]) + b"\n"


def _quoted(rng: random.Random, key) -> bytes:
    prefix = rng.choice([b"  ", b"- ", b"> ", b'"', b"# ", b"\t"])
    return b"\n".join(prefix + line for line in _pem(rng, key).splitlines()) + b"\n"


def _one_line(rng: random.Random, key) -> bytes:
    return rng.choice([b'key: "', b"", b'{"key":"']) + rng.choice([b"\\n", b"\\r\\n", b" "]).join(
        _pem(rng, key).splitlines()
    )


def _twice(rng: random.Random, key) -> bytes:
    """As a Secret holds it."""
    body = base64.b64encode(_pem(rng, key))
    return rng.choice([b"", b"tls.key: ", b"  tls.key: "]) + wrapped(body, rng.choice([64, 76, 10_000]))


def _hex(rng: random.Random, key) -> bytes:
    between = rng.choice(["", "", ":", " "])
    body = (_der(rng, key).hex(between) if between else _der(rng, key).hex()).encode()
    body = body.upper() if rng.random() < 0.5 else body
    return wrapped(body, rng.choice([64, 60, 10_000]))


def _utf16(rng: random.Random, key) -> bytes:
    return _pem(rng, key).decode().encode(rng.choice(["utf-16-le", "utf-16-be", "utf-16"]))


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def _jwk(rng: random.Random, key) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        n = key.private_numbers()
        jwk = {"kty": "RSA", "n": _number(n.public_numbers.n), "e": "AQAB", "d": _number(n.d), "p": _number(n.p), "q": _number(n.q)}
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        n = key.private_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": _number(n.public_numbers.x), "y": _number(n.public_numbers.y), "d": _number(n.private_value)}
    else:
        raw = key.private_bytes_raw()
        jwk = {"kty": "OKP", "crv": "Ed25519", "d": _number(int.from_bytes(raw, "big")), "x": _number(int.from_bytes(key.public_key().public_bytes_raw(), "big"))}
    jwk = jwk if rng.random() < 0.6 else {"keys": [jwk]}
    items = list(jwk.items())
    rng.shuffle(items)
    return json.dumps(dict(items), indent=rng.choice([None, 2])).encode() + b"\n"


def _openssh(rng: random.Random, key) -> bytes:
    if isinstance(key, dsa.DSAPrivateKey):
        raise ValueError("deprecated")
    return key.private_bytes(PEM, OPENSSH, PLAIN)


def _ssh2(rng: random.Random, key) -> bytes:
    body = base64.b64encode(b"\x3f\x6f\xf9\xeb" + struct.pack(">I", 300) + rng.randbytes(300))
    return b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"x\"\n" + wrapped(body, 70) + b"---- END SSH2 ENCRYPTED PRIVATE KEY ----\n"


def _putty(rng: random.Random, key) -> bytes:
    body = wrapped(base64.b64encode(rng.randbytes(300)), 64)
    version = rng.choice([b"2", b"3"])
    return (
        b"PuTTY-User-Key-File-" + version + b": ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 7\n" + body
        + b"Private-Lines: 7\n" + body + b"Private-MAC: " + rng.randbytes(20).hex().encode() + b"\n"
    )  # fmt: skip


def _pgp(rng: random.Random, key) -> bytes:
    body = wrapped(base64.b64encode(b"\x95" + rng.randbytes(200)), 64)
    return b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + body + b"=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n"


def _age(rng: random.Random, key) -> bytes:
    letters = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
    return ("AGE-SECRET-KEY-1" + "".join(rng.choices(letters, k=58)) + "\n").encode()


FORMS: dict[str, Callable] = {
    "DER": _der, "Base64": _base64, "PEM": _pem, "PEM in other columns": _narrow, "PEM without markers": _bare_pem,
    "PEM behind a prefix": _quoted, "PEM on a line": _one_line, "Base64 of PEM": _twice, "hexadecimal": _hex,
    "PEM in UTF-16": _utf16, "JWK": _jwk, "OpenSSH": _openssh, "SSH2": _ssh2, "PuTTY": _putty, "PGP": _pgp, "age": _age,
}  # fmt: skip
