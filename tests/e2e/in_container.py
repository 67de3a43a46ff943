"""Runs in a container: which of its clients accept which server, as JSON.

    python3 -m e2e.in_container CLASSES SITES [STORE...]

CLASSES holds TrustProbe, SITES a directory with chain.pem and key.pem a server. OpenSSL is asked
about each STORE too: a bundle or a hashed directory, and nothing else then.

Only what the container has is imported: Python's standard library, and requests where it is there.
"""

import importlib.util
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from support import tls_server

# Where the links of a trust store are.
LINKED = ("/etc", "/usr/lib/jvm", "/usr/lib/ssl")
ACCEPTED = "accepted"


def run(*command: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return ACCEPTED if done.returncode == 0 else done.stderr.strip()


def openssl(port: int, *only: str) -> str:
    server = ("-connect", f"localhost:{port}", "-verify_hostname", "localhost")
    return run("openssl", "s_client", *server, "-verify_return_error", *only)


def curl(port: int) -> str:
    return run("curl", "--silent", "--show-error", f"https://localhost:{port}/")


def python(port: int) -> str:
    try:
        urllib.request.urlopen(f"https://localhost:{port}/", timeout=20).close()
    except OSError as error:
        return str(error)
    return ACCEPTED


def requests(port: int) -> str:
    """It reads neither the system's bundle nor OpenSSL's directory."""
    from requests import RequestException, get

    try:
        get(f"https://localhost:{port}/", timeout=20).close()
    except RequestException as error:
        return str(error)
    return ACCEPTED


def jvm(classes: str, port: int) -> str:
    peer = f"localhost:{port}"
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", classes, "TrustProbe", "trust", peer]
    said = subprocess.run(command, capture_output=True, text=True)
    *_, last = said.stdout.splitlines() or [said.stderr]
    return ACCEPTED if last == f"handshake\t{peer}\tpassed" else last


def dangling() -> list[str]:
    """Links that lead nowhere."""
    found = []
    for top in LINKED:
        for directory, directories, files in os.walk(top):
            for name in [*directories, *files]:
                path = os.path.join(directory, name)
                if os.path.islink(path) and not os.path.exists(path):
                    found.append(path)
    return sorted(found)


def main(classes: str, sites: str, *stores: str) -> None:
    answers = {}
    for site in sorted(Path(sites).iterdir()):
        with tls_server.serve(site / "chain.pem", site / "key.pem") as server:
            port = server.port
            answers[site.name] = {
                "openssl": openssl(port),
                "curl": curl(port),
                "python": python(port),
                "jvm": jvm(classes, port),
            }
            if importlib.util.find_spec("requests"):
                answers[site.name]["requests"] = requests(port)
            for store in stores:
                where = (
                    ("-CApath", store, "-no-CAfile")
                    if os.path.isdir(store)
                    else ("-CAfile", store, "-no-CApath")
                )
                answers[site.name][store] = openssl(port, *where, "-no-CAstore")
    print(json.dumps({"sites": answers, "dangling": dangling()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
