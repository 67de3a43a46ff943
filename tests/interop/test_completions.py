"""The scripts of completions, in their shells."""

import os
import pty
import select
import subprocess
import time

import pytest

from support import binary, environment

ASK_BASH = """
. "$1"
shift
[[ $(complete -p trust-init) =~ "-F "([^ ]+) ]] || exit
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
"${BASH_REMATCH[1]}" trust-init "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    found = {}
    for shell in ("bash", "zsh", "fish"):
        done = binary.run("completions", shell)
        assert done.code == 0, done.stderr
        found[shell] = tmp_path_factory.mktemp("completions") / "_trust-init"
        found[shell].write_bytes(done.stdout)
    return found


def run(*command):
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=60, env=environment.clean()
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.splitlines()


def bash(script, *words):
    offered = run("bash", "--norc", "-c", ASK_BASH, "bash", script, "trust-init", *words)
    return [line for line in offered if line]


def fish(script, *words):
    line = " ".join(["trust-init", *words])
    offered = run("fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', script, line)
    return [one.split("\t")[0] for one in offered]


@pytest.fixture(params=[bash, fish], ids=["bash", "fish"])
def offered(request, scripts):
    return lambda *words: request.param(scripts[request.param.__name__], *words)


def test_commands(offered):
    assert {"build", "exec", "check", "render", "completions"} <= set(offered(""))
    assert offered("rend") == ["render"]
    assert offered("hel") == ["help"]
    assert offered("help", "rend") == ["render"]


def test_flags(offered):
    assert offered("render", "--hash") == ["--hash-suffix"]
    assert "--out" in offered("build", "--")
    assert "--out" not in offered("render", "--")


def test_values(offered):
    assert set(offered("build", "--java-store", "pkcs12-")) == {"pkcs12-mac", "pkcs12-encrypted"}
    assert set(offered("check", "--format", "")) == {"human", "json", "junit"}
    assert "spark-submit" in offered("env", "--format", "spark-")
    assert "expired" in offered("build", "--deny", "exp")
    assert set(offered("completions", "")) >= {"bash", "zsh", "fish"}


def test_a_command_behind_exec(scripts):
    assert "env" in bash(scripts["bash"], "exec", "--", "en")
    assert bash(scripts["bash"], "exec", "--", "env", "--") == []


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("rend", "trust-init render "),
        ("render --hash", "trust-init render --hash-suffix "),
        ("build --os-layout su", "trust-init build --os-layout suse "),
        ("completions fi", "trust-init completions fish "),
        ("help rend", "trust-init help render "),
    ],
)
def test_zsh(typed, becomes, scripts):
    """zsh completes on a terminal alone: there a tab is typed, and what the line became is read."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["zsh", "-f", "-i"], stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, env=environment.clean(TERM="dumb", PS1=">"),
    ) as shell:  # fmt: skip
        os.close(theirs)
        # The widget that reads the line says what is in it.
        typing = f"autoload -U compinit && compinit -u -D && . {scripts['zsh']}\n"
        typing += "tell() { print -r -- \"<$BUFFER>\" }; zle -N tell; bindkey '^T' tell; print ready\n"
        os.write(ours, typing.encode())
        said = read_until(ours, b"\nready")
        assert b"ready" in said, said
        os.write(ours, f"trust-init {typed}\t\x14".encode())
        said = read_until(ours, b">\r\n")
        shell.kill()
    os.close(ours)
    assert f"<{becomes}>".encode() in said


def read_until(terminal, end):
    said, limit = b"", time.monotonic() + 20
    while end not in said and time.monotonic() < limit:
        if select.select([terminal], [], [], 0.2)[0]:
            said += os.read(terminal, 65536)
    return said
