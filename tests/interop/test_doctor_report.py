"""`doctor --verbose`, its facts in JSON, and `--report`, the file for support, about real servers."""

import contextlib
import html.parser
import json
import stat
from pathlib import Path

import pytest
from cryptography import x509

from support import binary, environment, pki, tls_server

HOSTILE = "<script>alert('1')</script><img src=http://example.com/x>"


@contextlib.contextmanager
def served(server: pki.Server, directory: Path, *more: pki.Authority):
    """The server on a port; it also sends the certificates `more`."""
    chain, key = server.write(directory)
    chain.write_bytes(server.chain + b"".join(one.pem for one in more))
    with tls_server.serve(chain, key) as listener:
        yield f"localhost:{listener.port}"


def doctor(*args: str | Path, code: int, **variables: str | Path) -> str:
    done = binary.run("doctor", *args, env=environment.clean(**variables))
    assert done.code == code, done.stdout.decode() + done.stderr
    return done.stdout.decode()


@pytest.fixture
def customer() -> pki.Authority:
    return pki.root("Example Customer Root CA").issue("Example Customer Issuing CA")


@pytest.fixture
def trusting(customer, tmp_path) -> dict[str, Path]:
    """Variables by which every client but the JVM trusts the customer's root."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(customer.above[0].pem)
    return {"SSL_CERT_FILE": bundle, "CURL_CA_BUNDLE": bundle, "REQUESTS_CA_BUNDLE": bundle}


def test_a_missing_ca_comes_with_what_its_reader_can_change(customer, tmp_path):
    """A pod has a chart's values; a kernel, in a pod too, and a laptop have a command."""
    pod = {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}
    with served(customer.server(), tmp_path / "server") as host:
        in_pod, in_kernel, elsewhere = (
            doctor(host, code=1, **variables) for variables in (pod, pod | {"JPY_PARENT_PID": "7"}, {})
        )
    assert "in the chart's values:\n    trust:\n      caBundle:\n        pem: |\n" in in_pod
    assert "trust-init build" not in in_pod
    for printed in (in_kernel, elsewhere):
        assert "\n       trust-init build --base auto --ca FILE --out trust\n" in printed
        assert "caBundle" not in printed


def test_what_a_server_need_not_send_is_named(customer, trusting, tmp_path):
    (root,) = customer.above
    other = pki.root("Example Other Root CA")
    with served(customer.server(), tmp_path / "server", other, root, root) as host:
        report = json.loads(doctor(host, "--format=json", code=1, **trusting))
        text = doctor(host, "--verbose", code=1, **trusting)
        brief = doctor(host, code=1, **trusting)
    chain = report["servers"][0]["chain"]
    assert [one["place"] for one in chain] == ["server", "issuer", "unrelated", "root", "copy"]
    assert [one.get("of") for one in chain] == [None, 0, None, 1, 3]
    assert [one["superfluous"] for one in chain] == [False, False, True, True, True]
    assert report["servers"][0]["cipherSuite"].startswith("TLS_")
    assert report["servers"][0]["address"] == host.replace("localhost", "127.0.0.1")
    assert "not in order" in report["servers"][0]["chainNotes"][0]
    assert chain[0]["key"].startswith("RSA") and "localhost" in chain[0]["names"]
    assert text.count("superfluous") == 3 and "superfluous" not in brief
    for fact in ("key RSA", "names localhost, 127.0.0.1", "days left", "cipher TLS_"):
        assert fact in text and fact not in brief


def test_the_path_leads_from_the_server_to_the_anchor(customer, trusting, tmp_path):
    with served(customer.server(), tmp_path / "server") as host:
        report = json.loads(doctor(host, "--format=json", code=1, **trusting))
    server = report["servers"][0]
    openssl = next(one for one in server["clients"] if one["client"] == "openssl")
    sent = [one["sha256"] for one in server["chain"]]
    assert openssl["path"][:2] == sent
    assert openssl["anchor"]["sha256"] == openssl["path"][-1] == customer.above[0].sha256
    assert openssl["foundBy"] == "SSL_CERT_FILE"


class Page(html.parser.HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def test_a_page_has_nothing_of_what_a_server_wrote_but_text(tmp_path):
    hostile = pki.root(HOSTILE)
    server = hostile.server(
        HOSTILE,
        names=[x509.DNSName("localhost"), x509.UniformResourceIdentifier(f"x:{HOSTILE}")],
    )
    file = tmp_path / "ticket.html"
    with served(server, tmp_path / "server", hostile) as host:
        screen = doctor(host, "--report", file, code=1)
    page = Page(file.read_text())
    known = "html head meta title style body h1 h2 h3 p br table tr th td ul li strong small pre"
    assert page.elements <= set(known.split())
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class"}
    # A subject escapes the angles as well (RFC 4514).
    assert page.text.count("alert('1')") >= 3 and HOSTILE in page.text, page.text
    assert "\nOpenSSL  " in screen, "the screen has the answer as well"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_file_for_support_holds_what_the_diagnosis_rests_on(customer, trusting, tmp_path):
    with served(customer.server(), tmp_path / "server") as host:
        doctor(host, "--report", tmp_path / "ticket.txt", code=1, **trusting)
        printed = doctor(host, "--report", "-", code=1, **trusting)
    text = (tmp_path / "ticket.txt").read_text()
    root = customer.above[0].sha256
    for fact in (
        f"{host}: refused by the JVM; ",
        "trusts it by CN=Example Customer Root CA (SSL_CERT_FILE)",
        "cause[not-in-this-store]",
        f"{root}  CN=Example Customer Root CA",
        f"SSL_CERT_FILE       {trusting['SSL_CERT_FILE']}",
        "`-- CN=Example Customer Root CA,O=Example Customer\n      |   not sent\n",
        "trust-init  ",
        "uid ",
    ):
        assert fact in text, text
        assert fact in printed
