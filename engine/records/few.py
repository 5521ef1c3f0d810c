"""Those who may see a handful of very many rows: the database is told which, as it cannot know how few they are.

Whose leads a manager sees is in another table, so a planner takes their share of the rows for an average one and walks
all rows until a page is full: at 1,000,000 leads a manager of nobody waited a second for an empty page. SQLite's
trigrams have the same fault for a tele-caller with few leads and a word that all leads have. So a search there goes

1. through the actor's own rows, when they are a handful: even seven digits, which cost the trigrams 27 ms, cost 0.3 ms
2. else through what the trigrams find, unless that is much: they are asked once, and their finds are named
3. else through the actor's own rows, unless they are many too

The ids are only named beside the scope, never instead of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from sqlalchemy import FromClause
from sqlalchemy.dialects.postgresql import ARRAY

from engine.actor import Actor
from engine.blueprint.conditions import AllOf, AnyOf, Condition, Test, Word
from engine.records.database import Connection
from engine.records.naming import quoted
from engine.records.query import Query
from engine.records.scope import IN, ME, PEOPLE, Scope, Sql, Who, without_doubles
from engine.records.search import FirstLeft, Hunt
from engine.records.search_index import search_name
from engine.records.statement import Prepared, prepare

if TYPE_CHECKING:
    from engine.records.read import Reads

FEW = 2_000  # rows; to look at each of them takes some milliseconds
FINDS = 2_000  # of the trigrams; the first of them take at most a millisecond
HANDFUL = 200  # rows; to look at each of them takes less than most searches
REMEMBERED = timedelta(minutes=1)  # how long somebody with more rows is not asked about again
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Few:
    """The rows of an actor, or what a search finds: all that are in scope, and perhaps some that are not. `ids` as the
    database takes them; `hunt` is what is still to be asked of each find."""

    ids: str | list[int]
    hunt: Hunt | None = None


class Fewness:
    """Who has few rows of which entity."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        self._more: dict[tuple[int, str], tuple[datetime, int]] = {}  # until when, and than how many rows

    def asks(self, actor: Actor, query: Query) -> bool:
        """Whether the database needs telling, as far as it is known without asking it."""
        if query.deleted or self._plan(actor, query) is None:
            return False
        return not self._has_more(actor, query.entity, FEW)

    def of(self, actor: Actor, query: Query, connection: Connection) -> Few | None:
        """None where the actor has many rows, and the search finds many."""
        hunt = self.reads.hunt(actor, query) if connection.dialect == "sqlite" else None
        if hunt is None or not hunt.matched:
            return self._own(actor, query, connection, FEW)
        handful = self._own(actor, query, connection, HANDFUL)
        return handful or self._finds(query, hunt, connection) or self._own(actor, query, connection, FEW)

    def _own(self, actor: Actor, query: Query, connection: Connection, most: int) -> Few | None:
        if self._has_more(actor, query.entity, most):
            return None
        plan = self._plan(actor, query)
        assert plan is not None
        values = self.reads.values(actor, plan, few=most + 1)
        ids = [row[0] for row in connection.rows(plan.statement, values)]
        if len(ids) > most:
            self._remember(actor, query.entity, most)
            return None
        return Few(ids if connection.dialect == "postgresql" else orjson.dumps(ids).decode())

    def _finds(self, query: Query, hunt: Hunt, connection: Connection) -> Few | None:
        table = quoted(search_name(query.entity))
        text = f"select rowid from {table} where {table} match ? limit ?"
        ids = [row[0] for row in connection.run(text, (hunt.values["match"], FINDS + 1))]
        return Few(orjson.dumps(ids).decode(), replace(hunt, matched=False)) if len(ids) <= FINDS else None

    def _plan(self, actor: Actor, query: Query) -> Prepared | None:
        key = ("few", Who.of(actor), query.entity, query.search is not None)
        found: tuple[Prepared | None] = self.reads.kept(key, lambda: (self._made(actor, query),))
        return found[0]

    def _made(self, actor: Actor, query: Query) -> Prepared | None:
        reads, dialect = self.reads, self.reads.dialect.name
        words = _whose(reads.sight.scope(actor, query.entity, "read"))
        if words is None or (words == {ME} and not (dialect == "sqlite" and query.search)):
            return None  # an index begins with the owner: one person's rows are found as they are
        scope = reads.scope(actor)
        return prepare(_ids(scope, query.entity, words, dialect), reads.dialect, scope.live)

    def _has_more(self, actor: Actor, entity: str, than: int) -> bool:
        known = self._more.get((actor.user, entity))
        return known is not None and known[1] >= than and known[0] > self.reads.clock()

    def _remember(self, actor: Actor, entity: str, than: int) -> None:
        if len(self._more) >= MOST_REMEMBERED:
            self._more.clear()
        self._more[actor.user, entity] = (self.reads.clock() + REMEMBERED, than)


def among(few: Few | None, row: FromClause, dialect: sa.Dialect) -> Iterator[Sql]:
    """That the row is one of them; the ids are bound as `few`."""
    if few is None:
        return
    if dialect.name == "sqlite":
        each = sa.func.json_each(sa.bindparam("few", "[]", type_=sa.Text())).table_valued("value")
        yield row.c.id.in_(sa.select(each.c.value))
    else:
        yield row.c.id == sa.any_(sa.bindparam("few", [], type_=ARRAY(sa.BigInteger())))


def _whose(condition: Condition) -> frozenset[str] | None:
    """The words for people one of whom must own a row in scope; None where others' rows may be in it too."""
    match condition:
        case AllOf(parts):
            return next((words for part in parts if (words := _whose(part)) is not None), None)
        case AnyOf(parts):
            each = [_whose(part) for part in without_doubles(parts)]
            known = [words for words in each if words is not None]
            return frozenset[str]().union(*known) if known and len(known) == len(each) else None
        case Test("owner", operator, value) if operator in IN:
            values = value if isinstance(value, (tuple, list, frozenset)) else (value,)
            if all(isinstance(v, Word) and v.text in PEOPLE for v in values):
                return frozenset(v.text for v in values)
    return None


def _ids(scope: Scope, entity: str, words: frozenset[str], dialect: str) -> sa.Select[Any]:
    """The ids of the people's rows, person by person, so that no more than `few` are looked at."""
    row, limit = scope.table(entity), sa.bindparam("few", 0, type_=sa.Integer())
    each = [_people(scope, word).subquery() for word in sorted(words)]
    people = each[0] if len(each) == 1 else sa.union(*(sa.select(one.c[0]) for one in each)).subquery()
    (person,) = people.c
    alive = row.c.deleted_at.is_(None)
    if dialect == "sqlite":
        return sa.select(row.c.id).select_from(FirstLeft(people, row, row.c.owner == person)).where(alive).limit(limit)
    theirs = sa.select(row.c.id).where(row.c.owner == person, alive).limit(limit).lateral()
    return sa.select(theirs.c.id).select_from(people.join(theirs, sa.true())).limit(limit)


def _people(scope: Scope, word: str) -> Any:
    if word == ME:
        return sa.select(sa.bindparam("me", 0, type_=sa.BigInteger()).label("person"))
    return scope.team_mates() if word == "my team" else scope.below_me()
