"""The commands of README.md on a machine where nothing was installed yet."""

import re

import machine
import pytest

from support.environment import REPOSITORY

README = (REPOSITORY / "README.md").read_text()
# In blocks of shell commands alone: prose may name them too.
COMMANDS = "".join(re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE))


def command(pattern: str) -> str:
    found = re.search(rf"^\s*(?:sudo )?({pattern}.*)$", COMMANDS, re.MULTILINE)
    assert found, f"README.md has no command {pattern!r} in a block of shell commands"
    return found[1]


@pytest.fixture
def bare(tmp_path):
    return machine.bare(tmp_path / "root")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """With the packages that README.md names."""
    made = machine.bare(tmp_path_factory.mktemp("prepared") / "root")
    install = command("apt-get install ")
    done = made.run(f"apt-get -q update && DEBIAN_FRONTEND=noninteractive {install} -y")
    assert done.code == 0, done.output
    return made


def test_the_first_command_of_the_readme_works(prepared):
    done = prepared.run(command("cargo run --release "))
    assert done.code == 0, done.output
    for store in ("os/ca-certificates.crt", "java/truststore.p12", "python/cacert.pem"):
        assert (prepared.root / "checkout/trust" / store).stat().st_size > 10_000


def test_clients_trust_a_made_up_ca(prepared):
    """README.md leads to the page that has these commands."""
    page = (REPOSITORY / "docs/exec.md").read_text()
    found = re.search(r"^## Try it$.*?^```sh\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    done = prepared.run(f"cargo build --release\nPATH=/target/release:$PATH\n{found[1]}")
    assert done.code == 0, done.output
    assert "unable to get local issuer certificate" in done.output
    assert re.search("^Welcome$", done.output, re.MULTILINE), done.output
    assert re.search("^200$", done.output, re.MULTILINE), done.output
    assert "localhost:44300: trusted by every client seen here" in done.output


def test_quick_works(prepared):
    before = prepared.packages()
    done = prepared.run("./test quick")
    assert done.code == 0, done.output
    assert prepared.packages() == before


def test_without_a_linker_quick_names_the_packages(bare):
    before = bare.packages()
    assert "gcc" not in before
    done = bare.run("./test quick")
    assert done.code == 1, done.output
    assert "missing: cc " in done.output
    named = re.search(r"apt-get install --no-install-recommends (.*)", done.output)
    assert named, done.output
    assert {"gcc", "libc6-dev"} <= set(named[1].split())
    # And README.md asks for no other.
    assert set(named[1].split()) <= set(command("apt-get install ").split())
    assert bare.packages() == before


def test_without_the_c_library_quick_names_its_package(prepared, tmp_path):
    changed = prepared.copy(tmp_path / "root")
    done = changed.run("dpkg --force-depends --remove libc6-dev")
    assert done.code == 0, done.output
    done = changed.run("./test quick")
    assert done.code == 1, done.output
    assert re.search(r"apt-get install --no-install-recommends libc6-dev$", done.output, re.M)


def test_the_other_suites_install_what_they_need(bare):
    done = bare.run("./test unit -- --no-run")
    assert done.code == 0, done.output
    assert {"gcc", "libc6-dev", "ca-certificates"} <= bare.packages()
