"""A record's facts in sections, by functions that are made once for a role.

Which fields stand where is known from the blueprint and the role; a page only fills the values in. A row stays the tuple
that the database gave, as in a list; what people typed goes through each type's `html`, which escapes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.blueprint.entities import Entity, Field
from engine.formats import Formats
from engine.markup import escape
from engine.parts import field_type
from engine.parts.derived import effective
from engine.records.columns import Row, Shown, value_of
from engine.web.render import NIL, shown
from engine.words import Speech, speech

Write = Callable[[Row], str]  # the HTML of a field's value in a row; "" when there is none
KEPT = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
UNTOLD = frozenset({"id", "version", "deleted_at"})
ELSEWHERE = frozenset({"stage", "rollup"})  # told at the top, and among the figures
LONG = frozenset({"long_text", "rich_text"})
_NIL = str(NIL)


@dataclass(frozen=True, slots=True)
class Fact:
    """`opened` is its markup up to the value."""

    opened: str
    label: str
    write: Write


@dataclass(frozen=True, slots=True)
class Facts:
    """One section. What is empty stands apart, but in the first."""

    opened: str
    facts: tuple[Fact, ...]
    is_first: bool
    words: Speech

    def of(self, row: Row) -> str:
        told, empty = [self.opened], []
        for fact in self.facts:
            if value := fact.write(row) or (_NIL if self.is_first else ""):
                told.append(f"{fact.opened}{value}</dd></div>")
            else:
                empty.append(fact.label)
        if not empty:
            return "".join([*told, "</dl>\n</section>\n"]) if len(told) > 1 else ""
        labels, left = ", ".join(empty), self.words.say_n("{n} empty", "{n} empty", len(empty))
        rest = f'<details class="facts-empty"><summary>{escape(left)}</summary><p>{labels}</p></details>'
        return "".join([*told, f"</dl>\n{rest}</section>\n"])


def facts_of(entity: Entity, columns: tuple[Shown, ...], formats: Formats) -> tuple[Facts, ...]:
    """The sections of the set's form, then what is worked out, then what the engine keeps."""
    rest = {s.name: s for s in columns if s.name in entity.fields and s.name not in UNTOLD and s.field.type not in ELSEWHERE}
    sections = [(section.label, _taken(rest, section.fields)) for section in entity.form]
    sections.append((speech(formats.language).say("More"), _taken(rest, tuple(name for name in rest if name not in KEPT))))
    sections.append((speech(formats.language).say("Record"), _taken(rest, tuple(rest))))
    made = (_section(label, some, n == 0, formats) for n, (label, some) in enumerate(sections))
    return tuple(section for section in made if section.facts)


def figures_of(label: str, columns: Iterable[Shown], formats: Formats) -> Write:
    """What is added up from what belongs to the record, and its sums of money, as a card; nothing where all is empty."""
    chosen = [(str(escape(one.field.label)), writer(one, formats)) for one in columns if _is_figure(one.field)]
    opened = f'<section class="card figures"><div class="card-head"><h2>{escape(label)}</h2></div><dl class="facts">'

    def write(row: Row) -> str:
        told = [(name, value) for name, write_one in chosen if (value := write_one(row))]
        rows = [f'<div class="fact"><dt>{name}</dt><dd>{value}</dd></div>' for name, value in told]
        return "".join([opened, *rows, "</dl></section>"]) if rows else ""

    return write


def _is_figure(field: Field) -> bool:
    return field.type in ("rollup", "money") or (field.type == "computed" and effective(field).type == "money")


def _taken(rest: dict[str, Shown], names: tuple[str, ...]) -> list[Shown]:
    return [rest.pop(name) for name in names if name in rest]


def _section(label: str, some: list[Shown], is_first: bool, formats: Formats) -> Facts:
    opened = f'<section><div class="facts-head"><h2>{escape(label)}</h2></div>\n<dl class="facts">'
    return Facts(opened, tuple(_fact(one, formats) for one in some), is_first, speech(formats.language))


def _fact(one: Shown, formats: Formats) -> Fact:
    label = str(escape(one.field.label))
    classes = "fact is-long" if one.field.type in LONG else "fact"
    return Fact(f'<div class="{classes}"><dt>{label}</dt><dd>', label, writer(one, formats))


# ---- values


def writer(one: Shown, formats: Formats) -> Write:
    """The function that writes this column of a row."""
    fact = field_type(one.field.type).fact(one.field, formats) if one.late != "links" else None
    if fact is None:
        return _through_its_value(one, formats)
    start, stop = one.start, one.stop
    if stop - start == 1:
        return lambda row: fact(row[start])
    return lambda row: fact(*row[start:stop])


def _through_its_value(one: Shown, formats: Formats) -> Write:
    field: Field = one.field

    def write(row: Row) -> str:
        if row[one.start] is None:
            return ""
        html = shown(field, value_of(one, row), formats)
        return "" if html is NIL else str(html)

    return write


__all__ = ["Facts", "Write", "facts_of", "figures_of", "writer"]
