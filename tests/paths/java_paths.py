"""Cases where a JVM goes its own way: names that are one to OpenSSL alone, and paths that it builds itself
because something is sent that is not on the path."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import NameOID

from case import Case
from issuing import AT, YEAR, basic, ca, case, constraints, key, leaf, name
from paths_built import line
from vectors import der

ORGANIZATION, COMMON_NAME, DOMAIN = "2.5.4.10", "2.5.4.3", "0.9.2342.19200300.100.1.25"
BMP, T61, IA5, PRINTABLE = 0x1E, 0x14, 0x16, 0x13


def cases() -> Iterator[Case]:
    yield from _names()
    yield from _built()
    yield from _keys()


def _name(*attributes: tuple[str, int, bytes]) -> bytes:
    sets = [
        der.tlv(0x31, der.sequence(der.oid(kind), der.tlv(tag, text)))
        for kind, tag, text in attributes
    ]
    return der.sequence(*sets)


def _names() -> Iterator[Case]:
    """An issuer that is written otherwise than the subject above it."""
    root = ca("CA 0")
    for label, common in [
        ("bmp", (COMMON_NAME, BMP, "CA 1".encode("utf-16-be"))),
        ("t61", (COMMON_NAME, T61, b"CA 1")),
        ("printable", (COMMON_NAME, PRINTABLE, b"CA 1")),
        ("case", (COMMON_NAME, der.UTF8, b"ca 1")),
    ]:
        other = _name((ORGANIZATION, der.UTF8, b"Example"), common)
        middle = ca("CA 1", root)
        yield case(f"java/issuer-{label}", root, leaf(middle, issuer=other), middle)
        yield case(f"java/anchor-{label}", middle, leaf(middle, issuer=other))
        again = ca("CA 1", middle, private=key("again"), subject=other)
        limited = ca("CA 1", root, basic=basic(True, 0))
        own = ca("CA 1", limited, private=key("again"), subject=other)
        yield case(f"java/self-issued-{label}", root, leaf(own), own, limited)
        yield case(f"java/renewed-{label}", root, leaf(again), again, middle)
    for label, tag, text in [("same", IA5, b"corp"), ("case", IA5, b"CORP"), ("type", der.UTF8, b"corp")]:
        middle = ca("CA 1", root, subject=_name((DOMAIN, IA5, b"corp"), (COMMON_NAME, der.UTF8, b"CA 1")))
        other = _name((DOMAIN, tag, text), (COMMON_NAME, der.UTF8, b"CA 1"))
        yield case(f"java/domain-{label}", root, leaf(middle, issuer=other), middle)
    serial = {"SERIAL_NUMBER": "abc"}
    middle = ca("CA 1", root, subject=name("CA 1", **serial))
    other = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
            x509.NameAttribute(NameOID.COMMON_NAME, "CA 1"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, "ABC"),
        ]
    ).public_bytes()
    yield case("java/serial-number-case", root, leaf(middle, issuer=other), middle)


def _built() -> Iterator[Case]:
    stranger = ca("A stranger")
    old = {"starts": AT - 3 * YEAR, "ends": AT - YEAR}
    for label, changes in [
        ("expired", old),
        ("version-1", {"version": 0, "bare": True}),
        ("version-1-expired", {"version": 0, "bare": True, **old}),
    ]:
        cas = line(1, c0=changes)
        yield case(f"java/built-root-{label}", cas[0], leaf(cas[0]), stranger)
        yield case(f"java/built-root-{label}-above", cas[0], leaf(cas[1]), stranger, cas[1])
    root = ca("CA 0")
    for count in range(1, 4):
        cas = [root]
        for number in range(count):
            cas.append(ca("CA 0", cas[-1], private=key(f"renewed {number}")))
        yield case(f"java/built-self-issued-{count}", root, leaf(cas[-1]), stranger, *reversed(cas[1:]))
    for label, trees in [
        ("empty", [["dns:"], None]),
        ("empty-excluded", [None, ["dns:"]]),
        ("empty-and-another", [["dns:", "dns:example.com"], None]),
        ("another-and-empty", [["dns:example.com", "dns:"], None]),
    ]:
        bent = constraints(*trees)
        middle, beside = ca("CA 1", root), ca("CA 1", root, constraints=bent)
        below = ca("CA 2", beside, constraints=constraints(["dns:example.com"]))
        yield case(f"java/built-beside-{label}", root, leaf(middle), stranger, beside, middle)
        yield case(f"java/host-{label}", root, leaf(beside), beside)
        yield case(f"java/host-{label}-above-another", root, leaf(below), below, beside)


def _keys() -> Iterator[Case]:
    """A server's certificate that is itself an anchor."""
    root = ca("CA 0")
    for kind in ["ed25519", "p521", "secp256k1", "brainpool", "rsa2048"]:
        own = leaf(root, private=key("server", kind))
        yield case(f"java/anchored-{kind}", own, own)
