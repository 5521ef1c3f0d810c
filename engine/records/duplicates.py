"""Whether a record is of somebody who is known already: asked in the write door for every way in.

1. the keys of the new values are looked up in crm_key, for one record or for a whole batch, by one select
2. of what they lead to, those stay that the rule means (`among`, `when`)
3. the first rule that finds something decides; its values go into the record, or it is refused
4. the pairs are remembered in crm_duplicate with the record itself

It looks beyond what the actor may see, for the firm: the actor learns the rule's outcome, and of a record that is hidden
from them only that it is there and which roles can help.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from engine.actor import Actor, robot
from engine.blueprint.conditions import ALWAYS
from engine.blueprint.duplicates import DuplicateRule
from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.errors import Complaint
from engine.parts.meant import meant
from engine.records.rows import Stored, change, rows
from engine.records.task import Task, merged
from engine.rules.duplicates import Asked
from engine.rules.permissions import who_may
from engine.rules.words import article, listed
from engine.words import said

NEWEST = 20  # records of one key that are looked at
REMEMBERED = 5  # others that are kept with one record
TOGETHER = 400  # keys in one select
KEYS = ("key", "record", "entity")
PAIRS = ("id", "rule", "outcome", "entity", "record", "other_entity", "other", "at", "state")
# On PostgreSQL key by key, as in postgres.find: for a list of hundreds it would read the table.
_NEWEST_OF = {
    "sqlite": "select key, entity, record from (select key, entity, record, row_number() over (partition by key order by "
    f"record desc) as place from crm_key where key in (select value from json_each(?))) where place <= {NEWEST}",
    "postgresql": "select wanted.key, found.entity, found.record from unnest(%s::text[]) as wanted (key) cross join "
    "lateral (select entity, record from crm_key where crm_key.key = wanted.key order by record desc "
    f"limit {NEWEST}) as found",
}
_FORGET = "delete from crm_key where key = ? and record = ?"
_KNOWN = "select other from crm_duplicate where record = ? union select record from crm_duplicate where other = ?"


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found: (entity, id) of the others, newest first; none for a rule that only has a `when`."""

    rule: DuplicateRule
    others: tuple[tuple[str, int], ...] = ()
    fields: tuple[str, ...] = ()  # the matched fields that have a value


def expect(task: Task, entity: Entity, records: Iterable[Mapping[str, Any]]) -> None:
    """Looks up at once what a batch of new records will be asked about."""
    watch = task.know.watch
    if watch.asked[entity.name]:
        task.together = True
        _look_up(task, [key for values in records for key in watch.wanted(entity.name, values)])


def joined(task: Task, entity: Entity, id: int, values: Mapping[str, Any]) -> None:
    """A record of the batch that will be written: those after it may be of the same person."""
    kept = task.know.watch.kept[entity.name]
    if task.together and kept:
        task.fresh[id] = values
        for key in task.know.watch.keys(entity.name, values):
            if key in task.keyed:
                task.keyed[key].append((entity.name, id))


def known_again(
    task: Task, entity: Entity, values: Mapping[str, Any], id: int, changed: Collection[str] | None = None
) -> Found | None:
    """What the rules say about these values of the record; `changed`: only rules that match one of these fields.

    A pair that was found before is not found again, whatever became of it, unless the rule blocks."""
    asked = task.know.watch.asked[entity.name]
    if not asked or (changed is not None and task.know.watch.matched[entity.name].isdisjoint(changed)):
        return None
    keys = task.know.watch.wanted(entity.name, values)
    _look_up(task, keys)
    is_there = any(map(task.keyed.get, keys))
    told = [one for one in asked if is_there or not one.rule.match]
    if not told:  # of nearly every row of a file
        return None
    asks = task.holds(entity, values, None if changed is None else id)
    told = [one for one in told if changed is None or not one.fields.isdisjoint(changed)]
    met = (_found(task, one, values, id, changed is None) for one in told if asks(one.rule.when))
    return next((found for found in met if found is not None), None)


def _found(task: Task, asked: Asked, values: Mapping[str, Any], id: int, fresh: bool) -> Found | None:
    if not asked.rule.match:
        return Found(asked.rule)
    met = _met(task, asked, values, id)
    if met and not fresh and not asked.rule.block:
        known = {row[0] for row in rows(task.connection, _KNOWN, (id, id))}
        met = {one: names for one, names in met.items() if one[1] not in known}
    if not met:
        return None
    others = sorted(met, key=lambda one: -one[1])[:REMEMBERED]
    fields = dict.fromkeys(name for one in others for name in met[one] if values.get(name) is not None)
    return Found(asked.rule, tuple(others), tuple(fields))


def _met(task: Task, asked: Asked, values: Mapping[str, Any], id: int) -> dict[tuple[str, int], tuple[str, ...]]:
    """The records that the rule means, each with the fields by which it was found."""
    met: dict[tuple[str, int], tuple[str, ...]] = {}
    for keys in asked.keys:
        for one in (one for key in keys.of(values) for one in task.keyed.get(key, ())):
            if one in met:
                met[one] += keys.fields
            elif one[1] != id and one[0] in asked.where and _is_meant(task, asked, *one):
                met[one] = keys.fields
    return met


def _is_meant(task: Task, asked: Asked, entity: str, id: int) -> bool:
    condition = asked.where[entity].when
    if condition == ALWAYS:
        return True
    if (values := task.fresh.get(id)) is not None:  # of this very batch, and not yet written
        return task.holds(task.know.blueprint.entities[entity], values, None)(condition)
    return task.know.reads.holds(task.connection, _firm(task), entity, id, condition)


def _firm(task: Task) -> Actor:
    """The firm knows what the actor need not see."""
    return robot(task.know.blueprint)


def _look_up(task: Task, keys: Iterable[str]) -> None:
    """Fills `task.keyed`: (entity, id) by key, newest first."""
    if not task.together:
        task.keyed = {}
        _wait_in_line(task, keys)
    wanted = list(dict.fromkeys(key for key in keys if key not in task.keyed))
    for start in range(0, len(wanted), TOGETHER):
        some = wanted[start : start + TOGETHER]
        task.keyed.update((key, []) for key in some)
        for key, entity, record in _kept(task, some):
            task.keyed[key].append((entity, record))


def _kept(task: Task, keys: Sequence[str]) -> list[tuple[Any, ...]]:
    dialect = task.connection.dialect
    given = list(keys) if dialect == "postgresql" else orjson.dumps(keys).decode()
    return task.connection.run_unprepared(_NEWEST_OF[dialect], (given,))


def _wait_in_line(task: Task, keys: Iterable[str]) -> None:
    """On PostgreSQL two could write the same person at once, and neither see the other's row."""
    if task.asking:
        return
    if task.connection.dialect == "postgresql":
        numbers = sorted(int.from_bytes(hashlib.sha256(k.encode()).digest()[:8], "big", signed=True) for k in keys)
        rows(task.connection, "select pg_advisory_xact_lock(n) from unnest(cast(? as bigint[])) as n", (numbers,))


# ---- what becomes of it


def outcome(task: Task, entity: Entity, found: Found) -> tuple[dict[str, Any], list[Complaint]]:
    """The values that the record gets, or why it is refused."""
    rule = found.rule
    if rule.block:
        return {}, [Complaint(found.fields[0] if found.fields else None, refusal(task, entity, found))]
    return {name: meant(entity.fields[name], value, task.at) for name, value in rule.set.items()}, []


def refusal(task: Task, entity: Entity, found: Found) -> str:
    """Names another record only to who may read it."""
    if not found.others:
        return said(
            "This {lower} is not taken: the rule {replace} refuses it.",
            lower=entity.label.lower(), replace=found.rule.name.replace('_', ' ')
        )
    seen = titles(task, found)
    what = same(entity, found.fields, task.sheet(entity).readable)
    if seen:
        first = next(iter(seen))
        return said("{label} {title} has {what} already.", label=label(task, first.entity), title=first.title, what=what)
    name = found.others[0][0]
    return said(
        "There is {record} with {what} already, which you do not see. {help}",
        record=article(label(task, name)), what=what, help=help_from(task, [name]),
    )  # fmt: skip


def titles(task: Task, found: Found) -> list[Ref]:
    """Those of the others that the actor may read, with titles."""
    refs = [Ref(entity, id) for entity, id in found.others]
    known = task.know.reads.titles(task.actor, refs, task.connection)
    return [Ref(ref.entity, ref.id, known[ref.entity, ref.id]) for ref in refs if (ref.entity, ref.id) in known]


def same(entity: Entity, fields: Iterable[str], readable: Mapping[str, Any]) -> str:
    """`this mobile or e-mail`"""
    named = [_small(entity.fields[name].label) for name in fields if name in readable]
    return said("this {names}", names=listed(named)) if named else said("the same details")


def _small(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def help_from(task: Task, entities: Iterable[str]) -> str:
    """Which roles see more."""
    who: dict[str, None] = {}
    for entity in dict.fromkeys(entities):
        who.update(dict.fromkeys(who_may(task.know.blueprint, "read", entity, task.actor.role)))
    return said("{names} can help.", names=listed(tuple(who))) if who else said("Ask who administers.")


def label(task: Task, entity: str) -> str:
    return task.know.blueprint.entities[entity].label


# ---- rows


def key_rows(task: Task, entity: Entity, records: Iterable[tuple[int, Mapping[str, Any]]]) -> list[tuple[Any, ...]]:
    """What the index gets for new records."""
    watch = task.know.watch
    if not watch.kept[entity.name]:
        return []
    return [(key, id, entity.name) for id, values in records for key in watch.keys(entity.name, values)]


def pair_rows(
    task: Task, entity: Entity, found: Iterable[tuple[int, Found | None]], there: frozenset[int]
) -> list[tuple[Any, ...]]:
    """The pairs to remember. A row of the same batch that was rejected after it was found (not `there`) is none."""
    return [
        (task.new_id(), one.rule.name, one.rule.outcome, entity.name, id, other_entity, other, task.now, "open")
        for id, one in found
        if one is not None
        for other_entity, other in one.others
        if other not in task.fresh or other in there
    ]


def rekey(task: Task, entity: Entity, stored: Stored, values: Mapping[str, Any], *, alive: bool) -> None:
    """After a change of the record: what the index kept of it goes, what it keeps now comes."""
    watch = task.know.watch
    was = () if stored.deleted else watch.keys(entity.name, stored)
    now = watch.keys(entity.name, merged(values, stored)) if alive else ()
    before, after = frozenset(was), frozenset(now)
    for key in before - after:
        change(task.connection, _FORGET, (key, stored.id))
    text = f"insert into crm_key ({', '.join(KEYS)}) values (?, ?, ?)"
    for key in sorted(after - before):
        change(task.connection, text, (key, stored.id, entity.name))


def events(found: Found | None) -> Iterator[str]:
    """What notices and rules may wait for."""
    if found is not None and found.rule.outcome != "junk":
        yield found.rule.outcome


__all__ = [
    "KEYS", "PAIRS", "Found", "events", "expect", "help_from", "joined", "key_rows", "known_again", "outcome", "pair_rows",
    "rekey", "same", "titles",
]  # fmt: skip
