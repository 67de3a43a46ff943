"""A Kubernetes API that takes every object, records it, and runs nothing: enough for Spark to ask
it for pods. No cluster of any kind is behind it.
"""

import contextlib
import http.server
import json
import threading
import uuid
from collections.abc import Iterator

LISTS = {
    "pods": "PodList",
    "services": "ServiceList",
    "configmaps": "ConfigMapList",
    "persistentvolumeclaims": "PersistentVolumeClaimList",
}


class _Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Api"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if "watch=" in query:
            self._watch()
        elif (found := self.server.find(path)) is not None:
            self._answer(found)
        else:
            self._answer({"kind": "Status", "status": "Failure", "code": 404}, 404)

    def do_POST(self) -> None:
        self._answer(self.server.keep(self._path(), self._body()), 201)

    def do_PATCH(self) -> None:
        # A server-side apply: the whole object, under its own name.
        parent = self._path().rpartition("/")[0]
        self._answer(self.server.keep(parent, self._body()))

    do_PUT = do_PATCH

    def do_DELETE(self) -> None:
        self._body()
        self._answer({"kind": "Status", "status": "Success"})

    def _watch(self) -> None:
        """Nothing ever happens here. A client asks for a WebSocket; after a 200 it does without."""
        if self.headers.get("Upgrade"):
            self._answer({"kind": "Status", "status": "Success"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.server.closing.wait()

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _body(self) -> dict:
        if self.headers.get("Transfer-Encoding") == "chunked":
            content = b"".join(iter(self._chunk, b""))
        else:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return json.loads(content) if content else {}

    def _chunk(self) -> bytes:
        content = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return content

    def _answer(self, content: dict, code: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


class Api(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.closing = threading.Event()
        self._lock = threading.Lock()
        # By path, as they came in; a deleted one stays.
        self._objects: dict[str, dict] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def recorded(self, kind: str) -> list[dict]:
        with self._lock:
            return [one for one in self._objects.values() if one.get("kind") == kind]

    def find(self, path: str) -> dict | None:
        """An object, or a list of all below a path that ends in a kind."""
        last = path.rpartition("/")[2]
        with self._lock:
            if path in self._objects or last not in LISTS:
                return self._objects.get(path)
            items = [one for name, one in self._objects.items() if name.startswith(f"{path}/")]
        return {
            "kind": LISTS[last],
            "apiVersion": "v1",
            "metadata": {"resourceVersion": "1"},
            "items": items,
        }

    def keep(self, parent: str, content: dict) -> dict:
        metadata = content.setdefault("metadata", {})
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata.setdefault("resourceVersion", "1")
        if content.get("kind") == "Pod":
            content.setdefault("status", {"phase": "Pending"})
        with self._lock:
            self._objects[f"{parent}/{metadata['name']}"] = content
        return content

    def handle_error(self, request, client_address) -> None:
        pass  # A client that has what it wanted hangs up.


@contextlib.contextmanager
def serve() -> Iterator[Api]:
    api = Api()
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        api.closing.set()
        api.shutdown()
        thread.join()
        api.server_close()
