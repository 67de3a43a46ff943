"""A customer's servers of dependencies: a Maven repository, and plain files, over TLS."""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from support import pki, tls_server

PACKAGE = "com.example:library:1.0.0"
_PLACE = "/maven/com/example/library/1.0.0/library-1.0.0"
_POM = b"""<project><modelVersion>4.0.0</modelVersion>
<groupId>com.example</groupId><artifactId>library</artifactId><version>1.0.0</version></project>
"""
# Spark takes any container of it as its own.
_TEMPLATE = b"apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: any}]\n"
# What Ivy asks for is PLACE with these endings.
RESOLVED = {f"{_PLACE}.pom", f"{_PLACE}.jar"}
TEMPLATE = "/driver.yaml"

# Prints where executors get each file from: a URL, or the driver.
APPLICATION = b"""\
from pyspark import SparkContext

with SparkContext() as context:
    scala = context._jsc.sc()
    for each in (scala.listJars(), scala.listFiles()):
        print("executors fetch", *each.mkString(" ").split())
"""


@dataclass
class Repository:
    url: str
    # The paths that were fetched, in order; a client that refuses the certificate asks for none.
    asked: list[str] = field(default_factory=list)

    @property
    def maven(self) -> str:
        return f"{self.url}/maven"

    def packages(self, ivy: Path) -> dict[str, object]:
        """As --packages and --repositories set them; `ivy` is where Ivy keeps what it resolved."""
        return {
            "spark.jars.packages": PACKAGE,
            "spark.jars.repositories": self.maven,
            "spark.jars.ivy": ivy,
        }

    def files(self) -> dict[str, str]:
        """As --jars, --files, --py-files and --archives set them, each with one URL."""
        names = {
            "spark.jars": "extra.jar",
            "spark.files": "data.txt",
            "spark.submit.pyFiles": "module.py",
            "spark.archives": "archive.zip",
        }
        return {name: f"{self.url}/{file}" for name, file in names.items()}


def _jar() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("com/example/resource.txt", "made for a test\n")
    return content.getvalue()


def _contents() -> dict[str, bytes]:
    jar = _jar()
    files = {f"{_PLACE}.pom": _POM, f"{_PLACE}.jar": jar, TEMPLATE: _TEMPLATE}
    files |= {"/extra.jar": jar, "/archive.zip": jar, "/data.txt": b"", "/module.py": b""}
    files["/application.py"] = APPLICATION
    return files | {
        f"{path}.sha1": hashlib.sha1(content).hexdigest().encode()
        for path, content in files.items()
        if path in RESOLVED
    }


@contextlib.contextmanager
def serve(server: pki.Server, home: Path) -> Iterator[Repository]:
    contents, asked = _contents(), []

    class Answer(tls_server.Answer):
        def do_GET(self) -> None:
            content = contents.get(self.path)
            if self.command == "GET":
                asked.append(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if self.command == "GET" and content:
                self.wfile.write(content)

        do_HEAD = do_GET

    with tls_server.serve(*server.write(home), answer=Answer) as listener:
        yield Repository(f"https://localhost:{listener.port}", asked)
