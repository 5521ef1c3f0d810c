"""entities.yaml, `activity` and `next_step`: what is done about a record, and when somebody attends to it next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.blueprint.conditions import Condition, Test
from engine.blueprint.entities import Activity, Entity, Field
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft
from engine.compiler.next_steps import read_next, read_script
from engine.compiler.spot import Spot

MOMENTS = ("date", "datetime")
KINDS: Mapping[str, tuple[str, ...]] = {
    "about": ("reference", "reference_any"),
    "at": (*MOMENTS, "created_at"),
    "length": ("duration",),
    "ends": MOMENTS,
    "outcome": ("choice",),
    "text": ("text", "long_text", "rich_text"),
    "place": ("text", "place", "reference"),
    "people": ("references",),
    "color": ("choice", "stage"),
}


def build_activities(draft: Draft) -> None:
    for name, entity in tuple(draft.entities.items()):
        spot = draft.section("entities").get(name)
        if spot is not None:
            activity, step = _activity(draft, entity, spot.get("activity")), spot.get("next_step")
            draft.entities[name] = replace(
                entity, activity=activity, next_step=_named(draft, name, step, MOMENTS) if step else None,
                script=read_script(draft, name, spot.get("script")),
            )  # fmt: skip


def _activity(draft: Draft, entity: Entity, spot: Spot | None) -> Activity | None:
    if spot is None or not spot.node.is_map:
        return None
    named = {key: _named(draft, entity.name, spot.get(key), kinds) for key, kinds in KINDS.items() if spot.get(key)}
    found = {key: name for key, name in named.items() if name is not None}
    if spot.get("length") and spot.get("ends"):
        message = "An activity has a length or a moment when it ends, not both."
        draft.tell(spot.get("ends") or spot, "contradiction", message, "Remove one of the two.", at_key=True)
    people = draft.fields[entity.name].get(found.get("people", ""))
    if people is not None and people.targets != ("user",):
        draft.tell(spot.get("people") or spot, "wrong-value", f"{people.name} does not point to users.")
    if "about" not in found:
        return None
    outcome = draft.fields[entity.name].get(found.get("outcome", ""))
    next = read_next(draft, entity.name, spot.get("next"), outcome)
    return Activity(**found, done_when=_done(draft, entity, spot), next=next)


def _named(draft: Draft, entity: str, spot: Spot | None, kinds: tuple[str, ...]) -> str | None:
    field = draft.field_named(entity, spot) if spot is not None and spot.word else None
    if field is None or spot is None:
        return None
    if field.type in kinds or field.name in kinds:
        return field.name
    types = [kind for kind in kinds if kind != "created_at"]
    message = f"{field.name} is a field of type {field.type}."
    draft.tell(spot, "wrong-value", message, f"Here stands a field of type {' or '.join(types)}.")
    return None


def _done(draft: Draft, entity: Entity, spot: Spot) -> Condition | None:
    """As said; left out, once the entity's stage is one that ends. Without stages it is a fact."""
    at = spot.get("done_when")
    if at is not None:
        return read_condition(draft, entity.name, at) if at.node.is_map else None
    stage = next(iter(entity.fields_of("stage")), None)
    return Test(stage.name, "in", _ended(stage)) if stage is not None and _ended(stage) else None


def _ended(stage: Field) -> tuple[str, ...]:
    return tuple(choice.value for choice in stage.options["stages"] if choice.ends)


__all__ = ["build_activities"]
