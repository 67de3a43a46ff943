"""Cases of paths: how long they are, who issued whom, and what is sent and trusted of them."""

import datetime
from collections.abc import Iterator

from case import Case
from issuing import (
    AT, CERT_SIGN, CLIENT_AUTH, CRL_SIGN, HOST, SIGNATURE, Certificate, Extension, alternative,
    authority_key, basic, ca, case, constraints, key, leaf, name, purposes, subject_key, usage,
)  # fmt: skip
from vectors import der

DAY = datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)
EXPIRED = {"ends": AT - DAY}
EARLY = {"starts": AT + DAY}


def cases() -> Iterator[Case]:
    yield from _lengths()
    yield from _depths()
    yield from _crossed()
    yield from _rolled_over()
    yield from _namesakes()
    yield from _key_identifiers()
    yield from _validity()
    yield from _anchors()
    yield from _sent()


def line(count: int, **limits: dict) -> list[Certificate]:
    """A root and intermediates below it; changes by the position: c0 is the root."""
    found = [ca("CA 0", **limits.get("c0", {}))]
    for number in range(1, count + 1):
        found.append(ca(f"CA {number}", found[-1], **limits.get(f"c{number}", {})))
    return found


def led(id: str, cas: list[Certificate], **changes) -> Case:
    """The line's server, which sends all intermediates."""
    return case(id, cas[0], leaf(cas[-1], **changes), *reversed(cas[1:]))


def _lengths() -> Iterator[Case]:
    def limit(number: int) -> dict:
        return {"basic": basic(True, number)}

    for number in range(3):
        for below in range(4):
            yield led(f"length/root-{number}-{below}-below", line(below, c0=limit(number)))
            if below:
                yield led(f"length/ca-{number}-{below}-below", line(below + 1, c1=limit(number)))
    yield led("length/two-limits", line(3, c0=limit(2), c1=limit(0)))
    yield led("length/growing", line(3, c0=limit(1), c1=limit(5)))
    same = name("CA 1")
    for label, count, changes in [
        ("self-issued-below", 2, {"c1": limit(0), "c2": {"subject": same}}),
        ("self-issued-and-another", 3, {"c1": limit(0), "c2": {"subject": same}}),
        ("self-issued-and-one-more", 3, {"c1": limit(1), "c2": {"subject": same}}),
        ("self-issued-below-root", 1, {"c0": limit(0), "c1": {"subject": name("CA 0")}}),
        ("self-issued-twice", 3, {"c1": limit(0), "c2": {"subject": same}, "c3": {"subject": same}}),
        ("self-issued-limits", 3, {"c1": limit(1), "c2": {"subject": same, "basic": basic(True, 0)}}),
    ]:
        yield led(f"length/{label}", line(count, **changes))
    cas = line(2, c1=limit(0))
    yield led("length/leaf-is-ca", line(1, c1=limit(0)), basic=basic(), usage=usage(SIGNATURE, CERT_SIGN))
    yield led("length/leaf-self-issued", line(1, c1=limit(0)), subject=name("CA 1"))
    yield led("length/leaf-with-limit", line(1), basic=basic(True, 0), usage=usage(SIGNATURE, CERT_SIGN))
    yield led("length/leaf-no-ca-limit", line(1), basic=basic(False, 0))
    yield led("length/leaf-no-ca", line(1), basic=basic(False))
    yield led("length/ca-anchor", [cas[1], cas[2]])
    odd = {
        "no-ca-limit": basic(False, 3),
        "no-ca": basic(False),
        "absent": None,
        "not-critical": basic(critical=False),
        "limit-not-critical": basic(True, 0, critical=False),
        "huge": basic(True, 2**31 - 1),
        "huger": basic(True, 2**31),
        "hugest": basic(True, 2**64),
        "negative": basic(True, -1),
        "ca-false-encoded": Extension("2.5.29.19", der.sequence(der.tlv(1, b"\0")), True),
        "ca-01": Extension("2.5.29.19", der.sequence(der.tlv(1, b"\1")), True),
        "no-bytes": Extension("2.5.29.19", b"", True),
        "garbage": Extension("2.5.29.19", b"\x04\x01\x00", True),
        "trailing": Extension("2.5.29.19", der.sequence(der.true()) + b"\x05\x00", True),
        "extra-field": Extension("2.5.29.19", der.sequence(der.true(), der.integer(3), der.integer(1)), True),
    }  # fmt: skip
    for label, extension in odd.items():
        yield led(f"length/root-basic-{label}", line(1, c0={"basic": extension}))
        yield led(f"length/ca-basic-{label}", line(1, c1={"basic": extension}))
        yield led(f"length/leaf-basic-{label}", line(1), basic=extension)
    without = {"basic": basic(True, 0), "usage": usage(CRL_SIGN)}
    yield led("length/limit-without-cert-sign", line(1, c1=without))


def _depths() -> Iterator[Case]:
    for count in (4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 30, 60, 98, 99, 100, 101, 105):
        yield led(f"depth/{count}", line(count))
    for count in (5, 6, 7, 9):
        cas = line(count)
        yield case(f"depth/{count}-root-sent", cas[0], leaf(cas[-1]), *reversed(cas))
        yield case(f"depth/{count}-disordered", cas[0], leaf(cas[-1]), *cas[1:])


def _crossed() -> Iterator[Case]:
    old, new = ca("Old root"), ca("New root")
    crossed = ca("New root", old)
    below = ca("Issuing", new)
    end = leaf(below)
    yield case("cross/by-old", old, end, below, crossed)
    yield case("cross/by-new", new, end, below, crossed)
    yield case("cross/by-both", [old, new], end, below, crossed)
    yield case("cross/not-sent", old, end, below)
    yield case("cross/root-sent-too", old, end, below, new, crossed)
    yield case("cross/crossed-then-root", old, end, below, crossed, new)
    yield case("cross/old-root-sent", new, end, below, crossed, old)
    for label, change in [("expired", EXPIRED), ("early", EARLY)]:
        bent = ca("New root", old, **change)
        yield case(f"cross/{label}-by-old", old, end, below, bent)
        yield case(f"cross/{label}-by-new", new, end, below, bent)
        yield case(f"cross/{label}-by-both", [old, new], end, below, bent)
        yield case(f"cross/{label}-old-root", [ca("Old root", **change), new], end, below, crossed)
        yield case(f"cross/{label}-old-root-only", ca("Old root", **change), end, below, crossed)
        yield case(f"cross/{label}-new-root", [old, ca("New root", **change)], end, below, crossed)
    yield case("cross/crossed-as-anchor", crossed, end, below)
    yield case("cross/crossed-as-anchor-with-old", [crossed, old], end, below)
    limited = ca("New root", old, constraints=constraints(["dns:example.org"]))
    yield case("cross/limited-and-root", [old, new], end, below, limited)
    yield case("cross/limited-first-in-store", [limited, new], end, below)
    yield case("cross/limited-last-in-store", [new, limited], end, below)
    for label, root in [("first", ca("Root A")), ("second", ca("Root B"))]:
        one, two = ca("Issuing", ca("Root A")), ca("Issuing", ca("Root B"))
        for order, sent in [("a-b", (one, two)), ("b-a", (two, one))]:
            yield case(f"cross/two-parents-{order}-{label}", root, leaf(one), *sent)
    # Two CAs that sign each other, and nobody else them.
    left, right = ca("Left"), ca("Right")
    left_by, right_by = ca("Left", right), ca("Right", left)
    yield case("cross/loop-no-root", ca("Root"), leaf(left), left_by, right_by)
    yield case("cross/loop-one-root", right, leaf(left), left_by, right_by)
    yield case("cross/loop-crossed-anchor", right_by, leaf(left), left_by)


def _rolled_over() -> Iterator[Case]:
    """A root's new key under the old name, and the certificates that join them (RFC 4210, 4.4)."""
    old = ca("Root", private=key("old"))
    new = ca("Root", private=key("new"))
    new_by_old = ca("Root", old, private=key("new"))
    old_by_new = ca("Root", new, private=key("old"))
    for label, issuer in [("new", new), ("old", old)]:
        end = leaf(issuer)
        yield case(f"roll/{label}-trusts-old", old, end)
        yield case(f"roll/{label}-trusts-new", new, end)
        yield case(f"roll/{label}-trusts-old-then-new", [old, new], end)
        yield case(f"roll/{label}-trusts-new-then-old", [new, old], end)
        yield case(f"roll/{label}-by-old-trusts-old", old, end, new_by_old)
        yield case(f"roll/{label}-by-new-trusts-new", new, end, old_by_new)
        yield case(f"roll/{label}-trusts-new-by-old", new_by_old, end)
        yield case(f"roll/{label}-both-sent-trusts-old", old, end, new_by_old, old_by_new)
    bare = {"ski": None, "aki": None}
    old = ca("Root", private=key("old"), **bare)
    new = ca("Root", private=key("new"), **bare)
    for label, issuer in [("new", new), ("old", old)]:
        end = leaf(issuer, aki=None)
        yield case(f"roll/no-ids-{label}-old-then-new", [old, new], end)
        yield case(f"roll/no-ids-{label}-new-then-old", [new, old], end)
        by_old = ca("Root", old, private=key("new"), **bare)
        yield case(f"roll/no-ids-{label}-by-old", old, end, by_old)
    again = ca("Root", private=key("old"), starts=AT - DAY, **bare)
    yield case("roll/renewed-same-key", again, leaf(old, aki=None))
    yield case("roll/renewed-both", [ca("Root", private=key("old"), **EXPIRED), again], leaf(old, aki=None))
    yield case("roll/renewed-old-sent", again, leaf(old, aki=None), old)


def _namesakes() -> Iterator[Case]:
    root = ca("Root")
    true, false = ca("Issuing", root), ca("Issuing", root, private=key("another"))
    plain, end = leaf(true, aki=None), leaf(true)
    for label, cert in [("id", end), ("no-id", plain)]:
        yield case(f"namesake/sent-first-{label}", root, cert, false, true)
        yield case(f"namesake/sent-last-{label}", root, cert, true, false)
        yield case(f"namesake/anchor-false-{label}", [root, false], cert, true)
        yield case(f"namesake/anchor-true-{label}", [root, true], cert, false)
        yield case(f"namesake/only-false-{label}", root, cert, false)
    no_id = {"ski": None}
    true, false = ca("Issuing", root, **no_id), ca("Issuing", root, private=key("another"), **no_id)
    for label, cert in [("id", leaf(true)), ("no-id", leaf(true, aki=None))]:
        yield case(f"namesake/no-ski-sent-first-{label}", root, cert, false, true)
        yield case(f"namesake/no-ski-sent-last-{label}", root, cert, true, false)
    # One CA, in a certificate that is over and one that is not.
    new = ca("Issuing", root)
    for label, change in [
        ("expired", EXPIRED), ("early", EARLY), ("no-ca", {"basic": basic(False)}),
        ("no-cert-sign", {"usage": usage(CRL_SIGN)}),
        ("client-only", {"purposes": purposes(CLIENT_AUTH)}),
        ("limited", {"constraints": constraints(["dns:example.org"])}),
        ("unknown-extension", {"more": [Extension("1.2.3.4", b"\x05\x00", True)]}),
    ]:  # fmt: skip
        bent = ca("Issuing", root, **change)
        end = leaf(new)
        yield case(f"namesake/{label}-first", root, end, bent, new)
        yield case(f"namesake/{label}-last", root, end, new, bent)
        yield case(f"namesake/{label}-in-store", [root, bent], end, new)
        yield case(f"namesake/good-in-store-{label}-sent", [root, new], end, bent)
        roots = [ca("Root", **change), root]
        yield case(f"namesake/root-{label}-first", roots, leaf(root))
        yield case(f"namesake/root-{label}-last", roots[::-1], leaf(root))
    named = ca("root")
    yield case("namesake/name-in-other-case", named, leaf(ca("ROOT", private=key("root"))))
    spaced = ca("My  Root", private=key("root"))
    yield case("namesake/name-with-spaces", ca("My Root", private=key("root")), leaf(spaced))
    utf8 = ca("Root")
    attributes = [("2.5.4.10", b"Example"), ("2.5.4.3", b"Root")]
    printable = der.sequence(
        *[der.set_of(der.sequence(der.oid(oid), der.tlv(der.PRINTABLE, text))) for oid, text in attributes]
    )
    yield case("namesake/name-in-other-string", utf8, leaf(utf8, issuer=printable))


def _key_identifiers() -> Iterator[Case]:
    root = ca("Root")
    below = ca("Issuing", root)
    wrong = b"\1" * 20
    by_issuer = lambda issuer, serial, digest=None: authority_key(digest, issuer, serial)  # noqa: E731
    forms = {
        "absent": None,
        "wrong": authority_key(wrong),
        "empty": authority_key(None),
        "no-bytes": authority_key(b""),
        "critical": authority_key(below.key_id, critical=True),
        "issuer-and-serial": by_issuer(root.subject, below.serial),
        "issuer-wrong": by_issuer(below.subject, below.serial),
        "serial-wrong": by_issuer(root.subject, 7),
        "all": by_issuer(root.subject, below.serial, below.key_id),
        "all-serial-wrong": by_issuer(root.subject, 7, below.key_id),
        "all-issuer-wrong": by_issuer(below.subject, below.serial, below.key_id),
        "all-id-wrong": by_issuer(root.subject, below.serial, wrong),
        "serial-alone": authority_key(None, None, below.serial),
        "serial-alone-wrong": authority_key(None, None, 7),
        "issuer-alone-wrong": authority_key(None, below.subject),
        "garbage": Extension("2.5.29.35", b"\x04\x01\x00"),
        "garbage-critical": Extension("2.5.29.35", b"\x04\x01\x00", True),
    }
    for label, extension in forms.items():
        yield case(f"aki/leaf-{label}", root, leaf(below, aki=extension), below)
    forms |= {
        "issuer-and-serial": by_issuer(root.subject, root.serial),
        "serial-wrong": by_issuer(root.subject, 7),
        "issuer-wrong": by_issuer(below.subject, root.serial),
        "all": by_issuer(root.subject, root.serial, root.key_id),
        "all-serial-wrong": by_issuer(root.subject, 7, root.key_id),
        "all-issuer-wrong": by_issuer(below.subject, root.serial, root.key_id),
        "all-id-wrong": by_issuer(root.subject, root.serial, wrong),
        "critical": authority_key(root.key_id, critical=True),
        "own": authority_key(root.key_id),
    }
    for label, extension in forms.items():
        bent = ca("Issuing", root, aki=extension)
        yield case(f"aki/ca-{label}", root, leaf(bent), bent)
        own = ca("Root", aki=extension)
        middle = ca("Issuing", own)
        yield case(f"aki/root-{label}", own, leaf(middle), middle)
    kinds = {
        "absent": None,
        "other": subject_key(wrong),
        "critical": subject_key(below.key_id, critical=True),
        "empty": subject_key(b""),
        "garbage": Extension("2.5.29.14", b"\x05\x00"),
    }
    for label, extension in kinds.items():
        bent = ca("Issuing", root, ski=extension)
        yield case(f"ski/ca-{label}", root, leaf(bent), bent)
        own = ca("Root", ski=extension)
        yield case(f"ski/root-{label}", own, leaf(own))
        yield case(f"ski/root-{label}-aki-absent", own, leaf(own, aki=None))
        yield case(f"ski/leaf-{label}", root, leaf(below, ski=extension), below)


def _validity() -> Iterator[Case]:
    forms = {
        "expired": EXPIRED,
        "early": EARLY,
        "ends-now": {"ends": AT},
        "ends-a-second-ago": {"ends": AT - SECOND},
        "ends-in-a-second": {"ends": AT + SECOND},
        "starts-now": {"starts": AT},
        "starts-in-a-second": {"starts": AT + SECOND},
        "reversed": {"starts": AT + DAY, "ends": AT - DAY},
        "never-ends": {"ends": der.tlv(der.GENERALIZED_TIME, b"99991231235959Z")},
        "from-1950": {"starts": der.tlv(der.UTC_TIME, b"500101000000Z")},
        "from-1949": {"starts": der.tlv(der.GENERALIZED_TIME, b"19490101000000Z")},
        "from-0000": {"starts": der.tlv(der.GENERALIZED_TIME, b"00000101000000Z")},
        "generalized-early": {"starts": der.tlv(der.GENERALIZED_TIME, b"20250101000000Z")},
        "no-seconds": {"ends": der.tlv(der.UTC_TIME, b"3501010000Z")},
        "zone": {"ends": der.tlv(der.UTC_TIME, b"350101000000+0100")},
        "no-zone": {"ends": der.tlv(der.UTC_TIME, b"350101000000")},
        "fraction": {"ends": der.tlv(der.GENERALIZED_TIME, b"20350101000000.5Z")},
        "generalized-no-seconds": {"ends": der.tlv(der.GENERALIZED_TIME, b"203501010000Z")},
        "month-13": {"ends": der.tlv(der.UTC_TIME, b"351301000000Z")},
        "february-30": {"ends": der.tlv(der.UTC_TIME, b"350230000000Z")},
        "second-60": {"ends": der.tlv(der.UTC_TIME, b"350101000060Z")},
        "hour-24": {"ends": der.tlv(der.UTC_TIME, b"350101240000Z")},
        "no-bytes": {"ends": der.tlv(der.UTC_TIME, b"")},
    }
    root = ca("Root")
    below = ca("Issuing", root)
    for label, change in forms.items():
        yield case(f"time/leaf-{label}", root, leaf(below, **change), below)
        bent = ca("Issuing", root, **change)
        yield case(f"time/ca-{label}", root, leaf(bent), bent)
        own = ca("Root", **change)
        middle = ca("Issuing", own)
        yield case(f"time/root-{label}", own, leaf(middle), middle)
    for year in (1990, 2023, 2026, 2034, 2036, 2060):
        at = AT.replace(year=year, month=6)
        yield case(f"time/asked-in-{year}", root, leaf(below), below, at=at)


def _anchors() -> Iterator[Case]:
    root = ca("Root")
    below = ca("Issuing", root)
    end = leaf(below)
    no_ca = {"basic": basic(False)}
    changes = {
        "no-ca": no_ca,
        "no-basic": {"basic": None},
        "no-basic-no-usage": {"basic": None, "usage": None},
        "no-basic-other-usage": {"basic": None, "usage": usage(SIGNATURE)},
        "no-usage": {"usage": None},
        "no-cert-sign": {"usage": usage(CRL_SIGN)},
        "only-signature": {"usage": usage(SIGNATURE)},
        "basic-not-critical": {"basic": basic(critical=False)},
        "version-1": {"bare": True, "version": None},
        "version-1-encoded": {"bare": True, "version": 0},
        "version-3-bare": {"bare": True},
        "client-only": {"purposes": purposes(CLIENT_AUTH)},
        "client-only-critical": {"purposes": purposes(CLIENT_AUTH, critical=True)},
        "expired": EXPIRED,
        "early": EARLY,
        "no-extensions": {"basic": None, "usage": None, "ski": None},
        "wrong-self-signature": {"signer": key("another")},
    }
    for label, change in changes.items():
        bent = ca("Root", **dict(change))
        middle = ca("Issuing", bent)
        yield case(f"anchor/root-{label}", bent, leaf(middle), middle)
        yield case(f"anchor/root-{label}-direct", bent, leaf(bent))
        partial = ca("Issuing", root, **dict(change))
        yield case(f"anchor/ca-{label}", partial, leaf(partial))
        yield case(f"anchor/ca-{label}-sent", partial, leaf(partial), partial)
        yield case(f"anchor/ca-{label}-and-root", [partial, root], leaf(partial))
    yield case("anchor/ca-root-sent", below, end, below, root)
    yield case("anchor/ca-root-and-ca", [below, root], end, below)
    middle = ca("Middle", below)
    yield case("anchor/middle-of-three", below, leaf(middle), middle, below, root)
    yield case("anchor/unrelated", ca("Another root"), end, below)
    yield case("anchor/unrelated-root-sent", ca("Another root"), end, below, root)
    yield from _leaves_as_anchors(root, below)


def _leaves_as_anchors(root: Certificate, below: Certificate) -> Iterator[Case]:
    self_signed = {
        "plain": {},
        "ca": {"basic": basic(), "usage": usage(SIGNATURE, CERT_SIGN)},
        "ca-no-usage": {"basic": basic(), "usage": None},
        "no-ca": {"basic": basic(False)},
        "no-usage": {"usage": None},
        "cert-sign-only": {"basic": basic(), "usage": usage(CERT_SIGN)},
        "no-purposes": {"purposes": None},
        "client-only": {"purposes": purposes(CLIENT_AUTH)},
        "expired": EXPIRED,
        "early": EARLY,
        "other-name": {"names": alternative("dns:other.example.com")},
        "common-name": {"names": None, "subject": name(HOST)},
        "version-1": {"bare": True, "version": None, "subject": name(HOST)},
        "no-ids": {"ski": None},
        "unknown-extension": {"more": [Extension("1.2.3.4", b"\x05\x00", True)]},
        "own-id": {"aki": authority_key(b"\1" * 20)},
    }
    for label, change in self_signed.items():
        own = leaf(None, **dict(change))
        yield case(f"anchor/self-signed-{label}", own, own)
        yield case(f"anchor/self-signed-{label}-untrusted", ca("Root"), own)
        issued = leaf(below, **{"aki": authority_key(below.key_id), **change})
        yield case(f"anchor/leaf-{label}", issued, issued)
        yield case(f"anchor/leaf-{label}-chain-sent", issued, issued, below, root)
        yield case(f"anchor/leaf-{label}-and-root", [issued, root], issued, below)


def _sent() -> Iterator[Case]:
    root = ca("Root")
    middle = ca("Middle", root)
    below = ca("Issuing", middle)
    end, other = leaf(below), ca("Another root")
    unrelated = leaf(other, subject=name("Another server"), names=alternative("dns:a.example.org"))
    for label, sent in {
        "ordered": (end, below, middle),
        "reversed": (end, middle, below),
        "with-root": (end, below, middle, root),
        "root-first": (end, root, middle, below),
        "leaf-twice": (end, end, below, middle),
        "ca-twice": (end, below, below, middle),
        "superfluous-last": (end, below, middle, other),
        "superfluous-first": (end, other, below, middle),
        "another-leaf-last": (end, below, middle, unrelated),
        "another-leaf-second": (end, unrelated, below, middle),
        "leaf-last": (below, middle, end),
        "leaf-second": (below, end, middle),
        "another-leaf-first": (unrelated, end, below, middle),
        "ca-alone": (below, middle),
        "lacks-nearest": (end, middle),
        "lacks-upper": (end, below),
        "lacks-all": (end,),
        "unreadable-last": (end, below, middle, b"\x30\x03\x02\x01\x00"),
        "unreadable-second": (end, b"\x30\x03\x02\x01\x00", below, middle),
        "empty-last": (end, below, middle, b"\x30\x00"),
        "trailing-bytes": (end, below.der + b"\x05\x00", middle),
    }.items():
        yield case(f"sent/{label}", root, *sent)
    end = leaf(middle)
    for count in (10, 40):
        more = [ca(f"Superfluous {number}", root) for number in range(count)]
        yield case(f"sent/superfluous-{count}-before", root, end, *more, middle)
        yield case(f"sent/superfluous-{count}-behind", root, end, middle, *more)
    same = [ca("Middle", root, private=key(f"{number}"), ski=None) for number in range(12)]
    yield case("sent/namesakes-12-before", root, leaf(middle, aki=None), *same, middle)
