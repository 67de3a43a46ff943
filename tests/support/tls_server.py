"""A TLS server on a port of its own, on loopback, for as long as a test needs it."""

import contextlib
import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"served\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.context = context

    def finish_request(self, request, client_address) -> None:
        # The handshake runs in the connection's own thread: a client that hangs holds no other.
        request.settimeout(20)
        with contextlib.suppress(OSError):
            with self.context.wrap_socket(request, server_side=True) as connection:
                super().finish_request(connection, client_address)

    def handle_error(self, request, client_address) -> None:
        pass  # A client that refuses the certificate is what many tests are about.


@contextlib.contextmanager
def serve(chain: Path, key: Path) -> Iterator[int]:
    """Serves `chain` (the server's certificate and its intermediates); yields the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server = _Server(context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
