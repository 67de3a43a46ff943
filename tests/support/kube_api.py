"""A Kubernetes API that takes every object, records it, and runs nothing: enough for Spark to ask
it for pods. No cluster of any kind is behind it: what a kubelet would report, a test says.
"""

import contextlib
import functools
import http.server
import itertools
import json
import threading
import urllib.parse
import uuid
from collections.abc import Iterator

LISTS = {
    "namespaces": "NamespaceList",
    "pods": "PodList",
    "services": "ServiceList",
    "configmaps": "ConfigMapList",
    "persistentvolumeclaims": "PersistentVolumeClaimList",
}
# What kubectl asks before it asks for an object.
DISCOVERY = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {
                "name": name,
                "kind": kind.removesuffix("List"),
                "namespaced": name != "namespaces",
                "verbs": ["get", "list", "create"],
            }
            for name, kind in LISTS.items()
        ],
    },
}


class _Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Api"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        asked = urllib.parse.parse_qs(query)
        (selector,) = asked.get("labelSelector", [""])
        if path in DISCOVERY:
            self._answer(DISCOVERY[path])
        elif "watch" in asked:
            self._watch(path, asked)
        elif (found := self.server.find(path, selector)) is not None:
            self._answer(found)
        else:
            self._answer({"kind": "Status", "status": "Failure", "code": 404}, 404)

    def do_POST(self) -> None:
        self._answer(self.server.keep(self._path(), self._body()), 201)

    def do_PATCH(self) -> None:
        path, content = self._path(), self._body()
        if self.headers["Content-Type"].startswith("application/apply-patch"):
            # The whole object, under its own name.
            self._answer(self.server.keep(path.rpartition("/")[0], content))
        else:
            self._answer(self.server.patch(path, content))

    def do_PUT(self) -> None:
        self._answer(self.server.keep(self._path().rpartition("/")[0], self._body()))

    def do_DELETE(self) -> None:
        self._body()
        self._answer({"kind": "Status", "status": "Success"})

    def _watch(self, path: str, query: dict[str, list[str]]) -> None:
        """Nothing ever happens here but what a test says. A client asks for a WebSocket; after a
        200 it does without."""
        if self.headers.get("Upgrade"):
            self._answer({"kind": "Status", "status": "Success"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        (selector,) = query.get("fieldSelector", [""])
        name = selector.removeprefix("metadata.name=")
        for changed in self.server.changes():
            if changed == f"{path}/{name}" or not name and changed.startswith(f"{path}/"):
                event = {"type": "MODIFIED", "object": self.server.find(changed)}
                self.wfile.write(json.dumps(event).encode() + b"\n")
                self.wfile.flush()

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _body(self) -> dict | list:
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
        self._lock = threading.Lock()
        # By path, as they came in; a deleted one stays.
        self._objects: dict[str, dict] = {}
        # The paths of what was changed, the last one None: there will be no more.
        self._changed: list[str | None] = []
        self._news = threading.Condition(self._lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def recorded(self, kind: str) -> list[dict]:
        with self._lock:
            return [one for one in self._objects.values() if one.get("kind") == kind]

    def find(self, path: str, selector: str = "") -> dict | None:
        """An object, or a list of those below a path that ends in a kind: all, or those with the labels
        of a selector of the form `NAME=VALUE,…`."""
        last = path.rpartition("/")[2]
        with self._lock:
            if path in self._objects or last not in LISTS:
                return self._objects.get(path)
            items = [one for name, one in self._objects.items() if name.rpartition("/")[0] == path]
        for name, _, value in (one.partition("=") for one in selector.split(",") if one):
            items = [one for one in items if one["metadata"].get("labels", {}).get(name) == value]
        return {
            "kind": LISTS[last],
            "apiVersion": "v1",
            "metadata": {"resourceVersion": "1"},
            "items": items,
        }

    def keep(self, parent: str, content: dict) -> dict:
        metadata = content.setdefault("metadata", {})
        metadata.setdefault("namespace", parent.rpartition("/namespaces/")[2].partition("/")[0])
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata.setdefault("resourceVersion", "1")
        if content.get("kind") == "Pod":
            content.setdefault("status", {"phase": "Pending"})
        with self._lock:
            self._objects[f"{parent}/{metadata['name']}"] = content
        return content

    def patch(self, path: str, content: dict | list[dict]) -> dict:
        """What Spark does to a pod that it is done with: it adds a label. Up to 4.0 that is a JSON
        Patch, later a merge."""
        with self._lock:
            found = self._objects[path]
            if isinstance(content, dict):
                assert content["metadata"].keys() == {"labels"}, content
                found["metadata"]["labels"] |= content["metadata"]["labels"]
                return found
            for one in content:
                assert one["op"] == "add", content
                *parents, last = one["path"].strip("/").split("/")
                functools.reduce(dict.__getitem__, parents, found)[last] = one["value"]
            return found

    def report(self, pod: dict, status: dict) -> None:
        """Reports the status of a pod as a kubelet would; every watcher gets it."""
        metadata = pod["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        with self._news:
            self._objects[path] = self._objects[path] | {"status": status}
            self._changed.append(path)
            self._news.notify_all()

    def changes(self) -> Iterator[str]:
        """The paths that were reported on, from the first, for as long as the server runs."""
        for place in itertools.count():
            with self._news:
                self._news.wait_for(lambda place=place: len(self._changed) > place)
                changed = self._changed[place]
            if changed is None:
                return
            yield changed

    def close(self) -> None:
        with self._news:
            self._changed.append(None)
            self._news.notify_all()
        self.shutdown()

    def handle_error(self, request, client_address) -> None:
        pass  # A client that has what it wanted hangs up.


@contextlib.contextmanager
def serve(kind: type[Api] = Api) -> Iterator[Api]:
    api = kind()
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        api.close()
        thread.join()
        api.server_close()
