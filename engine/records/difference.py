"""What is different between the shape that was applied and the one that is wanted; a pure comparison, no data.

`was:` carries a name over. It stays in the YAML after the rename, so it counts only while the old name is in the
applied shape and the new one is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from engine.blueprint import Blueprint
from engine.records.shape import EntityShape, FieldShape, Shape

# Stored the same way, so that nothing is to be done.
ALIKE = {"long_text": "text", "user": "reference", "team": "reference", "picture": "file"}
_SCALING = ("places", "currencies")  # options that say what the raw number means


@dataclass(frozen=True, slots=True)
class NewEntity:
    entity: EntityShape


@dataclass(frozen=True, slots=True)
class GoneEntity:
    entity: EntityShape


@dataclass(frozen=True, slots=True)
class RenamedEntity:
    old: EntityShape
    new: EntityShape


@dataclass(frozen=True, slots=True)
class NewField:
    entity: EntityShape  # as wanted; so in all that follow
    field: FieldShape


@dataclass(frozen=True, slots=True)
class GoneField:
    entity: EntityShape
    field: FieldShape


@dataclass(frozen=True, slots=True)
class RenamedField:
    entity: EntityShape
    old: FieldShape
    new: FieldShape


@dataclass(frozen=True, slots=True)
class ConvertedField:
    entity: EntityShape
    old: FieldShape
    new: FieldShape


@dataclass(frozen=True, slots=True)
class NowRequired:
    entity: EntityShape
    old: FieldShape
    new: FieldShape


@dataclass(frozen=True, slots=True)
class NowUnique:
    entity: EntityShape
    old: FieldShape
    new: FieldShape


@dataclass(frozen=True, slots=True)
class Searched:
    """The folded text of a field comes or goes."""

    entity: EntityShape
    old: FieldShape
    new: FieldShape


@dataclass(frozen=True, slots=True)
class RenamedWord:
    """A choice or a stage has another name."""

    entity: EntityShape
    old: FieldShape
    new: FieldShape
    word: str
    to: str


@dataclass(frozen=True, slots=True)
class GoneWord:
    """A choice or a stage is no more; `to` is where the set sends a stage's records."""

    entity: EntityShape
    old: FieldShape
    new: FieldShape
    word: str
    to: str | None


@dataclass(frozen=True, slots=True)
class RenamedRole:
    old: str
    new: str
    label: str


@dataclass(frozen=True, slots=True)
class GoneRole:
    role: str
    label: str


@dataclass(frozen=True, slots=True)
class MovedRole:
    """Reports to another role than before, so that others reach its people's records."""

    label: str
    above: str | None  # the label of the role it reports to now


@dataclass(frozen=True, slots=True)
class ChangedIndexes:
    entity: EntityShape
    added: tuple[str, ...]
    gone: tuple[str, ...]


Change: TypeAlias = (
    NewEntity | GoneEntity | RenamedEntity | NewField | GoneField | RenamedField | ConvertedField | NowRequired
    | NowUnique | Searched | RenamedWord | GoneWord | RenamedRole | GoneRole | MovedRole | ChangedIndexes
)  # fmt: skip


def difference(old: Shape, new: Shape, blueprint: Blueprint) -> tuple[Change, ...]:
    """Every change, in the order in which they are told."""
    before = {name: _before(name, old, blueprint.entities[name].was, new.entities) for name in new.entities}
    return (
        *_of_roles(old, new, blueprint),
        *_of_entities(old, new, before),
        *(c for name, was in before.items() if was for c in _inside(was, new.entities[name], blueprint)),
    )


def _before(name: str, old: Shape, was: str | None, wanted: Mapping[str, object]) -> EntityShape | None:
    if name in old.entities:
        return old.entities[name]
    return old.entities.get(was) if was and was not in wanted else None


def _of_roles(old: Shape, new: Shape, blueprint: Blueprint) -> Iterator[Change]:
    was = {r.was: r for r in blueprint.roles.values() if r.was and r.name not in old.roles}
    for name, label in old.roles.items():
        if name in new.roles:
            continue
        if name in was:
            yield RenamedRole(name, was[name].name, was[name].label)
        else:
            yield GoneRole(name, label)
    names = {old_name: role.name for old_name, role in was.items()}
    for name, above in old.tree.items():
        now = names.get(name, name)
        if now in new.tree and new.tree[now] != names.get(above or "", above):
            yield MovedRole(new.roles[now], new.roles.get(new.tree[now] or ""))


def _of_entities(old: Shape, new: Shape, before: Mapping[str, EntityShape | None]) -> Iterator[Change]:
    kept = {was.name for was in before.values() if was}
    for name, entity in new.entities.items():
        was = before[name]
        if was is None:
            yield NewEntity(entity)
        elif was.name != name:
            yield RenamedEntity(was, entity)
    yield from (GoneEntity(e) for e in old.entities.values() if e.name not in kept)


def _inside(old: EntityShape, new: EntityShape, blueprint: Blueprint) -> Iterator[Change]:
    before = _fields_before(old, new, blueprint)
    kept = {was.name for was in before.values() if was}
    for name, field in new.fields.items():
        was = before[name]
        if was is None:
            yield NewField(new, field)
        else:
            yield from _of_field(new, was, field, blueprint)
    yield from (GoneField(new, f) for f in old.fields.values() if f.name not in kept)
    yield from _of_indexes(old, new)


def _fields_before(old: EntityShape, new: EntityShape, blueprint: Blueprint) -> dict[str, FieldShape | None]:
    fields = blueprint.entities[new.name].fields
    found: dict[str, FieldShape | None] = {}
    for name in new.fields:
        was = fields[name].was
        renamed = old.fields.get(was) if was and was not in new.fields else None
        found[name] = old.fields.get(name) or renamed
    return found


def _of_field(
    entity: EntityShape, old: FieldShape, new: FieldShape, blueprint: Blueprint
) -> Iterator[Change]:
    if old.name != new.name:
        yield RenamedField(entity, old, new)
    if not stored_alike(old, new, blueprint):
        yield from _converted(entity, old, new)
        return
    if old.search != new.search:
        yield Searched(entity, old, new)
    if new.required and not old.required and new.holds_values:
        yield NowRequired(entity, old, new)
    if new.unique and not old.unique:
        yield NowUnique(entity, old, new)
    yield from _of_words(entity, old, new, blueprint)


def _converted(entity: EntityShape, old: FieldShape, new: FieldShape) -> Iterator[Change]:
    if old.holds_values and new.holds_values:
        yield ConvertedField(entity, old, new)
        if new.unique and not old.unique:
            yield NowUnique(entity, old, new)
    else:  # a computed field becomes one that is typed in, or the other way: nothing can be carried over
        yield GoneField(entity, old)
        yield NewField(entity, new)


def stored_alike(old: FieldShape, new: FieldShape, blueprint: Blueprint) -> bool:
    """Whether the columns can be kept as they are, but for their names."""
    if not old.holds_values and not new.holds_values:
        return True
    return _storage(old, blueprint) == _storage(new, blueprint)


def _storage(field: FieldShape, blueprint: Blueprint) -> tuple[object, ...]:
    now = {e.was: e.name for e in blueprint.entities.values() if e.was}
    suffixes = tuple(
        (c.name.removeprefix(field.name), c.kind, _now(now, c.references)) for c in field.columns
    )
    kind = ALIKE.get(field.type, field.type)
    scale = tuple(repr(field.options.get(key)) for key in _SCALING)
    return kind, suffixes, _now(now, field.links_to), scale


def _now(names: Mapping[str, str], entity: str | None) -> str | None:
    return names.get(entity, entity) if entity else None


def _of_words(
    entity: EntityShape, old: FieldShape, new: FieldShape, blueprint: Blueprint
) -> Iterator[Change]:
    if not (old.words and new.words):
        return
    renames = _renames(entity.name, new, blueprint)
    for word in old.words:
        if word in new.words:
            continue
        if renames.get(word) in new.words and renames[word] not in old.words:
            yield RenamedWord(entity, old, new, word, renames[word])
        else:
            yield GoneWord(entity, old, new, word, _gone_to(entity.name, new, word, blueprint))


def _renames(entity: str, field: FieldShape, blueprint: Blueprint) -> dict[str, str]:
    """Old word -> new word, as the set's `was` says."""
    if field.type == "stage":
        flows = (w for w in blueprint.workflows_of(entity) if w.field == field.name)
        return {stage.was: stage.name for flow in flows for stage in flow.stages.values() if stage.was}
    choices = blueprint.entities[entity].fields[field.name].options.get("choices", ())
    return {choice.was: choice.value for choice in choices if choice.was}


def _gone_to(entity: str, field: FieldShape, word: str, blueprint: Blueprint) -> str | None:
    flows = (w for w in blueprint.workflows_of(entity) if w.field == field.name)
    named = (flow.gone[word] for flow in flows if flow.gone and word in flow.gone)
    return next((to for to in named if to in field.words), None)


def _of_indexes(old: EntityShape, new: EntityShape) -> Iterator[Change]:
    """Told only for fields that stay; the indexes of new, renamed and gone ones come and go with them."""
    if old.name != new.name:
        return
    stay = old.fields.keys() & new.fields.keys()
    added = _of_staying(new, old, stay)
    gone = _of_staying(old, new, stay)
    if added or gone:
        yield ChangedIndexes(new, added, gone)


def _of_staying(entity: EntityShape, other: EntityShape, stay: set[str]) -> tuple[str, ...]:
    own = (i for name, i in entity.indexes.items() if other.indexes.get(name) != i and not i.unique)
    return tuple(i.name for i in own if all(c.partition("__")[0] in stay or c == "id" for c in i.columns))
