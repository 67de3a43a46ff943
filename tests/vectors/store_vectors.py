"""Stores as keytool, openssl and libraries write them, whole and damaged, and hostile ones.

Most have salts in them, and differ in every run: they are made once. What makes them is here.
"""

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
    name: str, about: str, how: Callable[[Workshop], bytes], password: str | None = PASSWORD
) -> Vector:
    return store(name, about, how, (), ["malformed"], (), password)


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


def bouncy_castle(shop: Workshop) -> bytes:
    """By keytool of this machine's JDK, with BouncyCastle in place of Sun's provider."""
    for alias in ("issuing", "root"):
        shop.run(
            jvm.machine().home / "bin" / "keytool",
            *["-importcert", "-alias", alias, "-file", f"{alias}.pem", "-noprompt"],
            *["-keystore", "made", "-storepass", PASSWORD, "-storetype", "PKCS12"],
            *["-providerclass", "org.bouncycastle.jce.provider.BouncyCastleProvider"],
            *["-providerpath", BOUNCY_CASTLE],
        )
    return (shop.folder / "made").read_bytes()


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
    store("openssl-nomac-wrong.p12", "Encrypted without a MAC, and another password: only the padding tells.", lambda shop: without_mac(shop.pkcs12(password="another")), (), ["malformed"]),
    store("openssl-plain.p12", "Certificates that are not encrypted, with a MAC.", lambda shop: shop.pkcs12("-certpbe", "NONE")),
    store("openssl-plain-no-password.p12", "The same, and nobody gave the password: the certificates are readable all the same.", lambda shop: shop.pkcs12("-certpbe", "NONE"), password=None),
    store("openssl-bare.p12", "Neither encrypted nor with a MAC.", lambda shop: shop.pkcs12("-certpbe", "NONE", "-nomac"), password=None),
    store("openssl-empty-password.p12", "Encrypted with the empty password, none given.", lambda shop: shop.pkcs12(password=""), password=None),
    store("openssl-changeit.p12", "Encrypted with Java's `changeit`, none given.", lambda shop: shop.pkcs12(password="changeit"), password=None),
    refused("openssl-no-password.p12", "Encrypted with a password that nobody gave.", lambda shop: shop.pkcs12(), None),
    refused("openssl-wrong-password.p12", "Encrypted with another password.", lambda shop: shop.pkcs12(password="another")),
    store("openssl-unicode-password.p12", "A password with letters beyond ASCII, which PKCS#12 writes as UTF-16.", lambda shop: shop.pkcs12(password="Schlüssel-€"), password="Schlüssel-€"),
    store("openssl-iterations-600000.p12", "As many rounds as OWASP asks of PBKDF2.", lambda shop: without_mac(shop.pkcs12("-iter", "600000"))),
    store("openssl-key.p12", "A server's certificate with its chain and its private key.", lambda shop: shop.pkcs12("-name", "server", key=True), WITH_SERVER, KEY_FOUND),
    store("openssl-key-certificates-only.p12", "The same with --certificates-only.", lambda shop: shop.pkcs12("-name", "server", key=True), WITH_SERVER, certificates_only=True),
    store("openssl-key-plain.p12", "A private key that is not encrypted.", lambda shop: shop.pkcs12("-keypbe", "NONE", "-certpbe", "NONE", key=True), WITH_SERVER, KEY_FOUND),
    store("windows.pfx", "As Windows' wizard exports with the key: triple DES, SHA-1, the name of its provider.", lambda shop: shop.pkcs12("-legacy", "-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-iter", "2000", "-LMK", "-CSP", "Microsoft Enhanced RSA and AES Cryptographic Provider", key=True), WITH_SERVER, KEY_FOUND),
    refused("openssl-camellia.p12", "Encrypted with Camellia, which neither trust-init nor the JVM has.", lambda shop: shop.pkcs12("-certpbe", "CAMELLIA-256-CBC")),
    refused("openssl-cut.p12", "The last 100 bytes are missing.", lambda shop: shop.pkcs12()[:-100]),
    refused("openssl-damaged.p12", "One byte within the encrypted certificates is another.", lambda shop: flipped(shop.pkcs12(), 900)),
    # PKCS#12 by Java.
    store("keytool-8.p12", "keytool of Java 8: RC2 of 40 bits.", lambda shop: shop.imported("8", "PKCS12")),
    store("keytool-11.p12", "keytool of Java 11.", lambda shop: shop.imported("11", "PKCS12")),
    store("keytool-17.p12", "keytool of Java 17: AES-256, SHA-256.", lambda shop: shop.imported("17", "PKCS12")),
    store("keytool-25.p12", "keytool of Java 25.", lambda shop: shop.imported("25", "PKCS12")),
    store("keytool-changeit.p12", "keytool with the password `changeit`, none given.", lambda shop: shop.imported("21", "PKCS12", password="changeit"), password=None),
    store("keytool-key.p12", "keytool: CAs, and a key with its chain: each certificate twice.", lambda shop: with_key(shop, "17", "PKCS12"), (*WITH_SERVER, *TWICE), KEY_FOUND),
    store("keytool-secret.p12", "keytool: CAs and a secret key.", lambda shop: secret_key(shop, "17", "PKCS12"), BOTH, KEY_FOUND),
    refused("keytool-empty.p12", "keytool: a store of which all was deleted.", emptied),
    store("bouncy-castle.p12", "BouncyCastle: BER with indefinite lengths.", bouncy_castle),
    # PKCS#12 by other libraries, and by hand.
    store("cryptography.p12", "Python's cryptography.", lambda _: by_cryptography(BestAvailableEncryption(PASSWORD.encode()))),
    store("cryptography-truststore.p12", "Python's cryptography, with Java's mark of trust.", lambda _: truststore_by_cryptography()),
    store("cryptography-plain.p12", "Python's cryptography, without encryption.", lambda _: by_cryptography(NoEncryption()), password=None),
    store("ber-indefinite.p12", "The bytes of OpenSSL's in BER: indefinite lengths, strings in segments, as NSS writes.", lambda shop: der.indefinite(shop.pkcs12("-certpbe", "NONE", "-nomac")), password=None),
    store("hand-nested.p12", "Certificates in safe contents within safe contents.", lambda _: nested(2), (Given(ROOT.der),), password=None),
    store("hand-same-twice.p12", "The same certificate in two bags.", lambda _: by_hand(certificates_alone(certificate_bag(ROOT.der))), (*BOTH, Given(ROOT.der, ("duplicate",))), password=None),
    store("hand-key-bag.p12", "A private key in the clear.", lambda _: by_hand(certificates_alone(der.sequence(KEY_BAG, der.explicit(0, b"\x30\x00")))), BOTH, KEY_FOUND, password=None),
    store("hand-unknown-bag.p12", "A bag of a kind that nobody knows.", lambda _: by_hand(certificates_alone(der.sequence(der.oid("1.3.6.1.4.1.32473.2"), der.explicit(0, der.null())))), BOTH, ["malformed"], password=None),
    store("hand-broken-certificate.p12", "A bag whose certificate is none, between others.", lambda _: by_hand(certificates_alone(certificate_bag(b"\x30\x03\2\1\1"))), BOTH, ["malformed"], password=None),
    # Hostile ones.
    refused("hostile-mac-rounds.p12", "A MAC of 2,147,483,647 rounds.", lambda _: by_hand(certificates_alone(), mac=mac(2**31 - 1))),
    refused("hostile-pbkdf2-rounds.p12", "PBKDF2 of 2,147,483,647 rounds.", lambda _: by_hand(encrypted(pbes2(pbkdf2(2**31 - 1))))),
    refused("hostile-pkcs12-rounds.p12", "PKCS#12's own derivation of 2,147,483,647 rounds.", lambda _: by_hand(encrypted(pbe_3des(2**31 - 1)))),
    refused("hostile-rounds-huge.p12", "A number of rounds that takes 100 bytes.", lambda _: by_hand(encrypted(pbe_3des(1 << 798)))),
    refused("hostile-many-parts.p12", "Two hundred encrypted parts of 100,000 rounds each.", lambda _: by_hand(*[encrypted(pbe_3des(100_000))] * 200)),
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
    refused("keytool-wrong-password.jks", "JKS with another password: the digest tells.", lambda shop: shop.imported("17", "JKS", password="another")),
    refused("keytool-damaged.jks", "JKS in which one byte is another.", lambda shop: flipped(shop.imported("17", "JKS"), 900)),
    store("keytool-cut.jks", "JKS that lacks its last 400 bytes, and no password to tell.", lambda shop: shop.imported("17", "JKS")[:-400], (Given(ROOT.der),), ["malformed"], password=None),
    refused("hostile-count.jks", "JKS that claims four billion entries.", lambda _: struct.pack(">III", 0xFEEDFEED, 2, 0xFFFFFFFF), None),
    refused("hostile-length.jks", "JKS with a certificate of four gigabytes.", lambda _: struct.pack(">IIIIH", 0xFEEDFEED, 2, 1, 2, 1) + b"a" + bytes(8) + struct.pack(">H", 5) + b"X.509" + struct.pack(">I", 0xFFFFFFFF), None),
    # PKCS#7.
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
