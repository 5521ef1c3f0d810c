"""Gives fields of the moved record a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.parts.actions.contract import Action, Example, Moved
from engine.parts.meant import meant


class Part(Action):
    label = "Set fields"
    doc = "`set: {lost_at: now, is_hot: false}`: the record gets these values as it moves."
    schema = {"type": "object", "minProperties": 1}
    examples = (Example({"is_hot": False}, {"is_hot": False}),)

    def fields(self, settings: Any) -> tuple[str, ...]:
        return tuple(settings)

    def changes(self, moved: Moved, settings: Any) -> Mapping[str, Any]:
        return {name: meant(moved.entity.fields[name], value, moved.at) for name, value in settings.items()}
