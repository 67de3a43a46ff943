"""Ports that speak another protocol, hang up, or never answer."""

from support import fakes
from support.failures.case import case
from support.failures.scene import Asking, Scene
from support.real_clients import Question


def port_of(scene: Scene, listener, *options: str) -> Asking:
    return Asking(Question(scene.enter(listener), env=scene.trusting()), options)


@case("not-tls")
def plain_http(scene):
    """The port speaks HTTP without TLS."""
    answer = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    return port_of(scene, fakes.listener(fakes.says(answer)))


@case("not-tls")
def ssh(scene):
    """The port speaks SSH."""
    return port_of(scene, fakes.listener(fakes.says(b"SSH-2.0-OpenSSH_9.2\r\n", first=True)))


@case("closed")
def hangs_up(scene):
    """The server hangs up as soon as a client speaks."""
    return port_of(scene, fakes.listener(fakes.says(b"")))


@case("refused")
def connection_refused(scene):
    """Nothing listens on the port."""
    return port_of(scene, fakes.closed())


@case("silent")
def silent_port(scene):
    """A port that accepts connections but never sends anything."""
    return port_of(scene, fakes.silent(), "--timeout", "2")


@case("silent")
def half_a_word(scene):
    """A server that sends the header of a record, and then nothing."""
    return port_of(scene, fakes.listener(fakes.stalls(b"\x16\x03\x03")), "--timeout", "2")


@case("silent")
def a_byte_at_a_time(scene):
    """A server that sends a record byte by byte and never completes it."""
    record = b"\x16\x03\x03\x3f\xff\x02"
    return port_of(scene, fakes.listener(fakes.drips(record)), "--timeout", "2")


@case("no-such-name")
def no_such_name(scene):
    """A name that does not resolve (RFC 6761)."""
    return Asking(Question(443, "login.example.invalid", scene.trusting()))


@case("not-tls")
def mail_server_without_starttls(scene):
    """The client speaks TLS from the start to a mail server that expects STARTTLS."""
    return port_of(scene, fakes.listener(fakes.says(b"220 mail.example.com ESMTP\r\n", first=True)))
