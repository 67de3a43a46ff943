"""What else makes trust stores of many certificates, run as it is really run, on the certificates of
the build beside it.

The distributions' tools write where a system keeps its stores. They run in a copy of this machine's
file system, laid over the real one in a mount namespace of this process: what they write goes to
the copy, and the copy ends with the process.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import contents
import inputs
import machine
from cases import Case, Place, run

HERE = Path(__file__).resolve().parent
PYTHON_SETUP = HERE.parent / "tests/setup/python.sh"

CLONE_NEWNS = 0x00020000

JAVA_HOOK = "/usr/share/ca-certificates-java/ca-certificates-java.jar"
LOCAL = "/usr/local/share/ca-certificates"
ETC_CERTS = "/etc/ssl/certs"
TRUST_SOURCE = "/etc/pki/ca-trust/source"
EXTRACTED = "/etc/pki/ca-trust/extracted"

DEBIAN_PACKAGES = {
    "update-ca-certificates": "ca-certificates",
    JAVA_HOOK: "ca-certificates-java",
    "java": "default-jre-headless",
    "keytool": "default-jre-headless",
    "trust": "p11-kit",
}

# What Fedora's update-ca-trust runs, one process each.
UPDATE_CA_TRUST = f"""\
set -e
extract() {{ trust extract --overwrite "$@"; }}
cd {EXTRACTED}
extract --format=openssl-bundle --filter=certificates --comment openssl/ca-bundle.trust.crt
extract --format=pem-bundle --filter=ca-anchors --comment --purpose=server-auth pem/tls.pem
extract --format=pem-bundle --filter=ca-anchors --comment --purpose=email pem/email.pem
extract --format=pem-bundle --filter=ca-anchors --comment --purpose=code-signing pem/objsign.pem
extract --format=java-cacerts --filter=ca-anchors --purpose=server-auth java/cacerts
extract --format=edk2-cacerts --filter=ca-anchors --purpose=server-auth edk2/cacerts.bin
extract --format=pem-directory-hash --filter=ca-anchors --purpose=server-auth pem/directory-hash
"""

TRUST_MODULE = f"""\
module: p11-kit-trust.so
trust-policy: yes
x-init-reserved: paths={TRUST_SOURCE}
"""

# The hook's program alone: it reads the names of added files.
ONE_JVM = f"""\
printf '+%s\\n' {LOCAL}/*.crt |
    java -Xmx64m -jar {JAVA_HOOK} -storepass {contents.PASSWORD}
"""

# One JVM a certificate, for keytool imports no more than the first of a file.
KEYTOOL_LOOP = f"""\
set -e
for file in "$1"/*.pem; do
    keytool -importcert -noprompt -alias "${{file##*/}}" -file "$file" \\
        -keystore "$2" -storetype PKCS12 -storepass {contents.PASSWORD}
done
"""


@dataclass(frozen=True)
class Peer:
    label: str
    makes: str
    lacks: str
    case: Case
    missing: str  # why it cannot run here, or nothing


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

    def clear(self, folder: str) -> None:
        shutil.rmtree(self.path(folder), ignore_errors=True)
        self.path(folder).parent.mkdir(parents=True, exist_ok=True)

    def make(self, *folders: str) -> None:
        for folder in folders:
            self.path(folder).mkdir(parents=True, exist_ok=True)

    def no_certs(self) -> None:
        self.clear(ETC_CERTS)
        self.make(f"{ETC_CERTS}/java")

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

    def has_fedora(self) -> None:
        extracted = self.path(EXTRACTED)
        contents.expect(self.size, contents.pem(extracted / "pem/tls.pem"))
        contents.expect(self.size, contents.jks(extracted / "java/cacerts"))
        # A link by OpenSSL's hash and one by that of OpenSSL before 1.0.
        contents.expect(2 * self.size, contents.hashed(extracted / "pem/directory-hash"))


@contextmanager
def copy_of_this_machine(place: Place) -> Iterator[Copy]:
    copy = Copy(place.root / "machine", place.size)
    try:
        own_mounts()
    except OSError as error:
        copy.refused = f"wants root, to run in a copy of the file system: {error.strerror}"
        yield copy
        return
    try:
        copy.lay_over(place.root / "upper", place.root / "work")
        copy.fill(place.old / "os/ca-certificates.crt")
        yield copy
    finally:
        subprocess.run(["umount", "--recursive", str(copy.root)], check=False)


def own_mounts() -> None:
    """No mount that this process makes from here on is seen by another, or outlives it."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(number := ctypes.get_errno(), os.strerror(number))
    mount("--make-rprivate", "/")


def mount(*args: str) -> None:
    run(["mount", *args])


def all_of_them(place: Place, copy: Copy) -> list[Peer]:
    return [
        debian(copy),
        fedora(copy),
        java_hook(copy),
        keytool(place),
        cryptography(place),
    ]


def debian(copy: Copy) -> Peer:
    return Peer(
        label="Debian's `update-ca-certificates` with its Java hook",
        makes="OS bundle, hashed directory (of links), Java store (JKS)",
        lacks="the Python bundle, the customer's chain, the variables that clients need, a record of"
        " what was left out; reads one certificate a file; wants root",
        case=Case(
            "update-ca-certificates", copy.command("update-ca-certificates"),
            copy.no_certs, copy.has_debian, jvm=True,
        ),
        missing=copy.refused or absent("update-ca-certificates", JAVA_HOOK, "java"),
    )  # fmt: skip


def fedora(copy: Copy) -> Peer:
    return Peer(
        label="p11-kit, the seven `trust extract` of Fedora's `update-ca-trust`",
        makes="OS bundles for three purposes and with trust flags, hashed directory (links by two"
        " hashes), Java store (JKS), EDK II's store",
        lacks="the Python bundle, the customer's chain, the variables that clients need, a record of"
        " what was left out",
        case=Case(
            "update-ca-trust", copy.command("sh", "-c", UPDATE_CA_TRUST),
            copy.no_extracted, copy.has_fedora,
        ),
        missing=copy.refused or absent("trust"),
    )  # fmt: skip


def java_hook(copy: Copy) -> Peer:
    return Peer(
        label="`ca-certificates-java.jar`, all in one JVM",
        makes="Java store (JKS)",
        lacks="everything else",
        case=Case(
            "ca-certificates-java", copy.command("sh", "-c", ONE_JVM),
            copy.no_certs, copy.has_java, jvm=True,
        ),
        missing=copy.refused or absent(JAVA_HOOK, "java"),
    )  # fmt: skip


def keytool(place: Place) -> Peer:
    store = place.root / "keytool.p12"
    return Peer(
        label="`keytool -importcert`, once for each certificate",
        makes="Java store (PKCS#12, encrypted)",
        lacks="everything else",
        case=Case(
            "keytool loop", ["sh", "-c", KEYTOOL_LOOP, "sh", str(place.rehash), str(store)],
            lambda: store.unlink(missing_ok=True),
            lambda: contents.expect(place.size, contents.pkcs12(store)), jvm=True, slow=True,
        ),
        missing=absent("keytool"),
    )  # fmt: skip


def cryptography(place: Place) -> Peer:
    """The script that is written where there is Python and no keytool."""
    bundle, store = place.root / "cacert.pem", place.root / "cryptography.p12"
    script = [str(HERE / "merge_with_cryptography.py"), str(place.old / "os/ca-certificates.crt")]
    python = python_with_cryptography()

    def clear() -> None:
        bundle.unlink(missing_ok=True)
        store.unlink(missing_ok=True)

    def made_all() -> None:
        contents.expect(place.size, contents.pem(bundle))
        contents.expect(place.size, contents.pkcs12(store))

    return Peer(
        label="a Python script with `cryptography`",
        makes="Python bundle, Java store (PKCS#12, encrypted)",
        lacks="the OS bundle, the hashed directory, the customer's chain, the variables that"
        " clients need, a record of what was left out",
        case=Case("cryptography", [str(python), *script, str(bundle), str(store)], clear, made_all),
        missing="" if python else "not installed: tests/setup/python.sh failed",
    )


def python_with_cryptography() -> Path | None:
    """The tests' virtual environment, whose versions are pinned."""
    done = subprocess.run([PYTHON_SETUP], check=False, capture_output=True, text=True)
    return Path(done.stdout.strip()) / "bin/python" if done.returncode == 0 else None


def versions() -> dict[str, str]:
    packages = ("ca-certificates", "ca-certificates-java", "p11-kit")
    of_python = "from importlib.metadata import version; print(version('cryptography'))"
    return {
        **{name: machine.first_line("dpkg-query", "-Wf", "${Version}", name) for name in packages},
        "java": machine.first_line("java", "-version"),
        "cryptography": machine.first_line(str(python_with_cryptography()), "-c", of_python),
    }


def absent(*programs: str) -> str:
    packages = {DEBIAN_PACKAGES[name] for name in programs if not installed(name)}
    return f"not installed: Debian's {', '.join(sorted(packages))}" if packages else ""


def installed(name: str) -> bool:
    """A program on PATH, or a file."""
    return shutil.which(name) is not None or Path(name).exists()
