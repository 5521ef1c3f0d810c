"""`to: [owner, client, {role: manager}, {person: latha@firm.example}, {field: lead.owner}]`: who is told."""

from __future__ import annotations

import re

from engine.compiler.draft import Draft
from engine.compiler.entities import field_one_step_away
from engine.compiler.spot import Spot

CLIENT = "client"
ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,63}")
PEOPLE = ("owner", "manager of owner", "team of owner", "actor", CLIENT)


def read_recipients(draft: Draft, entity: str | None, spot: Spot | None) -> tuple[str, ...]:
    """Words and `role:NAME`, `person:ADDRESS`, `field:PATH`; what is wrong has been told."""
    found = [_recipient(draft, entity, at) for at in spot.each()] if spot else []
    return tuple(dict.fromkeys(word for word in found if word))


def _recipient(draft: Draft, entity: str | None, spot: Spot) -> str | None:
    if spot.node.is_map:
        return _role_or_field(draft, entity, spot)
    if spot.word is None:
        return None
    if spot.word not in PEOPLE:
        _tell_recipient(draft, spot)
        return None
    if entity is None:
        draft.tell(spot, "no-effect", f"Without a record there is no {spot.word}.", "Name a role.")
        return None
    return spot.word if _is_there(draft, entity, spot) else None


def _is_there(draft: Draft, entity: str, spot: Spot) -> bool:
    if "owner" in str(spot.word) and not draft.owned[entity]:
        draft.tell(spot, "no-effect", f"{entity} has no owner who could be told.", "Name a role or a field.")
        return False
    if spot.word == CLIENT and (entity not in draft.entities or draft.entities[entity].client is None):
        if draft.can_judge("entities"):
            message = f"Nothing says who the client of {entity} is."
            draft.tell(spot, "nobody", message, f"Say it under client of {entity}, in entities.yaml.")
        return False
    return True


def _tell_recipient(draft: Draft, spot: Spot) -> None:
    if spot.word in draft.section("roles").node.value:
        draft.tell(spot, "unknown-name", f'"{spot.word}" is a role.', f"Write {{role: {spot.word}}}.")
    else:
        draft.unknown(spot, spot.word, "somebody who can be told", (*PEOPLE, "role: NAME", "person: E-MAIL", "field: NAME"))


def _role_or_field(draft: Draft, entity: str | None, spot: Spot) -> str | None:
    role, person, field = spot.get("role"), spot.get("person"), spot.get("field")
    if role is not None:
        named = draft.role_named(role)
        return f"role:{named}" if named else None
    if person is not None:
        return _person(draft, person)
    if field is None:
        return None
    if entity is None:
        draft.tell(field, "no-effect", "Without a record there is no field.", "Name a role.")
        return None
    return _field_of_person(draft, entity, field)


def _person(draft: Draft, spot: Spot) -> str | None:
    """Who that is, is known when it is sent: a set is read before anybody is hired."""
    if spot.word is None:
        return None
    if not ADDRESS.fullmatch(spot.word):
        message = f'"{spot.word}" is not an e-mail address.'
        draft.tell(spot, "wrong-value", message, "Write the one that the person signs in with, or name a role.")
        return None
    return f"person:{spot.word.lower()}"


def _field_of_person(draft: Draft, entity: str, spot: Spot) -> str | None:
    field = field_one_step_away(draft, entity, spot, spot.word) if spot.word else None
    if field is None:
        return None
    if field.options.get("entity") == "user" and field.type in ("user", "reference", "references"):
        return f"field:{spot.word}"
    known = [f.name for f in draft.fields[entity].values() if f.type == "user"]
    draft.unknown(spot, spot.word, f"a field of {entity} that holds a person", known)
    return None
