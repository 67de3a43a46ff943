"""An image: this machine's programs, with one more CA in the stores that they come with.

The stores are files mounted over the machine's own in a mount namespace, which ends with the
command in it: nothing of the machine is changed.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from support import environment, jvm, pki

OS_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
MOUNT_AND_RUN = (
    'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 99; shift 2; done; shift; exec "$@"'
)


@dataclass(frozen=True)
class Image:
    """What is mounted where, and the directories of the clients."""

    mounts: Mapping[Path, Path]
    environment: Mapping[str, str]

    def run(
        self,
        *command: str | Path,
        env: Mapping[str, str] = MappingProxyType({}),
        mounts: Mapping[Path, Path] = MappingProxyType({}),
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command in the image, with more mounts over it if asked."""
        over = [path for pair in {**self.mounts, **mounts}.items() for path in pair[::-1]]
        inside = ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNT_AND_RUN, "sh"]
        done = subprocess.run(
            [*inside, *map(str, over), "--", *map(str, command)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            env=environment.clean(**{**self.environment, **env}),
        )
        assert done.returncode != 99, done.stderr
        return done

    @property
    def certifi(self) -> Path:
        """Where the environment of the Python clients has certifi's bundle."""
        return next(path for path in self.mounts if path.match("site-packages/certifi/cacert.pem"))


def make(room: Path, ca: pki.Authority, clients: Mapping[str, str]) -> Image:
    """An image whose stores know `ca` too, with the clients where the set-up put them."""
    venv = Path(clients["venv"])
    root = room / "root.pem"
    root.write_bytes(ca.pem)
    bundles = (OS_BUNDLE, *venv.rglob("certifi/cacert.pem"))
    mounts = {path: _with(path, ca, room) for path in bundles}
    mounts[openssl_directory()] = _openssl_directory(room)
    for name in newest_jdks().values():
        cacerts = jvm.get(name).home / "lib" / "security" / "cacerts"
        mounts[cacerts] = _with_entry(cacerts, root, room / f"cacerts-{name}")
    scratch = room / "tmp"
    scratch.mkdir()
    variables = {
        "PATH": f"{venv}/bin:{clients['path']}:{os.environ['PATH']}",
        "VIRTUAL_ENV": str(venv),
        "PYTHONPATH": clients["pythonpath"],
        "CLASSPATH": f"{jvm.classes('Fetch')}:{clients['classpath']}",
        "TMPDIR": str(scratch),
    }
    return Image(mounts, variables)


def newest_jdks() -> dict[int, str]:
    """The newest JDK of each main version in the matrix."""
    return {int(name.split(".")[0]): name for name in jvm.names()}


def _with(bundle: Path, ca: pki.Authority, room: Path) -> Path:
    made = room / str(bundle).strip("/").replace("/", "-")
    made.write_bytes(bundle.read_bytes() + b"\n" + ca.pem)
    return made


def openssl_directory() -> Path:
    return Path(pki.openssl("version", "-d").stdout.decode().split('"')[1])


def _openssl_directory(room: Path) -> Path:
    """OpenSSL's own directory, where cert.pem leads to the bundle as it does in Alpine and in
    RHEL. The hashed directory does not know the CA: it would help a client whose bundle fails.
    """
    made = Path(shutil.copytree(openssl_directory(), room / "openssl", symlinks=True))
    (made / "cert.pem").unlink(missing_ok=True)
    (made / "cert.pem").symlink_to(OS_BUNDLE)
    return made


def _with_entry(cacerts: Path, root: Path, made: Path) -> Path:
    shutil.copyfile(cacerts, made)
    subprocess.run(
        ["keytool", "-importcert", "-noprompt", "-alias", "example-public", "-file", root,
         "-keystore", made, "-storepass", "changeit"],
        check=True, capture_output=True, env=environment.clean(),
    )  # fmt: skip
    return made
