"""notifications.yaml: who is told what, and when."""

from __future__ import annotations

from engine.blueprint.notifications import Notification
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft, label_from
from engine.compiler.spot import Spot
from engine.compiler.templates import read_template
from engine.compiler.triggers import read_trigger

WORDS = ("title", "actor", "link")  # beside the fields: the record's title, who did it, the record's address
PEOPLE = ("owner", "manager of owner", "actor")


def build_notifications(draft: Draft) -> None:
    for name, spot in draft.section("notifications").items():
        entity = draft.entity_named(spot.get("entity"))
        if entity is not None:
            draft.notifications[name] = _notification(draft, name, entity, spot)


def _notification(draft: Draft, name: str, entity: str, spot: Spot) -> Notification:
    trigger, working_hours_only, missed = read_trigger(draft, entity, spot)
    text = spot.get("text")
    return Notification(
        name=name,
        label=spot.text("label") or label_from(name),
        entity=entity,
        text=read_template(draft, entity, text if text is not None else spot, WORDS),
        to=_recipients(draft, entity, spot),
        trigger=trigger,
        when=read_condition(draft, entity, spot.get("when")),
        working_hours_only=working_hours_only,
        missed=missed,
        source=spot.source,
    )


def _recipients(draft: Draft, entity: str, spot: Spot) -> tuple[str, ...]:
    to = spot.get("to")
    found = [_recipient(draft, entity, at) for at in to.each()] if to else []
    return tuple(dict.fromkeys(word for word in found if word))


def _recipient(draft: Draft, entity: str, spot: Spot) -> str | None:
    if spot.node.is_map:
        return _role_or_field(draft, entity, spot)
    if spot.word is None:
        return None
    if spot.word not in PEOPLE:
        return _tell_recipient(draft, spot)
    if "owner" in spot.word and not draft.owned[entity]:
        draft.tell(spot, "no-effect", f"{entity} has no owner who could be told.", "Name a role or a field.")
        return None
    return spot.word


def _tell_recipient(draft: Draft, spot: Spot) -> None:
    if spot.word in draft.section("roles").node.value:
        draft.tell(spot, "unknown-name", f'"{spot.word}" is a role.', f"Write {{role: {spot.word}}}.")
    else:
        draft.unknown(spot, spot.word, "somebody who can be told", (*PEOPLE, "role: NAME", "field: NAME"))


def _role_or_field(draft: Draft, entity: str, spot: Spot) -> str | None:
    role, field = spot.get("role"), spot.get("field")
    if role is not None:
        named = draft.role_named(role)
        return f"role:{named}" if named else None
    return _field_of_person(draft, entity, field) if field is not None else None


def _field_of_person(draft: Draft, entity: str, spot: Spot) -> str | None:
    field = draft.field_named(entity, spot)
    if field is None:
        return None
    if field.options.get("entity") == "user" and field.type in ("user", "reference", "references"):
        return f"field:{field.name}"
    known = [f.name for f in draft.fields[entity].values() if f.type == "user"]
    draft.unknown(spot, field.name, f"a field of {entity} that holds a person", known)
    return None
