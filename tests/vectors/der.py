"""DER by hand, so that any field can be bent, and DER re-encoded as BER."""

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 1, 2, 3, 4, 5, 6
UTF8, NUMERIC, PRINTABLE, T61, IA5, VISIBLE, GENERAL, UNIVERSAL, BMP = (
    0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1B, 0x1C, 0x1E,
)  # fmt: skip
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
CONSTRUCTED = 0x20


def length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def tlv(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + length(len(content)) + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    return tlv(SET, b"".join(sorted(parts)))


def explicit(number: int, *parts: bytes) -> bytes:
    return tlv(0xA0 | number, b"".join(parts))


def implicit(number: int, content: bytes) -> bytes:
    return tlv(0x80 | number, content)


def integer(value: int) -> bytes:
    return tlv(INTEGER, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = b""
    for arc in (40 * first + second, *rest):
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(0x80 | (arc & 0x7F))
        content += bytes(reversed(digits))
    return tlv(OID, content)


def octets(content: bytes) -> bytes:
    return tlv(OCTET_STRING, content)


def bits(content: bytes, unused: int = 0) -> bytes:
    return tlv(BIT_STRING, bytes([unused]) + content)


def null() -> bytes:
    return tlv(NULL, b"")


def true() -> bytes:
    return tlv(BOOLEAN, b"\xff")


def split(encoded: bytes) -> list[tuple[int, bytes, bytes]]:
    """The elements one after the other in DER: tag, content, and the whole."""
    elements = []
    at = 0
    # A byte alone is none, as a newline behind a file.
    while at + 1 < len(encoded):
        begin, tag, size = at, encoded[at], encoded[at + 1]
        at += 2
        if size & 0x80:
            digits = size & 0x7F
            size = int.from_bytes(encoded[at : at + digits], "big")
            at += digits
        elements.append((tag, encoded[at : at + size], encoded[begin : at + size]))
        at += size
    return elements


# Signed as they are: another encoding would break the signature.
_CERTIFICATE = (SEQUENCE, SEQUENCE, BIT_STRING)


def indefinite(encoded: bytes, segment: int = 1000) -> bytes:
    """The same values in BER as NSS and BouncyCastle write stores.

    Everything constructed has an indefinite length, and a long OCTET STRING is in
    segments. Certificates and CRLs stay as they are.
    """
    written = b""
    for tag, content, whole in split(encoded):
        if tag & CONSTRUCTED:
            inner = split(content)
            if tuple(part[0] for part in inner) == _CERTIFICATE and len(content) > 300:
                written += whole
            else:
                written += bytes([tag, 0x80]) + indefinite(content, segment) + b"\0\0"
        elif tag in (OCTET_STRING, 0x80) and len(content) > segment:
            pieces = [content[at : at + segment] for at in range(0, len(content), segment)]
            written += bytes([tag | CONSTRUCTED, 0x80])
            written += b"".join(map(octets, pieces)) + b"\0\0"
        else:
            written += whole
    return written
