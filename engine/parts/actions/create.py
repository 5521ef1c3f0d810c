"""Makes another record from the moved one: an account from a deal that was won."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.parts.actions.contract import Action, Birth, Moved
from engine.parts.meant import meant
from engine.parts.registry import field_type

TEXTS = frozenset({"text", "long_text"})
PLAIN = frozenset({"text", "long_text", "reference_number", "email", "phone", "url"})


class Part(Action):
    label = "Create a record"
    doc = (
        "`create: {entity: account, copy: {name: company}, set: {kind: Customer}, link: deal, keep_in: account, "
        "when: {account: {empty: true}}}`: makes a record in the move's own transaction, with the transition's authority."
    )
    schema = {"type": "object", "required": ["entity"]}

    def fields(self, settings: Any) -> tuple[str, ...]:
        return (*settings["copy"].values(), *filter(None, [settings["keep_in"]]))

    def births(self, moved: Moved, settings: Any) -> tuple[Birth, ...]:
        if not moved.holds(settings["when"]):
            return ()
        theirs = moved.entities[settings["entity"]].fields
        values = {name: meant(theirs[name], value, moved.at) for name, value in settings["set"].items()}
        values |= {name: _copied(moved, theirs[name], ours) for name, ours in settings["copy"].items()}
        return (Birth(settings["entity"], _filled(values), settings["link"], settings["keep_in"]),)


def _copied(moved: Moved, target: Field, ours: str) -> Any:
    """Our value in the shape that their field keeps."""
    source, value = moved.entity.fields[ours], moved.values.get(ours)
    if value is None:
        return None
    if target.type in TEXTS and source.type not in PLAIN:
        return field_type(source.type).show(source, value, moved.at.formats)
    if target.type == "reference_any" and not isinstance(value, Ref):
        return Ref(source.options["entity"], value)
    return value


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without the empty ones, so that defaults take their place."""
    return {name: value for name, value in values.items() if value is not None}
