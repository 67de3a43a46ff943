"""The name that was asked for, and the names in the certificate."""

import ipaddress
from dataclasses import replace

from cryptography import x509

from support.failures.case import case
from support.failures.scene import ELSEWHERE, customer, customer_root
from support.real_clients import Outcome


@case("other-name")
def wrong_host_name(scene):
    """The certificate is for another name."""
    of = customer().server("login.example.com", names=ELSEWHERE)
    return scene.asks(of, customer_root().certificate)


@case("other-name")
def address_instead_of_a_name(scene):
    """The client connects to an address, but the certificate is for a name."""
    of = customer().server(names=[x509.DNSName("localhost")])
    return scene.asks(of, customer_root().certificate, host="127.0.0.1")


@case("other-name")
def star_for_two_labels(scene):
    """A certificate for *.example.com, and a name two labels below it."""
    of = customer().server("*.example.com", names=[x509.DNSName("*.example.com")])
    root = customer_root().certificate
    return scene.through_a_proxy(of, root, host="a.login.example.com")


@case(None)
def star_for_one_label(scene):
    """A certificate for *.example.com, and a name one label below it."""
    of = customer().server("*.example.com", names=[x509.DNSName("*.example.com")])
    return scene.through_a_proxy(of, customer_root().certificate, host="login.example.com")


@case("other-name", openssl=Outcome.TRUSTED)
def star_within_a_label(scene):
    """A certificate for log*.example.com, which OpenSSL and a JVM accept and others do not."""
    of = customer().server("log*.example.com", names=[x509.DNSName("log*.example.com")])
    return scene.through_a_proxy(of, customer_root().certificate, host="login.example.com")


@case("common-name-only")
def common_name_alone(scene):
    """The name is only in the subject; there is no subjectAltName."""
    return scene.asks(customer().server(names=()), customer_root().certificate)


@case("common-name-only")
def common_name_beside_an_address(scene):
    """The name is only in the subject; the subjectAltName has nothing but an address."""
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    return scene.asks(customer().server(names=[address]), customer_root().certificate)


@case("other-name", curl=Outcome.TRUSTED)
def name_with_a_final_dot(scene):
    """The certificate's name ends with a dot, as in DNS."""
    of = customer().server(names=(x509.DNSName("localhost."),), common_name="Example Server")
    return scene.asks(of, customer_root().certificate)


@case("other-name")
def underscore_in_the_name(scene):
    """The name has an underscore, which a JVM does not take for a host name."""
    of = customer().server("Example Server", names=[x509.DNSName("my_db.example.com")])
    return scene.through_a_proxy(of, customer_root().certificate, host="my_db.example.com")


@case("other-name", curl=Outcome.TRUSTED)
def underscore_under_a_star(scene):
    """The name has an underscore where the certificate has an asterisk."""
    of = customer().server("Example Server", names=[x509.DNSName("*.example.com")])
    return scene.through_a_proxy(of, customer_root().certificate, host="my_db.example.com")


@case("other-name")
def star_for_no_label(scene):
    """A certificate for *.example.com, and example.com itself."""
    of = customer().server("*.example.com", names=[x509.DNSName("*.example.com")])
    return scene.through_a_proxy(of, customer_root().certificate, host="example.com")


@case("other-name")
def star_below_the_top(scene):
    """A certificate for *.corp, which OpenSSL finds too wide and a JVM does not."""
    of = customer().server("Example Server", names=[x509.DNSName("*.corp")])
    return scene.through_a_proxy(of, customer_root().certificate, host="login.corp")


@case(None)
def international_name_under_a_star(scene):
    """A name with letters beyond ASCII, in its xn-- form, where the certificate has an asterisk."""
    of = customer().server("Example Server", names=[x509.DNSName("*.example.com")])
    host = "xn--bcher-kva.example.com"
    return scene.through_a_proxy(of, customer_root().certificate, host=host)


@case("other-name")
def final_dot_in_what_was_asked(scene):
    """The host was given with DNS's final dot: curl and urllib3 drop it, OpenSSL and Python do not."""
    of = customer().server("Example Server", names=[x509.DNSName("login.example.com")])
    asked = scene.through_a_proxy(of, customer_root().certificate, host="login.example.com.")
    # "strict" is Python's own ssl here, not requests.
    others = ["openssl", "curl", "java", "java 8", "java 25.0.2", "urllib", "requests"]
    return replace(asked, only=others)


@case("other-name")
def address_as_a_dns_name(scene):
    """The client connects to an address, which the certificate has as a dNSName."""
    of = customer().server("Example Server", names=[x509.DNSName("127.0.0.1")])
    return scene.asks(of, customer_root().certificate, host="127.0.0.1")


@case("common-name-only")
def address_in_the_common_name(scene):
    """The client connects to an address, which is only in the subject."""
    of = customer().server("127.0.0.1", names=())
    return scene.asks(of, customer_root().certificate, host="127.0.0.1")


@case("malformed")
def empty_subject(scene):
    """The subject is empty and the subjectAltName not critical, which a JVM does not read."""
    of = customer().server(x509.Name([]))
    return scene.asks(of, customer_root().certificate)


@case("other-name")
def url_as_a_dns_name(scene):
    """The certificate has a URL where a name belongs."""
    of = customer().server("Example Server", names=[x509.DNSName("https://localhost/")])
    return scene.asks(of, customer_root().certificate)


@case("other-name")
def name_with_a_port(scene):
    """The certificate's name has a port."""
    of = customer().server("Example Server", names=[x509.DNSName("localhost:8443")])
    return scene.asks(of, customer_root().certificate)


@case("other-name")
def name_with_a_space(scene):
    """The certificate's name begins with a space, as a list in a configuration leaves it."""
    of = customer().server("Example Server", names=[x509.DNSName(" localhost")])
    return scene.asks(of, customer_root().certificate)


@case(None)
def good_name_beside_a_url(scene):
    """The certificate has the right name, and a URL where a name belongs."""
    names = [x509.DNSName("https://localhost/"), x509.DNSName("localhost")]
    return scene.asks(customer().server(names=names), customer_root().certificate)
