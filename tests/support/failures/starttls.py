"""Protocols that begin in plain text and switch to TLS."""

from collections.abc import Mapping

from support import fakes
from support.failures.case import case
from support.failures.scene import Asking, Scene, customer_root, server
from support.real_clients import Question


def before_tls(scene: Scene, protocol: str, env: Mapping[str, str]) -> Asking:
    talks = scene.serve(server(), before=fakes.STARTTLS[protocol])
    question = Question(
        talks,
        env=env,
        s_client=["-starttls", protocol],
        plain_port=scene.serve(server()),
    )
    return Asking(question, ["--starttls", protocol])


@case("missing-root")
def starttls_of_postgres(scene):
    """PostgreSQL, whose root no store has."""
    return before_tls(scene, "postgres", scene.trusting())


@case("missing-root")
def starttls_of_smtp(scene):
    """A mail server, whose root no store has."""
    return before_tls(scene, "smtp", scene.trusting())


@case("missing-root")
def starttls_of_ldap(scene):
    """An LDAP directory, whose root no store has."""
    return before_tls(scene, "ldap", scene.trusting())


@case("missing-root")
def starttls_of_mysql(scene):
    """MySQL, whose root no store has."""
    return before_tls(scene, "mysql", scene.trusting())


@case(None)
def starttls_and_all_is_well(scene):
    """PostgreSQL, whose root every store has."""
    return before_tls(scene, "postgres", scene.trusting(customer_root().certificate))


def without_tls(scene: Scene, protocol: str, listener) -> Asking:
    """Such a server, which refuses to start TLS: no client of HTTPS can be asked."""
    port = scene.enter(listener)
    question = Question(port, env=scene.trusting(), s_client=["-starttls", protocol])
    return Asking(question, ["--starttls", protocol], ["openssl"])


@case("no-starttls")
def database_without_tls(scene):
    """PostgreSQL without TLS."""
    return without_tls(scene, "postgres", fakes.listener(fakes.says(b"N")))


@case("no-starttls")
def mysql_without_tls(scene):
    """MySQL whose greeting lacks CLIENT_SSL."""
    greeting = fakes.mysql_greeting(tls=False)
    return without_tls(scene, "mysql", fakes.listener(fakes.says(greeting, first=True)))


@case("no-starttls")
def mysql_that_refuses_the_host(scene):
    """MySQL that sends an error in place of its greeting."""
    error = b"\xff" + (1130).to_bytes(2, "little") + b"Host '10.0.0.1' is not allowed to connect"
    packet = len(error).to_bytes(3, "little") + b"\0" + error
    return without_tls(scene, "mysql", fakes.listener(fakes.says(packet, first=True)))


@case("no-starttls")
def ldap_without_tls(scene):
    """An LDAP directory that answers StartTLS with protocolError."""
    # extendedResp: protocolError, no matchedDN, a diagnosticMessage
    answer = bytes.fromhex("301a02010178150a01020400040e") + b"unsupported op"
    return without_tls(scene, "ldap", fakes.listener(fakes.says(answer)))


@case("no-starttls")
def mail_server_where_a_database_was_named(scene):
    """--starttls mysql to a mail server."""
    greeting = fakes.says(b"220 mail.example.com ESMTP\r\n", first=True)
    return without_tls(scene, "mysql", fakes.listener(greeting))
