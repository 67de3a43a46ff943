"""The image of an application with Python and a JVM, whose own trust is more than Mozilla's.

There is no network in the tests, so the image holds the servers that its clients call, too:

    customer   under the customer's CA; sends its root along, as many do
    public     under a CA that all of the image's stores know
    house      under a CA that is in the JVM's store alone, as by a keytool in a Dockerfile
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

from engine import Engine
from in_container import ACCEPTED
from roots import CACERTS, JDK, Roots
from sources import Sources
from support import environment, pki

TAG = "localhost/application:e2e"
# Calls every server with every client, and prints what came of it.
ENTRYPOINT = ("python3", "-m", "e2e.in_container", "/classes", "/sites")
WORKDIR = "/tests"
CLIENTS = {"openssl", "curl", "python", "requests", "jvm"}
PACKAGES = ("requests", "urllib3", "certifi", "idna", "charset_normalizer")
DIST = "usr/lib/python3/dist-packages"

# How each client says that it does not know the issuer of a chain that has its root in it.
SELF_SIGNED = ("self-signed certificate in certificate chain",)
SELF_SIGNED += ("self signed certificate in certificate chain",)  # OpenSSL before 3.0
NO_PATH = "PKIX path building failed"
NO_ISSUER = "unable to get local issuer certificate"


class Application:
    def __init__(self, roots: Roots, sources: Sources, probe: Path, home: Path):
        self.root = home / "application"
        self.house = pki.root(pki.name("Example House Root CA", organization="Example House"))
        roots.copy(roots["debian"], self.root)
        self._packages(sources.public.read_bytes())
        self._java(home)
        self._sites(sources)
        shutil.copytree(probe, self.root / "classes")
        fetch = Path(__file__).with_name("Fetch.java")
        subprocess.run(
            ["javac", "--release", "8", "-Xlint:-options", "-d", self.root / "classes", fetch],
            check=True,
            env=environment.clean(),
        )
        for name in ("e2e", "support"):
            shutil.copytree(environment.REPOSITORY / "tests" / name, self.root / "tests" / name)
        (self.root / "sites").chmod(0o755)

    def _packages(self, public: bytes) -> None:
        for name in PACKAGES:
            found = importlib.util.find_spec(name)
            assert found and found.submodule_search_locations
            shutil.copytree(found.submodule_search_locations[0], self.root / DIST / name)
        with (self.root / DIST / "certifi" / "cacert.pem").open("ab") as bundle:
            bundle.write(b"\n" + public)

    def _java(self, home: Path) -> None:
        """A store of the JDK's own, as in the Temurin images that Spark's are made from: what is
        mounted over /etc/ssl/certs does not reach it."""
        store = self.root / JDK / CACERTS
        store.unlink()
        shutil.copyfile(self.root / "etc/ssl/certs/java/cacerts", store)
        root = home / "house.pem"
        root.write_bytes(self.house.pem)
        subprocess.run(
            ["keytool", "-importcert", "-noprompt", "-alias", "house", "-file", root,
             "-keystore", store, "-storepass", "changeit"],
            check=True, capture_output=True, env=environment.clean(),
        )  # fmt: skip

    def _sites(self, sources: Sources) -> None:
        servers = sources.servers | {"house": self.house.server()}
        for name, server in servers.items():
            chain, _ = server.write(self.root / "sites" / name)
            if name == "customer":
                root = sources.chain.read_bytes().split(b"-----BEGIN")[-1]
                chain.write_bytes(chain.read_bytes() + b"-----BEGIN" + root)

    def image(self, engine: Engine, home: Path) -> str:
        """For kube play, which takes no directory."""
        context = home / "context"
        context.mkdir()
        self.root.rename(context / "root")
        try:
            command, place = json.dumps(ENTRYPOINT), f"WORKDIR {WORKDIR}\n"
            (context / "Dockerfile").write_text(
                f"FROM scratch\nCOPY root /\nENV PATH=/usr/bin:/bin\n{place}ENTRYPOINT {command}\n"
            )
            engine.build(context, TAG)
        finally:
            (context / "root").rename(self.root)
        return TAG


def untouched(said: dict) -> None:
    """What the image's clients say with no trust but its own."""
    for client in CLIENTS - {"jvm"}:
        assert any(words in said["customer"][client] for words in SELF_SIGNED), said["customer"]
        assert NO_ISSUER in said["house"][client], said["house"]
    assert NO_PATH in said["customer"]["jvm"], said["customer"]
    assert said["house"]["jvm"] == ACCEPTED
    assert said["public"] == dict.fromkeys(CLIENTS, ACCEPTED)


def trusting(said: dict) -> None:
    """What they say with the customer's CA added, and nothing lost."""
    assert said["customer"] == dict.fromkeys(CLIENTS, ACCEPTED)
    assert said["public"] == dict.fromkeys(CLIENTS, ACCEPTED)
    assert said["house"]["jvm"] == ACCEPTED
