"""A record's page: its stage and the moves from it, its facts, what belongs to it, what happened to it.

What records of one stage, with the same rights and the same moves, have in common is drawn once for a role and kept; a
request fills in the values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.errors import NotFound
from engine.markup import Html, escape
from engine.records.columns import Shown
from engine.records.database import Connection
from engine.records.read import Record, Whole
from engine.records.timeline import TOLD
from engine.rules.permissions import who_may
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import PART, Screen, Slotted, csrf, screen, slot
from engine.web.pages import composer, peeks, steps, tells, timelines
from engine.web.pages.ids import record_id
from engine.web.pages.known import beside, led_on
from engine.web.pages.related import (
    COUNTED,
    Related,
    Stages,
    cards,
    children_of,
    counted,
    none_of,
    panel,
    relations,
)
from engine.web.render import NIL
from engine.web.render_facts import Facts, Write, facts_of, figures_of, writer
from engine.web.render_stages import Bar, bars, notes, without_notes

TIMELINE = "history"
RIGHTS = ("update", "delete")
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
    if ask.request.headers.get(PART):
        return seen.piece(body)
    return seen.page(whole.record.title, body, entity.name)


def _drawn(seen: Screen, lent: Connection, entity: Entity, whole: Whole, counts: dict[str, int]) -> str:
    record, look = whole.record, _look_of(seen, entity, whole.record)
    stages = {name: record.values[name] for name in look.stages}
    related = relations(seen, entity, stages)
    made = bars(seen, lent, entity, whole)
    written = composer.ways(seen, entity, stages)
    shell = _shell(seen, entity, whole.rights, stages, related, made)
    tab, without = _tab(seen, related), none_of(entity, related, counts)
    is_open = bool(made or entity.next_step) and not any(bar.is_closed for bar in made)
    return shell.fill({
        **_named(record, look), **notes(made), **_tabs(related, counts, tab), "version": str(record.version),
        "around": peeks.around(seen, lent, entity, record), "list": str(escape(peeks.list_of(seen, entity))),
        "reach": _reach(seen, entity, record) if written else "", "csrf": csrf(seen.ask), "key": token_urlsafe(16),
        "facts": "".join([section.of(record.row) for section in look.sections]), "figures": look.figures(record.row),
        "panel": _panel(seen, lent, entity, whole, related, counts, tab, without),
        "maybe": beside(seen, lent, entity, whole),
        "ahead": steps.box(seen, lent, entity, record, written, is_open, without) if written else "",
        "cards": cards(seen, lent, entity, record, related, counts),
    })  # fmt: skip


def _tab(seen: Screen, related: tuple[Related, ...]) -> str:
    """The list that is open in the middle; else the timeline."""
    asked = seen.ask.request.query_params.get("tab")
    return next((one.field.name for one in related if one.field.name == asked), TIMELINE)


def _panel(
    seen: Screen, lent: Connection, entity: Entity, whole: Whole, related: tuple[Related, ...],
    counts: dict[str, int], tab: str, without: frozenset[str],
) -> str:  # fmt: skip
    chosen = next((one for one in related if one.field.name == tab), None)
    if chosen is not None:
        return panel(seen, lent, entity, whole.record, chosen, counts[tab])
    asked = seen.ask.request.query_params
    kind = asked.get("show") or (TOLD if asked.get("tab") == TOLD else None)
    done = {one.child.name: counted(counts[one.field.name]) for one in related if one.child.activity is not None}
    return str(timelines.panel(seen, lent, entity, whole.record, kind, "update" in whole.rights, done, without))


# ---- what is the same for many records


def _shell(
    seen: Screen, entity: Entity, rights: frozenset[str], stages: Stages, related: tuple[Related, ...],
    made: list[Bar],
) -> Slotted:  # fmt: skip
    kinds = tuple([bar.kind for bar in made])
    key = (seen.actor.role, seen.actor.only, entity.name, rights, tuple(stages.values()), kinds)
    return seen.face.shell("record", key, lambda: _shared(seen, entity, rights, stages, related, made))


def _shared(
    seen: Screen, entity: Entity, rights: frozenset[str], stages: Stages, related: tuple[Related, ...], made: list[Bar]
) -> Html:
    written = composer.ways(seen, entity, stages)
    return seen.render(
        "record.html", entity=entity, slot=slot, place=f"/{entity.name}/{slot('id')}", bars=without_notes(made),
        related=related, may_change="update" in rights, may_delete="delete" in rights,
        who=listed(who_may(seen.crm.blueprint, "update", entity.name)), moves=_moves(made),
        people=entity.name == "user" and seen.administers(), hides=_hides(seen, entity), ways=written,
        inline=composer.inline(seen, written),
    )  # fmt: skip


def _hides(seen: Screen, entity: Entity) -> bool:
    """Whether the role's sight of this entity leaves something out; which records it is about does not matter."""
    return bool(seen.sight.rights(seen.actor.role, entity.name).hidden)


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
    figures: Write


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
        figures_of(seen.say("In numbers"), fields, seen.formats),
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


def _reach(seen: Screen, entity: Entity, record: Record) -> str:
    """Ways to write to or call the client with a program of one's own, unless the client wants none of it."""
    client = entity.client
    if client is None:
        return ""
    refused = {way for way, name in client.refuses.items() if record.values.get(name)}
    phone = None if "phone" in refused else _first(record, client.phone)
    email = None if "email" in refused else _first(record, client.email)
    writes = bool(tells.messages(seen, entity)) and bool(phone or email)
    place = f"/{entity.name}/{record.id}/tell" if writes else None
    return str(seen.render("reach.html", phone=phone, email=email, place=place)) if phone or email else ""


def _first(record: Record, names: Iterable[str]) -> str | None:
    return next((str(value) for name in names if "." not in name and (value := record.values.get(name))), None)


def _tabs(related: tuple[Related, ...], counts: dict[str, int], tab: str) -> dict[str, str]:
    """The counts, and which tab is open."""
    filled = {f"at {TIMELINE}": CURRENT if tab == TIMELINE else ""}
    for one in related:
        name = one.field.name
        filled[f"count {name}"] = counted(counts[name])
        filled[f"at {name}"] = CURRENT if name == tab else ""
    return filled
