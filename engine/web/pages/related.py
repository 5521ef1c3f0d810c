"""What belongs to a record: a tab for each of its children fields, with the way to add one."""

from __future__ import annotations

from dataclasses import dataclass

from engine.blueprint.entities import Entity, Field
from engine.markup import Html, trusted
from engine.records.database import Connection
from engine.records.query import Query
from engine.records.read import Parent, Record
from engine.rules.stages import refuses_child
from engine.web.frame import Screen
from engine.web.render import article, render
from engine.web.render_tables import columns_of, table

ROWS = 20
COUNTED = 101


@dataclass(frozen=True, slots=True)
class Related:
    """`adds` is the address of the form that adds one; `refusal` says why there is none now."""

    field: Field
    child: Entity
    count: str
    all_of_them: str
    adds: str | None
    refusal: str | None


def relations(seen: Screen, lent: Connection, entity: Entity, record: Record) -> list[Related]:
    readable = seen.sight.fields(seen.actor.role, entity.name)
    fields = [f for f in entity.fields_of("children") if f.name in readable]
    found = [f for f in fields if seen.sight.may_open(seen.actor, f.options["entity"])]
    names = tuple(field.name for field in found)
    counts = seen.crm.reads.related_counts(seen.actor, entity.name, record.id, names, COUNTED, lent)
    return [_related(seen, entity, record, field, count) for field, count in zip(found, counts, strict=True)]


def _related(seen: Screen, entity: Entity, record: Record, field: Field, count: int) -> Related:
    child = seen.crm.blueprint.entities[field.options["entity"]]
    through = child.fields[field.options["through"]]
    refusal = _refusal(seen, entity, record, child, through)
    adds, listed = _addresses(entity, record, field, child, through)
    return Related(
        field,
        child,
        "100+" if count >= COUNTED else str(count),
        listed,
        adds if refusal is None else None,
        refusal,
    )


def _addresses(
    entity: Entity, record: Record, field: Field, child: Entity, through: Field
) -> tuple[str, str]:
    """Of the form that adds a child here and comes back, and of the list of all children. Names and numbers only, so
    there is nothing to quote but what is quoted here."""
    is_any = through.type == "reference_any"
    pointer = f"{entity.name}%3A{record.id}" if is_any else str(record.id)
    adds = (
        f"/{child.name}/new?{through.name}={pointer}&back=%2F{entity.name}%2F{record.id}%3Ftab%3D{field.name}"
    )
    word = "has" if through.type == "references" else "is"
    return adds, f"/{child.name}?{through.name}.{word}={pointer.replace('%3A', '%2F')}"


def _refusal(seen: Screen, entity: Entity, record: Record, child: Entity, through: Field) -> str | None:
    """Why no child can be added now; None when one can."""
    if not seen.crm.writes.can_create(seen.actor, child.name) or through.name not in seen.crm.writes.writable(
        seen.actor, child.name
    ):
        return f"Your role does not let you add {article(child.label)}."
    for workflow in seen.crm.blueprint.workflows_of(entity.name):
        stage = record.values.get(workflow.field)
        if stage is not None and (sentence := refuses_child(workflow, stage, child, entity)):
            return sentence
    return None


def panel(seen: Screen, lent: Connection, entity: Entity, record: Record, one: Related) -> Html:
    """The record itself was read already, on the same connection."""
    through = one.field.options["through"]
    asked = tuple(name for name in columns_of(seen, one.child).asked if name != through)
    query = Query(one.child.name, asked, sort=_sort(seen, one.child), limit=ROWS)
    parent = Parent(entity.name, one.field.name)
    page = seen.crm.reads.page(seen.actor, query, parent=parent, of=record.id, connection=lent)
    rows = trusted(table(seen, one.child, page, "table is-inset is-cards")) if page.rows else None
    return render(
        "related.html", one=one, rows=rows, more=page.next is not None, label=one.child.label.lower()
    )


def _sort(seen: Screen, child: Entity) -> tuple[tuple[str, bool], ...]:
    readable = seen.sight.fields(seen.actor.role, child.name)
    return tuple((name, down) for name, down in child.list.sort if name in readable)
