"""Writing down what was done about a record, or is to be done, without leaving its page: a note, a call, a task.

The quick form asks for little: how it went, what was said, what must be filled. A fact that wants a name and was given
none is called by the first line of its text, or by how it went.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from engine.blueprint.conditions import Condition, tests_in
from engine.blueprint.entities import Entity, Field
from engine.errors import Complaint, Invalid, NotFound, Refused
from engine.records.ahead import activities
from engine.records.commands import Create
from engine.records.read import Record
from engine.records.sight import NOT_FOUND
from engine.rules.stages import refuses_child
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id
from engine.web.pages.undo import done, way_back
from engine.web.render_forms import Sheet, posted, typed
from engine.web.render_timeline import choice_of
from engine.web.uploads import keep_uploads

TAKEN = set("ceghjkpxz[]/?")  # keys that mean something else on a page
LONGEST_NAME = 80
MADE = frozenset({"stage", "computed", "rollup", "children", "reference_number"})


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that can be written down; `refusal` says why it cannot be now."""

    child: Entity
    key: str | None
    refusal: str | None
    is_planned: bool


def ways(seen: Screen, entity: Entity, stages: Mapping[str, str | None]) -> tuple[Way, ...]:
    """The same for each record of these stages. Facts first: they are written most."""
    key = ("composer", seen.actor.role, seen.actor.only, entity.name, tuple(stages.values()))
    return seen.face.once(key, lambda: _ways(seen, entity, stages))


def _ways(seen: Screen, entity: Entity, stages: Mapping[str, str | None]) -> tuple[Way, ...]:
    writes, free = seen.crm.writes, set("abcdefghijklmnopqrstuvwxyz") - TAKEN
    able = [
        child for child in activities(seen.crm.reads, seen.actor, entity.name)
        if writes.can_create(seen.actor, child.name) and _about(child) in writes.writable(seen.actor, child.name)
    ]  # fmt: skip
    ordered = sorted(able, key=lambda child: (child.activity.is_planned, child.activity.outcome is not None))  # type: ignore[union-attr]
    made = [_way(seen, entity, child, stages, free) for child in ordered]
    return tuple(sorted(made, key=lambda way: way.refusal is not None))


def _way(
    seen: Screen, entity: Entity, child: Entity, stages: Mapping[str, str | None], free: set[str]
) -> Way:
    found = (
        refuses_child(workflow, stage, child, entity)
        for workflow in seen.crm.blueprint.workflows_of(entity.name)
        if (stage := stages.get(workflow.field)) is not None
    )
    refusal = next((sentence for sentence in found if sentence), None)
    # What tells how it went is logged: `l`.
    wanted = f"{'l' if child.activity.outcome else ''}{child.label.lower()}{child.name}"  # type: ignore[union-attr]
    key = next((c for c in wanted if c in free), None)
    free.discard(key or "")
    return Way(child, key, refusal, child.activity.is_planned)  # type: ignore[union-attr]


def _about(child: Entity) -> str:
    return child.activity.about  # type: ignore[union-attr]


# ---- the quick form


def show(ask: Ask) -> Response:
    seen = screen(ask)
    record, child = _asked(seen)
    fields = quick_fields(seen, child)
    defaults = seen.crm.writes.defaults(seen.actor, child.name)
    return _page(seen, record, child, Sheet(seen, child, fields, typed(seen, fields, defaults)))


def write_down(ask: Ask) -> Response:
    seen = screen(ask)
    record, child = _asked(seen)
    fields = quick_fields(seen, child)
    texts = posted(seen, fields)
    try:
        texts.update(keep_uploads(seen, fields))
        values = {**texts, **_named(seen, child, fields, texts), _about(child): _pointer(child, record)}
        outcome = done(seen, Create(child.name, values))
    except (Invalid, Refused) as error:
        complaints = error.complaints if isinstance(error, Invalid) else (Complaint(None, error.message),)
        sheet = Sheet(seen, child, fields, texts, complaints=complaints)
        return _page(seen, record, child, sheet, error.status)
    said = seen.say("{label} added.", label=child.label)
    return go(ask, f"/{record.entity}/{record.id}", said, way_back(seen, outcome))


def _asked(seen: Screen) -> tuple[Record, Entity]:
    """Raises NotFound, also for what is no activity about such a record."""
    record = seen.crm.reads.record(seen.actor, seen.entity().name, record_id(seen.ask))
    known = {child.name: child for child in activities(seen.crm.reads, seen.actor, record.entity)}
    child = known.get(seen.ask.path["child"])
    if child is None:
        raise NotFound(NOT_FOUND)
    return record, child


def _page(seen: Screen, record: Record, child: Entity, sheet: Sheet, status: int = 200) -> Response:
    entity = seen.crm.blueprint.entities[record.entity]
    place = f"/{record.entity}/{record.id}"
    heading = seen.say("Add {label}", label=child.label.lower())
    about = "%3A".join((record.entity, str(record.id))) if child.fields[_about(child)].type == "reference_any" else record.id
    body = seen.render(
        "compose.html", entity=entity, record=record, child=child, sheet=sheet, heading=heading, place=place,
        proof=proof(seen.ask), whole=f"/{child.name}/new?{_about(child)}={about}&back=%2F{record.entity}%2F{record.id}",
    )  # fmt: skip
    return seen.page(f"{heading}: {record.title}", body, record.entity, status)


def quick_fields(seen: Screen, child: Entity) -> tuple[Field, ...]:
    """How it went, what was said, when it is to be, what must be filled, and what depends on these."""
    key = ("quick", seen.actor.role, seen.actor.only, child.name)
    return seen.face.once(key, lambda: tuple(_quick_fields(seen, child)))


def _quick_fields(seen: Screen, child: Entity) -> Iterator[Field]:
    writable = seen.crm.writes.writable(seen.actor, child.name)
    names = [name for name in _asked_for(child) if name in writable and name != _about(child)]
    for field in child.fields.values():
        if field.name in writable and field.name not in names and _depends(field.required_when, names):
            names.append(field.name)
    yield from (child.fields[name] for name in dict.fromkeys(names))


def _asked_for(child: Entity) -> Iterator[str]:
    activity, named = child.activity, naming(child)
    assert activity is not None
    if activity.is_planned:
        yield from (f.name for f in child.fields.values() if _must(f) and f.name != activity.at)
        yield activity.at
    else:
        yield from filter(None, (activity.outcome,))
        yield from (f.name for f in child.fields.values() if _must(f) and f.name not in (activity.outcome, named))
    yield from filter(None, (activity.text,))
    if not activity.is_planned and not activity.outcome:
        yield from (f.name for f in child.fields_of("file"))


def _must(field: Field) -> bool:
    return field.required and field.default is None and not field.system and field.type not in MADE and field.name != "owner"


def _depends(condition: Condition | None, names: list[str]) -> bool:
    return condition is not None and {test.field for test in tests_in(condition)} <= set(names)


# ---- the name of a fact


def naming(child: Entity) -> str | None:
    """The field that a fact is called by, when it is a text that must be filled."""
    activity = child.activity
    if activity is None or activity.is_planned:
        return None
    fields = (child.fields[name] for name in child.fields if name in child.title.fields)
    return next((f.name for f in fields if f.type == "text" and f.required and f.name != activity.text), None)


def _named(seen: Screen, child: Entity, fields: tuple[Field, ...], texts: Mapping[str, Any]) -> dict[str, str]:
    name = naming(child)
    if name is None or texts.get(name) or name in {field.name for field in fields}:
        return {}
    return {name: name_of(child, texts)}


def name_of(child: Entity, texts: Mapping[str, Any]) -> str:
    """The first line of what was said; else how it went; else what it is: `Call: RNR`."""
    activity = child.activity
    assert activity is not None
    line = next(iter(str(texts.get(activity.text or "") or "").strip().splitlines()), "").strip("#*_> -")
    if line:
        return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1].rstrip() + "…"
    outcome = child.fields.get(activity.outcome or "")
    choice = choice_of(outcome, texts.get(outcome.name)) if outcome is not None else None
    return f"{child.label}: {choice.value}" if choice is not None else child.label


def _pointer(child: Entity, record: Record) -> str:
    is_any = child.fields[_about(child)].type == "reference_any"
    return f"{record.entity}/{record.id}" if is_any else str(record.id)


# ---- the note that can be written at once


def inline(seen: Screen, some: tuple[Way, ...]) -> tuple[Way, str] | None:
    """A fact of which the quick form asks nothing but a text, and that field: it stands open on the page. One that has no
    moment of its own, such as a note, comes before one that has."""
    for way in sorted(some, key=lambda way: way.child.activity.at != "created_at"):  # type: ignore[union-attr]
        text = way.child.activity.text  # type: ignore[union-attr]
        asked = [f.name for f in quick_fields(seen, way.child) if f.type not in ("file", "picture")]
        if text and way.refusal is None and not way.is_planned and asked == [text]:
            return way, text
    return None


__all__ = ["Way", "inline", "name_of", "naming", "quick_fields", "show", "ways", "write_down"]
