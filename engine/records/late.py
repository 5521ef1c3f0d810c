"""What a page's rows cannot tell by themselves: titles that need rendering, and references to many.

One more query for each entity or field concerned, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.actor import Actor
from engine.blueprint.values import Ref
from engine.records.columns import ID, Row, Shown
from engine.records.database import Connection
from engine.records.statement import Prepared, prepare

if TYPE_CHECKING:
    from engine.records.read import Reads

Titles = dict[tuple[str, int], str]
Links = dict[int, list[int]]


def fill(
    reads: Reads, lent: Connection, actor: Actor, entity: str, columns: tuple[Shown, ...], rows: list[Row]
) -> list[Row]:
    links = {s.start: linked_to(reads, lent, actor, entity, s, rows) for s in columns if s.late == "links"}
    late = [s for s in columns if s.late == "title"]
    wanted = {ref for row in rows for s in late for ref in _refs(s, row, entity)}
    wanted |= {Ref(s.targets[0], id) for s in columns if s.late == "links" for ids in links[s.start].values() for id in ids}
    titles = reads.titles(actor, wanted, lent)
    return [_filled(row, columns, entity, titles, links) for row in rows]


def _filled(
    row: Row, columns: tuple[Shown, ...], entity: str, titles: Titles, links: dict[int, Links]
) -> Row:
    cells = list(row)
    for s in columns:
        if s.late == "title":
            cells[s.stop - 1] = next((titles.get((r.entity, r.id)) for r in _refs(s, row, entity)), None)
        elif s.late == "links":
            ids = links[s.start].get(row[ID], ())
            cells[s.start] = tuple((id, titles.get((s.targets[0], id))) for id in ids)
    return tuple(cells)


def _refs(shown: Shown, row: Row, entity: str) -> Iterator[Ref]:
    if not shown.targets:
        yield Ref(entity, row[ID])
    elif row[shown.start] is not None:
        target = row[shown.start + 1] if shown.field.type == "reference_any" else shown.targets[0]
        yield Ref(target, row[shown.start])


def linked_to(
    reads: Reads, lent: Connection, actor: Actor, entity: str, shown: Shown, rows: list[Row]
) -> Links:
    """The ids that each row's many-references field holds, in their order."""
    found: Links = {}
    for chunk in in_places([row[ID] for row in rows]):
        prepared = _links(reads, entity, shown.field.name, len(chunk))
        values = {f"id{i}": id for i, id in enumerate(chunk)}
        for record, target in lent.rows(prepared.statement, values):
            found.setdefault(record, []).append(target)
    return found


def _links(reads: Reads, entity: str, field: str, places: int) -> Prepared:
    def make() -> Prepared:
        link = reads.tables.link(entity, field)
        select = sa.select(link.c.record_id, link.c.target_id).where(link.c.record_id.in_(id_places(places)))
        return prepare(select.order_by(link.c.record_id, link.c.position), reads.dialect, [])

    return reads.kept(("links", entity, field, places), make)


def id_places(places: int) -> list[Any]:
    return [sa.bindparam(f"id{i}", 0, type_=sa.BigInteger()) for i in range(places)]


def in_places(ids: list[int]) -> Iterator[list[int]]:
    """In pieces of 1, 4, 16, 64 or 256 ids, filled up with 0, so that a handful of statements serve any number."""
    for at in range(0, len(ids), 256):
        piece = ids[at : at + 256]
        size = next(n for n in (1, 4, 16, 64, 256) if n >= len(piece))
        yield piece + [0] * (size - len(piece))
