"""Each client in an image that knows one CA, called to a site of that CA and to a customer's.

A client trusts a site if it goes on after the handshake: the server has to hear from it. It
refuses one if the server hears nothing and the client says that the certificate is why.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from clients import CLIENTS, FETCH, Client
from image import OS_BUNDLE, Image
from support import binary, environment
from support.sites import Site

TRUSTS, REFUSES = "trusts", "refuses"
REFUSAL = re.compile(
    r"certificate[ _]verify[ _]failed"  # OpenSSL, BoringSSL
    r"|unable to get local issuer certificate|unable to verify the first certificate"
    r"|SSL certificate problem|SSL peer certificate or SSH remote key was not OK"  # libcurl
    r"|certificate signed by unknown authority"  # Go
    r"|UnknownIssuer"  # rustls
    r"|PKIX path building failed"  # Java
    r"|server certificate verification failed|certificate of .* is not trusted",  # GnuTLS
    re.IGNORECASE,
)

DOCUMENT = environment.REPOSITORY / "docs" / "clients.md"
TABLE = re.compile(r"^<!-- matrix -->\n(.*?)<!-- end -->$", re.DOTALL | re.MULTILINE)

each = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
READERS = [client for client in CLIENTS if client.reads]
CONFIGURED = [client for client in CLIENTS if client.line]


class Calls:
    """The calls of clients to sites; one that was made is not made again."""

    def __init__(self, image: Image, customer: Site, public: Site, tree: binary.Tree):
        self.image = image
        self.customer = customer
        self.public = public
        self.tree = tree
        self._made: dict[tuple, str] = {}

    def as_it_is(self, client: Client, site: Site) -> str:
        return self._call(client, site)

    def under_exec(self, client: Client, site: Site, only: str | None = None) -> str:
        """Under exec, with all that it sets or with one of its variables alone."""
        command = [binary.path(), "exec", "--ca", self.customer.chain_file, "--"]
        if only:
            others = [name for name in environment.ca_variables() if name != only]
            command += ["env", *(f"--unset={name}" for name in others)]
        return self._call(client, site, *command)

    def with_its_line(self, client: Client, site: Site) -> str:
        line = client.line
        directory = self.tree.root.with_name(client.name)
        directory.mkdir(exist_ok=True)
        file = directory / "trust.ini"
        file.write_text(line.text.replace("/trust", str(self.tree.root)) + "\n")
        led = {
            name: value.format(file=file, directory=directory)
            for name, value in line.variables.items()
        }
        return self._call(client, site, env=led)

    def with_variables(self, client: Client, site: Site, variables: Mapping[str, str]) -> str:
        return self._call(client, site, env=variables)

    def with_certifi_mounted(self, client: Client, site: Site) -> str:
        mounts = {self.image.certifi: self.tree / "python/cacert.pem"}
        return self._call(client, site, mounts=mounts)

    def _call(
        self,
        client: Client,
        site: Site,
        *before: str | Path,
        env: Mapping[str, str] = MappingProxyType({}),
        mounts: Mapping[Path, Path] = MappingProxyType({}),
    ) -> str:
        env = {**client.variables, **env}
        key = (client.command, site.url, before, *env.items(), *mounts.items())
        if key not in self._made:
            command = [*before, *client.command, site.url]
            self._made[key] = self._answer(client, site, command, env, mounts)
        return self._made[key]

    def _answer(self, client: Client, site: Site, command: list, env: Mapping, mounts: Mapping):
        heard = site.heard
        done = self.image.run(*command, env=env, mounts=mounts)
        said = f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        refused = REFUSAL.search(said) is not None
        went_on = site.heard > heard
        if went_on and not refused and (done.returncode == 0 or not client.succeeds):
            return TRUSTS
        if refused and not went_on and done.returncode != 0:
            return REFUSES
        pytest.fail(f"neither trusts nor refuses, the server heard {site.heard - heard}: {said}")


@pytest.fixture(scope="module")
def calls(the_image, customer, public, tmp_path_factory):
    """With the stores that a build in the image leaves, for lines and mounts."""
    out = tmp_path_factory.mktemp("clients") / "trust"
    done = the_image.run(
        binary.path(), "build", "--ca", customer.chain_file, "--base", "auto", "--out", out
    )
    assert done.returncode == 0, done.stderr
    return Calls(the_image, customer, public, binary.Tree(out))


@each
def test_the_image_does_not_know_the_customer(client, calls):
    assert calls.as_it_is(client, calls.customer) == REFUSES
    assert calls.as_it_is(client, calls.public) == (REFUSES if client.own_roots else TRUSTS)


@pytest.mark.parametrize("client", READERS, ids=lambda client: client.name)
def test_under_exec_both_are_known(client, calls):
    assert calls.under_exec(client, calls.customer) == TRUSTS
    adds = client.own_roots and client.adds
    assert calls.under_exec(client, calls.public) == (REFUSES if adds else TRUSTS)


@pytest.mark.parametrize(
    ("client", "variable"),
    [
        pytest.param(client, variable, id=f"{client.name}-{variable}")
        for client in READERS
        for variable in client.reads
    ],
)
def test_each_variable_is_enough(client, variable, calls):
    for site in (calls.customer, calls.public):
        alone = calls.under_exec(client, site, only=variable)
        assert alone == calls.under_exec(client, site), site


@pytest.mark.parametrize("client", CONFIGURED, ids=lambda client: client.name)
def test_its_line_serves_where_no_variable_does(client, calls):
    assert calls.under_exec(client, calls.customer) == REFUSES
    for site in (calls.customer, calls.public):
        assert calls.with_its_line(client, site) == TRUSTS
    assert f"| {client.name} | {client.line.place} | `{client.line.text}` |" in DOCUMENT.read_text()


def test_a_program_that_names_certifis_file_gets_a_mount(calls):
    program = Client("certifi.where()", ("python", FETCH, "certifi"))
    assert calls.as_it_is(program, calls.public) == TRUSTS
    assert calls.under_exec(program, calls.customer) == REFUSES
    for site in (calls.customer, calls.public):
        assert calls.with_certifi_mounted(program, site) == TRUSTS


def test_nodes_variable_adds(calls):
    """Its own roots are compiled in: here OpenSSL's stand for them, which the image sets."""
    own = {"NODE_OPTIONS": "--use-openssl-ca", "SSL_CERT_FILE": str(OS_BUNDLE)}
    node = next(client for client in CLIENTS if client.name == "Node")
    chain = {"NODE_EXTRA_CA_CERTS": str(calls.tree / "custom/client-ca-chain.pem")}
    assert calls.with_variables(node, calls.customer, own) == REFUSES
    for site in (calls.customer, calls.public):
        assert calls.with_variables(node, site, own | chain) == TRUSTS


def test_the_document_shows_the_matrix(calls, capsys):
    """It is printed; with TRUST_INIT_WRITE_DOCS set it is written into the document."""
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows(calls))
    with capsys.disabled():
        print(f"\n{table}", end="")
    text = DOCUMENT.read_text()
    shown = TABLE.search(text)
    if os.environ.get("TRUST_INIT_WRITE_DOCS"):
        DOCUMENT.write_text(text[: shown.start(1)] + table + text[shown.end(1) :])
        return
    assert shown[1] == table


def rows(calls: Calls):
    yield "client", "reads", "customer's CA", "under exec", "image's CA", "under exec"
    yield ("---",) * 6
    for client in CLIENTS:
        with_help, suffix = calls.under_exec, ""
        if client.line:
            with_help, suffix = calls.with_its_line, ", with its line"
        yield (
            client.name,
            ", ".join(f"`{name}`" for name in client.reads) or "no variable",
            calls.as_it_is(client, calls.customer),
            with_help(client, calls.customer) + suffix,
            calls.as_it_is(client, calls.public),
            with_help(client, calls.public) + suffix,
        )
