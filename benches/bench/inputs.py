"""What is built from: a customer's chain of four, and as many made-up roots after it as one asks
for.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from pathlib import Path

from bench import contents

# Two of them, so that a build over an old tree can find another customer's chain there.
CUSTOMERS = ("Example Customer", "Example Other Customer")


def chain(folder: Path, customer: str, more: str) -> Path:
    """Root, two intermediates and an issuing CA, RSA 2048, as one PEM file in the order that
    servers send, and `more` after them.
    """
    folder.mkdir()
    names = ("Root CA", "Intermediate CA 1", "Intermediate CA 2", "Issuing CA")
    extensions = folder / "extensions"
    extensions.write_text(
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    for number, name in enumerate(names):
        key, request, certificate = (
            str(folder / f"{number}.{kind}") for kind in ("key", "csr", "pem")
        )
        subject = f"/C=FR/O={customer}/CN={customer} {name}"
        openssl(
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            key,
            "-out",
            request,
            "-subj",
            subject,
        )
        if number == 0:
            signer = ["-signkey", key]
        else:
            signer = [
                "-CA",
                str(folder / f"{number - 1}.pem"),
                "-CAkey",
                str(folder / f"{number - 1}.key"),
            ]
        openssl(
            "x509", "-req", "-in", request, *signer, "-set_serial", str(number + 1),
            "-days", "3650", "-out", certificate, "-extfile", str(extensions),
        )  # fmt: skip
    bundle = folder / "client-ca-chain.pem"
    bundle.write_text(
        "".join((folder / f"{number}.pem").read_text() for number in reversed(range(len(names))))
        + more
    )
    return bundle


def made_up(folder: Path, count: int) -> str:
    """`count` self-signed roots as PEM: one real root, signed again with another number in its
    name and serial.

    They have the size and the shape of real ones, their signatures verify (keytool looks), and
    10,000 are made in a minute, for only the signature is computed for each.
    """
    assert 0 <= count <= 99_999
    key, certificate = folder / "template.key", folder / "template.der"
    mark, serial = b"CA number 00000", b"trust000000"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key),
        "-out", str(certificate), "-outform", "DER", "-days", "3650", "-set_serial",
        f"0x{serial.hex()}", "-subj", f"/C=FR/O=Example Benchmark Authority/CN={mark.decode()}",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    template = certificate.read_bytes()
    assert template.count(mark) == 2, "once as the subject and once as the issuer"
    assert template.count(serial) == 1
    signer = Signer(key)
    certificates = []
    for number in range(count):
        der = template.replace(mark, b"CA number %05d" % number)
        der = der.replace(serial, b"trust%06d" % number)
        # Certificate ::= SEQUENCE {tbsCertificate SEQUENCE, algorithm, BIT STRING}, each of the
        # first two with a length in two bytes.
        signed = der[4 : 8 + int.from_bytes(der[6:8])]
        certificates.append(pem(der[: -Signer.BYTES] + signer.sign(signed)))
    return "".join(certificates)


class Signer:
    """RSA 2048 with SHA-256, PKCS #1 v1.5: `openssl` takes 10 ms to start for each signature."""

    BYTES = 256
    DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

    def __init__(self, key: Path):
        numbers = openssl("asn1parse", "-in", str(traditional(key)))
        # version, n, e, d, p, q, d mod (p-1), d mod (q-1), 1/q mod p
        found = [int(number, 16) for number in re.findall(r"INTEGER +:([0-9A-F]+)", numbers)]
        self.p, self.q, self.dp, self.dq, self.inverse = found[4:]

    def sign(self, message: bytes) -> bytes:
        end = b"\x00" + self.DIGEST_INFO + hashlib.sha256(message).digest()
        padded = int.from_bytes(b"\x00\x01" + end.rjust(self.BYTES - 2, b"\xff"))
        of_p, of_q = pow(padded, self.dp, self.p), pow(padded, self.dq, self.q)
        signature = of_q + self.q * ((of_p - of_q) * self.inverse % self.p)
        return signature.to_bytes(self.BYTES)


def traditional(key: Path) -> Path:
    """The key as PKCS #1, which is nothing but its numbers."""
    numbers = key.with_suffix(".rsa")
    openssl("rsa", "-in", str(key), "-traditional", "-out", str(numbers))
    return numbers


def split(bundle: Path, folder: Path, extension: str) -> None:
    """One file a certificate, as `openssl rehash` and most other tools want them."""
    folder.mkdir()
    for number, certificate in enumerate(contents.sections(bundle.read_text())):
        (folder / f"{number:05}.{extension}").write_text(certificate)


def pem(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def openssl(*args: str) -> str:
    return subprocess.run(["openssl", *args], check=True, capture_output=True, text=True).stdout
