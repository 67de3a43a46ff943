"""The Python bundle, handed to each client in the way that the client knows."""

import ssl
import subprocess
import sys
import urllib.request

import pytest

from support import binary, environment

REFUSED = "certificate verify failed"


def fetch_with_ssl(url, bundle):
    code = (
        "import ssl, sys, urllib.request\n"
        "context = ssl.create_default_context(cafile=sys.argv[2] if len(sys.argv) > 2 else None)\n"
        "print(urllib.request.urlopen(sys.argv[1], timeout=20, context=context).status)"
    )
    return _run([sys.executable, "-c", code, url, *([bundle] if bundle else [])])


def fetch_with_ssl_cert_file(url, bundle):
    code = (
        "import sys, urllib.request\n"
        "print(urllib.request.urlopen(sys.argv[1], timeout=20).status)"
    )
    return _run([sys.executable, "-c", code, url], SSL_CERT_FILE=bundle)


def fetch_with_requests(url, bundle):
    code = "import requests, sys; print(requests.get(sys.argv[1], timeout=20).status_code)"
    return _run([sys.executable, "-c", code, url], REQUESTS_CA_BUNDLE=bundle)


def fetch_with_curl(url, bundle):
    # Without the machine's hashed directory, which would answer for what the bundle lacks.
    given = ["--cacert", bundle] if bundle else []
    return _run([*CURL, "--capath", "/nonexistent", *given, url])


def fetch_with_curl_ca_bundle(url, bundle):
    return _run([*CURL, url], CURL_CA_BUNDLE=bundle)


CURL = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"]
CLIENTS = [
    fetch_with_ssl,
    fetch_with_ssl_cert_file,
    fetch_with_requests,
    fetch_with_curl,
    fetch_with_curl_ca_bundle,
]


def _run(command, **variables):
    env = environment.clean(**{name: value for name, value in variables.items() if value})
    return subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=60, env=env
    )


@pytest.fixture(scope="module")
def public_root(public):
    path = public.directory / "platform-ca.pem"
    path.write_bytes(public.root.pem)
    return path


@pytest.fixture(scope="module")
def merged(customer, public_root, tmp_path_factory):
    out = tmp_path_factory.mktemp("merged") / "trust"
    return binary.build(
        out, "--ca", customer.chain_file, "--base", "mozilla", "--base", public_root
    )


@pytest.fixture(scope="module")
def without_the_base(customer, tmp_path_factory):
    out = tmp_path_factory.mktemp("customer-only") / "trust"
    return binary.build(out, "--ca", customer.chain_file, "--base", "none")


@pytest.mark.parametrize("fetch", CLIENTS)
def test_both_sites_answer_with_the_merged_bundle(fetch, merged, customer, public):
    for site in (customer, public):
        done = fetch(site.url, merged / "python/cacert.pem")
        assert (done.returncode, done.stdout.strip()) == (0, "200"), done.stderr


@pytest.mark.parametrize("fetch", CLIENTS)
def test_neither_site_answers_before(fetch, customer, public):
    for site in (customer, public):
        done = fetch(site.url, None)
        assert done.returncode != 0
        assert REFUSED in done.stderr or "SSL certificate problem" in done.stderr, done.stderr


@pytest.mark.parametrize("fetch", CLIENTS)
def test_only_what_was_given_is_trusted(fetch, without_the_base, customer, public):
    bundle = without_the_base / "python/cacert.pem"
    assert fetch(customer.url, bundle).returncode == 0
    # curl and Python's default paths still look into the machine's directory: the stand-in
    # for a public CA is in neither.
    assert fetch(public.url, bundle).returncode != 0


@pytest.mark.parametrize("name", ["python/cacert.pem", "os/ca-certificates.crt"])
def test_python_loads_what_the_manifest_says(name, merged):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(merged / name)
    assert context.cert_store_stats()["x509"] == len(merged.fingerprints(name.split("/")[0]))


def test_the_python_bundle_keeps_every_public_root(merged, without_the_base):
    python = set(merged.fingerprints("python"))
    assert len(python) > 100
    assert set(without_the_base.fingerprints("python")) < python
    found = binary.pem_fingerprints((merged / "python/cacert.pem").read_bytes())
    assert sorted(found) == merged.fingerprints("python")


def test_the_hashed_directory_serves_python(merged, customer, public):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(capath=merged / "os")
    for site in (customer, public):
        with urllib.request.urlopen(site.url, timeout=20, context=context) as answer:
            assert answer.status == 200
