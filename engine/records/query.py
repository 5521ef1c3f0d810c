"""What somebody asks of a list: conditions, search, order, place. Parsed from an address, each value by its field type.

    status=FOLLOW-UP   source.in=Google,Website   amount.above=100   account.industry=Steel   tags.has=vip
    q=asha   sort=-created_at,amount   limit=50   cursor=...   deleted=true   columns=name,status:180   group=source
    where={"any": [{"amount": {"above": 100}}, {"owner": {"is": "me"}}]}   (see where.py)

A field that is hidden from the actor's role reads like one that does not exist.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, AllOf, Condition, Test
from engine.blueprint.entities import Field
from engine.errors import BadRequest, Complaint
from engine.formats import Reading
from engine.parts import field_type, operator, operators
from engine.parts.fields.contract import Unreadable
from engine.parts.registry import view_kinds
from engine.records import where as conditions
from engine.records.sight import Sight, targets_of
from engine.records.where import MOST_TESTS
from engine.words import said

MOST, USUAL = 200, 50  # rows of a page
TOO_MANY = f"At most {MOST_TESTS} filters can be asked for at once."
MOST_SORTS = 4
NARROWEST, WIDEST = 60, 900  # pixels of a column
Sort = tuple[tuple[str, bool], ...]  # (field, largest or newest first)


@dataclass(frozen=True, slots=True)
class Query:
    """`columns` empty: those of the entity's list that the actor may read. `deleted`: what lies in the bin."""

    entity: str
    columns: tuple[str, ...] = ()
    where: Condition | None = None
    search: str | None = None
    sort: Sort = ()
    limit: int = USUAL
    cursor: str | None = None
    deleted: bool = False
    group: str | None = None  # a field, or `field by month`: how a list is divided; it finds the same rows


def parse(sight: Sight, actor: Actor, entity: str, given: Iterable[tuple[str, str]], at: Reading) -> Query:
    """The query that an address means. Raises NotFound for the entity, BadRequest for anything else, all at once."""
    sight.entity(actor, entity)
    asked = _Asked(sight, actor, entity, at)
    for name, text in given:
        asked.take(name, text)
    return asked.query()


class _Asked:
    def __init__(self, sight: Sight, actor: Actor, entity: str, at: Reading) -> None:
        self.sight, self.role, self.entity, self.at = sight, actor.role, entity, at
        self.tests: dict[str, list[str]] = {}
        self.words: dict[str, str] = {}
        self.complaints: list[Complaint] = []
        self.repeated = 0  # tests beyond the first of each filter

    def take(self, name: str, text: str) -> None:
        if name in _WORDS:
            self.words[name] = text
        elif name in looks():
            return  # which view it began as, and what only one kind of view asks: they find the same rows
        elif text.strip():  # a filter's control that was left empty
            if len(self.tests) == MOST_TESTS and name not in self.tests:
                raise BadRequest(TOO_MANY)
            self.tests.setdefault(name, []).append(text)

    def query(self) -> Query:
        tests = [t for name, texts in self.tests.items() if (t := self.told(self.test, name, name, texts))]
        words = {name: self.told(_WORDS[name], name, self, text) for name, text in self.words.items()}
        tests += [nested] if (nested := words.pop("where", None)) is not None else []
        if self.complaints:
            raise BadRequest(" ".join(c.message for c in self.complaints), self.complaints)
        where = AllOf(tuple(tests)) if len(tests) > 1 else (tests[0] if tests else None)
        named = {_NAMES.get(name, name): value for name, value in words.items() if value is not None}
        return Query(self.entity, where=where, **named)

    def told(self, read: Any, name: str, *given: Any) -> Any:
        try:
            return read(*given)
        except (BadRequest, Unreadable) as wrong:
            several = wrong.complaints if isinstance(wrong, BadRequest) else ()
            self.complaints += several or (Complaint(name, wrong.message),)

    def test(self, name: str, texts: list[str]) -> Condition:
        first, *rest = name.split(".")
        field = self.sight.field(self.role, self.entity, first)
        if not rest:
            return self.tested(field, _usual(field, texts), texts)
        if len(rest) == 1 and rest[0] in operators():
            return self.tested(field, rest[0], texts)
        return Test(field.name, "where", self.there(field, rest, texts))

    def there(self, field: Field, rest: list[str], texts: list[str]) -> Condition:
        """A condition on the record that a field points to."""
        if "where" not in field_type(field.type).operators or len(rest) > 2 or len(targets_of(field)) != 1:
            raise BadRequest(said('{label} has no "{rest}" to filter by.', label=field.label, rest='.'.join(rest)[:100]))
        inner = self.sight.field(self.role, targets_of(field)[0], rest[0])
        return self.tested(inner, rest[1] if len(rest) == 2 else _usual(inner, texts), texts)

    def tested(self, field: Field, word: str, texts: list[str]) -> Condition:
        if word not in field_type(field.type).operators or operator(word).takes in ("condition", "stay"):
            raise BadRequest(said('{label} cannot be filtered by "{word}".', label=field.label, word=word[:100]))
        part = operator(word)
        if part.takes == "list":
            return Test(field.name, word, _hashable(part.read(field, _items(texts), self.at)))
        self.repeated += len(texts) - 1
        if self.repeated > MOST_TESTS:  # each is a test of its own, and a database takes only so many
            raise BadRequest(TOO_MANY)
        return _all([Test(field.name, word, _hashable(part.read(field, _flag(part.takes, t), self.at))) for t in texts])

    # ---- the other words of an address

    def nested(self, text: str) -> Condition | None:
        return conditions.read_where(self.sight, self.role, self.entity, text, self.at) if text.strip() else None

    def group(self, text: str) -> str | None:
        if not text.strip():
            return None
        self.sight.field(self.role, self.entity, text.partition(" by ")[0])
        return text

    def search(self, text: str) -> str | None:
        return text.strip() or None

    def sort(self, text: str) -> Sort:
        names = [name for name in text.split(",") if name]
        if len(names) > MOST_SORTS:
            raise BadRequest(said("A list can be sorted by at most {most_sorts} fields.", most_sorts=MOST_SORTS))
        return tuple((self.sorted_by(name.removeprefix("-")), name.startswith("-")) for name in names)

    def sorted_by(self, name: str) -> str:
        field = self.sight.field(self.role, self.entity, name)
        if not field_type(field.type).sortable or field.type in ("children", "references"):
            raise BadRequest(said("A list cannot be sorted by {label}.", label=field.label))
        return name

    def limit(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
            raise BadRequest(said('"{text}" is not a number of rows. Ask for 1 to {most}.', text=text[:20], most=MOST))
        return int(text)

    def columns(self, text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in columns_in(text)))

    def deleted(self, text: str) -> bool:
        if text not in ("true", "false"):
            raise BadRequest(said('"{text}" is neither true nor false.', text=text[:20]))
        return text == "true"

    def cursor(self, text: str) -> str | None:
        return text or None


_WORDS = {
    "q": _Asked.search, "sort": _Asked.sort, "limit": _Asked.limit, "columns": _Asked.columns,
    "deleted": _Asked.deleted, "cursor": _Asked.cursor, "where": _Asked.nested, "group": _Asked.group,
}  # fmt: skip
_NAMES = {"q": "search"}


@cache
def looks() -> frozenset[str]:
    """The words of an address that say how a list looks, and are no filters."""
    return frozenset({"view", *(word for kind in view_kinds().values() for word in kind.words)})


def words() -> frozenset[str]:
    """Every word of an address that is no filter."""
    return looks() | frozenset(_WORDS)


def columns_in(text: str) -> Iterator[tuple[str, int | None]]:
    """`name,status:180`: columns with the width, in pixels, that some of them were given."""
    for one in text.split(","):
        name, _, width = one.partition(":")
        if name:
            given = int(width) if width.isascii() and width.isdigit() and len(width) < 5 else 0
            yield name, min(max(given, NARROWEST), WIDEST) if given else None


def _usual(field: Field, texts: list[str]) -> str:
    known = field_type(field.type).operators
    if len(texts) > 1 and "in" in known:
        return "in"
    return next((word for word in ("is", "has", *known) if word in known), "is")


def _items(texts: list[str]) -> list[str]:
    """Comma between values; a value with a comma in it stands in double quotes."""
    return [item for row in csv.reader(texts) for item in row if item]


def _flag(takes: str, text: str) -> Any:
    return {"true": True, "false": False}.get(text, text) if takes == "flag" else text


def _all(tests: list[Condition]) -> Condition:
    return tests[0] if len(tests) == 1 else AllOf(tuple(tests))


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, set)) else value


def both(one: Condition | None, other: Condition | None) -> Condition:
    """The condition that holds where both hold."""
    return AllOf(tuple(c for c in (one, other) if c is not None and c != ALWAYS))
