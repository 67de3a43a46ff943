"""Cases of host names: what a server is called by, and the names that its certificate has."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import NameOID

from case import Case
from issuing import EMPTY_NAME, HOST, alternative, ca, case, leaf, name
from vectors import der

# The host, and the names of the certificate.
NAMES = {
    "exact": (HOST, ["dns:login.example.com"]),
    "upper-name": (HOST, ["dns:LOGIN.Example.COM"]),
    "upper-host": ("LOGIN.Example.com", ["dns:login.example.com"]),
    "second-name": (HOST, ["dns:a.example.com", "dns:login.example.com"]),
    "other": (HOST, ["dns:a.example.com"]),
    "below": ("a.login.example.com", ["dns:login.example.com"]),
    "above": ("example.com", ["dns:login.example.com"]),
    "dot-name": (HOST, ["dns:.example.com"]),
    "end-dot-host": (f"{HOST}.", ["dns:login.example.com"]),
    "end-dot-name": (HOST, ["dns:login.example.com."]),
    "end-dot-both": (f"{HOST}.", ["dns:login.example.com."]),
    "end-dot-star": (f"{HOST}.", ["dns:*.example.com"]),
    "one-label": ("localhost", ["dns:localhost"]),
    "one-label-star": ("localhost", ["dns:*"]),
    "star": (HOST, ["dns:*.example.com"]),
    "star-two-labels": ("a.login.example.com", ["dns:*.example.com"]),
    "star-no-label": ("example.com", ["dns:*.example.com"]),
    "star-alone": (HOST, ["dns:*"]),
    "star-tld": ("example.com", ["dns:*.com"]),
    "star-corp": ("intranet.corp", ["dns:*.corp"]),
    "star-local": ("db.local", ["dns:*.local"]),
    "star-public-suffix": ("example.co.uk", ["dns:*.co.uk"]),
    "star-star": ("a.login.example.com", ["dns:*.*.example.com"]),
    "star-second-label": ("login.a.example.com", ["dns:login.*.example.com"]),
    "star-last-label": ("login.example.com", ["dns:login.example.*"]),
    "star-middle-label": (HOST, ["dns:login.*.com"]),
    "star-upper": (HOST, ["dns:*.EXAMPLE.com"]),
    "star-start": (HOST, ["dns:*in.example.com"]),
    "star-end": (HOST, ["dns:log*.example.com"]),
    "star-inside": (HOST, ["dns:l*n.example.com"]),
    "star-end-nothing": (HOST, ["dns:login*.example.com"]),
    "star-two-in-label": (HOST, ["dns:l*g*n.example.com"]),
    "star-double": (HOST, ["dns:**.example.com"]),
    "star-for-underscore": ("my_db.example.com", ["dns:*.example.com"]),
    "star-for-hyphen": ("my-db.example.com", ["dns:*.example.com"]),
    "star-for-digits": ("123.example.com", ["dns:*.example.com"]),
    "star-for-puny": ("xn--bcher-kva.example.com", ["dns:*.example.com"]),
    "star-in-puny": ("xn--bcher-kva.example.com", ["dns:xn--*.example.com"]),
    "star-before-puny": ("xn--bcher-kva.example.com", ["dns:*kva.example.com"]),
    "star-under-underscore": ("a.my_db.example.com", ["dns:*.my_db.example.com"]),
    "star-under-puny": ("a.xn--bcher-kva.example", ["dns:*.xn--bcher-kva.example"]),
    "puny": ("xn--bcher-kva.example.com", ["dns:xn--bcher-kva.example.com"]),
    "puny-broken": ("xn--a.example.com", ["dns:xn--a.example.com"]),
    "puny-broken-two": ("xn--test--wg5h0h.com", ["dns:xn--test--wg5h0h.com"]),
    "puny-upper": ("XN--BCHER-KVA.example.com", ["dns:xn--bcher-kva.example.com"]),
    "letters-beyond-ascii": ("xn--bcher-kva.example.com", ["dns:b\xfccher.example.com"]),
    "underscore": ("my_db.example.com", ["dns:my_db.example.com"]),
    "underscore-first": ("_db.example.com", ["dns:_db.example.com"]),
    "underscore-domain": ("a.my_db.example.com", ["dns:a.my_db.example.com"]),
    # "-db.example.com" is not asked: doctor refuses it, since it is an option that follows `--`.
    "hyphen-last": ("db-.example.com", ["dns:db-.example.com"]),
    "hyphen-last-star": ("db-.example.com", ["dns:*.example.com"]),
    "two-hyphens": ("ab--c.example.com", ["dns:ab--c.example.com"]),
    "digits": ("123.example.com", ["dns:123.example.com"]),
    "digits-tld": ("a.123", ["dns:a.123"]),
    "long-label": (f"{'a' * 63}.example.com", [f"dns:{'a' * 63}.example.com"]),
    "label-of-64": (f"{'a' * 64}.example.com", [f"dns:{'a' * 64}.example.com"]),
    "label-of-64-star": (f"{'a' * 64}.example.com", ["dns:*.example.com"]),
    "empty-label": ("a..example.com", ["dns:a..example.com"]),
    "zero-byte": (HOST, ["dns:login.example.com\0.example.org"]),
    "space-behind": (HOST, ["dns:login.example.com "]),
    "url-as-name": (HOST, ["dns:https://login.example.com"]),
    "port-in-name": (HOST, ["dns:login.example.com:443"]),
    "empty-name-first": (HOST, ["dns:", "dns:login.example.com"]),
    "odd-name-first": (HOST, ["dns:a b", "dns:login.example.com"]),
    "underscore-name-first": (HOST, ["dns:my_db.example.com", "dns:login.example.com"]),
    "star-name-first": (HOST, ["dns:*", "dns:login.example.com"]),
    "dot-name-first": (HOST, ["dns:.", "dns:login.example.com"]),
    "latin-name-first": (HOST, ["dns:b\xfccher.example.com", "dns:login.example.com"]),
    "uri-only": (HOST, ["uri:https://login.example.com/"]),
    "email-only": (HOST, ["email:user@login.example.com"]),
    "no-names": (HOST, []),
    "address": ("192.0.2.7", ["ip:c0000207"]),
    "address-other": ("192.0.2.7", ["ip:c0000208"]),
    "address-as-name": ("192.0.2.7", ["dns:192.0.2.7"]),
    "address-as-star": ("192.0.2.7", ["dns:*.0.2.7"]),
    "address-as-uri": ("192.0.2.7", ["uri:https://192.0.2.7/"]),
    "address-as-name-and-address": ("192.0.2.7", ["dns:192.0.2.7", "ip:c0000208"]),
    "address-beside-name": ("192.0.2.7", [f"dns:{HOST}", "ip:c0000207"]),
    "name-beside-address": (HOST, [f"dns:{HOST}", "ip:c0000207"]),
    "address-5-octets": ("192.0.2.7", ["ip:c000020700", "ip:c0000207"]),
    "address-5-octets-name": (HOST, ["ip:c000020700", f"dns:{HOST}"]),
    "address-5-octets-alone": ("192.0.2.7", ["ip:c000020700"]),
    "address-v6": ("2001:db8::1", ["ip:20010db8000000000000000000000001"]),
    "address-v6-other": ("2001:db8::1", ["ip:20010db8000000000000000000000002"]),
    "address-v6-as-name": ("2001:db8::1", ["dns:2001:db8::1"]),
    "address-v6-loopback": ("::1", ["ip:00000000000000000000000000000001"]),
    "address-mapped": ("192.0.2.7", ["ip:00000000000000000000ffffc0000207"]),
    "address-mapped-host": ("::ffff:192.0.2.7", ["ip:c0000207"]),
    "address-mapped-both": ("::ffff:192.0.2.7", ["ip:00000000000000000000ffffc0000207"]),
    "rid-beside-name": (HOST, ["rid:1.2.3", f"dns:{HOST}"]),
}
# The host, the common names, and the alternative names if there are any.
COMMON = {
    "alone": (HOST, [HOST], None),
    "alone-upper": (HOST, [HOST.upper()], None),
    "alone-other": (HOST, ["a.example.com"], None),
    "star": (HOST, ["*.example.com"], None),
    "star-corp": ("intranet.corp", ["*.corp"], None),
    "star-part": (HOST, ["log*.example.com"], None),
    "end-dot": (HOST, [f"{HOST}."], None),
    "first-of-two": (HOST, [HOST, "other"], None),
    "last-of-two": (HOST, ["other", HOST], None),
    "one-label": ("localhost", ["localhost"], None),
    "underscore": ("my_db.example.com", ["my_db.example.com"], None),
    "puny": ("xn--bcher-kva.example.com", ["xn--bcher-kva.example.com"], None),
    "address": ("192.0.2.7", ["192.0.2.7"], None),
    "address-v6": ("2001:db8::1", ["2001:db8::1"], None),
    "address-beside-name": ("192.0.2.7", ["192.0.2.7"], ["dns:a.example.com"]),
    "beside-name": (HOST, [HOST], ["dns:a.example.com"]),
    "beside-address": (HOST, [HOST], ["ip:c0000207"]),
    "beside-mail": (HOST, [HOST], ["email:user@example.com"]),
    "beside-uri": (HOST, [HOST], ["uri:https://login.example.com/"]),
    "beside-rid": (HOST, [HOST], ["rid:1.2.3"]),
    "beside-no-names": (HOST, [HOST], []),
    "beside-empty-name": (HOST, [HOST], ["dns:"]),
    "address-beside-mail": ("192.0.2.7", ["192.0.2.7"], ["email:user@example.com"]),
}


def cases() -> Iterator[Case]:
    root = ca("Root")
    for label, (host, names) in NAMES.items():
        yield case(f"host/{label}", root, leaf(root, names=alternative(*names)), host=host)
    for label, (host, common, names) in COMMON.items():
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, text) for text in common]
        changes = {
            "subject": x509.Name(attributes).public_bytes(),
            "names": None if names is None else alternative(*names),
        }
        yield case(f"host/cn-{label}", root, leaf(root, **changes), host=host)
    yield from _strings(root)
    yield from _subjects(root)


def _strings(root) -> Iterator[Case]:
    """A common name in each type of string, without alternative names."""
    for label, tag, encoded in [
        ("printable", der.PRINTABLE, HOST.encode()),
        ("t61", der.T61, HOST.encode()),
        ("ia5", der.IA5, HOST.encode()),
        ("bmp", der.BMP, HOST.encode("utf-16-be")),
        ("universal", der.UNIVERSAL, HOST.encode("utf-32-be")),
        ("visible", der.VISIBLE, HOST.encode()),
        ("utf8-zero", der.UTF8, HOST.encode() + b"\0.example.org"),
        ("bmp-zero", der.BMP, (HOST + "\0.example.org").encode("utf-16-be")),
    ]:
        attribute = der.sequence(der.oid("2.5.4.3"), der.tlv(tag, encoded))
        subject = der.sequence(der.set_of(attribute))
        yield case(f"host/cn-{label}", root, leaf(root, subject=subject, names=None))
    both = [der.sequence(der.oid(oid), der.tlv(der.UTF8, text)) for oid, text in
            [("2.5.4.10", b"Example"), ("2.5.4.3", HOST.encode())]]  # fmt: skip
    subject = der.sequence(der.set_of(*both))
    yield case("host/cn-in-set-of-two", root, leaf(root, subject=subject, names=None))


def _subjects(root) -> Iterator[Case]:
    for critical in (False, True):
        word = "critical" if critical else "plain"
        names = alternative(f"dns:{HOST}", critical=critical)
        end = leaf(root, subject=EMPTY_NAME, names=names)
        yield case(f"subject/empty-{word}-names", root, end)
        yield case(f"subject/{word}-names", root, leaf(root, names=names))
    yield case("subject/empty-no-names", root, leaf(root, subject=EMPTY_NAME, names=None))
    yield case("subject/of-issuer", root, leaf(root, subject=root.subject))
    yield case("subject/no-common-name", root, leaf(root, subject=name(None)))
    yield case("subject/no-common-name-no-names", root, leaf(root, subject=name(None), names=None))
