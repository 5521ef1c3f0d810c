"""One search over everything that a person may see: what was found, where it matches, how much more there is.

- Each entity is asked through the door for reading, so rights come before order and counts.
- Newest first; where little is found, words with slips are looked for as what may have been meant (see spelling.py).
- A phone number is found however it is written, a number of a record by its digits, a mail address by any part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from engine.actor import Actor
from engine.blueprint.entities import Field
from engine.folding import fold
from engine.parts import field_type
from engine.records.columns import ID, value_of
from engine.records.database import Connection
from engine.records.query import Query
from engine.records.read import Reads
from engine.records.search import LONGEST, MOST_WORDS

COUNTED = 101  # finds of an entity that are counted
LITTLE = 3  # with fewer finds in all, slips are thought of
MOST_GUESSES = 16  # other spellings that are looked for
AT_ONCE = 2  # spellings of each word, where several have slips
SHOWN = 60  # characters of a long text around its match

Near = tuple[tuple[str, frozenset[str]], ...]
Marked = tuple[tuple[str, bool], ...]  # pieces of a text; True for those that match


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found. `where`: the label and text of a field that matches, when the title does not tell."""

    entity: str
    id: int
    title: Marked
    where: tuple[str, Marked] | None = None

    @property
    def name(self) -> str:
        return "".join(text for text, _ in self.title)


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one entity. `count` stops at COUNTED. `guessed`: it is not spelled as it was typed."""

    entity: str
    hits: tuple[Hit, ...]
    count: int
    guessed: bool = False


def find(reads: Reads, lent: Connection, actor: Actor, text: str, each: int) -> list[Group]:
    """The newest `each` of every entity that has searched fields; what was typed first, then what was guessed."""
    typed = " ".join(text.replace("\0", " ")[:LONGEST].split())
    if not typed:
        return []
    entities = [name for name in reads.blueprint.entities if _is_searched(reads, actor, name)]
    found = [group for name in entities if (group := _group(reads, lent, actor, name, typed, each))]
    if sum(len(group.hits) for group in found) < LITTLE:
        found = [*found, *_guessed(reads, lent, actor, typed, entities, each, found)]
    return found


def _is_searched(reads: Reads, actor: Actor, entity: str) -> bool:
    return reads.sight.may_open(actor, entity) and bool(reads.searched(actor, entity))


def _group(
    reads: Reads, lent: Connection, actor: Actor, entity: str, text: str, each: int, guessed: bool = False
) -> Group | None:
    fields = reads.searched(actor, entity)
    query = Query(entity, ("title", *(field.name for field in fields if field.name != "title")), search=text, limit=each)
    page = reads.page(actor, query, connection=lent)
    if not page.rows:
        return None
    count = len(page.rows)
    if page.next is not None:
        count = reads.count(actor, Query(entity, search=text), COUNTED, connection=lent)
    values = ({shown.name: value_of(shown, row) for shown in page.columns} | {"": row[ID]} for row in page.rows)
    return Group(entity, tuple(_hit(reads, actor, entity, fields, one, text) for one in values), count, guessed)


# ---- what may have been meant


def _guessed(
    reads: Reads, lent: Connection, actor: Actor, typed: str, entities: list[str], each: int, known: list[Group]
) -> Iterator[Group]:
    """Other spellings, the nearest first, until enough is found: what they find is within the actor's scope as ever."""
    met = {(hit.entity, hit.id) for group in known for hit in group.hits}
    guessed: dict[str, list[Hit]] = {}
    more: dict[str, int] = {}
    for text, within in _spellings(reads, lent, typed):
        for name in entities:
            group = _group(reads, lent, actor, name, text, each, True) if name in within else None
            new = [hit for hit in group.hits if (hit.entity, hit.id) not in met] if group else []
            met |= {(hit.entity, hit.id) for hit in new}
            guessed.setdefault(name, []).extend(new)
            more[name] = more.get(name, 0) + (group.count if group and new else 0)
        if sum(map(len, guessed.values())) >= each:
            break
    for name, hits in guessed.items():
        if hits:
            yield Group(name, tuple(hits[:each]), min(max(more[name], len(hits)), COUNTED), True)


def _spellings(reads: Reads, lent: Connection, typed: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The text with one of its words spelled otherwise, and the entities in which that word occurs."""
    words = fold(typed).split()[:MOST_WORDS]
    near: list[Near] = reads.spelling.near(lent, words)
    for each in islice(_changed(words, near), MOST_GUESSES):
        yield " ".join(word for word, _ in each), frozenset.intersection(*(within for _, within in each if within))


def _changed(words: list[str], near: list[Near]) -> Iterator[tuple[tuple[str, frozenset[str]], ...]]:
    """One word spelled otherwise, then several at once."""
    plain = [(word, frozenset[str]()) for word in words]
    for at, found in enumerate(near):
        yield from ((*plain[:at], one, *plain[at + 1 :]) for one in found)
    if sum(map(bool, near)) > 1:
        yield from product(*(found[:AT_ONCE] or [plain[at]] for at, found in enumerate(near)))


# ---- where it matches


def _hit(
    reads: Reads, actor: Actor, entity: str, fields: tuple[Field, ...], values: Mapping[str, Any], text: str
) -> Hit:
    label = reads.blueprint.entities[entity].label
    title = str(values.get("title") or f"{label} {values['']}")
    words = text.split()[:MOST_WORDS]
    marked = marked_in(title, words)
    left = [word for word in words if not _is_marked(title, word)]
    where = _where(reads, actor, fields, values, text, left) if left else None
    return Hit(entity, values[""], marked, where)


def _is_marked(title: str, word: str) -> bool:
    return any(is_match for _, is_match in marked_in(title, [word]))


def _where(
    reads: Reads, actor: Actor, fields: tuple[Field, ...], values: Mapping[str, Any], text: str, words: list[str]
) -> tuple[str, Marked] | None:
    formats = reads.formats(actor)
    for field in fields:
        value = values.get(field.name)
        if value is None or value == ():
            continue
        kind = field_type(field.type)
        shown = kind.show(field, value, formats)
        needles = [kind.needle(field, typed, formats) for typed in (*words, text)]
        found = kind.find(field, value) or ""
        if any(needle and needle in found for needle in needles):
            marked = marked_digits(shown, needles) if field.type == "phone" else marked_in(shown, words)
            return field.label, _around(marked)
    return None


def marked_in(text: str, words: Iterable[str]) -> Marked:
    """The text in pieces; those that one of the words matches are told. Case, accents and widths do not matter."""
    folded, places = _folded(text)
    marks = [False] * len(text)
    for word in words:
        needle = fold(word)
        at = folded.find(needle) if needle else -1
        while at >= 0:
            for place in places[at : at + len(needle)]:
                marks[place] = True
            at = folded.find(needle, at + 1)
    return _pieces(text, marks)


def marked_digits(text: str, needles: Iterable[str | None]) -> Marked:
    """Of a phone number: the digits that were typed, whatever stands between them; a number with its country code
    matches one that is shown without."""
    places = [at for at, c in enumerate(text) if c.isdigit()]
    digits = fold("".join(text[at] for at in places))
    marks = [False] * len(text)
    for needle in needles:
        start = digits.find(needle) if needle else -1
        length = len(needle or "")
        if needle and start < 0:
            national = digits.lstrip("0")
            if national and needle.endswith(national):
                start, length = len(digits) - len(national), len(national)
        if start >= 0:
            for at in range(places[start], places[start + length - 1] + 1):
                marks[at] = True
    return _pieces(text, marks)


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and which character each of its letters comes from."""
    letters, places = [], []
    for at, character in enumerate(text):
        for letter in fold(character) or (" " if character.isspace() else ""):
            letters.append(letter)
            places.append(at)
    return "".join(letters), places


def _pieces(text: str, marks: list[bool]) -> Marked:
    pieces: list[tuple[str, bool]] = []
    for character, is_match in zip(text, marks, strict=True):
        if pieces and pieces[-1][1] is is_match:
            pieces[-1] = (pieces[-1][0] + character, is_match)
        else:
            pieces.append((character, is_match))
    return tuple(pieces)


def _around(marked: Marked) -> Marked:
    """Of a long text only what stands around the first match."""
    if sum(len(text) for text, _ in marked) <= SHOWN * 2:
        return marked
    first = next((n for n, (_, is_match) in enumerate(marked) if is_match), 0)
    before = marked[first - 1][0] if first else ""
    after = marked[first + 1][0] if first + 1 < len(marked) else ""
    start = f"… {before[-SHOWN // 2 :]}" if len(before) > SHOWN // 2 else before
    end = f"{after[:SHOWN]} …" if len(after) > SHOWN else after
    return ((start, False), marked[first], (end, False))


__all__ = ["COUNTED", "Group", "Hit", "Marked", "find", "marked_digits", "marked_in"]
