"""entities.yaml, `client`: who the client of a record is, and what a client may be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from engine.blueprint.clients import Client
from engine.blueprint.conditions import NEVER
from engine.blueprint.entities import Field
from engine.compiler.draft import Draft, frozen
from engine.compiler.entities import field_one_step_away
from engine.compiler.spot import Spot

POINTERS = ("reference", "user", "team")
KINDS: Mapping[str, tuple[str, ...]] = {
    "name": ("text", "computed", "reference", "user"), "email": ("email",), "phone": ("phone",),
}  # fmt: skip


def build_clients(draft: Draft) -> None:
    for name, entity in draft.entities.items():
        spot = draft.section("entities").get(name)
        at = spot.get("client") if spot else None
        if at is not None and at.node.is_map:
            draft.entities[name] = replace(entity, client=_client(draft, name, at))


def _client(draft: Draft, entity: str, spot: Spot) -> Client:
    found = {kind: tuple(_fields(draft, entity, spot.get(kind), types)) for kind, types in KINDS.items()}
    if not found["email"] and not found["phone"] and spot.get("email") is None and spot.get("phone") is None:
        message = "Nothing says how the client can be reached."
        draft.tell(spot, "nobody", message, "Name a field under email or phone.", at_key=True)
    return Client(**found, refuses=frozen(dict(_refusals(draft, entity, spot.get("refuses")))))


def _fields(draft: Draft, entity: str, spot: Spot | None, types: tuple[str, ...]) -> Iterator[str]:
    for at in (spot.each() if spot.node.is_list else [spot]) if spot is not None else ():
        field = field_one_step_away(draft, entity, at, at.word) if at.word else None
        if field is not None and _is_one_of(draft, field, at, types):
            yield str(at.word)


def _is_one_of(draft: Draft, field: Field, spot: Spot, types: tuple[str, ...]) -> bool:
    if field.type in types:
        return True
    message = f"{spot.word} is a field of type {field.type}."
    draft.tell(spot, "wrong-value", message, f"Here stands a field of type {' or '.join(types)}.")
    return False


def _refusals(draft: Draft, entity: str, spot: Spot | None) -> Iterator[tuple[str, str]]:
    for kind, at in spot.items() if spot is not None and spot.node.is_map else ():
        field = field_one_step_away(draft, entity, at, at.word) if at.word else None
        if field is not None and _is_one_of(draft, field, at, ("yes_no",)):
            yield kind, str(at.word)


# ---- what a client may be told


def check_open(draft: Draft, entity: str, names: Iterable[str], spot: Spot) -> None:
    """A client is told nothing that is hidden from a role which may read such records: tells what is."""
    told: dict[str, tuple[str, ...]] = {}
    for name in names:
        for owner, field in _read_by(draft, entity, name):
            hidden_from = _hidden_from(draft, owner, field)
            if hidden_from:
                told.setdefault(field if owner == entity else f"{owner}.{field}", hidden_from)
    for field, roles in told.items():
        message = f"The client would be told {field}, which is hidden from {' and '.join(roles)}."
        draft.tell(spot, "contradiction", message, "Take it out, or tell only people of the firm.")


def _read_by(draft: Draft, entity: str, name: str) -> Iterator[tuple[str, str]]:
    """The (entity, field) pairs that a name in a text shows: a record's title is made of fields too."""
    first, dot, rest = name.partition(".")
    fields = draft.fields.get(entity, {})
    if name == "title" and "title" not in fields:
        yield from ((entity, field.partition(".")[0]) for field in draft.entities[entity].title.fields)
    field = fields.get(first)
    if field is None:
        return
    yield entity, first
    target = field.options.get("entity") if field.type in POINTERS else None
    if dot and target:
        yield target, rest
    elif target in draft.entities:
        yield from ((str(target), inner.partition(".")[0]) for inner in draft.entities[str(target)].title.fields)


def _hidden_from(draft: Draft, entity: str, field: str) -> tuple[str, ...]:
    of = ((role.name, role.rights.get(entity)) for role in draft.roles.values())
    return tuple(name for name, rights in of if rights is not None and rights.read != NEVER and field in rights.hidden)


__all__ = ["build_clients", "check_open"]
