"""Which servers prove to doctor that they have their key, whatever they shake hands with: OpenSSL's."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from support import binary, environment, pki

DHE = ["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"]
KEYS = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ed448": ed448.Ed448PrivateKey.generate,
}
# The server's key, and what it is started with.
PROVEN = {
    "p-521 in TLS 1.3": ("p-521", ["-tls1_3"]),
    "p-521 in TLS 1.2": ("p-521", ["-tls1_2"]),
    "p-521 with SHA-256 in TLS 1.2": ("p-521", ["-tls1_2", "-sigalgs", "ECDSA+SHA256"]),
    "p-384 with SHA-512 in TLS 1.2": ("p-384", ["-tls1_2", "-sigalgs", "ECDSA+SHA512"]),
    "ed448 in TLS 1.3": ("ed448", ["-tls1_3"]),
    "ed448 in TLS 1.2": ("ed448", ["-tls1_2"]),
    "ed25519 in TLS 1.2": ("ed25519", ["-tls1_2"]),
    "the group p-521 in TLS 1.3": ("rsa", ["-tls1_3", "-groups", "P-521"]),
    "the group p-521 in TLS 1.2": ("rsa", ["-tls1_2", "-groups", "P-521"]),
    "p-521 alone": ("p-521", ["-groups", "P-521"]),
    "ffdhe2048 in TLS 1.3": ("rsa", ["-tls1_3", "-groups", "ffdhe2048"]),
    "ffdhe3072 in TLS 1.3": ("rsa", ["-tls1_3", "-groups", "ffdhe3072"]),
    "ffdhe4096 in TLS 1.3": ("rsa", ["-tls1_3", "-groups", "ffdhe4096"]),
    "DHE with OpenSSL's own group": ("rsa", DHE),
    "DHE with AES-256": ("rsa", ["-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384"]),
}
GROUPS = ["ffdhe2048", "ffdhe3072", "modp_2048", "modp_3072", "modp_4096"]


@pytest.fixture(scope="module")
def authority() -> pki.Authority:
    return pki.root("Example Root CA")


@contextlib.contextmanager
def served(chain: Path, key: Path, *options: str | Path) -> Iterator[str]:
    """Where `openssl s_server` presents the chain."""
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", chain, "-key", key, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment.clean(),
    )
    try:
        lines = []
        for line in server.stdout:
            lines.append(line)
            assert not line.startswith("Unable"), line
            if line.startswith("ACCEPT"):
                yield f"localhost:{line.rpartition(':')[2].strip()}"
                return
        raise AssertionError("".join(lines))
    finally:
        server.kill()
        server.communicate()


def asked(host: str) -> dict:
    done = binary.run("doctor", host, "--format=json", env=environment.clean())
    return json.loads(done.stdout)["servers"][0]


@pytest.mark.parametrize("name", PROVEN)
def test_a_server_proves_its_key(name, authority, tmp_path):
    kind, options = PROVEN[name]
    files = authority.server(key=KEYS[kind]()).write(tmp_path / "server")
    with served(*files, *options) as host:
        server = asked(host)
    assert server["proven"], server


@pytest.mark.parametrize("group", GROUPS)
def test_a_server_with_a_usual_group_of_numbers_proves_its_key(group, authority, tmp_path):
    files = authority.server().write(tmp_path / "server")
    parameters = tmp_path / "group.pem"
    openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", f"group:{group}")(parameters)
    with served(*files, *DHE, "-dhparam", parameters) as host:
        server = asked(host)
    assert server["proven"], server


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_key_for_pss_alone(version, tmp_path):
    key, chain = tmp_path / "pss.pem", tmp_path / "pss-chain.pem"
    openssl("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048")(key)
    openssl("req", "-x509", "-key", key, "-subj", "/CN=localhost", "-days", "30")(chain)
    with served(chain, key, version) as host:
        server = asked(host)
    # rustls has no name for the kind of signature, which it asks for in TLS 1.2.
    assert server["proven"] == (version == "-tls1_3"), server


def test_another_group_of_numbers_is_proven_by_the_signature_on_it(authority, tmp_path):
    files = authority.server().write(tmp_path / "server")
    parameters = tmp_path / "group.pem"
    openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:modp_6144")(parameters)
    with served(*files, *DHE, "-dhparam", parameters) as host:
        server = asked(host)
    assert server["proven"] and server["chain"], server


def openssl(*arguments: str | Path):
    """Writes what the command prints to a file."""

    def write(file: Path) -> None:
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=True)
        file.write_bytes(done.stdout)

    return write
