"""PEM as people send it, hold it and break it."""

import base64
import datetime
import gzip
import json
import subprocess
import textwrap
import urllib.parse
from collections.abc import Sequence

import der
from certificate import ISSUING, KEY, ROOT, SERVER, ec_private, ed25519_private, pem
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from vector import Given, Vector

CHAIN = pem(ISSUING.der) + pem(ROOT.der)
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
BOTH = (Given(ISSUING.der), Given(ROOT.der))
ROOT_ALONE = (Given(ROOT.der),)
ISSUING_ALONE = (Given(ISSUING.der, ("incomplete-chain",)),)
WITH_SERVER = (Given(SERVER, ("not-a-ca",)), *BOTH)

SERVER_AUTH = der.oid("1.3.6.1.5.5.7.3.1")
EMAIL = der.oid("1.3.6.1.5.5.7.3.4")


def vector(
    name: str,
    about: str,
    content: str | bytes,
    certificates: Sequence[Given] = BOTH,
    rejected: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> Vector:
    content = content.encode() if isinstance(content, str) else content
    return Vector(
        f"pem/{name}.pem", about, lambda: content, tuple(certificates), tuple(rejected), tuple(whole)
    )


def malformed(
    name: str, about: str, content: str | bytes, certificates: Sequence[Given] = (), times: int = 1
) -> Vector:
    whole = ("no-root",) if certificates == ISSUING_ALONE else ()
    return vector(name, about, content, certificates, ["malformed"] * times, whole)


def prefixed(text: str, prefix: str) -> str:
    return "".join(prefix + line for line in text.splitlines(keepends=True))


def revocation_list() -> bytes:
    issuer = x509.load_der_x509_certificate(ROOT.der).subject
    start = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateRevocationListBuilder(issuer, start, start.replace(year=2056))
    return builder.sign(KEY.private(), hashes.SHA256()).public_bytes(Encoding.DER)


def request() -> bytes:
    subject = x509.load_der_x509_certificate(ISSUING.der).subject
    builder = x509.CertificateSigningRequestBuilder(subject)
    return builder.sign(KEY.private(), hashes.SHA256()).public_bytes(Encoding.DER)


def signed_data(*certificates: bytes, crls: Sequence[bytes] = ()) -> bytes:
    """PKCS#7 SignedData without a signature, which is how certificates travel."""
    inner = der.sequence(
        der.integer(1),
        der.set_of(),
        der.sequence(der.oid("1.2.840.113549.1.7.1")),
        der.explicit(0, *certificates),
        der.explicit(1, *crls) if crls else b"",
        der.set_of(),
    )
    return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, inner))


def key(form: PrivateFormat, private=None, password: bytes | None = None) -> str:
    protection = serialization.NoEncryption()
    if password:
        protection = serialization.BestAvailableEncryption(password)
    private = private or KEY.private()
    return private.private_bytes(Encoding.PEM, form, protection).decode()


def bag(number: int, subject: str, issuer: str, content: bytes) -> str:
    return (
        f"Bag Attributes\n    localKeyID: {number:02} 00 00 00 \n"
        f"    friendlyName: {subject}\nsubject=O = Example Customer, CN = {subject}\n\n"
        f"issuer=O = Example Customer, CN = {issuer}\n\n{pem(content)}"
    )


def shown(depth: int, subject: str, issuer: str, content: bytes) -> str:
    return (
        f" {depth} s:O = Example Customer, CN = {subject}\n"
        f"   i:O = Example Customer, CN = {issuer}\n"
        "   a:PKEY: rsaEncryption, 2048 (bit); sigalg: RSA-SHA256\n"
        "   v:NotBefore: Jan  1 00:00:00 2026 GMT; NotAfter: Jan  1 00:00:00 2028 GMT\n"
        f"{pem(content)}"
    )


S_CLIENT = (
    "CONNECTED(00000003)\n"
    "depth=2 O = Example Customer, CN = Example Customer Root CA\n"
    "verify error:num=19:self-signed certificate in certificate chain\nverify return:1\n"
    "---\nCertificate chain\n"
    + shown(0, "server.example.com", "Example Customer Issuing CA", SERVER)
    + shown(1, "Example Customer Issuing CA", "Example Customer Root CA", ISSUING.der)
    + shown(2, "Example Customer Root CA", "Example Customer Root CA", ROOT.der)
    + "---\nServer certificate\nsubject=O = Example Customer, CN = server.example.com\n\n"
    "issuer=O = Example Customer, CN = Example Customer Issuing CA\n\n"
    "---\nNo client certificate CA names sent\nPeer signing digest: SHA256\n"
    "Peer signature type: RSA-PSS\nServer Temp Key: X25519, 253 bits\n---\n"
    "SSL handshake has read 3713 bytes and written 391 bytes\n"
    "Verification error: self-signed certificate in certificate chain\n---\n"
    "New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\nServer public key is 2048 bit\n"
    "This TLS version forbids renegotiation.\nCompression: NONE\nExpansion: NONE\n"
    "No ALPN negotiated\nEarly data was not sent\n"
    "Verify return code: 19 (self-signed certificate in certificate chain)\n---\nDONE\n"
)
CONFIG_MAP = (
    "apiVersion: v1\ndata:\n  ca.crt: |\n"
    + prefixed(CHAIN, "    ")
    + "kind: ConfigMap\nmetadata:\n  annotations:\n    example.com/owner: platform\n"
    '  creationTimestamp: "2026-01-02T03:04:05Z"\n  name: customer-ca\n  namespace: example\n'
    '  resourceVersion: "12345"\n  uid: 01234567-89ab-4cde-8f01-23456789abcd\n'
)
SECRET = (
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: customer-ca\ntype: Opaque\ndata:\n  ca.crt: "
    + base64.b64encode(CHAIN.encode()).decode()
    + "\n"
)
TERRAFORM = (
    'resource "kubernetes_config_map" "ca" {\n  metadata {\n    name = "customer-ca"\n  }\n'
    '  data = {\n    "ca.crt" = <<-EOT\n' + prefixed(CHAIN, "      ") + "    EOT\n  }\n}\n"
)
HTML = (
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"
    '<body><form action="/login" method="post"><h1>Example Customer: sign in</h1>\n'
    '<input name="user"><input name="password" type="password"></form></body></html>\n'
)
KEYTOOL = (
    "Keystore type: PKCS12\nKeystore provider: SUN\n\nYour keystore contains 2 entries\n\n"
    + "".join(
        f"Alias name: {alias}\nCreation date: Nov 21, 2026\nEntry type: trustedCertEntry\n\n"
        f"{pem(content)}\n\n{'*' * 43}\n{'*' * 43}\n\n\n"
        for alias, content in [("issuing", ISSUING.der), ("root", ROOT.der)]
    )
)
SAML = (
    '<md:KeyDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" use="signing">\n'
    '  <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>\n'
    f"    <ds:X509Certificate>{base64.b64encode(ROOT.der).decode()}</ds:X509Certificate>\n"
    "  </ds:X509Data></ds:KeyInfo>\n</md:KeyDescriptor>\n"
)
PGP = (
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
    + "\n".join(textwrap.wrap(base64.b64encode(KEY.bits).decode(), 64))
    + "\n=Ab1c\n-----END PGP PUBLIC KEY BLOCK-----\n"
)
SSH = ed25519_private().public_key().public_bytes(
    Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
).decode() + " admin@example.com\n"  # fmt: skip
ROOT_LINES = pem(ROOT.der).splitlines()
FIRST, SECOND = pem(ISSUING.der), pem(ROOT.der)
BASE64 = base64.b64encode(ROOT.der).decode()
# UTF-16 and UTF-32 have every byte in letters other than ASCII's.
CYRILLIC = "# Корневой сертификат компании\n" * 8


def odd_subject() -> bytes:
    """A CA whose name has control characters, a terminal's escape sequence and letters beyond ASCII."""
    subject = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ex\u0001\u0008\u001b[31m\u007fmple Prüfung CA")]
    )
    start = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(subject, subject, KEY.private().public_key(), 1, start)
    builder = builder.not_valid_after(start.replace(year=2049)).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    return builder.sign(KEY.private(), hashes.SHA256()).public_bytes(Encoding.DER)


def printed(certificate: bytes, *options: str) -> bytes:
    """What `openssl x509 -text` prints: the fields, then the PEM."""
    command = ["openssl", "x509", "-inform", "DER", "-text", *options]
    return subprocess.run(command, input=certificate, capture_output=True, check=True).stdout


def in_columns(text: str, width: int, prefix: str = "") -> str:
    return "".join(f"{prefix}{line}\n" for line in textwrap.wrap(text, width))


def lost(name: str, about: str, content: str | bytes, times: int = 1) -> Vector:
    """One certificate in PEM, and after it another in a form that no reader of PEM takes."""
    content = content.encode() if isinstance(content, str) else content
    return malformed(name, about, FIRST.encode() + content, ISSUING_ALONE, times)

EC_KEY = ec_private(ec.SECP256R1())

VECTORS = [
    # Nothing wrong with it.
    vector("plain", "An intermediate and its root, as they should be.", CHAIN),
    vector("leaf-first", "A server's certificate before the CAs above it, as a web server is given its chain.", pem(SERVER) + CHAIN, WITH_SERVER),
    vector("root-first", "The root before the intermediate.", pem(ROOT.der) + pem(ISSUING.der), BOTH[::-1]),
    vector("no-final-newline", "The file ends right behind the last marker, as after copying from a web page.", CHAIN.rstrip()),
    # The encoding of the text.
    vector("bom-utf8", "UTF-8 with a byte-order mark, as Windows' Notepad saves it.", "\ufeff" + CHAIN),
    vector("utf16-le-bom", "UTF-16, little-endian, with a byte-order mark, as PowerShell 5's `>` writes it.", ("\ufeff" + CHAIN).encode("utf-16-le")),
    vector("utf16-be-bom", "UTF-16, big-endian, with a byte-order mark.", ("\ufeff" + CHAIN).encode("utf-16-be")),
    vector("utf16-le", "UTF-16, little-endian, without a mark.", CHAIN.encode("utf-16-le")),
    vector("no-break-spaces", "Lines that begin with a no-break space, as after copying from a web page or a wiki.", prefixed(CHAIN, "\u00a0")),
    vector("zero-width-spaces", "Lines that end with a zero-width space, as after copying from a chat.", CHAIN.replace("\n", "\u200b\n")),
    vector("latin1-comment", "A comment in ISO 8859-1 before the certificates, which is no UTF-8.", "# Schlüssel der Prüfstelle\n".encode("latin-1") + CHAIN.encode()),
    vector("nul-padded", "NUL bytes behind the last line, as a mainframe or a fixed-size field pads.", CHAIN.encode() + b"\0" * 32),
    # Lines.
    vector("crlf", "Lines that end with CR LF, as on Windows.", CHAIN.replace("\n", "\r\n")),
    vector("cr", "Lines that end with CR alone, as on an old Mac.", CHAIN.replace("\n", "\r")),
    vector("indented", "Every line indented, as in YAML's block scalars.", prefixed(CHAIN, "    ")),
    vector("trailing-spaces", "Every line ends with spaces.", CHAIN.replace("\n", "  \n")),
    vector("mail-quotes", "Every line quoted as in an answer to a mail.", prefixed(CHAIN, "> ")),
    vector("escaped-newlines", "Newlines that became a backslash and an n, as of a JSON string that was not decoded.", CHAIN.replace("\n", "\\n")),
    vector("spaces-for-newlines", "Newlines that became spaces, as `echo $CA` does.", CHAIN.replace("\n", " ")),
    vector("one-long-line", "The body of each certificate in one line.", "".join(f"{BEGIN}\n{base64.b64encode(ca.der).decode()}\n{END}\n" for ca in (ISSUING, ROOT))),
    vector("blank-lines", "A blank line behind every line, as after two conversions of line ends.", CHAIN.replace("\n", "\n\n")),
    vector("shell-continuation", "Every line ends with a backslash, as in a shell's string.", CHAIN.replace("\n", "\\\n")),
    # Markers.
    vector("glued-markers", "One marker right behind the other, as `cat` does where a file lacks its last newline.", CHAIN.replace("-----\n-----", "----------")),
    vector("text-before-begin", "Text before BEGIN on the same line, as of `grep` over several files.", CHAIN.replace(BEGIN, f"ca.pem: {BEGIN}")),
    vector("x509-label", "The label X509 CERTIFICATE of old software.", CHAIN.replace("CERTIFICATE", "X509 CERTIFICATE")),
    vector("trusted-label", "OpenSSL's TRUSTED CERTIFICATE without any trust settings.", CHAIN.replace("CERTIFICATE", "TRUSTED CERTIFICATE")),
    vector("trusted-for-servers", "OpenSSL's TRUSTED CERTIFICATE (`openssl x509 -addtrust serverAuth`).", pem(ROOT.der + der.sequence(der.sequence(SERVER_AUTH)), "TRUSTED CERTIFICATE"), ROOT_ALONE),
    vector("trusted-rejects-servers", "OpenSSL's TRUSTED CERTIFICATE that is not to be trusted for servers (`-addreject serverAuth`).", pem(ISSUING.der, "TRUSTED CERTIFICATE") + pem(ROOT.der + der.sequence(der.explicit(0, SERVER_AUTH)), "TRUSTED CERTIFICATE"), (Given(ISSUING.der, ("incomplete-chain",)), Given(ROOT.der, ("distrusted",))), (), ["no-root"]),
    vector("trusted-for-mail-alone", "OpenSSL's TRUSTED CERTIFICATE that is trusted for mail alone.", pem(ROOT.der + der.sequence(der.sequence(EMAIL)), "TRUSTED CERTIFICATE"), (Given(ROOT.der, ("distrusted",)),), (), ["nothing-left"]),
    malformed("em-dashes", "Hyphens that a word processor made dashes, in the second certificate.", pem(ISSUING.der) + pem(ROOT.der).replace("-----", "—–—"), ISSUING_ALONE),
    malformed("four-hyphens", "A BEGIN marker that lost its last hyphen, in the second certificate.", pem(ISSUING.der) + pem(ROOT.der).replace(BEGIN, BEGIN[:-1]), ISSUING_ALONE),
    malformed("lower-case-markers", "Markers in lower case.", pem(ROOT.der).replace(BEGIN, BEGIN.lower()).replace(END, END.lower())),
    malformed("missing-begin", "A second certificate without its BEGIN line.", pem(ISSUING.der) + "\n".join(ROOT_LINES[1:]) + "\n", ISSUING_ALONE),
    malformed("missing-end", "A second certificate without its END line.", pem(ISSUING.der) + "\n".join(ROOT_LINES[:-1]) + "\n", ISSUING_ALONE),
    malformed("missing-end-between", "A first certificate without its END line, the second follows.", "\n".join(pem(ISSUING.der).splitlines()[:-1]) + "\n" + pem(ROOT.der), ROOT_ALONE),
    malformed("truncated-end", "An END marker cut short, as where the last line was not copied whole.", pem(ISSUING.der) + pem(ROOT.der).replace(END, END[:-6]), ISSUING_ALONE),
    malformed("labels-differ", "A section whose END names another label than its BEGIN.", pem(ISSUING.der) + pem(ROOT.der).replace(BEGIN, BEGIN.replace("CERT", "X509 CERT")), ISSUING_ALONE),
    # Bodies.
    vector("no-padding", "Base64 without its padding.", CHAIN.replace("=", "")),
    malformed("bare-base64", "The base64 of a certificate without markers.", "\n".join(ROOT_LINES[1:-1]) + "\n"),
    malformed("bad-character", "A character in the second body that base64 does not have.", pem(ISSUING.der) + pem(ROOT.der).replace("MII", "M*I", 1), ISSUING_ALONE),
    malformed("truncated-body", "A second body that lost lines, but has both its markers.", pem(ISSUING.der) + "\n".join([*ROOT_LINES[:5], ROOT_LINES[-1]]) + "\n", ISSUING_ALONE),
    malformed("empty-body", "Markers with nothing between.", pem(ISSUING.der) + f"{BEGIN}\n{END}\n", ISSUING_ALONE),
    malformed("ellipsis", "A body shortened with dots, as in documentation.", f"{BEGIN}\n{ROOT_LINES[1]}\n...\n{END}\n"),
    malformed("base64url", "A body in base64url.", pem(ISSUING.der) + f"{BEGIN}\n" + pem(ROOT.der)[len(BEGIN) + 1 : -len(END) - 2].replace("+", "-").replace("/", "_") + f"\n{END}\n", ISSUING_ALONE),
    malformed("two-in-one-body", "Two certificates in DER, one behind the other, within one pair of markers.", pem(ISSUING.der + ROOT.der)),
    malformed("trailing-bytes", "Two bytes behind the certificate within the body.", pem(ISSUING.der) + pem(ROOT.der + der.null()), ISSUING_ALONE),
    malformed("headers", "Headers as of an encrypted section before the body.", pem(ISSUING.der) + pem(ROOT.der).replace(BEGIN, f"{BEGIN}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n"), ISSUING_ALONE),
    malformed("double-base64", "PEM that was base64-encoded once more.", base64.encodebytes(CHAIN.encode())),
    # Wrapped in something else.
    vector("json-string", "A JSON object with the chain as a string.", json.dumps({"ca": CHAIN, "name": "example"}) + "\n"),
    vector("json-array", "A JSON array with a string a line.", json.dumps(CHAIN.splitlines(), indent=2) + "\n"),
    vector("yaml-configmap", "What `kubectl get configmap -o yaml` prints.", CONFIG_MAP),
    malformed("yaml-secret", "A Secret in YAML, whose data is base64 once more.", SECRET),
    vector("terraform-heredoc", "A heredoc of Terraform.", TERRAFORM),
    vector("shell-variable", "A shell's assignment with quotes around.", f'export CA="{CHAIN}"\n'),
    malformed("url-encoded", "Percent-encoded, as a proxy passes a certificate in a header.", urllib.parse.quote(CHAIN), (), 2),
    malformed("saml-metadata", "The certificate of SAML metadata: XML without markers.", SAML),
    malformed("diff", "A patch that adds the chain: a plus sign is of base64's own letters.", "--- /dev/null\n+++ b/ca.pem\n@@ -0,0 +1,42 @@\n" + prefixed(CHAIN, "+"), (), 2),
    malformed("line-numbers", "Lines with their numbers, as of `cat -n`.", "".join(f"{number:6}\t{line}\n" for number, line in enumerate(CHAIN.splitlines(), 1)), (), 2),
    # Several encodings in one file.
    vector("utf8-then-utf16", "UTF-16 without a mark behind UTF-8, as PowerShell 5's `>>` appends it.", FIRST.encode() + SECOND.encode("utf-16-le")),
    vector("utf8-then-utf16-bom", "UTF-16 with a byte-order mark behind UTF-8, as `cat` joins them.", FIRST.encode() + ("\ufeff" + SECOND).encode("utf-16-le")),
    vector("utf16-then-utf8", "UTF-8 behind UTF-16, as `cat` or a shell's `>>` joins them.", ("\ufeff" + FIRST).encode("utf-16-le") + SECOND.encode()),
    vector("utf16-mark-utf8", "A byte-order mark of UTF-16, and UTF-8 behind it.", b"\xff\xfe" + CHAIN.encode()),
    vector("utf16-le-then-be", "UTF-16, little-endian, then big-endian, each with its mark.", ("\ufeff" + FIRST).encode("utf-16-le") + ("\ufeff" + SECOND).encode("utf-16-be")),
    vector("utf16-at-odd-offset", "UTF-16 that starts at an odd offset.", FIRST.encode() + b"#" + ("\n" + SECOND).encode("utf-16-le")),
    vector("utf16-cyrillic", "UTF-16 with comments in Cyrillic, whose bytes look like control characters.", ("\ufeff" + CYRILLIC + CHAIN).encode("utf-16-le")),
    vector("utf32-le", "UTF-32, little-endian, with a byte-order mark.", ("\ufeff" + CHAIN).encode("utf-32-le")),
    vector("utf32-be", "UTF-32, big-endian, without a mark.", CHAIN.encode("utf-32-be")),
    vector("bom-in-the-middle", "Two files with byte-order marks of UTF-8, joined.", "\ufeff" + FIRST + "\ufeff" + SECOND),
    malformed("utf7", "UTF-7, in which a plus sign is written +-.", CHAIN.encode("utf-7"), (), 2),
    malformed("ebcdic", "EBCDIC, as of a mainframe that was not asked to convert.", CHAIN.encode("cp037"), (), 2),
    lost("ebcdic-behind-pem", "EBCDIC behind ASCII.", SECOND.encode("cp037")),
    # Control characters.
    vector("ctrl-z", "A 0x1A at the end, as Windows' `copy a+b` leaves it.", CHAIN + "\x1a"),
    vector("ctrl-z-between", "A 0x1A behind each of two files that were joined.", FIRST + "\x1a" + SECOND + "\x1a"),
    vector("nul-padded-between", "NUL bytes behind each of two files, as fixed-size blocks that were joined.", (FIRST.encode().ljust(2048, b"\0")) + SECOND.encode().ljust(2048, b"\0")),
    vector("form-feed", "A form feed between two certificates, as of a printer's file.", FIRST + "\x0c" + SECOND),
    vector("colors", "The colors of a terminal, as of `grep --color=always`.", CHAIN.replace("-----BEGIN", "\x1b[01;31m\x1b[K-----BEGIN").replace("-----\n", "-----\x1b[m\x1b[K\n")),
    vector("openssl-text", "What `openssl x509 -text` prints above a certificate.", printed(ISSUING.der) + printed(ROOT.der)),
    vector("openssl-text-controls", "The same of a subject with control characters, printed as they are.", printed(odd_subject(), "-nameopt", "sep_comma_plus,dn_rev,sname"), (Given(odd_subject(), ("python-strict",)),)),
    vector("controls-in-comment", "A comment with dozens of control characters.", "# " + "\x01\x02\x08\x7f" * 16 + "\n" + CHAIN),
    # Certificates that lost their markers, or never had any.
    *(lost(f"bare-base64-{width}", f"The base64 of a certificate at {width} columns behind PEM.", in_columns(BASE64, width)) for width in (16, 32, 60, 63, 76, 1000)),
    lost("bare-base64-cr", "The same with CR alone as line ends.", in_columns(BASE64, 64).replace("\n", "\r")),
    lost("bare-base64-utf16", "The same in UTF-16.", in_columns(BASE64, 64).encode("utf-16-le")),
    lost("bare-base64-quotes", "The base64 of a certificate in quotes, behind a name.", f'ca = "{BASE64}"\n'),
    lost("bare-base64-list", "A list of YAML with a line each.", in_columns(BASE64, 64, "- ")),
    lost("bare-base64-mail", "Quoted as in an answer to a mail.", in_columns(BASE64, 64, "> ")),
    lost("bare-base64-comment", "Behind comment signs.", in_columns(BASE64, 64, "# ")),
    lost("bare-base64-table", "In a table.", in_columns(BASE64, 64, "| ")),
    lost("bare-base64-diff", "Behind plus signs, which base64 has itself.", in_columns(BASE64, 64, "+")),
    lost("bare-base64-yaml", "A value of YAML.", f"ca.crt: {BASE64}\n"),
    lost("bare-base64url", "In base64url.", base64.urlsafe_b64encode(ROOT.der) + b"\n"),
    lost("bare-base64-percent", "Percent-encoded, with its markers.", urllib.parse.quote(SECOND, safe="") + "\n"),
    lost("jwks", "A JWK set with the certificates of its key.", json.dumps({"keys": [{"kty": "RSA", "x5c": [BASE64, base64.b64encode(ISSUING.der).decode()]}]}), 2),
    lost("html-entities", "Hyphens as character references of HTML.", SECOND.replace("-", "&#45;")),
    lost("hex", "A certificate in hexadecimal digits.", in_columns(ROOT.der.hex(), 60)),
    lost("c-array", "A certificate as an array of C, as `xxd -i` writes it.", "unsigned char ca[] = {\n" + in_columns(", ".join(f"0x{byte:02x}" for byte in ROOT.der), 72, "  ") + "};\n"),
    lost("double-base64-value", "PEM in base64 once more, as a Secret has it.", f"ca.crt: {base64.b64encode(SECOND.encode()).decode()}\n"),
    lost("double-base64-wrapped", "The same behind a comment of its own, at 20 columns.", in_columns(base64.b64encode(b"# root\n" + SECOND.encode()).decode(), 20)),
    lost("double-base64-body", "The same between markers.", f"{BEGIN}\n{in_columns(base64.b64encode(SECOND.encode()).decode(), 64)}{END}\n"),
    malformed("kubeconfig", "A kubeconfig: certificate-authority-data is PEM in base64.", f"apiVersion: v1\nkind: Config\nclusters:\n- name: example\n  cluster:\n    certificate-authority-data: {base64.b64encode(CHAIN.encode()).decode()}\n    server: https://example.com\n"),
    lost("label-in-parentheses", "A label with parentheses, which PEM does not have.", SECOND.replace("CERTIFICATE", "CERTIFICATE (Root)")),
    lost("four-hyphens-in-a-line", "Markers with four hyphens, all in one line with other text.", f"ca: ----BEGIN CERTIFICATE---- {BASE64} ----END CERTIFICATE----\n"),
    lost("headers-unknown", "A header in the section that is none of encryption.", SECOND.replace(BEGIN, f"{BEGIN}\nX-Origin: example\n")),
    lost("padding-in-the-middle", "A padding sign within the base64.", SECOND[:300] + "=" + SECOND[300:]),
    lost("gzip-behind-pem", "A compressed certificate behind PEM.", gzip.compress(SECOND.encode(), mtime=0)),
    lost("der-cut-behind-pem", "The first bytes of DER behind PEM.", ROOT.der[:300]),
    lost("pkcs7-behind-pem", "PKCS#7 behind PEM.", signed_data(ISSUING.der, ROOT.der)),
    malformed("der-before-pem", "DER behind a blank line, and PEM behind it.", b"\n" + ROOT.der + CHAIN.encode(), BOTH),
    malformed("block-in-block", "A section within another.", f"{BEGIN}\n{CHAIN}{END}\n", BOTH, 2),
    # Read by people, and now by us.
    vector("no-break-space-in-markers", "A no-break space in the markers, as after copying from a web page.", CHAIN.replace("BEGIN ", "BEGIN\u00a0").replace("END ", "END\u00a0")),
    vector("soft-hyphens", "Soft hyphens in the base64, as a word processor leaves them.", CHAIN.replace("MII", "M\u00adII")),
    vector("json-in-json", "A JSON string in a JSON string.", json.dumps(json.dumps({"ca": CHAIN}))),
    vector("json-escapes", "JSON as PHP and Gson write it, with slashes and equals signs escaped.", json.dumps({"ca": CHAIN}).replace("/", "\\/").replace("=", "\\u003d")),
    vector("xml-attribute", "An attribute of XML, whose newlines are character references.", f'<ca pem="{CHAIN}"/>\n'.replace("\n", "&#10;")),
    vector("prose-like-base64", "A comment with words that start as base64 of certificates does.", "# MIIT and MII are no base64; MIIDdzCCAl8 is the start of one.\n" + CHAIN),
    # What is no certificate, and no loss.
    vector("bare-public-key", "The base64 of a public key in a comment, as a pin.", f"# pin: {base64.b64encode(KEY.info).decode()}\n" + CHAIN, BOTH, ["not-a-certificate"]),
    vector("bare-revocation-list", "The base64 of a revocation list without markers.", CHAIN + in_columns(base64.b64encode(revocation_list()).decode(), 64), BOTH, ["not-a-certificate"]),
    lost("certificate-as-public-key", "A certificate under the label of a public key: a JVM reads any label.", pem(ROOT.der, "PUBLIC KEY")),
    vector("key-as-public-key", "A private key under the label of a public key.", CHAIN + pem(KEY.private().private_bytes(Encoding.DER, PrivateFormat.PKCS8, serialization.NoEncryption()), "PUBLIC KEY"), BOTH, ["private-key"]),
    vector("revocation-list-alone", "A revocation list and nothing else.", pem(revocation_list(), "X509 CRL"), (), ["not-a-certificate"], ["nothing-left"]),
    # With other text.
    vector("comments", "Comments before each certificate.", CHAIN.replace(BEGIN, f"# Example Customer, 2026\n\n{BEGIN}")),
    vector("bag-attributes", "What `openssl pkcs12 -nokeys` prints of a store from Windows.", bag(1, "Example Customer Issuing CA", "Example Customer Root CA", ISSUING.der) + bag(2, "Example Customer Root CA", "Example Customer Root CA", ROOT.der)),
    vector("s_client", "What `openssl s_client -showcerts` prints, the server's own certificate first.", S_CLIENT, WITH_SERVER),
    vector("keytool-list", "What `keytool -list -rfc` prints.", KEYTOOL),
    vector("markers-in-a-sentence", "Words of the markers in a sentence.", f"copy from BEGIN CERTIFICATE to END CERTIFICATE, both included\n{CHAIN}"),
    malformed("comment-with-block", "A second certificate that is commented out, line by line: PEM has no comment signs.", pem(ROOT.der) + prefixed(pem(ISSUING.der), "# "), ROOT_ALONE),
    vector("duplicate", "The same certificate twice.", CHAIN + pem(ROOT.der), (*BOTH, Given(ROOT.der, ("duplicate",)))),
    # What is no certificate.
    malformed("request", "A certificate request behind a root.", pem(ROOT.der) + pem(request(), "CERTIFICATE REQUEST"), ROOT_ALONE),
    vector("revocation-list", "A revocation list behind a root.", pem(ROOT.der) + pem(revocation_list(), "X509 CRL"), ROOT_ALONE, ["not-a-certificate"]),
    vector("pkcs7-section", "A PKCS7 section that holds both.", pem(signed_data(ISSUING.der, ROOT.der), "PKCS7")),
    vector("pkcs7-labelled-certificate", "PKCS#7 under the label CERTIFICATE, as some portals hand it out.", pem(signed_data(ISSUING.der, ROOT.der)), (), ["malformed"]),
    vector("public-key", "A public key instead of a certificate.", pem(KEY.info, "PUBLIC KEY"), (), ["not-a-certificate"], ["nothing-left"]),
    vector("dh-parameters", "Diffie-Hellman parameters behind a root, as HAProxy has them in one file.", pem(ROOT.der) + pem(der.sequence(der.integer(KEY.modulus), der.integer(2)), "DH PARAMETERS"), ROOT_ALONE, ["not-a-certificate"]),
    malformed("pgp", "A PGP key block.", PGP),
    malformed("ssh", "A public key of SSH.", SSH),
    malformed("html", "The sign-in page that a download gave in place of the file.", HTML),
    malformed("empty", "An empty file.", b""),
    malformed("blank", "Blank lines alone.", "\n  \n\n"),
    malformed("gzip", "The chain, compressed.", gzip.compress(CHAIN.encode(), mtime=0)),
    vector("der", "One certificate in DER, in a file that is called .pem.", ROOT.der, ROOT_ALONE),
    vector("der-glued", "Two certificates in DER, one behind the other.", ISSUING.der + ROOT.der),
    malformed("der-behind-pem", "DER behind PEM, as of `cat *`.", pem(ISSUING.der).encode() + ROOT.der, ISSUING_ALONE),
    # Private keys.
    vector("key-pkcs8", "A root with its private key, in PKCS#8.", pem(ROOT.der) + key(PrivateFormat.PKCS8), ROOT_ALONE, ["private-key"]),
    vector("key-rsa", "A root with its private key, in PKCS#1.", pem(ROOT.der) + key(PrivateFormat.TraditionalOpenSSL), ROOT_ALONE, ["private-key"]),
    vector("key-ec", "A root with a key and its parameters, as `openssl ecparam -genkey` writes them.", pem(ROOT.der) + pem(der.oid("1.2.840.10045.3.1.7"), "EC PARAMETERS") + key(PrivateFormat.TraditionalOpenSSL, EC_KEY), ROOT_ALONE, ["not-a-certificate", "private-key"]),
    vector("key-encrypted", "A root with an encrypted private key, in PKCS#8.", pem(ROOT.der) + key(PrivateFormat.PKCS8, password=b"example"), ROOT_ALONE, ["private-key"]),
    vector("key-encrypted-rsa", "A root with an encrypted private key in OpenSSL's old form, with headers.", pem(ROOT.der) + key(PrivateFormat.TraditionalOpenSSL, password=b"example"), ROOT_ALONE, ["private-key"]),
    vector("key-openssh", "A root with a private key of OpenSSH.", pem(ROOT.der) + key(PrivateFormat.OpenSSH, EC_KEY), ROOT_ALONE, ["private-key"]),
    vector("key-first", "A private key before the chain.", key(PrivateFormat.PKCS8) + CHAIN, BOTH, ["private-key"]),
    vector("key-without-end", "A private key without its END line.", pem(ROOT.der) + key(PrivateFormat.PKCS8).partition("-----END")[0], ROOT_ALONE, ["private-key"]),
    vector("key-alone", "A private key and nothing else.", key(PrivateFormat.PKCS8), (), ["private-key"]),
]  # fmt: skip
