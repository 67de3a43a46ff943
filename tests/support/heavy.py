"""Sources that ask for as much memory, manifest and log as they can for their size.

Python without packages: benches/bounds measures with them, tests/interop/test_bounds.py holds the
bounds of docs/bounds.md to them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

# The largest base that is read.
LARGEST_BASE = 4 << 20
# --max-size as it is without the option.
USUAL_SOURCE = 64 << 10


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


SHA256_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")
RSA = bytes.fromhex("300d06092a864886f70d0101010500")
VALIDITY = der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"360101000000Z"))
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")


def name(common_name: bytes, kind: int = 0x0C) -> bytes:
    if not common_name:
        return der(0x30)
    return der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(kind, common_name))))


def certificate(
    number: int,
    subject: bytes,
    issuer: bytes | None = None,
    extensions: bytes = b"",
    serial: bytes | None = None,
) -> bytes:
    """The shortest that has a number of its own: an RSA key of 16 bits, a signature of none."""
    serial = der(0x02, serial or (number + 0x0100_0000).to_bytes(4, "big"))
    key = der(0x30, der(0x02, b"\x7f\xff"), der(0x02, b"\x03"))
    parts = [
        serial,
        SHA256_RSA,
        issuer if issuer is not None else subject,
        VALIDITY,
        subject,
        der(0x30, RSA, der(0x03, b"\0" + key)),
    ]
    if extensions:
        parts = [bytes.fromhex("a003020102"), *parts, der(0xA3, der(0x30, extensions))]
    return der(0x30, der(0x30, *parts), SHA256_RSA, der(0x03, b"\0"))


def distinct(subject: Callable[[int], bytes], issuer: Callable[[int], bytes] | None = None) -> Iterator[bytes]:
    return (certificate(n, subject(n), issuer and issuer(n)) for n in count())


def pem(content: bytes, label: str = "CERTIFICATE") -> bytes:
    text = base64.b64encode(content)
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (label.encode(), lines, label.encode())


def filled(pieces: Iterator[bytes], size: int) -> bytes:
    """Pieces one after the other, up to `size` bytes."""
    out, left = [], size
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            break
        out.append(piece)
    return b"".join(out)


def repeated(piece: bytes, size: int) -> bytes:
    return piece * (size // len(piece))


def pkcs7(elements: bytes) -> bytes:
    signed = der(0x30, bytes.fromhex("020101"), der(0x31), der(0x30, DATA), der(0xA0, elements), der(0x31))
    return der(0x30, SIGNED_DATA, der(0xA0, signed))


def pkcs12(bags: bytes) -> bytes:
    safe = der(0x30, DATA, der(0xA0, der(0x04, der(0x30, bags))))
    return der(0x30, bytes.fromhex("020103"), der(0x30, DATA, der(0xA0, der(0x04, der(0x30, safe)))))


def certificate_bag(content: bytes, alias: str) -> bytes:
    x509, cert_bag = bytes.fromhex("060a2a864886f70d01091601"), bytes.fromhex("060b2a864886f70d010c0a0103")
    friendly = bytes.fromhex("06092a864886f70d010914")
    value = der(0x30, x509, der(0xA0, der(0x04, content)))
    names = der(0x31, der(0x30, friendly, der(0x31, der(0x1E, alias.encode("utf-16-be")))))
    return der(0x30, cert_bag, der(0xA0, value), names)


def jks(entries: Iterator[tuple[bytes, bytes]], size: int) -> bytes:
    """Each entry is an alias in UTF-8 and a certificate."""
    records = (
        (2).to_bytes(4, "big")
        + len(alias).to_bytes(2, "big")
        + alias
        + bytes(8)
        + b"\0\x05X.509"
        + len(content).to_bytes(4, "big")
        + content
        for alias, content in entries
    )
    taken, left = [], size - 32
    for record in records:
        left -= len(record)
        if left < 0:
            break
        taken.append(record)
    body = b"\xfe\xed\xfe\xed" + (2).to_bytes(4, "big") + len(taken).to_bytes(4, "big") + b"".join(taken)
    digest = hashlib.sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + body)
    return body + digest.digest()


def key_entry_chain(size: int, alias: bytes) -> bytes:
    """A JKS key entry with a chain of empty certificates: each of its sections has its alias."""
    link = b"\0\x05X.509" + (2).to_bytes(4, "big") + b"\x30\x00"
    number = (size - 100 - len(alias)) // len(link)
    body = (
        b"\xfe\xed\xfe\xed" + (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + (1).to_bytes(4, "big")
        + len(alias).to_bytes(2, "big") + alias + bytes(8) + bytes(4) + number.to_bytes(4, "big")
        + link * number
    )  # fmt: skip
    return body + hashlib.sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()


def numbered(n: int) -> bytes:
    return name(b"%x" % n)


def controls(n: int) -> bytes:
    """A name of control characters, which messages write as escapes."""
    return name(b"%x" % n + b"\x01" * 1000)


NO_NAME = name(b"")
SAME = name(b"S")

# What fills one file of a size, by what it is.
SOURCES: dict[str, Callable[[int], bytes]] = {
    "BEGIN markers without END": lambda size: repeated(b"-----BEGIN A-----\n", size),
    "END markers without BEGIN": lambda size: repeated(b"-----END A-----\n", size),
    "empty PEM sections": lambda size: repeated(b"-----BEGIN A-----\n-----END A-----\n", size),
    "empty private keys": lambda size: repeated(
        b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", size
    ),
    "PEM sections with one wrong byte": lambda size: repeated(
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", size
    ),
    "damaged markers": lambda size: repeated(b"----BEGIN CERTIFICATE----\n\n", size),
    "base64 without markers": lambda size: (
        b"-----BEGIN A-----\n-----END A-----\n" + repeated(b"M" + b"I" * 63 + b"\n\n", size - 40)
    ),
    "long labels": lambda size: repeated(
        b"-----BEGIN %b-----\n-----END B-----\n" % (b"A" * 1000), size
    ),
    "PKCS#7 of empty elements": lambda size: pkcs7(repeated(b"\x30\x00", size - 100)),
    "PEM of PKCS#7 of empty elements": lambda size: pem(
        pkcs7(repeated(b"\x30\x00", size * 48 // 65 - 200)), "PKCS7"
    ),
    "PKCS#12 of certificates with long aliases": lambda size: pkcs12(
        filled((certificate_bag(c, "\u202e" * 64) for c in distinct(numbered)), size - 100)
    ),
    "PKCS#12 of empty bags": lambda size: pkcs12(
        repeated(der(0x30, b"\x06\x01\x2a", b"\xa0\x00"), size - 100)
    ),
    "JKS of empty entries with one alias": lambda size: jks(((b"a", b"") for _ in count()), size),
    "JKS of empty entries with long aliases": lambda size: jks(
        ((b"\x01" * 64, b"") for _ in count()), size
    ),
    "JKS key with a chain of empty certificates": lambda size: key_entry_chain(size, b"\x01" * 64),
    "DER, one certificate again and again": lambda size: repeated(certificate(1, SAME), size),
    "DER, distinct certificates": lambda size: filled(distinct(numbered), size),
    "DER, distinct certificates of no name": lambda size: filled(distinct(lambda _: NO_NAME), size),
    "DER, distinct certificates of one name without their issuer": lambda size: filled(
        distinct(lambda _: SAME, lambda _: NO_NAME), size
    ),
    "DER, each the next one's issuer": lambda size: filled(
        distinct(numbered, lambda n: numbered(n + 1)), size
    ),
    "DER, names of control characters": lambda size: filled(
        distinct(controls, lambda n: controls(n + 1)), size
    ),
    "DER, one certificate with a name as large as the file": lambda size: certificate(
        1, name(b"\x01" * (size - 200)), NO_NAME
    ),
    "DER, one certificate with a serial as large as the file": lambda size: certificate(
        1, SAME, serial=b"\x01" * (size - 200)
    ),
    "DER, one certificate with a type of attribute as large as the file": lambda size: certificate(
        1, der(0x30, der(0x31, der(0x30, der(0x06, b"\x2a" * (size - 300)), b"\x0c\x01a"))), NO_NAME
    ),
    "DER, one certificate of very many attributes": lambda size: certificate(
        1, der(0x30, repeated(der(0x31, der(0x30, b"\x06\x01\x2a", b"\x0c\x00")), size - 200)), NO_NAME
    ),
    "DER, one certificate of very many extensions": lambda size: certificate(
        1, SAME, extensions=repeated(der(0x30, b"\x06\x01\x2a", b"\x04\x00"), size - 200)
    ),
    "DER, one certificate of very many constraints": lambda size: certificate(
        1,
        SAME,
        extensions=der(
            0x30,
            bytes.fromhex("0603551d1e0101ff"),
            der(0x04, der(0x30, der(0xA0, repeated(der(0x30, b"\x82\x00"), size - 300)))),
        ),
    ),
    "PEM, one certificate again and again": lambda size: repeated(pem(certificate(1, SAME)), size),
    "PEM, distinct certificates": lambda size: filled(map(pem, distinct(numbered)), size),
}


def write_directory(folder: Path, files: int, size: int, source: str) -> None:
    """A directory of `files` files, each of its own content."""
    folder.mkdir()
    for number in range(files):
        if source == "distinct":
            start = number * 1000
            pieces = (certificate(start + n, numbered(start + n)) for n in count())
            content = filled(map(pem, pieces), size)
        else:
            content = SOURCES[source](size)
        (folder / f"{number:04}.pem").write_bytes(content)


def first(number: int) -> list[bytes]:
    return list(islice(distinct(numbered), number))
