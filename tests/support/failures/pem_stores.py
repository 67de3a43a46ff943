"""Bundles and directories, named by a variable, that a client cannot read."""

import os
from pathlib import Path

from support.failures.case import case
from support.failures.scene import (
    LONG_AGO,
    NOWHERE,
    OVER,
    Asking,
    customer,
    customer_root,
    key_usage,
)
from support.failures.stores import hashed, with_variables
from support.real_clients import Outcome, Question


@case("broken-store")
def requests_bundle_missing(scene):
    """REQUESTS_CA_BUNDLE names a file that does not exist."""
    return with_variables(scene, REQUESTS_CA_BUNDLE=f"{NOWHERE}/ca.pem")


@case("broken-store")
def requests_bundle_is_a_directory(scene):
    """REQUESTS_CA_BUNDLE names a directory of plain files, but OpenSSL needs hashed names."""
    folder = scene.directory / "certificates"
    folder.mkdir()
    (folder / "root.pem").write_bytes(customer_root().pem)
    return with_variables(scene, REQUESTS_CA_BUNDLE=folder)


@case(None)
def requests_bundle_is_a_hashed_directory(scene):
    """REQUESTS_CA_BUNDLE names a directory made by openssl rehash."""
    return with_variables(scene, REQUESTS_CA_BUNDLE=hashed(scene))


@case("broken-store")
def requests_bundle_of_another_user(scene):
    """REQUESTS_CA_BUNDLE has mode 0600 and belongs to another user."""
    asked = with_variables(scene)
    bundle = Path(asked.question.env["REQUESTS_CA_BUNDLE"])
    own = scene.pem(customer_root().certificate)
    bundle.chmod(0o600)
    prefix = []
    if os.geteuid() == 0:
        os.chown(bundle, 65534, 65534)
        # Still root, and without root's right to read what is not its own.
        prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    else:
        bundle.chmod(0)
    env = dict(asked.question.env) | {"SSL_CERT_FILE": str(own)}
    return Asking(Question(asked.question.port, env=env, prefix=prefix))


@case("broken-store")
def requests_bundle_cut_off(scene):
    """REQUESTS_CA_BUNDLE ends in the middle of a certificate, as after a full disk."""
    bundle = scene.pem(customer_root().certificate)
    bundle.write_bytes(bundle.read_bytes()[:-300])
    return with_variables(scene, REQUESTS_CA_BUNDLE=bundle)


@case("broken-store")
def requests_bundle_of_no_certificate(scene):
    """REQUESTS_CA_BUNDLE is a web page that was downloaded instead of the bundle."""
    page = scene.directory / "ca.pem"
    page.write_text("<html><body>Sign in to download</body></html>\n")
    return with_variables(scene, REQUESTS_CA_BUNDLE=page)


@case("broken-store", curl=Outcome.REFUSED)
def ssl_cert_file_missing(scene):
    """SSL_CERT_FILE names a file that does not exist: curl fails, OpenSSL continues without it."""
    return with_variables(scene, SSL_CERT_FILE=f"{NOWHERE}/ca.pem")


@case("broken-store", curl=Outcome.REFUSED)
def ssl_cert_file_is_a_directory(scene):
    """SSL_CERT_FILE names a directory."""
    return with_variables(scene, SSL_CERT_FILE=scene.directory)


@case("expired", curl=Outcome.REFUSED)
def expired_beside_a_missing_file(scene):
    """SSL_CERT_FILE is missing, but OpenSSL has its directory. The server's certificate has expired."""
    env = scene.trusting(customer_root().certificate)
    env |= {"SSL_CERT_FILE": f"{NOWHERE}/ca.pem", "SSL_CERT_DIR": str(hashed(scene))}
    of = customer().server(starts=LONG_AGO, ends=OVER)
    return Asking(Question(scene.serve(of), env=env))


@case("broken-store")
def broken_store_beside_a_key_that_a_jvm_refuses(scene):
    """The bundle of requests is missing, and a JVM refuses the server's key: only OpenSSL connects."""
    of = customer().server(more=[key_usage("key_encipherment")])
    env = scene.trusting(customer_root().certificate)
    env |= {"REQUESTS_CA_BUNDLE": f"{NOWHERE}/ca.pem"}
    return Asking(Question(scene.serve(of), env=env))
