"""What comes next for a record: the activities that are open, with the ways to be done with one or to put it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from starlette.responses import Response

from engine.blueprint.conditions import Test
from engine.blueprint.entities import Entity
from engine.errors import BadRequest, NotFound
from engine.markup import Html
from engine.records.ahead import is_over
from engine.records.commands import Update
from engine.records.database import Connection
from engine.records.read import Record
from engine.records.sight import NOT_FOUND
from engine.records.timeline import Deed, open_of
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.composer import Way, quick_fields
from engine.web.pages.ids import record_id, version_of
from engine.web.pages.undo import done, way_back
from engine.web.render_moments import day_named, moment
from engine.web.render_timeline import value_told
from engine.web.security import local_place
from engine.words import said

MOST = 3
MORNING = 9  # the hour of a day to which something with a moment is put off
PUT_OFF = {"hour": said("In an hour"), "tomorrow": said("Tomorrow"), "week": said("In a week")}


@dataclass(frozen=True, slots=True)
class Done:
    """The way to be done with an activity: a move, or a field that says so. `asks`: it leads to a dialog first."""

    place: str
    label: str
    asks: bool
    field: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    deed: Deed
    day: str
    at: Html | None
    done: Done | None
    later: str | None  # the address that puts it off


def box(
    seen: Screen, lent: Connection, entity: Entity, record: Record, some: tuple[Way, ...], is_open: bool,
    without: frozenset[str] = frozenset(),
) -> Html:  # fmt: skip
    """`is_open`: the record's stage has not ended, so that somebody should attend to it. `without`: activities of which
    it has none."""
    found = open_of(seen.crm.reads, lent, seen.actor, record, MOST + 1, without)
    able = [way for way in some if way.is_planned and way.refusal is None]
    plans = min(able, key=lambda way: _effort(seen, way), default=None)
    return seen.render(
        "ahead.html", entity=entity, record=record, steps=[_step(seen, deed) for deed in found[:MOST]],
        more=len(found) > MOST, own=_own(seen, entity, record), plans=plans, is_open=is_open, proof=proof(seen.ask),
        offers=[(by, seen.say(label)) for by, label in PUT_OFF.items()],
    )  # fmt: skip


def _effort(seen: Screen, way: Way) -> tuple[int, bool]:
    """How much it asks; of two that ask as much, what has a place takes more to arrange."""
    return len(quick_fields(seen, way.child)), way.child.activity.place is not None  # type: ignore[union-attr]


def _own(seen: Screen, entity: Entity, record: Record) -> tuple[str, Html, bool] | None:
    """The field that says when somebody attends to the record next: its label, its value, whether it is over."""
    at = record.values.get(entity.next_step or "")
    if entity.next_step is None or at is None:
        return None
    field = entity.fields[entity.next_step]
    return field.label, value_told(seen, field, at), is_over(at, seen.ask.now, seen.actor.zone)


def _step(seen: Screen, deed: Deed) -> Step:
    zone = seen.formats.zoneinfo
    day = deed.at.astimezone(zone).date() if isinstance(deed.at, datetime) else deed.at
    named = day_named(seen, day) if day is not None else seen.say("No date")
    at = moment(deed.at, seen.formats) if isinstance(deed.at, datetime) else None
    may_plan = deed.may_change and deed.entity.activity.at in seen.crm.writes.writable(seen.actor, deed.entity.name)  # type: ignore[union-attr]
    later = f"/{deed.entity.name}/{deed.id}/later" if may_plan else None
    return Step(deed, named, at, _done(seen, deed) if deed.may_change else None, later)


def _done(seen: Screen, deed: Deed) -> Done | None:
    return _by_move(seen, deed) or _by_field(seen, deed)


def _by_move(seen: Screen, deed: Deed) -> Done | None:
    """The role's own move from where it stands to a stage that ends well."""
    able = seen.sight.rights(seen.actor.role, deed.entity.name).transitions
    for workflow in seen.crm.blueprint.workflows_of(deed.entity.name):
        stage = deed.values.get(workflow.field)
        for move in workflow.transitions.values() if stage in workflow.stages else ():
            target = workflow.stages.get(move.target)
            if stage in move.sources and target and target.ends in ("done", "won") and move.name in able:
                place = f"/{deed.entity.name}/{deed.id}/move/{move.name}"
                return Done(place, move.label, bool(move.asks or target.requires))
    return None


def _by_field(seen: Screen, deed: Deed) -> Done | None:
    test = deed.entity.activity.done_when  # type: ignore[union-attr]
    if not (isinstance(test, Test) and test.operator == "is" and isinstance(test.value, (str, bool))):
        return None
    if test.field not in seen.crm.writes.writable(seen.actor, deed.entity.name):
        return None
    value = ("yes" if test.value else "no") if isinstance(test.value, bool) else test.value
    return Done(f"/{deed.entity.name}/{deed.id}/edit", seen.say("Done"), False, test.field, value)


# ---- putting it off


def later(ask: Ask) -> Response:
    """Puts an activity off by an hour, to tomorrow or by a week. Raises BadRequest for anything else."""
    seen = screen(ask)
    entity, id, by = seen.entity(), record_id(ask), str(ask.form.get("by")) if ask.form is not None else ""
    if entity.activity is None:
        raise NotFound(NOT_FOUND)
    if by not in PUT_OFF:
        raise BadRequest(said("It can be put off by an hour, to tomorrow or by a week."))
    record = seen.crm.reads.record(seen.actor, entity.name, id)
    at = _put_off(record.values.get(entity.activity.at), by, ask.now, seen)
    text = at.isoformat()
    outcome = done(seen, Update(entity.name, id, version_of(ask), {entity.activity.at: text}))
    given = ask.form.get("back") if ask.form is not None else None
    back = local_place(given if isinstance(given, str) else None, f"/{entity.name}/{id}")
    return go(ask, back, seen.say("Put off to {day}.", day=_day_of(seen, at)), way_back(seen, outcome))


def _put_off(at: datetime | date | None, by: str, now: datetime, seen: Screen) -> datetime | date:
    """From now, not from when it was meant to be: what is overdue by a month is not put off to last month."""
    local = now.astimezone(seen.formats.zoneinfo)
    days = {"hour": 0, "tomorrow": 1, "week": 7}[by]
    if at is not None and not isinstance(at, datetime):
        return local.date() + timedelta(days=max(days, 1))
    if not days:
        return (local + timedelta(hours=1)).replace(second=0, microsecond=0).astimezone(UTC)
    hour = at.astimezone(seen.formats.zoneinfo) if at is not None else local.replace(hour=MORNING, minute=0)
    moved = datetime.combine(local.date() + timedelta(days=days), hour.timetz().replace(tzinfo=None), local.tzinfo)
    return moved.replace(second=0, microsecond=0).astimezone(UTC)


def _day_of(seen: Screen, at: datetime | date) -> str:
    return day_named(seen, at.astimezone(seen.formats.zoneinfo).date() if isinstance(at, datetime) else at)


__all__ = ["box", "later"]
