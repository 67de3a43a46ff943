"""A TLS server on a port of its own, on loopback, for as long as a test needs it."""

import contextlib
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path


class Answer(http.server.BaseHTTPRequestHandler):
    def handle(self) -> None:
        # A client that does not trust the certificate closes without a word, some of them
        # only after the handshake: what counts is what it says next, HTTP or not.
        if first := self.rfile.peek(1):
            self.server.heard.append(first[:16])
            # To a client of a database there is nothing to say, and it would wait for it.
            if first[:3].isalpha() and first[:3].isupper():
                super().handle()

    def do_GET(self) -> None:
        body = b"served\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_) -> None:
        pass


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self,
        context: ssl.SSLContext,
        before: Callable[[socket.socket], None],
        answer: type[Answer],
        at: tuple[str, int],
    ):
        super().__init__(at, answer)
        self.context = context
        self.before = before
        # The first bytes of each connection that a client went on with.
        self.heard: list[bytes] = []

    @property
    def port(self) -> int:
        return self.server_address[1]

    def finish_request(self, request, client_address) -> None:
        # The handshake runs in the connection's own thread: a client that hangs holds no other.
        request.settimeout(20)
        with contextlib.suppress(OSError):
            self.before(request)
            with self.context.wrap_socket(request, server_side=True) as connection:
                super().finish_request(connection, client_address)
                # close_notify, sent and not waited for: without it s_client exits 1 if it sees
                # the end of the answer before the end of its own input.
                connection.settimeout(0)
                connection.unwrap()

    def handle_error(self, request, client_address) -> None:
        pass  # A client that refuses the certificate is what many tests are about.


@contextlib.contextmanager
def serve(
    chain: Path,
    key: Path,
    context: ssl.SSLContext | None = None,
    before: Callable[[socket.socket], None] = lambda _: None,
    answer: type[Answer] = Answer,
    at: tuple[str, int] = ("127.0.0.1", 0),
) -> Iterator[Listener]:
    """Serves `chain` (the server's certificate and its intermediates); `before` is what it says
    on a connection before TLS, and `answer` what it says to requests.
    """
    context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    # gRPC offers nothing but h2, and goes no further where a server does not choose it.
    context.set_alpn_protocols(["http/1.1", "h2"])
    server = Listener(context, before, answer, at)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
