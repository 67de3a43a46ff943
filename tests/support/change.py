"""A change of a customer's CAs, all that a build makes of it, and a build that goes wrong at one
system call.
"""

import collections
import errno
import functools
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import binary, environment, pki

AT = ["--at", pki.NOW.isoformat().replace("+00:00", "Z")]
# What the main container sees: the same whatever directory a test builds in.
MOUNTED = ["--mounted-at", "/trust"]
INPUT = 3
OUTPUT = 4
TEMPORARY = re.compile(r"\.trust-init\.[0-9a-f]+")
HASHED = re.compile(r"os/[0-9a-f]{8}\.0")
FULL = os.strerror(errno.ENOSPC).lower()


@functools.cache
def _certificates(content: bytes) -> frozenset[str]:
    return frozenset(binary.pem_fingerprints(content))


@dataclass(frozen=True)
class Change:
    """Two sets of CAs, and all that a build makes of each: the old tree and the new one.

    One CA stays, two have new keys under their old names, three go and three come: files of a
    hashed directory are left alone, replaced, removed and added.
    """

    inputs: dict[str, list]
    wanted: dict[str, dict]
    # A server's certificate under each CA.
    servers: dict[str, list[Path]]

    def build(self, out: Path, label: str) -> None:
        binary.build(out, *self.inputs[label])

    def built(self, out: Path, label: str) -> None:
        """Builds, and sees that this leaves that tree and nothing else."""
        self.build(out, label)
        assert binary.Tree(out).snapshot() == self.wanted[label]

    def whole(self, out: Path, labels: str = "ab") -> dict[str, str]:
        """Sees that each file is one that a build wrote, and that no set has less than one of the
        two builds' certificates. Gives whose each file is where they differ, and `temporary`.
        """
        found, held, whose = binary.Tree(out).snapshot(), set(), {}
        wanted = {label: self.wanted[label] for label in labels}
        for name, entry in found.items():
            if TEMPORARY.match(name):
                whose["temporary"] = name
                continue
            of = [label for label in wanted if wanted[label].get(name) == entry]
            if not of and entry in self._both(name, labels):
                of = ["both"]
            assert of, f"no build wrote {name}"
            if len(of) < len(wanted):
                whose[name] = of[0]
            if HASHED.fullmatch(name):
                held |= _certificates(entry[2])
        if len(labels) > 1:
            missing = wanted["a"].keys() & wanted["b"].keys() - found.keys()
            assert not missing, missing
            less = [len(self.hashed(label) - held) for label in wanted]
            assert 0 in less, f"of the hashed directories {less} are missing"
        return whose

    def _both(self, name: str, labels: str) -> list[tuple]:
        """What a file of a hashed directory is while others change: the old one and the new one."""
        entries = [self.wanted[label].get(name) for label in labels]
        if not HASHED.fullmatch(name) or len(entries) < 2 or None in entries:
            return []
        (*kind, one), (*_, other) = entries
        return [(*kind, one + other), (*kind, other + one)]

    def hashed(self, label: str) -> set[str]:
        """The certificates of the hashed directory: those of every store here."""
        entries = self.wanted[label].items()
        hashed = [entry[2] for name, entry in entries if HASHED.fullmatch(name)]
        return set().union(*map(_certificates, hashed))

    def verifies(self, *trust: str | Path) -> None:
        """Sees that OpenSSL, asked of each server, trusts no less than the old set or the new."""
        every = sorted({*self.servers["a"], *self.servers["b"]})
        done = pki.openssl("verify", "-no-CAstore", *trust, *every, check=False)
        passed = {
            Path(line[:-4]) for line in done.stdout.decode().splitlines() if line[-4:] == ": OK"
        }
        assert any(passed.issuperset(of) for of in self.servers.values()), passed


def of_many(directory: Path, certificates: int) -> Change:
    """A change of that many CAs, Mozilla's included; of the others a third stay."""
    mozilla = 118
    customers = certificates - mozilla
    stay = [pki.root(f"Example CA {number} that stays", kind="ec") for number in range(customers // 3)]
    inputs, wanted = {}, {}
    for label in "ab":
        others = range(customers - len(stay))
        cas = [*stay, *(pki.root(f"Example CA {number} of {label}", kind="ec") for number in others)]
        source = directory / f"{label}.pem"
        source.write_bytes(b"".join(ca.pem for ca in cas))
        inputs[label] = ["--ca", source, "--max-size", "8MiB", *AT, *MOUNTED]
        wanted[label] = binary.build(directory / label, *inputs[label]).snapshot()
    return Change(inputs, wanted, {})


@pytest.fixture(scope="module")
def change(tmp_path_factory) -> Change:
    directory = tmp_path_factory.mktemp("change")
    stays = pki.root("Example CA that stays", kind="ec")
    inputs, wanted, servers = {}, {}, {}
    for label in "ab":
        rekeyed = [pki.root(f"Example CA {number}, another key", kind="ec") for number in range(2)]
        others = [pki.root(f"Example CA {number} of {label}", kind="ec") for number in range(3)]
        cas = [stays, *rekeyed, *others]
        source = directory / f"{label}.pem"
        source.write_bytes(b"".join(ca.pem for ca in cas))
        inputs[label] = ["--ca", source, *AT, *MOUNTED]
        tree = binary.build(directory / label, *inputs[label])
        wanted[label] = tree.snapshot()
        servers[label] = []
        for number, ca in enumerate(cas):
            server = directory / f"{label}{number}-server.pem"
            server.write_bytes(ca.server(key=pki.new_key("ec")).certificate.pem)
            servers[label].append(server)
    change = Change(inputs, wanted, servers)
    differing = [n for n in wanted["a"] if wanted["a"][n] != wanted["b"].get(n)]
    assert len([name for name in differing if HASHED.fullmatch(name)]) == 5
    assert {"os/ca-certificates.crt", "java/truststore.p12", "manifest.json"} <= {*differing}
    return change


@dataclass(frozen=True)
class Injected:
    """A build of which one call of each thread went wrong: strace's lines of these calls."""

    code: int
    stderr: str
    calls: list[str]

    def could_log(self, out: Path) -> bool:
        """Whether none of these was a write to the log, as the main thread's of that number may be."""
        return all(str(out) in line or " write(" not in line for line in self.calls)


def inject(change: Change, out: Path, label: str, call: str, how: str, number: int | str) -> Injected:
    done, lines = trace(change, out, label, call, how, number)
    return Injected(done.returncode, done.stderr, [line for line in lines if "(INJECTED)" in line])


def numbers(lines: list[str], of: str = "") -> list[int]:
    """The number that strace has for each call with `of` in its line, except for those that only read: each
    thread's are counted from 1.
    """
    count, changing = collections.Counter(), set()
    for line in lines:
        thread = line.split()[0]
        count[thread] += 1
        if of in line and "O_RDONLY" not in line:
            changing.add(count[thread])
    return sorted(changing)


def trace(change, out: Path, label: str, call: str, how: str = "", number: int | str = 0):
    command = ["build", "--out", out, *change.inputs[label]]
    return traced(out.parent, command, call, how, number)


def strace(trace: Path, call: str, how: str = "", number: int | str = 0) -> list[str | Path]:
    """The start of a command line: strace, which writes to `trace` and lets one call go wrong."""
    inject = ["-e", f"inject={call}:{how}:when={number}"] if how else []
    # With that filter in the kernel, this strace injects errors and no signals.
    quick = [] if how.startswith("signal") else ["--seccomp-bpf"]
    begin = ["strace", "-f", *quick, "-qq", "-y", "-s", "0", "-o", trace]
    return [*begin, "-e", f"trace={call}", *inject]


def traced(
    folder: Path, command: list, call: str, how: str = "", number: int | str = 0, **variables: str | Path
):
    """Runs trust-init under strace; gives what it did and its calls of this name."""
    trace = folder / "trace"
    done = subprocess.run(
        [*strace(trace, call, how, number), binary.path(), *command],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment.clean(**variables),
    )
    lines = _whole_lines(trace.read_text().splitlines())
    return done, [line for line in lines if f" {call}(" in line]


def _whole_lines(lines: list[str]) -> list[str]:
    """The calls in the order in which they began. strace tells of one in two lines if another thread's comes
    between its start and its end.
    """
    whole, unfinished = [], {}
    for line in lines:
        thread = line.split()[0]
        if resumed := re.search(r"<\.\.\. \w+ resumed>(.*)", line):
            whole[unfinished.pop(thread)] += resumed[1]
        else:
            begun, is_unfinished, _ = line.partition(" <unfinished ...>")
            if is_unfinished:
                unfinished[thread] = len(whole)
            whole.append(begun)
    return whole


def says_full(stderr: str, out: Path) -> None:
    lines = stderr.splitlines()
    # What else is hinted at follows.
    last = max(index for index, line in enumerate(lines) if "error[" in line)
    error, hint = lines[last : last + 2]
    assert error.startswith(f"trust-init: error[unwritable]: {out}"), stderr
    assert error.endswith(FULL), stderr
    assert hint.startswith("hint: the disk is full (space or inodes)") and "sizeLimit" in hint
