"""The clients of the matrix: how each fetches a URL, and what it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import image
from support import jvm

FETCH = str(Path(__file__).with_name("fetch.py"))


@dataclass(frozen=True)
class Line:
    """A line of configuration, for a client that reads no variable."""

    text: str
    # Where it is, in words.
    place: str
    # How the client is led to `{file}`, which holds the line and is alone in `{directory}`.
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Client:
    """A command that takes a URL behind it, and succeeds where the site answers."""

    name: str
    command: tuple[str, ...]
    # Variables that exec sets and this client reads: each is enough alone.
    reads: tuple[str, ...] = ()
    line: Line | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    # Its roots are its own and no store of the image: compiled in, or in a file of its own.
    own_roots: bool = False
    # What exec sets adds to its own roots; elsewhere it replaces them.
    adds: bool = False
    # The server of the tests is good enough for it to succeed, once it trusts it.
    succeeds: bool = True
    java: int | None = None

    @property
    def variables(self) -> dict[str, str]:
        """What it is started with, in the image."""
        if self.java is None:
            return dict(self.env)
        home = jvm.get(image.newest_jdks()[self.java]).home
        return {"JAVA_HOME": str(home), "CLASSPATH": str(jvm.classes("Fetch"))}


def _python(name: str, function: str, *reads: str, **more) -> Client:
    return Client(name, ("python", FETCH, function), reads, **more)


def _java(version: int) -> Client:
    start = 'exec "$JAVA_HOME/bin/java" "$@"'
    command = ("sh", "-c", start, "java", *jvm.QUICK_START, "Fetch")
    return Client(f"Java {version}", command, ("JAVA_TOOL_OPTIONS",), java=version)


OS_BUNDLE = "/trust/os/ca-certificates.crt"
REQUESTS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
NODE = (
    "node",
    "-e",
    'require("https").get(process.argv[1], a => a.resume()).on("error", e => { throw e })',
)
PHP_CURL = "$c = curl_init($argv[1]); curl_exec($c) || throw new Exception(curl_error($c));"
R_CURL = (
    'handle <- get0("handle", ifnotfound = curl::new_handle());'
    "invisible(curl::curl_fetch_memory(commandArgs(TRUE)[1], handle))"
)

CLIENTS = (
    _python("Python ssl", "ssl", "SSL_CERT_FILE"),
    _python("requests", "requests", *REQUESTS),
    _python("urllib3", "urllib3", "SSL_CERT_FILE"),
    _python("httpx", "httpx", "SSL_CERT_FILE"),
    _python("aiohttp", "aiohttp", "SSL_CERT_FILE"),
    _python("boto3", "boto3", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"),
    _python("google-auth", "google_auth", *REQUESTS),
    _python("azure-core", "azure_core", *REQUESTS),
    _python("grpc", "grpc", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", own_roots=True, succeeds=False),
    Client(
        "pip",
        ("python", "-m", "pip", "download", "--no-cache-dir", "--retries=0", "none", "-i"),
        ("PIP_CERT", *REQUESTS, "SSL_CERT_FILE"),
        # A machine's pip.conf may name a bundle.
        env={"PIP_CONFIG_FILE": "/dev/null"},
        succeeds=False,
    ),
    Client(
        "uv",
        tuple("uv pip install --dry-run --no-cache --no-config none --default-index".split()),
        ("SSL_CERT_FILE",),
        env={"UV_HTTP_RETRIES": "0"},
        own_roots=True,
        succeeds=False,
    ),
    _python("pyarrow S3", "pyarrow", "SSL_CERT_FILE"),
    _python("deltalake S3", "deltalake", "SSL_CERT_FILE", succeeds=False),
    Client("curl", ("curl", "-sS", "--max-time", "20"), ("CURL_CA_BUNDLE", "SSL_CERT_FILE")),
    Client(
        "git",
        ("git", "ls-remote"),
        ("GIT_SSL_CAINFO",),
        env={"GIT_CONFIG_NOSYSTEM": "1"},
        succeeds=False,
    ),
    Client("Node", NODE, ("NODE_EXTRA_CA_CERTS",), own_roots=True, adds=True),
    Client(
        "Node where the image sets its variable",
        NODE,
        ("NODE_EXTRA_CA_CERTS",),
        env={"NODE_EXTRA_CA_CERTS": str(image.OS_BUNDLE)},
    ),
    Client("Go", ("fetch-go",), ("SSL_CERT_FILE",)),
    Client(
        "Ruby",
        ("ruby", "-rnet/http", "-e", "Net::HTTP.get(URI(ARGV[0]))"),
        ("SSL_CERT_FILE",),
    ),
    Client(
        "PHP streams",
        ("php", "-r", "exit(file_get_contents($argv[1]) === false ? 1 : 0);"),
        ("SSL_CERT_FILE",),
    ),
    Client("Rust (rustls-native-certs)", ("fetch-rust",), ("SSL_CERT_FILE",)),
    *map(_java, image.newest_jdks()),
    _python(
        "confluent-kafka",
        "confluent_kafka",
        line=Line(
            f"ssl.ca.location={OS_BUNDLE}",
            "the client's properties",
            {"KAFKA_PROPERTIES": "{file}"},
        ),
        succeeds=False,
    ),
    Client(
        "wget",
        ("wget", "-nv", "-O", "/dev/null", "--tries=1", "--timeout=20"),
        line=Line(f"ca_certificate = {OS_BUNDLE}", "/etc/wgetrc, ~/.wgetrc", {"WGETRC": "{file}"}),
    ),
    Client(
        "PHP curl",
        ("php", "-r", PHP_CURL),
        line=Line(
            f"curl.cainfo = {OS_BUNDLE}",
            "php.ini, or a file of conf.d",
            {"PHP_INI_SCAN_DIR": ":{directory}"},
        ),
    ),
    Client(
        "R curl",
        ("Rscript", "-e", R_CURL),
        line=Line(
            f'handle <- curl::new_handle(cainfo = "{OS_BUNDLE}")',
            "the program, which hands the handle to each call",
            {"R_PROFILE_USER": "{file}"},
        ),
    ),
)
