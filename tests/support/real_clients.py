"""What real clients do with a server: trust it, refuse it, or fail for another reason."""

import concurrent.futures
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from support import environment, jvm

# The oldest, that of the machine (None) and the newest.
JVMS = ("8", None, "25.0.2")
SECONDS = 15


class Outcome(StrEnum):
    TRUSTED = "trusts it"
    # Its certificates, or the store of the client.
    REFUSED = "refuses it"
    # No connection, no TLS, no certificate: no question of trust, or none alone.
    FAILED = "fails"


@dataclass(frozen=True)
class Question:
    """A server, the way to it, and what the clients are given."""

    port: int
    host: str = "localhost"
    env: Mapping[str, str] = field(default_factory=dict)
    # An HTTP proxy on loopback.
    proxy: int | None = None
    # What a client is started with, to have fewer rights.
    prefix: Sequence[str] = ()
    # Of `openssl s_client`, on top.
    s_client: Sequence[str] = ()
    # Where the same certificates are served without anything before TLS.
    plain_port: int | None = None

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.plain_port or self.port}/"

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess:
        """Who says nothing in time has failed, with what they said so far."""
        done = [*self.prefix, *map(str, command)]
        options = {"input": "", "capture_output": True, "text": True, "timeout": SECONDS}
        try:
            return subprocess.run(done, env={**self.env, **variables}, **options)
        except subprocess.TimeoutExpired as silence:
            said = [(some or b"").decode() for some in (silence.stdout, silence.stderr)]
            return subprocess.CompletedProcess(done, 124, *said)


@dataclass(frozen=True)
class Said:
    outcome: Outcome
    text: str


def openssl(question: Question) -> Said:
    done = question.run(*s_client(question))
    text = done.stderr + done.stdout
    if re.search(r"^verify error|Verify return code: [1-9]", text, re.MULTILINE):
        return Said(Outcome.REFUSED, text)
    is_well = done.returncode == 0 and "Verification: OK" in text
    return Said(Outcome.TRUSTED if is_well else Outcome.FAILED, text)


def s_client(question: Question) -> list[str]:
    is_address = question.host.replace(".", "").isdigit()
    name = ["-noservername", "-verify_ip"] if is_address else ["-verify_hostname"]
    command = ["openssl", "s_client", "-connect", question.authority, *name, question.host]
    command += ["-verify_return_error", "-showcerts"]
    command += ["-proxy", f"127.0.0.1:{question.proxy}"] if question.proxy else []
    return [*command, *question.s_client]


# requests; urllib with what Python's own ssl module trusts by itself; and requests' file under
# what Python 3.13 and urllib3 set, by whatever Python this is.
_PYTHON = """
import json, os, ssl, sys, urllib.request
import requests

def strict():
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    names = {"capath" if os.path.isdir(bundle) else "cafile": bundle}
    context = ssl.create_default_context(**names)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    context.hostname_checks_common_name = False
    urllib.request.urlopen(sys.argv[1], timeout=2, context=context).read()

asking = {
    "requests": lambda: requests.get(sys.argv[1], timeout=2).content,
    "urllib": lambda: urllib.request.urlopen(sys.argv[1], timeout=2).read(),
    "strict": strict,
}
said = {}
for name, ask in asking.items():
    try:
        ask()
        said[name] = None
    except Exception as error:
        said[name] = f"{type(error).__name__}: {error}"
print(json.dumps(said))
"""
_PYTHON_REFUSES = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|doesn't match|match any of|suitable TLS CA certificate bundle"
    r"|PermissionError|FileNotFoundError|\[X509[:\]]|unknown error|\[SSL\] PEM|no start line"
)


def python(question: Question) -> dict[str, Said]:
    done = question.run(sys.executable, "-W", "ignore", "-c", _PYTHON, question.url)
    assert done.returncode == 0, done.stderr
    return {
        name: _said(error is None, error or "", _PYTHON_REFUSES)
        for name, error in json.loads(done.stdout).items()
    }


_CURL_REFUSES = re.compile(r"curl: \((51|60|77)\)")


def curl(question: Question) -> Said:
    done = question.run("curl", "-sS", "-o", "/dev/null", "--max-time", "3", question.url)
    return _said(done.returncode == 0, done.stderr, _CURL_REFUSES)


_JAVA_REFUSES = re.compile(
    r"java\.security\.cert\.|ValidatorException|KeyStoreException|trustAnchors"
    r"|problem accessing trust store"
)


def java(question: Question, name: str | None) -> Said:
    runtime = jvm.get(name) if name else jvm.machine()
    # -D of a proxy: the JVM knows no HTTPS_PROXY, and goes to localhost without one.
    proxy = ["-Dhttps.proxyHost=127.0.0.1", f"-Dhttps.proxyPort={question.proxy}"]
    limits = [f"-Dsun.net.client.default{what}Timeout=3000" for what in ("Connect", "Read")]
    done = question.run(
        *[runtime.home / "bin" / "java", *jvm.QUICK_START, *(proxy if question.proxy else [])],
        # As Spark's entrypoint does.
        *[value for name, value in question.env.items() if name.startswith("SPARK_JAVA_OPT_")],
        *[*limits, "-cp", jvm.classes("Fetch"), "Fetch", question.url],
    )
    return _said(done.returncode == 0, done.stderr, _JAVA_REFUSES)


def _said(is_well: bool, text: str, refuses: re.Pattern) -> Said:
    if is_well:
        return Said(Outcome.TRUSTED, text)
    return Said(Outcome.REFUSED if refuses.search(text) else Outcome.FAILED, text)


def everyone(question: Question) -> dict[str, Said]:
    """Every client's answer, by its name."""
    jvm.classes("Fetch")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        native = {"openssl": pool.submit(openssl, question), "curl": pool.submit(curl, question)}
        by_jvm = {
            f"java {name}" if name else "java": pool.submit(java, question, name) for name in JVMS
        }
        said = {name: answer.result() for name, answer in {**native, **by_jvm}.items()}
    return said | python(question)
