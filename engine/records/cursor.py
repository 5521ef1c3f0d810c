"""A place in a sorted list, as a token for the address: the sort values of the row at its edge.

A forged token can only ask for another place in rows that the actor may see anyway; it is checked for shape, so that
it cannot ask for anything else.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, TypeAlias

import orjson

from engine.errors import BadRequest
from engine.words import said

LONGEST = 2000
BROKEN = said("The place in the list is not one that this list gave out. Start again from the first page.")
Edge: TypeAlias = tuple[Any, ...]


def token(backwards: bool, sort: str, edge: Sequence[Any]) -> str:
    return urlsafe_b64encode(orjson.dumps([int(backwards), sort, *edge])).rstrip(b"=").decode()


def place(text: str, sort: str, kinds: Sequence[str]) -> tuple[bool, Edge]:
    """Backwards or not, and the values to go on from. Raises BadRequest for anything but this list's own tokens."""
    try:
        backwards, of, *edge = orjson.loads(urlsafe_b64decode(_padded(text)))
    except (ValueError, TypeError, binascii.Error):
        raise BadRequest(BROKEN) from None
    if backwards not in (0, 1) or of != sort or len(edge) != len(kinds):
        raise BadRequest(BROKEN)
    if not all(_fits(value, kind) for value, kind in zip(edge, kinds, strict=True)) or edge[-1] is None:
        raise BadRequest(BROKEN)
    return bool(backwards), tuple(edge)


def _padded(text: str) -> bytes:
    if len(text) > LONGEST or not text.isascii():
        raise ValueError
    return text.encode() + b"=" * (-len(text) % 4)


def _fits(value: Any, kind: str) -> bool:
    if value is None:
        return True
    if kind == "integer":
        return type(value) is int and -(2**63) <= value < 2**63
    if kind == "real":
        return type(value) in (int, float)
    return type(value) is str and "\0" not in value
