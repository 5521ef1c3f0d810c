"""Conditions as SQL, for one role: which rows an actor may touch, and what a filter, a guard or a roll-up asks of them.

- A row of another entity is only looked at through that entity's own read scope of the same actor.
- Deny by default: no right, no row. A scope that leads back to itself lets nobody in.
- What differs between two actors of a role or between two moments is a bound value, so one statement serves them all.
"""

from __future__ import annotations

import operator as compare
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field as dataclass_field, replace
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.sql import visitors
from sqlalchemy.sql.operators import and_ as and_operator

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.formats import Reading
from engine.parts import operator
from engine.parts.stays import FIRST, NOW, OfStays
from engine.records.keys import AHEAD, EPOCH, MILLISECOND
from engine.records.sight import Sight, targets_of
from engine.records.tables import Tables, linked

Sql: TypeAlias = ColumnElement[Any]
ME, TEAM, SUBORDINATES = "me", "my team", "my subordinates"
PEOPLE = frozenset({ME, TEAM, SUBORDINATES})
me = sa.bindparam("me", 0, type_=sa.BigInteger())
NOBODY = 0  # an id that no record has


@dataclass(frozen=True, slots=True)
class Who:
    """What of an actor shapes a statement; the rest is bound by `values_of`."""

    role: str
    only: frozenset[tuple[str, str]] | None = None
    teams: int = 1  # places for team ids: the next power of two

    @classmethod
    def of(cls, actor: Actor) -> Who:
        return cls(actor.role, actor.only, 1 << max(0, len(actor.teams) - 1).bit_length())


def values_of(actor: Actor, who: Who) -> dict[str, Any]:
    teams = (*actor.teams, *(NOBODY for _ in range(who.teams - len(actor.teams))))
    return {"me": actor.user, **{f"team{i}": team for i, team in enumerate(teams)}}


@dataclass(frozen=True, slots=True)
class Live:
    """A test whose value depends on the moment: it is worked out again at each use."""

    test: Test
    field: Field
    columns: tuple[Sql, ...]
    names: tuple[sa.BindParameter[Any], ...]

    def values(self, at: Reading) -> list[Any]:
        return [p.value for p in parameters(operation(self.test, self.field, self.columns, at))]


@dataclass
class Scope:
    """One statement in the making. `at` is the moment that words such as `today` are first worked out for."""

    sight: Sight
    tables: Tables
    who: Who
    at: Reading
    computed: Callable[[Scope, Field, str, FromClause], tuple[Sql, ...]]  # columns of what is not stored
    live: list[Live] = dataclass_field(default_factory=list)
    entered: tuple[tuple[str, str], ...] = ()
    made: list[int] = dataclass_field(default_factory=lambda: [0])

    # ---- rows

    def table(self, entity: str) -> FromClause:
        """The entity's table under a name of its own in this statement."""
        self.made[0] += 1
        return self.tables.of(entity).alias(f"t{self.made[0]}")

    def rows(self, entity: str, row: FromClause, *actions: str, deleted: bool = False) -> Sql:
        """The rows, alive unless `deleted`, that the actor may read and do `actions` to."""
        alive = row.c.deleted_at.is_not(None) if deleted else row.c.deleted_at.is_(None)
        return sa.and_(alive, *(self.may(action, entity, row) for action in ("read", *actions)))

    def may(self, action: str, entity: str, row: FromClause) -> Sql:
        if (entity, action) in self.entered:
            return sa.false()
        condition = self.sight.scope(_someone(self.who), entity, action)
        inside = replace(self, entered=(*self.entered, (entity, action)))
        return inside.holds(condition, entity, row)

    # ---- conditions

    def holds(self, condition: Condition, entity: str, row: FromClause) -> Sql:
        match condition:
            case AllOf(parts):
                return sa.and_(sa.true(), *(self.holds(p, entity, row) for p in parts))
            case AnyOf(parts):
                return sa.or_(sa.false(), *(self.holds(p, entity, row) for p in without_doubles(parts)))
            case Not(part):
                return self.holds(part, entity, row).is_not(sa.true())
            case Test():
                return self.test(condition, entity, row)
        raise TypeError(f"Not a condition: {condition!r}")

    def test(self, test: Test, entity: str, row: FromClause) -> Sql:
        field = self.sight.blueprint.entities[entity].fields[test.field]
        looks_away = isinstance(test.value, (Test, AllOf, AnyOf, Not)) or test.operator == "visible"
        if looks_away or field.type == "children":
            return self.elsewhere(test, field, entity, row)
        part = operator(test.operator)
        if isinstance(part, OfStays):
            return self.stayed(test, part, field, row)
        if _of_people(test.value):
            return self.people(test, field, entity, row)
        if linked(field):
            return self.linked(test, field, entity, row)
        return self.plain(test, field, self.searched_columns(field, entity, row))

    def plain(self, test: Test, field: Field, columns: tuple[Sql, ...]) -> Sql:
        found = operation(test, field, columns, self.at)
        if has_word(test.value):
            self.live.append(Live(test, field, columns, tuple(parameters(found))))
        return sa.and_(found, *_by_id(found)) if field.name == "created_at" and field.system else found

    # ---- a record's past in its stages

    def stayed(self, test: Test, part: OfStays, field: Field, row: FromClause) -> Sql:
        stay = self.stay()
        which = [stay.c.left_at.is_(None)] if part.asks == NOW else [~self.earlier(stay)] if part.asks == FIRST else []
        asked = self.plain(test, field, (stay.c.stage, stay.c.entered_at))
        return there_is(stay, stay.c.record == row.c.id, stay.c.field == field.name, *which, asked)

    def earlier(self, stay: FromClause) -> Sql:
        """Whether the record was in a stage before this stay."""
        other = self.stay()
        return there_is(other, other.c.record == stay.c.record, other.c.field == stay.c.field, other.c.id < stay.c.id)

    def stay(self) -> FromClause:
        self.made[0] += 1
        return self.tables.system("stage_time").alias(f"s{self.made[0]}")

    # ---- columns

    def columns(self, field: Field, entity: str, row: FromClause) -> tuple[Sql, ...]:
        stored = self.tables.columns(entity, field.name)
        return tuple(row.c[c.name] for c in stored) or self.computed(self, field, entity, row)

    def searched_columns(self, field: Field, entity: str, row: FromClause) -> tuple[Sql, ...]:
        columns = self.columns(field, entity, row)
        find = self.tables.find_column(entity, field.name)
        return columns if find is None else (*columns, row.c[find.name])

    # ---- me, my team, my subordinates

    def people(self, test: Test, field: Field, entity: str, row: FromClause) -> Sql:
        if linked(field):
            link = self.link(field, entity, row)
            found = there_is(link, link.c.record_id == row.c.id, self.among(field, link.c.target_id, test.value))
            return sa.not_(found) if test.operator in NOT_IN else found
        column = self.columns(field, entity, row)[0]
        found = self.among(field, column, test.value)
        if test.operator in NOT_IN:
            return sa.or_(column.is_(None), sa.not_(found))
        return found

    def among(self, field: Field, column: Sql, value: Any) -> Sql:
        values = value if isinstance(value, (tuple, list, frozenset)) else (value,)
        return sa.or_(*(self.one_of(field, column, v) for v in values))

    def one_of(self, field: Field, column: Sql, value: Any) -> Sql:
        if not isinstance(value, Word):
            return column == sa.literal(getattr(value, "id", value), sa.BigInteger())
        match value.text:
            case "me":
                return column == me
            case "my team":
                return column.in_(self.my_teams()) if _is_team(field) else column.in_(self.team_mates())
        return column.in_(self.below_me())

    def my_teams(self) -> list[Sql]:
        return [sa.bindparam(f"team{i}", NOBODY, type_=sa.BigInteger()) for i in range(self.who.teams)]

    def team_mates(self) -> sa.Select[Any] | sa.CompoundSelect[Any]:
        user = self.table("user")
        fields = self.sight.blueprint.entities["user"].fields
        single = sa.select(user.c.id).where(user.c.team.in_(self.my_teams()))
        if "teams" not in fields or not linked(fields["teams"]):
            return single
        many = self.tables.link("user", "teams").alias()
        return sa.union(single, sa.select(many.c.record_id).where(many.c.target_id.in_(self.my_teams())))

    def below_me(self) -> sa.Select[Any]:
        reach = self.tables.system("reach").alias()
        return sa.select(reach.c.user).where(reach.c.superior == me)

    # ---- references to many

    def link(self, field: Field, entity: str, row: FromClause) -> FromClause:
        self.made[0] += 1
        return self.tables.link(entity, field.name).alias(f"l{self.made[0]}")

    def linked(self, test: Test, field: Field, entity: str, row: FromClause) -> Sql:
        link = self.link(field, entity, row)
        mine = link.c.record_id == row.c.id
        if test.operator == "empty":
            return sa.not_(there_is(link, mine)) if test.value else there_is(link, mine)
        values = test.value if isinstance(test.value, (tuple, list, frozenset)) else (test.value,)
        ids = [sa.literal(getattr(v, "id", v), sa.BigInteger()) for v in values]
        if not ids:
            return sa.true() if test.operator in NOT_IN else sa.false()
        found = there_is(link, mine, link.c.target_id.in_(ids))
        return sa.not_(found) if test.operator in NOT_IN else found

    # ---- other records

    def elsewhere(self, test: Test, field: Field, entity: str, row: FromClause) -> Sql:
        """`where`, `some`, `none`, `visible`: a record of the other entity that the actor may read, and its condition."""
        condition, negative = test.value, test.operator == "none"
        if test.operator in ("visible", "empty"):
            condition, negative = ALWAYS, bool(test.value) is (test.operator == "empty")
        found = sa.or_(*(self.other(condition, field, target, entity, row) for target in targets_of(field)))
        return sa.not_(found) if negative else found

    def other(self, condition: Condition, field: Field, target: str, entity: str, row: FromClause) -> Sql:
        there = self.table(target)
        joined = self.joined(field, entity, row, target, there)
        return there_is(there, joined, self.rows(target, there), self.holds(condition, target, there))

    def joined(self, field: Field, entity: str, row: FromClause, target: str, there: FromClause) -> Sql:
        if field.type == "children":
            return self.child_of(field, entity, row, target, there)
        if linked(field):
            link = self.link(field, entity, row)
            return there_is(link, link.c.record_id == row.c.id, link.c.target_id == there.c.id)
        return pointing(self.columns(field, entity, row), field, target, there.c.id)

    def child_of(self, field: Field, entity: str, row: FromClause, target: str, there: FromClause) -> Sql:
        through = self.sight.blueprint.entities[target].fields[field.options["through"]]
        if linked(through):
            link = self.link(through, target, there)
            return there_is(link, link.c.record_id == there.c.id, link.c.target_id == row.c.id)
        return pointing(self.columns(through, target, there), through, entity, row.c.id)


def there_is(source: FromClause, *where: Sql) -> Sql:
    """Whether `source` has such a row. All other tables are those around it, however far out: SQLAlchemy's own guess
    looks one step outward only, and would begin a table anew."""
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(source).where(*where)
    return sa.exists(found.correlate_except(source))


def pointing(columns: tuple[Sql, ...], field: Field, target: str, id: Sql) -> Sql:
    """That the reference in `columns` points to the record `id` of entity `target`."""
    if field.type != "reference_any":
        return columns[0] == id
    number, word = sorted(columns, key=lambda c: isinstance(c.type, sa.String))
    return sa.and_(word == target, number == id)


def operation(test: Test, field: Field, columns: tuple[Sql, ...], at: Reading) -> Sql:
    """The operator part's own SQL, with its words worked out for a moment."""
    part = operator(test.operator)
    return part.sql(field, columns, part.resolve(field, test.value, at))


def _by_id(found: Sql) -> Iterator[Sql]:
    """The same span of time in ids, which every index ends in: a record's id is made of the moment of its creation."""
    together = isinstance(found, sa.BooleanClauseList) and found.operator is and_operator
    for part in found.clauses if together else [found]:
        if not (isinstance(part, sa.BinaryExpression) and isinstance(part.right, sa.BindParameter)):
            continue
        id = part.left.table.c.id
        if part.operator in (compare.ge, compare.gt):
            yield id >= _first_id(part.right)
        elif part.operator in (compare.le, compare.lt):
            yield id < _first_id(part.right + _whole(AHEAD))


def _first_id(moment: Sql) -> Sql:
    """The least id of a record made at `moment`, ms. Moments that no id reaches are brought nearer: they would overflow."""
    since = moment - _whole(EPOCH)
    least, most = _whole(-(2**40)), _whole(2**40)
    return sa.case((since < least, least), (since > most, most), else_=since) * _whole(MILLISECOND)


def _whole(number: int) -> Sql:
    return sa.literal_column(str(number), sa.BigInteger())


def parameters(expression: Sql) -> Iterator[sa.BindParameter[Any]]:
    for element in visitors.iterate(expression):
        if isinstance(element, sa.BindParameter):
            yield element


def has_word(value: Any) -> bool:
    if isinstance(value, (tuple, list, frozenset)):
        return any(map(has_word, value))
    return isinstance(value, Word)


def _of_people(value: Any) -> bool:
    if isinstance(value, (tuple, list, frozenset)):
        return any(map(_of_people, value))
    return isinstance(value, Word) and value.text in PEOPLE


def without_doubles(parts: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """`me or my subordinates` is `my subordinates`, as everyone reaches themselves; the `or` would cost the index."""
    covered = {p.field for p in parts if isinstance(p, Test) and p.value == Word(SUBORDINATES) and p.operator in IN}
    mine = (p for p in parts if isinstance(p, Test) and p.value == Word(ME) and p.operator in IN)
    doubles = [p for p in mine if p.field in covered]
    return tuple(p for p in parts if p not in doubles)


IN = ("is", "in")
NOT_IN = ("is_not", "not_in")


def _is_team(field: Field) -> bool:
    return targets_of(field) == ("team",)


def _someone(who: Who) -> Actor:
    return Actor(NOBODY, "", who.role, only=who.only)


__all__ = ["Live", "Scope", "Who", "has_word", "parameters", "pointing", "there_is", "values_of", "without_doubles"]
