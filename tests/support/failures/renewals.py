"""CAs that were renewed or cross-signed, beside editions that have expired."""

import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from support import pki
from support.failures.case import case
from support.failures.scene import LONG_AGO, OVER, customer_root, server


@functools.cache
def _cross() -> tuple[pki.Authority, pki.Authority, pki.Server]:
    """A new root, the old one that signed it as well, and a server that sends that."""
    old = pki.root("Example Old Root CA", starts=LONG_AGO, ends=OVER)
    new = pki.root("Example New Root CA")
    of = new.issue("Example New Issuing CA").server()
    crossed = old.vouch_for(new, ends=OVER, starts=LONG_AGO)
    return old, new, pki.Server(of.certificate, of.key, of.chain + crossed.pem)


@case(None)
def cross_signed_by_an_expired_root(scene):
    """The server sends an expired cross-signature too; the stores have the new root."""
    _, new, of = _cross()
    return scene.asks(of, new.certificate)


@case(None)
def an_expired_root_beside_the_new_one(scene):
    """The stores have the old root and its cross-signature, both expired, and the new root."""
    old, new, of = _cross()
    return scene.asks(of, old.certificate, new.certificate)


@case(None)
def renewed_root_beside_its_expired_self(scene):
    """The stores have two editions of one root with the same key; the first has expired."""
    new = customer_root()
    key = new.key.public_key()
    old = pki.Certificate(
        x509.CertificateBuilder()
        .subject_name(new.certificate.parsed.subject)
        .issuer_name(new.certificate.parsed.subject)
        .public_key(key)
        .serial_number(1)
        .not_valid_before(LONG_AGO)
        .not_valid_after(OVER)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .sign(new.key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    return scene.asks(server(), old, new.certificate)


@functools.cache
def _renewed() -> tuple[pki.Certificate, pki.Server]:
    """An intermediate that has expired, and a server that sends its next edition, of one key."""
    issuing = customer_root().issue("Example Renewed Issuing CA")
    return customer_root().vouch_for(issuing, starts=LONG_AGO, ends=OVER), issuing.server()


@case("expired")
def renewed_intermediate_expired_in_the_stores(scene):
    """The stores have the root and an expired intermediate; the server sends the renewed one."""
    old, of = _renewed()
    return scene.asks(of, old, customer_root().certificate)


@case(None)
def renewed_intermediate_expired_on_the_server(scene):
    """The server sends an expired intermediate; the stores have the renewed one, and the root."""
    old, of = _renewed()
    new = pki.Certificate(
        x509.load_pem_x509_certificates(of.chain)[1].public_bytes(serialization.Encoding.DER)
    )
    sends = pki.Server(of.certificate, of.key, of.certificate.pem + old.pem)
    return scene.asks(sends, new, customer_root().certificate)
