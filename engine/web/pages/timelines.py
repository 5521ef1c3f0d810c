"""The timeline on a record's page: what it shows, what it can be narrowed to, what is pinned to its top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.errors import NotFound
from engine.markup import Html
from engine.records import pins
from engine.records.ahead import activities
from engine.records.database import Connection
from engine.records.keys import milliseconds
from engine.records.read import Record
from engine.records.sight import NOT_FOUND
from engine.records.timeline import CAME, FILES, HISTORY, NOW, TOLD, deeds_of, place_of, timeline
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id
from engine.web.render import address
from engine.web.render_timeline import Days, Item, days, deed_item

MOST = 30
MARKS = {HISTORY: "history", TOLD: "send", CAME: "inbox", FILES: "paperclip"}


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that a timeline can be narrowed to."""

    label: str
    icon: str | None
    place: str
    is_now: bool
    count: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """The way to pin an entry, or to take it down."""

    place: str
    label: str
    proof: Html


def panel(
    seen: Screen, lent: Connection, entity: Entity, record: Record, asked: str | None, may_pin: bool,
    counts: Mapping[str, str], without: frozenset[str] = frozenset(),
) -> Html:  # fmt: skip
    """`asked`: the kind that the address names; what is none is all of it. `counts`: how many there are of a kind."""
    place, kinds = f"/{entity.name}/{record.id}", _kinds(seen, entity)
    kind = asked if asked in kinds else None
    before = place_of(seen.ask.request.query_params.get("before"))
    found = timeline(seen.crm.reads, lent, seen.actor, record, MOST, before, kind, without)
    is_first = before == NOW and kind is None
    pinned = _pinned(seen, lent, record) if is_first else []
    drawn = days(seen, entity, found.entries)
    older = {**({"show": kind} if kind else {}), "before": str(found.older)} if found.older else None
    return seen.render(
        "timeline.html", entity=entity, days=drawn, pinned=pinned, kinds=_offered(seen, place, kinds, kind, counts),
        older=address(place, older) if older else None, live=live(seen, entity),
        pins=_pins(seen, entity, record, drawn, pinned) if may_pin else {},
    )  # fmt: skip


def live(seen: Screen, entity: Entity) -> str:
    """What changes of which this part of the page shows: the record, and what is done about it."""
    return " ".join([entity.name, *(child.name for child in activities(seen.crm.reads, seen.actor, entity.name))])


def _kinds(seen: Screen, entity: Entity) -> tuple[str, ...]:
    return (*(child.name for child in activities(seen.crm.reads, seen.actor, entity.name)), HISTORY, TOLD, CAME, FILES)


def _offered(
    seen: Screen, place: str, kinds: tuple[str, ...], now: str | None, counts: Mapping[str, str]
) -> list[Kind]:
    labels = {HISTORY: seen.say("Changes"), TOLD: seen.say("Messages"), CAME: seen.say("Came in"), FILES: seen.say("Files")}
    if not seen.crm.blueprint.captures:
        kinds = tuple(kind for kind in kinds if kind != CAME)
    offered = [Kind(seen.say("All"), None, place, now is None)]
    for kind in kinds:
        child = seen.crm.blueprint.entities.get(kind) if kind not in labels else None
        label, icon = (child.plural, child.icon) if child else (labels[kind], MARKS[kind])
        offered.append(Kind(label, icon, address(place, {"show": kind}), kind == now, counts.get(kind)))
    return offered


# ---- pins


def _pinned(seen: Screen, lent: Connection, record: Record) -> list[Item]:
    refs = pins.of_record(lent, record.id)
    found = deeds_of(seen.crm.reads, lent, seen.actor, record, refs) if refs else []
    return [deed_item(seen, deed) for deed in found]


def _pins(seen: Screen, entity: Entity, record: Record, drawn: Days, pinned: Iterable[Item]) -> dict[str, Pin]:
    """Facts that hold a text can be pinned: notes, calls; by those who may change the record."""
    up = {item.key for item in pinned}
    shown = [item for _, items in drawn for item in items if item.deed is not None and _is_note(item)]
    token = proof(seen.ask, once=False)
    return {
        item.key: Pin(
            f"/{entity.name}/{record.id}/pin/{item.deed.entity.name}/{item.deed.id}",  # type: ignore[union-attr]
            seen.say("Take down") if item.key in up else seen.say("Pin to the top"), token,
        )
        for item in (*shown, *pinned)
    }  # fmt: skip


def _is_note(item: Item) -> bool:
    activity = item.deed.entity.activity if item.deed else None
    return activity is not None and activity.text is not None and not activity.is_planned


def pin(ask: Ask) -> Response:
    """Pins an activity to the top of its record, or takes it down when it is there."""
    seen = screen(ask)
    entity, id, target = seen.entity(), record_id(ask), Ref(ask.path["child"], record_id(ask, "target"))
    with seen.crm.database.reading() as lent:
        record = seen.crm.reads.record(seen.actor, entity.name, id, connection=lent)
        known = deeds_of(seen.crm.reads, lent, seen.actor, record, [target])
        may = seen.crm.reads.allowed(seen.actor, "update", entity.name, id, lent)
    if not known or not may:
        raise NotFound(NOT_FOUND)
    with seen.crm.database.writing() as connection:
        is_up = pins.turn(connection, id, target, milliseconds(ask.now), seen.actor.user)
    said = seen.say("Pinned to the top.") if is_up else seen.say("Taken down.")
    return go(ask, f"/{entity.name}/{id}", said)


__all__ = ["live", "panel", "pin"]
