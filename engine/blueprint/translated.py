"""Which pieces of a blueprint are words, and a blueprint with other ones in their place.

Words are given in the shape of the YAML files: `{"entities": {"deal": {"label": ..., "fields": {"phone": {...}}}}}`. What
they leave out keeps the set's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from engine.blueprint import Blueprint
from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.reports import Report
from engine.blueprint.templates import Template
from engine.blueprint.workflows import Workflow

Words: TypeAlias = Mapping[str, Any]
Engine: TypeAlias = Callable[[str], str]  # how the engine's own labels (Created, Owner) are told


@dataclass(frozen=True, slots=True)
class Part:
    """A collection of pieces: the attribute that holds them, and, of a tuple, the attribute by which one is named.

    With `plain` one piece has a single word, written straight after its name. A piece that is no collection has `one`."""

    attribute: str
    kind: Kind
    named_by: str | None = None
    plain: str | None = None
    one: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """The attributes of a piece that are texts, and the pieces within it, each under the key of the YAML."""

    texts: tuple[str, ...] = ()
    parts: Mapping[str, Part] = field(default_factory=dict)


LABEL = Kind(("label",))
TOLD = Kind(("label", "help"))
PLAIN = Kind()
FIELD = Kind(("label", "help"))  # and its choices
ENTITY = Kind(
    ("label", "plural", "help", "script"),
    {
        "fields": Part("fields", FIELD),
        "form": Part("form", PLAIN, "label", "label"),
        "views": Part("views", LABEL),
        "checks": Part("checks", PLAIN, "name", "refusal"),
    },
)
WORKFLOW = Kind(
    ("label",), {"stages": Part("stages", TOLD), "transitions": Part("transitions", Kind(("label", "refusal", "help")))}
)
SERIES = Kind(("label",), {"measures": Part("measures", LABEL)})
REPORT = Kind(("label", "help"), {"series": Part("series", SERIES), "measures": Part("derived", LABEL)})
TERRITORIES: dict[str, Part] = {}
TERRITORY = Kind(("label",), TERRITORIES)
TERRITORIES["territories"] = Part("territories", TERRITORY, "name")
FORM = Kind(("intro", "consent", "thanks", "button"), {"fields": Part("fields", TOLD, "field")})
WHOLE = Kind(
    (),
    {
        "manifest": Part("manifest", Kind(("title",)), one=True),
        "entities": Part("entities", ENTITY),
        "workflows": Part("workflows", WORKFLOW),
        "rules": Part("rules", LABEL),
        "roles": Part("roles", TOLD),
        "assignments": Part("assignments", TERRITORY),
        "notifications": Part("notifications", Kind(("label", "subject", "text"))),
        "channels": Part("channels", LABEL),
        "reports": Part("reports", REPORT),
        "dashboards": Part("dashboards", Kind(("label",), {"tiles": Part("tiles", LABEL)})),
        "imports": Part("imports", LABEL),
        "capture": Part("captures", Kind(("label",), {"form": Part("form", FORM, one=True)})),
    },
)


def translated(blueprint: Blueprint, words: Words, engine: Engine) -> Blueprint:
    """The same blueprint in other words; a second of work at most, so it is made once and kept."""
    spoken = _replaced(WHOLE, blueprint, words)
    entities = {name: _told(spoken, entity, engine) for name, entity in spoken.entities.items()}
    return replace(spoken, entities=MappingProxyType(entities))


def texts_of(blueprint: Blueprint) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every word that may be translated, with its path."""
    yield from _texts(WHOLE, blueprint, ())


def has_part(piece: Any, part: Part) -> bool:
    return getattr(piece, part.attribute, None) is not None


def pieces_of(piece: Any, key: str, part: Part) -> Mapping[str, Any]:
    """The pieces of a collection by name; with those of what stands in the piece's own place."""
    inner, kind = _unnamed(piece)
    beneath = pieces_of(inner, key, kind.parts[key]) if inner is not None and key in kind.parts else {}
    return {**beneath, **_own_pieces(piece, part)}


def _unnamed(piece: Any) -> tuple[Any, Kind]:
    """The only series of a report has no name: what is said of it is said of the report."""
    return (piece.series.get(""), SERIES) if isinstance(piece, Report) else (None, PLAIN)


def _own_pieces(piece: Any, part: Part) -> Mapping[str, Any]:
    held = getattr(piece, part.attribute, None)
    if held is None or part.one:
        return {}
    if part.named_by is None:
        return {name: one for name, one in held.items() if name}
    return {getattr(one, part.named_by): one for one in held}


def choices_of(piece: Any) -> tuple[Choice, ...]:
    """The words that a field of the set itself offers; stages and roles have their own."""
    if not isinstance(piece, Field) or piece.type not in ("choice", "choices"):
        return ()
    return tuple(piece.options.get("choices", ()))


# ---- words in place of words


def _replaced(kind: Kind, piece: Any, words: Words) -> Any:
    changed: dict[str, Any] = {}
    for name in kind.texts:
        said = words.get(name)
        if said is not None and hasattr(piece, name):
            changed[name] = _in_shape(getattr(piece, name), said)
    for key, part in kind.parts.items():
        if has_part(piece, part):
            changed[part.attribute] = _part_replaced(piece, part, words.get(key) or {}, words)
    if kind is FIELD and words.get("choices"):
        changed["options"] = _options(piece, words["choices"])
    return replace(piece, **changed) if changed else piece


def _in_shape(was: Any, said: Any) -> Any:
    """A template comes as a template."""
    return replace(said, source=was.source) if isinstance(said, Template) and isinstance(was, Template) else said


def _part_replaced(piece: Any, part: Part, words: Words, around: Words) -> Any:
    held = getattr(piece, part.attribute)
    if part.one:
        return _replaced(part.kind, held, words)
    if part.named_by is None:
        told = {name: _one(part, one, words.get(name) if name else around) for name, one in held.items()}
        return MappingProxyType(told)
    return tuple(_one(part, one, words.get(getattr(one, part.named_by))) for one in held)


def _one(part: Part, piece: Any, said: Any) -> Any:
    if not said:
        return piece
    return replace(piece, **{part.plain: said}) if part.plain else _replaced(part.kind, piece, said)


def _options(piece: Field, said: Words) -> Mapping[str, Any]:
    told = tuple(replace(choice, label=said.get(choice.value, choice.label)) for choice in choices_of(piece))
    return MappingProxyType({**piece.options, "choices": told}) if told else piece.options


# ---- what follows from other pieces


def _told(blueprint: Blueprint, entity: Entity, engine: Engine) -> Entity:
    fields = {name: _field_told(blueprint, entity, one, engine) for name, one in entity.fields.items()}
    return replace(entity, fields=MappingProxyType(fields))


def _field_told(blueprint: Blueprint, entity: Entity, one: Field, engine: Engine) -> Field:
    """The engine's own fields in its own words; stages and roles as they are called where they are described."""
    if one.system or (one.name == "owner" and one.source is None):
        one = replace(one, label=engine(one.label))
    if one.type == "stage":
        labels = _stage_labels(blueprint.workflows, entity.name, one.name)
        return replace(one, options=_relabelled(one, "stages", labels))
    if one.type == "role":
        return replace(one, options=_relabelled(one, "choices", {r.name: r.label for r in blueprint.roles.values()}))
    child = one.options.get("child")
    if isinstance(child, Field):
        target = blueprint.entities.get(blueprint.entities[entity.name].fields[one.options["of"]].options["entity"])
        spoken = target.fields.get(child.name, child) if target else child
        return replace(one, options=MappingProxyType({**one.options, "child": spoken}))
    return one


def _stage_labels(workflows: Mapping[str, Workflow], entity: str, name: str) -> dict[str, str]:
    found = [flow for flow in workflows.values() if flow.entity == entity and flow.field == name]
    return {stage.name: stage.label for flow in reversed(found) for stage in flow.stages.values()}


def _relabelled(one: Field, key: str, labels: Mapping[str, str]) -> Mapping[str, Any]:
    told = tuple(replace(choice, label=labels.get(choice.value, choice.label)) for choice in one.options.get(key, ()))
    return MappingProxyType({**one.options, key: told})


# ---- what there is to translate


def _texts(kind: Kind, piece: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for name in kind.texts:
        said = getattr(piece, name, None)
        if said:
            yield (*path, name), said.text if isinstance(said, Template) else said
    for key, part in kind.parts.items():
        if part.one and has_part(piece, part):
            yield from _texts(part.kind, getattr(piece, part.attribute), (*path, key))
        for name, one in pieces_of(piece, key, part).items():
            if part.plain:
                yield (*path, key, name), getattr(one, part.plain)
            elif not (isinstance(one, Field) and (one.system or (one.name == "owner" and one.source is None))):
                yield from _texts(part.kind, one, (*path, key, name))
    for choice in choices_of(piece):
        yield (*path, "choices", choice.value), choice.label


__all__ = [
    "FIELD", "WHOLE", "Kind", "Part", "Words", "choices_of", "has_part", "pieces_of", "texts_of", "translated",
]  # fmt: skip
