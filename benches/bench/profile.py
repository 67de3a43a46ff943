"""Where the time of a build goes: samples of perf, by what the code at that place is for.

The binary must have its symbols. What the compiler inlined counts for the function that it went into.
"""

from __future__ import annotations

import collections
import re
import shutil
import subprocess
from pathlib import Path

from bench import spawn
from bench.cases import Place
from bench.results import NOW, Profile

FREQUENCY = 4000  # samples a second
SECONDS = 4  # of builds, at the least
# What the loop of builds starts besides; a thread of the build may have a name of its own.
OTHERS = {"sh", "rm", "mkdir", "date", "perf"}

# In the kernel: by the first of the callers that one of these matches.
KERNEL = {
    "kernel: starting and ending a process": r"execve|exit_group|do_exit|ret_from_fork|clone",
    "kernel: creating files (openat, mkdir, symlink)": r"sys_(openat2?|mkdir|symlink|creat)",
    "kernel: writing": r"sys_(write|pwrite|fallocate|ftruncate)|sys_writev",
    "kernel: renaming and removing": r"sys_(rename|unlink|rmdir)",
    "kernel: memory (faults, maps)": r"page_fault|sys_(mmap|munmap|mremap|brk|madvise|mprotect)",
    "kernel: waiting of threads": r"sys_futex",
    "kernel: other calls": r"",
}
# In user space: by the name of the function itself.
USER = {
    "SHA-256 and SHA-1": r"^<?sha[12]|sha\d*::",
    "copying and comparing memory": r"^mem(cpy|move|set|cmp|chr)$|append_elements|extend_from_slice",
    "allocation, with its lock": r"malloc|^free|realloc|calloc|__rust_(de)?alloc|pthread_mutex|Vec.*reserve",
    "base64": r"base64|radix64|armor",
    "the search for keys and certificates in text": r"private_key|loose|embedded|stray|plain_text|foreign_store|"
    r"escapes|memmem|memchr::|aho_corasick|from_utf8|core::str",
    "sections of PEM and other formats": r"formats::(pem|decode|der|text)|formats::[a-z_0-9]+$",
    "encoding the stores": r"encode|bundle",
    "certificates: fields, names, hashes": r"trust_stores::(cert|asn1|time)|^<?der::|const_oid|x509",
    "verdicts": r"trust_stores::(judge|policy|strictness)",
    "the manifest and the log": r"serde|report|core::fmt|itoa|ryu",
    "writing files": r"trust_init::(write|sys)|rustix|std::sys::fs|std::fs",
    "the command line": r"clap|args",
    "everything else": r"",
}


def of_place(place: Place, binary: Path) -> Profile | None:
    """None where perf is not installed or may not sample."""
    if shutil.which("perf") is None:
        return None
    program, out = place.root / "profiled", place.root / "fresh profiled"
    shutil.copy(binary, program)
    data = place.root / "perf.data"
    loop = f"""\
end=$(($(date +%s) + {SECONDS} + 1))
while [ "$(date +%s)" -lt "$end" ]; do
    rm -rf "$2"
    mkdir "$2"
    "$1" build --ca "$3" --max-size 64MiB --out "$2" --quiet
done
"""
    recorded = subprocess.run(
        ["perf", "record", "--quiet", "-g", "-F", str(FREQUENCY), "-o", str(data), "--",
         "sh", "-c", loop, "sh", str(program), str(out), str(place.chains[0])],
        check=False, env=spawn.ENVIRONMENT, capture_output=True,
    )  # fmt: skip
    if recorded.returncode != 0:
        return None
    told = subprocess.run(
        ["perf", "script", "-i", str(data), "--no-inline", "-F", "comm,ip,sym,dso"],
        check=True, env=spawn.ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip
    return Profile(NOW, place.size, *shares(told.stdout))


def shares(samples: str) -> tuple[int, dict[str, float]]:
    """How many samples there are of builds, and which share of them each purpose has."""
    found: collections.Counter[str] = collections.Counter()
    for sample in samples.split("\n\n"):
        head, *frames = sample.strip().splitlines() or [""]
        if head.strip() not in OTHERS and frames:
            found[purpose(frames)] += 1
    count = sum(found.values())
    return count, {name: round(found[name] / count, 4) for name in (*KERNEL, *USER) if found[name]}


def purpose(frames: list[str]) -> str:
    names = [re.sub(r"^\s*[0-9a-f]+ (.*) \(.*\)$", r"\1", frame) for frame in frames]
    if "[kernel" in frames[0]:
        calls = [name for name, frame in zip(names, frames, strict=True) if "[kernel" in frame]
        return _first(KERNEL, "\n".join(calls))
    return _first(USER, names[0])


def _first(purposes: dict[str, str], name: str) -> str:
    return next(told for told, pattern in purposes.items() if re.search(pattern, name, re.MULTILINE))
