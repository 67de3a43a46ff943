"""What every start of a container, and every look, costs: exec, check, doctor, render, and a
process that does nothing.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench import inputs, spawn
from bench.cases import Case, Place, empty, run
from bench.results import BEFORE, NOW

# What images and charts set, each to a bundle that exec must look into: a client would read it.
CA_VARIABLES = (
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PERL_LWP_SSL_CA_FILE",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "AWS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTPLIB2_CA_CERTS",
    "NODE_EXTRA_CA_CERTS",
)
LEAF = """\
subjectAltName=DNS:localhost,IP:127.0.0.1
extendedKeyUsage=serverAuth
basicConstraints=critical,CA:FALSE
"""


def cases(place: Place, hello: Path, port: int) -> list[Case]:
    chain = place.root / "chain.pem"
    parts = [place.chains[0].parent / f"{number}.pem" for number in (3, 2, 1, 0)]
    chain.write_text("".join(part.read_text() for part in parts))
    bundle = place.root / "image-bundle.pem"
    bundle.write_bytes((place.old / "os/ca-certificates.crt").read_bytes())
    stores = machine_stores()
    return [
        Case("hello", [str(hello)]),
        Case("hello, true", [str(hello), "/bin/true"]),
        Case("true", ["/bin/true"]),
        Case("cat stores", ["cat", *stores]),
        *(
            case
            for build in (NOW, BEFORE)
            if build in place.builds
            for case in of_build(place, build, chain, bundle, port)
        ),
    ]


def of_build(place: Place, build: str, chain: Path, bundle: Path, port: int) -> list[Case]:
    binary = str(place.builds[build])
    first, again = place.root / f"first {build}", place.root / f"again {build}"
    empty(again)

    def exec_in(folder: Path) -> dict:
        command = [binary, "exec", "--ca", str(place.chains[0]), "--base", "mozilla"]
        return {"argv": [*command, "--", "/bin/true"], "environment": {"TMPDIR": str(folder)}}

    exec_from = [binary, "exec", "--from", str(place.old), "--", "/bin/true"]
    wiring = [binary, "env", "--format", "docker", "--mounted-at", str(place.old)]
    trusting = dict(line.split("=", 1) for line in run(wiring).splitlines())
    return [
        Case("--version", [binary, "--version"], build),
        Case("exec --from", exec_from, build, becomes_another=True),
        Case("exec --from, eight set", exec_from, build, becomes_another=True,
             environment=dict.fromkeys(CA_VARIABLES, str(bundle))),
        # The first start of a container, and every later one: nothing is written then.
        Case("exec, first", build=build, prepare=lambda: empty(first), becomes_another=True,
             **exec_in(first)),
        Case("exec, again", build=build, becomes_another=True, **exec_in(again)),
        Case("check", [binary, "check", str(chain)], build),
        Case("doctor", [binary, "doctor"], build),
        Case("doctor, loopback", [binary, "doctor", f"localhost:{port}"], build,
             environment=trusting),
        Case("render", [binary, "render", "--ca", str(chain)], build),
    ]  # fmt: skip


def machine_stores() -> list[str]:
    """What doctor finds on a Debian: the hashed directory, the bundle and the JDK's store."""
    found = [path for path in Path("/etc/ssl/certs").rglob("*") if path.is_file()]
    return sorted(map(str, found)) or ["/dev/null"]


@contextlib.contextmanager
def tls_server(chain: Path, folder: Path) -> Iterator[int]:
    """A server on loopback, with a certificate that the chain's issuing CA signed; its port."""
    key, request, leaf = (folder / f"server.{kind}" for kind in ("key", "csr", "pem"))
    extensions, sent = folder / "server.ext", folder / "server-chain.pem"
    extensions.write_text(LEAF)
    inputs.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key),
                   "-out", str(request), "-subj", "/CN=localhost")  # fmt: skip
    issuer = chain.parent / "3.pem"
    inputs.openssl("x509", "-req", "-in", str(request), "-CA", str(issuer), "-CAkey",
                   str(issuer.with_suffix(".key")), "-set_serial", "77", "-days", "365",
                   "-out", str(leaf), "-extfile", str(extensions))  # fmt: skip
    sent.write_text("".join((chain.parent / f"{n}.pem").read_text() for n in (3, 2, 1)))
    log = folder / "server.log"
    with log.open("w") as out:
        # Port 0 lets the kernel choose.
        server = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", str(leaf),
             "-key", str(key), "-cert_chain", str(sent)],
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL, env=spawn.ENVIRONMENT,
        )  # fmt: skip
    try:
        yield _port(server, log)
    finally:
        server.kill()
        server.wait()


def _port(server: subprocess.Popen, log: Path) -> int:
    while not (told := re.search(r"^ACCEPT \S+:(\d+)$", log.read_text(), re.MULTILINE)):
        if server.poll() is not None:
            raise SystemExit("benches/run: openssl s_server did not start")
        time.sleep(0.01)
    return int(told[1])
