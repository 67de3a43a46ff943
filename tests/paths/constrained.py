"""Cases of name constraints: each kind and form, at a root and at an intermediate."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import NameOID

from case import Case
from issuing import (
    CONSTRAINTS, EMPTY_NAME, HOST, Extension, alternative, ca, case, constraints, directory, leaf,
    name, other_name,
)  # fmt: skip
from vectors import der

UPN = "1.3.6.1.4.1.311.20.2.3"
ORGANIZATION = name(None, "Example")
UTF16 = der.sequence(
    der.set_of(der.sequence(der.oid("2.5.4.10"), der.tlv(der.BMP, "Example".encode("utf-16-be"))))
)
LOWER = name(None, "EXAMPLE")
OTHER = name(None, "Elsewhere")
V4, V4_HOST, V4_ELSEWHERE = "ip:c0000200ffffff00", "ip:c0000207", "ip:c6336401"
V6 = "ip:20010db8000000000000000000000000ffffffff000000000000000000000000"
V6_HOST = "ip:20010db8000000000000000000000001"
MAIL_IN_SUBJECT = name("A server", EMAIL_ADDRESS="user@example.com")

# What is permitted, what is excluded, the names of the server's certificate, and what it is called
# by where that is not the usual host.
DNS = {
    "dns-permitted": (["dns:example.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-itself": (["dns:example.com"], None, ["dns:example.com"], "example.com"),
    "dns-permitted-exact": ([f"dns:{HOST}"], None, [f"dns:{HOST}"]),
    "dns-permitted-below-only": ([f"dns:a.{HOST}"], None, [f"dns:{HOST}"]),
    "dns-permitted-elsewhere": (["dns:example.org"], None, [f"dns:{HOST}"]),
    "dns-permitted-one-of-two": (["dns:example.org", "dns:example.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-dot": (["dns:.example.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-dot-itself": (["dns:.example.com"], None, ["dns:example.com"], "example.com"),
    "dns-permitted-dot-elsewhere": (["dns:.example.org"], None, [f"dns:{HOST}"]),
    "dns-permitted-dot-tld": (["dns:.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-tld": (["dns:com"], None, [f"dns:{HOST}"]),
    "dns-permitted-one-dot": (["dns:."], None, [f"dns:{HOST}"]),
    "dns-permitted-end-dot": (["dns:example.com."], None, [f"dns:{HOST}"]),
    "dns-permitted-empty": (["dns:"], None, [f"dns:{HOST}"]),
    "dns-permitted-suffix": (["dns:ample.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-upper": (["dns:EXAMPLE.COM"], None, [f"dns:{HOST}"]),
    "dns-permitted-upper-name": (["dns:example.com"], None, [f"dns:{HOST.upper()}"]),
    "dns-permitted-star": (["dns:*.example.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-star-name": (["dns:example.com"], None, ["dns:*.example.com"]),
    "dns-permitted-star-above": ([f"dns:{HOST}"], None, ["dns:*.example.com"]),
    "dns-permitted-star-dot": (["dns:.example.com"], None, ["dns:*.example.com"]),
    "dns-permitted-underscore": (["dns:my_db.example.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-underscore-name": (["dns:example.com"], None, ["dns:my_db.example.com", f"dns:{HOST}"]),
    "dns-permitted-space": (["dns:example .com"], None, [f"dns:{HOST}"]),
    "dns-permitted-latin": (["dns:ex\xe4mple.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-hyphen": (["dns:-example.com"], None, [f"dns:{HOST}"]),
    "dns-permitted-digit": (["dns:3com.example.com"], None, ["dns:a.3com.example.com"], "a.3com.example.com"),
    "dns-permitted-one-elsewhere": (["dns:example.com"], None, [f"dns:{HOST}", "dns:login.example.org"]),
    "dns-permitted-end-dot-name": (["dns:example.com"], None, [f"dns:{HOST}", f"dns:{HOST}."]),
    "dns-permitted-odd-name": (["dns:example.com"], None, [f"dns:{HOST}", "dns:a b.example.com"]),
    "dns-permitted-empty-name": (["dns:example.com"], None, [f"dns:{HOST}", "dns:"]),
    "dns-permitted-not-empty-name": (["dns:"], None, [f"dns:{HOST}", "dns:"]),
    "dns-excluded": (None, ["dns:example.com"], [f"dns:{HOST}"]),
    "dns-excluded-itself": (None, ["dns:example.com"], ["dns:example.com"], "example.com"),
    "dns-excluded-elsewhere": (None, ["dns:example.org"], [f"dns:{HOST}"]),
    "dns-excluded-dot": (None, ["dns:.example.com"], [f"dns:{HOST}"]),
    "dns-excluded-dot-itself": (None, ["dns:.example.com"], ["dns:example.com"], "example.com"),
    "dns-excluded-empty": (None, ["dns:"], [f"dns:{HOST}"]),
    "dns-excluded-empty-address": (None, ["dns:"], [V4_HOST], "192.0.2.7"),
    "dns-excluded-suffix": (None, ["dns:ample.com"], [f"dns:{HOST}"]),
    "dns-excluded-upper": (None, ["dns:EXAMPLE.com"], [f"dns:{HOST}"]),
    "dns-excluded-star": (None, ["dns:*.example.com"], [f"dns:{HOST}"]),
    "dns-excluded-star-name": (None, [f"dns:{HOST}"], ["dns:*.example.com"]),
    "dns-excluded-star-name-other": (None, ["dns:other.example.com"], ["dns:*.example.com"]),
    "dns-excluded-one-of-names": (None, ["dns:example.org"], [f"dns:{HOST}", "dns:login.example.org"]),
    "dns-excluded-below": (["dns:example.com"], [f"dns:{HOST}"], [f"dns:{HOST}"]),
    "dns-excluded-other": (["dns:example.com"], ["dns:other.example.com"], [f"dns:{HOST}"]),
    "dns-excluded-all-but": ([f"dns:{HOST}"], ["dns:example.com"], [f"dns:{HOST}"]),
}
ADDRESSES = {
    "ip-permitted": ([V4], None, [V4_HOST], "192.0.2.7"),
    "ip-permitted-elsewhere": ([V4], None, [V4_ELSEWHERE], "198.51.100.1"),
    "ip-permitted-no-address": ([V4], None, [f"dns:{HOST}"]),
    "ip-permitted-and-name": ([V4], None, [V4_HOST, f"dns:{HOST}"]),
    "ip-permitted-one-elsewhere": ([V4], None, [V4_HOST, V4_ELSEWHERE], "192.0.2.7"),
    "ip-permitted-host": (["ip:c0000207ffffffff"], None, [V4_HOST], "192.0.2.7"),
    "ip-permitted-all": (["ip:0000000000000000"], None, [V4_HOST], "192.0.2.7"),
    "ip-permitted-host-bits": (["ip:c0000205ffffff00"], None, [V4_HOST], "192.0.2.7"),
    "ip-permitted-holes": (["ip:c0000007ff00ff07"], None, [V4_HOST], "192.0.2.7"),
    "ip-permitted-holes-no-address": (["ip:c0000007ff00ff07"], None, [f"dns:{HOST}"]),
    "ip-permitted-no-mask": (["ip:c0000207"], None, [V4_HOST], "192.0.2.7"),
    "ip-permitted-no-mask-no-address": (["ip:c0000207"], None, [f"dns:{HOST}"]),
    "ip-permitted-5-octets": (["ip:c00002ff00"], None, [V4_HOST], "192.0.2.7"),
    "ip-permitted-5-octets-no-address": (["ip:c00002ff00"], None, [f"dns:{HOST}"]),
    "ip-permitted-no-octet": (["ip:"], None, [f"dns:{HOST}"]),
    "ip-permitted-16-octets": ([V6_HOST], None, [V6_HOST], "2001:db8::1"),
    "ip-permitted-odd-name": ([V4], None, ["ip:c000020700", f"dns:{HOST}"]),
    "ip-permitted-odd-name-alone": ([V4], None, ["ip:c000020700"], "192.0.2.7"),
    "ip-permitted-v6": ([V6], None, [V6_HOST], "2001:db8::1"),
    "ip-permitted-v6-for-v4": ([V6], None, [V4_HOST], "192.0.2.7"),
    "ip-permitted-v4-for-v6": ([V4], None, [V6_HOST], "2001:db8::1"),
    "ip-permitted-both": ([V4, V6], None, [V4_HOST, V6_HOST], "192.0.2.7"),
    "ip-permitted-v6-all": (["ip:" + "00" * 32], None, [V6_HOST], "2001:db8::1"),
    "ip-excluded": (None, [V4], [V4_HOST], "192.0.2.7"),
    "ip-excluded-elsewhere": (None, [V4], [V4_ELSEWHERE], "198.51.100.1"),
    "ip-excluded-all": (None, ["ip:0000000000000000"], [V4_HOST], "192.0.2.7"),
    "ip-excluded-all-name": (None, ["ip:0000000000000000", "ip:" + "00" * 32], [f"dns:{HOST}"]),
    "ip-excluded-v6-all-for-v4": (None, ["ip:" + "00" * 32], [V4_HOST], "192.0.2.7"),
    "ip-excluded-holes": (None, ["ip:c0000007ff00ff07"], [V4_HOST], "192.0.2.7"),
    "ip-excluded-no-mask": (None, ["ip:c0000207"], [V4_HOST], "192.0.2.7"),
    "ip-excluded-within": ([V4], ["ip:c0000200fffffff0"], [V4_HOST], "192.0.2.7"),
    "ip-excluded-odd-name": (None, [V4], ["ip:c000020700", f"dns:{HOST}"]),
    "ip-for-dns-permitted": (["dns:example.com"], None, [V4_HOST], "192.0.2.7"),
    "ip-as-dns-permitted": (["dns:example.com"], None, ["dns:192.0.2.7"], "192.0.2.7"),
    "ip-as-dns-with-ip": ([V4], None, ["dns:192.0.2.7", f"dns:{HOST}"]),
}
MAIL_AND_URI = {
    "email-permitted": (["email:example.com"], None, ["email:user@example.com", f"dns:{HOST}"]),
    "email-permitted-address": (["email:user@example.com"], None, ["email:user@example.com", f"dns:{HOST}"]),
    "email-permitted-other-user": (["email:admin@example.com"], None, ["email:user@example.com", f"dns:{HOST}"]),
    "email-permitted-dot": (["email:.example.com"], None, ["email:user@mail.example.com", f"dns:{HOST}"]),
    "email-permitted-dot-itself": (["email:.example.com"], None, ["email:user@example.com", f"dns:{HOST}"]),
    "email-permitted-host-for-below": (["email:example.com"], None, ["email:user@mail.example.com", f"dns:{HOST}"]),
    "email-permitted-elsewhere": (["email:example.org"], None, ["email:user@example.com", f"dns:{HOST}"]),
    "email-permitted-none": (["email:example.org"], None, [f"dns:{HOST}"]),
    "email-permitted-upper": (["email:EXAMPLE.com"], None, ["email:user@example.COM", f"dns:{HOST}"]),
    "email-permitted-upper-user": (["email:User@example.com"], None, ["email:user@example.com", f"dns:{HOST}"]),
    "email-permitted-empty": (["email:"], None, ["email:user@example.com", f"dns:{HOST}"]),
    "email-permitted-no-at": (["email:example.com"], None, ["email:user", f"dns:{HOST}"]),
    "email-permitted-two-at": (["email:example.com"], None, ["email:a@b@example.com", f"dns:{HOST}"]),
    "email-permitted-only": (["email:example.com"], None, ["email:user@example.com"]),
    "email-excluded": (None, ["email:example.com"], ["email:user@example.com", f"dns:{HOST}"]),
    "email-excluded-elsewhere": (None, ["email:example.org"], ["email:user@example.com", f"dns:{HOST}"]),
    "email-excluded-none": (None, ["email:example.com"], [f"dns:{HOST}"]),
    "email-excluded-empty": (None, ["email:"], ["email:user@example.com", f"dns:{HOST}"]),
    "uri-permitted": (["uri:login.example.com"], None, ["uri:https://login.example.com/a", f"dns:{HOST}"]),
    "uri-permitted-below": (["uri:example.com"], None, ["uri:https://login.example.com/a", f"dns:{HOST}"]),
    "uri-permitted-dot": (["uri:.example.com"], None, ["uri:https://login.example.com/a", f"dns:{HOST}"]),
    "uri-permitted-dot-itself": (["uri:.example.com"], None, ["uri:https://example.com/a", f"dns:{HOST}"]),
    "uri-permitted-elsewhere": (["uri:.example.org"], None, ["uri:https://login.example.com/a", f"dns:{HOST}"]),
    "uri-permitted-none": (["uri:.example.org"], None, [f"dns:{HOST}"]),
    "uri-permitted-port": (["uri:login.example.com"], None, ["uri:https://login.example.com:8443/", f"dns:{HOST}"]),
    "uri-permitted-user": (["uri:login.example.com"], None, ["uri:https://me@login.example.com/", f"dns:{HOST}"]),
    "uri-permitted-upper": (["uri:LOGIN.example.com"], None, ["uri:https://login.EXAMPLE.com/", f"dns:{HOST}"]),
    "uri-permitted-no-host": (["uri:login.example.com"], None, ["uri:urn:example:a", f"dns:{HOST}"]),
    "uri-permitted-no-scheme": (["uri:login.example.com"], None, ["uri:login.example.com", f"dns:{HOST}"]),
    "uri-permitted-address": (["uri:login.example.com"], None, ["uri:https://192.0.2.7/", f"dns:{HOST}"]),
    "uri-permitted-spiffe": (["uri:example.com"], None, ["uri:spiffe://example.com/a", f"dns:{HOST}"]),
    "uri-permitted-whole-url": (["uri:https://example.com"], None, ["uri:https://example.com/", f"dns:{HOST}"]),
    "uri-permitted-whole-url-none": (["uri:https://example.com"], None, [f"dns:{HOST}"]),
    "uri-permitted-base-address": (["uri:192.0.2.7"], None, [f"dns:{HOST}"]),
    "uri-permitted-empty": (["uri:"], None, ["uri:https://example.com/", f"dns:{HOST}"]),
    "uri-permitted-empty-none": (["uri:"], None, [f"dns:{HOST}"]),
    "uri-permitted-underscore-none": (["uri:a_b.example.com"], None, [f"dns:{HOST}"]),
    "uri-excluded": (None, ["uri:login.example.com"], ["uri:https://login.example.com/", f"dns:{HOST}"]),
    "uri-excluded-dot": (None, ["uri:.example.com"], ["uri:https://login.example.com/", f"dns:{HOST}"]),
    "uri-excluded-elsewhere": (None, ["uri:.example.org"], ["uri:https://login.example.com/", f"dns:{HOST}"]),
    "uri-excluded-none": (None, ["uri:.example.com"], [f"dns:{HOST}"]),
}  # fmt: skip
OTHERS = {
    "other-permitted": ([other_name(UPN, "example.com")], None, [other_name(UPN, "u@example.com"), f"dns:{HOST}"]),
    "other-permitted-none": ([other_name(UPN, "example.com")], None, [f"dns:{HOST}"]),
    "other-excluded": (None, [other_name(UPN, "example.com")], [other_name(UPN, "u@example.com"), f"dns:{HOST}"]),
    "other-excluded-none": (None, [other_name(UPN, "example.com")], [f"dns:{HOST}"]),
    "other-for-dns-permitted": (["dns:example.com"], None, [other_name(UPN, "u@example.com"), f"dns:{HOST}"]),
    "rid-permitted": (["rid:1.2.3"], None, ["rid:1.2.3.4", f"dns:{HOST}"]),
    "rid-permitted-none": (["rid:1.2.3"], None, [f"dns:{HOST}"]),
    "rid-excluded": (None, ["rid:1.2.3"], ["rid:1.2.3.4", f"dns:{HOST}"]),
    "rid-excluded-none": (None, ["rid:1.2.3"], [f"dns:{HOST}"]),
    "rid-for-dns-permitted": (["dns:example.com"], None, ["rid:1.2.3.4", f"dns:{HOST}"]),
    "x400-permitted-none": ([der.explicit(3, der.sequence())], None, [f"dns:{HOST}"]),
    "edi-permitted-none": ([der.explicit(5, der.explicit(1, der.tlv(der.UTF8, b"a")))], None, [f"dns:{HOST}"]),
    "unknown-permitted-none": ([der.implicit(9, b"a")], None, [f"dns:{HOST}"]),
    "unknown-excluded-none": (None, [der.implicit(9, b"a")], [f"dns:{HOST}"]),
}  # fmt: skip
DIRECTORIES = {
    "dn-permitted": ([directory(ORGANIZATION)], None, [f"dns:{HOST}"]),
    "dn-permitted-elsewhere": ([directory(OTHER)], None, [f"dns:{HOST}"]),
    "dn-permitted-empty": ([directory(EMPTY_NAME)], None, [f"dns:{HOST}"]),
    "dn-permitted-case": ([directory(LOWER)], None, [f"dns:{HOST}"]),
    "dn-permitted-other-string": ([directory(UTF16)], None, [f"dns:{HOST}"]),
    "dn-permitted-whole": ([directory(name("A server"))], None, [f"dns:{HOST}"]),
    "dn-permitted-name": (None, [directory(OTHER)], [directory(OTHER), f"dns:{HOST}"]),
    "dn-permitted-name-elsewhere": ([directory(ORGANIZATION)], None, [directory(OTHER), f"dns:{HOST}"]),
    "dn-and-dns-permitted": (["dns:example.com", directory(ORGANIZATION)], None, [f"dns:{HOST}"]),
    "dn-excluded": (None, [directory(ORGANIZATION)], [f"dns:{HOST}"]),
    "dn-excluded-elsewhere": (None, [directory(OTHER)], [f"dns:{HOST}"]),
    "dn-excluded-empty": (None, [directory(EMPTY_NAME)], [f"dns:{HOST}"]),
    "dn-excluded-case": (None, [directory(LOWER)], [f"dns:{HOST}"]),
}  # fmt: skip
ALL = DNS | ADDRESSES | MAIL_AND_URI | OTHERS | DIRECTORIES


def cases() -> Iterator[Case]:
    for label, (permitted, excluded, names, *host) in ALL.items():
        yield from _both(label, constraints(permitted, excluded), {"names": alternative(*names)}, *host)
    yield from _common_names()
    yield from _odd_extensions()
    yield from _two_levels()
    yield from _names_of_cas()
    yield from _many()


def _both(label: str, extension: Extension, changes: dict, host: str = HOST) -> Iterator[Case]:
    """The same constraint at the root, and at an intermediate."""
    root = ca("Root", constraints=extension)
    below = ca("Issuing", root)
    yield case(f"nc/root/{label}", root, leaf(below, **changes), below, host=host)
    root = ca("Root")
    below = ca("Issuing", root, constraints=extension)
    yield case(f"nc/issuing/{label}", root, leaf(below, **changes), below, host=host)


def _common_names() -> Iterator[Case]:
    inside = constraints(["dns:example.com"])
    outside = constraints(["dns:example.org"])
    address = alternative(V4_HOST)
    mail = alternative("email:user@example.org")
    uri = alternative("uri:https://example.org/")
    for label, extension, common, names, host in [
        ("cn-alone-inside", inside, HOST, None, HOST),
        ("cn-alone-outside", outside, HOST, None, HOST),
        ("cn-alone-no-dot", outside, "localhost", None, "localhost"),
        ("cn-alone-space", outside, "A server", None, HOST),
        ("cn-alone-star-inside", inside, "*.example.com", None, HOST),
        ("cn-alone-star-outside", outside, "*.example.com", None, HOST),
        ("cn-alone-underscore-outside", outside, "my_db.example.com", None, "my_db.example.com"),
        ("cn-alone-address", outside, "192.0.2.7", None, "192.0.2.7"),
        ("cn-outside-beside-address", outside, HOST, address, "192.0.2.7"),
        ("cn-outside-beside-address-by-name", outside, HOST, address, HOST),
        ("cn-inside-beside-address", inside, HOST, address, "192.0.2.7"),
        ("cn-outside-beside-mail", outside, HOST, mail, HOST),
        ("cn-outside-beside-uri", outside, HOST, uri, HOST),
        ("cn-inside-beside-mail", inside, HOST, mail, HOST),
        ("cn-outside-beside-name", inside, "login.example.org", alternative(f"dns:{HOST}"), HOST),
        ("cn-excluded-beside-name", constraints(None, ["dns:example.org"]), "a.example.org", alternative(f"dns:{HOST}"), HOST),
        ("cn-excluded", constraints(None, ["dns:example.com"]), HOST, None, HOST),
        ("cn-excluded-beside-address", constraints(None, ["dns:example.com"]), HOST, address, "192.0.2.7"),
        ("cn-excluded-all", constraints(None, ["dns:"]), HOST, None, HOST),
    ]:  # fmt: skip
        yield from _both(label, extension, {"subject": name(common), "names": names}, host)
    for label, extension in [
        ("mail-in-subject-permitted", constraints(["email:example.com"])),
        ("mail-in-subject-elsewhere", constraints(["email:example.org"])),
        ("mail-in-subject-excluded", constraints(None, ["email:example.com"])),
        ("mail-in-subject-excluded-elsewhere", constraints(None, ["email:example.org"])),
        ("mail-in-subject-dns", constraints(["dns:example.com"])),
    ]:
        yield from _both(label, extension, {"subject": MAIL_IN_SUBJECT})
    for label, base in [("dn", directory(ORGANIZATION)), ("dns", "dns:example.com")]:
        changes = {"subject": EMPTY_NAME, "names": alternative(f"dns:{HOST}", critical=True)}
        yield from _both(f"no-subject-{label}", constraints([base]), changes)
    # An organization that is the second attribute is not below one that is the first.
    swapped = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "A server"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
        ]
    ).public_bytes()
    yield from _both("dn-order", constraints([directory(ORGANIZATION)]), {"subject": swapped})


def _odd_extensions() -> Iterator[Case]:
    plain = ["dns:example.com"]
    minimum = der.implicit(0, b"\x01")
    zero = der.implicit(0, b"\x00")
    maximum = der.implicit(1, b"\x05")
    raw = lambda value, critical=True: Extension(CONSTRAINTS, value, critical)  # noqa: E731
    for label, extension in [
        ("minimum", constraints(plain, bounds=minimum)),
        ("minimum-zero", constraints(plain, bounds=zero)),
        ("maximum", constraints(plain, bounds=maximum)),
        ("maximum-excluded", constraints(None, ["dns:example.org"], bounds=maximum)),
        ("not-critical", constraints(plain, critical=False)),
        ("not-critical-elsewhere", constraints(["dns:example.org"], critical=False)),
        ("nothing", constraints()),
        ("nothing-not-critical", constraints(critical=False)),
        ("permitted-nothing", constraints([])),
        ("excluded-nothing", constraints(None, [])),
        ("garbage", raw(b"\x04\x01\x00")),
        ("garbage-not-critical", raw(b"\x04\x01\x00", False)),
        ("no-bytes", raw(b"")),
        ("truncated", raw(constraints(plain).value[:-1])),
        ("trailing", raw(constraints(plain).value + b"\x05\x00")),
        ("unknown-field", raw(der.sequence(der.explicit(2, der.sequence())))),
    ]:
        yield from _both(f"form-{label}", extension, {})
    root = ca("Root")
    below = ca("Issuing", root)
    for label, extension in [("critical", constraints(plain)), ("plain", constraints(plain, critical=False))]:
        end = leaf(below, constraints=extension)
        yield case(f"nc/leaf/{label}", root, end, below)


def _two_levels() -> Iterator[Case]:
    inside, deeper, outside = ["dns:example.com"], [f"dns:{HOST}"], ["dns:example.org"]
    for label, above, nearer in [
        ("same", constraints(inside), constraints(inside)),
        ("narrower", constraints(inside), constraints(deeper)),
        ("wider", constraints(deeper), constraints(inside)),
        ("apart-inside", constraints(outside), constraints(inside)),
        ("apart-outside", constraints(inside), constraints(outside)),
        ("excluded-nearer", constraints(inside), constraints(None, deeper)),
        ("excluded-above", constraints(None, inside), constraints(deeper)),
        ("excluded-elsewhere", constraints(None, outside), constraints(inside)),
        ("other-kinds", constraints([V4]), constraints(inside)),
        ("other-kinds-outside", constraints([V4]), constraints(outside)),
        ("dot", constraints(["dns:.example.com"]), constraints(inside)),
        ("dn", constraints([directory(ORGANIZATION)]), constraints([directory(OTHER)])),
        ("addresses", constraints([V4]), constraints([V6])),
    ]:
        root = ca("Root", constraints=above)
        middle = ca("Middle", root, constraints=nearer)
        below = ca("Issuing", middle)
        yield case(f"nc/two/{label}", root, leaf(below), below, middle)


def _names_of_cas() -> Iterator[Case]:
    """What constrains the CA below, by its subject and its alternative names."""
    for label, extension, changes in [
        ("subject-permitted", constraints([directory(ORGANIZATION)]), {}),
        ("subject-elsewhere", constraints([directory(name(None, "Example"))]), {"subject": name("Issuing", "Elsewhere")}),
        ("subject-excluded", constraints(None, [directory(name(None, "Elsewhere"))]), {"subject": name("Issuing", "Elsewhere")}),
        ("names-inside", constraints(["dns:example.com"]), {"names": alternative("dns:ca.example.com")}),
        ("names-outside", constraints(["dns:example.com"]), {"names": alternative("dns:ca.example.org")}),
        ("names-excluded", constraints(None, ["dns:example.org"]), {"names": alternative("dns:ca.example.org")}),
        ("mail-outside", constraints(["email:example.com"]), {"names": alternative("email:ca@example.org")}),
        ("uri-outside", constraints(["uri:.example.com"]), {"names": alternative("uri:https://ca.example.org/")}),
        ("address-outside", constraints([V4]), {"names": alternative(V4_ELSEWHERE)}),
        ("common-name-outside", constraints(["dns:example.com"]), {"subject": name("ca.example.org")}),
        ("common-name-inside", constraints(["dns:example.com"]), {"subject": name("ca.example.com")}),
        ("self-issued-outside", constraints([directory(OTHER)]), {"subject": name("Root")}),
        ("self-issued-names-outside", constraints(["dns:example.com"]), {"subject": name("Root"), "names": alternative("dns:ca.example.org")}),
        ("odd-names", constraints(["dns:example.com"]), {"names": alternative("dns:a b.example.com")}),
        ("empty-names", constraints(["dns:example.com"]), {"names": alternative()}),
    ]:  # fmt: skip
        root = ca("Root", constraints=extension)
        below = ca("Issuing", root, **changes)
        yield case(f"nc/ca-below-root/{label}", root, leaf(below), below)
        root = ca("Root")
        middle = ca("Middle", root, constraints=extension)
        below = ca("Issuing", middle, **changes)
        yield case(f"nc/ca-below-ca/{label}", root, leaf(below), below, middle)


def _many() -> Iterator[Case]:
    """OpenSSL makes no more than 2^20 comparisons (`NAME_CHECK_MAX` in `v3_ncons.c`)."""
    for label, count, names in [("few", 100, 100), ("below", 500, 500), ("above", 1100, 1000)]:
        bases = [f"dns:{number}.example.org" for number in range(count)]
        for kind, extension in [
            ("excluded", constraints(None, bases)),
            ("permitted", constraints([*bases, "dns:example.com"])),
        ]:
            root = ca("Root", constraints=extension)
            others = [f"dns:{number}.example.com" for number in range(names - 1)]
            end = leaf(root, names=alternative(f"dns:{HOST}", *others))
            yield case(f"nc/many/{kind}-{label}", root, end)


