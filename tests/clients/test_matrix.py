"""Each client in an image that knows one CA, called to a site of that CA and to a customer's."""

import document
import pytest
from calls import REFUSES, TRUSTS, Calls
from image import OS_BUNDLE
from support import binary
from table import CLIENTS
from table.client import Client, python


def case(client: Client, *more: str):
    """A client, whose tests run in one process: a call that was made is not made again."""
    group = pytest.mark.xdist_group(client.name)
    return pytest.param(client, *more, id="-".join((client.name, *more)), marks=group)


def these(clients):
    return pytest.mark.parametrize("client", list(map(case, clients)))


READERS = [client for client in CLIENTS if client.reads]
CONFIGURED = [client for client in CLIENTS if client.line]
WITHOUT_A_WAY = [client for client in CLIENTS if not client.reads and not client.line]
EACH_VARIABLE = [case(client, variable) for client in READERS for variable in client.reads]


@pytest.fixture(scope="module")
def calls(the_image, customer, public, tmp_path_factory):
    """With the stores that a build in the image leaves, for lines and mounts."""
    out = tmp_path_factory.mktemp("clients") / "trust"
    done = the_image.run(
        binary.path(), "build", "--ca", customer.chain_file, "--base", "auto", "--out", out
    )
    assert done.returncode == 0, done.stderr
    return Calls(the_image, customer, public, binary.Tree(out))


@these(CLIENTS)
def test_the_image_does_not_know_the_customer(client, calls):
    assert calls.as_it_is(client, calls.customer) == REFUSES
    assert calls.as_it_is(client, calls.public) == (REFUSES if client.own_roots else TRUSTS)


@these(READERS)
def test_under_exec_both_are_known(client, calls):
    assert calls.under_exec(client, calls.customer) == TRUSTS
    adds = client.own_roots and client.adds
    assert calls.under_exec(client, calls.public) == (REFUSES if adds else TRUSTS)


@pytest.mark.parametrize(("client", "variable"), EACH_VARIABLE)
def test_each_variable_is_enough(client, variable, calls):
    assert calls.under_exec(client, calls.customer, only=variable) == TRUSTS


@these(CONFIGURED)
def test_its_line_serves_where_no_variable_does(client, calls):
    assert calls.under_exec(client, calls.customer) == REFUSES
    for site in (calls.customer, calls.public):
        assert calls.with_its_line(client, site) == TRUSTS


@these(WITHOUT_A_WAY)
def test_exec_does_not_help_where_there_is_no_way(client, calls):
    assert calls.under_exec(client, calls.customer) == REFUSES


def test_a_program_that_names_certifis_file_gets_a_mount(calls):
    program = python("certifi.where()", "http.certifi")
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


@these([] if document.WRITES else CLIENTS)
def test_the_document_shows_its_row(client, calls):
    assert document.row(client, calls) in document.part("matrix")


def test_the_document_shows_each_client_once_and_in_its_place():
    """Without the answers, which the test above compares."""
    shown = [line for line in document.part("matrix").splitlines() if not line.startswith("#")]
    names = [line.split(" | ")[0].removeprefix("| ") for line in shown if line]
    table = document.matrix(lambda client: f"| {client.name} |\n").splitlines()
    assert [line for line in document.part("matrix").splitlines() if line.startswith("#")] == [
        line for line in table if line.startswith("#")
    ]
    assert [name for name in names if name not in ("client", "---")] == [
        client.name for client in CLIENTS
    ]


@pytest.mark.parametrize("name", ["index", "lines"])
def test_the_document_lists_the_clients(name):
    made = getattr(document, name)()
    if document.WRITES:
        document.write(name, made)
    assert document.part(name) == made


if document.WRITES:

    def test_write_the_matrix(calls):
        document.write("matrix", document.matrix(lambda client: document.row(client, calls)))
