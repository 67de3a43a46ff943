"""Stores as keytool, openssl and libraries write them, whole and damaged, and hostile ones.

Most have salts in them, and differ in every run: they are made once. What makes them is here.
"""

import base64
import datetime
import hashlib
import re
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import der
from certificate import ISSUING, KEY, OTHER_KEY, ROOT, SERVER, SERVER_KEY, RsaKey, pem
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from vector import HERE, Given, Vector

sys.path.insert(0, str(HERE.parent))
from support import environment, jvm

CHAIN = pem(ISSUING.der) + pem(ROOT.der)
BOTH = (Given(ISSUING.der), Given(ROOT.der))
PASSWORD = "example-password"
BOUNCY_CASTLE = Path("/usr/share/java/bcprov.jar")


class Workshop:
    """A folder in which programs make a store."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "chain.pem").write_text(CHAIN)
        (folder / "root.pem").write_text(pem(ROOT.der))
        (folder / "issuing.pem").write_text(pem(ISSUING.der))
        (folder / "server.pem").write_text(pem(SERVER) + CHAIN)
        for name, key in [("server", SERVER_KEY), ("root", KEY), ("issuing", OTHER_KEY)]:
            (folder / f"{name}.key").write_bytes(_private(key))

    def run(self, *command: str | Path) -> None:
        subprocess.run(
            [*map(str, command)],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env=environment.clean(),
        )

    def openssl(self, *words: str) -> bytes:
        self.run("openssl", *words, "-out", "made")
        return (self.folder / "made").read_bytes()

    def pkcs12(self, *words: str, password: str = PASSWORD, key: bool = False) -> bytes:
        source = ["-in", "server.pem", "-inkey", "server.key"] if key else ["-nokeys", "-in", "chain.pem"]
        return self.openssl("pkcs12", "-export", *source, "-passout", f"pass:{password}", *words)

    def keytool(self, version: str, *words: str | Path, password: str = PASSWORD) -> None:
        name = next(full for full in reversed(jvm.names()) if f"{full}.".startswith(f"{version}."))
        self.run(
            # Not bin/keytool: the oldest runtime runs by its java alone.
            *[jvm.get(name).home / "bin" / "java", "sun.security.tools.keytool.Main"],
            *words,
            *["-storepass", password, "-noprompt", "-keystore", "made"],
        )

    def imported(
        self, version: str, kind: str, *words: str | Path, password: str = PASSWORD
    ) -> bytes:
        for alias in ("issuing", "root"):
            self.keytool(
                version,
                *["-importcert", "-alias", alias, "-file", f"{alias}.pem", "-storetype", kind],
                *words,
                password=password,
            )
        return (self.folder / "made").read_bytes()


def _private(key: RsaKey) -> bytes:
    return key.private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def made(how: Callable[[Workshop], bytes]) -> Callable[[], bytes]:
    def make() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return how(Workshop(Path(folder)))

    return make


def store(
    name: str,
    about: str,
    how: Callable[[Workshop], bytes],
    certificates: Sequence[Given] = BOTH,
    rejected: Sequence[str] = (),
    whole: Sequence[str] = (),
    password: str | None = PASSWORD,
    certificates_only: bool = False,
) -> Vector:
    return Vector(
        f"stores/{name}",
        about,
        made(how),
        tuple(certificates),
        tuple(rejected),
        tuple(whole),
        password,
        certificates_only,
    )


def refused(
    name: str,
    about: str,
    how: Callable[[Workshop], bytes],
    password: str | None = PASSWORD,
    rule: str = "malformed",
) -> Vector:
    return store(name, about, how, (), [rule], (), password)


def locked(
    name: str, about: str, how: Callable[[Workshop], bytes], password: str | None = PASSWORD
) -> Vector:
    """A store that its password does not open, or that is damaged, which nobody can tell apart."""
    return refused(name, about, how, password, "wrong-password")


def secret_key(shop: Workshop, version: str, kind: str) -> bytes:
    shop.imported(version, kind)
    shop.keytool(version, "-genseckey", "-alias", "zz-secret", "-keyalg", "AES", "-keysize", "128", "-storetype", kind)
    return (shop.folder / "made").read_bytes()


def with_key(shop: Workshop, version: str, kind: str) -> bytes:
    shop.pkcs12("-name", "server", key=True)
    (shop.folder / "made").rename(shop.folder / "source")
    shop.keytool(
        version,
        *["-importkeystore", "-srckeystore", "source", "-srcstoretype", "PKCS12"],
        *["-srcstorepass", PASSWORD, "-deststoretype", kind, "-destkeypass", PASSWORD],
        *["-alias", "server"],
    )
    return shop.imported(version, kind)


def emptied(shop: Workshop) -> bytes:
    shop.imported("17", "PKCS12")
    for alias in ("issuing", "root"):
        shop.keytool("17", "-delete", "-alias", alias)
    return (shop.folder / "made").read_bytes()


def bouncy_castle(shop: Workshop, kind: str = "PKCS12", *, key: bool = False) -> bytes:
    """By keytool of this machine's JDK, with BouncyCastle's keystore."""
    keytool = jvm.machine().home / "bin" / "keytool"
    provider = [
        *["-providerclass", "org.bouncycastle.jce.provider.BouncyCastleProvider"],
        *["-providerpath", BOUNCY_CASTLE],
    ]
    for alias in ("issuing", "root"):
        shop.run(
            keytool,
            *["-importcert", "-alias", alias, "-file", f"{alias}.pem", "-noprompt"],
            *["-keystore", "made", "-storepass", PASSWORD, "-storetype", kind],
            # Without this it is Sun's PKCS12, the first provider's.
            *["-providername", "BC"],
            *provider,
        )
    if key:
        (shop.folder / "made").rename(shop.folder / "store")
        shop.pkcs12("-name", "server", key=True)
        (shop.folder / "made").rename(shop.folder / "source")
        shop.run(
            keytool,
            *["-importkeystore", "-srckeystore", "source", "-srcstoretype", "PKCS12"],
            *["-srcstorepass", PASSWORD, "-destkeystore", "store", "-deststoretype", kind],
            *["-deststorepass", PASSWORD, "-destprovidername", "BC", "-noprompt"],
            *provider,
        )
        (shop.folder / "store").rename(shop.folder / "made")
    return (shop.folder / "made").read_bytes()


def nss(shop: Workshop, cipher: str) -> bytes:
    """By pk12util (libnss3-tools), which exports only a key with its chain."""
    shop.pkcs12("-name", "server", key=True)
    (shop.folder / "made").rename(shop.folder / "source")
    (shop.folder / "db").mkdir()
    shop.run("certutil", "-N", "-d", "sql:db", "--empty-password")
    password = ["-d", "sql:db", "-K", "", "-W", PASSWORD]
    shop.run("pk12util", "-i", "source", *password)
    shop.run("pk12util", "-o", "made", "-n", "server", *password, "-C", cipher, "-c", cipher)
    return (shop.folder / "made").read_bytes()


def gnutls(shop: Workshop, cipher: str) -> bytes:
    shop.run(
        *["certtool", "--to-p12", "--load-privkey", "server.key", "--load-certificate", "server.pem"],
        *["--load-ca-certificate", "root.pem", "--p12-name", "server", "--password", PASSWORD],
        *["--pkcs-cipher", cipher, "--outder", "--outfile", "made"],
    )
    return (shop.folder / "made").read_bytes()


def newest_openssl(shop: Workshop, *words: str, password: str = PASSWORD) -> bytes:
    """By OpenSSL of Debian's unstable suite (tests/setup/sid.sh)."""
    setup = HERE.parent / "setup" / "sid.sh"
    root = Path(subprocess.run([setup], check=True, capture_output=True, text=True).stdout.strip())
    libraries = root / "usr/lib/x86_64-linux-gnu"
    shop.run(
        *[libraries / "ld-linux-x86-64.so.2", "--library-path", libraries, root / "usr/bin/openssl"],
        *["pkcs12", "-export", "-nokeys", "-in", "chain.pem", "-passout", f"pass:{password}"],
        *[*words, "-out", "made"],
    )
    return (shop.folder / "made").read_bytes()


def by_hand_jks(*entries: tuple[str, bytes], magic: int = 0xFEEDFEED) -> bytes:
    """JKS or JCEKS with aliases that keytool does not write."""
    store = struct.pack(">III", magic, 2, len(entries))
    for alias, certificate in entries:
        name = alias.encode()
        store += struct.pack(">IH", 2, len(name)) + name + bytes(8)
        store += struct.pack(">H", 5) + b"X.509" + struct.pack(">I", len(certificate)) + certificate
    keyed = PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + store
    return store + hashlib.sha1(keyed).digest()


def by_cryptography(encryption) -> bytes:
    root, issuing = (x509.load_der_x509_certificate(ca.der) for ca in (ROOT, ISSUING))
    return pkcs12.serialize_key_and_certificates(None, None, None, [issuing, root], encryption)


def truststore_by_cryptography() -> bytes:
    root, issuing = (x509.load_der_x509_certificate(ca.der) for ca in (ROOT, ISSUING))
    entries = [pkcs12.PKCS12Certificate(issuing, b"issuing"), pkcs12.PKCS12Certificate(root, b"root")]
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(PASSWORD.encode()))


def by_pyjks() -> bytes:
    import jks  # pip install pyjks==20.0.0

    now = 1_790_000_000_000
    entries = [
        jks.TrustedCertEntry(alias=alias, cert=ca.der, timestamp=now, type="X.509")
        for alias, ca in [("issuing", ISSUING), ("root", ROOT)]
    ]
    return jks.KeyStore.new("jks", entries).saves(PASSWORD)


# --------------------------------------------------------------------------------------
# PKCS#12 by hand, for what no program writes.

DATA = der.oid("1.2.840.113549.1.7.1")
CERT_BAG, KEY_BAG = der.oid("1.2.840.113549.1.12.10.1.3"), der.oid("1.2.840.113549.1.12.10.1.1")
SHA_1 = der.sequence(der.oid("1.3.14.3.2.26"), der.null())


def certificate_bag(content: bytes) -> bytes:
    kind = der.oid("1.2.840.113549.1.9.22.1")
    value = der.sequence(kind, der.explicit(0, der.octets(content)))
    return der.sequence(CERT_BAG, der.explicit(0, value))


def data(content: bytes) -> bytes:
    return der.sequence(DATA, der.explicit(0, der.octets(content)))


def encrypted(algorithm: bytes) -> bytes:
    content = der.sequence(DATA, algorithm, der.implicit(0, bytes(64)))
    value = der.sequence(der.integer(0), content)
    return der.sequence(der.oid("1.2.840.113549.1.7.6"), der.explicit(0, value))


def by_hand(*contents: bytes, mac: bytes = b"") -> bytes:
    return der.sequence(der.integer(3), data(der.sequence(*contents)), mac)


def named_bag(content: bytes, alias: str, *attributes: bytes, trusted: bool = True) -> bytes:
    """A bag with the attributes of a trusted entry of Java's."""
    name = der.set_of(der.tlv(der.BMP, alias.encode("utf-16-be")))
    every = [der.sequence(der.oid("1.2.840.113549.1.9.20"), name), *attributes]
    if trusted:
        usage = der.set_of(der.oid("2.5.29.37.0"))
        every.append(der.sequence(der.oid("2.16.840.1.113894.746875.1.1"), usage))
    fields = der.split(der.split(certificate_bag(content))[0][1])
    return der.sequence(*[encoded for _, _, encoded in fields], der.set_of(*every))


def attribute(value: bytes) -> bytes:
    """An attribute that nobody knows."""
    return der.sequence(der.oid("1.3.6.1.4.1.32473.3"), der.set_of(value))


def with_field(store: bytes, field: bytes) -> bytes:
    """A store with one field more than it should have."""
    return der.sequence(der.split(store)[0][1], field)


def certificates_alone(*more: bytes) -> bytes:
    return data(der.sequence(certificate_bag(ISSUING.der), certificate_bag(ROOT.der), *more))


def mac(iterations: int) -> bytes:
    digest = der.sequence(SHA_1, der.octets(bytes(20)))
    return der.sequence(digest, der.octets(bytes(8)), der.integer(iterations))


def pbes2(derivation: bytes) -> bytes:
    cipher = der.sequence(der.oid("2.16.840.1.101.3.4.1.42"), der.octets(bytes(16)))
    return der.sequence(der.oid("1.2.840.113549.1.5.13"), der.sequence(derivation, cipher))


def pbkdf2(iterations: int) -> bytes:
    parameters = der.sequence(der.octets(bytes(8)), der.integer(iterations))
    return der.sequence(der.oid("1.2.840.113549.1.5.12"), parameters)


def scrypt(cost: int) -> bytes:
    numbers = map(der.integer, (cost, 8, 1))
    parameters = der.sequence(der.octets(bytes(8)), *numbers)
    return der.sequence(der.oid("1.3.6.1.4.1.11591.4.11"), parameters)


def pbe_3des(iterations: int) -> bytes:
    parameters = der.sequence(der.octets(bytes(8)), der.integer(iterations))
    return der.sequence(der.oid("1.2.840.113549.1.12.1.3"), parameters)


def nested(depth: int) -> bytes:
    content = certificate_bag(ROOT.der)
    kind = der.oid("1.2.840.113549.1.12.10.1.6")
    for _ in range(depth):
        content = der.sequence(kind, der.explicit(0, der.sequence(content)))
    return by_hand(data(der.sequence(content)))


def without_mac(store: bytes) -> bytes:
    """OpenSSL's own `-nomac` leaves the encryption out as well."""
    version, contents, _ = der.split(der.split(store)[0][1])
    return der.sequence(version[2], contents[2])


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


# --------------------------------------------------------------------------------------
# PKCS#7.


def degenerate(shop: Workshop, form: str, *words: str) -> bytes:
    return shop.openssl("crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-outform", form, *words)


def with_text_of_windows(shop: Workshop) -> bytes:
    text = degenerate(shop, "PEM").decode()
    return re.sub("PKCS7", "CERTIFICATE", text).replace("\n", "\r\n").encode()


def signed(shop: Workshop) -> bytes:
    (shop.folder / "text").write_text("example\n")
    return shop.openssl(
        *["cms", "-sign", "-in", "text", "-signer", "issuing.pem", "-inkey", "issuing.key"],
        *["-certfile", "root.pem", "-outform", "DER", "-nodetach"],
    )


def signed_data(*more: bytes, content: bytes = b"", certificates: bytes = b"") -> bytes:
    """A SignedData by hand, with fields that no program writes."""
    certificates = certificates or ISSUING.der + ROOT.der
    inner = der.sequence(DATA, der.explicit(0, content)) if content else der.sequence(DATA)
    signed = der.sequence(
        *[der.integer(1), der.set_of(), inner, der.explicit(0, certificates), *more, der.set_of()]
    )
    return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, signed))


def armored(message: bytes) -> bytes:
    body = base64.encodebytes(message).decode()
    return f"-----BEGIN PKCS7-----\n{body}-----END PKCS7-----\n".encode()


def with_revocation_list(shop: Workshop) -> bytes:
    now = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateRevocationListBuilder(x509.load_der_x509_certificate(ROOT.der).subject)
    builder = builder.last_update(now).next_update(now + datetime.timedelta(days=30))
    crl = builder.sign(KEY.private(), hashes.SHA256())
    (shop.folder / "crl.pem").write_bytes(crl.public_bytes(Encoding.PEM))
    return shop.openssl("crl2pkcs7", "-in", "crl.pem", "-certfile", "chain.pem", "-outform", "DER")


def streamed(shop: Workshop) -> bytes:
    """Signed with `-stream`: BER with indefinite lengths, as `openssl cms` writes to a pipe."""
    (shop.folder / "text").write_text("example\n" * 1000)
    return shop.openssl(
        *["cms", "-sign", "-stream", "-in", "text", "-signer", "issuing.pem", "-inkey", "issuing.key"],
        *["-certfile", "root.pem", "-outform", "DER", "-nodetach"],
    )


def key_der(key: RsaKey) -> bytes:
    return key.private().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def enveloped(shop: Workshop) -> bytes:
    (shop.folder / "text").write_text(CHAIN)
    return shop.openssl("cms", "-encrypt", "-in", "text", "-outform", "DER", "-recip", "issuing.pem")


KEY_FOUND = ["private-key"]
TWICE = tuple(Given(ca.der, ("duplicate",)) for ca in (ISSUING, ROOT))
WITH_SERVER = (Given(SERVER, ("not-a-ca",)), *BOTH)

VECTORS = [
    # PKCS#12 by OpenSSL.
    store("openssl.p12", "`openssl pkcs12 -export -nokeys` as it is by default: AES-256, SHA-256.", lambda shop: shop.pkcs12()),
    store("openssl-legacy.p12", "`-legacy`: RC2 of 40 bits, as OpenSSL 1 and Windows 7 wrote.", lambda shop: shop.pkcs12("-legacy")),
    store("openssl-3des.p12", "Triple DES and a MAC by SHA-1.", lambda shop: shop.pkcs12("-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1")),
    store("openssl-2des.p12", "Triple DES with two keys.", lambda shop: shop.pkcs12("-certpbe", "PBE-SHA1-2DES", "-macalg", "sha1")),
    store("openssl-rc2-128.p12", "RC2 of 128 bits.", lambda shop: shop.pkcs12("-legacy", "-certpbe", "PBE-SHA1-RC2-128")),
    store("openssl-aes-128.p12", "AES of 128 bits, a MAC by SHA-512.", lambda shop: shop.pkcs12("-certpbe", "AES-128-CBC", "-macalg", "sha512")),
    store("openssl-aes-192.p12", "AES of 192 bits, a MAC by SHA-384.", lambda shop: shop.pkcs12("-certpbe", "AES-192-CBC", "-macalg", "sha384")),
    store("openssl-nomac.p12", "Encrypted, without a MAC.", lambda shop: without_mac(shop.pkcs12())),
    locked("openssl-nomac-wrong.p12", "Encrypted without a MAC, and another password: only the padding tells.", lambda shop: without_mac(shop.pkcs12(password="another"))),
    store("openssl-plain.p12", "Certificates that are not encrypted, with a MAC.", lambda shop: shop.pkcs12("-certpbe", "NONE")),
    store("openssl-plain-no-password.p12", "The same, and nobody gave the password: the certificates are readable all the same.", lambda shop: shop.pkcs12("-certpbe", "NONE"), password=None),
    store("openssl-bare.p12", "Neither encrypted nor with a MAC.", lambda shop: shop.pkcs12("-certpbe", "NONE", "-nomac"), password=None),
    store("openssl-empty-password.p12", "Encrypted with the empty password, none given.", lambda shop: shop.pkcs12(password=""), password=None),
    store("openssl-changeit.p12", "Encrypted with Java's `changeit`, none given.", lambda shop: shop.pkcs12(password="changeit"), password=None),
    locked("openssl-no-password.p12", "Encrypted with a password that nobody gave.", lambda shop: shop.pkcs12(), None),
    locked("openssl-wrong-password.p12", "Encrypted with another password.", lambda shop: shop.pkcs12(password="another")),
    store("openssl-unicode-password.p12", "A password with letters beyond ASCII, which PKCS#12 writes as UTF-16.", lambda shop: shop.pkcs12(password="Schlüssel-€"), password="Schlüssel-€"),
    store("openssl-iterations-600000.p12", "As many rounds as OWASP asks of PBKDF2.", lambda shop: without_mac(shop.pkcs12("-iter", "600000"))),
    store("openssl-key.p12", "A server's certificate with its chain and its private key.", lambda shop: shop.pkcs12("-name", "server", key=True), WITH_SERVER, KEY_FOUND),
    store("openssl-key-certificates-only.p12", "The same with --certificates-only.", lambda shop: shop.pkcs12("-name", "server", key=True), WITH_SERVER, certificates_only=True),
    store("openssl-key-plain.p12", "A private key that is not encrypted.", lambda shop: shop.pkcs12("-keypbe", "NONE", "-certpbe", "NONE", key=True), WITH_SERVER, KEY_FOUND),
    store("windows.pfx", "As Windows' wizard exports with the key: triple DES, SHA-1, the name of its provider.", lambda shop: shop.pkcs12("-legacy", "-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-iter", "2000", "-LMK", "-CSP", "Microsoft Enhanced RSA and AES Cryptographic Provider", key=True), WITH_SERVER, KEY_FOUND),
    store("openssl-rc4-128.p12", "RC4 of 128 bits.", lambda shop: shop.pkcs12("-legacy", "-certpbe", "PBE-SHA1-RC4-128", "-macalg", "sha1")),
    store("openssl-rc4-40.p12", "RC4 of 40 bits.", lambda shop: shop.pkcs12("-legacy", "-certpbe", "PBE-SHA1-RC4-40", "-macalg", "sha1")),
    locked("openssl-rc4-wrong-password.p12", "RC4 without a MAC and another password: it has no padding that could tell.", lambda shop: without_mac(shop.pkcs12("-legacy", "-certpbe", "PBE-SHA1-RC4-128", password="another"))),
    store("openssl-sha224.p12", "A MAC by SHA-224.", lambda shop: shop.pkcs12("-macalg", "sha224")),
    store("openssl-sha512-256.p12", "A MAC by SHA-512/256, as keytool can write too.", lambda shop: shop.pkcs12("-macalg", "sha512-256")),
    refused("openssl-sha3.p12", "A MAC by SHA-3, which no JVM has: it could not be checked.", lambda shop: shop.pkcs12("-macalg", "sha3-256")),
    store("openssl-pbmac1.p12", "PBMAC1 (RFC 9579) with SHA-256, of OpenSSL 3.4 and later.", lambda shop: newest_openssl(shop, "-pbmac1_pbkdf2")),
    store("openssl-pbmac1-sha512.p12", "PBMAC1 with SHA-512 in both places, certificates in the clear.", lambda shop: newest_openssl(shop, "-pbmac1_pbkdf2", "-pbmac1_pbkdf2_md", "sha512", "-macalg", "sha512", "-certpbe", "NONE")),
    locked("openssl-pbmac1-wrong-password.p12", "PBMAC1 under another password, certificates in the clear: only the MAC tells.", lambda shop: newest_openssl(shop, "-pbmac1_pbkdf2", "-certpbe", "NONE", password="another")),
    refused("openssl-pbe-md5.p12", "PKCS#5's first edition, MD5 and DES.", lambda shop: shop.pkcs12("-legacy", "-certpbe", "PBE-MD5-DES")),
    refused("openssl-camellia.p12", "Encrypted with Camellia, which neither trust-init nor the JVM has.", lambda shop: shop.pkcs12("-certpbe", "CAMELLIA-256-CBC")),
    refused("openssl-cut.p12", "The last 100 bytes are missing.", lambda shop: shop.pkcs12()[:-100]),
    locked("openssl-damaged.p12", "One byte within the encrypted certificates is another.", lambda shop: flipped(shop.pkcs12(), 900)),
    # PKCS#12 by Java.
    store("keytool-8.p12", "keytool of Java 8: RC2 of 40 bits.", lambda shop: shop.imported("8", "PKCS12")),
    store("keytool-11.p12", "keytool of Java 11.", lambda shop: shop.imported("11", "PKCS12")),
    store("keytool-17.p12", "keytool of Java 17: AES-256, SHA-256.", lambda shop: shop.imported("17", "PKCS12")),
    store("keytool-25.p12", "keytool of Java 25.", lambda shop: shop.imported("25", "PKCS12")),
    store("keytool-changeit.p12", "keytool with the password `changeit`, none given.", lambda shop: shop.imported("21", "PKCS12", password="changeit"), password=None),
    store("keytool-key.p12", "keytool: CAs, and a key with its chain: each certificate twice.", lambda shop: with_key(shop, "17", "PKCS12"), (*WITH_SERVER, *TWICE), KEY_FOUND),
    store("keytool-secret.p12", "keytool: CAs and a secret key.", lambda shop: secret_key(shop, "17", "PKCS12"), BOTH, KEY_FOUND),
    refused("keytool-empty.p12", "keytool: a store of which all was deleted.", emptied),
    store("bouncy-castle.p12", "BouncyCastle's PKCS12: BER at every level.", bouncy_castle),
    store("bouncy-castle-key.p12", "BouncyCastle's PKCS12-DEF with CAs and a key with its chain.", lambda shop: bouncy_castle(shop, "PKCS12-DEF", key=True), WITH_SERVER, KEY_FOUND),
    store("bouncy-castle-3des.p12", "BouncyCastle's PKCS12-3DES-3DES.", lambda shop: bouncy_castle(shop, "PKCS12-3DES-3DES")),
    refused("bouncy-castle.bks", "BouncyCastle's own BKS, which no JVM reads without it.", lambda shop: bouncy_castle(shop, "BKS")),
    refused("bouncy-castle.uber", "BouncyCastle's UBER, which is encrypted.", lambda shop: bouncy_castle(shop, "UBER")),
    refused("bouncy-castle.bcfks", "BouncyCastle's BCFKS, of its FIPS edition.", lambda shop: bouncy_castle(shop, "BCFKS")),
    # PKCS#12 by NSS and GnuTLS.
    store("nss.p12", "NSS's pk12util as it is by default, as Firefox exports: BER at every level, 600,000 rounds.", lambda shop: nss(shop, "AES-256-CBC"), WITH_SERVER, KEY_FOUND),
    store("nss-3des.p12", "pk12util with triple DES, and only the certificates taken.", lambda shop: nss(shop, "DES-EDE3-CBC"), WITH_SERVER, certificates_only=True),
    store("nss-rc4.p12", "pk12util with RC4 of 128 bits.", lambda shop: nss(shop, "PKCS #12 V2 PBE With SHA-1 And 128 Bit RC4"), WITH_SERVER, certificates_only=True),
    store("gnutls.p12", "GnuTLS's certtool, AES-128.", lambda shop: gnutls(shop, "aes-128"), (*WITH_SERVER, Given(ROOT.der, ("duplicate",))), KEY_FOUND),
    store("gnutls-3des.p12", "certtool with triple DES.", lambda shop: gnutls(shop, "3des-pkcs12"), (*WITH_SERVER, Given(ROOT.der, ("duplicate",))), KEY_FOUND),
    # PKCS#12 by other libraries, and by hand.
    store("cryptography.p12", "Python's cryptography.", lambda _: by_cryptography(BestAvailableEncryption(PASSWORD.encode()))),
    store("cryptography-truststore.p12", "Python's cryptography, with Java's mark of trust.", lambda _: truststore_by_cryptography()),
    store("cryptography-plain.p12", "Python's cryptography, without encryption.", lambda _: by_cryptography(NoEncryption()), password=None),
    store("ber-indefinite.p12", "The bytes of OpenSSL's in BER: indefinite lengths, strings in segments, as NSS writes.", lambda shop: der.indefinite(shop.pkcs12("-certpbe", "NONE", "-nomac")), password=None),
    store("hand-nested.p12", "Certificates in safe contents within safe contents.", lambda _: nested(2), (Given(ROOT.der),), password=None),
    store("hand-same-twice.p12", "The same certificate in two bags.", lambda _: by_hand(certificates_alone(certificate_bag(ROOT.der))), (*BOTH, Given(ROOT.der, ("duplicate",))), password=None),
    store("hand-key-bag.p12", "A private key in the clear.", lambda _: by_hand(certificates_alone(der.sequence(KEY_BAG, der.explicit(0, b"\x30\x00")))), BOTH, KEY_FOUND, password=None),
    store("hand-unknown-bag.p12", "A bag of a kind that nobody knows.", lambda _: by_hand(certificates_alone(der.sequence(der.oid("1.3.6.1.4.1.32473.2"), der.explicit(0, der.null())))), BOTH, ["not-a-certificate"], password=None),
    store("hand-broken-certificate.p12", "A bag whose certificate is none, between others.", lambda _: by_hand(certificates_alone(certificate_bag(b"\x30\x03\2\1\1"))), BOTH, ["malformed"], password=None),
    store("hand-same-name.p12", "Two trusted entries of one name but for its case: a JVM keeps the last, OpenSSL takes both.", lambda _: by_hand(data(der.sequence(named_bag(ISSUING.der, "ca"), named_bag(ROOT.der, "CA")))), password=None),
    store("hand-attribute-key.p12", "A private key in an attribute of a certificate.", lambda _: by_hand(data(der.sequence(named_bag(ISSUING.der, "a"), named_bag(ROOT.der, "b", attribute(der.octets(key_der(KEY))))))), BOTH, KEY_FOUND, password=None),
    store("hand-attribute-certificate.p12", "A certificate in an attribute of another.", lambda _: by_hand(data(der.sequence(named_bag(ROOT.der, "b", attribute(ISSUING.der))))), (Given(ROOT.der),), ["malformed"], password=None),
    store("hand-field-key.p12", "A private key in a field that PKCS#12 does not have.", lambda _: with_field(by_hand(certificates_alone()), key_der(KEY)), BOTH, KEY_FOUND, password=None),
    store("hand-field-certificate.p12", "A certificate in a field that PKCS#12 does not have.", lambda _: with_field(by_hand(data(der.sequence(certificate_bag(ROOT.der)))), der.explicit(0, ISSUING.der)), (Given(ROOT.der),), ["malformed"], password=None),
    store("hand-unknown-bag-key.p12", "A private key in a bag of a kind that nobody knows.", lambda _: by_hand(certificates_alone(der.sequence(der.oid("1.3.6.1.4.1.32473.2"), der.explicit(0, der.octets(key_der(KEY)))))), BOTH, ["private-key", "not-a-certificate"], password=None),
    refused("hand-signed.p12", "A store protected by a signature in place of a password.", lambda _: der.sequence(der.integer(3), signed_data(content=der.octets(der.sequence(certificates_alone())))), None),
    # Hostile ones.
    refused("hostile-mac-rounds.p12", "A MAC of 2,147,483,647 rounds.", lambda _: by_hand(certificates_alone(), mac=mac(2**31 - 1))),
    refused("hostile-pbkdf2-rounds.p12", "PBKDF2 of 2,147,483,647 rounds.", lambda _: by_hand(encrypted(pbes2(pbkdf2(2**31 - 1))))),
    refused("hostile-pkcs12-rounds.p12", "PKCS#12's own derivation of 2,147,483,647 rounds.", lambda _: by_hand(encrypted(pbe_3des(2**31 - 1)))),
    refused("hostile-rounds-huge.p12", "A number of rounds that takes 100 bytes.", lambda _: by_hand(encrypted(pbe_3des(1 << 798)))),
    locked("hostile-many-parts.p12", "Two hundred encrypted parts of 100,000 rounds each.", lambda _: by_hand(*[encrypted(pbe_3des(100_000))] * 200)),
    refused("hostile-scrypt.p12", "scrypt that asks for a gigabyte.", lambda _: by_hand(encrypted(pbes2(scrypt(1 << 20))))),
    refused("hostile-nesting.p12", "Safe contents within safe contents, 1,500 deep.", lambda _: nested(1500)),
    refused("hostile-length.p12", "A length of four gigabytes.", lambda _: by_hand(certificates_alone()).replace(b"\x30\x82", b"\x30\x84\xff\xff\xff\xff", 1)),
    # Java's own forms.
    store("keytool-8.jks", "keytool of Java 8, JKS.", lambda shop: shop.imported("8", "JKS")),
    store("keytool-17.jks", "keytool of Java 17, JKS.", lambda shop: shop.imported("17", "JKS")),
    store("keytool-no-password.jks", "JKS, and nobody gave the password: the certificates are readable, the digest is not checked.", lambda shop: shop.imported("17", "JKS"), password=None),
    store("keytool.jceks", "keytool, JCEKS.", lambda shop: shop.imported("17", "JCEKS")),
    store("keytool-key.jks", "JKS with CAs, and a key with its chain.", lambda shop: with_key(shop, "17", "JKS"), (*WITH_SERVER, *TWICE), KEY_FOUND),
    store("keytool-key-certificates-only.jks", "The same with --certificates-only.", lambda shop: with_key(shop, "17", "JKS"), (*WITH_SERVER, *TWICE), certificates_only=True),
    store("keytool-secret.jceks", "JCEKS with CAs and a secret key, a Java object behind which nothing can be found.", lambda shop: secret_key(shop, "17", "JCEKS"), BOTH, ["malformed"]),
    store("pyjks.jks", "JKS by Python's pyjks.", lambda _: by_pyjks()),
    locked("keytool-wrong-password.jks", "JKS with another password: the digest tells.", lambda shop: shop.imported("17", "JKS", password="another")),
    locked("keytool-damaged.jks", "JKS in which one byte is another.", lambda shop: flipped(shop.imported("17", "JKS"), 900)),
    store("keytool-cut.jks", "JKS that lacks its last 400 bytes, and no password to tell.", lambda shop: shop.imported("17", "JKS")[:-400], (Given(ROOT.der),), ["malformed"], password=None),
    refused("hostile-count.jks", "JKS that claims four billion entries.", lambda _: struct.pack(">III", 0xFEEDFEED, 2, 0xFFFFFFFF), None),
    refused("hostile-length.jks", "JKS with a certificate of four gigabytes.", lambda _: struct.pack(">IIIIH", 0xFEEDFEED, 2, 1, 2, 1) + b"a" + bytes(8) + struct.pack(">H", 5) + b"X.509" + struct.pack(">I", 0xFFFFFFFF), None),
    store("hand-same-alias.jks", "Two entries of one alias: a JVM has only the last.", lambda _: by_hand_jks(("ca", ISSUING.der), ("ca", ROOT.der)), (Given(ISSUING.der, ("distrusted",)), Given(ROOT.der))),
    store("hand-same-alias.jceks", "The same in JCEKS.", lambda _: by_hand_jks(("ca", ISSUING.der), ("ca", ROOT.der), magic=0xCECECECE), (Given(ISSUING.der, ("distrusted",)), Given(ROOT.der))),
    store("hand-upper-case.jks", "Aliases in upper case, which a JVM lists and never finds.", lambda _: by_hand_jks(("ISSUING", ISSUING.der), ("ROOT", ROOT.der))),
    # PKCS#7.
    store("openssl-crl.p7b", "`openssl crl2pkcs7` with a revocation list beside the certificates.", with_revocation_list, BOTH, ["not-a-certificate"], password=None),
    store("streamed.p7c", "A signed message by `openssl cms -stream`: BER with its content in pieces.", streamed, password=None),
    store("hand-content-key.p7b", "A private key as the content.", lambda _: signed_data(content=der.octets(key_der(KEY))), BOTH, KEY_FOUND, password=None),
    store("hand-content-certificate.p7b", "A certificate as the content, beside another.", lambda _: signed_data(content=der.octets(ROOT.der), certificates=ISSUING.der), (Given(ISSUING.der, ("incomplete-chain",)),), ["not-a-certificate"], ["no-root"], password=None),
    store("hand-field-key.p7b", "A private key in a field that SignedData does not have.", lambda _: signed_data(der.explicit(5, key_der(KEY))), BOTH, KEY_FOUND, password=None),
    store("hand-field-certificate.p7b", "A certificate in a field that SignedData does not have.", lambda _: signed_data(der.explicit(5, ISSUING.der), certificates=ROOT.der), (Given(ROOT.der),), ["malformed"], password=None),
    store("pem-trailing.p7b", "A certificate behind the message, between the same PEM markers.", lambda _: armored(signed_data(certificates=ROOT.der) + ISSUING.der), (Given(ROOT.der),), ["malformed"], password=None),
    store("openssl-pem.p7b", "`openssl crl2pkcs7`, PEM.", lambda shop: degenerate(shop, "PEM"), password=None),
    store("openssl-der.p7b", "`openssl crl2pkcs7`, DER, as Windows exports it.", lambda shop: degenerate(shop, "DER"), password=None),
    store("ber-indefinite.p7b", "The same in BER with indefinite lengths.", lambda shop: der.indefinite(degenerate(shop, "DER")), password=None),
    store("two-glued.p7b", "Two files put together: what follows the first is not skipped.", lambda shop: degenerate(shop, "DER") + degenerate(shop, "DER"), BOTH, ["malformed"], password=None),
    store("key-glued.p12", "A private key behind the store.", lambda _: by_hand(certificates_alone()) + _private(KEY), BOTH, ["private-key"], password=None),
    store("two-glued.jks", "Two Java keystores put together.", lambda shop: shop.imported("17", "JKS") * 2, BOTH, ["malformed"], password=None),
    store("portal.p7b", "PKCS#7 under the label CERTIFICATE, with CR LF.", with_text_of_windows, (), ["malformed"], password=None),
    store("signed.p7c", "A signed message, which holds its signers' certificates.", signed, password=None),
    refused("enveloped.p7c", "An encrypted message, with the chain as its text.", enveloped, None),
]  # fmt: skip
