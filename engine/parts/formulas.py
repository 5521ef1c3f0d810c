"""What a formula gives: in Python for one record, in SQL for a list, exactly the same on both databases.

1. A number is a whole number of its last decimal place, and how many places it has is known before any value is: + and -
   keep the larger count, * adds them up, / gives six. None has more than six; what is beyond is rounded half to even.
2. Each result is below nine million million million such units either way; what is larger is empty, as is a division by 0.
3. An empty operand makes the result empty. But `if_empty` chooses, `~` joins an empty text as nothing, `and` and `or`
   look at the other side first, and `a if test else b` takes an empty test for no.
4. One walk through the tree serves both: it settles kinds and places, and an algebra does the steps: Plain at once with
   Python's integers, Later as closures for SQLite to call, formula_sql.Sql with PostgreSQL's numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.formulas import Binary, Call, Choose, ListOf, Literal, Name, Node, Unary
from engine.parts.derived import effective
from engine.parts.moments import EPOCH
from engine.parts.registry import field_type

MOST_PLACES = 6
LIMIT = 9 * 10**18  # of 64 bits, with room to see that a sum has gone beyond
DAY = 86_400_000  # milliseconds

# Only letters that have exactly one partner: databases disagree about the others.
_PAIRS = [
    (chr(code), chr(code).lower())
    for code in range(0x41, 0x530)
    if len(chr(code).lower()) == 1
    and chr(code).lower() != chr(code)
    and chr(code).lower().upper() == chr(code)
]
CAPITALS = "".join(upper for upper, _ in _PAIRS)
SMALL = "".join(lower for _, lower in _PAIRS)
_TO_SMALL = str.maketrans(CAPITALS, SMALL)
_TO_CAPITALS = str.maketrans(SMALL, CAPITALS)


def evaluate(field: Field, fields: Mapping[str, Field], values: Mapping[str, Any]) -> Any:
    """The value of a computed field for a record's values; a field that is missing there is empty."""

    def named(other: Field) -> Any:
        kind = effective(other)
        return field_type(kind.type).store(kind, values.get(other.name))[0]

    raw = worked_out(field, fields, Plain(named))
    result = effective(field)
    if result.type == "money":
        raws: tuple[Any, ...] = (raw, _currency(field, fields, values))
        return field_type("money").load(result, raws)
    return field_type(result.type).load(result, (raw,))


def sql(field: Field, fields: Mapping[str, Field], column_of: Callable[[Field], Any]) -> Any:
    """A computed field's raw column; `column_of` gives the first raw column of a field that the formula names.

    On SQLite the connection needs `formula_sql.install`."""
    from engine.parts.formula_sql import formula

    return formula(field, fields, column_of)


def worked_out(field: Field, fields: Mapping[str, Field], algebra: Any) -> Any:
    """The raw result, in the places of the field's own type."""
    result = effective(field)
    term = Walk(fields, algebra).of(field.options["formula"].tree)
    if term.kind == "number":
        return algebra.rounded(term.code, term.places, places_of(result))
    if result.type == "text":
        return algebra.not_blank(algebra.text(term.code, term.kind, term.places))
    return algebra.as_number(term.code) if term.kind == "flag" else term.code


def places_of(field: Field) -> int:
    """How many decimal places the raw integers of a number's type have."""
    field = effective(field)
    if field.type == "money":
        from engine.parts.fields.money import currencies_of, places_of

        return places_of(field, currencies_of(field)[0])
    return getattr(field_type(field.type), "places_of", lambda _: 0)(field)


def _currency(field: Field, fields: Mapping[str, Field], values: Mapping[str, Any]) -> str | None:
    """Of the first amount that the formula names."""
    for name in sorted(field.options["formula"].fields):
        if effective(fields[name]).type == "money" and values.get(name) is not None:
            return values[name].currency
    return field.options.get("currency")


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a formula: number (with its places), flag, text, date, moment, or nothing at all (`none`)."""

    kind: str
    code: Any
    places: int = 0


class Walk:
    """The rules of kinds and places; the compiler has already refused what does not go together."""

    def __init__(self, fields: Mapping[str, Field], algebra: Any) -> None:
        self.fields, self.do = fields, algebra

    def of(self, node: Node) -> Term:
        match node:
            case Literal(value):
                return self.literal(value)
            case Name(name):
                return self.named(self.fields[name])
            case Unary("not", operand):
                return Term("flag", self.do.negated(self.flag(operand)))
            case Unary(_, operand):
                return self.each_way(self.of(operand), self.do.minus)
            case Binary(operator, left, right):
                return self.binary(operator, left, right)
            case Choose(test, then, otherwise):
                first, second = self.alike(self.of(then), self.of(otherwise))
                code = self.do.chosen(self.flag(test), first.code, second.code, first.kind)
                return Term(first.kind, code, first.places)
            case Call(function, arguments):
                return self.call(function, arguments)
        raise TypeError(f"Not a part of a formula: {node!r}")

    def literal(self, value: Any) -> Term:
        if value is None:
            return Term("nothing", self.do.empty("nothing"))
        if isinstance(value, bool):
            return Term("flag", self.do.yes_or_no(value))
        if isinstance(value, str):
            return Term("text", self.do.word(value))
        places = min(max(0, -Decimal(value).as_tuple().exponent), MOST_PLACES)  # type: ignore[operator]
        whole = int(round(Decimal(value), places).scaleb(places))
        return Term("number", self.do.number(whole), places)

    def named(self, field: Field) -> Term:
        kind = effective(field).type
        code = self.do.named(field)
        if kind == "yes_no":
            return Term("flag", self.do.is_one(code))
        if field_type(kind).numeric:
            return Term("number", self.do.exact(code), places_of(field))
        return Term({"date": "date", "datetime": "moment"}.get(kind, "text"), code)

    def flag(self, node: Node) -> Any:
        term = self.of(node)
        return self.do.empty("flag") if term.kind == "nothing" else term.code

    def each_way(self, term: Term, step: Callable[[Any], Any]) -> Term:
        return Term(
            "number", self.do.empty("number") if term.kind == "nothing" else step(term.code), term.places
        )

    def binary(self, operator: str, left: Node, right: Node) -> Term:
        if operator in ("and", "or"):
            return Term("flag", getattr(self.do, f"{operator}_")(self.flag(left), self.flag(right)))
        if operator == "in":
            assert isinstance(right, ListOf)
            return self.within(self.of(left), [self.of(item) for item in right.items])
        first, second = self.of(left), self.of(right)
        if operator == "~":
            return Term(
                "text", self.do.joined(*(self.do.text(t.code, t.kind, t.places) for t in (first, second)))
            )
        if operator in ("+", "-", "*", "/"):
            return self.arithmetic(operator, first, second)
        return self.compared(operator, first, second)

    def compared(self, operator: str, first: Term, second: Term) -> Term:
        first, second = self.alike(first, second)
        return Term("flag", self.do.compared(first.code, second.code, operator, first.kind))

    def within(self, term: Term, items: list[Term]) -> Term:
        code = self.do.yes_or_no(False)
        for item in items:
            code = self.do.or_(code, self.compared("=", term, item).code)
        return Term("flag", code)

    def arithmetic(self, operator: str, first: Term, second: Term) -> Term:
        if "nothing" in (first.kind, second.kind):
            return Term("number", self.do.empty("number"))
        if operator == "*":
            places = first.places + second.places
            drop = max(0, places - MOST_PLACES)
            return Term("number", self.do.times(first.code, second.code, drop), places - drop)
        if operator == "/":
            up = MOST_PLACES + second.places - first.places
            return Term("number", self.do.divided(first.code, second.code, up), MOST_PLACES)
        first, second = self.alike(first, second)
        step = self.do.plus if operator == "+" else self.do.less
        return Term("number", step(first.code, second.code), first.places)

    def alike(self, first: Term, second: Term) -> tuple[Term, Term]:
        """Both of one kind, and numbers with the same places."""
        if first.kind == "nothing":
            first = Term(second.kind, self.do.empty(second.kind), second.places)
        if second.kind == "nothing":
            second = Term(first.kind, self.do.empty(first.kind), first.places)
        places = max(first.places, second.places)
        return self.widened(first, places), self.widened(second, places)

    def widened(self, term: Term, places: int) -> Term:
        if term.kind != "number" or term.places == places:
            return term
        return Term("number", self.do.rounded(term.code, term.places, places), places)

    def call(self, function: str, arguments: tuple[Node, ...]) -> Term:
        terms = [self.of(argument) for argument in arguments]
        first = terms[0]
        if function == "round":
            return self.rounded(first, terms[1:] and arguments[1])
        if function == "abs":
            return self.each_way(first, self.do.size)
        if function in ("min", "max"):
            return self.extreme(function, terms)
        if function == "if_empty":
            first, second = self.alike(first, terms[1])
            return Term(first.kind, self.do.if_empty(first.code, second.code, first.kind), first.places)
        if function == "days_between":
            return Term("number", self.do.days(terms[0], terms[1]))
        if first.kind == "nothing":
            return Term("number" if function == "length" else "text", self.do.empty("text"))
        return Term("number" if function == "length" else "text", getattr(self.do, function)(first.code))

    def rounded(self, term: Term, places: Any) -> Term:
        wanted: Any = places.value if isinstance(places, Literal) else 0
        kept = min(int(wanted), term.places)
        return self.each_way(
            Term(term.kind, term.code, kept), lambda code: self.do.rounded(code, term.places, kept)
        )

    def extreme(self, function: str, terms: list[Term]) -> Term:
        found = terms[0]
        for term in terms[1:]:
            first, second = self.alike(found, term)
            found = Term(
                first.kind, self.do.extreme(first.code, second.code, function, first.kind), first.places
            )
        return found


def kept(number: int) -> int | None:
    """The number, or empty when it is beyond the limit."""
    return number if -LIMIT < number < LIMIT else None


def divided(number: int, by: int) -> int | None:
    """Rounded half to even; empty by nothing."""
    if by == 0:
        return None
    whole, rest = divmod(abs(number), abs(by))
    if 2 * rest > abs(by) or (2 * rest == abs(by) and whole % 2):
        whole += 1
    return kept(whole if (number < 0) == (by < 0) else -whole)


def digits_of(number: int, places: int) -> str:
    return f"{Decimal(number).scaleb(-places):f}"


def clock_of(moment: int) -> str:
    """UTC, for a formula belongs to no reader."""
    return f"{EPOCH + timedelta(milliseconds=moment):%Y-%m-%d %H:%M}"


def lowered(text: str) -> str:
    return text.translate(_TO_SMALL)


def raised(text: str) -> str:
    return text.translate(_TO_CAPITALS)


class Plain:
    """The steps in Python: None is empty, numbers are integers, dates their ISO text, moments milliseconds."""

    def __init__(self, named: Callable[[Field], Any]) -> None:
        self.named = named

    def number(self, value: int) -> int | None:
        return kept(value)

    def word(self, value: str) -> str:
        return value

    def yes_or_no(self, value: bool) -> bool:
        return value

    def empty(self, kind: str) -> None:
        return None

    def exact(self, code: int | None) -> int | None:
        return code

    def is_one(self, code: int | None) -> bool | None:
        return None if code is None else code == 1

    def as_number(self, code: bool | None) -> int | None:
        return None if code is None else int(code)

    def not_blank(self, code: str | None) -> str | None:
        return code or None

    def minus(self, code: int | None) -> int | None:
        return None if code is None else -code

    def size(self, code: int | None) -> int | None:
        return None if code is None else abs(code)

    def plus(self, a: int | None, b: int | None) -> int | None:
        return None if a is None or b is None else kept(a + b)

    def less(self, a: int | None, b: int | None) -> int | None:
        return None if a is None or b is None else kept(a - b)

    def times(self, a: int | None, b: int | None, drop: int) -> int | None:
        return None if a is None or b is None else divided(a * b, 10**drop)

    def divided(self, a: int | None, b: int | None, up: int) -> int | None:
        return None if a is None or b is None else divided(a * 10**up, b)

    def rounded(self, code: int | None, have: int, want: int) -> int | None:
        if code is None or have == want:
            return code
        return kept(code * 10 ** (want - have)) if want > have else divided(code, 10 ** (have - want))

    def negated(self, code: bool | None) -> bool | None:
        return None if code is None else not code

    def and_(self, a: bool | None, b: bool | None) -> bool | None:
        return False if a is False or b is False else None if a is None or b is None else True

    def or_(self, a: bool | None, b: bool | None) -> bool | None:
        return True if a is True or b is True else None if a is None or b is None else False

    def compared(self, a: Any, b: Any, operator: str, kind: str) -> bool | None:
        return None if a is None or b is None else COMPARISONS[operator](a, b)

    def chosen(self, test: bool | None, then: Any, otherwise: Any, kind: str) -> Any:
        return then if test else otherwise

    def extreme(self, a: Any, b: Any, function: str, kind: str) -> Any:
        return None if a is None or b is None else (min if function == "min" else max)(a, b)

    def if_empty(self, a: Any, b: Any, kind: str) -> Any:
        return b if a is None else a

    def days(self, first: Term, last: Term) -> int | None:
        if first.code is None or last.code is None:
            return None
        if first.kind == last.kind == "moment":
            apart = last.code - first.code
            return apart // DAY if apart >= 0 else -(-apart // DAY)
        return _day_number(last) - _day_number(first)

    def text(self, code: Any, kind: str, places: int) -> str | None:
        if code is None or kind in ("text", "date"):
            return code
        if kind == "flag":
            return "Yes" if code else "No"
        return clock_of(code) if kind == "moment" else digits_of(code, places)

    def joined(self, a: str | None, b: str | None) -> str:
        return (a or "") + (b or "")

    def lower(self, code: str | None) -> str | None:
        return None if code is None else lowered(code)

    def upper(self, code: str | None) -> str | None:
        return None if code is None else raised(code)

    def length(self, code: str | None) -> int | None:
        return None if code is None else len(code)


class Later:
    """The same steps as closures that take the raw values of the named fields, in order: for one formula on many rows."""

    def __init__(self, names: Sequence[str]) -> None:
        self.at = {name: number for number, name in enumerate(names)}
        self.plain = Plain(lambda field: None)

    def named(self, field: Field) -> Callable[[tuple[Any, ...]], Any]:
        return itemgetter(self.at[field.name])

    def exact(self, code: Any) -> Any:
        return code

    def days(self, first: Term, last: Term) -> Any:
        a, b, days = first.code, last.code, self.plain.days
        return lambda raw: days(Term(first.kind, a(raw)), Term(last.kind, b(raw)))

    def __getattr__(self, step: str) -> Callable[..., Any]:
        do = getattr(self.plain, step)

        def made(*given: Any) -> Any:
            codes, rest = [g for g in given if callable(g)], [g for g in given if not callable(g)]
            if not codes:
                value = do(*rest)
                return lambda raw: value
            if len(codes) == 1:
                return lambda raw, a=codes[0]: do(a(raw), *rest)
            if len(codes) == 2:
                return lambda raw, a=codes[0], b=codes[1]: do(a(raw), b(raw), *rest)
            return lambda raw: do(*(code(raw) for code in codes), *rest)

        return made


def _day_number(term: Term) -> int:
    if term.kind == "moment":
        return term.code // DAY
    return (date.fromisoformat(term.code) - EPOCH.date()).days


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
