"""A machine to run a page's commands on: a copy of this one in a mount namespace of its own, so that paths are those
of the page, and nothing that a command writes stays.

It has a user's clone of the repository as its working directory, the programs, a cluster's API that runs nothing, a
registry with the charts, and a server below a customer's CA.
"""

from __future__ import annotations

import contextlib
import ipaddress
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from support import binary, checkout, environment, kube_api, kubectl, pki, registry, tls_server

HOME = "/home/you"
CUSTOM_CERTS = "/etc/pki/custom-certs"
HOSTS = ("login.example.com", "registry.example.com")
# The time limit is no measure of speed: it turns a command that hangs into a failure.
LIMIT = 60

# ROOM CLONE PROGRAM...: mounts, says so, and stays for as long as its stdin does.
MOUNTS = r"""
room=$1 clone=$2
shift 2
mount -t tmpfs tmpfs "$room"
mkdir "$room"/{root,upper,work,clone-upper,clone-work}
overlay() { mount -t overlay overlay -o "lowerdir=$1,upperdir=$room/$2upper,workdir=$room/$2work" "$3"; }
overlay / '' "$room/root"
# What somebody may have built on this machine.
rm -rf "$room/root/trust"
for of_the_kernel in dev proc sys; do mount --rbind "/$of_the_kernel" "$room/root/$of_the_kernel"; done
for program; do
    touch "$room/root/usr/local/bin/${program##*/}"
    mount --bind "$program" "$room/root/usr/local/bin/${program##*/}"
done
mkdir -p "$room/root$HOME/trust-init"
overlay "$clone" clone- "$room/root$HOME/trust-init"
mount -t tmpfs tmpfs "$room/root/tmp"
exec chroot "$room/root" bash -euc 'cd "$HOME/trust-init"; echo mounted; exec cat'
"""


@dataclass(frozen=True)
class Done:
    code: int
    printed: str


@dataclass(frozen=True)
class Room:
    # The process that holds its mounts.
    holder: int
    env: dict[str, str]

    def run(self, script: str, given: str = "") -> Done:
        """Runs a script in a shell of its own, in the clone, with this on its stdin."""
        enter = ["nsenter", f"--target={self.holder}", "--mount", "--root", "--wd"]
        done = subprocess.run(
            [*enter, "timeout", str(LIMIT), "bash", "-euo", "pipefail", "-c", script],
            env=self.env,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        late = f"still running after {LIMIT} s\n" if done.returncode == 124 else ""
        return Done(done.returncode, done.stdout + late)

    def write(self, name: str, text: str) -> None:
        """Writes a file, in the clone unless the name is absolute."""
        done = self.run(f"mkdir -p \"$(dirname '{name}')\"\ncat >'{name}'", text)
        assert done.code == 0, done.printed


def _client(common_name: str) -> x509.Name:
    """As in examples/client-ca-chain.pem."""
    return x509.Name.from_rfc4514_string(f"CN={common_name},O=Example Client,C=FR")


def _programs() -> list[Path]:
    """Those of the page, by the names that they have there."""
    return [binary.path().resolve(), *(kubectl.programs()[name] for name in ("kubectl", "helm"))]


class Building:
    """What all rooms share."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._stack = contextlib.ExitStack()
        # Each on port 443, so each at an address of its own, which no other run of this suite has.
        block = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}"
        self._at = {host: f"{block}.{number}" for number, host in enumerate(HOSTS, 1)}
        self._root = pki.root(_client("Example Client Root CA"))
        self._customer = self._root.issue(_client("Example Client Issuing CA"))
        self._owner = pki.root("Example Registry CA")

    def __enter__(self) -> Building:
        self._clone()
        self._serve_login()
        self._serve_charts()
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def room(self, name: str) -> Iterator[Room]:
        folder = self._work / "rooms" / name
        folder.mkdir(parents=True)
        mounts = ["unshare", "--mount", "bash", "-euc", MOUNTS, "bash", folder, self._work / "clone", *_programs()]
        with kube_api.serve() as api:
            env = kubectl.clean(api, folder)
            config = Path(env.pop("KUBECONFIG")).read_text()
            env |= {"HOME": HOME, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
            with subprocess.Popen(mounts, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as held:
                assert held.stdout.readline() == "mounted\n", "no room: this needs root, and an overlay in a mount namespace"
                room = Room(held.pid, env)
                room.write(f"{HOME}/.kube/config", config)
                self._furnish(room)
                yield room

    def _furnish(self, room: Room) -> None:
        chain = self._customer.chain.decode()
        for name in ("client-ca-chain.pem", f"{CUSTOM_CERTS}/client-ca-chain.pem"):
            room.write(name, chain)
        room.write("issuing-ca.pem", self._customer.pem.decode())
        room.write("root-ca.pem", self._root.pem.decode())
        addresses = {"localhost": "127.0.0.1"} | self._at
        room.write("/etc/hosts", "".join(f"{at} {host}\n" for host, at in addresses.items()))
        # As on a machine of the registry's owner.
        done = room.run("cat >>/etc/ssl/certs/ca-certificates.crt", self._owner.pem.decode())
        assert done.code == 0, done.printed

    def _clone(self) -> None:
        for name in checkout.files():
            copy = self._work / "clone" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(environment.REPOSITORY / name, copy, follow_symlinks=False)

    def _server(self, authority: pki.Authority, host: str) -> pki.Server:
        return authority.server(host, names=[x509.DNSName(host), x509.IPAddress(ipaddress.ip_address(self._at[host]))])

    def _serve_login(self) -> None:
        host = HOSTS[0]
        chain, key = self._server(self._customer, host).write(self._work / host)
        self._stack.enter_context(tls_server.serve(chain, key, at=(self._at[host], 443)))

    def _serve_charts(self) -> None:
        host = HOSTS[1]
        served = registry.serve(self._work / host, self._server(self._owner, host), at=(self._at[host], 443))
        self._stack.enter_context(served)
        ca = self._work / "registry-ca.pem"
        ca.write_bytes(self._owner.pem)
        trusting = {"SSL_CERT_FILE": ca, "HELM": kubectl.programs()["helm"], "DIST": self._work / "dist"}
        for arguments in ([], ["push", f"oci://{self._at[host]}/charts"]):
            command = [environment.REPOSITORY / "release" / "charts", *arguments]
            subprocess.run(command, env=checkout.git_environment(**trusting), stdout=subprocess.PIPE, check=True)
