"""A formula as SQL, so that a computed field can be listed, filtered, sorted and summed like any other.

Numbers are computed in whole units (PostgreSQL: exact; SQLite: binary, then rounded twice so that halves meet) and
come back as the scaled integers of the result's type. An empty field makes a number empty and a joined text shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import FromClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from engine.blueprint.entities import Field
from engine.blueprint.formulas import Binary, Call, Choose, ListOf, Literal, Name, Node, Unary
from engine.parts import field_type
from engine.parts.derived import effective

if TYPE_CHECKING:
    from engine.records.scope import Scope, Sql

NUMBERS = frozenset({"integer", "decimal", "money", "percent"})
DAY = 86_400_000  # milliseconds
ONE = sa.literal_column("1.0", sa.Numeric())  # SQLite divides two whole numbers to a whole one


def computed_columns(scope: Scope, field: Field, entity: str, row: FromClause) -> tuple[Sql, ...]:
    """The raw columns of the result's type."""
    formula, result = field.options["formula"], effective(field)
    value = _Formula(scope, entity, row).sql(formula.tree)
    first = _raw(value, result)
    others = field_type(result.type).columns(result)[1:]
    return (first, *(_currency(scope, field, entity, row) for _ in others))


def _raw(value: Sql, result: Field) -> Sql:
    if result.type == "yes_no":
        return sa.case((value, sa.literal_column("1")), (sa.not_(value), sa.literal_column("0")))
    if result.type in NUMBERS:
        exact = sa.func.round(sa.cast(value * _unit(result), sa.Numeric()), 6)
        return sa.cast(sa.func.round(exact), sa.BigInteger())
    return value


def _currency(scope: Scope, field: Field, entity: str, row: FromClause) -> Sql:
    """Of the first amount that the formula names."""
    fields = scope.sight.blueprint.entities[entity].fields
    names = [n for n in sorted(field.options["formula"].fields) if effective(fields[n]).type == "money"]
    columns = scope.columns(fields[names[0]], entity, row) if names else ()
    return columns[1] if len(columns) > 1 else sa.null()


def _unit(field: Field) -> Sql:
    """How many of the stored integers make one."""
    return sa.literal_column(str(10 ** places(field)), sa.Numeric())


def places(field: Field) -> int:
    kind: Any = field_type(field.type)
    if field.type == "money":
        from engine.parts.fields.money import currencies_of, places_of

        return places_of(field, currencies_of(field)[0])
    return kind.places_of(field) if hasattr(kind, "places_of") else 0


class _Formula:
    def __init__(self, scope: Scope, entity: str, row: FromClause) -> None:
        self.scope, self.entity, self.row = scope, entity, row

    def sql(self, node: Node) -> Any:
        match node:
            case Literal(value):
                return _literal(value)
            case Name(name):
                return self.named(self.scope.sight.blueprint.entities[self.entity].fields[name])
            case Unary("not", operand):
                return sa.not_(sa.func.coalesce(self.sql(operand), sa.false()))
            case Unary(_, operand):
                return -self.sql(operand)
            case Choose(test, then, otherwise):
                return sa.case((self.sql(test), self.sql(then)), else_=self.sql(otherwise))
            case Binary("in", left, ListOf(items)):
                value = self.sql(left)
                return sa.or_(sa.false(), *(value == self.sql(item) for item in items))
            case Binary("~", left, right):
                return _text(self.sql(left)).concat(_text(self.sql(right)))
            case Binary(operator, left, right):
                return BINARY[operator](self.sql(left), self.sql(right))
            case Call("days_between", (first, last)):
                return self.days(last) - self.days(first)
            case Call(function, arguments):
                return FUNCTIONS[function](*(self.sql(a) for a in arguments))
        raise TypeError(f"Not a part of a formula: {node!r}")

    def named(self, field: Field) -> Sql:
        column = self.scope.columns(field, self.entity, self.row)[0]
        kind = effective(field)
        if kind.type == "yes_no":
            return column == sa.literal_column("1")
        if kind.type in NUMBERS:
            number = sa.type_coerce(column, sa.Numeric())
            return number * ONE / _unit(kind) if places(kind) else number
        return column

    def days(self, node: Node) -> Sql:
        """Whole days since some day; a date is its text, a moment its milliseconds."""
        value = self.sql(node)
        if isinstance(value.type, sa.String):
            return sa.cast(day_number(value), sa.BigInteger())
        return sa.cast(value, sa.BigInteger()) // DAY


class day_number(GenericFunction[Any]):
    """The number of the day that a text `YYYY-MM-DD` names."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(day_number, "sqlite")
def _sqlite_day(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **more)}) - 0.5 AS INTEGER)"


@compiles(day_number, "postgresql")
def _postgres_day(element: Any, compiler: Any, **more: Any) -> str:
    return f"(CAST({compiler.process(element.clauses, **more)} AS DATE) - DATE '1970-01-01')"


def _literal(value: Any) -> Sql:
    if value is None:
        return sa.null()
    if isinstance(value, bool):
        return sa.true() if value else sa.false()
    if isinstance(value, (int, Decimal)):
        return sa.literal_column(f"{value:f}" if isinstance(value, Decimal) else str(value), sa.Numeric())
    return sa.literal(value, sa.Text())


def _text(value: Sql) -> Sql:
    return sa.func.coalesce(value if isinstance(value.type, sa.String) else sa.cast(value, sa.Text()), "", type_=sa.Text())


def _round(value: Sql, digits: Any = None) -> Sql:
    return sa.func.round(sa.cast(value, sa.Numeric()), digits if digits is not None else 0, type_=sa.Numeric())


def _least(*values: Sql) -> Sql:
    return _chosen(lambda a, b: a <= b, *values)


def _most(*values: Sql) -> Sql:
    return _chosen(lambda a, b: a >= b, *values)


def _chosen(better: Callable[[Any, Any], Any], first: Sql, *others: Sql) -> Sql:
    """Empty as soon as one of them is."""
    for other in others:
        first = sa.case((better(first, other), first), (better(other, first), other))
    return first


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a * ONE / sa.func.nullif(b, 0, type_=sa.Numeric()),
    "and": sa.and_,
    "or": sa.or_,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "round": _round,
    "min": _least,
    "max": _most,
    "abs": lambda a: sa.func.abs(a, type_=a.type),
    "if_empty": lambda a, b: sa.func.coalesce(a, b),
    "lower": lambda a: sa.func.lower(a, type_=sa.Text()),
    "upper": lambda a: sa.func.upper(a, type_=sa.Text()),
    "length": lambda a: sa.func.length(a, type_=sa.BigInteger()),
}
