"""What it would take to bring a database from what was applied to what a set now wants, in words with counts.

- Nothing is changed here. The words are for the officer who edited the YAML: what happens to how many records.
- A step with a `refusal` stops the whole plan, and says what to write instead.
- A step that loses values (`loss`) is done only when it was allowed; the values are archived first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from engine.blueprint import Blueprint
from engine.records import keyed
from engine.records.applied import Applied, Live, check_live, lacking, last_applied
from engine.records.count import Count
from engine.records.database import Connection, Database
from engine.records.ddl import tables_there
from engine.records.difference import (
    Change,
    ChangedIndexes,
    ConvertedField,
    GoneEntity,
    GoneField,
    GoneRole,
    GoneWord,
    MovedRole,
    NewEntity,
    NewField,
    NowRequired,
    NowUnique,
    RenamedEntity,
    RenamedField,
    RenamedRole,
    RenamedWord,
    Searched,
    difference,
)
from engine.records.shape import EntityShape, FieldShape, Shape, shape_of
from engine.records.system import ENGINE_SCHEMA
from engine.records.tables import Tables
from engine.records.uses import told


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `count`: the records or values that it touches. `refusal`: why it cannot be done, and what would help."""

    kind: str
    words: str
    entity: str | None = None
    field: str | None = None
    count: int = 0
    loss: bool = False
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    blueprint: Blueprint
    tables: Tables
    before: Applied
    after: Shape
    changes: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        return not self.steps

    @property
    def refused(self) -> tuple[Step, ...]:
        return tuple(s for s in self.steps if s.refusal)

    @property
    def losses(self) -> tuple[Step, ...]:
        return tuple(s for s in self.steps if s.loss)

    def lines(self) -> list[str]:
        """For people; a step that cannot be done is followed by what would help."""
        return [line for step in self.steps for line in _lines(step)] or ["Nothing to do."]

    def json(self) -> dict[str, Any]:
        return {
            "steps": [asdict(step) for step in self.steps],
            "possible": not self.refused,
            "loses_values": bool(self.losses),
        }


def plan(blueprint: Blueprint, database: Database) -> Plan:
    """Raises Unusable when the database was made by a newer program, or has other tables where ours would be."""
    with database.reading(snapshot=True) as connection:
        return planned(blueprint, connection)


def planned(blueprint: Blueprint, connection: Connection) -> Plan:
    """The same, inside a transaction that is already open."""
    tables = Tables(blueprint)
    before, after = last_applied(connection), shape_of(blueprint)
    changes = difference(before.shape, after, blueprint)
    live = tables_there(connection)
    check_live(live, before.shape, changes)
    count = Count(connection, blueprint, _old_names(changes))
    said = (step for change in changes for step in _step(change, count))
    steps = (*_engine(tables, live, before), *said, *_keyed(connection, before, blueprint))
    return Plan(steps, blueprint, tables, before, after, changes)


def _keyed(connection: Connection, before: Applied, blueprint: Blueprint) -> Iterator[Step]:
    """Records that are there must be gone through before anybody can be known again by other fields."""
    for name in keyed.stale(connection, blueprint):
        if name in before.shape.entities:
            records = keyed.count(connection, name)
            label = blueprint.entities[name].label
            words = f"What a duplicate of {label} is known by changes: {_do(records, 'record', 'is', 'are')} read again."
            yield Step("duplicates", words, name, count=records)


def _old_names(changes: tuple[Change, ...]) -> dict[str, str]:
    return {c.new.name: c.old.name for c in changes if isinstance(c, RenamedEntity)}


def _lines(step: Step) -> Iterator[str]:
    yield step.words
    if step.refusal:
        yield f"    Not possible: {step.refusal}"
    elif step.loss:
        yield "    Only with --allow-loss; the values are archived and can be brought back."


def _engine(tables: Tables, live: Live, before: Applied) -> Iterator[Step]:
    own = tables.systems()
    if before.engine_schema == 0:
        yield Step("engine", "The engine's own tables are new.")
    elif before.engine_schema < ENGINE_SCHEMA or any(t.name not in live for t in own) or list(lacking(own, live)):
        yield Step("engine", "The engine's own tables are brought up to date.")


def _step(change: Change, count: Count) -> Iterator[Step]:
    yield from _SAYS[type(change)](change, count)


def _new_entity(change: NewEntity, count: Count) -> Iterator[Step]:
    entity = change.entity
    columns = sum(len(f.columns) for f in entity.fields.values())
    yield Step("new entity", f"Entity {entity.label} is new: table with {columns} columns.", entity.name)


def _gone_entity(change: GoneEntity, count: Count) -> Iterator[Step]:
    entity, records = change.entity, count.records(change.entity)
    if not records:
        yield Step("gone entity", f"Entity {entity.label} goes: it has no records.", entity.name)
        return
    words = f"Entity {entity.label} goes: {_many(records, 'record')} would be archived."
    yield Step("gone entity", words, entity.name, count=records, loss=True)


def _renamed_entity(change: RenamedEntity, count: Count) -> Iterator[Step]:
    records = count.records(change.old)
    words = f"Entity {change.old.name} is now named {change.new.name}: {_kept(records, 'record')}."
    yield Step("renamed entity", words, change.new.name, count=records)


def _new_field(change: NewField, count: Count) -> Iterator[Step]:
    name, records = _path(change.entity, change.field), count.records_of(change.entity.name)
    words = f"Field {name} is new"
    default = count.default(change.entity.name, change.field.name)
    if default is not None and records:
        words += f": {_do(records, 'record', 'gets', 'get')} its default, {default}"
    elif change.field.required and change.field.holds_values and records:
        words += f" and required: {_without(records)}"
    yield Step("new field", f"{words}.", change.entity.name, change.field.name, records)


def _gone_field(change: GoneField, count: Count) -> Iterator[Step]:
    filled = count.filled(change.entity, change.field)
    uses = told(change.field.uses)
    used = f"; it is used by {uses}" if uses else ""
    lost = f"{_many(filled, 'value')} would be archived" if filled else "it holds no values"
    words = f"Field {_path(change.entity, change.field)} goes: {lost}{used}."
    yield Step("gone field", words, change.entity.name, change.field.name, filled, loss=filled > 0)


def _renamed_field(change: RenamedField, count: Count) -> Iterator[Step]:
    filled = count.filled(change.entity, change.old)
    words = f"Field {change.entity.label} / {change.old.name} is now named {change.new.name}: {_kept(filled, 'value')}."
    yield Step("renamed field", words, change.entity.name, change.new.name, filled)


def _converted_field(change: ConvertedField, count: Count) -> Iterator[Step]:
    words = (
        f"Field {_path(change.entity, change.new)} changes from {_type(change.old)} to {_type(change.new)}"
    )
    found = count.conversion(change.entity, change.old, change.new)
    place = (change.entity.name, change.new.name)
    if found.impossible:
        yield Step("converted field", f"{words}.", *place, found.values, refusal=found.impossible)
    elif found.failing:
        share = (
            f"{found.failing:,} of {_many(found.values, 'value')} do not fit, for example {found.examples}"
        )
        help = "Correct these values first, or keep the type and add a new field."
        yield Step("converted field", f"{words}: {share}.", *place, found.failing, refusal=help)
    else:
        yield Step("converted field", f"{words}: {_kept(found.values, 'value')}.", *place, found.values)


def _now_required(change: NowRequired, count: Count) -> Iterator[Step]:
    empty = count.empty(change.entity, change.old)
    left = _without(empty) if empty else "every record has one"
    words = f"Field {_path(change.entity, change.new)} becomes required: {left}."
    yield Step("now required", words, change.entity.name, change.new.name, empty)


def _now_unique(change: NowUnique, count: Count) -> Iterator[Step]:
    number, examples = count.duplicates(change.entity, change.old)
    words = f"Field {_path(change.entity, change.new)} becomes unique"
    place = (change.entity.name, change.new.name)
    if number:
        said = f"{words}: {_do(number, 'value', 'stands', 'stand')} in more than one record, for example {examples}."
        yield Step("now unique", said, *place, number, refusal="Merge or correct these records first.")
    else:
        yield Step("now unique", f"{words}: every value stands once.", *place)


def _searched(change: Searched, count: Count) -> Iterator[Step]:
    verb = "is now found by the search box" if change.new.search else "is no longer found by the search box"
    yield Step(
        "search", f"Field {_path(change.entity, change.new)} {verb}.", change.entity.name, change.new.name
    )


def _renamed_word(change: RenamedWord, count: Count) -> Iterator[Step]:
    number = count.holding(change.entity, change.old, change.word)
    kind = "Stage" if change.new.type == "stage" else "Choice"
    path = _path(change.entity, change.new)
    words = f"{kind} {change.word} of {path} is now named {change.to}: {_kept(number, 'record')}."
    yield Step(f"renamed {kind.lower()}", words, change.entity.name, change.new.name, number)


def _gone_word(change: GoneWord, count: Count) -> Iterator[Step]:
    number = count.holding(change.entity, change.old, change.word)
    if change.new.type != "stage":
        yield _gone_choice(change, number)
        return
    words = f"Stage {change.word} of {_path(change.entity, change.new)} goes"
    place, used = (change.entity.name, change.new.name), _used(change)
    if change.to:
        moves = f"{_do(number, 'record', 'moves', 'move')} to {change.to}"
        yield Step("gone stage", f"{words}: {moves}{used}.", *place, number)
    elif number:
        help = f'Say where they go, in workflows.yaml: gone: {{"{change.word}": "..."}}, or rename the stage with `was`.'
        yield Step(
            "gone stage",
            f"{words}: {_do(number, 'record', 'stands', 'stand')} there{used}.",
            *place,
            number,
            refusal=help,
        )
    else:
        yield Step("gone stage", f"{words}: no record stands there{used}.", *place)


def _used(change: GoneWord) -> str:
    """By the set that was applied: the new one cannot speak of it."""
    uses = told(change.old.word_uses.get(change.word, ()))
    return f"; it was used by {uses}" if uses else ""


def _gone_choice(change: GoneWord, number: int) -> Step:
    keep = f"{_verb(number, 'keeps', 'keep')} it until {_verb(number, 'it is', 'they are')} next edited"
    left = f"{_many(number, 'record')} {keep}" if number else "no record has it"
    words = f"Choice {change.word} of {_path(change.entity, change.new)} goes: {left}{_used(change)}."
    return Step("gone choice", words, change.entity.name, change.new.name, number)


def _renamed_role(change: RenamedRole, count: Count) -> Iterator[Step]:
    people = count.people(change.old)
    words = (
        f"Role {change.old} is now named {change.new}: {_do(people, 'person', 'keeps', 'keep', 'people')} it."
    )
    yield Step("renamed role", words, count=people)


def _gone_role(change: GoneRole, count: Count) -> Iterator[Step]:
    people = count.people(change.role)
    if not people:
        yield Step("gone role", f"Role {change.label} goes: nobody has it.")
        return
    words = f"Role {change.label} goes: {_do(people, 'person', 'has', 'have', 'people')} it."
    help = f"Give them another role first, or rename the role with `was: {change.role}`."
    yield Step("gone role", words, count=people, refusal=help)


def _moved_role(change: MovedRole, count: Count) -> Iterator[Step]:
    above = f"reports to {change.above}" if change.above else "reports to nobody"
    yield Step("moved role", f"Role {change.label} now {above}: who is below whom is worked out again.")


def _changed_indexes(change: ChangedIndexes, count: Count) -> Iterator[Step]:
    parts = [f"{_many(len(names), 'index', 'indexes')} {verb}"
             for names, verb in ((change.added, "added"), (change.gone, "dropped")) if names]  # fmt: skip
    yield Step("indexes", f"Entity {change.entity.label}: {' and '.join(parts)}.", change.entity.name)


_SAYS: dict[type, Any] = {
    NewEntity: _new_entity,
    GoneEntity: _gone_entity,
    RenamedEntity: _renamed_entity,
    NewField: _new_field,
    GoneField: _gone_field,
    RenamedField: _renamed_field,
    ConvertedField: _converted_field,
    NowRequired: _now_required,
    NowUnique: _now_unique,
    Searched: _searched,
    RenamedWord: _renamed_word,
    GoneWord: _gone_word,
    RenamedRole: _renamed_role,
    GoneRole: _gone_role,
    MovedRole: _moved_role,
    ChangedIndexes: _changed_indexes,
}


def _path(entity: EntityShape, field: FieldShape) -> str:
    return f"{entity.label} / {field.label}"


def _type(field: FieldShape) -> str:
    return field.type.replace("_", " ")


def _kept(number: int, one: str) -> str:
    if number == 0:
        return f"there are no {one}s yet"
    return f"its {one} is kept" if number == 1 else f"all {number:,} {one}s are kept"


def _many(number: int, one: str, several: str | None = None) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {several or one + 's'}"


def _without(number: int) -> str:
    return (
        f"{_do(number, 'record', 'has', 'have')} none until {_verb(number, 'it is', 'they are')} next edited"
    )


def _do(number: int, one: str, does: str, do: str, several: str | None = None) -> str:
    """`1 record moves`, `12 records move`."""
    return f"{_many(number, one, several)} {_verb(number, does, do)}"


def _verb(number: int, one: str, several: str) -> str:
    return one if number == 1 else several
