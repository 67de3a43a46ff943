"""The models of clients in `trust_stores::strictness`, beside the clients: certificates by system, each in
a store next to a good one. tests/interop/models/compare.py asks about many more."""

import pytest

from models import compare
from support import readers

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
        assert figures[client].dropped_and_taken.total() < figures[client].seen / 25


def test_chains_that_openssl_cannot_verify_are_foreseen(figures):
    for client in figures:
        if client.startswith("chains"):
            assert figures[client].agree > 0.99 * figures[client].seen, client
