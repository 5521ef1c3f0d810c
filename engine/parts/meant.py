"""A value that a set's author wrote: as it is, or what a word such as `me`, `now` or `in 3 days` means at the moment."""

from __future__ import annotations

from typing import Any

from engine.blueprint.conditions import Word
from engine.blueprint.entities import Field
from engine.formats import Reading
from engine.parts.registry import operator


def meant(field: Field, value: Any, at: Reading) -> Any:
    """The same words mean the same in a default, an effect and a condition. `me` is None where nobody asks."""
    if not isinstance(value, Word):
        return value
    if value.text == "me" and not at.user:
        return None
    return operator("is").resolve(field, value, at)
