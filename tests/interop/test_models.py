"""The models of clients in `trust_stores::strictness`, beside the clients: certificates by system, each in
a store next to a good one. tests/interop/models/compare.py asks about many more."""

import pytest

from models import ber, compare, grid
from support import bent, pki, readers

# Why a model leaves out what every client tried takes, each of them on purpose; docs/strictness.md.
NAMED = {
    "any JVM": (
        "public key is damaged",
        "not whole bytes",
        "point that is compressed or cut short",
        "key cannot sign",
        "HSS/LMS",
        "RSA-PSS parameters are damaged",
        "critical extension … is damaged",
        "has the extension … twice",
        "encoding is not DER",
        "BMPString that is cut short",
        "version is not 1, 2 or 3",
        "has the wrong type",
        "signature algorithm does not sign",
    ),
    "any OpenSSL": ("has the wrong type", "which names cannot have", "damaged value", "is damaged"),
}


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    good = readers.Good.make(tmp_path_factory.mktemp("good"))
    return compare.compared(
        compare.clients(good), [*compare.vectors(), *compare.grids(compare.SAMPLE)]
    )


def test_no_certificate_breaks_a_store_that_it_was_kept_in(figures):
    for client, one in figures.items():
        if client == "all clients":
            continue
        assert one.kept_and_breaks == [], client
        assert one.broken > 20, f"{client}: the certificates test nothing"


def test_what_every_client_takes_is_left_out_for_a_named_reason(figures):
    for client, named in NAMED.items():
        unnamed = {
            reason: count
            for reason, count in figures[client].dropped_and_taken.items()
            if not any(words in reason for words in named)
        }
        assert unnamed == {}, client
        assert figures[client].dropped_and_taken.total() < figures[client].seen / 12


def test_what_every_client_takes_is_a_certificate(tmp_path):
    """In BER and with any time, but for what has bytes after its end: those might be another's."""
    good = readers.Good.make(tmp_path)
    certificates = [one for make in (*ber.GRIDS.values(), grid.times) for one in make()][::4]
    taken = compare.compared(compare.clients(good), certificates)["all clients"].malformed_and_taken
    assert set(taken) <= {"BER: two ends", "BER: newline after the end"}


@pytest.mark.parametrize("part", ["the whole", "the signed part", "everything"])
def test_an_anchor_in_ber_verifies_a_server_below_it(part, tmp_path):
    """No client checks its signature, so it does not matter which bytes a client takes as signed."""
    good = readers.Good.make(tmp_path)
    whole = bent.parse(good.anchor.read_bytes())
    chosen = {
        "the whole": lambda one: one is whole,
        "the signed part": lambda one: one is whole.children[0],
        "everything": ber.is_constructed,
    }[part]
    issued = ber.encode(whole, lambda one: ber.indefinite if chosen(one) else None)
    good.anchor.write_bytes(issued)
    answers = readers.ask_all(compare.clients(good), [ber.bases()["plain"]])
    assert {client: one.store for client, [one] in answers.items()} == dict.fromkeys(answers)


def test_chains_that_openssl_cannot_verify_are_foreseen(figures):
    for client in figures:
        if client.startswith("chains"):
            assert figures[client].agree > 0.99 * figures[client].seen, client


def test_openssl_finds_no_issuer_for_what_it_cannot_decode(tmp_path):
    """At each place of a chain, with damage in an extension that is not even critical."""
    damaged = grid.make.extension("2.5.29.31", grid.der.sequence(grid.der.sequence()))
    for place in ("nowhere", "end", "between", "anchor"):
        more = {place: [damaged]}
        root = _authority("Example Root CA", grid.make.KEY, None, more.get("anchor", []))
        between = _authority("Example Issuing CA", grid.make.OTHER_KEY, root, more.get("between", []))
        end = _end(between, more.get("end", []))
        foreseen = [one.openssl_verify for one in compare.foreseen([end, between.der, root.der])]
        assert list(map(bool, foreseen)) == [place == "end", place == "between", place == "anchor"]
        for name, der in (("anchors", root.der), ("between", between.der), ("end", end)):
            (tmp_path / f"{name}.pem").write_text(grid.make.pem(der))
        done = pki.openssl(
            "verify", "-no-CApath", "-no-CAstore", "-CAfile", tmp_path / "anchors.pem",
            "-untrusted", tmp_path / "between.pem", tmp_path / "end.pem", check=False,
        )  # fmt: skip
        assert (done.returncode == 0) == (place == "nowhere"), done.stderr
        assert place == "nowhere" or b"unable to get local issuer certificate" in done.stderr


def _authority(name, key, by, more):
    subject = grid.make.name(name)
    extensions = [*grid.make.ca_extensions(key), *more]
    return grid.make.Authority(
        grid.make.certificate(subject, key=key, by=by, extensions=extensions), subject, key
    )


def _end(by, more):
    extensions = [grid.make.basic(ca=False), grid.make.alternative("server.example.com"), *more]
    return grid.make.certificate(
        grid.make.name("server.example.com"), by=by, key=grid.make.SERVER_KEY, extensions=extensions
    )
