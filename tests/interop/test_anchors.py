"""What clients do with a trust anchor that is no CA, or may not sign: the table of `not-a-ca` in
docs/rules.md."""

import socket
import ssl

import pytest

from models import grid
from support import binary, jvm, pki, tls_server

make = grid.make
JVMS = ("11.0.13", "25")
# The extensions of an anchor, and whether the JVM and OpenSSL by itself trust what it signed.
ANCHORS = {
    "a CA": ([make.basic(), make.usage()], True, True),
    "basicConstraints say no": ([make.basic(ca=False), make.usage()], False, False),
    "nothing says so": ([], False, False),
    "keyCertSign alone": ([make.usage()], False, True),
    "no keyCertSign": ([make.basic(), make.usage(0)], False, False),
}


def openssl_trusts(peer: str, bundle) -> bool:
    context = ssl.create_default_context(cafile=bundle)
    context.verify_flags = ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST
    host, port = peer.split(":")
    try:
        with socket.create_connection((host, int(port))) as raw:
            with context.wrap_socket(raw, server_hostname=host):
                return True
    except ssl.SSLCertVerificationError as error:
        assert error.verify_message == "invalid CA certificate", error
        return False


@pytest.mark.parametrize("name", ANCHORS)
def test_clients_trust_what_an_anchor_signed_or_not(name, tmp_path):
    extensions, by_jvm, by_openssl = ANCHORS[name]
    subject = make.name("Example Anchor")
    extensions = [*extensions, make.subject_identifier(make.KEY)]
    anchor = make.Authority(make.certificate(subject, extensions=extensions), subject, make.KEY)
    end = make.certificate(
        make.name("localhost"),
        by=anchor,
        key=make.SERVER_KEY,
        extensions=[
            make.basic(ca=False),
            make.usage(0, 2),
            make.subject_identifier(make.SERVER_KEY),
            make.authority_identifier(make.KEY),
            make.alternative("localhost"),
        ],
    )
    for file, content in (("anchor.pem", anchor.der), ("chain.pem", end)):
        (tmp_path / file).write_text(make.pem(content))
    (tmp_path / "key.pem").write_bytes(pki.key_pem(make.SERVER_KEY.private()))
    tree = binary.build(tmp_path / "trust", "--ca", tmp_path / "anchor.pem", "--base", "none")
    with tls_server.serve(tmp_path / "chain.pem", tmp_path / "key.pem") as server:
        peer = f"localhost:{server.port}"
        assert openssl_trusts(peer, tree / "os/ca-certificates.crt") == by_openssl
        for version in JVMS:
            full = next(one for one in reversed(jvm.names()) if f"{one}.".startswith(f"{version}."))
            trust = jvm.get(full).trust(
                peer, trustStore=tree / "java/truststore.p12", trustStorePassword="changeit"
            )
            assert (trust.handshakes[peer] == "passed") == by_jvm, trust.handshakes
            assert by_jvm or "TrustAnchor with subject" in trust.handshakes[peer]
