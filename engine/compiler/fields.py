"""entities.yaml, first pass: each entity's fields with the options of their types.

What reads other fields (conditions, formulas, roll-ups, defaults) waits until all fields are known: `entities`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.blueprint.conditions import Word
from engine.blueprint.entities import SYSTEM_FIELDS, Choice, Field
from engine.compiler.draft import Draft, frozen, label_from, rule_of_names, tidy_name
from engine.compiler.spot import Spot
from engine.parts.currencies import digits
from engine.parts.registry import field_types
from engine.words import said as sentence

ROUTES = frozenset(
    (
        "api", "login", "logout", "me", "password", "static", "admin", "forms", "hooks", "healthz", "readyz", "metrics",
        "search", "help",
        "design", "notices", "dashboards", "reports", "bin", "files", "go", "assignments", "calendar", "today", "palette",
    )
)  # fmt: skip
RESERVED_FIELDS = frozenset((*SYSTEM_FIELDS, "any", "all", "not", "chain"))
ENGINES_OWN = frozenset(("stage", "id"))  # types of fields that no set writes
ON_OWNER = frozenset(("label", "help"))
NAMES_ELSEWHERE = object()  # a key whose meaning is kept under another: `to` becomes `entity`
SHAPES: Mapping[str, Any] = {"integer": int, "number": (int, float), "string": str, "boolean": bool, "array": list}
NEEDED = {"user": ["name", "email", "role", "team", "teams", "manager", "active"], "team": ["name"]}
# Of these a person does not write the value.
UNWRITTEN = frozenset(("computed", "rollup", "children", "reference_number", "stage"))


def build_fields(draft: Draft) -> None:
    """Every entity and field by name, so that anything may then be named from anywhere."""
    for name, spot in draft.section("entities").items():
        if spot.node.is_map:
            _check_entity_name(draft, name, spot)
            draft.fields[name] = {}
            draft.owned[name] = spot.flag("owned", True)
            draft.titles[name] = spot.text("label") or label_from(name)
    for name in draft.fields:
        _build_entity_fields(draft, name, draft.section("entities")[name])


def finish_fields(draft: Draft) -> None:
    """The owner and the fields that the engine keeps come last, after those that workflows made."""
    for entity, fields in draft.fields.items():
        if draft.owned[entity]:
            fields["owner"] = _owner(draft, entity)
        fields.update({field.name: field for field in system_fields()})
        _check_needed(draft, entity)


def system_fields() -> tuple[Field, ...]:
    user = frozen({"entity": "user"})
    return (
        Field("id", "id", "Id", system=True),
        Field("version", "integer", sentence("Version"), system=True),
        Field("created_at", "datetime", sentence("Created"), system=True),
        Field("created_by", "user", sentence("Created by"), options=user, system=True),
        Field("updated_at", "datetime", sentence("Updated"), system=True),
        Field("updated_by", "user", sentence("Updated by"), options=user, system=True),
        Field("deleted_at", "datetime", sentence("Deleted"), system=True),
    )


def _check_entity_name(draft: Draft, name: str, spot: Spot) -> None:
    wrong = rule_of_names(name)
    if wrong:
        hint = f'Write "{tidy_name(name)}", and what people read as its label.'
        draft.tell(spot, "bad-name", f'"{name}" cannot name an entity: {wrong}.', hint, at_key=True)
    elif name in ROUTES:
        message = f'"{name}" cannot name an entity: the address /{name} is taken by the program.'
        draft.tell(spot, "reserved-name", message, "Choose another name; its label may be anything.", at_key=True)
    elif name.startswith("crm_"):
        draft.tell(spot, "reserved-name", f'"{name}" cannot name an entity: the engine\'s own tables begin with crm_.',
                   "Choose another name; its label may be anything.", at_key=True)  # fmt: skip


def _build_entity_fields(draft: Draft, entity: str, spot: Spot) -> None:
    fields = spot.get("fields")
    for name, at in fields.items() if fields else ():
        if name == "owner":
            _check_owner(draft, entity, at)
        elif _name_is_free(draft, entity, name, at):
            field = _field(draft, entity, name, at)
            if field is None:
                draft.broken.add((entity, name))
            else:
                draft.fields[entity][name] = field


def _name_is_free(draft: Draft, entity: str, name: str, spot: Spot) -> bool:
    wrong = rule_of_names(name)
    if name in RESERVED_FIELDS:
        message = f'"{name}" cannot name a field: the engine keeps that name for itself.'
        draft.tell(spot, "reserved-name", message, "Choose another name; its label may be anything.", at_key=True)
    elif wrong:
        hint = f'Write "{tidy_name(name)}", and what people read as its label.'
        draft.tell(spot, "bad-name", f'"{name}" cannot name a field: {wrong}.', hint, at_key=True)
    elif len(entity) + len(name) > 61 and spot.text("type") in ("references", "choices", "tags"):
        message = f'"{entity}" and "{name}" are together longer than 61 characters.'
        draft.tell(spot, "bad-name", message, "Choose a shorter name.", at_key=True)
    else:
        return True
    return name not in RESERVED_FIELDS


def _check_owner(draft: Draft, entity: str, spot: Spot) -> None:
    if not draft.owned[entity]:
        message = f'{entity} has no owner: it says "owned: false".'
        draft.tell(spot, "reserved-name", message, "Remove this key.", at_key=True)
    for key, at in spot.items():
        if key not in ON_OWNER:
            draft.tell(at, "reserved-name", f'"{key}" of owner cannot be changed: the engine makes this field.',
                       "Only its label and help may be said.", at_key=True)  # fmt: skip


def _owner(draft: Draft, entity: str) -> Field:
    spot = draft.section("entities").get(entity)
    said = spot.get("fields") if spot else None
    said = said.get("owner") if said else None
    return Field(
        "owner",
        "user",
        (said.text("label") if said else None) or sentence("Owner"),
        index=True,
        help=said.text("help") if said else None,
        default=Word("me"),
        options=frozen({"entity": "user"}),
        source=said.source if said else None,
    )


def _check_needed(draft: Draft, entity: str) -> None:
    spot = draft.section("entities")[entity]
    for name in NEEDED.get(entity, ()):
        if name not in draft.fields[entity] and draft.can_judge("entities"):
            draft.tell(spot, "missing-field", f'{entity} needs its field "{name}": the engine works with it.',
                       "Do not remove it; it may be left out of forms and lists.", at_key=True)  # fmt: skip


# ---- one field


def _field(draft: Draft, entity: str, name: str, spot: Spot) -> Field | None:
    word = _type_word(draft, spot)
    if word is None:
        return None
    part = field_types()[word]
    options = _options(draft, entity, word, spot)
    if options.get("choices") == () and word in ("choice", "choices"):
        return None
    return Field(
        name=name,
        type=word,
        label=spot.text("label") or label_from(name),
        required=_flag_if(draft, spot, "required", word not in UNWRITTEN, "is not written by people"),
        unique=_flag_if(draft, spot, "unique", part.stored and not part.many, "has no single value of its own"),
        index=_flag_if(draft, spot, "index", part.stored and not part.many, "has no single value of its own"),
        search=_searched(draft, spot, part.searchable),
        help=spot.text("help"),
        options=frozen(options),
        was=spot.text("was"),
        source=spot.source,
    )


def _type_word(draft: Draft, spot: Spot) -> str | None:
    at = spot.get("type")
    if at is None or at.word is None:
        return None
    known = [word for word in field_types() if word not in ENGINES_OWN]
    if at.word in known:
        return at.word
    if at.word == "stage":
        draft.tell(at, "unknown-name", 'A field of type "stage" is made by a workflow.', "Name it there as `field`.")
    else:
        draft.unknown(at, at.word, "a field type", known)
    return None


def _flag_if(draft: Draft, spot: Spot, key: str, possible: bool, why: str) -> bool:
    said = spot.flag(key)
    if said and not possible:
        message = f'"{key}" means nothing here: a field of type {spot.text("type")} {why}.'
        draft.tell(spot[key], "no-effect", message, "Remove it.", at_key=True)
    return said and possible


def _searched(draft: Draft, spot: Spot, searchable: bool) -> bool:
    if not searchable and spot.flag("search"):
        message = f"A field of type {spot.text('type')} cannot be searched."
        draft.tell(spot["search"], "no-effect", message, "Remove it.", at_key=True)
    return searchable and spot.flag("search", True)


# ---- the options of a type


def _options(draft: Draft, entity: str, word: str, spot: Spot) -> dict[str, Any]:
    schema = field_types()[word].schema
    options = {key: of["default"] for key, of in schema.items() if "default" in of}
    options.update({key: _plain(at) for key, at in spot.items() if key in schema and _has_shape(at, schema[key])})
    read = _OPTIONS.get(word)
    if read is not None:
        options.update(read(draft, entity, spot))
    _check_bounds(draft, spot)
    return {key: value for key, value in options.items() if value is not NAMES_ELSEWHERE}


def _has_shape(spot: Spot, schema: Mapping[str, Any]) -> bool:
    """What has not is told by the schema's own check."""
    kinds = SHAPES.get(schema.get("type", ""))
    value = spot.node.value
    return kinds is None or (isinstance(value, kinds) and isinstance(value, bool) is (kinds is bool))


def _plain(spot: Spot) -> Any:
    value = spot.node.data()
    return tuple(value) if isinstance(value, list) else value


def _check_bounds(draft: Draft, spot: Spot) -> None:
    least, most = spot.get("least"), spot.get("most")
    if least is None or most is None:
        return
    low, high = least.node.value, most.node.value
    if {type(low), type(high)} <= {int, float} and low > high:
        draft.tell(most, "contradiction", f'"most" ({high}) is smaller than "least" ({low}).', "Swap the two.")


def choices(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    at = spot.get("choices")
    if at is None:
        return {"choices": ()}
    if at.node.is_map:
        return {"choices": tuple(_choice(word, item) for word, item in at.items())}
    return {"choices": tuple(Choice(word, word) for word in _without_repeats(draft, at))}


def _choice(word: str, spot: Spot) -> Choice:
    return Choice(word, spot.text("label") or word, spot.text("color"), was=spot.text("was"))


def _without_repeats(draft: Draft, spot: Spot) -> list[str]:
    seen: dict[str, Spot] = {}
    for item in spot.each():
        if item.word is None:
            continue
        if item.word in seen:
            draft.tell(item, "duplicate", f'"{item.word}" is a choice already.', "Remove one of the two.")
        seen.setdefault(item.word, item)
    return list(seen)


def _reference(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    return {"to": NAMES_ELSEWHERE, "entity": draft.entity_named(spot.get("to")), "when": None}


def _reference_any(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    named = [draft.entity_named(at) for _, at in spot.words("to")]
    return {"to": NAMES_ELSEWHERE, "entities": tuple(dict.fromkeys(name for name in named if name))}


def _children(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    """`through` is found when all fields are known."""
    return {"of": NAMES_ELSEWHERE, "entity": draft.entity_named(spot.get("of")), "through": spot.text("through")}


def _user(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    roles = [draft.role_named(at) for _, at in spot.words("roles")]
    return {"entity": "user", "roles": tuple(role for role in roles if role)}


def _team(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    return {"entity": "team"}


def _role(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    roles = draft.section("roles").items()
    return {"choices": tuple(Choice(name, at.text("label") or label_from(name)) for name, at in roles)}


def _money(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    from engine.compiler.codes import CURRENCIES

    currencies = []
    for word, at in spot.words("currencies"):
        if word in CURRENCIES:
            currencies.append(word)
        else:
            near = word.upper()
            draft.wrong(at, "the code of a currency, as in INR", f'Write "{near}".' if near in CURRENCIES else "")
    listed = tuple(dict.fromkeys(currencies)) or (draft.manifest.currency,)
    return {"currency": listed[0], "currencies": listed, "places": max(map(digits, listed))}


def _rollup(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    return {"of": spot.text("of"), "take": spot.text("take"), "field": spot.text("field"), "when": None, "child": None}


def _computed(draft: Draft, entity: str, spot: Spot) -> dict[str, Any]:
    return {"formula": None, "result": None}


_OPTIONS: Mapping[str, Callable[[Draft, str, Spot], dict[str, Any]]] = {
    "choice": choices,
    "choices": choices,
    "reference": _reference,
    "references": _reference,
    "reference_any": _reference_any,
    "children": _children,
    "user": _user,
    "team": _team,
    "role": _role,
    "money": _money,
    "rollup": _rollup,
    "computed": _computed,
}
