"""What belongs to a record: a tab for each of its children fields, with the way to add one.

What a tab is called, where it adds and why it does not, is the same for all records in one stage: it is worked out once,
with a slot where the record's number goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.blueprint.entities import Entity, Field
from engine.markup import Html, trusted
from engine.records.columns import ID, Row, value_of
from engine.records.database import Connection
from engine.records.query import Query
from engine.records.read import Parent, Record
from engine.rules.stages import refuses_child
from engine.web.frame import Screen, Slotted, slot
from engine.web.render import article
from engine.web.render_facts import Write, writer
from engine.web.render_tables import columns_of, table
from engine.words import said

ROWS = 20
ON_A_CARD = 3
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
        return said("Your role does not let you add {thing}.", thing=article(child.label))
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


# ---- beside the timeline: what belongs to the record and is no activity, a few of each


@dataclass(frozen=True, slots=True)
class Card:
    """The newest of one kind; `rows` are (address, title, what else is told of it)."""

    one: Related
    count: int
    tab: str
    adds: str | None
    rows: list[tuple[str, str, list[Html]]]


def none_of(entity: Entity, related: tuple[Related, ...], counts: Mapping[str, int]) -> frozenset[str]:
    """The activities of which the record has none: nobody need look for them again."""
    return frozenset(one.child.name for one in related if counts[one.field.name] == 0 and _tells_all(entity, one))


def _tells_all(entity: Entity, one: Related) -> bool:
    return one.child.activity is not None and one.field.options["through"] == one.child.activity.about


def cards(
    seen: Screen, lent: Connection, entity: Entity, record: Record, related: tuple[Related, ...], counts: Mapping[str, int]
) -> Html:  # fmt: skip
    """One select for each kind that there is something of."""
    shown = [one for one in related if one.child.activity is None]
    if not any(counts[one.field.name] for one in shown):
        key = ("cards", entity.name, tuple((one.adds, one.refusal) for one in shown))
        shell = seen.face.shell("related", key, lambda: str(_empty_cards(seen, entity, shown)))
        return trusted(shell.fill({"id": str(record.id)}))
    made = [_card(seen, lent, entity, record, one, counts[one.field.name]) for one in shown]
    made.sort(key=lambda card: not card.count)
    return seen.render("cards.html", cards=made, counted=counted) if made else trusted("")


def _empty_cards(seen: Screen, entity: Entity, shown: list[Related]) -> Html:
    place = f"/{entity.name}/{slot('id')}"
    made = [Card(one, 0, f"{place}?tab={one.field.name}", one.adds, []) for one in shown]
    return seen.render("cards.html", cards=made, counted=counted) if made else trusted("")


def _card(seen: Screen, lent: Connection, entity: Entity, record: Record, one: Related, count: int) -> Card:
    id = str(record.id)
    adds = Slotted(one.adds).fill({"id": id}) if one.adds else None
    tab = f"/{entity.name}/{id}?tab={one.field.name}"
    return Card(one, count, tab, adds, _few(seen, lent, entity, record, one) if count else [])


def _few(
    seen: Screen, lent: Connection, entity: Entity, record: Record, one: Related
) -> list[tuple[str, str, list[Html]]]:
    through = one.field.options["through"]
    asked = tuple(dict.fromkeys(("title", *(n for n in _telling(seen, one.child) if n != through))))
    parent = Parent(entity.name, one.field.name)
    query = Query(one.child.name, asked, sort=_sort(seen, one.child), limit=ON_A_CARD)
    page = seen.crm.reads.page(seen.actor, query, parent=parent, of=record.id, connection=lent)
    title, *rest = page.columns
    key = ("card", seen.actor.role, seen.actor.only, seen.formats, one.child.name, asked)
    writes = seen.face.once(key, lambda: tuple(writer(shown, seen.formats) for shown in rest))
    return [
        (f"/{one.child.name}/{row[ID]}", value_of(title, row) or one.child.label, _written(writes, row)) for row in page.rows
    ]


def _written(writes: tuple[Write, ...], row: Row) -> list[Html]:
    return [trusted(text) for write in writes if (text := write(row))]


def _telling(seen: Screen, child: Entity) -> list[str]:
    """Of the list's columns: the stage, a sum, a date."""
    readable = seen.sight.fields(seen.actor.role, child.name)
    listed = [readable[name] for name in child.list.columns if name in readable]
    wanted = (("stage",), ("money", "rollup"), ("date", "datetime"))
    found = (next((f.name for f in listed if f.type in kinds and not f.system), None) for kinds in wanted)
    return [name for name in found if name]


def _drawn(seen: Screen, one: Related, has_rows: bool, more: bool) -> Html:
    rows = slot("rows") if has_rows else None
    return seen.render("related.html", one=one, rows=rows, more=more, label=one.child.label.lower())


def _sort(seen: Screen, child: Entity) -> tuple[tuple[str, bool], ...]:
    readable = seen.sight.fields(seen.actor.role, child.name)
    return tuple((name, down) for name, down in child.list.sort if name in readable)
