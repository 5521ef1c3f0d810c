"""What a role may do with many records at once: the bar over a list, and the same asked again by its pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from engine.blueprint.entities import Entity, Field
from engine.blueprint.workflows import Transition
from engine.errors import Refused
from engine.records.bulk_work import MANY
from engine.records.merging import NOT_MERGED
from engine.rules.permissions import may, who_may
from engine.web.frame import Screen

LOOKS = frozenset({"sort", "cursor", "limit", "columns", "group", "view", "open"})  # how a list looks, not what it holds


@dataclass(frozen=True, slots=True)
class Bar:
    """`question` is what the list holds, so that all of it can be chosen."""

    entity: Entity
    question: str
    edit: bool
    assign: bool
    merge: bool
    delete: bool
    export: bool
    moves: tuple[Transition, ...]
    tags: tuple[Field, ...]


def bar(seen: Screen, entity: Entity, pairs: list[tuple[str, str]]) -> Bar | None:
    """None for a role that changes records one by one."""
    if not bulk_may(seen, entity):
        return None
    question = urlencode([pair for pair in pairs if pair[0] not in LOOKS and pair[1]])
    able = {kind: may_do(seen, entity, kind) for kind in ("edit", "assign", "merge", "delete")}
    exports = may(seen.crm.blueprint, seen.actor, "export", entity.name)
    return Bar(entity, question, **able, export=exports, moves=moves_of(seen, entity), tags=tag_fields(seen, entity))


def bulk_may(seen: Screen, entity: Entity) -> bool:
    """Whether the rows of its lists can be ticked."""
    return may(seen.crm.blueprint, seen.actor, "bulk", entity.name)


def may_do(seen: Screen, entity: Entity, kind: str) -> bool:
    """Whether a deed of this kind is offered at all; each record is asked when it is done."""
    writable = seen.crm.writes.writable(seen.actor, entity.name)

    def role_may(action: str) -> bool:
        return may(seen.crm.blueprint, seen.actor, action, entity.name)

    match kind:
        case "edit":
            return role_may("update") and bool(writable)
        case "assign":
            return entity.owned and "owner" in writable and role_may("update") and role_may("assign")
        case "move":
            return bool(moves_of(seen, entity))
        case "tag":
            return bool(tag_fields(seen, entity))
        case "merge":
            return role_may("update") and entity.name not in NOT_MERGED
        case "delete":
            return role_may("delete")
    return False


def moves_of(seen: Screen, entity: Entity) -> tuple[Transition, ...]:
    """The transitions that the role may make, each name once."""
    stages, blueprint = seen.crm.writes.know.stages, seen.crm.blueprint
    if not may(blueprint, seen.actor, "update", entity.name):
        return ()
    found = {
        t.name: t
        for w in blueprint.workflows_of(entity.name)
        for t in w.transitions.values()
        if stages.role_may(seen.actor.role, w, t)
    }
    return tuple(found.values())


def tag_fields(seen: Screen, entity: Entity) -> tuple[Field, ...]:
    writable = seen.crm.writes.writable(seen.actor, entity.name)
    if not may(seen.crm.blueprint, seen.actor, "update", entity.name):
        return ()
    return tuple(f for f in entity.fields.values() if f.type in MANY and f.name in writable)


def must_bulk(seen: Screen, entity: Entity) -> None:
    """Raises Refused, with who may."""
    if not bulk_may(seen, entity):
        who = who_may(seen.crm.blueprint, "bulk", entity.name, seen.actor.role)
        plural = entity.plural.lower()
        raise Refused(seen.say("Your role does not let you change many {plural} at once.", plural=plural), who)


__all__ = ["LOOKS", "Bar", "bar", "bulk_may", "may_do", "moves_of", "must_bulk", "tag_fields"]
