"""A Kubernetes API that takes every object, records it, and runs nothing: enough for Spark to ask it for pods, and
for helm and kubectl to install, change and remove what a chart renders. No cluster of any kind is behind it: what a
kubelet would report, a test says.

It validates and defaults nothing, asks for no namespace to exist, and has one manager of fields: what is applied
replaces what was there. A patch is merged by RFC 7396; one that merges a list by its keys is refused.
"""

import contextlib
import copy
import functools
import http.server
import itertools
import json
import threading
import urllib.parse
import uuid
from collections.abc import Callable, Iterator

from support import kube_protobuf, kube_resources

DISCOVERY = kube_resources.discovery()


class Refused(Exception):
    """A status that is no success."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "code": code,
            "reason": reason,
            "message": message,
        }


class _Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer in one packet: the client's system waits 40 ms before it acknowledges the first of two.
    wbufsize = -1
    server: "Api"

    def do_GET(self) -> None:
        path = self._path()
        asked = self._query()
        (selector,) = asked.get("labelSelector", [""])
        if path in DISCOVERY:
            self._answer(DISCOVERY[path])
        elif "sendInitialEvents" in asked:
            # A client then lists first, and watches what follows.
            self._refuse(Refused(422, "Invalid", "this API sends no initial events"))
        elif "watch" in asked:
            self._watch(path, asked)
        elif (found := self.server.find(path, selector)) is not None:
            self._answer(found)
        else:
            self._refuse(_missing(path))

    def do_POST(self) -> None:
        path, content = self._path(), self._body()
        self._change(lambda: self.server.create(path, content, dry=self._dry()), 201)

    def do_PATCH(self) -> None:
        path, content = self._path(), self._body()
        if self.headers["Content-Type"].startswith("application/apply-patch"):
            self._change(lambda: self.server.apply(path, content, dry=self._dry()))
        else:
            self._change(lambda: self.server.patch(path, content, dry=self._dry()))

    def do_PUT(self) -> None:
        path, content = self._path(), self._body()
        self._change(lambda: self.server.replace(path, content, dry=self._dry()))

    def do_DELETE(self) -> None:
        self._body()
        (selector,) = self._query().get("labelSelector", [""])
        self.server.delete(self._path(), selector)
        self._answer({"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def _change(self, change: Callable[[], dict], code: int = 200) -> None:
        try:
            self._answer(change(), code)
        except Refused as refused:
            self._refuse(refused)

    def _refuse(self, refused: Refused) -> None:
        self._answer(refused.status, refused.status["code"])

    def _dry(self) -> bool:
        return "dryRun" in self._query()

    def _query(self) -> dict[str, list[str]]:
        return urllib.parse.parse_qs(self.path.partition("?")[2])

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
        self.wfile.flush()
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
        if content.startswith(kube_protobuf.MAGIC):
            return kube_protobuf.decoded(content)
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
        self._lock = threading.RLock()
        # By path, as they are now. A deleted one stays, and its path is in the other.
        self._objects: dict[str, dict] = {}
        self._deleted: set[str] = set()
        self._versions = itertools.count(1)
        # The paths of what was changed, the last one None: there will be no more.
        self._changed: list[str | None] = []
        self._news = threading.Condition(self._lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def recorded(self, kind: str) -> list[dict]:
        """Also those that were deleted."""
        with self._lock:
            return [one for one in self._objects.values() if one.get("kind") == kind]

    def existing(self) -> dict[str, dict]:
        """By path, all that there is now."""
        with self._lock:
            return {path: one for path, one in self._objects.items() if path not in self._deleted}

    def find(self, path: str, selector: str = "") -> dict | None:
        """An object, or a list of those below a path that ends in a kind: all, or those with the labels
        of a selector of the form `NAME=VALUE,…`."""
        resource = kube_resources.listed(path)
        if resource is None or path in self.existing():
            return self.existing().get(path)
        return {
            "kind": f"{resource.kind}List",
            "apiVersion": resource.version,
            "metadata": {"resourceVersion": str(next(self._versions))},
            "items": list(self._selected(path, selector).values()),
        }

    def _selected(self, path: str, selector: str) -> dict[str, dict]:
        """By path, those of a kind that have the labels; without a namespace in the path, those of all of them."""
        root, _, plural = path.rpartition("/")
        found = {}
        for name, one in self.existing().items():
            parent = name.rpartition("/")[0]
            if parent == path or (parent.startswith(f"{root}/namespaces/") and parent.endswith(f"/{plural}")):
                found[name] = one
        for key, _, value in (one.partition("=") for one in selector.split(",") if one):
            found = {n: o for n, o in found.items() if o["metadata"].get("labels", {}).get(key) == value}
        return found

    def keep(self, parent: str, content: dict) -> dict:
        """Stores an object, whether or not there was one."""
        metadata = content.setdefault("metadata", {})
        if "/namespaces/" in parent:
            metadata.setdefault("namespace", parent.rpartition("/namespaces/")[2].partition("/")[0])
        metadata.setdefault("uid", str(uuid.uuid4()))
        if content.get("kind") == "Pod":
            content.setdefault("status", {"phase": "Pending"})
        path = f"{parent}/{metadata['name']}"
        with self._lock:
            metadata["resourceVersion"] = str(next(self._versions))
            self._objects[path] = content
            self._deleted.discard(path)
        return content

    def create(self, parent: str, content: dict, *, dry: bool = False) -> dict:
        path = f"{parent}/{content['metadata']['name']}"
        with self._lock:
            if path in self.existing():
                raise Refused(409, "AlreadyExists", f"{path} already exists")
            return content if dry else self.keep(parent, content)

    def replace(self, path: str, content: dict, *, dry: bool = False) -> dict:
        """As `kubectl replace` and a server-side apply; what only a server or a kubelet writes is kept."""
        with self._lock:
            old = self.existing().get(path)
            if old is None:
                raise _missing(path)
            if kube_resources.immutable(old, content):
                raise Refused(422, "Invalid", f"{path}: field is immutable when `immutable` is set")
            content["metadata"]["uid"] = old["metadata"]["uid"]
            if "status" in old:
                content.setdefault("status", old["status"])
            return content if dry else self.keep(path.rpartition("/")[0], content)

    def apply(self, path: str, content: dict, *, dry: bool = False) -> dict:
        with self._lock:
            if path in self.existing():
                return self.replace(path, content, dry=dry)
            return self.create(path.rpartition("/")[0], content, dry=dry)

    def patch(self, path: str, content: dict | list[dict], *, dry: bool = False) -> dict:
        """A merge of any kind, or a JSON Patch that only adds, which is all that Spark up to 4.0 sends."""
        with self._lock:
            old = self.existing().get(path)
            if old is None:
                raise _missing(path)
            try:
                new = _added(old, content) if isinstance(content, list) else kube_resources.merged(old, content)
            except ValueError as error:
                raise Refused(415, "UnsupportedMediaType", str(error)) from error
            return self.replace(path, new, dry=dry)

    def delete(self, path: str, selector: str = "") -> None:
        """One object, or those of a kind with these labels. One that is not there is no error, as Spark deletes by
        label what it may never have made."""
        with self._lock:
            self._deleted |= {path} if path in self._objects else set(self._selected(path, selector))

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


def _missing(path: str) -> Refused:
    return Refused(404, "NotFound", f"{path} not found")


def _added(old: dict, operations: list[dict]) -> dict:
    new = copy.deepcopy(old)
    for one in operations:
        if one["op"] != "add":
            raise ValueError(f"this API only adds: {one}")
        *parents, last = one["path"].strip("/").split("/")
        functools.reduce(dict.__getitem__, parents, new)[last] = one["value"]
    return new


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
