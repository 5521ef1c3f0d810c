"""Gives fields of the moved record a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.blueprint.conditions import Word
from engine.blueprint.entities import Entity, Field
from engine.formats import Reading
from engine.parts.actions.contract import Action, Example
from engine.parts.registry import operator


class Part(Action):
    label = "Set fields"
    doc = "`set: {lost_at: now, is_hot: false}`: the record gets these values as it moves. Empty a field with null."
    schema = {"type": "object", "minProperties": 1}
    examples = (
        Example({"is_hot": False}, {"is_hot": False}),
        Example({"lost_reason": None}, {"lost_reason": None}),
    )

    def fields(self, settings: Any) -> tuple[str, ...]:
        return tuple(settings)

    def changes(self, entity: Entity, settings: Any, at: Reading) -> Mapping[str, Any]:
        return {name: _value(entity.fields[name], value, at) for name, value in settings.items()}


def _value(field: Field, value: Any, at: Reading) -> Any:
    return operator("is").resolve(field, value, at) if isinstance(value, Word) else value
