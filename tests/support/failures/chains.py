"""The chain that a server sends, and which of its certificates the stores have."""

from support import pki
from support.failures.case import case
from support.failures.scene import between, customer, customer_root, server
from support.real_clients import Outcome


@case(None)
def all_is_well(scene):
    """Every client has the root, and the server sends the intermediate."""
    return scene.asks(server(), customer_root().certificate)


@case("self-signed")
def self_signed_server(scene):
    """The server's certificate is self-signed."""
    return scene.asks(pki.self_signed())


@case(None)
def self_signed_server_in_the_stores(scene):
    """The server's certificate is self-signed, and the stores have it."""
    alone = pki.self_signed()
    return scene.asks(alone, alone.certificate)


@case("untrusted-root")
def self_signed_in_chain(scene):
    """The server sends its root as well, but no store has it."""
    of = server()
    whole = pki.Server(of.certificate, of.key, of.chain + customer_root().pem)
    return scene.asks(whole)


@case("missing-root")
def root_missing(scene):
    """The server sends its intermediate, but no store has the root."""
    return scene.asks(server())


def leaf_alone() -> pki.Server:
    of = server()
    return pki.Server(of.certificate, of.key, of.certificate.pem)


@case("unknown-issuer")
def intermediate_missing(scene):
    """Every store has the root, but the server does not send the intermediate."""
    return scene.asks(leaf_alone(), customer_root().certificate)


@case(None)
def intermediate_in_the_bundle(scene):
    """The server does not send the intermediate, but the stores have it as well as the root."""
    return scene.asks(leaf_alone(), *between(customer()))


@case("intermediate-anchor", curl=Outcome.TRUSTED, strict=Outcome.TRUSTED)
def intermediate_without_its_root(scene):
    """The stores have the intermediate but not the root."""
    return scene.asks(server(), customer().certificate)


@case("missing-root", curl=Outcome.TRUSTED, strict=Outcome.TRUSTED)
def server_certificate_in_the_stores(scene):
    """The stores have the server's own certificate but none of its CAs."""
    return scene.asks(server(), server().certificate)


@case("same-name")
def root_of_the_same_name(scene):
    """The stores have a CA with the root's name and another key: a renewed root, or an impostor."""
    other = pki.root("Example Customer Root CA")
    return scene.asks(server(), other.certificate)


@case(None)
def chain_out_of_order(scene):
    """The server sends its root before its intermediate."""
    of = server()
    mixed = of.certificate.pem + customer_root().pem + customer().pem
    return scene.asks(pki.Server(of.certificate, of.key, mixed), customer_root().certificate)


@case(None)
def root_of_version_1(scene):
    """An X.509 version 1 root, as some old companies have: it cannot state that it is a CA."""
    old = pki.version_1("Example Ancient Root CA")
    return scene.asks(old.issue("Example Issuing CA").server(), old.certificate)


@case("missing-root", java=Outcome.FAILED)
def a_chain_in_circles(scene):
    """The server sends many editions of two CAs that signed each other; a JVM accepts ten."""
    one, other = pki.root("Example One CA"), pki.root("Example Other CA")
    pairs = [(one.vouch_for(other), other.vouch_for(one)) for _ in range(12)]
    circle = b"".join(certificate.pem for pair in pairs for certificate in pair)
    of = one.server()
    return scene.asks(pki.Server(of.certificate, of.key, of.certificate.pem + circle))


@case("intermediate-anchor", curl=Outcome.TRUSTED)
def a_tier_that_the_stores_lack(scene):
    """Three tiers of CAs; the stores have the first and the last, and the server sends the second."""
    root = pki.root("Example Root CA")
    issuing = root.issue("Example Policy CA").issue("Example Issuing CA")
    return scene.asks(issuing.server(), issuing.certificate, root.certificate)
