"""What the operators share: reading what a field is compared with, and its raw form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from engine.blueprint.conditions import Word
from engine.blueprint.entities import Field
from engine.blueprint.values import FileRef, Money, Place, Ref
from engine.formats import Formats, Reading
from engine.parts import words
from engine.parts.derived import effective
from engine.parts.fields.contract import FieldType, Unreadable
from engine.parts.moments import DAY, MILLISECOND, date_in, start_of
from engine.parts.refusals import is_blank, said
from engine.parts.registry import field_type
from engine.parts.sql import and_, false, is_select
from engine.words import said as sentence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

NOBODY = Reading(Formats(), datetime(2000, 1, 1, tzinfo=UTC))  # for what is read once for all readers


def operand(field: Field, given: Any, at: Reading | None) -> Any:
    """A value of the field's type, a Word, or, for a date and time, a whole day. Raises Unreadable."""
    field = _unbounded(effective(field))
    if isinstance(given, Word):
        given = given.text
    if is_blank(given):
        raise Unreadable(sentence("There is nothing to compare with. To find empty values write empty: true."))
    if isinstance(given, str) and (word := _word(field, " ".join(given.split()).lower())):
        return word
    if field.type == "datetime" and (day := _day(given)):
        return day
    if field.type == "datetime" and at is None and isinstance(given, str):
        return _moment_for_all(field, given)
    return _one(field, given, at or NOBODY)


def _unbounded(field: Field) -> Field:
    """Comparing with a value that the field may not hold is no mistake."""
    return replace(
        field, options={key: kept for key, kept in field.options.items() if key not in ("least", "most")}
    )


def _word(field: Field, text: str) -> Word | None:
    if field.type == "user" or field.options.get("entity") == "user":  # one person, or several
        return Word(text) if text in words.PEOPLE else None
    if field.type == "team":
        return Word(text) if text == "my team" else None
    return Word(text) if field.type in ("date", "datetime") and words.is_point(text) else None


def _day(given: Any) -> date | None:
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    if not isinstance(given, str) or ":" in given or len(given) > 40:
        return None
    return date_in(given.strip())


def _moment_for_all(field: Field, given: str) -> datetime:
    moment = field_type("datetime").read(field, given, NOBODY)
    if not given.strip().endswith("Z") and "+" not in given[10:] and "-" not in given[10:]:
        raise Unreadable(sentence(
            "{given} does not say in which zone. Add Z or an offset such as +05:30.", given=said(given)
        ))
    return moment


def _one(field: Field, given: Any, at: Reading) -> Any:
    kind = field_type(field.type)
    if not kind.many:
        return kind.read(field, given, at)
    if isinstance(given, (list, tuple)):
        raise Unreadable(sentence("{given} is a list. Give one value.", given=said(given)))
    read = kind.read(field, [given], at)
    if not read or len(read) != 1:
        raise Unreadable(sentence("{given} is not one value. Give one.", given=said(given)))
    return read[0]


def resolved(field: Field, value: Any, at: Reading, end_of_day: bool = False) -> Any:
    """The operand without Words. A whole day, where a moment is compared, means its first moment or its last."""
    made = words.resolve(value, at) if isinstance(value, Word) else value
    kind = effective(field).type
    if kind == "datetime" and isinstance(made, date) and not isinstance(made, datetime):
        zone = at.formats.zoneinfo
        return start_of(made + DAY, zone) - MILLISECOND if end_of_day else start_of(made, zone)
    if kind == "date" and isinstance(made, datetime):
        return made.astimezone(at.formats.zoneinfo).date()
    return made


def raw_of(field: Field, value: Any) -> tuple[Any, ...]:
    """The raw columns of a plain operand."""
    field = effective(field)
    return field_type(field.type).store(field, value)


def comparable(value: Any) -> Any:
    """What two values are compared by: a record by its id, whether its title is known or not."""
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, (FileRef, Place)):
        return repr(value)
    return value


def same(field: Field, have: Any, value: Any) -> bool:
    """Whether a value that is there equals the operand, or one of a set of ids that was put in its place."""
    if isinstance(value, (frozenset, set)):
        return comparable(have) in value
    if isinstance(have, Ref) and isinstance(value, Ref):
        return (have.entity, have.id) == (value.entity, value.id)
    return value is not None and comparable(have) == comparable(value)


def equals(field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
    """Never null where the columns are not: `value` is a plain one, a subquery of ids, a set of ids, or None for nobody."""
    if value is None:
        return false()
    if is_select(value):
        return columns[0].in_(value)
    if isinstance(value, (frozenset, set)):
        return columns[0].in_(sorted(value)) if value else false()
    raw = raw_of(field, value)
    return and_(*(column == part for column, part in zip(columns, raw, strict=False)))


def same_currency(
    field: Field, columns: tuple[ColumnElement[Any], ...], value: Any
) -> Iterable[ColumnElement[bool]]:
    """Amounts of different currencies are not compared."""
    if isinstance(value, Money) and len(raw := raw_of(field, value)) > 1:
        yield columns[1] == raw[1]


def compares(have: Any, value: Any) -> bool:
    """Whether both are there and of one currency, so that one may be larger."""
    if have is None or value is None:
        return False
    return not isinstance(have, Money) or have.currency == value.currency


def shown(field: Field, value: Any, formats: Formats) -> str:
    """An operand in a sentence."""
    if isinstance(value, Word):
        return value.text
    field = effective(field)
    kind: FieldType = field_type(field.type)
    if field.type == "datetime" and isinstance(value, date) and not isinstance(value, datetime):
        kind = field_type("date")
    if kind.many:
        value = (value,)
    return kind.show(field, value, formats)
