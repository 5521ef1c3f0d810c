"""Many records at once: what is to be done to the ticked ones, or to all that the list's question finds.

/{entity}/bulk asks what and tells beforehand what would be left out and why; /bulk/{id} shows how far it is, what became
of each record, and takes it back. Nothing here needs script.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Entity, Field
from engine.errors import BadRequest, Complaint, Invalid
from engine.records import bulk_work, bulks
from engine.records.bulk_work import Trial
from engine.records.bulks import Wish
from engine.records.exporting import KINDS
from engine.records.query import Query
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import key_of
from engine.web.render import hidden
from engine.web.render_bulk import LOOKS, may_do, moves_of, must_bulk, tag_fields
from engine.web.render_forms import FILES, Sheet, form_fields, posted
from engine.words import said

LONGEST_QUESTION = 8000
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """`ids` that were ticked, or all that `question` finds. `count` stops one after the most that is done at once."""

    ids: tuple[int, ...]
    question: str
    all: bool
    count: int

    @property
    def kept(self) -> Pairs:
        """As hidden fields of a form."""
        return [*(("id", str(id)) for id in self.ids), ("question", self.question), *([("all", "1")] if self.all else [])]


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    given = ask.request.query_params.multi_items()
    do = dict(given).get("do", "")
    must_bulk(seen, entity)
    chosen = _chosen(seen, entity, given)
    if do == "merge":
        return _merge(seen, entity, chosen)
    if do == "export":
        return _export(seen, entity, chosen)
    return _page(seen, entity, do, chosen)


def begin(ask: Ask) -> Response:
    """What would be left out is told first; who has seen that, or where nothing would be, begins."""
    seen = screen(ask)
    entity = seen.entity()
    given = [(name, value) for name, value in (ask.form.multi_items() if ask.form else ()) if isinstance(value, str)]
    do, is_sure = dict(given).get("do", ""), ("sure", "1") in given
    must_bulk(seen, entity)
    chosen = _chosen(seen, entity, given)
    try:
        wish, ids = _wish(seen, entity, do, given), _ids(seen, entity, chosen)
        trial = None if is_sure else bulk_work.trial(seen.crm.writes, seen.actor, wish, bulks.check_ids(ids))
        if trial is not None and trial.left_out:
            return _told(seen, entity, chosen, len(ids), trial, given)
        id = bulk_work.start(seen.crm.writes, seen.actor, wish, ids, by_hand=True, key=key_of(ask))
    except Invalid as error:
        return _page(seen, entity, do, chosen, error.complaints, given)
    return RedirectResponse(f"/bulk/{id}", 303)


# ---- which records


def _chosen(seen: Screen, entity: Entity, given: Pairs) -> Chosen:
    """Raises BadRequest for what is no id, and for a question that makes no sense."""
    ids, named = tuple(dict.fromkeys(_id(text) for name, text in given if name == "id")), dict(given)
    question = named.get("question", "")[:LONGEST_QUESTION]
    if named.get("all") != "1":
        return Chosen(ids, question, False, len(ids))
    query = _query(seen, entity, question)
    return Chosen((), question, True, seen.crm.reads.count(seen.actor, query, bulks.MOST + 1))


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < 2**63):
        raise BadRequest(said("The address names a record that cannot be one."))
    return int(text)


def _query(seen: Screen, entity: Entity, question: str) -> Query:
    pairs = [(name, text) for name, text in parse_qsl(question, max_num_fields=200) if name not in LOOKS]
    return seen.crm.reads.query(seen.actor, entity.name, pairs)


def _ids(seen: Screen, entity: Entity, chosen: Chosen) -> list[int]:
    if not chosen.all:
        return list(chosen.ids)
    return bulks.ids_of(seen.crm.reads, seen.actor, _query(seen, entity, chosen.question))


def _merge(seen: Screen, entity: Entity, chosen: Chosen) -> Response:
    if len(chosen.ids) != 2 or not may_do(seen, entity, "merge"):
        return go(seen.ask, _list(entity, chosen), seen.say("Tick the two that are to become one."))
    first, second = sorted(chosen.ids)
    return RedirectResponse(f"/{entity.name}/{first}/merge/{second}", 303)


def _export(seen: Screen, entity: Entity, chosen: Chosen) -> Response:
    """Which kind of file; the file itself is an address of the list."""
    pairs = parse_qsl(chosen.question) if chosen.all else [("id.in", ",".join(map(str, chosen.ids)))]
    what = f"{chosen.count:,} {entity.label.lower() if chosen.count == 1 else entity.plural.lower()}"
    heading = seen.say("Export {records}", records=what)
    body = seen.render("bulk_export.html", entity=entity, heading=heading, chosen=chosen, kept=hidden(pairs), kinds=KINDS,
                       back=_list(entity, chosen))  # fmt: skip
    return seen.page(heading, body, entity.name)


def _list(entity: Entity, chosen: Chosen) -> str:
    return f"/{entity.name}?{chosen.question}" if chosen.question else f"/{entity.name}"


# ---- what is to be done


def _wish(seen: Screen, entity: Entity, do: str, given: Pairs) -> Wish:
    """Raises Invalid for a deed that makes no sense here."""
    kind, _, name = do.partition(":")
    texts = posted(seen, _fields(seen, entity, do))
    if kind == "edit":
        ticked = {text for named, text in given if named == "_set"}
        return Wish(entity.name, "update", {"values": {n: t for n, t in texts.items() if n in ticked}})
    if kind == "move":
        return Wish(entity.name, "move", {"transition": name, "values": texts})
    if kind == "assign":
        return Wish(entity.name, "update", {"values": texts})
    if kind == "tag":
        return Wish(entity.name, "tag", {"field": name, "add": _words(texts["add"]), "remove": _words(texts["remove"])})
    if kind == "delete":
        return Wish(entity.name, "delete")
    raise Invalid([Complaint(None, seen.say("Choose what is to be done."))])


def _words(given: Any) -> list[str]:
    several = given if isinstance(given, (list, tuple)) else str(given or "").split(",")
    return [text.strip() for text in several if text.strip()]


def _fields(seen: Screen, entity: Entity, do: str) -> tuple[Field, ...]:
    """What the form of a deed asks for. Raises BadRequest for one that is not offered."""
    kind, _, name = do.partition(":")
    if not may_do(seen, entity, kind):
        raise BadRequest(seen.say("There is nothing of this kind to be done here."))
    if kind == "edit":
        return tuple(f for f in form_fields(seen, entity) if f.type not in FILES)
    if kind == "assign":
        return (entity.fields["owner"],)
    if kind == "tag":
        return _tag_fields(seen, entity, name)
    return _asked(seen, entity, name) if kind == "move" else ()


def _tag_fields(seen: Screen, entity: Entity, name: str) -> tuple[Field, ...]:
    found = next((one for one in tag_fields(seen, entity) if one.name == name), None)
    if found is None:
        raise BadRequest(seen.say("There is nothing of this kind to be done here."))
    words = (("add", seen.say("Add")), ("remove", seen.say("Take away")))
    return tuple(replace(found, name=word, label=label, required=False, help=None) for word, label in words)


def _asked(seen: Screen, entity: Entity, transition: str) -> tuple[Field, ...]:
    found = [one for one in moves_of(seen, entity) if one.name == transition]
    if not found:
        raise BadRequest(seen.say("There is no such move for your role."))
    writable = seen.crm.writes.writable(seen.actor, entity.name)
    return tuple(entity.fields[name] for name in dict.fromkeys(found[0].asks) if name in writable)


# ---- the pages


def _page(
    seen: Screen, entity: Entity, do: str, chosen: Chosen, complaints: tuple[Complaint, ...] = (), given: Pairs | None = None
) -> Response:
    fields = _fields(seen, entity, do)
    texts = posted(seen, fields) if given is not None else {}
    sheet = Sheet(seen, entity, fields, texts, complaints=complaints, always=True, required=_needed(entity, do))
    ticked = {text for name, text in given or () if name == "_set"}
    trial = _tried(seen, entity, do, chosen, sheet) if given is None else None
    body = seen.render(
        "bulk.html", entity=entity, do=do, kind=do.partition(":")[0], heading=_heading(seen, entity, do, chosen),
        sheet=sheet, ticked=ticked, chosen=chosen, kept=hidden(chosen.kept), proof=proof(seen.ask), trial=trial,
        back=_list(entity, chosen), most=bulks.MOST, sure=trial is not None,
    )  # fmt: skip
    return seen.page(_heading(seen, entity, do, chosen), body, entity.name, 422 if complaints else 200)


def _needed(entity: Entity, do: str) -> frozenset[str]:
    return frozenset({"owner"}) if do == "assign" else frozenset()


def _tried(seen: Screen, entity: Entity, do: str, chosen: Chosen, sheet: Sheet) -> Trial | None:
    """What asks for nothing is tried at once."""
    if sheet.fields or do == "edit" or not chosen.count or chosen.count > bulks.MOST:
        return None
    return bulk_work.trial(seen.crm.writes, seen.actor, _wish(seen, entity, do, []), _ids(seen, entity, chosen))


def _told(seen: Screen, entity: Entity, chosen: Chosen, count: int, trial: Trial, given: Pairs) -> Response:
    """Before it begins: how many, how many would be left out, and why."""
    do = dict(given).get("do", "")
    kept = [(name, text) for name, text in given if name not in ("_csrf", "_key", "sure")]
    body = seen.render(
        "bulk_told.html", entity=entity, heading=_heading(seen, entity, do, chosen), count=count, trial=trial,
        kept=hidden(kept), proof=proof(seen.ask), back=_list(entity, chosen),
    )  # fmt: skip
    return seen.page(_heading(seen, entity, do, chosen), body, entity.name, 409)


def _heading(seen: Screen, entity: Entity, do: str, chosen: Chosen) -> str:
    kind, _, name = do.partition(":")
    what = f"{chosen.count:,} {entity.label.lower() if chosen.count == 1 else entity.plural.lower()}"
    if kind == "move":
        label = next((one.label for one in moves_of(seen, entity) if one.name == name), name)
        return seen.say("{move}: {records}", move=label, records=what)
    if kind == "assign":
        return seen.say("Give {records} to", records=what)
    if kind == "tag":
        return seen.say("Tag {records}", records=what)
    if kind == "delete":
        return seen.say("Move {records} to the bin?", records=what)
    return seen.say("Change {records}", records=what)


__all__ = ["begin", "show"]
