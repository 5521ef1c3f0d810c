"""Kept views go along when an entity's field, a choice, a stage or a role gets another name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from engine.records.database import Connection
from engine.records.difference import Change, RenamedEntity, RenamedField, RenamedRole, RenamedWord
from engine.records.rows import change, rows
from engine.records.shape import Shape


@dataclass(frozen=True, slots=True)
class Renames:
    """By their old names; entities of fields and words are the old ones too."""

    before: Shape
    entities: Mapping[str, str]
    fields: Mapping[tuple[str, str], str]
    words: Mapping[tuple[str, str, str], str]
    roles: Mapping[str, str]

    @classmethod
    def of(cls, before: Shape, changes: Iterable[Change]) -> Renames:
        every = tuple(changes)
        entities = {c.old.name: c.new.name for c in every if isinstance(c, RenamedEntity)}
        was = {new: old for old, new in entities.items()}
        return cls(
            before,
            entities,
            {(was.get(c.entity.name, c.entity.name), c.old.name): c.new.name for c in every if isinstance(c, RenamedField)},
            {
                (was.get(c.entity.name, c.entity.name), c.old.name, c.word): c.to
                for c in every
                if isinstance(c, RenamedWord)
            },
            {c.old: c.new for c in every if isinstance(c, RenamedRole)},
        )


def carry_views(connection: Connection, renames: Renames) -> None:
    """After the entities were renamed in the table itself; inside the caller's transaction."""
    if renames.fields or renames.words:
        _carry_content(connection, renames)
    for old, new in renames.roles.items():
        text = "update crm_saved_view set shared_with = ? where shared = 'role' and shared_with = ?"
        change(connection, text, (new, old))


def _carry_content(connection: Connection, renames: Renames) -> None:
    was = {new: old for old, new in renames.entities.items()}
    for table, key, columns in _TABLES:
        for *keys, entity, text in rows(connection, f"select {columns} from {table}"):
            old = was.get(entity) or entity
            carried = orjson.dumps(_content(renames, old, orjson.loads(text))).decode() if entity else text
            if carried != text:
                where = " and ".join(f"{name} = ?" for name in key.split(", "))
                column = columns.rpartition(", ")[2]
                change(connection, f"update {table} set {column} = ? where {where}", (carried, *_key(key, keys, entity)))


_TABLES = (
    ("crm_saved_view", "id", "id, entity, query"),
    ("crm_habit", '"user", entity', '"user", entity, habits'),
)


def _key(key: str, keys: list[Any], entity: str) -> tuple[Any, ...]:
    return (*keys, entity) if "entity" in key else tuple(keys)


def _content(renames: Renames, entity: str, content: dict[str, Any]) -> dict[str, Any]:
    made = dict(content)
    if "where" in content:
        made["where"] = _tree(renames, entity, content["where"])
    if "columns" in content:
        made["columns"] = [[_column(renames, entity, name), width] for name, width in content["columns"]]
    if "sort" in content:
        made["sort"] = [
            f"{'-' if sort.startswith('-') else ''}{_field(renames, entity, sort.removeprefix('-'))}"
            for sort in content["sort"]
        ]
    if content.get("group"):
        name, by, size = content["group"].partition(" by ")
        made["group"] = f"{_field(renames, entity, name)}{by}{size}"
    if "options" in content:
        made["options"] = {key: _option(renames, entity, one) for key, one in content["options"].items()}
    return made


def _option(renames: Renames, entity: str, one: Any) -> Any:
    return [_field(renames, entity, word) for word in one] if isinstance(one, list) else _field(renames, entity, one)


def _field(renames: Renames, entity: str, name: Any) -> Any:
    return renames.fields.get((entity, name), name) if isinstance(name, str) else name


def _column(renames: Renames, entity: str, name: str) -> str:
    first, dot, rest = name.partition(".")
    there = _target(renames, entity, first) if dot else None
    return f"{_field(renames, entity, first)}{dot}{_field(renames, there, rest) if there else rest}"


def _target(renames: Renames, entity: str, field: str) -> str | None:
    """The entity that a reference, or a list of children, leads to."""
    of = renames.before.entities.get(entity)
    found = of.fields.get(field) if of else None
    if found is None:
        return None
    return {"user": "user", "team": "team"}.get(found.type) or found.options.get("entity")


def _tree(renames: Renames, entity: str, tree: Any) -> Any:
    return {_field(renames, entity, name): _asked(renames, entity, name, one) for name, one in tree.items()}


def _asked(renames: Renames, entity: str, name: str, one: Any) -> Any:
    if name in ("any", "all"):
        return [_tree(renames, entity, part) for part in one]
    if name == "not":
        return _tree(renames, entity, one)
    return {word: _operand(renames, entity, name, word, value) for word, value in one.items()}


def _operand(renames: Renames, entity: str, name: str, word: str, value: Any) -> Any:
    if word in ("where", "some", "none"):
        there = _target(renames, entity, name)
        return _tree(renames, there, value) if there else value
    if isinstance(value, list):
        return [_operand(renames, entity, name, word, one) for one in value]
    if isinstance(value, dict):  # a stage with a span of time
        return {renames.words.get((entity, name, key), key): one for key, one in value.items()}
    return renames.words.get((entity, name, value), value) if isinstance(value, str) else value


__all__ = ["Renames", "carry_views"]
