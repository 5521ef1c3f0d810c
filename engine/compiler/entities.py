"""entities.yaml, second pass: what speaks of other fields, and what people see: title, form, list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.blueprint.conditions import Condition
from engine.blueprint.entities import Entity, Field, ListView, Section
from engine.blueprint.templates import Template
from engine.compiler.conditions import kind_of, read_condition, read_value
from engine.compiler.draft import Draft, frozen, label_from, plural_of
from engine.compiler.fields import UNWRITTEN
from engine.compiler.formulas import field_spot
from engine.compiler.spot import Spot
from engine.compiler.templates import read_template
from engine.parts.registry import field_types

TITLE = "title"  # a column of any list: the record's title, as its reader may know it
MOST_COLUMNS = 7  # of a list that nobody described, beside the stage and the owner
TOO_BIG_FOR_A_LIST = frozenset(
    (
        "children", "references", "long_text", "rich_text", "file", "picture", "place", "tags",
        "rollup",
    )
)  # fmt: skip
NO_DEFAULT = (*UNWRITTEN, "file", "picture")


def settle_children(draft: Draft) -> None:
    """Which reference of the child leads back to its parent."""
    for entity, fields in draft.fields.items():
        for field in tuple(fields.values()):
            if field.type == "children":
                through = _through(draft, entity, field, field_spot(draft, entity, field.name))
                fields[field.name] = replace(field, options=frozen({**field.options, "through": through}))


def _through(draft: Draft, entity: str, field: Field, spot: Spot) -> str | None:
    child = field.options.get("entity")
    if child is None:
        return None
    leading = [f.name for f in draft.fields[child].values() if points_to(f, entity)]
    at = spot.get("through")
    if at is not None and at.word is not None:
        return _named_through(draft, entity, child, at, leading)
    declared = [name for name in leading if name != "owner" and not draft.fields[child][name].system]
    if len(declared) == 1:
        return declared[0]
    if draft.can_judge("entities"):
        _tell_through(draft, entity, child, spot.get("of") or spot, declared)
    return None


def points_to(field: Field, entity: str) -> bool:
    return field.type in ("reference", "reference_any", "user", "team") and (
        field.options.get("entity") == entity
        or entity in field.options.get("entities", ())
        or (field.type == "reference" and field.options.get("entity") is None)  # told at its own line
    )


def _named_through(draft: Draft, entity: str, child: str, spot: Spot, leading: list[str]) -> str | None:
    if spot.word in leading:
        return spot.word
    if draft.can_judge("entities"):
        draft.unknown(spot, spot.word, f"a reference from {child} to {entity}", leading)
    return None


def _tell_through(draft: Draft, entity: str, child: str, spot: Spot, leading: list[str]) -> None:
    if leading:
        message = f"{child} has {len(leading)} references to {entity}: {', '.join(leading)}."
        draft.tell(spot, "missing-key", message, "Say which one with `through`.")
    else:
        message = f"{child} has no reference to {entity}, so it cannot be its child."
        draft.tell(spot, "unknown-name", message, f"Give {child} a field {{type: reference, to: {entity}}}.")


def finish_conditions(draft: Draft) -> None:
    """Conditions on fields and default values: all fields and their kinds are known now."""
    for entity, fields in draft.fields.items():
        for field in tuple(fields.values()):
            if field.source is not None and not field.system and field.name != "owner":
                spot = field_spot(draft, entity, field.name)
                if field.type != "stage":
                    fields[field.name] = _finished(draft, entity, field, spot)


def _finished(draft: Draft, entity: str, field: Field, spot: Spot) -> Field:
    return replace(
        field,
        shown_when=_condition(draft, entity, spot.get("shown_when")),
        required_when=_required_when(draft, entity, field, spot.get("required_when")),
        default=_default(draft, entity, field, spot.get("default")),
        options=frozen({**field.options, **_when(draft, field, spot.get("when"))}),
    )


def _condition(draft: Draft, entity: str, spot: Spot | None) -> Condition | None:
    return read_condition(draft, entity, spot) if spot is not None and spot.node.is_map else None


def _required_when(draft: Draft, entity: str, field: Field, spot: Spot | None) -> Condition | None:
    if spot is not None and field.type in UNWRITTEN:
        message = f"Nobody writes {field.name}, so it cannot be required."
        draft.tell(spot, "no-effect", message, "Remove this key.", at_key=True)
        return None
    return _condition(draft, entity, spot)


def _when(draft: Draft, field: Field, spot: Spot | None) -> dict[str, Any]:
    """`when` of a reference's picker, or of a roll-up: about the records on the other side."""
    other = field.options.get("entity")
    if spot is None or other is None or "when" not in field.options:
        return {}
    return {"when": _condition(draft, other, spot)}


def _default(draft: Draft, entity: str, field: Field, spot: Spot | None) -> Any:
    if spot is None:
        return None
    if field.type in NO_DEFAULT:
        message = f"A field of type {field.type} has no default."
        draft.tell(spot, "no-effect", message, "Remove this key.", at_key=True)
        return None
    return read_value(draft, entity, field, spot)


# ---- what people see


def build_entities(draft: Draft) -> None:
    for name, fields in draft.fields.items():
        spot = draft.section("entities")[name]
        draft.entities[name] = Entity(
            name=name,
            label=draft.titles[name],
            plural=spot.text("plural") or plural_of(draft.titles[name]),
            title=_title(draft, name, spot.get("title")),
            fields=frozen(fields),
            form=_form(draft, name, spot.get("form")),
            list=_list(draft, name, spot.get("list")),
            icon=spot.text("icon") or "file",
            owned=draft.owned[name],
            in_menu=spot.flag("menu", True),
            help=spot.text("help"),
            was=spot.text("was"),
            source=spot.source,
        )


def _title(draft: Draft, entity: str, spot: Spot | None) -> Template:
    if spot is None or spot.word is None:
        name = _title_field(draft, entity)
        return Template(f"{{{{ {name} }}}}", frozenset({name}))
    template = read_template(draft, entity, spot)
    if not template.fields and "{" not in template.text:
        draft.tell(spot, "template", "This title is the same for every record.", 'Name a field, as in "{{ name }}".')
    return template


def _title_field(draft: Draft, entity: str) -> str:
    fields = [field for field in draft.fields[entity].values() if not field.system]
    first = next((field.name for field in fields if field.type == "text"), None)
    return first or next((field.name for field in fields if field.type == "reference_number"), "id")


def writable(field: Field) -> bool:
    return field.type not in UNWRITTEN and not field.system


def _form(draft: Draft, entity: str, spot: Spot | None) -> tuple[Section, ...]:
    if spot is None or not spot.node.is_list:
        return (Section("Details", tuple(f.name for f in draft.fields[entity].values() if writable(f))),)
    seen: set[str] = set()
    before = len(draft.problems)
    sections = [_section(draft, entity, at, seen) for at in spot.each() if at.node.is_map]
    if len(draft.problems) == before:
        _check_required_shown(draft, entity, spot, seen)
    return tuple(section for section in sections if section.fields)


def _section(draft: Draft, entity: str, spot: Spot, seen: set[str]) -> Section:
    kept = []
    for name, at in spot.words("fields"):
        field = draft.field_named(entity, at)
        if field is None or not _fits_a_form(draft, field, at, seen):
            continue
        seen.add(name)
        kept.append(name)
    return Section(spot.text("section") or "Details", tuple(kept))


def _fits_a_form(draft: Draft, field: Field, spot: Spot, seen: set[str]) -> bool:
    if field.name in seen:
        draft.tell(spot, "duplicate", f"{field.name} stands in this form already.", "Remove one of the two.")
        return False
    if writable(field):
        return True
    why = {"stage": "a stage is changed by moving the record", "children": "it is shown beside the form"}
    because = why.get(field.type, "nobody writes it")
    draft.tell(spot, "wrong-value", f"{field.name} cannot stand in a form: {because}.", "Take it out.")
    return False


def _check_required_shown(draft: Draft, entity: str, spot: Spot, seen: set[str]) -> None:
    for field in draft.fields[entity].values():
        if field.required and field.default is None and field.name not in seen and writable(field):
            message = f"{field.name} is required and has no default, but stands in no section of this form."
            draft.tell(spot, "missing-field", message, f"Add {field.name} to a section.")


def _list(draft: Draft, entity: str, spot: Spot | None) -> ListView:
    if spot is None or not spot.node.is_map:
        return ListView(_default_columns(draft, entity), _default_sort(), _default_filters(draft, entity))
    return ListView(
        columns=read_columns(draft, entity, spot.get("columns")) or _default_columns(draft, entity),
        sort=read_sort(draft, entity, spot.get("sort")) or _default_sort(),
        filters=_filters(draft, entity, spot) if spot.get("filters") else _default_filters(draft, entity),
    )


def _default_columns(draft: Draft, entity: str) -> tuple[str, ...]:
    fields = [field for field in draft.fields[entity].values() if not field.system]
    last = [field.name for field in fields if field.type == "stage" or field.name == "owner"]
    first = [f.name for f in fields if f.type not in TOO_BIG_FOR_A_LIST and f.name not in last]
    return (*first[:MOST_COLUMNS], *last)


def _default_sort() -> tuple[tuple[str, bool], ...]:
    return (("created_at", True),)


def _default_filters(draft: Draft, entity: str) -> tuple[str, ...]:
    fields = [field for field in draft.fields[entity].values() if not field.system]
    stages = [field.name for field in fields if field.type == "stage"]
    chosen = [field.name for field in fields if field.type in ("choice", "choices", "role", "team")]
    return (*stages, *chosen, *(["owner"] if draft.owned[entity] else []))


def read_columns(draft: Draft, entity: str, spot: Spot | None) -> tuple[str, ...]:
    kept: list[str] = []
    for word, at in spot.spelled() if spot else ():
        if word == TITLE and TITLE not in draft.fields[entity]:
            kept.append(TITLE)
            continue
        field = field_one_step_away(draft, entity, at, word)
        if field is None:
            continue
        if field.type == "children":
            draft.tell(at, "wrong-value", f"{word} cannot be a column: it is many records.", "Make a roll-up of it.")
        elif word in kept:
            draft.tell(at, "duplicate", f"{word} is a column already.", "Remove one of the two.")
        else:
            kept.append(word)
    return tuple(kept)


def field_one_step_away(draft: Draft, entity: str, spot: Spot, name: str) -> Field | None:
    """`amount`, or `account.industry`; None after telling why not."""
    first, _, rest = name.partition(".")
    field = draft.field_named(entity, spot, first)
    if field is None or not rest:
        return field
    target = field.options.get("entity")
    if field.type not in ("reference", "user", "team"):
        draft.tell(spot, "unknown-name", f'"{first}" is not a reference, so nothing can follow the dot.')
        return None
    return draft.field_named(target, spot, rest) if target else None


def read_sort(draft: Draft, entity: str, spot: Spot | None) -> tuple[tuple[str, bool], ...]:
    kept = []
    for at in spot.each() if spot else ():
        if at.word is None:
            continue
        name = at.word.removeprefix("-")
        field = draft.field_named(entity, at, name)
        if field is not None and _has_order(draft, field, at):
            kept.append((name, at.word.startswith("-")))
    return tuple(kept)


def _has_order(draft: Draft, field: Field, spot: Spot) -> bool:
    part = field_types()[field.type]
    if part.sortable and not part.many and field.type != "children":
        return True
    draft.tell(spot, "wrong-value", f"A list cannot be sorted by {field.name}, a field of type {field.type}.")
    return False


def _filters(draft: Draft, entity: str, spot: Spot) -> tuple[str, ...]:
    named = [draft.field_named(entity, at) for _, at in spot.words("filters")]
    return tuple(dict.fromkeys(field.name for field in named if field is not None))


__all__ = [
    "build_entities", "finish_conditions", "kind_of", "label_from", "points_to", "read_columns", "read_sort",
    "settle_children", "writable",
]  # fmt: skip
