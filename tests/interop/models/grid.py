"""Certificates by system: good ones with one field written in each way that somebody may write it.

They are made by the vectors' own writer, each with a name that says what is odd. Their signatures are
those of a good CA over other bytes: no parser looks at them.
"""

import itertools
import sys
from collections.abc import Iterator

from support import environment

sys.path.insert(0, str(environment.REPOSITORY / "tests" / "vectors"))

import certificate as make  # noqa: E402
import der  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from cryptography.hazmat.primitives.serialization import PublicFormat  # noqa: E402

Named = tuple[str, bytes]
SIGNATURE = make.KEY.sign(b"any")
BASE = make.ca_extensions()
# What a value may be where nobody can know the type.
ODD_VALUES = {
    "empty": b"", "NULL": der.null(), "SEQUENCE": der.sequence(), "zero": der.integer(0),
    "minus one": der.integer(-1), "large": der.integer(1 << 40), "true": der.true(),
    "octets": der.octets(b"x"), "no octets": der.octets(b""), "bits": der.bits(b"\x06", 1), "no bits": der.bits(b""),
    "text": der.tlv(der.IA5, b"text"), "utf8": der.tlv(der.UTF8, b"text"), "oid": der.oid("1.2.3.4"),
    "list of oid": der.sequence(der.oid("1.2.3.4")), "list of SEQUENCE": der.sequence(der.sequence()),
    "list of list of oid": der.sequence(der.sequence(der.oid("1.2.3.4"))),
    "list of integer": der.sequence(der.integer(1)), "list of true": der.sequence(der.true()),
    "list of false": der.sequence(der.tlv(der.BOOLEAN, b"\0")), "list of 01": der.sequence(der.tlv(der.BOOLEAN, b"\1")),
    "list of [0]": der.sequence(der.implicit(0, b"\1")), "list of [1]": der.sequence(der.implicit(1, b"\1")),
    "list of [0]{}": der.sequence(der.explicit(0)), "list of [1]{}": der.sequence(der.explicit(1)),
    "list of dns": der.sequence(der.implicit(2, b"example.com")), "junk": b"junk", "truncated": b"\x30\x05\x02",
    "indefinite": b"\x30\x80\0\0", "long length": b"\x30\x81\x00", "trailing": der.sequence() + b"\0",
    "generalized time": make.generalized("20260101000000Z"), "SET": der.set_of(),
    "true and length": der.sequence(der.true(), der.integer(3)),
    "false and length": der.sequence(der.tlv(der.BOOLEAN, b"\0"), der.integer(3)),
    "true and negative length": der.sequence(der.true(), der.integer(-1)),
    "true and huge length": der.sequence(der.true(), der.integer(1 << 33)),
    "length alone": der.sequence(der.integer(3)), "true and more": der.sequence(der.true(), der.integer(3), der.null()),
    "two integers": der.sequence(der.integer(1), der.integer(2)), "[0][1]": der.sequence(der.implicit(0, b"\0"), der.implicit(1, b"\1")),
    "[1][0]": der.sequence(der.implicit(1, b"\0"), der.implicit(0, b"\1")), "[0][0]": der.sequence(der.implicit(0, b"\0"), der.implicit(0, b"\1")),
    "[2]": der.sequence(der.implicit(2, b"\1")), "[0] negative": der.sequence(der.implicit(0, b"\xff")),
    "[0] huge": der.sequence(der.implicit(0, b"\1" * 9)), "[0] empty": der.sequence(der.implicit(0, b"")),
    "bits of 9": der.bits(b"\x06\x80", 7), "bits unused 8": der.tlv(der.BIT_STRING, b"\x08\x06"), "bits zero": der.bits(b"\0"),
    "bits without count": der.tlv(der.BIT_STRING, b""), "bits dirty": der.tlv(der.BIT_STRING, b"\x07\xff"),
}  # fmt: skip


def certificate(subject: bytes | None = None, **bent) -> bytes:
    """With a signature that takes no time."""
    subject = make.name("Example Grid CA") if subject is None else subject
    return make.certificate(subject, sign=lambda _: SIGNATURE, **bent)


def with_extension(kind: str, value: bytes, critical: bool) -> bytes:
    """With an extension instead of the good one of its type."""
    own = der.oid(kind)
    others = [one for one in BASE if own not in one[:20]]
    return certificate(extensions=[*others, make.extension(kind, value, critical)])


def in_extensions(name: str, kind: str, value: bytes) -> Iterator[Named]:
    for critical in (True, False):
        how = "critical" if critical else "not critical"
        yield f"{name}, {how}", with_extension(kind, value, critical)


HOSTS = (
    "", ".", "..", "example.com", ".example.com", "*.example.com", "example.com.", "EXAMPLE.com", "ex_ample.com",
    "-example.com", "example-.com", "1.2.3.4", "[::1]", "::1", "localhost", "a", "1", "1.example.com", "example.1",
    "example..com", "host name.com", "exämple.com", "xn--exmple-cua.com", "example.com:443", "user@example.com", "%41.com",
    "a" * 64 + ".com", "a." * 130 + "com", "example.com/path", "/", "//example.com", "example.com?x", "example.com#x", "\\example", "\0", "ex\0ample.com",
)  # fmt: skip
SCHEMES = ("", "https://", "http://", "ldap://", "ftp://", "HTTPS://", "x-y.z+1://", "1http://", "://", "urn:", "mailto:", "https:", "file:///", "spiffe://")


def texts() -> list[str]:
    return [scheme + host for scheme in SCHEMES for host in HOSTS]


def uris_in_name_constraints() -> Iterator[Named]:
    for text in texts():
        base = der.implicit(6, text.encode())
        for number, how in enumerate(("permitted", "excluded")):
            value = der.sequence(der.explicit(number, der.sequence(base)))
            yield f"nameConstraints {how} URI {text[:40]!r}", with_extension("2.5.29.30", value, True)


def general_names() -> Iterator[Named]:
    """Each form, with contents that are usual and not."""
    text = ["", ".", "a", "example.com", ".example.com", "*.example.com", "*", "*.", "ex_ample.com", "-a.com", "a-.com", "1a.com", "1", "a..b", "a.", "a b", "user@example.com", "@example.com", "user@", "ä", "exämple.com", "a" * 300, "1.2.3.4", "a/b", "\0", "a\0b", "\x7f", "*a.com", "a*.com", "a.*.com"]  # fmt: skip
    for one in text:
        for number, kind in ((1, "mail"), (2, "dns"), (6, "uri")):
            yield f"{kind} {one[:30]!r}", der.implicit(number, one.encode())
    for one in texts():
        yield f"uri {one[:40]!r}", der.implicit(6, one.encode())
    for one in ("https://example.com/a b", "https://example.com/%zz", "https://example.com/%41", "http://a/ä", "https://user:pw@example.com/", "https://example.com/[x]", "https://example.com/<x>", 'ldap://example.com/cn="x"', "ldap:///CN=x,DC=y?z?base?a=b", "https://[::1]/", "https://[::1%eth0]/", "https://example.com:99999/", "https://example.com:a/", "http:example.com", "a:b", "a", "http://a_b.example.com/", "https://example.com/{x}", "https://example.com/|", "https://example.com/^", "https://example.com/`", "ldap:///o=x y?certificateRevocationList", "http:/a", "http:///a", "file:a", "\\\\host\\share", "C:\\x"):  # fmt: skip
        yield f"uri {one!r}", der.implicit(6, one.encode())
    yield "uri latin", der.implicit(6, b"http://\xe4.com/")
    for size in (0, 1, 3, 4, 5, 8, 16, 17, 32, 33):
        yield f"ip of {size}", der.implicit(7, bytes(range(size)))
    for mask in ("ffffff00", "00000000", "ff00ff00", "00ffffff", "ffffffff"):
        yield f"ip/{mask}", der.implicit(7, bytes.fromhex("c0000200" + mask))
    yield "ip6 odd mask", der.implicit(7, b"\1" * 16 + b"\xff\0" * 8)
    for name, one in (("1.2.3", der.oid("1.2.3")), ("2.5.4.3", der.oid("2.5.4.3")), ("long", der.oid("1.2." + str(1 << 70)))):
        yield f"rid {name}", der.implicit(8, one[2:])
    yield "rid empty", der.implicit(8, b"")
    yield "rid damaged", der.implicit(8, b"\x55\x80\x01")
    yield "directory", der.explicit(4, make.name("x"))
    yield "directory empty", der.explicit(4, der.sequence())
    yield "directory nothing", der.explicit(4)
    yield "directory implicit", der.tlv(0xA4, make.name("x")[2:])
    yield "directory with odd text", der.explicit(4, make.name(b"\xff", der.UTF8))
    yield "directory of sets of nothing", der.explicit(4, der.sequence(der.set_of()))
    other = der.oid("1.3.6.1.4.1.311.20.2.3")
    yield "other", der.explicit(0, other, der.explicit(0, der.tlv(der.UTF8, b"user@example.com")))
    yield "other empty value", der.explicit(0, other, der.explicit(0))
    yield "other two values", der.explicit(0, other, der.explicit(0, der.null(), der.null()))
    yield "other without tag", der.explicit(0, other, der.null())
    yield "other alone", der.explicit(0, other)
    yield "other nothing", der.explicit(0)
    yield "x400", der.explicit(3, der.sequence())
    yield "x400 nothing", der.explicit(3)
    yield "x400 primitive", der.implicit(3, b"x")
    party = der.explicit(1, der.tlv(der.UTF8, b"party"))
    yield "edi", der.explicit(5, der.explicit(0, der.tlv(der.UTF8, b"assigner")), party)
    yield "edi party", der.explicit(5, party)
    yield "edi assigner", der.explicit(5, der.explicit(0, der.tlv(der.UTF8, b"assigner")))
    yield "edi nothing", der.explicit(5)
    yield "edi implicit", der.explicit(5, der.implicit(1, b"party"))
    for number in (9, 10, 30):
        yield f"[{number}]", der.implicit(number, b"x")
    for number in (1, 2, 6, 7, 8):
        yield f"[{number}] constructed", der.tlv(0xA0 | number, der.tlv(der.IA5, b"example.com"))
    yield "universal", der.tlv(der.IA5, b"example.com")
    yield "mail utf8", der.implicit(1, "ä@example.com".encode())


def places(base: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Where a general name may be."""
    seq, exp = der.sequence, der.explicit
    yield "subjectAltName", "2.5.29.17", seq(base)
    yield "issuerAltName", "2.5.29.18", seq(base)
    yield "permitted", "2.5.29.30", seq(exp(0, seq(base)))
    yield "excluded", "2.5.29.30", seq(exp(1, seq(base)))
    yield "distribution point", "2.5.29.31", seq(seq(exp(0, exp(0, base))))
    yield "cRLIssuer", "2.5.29.31", seq(seq(exp(2, base)))
    yield "freshestCRL", "2.5.29.46", seq(seq(exp(0, exp(0, base))))
    yield "authority access", "1.3.6.1.5.5.7.1.1", seq(seq(der.oid("1.3.6.1.5.5.7.48.2"), base))
    yield "subject access", "1.3.6.1.5.5.7.1.11", seq(seq(der.oid("1.3.6.1.5.5.7.48.5"), base))
    yield "authority key", "2.5.29.35", seq(exp(1, base), der.implicit(2, b"\1"))


def names_in_places() -> Iterator[Named]:
    for name, base in general_names():
        for place, kind, value in places(base):
            yield from in_extensions(f"{place}: {name}", kind, value)


KINDS = [
    *(f"2.5.29.{number}" for number in (1, 2, 3, 4, 7, 9, *range(14, 39), 40, 46, 54, 55, 56, 60, 72, 73, 79)),
    *(f"1.3.6.1.5.5.7.1.{number}" for number in (*range(1, 17), 19, 20, 21, 23, 24, 25, 26, 28, 30, 31, 32, 35)),
    *(f"2.16.840.1.113730.1.{number}" for number in range(1, 14)),
    "1.3.6.1.4.1.11129.2.4.2", "1.3.6.1.4.1.11129.2.4.3", "1.3.6.1.4.1.311.21.1", "1.3.6.1.4.1.311.20.2",
    "1.3.6.1.5.5.7.48.1.5", "1.2.3.4", "1.2.840.113549.1.9.15", "1.2.840.113533.7.65.0", "1.3.6.1.4.1.44947.1.1.1",
]  # fmt: skip


def odd_values_of_extensions() -> Iterator[Named]:
    for kind, (name, value) in itertools.product(KINDS, ODD_VALUES.items()):
        yield from in_extensions(f"extension {kind}: {name}", kind, value)


def policies() -> Iterator[Named]:
    seq, oid = der.sequence, der.oid
    cps, notice = oid("1.3.6.1.5.5.7.2.1"), oid("1.3.6.1.5.5.7.2.2")
    for name, value in {
        "any": seq(seq(oid("2.5.29.32.0"))),
        "twice": seq(seq(oid("1.2.3")), seq(oid("1.2.3"))),
        "no qualifiers": seq(seq(oid("1.2.3"), seq())),
        "cps": seq(seq(oid("1.2.3"), seq(seq(cps, der.tlv(der.IA5, b"http://x"))))),
        "cps utf8": seq(seq(oid("1.2.3"), seq(seq(cps, der.tlv(der.UTF8, b"http://x"))))),
        "notice": seq(seq(oid("1.2.3"), seq(seq(notice, seq(der.tlv(der.UTF8, b"text")))))),
        "notice visible": seq(seq(oid("1.2.3"), seq(seq(notice, seq(der.tlv(der.VISIBLE, b"text")))))),
        "unknown qualifier": seq(seq(oid("1.2.3"), seq(seq(oid("1.2.4"), der.null())))),
        "qualifier without value": seq(seq(oid("1.2.3"), seq(seq(cps)))),
        "qualifier of three": seq(seq(oid("1.2.3"), seq(seq(cps, der.null(), der.null())))),
        "qualifier empty": seq(seq(oid("1.2.3"), seq(seq()))),
        "three fields": seq(seq(oid("1.2.3"), seq(), seq())),
        "no oid": seq(seq(der.null())),
        "mapping": seq(seq(oid("1.2.3"), oid("1.2.4"))),
        "mapping of any": seq(seq(oid("2.5.29.32.0"), oid("1.2.4"))),
        "mapping of three": seq(seq(oid("1.2.3"), oid("1.2.4"), oid("1.2.5"))),
    }.items():
        yield from in_extensions(f"policies {name}", "2.5.29.32", value)
        yield from in_extensions(f"mappings {name}", "2.5.29.33", value)


def distribution_points() -> Iterator[Named]:
    seq, exp, imp = der.sequence, der.explicit, der.implicit
    uri = imp(6, b"http://example.com/ca.crl")
    for name, value in {
        "two": seq(seq(exp(0, exp(0, uri))), seq(exp(0, exp(0, uri)))),
        "with reasons": seq(seq(exp(0, exp(0, uri)), imp(1, b"\x01\x02"))),
        "reasons alone": seq(seq(imp(1, b"\x01\x02"))),
        "reasons damaged": seq(seq(exp(0, exp(0, uri)), imp(1, b""))),
        "reasons of 8 unused": seq(seq(exp(0, exp(0, uri)), imp(1, b"\x08\x02"))),
        "empty point": seq(seq()),
        "no names": seq(seq(exp(0, exp(0)))),
        "nothing": seq(seq(exp(0))),
        "relative": seq(seq(exp(0, der.tlv(0xA1, make.attribute("2.5.4.3", b"x"))))),
        "relative implicit": seq(seq(exp(0, der.tlv(0xA1, der.sequence(make.attribute("2.5.4.3", b"x")))))),
        "relative empty": seq(seq(exp(0, exp(1)))),
        "[2] in it": seq(seq(exp(0, exp(2, uri)))),
        "names twice": seq(seq(exp(0, exp(0, uri)), exp(0, exp(0, uri)))),
        "both names": seq(seq(exp(0, exp(0, uri), exp(0, uri)))),
        "issuer": seq(seq(exp(0, exp(0, uri)), exp(2, exp(4, make.name("x"))))),
        "issuer first": seq(seq(exp(2, exp(4, make.name("x"))), exp(0, exp(0, uri)))),
        "issuer twice": seq(seq(exp(2, exp(4, make.name("x"))), exp(2, exp(4, make.name("x"))))),
        "no issuers": seq(seq(exp(2))),
        "not explicit": seq(seq(exp(0, uri))),
        "[3]": seq(seq(exp(0, exp(0, uri)), exp(3, uri))),
        "directory implicit": seq(seq(exp(0, exp(0, der.tlv(0xA4, make.name("x")[2:]))))),
    }.items():
        yield from in_extensions(f"CRL distribution points {name}", "2.5.29.31", value)
        yield from in_extensions(f"freshest CRL {name}", "2.5.29.46", value)


def subtrees() -> Iterator[Named]:
    seq, exp, imp = der.sequence, der.explicit, der.implicit
    dns, ip = imp(2, b"example.com"), imp(7, bytes(8))
    for name, value in {
        "both": seq(exp(0, seq(dns)), exp(1, seq(ip))),
        "swapped": seq(exp(1, seq(ip)), exp(0, seq(dns))),
        "permitted twice": seq(exp(0, seq(dns)), exp(0, seq(ip))),
        "excluded twice": seq(exp(1, seq(dns)), exp(1, seq(ip))),
        "minimum 0": seq(exp(0, seq(dns, imp(0, b"\0")))),
        "minimum 1": seq(exp(0, seq(dns, imp(0, b"\1")))),
        "minimum negative": seq(exp(0, seq(dns, imp(0, b"\xff")))),
        "minimum empty": seq(exp(0, seq(dns, imp(0, b"")))),
        "minimum huge": seq(exp(0, seq(dns, imp(0, b"\1" * 5)))),
        "maximum 0": seq(exp(0, seq(dns, imp(1, b"\0")))),
        "maximum 9": seq(exp(0, seq(dns, imp(1, b"\x09")))),
        "both distances": seq(exp(0, seq(dns, imp(0, b"\0"), imp(1, b"\x09")))),
        "distances swapped": seq(exp(0, seq(dns, imp(1, b"\x09"), imp(0, b"\0")))),
        "maximum twice": seq(exp(0, seq(dns, imp(1, b"\x09"), imp(1, b"\x09")))),
        "[2] in it": seq(exp(0, seq(dns, imp(2, b"\x09")))),
        "two bases": seq(exp(0, seq(dns, dns))),
        "empty tree": seq(exp(0, seq())),
        "no trees": seq(exp(0)),
        "no trees but excluded": seq(exp(0), exp(1, seq(dns))),
        "base without tree": seq(exp(0, dns)),
        "primitive": seq(imp(0, seq(dns))),
        "many": seq(exp(0, *[seq(dns)] * 200)),
    }.items():
        yield from in_extensions(f"nameConstraints {name}", "2.5.29.30", value)


CURVES = {
    "P-192": "1.2.840.10045.3.1.1", "prime192v2": "1.2.840.10045.3.1.2", "prime192v3": "1.2.840.10045.3.1.3",
    "prime239v1": "1.2.840.10045.3.1.4", "prime239v3": "1.2.840.10045.3.1.6", "P-256": "1.2.840.10045.3.1.7",
    "P-224": "1.3.132.0.33", "P-384": "1.3.132.0.34", "P-521": "1.3.132.0.35", "secp112r1": "1.3.132.0.6",
    "secp128r1": "1.3.132.0.28", "secp160r1": "1.3.132.0.8", "secp160k1": "1.3.132.0.9", "secp192k1": "1.3.132.0.31",
    "secp224k1": "1.3.132.0.32", "secp256k1": "1.3.132.0.10", "sect163k1": "1.3.132.0.1", "sect233r1": "1.3.132.0.27",
    "sect283k1": "1.3.132.0.16", "sect409r1": "1.3.132.0.37", "sect571r1": "1.3.132.0.39", "c2tnb191v1": "1.2.840.10045.3.0.5",
    "c2tnb359v1": "1.2.840.10045.3.0.18", "c2pnb163v1": "1.2.840.10045.3.0.1",
    **{f"brainpoolP{size}{form}1": f"1.3.36.3.3.2.8.1.1.{number}" for number, (size, form) in enumerate(itertools.product((160, 192, 224, 256, 320, 384, 512), "rt"), 1)},
    "SM2": "1.2.156.10197.1.301", "FRP256v1": "1.2.250.1.223.101.256.1", "GOST A": "1.2.643.2.2.35.1", "unknown": "1.2.3.4.5", "WAP 4": "2.23.43.1.4.4",
    "numsp256": "1.3.6.1.4.1.311.1", "ssip160": "1.2.840.9405.3.1.7", "X25519 as a curve": "1.3.101.110",
}  # fmt: skip
SIZES = {160: 20, 192: 24, 224: 28, 256: 32, 384: 48, 521: 66, 320: 40, 512: 64, 112: 14, 128: 16, 239: 30}


def curves() -> Iterator[Named]:
    ec_key = "1.2.840.10045.2.1"
    for name, dotted in CURVES.items():
        digits = "".join(filter(str.isdigit, name.split("P")[-1]))[:3]
        size = SIZES.get(int(digits or 256), 32)
        for form, point in {
            "right length": b"\4" + b"\1" * (2 * size), "32 bytes": b"\4" + b"\2" * 64, "compressed": b"\2" + b"\1" * size,
            "hybrid": b"\6" + b"\1" * (2 * size), "infinity": b"\0", "empty": b"", "long": b"\4" + b"\1" * (2 * size + 1),
        }.items():  # fmt: skip
            info = der.sequence(der.sequence(der.oid(ec_key), der.oid(dotted)), der.bits(point))
            yield f"curve {name}, point {form}", certificate(info=info)
    for curve in (ec.SECP192R1, ec.SECP224R1, ec.SECP256R1, ec.SECP256K1, ec.SECP384R1, ec.SECP521R1, ec.BrainpoolP256R1, ec.BrainpoolP384R1, ec.BrainpoolP512R1):  # fmt: skip
        for form in (PublicFormat.UncompressedPoint, PublicFormat.CompressedPoint):
            info = make.ec_info(curve(), form)
            yield f"real point on {curve.__name__}, {form}", certificate(info=info)
    point = der.bits(b"\4" + b"\1" * 64)
    good = make.ec_info(ec.SECP256R1())
    for name, parameters in {
        "none": b"", "NULL": der.null(), "explicit": explicit_p256(), "SEQUENCE": der.sequence(), "integer": der.integer(1),
        "damaged oid": der.tlv(der.OID, b"\x80"), "empty oid": der.tlv(der.OID, b""),
    }.items():  # fmt: skip
        yield f"curve parameters {name}", certificate(info=der.sequence(der.sequence(der.oid(ec_key), parameters), point))
    named = der.split(der.split(good)[0][1])[0][2]
    two = der.sequence(der.oid(ec_key), der.oid(CURVES["P-256"]), der.null())
    yield "curve parameters and more", certificate(info=der.sequence(two, point))
    yield "curve and unused bits", certificate(info=der.sequence(named, der.bits(b"\4" + b"\2" * 64, 1)))


def explicit_p256() -> bytes:
    p = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
    b = bytes.fromhex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
    g = bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")  # fmt: skip
    n = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return der.sequence(
        der.integer(1),
        der.sequence(der.oid("1.2.840.10045.1.1"), der.integer(p)),
        der.sequence(der.octets((p - 3).to_bytes(32, "big")), der.octets(b)),
        der.octets(g),
        der.integer(n),
        der.integer(1),
    )


HASHES = {
    "MD2": "1.2.840.113549.2.2", "MD5": "1.2.840.113549.2.5", "SHA-1": "1.3.14.3.2.26", "SHA-224": "2.16.840.1.101.3.4.2.4",
    "SHA-256": "2.16.840.1.101.3.4.2.1", "SHA-384": "2.16.840.1.101.3.4.2.2", "SHA-512": "2.16.840.1.101.3.4.2.3",
    "SHA-512/224": "2.16.840.1.101.3.4.2.5", "SHA-512/256": "2.16.840.1.101.3.4.2.6", "SHA3-224": "2.16.840.1.101.3.4.2.7", "SHA3-256": "2.16.840.1.101.3.4.2.8", "SHA3-384": "2.16.840.1.101.3.4.2.9",
    "SHA3-512": "2.16.840.1.101.3.4.2.10", "SHAKE256": "2.16.840.1.101.3.4.2.12", "RIPEMD": "1.3.36.3.2.1", "unknown": "1.2.3.4",
    "MGF1": "1.2.840.113549.1.1.8", "sha256WithRSA": "1.2.840.113549.1.1.11",
}  # fmt: skip
PSS = "1.2.840.113549.1.1.10"


def pss_parameters() -> Iterator[Named]:
    seq, exp, oid = der.sequence, der.explicit, der.oid
    hash_of = lambda name, null=True: seq(oid(HASHES[name]), der.null() if null else b"")  # noqa: E731
    mgf = lambda name, null=True: exp(1, seq(oid(HASHES["MGF1"]), hash_of(name, null)))  # noqa: E731
    yield "empty", seq()
    for name in HASHES:
        for null in (True, False):
            yield f"hash {name} {null}", seq(exp(0, hash_of(name, null)))
            yield f"mgf {name} {null}", seq(mgf(name, null))
        yield f"both {name}", seq(exp(0, hash_of(name)), mgf(name), exp(2, der.integer(32)))
        yield f"{name} and SHA-256", seq(exp(0, hash_of(name)), mgf("SHA-256"))
    for salt in (0, 1, 20, 32, 64, 127, 128, 222, 255, 256, 334, 32767, 32768, 1 << 31, 1 << 40, -1, -129):
        yield f"salt {salt}", seq(exp(0, hash_of("SHA-256")), mgf("SHA-256"), exp(2, der.integer(salt)))
    for trailer in (0, 1, 2, 188, 256, -1, 1 << 40):
        yield f"trailer {trailer}", seq(exp(0, hash_of("SHA-256")), mgf("SHA-256"), exp(3, der.integer(trailer)))
    yield "all of the defaults", seq(exp(0, hash_of("SHA-1")), mgf("SHA-1"), exp(2, der.integer(20)), exp(3, der.integer(1)))
    yield "mgf without hash", seq(exp(1, seq(oid(HASHES["MGF1"]))))
    yield "mgf with NULL", seq(exp(1, seq(oid(HASHES["MGF1"]), der.null())))
    yield "mgf with an integer", seq(exp(1, seq(oid(HASHES["MGF1"]), der.integer(1))))
    yield "another mgf", seq(exp(1, seq(oid("1.2.3.4"), hash_of("SHA-256"))))
    yield "hash with parameters", seq(exp(0, seq(oid(HASHES["SHA-256"]), der.integer(1))))
    yield "hash not a sequence", seq(exp(0, oid(HASHES["SHA-256"])))
    yield "hash nothing", seq(exp(0))
    yield "hash twice", seq(exp(0, hash_of("SHA-256")), exp(0, hash_of("SHA-256")))
    yield "order", seq(exp(2, der.integer(32)), exp(0, hash_of("SHA-256")))
    yield "order of hash", seq(mgf("SHA-256"), exp(0, hash_of("SHA-256")))
    yield "salt implicit", seq(der.implicit(2, b"\x20"))
    yield "salt padded", seq(exp(2, b"\2\2\0\x20"))
    yield "salt empty", seq(exp(2, b"\2\0"))
    yield "salt octets", seq(exp(2, der.octets(b"\x20")))
    yield "salt and more", seq(exp(2, der.integer(32), der.null()))
    yield "[4]", seq(exp(4, der.integer(32)))
    yield "five", seq(exp(0, hash_of("SHA-256")), mgf("SHA-256"), exp(2, der.integer(32)), exp(3, der.integer(1)), exp(4, der.null()))
    yield "without tags", seq(hash_of("SHA-256"))
    yield "NULL", der.null()
    yield "none", b""
    yield "integer", der.integer(1)
    yield "octets", der.octets(b"x")
    yield "SET", der.set_of()


def pss() -> Iterator[Named]:
    for name, parameters in pss_parameters():
        algorithm = der.sequence(der.oid(PSS), parameters)
        yield f"RSA-PSS key: {name}", certificate(info=make.rsa_info(make.KEY.bits, algorithm=algorithm))
        yield f"RSA-PSS signature: {name}", certificate(inner=algorithm)
        yield f"RSA-PSS both: {name}", certificate(inner=algorithm, info=make.rsa_info(make.KEY.bits, algorithm=algorithm))


def rsa_keys() -> Iterator[Named]:
    for size in (8, 256, 500, 504, 505, 511, 512, 513, 768, 1024, 2047, 2048, 3072, 3073, 4096, 8192, 16376, 16384, 16385, 17000):
        modulus = (1 << size - 1) | 1
        for exponent in (3, 65537, (1 << 32) + 1, (1 << 64) - 1, (1 << 64) + 1, (1 << 66) + 1):
            yield f"RSA of {size}, exponent {exponent}", certificate(info=make.rsa_info(make.rsa_bits(modulus, exponent)))
    n = make.KEY.modulus
    for exponent in (-1, 0, 1, 2, 4, 65536, n - 1, n, n + 1):
        yield f"RSA exponent {str(exponent)[:9]}", certificate(info=make.rsa_info(make.rsa_bits(n, exponent)))
    for name, modulus in (("even", n + 1), ("negative", -n), ("zero", 0), ("square", 1 << 2047)):
        yield f"RSA modulus {name}", certificate(info=make.rsa_info(make.rsa_bits(modulus, 65537)))
    e, raw = der.integer(65537), n.to_bytes(256, "big")
    for name, content in {
        "negative by its first bit": der.sequence(der.tlv(2, raw), e),
        "padded": der.sequence(der.tlv(2, b"\0\0" + raw), e), "exponent padded": der.sequence(der.integer(n), b"\2\4\0\1\0\1"),
        "exponent empty": der.sequence(der.integer(n), b"\2\0"), "three integers": der.sequence(der.integer(n), e, e),
        "modulus alone": der.sequence(der.integer(n)), "nothing": der.sequence(), "empty": b"", "trailing": make.KEY.bits + b"\0",
        "octets": der.octets(make.KEY.bits), "SET": der.set_of(der.integer(n), e), "bits": der.bits(make.KEY.bits), "long length": b"\x30\x83\0" + make.KEY.bits[2:],
    }.items():  # fmt: skip
        yield f"RSA key {name}", certificate(info=make.rsa_info(content))
        yield f"RSA-PSS key {name}", certificate(info=make.rsa_info(content, algorithm=der.sequence(der.oid(PSS))))
    for unused in (1, 7):
        yield f"RSA key, {unused} unused bits", certificate(info=make.rsa_info(make.KEY.bits[:-1] + b"\0", unused))
    rsa = der.oid("1.2.840.113549.1.1.1")
    for name, value in ODD_VALUES.items():
        yield f"RSA parameters {name}", certificate(info=make.rsa_info(make.KEY.bits, algorithm=der.sequence(rsa, value)))


KEYS = {
    "Ed25519": "1.3.101.112", "Ed448": "1.3.101.113", "X25519": "1.3.101.110", "X448": "1.3.101.111", "DSA": "1.2.840.10040.4.1",
    "DH": "1.2.840.113549.1.3.1", "DH X9.42": "1.2.840.10046.2.1", "EC DH": "1.3.132.1.12", "EC MQV": "1.3.132.1.13", "OAEP": "1.2.840.113549.1.1.7",
    "PKCS#1": "1.2.840.113549.1.1", "RSA of X.500": "2.5.8.1.1", "ElGamal": "1.3.14.7.2.1.1", "GOST 2001": "1.2.643.2.2.19", "GOST 2012": "1.2.643.7.1.1.1.1",
    "SM2": "1.2.156.10197.1.301", "ML-DSA-44": "2.16.840.1.101.3.4.3.17", "ML-DSA-65": "2.16.840.1.101.3.4.3.18", "ML-DSA-87": "2.16.840.1.101.3.4.3.19",
    "SLH-DSA": "2.16.840.1.101.3.4.3.20", "ML-KEM-768": "2.16.840.1.101.3.4.4.2", "ML-KEM-512": "2.16.840.1.101.3.4.4.1", "HSS/LMS": "1.2.840.113549.1.9.16.3.17",
    "DSA with SHA-1": "1.2.840.10040.4.3", "DSA of OIW": "1.3.14.3.2.12", "sha256WithRSA": "1.2.840.113549.1.1.11", "unknown": "1.2.3.4", "composite": "2.16.840.1.114027.80.8.1.1", "Falcon": "1.3.9999.3.1",
}  # fmt: skip


def other_keys() -> Iterator[Named]:
    for (name, dotted), size in itertools.product(KEYS.items(), (0, 31, 32, 33, 56, 57, 58, 64, 800, 1184, 1312, 1952, 2592)):
        for parameters in (b"", der.null(), der.sequence(), der.oid("1.2.3.4")):
            info = der.sequence(der.sequence(der.oid(dotted), parameters), der.bits(b"\1" * size))
            yield f"key {name} of {size}, parameters {parameters.hex()[:8]}", certificate(info=info)
    group = der.sequence(*map(der.integer, ((1 << 2047) | 1, (1 << 255) | 1, 4)))
    for name, dotted in KEYS.items():
        for parameters in (b"", der.null(), group, der.sequence(der.integer(23), der.integer(5)), der.integer(1)):
            for key in (der.integer(5), der.integer(-5), der.integer(0), make.KEY.bits, der.octets(b"x" * 32)):
                info = der.sequence(der.sequence(der.oid(dotted), parameters), der.bits(key))
                yield f"key {name} as DER {key.hex()[:8]}, parameters {parameters.hex()[:8]}", certificate(info=info)


def numbers() -> Iterator[Named]:
    for name, value in {
        "0": der.integer(0), "-1": der.integer(-1), "-(2^63)": der.integer(-(1 << 63)), "20 bytes": der.integer(1 << 158),
        "21 bytes": der.integer(1 << 160), "200 bytes": der.integer(1 << 1599), "empty": b"\2\0", "padded": b"\2\2\0\1",
        "padded ff": b"\2\2\xff\xff", "long": b"\2\x81\1\1", "ENUMERATED": b"\x0a\1\1",
    }.items():  # fmt: skip
        yield f"serial {name}", certificate(serial=value)
    versions = {name: der.explicit(0, value) for name, value in (("1", der.integer(0)), ("2", der.integer(1)), ("3", der.integer(2)), ("4", der.integer(3)), ("0", der.integer(-1)), ("256", der.integer(255)), ("2^40", der.integer(1 << 40)), ("padded", b"\2\2\0\2"), ("empty", b"\2\0"), ("twice", der.integer(2) * 2), ("boolean", der.true()))}  # fmt: skip
    versions["missing"] = b""
    ids = {"": b"", "issuer id": der.implicit(1, b"\0\1"), "subject id": der.implicit(2, b"\0\1"), "ids": der.implicit(1, b"\0\1") + der.implicit(2, b"\0\1"), "id with unused": der.implicit(1, b"\x07\x80"), "id constructed": der.explicit(1, der.bits(b"x")), "id empty": der.implicit(1, b"\0"), "ids swapped": der.implicit(2, b"\0\1") + der.implicit(1, b"\0\1")}  # fmt: skip
    for (version, value), (name, more), extensions in itertools.product(versions.items(), ids.items(), (None, (), [make.usage()])):
        how = {None: "none"}.get(extensions, "some") if extensions is None else "some" if extensions else "usual"
        yield f"version {version}, {name}, extensions {how}", certificate(version=value, identifiers=more, extensions=extensions)
    yield "extensions empty", certificate(extensions=None, behind=der.explicit(3, der.sequence()))
    yield "extensions of an empty one", certificate(extensions=None, behind=der.explicit(3, der.sequence(der.sequence())))
    yield "extensions nothing", certificate(extensions=None, behind=der.explicit(3))
    yield "extensions twice", certificate(behind=der.explicit(3, der.sequence(*BASE)))
    for critical in (b"\0", b"\1", b"\xff", b"", b"\xff\xff"):
        odd = der.sequence(der.oid("2.5.29.15"), der.tlv(1, critical), der.octets(der.bits(b"\6", 1)))
        yield f"critical {critical.hex()}", certificate(extensions=[make.basic(), odd])
    for kind in ("2.5.29.15", "2.5.29.17", "1.2.3.4"):
        one = make.extension(kind, der.sequence(), False)
        yield f"extension {kind} twice", certificate(extensions=[make.basic(), one, one])


def strings() -> Iterator[Named]:
    contents = (b"", b"\0", b"CA", b"\xff\xfe", b"\xc3", b"\xc3\xa4", b"\xe4", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\0C\0A", b"\xd8\0\xdc\0", b"\xd8\0", b"\0\0\0C", b"\0\x11\0\0", b"\0\0\xd8\0", b"a\0b", b"*", b"@", b"\n", b"x" * 70000)
    tags = (*range(1, 31), 0x24, 0x2C, 0x30, 0x31, 0x80, 0xA0)
    for tag, content in itertools.product(tags, contents):
        yield f"subject text {tag:#04x} {content[:8].hex()}", certificate(make.name(content, tag))
    for kind in ("0.9.2342.19200300.100.1.25", "1.2.840.113549.1.9.1", "2.5.4.6", "2.5.4.5", "2.5.4.45", "1.2.3.4", "2.5.4.97", "1.3.6.1.4.1.311.60.2.1.3"):
        for tag, content in itertools.product((0x0C, 0x13, 0x16, 0x03, 0x1E), (b"", b"US", b"toolong", b"\0a")):
            yield f"attribute {kind} {tag:#04x} {content!r}", certificate(make.distinguished(make.attribute(kind, content, tag)))
    good = make.attribute("2.5.4.3", b"CA")
    odd_names = {
        "empty": der.sequence(), "an empty set": der.sequence(der.tlv(0x31, b"")), "two in a set": der.sequence(der.set_of(good, make.attribute("2.5.4.10", b"O"))),
        "the same twice": der.sequence(der.set_of(good), der.set_of(good)), "unsorted set": der.sequence(der.tlv(0x31, make.attribute("2.5.4.10", b"O") + good)),
        "sequence for set": der.sequence(der.sequence(good)), "three fields": der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), der.tlv(12, b"x"), der.null()))),
        "one field": der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3")))), "many": der.sequence(*[der.set_of(good)] * 500),
    }  # fmt: skip
    for name, value in odd_names.items():
        yield f"subject {name}", certificate(value)
        yield f"issuer {name}", certificate(make.name("x"), issuer=value)
    for critical in (True, False):
        yield f"no subject, alternative name critical {critical}", certificate(der.sequence(), issuer=make.name("x"), extensions=[*BASE, make.alternative(critical=critical)])


def times() -> Iterator[Named]:
    texts = ("260101000000Z", "2601010000Z", "260101000000", "260101000000+0100", "2601010000+0100", "261301000000Z", "260100000000Z", "260132000000Z", "260101240000Z", "260101000060Z", "491231235959Z", "500101000000Z", "", "Z", "abc", "260229000000Z", "20260101000000Z", "20260101000000.5Z", "20260101000000.123Z", "20260101000000+0100", "20260101000000-0000", "20260101000000", "202601010000Z", "2026010100Z", "99991231235959Z", "00000101000000Z", "19491231235959Z", "20500101000000,5Z", "-0260101000000Z", " 60101000000Z", "20260229000000Z", "20260101000060Z", "20260101006000Z", "20261301000000Z", "20260101240000Z", "10260101000000Z", "20260101000000-0600", "20260101000000+2359", "20260101000000+2400", "20260101000000+0060", "20260101000000.5+0100", "202601010000+0100", "20260101000000.", "20260101000000.Z", "20260101000000.1234Z", "20260101000000.123456789Z", "2026010100+0100", "260101000000-0600", "260101000000+2359", "260101000000+2400", "260101000000z", "20260101000000z", "260101000000+01", "20260101000000+01", "20260101240000+0100", "00010101000000Z", "20561231235959+0100", "99991231235959-0100", "00000101000000+0100")
    for text, tag, end in itertools.product(texts, (0x17, 0x18, 0x16), (True, False)):
        when = der.tlv(tag, text.encode())
        bent = certificate(ends=when) if end else certificate(starts=when)
        yield f"{'notAfter' if end else 'notBefore'} {tag:#04x} {text!r}", bent
    yield "ends before it starts", certificate(starts=make.utc("300101000000Z"), ends=make.utc("260101000000Z"))


def signature_algorithms() -> Iterator[Named]:
    kinds = ("1.2.840.113549.1.1.2", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.15", "1.2.840.10045.4.3.2", "1.2.840.10045.4.1", "1.3.101.112", "1.3.101.113", "1.2.840.10040.4.3", "2.16.840.1.101.3.4.3.2", "2.16.840.1.101.3.4.3.17", "1.2.3.4", "1.2.643.2.2.3", "1.2.156.10197.1.501", "2.16.840.1.101.3.4.3.14", "0.4.0.127.0.7.1.1.4.1.3", "1.3.14.3.2.29", "1.2.840.113549.1.1.8", "1.2.840.113549.1.1.1", "1.2.840.10045.2.1", "1.2.840.113549.1.5.13", "1.2.840.113549.1.12.1.3", "2.16.840.1.101.3.4.1.42", "1.2.840.113549.3.7")  # fmt: skip
    for kind, (name, value) in itertools.product(kinds, ODD_VALUES.items()):
        yield f"signed by {kind}, parameters {name}", certificate(inner=der.sequence(der.oid(kind), value))
    null, absent = (der.sequence(der.oid("1.2.840.113549.1.1.11"), one) for one in (der.null(), b""))
    yield "NULL inside, nothing outside", certificate(inner=null, outer=absent)
    yield "nothing inside, NULL outside", certificate(inner=absent, outer=null)
    yield "another outside", certificate(inner=null, outer=make.signature_algorithm("sha1"))
    for unused in (1, 7):
        yield f"signature with {unused} unused bits", certificate(unused=unused)


GRIDS = {
    "uri constraints": uris_in_name_constraints,
    "general names": names_in_places,
    "extensions": odd_values_of_extensions,
    "policies": policies,
    "distribution points": distribution_points,
    "subtrees": subtrees,
    "curves": curves,
    "pss": pss,
    "rsa": rsa_keys,
    "keys": other_keys,
    "numbers": numbers,
    "names": strings,
    "times": times,
    "signature algorithms": signature_algorithms,
}
