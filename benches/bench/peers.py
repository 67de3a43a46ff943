"""What else makes trust stores of many certificates, run as it is really run, on the certificates of
the build next to it.

The distributions' tools write where a system keeps its stores: they run in a copy of this machine's
file system (overlay.py).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import contents, machine, overlay, programs
from bench.cases import Case, Place, remove
from bench.overlay import CERTIFICATES, ETC_CERTS, EXTRACTED, JDK_STORE, LOCAL, Copy

PYTHON_SETUP = programs.REPO / "tests/setup/python.sh"

JAVA_HOOK = "/usr/share/ca-certificates-java/ca-certificates-java.jar"

GO_PKCS12 = f"{programs.GOPATH}/src/software.sslmate.com/src/go-pkcs12"

DEBIAN_PACKAGES = {
    "update-ca-certificates": "ca-certificates",
    JAVA_HOOK: "ca-certificates-java",
    "java": "default-jre-headless",
    "keytool": "default-jre-headless",
    "trust": "p11-kit",
    "go": "golang-go",
    GO_PKCS12: "golang-sslmate-src-go-pkcs12-dev",
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


# The commands of Temurin's /__cacert_entrypoint.sh with USE_SYSTEM_CA_CERTS, in its order: three JVMs
# for each of the customer's certificates, whether it is there, whether its name is, and the import.
TEMURIN = f"""\
set -e
password={contents.PASSWORD}
system=$(mktemp)
trust extract --overwrite --format=java-cacerts --filter=ca-anchors --purpose=server-auth "$system"
keytool -importkeystore -noprompt -srckeystore "$system" -srcstorepass "$password" \\
    -destkeystore {JDK_STORE} -deststorepass "$password"
rm "$system"
for file in {CERTIFICATES}/*.crt; do
    parts=$(mktemp -d)
    csplit -s -z -b %02d.crt -f "$parts/" "$file" '/-----BEGIN CERTIFICATE-----/' '{{*}}'
    for part in "$parts"/*.crt; do
        name=$(openssl x509 -in "$part" -noout -subject -nameopt multiline |
            sed -n 's/ *commonName *= //p')
        serial=$(openssl x509 -in "$part" -noout -serial)
        print=$(openssl x509 -in "$part" -noout -fingerprint -sha256 | cut -d= -f2)
        if keytool -list -v -keystore {JDK_STORE} -storepass "$password" | grep -qiF "$print"; then
            continue
        fi
        if keytool -list -keystore {JDK_STORE} -storepass "$password" -alias "$name"; then
            name=$name-$serial
        fi
        keytool -import -noprompt -alias "$name" -file "$part" -keystore {JDK_STORE} \\
            -storepass "$password"
    done
done
cp -La {CERTIFICATES}/* {LOCAL}/
update-ca-certificates
"""

# Go programs that the registries (Debian, PyPI, npm, crates.io) do not have.
ELSEWHERE = "not run: a Go program that no registry in reach has"


@dataclass(frozen=True)
class Peer:
    label: str
    makes: str
    lacks: str
    case: Case | None
    missing: str  # why it cannot run here, or nothing


@contextmanager
def all_of_them(place: Place) -> Iterator[list[Peer]]:
    bundle = place.old / "os/ca-certificates.crt"
    with overlay.copies_of_this_machine(place, "usual", "temurin") as (usual, given):
        if not usual.refused:
            usual.fill(bundle)
            given.give(*chain_and_system(place))
        yield [
            debian(usual), fedora(usual), temurin(given), java_hook(usual), keytool(place),
            cryptography(place), go_program(place), trust_manager(), paketo(),
        ]  # fmt: skip


def chain_and_system(place: Place) -> tuple[Path, Path]:
    """The customer's chain of four, and a bundle of all other certificates."""
    parts = contents.sections((place.old / "os/ca-certificates.crt").read_text())
    certificates = sorted(place.chains[0].parent.glob("?.pem"))
    own = [part for file in certificates for part in contents.sections(file.read_text())]
    chain, system = place.root / "temurin-chain.crt", place.root / "temurin-system.pem"
    chain.write_text("".join(own))
    system.write_text("".join(part for part in parts if part not in own))
    return chain, system


def debian(copy: Copy) -> Peer:
    return Peer(
        label="Debian's `update-ca-certificates` with its Java hook",
        makes="OS bundle, hashed directory (of links), Java store (JKS)",
        lacks="the Python bundle, the customer's chain, the variables that clients need, a record of"
        " what was left out; reads one certificate a file; needs root",
        case=Case(
            "update-ca-certificates", copy.command("update-ca-certificates"),
            prepare=copy.no_certs, check=copy.has_debian,
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
            prepare=copy.no_extracted, check=copy.has_fedora,
        ),
        missing=copy.refused or absent("trust"),
    )  # fmt: skip


def temurin(copy: Copy) -> Peer:
    return Peer(
        label="what Temurin's `/__cacert_entrypoint.sh` runs, for a chain of four next to the"
        " system's certificates",
        makes="Java store (PKCS#12, encrypted), OS bundle, hashed directory (of links)",
        lacks="the customer's chain in the hashed directory, if it is one file; the Python bundle, the"
        " customer's chain, the variables of clients other than the JVM, a record of what was left out;"
        " needs root for all but the Java store",
        case=Case(
            "temurin", copy.command("sh", "-c", TEMURIN),
            prepare=copy.no_jdk_store, check=copy.has_temurin, every=5,
        ),
        missing=copy.refused or absent("update-ca-certificates", "keytool", "trust"),
    )  # fmt: skip


def trust_manager() -> Peer:
    return Peer(
        label="cert-manager's trust-manager",
        makes="ConfigMaps or Secrets with a PEM bundle, JKS and PKCS#12",
        lacks="the hashed directory, the variables that clients need",
        case=None,
        missing=ELSEWHERE,
    )


def paketo() -> Peer:
    return Peer(
        label="Paketo's ca-certificates",
        makes="hashed directory, and the variables of OpenSSL's clients",
        lacks="the Java store, which another buildpack makes, and the Python bundle",
        case=None,
        missing=ELSEWHERE,
    )


def java_hook(copy: Copy) -> Peer:
    return Peer(
        label="`ca-certificates-java.jar`, all in one JVM",
        makes="Java store (JKS)",
        lacks="everything else",
        case=Case(
            "ca-certificates-java", copy.command("sh", "-c", ONE_JVM),
            prepare=copy.no_certs, check=copy.has_java,
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
            prepare=lambda: store.unlink(missing_ok=True),
            check=lambda: contents.expect(place.size, contents.pkcs12(store)), every=10,
        ),
        missing=absent("keytool"),
    )  # fmt: skip


def cryptography(place: Place) -> Peer:
    """The script that is written where there is Python and no keytool."""
    bundle, store = place.root / "cacert.pem", place.root / "cryptography.p12"
    script = [str(programs.HERE / "merge_with_cryptography.py"), str(place.old / "os/ca-certificates.crt")]
    python = python_with_cryptography()

    def clear() -> None:
        remove(bundle)
        remove(store)

    def made_all() -> None:
        contents.expect(place.size, contents.pem(bundle))
        contents.expect(place.size, contents.pkcs12(store))

    return Peer(
        label="a Python script with `cryptography`",
        makes="Python bundle, Java store (PKCS#12, encrypted)",
        lacks="the OS bundle, the hashed directory, the customer's chain, the variables that"
        " clients need, a record of what was left out",
        case=Case("cryptography", [str(python), *script, str(bundle), str(store)],
                  prepare=clear, check=made_all),
        missing="" if python else "not installed: tests/setup/python.sh failed",
    )


def go_program(place: Place) -> Peer:
    """Nearer to trust-manager we do not get: its library for PKCS#12, in a program of ours."""
    missing = absent("go", GO_PKCS12)
    program = None if missing else programs.go_program(place.root)
    bundle, store = place.root / "go.pem", place.root / "go.p12"

    def clear() -> None:
        remove(bundle)
        remove(store)

    def made_all() -> None:
        contents.expect(place.size, contents.pem(bundle))
        contents.expect(place.size, contents.pkcs12(store, "-legacy"))

    argv = [str(program), str(place.old / "os/ca-certificates.crt"), str(store), str(bundle)]
    return Peer(
        label="a Go program with `go-pkcs12`, trust-manager's library",
        makes="Python bundle, Java store (PKCS#12, encrypted with RC2)",
        lacks="the OS bundle, the hashed directory, the customer's chain, the variables that"
        " clients need, a record of what was left out",
        case=Case("go", argv, prepare=clear, check=made_all),
        missing=missing,
    )


def python_with_cryptography() -> Path | None:
    """The tests' virtual environment, whose versions are pinned."""
    done = subprocess.run([PYTHON_SETUP], check=False, capture_output=True, text=True)
    return Path(done.stdout.strip()) / "bin/python" if done.returncode == 0 else None


def versions() -> dict[str, str]:
    packages = ("ca-certificates", "ca-certificates-java", "p11-kit",
                DEBIAN_PACKAGES[GO_PKCS12])  # fmt: skip
    of_python = "from importlib.metadata import version; print(version('cryptography'))"
    return {
        **{name: machine.first_line("dpkg-query", "-Wf", "${Version}", name) for name in packages},
        "java": machine.first_line("java", "-version"),
        "go": machine.first_line("go", "version"),
        "cryptography": machine.first_line(str(python_with_cryptography()), "-c", of_python),
    }


def absent(*programs: str) -> str:
    packages = {DEBIAN_PACKAGES[name] for name in programs if not installed(name)}
    return f"not installed: Debian's {', '.join(sorted(packages))}" if packages else ""


def installed(name: str) -> bool:
    """A program on PATH, or a file."""
    return shutil.which(name) is not None or Path(name).exists()
