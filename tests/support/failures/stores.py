"""A customer CA that is in the store of one client and missing from the store of another."""

from pathlib import Path

from support import pki
from support.failures.case import case
from support.failures.scene import Asking, Scene, between, customer, customer_root, server
from support.real_clients import Outcome, Question


def one_without(scene: Scene, *names: str) -> Asking:
    """The customer's server, and clients that trust it but for those of these variables."""
    root = customer_root().certificate
    env = scene.trusting(root)
    without = scene.trusting()
    return Asking(Question(scene.serve(server()), env=env | {n: without[n] for n in names}))


def with_variables(scene: Scene, **variables: str | Path) -> Asking:
    """The customer's server, and clients that trust it but for these variables."""
    env = scene.trusting(customer_root().certificate)
    env |= {name: str(value) for name, value in variables.items()}
    return Asking(Question(scene.serve(server()), env=env))


def hashed(scene: Scene) -> Path:
    """A directory with the customer's root, as `openssl rehash` leaves it."""
    folder = scene.directory / "certificates"
    folder.mkdir()
    (folder / "root.pem").write_bytes(customer_root().pem)
    pki.openssl("rehash", folder)
    return folder


@case("not-in-this-store")
def in_javas_store_alone(scene):
    """Java has the customer's root; OpenSSL and Python do not."""
    return one_without(scene, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@case("not-in-this-store")
def not_in_javas_store(scene):
    """OpenSSL and Python have the customer's root; Java does not."""
    return one_without(scene, "JAVA_TOOL_OPTIONS")


@case("not-in-this-store")
def overridden_on_sparks_command_line(scene):
    """JAVA_TOOL_OPTIONS names the right store, but spark.executor.extraJavaOptions names another."""
    other = scene.java()
    return with_variables(scene, SPARK_JAVA_OPT_1=f"-Djavax.net.ssl.trustStore={other}")


@case("not-in-this-store")
def not_in_requests_bundle(scene):
    """Every client except requests has the customer's root."""
    return one_without(scene, "REQUESTS_CA_BUNDLE")


@case("not-in-this-store")
def in_openssls_directory_alone(scene):
    """SSL_CERT_DIR has the customer's root, which requests and a JVM do not read."""
    env = scene.trusting() | {"SSL_CERT_DIR": str(hashed(scene))}
    return Asking(Question(scene.serve(server()), env=env))


@case("not-in-this-store")
def ssl_cert_file_with_the_customer_alone(scene):
    """SSL_CERT_FILE has only the customer's chain, but the server's certificate comes from another CA."""
    public = pki.root(pki.name("Example Public Root CA", organization="Example Public Trust"))
    env = scene.trusting(public.certificate)
    alone = scene.pem(*between(customer()), public=False)
    return Asking(Question(scene.serve(public.server()), env=env | {"SSL_CERT_FILE": str(alone)}))


@case("not-in-this-store", curl=Outcome.REFUSED)
def root_under_another_hash(scene):
    """SSL_CERT_DIR has the root under a name that OpenSSL does not look for."""
    folder = scene.directory / "misnamed"
    folder.mkdir()
    (folder / "12345678.0").write_bytes(customer_root().pem)
    env = scene.trusting(customer_root().certificate)
    env |= {"SSL_CERT_FILE": str(scene.pem()), "SSL_CERT_DIR": str(folder)}
    return Asking(Question(scene.serve(server()), env=env))
