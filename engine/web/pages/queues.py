"""/admin/queue: is the work being done, what failed and why, and the buttons that try it again or let it be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.errors import NotFound
from engine.markup import Html
from engine.parts import field_type
from engine.records import budget, queues, workers
from engine.records.budget import Held
from engine.records.keys import milliseconds
from engine.records.queues import Failure, Line
from engine.records.sight import NOT_FOUND
from engine.serving import Ask
from engine.web.frame import Screen, administration, go, proof
from engine.web.pages.ids import asked_id, record_id
from engine.web.pages.signs import text_of
from engine.web.render import address, shown
from engine.words import said

MOST = 50
LET_GO = "send"
HELD_DEEDS = (LET_GO, "do not send")
MOMENT = Field("at", "datetime", "When")


@dataclass(frozen=True, slots=True)
class Told:
    """`place` is the record's, for who may open it."""

    failure: Failure
    line: str
    what: str
    moment: Html
    place: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Waits:
    """Messages to clients that wait for a word; `kinds`: what, over which channel, how many. `who` None: somebody."""

    doer: int
    who: str | None
    count: int
    kinds: tuple[tuple[str, str, int], ...]


def show(ask: Ask) -> Response:
    seen = administration(ask)
    from_id = asked_id(ask)
    now = milliseconds(ask.now)
    with seen.crm.database.reading() as connection:
        lines = queues.lines(connection, now)
        scheduler = queues.scheduler_age(connection, now)
        found = queues.failures(connection, MOST + 1, from_id)
        crew, held = workers.crew(connection, ask.now), budget.held(connection)
    older = address("/admin/queue", {"before": str(found[MOST - 1].id)}) if len(found) > MOST else None
    body = seen.render(
        "queues.html", lines=[(_label(seen, line.name), line, _age(line.oldest), _is_late(line)) for line in lines],
        scheduler=_age(scheduler), stuck=scheduler is not None and scheduler > queues.LATE,
        late=any(map(_is_late, lines)), crew=crew, held=_held(seen, held),
        told=_told(seen, found[:MOST]), older=older, proof=proof(ask),
    )  # fmt: skip
    return seen.page(said("Work that waits"), body, "admin")


def settle(ask: Ask) -> Response:
    """One failed row: tried again, or given up. Or what one person's deeds would tell clients: let go, or not."""
    seen = administration(ask)
    if text_of(ask, "deed") in HELD_DEEDS:
        return _settle_held(ask, seen, record_id(ask), go_out=text_of(ask, "deed") == LET_GO)
    with seen.crm.database.writing() as connection:
        if text_of(ask, "deed") == "give up":
            met = queues.give_up(connection, record_id(ask), f"Given up by {seen.actor.name}.")
        else:
            met = queues.try_again(connection, milliseconds(ask.now), record_id(ask))
    if not met:
        raise NotFound(NOT_FOUND)
    return go(ask, "/admin/queue", said(
        "It is given up.") if text_of(ask, 'deed') == 'give up' else said("It is tried again."
    ))


def _settle_held(ask: Ask, seen: Screen, doer: int, *, go_out: bool) -> Response:
    """Batch by batch: nobody waits behind thousands."""
    met, some = 0, 1
    while some:
        with seen.crm.database.writing() as connection:
            reason = said("{name} decided that it is not sent.", name=seen.actor.name)
            some = budget.let_go(connection, doer, ask.now) if go_out else budget.let_be(connection, doer, reason, ask.now)
        met += some
    if not met:
        raise NotFound(NOT_FOUND)
    told = said("{met} messages go out now.", met=met) if go_out else said("{met} messages are not sent.", met=met)
    return go(ask, "/admin/queue", told)


def settle_all(ask: Ask) -> Response:
    seen = administration(ask)
    with seen.crm.database.writing() as connection:
        met = queues.try_again(connection, milliseconds(ask.now))
    return go(ask, "/admin/queue", said(
        "{met} are tried again.", met=met) if met else said("Nothing was left to try again."
    ))


def _held(seen: Screen, found: list[Held]) -> list[Waits]:
    names = seen.crm.reads.titles(seen.actor, [Ref("user", one.doer) for one in found]) if found else {}
    by: dict[int, list[Held]] = {}
    for one in found:
        by.setdefault(one.doer, []).append(one)
    return [
        Waits(
            doer, names.get(("user", doer)), sum(one.count for one in all_),
            tuple((_what(seen, one.notification), _label(seen, one.channel), one.count) for one in all_),
        )
        for doer, all_ in by.items()
    ]  # fmt: skip


def _told(seen: Screen, found: list[Failure]) -> list[Told]:
    refs = [Ref(f.entity, f.record) for f in found if f.entity and f.record and _may_open(seen, f.entity)]
    titles = seen.crm.reads.titles(seen.actor, refs) if refs else {}
    return [_one(seen, failure, titles) for failure in found]


def _may_open(seen: Screen, entity: str) -> bool:
    return entity in seen.crm.blueprint.entities and seen.sight.may_open(seen.actor, entity)


def _one(seen: Screen, failure: Failure, titles: dict[Any, str]) -> Told:
    title = titles.get((failure.entity, failure.record))
    moment = shown(MOMENT, field_type("datetime").load(MOMENT, (failure.at,)), seen.formats)
    place = f"/{failure.entity}/{failure.record}" if title is not None else None
    return Told(failure, _label(seen, failure.line), _what(seen, failure.what), moment, place, title)


def _what(seen: Screen, name: str) -> str:
    """The label of a notification or rule; what happened is told by its own word."""
    bare = name.removeprefix("notification ").removeprefix("rule ")
    blueprint = seen.crm.blueprint
    known = blueprint.notifications.get(bare) or blueprint.rules.get(bare)
    return known.label if known else bare


def _label(seen: Screen, name: str) -> str:
    if name in queues.WORK:
        return queues.WORK[name]
    channel = seen.crm.blueprint.channels.get(name)
    return f"Messages by {channel.label if channel else name}"


def _is_late(line: Line) -> bool:
    return line.oldest is not None and line.oldest > queues.LATE


def _age(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    for size, word in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} seconds"


__all__ = ["settle", "settle_all", "show"]
