"""A copy of this machine's file system, for tools that write where a system keeps its stores.

It is laid over the real one in a mount namespace of this process: what they write goes to the copy,
and the copy ends with the process.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import contents, inputs
from bench.cases import CHAIN, Place, run

CLONE_NEWNS = 0x00020000

LOCAL = "/usr/local/share/ca-certificates"
ETC_CERTS = "/etc/ssl/certs"
JAVA_HOOK = "/etc/ca-certificates/update.d/jks-keystore"
TRUST_SOURCE = "/etc/pki/ca-trust/source"
EXTRACTED = "/etc/pki/ca-trust/extracted"
# Where Temurin's images look for a customer's certificates, and the store that they add them to.
CERTIFICATES = "/certificates"
JDK_STORE = "/etc/cacerts"

TRUST_MODULE = f"""\
module: p11-kit-trust.so
trust-policy: yes
x-init-reserved: paths={TRUST_SOURCE}
"""


class Copy:
    """This machine's root file system, to be written over. `refused` says why it is not there."""

    def __init__(self, root: Path, size: int):
        self.root, self.size, self.refused = root, size, ""

    def path(self, absolute: str) -> Path:
        """Never one of the real file system, where an absolute link would lead."""
        path = self.root / absolute.removeprefix("/")
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise SystemExit(f"benches/run: {absolute} is a link, and leads out of the copy")
        return path

    def command(self, *argv: str) -> list[str]:
        return ["chroot", str(self.root), *argv]

    def lay_over(self, upper: Path, work: Path) -> None:
        for folder in (self.root, upper, work):
            folder.mkdir()
        layers = f"lowerdir=/,upperdir={upper},workdir={work}"
        mount("-t", "overlay", "-o", layers, "overlay", str(self.root))
        mount("-t", "proc", "proc", str(self.path("/proc")))
        mount("-t", "tmpfs", "tmpfs", str(self.path("/tmp")))
        # Nodes of its own: nothing of the machine's /dev is within reach of a clean-up.
        mount("-t", "tmpfs", "tmpfs", str(self.path("/dev")))
        for name in ("null", "zero", "random", "urandom"):
            node = os.stat(f"/dev/{name}")
            os.mknod(self.path(f"/dev/{name}"), node.st_mode, node.st_rdev)

    def fill(self, bundle: Path) -> None:
        """The certificates where Debian and Fedora look for an administrator's, and no others."""
        for folder, extension in ((LOCAL, "crt"), (f"{TRUST_SOURCE}/anchors", "pem")):
            self.clear(folder)
            inputs.split(bundle, self.path(folder), extension)
        self.path("/etc/ca-certificates.conf").write_text("# none\n")
        modules = "/etc/pkcs11/modules"
        self.make(modules)
        (self.path(modules) / "p11-kit-trust.module").write_text(TRUST_MODULE)

    def give(self, chain: Path, system: Path) -> None:
        """The chain as Temurin's images are given it; all others are the system's."""
        self.fill(system)
        self.clear(CERTIFICATES)
        self.make(CERTIFICATES)
        shutil.copy(chain, self.path(f"{CERTIFICATES}/chain.crt"))
        self.path(JAVA_HOOK).unlink(missing_ok=True)

    def clear(self, folder: str) -> None:
        shutil.rmtree(self.path(folder), ignore_errors=True)
        self.path(folder).parent.mkdir(parents=True, exist_ok=True)

    def make(self, *folders: str) -> None:
        for folder in folders:
            self.path(folder).mkdir(parents=True, exist_ok=True)

    def no_certs(self) -> None:
        self.clear(ETC_CERTS)
        self.make(f"{ETC_CERTS}/java")

    def no_jdk_store(self) -> None:
        self.no_certs()
        self.path(JDK_STORE).unlink(missing_ok=True)

    def no_extracted(self) -> None:
        self.clear(EXTRACTED)
        self.make(*(f"{EXTRACTED}/{name}" for name in ("openssl", "pem", "java", "edk2")))

    def has_debian(self) -> None:
        certs = self.path(ETC_CERTS)
        contents.expect(self.size, contents.pem(certs / "ca-certificates.crt"))
        contents.expect(self.size, contents.hashed(certs))
        self.has_java()

    def has_java(self) -> None:
        contents.expect(self.size, contents.jks(self.path(ETC_CERTS) / "java/cacerts"))

    def has_temurin(self) -> None:
        contents.expect(self.size, contents.pkcs12(self.path(JDK_STORE)))
        # update-ca-certificates makes no link for a file of several certificates.
        contents.expect(self.size - CHAIN, contents.hashed(self.path(ETC_CERTS)))

    def has_fedora(self) -> None:
        extracted = self.path(EXTRACTED)
        contents.expect(self.size, contents.pem(extracted / "pem/tls.pem"))
        contents.expect(self.size, contents.jks(extracted / "java/cacerts"))
        # A link by OpenSSL's hash and one by that of OpenSSL before 1.0.
        contents.expect(2 * self.size, contents.hashed(extracted / "pem/directory-hash"))


@contextmanager
def copies_of_this_machine(place: Place, *names: str) -> Iterator[list[Copy]]:
    copies = [Copy(place.root / f"machine-{name}", place.size) for name in names]
    try:
        own_mounts()
    except OSError as error:
        for copy in copies:
            copy.refused = f"needs root, to run in a copy of the file system: {error.strerror}"
        yield copies
        return
    try:
        for copy in copies:
            copy.lay_over(copy.root.with_suffix(".upper"), copy.root.with_suffix(".work"))
        yield copies
    finally:
        for copy in copies:
            subprocess.run(["umount", "--recursive", str(copy.root)], check=False)


def own_mounts() -> None:
    """No mount that this process makes from here on is seen by another, or outlives it."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(number := ctypes.get_errno(), os.strerror(number))
    mount("--make-rprivate", "/")


def mount(*args: str) -> None:
    run(["mount", *args])
