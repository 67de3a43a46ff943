"""The cases of C2SP/x509-limbo, as its generator printed them."""

import ast
import datetime
import json
from pathlib import Path

from case import Case

# What limbo means by "now": a year in which none of its certificates expires by chance.
NOW = "2026-01-01T00:00:00+00:00"


def cases(file: Path) -> list[Case]:
    """The cases for a server's certificate."""
    found = json.loads(file.read_text())
    return [_case(entry) for entry in found if entry["validation_kind"] == "SERVER"]


def _case(entry: dict) -> Case:
    def texts(name: str) -> tuple[str, ...]:
        value = entry[name]
        return tuple(ast.literal_eval(value) if isinstance(value, str) else value)

    name = entry["expected_peer_name"]
    name = ast.literal_eval(name) if isinstance(name, str) and name else name
    key = entry["peer_certificate_key"]
    at = entry["validation_time"] or NOW
    return Case(
        id=f"limbo/{entry['id']}",
        anchors=texts("trusted_certs"),
        chain=(entry["peer_certificate"], *texts("untrusted_intermediates")),
        host=name["value"] if name else "example.com",
        at=int(datetime.datetime.fromisoformat(at).timestamp()),
        key=key or None,
    )
