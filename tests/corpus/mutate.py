"""Bends files as people and programs do: sections put together, other columns, other encodings, quotes, BER where
DER was, stray fields in containers, one alias twice. Each change has a name, so that a finding says how it was made.
"""

import base64
import random
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha1

BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----\s*")
LABELS = [b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE", b"PKCS7", b"CMS", b"PKCS #7 SIGNED DATA"]


@dataclass
class Made:
    """A file, how it was made, and whether it holds a key."""

    content: bytes
    steps: list[str] = field(default_factory=list)
    has_key: bool = False
    password: str | None = None

    def then(self, step: str, content: bytes) -> "Made":
        return Made(content, [*self.steps, step], self.has_key, self.password)


def pem(label: bytes, der: bytes, columns: int = 64, end: bytes = b"\n") -> bytes:
    body = base64.b64encode(der)
    lines = [body[at : at + columns] for at in range(0, len(body), columns)]
    return end.join([b"-----BEGIN " + label + b"-----", *lines, b"-----END " + label + b"-----", b""])


def blocks(text: bytes) -> list[tuple[bytes, bytes]]:
    """The label and the DER of each PEM block."""
    found = []
    for label, body in BLOCK.findall(text):
        try:
            found.append((label, base64.b64decode(body)))
        except ValueError:
            continue
    return found


# --- Text


def _columns(rng: random.Random, made: Made) -> bytes:
    width = rng.choice([1, 4, 16, 32, 32, 48, 60, 76, 76, 100, 1000, 100_000])

    def written(match: re.Match) -> bytes:
        body = b"".join(match[2].split())
        lines = [body[at : at + width] for at in range(0, len(body), width)]
        begin, end = b"-----BEGIN " + match[1] + b"-----", b"-----END " + match[1] + b"-----"
        return b"\n".join([begin, *lines, end, b""])

    return BLOCK.sub(written, made.content)


def _bare(rng: random.Random, made: Made) -> bytes:
    """Without the markers of one block, or of all."""
    marker = re.compile(rb"-----(BEGIN|END) [A-Z0-9 ]+-----\r?\n?")
    return marker.sub(b"", made.content, count=rng.choice([0, 1, 2, 2]))


def _quoted(rng: random.Random, made: Made) -> bytes:
    prefix = rng.choice([b"  ", b"\t", b"- ", b"> ", b"# ", b"// ", b'"', b"'", b"|  ", b"ca: ", b"\xc2\xa0", b" * "])
    suffix = rng.choice([b"", b"", b'"', b"'", b'",', b'\\n"', b" \\", b" ", b"\\"])
    return b"\n".join(prefix + line + suffix for line in made.content.splitlines())


def _one_line(rng: random.Random, made: Made) -> bytes:
    end = rng.choice([b"\\n", b"\\r\\n", b" ", b"", b"&#10;", b"%0A", b"\r", b"\\\\n", b"\t", b"|"])
    key = rng.choice([b"", b"ca.crt: ", b'{"ca": "', b"CA=", b'  "', b"ca.crt: |\n  "])
    return key + end.join(made.content.splitlines()) + (b'"}' if key.startswith(b"{") else b"")


def _base64_again(rng: random.Random, made: Made) -> bytes:
    """As a Secret holds it."""
    body = base64.b64encode(made.content)
    width = rng.choice([32, 64, 76, 10**6, 10**6])
    lines = [body[at : at + width] for at in range(0, len(body), width)]
    return rng.choice([b"", b"ca.crt: ", b"- ", b'"']) + b"\n".join(lines)


def _encoding(rng: random.Random, made: Made) -> bytes:
    text = made.content.decode("latin-1")
    half = rng.randrange(len(text) + 1)
    lines = text.splitlines(keepends=True)
    line = rng.randrange(len(lines) + 1)
    first, second = "".join(lines[:line]), "".join(lines[line:])
    other = rng.choice(["utf-16-le", "utf-16-be", "utf-16", "utf-32-le"])
    return rng.choice(
        [
            lambda: text.encode(other),
            lambda: b"\xef\xbb\xbf" + made.content,
            lambda: b"\xff\xfe" + made.content,
            lambda: b"\xfe\xff" + made.content,
            lambda: first.encode("latin-1") + second.encode(other),
            lambda: first.encode(other) + second.encode("latin-1"),
            lambda: first.encode("latin-1") + text.encode(other),
            lambda: text.encode(other) + made.content,
            lambda: made.content + b"\x1a",
            lambda: made.content + b"\0" * rng.choice([1, 2, 3, 512]),
            lambda: b"\0" * rng.choice([1, 4, 512]) + made.content,
            lambda: made.content[:half] + b"\0" + made.content[half:],
            lambda: made.content[:half] + bytes([rng.randrange(256)]) + made.content[half:],
        ]
    )()


def _line_ends(rng: random.Random, made: Made) -> bytes:
    ends = rng.choice([b"\r\n", b"\r", b"\n\n", b" \n", b"\r\r\n", b"\x0b", b"\x0c", b"\t\n", b"\n "])
    return made.content.replace(b"\r\n", b"\n").replace(b"\n", ends)


def _label(rng: random.Random, made: Made) -> bytes:
    new = rng.choice([*LABELS, b"CERTIFICATE ", b" CERTIFICATE", b"certificate", b"CERT", b"PUBLIC KEY", b"X509 CRL"])
    which = rng.choice([b"BEGIN ", b"END ", b""])
    count = rng.choice([0, 1])
    return re.sub(rb"(-----" + (which or b"(?:BEGIN|END) ") + rb")[A-Z0-9 ]+(?=-----)", rb"\1" + new, made.content, count)


def _dashes(rng: random.Random, made: Made) -> bytes:
    new = rng.choice([b"----", b"------", b"- ----", "\u2013\u2013\u2013".encode(), b"---- ", b" -----", b"=====", b"-----\t"])
    places = [match.start() for match in re.finditer(rb"-----", made.content)]
    if not places:
        return made.content
    at = rng.choice(places)
    return made.content[:at] + new + made.content[at + 5 :]


def _header(rng: random.Random, made: Made) -> bytes:
    header = rng.choice(
        [b"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", b"Comment: CA\n\n", b"\n", b"friendlyName: x\n"]
    )
    return re.sub(rb"(-----BEGIN [A-Z0-9 ]+-----\r?\n)", rb"\1" + header, made.content, count=rng.choice([0, 1]))


def _text_around(rng: random.Random, made: Made) -> bytes:
    text = rng.choice(
        [
            b"subject=CN = x\nissuer=CN = y\n", b"Certificate:\n    Data:\n        Version: 3 (0x2)\n",
            b"# a comment", b"Bag Attributes\n    friendlyName: x\n", b"\x1b[31mred\x1b[0m\n", b"-----BEGIN ",
            b"-----END CERTIFICATE-----\n", b"-----BEGIN CERTIFICATE-----\n", b"---\nkind: Secret\ndata:\n  ca.crt: ", b"x",
            b"\x01\x02\n", b"PK\x03\x04", b"MIIB", b"\xe9\n",
        ]
    )  # fmt: skip
    lines = made.content.splitlines(keepends=True)
    at = rng.randrange(len(lines) + 1)
    return b"".join(lines[:at]) + text + b"".join(lines[at:])


def _cut(rng: random.Random, made: Made) -> bytes:
    start, size = rng.randrange(len(made.content) + 1), rng.choice([1, 1, 2, 5, 64, 65, 500])
    return made.content[:start] + made.content[start + size :]


def _padding(rng: random.Random, made: Made) -> bytes:
    return rng.choice(
        [
            lambda: made.content.replace(b"=", b""),
            lambda: re.sub(rb"(=*)(\s*-----END)", rb"==\2", made.content),
            lambda: re.sub(rb"\n([A-Za-z0-9+/=]{64})\n", rb"\n\1=\n", made.content, count=1),
            lambda: made.content.replace(b"+", b"-").replace(b"/", b"_"),
        ]
    )()


def _in_one_block(rng: random.Random, made: Made) -> bytes:
    """Two structures in a block: one behind the other, as bytes or as Base64."""
    found = blocks(made.content)
    if len(found) < 2:
        return made.content
    (label, first), (_, second) = rng.sample(found, 2)
    if rng.random() < 0.5:
        return pem(label, first + second)
    one, two = pem(label, first).splitlines(), pem(label, second).splitlines()
    return b"\n".join([*one[:-1], *two[1:], b""])


TEXT = [
    _columns, _bare, _quoted, _one_line, _base64_again, _encoding, _line_ends, _label, _dashes, _header, _text_around,
    _cut, _padding, _in_one_block,
]  # fmt: skip


# --- BER


@dataclass
class Node:
    """An element: its tag, and its bytes or its elements. An OCTET STRING may hold elements too."""

    tag: int
    content: bytes | list["Node"]

    @property
    def is_wrapper(self) -> bool:
        return self.tag == 0x04 and isinstance(self.content, list)


def parsed(data: bytes, depth: int = 0) -> list[Node]:
    """The elements that `data` is made of."""
    nodes, at = [], 0
    while at < len(data):
        tag, first = data[at], data[at + 1]
        at += 2
        if tag & 0x1F == 0x1F or first == 0x80:
            raise ValueError("no plain DER")
        if first & 0x80:
            count = first & 0x7F
            first = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + first > len(data):
            raise ValueError("too short")
        content = data[at : at + first]
        at += first
        if tag & 0x20:
            nodes.append(Node(tag, parsed(content, depth + 1)))
        elif tag == 0x04 and content[:1] == b"\x30" and depth < 12:
            try:
                nodes.append(Node(tag, parsed(content, depth + 1)))
            except (ValueError, IndexError):
                nodes.append(Node(tag, content))
        else:
            nodes.append(Node(tag, content))
    return nodes


def is_plain(data: bytes) -> bool:
    """Whether it is DER that can be taken apart."""
    try:
        return encoded(parsed(data), der) == data
    except (ValueError, IndexError):
        return False


def encoded(nodes: Sequence[Node], form: Callable[[Node, bytes], bytes]) -> bytes:
    return b"".join(
        form(node, node.content if isinstance(node.content, bytes) else encoded(node.content, form))
        for node in nodes
    )


def der(node: Node, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([node.tag, size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([node.tag, 0x80 | len(digits)]) + digits + content


def ber(rng: random.Random, share: float) -> Callable[[Node, bytes], bytes]:
    """Some elements in forms that only BER has."""

    def form(node: Node, content: bytes) -> bytes:
        if rng.random() > share:
            return der(node, content)
        if node.tag & 0x20 and rng.random() < 0.7:
            return bytes([node.tag, 0x80]) + content + b"\0\0"
        if node.tag == 0x04 and rng.random() < 0.7:
            size = rng.choice([1, 7, 256, 1000, 10**6])
            size = max(size, len(content) // 50 or 1)
            pieces = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
            inner = b"".join(der(Node(0x04, b""), piece) for piece in pieces)
            if rng.random() < 0.5:
                return b"\x24\x80" + inner + b"\0\0"
            return der(Node(0x24, b""), inner)
        digits = len(content).to_bytes(4, "big")
        return bytes([node.tag, 0x84]) + digits + content

    return form


def every(nodes: list[Node]) -> list[list[Node]]:
    """Each list of elements in the tree."""
    found = [nodes]
    for node in nodes:
        if isinstance(node.content, list):
            found += every(node.content)
    return found


def _bent(rng: random.Random, content: bytes, spares: Sequence[bytes]) -> bytes:
    """A container with its elements in BER, or with one that it should not have."""
    try:
        tree = parsed(content)
    except (ValueError, IndexError):
        return content
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        lists = every(tree)
        where = rng.choice(lists)
        match rng.randrange(7):
            case 0 | 1 | 2:
                spare = rng.choice(spares)
                form = rng.choice([spare, der(Node(0x04, b""), spare), der(Node(0xA0 + rng.randrange(4), b""), spare)])
                where.insert(rng.randrange(len(where) + 1), Node(0, b""))
                index = next(i for i, node in enumerate(where) if node.tag == 0 and node.content == b"")
                where[index : index + 1] = parsed(form)
            case 3 if where:
                where.insert(rng.randrange(len(where) + 1), rng.choice(where))
            case 4 if len(where) > 1:
                del where[rng.randrange(len(where))]
            case 5 if where:
                rng.shuffle(where)
            case 6 if where:
                node = rng.choice(where)
                node.tag = rng.choice([0x30, 0x31, 0x04, 0xA0, 0xA1, 0xA3, 0x80, node.tag ^ 0x20, 0x24])
                if node.tag & 0x20 and isinstance(node.content, bytes):
                    node.content = [Node(0x04, node.content)]
    return encoded(tree, ber(rng, rng.choice([0, 0, 0.1, 0.5, 1])))


def _without_mac(content: bytes) -> bytes:
    """A PKCS#12 whose contents may be changed: every reader takes one without a MAC."""
    try:
        [store] = parsed(content)
    except (ValueError, IndexError):
        return content
    if isinstance(store.content, list) and len(store.content) == 3 and store.content[0].tag == 0x02:
        store.content = store.content[:2]
    return encoded([store], der)


def container(rng: random.Random, made: Made, spares: Sequence[bytes]) -> Made:
    """A change to a file in DER, or to the DER in one of PEM."""
    if made.content[:1] == b"\x30":
        content = _without_mac(made.content) if rng.random() < 0.9 else made.content
        bent = _bent(rng, content, spares)
        tail = rng.choice([b"", b"", b"", b"", b"\0", b"\n", b"\x1a", rng.choice(spares)])
        return made.then("bent" + (" with a tail" if tail else ""), bent + tail)
    found = blocks(made.content)
    if not found:
        return made
    index = rng.randrange(len(found))
    label, inner = found[index]
    found[index] = label, _bent(rng, inner, spares) + rng.choice([b"", b"", b"", rng.choice(spares), b"\0\0"])
    return made.then("bent block", b"".join(pem(*one) for one in found))


# --- Java keystores


def keystore(rng: random.Random, spares: Sequence[bytes]) -> Made:
    """A JKS with aliases that clash, entries of every kind, counts that lie."""
    magic = rng.choice([0xFEEDFEED] * 4 + [0xCECECECE])
    version = rng.choice([2, 2, 2, 1])
    entries = []
    for _ in range(rng.randrange(1, 5)):
        alias = rng.choice(["ca", "ca", "CA", "b", "", "é", "x" * 300]).encode()
        entry = struct.pack(">IH", 2, len(alias)) + alias + bytes(8)
        kind = b"X.509" if version == 2 or rng.random() < 0.2 else b""
        if version == 2:
            entry += struct.pack(">H", len(kind)) + kind
        certificate = rng.choice(spares) + rng.choice([b"", b"", b"", rng.choice(spares)])
        entries.append(entry + struct.pack(">I", len(certificate)) + certificate)
    count = len(entries) + rng.choice([0, 0, 0, 0, -1, 1])
    body = struct.pack(">III", magic, version, count) + b"".join(entries)
    digest = sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()
    tail = rng.choice([b"", b"", b"", b"\n", rng.choice(spares)])
    password = rng.choice(["changeit", None])
    return Made(body + digest + tail, ["keystore"], password=password)


# --- Whole files


def text(rng: random.Random, made: Made) -> Made:
    change = rng.choice(TEXT)
    return made.then(change.__name__[1:], change(rng, made))
