"""Containers without a daemon and without a registry: podman and buildah, with a storage of their
own.

Nothing of the machine's own container set-up is read or changed, so a developer's images stay as
they are, and a run leaves nothing behind. Every image is made here, FROM scratch; none is pulled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

CONTAINERS_CONF = """\
[containers]
# Podman's own defaults ask for more than a small machine allows.
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
seccomp_profile = "/usr/share/containers/seccomp.json"
apparmor_profile = "unconfined"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
lock_type = "file"
tmp_dir = "{home}/engine"
"""

STORAGE_CONF = """\
[storage]
driver = "vfs"
runroot = "{home}/run"
graphroot = "{home}/graph"
"""

POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}\n'

# What a `restricted` pod with readOnlyRootFilesystem gets, and no network at all.
RESTRICTED = (
    "--read-only",
    "--read-only-tmpfs=false",  # podman would put writable file systems on /tmp and /run
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--network=none",
    "--cgroups=disabled",
    "--pull=never",
)

# The release binary, from the root of the repository, and what the test's image calls its commit.
BUILT = "target/x86_64-unknown-linux-musl/release/trust-init"
REVISION = "0123456789abcdef0123456789abcdef01234567"

# OpenShift picks a uid per namespace, Spark's images use 185: none is in any passwd file here.
UID = "185"


class Engine:
    def __init__(self, home: Path):
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        (home / "containers.conf").write_text(CONTAINERS_CONF.format(home=home))
        (home / "storage.conf").write_text(STORAGE_CONF.format(home=home))
        (home / "policy.json").write_text(POLICY)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(home),
            "LC_ALL": "C.UTF-8",
            "CONTAINERS_CONF": str(home / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(home / "storage.conf"),
        }
        self.prefix: list[str] = []
        if os.path.ismount("/sys/fs/cgroup/unified"):
            # crun refuses a machine that mounts both kinds of cgroup: hide one, from this process
            # tree only.
            hide = 'umount /sys/fs/cgroup/unified && exec "$@"'
            self.prefix = [
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                hide,
                "engine",
            ]

    def _call(
        self, *argv: str, check: bool, stdin: str | None = None, timeout: int = 120
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*self.prefix, *argv],
            env=self.env,
            input=stdin or "",
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"{' '.join(argv)}\nexit {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def podman(
        self, *args: str, check: bool = True, stdin: str | None = None, timeout: int = 120
    ) -> subprocess.CompletedProcess[str]:
        return self._call("podman", *args, check=check, stdin=stdin, timeout=timeout)

    def build(
        self, context: Path, tag: str, *args: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        policy = f"--signature-policy={self.home / 'policy.json'}"
        return self._call(
            "buildah",
            "bud",
            policy,
            "--isolation=chroot",
            "--pull=never",
            *args,
            "-t",
            tag,
            str(context),
            check=check,
        )

    def run(
        self,
        image: str,
        *args: str,
        volumes: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        user: str | None = UID,
        stdin: str | None = None,
        expect: int = 0,
    ) -> subprocess.CompletedProcess[str]:
        """One restricted container, held to an exit code. `volumes` are OUTSIDE:INSIDE[:ro]."""
        flags = [*RESTRICTED, *(f"--volume={volume}" for volume in volumes), *options]
        if user is not None:
            flags.append(f"--user={user}")
        if stdin is not None:
            flags.append("--interactive")
        done = self.podman("run", "--rm", *flags, image, *args, check=False, stdin=stdin)
        assert done.returncode == expect, (
            f"exit {done.returncode}, not {expect}\n{done.stdout}{done.stderr}"
        )
        return done

    def files(self, image: str) -> dict[str, str]:
        """What an image holds: path to mode, read from its layers and not by running anything."""
        created = self.podman(
            "create", "--network=none", "--cgroups=disabled", image, "none"
        ).stdout.strip()
        exported = self.home / f"{created}.tar"
        try:
            self.podman("export", "-o", str(exported), created)
            listing = subprocess.run(
                ["tar", "-tvf", exported], capture_output=True, text=True, check=True
            ).stdout
        finally:
            self.podman("rm", "-f", created)
            exported.unlink(missing_ok=True)
        rows = [line.split(None, 5) for line in listing.splitlines()]
        return {row[5].removeprefix("./").removeprefix("/"): row[0] for row in rows}

    def close(self) -> None:
        self.podman("pod", "rm", "--all", "--force", check=False)
        self.podman("rm", "--all", "--force", check=False)
        self.podman("volume", "prune", "--force", check=False)
        shutil.rmtree(self.home, ignore_errors=True)
