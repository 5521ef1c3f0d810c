"""imports/NAME.yaml: how the columns of a file become fields."""

from __future__ import annotations

from collections.abc import Mapping

from engine.blueprint.entities import Field
from engine.blueprint.imports import Column, ImportMapping
from engine.compiler.conditions import operators_of, read_plain
from engine.compiler.draft import Draft, frozen, label_from
from engine.compiler.fields import UNWRITTEN
from engine.compiler.spot import Spot
from engine.parts.fields.contract import Unreadable

NOT_IMPORTED = frozenset(UNWRITTEN) - {"stage", "reference_number"}
BY_MATCH = frozenset(("reference", "references", "user", "team"))
READ_LATER = frozenset(("place", "file", "picture", "reference_any"))


def build_imports(draft: Draft) -> None:
    for name, spot in draft.section("imports").items():
        entity = draft.entity_named(spot.get("entity"))
        if entity is not None:
            draft.imports[name] = _mapping(draft, name, entity, spot)


def _mapping(draft: Draft, name: str, entity: str, spot: Spot) -> ImportMapping:
    columns = spot.get("columns")
    built = [read_column(draft, entity, key, at) for key, at in columns.items()] if columns else []
    mapping = ImportMapping(
        name=name,
        label=spot.text("label") or label_from(name),
        entity=entity,
        key=_key(draft, entity, spot),
        columns=tuple(column for column in built if column is not None),
        empty=frozenset(("", *(word for word, _ in spot.words("empty")))),
        source=spot.source,
    )
    check_complete(draft, entity, set(columns.node.value) if columns and columns.node.is_map else set(), columns or spot)
    return mapping


def _key(draft: Draft, entity: str, spot: Spot) -> str | None:
    at = spot.get("key")
    field = draft.field_named(entity, at) if at is not None else None
    if at is None or field is None:
        return None
    columns = spot.get("columns")
    if columns is not None and columns.node.is_map and field.name not in columns.node.value:
        draft.tell(at, "missing-field", f"Rows are found again by {field.name}, but no column fills it.",
                   f"Add {field.name} to the columns.")  # fmt: skip
    return field.name


def check_complete(draft: Draft, entity: str, filled: set[str], spot: Spot, by: str = "columns") -> None:
    """Tells of each field that every record needs and that nothing fills; `by` is the key that should name it."""
    for field in draft.fields[entity].values():
        needed = field.required and field.default is None and field.type not in UNWRITTEN
        if needed and field.name not in filled:
            message = f"Every {entity} needs its {field.name}, and no {by.removesuffix('s')} fills it."
            draft.tell(spot, "missing-field", message, f"Add {field.name} to the {by}.", at_key=True)


def read_column(
    draft: Draft, entity: str, name: str, spot: Spot, *, closed: frozenset[str] = NOT_IMPORTED, deed: str = "imported"
) -> Column | None:
    """What fills one field; `closed` are the types of fields that cannot be filled by this `deed`."""
    field = draft.field_named(entity, spot, name, at_key=True)
    if field is None or not spot.node.is_map:
        return None
    if field.system or field.type in closed:
        draft.tell(spot, "wrong-value", f"{name} cannot be {deed}: nobody writes it.", "Take it out.", at_key=True)
        return None
    _check_source(draft, spot)
    match = _match(draft, field, spot)
    return Column(
        field=name,
        headers=_headers(spot),
        join=spot.text("join") or " ",
        value=_said(draft, entity, field, spot.get("value"), match),
        words=_words(draft, entity, field, spot, match),
        otherwise=_said(draft, entity, field, spot.get("otherwise"), match),
        match=match,
        make=_make(draft, field, spot),
        source=spot.source,
    )


def _check_source(draft: Draft, spot: Spot) -> None:
    if spot.get("from") is not None and spot.get("value") is not None:
        message = "Both `from` and `value` say where this comes from."
        draft.tell(spot["value"], "contradiction", message, "Keep one of the two.", at_key=True)
    if spot.get("from") is None and spot.get("value") is None:
        draft.tell(spot, "missing-key", f'"from" is missing: which column fills {spot.key}?',
                   "Write {from: HEADING}, or {value: ...} where all rows have the same.")  # fmt: skip


def _headers(spot: Spot) -> tuple[str, ...]:
    word = spot.text("from")
    return (word,) if word is not None else tuple(word for word, _ in spot.words("from"))


def _words(draft: Draft, entity: str, field: Field, spot: Spot, match: str | None) -> Mapping[str, str]:
    words = spot.get("words")
    read = {key: _said(draft, entity, field, at, match) for key, at in words.items()} if words else {}
    return frozen({key: word for key, word in read.items() if word is not None})


def _said(draft: Draft, entity: str, field: Field, spot: Spot | None, match: str | None) -> str | None:
    """A word that the mapping itself gives to the field; "" is: empty. Kept as text, read again with each row."""
    if spot is None or spot.word is None:
        return None
    if not spot.word or match is not None or field.type in BY_MATCH | READ_LATER:
        return spot.word
    return spot.word if _is_readable(draft, entity, field, spot) else None


def _is_readable(draft: Draft, entity: str, field: Field, spot: Spot) -> bool:
    known = draft.choices_of(field)
    if known is not None:
        if spot.word not in known and draft.can_judge("entities", "workflows"):
            what = "stage" if field.type == "stage" else "choice"
            draft.unknown(spot, spot.word, f"a {what} of {entity}.{field.name}", known)
        return spot.word in known
    try:
        read_plain(field, spot.word, draft)
    except Unreadable as problem:
        draft.tell(spot, "wrong-value", str(problem))
        return False
    return True


def _match(draft: Draft, field: Field, spot: Spot) -> str | None:
    at, target = spot.get("match"), field.options.get("entity")
    if at is None:
        return None
    if field.type not in BY_MATCH:
        message = f"{field.name} is no reference, so there is nothing to match."
        draft.tell(at, "no-effect", message, "Remove this key.", at_key=True)
        return None
    found = draft.field_named(target, at) if target else None
    if found is None or "is" in operators_of(found):
        return found.name if found else None
    draft.tell(at, "wrong-value", f"A record cannot be found by {found.name}, a field of type {found.type}.")
    return None


def _make(draft: Draft, field: Field, spot: Spot) -> Mapping[str, str] | None:
    at, target = spot.get("make"), field.options.get("entity")
    if at is None or not at.node.is_map:
        return None
    if spot.get("match") is None or target is None:
        if field.type not in BY_MATCH or target is not None:
            draft.tell(at, "no-effect", "`make` goes with `match`: it makes the record that was not found.",
                       "Add match: FIELD.", at_key=True)  # fmt: skip
        return None
    values = {name: _made_value(draft, target, name, value) for name, value in at.items()}
    if spot.text("match") in draft.fields[target]:
        _check_makeable(draft, target, {*values, spot.text("match")}, at)
    return frozen({name: value for name, value in values.items() if value is not None})


def _made_value(draft: Draft, target: str, name: str, spot: Spot) -> str | None:
    field = draft.field_named(target, spot, name, at_key=True)
    return _said(draft, target, field, spot, None) if field else None


def _check_makeable(draft: Draft, target: str, filled: set[str | None], spot: Spot) -> None:
    for field in draft.fields[target].values():
        needed = field.required and field.default is None and field.type not in UNWRITTEN
        if needed and field.name not in filled:
            message = f"A new {target} needs its {field.name}, and nothing fills it here."
            draft.tell(spot, "missing-field", message, f"Add {field.name}: ... to `make`.", at_key=True)
