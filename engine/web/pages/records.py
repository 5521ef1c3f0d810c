"""A record's page: its stage and the moves from it, its facts, what belongs to it, what happened to it.

What records of one stage, with the same rights and the same moves, have in common is drawn once for a role and kept; a
request fills in the values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.errors import NotFound
from engine.markup import Html, escape
from engine.records.columns import Shown
from engine.records.database import Connection
from engine.records.history import history_of
from engine.records.read import Record, Whole
from engine.rules.permissions import who_may
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import Screen, Slotted, screen, slot
from engine.web.pages.ids import asked_id, record_id
from engine.web.pages.known import beside, led_on
from engine.web.pages.related import COUNTED, Related, Stages, children_of, counted, panel, relations
from engine.web.render import NIL, address
from engine.web.render_facts import Facts, Write, facts_of, writer
from engine.web.render_messages import MESSAGES, messages
from engine.web.render_received import arrived
from engine.web.render_stages import Bar, bars, notes, without_notes
from engine.web.render_timeline import days

EVENTS = 50
HISTORY = "history"
RIGHTS = ("update", "delete")
PEOPLE = ("owner", "created_by", "updated_by")  # whom a history mostly names
CURRENT = ' aria-current="page"'


def show(ask: Ask) -> Response:
    try:
        return _shown(ask)
    except NotFound:
        return led_on(ask)


def _shown(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    children = children_of(seen, entity)
    with seen.crm.database.reading() as lent:  # one for the whole page: all of it is of one moment
        whole = seen.crm.reads.whole(seen.actor, entity.name, record_id(ask), RIGHTS, children, COUNTED, lent)
        body = _drawn(seen, lent, entity, whole, dict(zip(children, whole.counts, strict=True)))
    return seen.page(whole.record.title, body, entity.name)


def _drawn(seen: Screen, lent: Connection, entity: Entity, whole: Whole, counts: dict[str, int]) -> str:
    record, look = whole.record, _look_of(seen, entity, whole.record)
    stages = {name: record.values[name] for name in look.stages}
    related = relations(seen, entity, stages)
    made = bars(seen, lent, entity, whole)
    shell = _shell(seen, entity, whole.rights, stages, related, made)
    tab = _tab(seen, related, counts)
    return shell.fill({
        **_named(record, look), **notes(made), **_tabs(related, counts, tab),
        "facts": "".join([section.of(record.row) for section in look.sections]),
        "panel": _panel(seen, lent, entity, record, related, counts, tab), "maybe": beside(seen, lent, entity, whole),
    })  # fmt: skip


def _tab(seen: Screen, related: tuple[Related, ...], counts: dict[str, int]) -> str:
    asked = seen.ask.request.query_params.get("tab")
    if asked in (HISTORY, MESSAGES) or any(asked == one.field.name for one in related):
        return str(asked)
    return next((one.field.name for one in related if counts[one.field.name]), HISTORY)


def _panel(
    seen: Screen, lent: Connection, entity: Entity, record: Record, related: tuple[Related, ...],
    counts: dict[str, int], tab: str,
) -> str:  # fmt: skip
    chosen = next((one for one in related if one.field.name == tab), None)
    if chosen is not None:
        return panel(seen, lent, entity, record, chosen, counts[tab])
    from_id = asked_id(seen.ask)
    if tab == MESSAGES:
        return messages(seen, lent, record, from_id)
    refs = [record.values[name] for name in PEOPLE if record.values.get(name)]
    titles = {(ref.entity, ref.id): ref.title for ref in refs if ref.title is not None}
    events = history_of(
        seen.crm.reads, lent, seen.actor, entity.name, record.id, titles, limit=EVENTS + 1, before=from_id,
        values_at_start=False,
    )  # fmt: skip
    older = (
        address(f"/{entity.name}/{record.id}", {"tab": HISTORY, "before": str(events[EVENTS - 1].id)})
        if len(events) > EVENTS
        else None
    )
    came = arrived(seen, lent, entity.name, record.id) if from_id is None else ""
    return f"{came}{seen.render('timeline.html', days=days(seen, entity, events[:EVENTS]), entity=entity, older=older)}"


# ---- what is the same for many records


def _shell(
    seen: Screen, entity: Entity, rights: frozenset[str], stages: Stages, related: tuple[Related, ...],
    made: list[Bar],
) -> Slotted:  # fmt: skip
    kinds = tuple([bar.kind for bar in made])
    key = (seen.actor.role, seen.actor.only, entity.name, rights, tuple(stages.values()), kinds)
    return seen.face.shell("record", key, lambda: _shared(seen, entity, rights, related, made))


def _shared(
    seen: Screen, entity: Entity, rights: frozenset[str], related: tuple[Related, ...], made: list[Bar]
) -> Html:
    return seen.render(
        "record.html", entity=entity, slot=slot, place=f"/{entity.name}/{slot('id')}", bars=without_notes(made),
        related=related, may_change="update" in rights, may_delete="delete" in rights,
        who=listed(who_may(seen.crm.blueprint, "update", entity.name)), moves=_moves(made),
        people=entity.name == "user" and seen.administers(),
    )  # fmt: skip


def _moves(made: list[Bar]) -> dict[str, Any]:
    """The moves as buttons: those that can be made first, but none that gives up before one that goes on."""
    found = sorted(
        (move for bar in made for move in bar.moves), key=lambda move: (move.is_lost, not move.allowed)
    )
    rest = sorted(found[1:], key=lambda move: not move.allowed)
    return {
        "first": found[0] if found else None,
        "rest": rest,
        "refused": [m for m in found if not m.allowed],
    }


# ---- what fills the slots


@dataclass(frozen=True, slots=True)
class Look:
    """How an entity's records are written for one role: `owner` and `reach` make the line under the title."""

    sections: tuple[Facts, ...]
    stages: tuple[str, ...]
    pills: tuple[Write, ...]
    number: str | None
    owner: tuple[Write, ...]
    reach: tuple[Write, ...]


def _look_of(seen: Screen, entity: Entity, record: Record) -> Look:
    key = ("look", seen.actor.role, seen.actor.only, seen.formats, entity.name)
    return seen.face.once(key, lambda: _look(seen, entity, record.columns))


def _look(seen: Screen, entity: Entity, columns: tuple[Shown, ...]) -> Look:
    def written(found: Iterable[Shown]) -> tuple[Write, ...]:
        return tuple(writer(one, seen.formats) for one in found)

    fields = [one for one in columns if one.name in entity.fields]
    stages = [one for one in fields if one.field.type == "stage"]
    return Look(
        facts_of(entity, columns, seen.formats), tuple(one.name for one in stages), written(stages),
        next((one.name for one in fields if one.field.type == "reference_number"), None),
        written(one for one in fields if one.name == "owner"),
        written(one for one in fields if one.field.type in ("phone", "email")),
    )  # fmt: skip


def _named(record: Record, look: Look) -> dict[str, str]:
    """The record's number and names, and the line under the title: whose it is, and the first ways to reach them."""
    title, number = record.title, record.values[look.number] if look.number else None
    sub = [write(record.row) for write in look.owner]
    sub += [text for write in look.reach if (text := write(record.row))][:2]
    line = "".join([f"<span>{one}</span>" for one in sub if one])
    return {
        "id": str(record.id), "title": str(escape(title)),
        "name": str(escape(number if number and number not in title else title)),
        "pills": "".join([write(record.row) or str(NIL) for write in look.pills]),
        "sub": f'<p class="sub">{line}</p>' if line else "",
    }  # fmt: skip


def _tabs(related: tuple[Related, ...], counts: dict[str, int], tab: str) -> dict[str, str]:
    """The counts, and which tab is open."""
    filled = {f"at {name}": CURRENT if tab == name else "" for name in (HISTORY, MESSAGES)}
    for one in related:
        name = one.field.name
        filled[f"count {name}"] = counted(counts[name])
        filled[f"at {name}"] = CURRENT if name == tab else ""
    return filled
