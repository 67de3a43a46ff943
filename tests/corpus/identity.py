"""Whether two readers mean the same certificate: some give back its bytes, and some write it anew in DER."""

from corpus.asking import fingerprint


def normal(der: bytes) -> bytes:
    """A certificate in BER with every length written as DER does; what is no BER is left as it is."""
    try:
        content, rest = _element(der, 0)
    except (IndexError, RecursionError):
        return der
    return content + der[rest:]


def identity(der: bytes) -> str:
    return fingerprint(normal(der))


def _element(data: bytes, at: int) -> tuple[bytes, int]:
    tag = data[at]
    if tag & 0x1F == 0x1F:
        raise IndexError
    first = data[at + 1]
    at += 2
    if first == 0x80 and tag & 0x20:
        parts = []
        while data[at] or data[at + 1]:
            part, at = _element(data, at)
            parts.append(part)
        return _joined(tag, parts), at + 2
    if first & 0x80:
        count = first & 0x7F
        first = int.from_bytes(data[at : at + count], "big")
        at += count
    end = at + first
    if end > len(data):
        raise IndexError
    if not tag & 0x20:
        return _tlv(tag, data[at:end]), end
    parts = []
    while at < end:
        part, at = _element(data, at)
        parts.append(part)
    if at != end:
        raise IndexError
    return _joined(tag, parts), end


def _joined(tag: int, parts: list[bytes]) -> bytes:
    """Strings that came in pieces are put together."""
    if tag == 0x24:
        return _tlv(0x04, b"".join(map(_content, parts)))
    if tag == 0x23 and parts:
        contents = list(map(_content, parts))
        return _tlv(0x03, contents[-1][:1] + b"".join(one[1:] for one in contents))
    return _tlv(tag, b"".join(parts))


def _content(tlv: bytes) -> bytes:
    return tlv[2 + (tlv[1] & 0x7F if tlv[1] & 0x80 else 0) :]


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content
