"""`exec` with a JDK and a certifi of this machine, as the static binary that is shipped."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import certifi

from support import binary, environment, jvm


def shown(*command: str | Path, env: dict[str, str], options: list[str | Path]) -> str:
    done = binary.run("exec", *options, "--", *command, env=env)
    assert done.code == 0, done.stderr
    return done.stdout.decode()


def test_the_jdk_in_use_and_certifi_are_the_bases(customer, tmp_path):
    # Not the newest of the machine, and a Python that has certifi.
    java = jvm.get("11.0.13")
    out = tmp_path / "trust"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = binary.run(
        *["exec", "--ca", customer.chain_file, "--out", out, "--", "true"],
        env=environment.clean() | {"JAVA_HOME": str(java.home), "PATH": path},
    )
    assert done.code == 0, done.stderr
    found = {
        source["name"]: source["foundBy"]
        for source in binary.Tree(out).manifest["sources"]
        if "foundBy" in source
    }
    assert found[str(java.home / "lib/security/cacerts")] == "JAVA_HOME"
    assert Path(certifi.where()).resolve() in {Path(name).resolve() for name in found}
    assert "/etc/ssl/certs/ca-certificates.crt" in found


def test_jvm_options_with_quotes_and_a_truststore_are_merged(customer, public, tmp_path):
    """What an image's ENV sets: the JVM trusts both then, and gets the other options whole."""
    theirs = binary.build(
        tmp_path / "their store", "--ca", public.chain_file, "--base", "none",
        "--java-store", "jks", "--mounted-at", "/nowhere",
    )  # fmt: skip
    store = theirs / "java/truststore.jks"
    options = f"'-Dnote=a b' -Djavax.net.ssl.trustStore=\"{store}\" -Djavax.net.ssl.trustStoreType=jks"
    place = tmp_path / "a place"
    place.mkdir()
    env = environment.clean(JAVA_TOOL_OPTIONS=options, TMPDIR=place)
    java = jvm.machine()
    before = java.trust(customer.peer, public.peer, env=env)
    assert before.handshakes[public.peer] == "passed" != before.handshakes[customer.peer]
    merged = shown(
        "printenv", "JAVA_TOOL_OPTIONS", env=env, options=["-q", "--ca", customer.chain_file]
    )
    after = java.trust(customer.peer, public.peer, env=env | {"JAVA_TOOL_OPTIONS": merged.strip()})
    assert after.handshakes == {customer.peer: "passed", public.peer: "passed"}
    assert len(after.anchors) == 1 + 2
    assert "'-Dnote=a b'" in merged


def test_a_text_without_a_program_is_no_command(customer, tmp_path):
    # The C library that is shipped with runs no shell for it.
    text = tmp_path / "text"
    text.write_text("no program\n")
    text.chmod(0o755)
    done = binary.run("exec", "-q", "--ca", customer.chain_file, "--", text)
    assert done.code == 126 and "exec format error" in done.stderr


def test_the_merged_python_bundle_in_place_of_certifis(customer, public, tmp_path):
    """For clients that ask certifi and read no variable: the file mounted over certifi's own."""
    tree = binary.build(tmp_path / "trust", "--ca", customer.chain_file, "--base", certifi.where())
    program = (
        "import ssl, certifi, urllib.request, sys\n"
        "context = ssl.create_default_context(cafile=certifi.where())\n"
        "print(urllib.request.urlopen(sys.argv[1], context=context).status)\n"
    )
    fetch = [sys.executable, "-c", program, customer.url]
    mount = 'mount --bind "$0" "$1" && shift && exec "$@"'
    before = subprocess.run(fetch, capture_output=True, text=True, env=environment.clean())
    assert "CERTIFICATE_VERIFY_FAILED" in before.stderr
    after = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount]
        + [tree / "python/cacert.pem", certifi.where(), *fetch],
        capture_output=True,
        text=True,
        env=environment.clean(),
    )
    assert after.stdout == "200\n", after.stderr
    context = ssl.create_default_context(cafile=tree / "python/cacert.pem")
    assert context.cert_store_stats()["x509"] > 100
