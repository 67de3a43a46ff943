"""What OpenSSL says of a CA under VERIFY_X509_STRICT, which is Python's default since 3.13."""

import re
import ssl
import subprocess
import tempfile
from pathlib import Path

import der
from certificate import (
    alternative,
    basic,
    certificate,
    extension,
    name,
    rsa_key,
    subject_identifier,
    usage,
)

# By the key's algorithm, one that it signs with: OpenSSL looks for an issuer by that too.
SIGNED_WITH = {
    "1.2.840.113549.1.1.1": "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.10": "1.2.840.113549.1.1.10",
    "1.2.840.10045.2.1": "1.2.840.10045.4.3.2",
    "1.2.840.10040.4.1": "2.16.840.1.101.3.4.3.2",
    "1.3.101.112": "1.3.101.112",
}
SERVER_KEY = rsa_key("server")
ALWAYS = "always: "
SUBJECT_IDENTIFIER = der.oid("2.5.29.14")


def strict(ca: bytes) -> str:
    """The error for this CA where a server's certificate names it as its issuer: the first
    error that only the flag brings; one that comes without it too, with `always:` before it; or
    `taken`.

    The server's signature is made up, which the server's error shows in both cases.
    """
    with tempfile.TemporaryDirectory() as folder:
        anchors, server = Path(folder, "anchors.pem"), Path(folder, "server.pem")
        anchors.write_text(ssl.DER_cert_to_PEM_cert(ca))
        server.write_text(ssl.DER_cert_to_PEM_cert(_server_of(ca)))
        lenient = _errors_of_the_ca(anchors, server)
        more = [error for error in _errors_of_the_ca(anchors, server, "-x509_strict") if error not in lenient]
    if more or not lenient:
        return more[0] if more else "taken"
    return f"{ALWAYS}{lenient[0]}"


def _errors_of_the_ca(anchors: Path, server: Path, *flags: str) -> list[str]:
    done = subprocess.run(
        ["openssl", "verify", *flags, "-partial_chain", "-no_check_time"]
        + ["-no-CApath", "-no-CAstore", "-CAfile", anchors, server],
        capture_output=True,
        timeout=20,
    )
    assert done.returncode, "a made-up signature passed"
    said = done.stderr.decode(errors="replace")
    return re.findall(r"^error \d+ at 1 depth lookup: (.+)$", said, re.MULTILINE)


def _server_of(ca: bytes) -> bytes:
    """A server's certificate as by this CA, but for the signature."""
    fields = [field for _, _, field in der.split(der.split(der.split(ca)[0][1])[0][1])]
    if fields[0][0] == 0xA0:
        fields = fields[1:]
    subject, info, optional = fields[4], fields[5], fields[6:]
    algorithm = der.split(info)[0][1]
    kind = der.split(der.split(algorithm)[0][1])[0][2]
    signed_with = next((new for old, new in SIGNED_WITH.items() if der.oid(old) == kind), None)
    extensions = [
        basic(ca=False, critical=False),
        usage(0, 2),
        subject_identifier(SERVER_KEY),
        alternative("server.example.com"),
    ]
    extensions += [
        extension("2.5.29.35", der.sequence(der.implicit(0, identifier)))
        for identifier in _subject_identifiers(optional)
    ]
    return certificate(
        name("server.example.com"),
        issuer=subject,
        key=SERVER_KEY,
        inner=der.sequence(der.oid(signed_with)) if signed_with else None,
        extensions=extensions,
    )


def _subject_identifiers(optional: list[bytes]) -> list[bytes]:
    for field in optional:
        if field[0] == 0xA3:
            every = der.split(der.split(der.split(field)[0][1])[0][1])
            parts = [der.split(content) for _, content, _ in every]
            return [
                der.split(part[-1][1])[0][1] for part in parts if part[0][2] == SUBJECT_IDENTIFIER
            ][:1]
    return []
