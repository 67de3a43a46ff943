"""A javax.net.ssl.trustStore that a JVM cannot read, or reads as empty."""

from support import pki
from support.failures.case import case
from support.failures.scene import NOWHERE, customer_root, trust_store
from support.failures.stores import with_variables


@case("broken-store")
def trust_store_missing(scene):
    """The trustStore does not exist, and a JVM silently uses its own."""
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(f"{NOWHERE}/truststore.p12"))


@case("broken-store")
def trust_store_without_its_password(scene):
    """The trustStore is encrypted, and no password is given."""
    store = scene.java(customer_root().certificate, password="changeit")
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(store))


@case("broken-store")
def trust_store_with_a_wrong_password(scene):
    """The trustStore is encrypted with another password."""
    store = scene.java(customer_root().certificate, password="changeit")
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(store, "notthatone"))


@case(None)
def trust_store_with_its_password(scene):
    """The trustStore is encrypted in a form that Java 8 can read, and its password is given."""
    store = scene.java(customer_root().certificate, password="changeit")
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(store, "changeit"))


@case("broken-store")
def trust_store_with_a_password_too_many(scene):
    """The trustStore has neither encryption nor MAC, but a password is given: a JVM refuses it."""
    store = scene.java(customer_root().certificate)
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(store, "changeit"))


@case("broken-store")
def trust_store_without_anchors(scene):
    """The trustStore was made by openssl pkcs12, without the attribute that marks trust for Java."""
    store = scene.directory / "truststore.p12"
    given = ["-nokeys", "-passout", "pass:changeit", "-in", scene.pem(customer_root().certificate)]
    pki.openssl("pkcs12", "-export", *given, "-out", store)
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(store, "changeit"))


@case("broken-store")
def trust_store_is_pem(scene):
    """The trustStore is a PEM file."""
    bundle = scene.pem(customer_root().certificate)
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(bundle))


@case("broken-store")
def trust_store_missing_with_a_password(scene):
    """The trustStore does not exist, and a JVM tries its password on its own cacerts."""
    options = trust_store(f"{NOWHERE}/truststore.p12", password="example")
    return with_variables(scene, JAVA_TOOL_OPTIONS=options)


@case("broken-store")
def trust_store_that_is_none(scene):
    """trustStore=NONE, as for a hardware token, but there is no token."""
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store("NONE"))
