"""What real clients say of a chain: OpenSSL's and each JDK's check of certificates, and their TLS
clients in front of a server that presents it."""

import concurrent.futures
import contextlib
import re
import ssl
import subprocess
from pathlib import Path

from support import environment, jvm, tls_server

HERE = Path(__file__).parent
HOST = "login.example.com"
TRUSTS = "trusts it"
# A runtime without the module jdk.crypto.ec: what it says of curves is not what that JDK says.
WITHOUT_CURVES = "11.0.5"


def everyone(chains, key, work):
    """The answers by chain and client: the words of the refusal, or `trusts it`."""
    (work / "key.pem").write_bytes(key)
    classes = work / "classes"
    subprocess.run(
        ["javac", "--release", "8", "-Xlint:-options", "-d", classes, HERE / "Chains.java"],
        check=True,
        env=environment.clean(),
    )
    answers = {name: {} for name in chains}
    with contextlib.ExitStack() as stack:
        cases = {}
        for name, chain in chains.items():
            leaf, root = re.findall(r"-----BEGIN.*?END CERTIFICATE-----\n", chain.read_text(), re.S)
            paths = [work / f"{name}-{part}.pem" for part in ("leaf", "root")]
            for path, text in zip(paths, (leaf, root), strict=True):
                path.write_text(text)
            port = stack.enter_context(served(paths[0], work / "key.pem"))
            cases[name] = (port, *paths)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for name, said in zip(cases, pool.map(openssl, cases.values()), strict=True):
                answers[name] |= said
        for version, home in jvm.installed().items():
            if version == WITHOUT_CURVES:
                continue
            for name, said in java(home, classes, cases).items():
                answers[name][f"java-{version}"] = said
    return answers


@contextlib.contextmanager
def served(leaf, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Otherwise it refuses to serve what is signed with a broken hash.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    try:
        with tls_server.serve(leaf, key, context) as server:
            yield server.port
    except ssl.SSLError:
        # It cannot read the certificate.
        yield 0


def openssl(case):
    port, leaf, root = case
    verify = ["openssl", "verify", "-auth_level", "2", "-purpose", "sslserver"]
    done = subprocess.run(
        [*verify, "-verify_hostname", HOST, "-CAfile", root, "-no-CApath", leaf],
        capture_output=True,
        text=True,
    )
    errors = re.findall(r"^error (.*)$", done.stderr, re.M) or done.stderr.splitlines()
    said = {"openssl-verify": TRUSTS if done.returncode == 0 else (errors or ["?"])[0]}
    for version in ("1_2", "1_3") if port else ():
        client = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", HOST]
        done = subprocess.run(
            [*client, f"-tls{version}", "-verify_return_error", "-verify_hostname", HOST]
            + ["-CAfile", root, "-no-CApath"],
            input="",
            capture_output=True,
            text=True,
        )
        words = re.search(r"Verify return code: (.*)$", done.stdout, re.M)
        is_trusted = done.returncode == 0 and words and words[1] == "0 (ok)"
        said[f"openssl-tls{version}"] = TRUSTS if is_trusted else words[1] if words else "fails"
    return said


def java(home, classes, cases):
    arguments = [
        "\t".join(map(str, (name, port, leaf, root))) for name, (port, leaf, root) in cases.items()
    ]
    done = subprocess.run(
        [Path(home) / "bin" / "java", *jvm.QUICK_START, "-cp", classes, "Chains", HOST],
        input="\n".join(arguments) + "\n",
        capture_output=True,
        text=True,
        env=environment.clean(),
    )
    assert done.returncode == 0, done.stderr
    said = {}
    for line in done.stdout.splitlines():
        name, kind, words = line.split("\t")
        said.setdefault(name, {})[kind] = words
    return said
