"""What docs/clients.md shows of the matrix: three parts, each between marks."""

import itertools
import os
import re

from calls import Calls
from support import environment
from table import CLIENTS, GROUPS
from table.client import Client

PATH = environment.REPOSITORY / "docs" / "clients.md"
WRITES = "TRUST_INIT_WRITE_DOCS" in os.environ
HEAD = (
    ("client", "reads", "customer's CA", "under exec", "image's CA", "under exec"),
    ("---",) * 6,
)


def part(name: str) -> str:
    return _pattern(name).search(PATH.read_text())[1]


def write(name: str, text: str) -> None:
    PATH.write_text(_pattern(name).sub(lambda _: f"<!-- {name} -->\n{text}<!-- end -->", PATH.read_text()))


def _pattern(name: str) -> re.Pattern:
    return re.compile(rf"^<!-- {name} -->\n(.*?)<!-- end -->$", re.DOTALL | re.MULTILINE)


def line(cells) -> str:
    return f"| {' | '.join(cells)} |\n"


def row(client: Client, calls: Calls) -> str:
    with_help, suffix = calls.under_exec, ""
    if client.line:
        with_help, suffix = calls.with_its_line, ", with its line"
    reads = ", ".join(f"`{name}`" for name in client.reads)
    return line(
        (
            client.name,
            reads or "no variable",
            calls.as_it_is(client, calls.customer),
            with_help(client, calls.customer) + suffix,
            calls.as_it_is(client, calls.public),
            with_help(client, calls.public) + suffix,
        )
    )


def matrix(a_row) -> str:
    """The tables by group; `a_row` gives that of a client."""
    head = "".join(map(line, HEAD))
    tables = (
        f"### {group.title}\n\n{head}{''.join(map(a_row, group.clients))}" for group in GROUPS
    )
    return "\n".join(tables)


def lines() -> str:
    rows = [("client", "where", "line"), ("---",) * 3]
    rows += [(it.name, it.line.place, f"`{it.line.text}`") for it in CLIENTS if it.line]
    return "".join(map(line, rows))


def index() -> str:
    """The clients by name, a line for each letter, with links to where they are."""
    places = [(client, group) for group in GROUPS for client in group.clients]
    places.sort(key=lambda place: place[0].name.lower())
    letters = itertools.groupby(places, key=lambda place: place[0].name[0].upper())
    return "".join(f"- **{letter}**: {', '.join(map(_entry, of))}\n" for letter, of in letters)


def _entry(place) -> str:
    client, group = place
    more = ""
    if client.line:
        more = " ([line](#clients-that-need-a-line))"
    elif not client.reads:
        more = " ([no way](#clients-without-a-way))"
    return f"[{client.name}](#{group.anchor}){more}"
