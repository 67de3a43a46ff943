"""What a CA may issue: basic constraints, name constraints, critical extensions."""

import ipaddress
from collections.abc import Sequence

from cryptography import x509

from support import pki
from support.failures.case import case
from support.failures.scene import UNKNOWN_CRITICAL, customer, customer_root


@case("not-a-ca")
def issued_by_no_ca(scene):
    """An intermediate that is not a CA."""
    odd = customer_root().issue(
        "Example Printer", constraints=x509.BasicConstraints(ca=False, path_length=None)
    )
    return scene.asks(odd.server(), customer_root().certificate)


@case("not-a-ca")
def root_that_is_no_ca(scene):
    """A self-signed certificate in the stores that is not a CA but signed the server's."""
    odd = pki.root(
        "Example Root Printer", constraints=x509.BasicConstraints(ca=False, path_length=None)
    )
    return scene.asks(odd.server(), odd.certificate)


@case("path-too-long")
def path_too_long(scene):
    """A CA that allows no CA below it, with a CA below it."""
    narrow = customer_root().issue(
        "Example Last CA", constraints=x509.BasicConstraints(ca=True, path_length=0)
    )
    return scene.asks(narrow.issue("Example CA Below").server(), customer_root().certificate)


@case("path-too-long")
def root_that_allows_no_ca(scene):
    """The root allows no CA below it, but there is one. A JVM checks nothing of a trust anchor."""
    root = pki.root("Example Root CA", constraints=x509.BasicConstraints(ca=True, path_length=0))
    return scene.asks(root.issue("Example Issuing CA").server(), root.certificate)


def constrained(*permitted: str, excluded: Sequence[x509.GeneralName] = ()) -> pki.Authority:
    names = [x509.DNSName(name) for name in permitted]
    limits = x509.NameConstraints(names or None, excluded or None)
    return customer_root().issue("Example Constrained CA", more=[limits])


@case("name-constraint")
def name_constraint(scene):
    """A CA that may only issue for other names."""
    of = constrained("example.com").server()
    return scene.asks(of, customer_root().certificate)


@case("name-constraint")
def name_constraint_on_another_name(scene):
    """A CA that may issue for this name but not for another one in the certificate."""
    names = (x509.DNSName("localhost"), x509.DNSName("login.example.com"))
    return scene.asks(
        constrained("localhost").server(names=names), customer_root().certificate
    )


@case("name-constraint")
def name_constraint_by_exclusion(scene):
    """A CA that may issue for all names except those below this one."""
    of = constrained(excluded=[x509.DNSName("localhost")]).server()
    return scene.asks(of, customer_root().certificate)


@case("name-constraint")
def name_constraint_on_an_address(scene):
    """A CA that may issue for this name but not for the address in the certificate."""
    network = x509.IPAddress(ipaddress.ip_network("127.0.0.0/8"))
    of = constrained(excluded=[network]).server()
    return scene.asks(of, customer_root().certificate)


@case("name-constraint")
def name_constraint_on_the_other_kind_of_address(scene):
    """A CA that may issue for IPv6 addresses, and issued for an IPv4 address."""
    limits = x509.NameConstraints([x509.IPAddress(ipaddress.ip_network("fd00::/8"))], None)
    of = customer_root().issue("Example Constrained CA", more=[limits])
    return scene.asks(of.server(), customer_root().certificate)


@case(None)
def name_constraint_kept(scene):
    """A CA that may issue for this name."""
    names = (x509.DNSName("localhost"),)
    of = constrained("localhost", "example.com").server(names=names)
    return scene.asks(of, customer_root().certificate)


@case("name-constraint")
def root_with_a_name_constraint(scene):
    """The root may only issue for other names, which a JVM does not check."""
    constraint = x509.NameConstraints([x509.DNSName("example.com")], None)
    root = pki.root("Example Root CA", more=[constraint])
    return scene.asks(root.issue("Example Issuing CA").server(), root.certificate)


@case("unknown-extension")
def unknown_critical_extension(scene):
    """The server's certificate has a critical extension that no client knows."""
    return scene.asks(customer().server(more=[UNKNOWN_CRITICAL]), customer_root().certificate)


@case("unknown-extension")
def root_with_an_unknown_extension(scene):
    """The root has a critical extension that no client knows; a JVM does not look at it."""
    root = pki.root("Example Root CA", more=[UNKNOWN_CRITICAL])
    return scene.asks(root.issue("Example Issuing CA").server(), root.certificate)


@case(None)
def basic_constraints_not_critical(scene):
    """A root whose basicConstraints is not critical, which Python 3.13 refuses."""
    odd = pki.root("Example Lenient Root CA", critical=False)
    return scene.asks(odd.server(), odd.certificate)


@case("cannot-tell")
def name_constraint_with_a_leading_dot(scene):
    """A CA that may issue below .example.com, as many write it, and JDK 8 does not read it."""
    of = constrained(".example.com").server(
        "Example Server", names=[x509.DNSName("login.example.com")]
    )
    return scene.through_a_proxy(of, customer_root().certificate, host="login.example.com")


@case("unknown-extension")
def must_staple_critical(scene):
    """The server's certificate requires OCSP stapling by a critical extension."""
    staple = x509.TLSFeature([x509.TLSFeatureType.status_request])
    return scene.asks(customer().server(more=[staple]), customer_root().certificate)


@case("not-for-signing")
def ca_as_a_server(scene):
    """The server presents a CA's certificate, which the stores have and whose key may only sign others."""
    names = x509.SubjectAlternativeName(pki.HERE)
    one = pki.root("localhost", more=[names])
    return scene.asks(pki.Server(one.certificate, one.key, one.pem), one.certificate)


@case(None)
def ca_without_key_usage_as_a_server(scene):
    """The server presents a CA's certificate without keyUsage, as `openssl req -x509` makes one."""
    names = x509.SubjectAlternativeName(pki.HERE)
    one = pki.root("localhost", more=[names], key_usage=False)
    return scene.asks(pki.Server(one.certificate, one.key, one.pem), one.certificate)
