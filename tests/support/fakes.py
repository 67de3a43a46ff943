"""Listeners that are no HTTPS server: proxies, databases before TLS, and the silent ones."""

import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def listener(talk: Talk, address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[int]:
    """A port of loopback; `talk` has each connection, in a thread of its own."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(20)
            with contextlib.suppress(OSError):
                talk(self.request)

    with socketserver.ThreadingTCPServer(address, Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def closed() -> Iterator[int]:
    """A port that is taken, and where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """A port where connections are taken, and nothing is ever said."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen(64)
        yield held.getsockname()[1]


def says(answer: bytes, *, first: bool = False) -> Talk:
    """Answers whatever comes, or speaks first, and hangs up."""

    def talk(connection: socket.socket) -> None:
        if not first:
            connection.recv(4096)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        # Closing over unread bytes would reset the connection, and take the answer with it.
        while connection.recv(4096):
            pass

    return talk


def stalls(first: bytes) -> Talk:
    """Says these bytes, and nothing until the other hangs up."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(first)
        while connection.recv(4096):
            pass

    return talk


def drips(first: bytes) -> Talk:
    """Says these bytes and then more, one each half of a second, for ten seconds."""

    def talk(connection: socket.socket) -> None:
        for byte in first.ljust(20, b"\0"):
            connection.sendall(bytes([byte]))
            time.sleep(0.5)

    return talk


def tunnels(port: int) -> Talk:
    """An HTTP proxy that takes every CONNECT to one port of loopback."""

    def talk(connection: socket.socket) -> None:
        _until(connection, b"\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as behind:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_copy, args=(behind, connection), daemon=True)
            back.start()
            _copy(connection, behind)
            back.join()

    return talk


def tampers(port: int, ends: str) -> Talk:
    """Leads to a server of TLS 1.2 on a port of loopback, bends the signature by which it shows that it
    has its key (`ends` is "bent"), or resets the connection behind its certificate ("reset").
    """

    def talk(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as behind:
            behind.settimeout(0.5)
            behind.sendall(connection.recv(65536))
            flight = b""
            with contextlib.suppress(TimeoutError):
                while some := behind.recv(65536):
                    flight += some
            connection.sendall(_bent(flight) if ends == "bent" else flight)
            connection.recv(65536)
            if ends == "reset":
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                connection.close()

    return talk


def _bent(flight: bytes) -> bytes:
    """The records of a flight, with the last bit of ServerKeyExchange the other way round."""
    records, at = bytearray(flight), 0
    while at < len(records):
        length = int.from_bytes(records[at + 3 : at + 5], "big")
        if records[at] == 22 and records[at + 5] == 12:
            records[at + 4 + length] ^= 1
        at += 5 + length
    return bytes(records)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(65536):
            sink.sendall(some)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _until(connection: socket.socket, end: bytes) -> bytes:
    said = b""
    while not said.endswith(end):
        some = connection.recv(1)
        if not some:
            raise ConnectionResetError
        said += some
    return said


def smtp(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")
    _until(connection, b"\r\n")
    connection.sendall(b"250-mail.example.com\r\n250 STARTTLS\r\n")
    _until(connection, b"\r\n")
    connection.sendall(b"220 go on\r\n")


def postgres(connection: socket.socket) -> None:
    connection.recv(8)
    connection.sendall(b"S")


def ldap(connection: socket.socket) -> None:
    connection.recv(256)
    # extendedResp: success, no matchedDN, no diagnosticMessage
    connection.sendall(bytes.fromhex("300c02010178070a010004000400"))


def mysql_greeting(*, tls: bool) -> bytes:
    """MySQL's protocol 10, in a packet."""
    # CLIENT_SSL (0x800) and CLIENT_PROTOCOL_41 and what goes with them; utf8mb4; 21 bytes of salt.
    capabilities = b"\xff\xff" if tls else b"\xff\xf7"
    greeting = b"\x0a8.0.0\0" + bytes(4) + b"saltsalt\0" + capabilities
    greeting += b"\x2d\x02\x00\xff\xdf\x15" + bytes(10) + b"saltsaltsalt\0"
    greeting += b"mysql_native_password\0"
    return len(greeting).to_bytes(3, "little") + b"\0" + greeting


def mysql(connection: socket.socket) -> None:
    """Its greeting, then the client's SSLRequest."""
    connection.sendall(mysql_greeting(tls=True))
    connection.recv(36)


STARTTLS: dict[str, Talk] = {"smtp": smtp, "postgres": postgres, "ldap": ldap, "mysql": mysql}
