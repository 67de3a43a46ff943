"""What is built from: a customer's chain of four, and as many made-up certificates as one asks
for.
"""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

# Two of them, so that a build over an old tree can find another customer's chain there.
CUSTOMERS = ("Example Customer", "Example Other Customer")


def chain(folder: Path, customer: str) -> Path:
    """Root, two intermediates and an issuing CA, RSA 2048, as one PEM file in the order that
    servers send.
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
    )
    return bundle


def many(folder: Path, count: int) -> Path:
    """One real self-signed certificate, copied `count` times with another number in its name and
    serial.

    The copies have the size and the shape of real roots, and 10,000 are made in a moment. Their
    signatures do not verify: nothing that is measured here looks at a trust anchor's signature.
    """
    assert count <= 99_999
    key, certificate = folder / "template.key", folder / "template.der"
    mark = "CA number 00000"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key),
        "-out", str(certificate), "-outform", "DER", "-days", "3650",
        "-set_serial", "0x" + b"trust000000".hex(),
        "-subj", f"/C=FR/O=Example Benchmark Authority/CN={mark}",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    template = certificate.read_bytes()
    assert template.count(mark.encode()) == 2, "once as the subject and once as the issuer"
    assert template.count(b"trust000000") == 1
    bundle = folder / f"made-up-{count}.pem"
    with bundle.open("w") as out:
        for number in range(count):
            der = template.replace(mark.encode(), f"CA number {number:05}".encode())
            der = der.replace(b"trust000000", f"trust{number:06}".encode())
            out.write(pem(der))
    return bundle


def split(bundle: Path, folder: Path) -> int:
    """One file a certificate, as `openssl rehash` wants them. Returns how many there are."""
    folder.mkdir()
    end = "-----END CERTIFICATE-----\n"
    parts = [
        part for part in bundle.read_text().split(end) if "-----BEGIN CERTIFICATE-----" in part
    ]
    for number, part in enumerate(parts):
        (folder / f"{number:05}.pem").write_text(part[part.index("-----BEGIN") :] + end)
    return len(parts)


def pem(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def openssl(*args: str) -> None:
    subprocess.run(["openssl", *args], check=True, capture_output=True)
