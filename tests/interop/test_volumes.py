"""Builds into volumes that are full, read-only or another user's, and over what is not a store:
docs/faults.md is the table.
"""

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support import binary, environment, volumes
from support.change import AT, MOUNTED, OUTPUT, Change, change, inject, says_full  # noqa: F401
from support.unprivileged import as_nobody


def _fails_over_the_old(change: Change, out: Path) -> str:
    done = binary.run("build", "--out", out, *change.inputs["b"])
    assert done.code == OUTPUT, done
    assert binary.Tree(out).snapshot() == change.wanted["a"]
    assert str(out) in done.stderr
    return done.stderr


def test_a_volume_with_too_few_pages(change, tmp_path):
    """One page more at a time, until the new stores fit beside the old ones."""
    with volumes.mounted(tmp_path, 'mount -t tmpfs -o size=8m none "$0"') as volume:
        out = volume / "trust"
        change.build(out, "a")
        for pages in range(1000):
            volumes.fill(volume, pages)
            done = binary.run("build", "--out", out, *change.inputs["b"])
            if done.code == 0:
                break
            assert done.code == OUTPUT, done
            says_full(done.stderr, out)
            assert binary.Tree(out).snapshot() == change.wanted["a"], pages
        print(f"{pages} pages are enough")
        assert pages > 100
        assert binary.Tree(out).snapshot() == change.wanted["b"]


def test_a_volume_with_too_few_inodes(change, tmp_path):
    mount = 'mount -t tmpfs -o size=8m,nr_inodes=250 none "$0"'
    with volumes.mounted(tmp_path, mount) as volume:
        out = volume / "trust"
        change.build(out, "a")
        volumes.use_up(volume, 0)
        fillers = sorted(volume.glob("filler-*"))
        for free, filler in enumerate(fillers):
            done = binary.run("build", "--out", out, *change.inputs["b"])
            if done.code == 0:
                break
            assert done.code == OUTPUT, done
            says_full(done.stderr, out)
            assert binary.Tree(out).snapshot() == change.wanted["a"], free
            filler.unlink()
        print(f"{free} inodes are enough")
        assert free > 10
        assert binary.Tree(out).snapshot() == change.wanted["b"]


def test_a_read_only_volume(change, tmp_path):
    out = tmp_path / "trust"
    change.build(out, "a")
    mount = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"'
    with volumes.mounted(out, mount) as volume:
        said = _fails_over_the_old(change, volume)
        assert os.strerror(errno.EROFS).lower() in said
        assert "hint: choose another --out; in a pod, mount an emptyDir there" in said
        # Where all is as it should be, nothing needs to be written.
        change.built(volume, "a")


def test_a_directory_of_another_user(change, open_directory):
    program, rights = as_nobody(open_directory)
    out = open_directory / "trust"
    change.build(out, "a")
    # Without root's rights this user owns it.
    out.chmod(0o555)
    source = open_directory / "b.pem"
    source.write_bytes(change.inputs["b"][1].read_bytes())
    done = subprocess.run(
        [program, "build", "--out", out, "--ca", source, *AT, *MOUNTED],
        capture_output=True, text=True, timeout=60, env=environment.clean(), **rights,
    )  # fmt: skip
    out.chmod(0o755)
    assert done.returncode == OUTPUT, done.stderr
    assert f"error[unwritable]: {out}" in done.stderr
    assert "permission denied" in done.stderr
    assert "hint: --out must be a directory" in done.stderr
    assert binary.Tree(out).snapshot() == change.wanted["a"]


# Sources that go, and targets that are something else.


def test_a_source_that_is_gone(change, tmp_path):
    out, source = tmp_path / "trust", tmp_path / "a.pem"
    shutil.copy(change.inputs["a"][1], source)
    binary.build(out, "--ca", source, *AT, *MOUNTED)
    before = binary.Tree(out).touched()
    source.unlink()
    done = binary.run("build", "--out", out, "--ca", source, *AT, *MOUNTED)
    assert done.code == 3
    assert f"error[unreadable]: {source}: no such file" in done.stderr
    assert "hint: " in done.stderr
    assert binary.Tree(out).touched() == before


def test_a_source_that_goes_during_the_run(change, tmp_path):
    """It was in the directory's list, and is no longer there when it is opened."""
    out, sources = tmp_path / "trust", tmp_path / "sources"
    sources.mkdir()
    for label in "ab":
        shutil.copy(change.inputs[label][1], sources)
    change.build(out, "a")
    before = binary.Tree(out).touched()
    moved = Change({"b": ["--ca", sources, *AT, *MOUNTED]}, change.wanted, change.servers)
    # The directory is opened and listed with other calls; the files in it are the first of these.
    for number, name in ((1, "a.pem"), (2, "b.pem")):
        done = inject(moved, out, "b", "openat", "error=ENOENT", number)
        assert name in done.calls[0]
        assert done.code == 3
        assert f"error[unreadable]: {sources / name}: no such file" in done.stderr
        assert binary.Tree(out).touched() == before


def test_a_link_in_place_of_a_directory(change, tmp_path):
    out, elsewhere = tmp_path / "trust", tmp_path / "elsewhere"
    change.build(out, "a")
    (out / "os").rename(elsewhere)
    (out / "os").symlink_to(elsewhere)
    before = [binary.Tree(root).touched() for root in (out, elsewhere)]
    done = binary.run("build", "--out", out, *change.inputs["b"])
    assert done.code == OUTPUT
    assert f"{out}/os: expected a directory, found a link or a file" in done.stderr
    assert "hint: remove it" in done.stderr
    assert [binary.Tree(root).touched() for root in (out, elsewhere)] == before


@pytest.mark.parametrize("name", ["os/ca-certificates.crt", "java/truststore.p12", "manifest.json"])
def test_a_directory_in_place_of_a_file(name, change, tmp_path):
    out = tmp_path / "trust"
    change.build(out, "a")
    (out / name).unlink()
    (out / name).mkdir()
    before = binary.Tree(out).touched()
    done = binary.run("build", "--out", out, *change.inputs["b"])
    assert done.code == OUTPUT
    assert f"{out / name}: expected a file, found a directory" in done.stderr
    assert "hint: remove it" in done.stderr
    assert binary.Tree(out).touched() == before


def test_a_name_that_is_too_long(change, tmp_path):
    out = tmp_path / ("n" * 256)
    done = binary.run("build", "--out", out, *change.inputs["b"])
    assert done.code == OUTPUT
    assert f"error[unwritable]: {out}: filename too long" in done.stderr
    assert "hint: choose a shorter path for --out" in done.stderr
    assert [*tmp_path.iterdir()] == []
