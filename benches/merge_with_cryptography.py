"""merge_with_cryptography.py CERTIFICATES BUNDLE STORE: the script that a team writes to give Python
and Java one set of CAs. peers.py measures it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12


def main(source: Path, bundle: Path, store: Path) -> None:
    text = source.read_bytes()
    bundle.write_bytes(text)
    entries = [
        pkcs12.PKCS12Certificate(certificate, b"%05d" % number)
        for number, certificate in enumerate(x509.load_pem_x509_certificates(text))
    ]
    password = BestAvailableEncryption(b"changeit")
    store.write_bytes(pkcs12.serialize_java_truststore(entries, password))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
