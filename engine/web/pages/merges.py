"""Two records side by side: value by value what the one that stays will have, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.errors import BadRequest, Conflict, Invalid
from engine.records.commands import Merge, Unmerge
from engine.records.merging import BOTH, DAYS, OTHER, THIS, Choice
from engine.records.read import Record
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id, version_of
from engine.web.pages.related import COUNTED, children_of
from engine.web.pages.undo import done, way_back
from engine.web.render import counted, shown
from engine.words import said as sentence

CHOOSE = "choose."


def show(ask: Ask) -> Response:
    """`?choose.phone=other` chooses beforehand, so that what it comes to can be looked at before anything is done."""
    seen = screen(ask)
    return _page(seen, dict(ask.request.query_params.items()))


def merge(ask: Ask) -> Response:
    seen = screen(ask)
    entity, id, other = seen.entity(), record_id(ask), record_id(ask, "other")
    given = {n: v for n, v in (ask.form or {}).items() if isinstance(v, str)}
    command = Merge(entity.name, id, version_of(ask), other, _other_version(given), _chosen(given))
    try:
        outcome = done(seen, command)
    except (Invalid, Conflict) as error:
        said = error.complaints[0].message if isinstance(error, Invalid) else error.message
        return _page(seen, given, said, error.status)
    return go(ask, f"/{entity.name}/{id}", sentence("Merged. It can be taken back here."), way_back(seen, outcome))


def unmerge(ask: Ask) -> Response:
    """Says what was taken back, what was kept because somebody changed it since, and what failed."""
    seen = screen(ask)
    entity, id = seen.entity(), record_id(ask)
    command = Unmerge(entity.name, id, version_of(ask), record_id(ask, "merge"))
    lists = done(seen, command).lists or {}
    record = seen.crm.reads.record(seen.actor, entity.name, id)
    body = seen.render("unmerged.html", entity=entity, record=record, lists=lists)
    return seen.page(sentence("Taken back: {title}", title=record.title), body, entity.name)


def _chosen(given: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(CHOOSE): word for name, word in given.items() if name.startswith(CHOOSE)}


def _other_version(given: Mapping[str, str]) -> int:
    text = given.get("_other_version", "")
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise BadRequest(sentence(
            "The form does not say which version of the other record it was made from. Open it again."
        ))
    return int(text)


# ---- the page


def _page(seen: Screen, given: Mapping[str, str], said: str | None = None, status: int = 200) -> Response:
    entity, id, other = seen.entity(), record_id(seen.ask), record_id(seen.ask, "other")
    choices = seen.crm.writes.compare(seen.actor, entity.name, id, other)
    this, that = (seen.crm.reads.record(seen.actor, entity.name, one) for one in (id, other))
    chosen = _chosen(given)
    lines = [_line(seen, choice, this, that, chosen.get(choice.field.name)) for choice in choices]
    body = seen.render(
        "merge.html", entity=entity, this=this, that=that, said=said, proof=proof(seen.ask), days=DAYS,
        lines=[one for one in lines if one["differs"]],
        agreed=[one for one in lines if one["filled"] and not one["differs"]],
        both=any(len(one["offers"]) == 3 for one in lines), names=[_named(entity, one) for one in (this, that)],
        moving=_moving(seen, entity, other), swap=f"/{entity.name}/{other}/merge/{id}",
        place=f"/{entity.name}/{id}/merge/{other}",
    )  # fmt: skip
    return seen.page(sentence("Merge {title}", title=this.title), body, entity.name, status)


def _named(entity: Entity, record: Record) -> str:
    """With its number: two records of one person are called the same."""
    number = next((record.values.get(f.name) for f in entity.fields_of("reference_number")), None)
    return f"{record.title} ({number})" if number and number not in record.title else record.title


def _line(seen: Screen, choice: Choice, this: Record, that: Record, chosen: str | None) -> dict[str, Any]:
    """A field with both values, and what the merged record will have."""
    field, name = choice.field, choice.field.name
    ours, theirs = this.values.get(name), that.values.get(name)
    picked = chosen if choice.open and chosen in choice.offers else choice.preferred
    values = {THIS: ours, OTHER: theirs, BOTH: _both(ours, theirs)}
    return {
        "field": field, "picked": picked, "open": choice.open, "differs": not choice.same, "filled": ours is not None,
        "offers": [(word, shown(field, values[word], seen.formats)) for word in choice.offers],
        "merged": shown(field, values[picked], seen.formats),
    }  # fmt: skip


def _both(ours: Any, theirs: Any) -> Any:
    if not isinstance(ours, tuple) or not isinstance(theirs, tuple):
        return ours or theirs
    return (*ours, *(one for one in theirs if one not in ours))


def _moving(seen: Screen, entity: Entity, id: int) -> list[tuple[str, str]]:
    """What belongs to the one that goes, as far as this person sees it."""
    names = children_of(seen, entity)
    counts = [seen.crm.reads.related_count(seen.actor, entity.name, id, name, COUNTED) for name in names]
    labels = [entity.fields[name].label for name in names]
    return [(label, counted(n, COUNTED)) for label, n in zip(labels, counts, strict=True) if n]


__all__ = ["merge", "show", "unmerge"]
