"""trust.env, taken as it is: each client trusts both sites with nothing but its variables."""

import re
import subprocess
import sys

import pytest

from support import binary, environment, jvm

GET = 'require("https").get(process.argv[1], a => a.resume()).on("error", e => { throw e })'
FORMS = ["pkcs12", "pkcs12-mac", "pkcs12-encrypted", "jks"]


def variables(tree):
    """trust.env as a shell reads it, and a dotenv reader too."""
    read = subprocess.run(
        ["env", "-i", "sh", "-c", 'set -a; . "$1"; exec env -0', "sh", tree / "trust.env"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    values = dict(pair.split("=", 1) for pair in read.stdout.split("\0") if pair)
    names = re.findall(r"^([A-Z_]+)=", (tree / "trust.env").read_text(), re.MULTILINE)
    return {name: values[name] for name in names}


@pytest.fixture(scope="module")
def trees(customer, public, tmp_path_factory):
    """By Java form; the directory's name has what a path may well have."""
    root = public.directory / "wiring-base.pem"
    root.write_bytes(public.root.pem)
    return {
        form: binary.build(
            tmp_path_factory.mktemp("wiring") / "trust-v1.0_a",
            "--ca", customer.chain_file, "--base", root, "--java-store", form,
        )
        for form in FORMS
    }  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_jvm_is_wired(form, trees, customer, public):
    env = environment.clean(**variables(trees[form]))
    for version in jvm.names():
        if form == "pkcs12-encrypted" and version in ("11.0.5", "11.0.10"):
            continue  # cannot read it: test_jvm
        trust = jvm.get(version).trust(customer.peer, public.peer, env=env)
        assert trust.failure is None, version
        assert trust.anchors == trees[form].fingerprints("java"), version
        assert set(trust.handshakes.values()) == {"passed"}, version


@pytest.mark.parametrize(
    "client",
    [
        [sys.executable, "-c", "import sys, urllib.request as u; u.urlopen(sys.argv[1])"],
        [sys.executable, "-c", "import sys, requests as r; r.get(sys.argv[1])"],
        ["curl", "-sS", "-o", "/dev/null"],
        # It has the roots of Mozilla, and not those of this base.
        ["node", "-e", GET],
    ],
    ids=["ssl", "requests", "curl", "Node"],
)
def test_other_clients_are_wired(client, trees, customer, public):
    for site in (customer, public):
        done = subprocess.run(
            [*client, site.url], capture_output=True, text=True, timeout=60,
            env=environment.clean(**variables(trees["pkcs12"])),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_openssl_is_wired(trees, customer):
    done = subprocess.run(
        ["openssl", "verify", "-no-CApath", customer.server_file],
        capture_output=True, text=True, timeout=60,
        env=environment.clean(**variables(trees["pkcs12"])),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
