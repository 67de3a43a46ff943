"""TLS versions, ciphers, client certificates, and handshakes that were tampered with."""

import ssl

from support import fakes, other_servers, pki
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


def by_openssl(scene: Scene, *options: str) -> Asking:
    """The customer's server, by `openssl s_server` with these options."""
    port = scene.enter(other_servers.s_server(server(), scene.directory / "server", *options))
    return Asking(Question(port, env=scene.trusting(customer_root().certificate)))


def in_tls_1_2(ciphers: str, *options: str) -> list[str]:
    return ["-tls1_2", "-cipher", f"{ciphers}:@SECLEVEL=0", *options]


@case("no-secure-renegotiation")
def no_secure_renegotiation(scene):
    """The server's hello of TLS 1.2 lacks the extension of RFC 5746, without which OpenSSL 3 goes no further."""
    lacking = {"jdk.tls.server.disableExtensions": "renegotiation_info"}
    port = scene.enter(other_servers.of_jvm(server(), scene.directory / "key.p12", **lacking))
    return Asking(Question(port, env=scene.trusting(customer_root().certificate)))


@case("weak-key-exchange")
def dh_of_1024_bits(scene):
    """The server agrees on keys by Diffie-Hellman of 1024 bits, too few for OpenSSL's security level 2."""
    parameters = scene.directory / "dh.pem"
    parameters.write_bytes(pki.openssl("dhparam", "1024").stdout)
    ciphers = in_tls_1_2("DHE-RSA-AES128-GCM-SHA256", "-dhparam", str(parameters))
    return by_openssl(scene, *ciphers)


@case(None)
def dhe_alone(scene):
    """The server accepts only DHE with AES-GCM, with parameters of 2048 bits, which every client offers."""
    return by_openssl(scene, *in_tls_1_2("DHE-RSA-AES128-GCM-SHA256"))


@case("old-ciphers")
def dhe_with_chacha20_alone(scene):
    """The server accepts only DHE with ChaCha20, which JDK 8 and Python's own list lack."""
    return by_openssl(scene, *in_tls_1_2("DHE-RSA-CHACHA20-POLY1305"))


@case("old-ciphers")
def sha1_mac_alone(scene):
    """The server accepts only ECDHE with a SHA-1 MAC, which Python's own list lacks."""
    return by_openssl(scene, *in_tls_1_2("ECDHE-RSA-AES128-SHA"))


@case("old-ciphers")
def chacha20_alone(scene):
    """The server accepts only TLS 1.3 with ChaCha20, which JDK 8 does not have."""
    return by_openssl(scene, "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")


@case(None)
def chacha20_preferred(scene):
    """The server prefers ChaCha20 and accepts AES as well."""
    suites = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
    return by_openssl(scene, "-tls1_3", "-serverpref", "-ciphersuites", suites)


@case("weak-key-exchange")
def handshake_signed_with_sha1(scene):
    """The server signs its part of the keys with SHA-1 alone."""
    return by_openssl(
        scene, *in_tls_1_2("ECDHE-RSA-AES128-GCM-SHA256", "-sigalgs", "RSA+SHA1")
    )


# Whoever can tell doctor's verdict from theirs: doctor has none.
EVERYONE = dict.fromkeys(("openssl", "curl", "urllib", "requests", "java"), Outcome.TRUSTED)


@case("handshake", **EVERYONE)
def tls_1_3_with_x448_alone(scene):
    """The server accepts only TLS 1.3 with x448, which clients know and doctor does not."""
    asked = by_openssl(scene, "-tls1_3", "-groups", "X448")
    # JDK 8 does not.
    others = ["openssl", "curl", "java", "java 25.0.2", "urllib", "requests", "strict"]
    return Asking(asked.question, only=others)


@case("alert")
def no_group_in_common(scene):
    """The server accepts only a curve that no client offers."""
    ciphers = in_tls_1_2("ECDHE-RSA-AES128-GCM-SHA256", "-groups", "brainpoolP256r1")
    return by_openssl(scene, *ciphers)
