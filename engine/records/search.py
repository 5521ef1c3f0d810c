"""Finding records by what people type: every word somewhere in the searched fields that the actor may read.

SQLite looks in the entity's trigram table, newest first, and PostgreSQL in trigram indexes of the same folded texts.
A word of one or two letters has no trigram: alone it is looked for at the beginning, beside others anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.selectable import Join

from engine.blueprint.entities import Field
from engine.errors import BadRequest
from engine.formats import Formats
from engine.parts import field_type
from engine.records.scope import Scope, Sql
from engine.words import said

LONGEST = 200  # characters
MOST_WORDS = 8
TRIGRAM = 3

Needle = Callable[[Field, str], str | None]


@dataclass(frozen=True, slots=True)
class Hunt:
    """What somebody typed, for the searched fields of one entity: `shape` decides the statement, `values` are bound."""

    fields: tuple[str, ...]
    words: int  # words looked for by LIKE
    matched: bool  # whether SQLite's trigram table is asked
    values: Mapping[str, Any]

    @property
    def shape(self) -> tuple[Any, ...]:
        return (self.fields, self.words, self.matched)


def hunt(
    text: str, fields: tuple[Field, ...], formats: Formats, dialect: str, *, all_fields: bool = False, few: bool = False
) -> Hunt:
    """`all_fields`: the entity has no other searched field. `few`: each row in scope had better be looked at.

    Raises BadRequest for a text that is too long."""
    if len(text) > LONGEST:
        raise BadRequest(said("A search may have at most {longest} characters.", longest=LONGEST))
    text = text.replace("\0", " ")  # no record holds it, and neither database takes it
    needles = {f.name: _needle(f, formats) for f in fields}
    words = text.split()[:MOST_WORDS]
    if dialect == "sqlite" and not few:
        return _sqlite(text, words, needles, all_fields)
    return Hunt(tuple(needles), len(words), False, _likes(text, words, words, needles))


def _needle(field: Field, formats: Formats) -> Callable[[str], str | None]:
    kind = field_type(field.type)
    return lambda typed: kind.needle(field, typed, formats)


# ---- SQLite's trigram table


def _sqlite(text: str, words: list[str], needles: dict[str, Any], all_fields: bool) -> Hunt:
    long = [w for w in words if _is_long(w, needles)]
    short = [w for w in words if w not in long]
    if not long:
        return Hunt(tuple(needles), len(short), False, _likes(text, words, short, needles))
    match = " AND ".join(f"({_anywhere(w, needles, all_fields)})" for w in long)
    if whole := list(_whole(text, words, needles)):
        match = f"({match}) OR {' OR '.join(whole)}" if not short else match
    return Hunt(tuple(needles), len(short), True, {"match": match, **_likes("", words, short, needles)})


def _is_long(word: str, needles: Mapping[str, Any]) -> bool:
    found = [n for n in (needle(word) for needle in needles.values()) if n]
    return bool(found) and all(len(n) >= TRIGRAM for n in found)


def _anywhere(word: str, needles: Mapping[str, Any], all_fields: bool) -> str:
    by_text: dict[str, list[str]] = {}
    for name, needle in needles.items():
        if found := needle(word):
            by_text.setdefault(found, []).append(name)
    if all_fields and len(by_text) == 1:  # to look at the columns of each find takes a third of the time
        return _quoted(next(iter(by_text)))
    return " OR ".join(_phrase(names, found) for found, names in by_text.items())


def _whole(text: str, words: list[str], needles: Mapping[str, Any]) -> Iterator[str]:
    """A phone number is one value, however it is spaced."""
    if len(words) > 1:
        for name, needle in needles.items():
            found = needle(text)
            if found and len(found) >= TRIGRAM and " " not in found:
                yield _phrase([name], found)


def _phrase(names: list[str], found: str) -> str:
    columns = " ".join(f'"{name}__find"' for name in names)
    return f"{{{columns}}} : {_quoted(found)}"


def _quoted(found: str) -> str:
    text = found.replace('"', '""')
    return f'"{text}"'


# ---- LIKE


def _likes(text: str, words: list[str], looked_for: list[str], needles: Mapping[str, Any]) -> dict[str, Any]:
    alone = len(words) == 1
    found: dict[str, Any] = {}
    for name, needle in needles.items():
        for i, word in enumerate(looked_for):
            found[f"word{i}_{name}"] = _pattern(needle(word), alone)
        whole = needle(text) if text and not alone else None
        found[f"whole_{name}"] = _pattern(whole if whole and " " not in whole else None, False)
    return found


def _pattern(needle: str | None, alone: bool) -> str | None:
    """Null finds nothing, so that a field that cannot hold the word keeps its place in the statement."""
    if not needle:
        return None
    escaped = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%" if alone and len(needle) < TRIGRAM else f"%{escaped}%"


# ---- the statement's part


def found_in(hunt: Hunt, scope: Scope, entity: str, row: FromClause) -> Sql:
    """The condition by LIKE; with `hunt.matched` beside the trigram table, see `joined`."""
    columns = {name: row.c[f"{name}__find"] for name in hunt.fields}
    if not columns or (not hunt.words and not hunt.matched):
        return sa.true() if not hunt.words and columns else sa.false()
    words = [
        sa.or_(*(_like(c, f"word{i}_{name}") for name, c in columns.items())) for i in range(hunt.words)
    ]  # fmt: skip
    every = sa.and_(sa.true(), *words)
    if hunt.matched:
        return every
    return sa.or_(every, *(_like(c, f"whole_{name}") for name, c in columns.items()))


def _like(column: Sql, name: str) -> Sql:
    return column.like(sa.bindparam(name, None, type_=sa.Text()), escape="\\")


class FirstLeft(Join):
    """A join that SQLite must begin at its left side: the planner does not know how few rows a search finds."""

    inherit_cache = True


@compiles(FirstLeft, "sqlite")
def _first_left(join: FirstLeft, compiler: Any, **more: Any) -> str:
    return compiler.visit_join(join, **more).replace(" JOIN ", " CROSS JOIN ", 1)


def trigrams(scope: Scope, entity: str) -> sa.TableClause:
    name = scope.tables.search_table(entity)
    assert name is not None
    return sa.table(name, sa.column("rowid", sa.BigInteger()), sa.column(name, sa.Text()))


def joined(found: sa.TableClause, entity_row: FromClause) -> tuple[FromClause, Sql]:
    match = sa.bindparam("match", "", type_=sa.Text())
    return FirstLeft(found, entity_row, entity_row.c.id == found.c.rowid), found.c[found.name].op("MATCH")(match)
