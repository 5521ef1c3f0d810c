"""Two people changed one record: what it was, what I typed, what it is now, field by field, with the choice to go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.errors import Conflict
from engine.markup import Html
from engine.parts import field_type
from engine.parts.fields.contract import Unreadable
from engine.records.read import Record
from engine.records.sight import targets_of
from engine.web.frame import Screen, proof
from engine.web.render import hidden, shown
from engine.web.render_forms import Sheet
from engine.web.render_moments import moment
from engine.words import said


def compare(seen: Screen, record: Record, sheet: Sheet, error: Conflict) -> Response:
    rows = [
        _row(seen, sheet, field, *error.theirs[field.name])
        for field in sheet.fields
        if field.name in error.theirs
    ]
    told = [
        _told(seen, sheet, name, *pair)
        for name, pair in error.theirs.items()
        if name not in {f.name for f in sheet.fields}
    ]
    body = seen.render(
        "conflict.html", entity=sheet.entity, record=record, rows=rows, told=told, version=error.version,
        proof=proof(seen.ask), typed=hidden(_typed(seen)), message=error.message,
        alone=list(_alone(seen, record, sheet, error)), who=_who(record), at=_when(seen, record),
    )  # fmt: skip
    return seen.page(said("Edit {title}", title=record.title), body, record.entity, error.status)


def _alone(seen: Screen, record: Record, sheet: Sheet, error: Conflict) -> Iterator[tuple[str, Html, Html]]:
    """What only I changed: it is saved whatever is chosen."""
    for field in sheet.fields:
        if field.name not in sheet.texts or field.name in error.theirs or field.name not in record.values:
            continue
        mine, now = _mine(seen, sheet, field), record.values[field.name]
        if not _same(field, mine, now):
            yield field.label, _seen(seen, field, now), _seen(seen, field, mine)


def _who(record: Record) -> str | None:
    """Who changed it last, where that is the reader's to know."""
    by = record.values.get("updated_by")
    return by.title if isinstance(by, Ref) else None


def _when(seen: Screen, record: Record) -> Html | None:
    at = record.values.get("updated_at")
    return moment(at, seen.formats) if at is not None else None


def _row(seen: Screen, sheet: Sheet, field: Field, was: Any, now: Any) -> dict[str, Any]:
    """`untouched`: I did not change it, so what they wrote stays."""
    mine = _mine(seen, sheet, field)
    untouched = field.name not in sheet.texts or _same(field, mine, was)
    return {
        "field": field, "was": _seen(seen, field, was), "mine": _seen(seen, field, mine), "now": _seen(seen, field, now),
        "untouched": untouched, "agreed": _same(field, mine, now),
    }  # fmt: skip


def _told(seen: Screen, sheet: Sheet, name: str, was: Any, now: Any) -> tuple[str, Html, Html]:
    """A change that this form has no field for: a move, a roll-up."""
    field = sheet.entity.fields[name]
    return field.label, _seen(seen, field, was), _seen(seen, field, now)


def _mine(seen: Screen, sheet: Sheet, field: Field) -> Any:
    text = sheet.texts.get(field.name)
    try:
        return field_type(field.type).read(field, text, seen.crm.reads.reading(seen.actor))
    except Unreadable:
        return None


def _same(field: Field, one: Any, other: Any) -> bool:
    kind = field_type(field.type)
    return kind.store(field, one) == kind.store(field, other)


def _seen(seen: Screen, field: Field, value: Any) -> Html:
    targets = targets_of(field)
    if value is None or not targets:
        return shown(field, value, seen.formats)
    values = value if isinstance(value, tuple) else (value,)
    refs = [v if isinstance(v, Ref) else Ref(targets[0], v) for v in values]
    titles = seen.crm.reads.titles(seen.actor, refs)
    named = tuple(Ref(r.entity, r.id, titles.get((r.entity, r.id))) for r in refs)
    return shown(field, named if isinstance(value, tuple) else named[0], seen.formats)


def _typed(seen: Screen) -> list[tuple[str, str]]:
    """Everything that was typed goes along."""
    own = ("_csrf", "_key", "_version")
    form = seen.ask.form
    return [
        (n, v)
        for n, v in (form.multi_items() if form else ())
        if isinstance(v, str) and n not in own and not n.startswith("choose.")
    ]
