"""What belongs to a record: a tab for each of its children fields, with the way to add one.

What a tab is called, where it adds and why it does not, is the same for all records in one stage: it is worked out once,
with a slot where the record's number goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.blueprint.entities import Entity, Field
from engine.markup import Html
from engine.records.database import Connection
from engine.records.query import Query
from engine.records.read import Parent, Record
from engine.rules.stages import refuses_child
from engine.web.frame import Screen, slot
from engine.web.render import article
from engine.web.render_tables import columns_of, table

ROWS = 20
COUNTED = 101
Stages = Mapping[str, str | None]  # by the stage field, of those that the role may read


@dataclass(frozen=True, slots=True)
class Related:
    """`adds` is the address of the form that adds one; `refusal` says why there is none now. `count`, and the record's
    number in the addresses, are slots."""

    field: Field
    child: Entity
    count: Html
    all_of_them: str
    adds: str | None
    refusal: str | None


def children_of(seen: Screen, entity: Entity) -> tuple[str, ...]:
    """The children fields that the role may open, by name."""
    key = ("children", seen.actor.role, seen.actor.only, entity.name)
    return seen.face.once(key, lambda: _children_of(seen, entity))


def _children_of(seen: Screen, entity: Entity) -> tuple[str, ...]:
    readable = seen.sight.fields(seen.actor.role, entity.name)
    fields = [f for f in entity.fields_of("children") if f.name in readable]
    return tuple(f.name for f in fields if seen.sight.may_open(seen.actor, f.options["entity"]))


def relations(seen: Screen, entity: Entity, stages: Stages) -> tuple[Related, ...]:
    """The same for each record of these stages."""
    key = ("relations", seen.actor.role, seen.actor.only, entity.name, tuple(stages.values()))
    names = children_of(seen, entity)
    return seen.face.once(key, lambda: tuple(_related(seen, entity, entity.fields[name], stages) for name in names))


def _related(seen: Screen, entity: Entity, field: Field, stages: Stages) -> Related:
    child = seen.crm.blueprint.entities[field.options["entity"]]
    through = child.fields[field.options["through"]]
    refusal = _refusal(seen, entity, child, through, stages)
    adds, listed = _addresses(entity, field, child, through)
    return Related(field, child, slot(f"count {field.name}"), listed, adds if refusal is None else None, refusal)


def counted(number: int) -> str:
    return "100+" if number >= COUNTED else str(number)


def _addresses(entity: Entity, field: Field, child: Entity, through: Field) -> tuple[str, str]:
    """Of the form that adds a child here and comes back, and of the list of all children. Names and numbers only, so
    there is nothing to quote but what is quoted here."""
    is_any, id = through.type == "reference_any", slot("id")
    pointer = f"{entity.name}%3A{id}" if is_any else str(id)
    adds = f"/{child.name}/new?{through.name}={pointer}&back=%2F{entity.name}%2F{id}%3Ftab%3D{field.name}"
    word = "has" if through.type == "references" else "is"
    return adds, f"/{child.name}?{through.name}.{word}={pointer.replace('%3A', '%2F')}"


def _refusal(seen: Screen, entity: Entity, child: Entity, through: Field, stages: Stages) -> str | None:
    """Why no child can be added now; None when one can."""
    if not seen.crm.writes.can_create(seen.actor, child.name) or through.name not in seen.crm.writes.writable(
        seen.actor, child.name
    ):
        return f"Your role does not let you add {article(child.label)}."
    for workflow in seen.crm.blueprint.workflows_of(entity.name):
        stage = stages.get(workflow.field)
        if stage is not None and (sentence := refuses_child(workflow, stage, child, entity)):
            return sentence
    return None


def panel(seen: Screen, lent: Connection, entity: Entity, record: Record, one: Related, count: int) -> str:
    """The record itself was read already, on the same connection."""
    through = one.field.options["through"]
    asked = tuple(name for name in columns_of(seen, one.child).asked if name != through)
    query = Query(one.child.name, asked, sort=_sort(seen, one.child), limit=ROWS)
    parent = Parent(entity.name, one.field.name)
    page = seen.crm.reads.page(seen.actor, query, parent=parent, of=record.id, connection=lent)
    rows = table(seen, one.child, page, "table is-inset is-cards") if page.rows else ""
    more = page.next is not None
    key = (entity.name, one.field.name, one.adds, one.refusal, bool(rows), more)
    shell = seen.face.shell("related", key, lambda: _drawn(seen, one, bool(rows), more))
    return shell.fill({"id": str(record.id), f"count {one.field.name}": counted(count), "rows": rows})


def _drawn(seen: Screen, one: Related, has_rows: bool, more: bool) -> Html:
    rows = slot("rows") if has_rows else None
    return seen.render("related.html", one=one, rows=rows, more=more, label=one.child.label.lower())


def _sort(seen: Screen, child: Entity) -> tuple[tuple[str, bool], ...]:
    readable = seen.sight.fields(seen.actor.role, child.name)
    return tuple((name, down) for name, down in child.list.sort if name in readable)
