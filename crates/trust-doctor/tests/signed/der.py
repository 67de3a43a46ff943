"""As much of DER as it takes to take a certificate apart and put it together again."""

import base64
import textwrap


def element(tag, content):
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size) + content


def sequence(*parts):
    return element(0x30, b"".join(parts))


def explicit(number, part):
    return element(0xA0 | number, part)


def integer(value):
    return element(2, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def bits(content):
    return element(3, b"\0" + content)


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    content = b""
    for number in [40 * first + second, *rest]:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.insert(0, number & 0x7F | 0x80)
        content += bytes(septets)
    return element(6, content)


def _first(encoded):
    length, start = encoded[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(encoded[2:start])
    return encoded[start : start + length], encoded[start + length :]


def content(encoded):
    return _first(encoded)[0]


def children(encoded):
    found, rest = [], content(encoded)
    while rest:
        _, after = _first(rest)
        found.append(rest[: len(rest) - len(after)])
        rest = after
    return found


def integers(encoded):
    return [int.from_bytes(content(one), signed=True) for one in children(encoded)]


def pem(encoded):
    lines = textwrap.wrap(base64.b64encode(encoded).decode(), 64)
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
