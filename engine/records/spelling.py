"""Words that the records hold, so that a word with a slip in it leads to those that were meant.

- The words of the searched texts (names, firms, places; no numbers, no addresses) are read newest first, a few thousand
  rows at a time, when a search finds little: a small set is known at once, a large one after some searches. What is
  written later is read at the next such search.
- A slip is one letter too many, too few, wrong, or two in the wrong order; in words of eight letters and more, two slips,
  unless both the beginning and the end have one.
- Words of records that the reader may not see are in it too. They are only what is looked for within the reader's own
  scope, so they lead nobody to anything; and none is ever shown.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.records.statement import Prepared, prepare
from engine.records.tables import is_searched

if TYPE_CHECKING:
    from engine.blueprint.entities import Entity
    from engine.records.database import Connection
    from engine.records.read import Reads

SHORTEST, LONGEST = 4, 24  # letters of a word that is looked after
TWO_SLIPS = 8  # letters from which on
MOST_WORDS = 300_000
MOST_NEAR = 24
CHUNK = 4_000  # rows read at once
BUDGET = 0.1  # seconds of reading in one search
TEXTS = frozenset({"text"})
_WORD = re.compile(r"[^\W\d_]{3,24}")


class Vocabulary:
    """The words, each with the entities in which it occurs."""

    def __init__(self) -> None:
        self._words: dict[str, frozenset[str]] = {}
        self._sorted: list[str] = []
        self._letters: set[str] = set()

    def __len__(self) -> int:
        return len(self._words)

    def learn(self, entity: str, texts: Iterable[str | None]) -> None:
        new = []
        for text in texts:
            for word in _WORD.findall(text or ""):
                known = self._words.get(word)
                if known is None and len(self._words) >= MOST_WORDS:
                    continue
                if known is None:
                    new.append(word)
                if known is None or entity not in known:
                    self._words[word] = (known or frozenset()) | {entity}
        self._put(new)

    def _put(self, new: Sequence[str]) -> None:
        if len(new) < 50:
            for word in new:
                insort(self._sorted, word)
        else:
            self._sorted = sorted((*self._sorted, *new))
        self._letters.update(*new)

    def near(self, typed: str) -> tuple[tuple[str, frozenset[str]], ...]:
        """What may have been meant, the nearest first, with the entities that hold it: words, and beginnings of words."""
        if not _is_word(typed) or not self._sorted:
            return ()
        found = dict.fromkeys(self._one_slip(typed), 1)
        if len(typed) >= TWO_SLIPS and not found:
            found |= dict.fromkeys(self._two_slips(typed), 2)
        ordered = sorted(found, key=lambda word: (found[word], word not in self._words, -len(word), word))
        return tuple((word, self._entities(word)) for word in ordered[:MOST_NEAR] if word != typed)

    def _one_slip(self, typed: str) -> Iterator[str]:
        for variant in set(_variants(typed, self._letters_like(typed))):
            if variant in self._words or (len(variant) >= len(typed) >= SHORTEST and self._begins(variant)):
                yield variant

    def _letters_like(self, typed: str) -> list[str]:
        plain = typed.isascii()
        return [letter for letter in self._letters if letter.isascii() is plain]

    def _two_slips(self, typed: str) -> Iterator[str]:
        """Among the words that begin or end as it does."""
        for word in self._beginning_as(typed[:3]):
            if slips(typed, word, 2) <= 2:
                yield word
        yield from self._ending_as(typed)

    def _beginning_as(self, start: str) -> Iterator[str]:
        for at in range(bisect_left(self._sorted, start), len(self._sorted)):
            if not self._sorted[at].startswith(start):
                return
            yield self._sorted[at]

    def _ending_as(self, typed: str) -> Iterator[str]:
        """A slip among the first letters, and another anywhere."""
        for start in set(_variants(typed[:4], self._letters_like(typed))):
            for word in self._beginning_as(start) if len(start) > 2 else ():
                if abs(len(word) - len(typed)) <= 2 and slips(typed, word, 2) <= 2:
                    yield word

    def _begins(self, start: str) -> bool:
        return next(self._beginning_as(start), None) is not None

    def _entities(self, word: str) -> frozenset[str]:
        return frozenset[str]().union(*(self._words[one] for one in self._beginning_as(word)))


def _is_word(typed: str) -> bool:
    return SHORTEST <= len(typed) <= LONGEST and typed.isalpha()


def _variants(word: str, letters: Iterable[str]) -> Iterator[str]:
    """Every text one slip away."""
    letters = list(letters)
    for at in range(len(word) + 1):
        start, end = word[:at], word[at:]
        if end:
            yield start + end[1:]
            yield from (start + letter + end[1:] for letter in letters)
        if len(end) > 1:
            yield start + end[1] + end[0] + end[2:]
        yield from (start + letter + end for letter in letters)


def slips(one: str, other: str, most: int) -> int:
    """How many slips lie between two words, a swap of neighbours being one; more than `most` are not counted."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


# ---- where the words come from


@dataclass
class Progress:
    """How far an entity was read: from `newest` down to `oldest`."""

    newest: int = 0
    oldest: int | None = None
    done: bool = False


@dataclass
class Spelling:
    """One for a blueprint and its database, made by its reads."""

    reads: Reads
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    progress: dict[str, Progress] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def near(self, lent: Connection, words: Sequence[str]) -> list[tuple[tuple[str, frozenset[str]], ...]]:
        """What may have been meant by each of the words."""
        if not any(_is_word(word) for word in words):
            return [() for _ in words]
        with self.lock:
            self._catch_up(lent)
            return [self.vocabulary.near(word) for word in words]

    def _catch_up(self, lent: Connection) -> None:
        end = monotonic() + BUDGET
        for entity, columns in _texts(self.reads).items():
            progress = self.progress.setdefault(entity, Progress())
            self._newer(lent, entity, columns, progress)
            while not progress.done and monotonic() < end:
                self._older(lent, entity, columns, progress)

    def _newer(self, lent: Connection, entity: str, columns: tuple[str, ...], progress: Progress) -> None:
        if progress.oldest is None:
            return
        rows = self._read(lent, entity, columns, "newer", progress.newest)
        self._learn(entity, rows)
        progress.newest = max([progress.newest, *(row[0] for row in rows)])

    def _older(self, lent: Connection, entity: str, columns: tuple[str, ...], progress: Progress) -> None:
        rows = self._read(lent, entity, columns, "older", progress.oldest or 2**63 - 1)
        self._learn(entity, rows)
        progress.done = len(rows) < CHUNK
        if rows:
            progress.newest = max(progress.newest, rows[0][0])
            progress.oldest = rows[-1][0]
        progress.oldest = progress.oldest or 0

    def _learn(self, entity: str, rows: Sequence[Sequence[Any]]) -> None:
        self.vocabulary.learn(entity, {text for row in rows for text in row[1:] if isinstance(text, str)})

    def _read(self, lent: Connection, entity: str, columns: tuple[str, ...], way: str, at: int) -> Sequence[Sequence[Any]]:
        prepared = self.reads.kept(("words", entity, way), lambda: self._prepared(entity, columns, way))
        return lent.rows(prepared.statement, {"at": at})

    def _prepared(self, entity: str, columns: tuple[str, ...], way: str) -> Prepared:
        table = self.reads.tables.of(entity)
        edge = sa.bindparam("at", 0, type_=sa.BigInteger())
        where = table.c.id > edge if way == "newer" else table.c.id < edge
        select = sa.select(table.c.id, *(table.c[name] for name in columns)).where(where, table.c.deleted_at.is_(None))
        order = table.c.id.asc() if way == "newer" else table.c.id.desc()
        return prepare(select.order_by(order).limit(CHUNK), self.reads.dialect, [])


def _texts(reads: Reads) -> Mapping[str, tuple[str, ...]]:
    def made() -> Mapping[str, tuple[str, ...]]:
        found = {entity.name: _columns(entity) for entity in reads.blueprint.entities.values()}
        return {name: columns for name, columns in found.items() if columns}

    return reads.kept("words of texts", made)


def _columns(entity: Entity) -> tuple[str, ...]:
    return tuple(f"{f.name}__find" for f in entity.fields.values() if f.type in TEXTS and is_searched(f))


__all__ = ["Spelling", "Vocabulary", "slips"]
