"""What `doctor` sees of a process, and does on request: beside the catalogue of test_doctor.py,
where each failure of a server is held against the real clients.
"""

import contextlib
import http.server
import json
import shutil
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from support import binary, environment, fakes, pki, tls_server

SECRET = "example-secret"


def here(**variables: str | Path) -> dict[str, str]:
    """An environment whose Python has requests: the one that runs the tests."""
    return environment.clean(**{"VIRTUAL_ENV": sys.prefix} | variables)


def doctor(*args: str | Path, code: int | None, **variables: str | Path) -> binary.Run:
    done = binary.run("doctor", *args, env=here(**variables))
    if code is None:
        return done
    assert done.code == code, done.stdout.decode() + done.stderr
    return done


def report(*args: str | Path, code: int, **variables: str | Path) -> dict:
    return json.loads(doctor(*args, "--format=json", code=code, **variables).stdout)


def store(report: dict, client: str) -> dict:
    return next(store for store in report["stores"] if store["client"] == client)


def faults(store: dict) -> str:
    return " ".join(fault["message"] for fault in store["faults"])


@pytest.fixture(scope="module")
def customer() -> pki.Authority:
    return pki.root("Example Customer Root CA")


@pytest.fixture(scope="module")
def tree(customer, tmp_path_factory) -> binary.Tree:
    home = tmp_path_factory.mktemp("stores")
    (home / "chain.pem").write_bytes(customer.pem)
    return binary.build(home / "trust", "--ca", home / "chain.pem")


# What variables name.


def test_each_variable_that_is_set_is_looked_at(tree, customer, tmp_path):
    (alone := tmp_path / "alone.pem").write_bytes(customer.pem)
    said = report(
        code=1,
        SSL_CERT_FILE=tree / "os/ca-certificates.crt",
        REQUESTS_CA_BUNDLE=tree / "python/cacert.pem",
        CURL_CA_BUNDLE=tmp_path / "nothing.pem",
        GIT_SSL_CAINFO=tree / "os/ca-certificates.crt",
        PIP_CERT=alone,
        AWS_CA_BUNDLE=tree / "os",
        GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=tree / "manifest.json",
        NODE_EXTRA_CA_CERTS=alone,
    )
    assert store(said, "openssl")["faults"] == store(said, "python")["faults"] == []
    assert store(said, "curl")["foundBy"] == "CURL_CA_BUNDLE" and store(said, "curl")["broken"]
    assert "no such file" in faults(store(said, "curl"))
    git = store(said, "GIT_SSL_CAINFO")
    assert git["faults"] == [] and git["customerAnchors"] == 1
    assert "public roots are missing" in faults(store(said, "PIP_CERT"))
    assert "a directory" in faults(store(said, "AWS_CA_BUNDLE"))
    assert "no certificate in PEM" in faults(store(said, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"))
    # Node adds to its own roots.
    assert store(said, "NODE_EXTRA_CA_CERTS")["faults"] == []


def test_variables_that_name_one_file_are_one_line(tree):
    merged = tree / "os/ca-certificates.crt"
    names = ["CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT"]
    every = {"SSL_CERT_FILE": merged, "REQUESTS_CA_BUNDLE": merged}
    java = f"-Djavax.net.ssl.trustStore={tree / 'java/truststore.p12'}"
    said = doctor(code=0, JAVA_TOOL_OPTIONS=java, **every, **dict.fromkeys(names, merged))
    lines = said.stdout.decode().splitlines()
    assert [line.split("  ")[0] for line in lines if not line.startswith("note ")] == [
        "OpenSSL", "curl", "Python ssl", "Python requests", "JVM", "other clients",
    ]  # fmt: skip
    assert lines[-1].endswith("(GIT_SSL_CAINFO, PIP_CERT)")


def test_what_spark_puts_on_the_command_line_is_read(tree):
    store_path = tree / "java/truststore.p12"
    said = report(
        code=1,  # the image's own stores lack the customer's
        SSL_CERT_FILE=tree / "os/ca-certificates.crt",
        SPARK_JAVA_OPT_0="-Dspark.driver.port=7078",
        SPARK_JAVA_OPT_1=f"-Djavax.net.ssl.trustStore={store_path}",
        JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=/nonexistent/example",
    )
    java = store(said, "java")
    assert (java["foundBy"], java["files"]) == ("SPARK_JAVA_OPT_*", [str(store_path)])
    assert java["customerAnchors"] == 1 and java["faults"] == []


def test_relative_paths_start_where_the_process_does(tree, tmp_path):
    (tmp_path / "bundle.pem").write_bytes((tree / "os/ca-certificates.crt").read_bytes())
    (tmp_path / "store.p12").write_bytes((tree / "java/truststore.p12").read_bytes())
    env = here(
        SSL_CERT_FILE="bundle.pem",
        REQUESTS_CA_BUNDLE="./bundle.pem",
        JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=store.p12",
        GIT_SSL_CAINFO="bundle.pem",
    )
    done = binary.run("doctor", env=env, cwd=tmp_path)
    assert done.code == 0, done.stdout.decode()
    with running("sleep", "60", cwd=tmp_path, **env) as process:
        assert report("--pid", str(process.pid), code=0)["stores"][0]["anchors"] > 100


def doctor_in(root: Path, host: str) -> subprocess.CompletedProcess:
    """doctor about a server of this machine, in a process that sees this root and no variable."""
    shutil.copy2(binary.path(), root / "trust-init")
    port = host.split(":")[1]  # no /etc/hosts there
    command = [shutil.which("chroot"), root, "/trust-init", "doctor", f"127.0.0.1:{port}"]
    return subprocess.run(
        [*map(str, command), "--format=json"], env={"PATH": "/"}, capture_output=True, text=True
    )


def test_an_image_without_a_jvm_is_judged_without_one(tree, customer, tmp_path):
    """Distroless, for Python or Go: a bundle, and no JDK."""
    root = tmp_path / "root"
    (root / "etc/ssl/certs").mkdir(parents=True)
    merged = (tree / "os/ca-certificates.crt").read_bytes()
    (root / "etc/ssl/certs/ca-certificates.crt").write_bytes(merged)
    with served(customer.server(), tmp_path / "server") as host:
        done = doctor_in(root, host)
    assert done.returncode == 0, done.stdout + done.stderr
    server = json.loads(done.stdout)["servers"][0]
    assert (server["trustedBy"], server["refusedBy"]) == (["openssl"], [])
    absent = {one["client"]: one["absent"] for one in json.loads(done.stdout)["stores"]}
    assert absent.pop("openssl") is None
    assert absent == {
        "curl": "not seen here",
        "python-ssl": "not seen here: no Python",
        "python": "not seen here: no Python",
        "java": "not seen here",
    }


HOSTILE = "/x\x1b[31mred\n  ok: every client trusts it"


@pytest.mark.parametrize(
    "variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "GIT_SSL_CAINFO", "JAVA_TOOL_OPTIONS"]
)
def test_what_a_variable_holds_writes_no_line(variable, tmp_path, customer):
    value = HOSTILE
    if variable == "JAVA_TOOL_OPTIONS":
        value = f'"-Djavax.net.ssl.trustStore={HOSTILE}"'
    with served(customer.server(), tmp_path / "server") as host:
        done = doctor(host, code=1, **{variable: value})
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line.strip().startswith("ok:")]


# Another process.


@contextlib.contextmanager
def running(*command: str | Path, cwd: Path | None = None, **variables: str | Path):
    process = subprocess.Popen(
        command, cwd=cwd, env=here(**variables), stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_another_process_is_looked_at(tree):
    merged = tree / "os/ca-certificates.crt"
    with running("sleep", "60", SSL_CERT_FILE=merged) as process:
        said = report("--pid", str(process.pid), code=1, SSL_CERT_FILE="/nonexistent/example")
    assert store(said, "openssl")["files"][0] == str(merged)


def test_a_jvms_command_line_is_read(tree, tmp_path):
    (program := tmp_path / "Wait.java").write_text(
        "class Wait { public static void main(String[] a) throws Exception {"
        ' System.out.println("up"); Thread.sleep(60000); } }'
    )
    java = shutil.which("java")
    assert java, "no java on PATH"
    option = f"-Djavax.net.ssl.trustStore={tree / 'java/truststore.p12'}"
    # Behind the program's name the words are its own.
    argument = "-Djavax.net.ssl.trustStore=/nonexistent/example"
    with running(java, "-cp", "/nonexistent", option, program, argument) as process:
        assert process.stdout.readline() == "up\n"
        said = report("--pid", str(process.pid), code=1)
    found = store(said, "java")
    assert found["foundBy"] == "the command line" and found["customerAnchors"] == 1


# The chain, and the issuers that a server does not send.


@contextlib.contextmanager
def site(files: dict[str, bytes]):
    """A server of plain HTTP: its address, and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = files.get(self.path)
            self.send_response(200 if body else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@contextlib.contextmanager
def served(server: pki.Server, directory: Path, *, alone: bool = False):
    """The server on a port, with its intermediates or `alone`."""
    chain, key = server.write(directory)
    if alone:
        chain.write_bytes(server.certificate.pem)
    with tls_server.serve(chain, key) as listener:
        yield f"localhost:{listener.port}"


def test_what_was_presented_is_saved_with_a_warning(customer, tmp_path):
    server = customer.issue("Example Customer Issuing CA").server()
    saved = tmp_path / "chain.pem"
    with served(server, tmp_path / "server") as host:
        done = doctor(host, "--save-chain", saved, code=1)
    assert saved.read_bytes() == server.chain
    with fakes.closed() as port:
        doctor(f"localhost:{port}", "--save-chain", saved, code=3)
    assert saved.read_bytes() == server.chain, "an older file is worth more than nothing"
    assert "warning[unverified]" in done.stderr and "compare each fingerprint" in done.stderr


def test_a_ca_that_was_built_and_is_not_read_is_not_asked_for_first(tree, customer, tmp_path):
    """A build's stores are here, and none of the clients reads them."""
    unread = {"GIT_SSL_CAINFO": tree / "os/ca-certificates.crt"}
    with served(customer.server(), tmp_path / "server") as host:
        built = report(host, code=1, **unread)["servers"][0]["cause"]
        nothing = report(host, code=1)["servers"][0]["cause"]
    assert built["code"] == nothing["code"] == "unknown-issuer"
    assert built["remedies"][0].startswith("first point the clients at the stores that were built")
    assert built["remedies"][1:] == nothing["remedies"]


def test_an_images_own_bundle_that_openssl_refuses_is_no_yes(tree, customer, tmp_path):
    """One damaged certificate, and OpenSSL loads none of the file."""
    root = tmp_path / "root"
    (root / "etc/ssl/certs").mkdir(parents=True)
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    merged = (tree / "os/ca-certificates.crt").read_bytes()
    bundle.write_bytes(merged + b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")
    with served(customer.server(), tmp_path / "server") as host:
        done = doctor_in(root, host)
        s_client = ["openssl", "s_client", "-connect", host, "-CAfile", bundle]
        openssl = subprocess.run([*s_client, "-verify_return_error"], capture_output=True, input=b"")
    assert openssl.returncode != 0, openssl
    assert done.returncode == 1, done.stdout + done.stderr
    server = json.loads(done.stdout)["servers"][0]
    assert (server["trustedBy"], server["refusedBy"]) == ([], ["openssl"])
    assert server["cause"]["code"] == "broken-store"


def test_a_signature_by_p_521_is_computed(tmp_path):
    authority = pki.root("Example Customer Root CA", kind="p-521")
    (chain := tmp_path / "root.pem").write_bytes(authority.pem)
    trust = binary.build(tmp_path / "trust", "--ca", chain)
    variables = {
        "SSL_CERT_FILE": trust / "os/ca-certificates.crt",
        "REQUESTS_CA_BUNDLE": trust / "python/cacert.pem",
        "JAVA_TOOL_OPTIONS": f"-Djavax.net.ssl.trustStore={trust / 'java/truststore.p12'}",
    }
    namesake = pki.root("Example Customer Root CA", kind="p-521", key_identifier=False)
    with served(authority.server(), tmp_path / "server") as host:
        server = report(host, code=0, **variables)["servers"][0]
    assert (server["undecided"], server["refusedBy"]) == ([], [])
    forged = namesake.server(key_identifier=False)
    with served(forged, tmp_path / "forged") as host:
        server = report(host, code=1, **variables)["servers"][0]
    assert (server["trustedBy"], server["undecided"]) == ([], [])


def test_a_file_that_cannot_be_written_costs_no_report(customer, tmp_path):
    with served(customer.server(), tmp_path / "server") as host:
        done = doctor(host, "--save-chain", tmp_path / "none/chain.pem", code=4)
    assert b"cause[" in done.stdout and "none/chain.pem" in done.stderr


@pytest.mark.parametrize("form", ["der", "pem", "pkcs7"])
def test_issuers_are_fetched_where_it_is_asked_for(customer, tmp_path, form):
    files: dict[str, bytes] = {}
    with site(files) as (address, asked):
        issuing = customer.issue("Example Customer Issuing CA", issuer_at=f"{address}/root")
        server = issuing.server(issuer_at=f"{address}/issuing")
        for path, authority in (("/issuing", issuing), ("/root", customer)):
            files[path] = {
                "der": authority.certificate.der,
                "pem": authority.pem,
                "pkcs7": pkcs7.serialize_certificates([authority.certificate.parsed], Encoding.DER),
            }[form]
        with served(server, tmp_path / "server", alone=True) as host:
            saved = tmp_path / "chain.pem"
            without = report(host, code=1)["servers"][0]
            assert asked == [] and without["fetched"] == []
            assert f"{address}/issuing" in without["cause"]["remedies"][-1]
            said = report(host, "--fetch-issuers", "--save-chain", saved, code=1)["servers"][0]
    assert asked == ["/issuing", "/root"]
    found = [one["certificate"]["sha256"] for one in said["fetched"]]
    assert found == [issuing.sha256, customer.sha256]
    # No client fetches them, so the verdict stays.
    assert said["cause"]["code"] == "missing-intermediate" and said["trustedBy"] == []
    assert said["cause"]["sha256"] == issuing.sha256
    assert saved.read_bytes() == server.certificate.pem + issuing.pem + customer.pem


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("http://{}/other", "not the issuer's certificate"),
        ("http://{}/nothing", "404"),
        ("https://{}/other", "only http:// is fetched"),
        ("ldap:///CN=Example", "only http:// is fetched"),
        ("http://{}/a b", "not a valid URL"),
    ],
)
def test_an_issuer_that_cannot_be_had_is_told(customer, tmp_path, place, reason):
    other = pki.root("Example Customer Root CA")
    with site({"/other": other.certificate.der}) as (address, _):
        server = customer.server(issuer_at=place.format(address.removeprefix("http://")))
        with served(server, tmp_path / "server") as host:
            said = report(host, "--fetch-issuers", code=1)["servers"][0]
    assert [reason in one["error"] for one in said["fetched"]] == [True], said["fetched"]


# Proxies.


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_proxy_of_a_variable_is_gone_through(customer, tmp_path, variable):
    with served(customer.server(), tmp_path / "server") as host:
        with fakes.listener(fakes.tunnels(int(host.split(":")[1]))) as proxy:
            address = f"http://user:{SECRET}@127.0.0.1:{proxy}"
            done = doctor(host, code=1, **{variable: address})
            exempt = doctor(host, code=1, NO_PROXY="localhost", **{variable: address})
    text = done.stdout.decode()
    assert f"through the proxy 127.0.0.1:{proxy}" in text and "-Dhttps.proxyHost" in text
    assert SECRET not in text + done.stderr
    assert b"through the proxy" not in exempt.stdout


def test_a_jvm_that_knows_the_proxy_needs_no_note(customer, tmp_path):
    with served(customer.server(), tmp_path / "server") as host:
        with fakes.listener(fakes.tunnels(int(host.split(":")[1]))) as proxy:
            option = "-Dhttps.proxyHost=127.0.0.1"
            env = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy}", "JAVA_TOOL_OPTIONS": option}
            said = report(host, code=1, **env)["servers"][0]
    assert said["proxy"] == f"127.0.0.1:{proxy}" and said["notes"] == []


def test_a_proxy_that_is_not_spoken_to_is_told_without_its_password(customer, tmp_path):
    with served(customer.server(), tmp_path / "server") as host:
        address = f"socks5://user:{SECRET}@127.0.0.1:1"
        done = doctor(host, code=1, HTTPS_PROXY=address)
    assert "warning[proxy]: HTTPS_PROXY" in done.stderr
    assert b"note: HTTPS_PROXY" in done.stdout, "the ticket has it too"
    assert SECRET not in done.stderr + done.stdout.decode()


def test_a_script_that_chooses_proxies_is_no_proxy(customer, tmp_path):
    with served(customer.server(), tmp_path / "server") as host:
        said = report(host, code=1, HTTPS_PROXY="http://wpad.example.com/proxy.pac")
    assert "(PAC)" in " ".join(said["servers"][0]["notes"])


@pytest.mark.parametrize("port, protocol", [(5432, "postgres"), (25, "smtp"), (3306, "mysql")])
def test_a_port_of_a_database_is_a_hint_at_starttls(port, protocol):
    # An address of loopback that no server of this machine has.
    with fakes.listener(fakes.says(b""), ("127.9.8.7", port)):
        said = report(f"127.9.8.7:{port}", code=3)["servers"][0]
    assert said["cause"]["code"] == "closed"
    assert said["cause"]["remedies"][0].endswith(f"--starttls {protocol}")


def test_the_clients_of_a_database_are_no_part_of_a_yes(customer, tmp_path):
    files = customer.server().write(tmp_path / "server")
    (bundle := tmp_path / "bundle.pem").write_bytes(customer.pem)
    with tls_server.serve(*files, before=fakes.postgres) as server:
        url = f"postgresql://localhost:{server.port}/orders"
        done = doctor(url, code=1, SSL_CERT_FILE=bundle)
        said = report(url, code=1, SSL_CERT_FILE=bundle)["servers"][0]
    assert "python-ssl" in said["trustedBy"] and said["protocol"] == "postgres"
    libpq, pgjdbc, asyncpg = said["protocolClients"]
    # As psql, psycopg, asyncpg and pgjdbc behave without that file: all refuse.
    assert {one["reads"] for one in (libpq, pgjdbc, asyncpg)} == {"~/.postgresql/root.crt"}
    assert {one["verdictOf"] for one in (libpq, pgjdbc, asyncpg)} == {None}
    assert b"pgjdbc: no verdict above" in done.stdout


def test_slow_issuers_keep_within_the_time_limit(customer, tmp_path):
    """Eight addresses in turn, each of them silent for as long as it is let: once, and no longer."""
    with fakes.silent() as silent:
        server = customer.server(issuer_at=f"http://127.0.0.1:{silent}/ca")
        with served(server, tmp_path / "server") as host:
            said = report(host, "--fetch-issuers", "--timeout=3", code=1)["servers"][0]
    assert [bool(one["error"]) for one in said["fetched"]] == [True]


def test_an_answer_that_is_no_certificate_is_not_told(customer, tmp_path):
    """The address is the issuer's choice: what it serves may be confidential."""
    with fakes.listener(fakes.says(f"HTTP/1.1 500 {SECRET}\n{SECRET}".encode())) as port:
        server = customer.server(issuer_at=f"http://127.0.0.1:{port}/")
        with served(server, tmp_path / "server") as host:
            done = doctor(host, "--fetch-issuers", "--format=json", code=1)
    said = json.loads(done.stdout)["servers"][0]["fetched"]
    assert [one["error"] for one in said] == ["the server answered 500"]
    assert SECRET not in done.stdout.decode() + done.stderr


def test_several_servers_are_asked_at_once(customer, tmp_path):
    """One after the other, these would outlast the time limit of the run."""
    with contextlib.ExitStack() as stack:
        hosts = [f"127.0.0.1:{stack.enter_context(fakes.silent())}" for _ in range(30)]
        hosts.append(stack.enter_context(served(customer.server(), tmp_path / "server")))
        said = report(*hosts, "--timeout=3", code=3)["servers"]
    assert [server["host"] for server in said] == hosts
    assert [server["reached"] for server in said] == [False] * 30 + [True]
