#!/usr/bin/env python3
"""corpora.py NAME PATH DIRECTORY: adds what an archive, a file or a folder holds to DIRECTORY, each
thing once: the certificates to `records` and `origins`, and the files that may be a certificate, a
store, PEM or key material to `files/SHA-256` and `files/origins`.

A certificate is whatever has the outline of one, in PEM or in DER, at any place in a file: also
what no parser takes, since that is what the corpora are for. What a file is, its content tells.
"""

import base64
import binascii
import hashlib
import io
import lzma
import re
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

PEM = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(.{60,40000}?)-----END", re.DOTALL
)
# What a string of a programming language has between two lines of base64.
BETWEEN = re.compile(rb"\\r|\\n|[^A-Za-z0-9+/=]")
# A SEQUENCE in a SEQUENCE, with lengths of two bytes or one.
OUTLINE = re.compile(rb"\x30(?:\x82..|\x81.)(?=\x30(?:\x82..|\x81.)(?:\xa0|\x02))", re.DOTALL)
LARGEST = 64 * 1024 * 1024
# Bigger than any store, and smaller than programs and archives.
LARGEST_FILE = 1024 * 1024
# Java's stores: JKS, JCEKS, and the versions 1 and 2 of BouncyCastle's BKS.
STORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce", b"\0\0\0\1\0\0\0\x14", b"\0\0\0\2\0\0\0\x14")
TEXTS = re.compile(
    rb"-{4} ?BEGIN |PuTTY-User-Key-File|\"kty\"|AGE-SECRET-KEY|b3BlbnNzaC1rZXktdjE"
    rb"|-\0-\0-\0-\0B\0E\0G\0I\0N\0|\0-\0-\0-\0-\0B\0E\0G\0I\0N"
)
BASE64 = re.compile(rb"\s*MI[A-Za-z0-9+/\s]{60,}=*\s*\Z")
ARCHIVES = (".zip", ".jar", ".whl", ".crate", ".tgz", ".gz", ".xz", ".bz2", ".tar")
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error)


def length_of(der: bytes, at: int = 0) -> tuple[int, int] | None:
    """Where the content of the element starts, and where it ends."""
    if at + 2 > len(der):
        return None
    first = der[at + 1]
    if first < 0x80:
        return at + 2, at + 2 + first
    count = first & 0x7F
    if not 1 <= count <= 3 or at + 2 + count > len(der):
        return None
    start = at + 2 + count
    return start, start + int.from_bytes(der[at + 2 : start], "big")


def certificate_at(data: bytes, at: int) -> bytes | None:
    """The certificate that starts there: a SEQUENCE of a SEQUENCE, a SEQUENCE and a BIT STRING."""
    bounds = length_of(data, at)
    if not bounds or bounds[1] > len(data):
        return None
    start, end = bounds
    for tag in (0x30, 0x30, 0x03):
        if start >= end or data[start] != tag:
            return None
        inner = length_of(data, start)
        if not inner or inner[1] > end:
            return None
        if start == bounds[0] and not is_signed_part(data[inner[0] : inner[1]]):
            return None
        start = inner[1]
    return data[at:end] if start == end else None


def is_signed_part(content: bytes) -> bool:
    """Whether there is a version or not, a number, and four SEQUENCEs: no request, no list."""
    tags, at = [], 0
    while at < len(content) and len(tags) < 7:
        tags.append(content[at])
        bounds = length_of(content, at)
        if not bounds or bounds[1] > len(content):
            return False
        at = bounds[1]
    tags = tags[1:] if tags[:1] == [0xA0] else tags
    return tags[:6] == [0x02, 0x30, 0x30, 0x30, 0x30, 0x30]


def in_pem(data: bytes) -> Iterator[bytes]:
    for match in PEM.finditer(data):
        body = BETWEEN.sub(b"", match[1]).rstrip(b"=")
        try:
            der = base64.b64decode(body + b"=" * (-len(body) % 4))
        except binascii.Error:
            continue
        if found := certificate_at(der, 0):
            yield found


def in_der(data: bytes) -> Iterator[bytes]:
    for match in OUTLINE.finditer(data):
        if found := certificate_at(data, match.start()):
            yield found


def may_hold(data: bytes) -> bool:
    """Whether a file may be one that somebody hands over as a CA: by its content."""
    if not 16 < len(data) <= LARGEST_FILE:
        return False
    return data.startswith(STORES) or _is_sequence(data) or bool(TEXTS.search(data) or BASE64.match(data))


def _is_sequence(data: bytes) -> bool:
    """Whether most of it is one SEQUENCE, which may be cut off or have something after it."""
    if data[:2] == b"\x30\x80":
        return data[2] in (0x02, 0x06, 0x30)
    bounds = length_of(data)
    if data[0] != 0x30 or not bounds or bounds[0] == 2:
        return False
    return data[bounds[0]] in (0x02, 0x06, 0x30) and len(data) // 2 < bounds[1] < 2 * len(data)


def files(name: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The files in an archive, and in archives within it."""
    if depth < 3 and name.endswith(ARCHIVES):
        try:
            for inner, content in members(name, data):
                yield from files(f"{name}/{inner}", content, depth + 1)
            return
        except (OSError, EOFError, ValueError, RuntimeError, *DAMAGED):
            pass
    yield name, data


def members(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if data[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(data))
        for info in archive.infolist():
            if not info.is_dir() and info.file_size < LARGEST:
                yield info.filename, archive.read(info)
        return
    opened = tarfile.open(fileobj=io.BytesIO(data))
    for member in opened:
        if member.isfile() and member.size < LARGEST:
            yield member.name.partition("/")[2] or member.name, opened.extractfile(member).read()


class Kept:
    """What was found so far, each thing once, and where it came from."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.origins = open(folder / "origins", "a+")
        self.origins.seek(0)
        self.seen = {line.split()[0] for line in self.origins}

    def adds(self, content: bytes, origin: str) -> str | None:
        """The SHA-256 of what is new."""
        digest = hashlib.sha256(content).hexdigest()
        if digest in self.seen:
            return None
        self.seen.add(digest)
        self.origins.write(f"{digest} {origin}\n")
        return digest


def main(name: str, path: Path, into: Path) -> None:
    certificates, whole = Kept(into), Kept(into / "files")
    sources = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    with open(into / "records", "ab") as records:
        for source in sources:
            for file, data in files(source.name, source.read_bytes()):
                origin = f"{name} {ascii(file)}"
                for der in (*in_pem(data), *in_der(data)):
                    if certificates.adds(der, origin):
                        records.write(struct.pack(">I", len(der)) + der)
                if may_hold(data) and (digest := whole.adds(data, origin)):
                    (into / "files" / digest).write_bytes(data)
    print(f"{name}: {len(certificates.seen)} certificates and {len(whole.seen)} files so far")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
