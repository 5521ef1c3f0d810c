"""The shape of the tables that a blueprint asks for, as plain values that are kept as JSON beside the data.

Alembic sees neither renames nor what a field means; so what was applied is remembered, and the next plan is the
difference between two shapes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from engine.blueprint import Blueprint
from engine.blueprint.entities import Choice, Entity, Field
from engine.records.tables import column_name, described_columns, indexes, is_searched, linked
from engine.records.uses import uses_of, word_uses_of

# Options that say how a value is stored; the others only check or show it.
_KEPT_OPTIONS = ("places", "currency", "currencies", "entity", "entities", "result")


@dataclass(frozen=True, slots=True)
class ColumnShape:
    name: str
    kind: str  # text, integer, real
    references: str | None = None


@dataclass(frozen=True, slots=True)
class FieldShape:
    name: str
    label: str
    type: str
    columns: tuple[ColumnShape, ...] = ()
    links_to: str | None = None  # its values are rows of the table entity__field
    required: bool = False
    unique: bool = False
    search: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()  # the choices or stages it may hold
    uses: tuple[str, ...] = ()  # what of the set speaks of it, in words
    word_uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # and of one of its choices or stages

    @property
    def holds_values(self) -> bool:
        return bool(self.columns or self.links_to)


@dataclass(frozen=True, slots=True)
class IndexShape:
    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class EntityShape:
    name: str
    label: str
    plural: str
    fields: Mapping[str, FieldShape]
    indexes: Mapping[str, IndexShape]

    @property
    def searched(self) -> tuple[str, ...]:
        return tuple(f"{f.name}__find" for f in self.fields.values() if f.search)


@dataclass(frozen=True, slots=True)
class Shape:
    entities: Mapping[str, EntityShape] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)  # name -> label
    tree: Mapping[str, str | None] = field(default_factory=dict)  # role -> the role it reports to


NOTHING = Shape()
Uses: TypeAlias = Mapping[tuple[str, str], tuple[str, ...]]
WordUses: TypeAlias = Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]


def shape_of(blueprint: Blueprint) -> Shape:
    uses, word_uses = uses_of(blueprint), word_uses_of(blueprint)
    entities = {e.name: _entity(e, uses, word_uses) for e in blueprint.entities.values()}
    roles = blueprint.roles.values()
    return Shape(entities, {r.name: r.label for r in roles}, {r.name: r.reports_to for r in roles})


def _entity(entity: Entity, uses: Uses, word_uses: WordUses) -> EntityShape:
    fields = {
        f.name: _field(f, uses.get((entity.name, f.name), ()), word_uses.get((entity.name, f.name), {}))
        for f in entity.fields.values()
    }
    found = {index.name: IndexShape(index.name, index.columns, index.unique) for index in indexes(entity)}
    return EntityShape(entity.name, entity.label, entity.plural, fields, found)


def _field(field: Field, uses: tuple[str, ...], word_uses: Mapping[str, tuple[str, ...]]) -> FieldShape:
    words = _words(field)
    return FieldShape(
        name=field.name,
        label=field.label,
        type=field.type,
        columns=tuple(
            ColumnShape(column_name(field, c), c.kind, c.references) for c in described_columns(field)
        ),
        links_to=field.options["entity"] if linked(field) else None,
        required=field.required,
        unique=field.unique,
        search=is_searched(field),
        options={k: _plain(field.options[k]) for k in _KEPT_OPTIONS if k in field.options},
        words=words,
        uses=uses,
        word_uses={word: word_uses[word] for word in words if word in word_uses},
    )


def _words(field: Field) -> tuple[str, ...]:
    """Roles are told by themselves, with the people who have them."""
    if field.type == "role":
        return ()
    return tuple(c.value for c in field.options.get("choices", field.options.get("stages", ())))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | list) else value


def field_of(shape: FieldShape) -> Field:
    """The field as its type needs it to load values that were stored in the old way."""
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in shape.options.items()}
    choices = tuple(Choice(word, word) for word in shape.words)
    return Field(
        shape.name,
        shape.type,
        shape.label,
        search=shape.search,
        options={**options, "choices": choices, "stages": choices},
    )


def to_json(shape: Shape) -> str:
    return json.dumps(asdict(shape), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Shape:
    read = json.loads(text)
    return Shape({name: _read_entity(e) for name, e in read["entities"].items()}, read["roles"], read["tree"])


def _read_entity(read: dict[str, Any]) -> EntityShape:
    fields = {name: read_field(f) for name, f in read["fields"].items()}
    indexes = {n: IndexShape(i["name"], tuple(i["columns"]), i["unique"]) for n, i in read["indexes"].items()}
    return EntityShape(read["name"], read["label"], read["plural"], fields, indexes)


def read_field(read: dict[str, Any]) -> FieldShape:
    """What was written as JSON by `asdict`."""
    columns = tuple(ColumnShape(**c) for c in read["columns"])
    word_uses = {word: tuple(uses) for word, uses in read.get("word_uses", {}).items()}
    lists = {"words": tuple(read["words"]), "uses": tuple(read["uses"]), "word_uses": word_uses}
    return FieldShape(**{**read, "columns": columns, **lists})
