"""native_reader.py GOOD CHAIN KEY: says what each certificate on standard input does to a bundle that
also holds a good one, in the words of the JVM's `Breaks`. Any Python since 3.8 runs it: it asks the
OpenSSL that this Python is linked with.

A bundle breaks if it does not load whole, or if a handshake with the good chain fails under it. Alone,
a certificate is read (`d2i_X509`), and its extensions are decoded as for a chain (`X509_check_purpose`
with the purpose -1, whose errors are EXFLAG_INVALID); then the name of its key's type follows.
"""

import base64
import ctypes
import os
import ssl
import struct
import sys


def pem(der: bytes) -> bytes:
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """In memory; raises what the client finds."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    asks = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    tells = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for end in (asks, tells):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    # It returns at once after a handshake that is done.
    asks.do_handshake()


def in_bundle(der: bytes, good: bytes, server: ssl.SSLContext, file: str) -> str:
    try:
        with open(file, "wb") as out:
            out.write(pem(der) + pem(good))
        client = ssl.create_default_context(cafile=file)
        loaded = client.cert_store_stats()["x509"]
        if loaded != 2:
            return f"breaks {loaded} of 2 loaded"
        handshake(server, client)
        return "ok"
    except (ssl.SSLError, ValueError) as error:
        return "breaks " + " ".join(str(error).split())


# That which this Python's ssl is linked with, and which is loaded already.
crypto = ctypes.CDLL("libcrypto.so.3")
for function in ("d2i_X509", "X509_get0_pubkey", "EVP_PKEY_get0_type_name"):
    getattr(crypto, function).restype = ctypes.c_void_p
crypto.EVP_PKEY_get0_type_name.restype = ctypes.c_char_p


def alone(der: bytes) -> str:
    start = ctypes.c_char_p(der)
    read = ctypes.c_void_p(crypto.d2i_X509(None, ctypes.byref(start), ctypes.c_long(len(der))))
    if not read:
        return "breaks unreadable"
    try:
        if crypto.X509_check_purpose(read, -1, 0) != 1:
            return "breaks invalid"
        key = ctypes.c_void_p(crypto.X509_get0_pubkey(read))
        kind = crypto.EVP_PKEY_get0_type_name(key) if key else b"unknown"
        return "ok " + kind.decode()
    finally:
        crypto.ERR_clear_error()
        crypto.X509_free(read)


def main() -> None:
    with open(sys.argv[1], "rb") as file:
        good = file.read()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(sys.argv[2], sys.argv[3])
    file = f"/dev/shm/native-reader-{os.getpid()}.pem"
    records = sys.stdin.buffer
    try:
        while header := records.read(4):
            der = records.read(*struct.unpack(">I", header))
            print(in_bundle(der, good, server, file), alone(der), sep="\t")
    finally:
        if os.path.exists(file):
            os.remove(file)


if __name__ == "__main__":
    main()
