"""Cases of one certificate's form: purposes, key usage, algorithms, extensions, versions, serials."""

from collections.abc import Iterator

from cryptography.hazmat.primitives import hashes, serialization

from case import Case
from issuing import (
    AGREEMENT, ALTERNATIVE, ANY_PURPOSE, CERT_SIGN, CLIENT_AUTH, COMMITMENT, CRL_SIGN, DATA,
    EMPTY_NAME, ENCIPHERMENT, HOST, SERVER_AUTH, SIGNATURE, Certificate, Extension, alternative,
    basic, ca, case, constraints, general, key, leaf, name, purposes, subject_key, usage,
)  # fmt: skip
from vectors import der

CODE_SIGNING, OCSP_SIGNING = "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.9"
NETSCAPE_SGC, MICROSOFT_SGC = "2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3"


def cases() -> Iterator[Case]:
    yield from _purposes()
    yield from _usages()
    yield from _algorithms()
    yield from _extensions()
    yield from _alternative_names()
    yield from _versions()
    yield from _fields()
    yield from _curves()


def at_each(id: str, changes: dict, leaf_changes: dict | None = None) -> Iterator[Case]:
    """The same change at the server's certificate, at its issuer and at the root."""
    root = ca("Root")
    below = ca("Issuing", root)
    group, _, label = id.partition("/")
    end = leaf(below, **dict(changes if leaf_changes is None else leaf_changes))
    yield case(f"{group}/leaf-{label}", root, end, below)
    bent = ca("Issuing", root, **dict(changes))
    yield case(f"{group}/ca-{label}", root, leaf(bent), bent)
    own = ca("Root", **dict(changes))
    middle = ca("Issuing", own)
    yield case(f"{group}/root-{label}", own, leaf(middle), middle)


def _purposes() -> Iterator[Case]:
    for label, oids in {
        "server": [SERVER_AUTH],
        "client": [CLIENT_AUTH],
        "server-client": [SERVER_AUTH, CLIENT_AUTH],
        "client-server": [CLIENT_AUTH, SERVER_AUTH],
        "any": [ANY_PURPOSE],
        "any-client": [ANY_PURPOSE, CLIENT_AUTH],
        "any-server": [ANY_PURPOSE, SERVER_AUTH],
        "code": [CODE_SIGNING],
        "ocsp": [OCSP_SIGNING],
        "unknown": ["1.2.3.4"],
        "netscape-sgc": [NETSCAPE_SGC],
        "microsoft-sgc": [MICROSOFT_SGC],
        "none": [],
    }.items():
        yield from at_each(f"purpose/{label}", {"purposes": purposes(*oids)})
        yield from at_each(f"purpose/{label}-critical", {"purposes": purposes(*oids, critical=True)})
    yield from at_each("purpose/absent", {"purposes": None})
    yield from at_each("purpose/garbage", {"purposes": Extension("2.5.29.37", b"\x04\x01\x00")})
    netscape = "2.16.840.1.113730.1.1"
    for label, bit in [("server", 1), ("client", 0), ("ca", 5), ("email-ca", 6), ("object", 3)]:
        extension = Extension(netscape, der.bits(bytes([0x80 >> bit]), 7 - bit))
        yield from at_each(f"purpose/netscape-{label}", {"more": [extension]})
    root = ca("Root")
    for above, nearer, label in [
        ([CLIENT_AUTH], [SERVER_AUTH], "client-above-server"),
        ([SERVER_AUTH], [SERVER_AUTH], "server-above-server"),
        ([ANY_PURPOSE], [SERVER_AUTH], "any-above-server"),
    ]:
        middle = ca("Middle", root, purposes=purposes(*above))
        below = ca("Issuing", middle, purposes=purposes(*nearer))
        yield case(f"purpose/two-{label}", root, leaf(below), below, middle)


def _usages() -> Iterator[Case]:
    for label, positions in {
        "signature": [SIGNATURE],
        "encipherment": [ENCIPHERMENT],
        "agreement": [AGREEMENT],
        "commitment": [COMMITMENT],
        "data": [DATA],
        "cert-sign": [CERT_SIGN],
        "crl-sign": [CRL_SIGN],
        "nothing": [],
        "signature-cert-sign": [SIGNATURE, CERT_SIGN],
        "encipherment-agreement": [ENCIPHERMENT, AGREEMENT],
    }.items():
        for critical in (True, False):
            word = label if critical else f"{label}-plain"
            yield from at_each(f"usage/{word}", {"usage": usage(*positions, critical=critical)})
        root = ca("Root")
        rsa = leaf(root, private=key("server", "rsa2048"), usage=usage(*positions))
        yield case(f"usage/rsa-leaf-{label}", root, rsa)
    yield from at_each("usage/absent", {"usage": None})
    yield from at_each("usage/garbage", {"usage": Extension("2.5.29.15", b"\x04\x01\x00", True)})
    yield from at_each("usage/no-bytes", {"usage": Extension("2.5.29.15", b"", True)})
    decipher = Extension("2.5.29.15", der.bits(b"\x00\x80", 7), True)
    yield from at_each("usage/decipher", {"usage": decipher})
    both = Extension("2.5.29.15", der.bits(b"\x06\x00", 7), True)
    yield from at_each("usage/surplus-zeros", {"usage": both}, {"usage": Extension("2.5.29.15", der.bits(b"\x80\x00", 7), True)})


KINDS = (
    "rsa1024", "rsa2048", "rsa3072", "p192", "p224", "p256", "p384", "p521", "secp256k1", "brainpool",
    "ed25519", "ed448", "dsa",
)  # fmt: skip
# The kind of a key, and the digests that it signs with.
DIGESTS = {
    "rsa2048": ("md5", "sha1", "sha224", "sha384", "sha512", "pss-sha1", "pss-sha256", "pss-sha384", "pss-sha512"),
    "p256": ("sha1", "sha224", "sha384", "sha512"),
    "p384": ("sha256", "sha384"),
    "p521": ("sha256", "sha512"),
}  # fmt: skip


def _algorithms() -> Iterator[Case]:
    for kind in KINDS:
        changes = {"private": key(f"of {kind}", kind)}
        for one in at_each(f"key/{kind}", changes):
            # The server speaks no cipher suite for a key of DSA.
            if (kind, "/leaf-" in one.id) != ("dsa", True):
                yield one
    for kind, digests in DIGESTS.items():
        for digest in digests:
            label = f"{kind}-{digest}"
            root = ca("Root", private=key("root", kind))
            below = ca("Issuing", root, private=key("issuing", kind))
            yield case(f"hash/leaf-{label}", root, leaf(below, digest=digest), below)
            bent = ca("Issuing", root, private=key("issuing", kind), digest=digest)
            yield case(f"hash/ca-{label}", root, leaf(bent), bent)
            own = ca("Root", private=key("root", kind), digest=digest)
            middle = ca("Issuing", own, private=key("issuing", kind))
            yield case(f"hash/root-{label}", own, leaf(middle), middle)
    root = ca("Root", private=key("root", "rsa2048"))
    no_null = der.sequence(der.oid("1.2.840.113549.1.1.11"))
    yield case("hash/rsa-without-null", root, leaf(root, algorithm=no_null))
    with_null = der.sequence(der.oid("1.2.840.10045.4.3.2"), der.null())
    root = ca("Root")
    yield case("hash/ecdsa-with-null", root, leaf(root, algorithm=with_null))
    unknown = der.sequence(der.oid("1.2.3.4"))
    yield case("hash/unknown", root, leaf(root, algorithm=unknown))
    yield case("hash/unknown-root", ca("Root", algorithm=unknown), leaf(root))
    yield case("hash/bad-signature", root, leaf(root, signer=key("another")))
    below = ca("Issuing", root, signer=key("another"))
    yield case("hash/bad-signature-ca", root, leaf(below), below)
    for one in ("rsa1024", "rsa2048"):
        info = key(f"of {one}", one)
        yield case(f"key/small-exponent-{one}", root, leaf(root, private=info))
    pss = _pss_key(key("server", "rsa2048"))
    yield case("key/leaf-rsa-pss", root, leaf(root, private=key("server", "rsa2048"), info=pss))
    own = ca("Root", private=key("root", "rsa2048"), info=_pss_key(key("root", "rsa2048")), digest="pss-sha256")
    yield case("key/root-rsa-pss", own, leaf(own, digest="pss-sha256"))
    yield case("key/root-rsa-pss-pkcs1", own, leaf(own))


def _pss_key(private) -> bytes:
    """A SubjectPublicKeyInfo for RSASSA-PSS alone, without parameters."""
    form = serialization.PublicFormat.PKCS1
    content = private.public_key().public_bytes(serialization.Encoding.DER, form)
    return der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.10")), der.bits(content))


def _extensions() -> Iterator[Case]:
    policy = der.sequence(der.sequence(der.oid("2.5.29.32.0")))
    other_policy = der.sequence(der.sequence(der.oid("1.2.3.4")))
    location = der.implicit(6, b"http://example.com/")
    point = der.sequence(der.sequence(der.explicit(0, der.explicit(0, location))))
    access = der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.48.2"), location))
    both = {
        "unknown": ("1.2.3.4", b"\x05\x00"),
        "unknown-in-id-ce": ("2.5.29.99", b"\x05\x00"),
        "policies": ("2.5.29.32", policy),
        "policies-other": ("2.5.29.32", other_policy),
        "policies-garbage": ("2.5.29.32", b"\x04\x01\x00"),
        "policies-twice": ("2.5.29.32", der.sequence(*[der.sequence(der.oid("1.2.3.4"))] * 2)),
        "policy-mappings": ("2.5.29.33", der.sequence(der.sequence(der.oid("1.2.3"), der.oid("1.2.4")))),
        "policy-constraints": ("2.5.29.36", der.sequence(der.implicit(0, b"\0"))),
        "inhibit-any-policy": ("2.5.29.54", der.integer(0)),
        "points": ("2.5.29.31", point),
        "points-garbage": ("2.5.29.31", b"\x04\x01\x00"),
        "freshest": ("2.5.29.46", point),
        "issuing-point": ("2.5.29.28", der.sequence(der.explicit(0, der.explicit(0, location)))),
        "issuer-names": ("2.5.29.18", der.sequence(general("dns:example.com"))),
        "access": ("1.3.6.1.5.5.7.1.1", access),
        "access-garbage": ("1.3.6.1.5.5.7.1.1", b"\x04\x01\x00"),
        "subject-access": ("1.3.6.1.5.5.7.1.11", access),
        "must-staple": ("1.3.6.1.5.5.7.1.24", der.sequence(der.integer(5))),
        "timestamps": ("1.3.6.1.4.1.11129.2.4.2", der.octets(b"\0\0")),
        "poison": ("1.3.6.1.4.1.11129.2.4.3", der.null()),
        "ocsp-no-check": ("1.3.6.1.5.5.7.48.1.5", der.null()),
        "attributes": ("2.5.29.9", der.sequence()),
        "private-period": ("2.5.29.16", der.sequence(der.implicit(0, b"20200101000000Z"))),
        "qualified": ("1.3.6.1.5.5.7.1.3", der.sequence(der.sequence(der.oid("0.4.0.1862.1.1")))),
        "netscape-comment": ("2.16.840.1.113730.1.13", der.tlv(der.IA5, b"made")),
        "microsoft-template": ("1.3.6.1.4.1.311.20.2", der.tlv(der.BMP, b"\0C\0A")),
        "addresses": ("1.3.6.1.5.5.7.1.7", der.sequence(der.sequence(der.octets(b"\0\1"), der.null()))),
        "numbers": ("1.3.6.1.5.5.7.1.8", der.sequence(der.explicit(0, der.null()))),
        "proxy": ("1.3.6.1.5.5.7.1.14", der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.21.1")))),
    }  # fmt: skip
    for label, (oid, value) in both.items():
        for critical in (True, False):
            word = f"{label}-critical" if critical else label
            yield from at_each(f"extension/{word}", {"more": [Extension(oid, value, critical)]})
    twice = {
        "unknown": [Extension("1.2.3.4", b"\x05\x00")] * 2,
        "basic": [basic(), basic()],
        "usage": [usage(CERT_SIGN), usage(CERT_SIGN)],
        "purposes": [purposes(SERVER_AUTH)] * 2,
        "names": [alternative(f"dns:{HOST}")] * 2,
        "names-differ": [alternative("dns:a.example.com"), alternative(f"dns:{HOST}")],
        "subject-key": [subject_key(b"\1" * 20)] * 2,
        "policies": [Extension("2.5.29.32", policy)] * 2,
    }
    none = {"names": None, "purposes": None, "basic": None, "usage": None, "ski": None}
    kept = {"names": "names", "purposes": "purposes", "basic": "basic", "usage": "usage", "subject-key": "ski"}
    for label, extensions in twice.items():
        own = kept.get(label.removesuffix("-differ"))
        changes = {"more": extensions} | ({own: none[own]} if own else {})
        yield from at_each(f"twice/{label}", changes)
    false_flag = der.sequence(der.oid("1.2.3.4"), der.tlv(1, b"\0"), der.octets(b"\x05\x00"))
    yield from at_each("extension/critical-false-encoded", {"more": [Raw(false_flag)]})
    odd_flag = der.sequence(der.oid("1.2.3.4"), der.tlv(1, b"\1"), der.octets(b"\x05\x00"))
    yield from at_each("extension/critical-01", {"more": [Raw(odd_flag)]})


class Raw:
    """An extension whose whole encoding is given."""

    def __init__(self, encoded: bytes):
        self.encoded = encoded


def _alternative_names() -> Iterator[Case]:
    good = general(f"dns:{HOST}")
    sequence = der.sequence(good)
    kinds = {
        "no-bytes": b"",
        "empty": der.sequence(),
        "garbage": b"\x04\x01\x00",
        "truncated": sequence[:-1],
        "trailing": sequence + b"\x05\x00",
        "set": b"\x31" + sequence[1:],
        "not-a-name": der.sequence(good, der.integer(1)),
        "unknown-tag": der.sequence(good, der.implicit(9, b"a")),
        "constructed-name": der.sequence(der.explicit(2, der.tlv(der.IA5, HOST.encode()))),
        "long-length": b"\x30\x81" + sequence[1:],
        "empty-directory": der.sequence(der.explicit(4, der.sequence()), good),
        "empty-uri": der.sequence(der.implicit(6, b""), good),
        "uri-no-scheme": der.sequence(der.implicit(6, b"example"), good),
        "uri-space": der.sequence(der.implicit(6, b"https://a b/"), good),
        "empty-email": der.sequence(der.implicit(1, b""), good),
        "email-latin": der.sequence(der.implicit(1, b"\xfc@example.com"), good),
        "uri-latin": der.sequence(der.implicit(6, b"https://\xfc.example.com/"), good),
        "x400": der.sequence(der.explicit(3, der.sequence()), good),
        "edi": der.sequence(der.explicit(5, der.explicit(1, der.tlv(der.UTF8, b"a"))), good),
        "other-name-garbage": der.sequence(der.explicit(0, der.integer(1)), good),
        "empty-rid": der.sequence(der.implicit(8, b""), good),
    }
    for label, value in kinds.items():
        for critical in (False, True):
            word = f"{label}-critical" if critical else label
            extension = Extension(ALTERNATIVE, value, critical)
            yield from at_each(f"names/{word}", {"names": extension})


def _versions() -> Iterator[Case]:
    subject = {"subject": name(HOST)}
    bare = {"bare": True}
    for label, version, changes in [
        ("v1", None, bare), ("v1-encoded", 0, bare), ("v2", 1, bare), ("v3-bare", 2, bare),
        ("v4-bare", 3, bare), ("v1-extensions", None, {}), ("v1-encoded-extensions", 0, {}),
        ("v2-extensions", 1, {}), ("v4", 3, {}), ("v-128", 128, {}), ("v-negative", -1, {}),
    ]:  # fmt: skip
        change = {"version": version, **changes}
        yield from at_each(f"version/{label}", change, change | subject)
    yield from at_each("version/no-extension", {"basic": None, "usage": None, "ski": None, "aki": None, "purposes": None, "names": None},
                       {"usage": None, "ski": None, "aki": None, "purposes": None, "names": None, **subject})  # fmt: skip


def _fields() -> Iterator[Case]:
    for label, serial in {
        "zero": 0, "one": 1, "negative": -1, "very-negative": -(2**64), "20-bytes": 2**158,
        "21-bytes": 2**160, "100-bytes": 2**799, "high-bit": 2**63,
    }.items():  # fmt: skip
        yield from at_each(f"serial/{label}", {"serial": serial})
    root = ca("Root")
    nameless = ca("Nameless", subject=EMPTY_NAME)
    yield case("subject/ca-empty-root", nameless, leaf(nameless))
    below = ca("Nameless", root, subject=EMPTY_NAME)
    yield case("subject/ca-empty-issuing", root, leaf(below), below)
    below = ca("Nameless", root, subject=EMPTY_NAME, names=alternative("dns:ca.example.com", critical=True))
    yield case("subject/ca-empty-issuing-named", root, leaf(below), below)
    for label, attributes in _odd_attributes().items():
        subject = der.sequence(*[der.set_of(one) for one in attributes])
        yield from at_each(f"subject/{label}", {"subject": subject})
    surplus = der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7"), der.null())
    yield from at_each("key/surplus-parameters", {"info": der.sequence(surplus, _point(key("server")))})


def _odd_attributes() -> dict[str, list[bytes]]:
    def attribute(oid: str, tag: int, content: bytes) -> bytes:
        return der.sequence(der.oid(oid), der.tlv(tag, content))

    return {
        "long-common-name": [attribute("2.5.4.3", der.UTF8, b"a" * 200)],
        "country-of-three": [attribute("2.5.4.6", der.PRINTABLE, b"USA")],
        "empty-value": [attribute("2.5.4.10", der.UTF8, b"")],
        "printable-at": [attribute("2.5.4.10", der.PRINTABLE, b"a@b*")],
        "utf8-broken": [attribute("2.5.4.10", der.UTF8, b"\xff\xfe")],
        "bmp-odd": [attribute("2.5.4.10", der.BMP, b"\0a\0")],
        "unknown-attribute": [attribute("1.2.3.4", der.UTF8, b"a")],
        "integer-value": [attribute("2.5.4.5", der.INTEGER, b"\1")],
        "unstructured": [attribute("1.2.840.113549.1.9.2", der.IA5, b"\xe9")],
        "t61-latin": [attribute("2.5.4.10", der.T61, b"caf\xe9")],
        "numeric": [attribute("2.5.4.10", der.NUMERIC, b"123")],
    }


def _point(private) -> bytes:
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return der.bits(point)


def _curves() -> Iterator[Case]:
    """P-256 given by its numbers (RFC 3279, section 2.3.5), and points in short form."""
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    field = der.sequence(der.oid("1.2.840.10045.1.1"), der.integer(prime))
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    curve = der.sequence(
        der.octets((prime - 3).to_bytes(32, "big")), der.octets(b.to_bytes(32, "big"))
    )
    base = bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    numbers = der.sequence(der.integer(1), field, curve, der.octets(base), der.integer(order), der.integer(1))
    for label, parameters in [("explicit", numbers), ("implicit", der.null()), ("absent", b"")]:
        for position in ("leaf", "ca", "root"):
            root = ca("Root")
            below = ca("Issuing", root)
            private = {"leaf": key("server"), "ca": key("Issuing"), "root": key("Root")}[position]
            algorithm = der.sequence(der.oid("1.2.840.10045.2.1"), parameters)
            info = der.sequence(algorithm, _point(private))
            if position == "leaf":
                yield case(f"curve/leaf-{label}", root, leaf(below, info=info), below)
            elif position == "ca":
                bent = ca("Issuing", root, info=info)
                yield case(f"curve/ca-{label}", root, leaf(bent), bent)
            else:
                own = ca("Root", info=info)
                middle = ca("Issuing", own)
                yield case(f"curve/root-{label}", own, leaf(middle), middle)
    root = ca("Root")
    named = der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7"))
    short = key("server").public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    yield case("curve/leaf-compressed", root, leaf(root, info=der.sequence(named, der.bits(short))))
    short = key("Root").public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    own = ca("Root", info=der.sequence(named, der.bits(short)))
    yield case("curve/root-compressed", own, leaf(own))
    off = der.bits(b"\x04" + b"\1" * 64)
    yield case("curve/leaf-off", root, leaf(root, info=der.sequence(named, off)))
    own = ca("Root", info=der.sequence(named, off))
    yield case("curve/root-off", own, leaf(own))
