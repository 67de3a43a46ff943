"""The floor does what a build does to its tree: the same files, or nothing if they are there."""

import subprocess

import pytest
from bench import programs


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    return programs.floor(tmp_path_factory.mktemp("floor"))


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "tree"
    (tree / "os/java").mkdir(parents=True)
    (tree / "os/ca-certificates.crt").write_bytes(b"bundle\0with a NUL\n" * 40_000)
    (tree / "os/ca-bundle.crt").symlink_to("ca-certificates.crt")
    (tree / "os/java/empty").touch()
    (tree / "manifest.json").write_text("{}")
    return tree


def run(*argv) -> int:
    return subprocess.run(list(map(str, argv)), check=False, capture_output=True).returncode


def everything(folder):
    def content(path):
        return path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()

    return {path.relative_to(folder): content(path) for path in folder.rglob("*")}


def test_it_writes_the_same_tree(floor, tree, tmp_path):
    pack, out = programs.pack(tree, tmp_path / "pack"), tmp_path / "out"
    out.mkdir()
    assert run(floor, "write", pack, out) == 0
    assert everything(out) == everything(tree)


def test_it_sees_every_difference(floor, tree, tmp_path):
    pack = programs.pack(tree, tmp_path / "pack")
    assert run(floor, "compare", pack, tree) == 0
    with (tree / "os/ca-certificates.crt").open("r+b") as file:
        file.seek(-2, 2)
        file.write(b"x")
    assert run(floor, "compare", pack, tree) == 1


def test_hello_becomes_another_program(tmp_path):
    hello = programs.hello(tmp_path)
    assert run(hello) == 0
    assert run(hello, "/bin/true") == 0
    assert run(hello, "/bin/false") == 1


def test_a_layer_is_compressed(tmp_path):
    (tmp_path / "binary").write_bytes(b"x" * 100_000)
    sizes = programs.image(tmp_path / "binary")
    assert sizes["binary"] == 100_000
    assert sizes["gzip"] < 1000
