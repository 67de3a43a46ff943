"""The unit costs, measured on this machine: CPU is user and system time, of children too."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
BINARY = REPO / "target/x86_64-unknown-linux-musl/release/trust-init"
CHAIN = REPO / "examples/client-ca-chain.pem"
PROGRAMS = {"crun": "crun", "debootstrap": "debootstrap", "time": "time", "unshare": "util-linux"}
# No more than that: a machine's own trust in the environment would have a program read something else.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
CONTAINERS = 20
# What a registry keeps: gzip at its default level.
GZIP = 6


@dataclass(frozen=True)
class Spent:
    cpu: float
    wall: float
    # KiB, of the largest process.
    peak: int


def all_of_it(binary: Path, runs: int) -> dict:
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if missing or os.getuid() != 0:
        sys.exit(
            f"measure: wants root, and these Debian packages: {' '.join(missing) or 'all there'}"
        )
    if not binary.exists():
        sys.exit(
            f"measure: no binary at {binary}: cargo build --release --target x86_64-unknown-linux-musl"
        )
    # On a disk, as an emptyDir is.
    with tempfile.TemporaryDirectory(prefix="pod-starts-", dir=REPO / "target") as work:
        return costs(binary, runs, Path(work))


def costs(binary: Path, runs: int, work: Path) -> dict:
    # With the machine's environment: a proxy may be needed for what it fetches.
    root = Path(said(str(HERE / "keytool-root.sh"), env=None))
    keytool = in_root(root, work / "keytool")
    note(f"keytool, {runs} runs")
    shell = cost(keytool, runs)
    note("keytool, every root")
    every = cost([*keytool, "every-root"], 1)
    trust = work / "trust"
    note(f"trust-init build, {10 * runs} runs")
    return {
        "on": describe(binary),
        "chain": {
            "certificates": CHAIN.read_text().count("-----BEGIN"),
            "bytes": CHAIN.stat().st_size,
        },
        "init": image_of(binary) | cost(build(binary, trust), 10 * runs, trust),
        "prebuilt": prebuilt(binary, trust),
        "keytool": image(sorted(root.iterdir()), root, work) | shell,
        "keytool_every_root": every,
        "container": container(binary, work / "bundle"),
    }


def image_of(binary: Path) -> dict:
    """That of trust-init, whose only file is the binary. It needs no quiet machine, unlike the rest."""
    with tempfile.TemporaryDirectory(prefix="pod-starts-") as work:
        found = image([binary], binary.parent, Path(work))
    return found | {"image_on": today(), "image_binary_bytes": binary.stat().st_size}


def build(binary: Path, out: Path) -> list[str]:
    return [str(binary), "build", "--quiet", f"--ca={CHAIN}", f"--out={out}"]


def cost(command: list[str], runs: int, fresh: Path | None = None) -> dict:
    """`fresh` is taken away before each run: a pod's directory is empty.

    Of time the least counts, which is nearest to that of a machine with nothing else to do.
    """

    def once(command: list[str]) -> Spent:
        if fresh and fresh.exists():
            shutil.rmtree(fresh)
        return spent(command)

    all_spent = [once(command) for _ in range(runs)]
    peak = max(one.peak for one in all_spent)
    # A child of Python inherits Python's own: of what is smaller, GNU time tells.
    if peak <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        with tempfile.NamedTemporaryFile("r") as found:
            once(["time", "--format=%M", f"--output={found.name}", *command])
            peak = int(found.read())
    return {
        "runs": runs,
        "cpu": round(statistics.median(one.cpu for one in all_spent), 5),
        "wall": round(min(one.wall for one in all_spent), 5),
        "peak_bytes": peak * 1024,
    }


def spent(command: list[str]) -> Spent:
    start = time.perf_counter()
    child = subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"measure: {' '.join(command)}: {output.decode()}")
    return Spent(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss)


def image(contents: list[Path], root: Path, work: Path) -> dict:
    """The one layer of an image with these contents, and what a node spends to unpack it."""
    layer, unpacked = work / "layer.tar.gz", work / "unpacked"
    names = [str(path.relative_to(root)) for path in contents]
    tar = subprocess.run(
        ["tar", "--create", "--numeric-owner", "-C", root, *names], check=True, capture_output=True
    )
    layer.write_bytes(gzip.compress(tar.stdout, compresslevel=GZIP, mtime=0))
    unpacked.mkdir()
    unpacking = spent(["tar", "--extract", "--gzip", "--file", str(layer), "-C", str(unpacked)])
    shutil.rmtree(unpacked)
    return {
        "image_bytes": layer.stat().st_size,
        "image_unpacked_bytes": len(tar.stdout),
        "unpack_cpu": round(unpacking.cpu, 4),
    }


def prebuilt(binary: Path, trust: Path) -> dict:
    """The objects as render prints them, and the volume that a kubelet makes of them in memory: what
    build wrote, since render writes no file."""
    command = [str(binary), "render", "--quiet", "--immutable", "--hash-suffix", f"--ca={CHAIN}"]
    objects = said(*command).split("\n---\n")[1:]
    mounted = said(*command, "--print=pod")
    keys = {
        "truststore.p12": trust / "java/truststore.p12",
        "ca-bundle.pem": trust / "os/ca-certificates.crt",
        "client-ca-chain.pem": CHAIN,
        "trust.env": trust / "trust.env",
    }
    files = [keys[key].read_bytes() for key in re.findall(r"- key: (\S+)", mounted)]
    return {
        "object_bytes": [len(one.encode()) for one in objects],
        "volume_bytes": sum(map(len, files)),
        "volume_cpu": round(writing(files), 5),
    }


def writing(files: list[bytes]) -> float:
    """CPU to write them to memory, the least that a kubelet can spend on it."""
    times = 50
    with tempfile.TemporaryDirectory(dir="/dev/shm") as volume:
        before = time.process_time()
        for _ in range(times):
            for number, content in enumerate(files):
                (Path(volume) / str(number)).write_bytes(content)
        return (time.process_time() - before) / times


def container(binary: Path, bundle: Path) -> dict:
    """A container that does nothing, by the low-level runtime alone: --version of a static binary."""
    (bundle / "rootfs").mkdir(parents=True)
    shutil.copy(binary, bundle / "rootfs/trust-init")
    subprocess.run(["crun", "spec"], cwd=bundle, check=True)
    config = json.loads((bundle / "config.json").read_text())
    config["process"] |= {"terminal": False, "args": ["/trust-init", "--version"]}
    (bundle / "config.json").write_text(json.dumps(config))
    # crun refuses a machine that mounts both kinds of cgroup: one is hidden, from this process tree only.
    script = f"""
        ! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
        for number in $(seq {CONTAINERS}); do
            crun --cgroup-manager=disabled --root "{bundle}/state" run --bundle "{bundle}" "start-$number" || exit
        done
    """
    all_spent = spent(["unshare", "--mount", "sh", "-c", script])
    return {"runs": CONTAINERS, "cpu": round(all_spent.cpu / CONTAINERS, 5)}


def in_root(root: Path, work: Path) -> list[str]:
    """The command that runs keytool.sh in that file system, each time as it was."""
    given = work / "given"
    for directory in ("certificates", "trust"):
        (given / directory).mkdir(parents=True)
    shutil.copy(CHAIN, given / "certificates/ca.crt")
    shutil.copy(HERE / "keytool.sh", given)
    for directory in ("upper", "overlay", "merged"):
        (work / directory).mkdir()
    script = f"""
        set -e
        cd "{work}"
        rm -rf upper overlay && mkdir overlay && cp -r given upper
        mount -t overlay overlay -o "lowerdir={root},upperdir=upper,workdir=overlay" merged
        mount -t proc proc merged/proc && mount --bind /dev merged/dev
        exec chroot merged /keytool.sh "$@"
    """
    return ["unshare", "--mount", "--pid", "--fork", "sh", "-c", script, "sh"]


def describe(binary: Path) -> dict:
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "date": today(),
        "machine": f"{os.cpu_count()} cores, {cpu[1].strip() if cpu else 'CPU unknown'}",
        "kernel": f"{os.uname().sysname} {os.uname().release} {os.uname().machine}",
        "load": f"{os.getloadavg()[0]:.2f} in the minute before",
        "trust-init": f"{said(str(binary), '--version').splitlines()[0]}, {binary.stat().st_size:,} bytes",
    }


def today() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")


def said(*command: str, env: dict[str, str] | None = ENVIRONMENT) -> str:
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def note(text: str) -> None:
    print(f"measure: {text}", file=sys.stderr)
