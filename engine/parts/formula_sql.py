"""A formula as SQL; formulas.py tells the rules.

- PostgreSQL computes with numeric, which is exact and never too small. An operand is written into each step once only: a
  step that wrote it twice would double the text at every level. Sub-selects end in `offset 0`, or the planner would
  write their columns out again.
- SQLite has 64 bits, floats beyond them, and before 3.46 a parser that gives up at twenty brackets. It calls the formula
  as one function in Python, made of closures once, which `install` gives to a connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from engine.blueprint.entities import Field
from engine.blueprint.formulas import Binary, ListOf, Literal, Name, Node, Unary
from engine.parts import formulas
from engine.parts.derived import effective
from engine.parts.formulas import CAPITALS, DAY, LIMIT, SMALL, Later, Term
from engine.parts.registry import field_type

_BIG, _TEXT, _FLAG = sa.BigInteger(), sa.Text(), sa.Boolean()
_KINDS: dict[str, Any] = {"integer": _BIG, "text": _TEXT}
_MADE: dict[str, Callable[[tuple[Any, ...]], Any]] = {}  # by what the formula is made of; a few for each set


def install(connection: sqlite3.Connection) -> None:
    """Gives a SQLite connection the function that computes formulas."""
    connection.create_function("crm_formula", -1, _computed, deterministic=True)


# The rows of a list share most of what formulas look at: a look is 0.3 us where a computation takes 10 to 20.
@lru_cache(16_384, typed=True)
def _computed(key: str, *raw: Any) -> Any:
    return _MADE[key](raw)


def formula(field: Field, fields: Mapping[str, Field], column_of: Callable[[Field], Any]) -> Any:
    """The raw column of a computed field, as the driver should hand it over."""
    result = effective(field)
    kind = _KINDS[field_type(result.type).columns(result)[0].kind]
    names = sorted(field.options["formula"].fields)
    columns = {name: column_of(fields[name]) for name in names}
    exact = formulas.worked_out(field, fields, Sql(lambda named: columns[named.name]))
    if _is_plain(field.options["formula"].tree, fields, 0):
        return sa.type_coerce(sa.cast(exact, kind), kind)
    key = sa.literal_column(f"'{_key(field, fields, names)}'", _TEXT)
    return sa.type_coerce(_Formula(sa.cast(exact, kind), key, *columns.values()), kind)


def _is_plain(node: Node, fields: Mapping[str, Field], depth: int) -> bool:
    """Whether words are only compared, which SQLite does as PostgreSQL does: no call back into Python for each row."""
    if depth > DEEPEST_PLAIN:
        return False
    match node:
        case Name(field):
            return fields[field].type in PLAIN_TYPES
        case Literal(value):
            return isinstance(value, (str, bool))
        case Binary(operator, left, right) if operator in PLAIN_OPERATORS:
            return all(_is_plain(part, fields, depth + 1) for part in (left, right))
        case Unary("not", operand):
            return _is_plain(operand, fields, depth + 1)
        case ListOf(items):
            return len(items) <= MOST_PLAIN and all(_is_plain(item, fields, depth + 1) for item in items)
    return False


DEEPEST_PLAIN, MOST_PLAIN = 4, 8  # before 3.46 SQLite's parser gives up at twenty brackets
PLAIN_TYPES = frozenset({"choice", "stage", "yes_no"})
PLAIN_OPERATORS = frozenset({"=", "!=", "in", "and", "or"})


class _Formula(FunctionElement[Any]):
    """First what PostgreSQL computes, then what SQLite's function is called with."""

    inherit_cache = True


@compiles(_Formula)
def _called(element: Any, compiler: Any, **more: Any) -> str:
    return (
        f"crm_formula({', '.join(compiler.process(clause, **more) for clause in list(element.clauses)[1:])})"
    )


@compiles(_Formula, "postgresql")
def _written(element: Any, compiler: Any, **more: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **more)


def _key(field: Field, fields: Mapping[str, Field], names: list[str]) -> str:
    kinds = [(name, effective(fields[name]).type, formulas.places_of(fields[name])) for name in names]
    tree = repr((field.options["formula"].tree, kinds, effective(field).type, formulas.places_of(field)))
    key = sha256(tree.encode()).hexdigest()[:32]
    if key not in _MADE:
        _MADE[key] = formulas.worked_out(field, fields, Later(names))
    return key


def _step(kind: Any, postgres: str) -> Callable[..., Any]:
    """A piece of SQL with holes for its operands, each of which stands in it once."""

    class step(FunctionElement[Any]):
        type = kind
        inherit_cache = True

    @compiles(step)
    def write(element: Any, compiler: Any, **more: Any) -> str:
        return postgres.format(*(compiler.process(clause, **more) for clause in element.clauses))

    @compiles(step, "sqlite")
    def write_plainly(element: Any, compiler: Any, **more: Any) -> str:
        return write(element, compiler, **more).replace(' collate "C"', "")  # its texts are compared by bytes anyway

    return step


def _kept(number: str) -> Callable[..., Any]:
    """A number that is empty beyond the limit; least and greatest make an empty one the limit, which is empty too."""
    return _step(_BIG, f"nullif(nullif(greatest(least({number}, {LIMIT}), -{LIMIT}), {LIMIT}), -{LIMIT})")


def _halves_to_even(number: str, by: str) -> str:
    return (
        "(select case when 2 * abs(crm_r) > abs(crm_d) or (2 * abs(crm_r) = abs(crm_d) and mod(crm_q, 2) <> 0)"
        " then crm_q + sign(crm_n) * sign(crm_d) else crm_q end from"
        " (select crm_n, crm_d, div(crm_n, crm_d) as crm_q, mod(crm_n, crm_d) as crm_r from"
        f" (select cast({number} as numeric) as crm_n, nullif(cast({by} as numeric), 0) as crm_d offset 0) as crm_a"
        " offset 0) as crm_b)"
    )


_BOTH = (
    "(select case when count(crm_v) = 2 then {}(crm_v{}) end from (values ({{}}), ({{}})) as crm_t(crm_v))"
)

_exact = _step(_BIG, "cast({} as numeric)")
_minus = _step(_BIG, "(-{})")
_size = _step(_BIG, "abs({})")
_plus = _kept("{} + {}")
_less = _kept("{} - {}")
_product = _kept("{} * {}")
_times = _kept(_halves_to_even("{} * {}", "{}"))
_divided = _kept(_halves_to_even("{0} * {2}", "{1}"))
_extremes = {
    (function, text): _step(_TEXT if text else _BIG, _BOTH.format(function, ' collate "C"' if text else ""))
    for function in ("min", "max")
    for text in (False, True)
}
_if_empty = {kind: _step(made, "coalesce({}, {})") for kind, made in (("number", _BIG), ("text", _TEXT))}
_is_one = _step(_FLAG, "({} = 1)")
_as_number = _step(_BIG, "cast({} as integer)")
_digits = _step(_TEXT, "cast({} * {} as text)")
_minute = "timestamp '1970-01-01' + floor({} / 60000) * interval '1 minute'"
_clock = _step(_TEXT, f"to_char({_minute}, 'YYYY-MM-DD HH24:MI')")
_joined = _step(_TEXT, "(coalesce({}, '') || coalesce({}, ''))")
_not_blank = _step(_TEXT, "nullif({}, '')")
_lower = _step(_TEXT, f"translate({{}}, '{CAPITALS}', '{SMALL}')")
_upper = _step(_TEXT, f"translate({{}}, '{SMALL}', '{CAPITALS}')")
_length = _step(_BIG, "cast(length({}) as numeric)")
_day_of_text = _step(_BIG, "cast(cast({} as date) - date '1970-01-01' as numeric)")
_day_of_moment = _step(_BIG, f"floor(cast({{}} as numeric) / {DAY})")
_days_apart = _step(_BIG, f"div(cast({{}} as numeric) - cast({{}} as numeric), {DAY})")
_yes_word = _step(_TEXT, "(case {} when 1 then 'Yes' when 0 then 'No' end)")


def _comparison(sign: str, text: bool) -> Callable[..., Any]:
    return _step(_FLAG, f'(({{}}) collate "C" {sign} ({{}}) collate "C")' if text else f"({{}} {sign} {{}})")


_SIGNS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_COMPARISONS = {(sign, text): _comparison(_SIGNS[sign], text) for sign in _SIGNS for text in (False, True)}
_EMPTY = {"number": "cast(null as numeric)", "text": "cast(null as text)", "date": "cast(null as text)"} | {
    "moment": "cast(null as bigint)",
    "flag": "(cast(null as integer) = 1)",
    "nothing": "cast(null as text)",
}


class Sql:
    """The same steps as `formulas.Plain`, on columns of PostgreSQL."""

    def __init__(self, named: Callable[[Field], Any]) -> None:
        self.named = named

    def number(self, value: int) -> Any:
        whole = formulas.kept(value)
        return (
            self.empty("number")
            if whole is None
            else _exact(sa.literal_column(f"({whole})" if whole < 0 else str(whole)))
        )

    def word(self, value: str) -> Any:
        return sa.literal(value, _TEXT)

    def yes_or_no(self, value: bool) -> Any:
        return sa.literal_column("(1 = 1)" if value else "(1 = 0)", _FLAG)

    def empty(self, kind: str) -> Any:
        return sa.literal_column(
            _EMPTY[kind], _FLAG if kind == "flag" else _BIG if kind in ("number", "moment") else _TEXT
        )

    def exact(self, code: Any) -> Any:
        return _exact(code)

    def is_one(self, code: Any) -> Any:
        return _is_one(code)

    def as_number(self, code: Any) -> Any:
        return _as_number(code)

    def not_blank(self, code: Any) -> Any:
        return _not_blank(code)

    def minus(self, code: Any) -> Any:
        return _minus(code)

    def size(self, code: Any) -> Any:
        return _size(code)

    def plus(self, a: Any, b: Any) -> Any:
        return _plus(a, b)

    def less(self, a: Any, b: Any) -> Any:
        return _less(a, b)

    def times(self, a: Any, b: Any, drop: int) -> Any:
        return _times(a, b, _unit(drop)) if drop else _product(a, b)

    def divided(self, a: Any, b: Any, up: int) -> Any:
        return _divided(a, b, _unit(up))

    def rounded(self, code: Any, have: int, want: int) -> Any:
        if have == want:
            return code
        if want > have:
            return _product(code, _unit(want - have))
        return _divided(code, _unit(have - want), _unit(0))

    def negated(self, code: Any) -> Any:
        return sa.not_(code)

    def and_(self, a: Any, b: Any) -> Any:
        return sa.and_(a, b)

    def or_(self, a: Any, b: Any) -> Any:
        return sa.or_(a, b)

    def compared(self, a: Any, b: Any, operator: str, kind: str) -> Any:
        if kind == "flag":
            a, b = _as_number(a), _as_number(b)
        return _COMPARISONS[operator, kind in ("text", "date", "nothing")](a, b)

    def chosen(self, test: Any, then: Any, otherwise: Any, kind: str) -> Any:
        return sa.case((test, then), else_=otherwise)

    def extreme(self, a: Any, b: Any, function: str, kind: str) -> Any:
        if kind == "flag":
            return _is_one(_extremes[function, False](_as_number(a), _as_number(b)))
        return _extremes[function, kind in ("text", "date", "nothing")](a, b)

    def if_empty(self, a: Any, b: Any, kind: str) -> Any:
        if kind == "flag":
            return _is_one(_if_empty["number"](_as_number(a), _as_number(b)))
        return _if_empty["number" if kind in ("number", "moment") else "text"](a, b)

    def days(self, first: Term, last: Term) -> Any:
        if "nothing" in (first.kind, last.kind):
            return self.empty("number")
        if first.kind == last.kind == "moment":
            return _days_apart(last.code, first.code)
        return _less(_day(last), _day(first))

    def text(self, code: Any, kind: str, places: int) -> Any:
        if kind == "number":
            return _digits(code, sa.literal_column(f"{10.0**-places:.{places}f}"))
        if kind == "flag":
            return _yes_word(_as_number(code))
        return _clock(_exact(code)) if kind == "moment" else code

    def joined(self, a: Any, b: Any) -> Any:
        return _joined(a, b)

    def lower(self, code: Any) -> Any:
        return _lower(code)

    def upper(self, code: Any) -> Any:
        return _upper(code)

    def length(self, code: Any) -> Any:
        return _length(code)


def _unit(places: int) -> Any:
    return sa.literal_column(str(10**places))


def _day(term: Term) -> Any:
    return _day_of_moment(term.code) if term.kind == "moment" else _day_of_text(term.code)
