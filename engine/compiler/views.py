"""entities.yaml, `views`: the views that come with the set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.blueprint.conditions import ALWAYS, NEVER, Condition, tests_in
from engine.blueprint.entities import Entity
from engine.blueprint.views import View
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft, frozen, label_from, rule_of_names, tidy_name
from engine.compiler.entities import read_columns, read_sort
from engine.compiler.reports import read_group
from engine.compiler.schemas import LOOKS
from engine.compiler.spot import Spot
from engine.parts.fields.contract import Unreadable
from engine.parts.registry import view_kinds
from engine.parts.views.contract import ViewKind

EVERYTHING = "all"  # the view without a question, which every entity has


def build_views(draft: Draft) -> None:
    for name, entity in tuple(draft.entities.items()):
        spot = draft.section("entities").get(name)
        views = spot.get("views") if spot is not None else None
        if views is not None and views.node.is_map:
            made = {key: _view(draft, entity, key, at) for key, at in views.items() if at.node.is_map}
            draft.entities[name] = replace(entity, views=frozen({k: v for k, v in made.items() if v is not None}))
            _check_defaults(draft, views, draft.entities[name])


def _view(draft: Draft, entity: Entity, name: str, spot: Spot) -> View | None:
    kind = view_kinds().get(spot.text("kind") or "list")
    if kind is None:
        return None
    _check_name(draft, name, spot)
    _check_suits(draft, entity, kind, spot)
    _check_keys(draft, kind, spot)
    when = spot.get("when")
    view = View(
        name=name,
        label=spot.text("label") or label_from(name),
        kind=kind.word,
        when=read_condition(draft, entity.name, when) if when else ALWAYS,
        columns=read_columns(draft, entity.name, spot.get("columns")),
        sort=read_sort(draft, entity.name, spot.get("sort")),
        group=_group(draft, entity, spot.get("group")),
        options=_options(draft, entity, kind, spot),
        roles=_roles(draft, spot),
        pinned=spot.flag("pinned"),
        default=spot.flag("default"),
        was=spot.text("was"),
        source=spot.source,
    )
    _check_rights(draft, entity, kind, view, spot)
    return view


def _check_name(draft: Draft, name: str, spot: Spot) -> None:
    wrong = rule_of_names(name)
    if wrong is None and name == EVERYTHING:
        wrong = "this is the name of the list with everything"
    if wrong is not None:
        hint = f'Write "{tidy_name(name)}".' if name != EVERYTHING else "Choose another name."
        draft.tell(spot, "bad-name", f'"{name}" cannot name a view: {wrong}.', hint, at_key=True)


def _check_suits(draft: Draft, entity: Entity, kind: ViewKind, spot: Spot) -> None:
    if not kind.suits(entity):
        message = f"{entity.name} cannot be looked at as a {kind.label.lower()}."
        draft.tell(spot.get("kind") or spot, "contradiction", message, "Choose another kind.")


def _check_keys(draft: Draft, kind: ViewKind, spot: Spot) -> None:
    """A key that this kind would pass over."""
    homes = {key: word for word, other in view_kinds().items() for key in other.schema}
    for key, at in spot.items():
        if key in LOOKS and key not in kind.common:
            draft.tell(at, "no-effect", f"A {kind.label.lower()} has no {key} of its own.", "Take it out.", at_key=True)
        elif key in homes and key not in kind.schema and spot.get("kind") is None:
            message = f'"{key}" is said of a {homes[key]}, and this is a list.'
            draft.tell(at, "no-effect", message, f"Write kind: {homes[key]}.", at_key=True)


def _group(draft: Draft, entity: Entity, spot: Spot | None) -> str | None:
    if spot is None or spot.word is None or not read_group(draft, entity.name, spot, "A view"):
        return None
    field = draft.fields[entity.name][spot.word.partition(" by ")[0].strip()]
    if field.type in ("choices", "tags", "references"):
        draft.tell(spot, "wrong-value", f"A view cannot group by {field.name}: a record has several of them.")
        return None
    return spot.word


def _options(draft: Draft, entity: Entity, kind: ViewKind, spot: Spot) -> Mapping[str, Any]:
    given = {key: at for key in kind.schema if (at := spot.get(key)) is not None}
    named = [_names_fields(draft, entity, kind.schema[key], at) for key, at in given.items()]
    known = all(named)  # after all were looked at: each slip is told
    try:
        return frozen(kind.read(entity, {key: at.node.data() for key, at in given.items()}) if known else {})
    except Unreadable as problem:
        draft.tell(next(iter(given.values()), spot), "wrong-value", str(problem))
        return frozen({})


def _names_fields(draft: Draft, entity: Entity, schema: Mapping[str, Any], spot: Spot) -> bool:
    if not schema.get("x-field"):
        return True
    named = list(spot.each()) if spot.node.is_list else [spot]
    found = [draft.field_named(entity.name, at) for at in named]
    return None not in found


# ---- whose it is


def _roles(draft: Draft, spot: Spot) -> frozenset[str]:
    return frozenset(role for _, at in spot.words("roles") if (role := draft.role_named(at)))


def _check_rights(draft: Draft, entity: Entity, kind: ViewKind, view: View, spot: Spot) -> None:
    """A role that a view is given to must be able to ask its question."""
    asked = {*_asked(view.when), *((view.group.partition(" by ")[0],) if view.group else ()), *kind.fields(view.options)}
    for _, at in spot.words("roles"):
        role = draft.roles.get(at.word or "")
        rights = role.rights.get(entity.name) if role else None
        if role is None:
            continue
        if rights is None or rights.read == NEVER:
            draft.tell(at, "contradiction", f"{role.name} may not read {entity.name}.", "Take it out, or give the right.")
        elif hidden := sorted(asked & rights.hidden):
            message = f"This view asks about {hidden[0]}, which is hidden from {role.name}."
            draft.tell(at, "contradiction", message, "Take it out, or ask about something else.")


def _asked(condition: Condition) -> set[str]:
    return {test.field for test in tests_in(condition)}


def _check_defaults(draft: Draft, spot: Spot, entity: Entity) -> None:
    """What a role sees first is one view: one that names the role, or else one for everybody."""
    taken: dict[str, str] = {}
    for name, view in entity.views.items():
        for role in sorted(view.roles) or [""]:
            if view.default and role in taken:
                at = spot.get(name)
                whom = f"for {role} " if role else ""
                message = f"{taken[role]} is what is seen first {whom}already."
                draft.tell((at and at.get("default")) or spot, "contradiction", message, "Only one view can be.")
            if view.default:
                taken.setdefault(role, name)


__all__ = ["EVERYTHING", "build_views"]
