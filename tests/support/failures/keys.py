"""What a key may be used for, how it is identified, and algorithms that are too weak."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from support import pki
from support.failures.case import case
from support.failures.scene import Asking, customer, customer_root, key_usage, lenient
from support.real_clients import Question


@case("not-for-servers")
def client_certificate_of_a_server(scene):
    """The server presents a client certificate."""
    of = customer().server(purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    return scene.asks(of, customer_root().certificate)


@case("not-for-servers")
def ca_for_clients(scene):
    """An intermediate whose extendedKeyUsage allows only clients."""
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    odd = customer_root().issue("Example Client CA", more=[usage])
    return scene.asks(odd.server(), customer_root().certificate)


@case("not-for-servers")
def certificate_for_any_purpose(scene):
    """A certificate whose extendedKeyUsage is only "any": OpenSSL requires serverAuth by name."""
    of = customer().server(purpose=ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    return scene.asks(of, customer_root().certificate)


@case("not-for-signing")
def key_for_encryption_alone(scene):
    """A key that may not sign (keyUsage), as in old templates: a JVM refuses it."""
    of = customer().server(more=[key_usage("key_encipherment")])
    return scene.asks(of, customer_root().certificate)


@case("not-for-signing")
def key_for_documents_alone(scene):
    """A key that may sign documents but take no part in a handshake."""
    of = customer().server(more=[key_usage("content_commitment")])
    return scene.asks(of, customer_root().certificate)


@case(None)
def no_key_identifiers(scene):
    """A root and a server without key identifiers, which Python 3.13 refuses."""
    odd = pki.root("Example Plain Root CA", key_identifier=False)
    return scene.asks(odd.server(key_identifier=False), odd.certificate)


@case(None)
def server_without_key_identifiers(scene):
    """The server's certificate does not identify the key that signed it, which Python 3.13 refuses."""
    of = customer().server(key_identifier=False)
    return scene.asks(of, customer_root().certificate)


@case("weak")
def signed_with_sha1(scene):
    """The server's certificate is signed with SHA-1."""
    of = customer().server(sha1=True)
    env = scene.trusting(customer_root().certificate)
    return Asking(Question(scene.serve(of, lenient()), env=env))


@case("weak")
def intermediate_signed_with_sha1(scene):
    """An intermediate is signed with SHA-1."""
    old = customer_root().issue("Example SHA-1 Issuing CA", sha1=True)
    env = scene.trusting(customer_root().certificate)
    return Asking(Question(scene.serve(old.server(), lenient()), env=env))


@case(None)
def root_signed_with_sha1(scene):
    """A trusted root is self-signed with SHA-1, which every client accepts."""
    old = pki.root("Example SHA-1 Root CA", sha1=True)
    return scene.asks(old.issue("Example Issuing CA").server(), old.certificate)


@case("weak")
def rsa_of_1024_bits(scene):
    """The server's key is a 1024-bit RSA key."""
    of = customer().server(key=rsa.generate_private_key(65537, 1024))
    env = scene.trusting(customer_root().certificate)
    return Asking(Question(scene.serve(of, lenient()), env=env))


@case(None)
def key_on_p521(scene):
    """The server's key is on P-521."""
    of = customer().server(key=ec.generate_private_key(ec.SECP521R1()))
    return scene.asks(of, customer_root().certificate)


@case("weak")
def root_of_1024_bits(scene):
    """The trusted root's key is a 1024-bit RSA key: "CA certificate key too weak"."""
    old = pki.root("Example 1024-bit Root CA", bits=1024)
    env = scene.trusting(old.certificate)
    return Asking(Question(scene.serve(old.issue("Example Issuing CA").server(), lenient()), env=env))


@case(None)
def root_without_key_usage(scene):
    """A root without keyUsage, which Python 3.13 refuses."""
    odd = pki.root("Example Plain Root CA", key_usage=False)
    return scene.asks(odd.server(), odd.certificate)


@case(None)
def intermediate_without_key_usage(scene):
    """An intermediate of limited depth without keyUsage, which Python 3.13 refuses."""
    limited = x509.BasicConstraints(ca=True, path_length=0)
    odd = customer_root().issue("Example Issuing CA", key_usage=False, constraints=limited)
    return scene.asks(odd.server(), customer_root().certificate)


@case("cannot-tell")
def key_on_ed25519(scene):
    """The server's key is on Ed25519, which JDK 8 does not have."""
    of = customer().server(key=ed25519.Ed25519PrivateKey.generate())
    return scene.asks(of, customer_root().certificate)
