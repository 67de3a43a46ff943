"""A machine where nothing was installed yet: a minimal Debian root, with the Rust toolchain and the
crates of this machine, and a copy of this checkout.
"""

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support import checkout
from support.environment import REPOSITORY, SETUP

CACHE = Path(os.environ.get("TRUST_INIT_TEST_CACHE") or Path.home() / ".cache" / "trust-init-test")
CARGO_HOME = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
# apt in the root needs a proxy where this machine needs one.
PASSED_ON = re.compile(r"(?i)^(https?|no)_proxy$")
ENVIRONMENT = {
    "PATH": "/root/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "CARGO_NET_OFFLINE": "true",
    "CARGO_PROFILE_DEV_DEBUG": "0",
    "CARGO_INCREMENTAL": "0",
    "CARGO_TARGET_DIR": "/target",
    "RUSTUP_AUTO_INSTALL": "0",
}


@dataclass(frozen=True)
class Done:
    code: int
    output: str


@dataclass(frozen=True)
class Machine:
    root: Path

    def run(self, command: str) -> Done:
        """Runs a shell command in the checkout, in a mount namespace of its own."""
        script = f"""
            mount --bind {_rustup_home()} {self.root}/root/.rustup
            mount -o remount,bind,ro {self.root}/root/.rustup
            mount --bind {_target()} {self.root}/target
            mount --rbind /dev {self.root}/dev
            mount -t proc proc {self.root}/proc
            exec chroot {self.root} sh -c 'cd /checkout && eval "$1"' sh "$1"
        """
        passed_on = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-ec", script, "sh", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=ENVIRONMENT | passed_on,
        )
        return Done(done.returncode, done.stdout)

    def copy(self, root: Path) -> "Machine":
        subprocess.run(["cp", "-a", "--reflink=auto", self.root, root], check=True)
        return Machine(root)

    def packages(self) -> set[str]:
        done = self.run("dpkg-query --show --showformat '${Package}\\n'")
        assert done.code == 0, done.output
        return set(done.output.split())


def bare(root: Path) -> Machine:
    """A new machine in the directory `root`, which is not there yet."""
    minimal = subprocess.run(
        [SETUP / "minimal.sh"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    machine = Machine(Path(minimal)).copy(root)
    for mounted in ("root/.rustup", "target"):
        (root / mounted).mkdir()
    shutil.copy("/etc/resolv.conf", root / "etc")
    # debootstrap leaves it to the installer.
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    shutil.copytree(CARGO_HOME / "bin", root / "root/.cargo/bin", symlinks=True)
    for crates in ("registry/cache", "registry/index"):
        shutil.copytree(CARGO_HOME / crates, root / "root/.cargo" / crates)
    for name in checkout.files():
        (root / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, root / "checkout" / name, follow_symlinks=False)
    return machine


def _rustup_home() -> str:
    return subprocess.run(
        ["rustup", "show", "home"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def _target() -> Path:
    """What cargo compiled in an earlier run, of the same dependencies by the same compiler."""
    version = subprocess.run(
        ["rustc", "-vV"], check=True, stdout=subprocess.PIPE, cwd=REPOSITORY
    ).stdout
    lock = (REPOSITORY / "Cargo.lock").read_bytes()
    target = CACHE / f"fresh-target-{hashlib.sha256(version + lock).hexdigest()[:12]}"
    if not target.exists():
        for old in CACHE.glob("fresh-target-*"):
            shutil.rmtree(old)
        target.mkdir()
    return target
