"""Kubernetes' protobuf, as far as Helm and kubectl send it: Helm stores its releases in Secrets by a client that writes
no JSON, and so does `kubectl create`.

The numbers of fields are those of generated.proto in k8s.io/api/core/v1 and k8s.io/apimachinery.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

MAGIC = b"k8s\x00"
# By number of a field: its name, and what it holds.
_METADATA = {
    1: ("name", str),
    3: ("namespace", str),
    5: ("uid", str),
    6: ("resourceVersion", str),
    11: ("labels", {str: str}),
    12: ("annotations", {str: str}),
}
_KINDS = {
    "Secret": {1: ("metadata", _METADATA), 2: ("data", {str: bytes}), 3: ("type", str), 5: ("immutable", bool)},
    "ConfigMap": {
        1: ("metadata", _METADATA),
        2: ("data", {str: str}),
        3: ("binaryData", {str: bytes}),
        4: ("immutable", bool),
    },
    "Namespace": {1: ("metadata", _METADATA)},
    # How to delete is of no consequence here.
    "DeleteOptions": {},
}


def decoded(content: bytes) -> dict:
    """An object as its JSON has it; a kind that is not known here fails."""
    # runtime.Unknown: 1 is the type, of apiVersion (1) and kind (2), and 2 the object.
    envelope = dict(_fields(content.removeprefix(MAGIC)))
    version, kind = (value.decode() for _, value in sorted(_fields(envelope[1])))
    return {"apiVersion": version, "kind": kind} | _message(envelope[2], _KINDS[kind])


def _message(content: bytes, known: dict) -> dict:
    result: dict = {}
    for number, value in _fields(content):
        if number not in known:
            continue
        name, form = known[number]
        if isinstance(form, dict) and str in form:
            entry = dict(_fields(value))
            result.setdefault(name, {})[entry[1].decode()] = _scalar(entry.get(2, b""), form[str])
        elif isinstance(form, dict):
            result[name] = _message(value, form)
        elif value not in (b"", 0):
            result[name] = _scalar(value, form)
    return result


def _scalar(value: bytes | int, form: type) -> str | bool:
    if form is bool:
        return bool(value)
    return value.decode() if form is str else base64.b64encode(value).decode()


def _fields(content: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Number and value, of the two wire types that occur: a varint, or bytes with their length."""
    place = 0
    while place < len(content):
        tag, place = _varint(content, place)
        value, place = _varint(content, place)
        if tag & 7 == 2:
            value, place = content[place : place + value], place + value
        elif tag & 7 != 0:
            raise ValueError(f"wire type {tag & 7}")
        yield tag >> 3, value


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
