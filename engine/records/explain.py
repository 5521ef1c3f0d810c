"""Why somebody sees a record or does not, in sentences. Only for those whose role administers: it tells that a record
is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, NEVER, AllOf, AnyOf, Condition, Not, Test, Word
from engine.parts import operator
from engine.records.columns import ID
from engine.records.scope import without_doubles
from engine.records.statement import prepare

if TYPE_CHECKING:
    from engine.records.read import Reads

ACTIONS = ("read", "update", "delete")


def explained(reads: Reads, actor: Actor, entity: str, id: int) -> list[str]:
    described, role = reads.blueprint.entities.get(entity), reads.blueprint.roles.get(actor.role)
    if described is None or role is None:
        return [f'There is no entity "{entity}".' if described is None else f'There is no role "{actor.role}".']
    state = _state(reads, entity, id)
    if state is None:
        return [f"There is no {described.label} {id}."]
    said = [f"{described.label} {id} lies in the bin."] if state else []
    said += [_action(reads, actor, entity, id, action) for action in ACTIONS]
    if hidden := [f.label for f in described.fields.values() if f.name not in reads.sight.fields(actor.role, entity)]:
        said.append(f"{role.label} does not see {', '.join(hidden)}.")
    return said


def _state(reads: Reads, entity: str, id: int) -> bool | None:
    """Whether it is deleted; None when it is not there at all."""
    table = reads.tables.of(entity)
    select = sa.select(table.c.deleted_at).where(table.c.id == sa.bindparam("record", 0, type_=sa.BigInteger()))
    with reads.lent(None) as lent:
        rows = lent.rows(prepare(select, reads.dialect, []).statement, {"record": id})
    return rows[0][ID] is not None if rows else None


def _action(reads: Reads, actor: Actor, entity: str, id: int, action: str) -> str:
    label, role = reads.blueprint.entities[entity].label, reads.blueprint.roles[actor.role].label
    scope = reads.sight.scope(actor, entity, action)
    may = reads.allowed(actor, action, entity, id)
    if scope == NEVER:
        return f"{actor.name} may not {action} it: {role} has no right to {action} {label}."
    why = f"{role} may {action} {label} records where {told(reads, actor, entity, scope)}"
    if scope == ALWAYS:
        why = f"{role} may {action} every {label}"
    if may:
        return f"{actor.name} may {action} it: {why}."
    if reads.allowed(actor, "read", entity, id):
        return f"{actor.name} may not {action} it: {why}, and this one is not."
    return f"{actor.name} may not {action} it: {why}, and this one is not, is deleted, or cannot be read."


def told(reads: Reads, actor: Actor, entity: str, condition: Condition) -> str:
    match condition:
        case AllOf(()):
            return "always"
        case AnyOf(()):
            return "never"
        case AllOf(parts):
            return " and ".join(told(reads, actor, entity, p) for p in parts)
        case AnyOf(parts):
            return " or ".join(told(reads, actor, entity, p) for p in without_doubles(parts))
        case Not(part):
            return f"it is not so that {told(reads, actor, entity, part)}"
        case Test():
            return _test(reads, actor, entity, condition)
    return "always"


def _test(reads: Reads, actor: Actor, entity: str, test: Test) -> str:
    field = reads.blueprint.entities[entity].fields[test.field]
    if words := _people(test.value):
        return f"{field.label} is {' or '.join(words)}"
    return operator(test.operator).sentence(field, test.value, reads.formats(actor))


def _people(value: Any) -> list[str]:
    values = value if isinstance(value, (tuple, list)) else (value,)
    told_as = {"me": "themselves", "my team": "in their team", "my subordinates": "themselves or below them"}
    return [told_as[v.text] for v in values if isinstance(v, Word) and v.text in told_as]
