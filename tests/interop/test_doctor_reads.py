"""What doctor says that a client reads, beside what the client itself reads: Pythons of several kinds,
curl with its variables, PEM in every form, and stores that a JVM finds empty.
"""

import base64
import itertools
import json
import shutil
import site
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from support import binary, environment, jvm, pki, tls_server

# What requests needs of the packages that the tests have.
PACKAGES = ("requests", "urllib3", "certifi", "idna", "charset_normalizer")


def stores(*args: str, env: dict[str, str], cwd: Path | None = None) -> dict[str, dict]:
    done = binary.run("doctor", "--format=json", *args, env=env, cwd=cwd)
    assert done.code in {0, 1}, done.stderr
    return {one["client"]: one for one in json.loads(done.stdout)["stores"]}


# Python.

ASK = """
import json, ssl, sys
paths = ssl.get_default_verify_paths()
context = ssl.create_default_context()
# The value of VERIFY_X509_STRICT, which older modules do not name.
said = {
    "version": "%d.%d" % sys.version_info[:2],
    "anchors": len(set(context.get_ca_certs(binary_form=True))),
    "strict": bool(context.verify_flags & 0x20),
}
try:
    import requests.certs, urllib3.util.ssl_
except ImportError:
    said["bundle"] = None
else:
    said["bundle"] = requests.certs.where()
    theirs = urllib3.util.ssl_.create_urllib3_context()
    said["requests strict"] = bool(theirs.verify_flags & 0x20)
print(json.dumps(said))
"""


def pythons() -> list[Path]:
    """The Pythons of this machine: the test's own, the system's and those of pyenv."""
    base = Path(sys.base_prefix)
    beside = base.parent.glob("3.*/bin/python3") if base.parent.name == "versions" else []
    beside = sorted(beside, key=lambda path: [int(part) for part in path.parts[-3].split(".")])
    own = [Path(sys.executable), base / "bin/python3", Path("/usr/bin/python3")]
    found = [path for path in [*own, *beside] if path.exists()]
    assert len(found) > 2, found
    return found


def agrees(python: Path, said: dict[str, dict], env: dict[str, str]) -> None:
    done = subprocess.run([python, "-c", ASK], env=env, capture_output=True, text=True, check=True)
    real = json.loads(done.stdout)
    ours, requests = said["python-ssl"], said["python"]
    assert ours["python"]["version"] == real["version"]
    # Python lists no certificate of a directory before it has needed it.
    assert ours["anchors"] >= real["anchors"] and bool(ours["anchors"]) >= bool(real["anchors"])
    assert ours["strictness"] == ("strict" if real["strict"] else "lenient")
    if real["bundle"] is None:
        assert "no requests" in requests["absent"], requests
        return
    assert requests["absent"] is None and requests["files"] == [real["bundle"]]
    assert requests["strictness"] == ("strict" if real["requests strict"] else "lenient")


@pytest.mark.parametrize("python", pythons(), ids=str)
def test_a_python_on_the_path_is_seen_as_it_sees_itself(python):
    env = environment.clean(PATH=f"{python.parent}:/usr/bin:/bin")
    agrees(python, stores(env=env), env)


@pytest.fixture(scope="module", params=["without requests", "with requests"])
def packages(request) -> list[Path]:
    """Directories to copy into a virtual environment."""
    if request.param == "without requests":
        return []
    return [
        path
        for name in PACKAGES
        for path in Path(site.getsitepackages()[0]).glob(f"{name}*")
        if path.is_dir() and path.name.split("-")[0] == name
    ]


@pytest.mark.parametrize("python", [*pythons()[1:3], pythons()[-1]], ids=str)
@pytest.mark.parametrize("found_by", ["VIRTUAL_ENV", "PATH", "the working directory", "PYSPARK_PYTHON"])
def test_a_virtual_environment_is_seen_as_it_sees_itself(python, packages, found_by, tmp_path):
    tree = tmp_path / ".venv"
    made = subprocess.run(
        [python, "-m", "venv", "--without-pip", tree], env=environment.clean(), capture_output=True
    )
    if made.returncode:
        pytest.skip(f"{python} has no module venv")
    [target] = tree.glob("lib/python3.*/site-packages")
    for package in packages:
        shutil.copytree(package, target / package.name)
    variables = {
        "VIRTUAL_ENV": {"VIRTUAL_ENV": tree},
        "PATH": {"PATH": f"{tree}/bin:/usr/bin:/bin"},
        "the working directory": {},
        "PYSPARK_PYTHON": {"PYSPARK_PYTHON": tree / "bin/python3"},
    }[found_by]
    cwd = tmp_path if found_by == "the working directory" else Path("/")
    env = environment.clean(**variables)
    said = stores(env=env, cwd=cwd)
    assert said["python-ssl"]["python"]["foundBy"] == found_by
    agrees(tree / "bin/python3", said, env)
    # The process itself, which the kernel knows by the file that runs.
    program = [tree / "bin/python3", "-c", "import time; print('up', flush=True); time.sleep(60)"]
    with subprocess.Popen(program, env=environment.clean(), stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"up\n"
            said = stores("--pid", str(process.pid), env=environment.clean())
        finally:
            process.kill()
    assert said["python-ssl"]["python"]["program"] == str(tree / "bin/python3")
    agrees(tree / "bin/python3", said, environment.clean())


def test_a_requests_of_debian_reads_what_debian_says(tmp_path):
    """Its certifi names the system's bundle, whatever lies beside it."""
    packages = tmp_path / "packages"
    for name in ("requests", "certifi"):
        (packages / name).mkdir(parents=True)
        (packages / name / "__init__.py").touch()
    (packages / "requests/certs.py").write_text("from certifi import where\n")
    core = "DEBIAN_CA_CERTS_PATH = '/etc/ssl/certs/ca-certificates.crt'\n"
    (packages / "certifi/core.py").write_text(core)
    (packages / "certifi/cacert.pem").touch()
    said = stores(env=environment.clean(PYTHONPATH=packages))["python"]
    assert said["files"] == ["/etc/ssl/certs/ca-certificates.crt"]
    assert said["foundBy"] == "the distribution's certifi"


# PEM.


@pytest.fixture(scope="module")
def roots() -> tuple[pki.Authority, pki.Authority]:
    return pki.root("Example Customer Root CA"), pki.root("Example Other Root CA")


def block(label: str, der: bytes, width: int = 64) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def forms(one: pki.Authority, other: pki.Authority) -> dict[str, bytes]:
    """A file of two certificates, in each form that somebody has sent."""
    a, b = one.pem, other.pem
    der = one.certificate.der
    begin, *body, end = a.decode().splitlines()

    def lines(*between: str) -> bytes:
        return "\n".join([*between, ""]).encode() + b

    return {
        "as it should be": a + b,
        "twice the same": a + a,
        "DER": der,
        "nothing": b"",
        "text alone": b"hello\n",
        "a byte order mark": b"\xef\xbb\xbf" + a + b,
        "a byte order mark in the middle": a + b"\xef\xbb\xbf" + b,
        "UTF-16": a.decode().encode("utf-16"),
        "CRLF": (a + b).replace(b"\n", b"\r\n"),
        "CR": (a + b).replace(b"\n", b"\r"),
        "text between": b"# roots: two\n" + a + b"and\n\n" + b,
        "X509 CERTIFICATE": block("X509 CERTIFICATE", der) + b,
        "glued": a.rstrip() + b,
        "BEGIN indented": b"  " + a + b,
        "END indented": lines(begin, *body, f"  {end}"),
        "body indented": lines(begin, *(f"  {line}" for line in body), end),
        "an empty line behind BEGIN": lines(begin, "", *body, end),
        "an empty line in the middle": lines(begin, *body[:3], "", *body[3:], end),
        "an empty line before END": lines(begin, *body, "", end),
        "double spaced": a.replace(b"\n", b"\n\n") + b,
        "trailing spaces": a.replace(b"\n", b" \t\n") + b,
        "a no-break space behind BEGIN": a.replace(b"E-----\n", b"E-----\xc2\xa0\n", 1) + b,
        "one line": block("CERTIFICATE", der, 100_000) + b,
        "lines of 76": block("CERTIFICATE", der, 76) + b,
        "no END": lines(begin, *body),
        "no END in the last": b + "\n".join([begin, *body]).encode(),
        "no last newline": a + b.rstrip(b"\n"),
        "damaged base64": lines(begin, *body[:-1], f"*{body[-1][1:]}", end),
        "a header": lines(begin, "Comment: x", "", *body, end),
        "a text in the body": lines(begin, "hello world", *body, end),
        "bytes behind the certificate": block("CERTIFICATE", der + b"\0\0") + b,
        "a private key": pki.key_pem(one.key) + a + b,
        "a private key alone": pki.key_pem(one.key),
        "a damaged private key": block("PRIVATE KEY", b"0\x03abc") + a + b,
        "another label": block("EXAMPLE", b"abc") + a + b,
        "an empty block": b"-----BEGIN EXAMPLE-----\n-----END EXAMPLE-----\n" + a + b,
        "a damaged revocation list": block("X509 CRL", b"0\x03abc") + a + b,
        "a NUL before": b"\0\n" + a + b,
        "a NUL between": a + b"\0\n" + b,
        "a long line before": b"x" * 300 + b"\n" + a + b,
        "254 bytes before BEGIN": b"x" * 254 + a + b,
        "lower case": a.replace(b"BEGIN", b"begin") + b,
        "text behind BEGIN": a.replace(b"E-----\n", b"E----- x\n", 1) + b,
        "text behind END": lines(begin, *body, f"{end} x"),
        "another END": lines(begin, *body, "-----END X509 CERTIFICATE-----"),
        "more padding": lines(begin, *body, "=", end),
        "escaped newlines": a.replace(b"\n", b"\\n"),
        "no certificate": block("CERTIFICATE", b"0\0") + b,
        "no certificate at the end": a + block("CERTIFICATE", b"0\0"),
    }


FORMS = list(forms(pki.root("Example A"), pki.root("Example B")))


@pytest.mark.parametrize("form", FORMS)
def test_pem_is_read_as_openssl_reads_it(form, roots, tmp_path):
    (bundle := tmp_path / "bundle.pem").write_bytes(forms(*roots)[form])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(bundle)
    except ssl.SSLError:
        real = 0
    else:
        real = len(set(context.get_ca_certs(binary_form=True)))
    env = environment.clean(VIRTUAL_ENV=sys.prefix, REQUESTS_CA_BUNDLE=bundle)
    said = stores(env=env)["python"]
    assert said["broken"] == (real == 0), said
    assert said["anchorsHash"] if real else "anchorsHash" not in said
    assert (said["anchors"] if form != "twice the same" else 1) == real, said


# curl.


@pytest.fixture(scope="module")
def customer(tmp_path_factory):
    """A server of a CA that nobody here knows, its file and its hashed directory."""
    home = tmp_path_factory.mktemp("customer")
    authority = pki.root("Example Customer Root CA")
    (home / "ca.pem").write_bytes(authority.pem)
    (home / "ca.der").write_bytes(authority.certificate.der)
    hash_ = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", home / "ca.pem"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (home / "hashed").mkdir()
    (home / "hashed" / f"{hash_}.0").write_bytes(authority.pem)
    with tls_server.serve(*authority.server().write(home / "server")) as listener:
        yield home, f"localhost:{listener.port}"


PUBLIC = "/etc/ssl/certs/ca-certificates.crt"
VALUES = {
    "CURL_CA_BUNDLE": ["", "{}/ca.pem", "{}/ca.der", PUBLIC],
    "SSL_CERT_FILE": ["", "{}/ca.pem", "{}/hashed", "/nonexistent/example"],
    "SSL_CERT_DIR": ["", "/nonexistent/example:{}/hashed", "/nonexistent/example"],
}


def test_curl_reads_its_variables_as_doctor_says(customer):
    home, host = customer
    differ = []
    for values in itertools.product(*VALUES.values()):
        chosen = {name: value.format(home) for name, value in zip(VALUES, values, strict=True)}
        env = environment.clean(**{name: value for name, value in chosen.items() if value})
        real = subprocess.run(["curl", "-sS", f"https://{host}/"], env=env, capture_output=True)
        done = binary.run("doctor", host, "--format=json", env=env)
        [server] = json.loads(done.stdout)["servers"]
        # 60: the certificate; 77: the file. The server says nothing more than the handshake.
        trusts = real.returncode not in {60, 77}
        if ("curl" in server["trustedBy"]) != trusts:
            differ.append((chosen, real.returncode, server["trustedBy"]))
    assert not differ


# Variables that are not ours.


def test_variables_that_exec_does_not_set_are_one_warning(customer, tmp_path):
    home, _ = customer
    env = environment.clean(
        CARGO_HTTP_CAINFO=home / "ca.pem", PGSSLROOTCERT=home / "ca.pem", GIT_SSL_NO_VERIFY="1"
    )
    done = binary.run("exec", "--ca", home / "ca.pem", "--", "true", env=env)
    [line] = [line for line in done.stderr.splitlines() if "foreign-variable" in line]
    for name in ("PGSSLROOTCERT (libpq: psql, psycopg; asyncpg)", "GIT_SSL_NO_VERIFY (git: no "):
        assert name in line
    # What it names is merged instead.
    assert "CARGO_HTTP_CAINFO" not in line
    done = binary.run("doctor", "--format=json", env=env)
    report = json.loads(done.stdout)
    assert report["switches"] == ["GIT_SSL_NO_VERIFY"]
    [cargo] = [one for one in report["stores"] if one["client"] == "CARGO_HTTP_CAINFO"]
    assert cargo["anchors"] == 1
    text = binary.run("doctor", env=env).stdout.decode()
    assert "GIT_SSL_NO_VERIFY turns off verification (git)" in text


# A JVM's stores that hold nothing for it.


@pytest.mark.parametrize("form", ["PKCS12", "JKS"])
@pytest.mark.parametrize("content", ["nothing", "a key"])
def test_a_store_without_a_ca_is_not_a_wrong_password(form, content, tmp_path):
    store = tmp_path / "store"
    keytool = [jvm.machine().home / "bin/keytool", "-keystore", store]
    keytool += ["-storetype", form, "-storepass", "example", "-alias", "key"]
    make = [["-genkeypair", "-keyalg", "EC", "-dname", "CN=Example", "-keypass", "example"]]
    for words in make if content == "a key" else [*make, ["-delete"]]:
        subprocess.run([*keytool, *words], check=True, capture_output=True)
    options = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword="
    for password, words in {"example": content, "wrong": "password"}.items():
        said = stores(env=environment.clean(JAVA_TOOL_OPTIONS=options + password))["java"]
        message = " ".join(fault["message"] for fault in said["faults"])
        if content == "a key" and form == "JKS" and password == "example":
            # The key's own certificate is an anchor, and no more.
            assert said["anchors"] == 1, said
            continue
        expected = {
            "nothing": "there is no certificate in it",
            "a key": "only key entries",
            "password": "does not open",
        }[words]
        assert said["broken"] and expected in message, message
