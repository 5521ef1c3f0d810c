"""While a form is filled in: who the typed values are known to be, and what the checks say of them. Nothing is written.

The same functions answer as in the write door, so what is warned of is what would be found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.errors import Complaint
from engine.records.duplicates import Found, help_from, known_again, same, titles
from engine.records.task import Task, merged
from engine.rules.checks import broken


@dataclass(frozen=True, slots=True)
class Warned:
    """Whom the typed values are known to be. `key` is what a form sends along to say that its reader has seen this."""

    outcome: str
    blocks: bool
    same: str  # `this mobile or e-mail`
    records: tuple[Ref, ...]  # that the actor may open, with titles
    hidden: str | None  # a sentence about a record that they may not
    key: str


@dataclass(frozen=True, slots=True)
class Asked:
    warned: Warned | None = None
    complaints: tuple[Complaint, ...] = ()


def ask(task: Task, name: str, given: Mapping[str, Any], id: int | None, touched: Collection[str] | None) -> Asked:
    """`touched`: fields that were filled in so far; checks that speak of others wait. Raises as the write would for what
    the role may never do."""
    task.asking = True
    if id is None:
        entity = task.entity(name, "create")
        values = task.sheet(entity).with_defaults(task.read(entity, given)[0], task.at)
        found, after = known_again(task, entity, values, 0), values
    else:
        stored = task.load(name, id, "update")
        entity = task.know.blueprint.entities[name]
        changed = task.know.shapes[name].different(stored, task.read(entity, given)[0])
        after = merged(changed, stored)  # type: ignore[assignment]
        found = known_again(task, entity, after, id, changed.keys()) if changed else None
    holds = task.holds(entity, after, id)
    complaints = broken(entity, holds, task.sheet(entity).readable, touched) if touched is not None else ()
    told = tuple(c for c in complaints if touched and c.field in touched)
    return Asked(_warned(task, entity, found) if found and found.others else None, told)


def _warned(task: Task, entity: Entity, found: Found) -> Warned:
    seen = titles(task, found)
    known = {(ref.entity, ref.id) for ref in seen}
    unseen = [other for other, id in found.others if (other, id) not in known]
    words = same(entity, found.fields, task.sheet(entity).readable)
    hidden = _hidden(task, unseen)
    return Warned(found.rule.outcome, found.rule.block, words, tuple(seen), hidden, _key(found, words, seen, hidden))


def _hidden(task: Task, entities: list[str]) -> str | None:
    if not entities:
        return None
    label = task.know.blueprint.entities[entities[0]].label.lower()
    a = "an" if label[:1] in "aeiou" else "a"
    return f"There is {a} {label} of this person that you do not see. {help_from(task, entities)}"


def _key(found: Found, words: str, seen: list[Ref], hidden: str | None) -> str:
    """Another one when something else is said: then the reader is told again. Of nothing else, for the ids of hidden records
    would tell which numbers are of one person."""
    said = f"{found.rule.outcome} {words} {[(ref.entity, ref.id) for ref in seen]} {hidden}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


__all__ = ["Asked", "Warned", "ask"]
