#!/usr/bin/env python3
"""release/wheel.py BINARY amd64|arm64 DIRECTORY: makes the wheel that holds that binary, with the metadata of
pyproject.toml. All times are SOURCE_DATE_EPOCH.

A wheel is a zip file with a few texts. maturin, which pip uses on a checkout, would compile the program once more; here
the wheel holds the bytes that the archive holds, so that one hash and one SBOM are about both.
"""

import base64
import hashlib
import os
import re
import sys
import time
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A static binary runs with every libc, so pip may take it with glibc (manylinux) and with musl. The oldest tags of each
# that a supported pip knows.
PLATFORMS = {
    "amd64": "manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64",
    "arm64": "manylinux2014_aarch64.manylinux_2_17_aarch64.musllinux_1_1_aarch64",
}


def main() -> None:
    binary, architecture, directory = sys.argv[1:]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    stem = f"{project['name'].replace('-', '_')}-{version}"
    tags = f"py3-none-{PLATFORMS[architecture]}"
    info = f"{stem}.dist-info"
    files = {
        f"{stem}.data/scripts/{project['name']}": Path(binary).read_bytes(),
        **{f"{info}/licenses/{name}": (ROOT / name).read_bytes() for name in project["license-files"]},
        f"{info}/METADATA": metadata(project, version).encode(),
        f"{info}/WHEEL": wheel(tags).encode(),
    }
    record = "".join(f"{name},sha256={digest(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    write(Path(directory) / f"{stem}-{tags}.whl", files)


def metadata(project: dict, version: str) -> str:
    """Core metadata 2.4."""
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"Keywords: {','.join(project['keywords'])}",
        f"License-Expression: {project['license']}",
        *(f"License-File: {name}" for name in project["license-files"]),
        *(f"Classifier: {name}" for name in project["classifiers"]),
        *(f"Project-URL: {name}, {url}" for name, url in project["urls"].items()),
        f"Requires-Python: {project['requires-python']}",
        "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM",
    ]
    return "\n".join(lines) + "\n\n" + readme(project, version)


def readme(project: dict, version: str) -> str:
    """On PyPI, no page and no image is next to it."""
    text = (ROOT / project["readme"]).read_text()
    here = project["urls"]["Repository"]
    text = re.sub(r"(!\[[^]]*\]\()(?![a-z]+:)", rf"\1{here}/raw/v{version}/", text)
    return re.sub(r"(\]\()(?![a-z]+:|#)", rf"\1{here}/blob/v{version}/", text)


def wheel(tags: str) -> str:
    interpreter, abi, platforms = tags.split("-")
    each = "".join(f"Tag: {interpreter}-{abi}-{platform}\n" for platform in platforms.split("."))
    return f"Wheel-Version: 1.0\nGenerator: trust-init release/wheel.py\nRoot-Is-Purelib: false\n{each}"


def digest(content: bytes) -> str:
    """As RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def write(path: Path, files: dict[str, bytes]) -> None:
    at = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, at)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # pip keeps the bit that lets a file run.
            entry.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
            archive.writestr(entry, content)


if __name__ == "__main__":
    main()
