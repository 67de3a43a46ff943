"""Certificates that have expired or are not valid yet, and clocks that are wrong."""

import datetime

from support import pki
from support.failures.case import case
from support.failures.scene import (
    FAR_OFF,
    LONG_AGO,
    OVER,
    Asking,
    customer,
    customer_root,
    server,
)
from support.real_clients import Question


@case("expired")
def expired_server(scene):
    """The server's certificate has expired."""
    of = customer().server(starts=LONG_AGO, ends=OVER)
    return scene.asks(of, customer_root().certificate)


@case("expired")
def expired_intermediate(scene):
    """An intermediate has expired."""
    old = customer_root().issue("Example Old Issuing CA", starts=LONG_AGO, ends=OVER)
    return scene.asks(old.server(), customer_root().certificate)


@case("expired")
def expired_root(scene):
    """The root has expired, which a JVM ignores."""
    old = pki.root("Example Old Root CA", starts=LONG_AGO, ends=OVER)
    return scene.asks(old.issue("Example Issuing CA").server(), old.certificate)


@case("not-yet-valid")
def not_yet_valid(scene):
    """The server's certificate is not valid yet."""
    of = customer().server(starts=FAR_OFF, ends=FAR_OFF + 365 * pki.DAY)
    return scene.asks(of, customer_root().certificate)


@case("not-yet-valid")
def clock_behind(scene):
    """A certificate issued just now by a machine whose clock is two hours ahead."""
    starts = pki.NOW + datetime.timedelta(hours=2)
    asked = scene.asks(customer().server(starts=starts), customer_root().certificate)
    return Asking(asked.question, hidden={starts.strftime("%Y-%m-%dT%H:%M:%SZ"): "IN-TWO-HOURS"})


@case("not-yet-valid")
def clock_years_behind(scene):
    """A machine whose clock says 2001: no certificate is valid yet."""
    then = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
    asked = scene.asks(server(), customer_root().certificate)
    question = Question(
        asked.question.port,
        env=asked.question.env,
        s_client=["-attime", str(int(then.timestamp()))],
    )
    starts = (pki.NOW - pki.DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    # No other client can be told the time.
    return Asking(question, ["--at", "2001-01-01"], ["openssl"], {starts: "YESTERDAY"})
