"""OpenSSL's TRUSTED CERTIFICATE: a certificate with settings that say what it is trusted for (`X509_AUX`). Each
form of them, as OpenSSL itself takes it and as trust-init does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support import binary, environment, pki

sys.path.insert(0, str(environment.REPOSITORY / "tests" / "vectors"))

import der
from certificate import pem

SERVER, CLIENT = der.oid("1.3.6.1.5.5.7.3.1"), der.oid("1.3.6.1.5.5.7.3.2")
MAIL, ANY = der.oid("1.3.6.1.5.5.7.3.4"), der.oid("2.5.29.37.0")
GATED = der.oid("1.3.6.1.4.1.311.10.3.3")
ALGORITHM = der.sequence(der.oid("1.2.3"))


def trust(*uses: bytes) -> bytes:
    return der.sequence(*uses)


def reject(*uses: bytes) -> bytes:
    return der.explicit(0, *uses)


def alias(text: bytes = b"alias") -> bytes:
    return der.tlv(der.UTF8, text)


def aux(*fields: bytes) -> bytes:
    return der.sequence(*fields)


TRUSTED, REJECTED, UNREADABLE, SURPLUS = "trusted", "rejected", "unreadable", "surplus"
FORMS = {
    "no settings": (b"", TRUSTED),
    "settings without fields": (aux(), TRUSTED),
    "trusted for nothing": (aux(trust()), REJECTED),
    "trusted for servers": (aux(trust(SERVER)), TRUSTED),
    "trusted for clients": (aux(trust(CLIENT)), REJECTED),
    "trusted for mail": (aux(trust(MAIL)), REJECTED),
    "trusted for anything": (aux(trust(ANY)), TRUSTED),
    "trusted for clients and anything": (aux(trust(CLIENT, ANY)), TRUSTED),
    "trusted for gated servers": (aux(trust(GATED)), REJECTED),
    "rejected for nothing": (aux(reject()), TRUSTED),
    "rejected for servers": (aux(reject(SERVER)), REJECTED),
    "rejected for clients": (aux(reject(CLIENT)), TRUSTED),
    "rejected for anything": (aux(reject(ANY)), REJECTED),
    "trusted and rejected for servers": (aux(trust(SERVER), reject(SERVER)), REJECTED),
    "trusted for anything, rejected for servers": (aux(trust(ANY), reject(SERVER)), REJECTED),
    "trusted for servers, rejected for anything": (aux(trust(SERVER), reject(ANY)), REJECTED),
    "trusted for servers, rejected for clients": (aux(trust(SERVER), reject(CLIENT)), TRUSTED),
    "trusted and rejected for nothing": (aux(trust(), reject()), REJECTED),
    "trusted for nothing, rejected for clients": (aux(trust(), reject(CLIENT)), REJECTED),
    "rejected, not made of elements": (aux(der.implicit(0, SERVER)), REJECTED),
    "an alias": (aux(alias()), TRUSTED),
    "an empty alias": (aux(alias(b"")), TRUSTED),
    "an alias that is not UTF-8": (aux(alias(b"\xff\xfe")), TRUSTED),
    "an alias of another type": (aux(der.tlv(der.PRINTABLE, b"x")), UNREADABLE),
    "a key identifier": (aux(der.octets(b"x" * 20)), TRUSTED),
    "every field": (aux(trust(SERVER), reject(CLIENT), alias(), der.octets(b"k"), der.explicit(1, ALGORITHM)), TRUSTED),
    "other algorithms": (aux(der.explicit(1, ALGORITHM)), TRUSTED),
    "no other algorithms": (aux(der.explicit(1)), TRUSTED),
    "other things": (aux(der.explicit(1, SERVER)), UNREADABLE),
    "rejected before trusted": (aux(reject(CLIENT), trust(SERVER)), UNREADABLE),
    "alias before trusted": (aux(alias(), trust(SERVER)), UNREADABLE),
    "trusted twice": (aux(trust(SERVER), trust(MAIL)), UNREADABLE),
    "rejected twice": (aux(reject(CLIENT), reject(SERVER)), UNREADABLE),
    "trusted for an integer": (aux(trust(der.integer(1))), UNREADABLE),
    "trusted for a damaged identifier": (aux(trust(der.tlv(der.OID, b"\x80"))), UNREADABLE),
    "rejected for an integer": (aux(reject(der.integer(1))), UNREADABLE),
    "an unknown field": (aux(der.integer(1)), UNREADABLE),
    "an unknown field of the context": (aux(der.explicit(2, SERVER)), UNREADABLE),
    "a SET": (der.set_of(trust(SERVER)), UNREADABLE),
    "NULL": (der.null(), UNREADABLE),
    "garbage": (b"garbage", UNREADABLE),
    "cut short": (aux(trust(SERVER))[:-2], UNREADABLE),
    "a byte after them": (aux(trust(SERVER)) + b"\0", SURPLUS),
    "settings after them": (aux(trust(SERVER)) + aux(reject(SERVER)), SURPLUS),
    "in BER": (b"\x30\x80" + trust(SERVER) + b"\0\0", TRUSTED),
    "trusted for nothing, in BER": (aux(b"\x30\x80\0\0"), REJECTED),
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A root, and a chain below it in two files."""
    folder = tmp_path_factory.mktemp("aux")
    root = pki.root("Example Trusted CA")
    end = "-----END CERTIFICATE-----\n"
    leaf, between = root.issue("Example Issuing CA").server().chain.decode().split(end)[:2]
    (folder / "leaf.pem").write_text(leaf + end)
    (folder / "between.pem").write_text(between + end)
    return folder, root.certificate.der


def openssls() -> list[list[Path | str]]:
    """The machine's, and Debian unstable's by its own loader."""
    done = subprocess.run([environment.SETUP / "sid.sh"], stdout=subprocess.PIPE, text=True, check=True)
    root = Path(done.stdout.strip())
    libraries = root / "usr/lib/x86_64-linux-gnu"
    newest = [root / "lib64/ld-linux-x86-64.so.2", "--library-path", libraries, root / "usr/bin/openssl"]
    return [["openssl"], newest]


def of_openssl(program: list, folder: Path, anchors: Path) -> str:
    done = subprocess.run(
        [*program, "verify", "-purpose", "sslserver", "-no-CApath", "-no-CAstore", "-CAfile", anchors,
         "-untrusted", folder / "between.pem", folder / "leaf.pem"],
        capture_output=True, text=True, env=environment.clean() | {"OPENSSL_CONF": "/dev/null"},
    )  # fmt: skip
    if done.returncode == 0:
        return TRUSTED
    return REJECTED if "certificate rejected" in done.stderr + done.stdout else UNREADABLE


def of_trust_init(anchors: Path) -> str:
    shown = json.loads(binary.run("inspect", "--format", "json", anchors).stdout)
    if shown["certificates"]:
        rules = {warning["rule"] for warning in shown["certificates"][0].get("warnings", [])}
        return REJECTED if "distrusted" in rules else TRUSTED
    [rejected] = shown["rejected"]
    return SURPLUS if "something follows" in rejected["reason"] else UNREADABLE


@pytest.mark.parametrize("form", FORMS)
def test_settings_mean_what_they_mean_to_openssl(form, site, tmp_path):
    folder, root = site
    settings, expected = FORMS[form]
    anchors = tmp_path / "anchors.pem"
    anchors.write_text(pem(root + settings, "TRUSTED CERTIFICATE"))
    # OpenSSL passes over what follows the settings; it is named rather than lost.
    of_real = TRUSTED if expected == SURPLUS else expected
    assert {of_openssl(program, folder, anchors) for program in openssls()} == {of_real}
    assert of_trust_init(anchors) == expected


@pytest.mark.parametrize("form", ["trusted for servers", "trusted for nothing", "garbage"])
def test_a_plain_certificate_has_no_settings(form, site, tmp_path):
    """OpenSSL passes over what follows a CERTIFICATE; it is refused, since it may be anything."""
    folder, root = site
    anchors = tmp_path / "anchors.pem"
    anchors.write_text(pem(root + FORMS[form][0]))
    assert {of_openssl(program, folder, anchors) for program in openssls()} == {TRUSTED}
    assert of_trust_init(anchors) == UNREADABLE
