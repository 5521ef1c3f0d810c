"""By which keys a record is known again: normalised texts that an index finds, the same on both databases.

- A key is `what=value`: `phone.phone=+919876543210`. `what` are the fields as the asking rule calls them, so that one
  row of an index serves every rule that asks so, also those of other entities.
- A record keeps keys only where some rule looks for its entity; one that is asked about needs none of its own.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.duplicates import Alike, Among, DuplicateRule, Match, fields_of, parts_of
from engine.blueprint.entities import Entity, Field
from engine.folding import fold
from engine.rules.sounds import sound

VERSION = 1  # of how values become keys; another number makes all keys anew
REMEMBERED = 3000  # records whose keys are at hand: more than a batch
LONGEST = 120  # characters of a key as it is; a longer one is kept as its hash

Values = Mapping[str, Any]
Normal = Callable[[Any], "str | None"]


def _text(value: Any) -> str | None:
    """Without points, dashes and the like; many scripts write their vowels as marks, which stay."""
    said = fold(str(value))
    if not said.isalnum():
        said = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in said)
    return " ".join(said.split()) or None


def _plain(value: Any) -> str | None:
    return str(getattr(value, "id", value))


NORMAL: Mapping[str, Normal] = {"text": _text, "url": _text, "email": lambda v: fold(str(v)) or None, "phone": _plain}


@dataclass(frozen=True, slots=True)
class _Part:
    """`fields` with how each value is made normal; `alike`: they are read as one text."""

    fields: tuple[tuple[str, Normal], ...]
    alike: bool

    def values(self, values: Values) -> list[str]:
        given = [(normal, value) for name, normal in self.fields if (value := values.get(name)) is not None]
        if self.alike:
            return [heard] if (heard := sound(" ".join(str(value) for _, value in given))) else []
        return list(dict.fromkeys(made for normal, value in given if (made := normal(value))))


class Keys:
    """One `match` in the fields of one entity. A record is asked about several times while it is written, and so are all
    of a batch: what their values come to is remembered."""

    def __init__(self, what: str, parts: tuple[_Part, ...]) -> None:
        self.what, self.parts = what, parts
        self.fields = tuple(name for part in parts for name, _ in part.fields)
        simple = len(self.fields) == 1 and not parts[0].alike
        self._of = lru_cache(maxsize=REMEMBERED)(self._made_of_one if simple else self._made)

    def of(self, values: Values) -> tuple[str, ...]:
        return self._of(*map(values.get, self.fields))

    def _made_of_one(self, value: Any) -> tuple[str, ...]:
        """The same for one field that is compared as it is, as most are: three times as quick."""
        made = None if value is None else self.parts[0].fields[0][1](value)
        return (_short(f"{self.what}={made}"),) if made else ()

    def _made(self, *given: Any) -> tuple[str, ...]:
        if not any(value is not None for value in given):
            return ()
        values, found = dict(zip(self.fields, given, strict=True)), [self.what]
        for number, part in enumerate(self.parts):
            mark = "=" if not number else "\x1f"
            found = [f"{start}{mark}{value}" for start in found for value in part.values(values)]
        return tuple(map(_short, found))


def _short(key: str) -> str:
    if len(key) <= LONGEST:
        return key
    return f"{key[:40]}#{hashlib.sha256(key.encode()).hexdigest()}"


def keys_of(match: Match, ours: Mapping[str, Field], theirs: Mapping[str, Field], among: Among | None = None) -> Keys:
    """`ours`: the fields of the rule's entity, which name the key; `theirs`: those of the entity that has the values."""
    what, parts = [], []
    for part in parts_of(match):
        alike = isinstance(part, Alike)
        what.append(("~" if alike else "") + "|".join(f"{name}.{ours[name].type}" for name in part.fields))
        names = [among.theirs(name) if among else name for name in part.fields]
        parts.append(_Part(tuple((name, NORMAL.get(theirs[name].type, _plain)) for name in names), alike))
    return Keys("&".join(what), tuple(parts))


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule with the keys that a new record of its entity is looked for by."""

    rule: DuplicateRule
    keys: tuple[Keys, ...]
    fields: frozenset[str]
    where: Mapping[str, Among]


class Watch:
    """The duplicates of one blueprint, worked out once."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._shared: dict[tuple[Any, ...], Keys] = {}
        self.asked = {e.name: tuple(self._asked(e)) for e in blueprint.entities.values()}
        self.kept = {e.name: tuple(self._kept(e.name)) for e in blueprint.entities.values()}
        # Fields that a key of the record is made from.
        self.fields = {
            name: frozenset(n for keys in kept for part in keys.parts for n, _ in part.fields)
            for name, kept in self.kept.items()
        }
        self.speaks_of = {name: bool(self.asked[name] or self.kept[name]) for name in self.asked}
        self.looked_up = {name: _distinct(keys for one in asked for keys in one.keys) for name, asked in self.asked.items()}
        self.matched = {name: frozenset(f for one in asked for f in one.fields) for name, asked in self.asked.items()}

    def wanted(self, entity: str, values: Values) -> list[str]:
        """What a record with these values is looked for by."""
        if self.matched[entity].isdisjoint(values):  # of a file without telephone numbers every row
            return []
        return [key for keys in self.looked_up[entity] for key in keys.of(values)]

    def keys(self, entity: str, values: Values) -> list[str]:
        """What the index keeps of a record of this entity."""
        if self.fields[entity].isdisjoint(values):
            return []
        return list(dict.fromkeys(key for keys in self.kept[entity] for key in keys.of(values)))

    def made_from(self, entity: str) -> str:
        """Another text when the keys of its records would be others."""
        kept = sorted(
            f"{keys.what} {'&'.join(n for part in keys.parts for n, _ in part.fields)}" for keys in self.kept[entity]
        )
        return f"{VERSION}: {'; '.join(kept)}" if kept else ""

    def _asked(self, entity: Entity) -> Iterator[Asked]:
        for rule in entity.duplicates:
            keys = tuple(self._one(entity.name, keys_of(m, entity.fields, entity.fields)) for m in rule.match)
            fields = frozenset(name for match in rule.match for name in fields_of(match))
            yield Asked(rule, keys, fields, {among.entity: among for among in rule.among})

    def _kept(self, name: str) -> Iterable[Keys]:
        theirs = self.blueprint.entities[name].fields
        found: dict[tuple[Any, ...], Keys] = {}
        for entity in self.blueprint.entities.values():
            for rule in entity.duplicates:
                for among in rule.among:
                    for match in rule.match if among.entity == name else ():
                        keys = keys_of(match, entity.fields, theirs, among)
                        found[keys.what, keys.fields] = self._one(name, keys)
        return found.values()

    def _one(self, entity: str, keys: Keys) -> Keys:
        """The same keys of an entity are one object, which remembers what it made."""
        return self._shared.setdefault((entity, keys.what, keys.fields), keys)


def _distinct(keys: Iterable[Keys]) -> tuple[Keys, ...]:
    return tuple({(one.what, one.fields): one for one in keys}.values())


__all__ = ["Asked", "Keys", "Watch", "keys_of"]
