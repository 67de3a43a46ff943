"""Files from the field, in the folder that TRUST_INIT_FIELD names: its README.md has a table of them with what
real readers take. The readers are asked again here, and trust-init must give what they give.

The files are other people's, so they are not in the repository.
"""

import base64
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpus import asking
from corpus.asking import File
from corpus.identity import identity
from support import binary

FOLDER = Path(os.environ.get("TRUST_INIT_FIELD", "/missing"))
needs_folder = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="TRUST_INIT_FIELD names no folder with files from the field and their README.md",
)
# Where a certificate is if OpenSSL, or the JVM, is to trust it.
STORES = {"openssl": "os", "java": "java"}


@dataclass(frozen=True)
class Row:
    """What the README says of a file: a password, and how many certificates and keys readers take."""

    name: str
    password: str | None
    count: int | None

    @property
    def path(self) -> Path:
        return FOLDER / self.name


def rows() -> list[Row]:
    if not FOLDER.is_dir():
        return []
    lines = (FOLDER / "README.md").read_text().splitlines()
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    return [row for cells in table[2:] for row in _rows(cells)]


def _rows(cells: list[str]) -> Iterator[Row]:
    names, _, password, readers, *_ = cells
    password = None if password in {"-", "beside it"} else password
    count = re.match(r"(\d+), all", readers)
    for name in re.sub(r"\(.*?\)", "", names).split(","):
        yield Row(name.strip().rstrip("/"), password, int(count[1]) if count else None)


FILES = [row for row in rows() if row.path.is_file()]
DIRECTORIES = [row for row in rows() if row.path.is_dir()]


@dataclass(frozen=True)
class Taken:
    """What a kind of client takes: what each of its versions does, and what any does."""

    all: frozenset[str]
    any: frozenset[str]
    keys: int


@pytest.fixture(scope="module")
def readers() -> Iterator[dict[str, list[asking.Reader]]]:
    every = {
        "openssl": [asking.machines_python(), asking.newest_python()],
        "java": [asking.java("11"), asking.java("25")],
    }
    yield every
    for reader in sum(every.values(), []):
        reader.close()


@pytest.fixture
def password_file(tmp_path):
    def written(row: Row) -> list[str]:
        if row.password is None:
            return []
        file = tmp_path / "password"
        file.write_text(row.password)
        return ["--ca-password-file", str(file)]

    return written


def taken(readers: list[asking.Reader], path: Path, password: str | None) -> Taken:
    versions, keys = [], 0
    for reader in readers:
        reads = reader.reads(File(path.read_bytes(), password)).values()
        versions.append(frozenset(identity(der) for read in reads for der in read.certificates))
        keys = max(keys, *(read.keys for read in reads))
    return Taken(frozenset.intersection(*versions), frozenset.union(*versions), keys)


def test_the_readme_lists_every_file():
    if not FOLDER.is_dir():
        pytest.skip("TRUST_INIT_FIELD names no folder with files from the field and their README.md")
    named = {row.name for row in rows()}
    assert named == {path.name for path in FOLDER.iterdir()} - {"README.md"}
    assert len(FILES) + len(DIRECTORIES) == len(named)


@needs_folder
@pytest.mark.parametrize("row", FILES, ids=lambda row: row.name)
def test_a_file_gives_what_real_readers_give(row, readers, password_file, tmp_path):
    said = {client: taken(versions, row.path, row.password) for client, versions in readers.items()}
    if row.count is not None:
        for client, one in said.items():
            assert len(one.all) + one.keys == row.count, f"{client} takes other than the README says"
    assert said["openssl"].any | said["java"].any, "no reader takes anything"

    out = tmp_path / "trust"
    run = binary.run(
        *("build", "--ca", row.path, "--base", "none", "--out", out, "--certificates-only"),
        *password_file(row),
    )

    assert run.code == 0, run.stderr
    tree = binary.Tree(out)
    ours = {entry["sha256"] for entry in tree.manifest["certificates"]}
    normal = {name: identity_of(row, password_file, name) for name in ours}
    for client, one in said.items():
        stored = {normal[name] for name in tree.fingerprints(STORES[client])}
        lost = one.all - stored - others_lose(tree, client, normal)
        assert not lost, f"{client} takes a certificate that is not in its store"
        assert stored <= one.any, f"{client}'s store has a certificate that it does not take"


def others_lose(tree: binary.Tree, client: str, normal: dict[str, str]) -> set[str]:
    """The certificates that OpenSSL takes and that cost another reader of the same bundle all the others."""
    if client != "openssl":
        return set()
    return {
        normal[entry["sha256"]]
        for entry in tree.manifest["certificates"]
        for finding in entry.get("warnings", [])
        if finding["rule"] == "breaks-openssl" and finding["reason"].startswith("GnuTLS")
    }


def identity_of(row: Row, password_file, fingerprint: str) -> str:
    """That of a certificate in the file, which readers may have written anew in DER."""
    run = binary.run(
        *("inspect", row.path, "--format", "pem", "--certificates-only"), *password_file(row)
    )
    blocks = binary.PEM_BLOCK.findall(run.stdout)
    found = {asking.fingerprint(der): identity(der) for der in map(base64.b64decode, blocks)}
    return found[fingerprint]


@needs_folder
@pytest.mark.parametrize("row", FILES, ids=lambda row: row.name)
def test_a_key_in_a_file_is_named_and_nothing_else_is_refused(row, readers, password_file):
    keys = max(taken(versions, row.path, row.password).keys for versions in readers.values())

    run = binary.run("check", row.path, "--base", "none", "--format", "json", *password_file(row))

    rejected = json.loads(run.stdout)["rejected"]
    assert {one["rule"] for one in rejected} == ({"private-key"} if keys else set()), run.stderr
    assert "PRIVATE KEY-----" not in run.stderr + run.stdout.decode()


@needs_folder
@pytest.mark.parametrize("row", DIRECTORIES, ids=lambda row: row.name)
def test_a_directory_gives_what_real_readers_take_from_its_files(row, readers, tmp_path):
    password = next(
        (file.read_text().strip() for file in sorted(row.path.glob("*.password"))), None
    )
    files = [file for file in sorted(row.path.iterdir()) if file.is_file()]
    by_file = [
        taken(versions, file, password) for file in files for versions in readers.values()
    ]
    expected = frozenset().union(*(one.any for one in by_file))
    assert expected

    out = tmp_path / "trust"
    run = binary.run("build", "--ca", row.path, "--base", "none", "--out", out)

    assert run.code == 0, run.stderr
    assert set(binary.Tree(out).fingerprints("java")) == expected
    assert set(binary.Tree(out).fingerprints("os")) == expected
