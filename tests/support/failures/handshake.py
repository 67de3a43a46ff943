"""TLS versions, ciphers, client certificates, and handshakes that were tampered with."""

import ssl

from support import fakes
from support.failures.case import case
from support.failures.scene import Asking, Scene, customer_root, lenient, server
from support.real_clients import Outcome, Question


def under(scene: Scene, context: ssl.SSLContext, *s_client: str) -> Asking:
    """The customer's server, with another context."""
    env = scene.trusting(customer_root().certificate)
    return Asking(Question(scene.serve(server(), context), env=env, s_client=s_client))


@case("old-tls")
def tls_1_0_alone(scene):
    """The server speaks only TLS 1.0."""
    old = ssl.TLSVersion.TLSv1
    return under(scene, lenient(minimum_version=old, maximum_version=old))


@case("old-tls")
def tls_1_1_alone(scene):
    """The server speaks only TLS 1.1."""
    old = ssl.TLSVersion.TLSv1_1
    return under(scene, lenient(minimum_version=old, maximum_version=old))


@case(None)
def tls_1_2_alone(scene):
    """The server speaks only TLS 1.2, which is fine."""
    return under(scene, lenient(maximum_version=ssl.TLSVersion.TLSv1_2))


@case(None)
def tls_1_3_alone(scene):
    """The server speaks only TLS 1.3, which is fine except for old clients."""
    return under(scene, lenient(minimum_version=ssl.TLSVersion.TLSv1_3))


@case(None)
def cipher_of_old(scene):
    """The server accepts only TLS 1.2 with CBC, which every client still offers."""
    ciphers = "ECDHE-RSA-AES128-SHA256"
    return under(scene, lenient(maximum_version=ssl.TLSVersion.TLSv1_2, ciphers=ciphers))


@case("old-ciphers", requests=Outcome.FAILED)
def rsa_key_exchange_alone(scene):
    """The server accepts only TLS 1.2 with RSA key exchange, which OpenSSL offers and Python does not."""
    ciphers = "AES128-GCM-SHA256"
    return under(scene, lenient(maximum_version=ssl.TLSVersion.TLSv1_2, ciphers=ciphers))


def mutual(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = lenient(minimum_version=version, maximum_version=version)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@case("client-certificate")
def client_certificate_required(scene):
    """The server requires a client certificate, in TLS 1.3."""
    # The server's word comes after the handshake: s_client is not to leave before.
    return under(scene, mutual(ssl.TLSVersion.TLSv1_3), "-ign_eof")


@case("client-certificate")
def client_certificate_required_in_tls_1_2(scene):
    """The server requires a client certificate, in TLS 1.2."""
    return under(scene, mutual(ssl.TLSVersion.TLSv1_2))


@case("missing-root")
def client_certificate_required_by_a_stranger(scene):
    """The server requires a client certificate, and no store has its root."""
    context = mutual(ssl.TLSVersion.TLSv1_2)
    return Asking(Question(scene.serve(server(), context), env=scene.trusting()))


@case(None)
def client_certificate_welcome(scene):
    """The server asks for a client certificate but works without one."""
    context = lenient()
    context.verify_mode = ssl.CERT_OPTIONAL
    return under(scene, context)


@case("alert")
def host_unknown_to_the_server(scene):
    """The server knows no host with this name (SNI)."""
    context = lenient()
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return under(scene, context)


def only_tls_1_2() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def tampered(scene: Scene, ends: str) -> Asking:
    port = scene.serve(server(), only_tls_1_2())
    between = scene.enter(fakes.listener(fakes.tampers(port, ends)))
    return Asking(Question(between, env=scene.trusting(customer_root().certificate)))


@case("not-proven")
def signature_of_another_key(scene):
    """Someone presents the server's certificate without having its key."""
    return tampered(scene, "bent")


@case("closed")
def reset_behind_the_certificate(scene):
    """The server sends its certificate, and then the connection is reset."""
    return tampered(scene, "reset")
