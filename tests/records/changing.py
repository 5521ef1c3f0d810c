"""Blueprints changed as an officer would change the YAML, and records put straight into the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.conditions import tests_in
from engine.blueprint.entities import Entity, Field
from engine.blueprint.templates import Template
from engine.records.apply import apply
from engine.records.database import Database
from engine.records.keys import new_id
from engine.records.naming import listed, quoted
from engine.records.plan import Plan, plan

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def brought_to(database: Database, blueprint: Blueprint, allow_loss: bool = False) -> Plan:
    return apply(plan(blueprint, database), database, allow_loss, clock=lambda: NOW)


def put(database: Database, entity: str, **raw: Any) -> int:
    """One record, by raw column values; returns its id."""
    row = {"id": new_id(NOW), "version": 1, "created_at": 1, "updated_at": 1, **raw}
    with database.writing() as connection:
        marks = ", ".join([connection.mark] * len(row))
        connection.change(
            f"insert into {quoted(entity)} ({listed(row)}) values ({marks})", tuple(row.values())
        )
    return row["id"]


def ask(database: Database, text: str) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        return connection.run(text)


def with_field(blueprint: Blueprint, entity: str, field: Field) -> Blueprint:
    """Added, or in the place of the field of that name."""
    known = blueprint.entities[entity]
    return with_entity(blueprint, replace(known, fields={**known.fields, field.name: field}))


def without_field(blueprint: Blueprint, entity: str, name: str) -> Blueprint:
    """With all that speaks of it taken out, as the compiler would demand."""
    known = blueprint.entities[entity]
    fields = {n: f for n, f in known.fields.items() if n != name}
    form = tuple(replace(s, fields=tuple(f for f in s.fields if f != name)) for s in known.form)
    columns = tuple(c for c in known.list.columns if c != name)
    changed = with_entity(
        blueprint, replace(known, fields=fields, form=form, list=replace(known.list, columns=columns))
    )
    reports = {n: r for n, r in changed.reports.items() if not _speaks(r, entity, name)}
    return replace(changed, reports=reports)


def _speaks(report: Any, entity: str, name: str) -> bool:
    measured = {m.field for m in report.measures.values()}
    return report.entity == entity and name in {
        *report.group_by,
        *measured,
        *(t.field for t in tests_in(report.when)),
    }


def with_entity(blueprint: Blueprint, entity: Entity) -> Blueprint:
    return replace(blueprint, entities={**blueprint.entities, entity.name: entity}, hash=blueprint.hash + "'")


def renamed_field(blueprint: Blueprint, entity: str, old: str, new: str) -> Blueprint:
    known = blueprint.entities[entity]
    fields = {
        (new if n == old else n): (replace(f, name=new, was=old) if n == old else f)
        for n, f in known.fields.items()
    }
    title = Template(
        known.title.text.replace(old, new), frozenset(new if f == old else f for f in known.title.fields)
    )
    return with_entity(blueprint, replace(known, fields=fields, title=title))


def renamed_entity(blueprint: Blueprint, old: str, new: str) -> Blueprint:
    """The entity, and every field and workflow that points to it."""
    entities = {}
    for name, entity in blueprint.entities.items():
        fields = {n: _pointing(f, old, new) for n, f in entity.fields.items()}
        own = {"name": new, "label": new.capitalize(), "was": old} if name == old else {}
        entities[new if name == old else name] = replace(entity, fields=fields, **own)
    flows = {n: replace(w, entity=new) if w.entity == old else w for n, w in blueprint.workflows.items()}
    bare = replace(blueprint, notifications={}, reports={}, dashboards={}, hash=blueprint.hash + "'")
    return replace(bare, entities=entities, workflows=flows)


def _pointing(field: Field, old: str, new: str) -> Field:
    if field.options.get("entity") == old:
        return replace(field, options={**field.options, "entity": new})
    return field


def without_entity(blueprint: Blueprint, name: str) -> Blueprint:
    entities = {n: e for n, e in blueprint.entities.items() if n != name}
    flows = {n: w for n, w in blueprint.workflows.items() if w.entity != name}
    return replace(blueprint, entities=entities, workflows=flows, hash=blueprint.hash + "'")


def with_stages(blueprint: Blueprint, flow: str, **changes: Any) -> Blueprint:
    """`gone`, `without` (stage names), `renamed` (old -> new)."""
    from engine.blueprint.entities import Choice

    known = blueprint.workflows[flow]
    without, renamed = changes.get("without", ()), changes.get("renamed", {})
    stages = {}
    for name, stage in known.stages.items():
        if name in without:
            continue
        now = renamed.get(name, name)
        stages[now] = replace(stage, name=now, was=name if now != name else None)
    changed = replace(known, stages=stages, gone=changes.get("gone"))
    field = blueprint.entities[known.entity].fields[known.field]
    choices = tuple(Choice(s.name, s.label, s.hue) for s in stages.values())
    bare = replace(blueprint, workflows={**blueprint.workflows, flow: changed})
    return with_field(bare, known.entity, replace(field, options={"stages": choices}))
