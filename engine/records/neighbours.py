"""Which records stand before and after one in a list, as its reader sees the list: by its conditions, search and order.

The list is gone on with from the record's own place, so that it costs the same at the millionth row as at the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.actor import Actor
from engine.blueprint.conditions import Test
from engine.blueprint.values import Ref
from engine.records import cursor
from engine.records.columns import ID, value_of
from engine.records.database import Connection
from engine.records.query import Query
from engine.records.read import Reads, sort_name


@dataclass(frozen=True, slots=True)
class Neighbours:
    before: Ref | None = None
    after: Ref | None = None


def neighbours(reads: Reads, lent: Connection, actor: Actor, query: Query, id: int) -> Neighbours:
    """`query` as the list was asked for; its own place and columns do not matter. Nobody stands beside a record that the
    actor may not read. Raises NotFound, BadRequest as a list does."""
    asked = replace(query, columns=("title",), limit=1, cursor=None)
    edge = reads.edge(lent, actor, replace(asked, where=Test("id", "is", id), search=None))
    if edge is None:
        return Neighbours()
    name = sort_name(asked)
    tokens = (cursor.token(backwards, name, edge) for backwards in (True, False))
    return Neighbours(*(_beside(reads, lent, actor, replace(asked, cursor=token)) for token in tokens))


def _beside(reads: Reads, lent: Connection, actor: Actor, query: Query) -> Ref | None:
    page = reads.page(actor, query, connection=lent)
    return Ref(query.entity, page.rows[0][ID], value_of(page.columns[0], page.rows[0])) if page.rows else None


__all__ = ["Neighbours", "neighbours"]
