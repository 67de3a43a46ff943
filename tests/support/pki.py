"""Makes certificate authorities: ordinary ones, and the odd ones that customers really send."""

import datetime
import hashlib
import ipaddress
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from support import environment

DAY = datetime.timedelta(days=1)
# To the second: a certificate holds no more.
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def name(common_name: str, organization: str = "Example Customer") -> x509.Name:
    return x509.Name(
        [
            # cryptography holds names to the lengths of RFC 5280; a test may go past them.
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization, _validate=False),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name, _validate=False),
        ]
    )


def new_key(kind: str = "rsa", bits: int = 2048) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """RSA where a JVM shakes hands: the old runtimes of the matrix have no elliptic curves."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, bits)
    return ec.generate_private_key(ec.SECP521R1() if kind == "p-521" else ec.SECP256R1())


@dataclass(frozen=True)
class Certificate:
    """A certificate as bytes, whoever made it."""

    der: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def pem(self) -> bytes:
        return self.parsed.public_bytes(serialization.Encoding.PEM)

    @property
    def parsed(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)


@dataclass(frozen=True)
class Authority:
    """A CA with its key, and the CAs above it, nearest first."""

    certificate: Certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    above: tuple["Authority", ...] = ()

    @property
    def pem(self) -> bytes:
        return self.certificate.pem

    @property
    def sha256(self) -> str:
        return self.certificate.sha256

    @property
    def chain(self) -> bytes:
        """This CA and all above it, as PEM, the root last: the order that customers send."""
        return b"".join(ca.pem for ca in (self, *self.above))

    def issue(self, subject: str | x509.Name, kind: str = "rsa", **odd) -> "Authority":
        """A CA under this one; `odd` is what `_sign` takes."""
        key = new_key(kind)
        subject = name(subject) if isinstance(subject, str) else subject
        made = _sign(subject, key, self, ca=True, **odd)
        return Authority(made, key, (self, *self.above))

    def vouch_for(self, other: "Authority", **odd) -> Certificate:
        """The other CA's name and key, signed by this one."""
        return _sign(other.certificate.parsed.subject, other.key, self, ca=True, **odd)

    def server(
        self, common_name: str | x509.Name = "localhost", key=None, **odd
    ) -> "Server":
        """A server for localhost and 127.0.0.1, whose chain leaves the root out."""
        key = key or new_key()
        subject = name(common_name) if isinstance(common_name, str) else common_name
        made = _sign(subject, key, self, ca=False, **odd)
        between = [self, *self.above][:-1]
        return Server(made, key, made.pem + b"".join(ca.pem for ca in between))


@dataclass(frozen=True)
class Server:
    certificate: Certificate
    key: rsa.RSAPrivateKey
    chain: bytes

    def write(self, directory: Path) -> tuple[Path, Path]:
        """Writes chain.pem and key.pem, as a server loads them."""
        directory.mkdir(parents=True)
        chain, key = directory / "chain.pem", directory / "key.pem"
        chain.write_bytes(self.chain)
        key.write_bytes(key_pem(self.key))
        return chain, key


def root(
    subject: str | x509.Name,
    kind: str = "rsa",
    *,
    bits: int = 2048,
    key_identifier: bool = True,
    starts: datetime.datetime = NOW - DAY,
    ends: datetime.datetime = NOW + 3650 * DAY,
    **odd,
) -> Authority:
    """A self-signed CA; `odd` is what `_sign` takes."""
    key = new_key(kind, bits)
    subject = name(subject) if isinstance(subject, str) else subject
    made = _sign(
        subject, key, None, ca=True, key_identifier=key_identifier, starts=starts, ends=ends, **odd
    )
    return Authority(made, key)


def version_1(common_name: str) -> Authority:
    """A root without extensions, by OpenSSL: cryptography makes no such certificate."""
    key = new_key()
    request = x509.CertificateSigningRequestBuilder().subject_name(name(common_name))
    with tempfile.NamedTemporaryFile() as file:
        file.write(key_pem(key))
        file.flush()
        made = openssl(
            *["x509", "-req", "-days", "3650", "-signkey", file.name, "-outform", "DER"],
            stdin=request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
        )
    return Authority(Certificate(made.stdout), key)


def self_signed(common_name: str = "localhost") -> Server:
    """A server's certificate without a CA."""
    key = new_key()
    made = _sign(name(common_name), key, None, ca=False)
    return Server(made, key, made.pem)


HERE = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))


def _sign(
    subject: x509.Name,
    key,
    issuer: Authority | None,
    *,
    ca: bool,
    key_identifier: bool = True,
    starts: datetime.datetime = NOW - DAY,
    ends: datetime.datetime = NOW + 800 * DAY,
    constraints: x509.BasicConstraints | None = None,
    critical: bool = True,
    names: Sequence[x509.GeneralName] = HERE,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    more: Sequence[x509.ExtensionType] = (),
    issuer_at: str | None = None,
    sha1: bool = False,
    key_usage: bool = True,
) -> Certificate:
    """`critical` is basicConstraints' own; `more` are extensions, all of them critical;
    `issuer_at` is where the certificate claims that its issuer's is; without `key_usage`, a CA
    does not say what its key may do.
    """
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.parsed.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
        .add_extension(constraints or x509.BasicConstraints(ca=ca, path_length=None), critical)
    )
    if key_identifier:
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        ).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    if not ca:
        builder = _for_a_server(builder, names, purpose)
    elif key_usage:
        builder = _for_a_ca(builder)
    for extension in more:
        builder = builder.add_extension(extension, critical=True)
    if issuer_at:
        method, place = AuthorityInformationAccessOID.CA_ISSUERS, issuer_at
        access = x509.AccessDescription(method, x509.UniformResourceIdentifier(place))
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    made = builder.sign(signer, hashes.SHA256())
    der = made.public_bytes(serialization.Encoding.DER)
    return Certificate(_signed_with_sha1(made, signer) if sha1 else der)


def _signed_with_sha1(made: x509.Certificate, signer: rsa.RSAPrivateKey) -> bytes:
    """What cryptography no longer makes; all its parts stay as long as they were."""
    sha256, sha1 = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05"))
    body = made.tbs_certificate_bytes.replace(sha256, sha1)
    signature = signer.sign(body, padding.PKCS1v15(), hashes.SHA1())
    der = made.public_bytes(serialization.Encoding.DER)
    return der.replace(sha256, sha1).replace(made.signature, signature)


def _for_a_ca(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    usage = dict.fromkeys(
        (
            "digital_signature content_commitment key_encipherment data_encipherment"
            " key_agreement encipher_only decipher_only"
        ).split(),
        False,
    )
    return builder.add_extension(
        x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True
    )


def _for_a_server(
    builder: x509.CertificateBuilder,
    names: Sequence[x509.GeneralName],
    purpose: x509.ObjectIdentifier,
) -> x509.CertificateBuilder:
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)


def key_pem(key, form: str = "PKCS8", password: bytes | None = None) -> bytes:
    """A private key in one of the PEM forms: PKCS8, TraditionalOpenSSL or OpenSSH."""
    protection = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, getattr(serialization.PrivateFormat, form), protection
    )


def openssl(*args: str | Path, stdin: bytes = b"", check: bool = True) -> subprocess.CompletedProcess:
    """Runs openssl; failing where it fails, unless `check` is off."""
    done = subprocess.run(
        ["openssl", *map(str, args)],
        input=stdin,
        capture_output=True,
        timeout=60,
        env=environment.clean(),
    )
    assert not check or done.returncode == 0, f"openssl {args}: {done.stderr.decode()}"
    return done


def openssl_root(directory: Path, names: Sequence[str], string_mask: str | None = None) -> Certificate:
    """A self-signed CA by OpenSSL, which encodes what cryptography will not.

    `names` are lines of its configuration's distinguished_name section: `CN = …`, a `+`
    before a field that joins the RDN before it. `string_mask` chooses the string type.
    """
    configuration = directory / "openssl.cnf"
    lines = ["[req]", "prompt = no", "utf8 = yes", "distinguished_name = subject"]
    lines += ["x509_extensions = ca"]
    lines += [f"string_mask = {string_mask}"] if string_mask else []
    lines += ["[subject]", *names]
    lines += ["[ca]", "basicConstraints = critical,CA:TRUE", "keyUsage = critical,keyCertSign"]
    lines += ["subjectKeyIdentifier = hash"]
    configuration.write_text("\n".join(lines) + "\n")
    made = openssl(
        "req", "-new", "-x509", "-config", configuration, "-days", "3650", "-nodes",
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-keyout", directory / "discarded.key", "-outform", "DER",
        *(() if names else ("-subj", "/")),
    )  # fmt: skip
    return Certificate(made.stdout)


def rejecting(certificate: Certificate) -> bytes:
    """OpenSSL's TRUSTED CERTIFICATE, whose auxiliary data says: not for TLS servers."""
    made = openssl(
        "x509", "-inform", "DER", "-trustout", "-addreject", "serverAuth", stdin=certificate.der
    )
    return made.stdout
