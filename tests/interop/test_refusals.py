"""Input that cannot become trust: one clear error, nothing written, what stood there whole."""

import os
import resource
import stat
import subprocess
from pathlib import Path

import pytest

from support import binary, environment, pki
from support.unprivileged import as_nobody

INPUT = 3


def refused(out, source, *args, code=INPUT, **options):
    """Runs a build that has to fail on `source`, and checks that nothing was written."""
    existed = out.exists()
    before = binary.Tree(out).touched() if existed else None
    beside = sorted(out.parent.iterdir())
    done = binary.run("build", "--out", out, "--ca", source, *args, **options)
    assert done.code == code, f"exit code {done.code}: {done.stderr}"
    assert done.stdout == b""
    assert str(source) in done.stderr, done.stderr
    assert "panicked" not in done.stderr
    assert out.exists() == existed
    assert existed is False or binary.Tree(out).touched() == before
    assert sorted(out.parent.iterdir()) == beside
    return done.stderr


@pytest.fixture
def out(tmp_path):
    parent = tmp_path / "out"
    parent.mkdir()
    return parent / "trust"


@pytest.fixture
def standing(customer, out):
    """An output of an earlier run."""
    return binary.build(out, "--ca", customer.chain_file).root


# A private key among the certificates.

KEYS = {
    "PRIVATE KEY": lambda key: pki.key_pem(key, "PKCS8"),
    "RSA PRIVATE KEY": lambda key: pki.key_pem(key, "TraditionalOpenSSL"),
    "ENCRYPTED PRIVATE KEY": lambda key: pki.key_pem(key, "PKCS8", b"secret"),
    "OPENSSH PRIVATE KEY": lambda key: pki.key_pem(key, "OpenSSH"),
}


@pytest.mark.parametrize("label", KEYS)
@pytest.mark.parametrize("over", ["nothing", "standing"])
def test_a_private_key_is_refused_and_not_shown(label, over, customer, out, tmp_path, request):
    if over == "standing":
        request.getfixturevalue("standing")
    key = KEYS[label](customer.issuing.key)
    assert f"-----BEGIN {label}-----".encode() in key
    source = tmp_path / "chain-and-key.pem"
    source.write_bytes(customer.issuing.pem + key + customer.root.pem)
    line = customer.issuing.pem.count(b"\n") + 1
    log = tmp_path / "termination-log"
    log.write_text("")
    said = refused(out, source, "--termination-log", log)
    assert "private-key" in said
    assert f"{source}:{line}" in said
    written = log.read_text()
    assert f"{source}:{line}" in written
    body = [part for part in key.decode().splitlines() if part and not part.startswith("-----")]
    assert len(body) > 3
    for part in body:
        assert part not in said
        assert part not in written
        # Nor a piece of it that a log would have wrapped.
        assert part[:16] not in said + written


def test_a_private_key_is_not_shown_in_json_either(customer, out, tmp_path):
    key = pki.key_pem(customer.issuing.key)
    source = tmp_path / "key.pem"
    source.write_bytes(customer.root.pem + key)
    said = refused(out, source, "--log-format", "json")
    assert not any(part in said for part in key.decode().splitlines()[1:-1])


@pytest.mark.parametrize("policy", ["--allow", "--warn", "--drop"])
def test_no_policy_lets_a_private_key_through(policy, customer, out, tmp_path):
    source = tmp_path / "key.pem"
    source.write_bytes(customer.root.pem + pki.key_pem(customer.issuing.key))
    done = binary.run("build", "--out", out, "--ca", source, policy, "private-key")
    assert done.code == 2, done.stderr
    assert not out.exists()


def test_a_private_key_on_standard_input(customer, out):
    key = pki.key_pem(customer.issuing.key)
    done = binary.run("build", "--out", out, "--ca", "-", stdin=customer.root.pem + key)
    line = customer.root.pem.count(b"\n") + 1
    assert done.code == INPUT
    assert f":{line}" in done.stderr
    assert not any(part in done.stderr for part in key.decode().splitlines()[1:-1])
    assert not out.exists()


def test_a_private_key_as_der(customer, out, tmp_path):
    source = tmp_path / "key.der"
    made = pki.openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER",
                       stdin=pki.key_pem(customer.issuing.key))  # fmt: skip
    source.write_bytes(made.stdout)
    refused(out, source)


def test_a_private_key_in_a_base_goes_nowhere(customer, public, tmp_path):
    """A base never fails a run; its certificates are taken, its key is left where it is."""
    key = pki.key_pem(public.server.key)
    base = tmp_path / "base.pem"
    base.write_bytes(public.root.pem + key)
    out = tmp_path / "trust"
    done = binary.run("build", "--out", out, "--ca", customer.chain_file, "--base", base)
    assert done.code == 0, done.stderr
    assert public.root.sha256 in binary.Tree(out).fingerprints("os")
    assert "private-key" in done.stderr
    for path in out.rglob("*"):
        if path.is_file():
            assert key.splitlines()[1] not in path.read_bytes(), path


# What is no certificate at all.


def test_an_empty_file(out, tmp_path):
    source = tmp_path / "empty.pem"
    source.write_bytes(b"")
    refused(out, source)


def test_a_file_of_white_space(out, tmp_path):
    source = tmp_path / "blank.pem"
    source.write_bytes(b" \n\t\r\n" * 9)
    refused(out, source)


def test_a_missing_file(out, tmp_path):
    refused(out, tmp_path / "missing.pem")


def test_a_directory_with_nothing_in_it(out, tmp_path):
    source = tmp_path / "nothing-here"
    source.mkdir()
    refused(out, source)


def test_garbage(out, tmp_path):
    source = tmp_path / "garbage.bin"
    source.write_bytes(bytes(range(256)) * 16)
    refused(out, source)


def test_a_certificate_cut_short(customer, out, standing, tmp_path):
    """Each cut is inside the second certificate: the first must not pass for the whole."""
    pem = customer.issuing.pem
    start = pem.count(b"\n") + 1
    for keep in (30, 200, len(customer.root.pem) - 60, len(customer.root.pem) - 10):
        source = tmp_path / "cut.pem"
        source.write_bytes(pem + customer.root.pem[:keep])
        said = refused(out, source)
        assert f"{source}:{start}" in said, said


def test_a_der_certificate_cut_short(customer, out, tmp_path):
    der = customer.root.certificate.der
    for keep in (1, 2, 4, len(der) // 2, len(der) - 1):
        source = tmp_path / "cut.der"
        source.write_bytes(der[:keep])
        refused(out, source)


def test_garbage_inside_a_certificate(customer, out, tmp_path):
    lines = customer.root.pem.splitlines(keepends=True)
    lines[3] = b"!" + lines[3][1:]
    source = tmp_path / "typo.pem"
    source.write_bytes(customer.issuing.pem + b"".join(lines))
    start = customer.issuing.pem.count(b"\n")
    said = refused(out, source)
    # The section or the very line.
    assert f"{source}:{start + 1}" in said or f"{source}:{start + 4}" in said, said


def test_a_file_of_a_hundred_megabytes(out, tmp_path):
    source = tmp_path / "huge.pem"
    with source.open("wb") as file:
        file.truncate(100_000_000)
    said = refused(out, source, preexec_fn=_no_more_than_64_mib)
    assert "too-large" in said
    assert "--max-size" in said


def _no_more_than_64_mib():
    # The file read whole would not fit.
    resource.setrlimit(resource.RLIMIT_DATA, (64 << 20, 64 << 20))


def test_an_endless_file(out):
    refused(out, Path("/dev/zero"))


def test_standard_input_that_does_not_fit(out):
    done = binary.run("build", "--out", out, "--ca", "-", stdin=b"x" * 1_000_000)
    assert done.code == INPUT
    assert "too-large" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("inside", [False, True])
def test_a_fifo_is_refused_and_not_waited_for(inside, out, tmp_path):
    directory = tmp_path / "ca"
    directory.mkdir()
    fifo = directory / "fifo"
    os.mkfifo(fifo)
    said = refused(out, directory if inside else fifo)
    assert str(fifo) in said


@pytest.mark.parametrize("inside", [False, True])
def test_a_loop_of_links(inside, out, tmp_path):
    directory = tmp_path / "ca"
    directory.mkdir()
    one, two = directory / "one.pem", directory / "two.pem"
    one.symlink_to(two)
    two.symlink_to(one)
    refused(out, directory if inside else one)


def test_a_loop_of_directories(out, tmp_path):
    directory = tmp_path / "ca"
    directory.mkdir()
    (directory / "again").symlink_to(directory)
    (directory / "up").symlink_to("..")
    refused(out, directory)


def test_a_dangling_link(out, tmp_path):
    link = tmp_path / "dangling.pem"
    link.symlink_to(tmp_path / "gone.pem")
    refused(out, link)


# Rights. root reads everything, so root becomes another user for these.


def test_an_unreadable_file(customer, open_directory):
    program, rights = as_nobody(open_directory)
    source = open_directory / "secret.pem"
    source.write_bytes(customer.issuing.chain)
    source.chmod(0)
    outputs = open_directory / "out"
    outputs.mkdir()
    outputs.chmod(0o777)
    command = [program, "build", "--ca", source, "--base", "none", "--out", outputs / "trust"]
    done = subprocess.run(
        [*map(str, command)],
        capture_output=True, text=True, timeout=60, env=environment.clean(), **rights,
    )  # fmt: skip
    assert done.returncode == INPUT, done.stderr
    assert str(source) in done.stderr
    assert "ermission" in done.stderr
    assert list(outputs.iterdir()) == []
    # The same run passes once the file can be read: it failed for this and nothing else.
    source.chmod(0o644)
    again = subprocess.run(
        [*map(str, command)],
        capture_output=True, text=True, timeout=60, env=environment.clean(), **rights,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr


def test_an_output_that_cannot_be_written(customer, open_directory):
    program, rights = as_nobody(open_directory)
    source = open_directory / "ca.pem"
    source.write_bytes(customer.issuing.chain)
    outputs = open_directory / "out"
    outputs.mkdir()
    outputs.chmod(0o555)
    done = subprocess.run(
        [str(program), "build", "--ca", str(source), "--out", str(outputs / "trust")],
        capture_output=True, text=True, timeout=60, env=environment.clean(), **rights,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert str(outputs) in done.stderr
    assert list(outputs.iterdir()) == []


def test_a_link_at_a_target_is_not_followed(customer, tmp_path):
    """Whoever shares the volume must not be able to have another file overwritten."""
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    out = tmp_path / "trust"
    (out / "os").mkdir(parents=True)
    (out / "python").mkdir()
    (out / "os/ca-certificates.crt").symlink_to(victim)
    (out / "python/cacert.pem").symlink_to(victim)
    (out / "manifest.json").symlink_to(victim)
    done = binary.run("build", "--out", out, "--ca", customer.chain_file)
    assert victim.read_text() == "as it was"
    if done.code == 0:
        assert stat.S_ISREG((out / "os/ca-certificates.crt").lstat().st_mode)
        assert stat.S_ISREG((out / "python/cacert.pem").lstat().st_mode)
        assert stat.S_ISREG((out / "manifest.json").lstat().st_mode)
    else:
        assert done.code == 4, done.stderr
