"""Proxies that intercept TLS, refuse a connection or cannot be reached."""

from support import fakes, pki
from support.failures.case import case
from support.failures.scene import ELSEWHERE, Asking, Scene, customer, customer_root
from support.real_clients import Outcome, Question


@case("intercepted")
def proxy_that_signs_again(scene):
    """A corporate proxy intercepts the connection and signs with its own CA."""
    theirs = pki.root("Example Corporate Proxy CA")
    of = theirs.server("login.example.com", names=ELSEWHERE)
    of = pki.Server(of.certificate, of.key, of.chain + theirs.pem)
    return scene.through_a_proxy(of, host="login.example.com")


@case(None)
def proxy_that_signs_again_and_is_trusted(scene):
    """A corporate proxy signs with its own CA, which the stores have."""
    theirs = pki.root("Example Corporate Proxy CA")
    of = theirs.server("login.example.com", names=ELSEWHERE)
    return scene.through_a_proxy(of, theirs.certificate, host="login.example.com")


@case("intercepted")
def proxy_whose_root_is_not_sent(scene):
    """A proxy signs with its own issuing CA and does not send its root."""
    theirs = pki.root("Example Corporate Root CA").issue("Example TLS Inspection CA")
    return scene.through_a_proxy(
        theirs.server("login.example.com", names=ELSEWHERE),
        customer_root().certificate,
        host="login.example.com",
    )


def proxied(scene: Scene, proxy: int) -> Asking:
    env = scene.trusting() | {"HTTPS_PROXY": f"http://127.0.0.1:{proxy}"}
    return Asking(Question(443, "login.example.com", env, proxy=proxy))


@case("proxy-unreachable")
def proxy_unreachable(scene):
    """HTTPS_PROXY names a port where nothing listens."""
    return proxied(scene, scene.enter(fakes.closed()))


@case("proxy-refused")
def proxy_refuses(scene):
    """The proxy refuses to connect to this host."""
    answer = b"HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 0\r\n\r\n"
    return proxied(scene, scene.enter(fakes.listener(fakes.says(answer))))


@case("proxy-refused")
def proxy_wants_a_password(scene):
    """The proxy requires a user and a password."""
    answer = (
        b"HTTP/1.1 407 Proxy Authentication Required\r\n"
        b'Proxy-Authenticate: Basic realm="example"\r\nContent-Length: 0\r\n\r\n'
    )
    return proxied(scene, scene.enter(fakes.listener(fakes.says(answer))))


@case("proxy-refused")
def proxy_wants_a_ticket(scene):
    """The proxy requires Kerberos or NTLM, which no password in a URL answers."""
    answer = (
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n"
        b"Proxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"
    )
    return proxied(scene, scene.enter(fakes.listener(fakes.says(answer))))


@case("other-name", urllib=Outcome.FAILED)
def network_that_needs_no_proxy(scene):
    """NO_PROXY contains the server's network, and the proxy is down. Only urllib ignores networks."""
    proxy = scene.enter(fakes.closed())
    env = scene.trusting(customer_root().certificate)
    env |= {"HTTPS_PROXY": f"http://127.0.0.1:{proxy}", "NO_PROXY": "10.0.0.0/8,127.0.0.0/8"}
    of = customer().server(names=ELSEWHERE)
    return Asking(Question(scene.serve(of), host="127.0.0.1", env=env))


@case("cannot-tell")
def proxy_script(scene):
    """HTTPS_PROXY names a script (PAC), at a port where nothing listens."""
    env = scene.trusting(customer_root().certificate)
    env |= {"HTTPS_PROXY": f"http://127.0.0.1:{scene.enter(fakes.closed())}/proxy.pac"}
    return Asking(Question(scene.serve(customer().server()), env=env))
