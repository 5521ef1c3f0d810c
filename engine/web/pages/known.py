"""Who is known already: told while a form is filled in, on the record's page, and as a list of what is still open."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.errors import CrmError, NotFound
from engine.markup import Html
from engine.records.asking import Asked, Warned
from engine.records.database import Connection
from engine.records.merging import merged_into
from engine.records.pairs import NOTHING, About, Pair, about, open_pairs
from engine.records.read import Whole
from engine.records.sight import NOT_FOUND
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.calendar_free import clash
from engine.web.pages.ids import asked_id, record_id
from engine.web.render import address
from engine.web.render_forms import form_fields, posted
from engine.web.render_moments import moment
from engine.web.security import local_place
from engine.words import said as sentence

PAGE = 50
WORDS = {"duplicate": sentence("Perhaps a duplicate"), "re_engaged": "Re-engaged", "junk": sentence("Perhaps junk")}


# ---- while one types


def typing(ask: Ask) -> Response:
    """What the script asks while a form is filled in: a piece of the page, empty when there is nothing to tell."""
    seen = screen(ask)
    entity = seen.entity()
    fields = form_fields(seen, entity)
    texts = posted(seen, fields)
    id = record_id(ask) if "id" in ask.path else None
    touched = {f.name for f in fields if texts.get(f.name)}
    asked = seen.crm.writes.ask(seen.actor, entity.name, texts, id, touched)
    body = seen.render("known.html", asked=asked, entity=entity, saved=False)
    return Response(f"{body}{clash(seen, entity, texts, id)}", media_type="text/html; charset=utf-8")


def warned(seen: Screen, entity: Entity, texts: dict[str, object], id: int | None = None) -> Warned | None:
    """What must be shown before the form is kept: a finding that its reader has not seen. One that blocks is told by the
    write itself; what cannot be asked about is refused by it."""
    if not entity.duplicates:
        return None
    try:
        found = seen.crm.writes.ask(seen.actor, entity.name, texts, id).warned
    except CrmError:
        return None
    form = seen.ask.form
    agreed = form.getlist("_known") if form is not None else []
    return None if found is None or found.blocks or found.key in agreed else found


def drawn(seen: Screen, entity: Entity, found: Warned) -> Html:
    return seen.render("known.html", asked=Asked(found), entity=entity, saved=True)


# ---- on a record's page


def beside(seen: Screen, lent: Connection, entity: Entity, whole: Whole) -> str:
    """The line under the title; nothing for most records."""
    if not (entity.duplicates or entity.name in seen.face.once("known again", lambda: _looked_for(seen))):
        return ""
    found = about(seen.crm.reads, lent, seen.actor, entity.name, whole.record.id, "update" in whole.rights)
    if found is NOTHING:
        return ""
    return str(seen.render(
        "maybe.html", entity=entity, record=whole.record, lines=_lines(seen, entity, whole.record.id, found),
        hidden=_hidden(found), joined=[(one, moment(one.at, seen.formats)) for one in found.joined],
        proof=lambda: proof(seen.ask),
    ))  # fmt: skip


def _looked_for(seen: Screen) -> frozenset[str]:
    """The entities that some rule looks into."""
    entities = seen.crm.blueprint.entities.values()
    return frozenset(a.entity for e in entities for rule in e.duplicates for a in rule.among)


@dataclass(frozen=True, slots=True)
class Line:
    """One other record. `merge`: the address where the two are laid side by side."""

    pair: Pair
    label: str
    title: str
    open: str
    merge: str | None
    said: str


def _lines(seen: Screen, entity: Entity, id: int, found: About) -> list[Line]:
    lines = []
    for pair in found.pairs:
        other = pair.other if pair.record.id == id else pair.record
        label = seen.crm.blueprint.entities[other.entity].label
        merge = f"/{entity.name}/{min(id, other.id)}/merge/{max(id, other.id)}" if pair.merges else None
        lines.append(Line(pair, label, other.title or label, f"/{other.entity}/{other.id}", merge, WORDS[pair.outcome]))
    return lines


def _hidden(found: About) -> str | None:
    if not found.hidden:
        return None
    who = f"{listed(found.helpers)} can help." if found.helpers else sentence("Ask who administers.")
    return f"There is a record of this person that you do not see. {who}"


def led_on(ask: Ask) -> Response:
    """An old address of a record that was merged leads to the one that it is part of now, for who may read that one.
    Raises NotFound."""
    seen = screen(ask)
    entity, id = seen.entity(), record_id(ask)
    with seen.crm.reads.lent(None) as lent:
        kept = merged_into(lent, id)
        if kept is None or not seen.crm.reads.allowed(seen.actor, "read", entity.name, kept, lent):
            raise NotFound(NOT_FOUND)
    return go(ask, f"/{entity.name}/{kept}")


# ---- the list


def show(ask: Ask) -> Response:
    """Every open pair of which this person may read both."""
    seen = screen(ask)
    from_id = asked_id(ask)
    pairs, next_id = open_pairs(seen.crm.reads, seen.actor, PAGE, from_id)
    rows = [_row(seen, pair) for pair in pairs]
    older = address("/duplicates", {"before": str(next_id)}) if next_id else None
    body = seen.render("duplicates.html", rows=rows, older=older, proof=lambda: proof(ask))
    return seen.page(sentence("Duplicates"), body, "duplicates")


def _row(seen: Screen, pair: Pair) -> dict[str, object]:
    entities = seen.crm.blueprint.entities
    one, other = pair.record, pair.other
    merge = f"/{one.entity}/{min(one.id, other.id)}/merge/{max(one.id, other.id)}" if pair.merges else None
    return {
        "pair": pair, "said": WORDS[pair.outcome], "merge": merge, "at": moment(pair.at, seen.formats),
        "one": (entities[one.entity], one), "other": (entities[other.entity], other),
    }  # fmt: skip


def dismiss(ask: Ask) -> Response:
    """They are not the same."""
    seen = screen(ask)
    seen.crm.writes.dismiss(seen.actor, record_id(ask))
    given = ask.form.get("back") if ask.form is not None else None
    return go(ask, local_place(given if isinstance(given, str) else None, "/duplicates"), sentence(
        "Noted: not the same."
    ))


__all__ = ["beside", "dismiss", "drawn", "led_on", "show", "typing", "warned"]
