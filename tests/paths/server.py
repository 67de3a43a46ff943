"""A TLS 1.2 server that presents any bytes as its certificates.

Written by hand because a TLS library reads the certificates that it serves: OpenSSL refuses to serve
what it refuses to read, and such chains are among the cases. A client says which case it asks for in
a line before TLS begins. The server is enough for a client that sends one HTTP request.
"""

import functools
import hashlib
import hmac
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from case import Case, der

VERSION = b"\x03\x03"
HANDSHAKE, CHANGE_CIPHER_SPEC, ALERT, DATA = 22, 20, 21, 23
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, KEY_EXCHANGE, HELLO_DONE, FINISHED = 1, 2, 11, 12, 14, 20
# TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.
ECDSA_SUITE, RSA_SUITE = b"\xc0\x2b", b"\xc0\x2f"
# The server supports secure renegotiation (RFC 5746), without which OpenSSL 3 refuses it.
EXTENSIONS = b"\xff\x01\x00\x01\x00"
P_256 = b"\x03\x00\x17"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
RSA_PSS = "1.2.840.113549.1.1.10"


def sized(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + sized(body, 3)


def signed(key, suite: bytes, is_pss: bool, data: bytes) -> bytes:
    """A digitally-signed struct (RFC 5246, section 4.7) with an algorithm that fits the key."""
    match key:
        case ec.EllipticCurvePrivateKey():
            code, algorithm = {
                384: (b"\x05\x03", hashes.SHA384()),
                521: (b"\x06\x03", hashes.SHA512()),
            }.get(key.curve.key_size, (b"\x04\x03", hashes.SHA256()))
            signature = key.sign(data, ec.ECDSA(algorithm))
        case rsa.RSAPrivateKey() if is_pss:
            salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            code, signature = b"\x08\x09", key.sign(data, salted, hashes.SHA256())
        case rsa.RSAPrivateKey():
            code, signature = b"\x04\x01", key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        case ed25519.Ed25519PrivateKey():
            code, signature = b"\x08\x07", key.sign(data)
        case ed448.Ed448PrivateKey():
            code, signature = b"\x08\x08", key.sign(data)
        case _:
            # There is no key. A client that gets here took the certificates and refuses this.
            code, signature = (b"\x04\x01" if suite == RSA_SUITE else b"\x04\x03"), bytes(64)
    return code + sized(signature, 2)


def expand(secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """The pseudorandom function of RFC 5246, section 5."""
    seed = label + seed
    out, link = b"", seed
    while len(out) < length:
        link = hmac.digest(secret, link, "sha256")
        out += hmac.digest(secret, link + seed, "sha256")
    return out[:length]


class Protection:
    """One direction of a connection under AES-GCM (RFC 5288)."""

    def __init__(self, key: bytes, salt: bytes):
        self.cipher, self.salt, self.count = AESGCM(key), salt, 0

    def _additional(self, kind: int, length: int) -> bytes:
        number = struct.pack(">Q", self.count)
        self.count += 1
        return number + bytes([kind]) + VERSION + struct.pack(">H", length)

    def open(self, kind: int, record: bytes) -> bytes:
        nonce, sealed = self.salt + record[:8], record[8:]
        return self.cipher.decrypt(nonce, sealed, self._additional(kind, len(sealed) - 16))

    def seal(self, kind: int, plain: bytes) -> bytes:
        nonce = struct.pack(">Q", self.count)
        return nonce + self.cipher.encrypt(
            self.salt + nonce, plain, self._additional(kind, len(plain))
        )


class Connection:
    """One handshake, and one HTTP response."""

    def __init__(self, stream: socket.socket, case: Case):
        self.stream, self.case = stream, case
        self.transcript = hashlib.sha256()
        self.protected: tuple[Protection, Protection] | None = None
        self.pending = b""

    def serve(self) -> None:
        hello = self._message(CLIENT_HELLO)
        client_random, server_random = hello[2:34], os.urandom(32)
        key, suite, is_pss = _identity(self.case)
        ephemeral = ec.generate_private_key(ec.SECP256R1())
        point = ephemeral.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        parameters = P_256 + sized(point, 1)
        chain = b"".join(sized(der(section), 3) for section in self.case.chain)
        body = VERSION + server_random + b"\x00" + suite + b"\x00" + sized(EXTENSIONS, 2)
        proof = signed(key, suite, is_pss, client_random + server_random + parameters)
        self._send(message(SERVER_HELLO, body))
        self._send(message(CERTIFICATE, sized(chain, 3)))
        self._send(message(KEY_EXCHANGE, parameters + proof))
        self._send(message(HELLO_DONE, b""))
        point = self._message(16)[1:]
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        secret = ephemeral.exchange(ec.ECDH(), peer)
        master = expand(secret, b"master secret", client_random + server_random, 48)
        keys = expand(master, b"key expansion", server_random + client_random, 40)
        self._finish(master, keys)
        self._record(DATA)
        self._write(DATA, RESPONSE)
        self._write(ALERT, b"\x01\x00")

    def _finish(self, master: bytes, keys: bytes) -> None:
        self._record(CHANGE_CIPHER_SPEC)
        client = Protection(keys[:16], keys[32:36])
        server = Protection(keys[16:32], keys[36:40])
        self.protected = client, server
        self._message(FINISHED)
        verify = expand(master, b"server finished", self.transcript.digest(), 12)
        self.stream.sendall(bytes([CHANGE_CIPHER_SPEC]) + VERSION + b"\x00\x01\x01")
        self._write(HANDSHAKE, message(FINISHED, verify))

    def _send(self, plain: bytes) -> None:
        self.transcript.update(plain)
        for at in range(0, len(plain), 1 << 14):
            part = plain[at : at + (1 << 14)]
            self.stream.sendall(bytes([HANDSHAKE]) + VERSION + sized(part, 2))

    def _write(self, kind: int, plain: bytes) -> None:
        sealed = self.protected[1].seal(kind, plain)
        self.stream.sendall(bytes([kind]) + VERSION + sized(sealed, 2))

    def _message(self, kind: int) -> bytes:
        """The body of the next handshake message."""
        while len(self.pending) < 4 or len(self.pending) < 4 + int.from_bytes(self.pending[1:4]):
            self.pending += self._record(HANDSHAKE)
        end = 4 + int.from_bytes(self.pending[1:4])
        whole, self.pending = self.pending[:end], self.pending[end:]
        if whole[0] != kind:
            raise ConnectionError(f"handshake message {whole[0]} instead of {kind}")
        self.transcript.update(whole)
        return whole[4:]

    def _record(self, kind: int) -> bytes:
        found, length = self._exactly(1)[0], self._exactly(4)
        record = self._exactly(int.from_bytes(length[2:]))
        if found != kind:
            raise ConnectionError(f"record of type {found} instead of {kind}")
        # The client's ChangeCipherSpec is read before there are keys.
        return self.protected[0].open(kind, record) if self.protected else record

    def _exactly(self, count: int) -> bytes:
        read = b""
        while len(read) < count:
            more = self.stream.recv(count - len(read))
            if not more:
                raise ConnectionError("the client closed")
            read += more
        return read


@functools.lru_cache(maxsize=None)
def _identity(case: Case) -> tuple[object, bytes, bool]:
    """The server's key, the cipher suite for it, and whether the key is for RSA-PSS alone."""
    key, is_pss = None, False
    if case.key:
        key = serialization.load_pem_private_key(case.key.encode(), None)
    try:
        leaf = x509.load_pem_x509_certificate(case.chain[0].encode())
        is_pss = leaf.public_key_algorithm_oid.dotted_string == RSA_PSS
        is_rsa = is_pss or isinstance(leaf.public_key(), rsa.RSAPublicKey)
    except Exception:
        # Whatever a parser of ours makes of it: the client is asked, not the parser.
        is_rsa = isinstance(key, rsa.RSAPrivateKey)
    return key, RSA_SUITE if is_rsa else ECDSA_SUITE, is_pss


class Server(socketserver.ThreadingTCPServer):
    """Serves each case to whoever names it, as long as the block runs."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, cases: Mapping[str, Case]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cases = cases

    @property
    def port(self) -> int:
        return self.server_address[1]

    def __enter__(self) -> "Server":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.shutdown()
        self.server_close()


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(60)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = b""
        try:
            while not name.endswith(b"\n"):
                name += self.request.recv(1) or b"\n"
            if case := self.server.cases.get(name.decode().strip()):
                Connection(self.request, case).serve()
        except OSError:
            pass  # A client that refuses the certificates is what the cases are about.
