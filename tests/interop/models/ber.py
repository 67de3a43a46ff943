"""Certificates in BER by system: good ones with one element, or many, written in each way that X.690 allows
and DER does not. As in the other grids, their signatures are over other bytes."""

import functools
from collections.abc import Callable, Iterator

from models import grid
from support import bent

Named = tuple[str, bytes]
Element = bent.Element
der = grid.der
# Universal types that are strings, so that BER lets them be in pieces.
STRINGS = {0x03, 0x04, 0x0C, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1A, 0x1C, 0x1E}


def length(size: int, surplus: int) -> bytes:
    """In the long form, with zeros before it."""
    digits = size.to_bytes(max(1, (size.bit_length() + 7) // 8), "big")
    digits = b"\0" * surplus + digits
    return bytes([0x80 | len(digits)]) + digits


def indefinite(tag: int, body: bytes) -> bytes:
    return bytes([tag | 0x20, 0x80]) + body + b"\0\0"


def pieces(tag: int, body: bytes, count: int) -> bytes:
    """The string in so many pieces of the type that X.690 asks for: each BIT STRING has its own count of
    unused bits."""
    unused, content = (body[:1], body[1:]) if tag == 0x03 else (b"", body)
    kind = tag if tag in (0x03, 0x04) else 0x04
    if not count:
        return b""
    size = -(-len(content) // count) or 1
    cut = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
    return b"".join(
        der.tlv(kind, (b"" if not unused else unused if index + 1 == len(cut) else b"\0") + piece)
        for index, piece in enumerate(cut)
    )


Way = Callable[[int, bytes], bytes]
OF_CONSTRUCTED: dict[str, Way] = {
    "indefinite": indefinite,
    "length of one byte more": lambda tag, body: bytes([tag]) + length(len(body), 1 if len(body) > 127 else 0) + body,
    "length of four bytes": lambda tag, body: bytes([tag]) + b"\x84" + len(body).to_bytes(4, "big") + body,
    "length of eight bytes": lambda tag, body: bytes([tag]) + b"\x88" + len(body).to_bytes(8, "big") + body,
}  # fmt: skip
OF_STRINGS: dict[str, Way] = {
    "two pieces": lambda tag, body: der.tlv(tag | 0x20, pieces(tag, body, 2)),
    "one piece": lambda tag, body: der.tlv(tag | 0x20, pieces(tag, body, 1)),
    "no piece": lambda tag, body: der.tlv(tag | 0x20, b""),
    "pieces, indefinite": lambda tag, body: indefinite(tag, pieces(tag, body, 3)),
    "pieces of its own type": lambda tag, body: der.tlv(tag | 0x20, der.tlv(tag, body)),
    "pieces in pieces": lambda tag, body: indefinite(tag, indefinite(tag if tag in (3, 4) else 4, pieces(tag, body, 2))),
}  # fmt: skip
OF_PRIMITIVE = {name: way for name, way in OF_CONSTRUCTED.items() if name != "indefinite"}


def encode(element: Element, ways: Callable[[Element], Way | None]) -> bytes:
    body = element.content
    if element.children is not None:
        body = element.prefix + b"".join(encode(child, ways) for child in element.children)
    way = ways(element)
    return way(element.tag, body) if way else der.tlv(element.tag, body)


def places(whole: Element) -> Iterator[tuple[str, Element]]:
    """Each element, with where it is."""

    def walk(element: Element, at: str) -> Iterator[tuple[str, Element]]:
        yield at or "all", element
        for index, child in enumerate(element.children or ()):
            yield from walk(child, f"{at}.{index}" if at else str(index))

    yield from walk(whole, "")


def is_constructed(element: Element) -> bool:
    return bool(element.tag & 0x20)


def ways_for(element: Element) -> dict[str, Way]:
    if is_constructed(element):
        return OF_CONSTRUCTED
    return OF_PRIMITIVE | (OF_STRINGS if element.tag in STRINGS else {})


@functools.cache
def bases() -> dict[str, bytes]:
    seq, exp, imp = der.sequence, der.explicit, der.implicit
    constraints = seq(exp(0, seq(imp(2, b"example.com"))), exp(1, seq(imp(7, bytes(8)))))
    uses = seq(der.oid("1.3.6.1.5.5.7.3.1"), der.oid("1.3.6.1.5.5.7.3.2"))
    more = [
        grid.make.extension("2.5.29.30", constraints, critical=True),
        grid.make.extension("2.5.29.37", uses),
        grid.make.alternative(),
        grid.make.authority_identifier(grid.make.KEY),
    ]
    return {
        "plain": grid.certificate(),
        "printable": grid.certificate(grid.make.name("Example BER CA", der.PRINTABLE)),
        "many extensions": grid.certificate(extensions=[*grid.BASE, *more]),
        "version 1": grid.certificate(version=b"", extensions=None),
        "P-256": grid.certificate(info=grid.make.ec_info(grid.ec.SECP256R1())),
    }


def one_element() -> Iterator[Named]:
    """One element written otherwise, in each place."""
    for base, encoded in bases().items():
        whole = bent.parse(encoded)
        for place, element in places(whole):
            for name, way in ways_for(element).items():
                written = encode(whole, lambda one, it=element, way=way: way if one is it else None)
                yield f"BER: {base}, {place} ({element.tag:#04x}) {name}", written


def many_elements() -> Iterator[Named]:
    """All elements of a kind at once, as a writer would do."""
    kinds: dict[str, Callable[[Element], bool]] = {
        "everything constructed": is_constructed,
        "every SEQUENCE": lambda one: one.tag == 0x30,
        "every SET": lambda one: one.tag == 0x31,
        "every tag of the context": lambda one: one.tag in (0xA0, 0xA1, 0xA3),
        "every OCTET STRING": lambda one: one.tag == 0x04,
        "every BIT STRING": lambda one: one.tag == 0x03,
        "every text": lambda one: one.tag in (0x0C, 0x13),
        "every time": lambda one: one.tag in (0x17, 0x18),
    }
    for base, encoded in bases().items():
        whole = bent.parse(encoded)
        for kind, passes in kinds.items():
            passing = [element for _, element in places(whole) if passes(element)]
            if not passing:
                continue
            for name, way in ways_for(passing[0]).items():
                yield f"BER: {base}, {kind} {name}", encode(whole, lambda one, way=way: way if any(one is it for it in passing) else None)
        outer = {id(whole), *(id(child) for child in whole.children or ())}
        yield f"BER: {base}, outermost two", encode(whole, lambda one: indefinite if id(one) in outer and is_constructed(one) else None)


def ends() -> Iterator[Named]:
    """An end-of-contents where there is none, none where there should be one, and bytes after it."""
    good = bases()["plain"]
    body = der.split(good)[0][1]
    tbs, algorithm, signature = (part[2] for part in der.split(body))
    yield "BER: no end", b"\x30\x80" + body
    yield "BER: half an end", b"\x30\x80" + body + b"\0"
    yield "BER: end of length 1", b"\x30\x80" + body + b"\0\1\0"
    yield "BER: end in a definite length", der.sequence(body, b"\0\0")
    yield "BER: end in the signed part", der.sequence(der.sequence(der.split(tbs)[0][1], b"\0\0"), algorithm, signature)
    yield "BER: end before the signature", b"\x30\x80" + tbs + algorithm + b"\0\0" + signature
    yield "BER: two ends", b"\x30\x80" + body + b"\0\0\0\0"
    yield "BER: newline after the end", b"\x30\x80" + body + b"\0\0\n"
    yield "BER: primitive indefinite", b"\x10\x80" + body + b"\0\0"


GRIDS = {"one element in BER": one_element, "many in BER": many_elements, "ends in BER": ends}
