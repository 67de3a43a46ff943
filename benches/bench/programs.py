"""The programs that are compiled or packed for a run: the floor, the smallest static program, and a
build of trust-init that hashes as it does on a processor without SHA instructions.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
REPO = HERE.parent
TARGET = "x86_64-unknown-linux-musl"

# The crates' own switches: without them they ask the processor, at run time.
NO_SHA = '--cfg sha2_backend="soft" --cfg sha1_backend="soft"'
# Where Debian's packages of Go libraries have their sources.
GOPATH = "/usr/share/gocode"


def target_folder() -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))


def release() -> Path:
    return target_folder() / TARGET / "release/trust-init"


def compiled(name: str, folder: Path, *options: str) -> Path:
    program = folder / name
    source = HERE / f"{name}.c"
    subprocess.run(["cc", "-O2", *options, "-o", str(program), str(source)], check=True)
    return program


def floor(folder: Path) -> Path:
    return compiled("floor", folder)


def hello(folder: Path) -> Path:
    return compiled("hello", folder, "-static")


def go_program(folder: Path) -> Path:
    program, source = folder / "merge_with_go", HERE / "merge_with_go.go"
    subprocess.run(
        ["go", "build", "-o", str(program), str(source)],
        check=True, env={**os.environ, "GO111MODULE": "off", "GOPATH": GOPATH},
    )  # fmt: skip
    return program


def without_sha() -> Path:
    """Compiled beside the usual build, so that the next run finds it up to date."""
    folder = target_folder() / "no-sha"
    subprocess.run(
        ["cargo", "build", "--quiet", "--locked", "--release", "--package", "trust-init",
         "--target", TARGET],
        check=True, cwd=REPO, env={**os.environ, "CARGO_TARGET_DIR": str(folder),
                                   "RUSTFLAGS": NO_SHA},
    )  # fmt: skip
    return folder / TARGET / "release/trust-init"


def pack(tree: Path, file: Path) -> Path:
    """What floor.c creates: everything under `tree`, parents first."""
    with file.open("wb") as out:
        for path in sorted(tree.rglob("*")):
            name = os.fsencode(path.relative_to(tree)) + b"\0"
            if path.is_symlink():
                out.write(b"l" + name + os.fsencode(os.readlink(path)) + b"\0")
            elif path.is_dir():
                out.write(b"d" + name)
            else:
                content = path.read_bytes()
                out.write(b"f" + name + b"%d\0" % len(content) + content)
    return file


def image(binary: Path) -> dict[str, int]:
    """The bytes of the image: of the binary, which is its only file, and of its layer as a registry
    stores it, compressed by gzip or by zstd where that is installed.
    """
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        tar.add(binary, "trust-init")
    sizes = {"binary": binary.stat().st_size, "gzip": len(gzip.compress(layer.getvalue(), 9))}
    if shutil.which("zstd"):
        zstd = subprocess.run(
            ["zstd", "-19", "--stdout"], check=True, input=layer.getvalue(), capture_output=True
        )
        sizes["zstd"] = len(zstd.stdout)
    return sizes
