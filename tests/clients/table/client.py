"""What the matrix says of a client: how it is called, and what it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

OS_BUNDLE = "/trust/os/ca-certificates.crt"
ENVIRONMENT = "the environment"
PROGRAMS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Line:
    """A line of configuration, for a client that reads no variable which exec sets."""

    text: str
    # Where it is, in words. In the environment, the text is NAME=VALUE.
    place: str
    # How the client is led to `{file}`, which holds the line and is alone in `{directory}`.
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Client:
    """A command that takes a URL behind it, and succeeds where the site answers."""

    name: str
    command: tuple[str, ...]
    # Variables that exec sets and this client reads: each is enough alone.
    reads: tuple[str, ...] = ()
    line: Line | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    # Its roots are its own and no store of the image: compiled in, or in a file of its own.
    own_roots: bool = False
    # What exec sets adds to its own roots; elsewhere it replaces them.
    adds: bool = False
    # The server of the tests is good enough for it to succeed, once it trusts it.
    succeeds: bool = True
    java: int | None = None
    # How TLS begins, by the name that support.fakes has for it; None where it begins at once.
    starttls: str | None = None


@dataclass(frozen=True)
class Group:
    """The clients under one heading of the document."""

    title: str
    clients: tuple[Client, ...]

    @property
    def anchor(self) -> str:
        """Of its heading, as GitHub makes it."""
        kept = "".join(c for c in self.title.lower() if c.isalnum() or c in " -")
        return kept.replace(" ", "-")


def python(name: str, program: str, *reads: str, **more) -> Client:
    """`program` is FILE.FUNCTION of programs/."""
    command = ("python", str(PROGRAMS / "fetch.py"), *program.split("."))
    return Client(name, command, reads, **more)


def shell(name: str, script: str, *reads: str, **more) -> Client:
    """A line of sh, where the URL is `$1`; it is in an empty directory of its own."""
    return Client(name, ("sh", "-c", f'cd "$(mktemp -d)" && {script}', "sh"), reads, **more)
