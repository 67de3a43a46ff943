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


@case("no-starttls")
def database_without_tls(scene):
    """PostgreSQL without TLS."""
    port = scene.enter(fakes.listener(fakes.says(b"N")))
    question = Question(port, env=scene.trusting(), s_client=["-starttls", "postgres"])
    return Asking(question, ["--starttls", "postgres"], ["openssl"])
