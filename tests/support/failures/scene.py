"""What a case asks, where it puts its servers and stores, and the CAs that most cases share."""

import contextlib
import datetime
import functools
import ssl
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from support import environment, fakes, pki, tls_server
from support.real_clients import Question

LONG_AGO = datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC)
OVER = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
FAR_OFF = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)
ELSEWHERE = (x509.DNSName("login.example.com"),)
NOWHERE = "/nonexistent/example"
UNKNOWN_CRITICAL = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.4.1.32473.1"), b"\x05\0"
)


@dataclass(frozen=True)
class Asking:
    """What is asked of doctor, and of the real clients."""

    question: Question
    options: Sequence[str] = ()
    # The real clients that can be brought into this at all; None is all of them.
    only: Sequence[str] | None = None
    # Text of this run alone, and what the golden has in its place.
    hidden: Mapping[str, str] = field(default_factory=dict)


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
            VIRTUAL_ENV=sys.prefix,  # whose Python has requests
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


def key_usage(only: str) -> x509.KeyUsage:
    """A keyUsage extension with this bit alone."""
    bits = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
        " key_cert_sign crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{bit: bit == only for bit in bits.split()})


def between(issuing: pki.Authority) -> list[pki.Certificate]:
    return [one.certificate for one in (issuing, *issuing.above)]
