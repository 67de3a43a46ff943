"""Certificates bent in one place each, and what real clients say of them.

A certificate is taken apart into its elements, one of them is changed, and it is put together
again with all lengths right: so a parser gets as far as the fault. The same seed bends the same.
"""

import random
import ssl
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 1, 2, 3, 4, 5, 6
SEQUENCE, SET = 0x30, 0x31
CONSTRUCTED = 0x20
STRINGS = (0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1B, 0x1C, 0x1E, 0x04, 0x15, 0x19)
TIMES = (0x17, 0x18)


@dataclass
class Element:
    """An element of DER: bytes, or the elements within it."""

    tag: int
    content: bytes = b""
    children: list["Element"] | None = None
    # Bytes before the children: the count of unused bits, where a BIT STRING holds DER.
    prefix: bytes = b""
    # Written with more bytes of length than it takes.
    long_form: bool = False

    def encode(self) -> bytes:
        body = self.content
        if self.children is not None:
            body = self.prefix + b"".join(child.encode() for child in self.children)
        return bytes([self.tag]) + self._length(len(body)) + body

    def _length(self, length: int) -> bytes:
        if length < 0x80 and not self.long_form:
            return bytes([length])
        digits = length.to_bytes(max(1, (length.bit_length() + 7) // 8), "big")
        if self.long_form and length >= 0x80:
            digits = b"\0" + digits
        return bytes([0x80 | len(digits)]) + digits

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children or ():
            yield from child.walk()


def parse(der: bytes) -> Element:
    """One element and all within it, strings that hold DER among them."""
    element, rest = _first(der)
    if rest:
        raise ValueError("bytes behind the element")
    return element


def _first(der: bytes) -> tuple[Element, bytes]:
    tag, first = der[0], der[1]
    at, length = 2, first
    if first & 0x80:
        at += first & 0x7F
        length = int.from_bytes(der[2:at], "big")
    body = der[at : at + length]
    if len(body) != length or tag & 0x1F == 0x1F:
        raise ValueError("not DER")
    return _element(tag, body), der[at + length :]


def _element(tag: int, body: bytes) -> Element:
    if tag & CONSTRUCTED:
        return Element(tag, children=_all(body))
    prefix = body[:1] if tag == BIT_STRING else b""
    if tag == OCTET_STRING or (tag == BIT_STRING and prefix == b"\0"):
        try:
            inner = _all(body[len(prefix) :])
            if len(inner) == 1 and inner[0].tag in (SEQUENCE, BIT_STRING, OCTET_STRING, INTEGER):
                return Element(tag, children=inner, prefix=prefix)
        except (ValueError, IndexError):
            pass
    return Element(tag, content=body)


def _all(body: bytes) -> list[Element]:
    elements = []
    while body:
        element, body = _first(body)
        elements.append(element)
    return elements


def bent(seed: int, certificates: Sequence[bytes], count: int) -> Iterator[tuple[str, bytes]]:
    """`count` certificates, each with how it was bent."""
    chance = random.Random(seed)
    made = 0
    while made < count:
        der = chance.choice(certificates)
        if chance.random() < 0.1:
            at = chance.randrange(len(der))
            flipped = bytes([der[at] ^ (1 << chance.randrange(8))])
            how, result = f"bit flipped at {at}", der[:at] + flipped + der[at + 1 :]
        else:
            whole = parse(der)
            element = chance.choice(list(whole.walk()))
            ways = [way for way in WAYS if way.applies(element)]
            way = chance.choice(ways)
            how = f"{way.name} ({element.tag:#04x})"
            way.bend(element, chance)
            result = whole.encode()
        if result != der:
            made += 1
            yield how, result


@dataclass(frozen=True)
class Way:
    """One way to bend an element."""

    name: str
    bend: Callable[[Element, random.Random], None]
    applies: Callable[[Element], bool] = field(default=lambda element: True)


def _has_children(element: Element) -> bool:
    return bool(element.children)


def _is_leaf(element: Element) -> bool:
    return element.children is None


def _tagged(*tags: int) -> Callable[[Element], bool]:
    return lambda element: element.tag in tags and element.children is None


def _set(**changes) -> Callable[[Element, random.Random], None]:
    def bend(element: Element, _: random.Random) -> None:
        for name, value in changes.items():
            setattr(element, name, value)

    return bend


def _content(of: Callable[[bytes, random.Random], bytes]) -> Callable:
    def bend(element: Element, chance: random.Random) -> None:
        element.content = of(element.content, chance)

    return bend


def _children(of: Callable[[list[Element], random.Random], None]) -> Callable:
    def bend(element: Element, chance: random.Random) -> None:
        of(element.children, chance)

    return bend


def _swap(children: list[Element], chance: random.Random) -> None:
    at = chance.randrange(len(children))
    children.insert(chance.randrange(len(children)), children.pop(at))


def _double(children: list[Element], chance: random.Random) -> None:
    children.insert(chance.randrange(len(children) + 1), chance.choice(children))


def _retag(element: Element, chance: random.Random) -> None:
    element.tag = chance.choice([*STRINGS, BOOLEAN, INTEGER, BIT_STRING, NULL, OID, *TIMES, 0x0A])


def _flatten(element: Element, chance: random.Random) -> None:
    """Garbage in place of the content."""
    element.children = None
    element.content = element.prefix + chance.choice([b"", b"\0", b"\x30\x80", b"junk", b"\5\0\5\0"])


def _string(values: Sequence[bytes]) -> Callable:
    return _content(lambda _, chance: chance.choice(values))


BAD_TEXT = (
    b"", b"\0", b"a\0b", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80",
    b"abc", b"\0a\0b", b"\xd8\x00\xdc\x00", b"\xd8\x00", b"\0\0\0a", b"\0\x11\0\0", b"\0\0\xd8\0",
)  # fmt: skip
BAD_TIMES = (
    b"2601010000Z", b"260101000000", b"260101000000+0100", b"261301000000Z", b"260100000000Z",
    b"260101240000Z", b"20260101000000.5Z", b"20260101000000+0100", b"20260101000000", b"abc",
    b"260229000000Z", b"00000101000000Z", b"99991231235959Z", b"202601010000Z", b"260101000060Z", b"",
)  # fmt: skip
BAD_OIDS = (b"", b"\x80", b"\x55\x80\x01", b"\x55\x1d\x80", b"\x55" + b"\xff" * 9 + b"\x7f", b"\x55\x1d\x7f", b"\x2a")
BAD_INTEGERS = (b"", b"\0", b"\1", b"\2", b"\3", b"\x7f", b"\x80", b"\xff", b"\0\1", b"\xff\xff", b"\xff\x7f", b"\0\x80", b"\1" * 30)
WAYS = (
    Way("dropped a child", _children(lambda c, r: c.pop(r.randrange(len(c)))), _has_children),
    Way("doubled a child", _children(_double), _has_children),
    Way("moved a child", _children(_swap), _has_children),
    Way("emptied", _children(lambda c, _: c.clear()), _has_children),
    Way("a NULL more", _children(lambda c, _: c.append(Element(NULL))), lambda e: e.children is not None),
    Way("an element more", _children(lambda c, r: c.append(r.choice([Element(INTEGER, b"\1"), Element(OCTET_STRING, b"x"), Element(0x80, b"\1"), Element(0xA5, children=[]), Element(SEQUENCE, children=[])]))), lambda e: e.children is not None),
    Way("garbage", _flatten),
    Way("another type", _retag, _is_leaf),
    Way("long length", _set(long_form=True)),
    Way("byte appended", _content(lambda c, r: c + bytes([r.randrange(256)])), _is_leaf),
    Way("last byte off", _content(lambda c, _: c[:-1]), lambda e: _is_leaf(e) and bool(e.content)),
    Way("first byte off", _content(lambda c, _: c[1:]), lambda e: _is_leaf(e) and bool(e.content)),
    Way("byte prepended", _content(lambda c, r: r.choice([b"\0", b"\xff", b"\1"]) + c), _is_leaf),
    Way("bad text", _string(BAD_TEXT), _tagged(*STRINGS)),
    Way("bad text of another type", lambda e, r: (_set(tag=r.choice(STRINGS))(e, r), _string(BAD_TEXT)(e, r)), _tagged(0x0C, 0x13, 0x16)),
    Way("bad time", _string(BAD_TIMES), _tagged(*TIMES)),
    Way("bad time of the other type", lambda e, r: (_set(tag=r.choice(TIMES))(e, r), _string(BAD_TIMES)(e, r)), _tagged(*TIMES)),
    Way("bad identifier", _string(BAD_OIDS), _tagged(OID)),
    Way("bad integer", _string(BAD_INTEGERS), _tagged(INTEGER)),
    Way("bad boolean", _string((b"", b"\0", b"\1", b"\xff\xff")), _tagged(BOOLEAN)),
    Way("unused bits", lambda e, r: setattr(e, "prefix", bytes([r.randrange(1, 10)])), lambda e: e.tag == BIT_STRING and e.children is not None),
    Way("unused bits", _content(lambda c, r: bytes([r.randrange(1, 10)]) + c[1:]), _tagged(BIT_STRING)),
    Way("compressed point", _content(lambda c, _: b"\0" + bytes([2 + c[-1] % 2]) + c[2 : 2 + (len(c) - 2) // 2]), lambda e: e.tag == BIT_STRING and e.children is None and e.content[:2] == b"\0\4"),
    Way("point at infinity", _content(lambda c, _: b"\0\0"), lambda e: e.tag == BIT_STRING and e.children is None and e.content[:2] == b"\0\4"),
    Way("other point", _content(lambda c, _: c[:-1] + bytes([c[-1] ^ 1])), lambda e: e.tag == BIT_STRING and e.children is None and e.content[:2] == b"\0\4"),
    Way("critical", lambda e, r: e.children.insert(1, Element(BOOLEAN, b"\xff")), lambda e: e.tag == SEQUENCE and len(e.children or ()) == 2 and e.children[0].tag == OID and e.children[1].tag == OCTET_STRING),
    Way("critical garbage", lambda e, r: (e.children.__setitem__(slice(1, None), [Element(BOOLEAN, b"\xff"), Element(OCTET_STRING, r.choice([b"", b"\0", b"\5\0", b"\x30\0", b"\3\1\0", b"\3\2\7\x80", b"\x30\3\1\1\xff", b"\x04\0", b"\x30\2\x30\0"]))])), lambda e: e.tag == SEQUENCE and len(e.children or ()) in (2, 3) and e.children[0].tag == OID and e.children[-1].tag == OCTET_STRING),
    Way("other known extension", lambda e, r: (e.children.__setitem__(slice(0, None), [Element(OID, b"\x55\x1d" + bytes([r.choice([9, 14, 15, 16, 17, 18, 19, 20, 21, 24, 27, 28, 29, 30, 31, 32, 33, 35, 36, 37, 46, 54])])), Element(BOOLEAN, b"\xff"), Element(OCTET_STRING, r.choice([b"", b"\5\0", b"\x30\0", b"\3\2\7\x80", b"\x04\0", b"\2\1\0", b"\x30\2\x30\0", b"\x30\4\xa0\2\x30\0", b"\x30\3\x80\1\0"]))])), lambda e: e.tag == SEQUENCE and len(e.children or ()) in (2, 3) and e.children[0].tag == OID and e.children[-1].tag == OCTET_STRING),
)  # fmt: skip


def openssl_refuses(der: bytes, good: bytes, bundle: Path) -> str | None:
    """Why OpenSSL, through Python, does not take a bundle of `der` and the PEM `good`."""
    bundle.write_text(ssl.DER_cert_to_PEM_cert(der) + good.decode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=bundle)
    except ssl.SSLError as error:
        return str(error)
    loaded = context.cert_store_stats()["x509"]
    return None if loaded == 2 else f"{loaded} of 2 loaded"


def write_records(certificates: Sequence[bytes], path: Path) -> None:
    """The file that the JVM's probe reads."""
    path.write_bytes(b"".join(struct.pack(">I", len(der)) + der for der in certificates))


def java_refuses(java: Path, classes: Path, records: Path, env: dict[str, str]) -> list[str | None]:
    """Why a JVM does not take each certificate of a file; None where it does."""
    done = subprocess.run(
        [java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classes, "Parse", records],
        capture_output=True,
        text=True,
        timeout=300,
        env=env,
    )
    assert done.returncode == 0, done.stderr
    return [line.partition("\t")[2] or None for line in done.stdout.splitlines()]
