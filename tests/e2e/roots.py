"""Root file systems that keep their trust as Debian, distroless, Temurin, UBI and SUSE images do.

The programs are Debian's in all of them. What differs is where the stores are and which links
lead there, and who wrote them: update-ca-certificates in Debian, p11-kit in UBI and SUSE, as there.
Each knows one public CA that no other store in the world knows.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from engine import Engine
from support import trees

JDK = "usr/lib/jvm/java-17-openjdk-amd64"
CACERTS = "lib/security/cacerts"
CURL = "usr/lib/x86_64-linux-gnu/libcurl.so.4"
CURL_BUNDLE = b"/etc/ssl/certs/ca-certificates.crt"
EXTRACTED = "etc/pki/ca-trust/extracted"
SUSE_STORES = "var/lib/ca-certificates"

# What p11-kit is asked for: format, further arguments, file.
RHEL_EXTRACTS = (
    ("pem-bundle", "--filter=ca-anchors --purpose=server-auth", "pem/tls-ca-bundle.pem"),
    ("pem-bundle", "--filter=ca-anchors --purpose=email", "pem/email-ca-bundle.pem"),
    ("pem-bundle", "--filter=ca-anchors --purpose=code-signing", "pem/objsign-ca-bundle.pem"),
    ("pem-directory-hash", "--filter=ca-anchors --purpose=server-auth", "pem/directory-hash"),
    ("openssl-bundle", "--filter=certificates", "openssl/ca-bundle.trust.crt"),
    ("java-cacerts", "--filter=ca-anchors --purpose=server-auth", "java/cacerts"),
    ("edk2-cacerts", "--filter=ca-anchors --purpose=server-auth", "edk2/cacerts.bin"),
)
SUSE_EXTRACTS = (
    ("pem-bundle", "--filter=ca-anchors --purpose=server-auth", "ca-bundle.pem"),
    ("pem-directory-hash", "--filter=ca-anchors --purpose=server-auth", "pem"),
    ("openssl-directory", "--filter=ca-anchors", "openssl"),
    ("java-cacerts", "--filter=ca-anchors --purpose=server-auth", "java-cacerts"),
)


class Roots:
    """Makes each of them once, when it is asked for."""

    def __init__(self, engine: Engine, base: Path, home: Path, public: Path):
        self.engine = engine
        self.base = base
        self.home = home
        self.public = public

    def __getitem__(self, name: str) -> Path:
        root = self.home / name
        if not root.exists():
            getattr(self, name)(root)
        return root

    def debian(self, root: Path) -> None:
        self.copy(self.base, root)
        shutil.copy2(self.public, root / "usr/local/share/ca-certificates/public.crt")
        self._inside(root, "update-ca-certificates")

    def distroless(self, root: Path) -> None:
        """No shell, no tools, and of the stores the bundle and the JVM's."""
        self.copy(self["debian"], root)
        for program in [*(root / "usr/bin").iterdir(), *(root / "usr/sbin").iterdir()]:
            if program.name not in {"curl", "java", "openssl", "python3", "python3.11"}:
                program.unlink()
        certs = root / "etc/ssl/certs"
        for path in certs.iterdir():
            if path.name not in {"ca-certificates.crt", "java"}:
                path.unlink()
        for path in ("usr/share/ca-certificates", "usr/local/share/ca-certificates"):
            shutil.rmtree(root / path)

    def temurin(self, root: Path) -> None:
        self.copy(self["debian"], root)
        (root / JDK / CACERTS).unlink()
        shutil.copy2(root / "etc/ssl/certs/java/cacerts", root / JDK / CACERTS)

    def ubi(self, root: Path) -> None:
        self.copy(self["debian"], root)
        self._extract(root, EXTRACTED, RHEL_EXTRACTS)
        for name in ("ca-certificates.crt", "ca-bundle.crt"):
            self._link(root, f"{EXTRACTED}/pem/directory-hash/{name}", "../tls-ca-bundle.pem")
        self._link(root, "etc/ssl/certs", "/etc/pki/tls/certs")
        bundle = f"/{EXTRACTED}/pem/tls-ca-bundle.pem"
        self._link(root, "etc/pki/tls/cert.pem", bundle)
        self._link(root, "etc/pki/tls/certs/ca-bundle.crt", bundle)
        trusted = "openssl/ca-bundle.trust.crt"
        self._link(root, "etc/pki/tls/certs/ca-bundle.trust.crt", f"/{EXTRACTED}/{trusted}")
        self._link(root, "etc/pki/java/cacerts", f"/{EXTRACTED}/java/cacerts")
        self._link(root, f"{JDK}/{CACERTS}", "/etc/pki/java/cacerts")
        # What the distribution compiles into OpenSSL and curl.
        self._link(root, "usr/lib/ssl/cert.pem", "/etc/pki/tls/cert.pem")
        self._link(root, "usr/lib/ssl/certs", "/etc/pki/tls/certs")
        self._curl_reads(root, "/etc/pki/tls/certs/ca-bundle.crt")

    def suse(self, root: Path) -> None:
        self.copy(self["debian"], root)
        self._extract(root, SUSE_STORES, SUSE_EXTRACTS)
        self._link(root, "etc/ssl/certs", f"../../{SUSE_STORES}/pem")
        self._link(root, "etc/ssl/ca-bundle.pem", f"../../{SUSE_STORES}/ca-bundle.pem")
        self._link(root, f"{JDK}/{CACERTS}", f"/{SUSE_STORES}/java-cacerts")
        # What the distribution compiles into OpenSSL; its curl takes what OpenSSL takes.
        self._link(root, "usr/lib/ssl/cert.pem", f"/{SUSE_STORES}/ca-bundle.pem")
        self._link(root, "usr/lib/ssl/certs", f"/{SUSE_STORES}/openssl")
        self._curl_reads(root, "/etc/ssl/ca-bundle.pem")

    def copy(self, source: Path, root: Path) -> None:
        """The large part is linked: nothing there is written into. The rest is copied."""
        root.mkdir()
        for path in source.iterdir():
            if path.is_symlink():
                (root / path.name).symlink_to(path.readlink())
            elif path.name == "usr":
                trees.linked(path, root / path.name)
            else:
                shutil.copytree(path, root / path.name, symlinks=True)

    def _inside(self, root: Path, *command: str) -> None:
        self.engine.podman(
            *("run", "--rm", "--network=none", "--cgroups=disabled", "--rootfs", str(root)),
            *command,
        )

    def _extract(self, root: Path, at: str, extracts: tuple[tuple[str, str, str], ...]) -> None:
        """Has p11-kit write out what Debian's bundle holds, and takes Debian's own stores away."""
        script = ["set -e"]
        for form, arguments, name in extracts:
            (root / at / name).parent.mkdir(parents=True, exist_ok=True)
            script.append(f"trust extract --format={form} {arguments} /{at}/{name}")
        self._inside(root, "sh", "-c", "\n".join(script))
        shutil.rmtree(root / "etc/ssl/certs")

    def _link(self, root: Path, name: str, target: str) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    def _curl_reads(self, root: Path, bundle: str) -> None:
        """Another path for the one that Debian compiled into curl."""
        library = (root / CURL).resolve()
        content = library.read_bytes()
        assert content.count(CURL_BUNDLE + b"\0") == 1
        library.unlink()  # it is a link to the original
        path = bundle.encode().ljust(len(CURL_BUNDLE), b"\0")
        library.write_bytes(content.replace(CURL_BUNDLE, path))
