"""The catalogue of what goes wrong between a client and a server: each a real server or a real
environment, with the cause that doctor has to find.
"""

import contextlib
import datetime
import functools
import ipaddress
import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from support import environment, fakes, pki, tls_server
from support.real_clients import Outcome, Question

LONG_AGO = datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC)
OVER = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
FAR_OFF = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)
ELSEWHERE = (x509.DNSName("login.example.com"),)
NOWHERE = "/nonexistent/example"


@dataclass(frozen=True)
class Case:
    """One way to fail; its story is the reader's, and stands in the golden."""

    name: str
    story: str
    # The code of the cause; None where every client trusts the server.
    cause: str | None
    make: Callable[["Scene"], "Asking"]
    # Clients that part from what doctor says of `openssl` and `python`, as is documented.
    apart: Mapping[str, Outcome]


@dataclass(frozen=True)
class Asking:
    """What is asked of doctor, and of the real clients."""

    question: Question
    options: Sequence[str] = ()
    # The real clients that can be brought into this at all; None is all of them.
    only: Sequence[str] | None = None
    # Of this run alone, and so not in a golden: text, and what stands there for it.
    hidden: Mapping[str, str] = field(default_factory=dict)


CASES: list[Case] = []


def case(cause: str | None, **apart: Outcome) -> Callable:
    def put(make: Callable[["Scene"], Asking]) -> Callable[["Scene"], Asking]:
        name = make.__name__.replace("_", "-")
        CASES.append(Case(name, make.__doc__ or "", cause, make, apart))
        return make

    return put


@functools.cache
def customer() -> pki.Authority:
    """The issuing CA of a customer, and the root above."""
    return pki.root("Example Customer Root CA").issue("Example Customer Issuing CA")


def customer_root() -> pki.Authority:
    return customer().above[0]


@functools.cache
def server() -> pki.Server:
    """An ordinary server of the customer."""
    return customer().server()


@functools.cache
def _public() -> tuple[bytes, tuple[pki.Certificate, ...]]:
    """The public roots, as PEM and each."""
    content = Path(certifi.where()).read_bytes()
    parsed = x509.load_pem_x509_certificates(content)
    encoding = serialization.Encoding.DER
    return content, tuple(pki.Certificate(one.public_bytes(encoding)) for one in parsed)


@dataclass
class Scene:
    """Where a case puts its files and its servers, for as long as the test runs."""

    directory: Path
    stack: contextlib.ExitStack

    def _new(self, suffix: str) -> Path:
        number = sum(1 for _ in self.directory.iterdir())
        return self.directory / f"{number}{suffix}"

    def pem(self, *extra: pki.Certificate, public: bool = True) -> Path:
        """A bundle of the public roots and these."""
        file = self._new(".pem")
        file.write_bytes((_public()[0] if public else b"") + b"".join(one.pem for one in extra))
        return file

    def java(self, *extra: pki.Certificate, password: str | None = None) -> Path:
        """A truststore of the public roots and these."""
        held = [*_public()[1], *extra]
        named = [
            pkcs12.PKCS12Certificate(one.parsed, str(number).encode())
            for number, one in enumerate(held)
        ]
        protection = serialization.NoEncryption()
        if password:
            protection = serialization.BestAvailableEncryption(password.encode())
        file = self._new(".p12")
        file.write_bytes(pkcs12.serialize_java_truststore(named, protection))
        return file

    def trusting(self, *extra: pki.Certificate) -> dict[str, str]:
        """An environment in which every client trusts the public roots and these."""
        bundle = self.pem(*extra)
        return environment.clean(
            SSL_CERT_FILE=bundle,
            REQUESTS_CA_BUNDLE=bundle,
            JAVA_TOOL_OPTIONS=trust_store(self.java(*extra)),
        )

    def serve(self, of: pki.Server, context: ssl.SSLContext | None = None, **options) -> int:
        """Serves it; its port."""
        files = of.write(self._new(".server"))
        return self.stack.enter_context(tls_server.serve(*files, context, **options)).port

    def enter(self, listener: contextlib.AbstractContextManager[int]) -> int:
        return self.stack.enter_context(listener)

    def asks(self, of: pki.Server, *trusted: pki.Certificate, host: str = "localhost") -> Asking:
        """This server, by clients who trust these."""
        return Asking(Question(self.serve(of), host, self.trusting(*trusted)))

    def through_a_proxy(self, of: pki.Server, *trusted: pki.Certificate, host: str) -> Asking:
        """Some host of the wide world, behind a proxy that leads every name to this server."""
        proxy = self.enter(fakes.listener(fakes.tunnels(self.serve(of))))
        env = self.trusting(*trusted) | {"HTTPS_PROXY": f"http://127.0.0.1:{proxy}"}
        return Asking(Question(443, host, env, proxy=proxy))


def trust_store(file: Path | str, password: str | None = None) -> str:
    """The JVM's options for it."""
    options = f"-Djavax.net.ssl.trustStore={file}"
    return f"{options} -Djavax.net.ssl.trustStorePassword={password}" if password else options


def lenient(**settings) -> ssl.SSLContext:
    """A server that takes what OpenSSL would not by itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(settings.pop("ciphers", "ALL:@SECLEVEL=0"))
    for name, value in settings.items():
        setattr(context, name, value)
    return context


def between(issuing: pki.Authority) -> list[pki.Certificate]:
    return [one.certificate for one in (issuing, *issuing.above)]


# --- The chain and the stores


@case(None)
def all_is_well(scene):
    """Every client has the root, and the server sends the intermediate."""
    return scene.asks(server(), customer_root().certificate)


@case("self-signed")
def self_signed_server(scene):
    """The server's certificate signed itself."""
    return scene.asks(pki.self_signed())


@case(None)
def self_signed_server_in_the_stores(scene):
    """The server's certificate signed itself, and stands in the stores."""
    alone = pki.self_signed()
    return scene.asks(alone, alone.certificate)


@case("untrusted-root")
def self_signed_in_chain(scene):
    """The server sends its root as well, and nobody has that."""
    of = server()
    whole = pki.Server(of.certificate, of.key, of.chain + customer_root().pem)
    return scene.asks(whole)


@case("missing-root")
def root_missing(scene):
    """The server sends its intermediate, and nobody has the root."""
    return scene.asks(server())


def leaf_alone() -> pki.Server:
    of = server()
    return pki.Server(of.certificate, of.key, of.certificate.pem)


@case("missing-intermediate")
def intermediate_missing(scene):
    """Everybody has the root; the server does not send the intermediate."""
    return scene.asks(leaf_alone(), customer_root().certificate)


@case(None)
def intermediate_in_the_bundle(scene):
    """The server does not send the intermediate, which the stores have, and the root."""
    return scene.asks(leaf_alone(), *between(customer()))


@case("intermediate-anchor", curl=Outcome.TRUSTED, strict=Outcome.TRUSTED)
def intermediate_without_its_root(scene):
    """The stores have the intermediate, and not the root."""
    return scene.asks(server(), customer().certificate)


@case("missing-root", curl=Outcome.TRUSTED, strict=Outcome.TRUSTED)
def server_certificate_in_the_stores(scene):
    """The stores have the server's own certificate, and no CA of it."""
    return scene.asks(server(), server().certificate)


@case("same-name")
def root_of_the_same_name(scene):
    """The stores have a CA of the root's name with another key: one renewed, or an impostor."""
    other = pki.root("Example Customer Root CA")
    return scene.asks(server(), other.certificate)


@case(None)
def chain_out_of_order(scene):
    """The server sends its root before its intermediate."""
    of = server()
    mixed = of.certificate.pem + customer_root().pem + customer().pem
    return scene.asks(pki.Server(of.certificate, of.key, mixed), customer_root().certificate)


@functools.cache
def _cross() -> tuple[pki.Authority, pki.Authority, pki.Server]:
    """A new root, the old one that signed it as well, and a server that sends that."""
    old = pki.root("Example Old Root CA", starts=LONG_AGO, ends=OVER)
    new = pki.root("Example New Root CA")
    of = new.issue("Example New Issuing CA").server()
    crossed = old.vouch_for(new, ends=OVER, starts=LONG_AGO)
    return old, new, pki.Server(of.certificate, of.key, of.chain + crossed.pem)


@case(None)
def cross_signed_by_an_expired_root(scene):
    """The server sends an expired cross-signature too; the stores have the new root."""
    _, new, of = _cross()
    return scene.asks(of, new.certificate)


@case(None)
def an_expired_root_beside_the_new_one(scene):
    """The stores have the old root and its cross-signature, both expired, and the new root."""
    old, new, of = _cross()
    return scene.asks(of, old.certificate, new.certificate)


@case(None)
def renewed_root_beside_its_expired_self(scene):
    """The stores have two editions of one root, of one key; the first has expired."""
    new = customer_root()
    key = new.key.public_key()
    old = pki.Certificate(
        x509.CertificateBuilder()
        .subject_name(new.certificate.parsed.subject)
        .issuer_name(new.certificate.parsed.subject)
        .public_key(key)
        .serial_number(1)
        .not_valid_before(LONG_AGO)
        .not_valid_after(OVER)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .sign(new.key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    return scene.asks(server(), old, new.certificate)


@functools.cache
def _renewed() -> tuple[pki.Certificate, pki.Server]:
    """An intermediate that has expired, and a server that sends its next edition, of one key."""
    issuing = customer_root().issue("Example Renewed Issuing CA")
    return customer_root().vouch_for(issuing, starts=LONG_AGO, ends=OVER), issuing.server()


@case("expired")
def renewed_intermediate_expired_in_the_stores(scene):
    """The stores have the root and an expired intermediate; the server sends the renewed one."""
    old, of = _renewed()
    return scene.asks(of, old, customer_root().certificate)


@case(None)
def renewed_intermediate_expired_on_the_server(scene):
    """The server sends an expired intermediate; the stores have the renewed one, and the root."""
    old, of = _renewed()
    new = pki.Certificate(
        x509.load_pem_x509_certificates(of.chain)[1].public_bytes(serialization.Encoding.DER)
    )
    sends = pki.Server(of.certificate, of.key, of.certificate.pem + old.pem)
    return scene.asks(sends, new, customer_root().certificate)


@case(None)
def root_of_version_1(scene):
    """A root of X.509 version 1, as the oldest of companies have: it cannot say that it is a CA."""
    old = pki.version_1("Example Ancient Root CA")
    return scene.asks(old.issue("Example Issuing CA").server(), old.certificate)


@case("missing-root", java=Outcome.FAILED)
def a_chain_in_circles(scene):
    """The server sends two CAs that signed each other, in many editions; a JVM takes ten."""
    one, other = pki.root("Example One CA"), pki.root("Example Other CA")
    pairs = [(one.vouch_for(other), other.vouch_for(one)) for _ in range(12)]
    circle = b"".join(certificate.pem for pair in pairs for certificate in pair)
    of = one.server()
    return scene.asks(pki.Server(of.certificate, of.key, of.certificate.pem + circle))


# --- Names


@case("other-name")
def wrong_host_name(scene):
    """The certificate is for another name."""
    of = customer().server("login.example.com", names=ELSEWHERE)
    return scene.asks(of, customer_root().certificate)


@case("other-name")
def address_instead_of_a_name(scene):
    """Asked by its address, and the certificate is for its name."""
    of = customer().server(names=[x509.DNSName("localhost")])
    return scene.asks(of, customer_root().certificate, host="127.0.0.1")


@case("other-name")
def star_for_two_labels(scene):
    """A certificate for *.example.com, and a name two labels below."""
    of = customer().server("*.example.com", names=[x509.DNSName("*.example.com")])
    root = customer_root().certificate
    return scene.through_a_proxy(of, root, host="a.login.example.com")


@case(None)
def star_for_one_label(scene):
    """A certificate for *.example.com, and a name one label below."""
    of = customer().server("*.example.com", names=[x509.DNSName("*.example.com")])
    return scene.through_a_proxy(of, customer_root().certificate, host="login.example.com")


@case("other-name", openssl=Outcome.TRUSTED)
def star_within_a_label(scene):
    """A certificate for log*.example.com, as OpenSSL and a JVM take it, and others do not."""
    of = customer().server("log*.example.com", names=[x509.DNSName("log*.example.com")])
    return scene.through_a_proxy(of, customer_root().certificate, host="login.example.com")


@case("common-name-only")
def common_name_alone(scene):
    """The name stands in the subject alone; there is no subjectAltName."""
    return scene.asks(customer().server(names=()), customer_root().certificate)


@case("common-name-only", curl=Outcome.REFUSED)
def common_name_beside_an_address(scene):
    """The name stands in the subject; the subjectAltName has an address alone."""
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    return scene.asks(customer().server(names=[address]), customer_root().certificate)


# --- Time


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
    """The root has expired; a JVM does not mind."""
    old = pki.root("Example Old Root CA", starts=LONG_AGO, ends=OVER)
    return scene.asks(old.issue("Example Issuing CA").server(), old.certificate)


@case("not-yet-valid")
def not_yet_valid(scene):
    """The server's certificate is of the future."""
    of = customer().server(starts=FAR_OFF, ends=FAR_OFF + 365 * pki.DAY)
    return scene.asks(of, customer_root().certificate)


@case("not-yet-valid")
def clock_behind(scene):
    """A certificate issued just now, by a clock two hours ahead of this machine's."""
    starts = pki.NOW + datetime.timedelta(hours=2)
    asked = scene.asks(customer().server(starts=starts), customer_root().certificate)
    return Asking(asked.question, hidden={starts.strftime("%Y-%m-%dT%H:%M:%SZ"): "IN-TWO-HOURS"})


@case("not-yet-valid")
def clock_years_behind(scene):
    """A machine that wakes up in 2001: no certificate is valid yet."""
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


# --- What a certificate may do, and what it is made of


@case("not-a-ca")
def issued_by_no_ca(scene):
    """An intermediate that is no CA."""
    odd = customer_root().issue(
        "Example Printer", constraints=x509.BasicConstraints(ca=False, path_length=None)
    )
    return scene.asks(odd.server(), customer_root().certificate)


@case("path-too-long")
def path_too_long(scene):
    """A CA that allows none below it, and one below it."""
    narrow = customer_root().issue(
        "Example Last CA", constraints=x509.BasicConstraints(ca=True, path_length=0)
    )
    return scene.asks(narrow.issue("Example CA Below").server(), customer_root().certificate)


@case("not-for-servers")
def client_certificate_of_a_server(scene):
    """The server presents a certificate for clients."""
    of = customer().server(purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    return scene.asks(of, customer_root().certificate)


@case("not-for-servers")
def ca_for_clients(scene):
    """An intermediate whose extendedKeyUsage has clients alone."""
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    odd = customer_root().issue("Example Client CA", more=[usage])
    return scene.asks(odd.server(), customer_root().certificate)


@case("not-for-signing")
def key_for_encryption_alone(scene):
    """A key that may not sign (keyUsage), as old templates have it: a JVM minds."""
    names = "digital_signature content_commitment data_encipherment key_agreement key_cert_sign"
    usage = dict.fromkeys([*names.split(), "crl_sign", "encipher_only", "decipher_only"], False)
    of = customer().server(more=[x509.KeyUsage(key_encipherment=True, **usage)])
    return scene.asks(of, customer_root().certificate)


@case("unknown-extension")
def unknown_critical_extension(scene):
    """The server's certificate has a critical extension that nobody knows."""
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.1"), b"\x05\0")
    return scene.asks(customer().server(more=[odd]), customer_root().certificate)


def constrained(*permitted: str, excluded: Sequence[x509.GeneralName] = ()) -> pki.Authority:
    names = [x509.DNSName(name) for name in permitted]
    limits = x509.NameConstraints(names or None, excluded or None)
    return customer_root().issue("Example Constrained CA", more=[limits])


@case("name-constraint")
def name_constraint(scene):
    """A CA that may vouch for other names alone."""
    of = constrained("example.com").server()
    return scene.asks(of, customer_root().certificate)


@case("name-constraint")
def name_constraint_on_another_name(scene):
    """A CA that may vouch for this name, and not for another one of the certificate."""
    names = (x509.DNSName("localhost"), x509.DNSName("login.example.com"))
    return scene.asks(
        constrained("localhost").server(names=names), customer_root().certificate
    )


@case("name-constraint")
def name_constraint_by_exclusion(scene):
    """A CA that may vouch for all names but those below this one."""
    of = constrained(excluded=[x509.DNSName("localhost")]).server()
    return scene.asks(of, customer_root().certificate)


@case("name-constraint")
def name_constraint_on_an_address(scene):
    """A CA that may vouch for this name, and not for the address in the certificate."""
    network = x509.IPAddress(ipaddress.ip_network("127.0.0.0/8"))
    of = constrained(excluded=[network]).server()
    return scene.asks(of, customer_root().certificate)


@case(None)
def name_constraint_kept(scene):
    """A CA that may vouch for this name."""
    names = (x509.DNSName("localhost"),)
    of = constrained("localhost", "example.com").server(names=names)
    return scene.asks(of, customer_root().certificate)


@case(None)
def basic_constraints_not_critical(scene):
    """A root whose basicConstraints is not critical, which Python 3.13 minds."""
    odd = pki.root("Example Lenient Root CA", critical=False)
    return scene.asks(odd.server(), odd.certificate)


@case(None)
def no_key_identifiers(scene):
    """A root and a server without key identifiers, which Python 3.13 minds."""
    odd = pki.root("Example Plain Root CA", key_identifier=False)
    return scene.asks(odd.server(key_identifier=False), odd.certificate)


@case("weak")
def signed_with_sha1(scene):
    """The server's certificate is signed with SHA-1."""
    of = customer().server(sha1=True)
    env = scene.trusting(customer_root().certificate)
    return Asking(Question(scene.serve(of, lenient()), env=env))


@case("weak")
def intermediate_signed_with_sha1(scene):
    """An intermediate is signed with SHA-1."""
    old = customer_root().issue("Example SHA-1 Issuing CA", sha1=True)
    env = scene.trusting(customer_root().certificate)
    return Asking(Question(scene.serve(old.server(), lenient()), env=env))


@case("weak")
def rsa_of_1024_bits(scene):
    """The server's key is RSA of 1024 bits."""
    of = customer().server(key=rsa.generate_private_key(65537, 1024))
    env = scene.trusting(customer_root().certificate)
    return Asking(Question(scene.serve(of, lenient()), env=env))


@case(None)
def root_signed_with_sha1(scene):
    """A trusted root is signed with SHA-1, by itself: nobody minds."""
    old = pki.root("Example SHA-1 Root CA", sha1=True)
    return scene.asks(old.issue("Example Issuing CA").server(), old.certificate)


# --- The stores of one client


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


@case("not-in-this-store")
def in_javas_store_alone(scene):
    """Java has the customer's root, and neither OpenSSL nor Python has."""
    return one_without(scene, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@case("not-in-this-store")
def not_in_javas_store(scene):
    """OpenSSL and Python have the customer's root, and Java has not."""
    return one_without(scene, "JAVA_TOOL_OPTIONS")


@case("not-in-this-store")
def overridden_on_sparks_command_line(scene):
    """JAVA_TOOL_OPTIONS names the right store, and spark.executor.extraJavaOptions another."""
    other = scene.java()
    return with_variables(scene, SPARK_JAVA_OPT_1=f"-Djavax.net.ssl.trustStore={other}")


@case("not-in-this-store")
def not_in_requests_bundle(scene):
    """All have the customer's root but requests."""
    return one_without(scene, "REQUESTS_CA_BUNDLE")


@case("broken-store")
def requests_bundle_missing(scene):
    """REQUESTS_CA_BUNDLE names a file that is not there."""
    return with_variables(scene, REQUESTS_CA_BUNDLE=f"{NOWHERE}/ca.pem")


@case("broken-store")
def requests_bundle_is_a_directory(scene):
    """REQUESTS_CA_BUNDLE names a directory of plain files, where OpenSSL wants hashed names."""
    folder = scene.directory / "certificates"
    folder.mkdir()
    (folder / "root.pem").write_bytes(customer_root().pem)
    return with_variables(scene, REQUESTS_CA_BUNDLE=folder)


@case(None)
def requests_bundle_is_a_hashed_directory(scene):
    """REQUESTS_CA_BUNDLE names a directory that openssl rehash has been over."""
    return with_variables(scene, REQUESTS_CA_BUNDLE=hashed(scene))


@case("broken-store")
def requests_bundle_of_another_user(scene):
    """REQUESTS_CA_BUNDLE is of mode 0600 and another user's."""
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
    """REQUESTS_CA_BUNDLE is a web page that a download got instead."""
    page = scene.directory / "ca.pem"
    page.write_text("<html><body>Sign in to download</body></html>\n")
    return with_variables(scene, REQUESTS_CA_BUNDLE=page)


def hashed(scene: Scene) -> Path:
    """A directory with the customer's root, as `openssl rehash` leaves it."""
    folder = scene.directory / "certificates"
    folder.mkdir()
    (folder / "root.pem").write_bytes(customer_root().pem)
    pki.openssl("rehash", folder)
    return folder


@case("not-in-this-store")
def in_openssls_directory_alone(scene):
    """SSL_CERT_DIR has the customer's root, which requests and a JVM do not read."""
    env = scene.trusting() | {"SSL_CERT_DIR": str(hashed(scene))}
    return Asking(Question(scene.serve(server()), env=env))


@case("broken-store", curl=Outcome.REFUSED)
def ssl_cert_file_missing(scene):
    """SSL_CERT_FILE names a file that is not there: curl fails, OpenSSL goes on without."""
    return with_variables(scene, SSL_CERT_FILE=f"{NOWHERE}/ca.pem")


@case("broken-store", curl=Outcome.REFUSED)
def ssl_cert_file_is_a_directory(scene):
    """SSL_CERT_FILE names a directory."""
    return with_variables(scene, SSL_CERT_FILE=scene.directory)


@case("not-in-this-store")
def ssl_cert_file_with_the_customer_alone(scene):
    """SSL_CERT_FILE has the customer's chain alone, and the server is another CA's."""
    public = pki.root(pki.name("Example Public Root CA", organization="Example Public Trust"))
    env = scene.trusting(public.certificate)
    alone = scene.pem(*between(customer()), public=False)
    return Asking(Question(scene.serve(public.server()), env=env | {"SSL_CERT_FILE": str(alone)}))


@case("broken-store")
def trust_store_missing(scene):
    """The trustStore is not there: a JVM goes on with its own."""
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
    """The trustStore is encrypted, and its password given; as Java 8 can read it."""
    store = scene.java(customer_root().certificate, password="changeit")
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(store, "changeit"))


@case("broken-store")
def trust_store_with_a_password_too_many(scene):
    """The trustStore has neither encryption nor MAC, and a password is given: a JVM minds."""
    store = scene.java(customer_root().certificate)
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(store, "changeit"))


@case("broken-store")
def trust_store_without_anchors(scene):
    """The trustStore was made by openssl pkcs12, without Java's mark of trust."""
    store = scene.directory / "truststore.p12"
    given = ["-nokeys", "-passout", "pass:changeit", "-in", scene.pem(customer_root().certificate)]
    pki.openssl("pkcs12", "-export", *given, "-out", store)
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(store, "changeit"))


@case("broken-store")
def trust_store_is_pem(scene):
    """The trustStore is a PEM file."""
    bundle = scene.pem(customer_root().certificate)
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store(bundle))


# --- The way there


@case("intercepted")
def proxy_that_signs_again(scene):
    """A corporate proxy opens the connection, and signs with a CA of its own."""
    theirs = pki.root("Example Corporate Proxy CA")
    of = theirs.server("login.example.com", names=ELSEWHERE)
    of = pki.Server(of.certificate, of.key, of.chain + theirs.pem)
    return scene.through_a_proxy(of, host="login.example.com")


@case(None)
def proxy_that_signs_again_and_is_trusted(scene):
    """A corporate proxy signs with a CA of its own, which the stores have."""
    theirs = pki.root("Example Corporate Proxy CA")
    of = theirs.server("login.example.com", names=ELSEWHERE)
    return scene.through_a_proxy(of, theirs.certificate, host="login.example.com")


def proxied(scene: Scene, proxy: int) -> Asking:
    env = scene.trusting() | {"HTTPS_PROXY": f"http://127.0.0.1:{proxy}"}
    return Asking(Question(443, "login.example.com", env, proxy=proxy))


@case("proxy-unreachable")
def proxy_unreachable(scene):
    """HTTPS_PROXY names a port where nobody listens."""
    return proxied(scene, scene.enter(fakes.closed()))


@case("proxy-refused")
def proxy_refuses(scene):
    """The proxy would not let this host through."""
    answer = b"HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 0\r\n\r\n"
    return proxied(scene, scene.enter(fakes.listener(fakes.says(answer))))


@case("proxy-refused")
def proxy_wants_a_password(scene):
    """The proxy wants a user and a password."""
    answer = (
        b"HTTP/1.1 407 Proxy Authentication Required\r\n"
        b'Proxy-Authenticate: Basic realm="example"\r\nContent-Length: 0\r\n\r\n'
    )
    return proxied(scene, scene.enter(fakes.listener(fakes.says(answer))))


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
    """The server hangs up as soon as it is spoken to."""
    return port_of(scene, fakes.listener(fakes.says(b"")))


@case("refused")
def connection_refused(scene):
    """Nobody listens."""
    return port_of(scene, fakes.closed())


@case("silent")
def silent_port(scene):
    """A port that takes connections, and never says a word."""
    return port_of(scene, fakes.silent(), "--timeout", "2")


@case("silent")
def half_a_word(scene):
    """A server that says the head of a record, and then nothing."""
    return port_of(scene, fakes.listener(fakes.stalls(b"\x16\x03\x03")), "--timeout", "2")


@case("silent")
def a_byte_at_a_time(scene):
    """A server that says half a word a second, and never ends."""
    record = b"\x16\x03\x03\x3f\xff\x02"
    return port_of(scene, fakes.listener(fakes.drips(record)), "--timeout", "2")


@case("no-such-name")
def no_such_name(scene):
    """A name that does not resolve (RFC 6761)."""
    return Asking(Question(443, "login.example.invalid", scene.trusting()))


# --- TLS


def under(scene: Scene, context: ssl.SSLContext, *s_client: str) -> Asking:
    """The customer's server, with another context."""
    env = scene.trusting(customer_root().certificate)
    return Asking(Question(scene.serve(server(), context), env=env, s_client=s_client))


@case("old-tls")
def tls_1_0_alone(scene):
    """The server speaks TLS 1.0 alone."""
    old = ssl.TLSVersion.TLSv1
    return under(scene, lenient(minimum_version=old, maximum_version=old))


@case("old-tls")
def tls_1_1_alone(scene):
    """The server speaks TLS 1.1 alone."""
    old = ssl.TLSVersion.TLSv1_1
    return under(scene, lenient(minimum_version=old, maximum_version=old))


@case(None)
def tls_1_2_alone(scene):
    """The server speaks TLS 1.2 alone: well."""
    return under(scene, lenient(maximum_version=ssl.TLSVersion.TLSv1_2))


@case(None)
def tls_1_3_alone(scene):
    """The server speaks TLS 1.3 alone: well, but for old clients."""
    return under(scene, lenient(minimum_version=ssl.TLSVersion.TLSv1_3))


@case(None)
def cipher_of_old(scene):
    """The server takes TLS 1.2 with CBC alone, as every client still does."""
    ciphers = "ECDHE-RSA-AES128-SHA256"
    return under(scene, lenient(maximum_version=ssl.TLSVersion.TLSv1_2, ciphers=ciphers))


@case("old-ciphers", requests=Outcome.FAILED)
def rsa_key_exchange_alone(scene):
    """The server takes TLS 1.2 with RSA key exchange alone: OpenSSL does, Python does not."""
    ciphers = "AES128-GCM-SHA256"
    return under(scene, lenient(maximum_version=ssl.TLSVersion.TLSv1_2, ciphers=ciphers))


@case(None)
def key_on_p521(scene):
    """The server's key is on P-521."""
    of = customer().server(key=ec.generate_private_key(ec.SECP521R1()))
    return scene.asks(of, customer_root().certificate)


def mutual(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = lenient(minimum_version=version, maximum_version=version)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@case("client-certificate")
def client_certificate_required(scene):
    """The server wants a client's certificate, in TLS 1.3."""
    # The server's word comes after the handshake: s_client is not to leave before.
    return under(scene, mutual(ssl.TLSVersion.TLSv1_3), "-ign_eof")


@case("client-certificate")
def client_certificate_required_in_tls_1_2(scene):
    """The server wants a client's certificate, in TLS 1.2."""
    return under(scene, mutual(ssl.TLSVersion.TLSv1_2))


@case("missing-root")
def client_certificate_required_by_a_stranger(scene):
    """The server wants a client's certificate, and nobody has its root."""
    context = mutual(ssl.TLSVersion.TLSv1_2)
    return Asking(Question(scene.serve(server(), context), env=scene.trusting()))


@case(None)
def client_certificate_welcome(scene):
    """The server asks for a client's certificate, and does without."""
    context = lenient()
    context.verify_mode = ssl.CERT_OPTIONAL
    return under(scene, context)


@case("alert")
def host_unknown_to_the_server(scene):
    """The server knows no host of this name (SNI)."""
    context = lenient()
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return under(scene, context)


# --- Before TLS


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
    """PostgreSQL, whose root nobody has."""
    return before_tls(scene, "postgres", scene.trusting())


@case("missing-root")
def starttls_of_smtp(scene):
    """A mail server, whose root nobody has."""
    return before_tls(scene, "smtp", scene.trusting())


@case("missing-root")
def starttls_of_ldap(scene):
    """A directory, whose root nobody has."""
    return before_tls(scene, "ldap", scene.trusting())


@case("missing-root")
def starttls_of_mysql(scene):
    """MySQL, whose root nobody has."""
    return before_tls(scene, "mysql", scene.trusting())


@case(None)
def starttls_and_all_is_well(scene):
    """PostgreSQL, whose root everybody has."""
    return before_tls(scene, "postgres", scene.trusting(customer_root().certificate))


@case("no-starttls")
def database_without_tls(scene):
    """PostgreSQL without TLS."""
    port = scene.enter(fakes.listener(fakes.says(b"N")))
    question = Question(port, env=scene.trusting(), s_client=["-starttls", "postgres"])
    return Asking(question, ["--starttls", "postgres"], ["openssl"])


@case("not-tls")
def mail_server_without_starttls(scene):
    """A mail server that was spoken TLS to from the start."""
    return port_of(scene, fakes.listener(fakes.says(b"220 mail.example.com ESMTP\r\n", first=True)))


# What follows the certificate.


def only_tls_1_2() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def tampered(scene: Scene, ends: str) -> Asking:
    port = scene.serve(server(), only_tls_1_2())
    between = scene.enter(fakes.listener(fakes.tampers(port, ends)))
    return Asking(Question(between, env=scene.trusting(customer_root().certificate)))


@case("not-proven")
def signature_of_another_key(scene):
    """Somebody passes the server's certificate off, and has not its key."""
    return tampered(scene, "bent")


@case("closed")
def reset_behind_the_certificate(scene):
    """The certificate comes, and then the connection is reset."""
    return tampered(scene, "reset")


# What clients mind of a path, each in its own way.


@case("intermediate-anchor", curl=Outcome.TRUSTED)
def a_tier_that_the_stores_lack(scene):
    """Three tiers of CAs; the stores have the first and the last, and the server sends the second."""
    root = pki.root("Example Root CA")
    issuing = root.issue("Example Policy CA").issue("Example Issuing CA")
    return scene.asks(issuing.server(), issuing.certificate, root.certificate)


@case("path-too-long")
def root_that_allows_no_ca(scene):
    """The root allows no CA below it, and there is one: a JVM minds nothing of an anchor."""
    root = pki.root("Example Root CA", constraints=x509.BasicConstraints(ca=True, path_length=0))
    return scene.asks(root.issue("Example Issuing CA").server(), root.certificate)


@case("name-constraint")
def root_with_a_name_constraint(scene):
    """The root may vouch for other names alone, which a JVM does not look at."""
    constraint = x509.NameConstraints([x509.DNSName("example.com")], None)
    root = pki.root("Example Root CA", more=[constraint])
    return scene.asks(root.issue("Example Issuing CA").server(), root.certificate)


@case("unknown-extension")
def root_with_an_unknown_extension(scene):
    """The root has a critical extension that nobody knows, and a JVM does not look."""
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.1"), b"\x05\0")
    root = pki.root("Example Root CA", more=[odd])
    return scene.asks(root.issue("Example Issuing CA").server(), root.certificate)


@case("not-for-servers")
def certificate_for_any_purpose(scene):
    """A certificate whose extendedKeyUsage is "any" alone: OpenSSL wants serverAuth by name."""
    of = customer().server(purpose=ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    return scene.asks(of, customer_root().certificate)


@case("not-for-signing")
def key_for_documents_alone(scene):
    """A key that may sign documents, and take no part in a handshake."""
    names = "digital_signature key_encipherment data_encipherment key_agreement key_cert_sign"
    usage = dict.fromkeys([*names.split(), "crl_sign", "encipher_only", "decipher_only"], False)
    of = customer().server(more=[x509.KeyUsage(content_commitment=True, **usage)])
    return scene.asks(of, customer_root().certificate)


@case(None)
def server_without_key_identifiers(scene):
    """The server's certificate does not say which key signed it: Python 3.13 minds."""
    of = customer().server(key_identifier=False)
    return scene.asks(of, customer_root().certificate)


# What variables do together.


@case("broken-store")
def trust_store_missing_with_a_password(scene):
    """The trustStore is not there, and a JVM tries its password on its own cacerts."""
    options = trust_store(f"{NOWHERE}/truststore.p12", password="example")
    return with_variables(scene, JAVA_TOOL_OPTIONS=options)


@case("broken-store")
def trust_store_that_is_none(scene):
    """trustStore=NONE, as for a token, and there is no token."""
    return with_variables(scene, JAVA_TOOL_OPTIONS=trust_store("NONE"))


@case("expired", curl=Outcome.REFUSED)
def expired_beside_a_missing_file(scene):
    """SSL_CERT_FILE is missing, which OpenSSL's directory makes up for; the server's certificate has
    expired.
    """
    env = scene.trusting(customer_root().certificate)
    env |= {"SSL_CERT_FILE": f"{NOWHERE}/ca.pem", "SSL_CERT_DIR": str(hashed(scene))}
    of = customer().server(starts=LONG_AGO, ends=OVER)
    return Asking(Question(scene.serve(of), env=env))


@case("broken-store")
def broken_store_beside_a_key_that_one_minds(scene):
    """requests' file is missing, and a JVM alone minds the server's key: two faults, and no client but
    OpenSSL's connects.
    """
    names = "digital_signature content_commitment data_encipherment key_agreement key_cert_sign"
    usage = dict.fromkeys([*names.split(), "crl_sign", "encipher_only", "decipher_only"], False)
    of = customer().server(more=[x509.KeyUsage(key_encipherment=True, **usage)])
    env = scene.trusting(customer_root().certificate)
    env |= {"REQUESTS_CA_BUNDLE": f"{NOWHERE}/ca.pem"}
    return Asking(Question(scene.serve(of), env=env))


@case("not-in-this-store", curl=Outcome.REFUSED)
def root_under_another_hash(scene):
    """SSL_CERT_DIR has the root under a name that OpenSSL does not look for."""
    folder = scene.directory / "misnamed"
    folder.mkdir()
    (folder / "12345678.0").write_bytes(customer_root().pem)
    env = scene.trusting(customer_root().certificate)
    env |= {"SSL_CERT_FILE": str(scene.pem()), "SSL_CERT_DIR": str(folder)}
    return Asking(Question(scene.serve(server()), env=env))


@case("intercepted")
def proxy_whose_root_is_not_sent(scene):
    """A proxy signs again by an issuing CA of its own, and keeps its root to itself."""
    theirs = pki.root("Example Corporate Root CA").issue("Example TLS Inspection CA")
    return scene.through_a_proxy(
        theirs.server("login.example.com", names=ELSEWHERE),
        customer_root().certificate,
        host="login.example.com",
    )


@case("other-name", urllib=Outcome.FAILED)
def network_that_needs_no_proxy(scene):
    """NO_PROXY has the network of the server, and the proxy is not there: urllib alone knows no networks."""
    proxy = scene.enter(fakes.closed())
    env = scene.trusting(customer_root().certificate)
    env |= {"HTTPS_PROXY": f"http://127.0.0.1:{proxy}", "NO_PROXY": "10.0.0.0/8,127.0.0.0/8"}
    of = customer().server(names=ELSEWHERE)
    return Asking(Question(scene.serve(of), host="127.0.0.1", env=env))
