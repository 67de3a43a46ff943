#!/usr/bin/env python3
"""corpora.py NAME PATH DIRECTORY: adds the certificates in an archive, a file or a folder to
DIRECTORY's `records` and `origins`, each once.

A certificate is whatever has the outline of one, in PEM or in DER, at any place in a file: also
what no parser takes, since that is what the corpora are for.
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


def main(name: str, path: Path, into: Path) -> None:
    origins = into / "origins"
    seen = {line.split()[0] for line in origins.read_text().splitlines()} if origins.exists() else set()
    sources = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    with open(into / "records", "ab") as records, open(origins, "a") as list_of_origins:
        for source in sources:
            for file, data in files(source.name, source.read_bytes()):
                for der in (*in_pem(data), *in_der(data)):
                    digest = hashlib.sha256(der).hexdigest()
                    if digest not in seen:
                        seen.add(digest)
                        records.write(struct.pack(">I", len(der)) + der)
                        list_of_origins.write(f"{digest} {name} {ascii(file)}\n")
    print(f"{name}: {len(seen)} certificates so far")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
