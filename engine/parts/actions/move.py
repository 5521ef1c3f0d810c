"""Moves the record to another stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.parts.actions.contract import Action, Example, Going, Moved
from engine.parts.meant import meant


class Part(Action):
    label = "Move"
    doc = (
        "`move: {transition: lose, set: {lost_reason: No response}}`: makes the move as the first role that administers "
        "would, with what it asks for. In rules only: a move cannot make another move of the same record."
    )
    schema = {"type": "object", "required": ["transition"]}
    examples = (Example({"transition": "lose", "set": {}}, {}),)
    in_moves = False

    def fields(self, settings: Any) -> tuple[str, ...]:
        return tuple(settings["set"])

    def going(self, moved: Moved, settings: Any) -> Going | None:
        return Going(settings["transition"], _values(moved, settings["set"]))


def _values(moved: Moved, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: meant(moved.entity.fields[name], value, moved.at) for name, value in given.items()}
