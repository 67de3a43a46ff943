"""Every command block of the pages runs, or says why it is not run; what console blocks show is what is printed."""

from __future__ import annotations

import difflib
import json
import re

import blocks
import pytest
import schemas
import yaml
from blocks import Block
from room import Building, Room
from support.environment import REPOSITORY

ALL = [block for page in blocks.pages() for block in blocks.of(page)]
NEWEST = schemas.KUBERNETES[-1:]
DATA = {
    "json": json.loads,
    "python": lambda text: compile(text, "page", "exec"),
    "yaml": lambda text: list(yaml.safe_load_all(text)),
}


@pytest.mark.parametrize("page", dict.fromkeys(block.page for block in ALL if block.is_run))
def test_the_commands_of_the_page_work(page: str, building: Building):
    found = blocks.of(page)
    with building.room(page.replace("/", "-")) as room:
        failures = [failure for block in found for failure in run(room, block)]
    assert not failures, "\n\n".join(failures)


def run(room: Room, block: Block) -> list[str]:
    """What fails."""
    for name in block.of("file"):
        room.write(name, block.text)
    if not block.is_run:
        return []
    for command in block.of("run first"):
        done = room.run(command)
        if done.code:
            return [f"{block.place}: run first: {command}\nexit code {done.code}\n{done.printed}"]
    if block.language == "console":
        return [failure for step in blocks.steps(block) for failure in compared(room, block, step)]
    done = room.run(block.text)
    return [f"{block.place}: exit code {done.code}\n{block.text}{done.printed}"] if done.code else []


def compared(room: Room, block: Block, step: blocks.Step) -> list[str]:
    """The exit code is not looked at: what a command that fails prints is on the page, or the comparison fails."""
    printed = [line.rstrip() for line in room.run(step.command).printed.splitlines()]
    if blocks.shows(step.shown, printed):
        return []
    difference = difflib.unified_diff(step.shown, printed, "the page", "the program", lineterm="")
    return ["\n".join([f"{block.place}: $ {step.command}", *difference])]


def test_there_are_blocks_that_run():
    assert sum(block.is_run for block in ALL) > 30


def test_what_runs_a_block_instead_exists():
    for block in ALL:
        for reason in block.of("not run"):
            for path in re.findall(r"\btests/[\w./-]+", reason):
                assert (REPOSITORY / path).exists(), f"{block.place}: {path}"


def test_every_block_names_its_language():
    """One without would never be run, and nobody would know."""
    assert not [block.place for block in ALL if not block.language]


@pytest.mark.parametrize("block", [one for one in ALL if one.language in DATA], ids=lambda one: one.place)
def test_data_is_valid(block: Block):
    if block.of("not run"):
        return
    found = DATA[block.language](block.text)
    for one in found if block.language == "yaml" else []:
        if not isinstance(one, dict):
            continue
        if {"apiVersion", "kind"} <= set(one):
            schemas.kubernetes(one, NEWEST)
        elif set(one) <= {"initContainers", "containers", "volumes"}:
            spec = {"containers": [{"name": "main"}], **one}
            schemas.kubernetes({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}, NEWEST)


def test_what_a_page_leaves_out_may_be_anything_and_nothing_else():
    printed = ["wrote a: 3 files", "more", "done: caBundleHash 12ab"]
    assert blocks.shows(["wrote a: … files", "[…]", "done: caBundleHash …"], printed)
    assert blocks.shows(["[…the rest]", "done: caBundleHash 12ab"], printed)
    assert not blocks.shows(["wrote a: 4 files", "[…]"], printed)
    assert not blocks.shows(["wrote a: 3 files", "done: caBundleHash …"], printed)
    assert not blocks.shows([], printed)


def test_a_block_has_the_comments_right_before_it():
    text = (
        "<!-- not run: there is no cluster -->\n\n```sh\na\n```\n"
        "<!-- run first: b -->\n<!-- file: c -->\n   ```sh\n   d\n   ```\n"
    )
    first, second = blocks.parse("page.md", text)
    assert (first.comments, first.is_run) == ((), True)
    assert second.comments == (("run first", "b"), ("file", "c"))
    assert (second.text, second.line) == ("d\n", 8)
