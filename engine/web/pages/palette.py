"""The command palette: what this person may do here, where they may go, and what there is to find.

The server decides all of it; the page only shows it and presses what is chosen. What was opened lately the browser
knows by number only: names are asked here each time, through the door for reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.errors import CrmError, NotFound
from engine.folding import fold
from engine.records.finding import Group, Hit, Marked, find, marked_in
from engine.records.read import Record
from engine.records.search import LONGEST
from engine.rules.permissions import may
from engine.serving import Ask
from engine.web.frame import Screen, all_places, in_menu, screen
from engine.web.keys import CREATE, EDIT, HELP, LOG
from engine.web.pages.today import CALLING, loggable_here
from engine.web.render import address, counted

EACH = 4  # finds of each entity
MOST_RECENT = 8
FEW = 5  # deeds of a kind while nothing is typed
MOST = 8  # deeds of a kind that match
_RECORD = re.compile(r"/([a-z][a-z0-9_]*)/([1-9]\d{0,18})(?:[/?#].*)?")
_LIST = re.compile(r"/([a-z][a-z0-9_]*)(?:/(?:board|calendar))?(?:[?#].*)?")
COUNTED = 101


@dataclass(frozen=True, slots=True)
class Choice:
    """One line. `dialog`: its page opens over this one; `theme` and `popover` are pressed in the page."""

    label: Marked
    icon: str
    place: str | None = None
    detail: str = ""
    where: tuple[str, Marked] | None = None
    keys: tuple[str, ...] = ()
    dialog: bool = False
    theme: str | None = None
    popover: str | None = None
    words: str = ""  # what else it is found by


@dataclass(frozen=True, slots=True)
class Part:
    label: str
    choices: tuple[Choice, ...]


def show(ask: Ask) -> Response:
    seen = screen(ask)
    text = " ".join(ask.request.query_params.get("q", "").replace("\0", " ").split())[:LONGEST]
    parts = list(_typed(seen, text) if text else _untyped(seen))
    body = seen.render("palette.html", parts=_numbered(parts), text=text, all=address("/search", [("q", text)]))
    return Response(str(body), media_type="text/html; charset=utf-8", headers={"cache-control": "no-store"})


def _numbered(parts: Iterable[Part]) -> list[tuple[str, list[tuple[int, Choice]]]]:
    numbers = iter(range(1, 1000))
    return [(part.label, [(next(numbers), choice) for choice in part.choices]) for part in parts if part.choices]


def _untyped(seen: Screen) -> Iterator[Part]:
    record = _open_record(seen)
    if record is not None:
        yield Part(record.title, tuple(_deeds(seen, record)))
    yield Part(seen.say("Opened lately"), tuple(_recent(seen, record)))
    entity = _open_list(seen)
    if entity is not None:
        yield Part(entity.plural, tuple(_views(seen, entity)))
    yield Part(seen.say("Go to"), tuple(_places(seen)))
    yield Part(seen.say("Add"), tuple(_makes(seen))[:FEW])
    yield Part(seen.say("This program"), tuple(_settings(seen)))


def _typed(seen: Screen, text: str) -> Iterator[Part]:
    """Deeds that match stand first when they are what begins like this; records follow with their counts."""
    record = _open_record(seen)
    deeds = list(_matching(_deeds(seen, record), text)) if record else []
    if record is not None:
        yield Part(record.title, tuple(deeds[:MOST]))
    go = [*_places(seen), *(view for one in in_menu(seen) for view in _views(seen, one))] if len(text) > 1 else _places(seen)
    yield Part(seen.say("Go to"), tuple(_matching(go, text))[:MOST])
    yield Part(seen.say("Add"), tuple(_matching(_makes(seen), text))[:MOST])
    with seen.crm.database.reading() as lent:
        found = find(seen.crm.reads, lent, seen.actor, text, EACH)
    for group in found:
        yield Part(_told(seen, group), tuple(_found(seen, group, text)))
    yield Part(seen.say("This program"), tuple(_matching(_settings(seen), text)))


# ---- what was typed


def _matching(choices: Iterable[Choice], text: str) -> Iterator[Choice]:
    """Those in which every word begins a word."""
    words = fold(text).split()
    for choice in choices:
        label = "".join(piece for piece, _ in choice.label)
        known = fold(f"{label} {choice.detail} {choice.words}").split()
        if all(any(one.startswith(word) for one in known) for word in words):
            yield replace(choice, label=marked_in(label, words))


def plain(text: str) -> Marked:
    return ((text, False),)


# ---- the open record


def _open_record(seen: Screen) -> Record | None:
    found = _RECORD.fullmatch(seen.ask.request.query_params.get("at", ""))
    return _record(seen, found[1], int(found[2])) if found else None


def _record(seen: Screen, entity: str, id: int) -> Record | None:
    if id >= 2**63:
        return None
    try:
        return seen.crm.reads.record(seen.actor, entity, id)
    except NotFound:
        return None


def _deeds(seen: Screen, record: Record) -> Iterator[Choice]:
    place = f"/{record.entity}/{record.id}"
    entity = seen.crm.blueprint.entities[record.entity]
    if loggable_here(seen, entity):
        log = address(f"{place}/call", [("back", place)])
        yield Choice(plain(seen.say("Log a call")), "phone-call", log, keys=LOG, dialog=True)
    for move in seen.crm.writes.moves(seen.actor, record.entity, record.id):
        if move.allowed:
            stage = seen.crm.blueprint.workflows[move.workflow].stages.get(move.target or "")
            detail = stage.label if stage else ""
            way = f"{place}/move/{move.transition}"
            yield Choice(plain(move.label), "arrow-right", way, detail, dialog=True, words="move")
    if seen.crm.writes.may(seen.actor, record.entity, record.id, "update"):
        yield Choice(plain(seen.say("Edit")), "pencil", f"{place}/edit", keys=EDIT)
        if _assigns(seen, entity):
            owner = seen.say("Give to somebody else")
            yield Choice(plain(owner), "user-check", f"{place}/edit#f-owner", words="assign owner")
    yield Choice(plain(seen.say("History")), "history", address(place, [("tab", "history")]))
    if seen.crm.writes.may(seen.actor, record.entity, record.id, "delete"):
        yield Choice(plain(seen.say("Move to bin")), "trash-2", f"{place}/delete", dialog=True, words="delete remove")


def _assigns(seen: Screen, entity: Entity) -> bool:
    writable = seen.crm.writes.writable(seen.actor, entity.name)
    return entity.owned and "owner" in writable and may(seen.crm.blueprint, seen.actor, "assign", entity.name)


# ---- what was opened lately


def _recent(seen: Screen, now: Record | None) -> Iterator[Choice]:
    refs = [ref for ref in _asked(seen) if now is None or (ref.entity, ref.id) != (now.entity, now.id)][:MOST_RECENT]
    titles = seen.crm.reads.titles(seen.actor, refs) if refs else {}
    for ref in refs:
        title = titles.get((ref.entity, ref.id))
        if title is not None:
            entity = seen.crm.blueprint.entities[ref.entity]
            yield Choice(plain(title), entity.icon, f"/{ref.entity}/{ref.id}", entity.label)


def _asked(seen: Screen) -> list[Ref]:
    given = seen.ask.request.query_params.get("recent", "")[:1000].split(",")
    found = [_RECORD.fullmatch(f"/{one}") for one in given]
    refs = [Ref(one[1], int(one[2])) for one in found if one and int(one[2]) < 2**63]
    return [ref for ref in refs if ref.entity in seen.crm.blueprint.entities]


# ---- going


def _places(seen: Screen) -> Iterator[Choice]:
    for place in all_places(seen):
        keys = ("g", place.key) if place.key else ()
        yield Choice(plain(place.label), place.icon, place.address, keys=keys)
    if any(place.name == "today" for place in all_places(seen)):
        yield Choice(plain(seen.say("Start calling")), "phone-call", CALLING)
    yield Choice(plain(seen.say("Notices")), "bell", "/notices")
    yield Choice(plain(seen.say("Your account")), "circle-user", "/me", words="password profile language")


def _open_list(seen: Screen) -> Entity | None:
    found = _LIST.fullmatch(seen.ask.request.query_params.get("at", ""))
    return seen.crm.blueprint.entities[found[1]] if found and seen.sight.may_open(seen.actor, found[1]) else None


def _views(seen: Screen, entity: Entity) -> Iterator[Choice]:
    """The looks at a list, and the views that this person has of it."""
    place = f"/{entity.name}"
    if entity.fields_of("stage") or entity.board:
        yield Choice(plain(seen.say("{plural} as a board", plural=entity.plural)), "square-kanban", f"{place}/board")
    try:
        shelf = seen.crm.views.shelf(seen.actor, entity.name)
    except CrmError:
        return
    for view in shelf.views:
        if view.wrong is None:
            kind = "" if view.looks.kind == "list" else f"/{view.looks.kind}"
            yield Choice(plain(view.label), "bookmark", address(f"{place}{kind}", [("view", view.key)]), entity.plural)


def _makes(seen: Screen) -> Iterator[Choice]:
    for n, entity in enumerate(e for e in in_menu(seen) if seen.crm.writes.can_create(seen.actor, e.name)):
        label = seen.say("New {label}", label=entity.label.lower())
        yield Choice(plain(label), "plus", f"/{entity.name}/new", keys=CREATE if n == 0 else (), words="create add")


def _settings(seen: Screen) -> Iterator[Choice]:
    system = seen.say("As the system")
    themes = (("light", "sun", seen.say("Light")), ("dark", "moon", seen.say("Dark")), ("system", "monitor", system))
    for theme, icon, label in themes:
        yield Choice(plain(seen.say("Theme: {name}", name=label)), icon, theme=theme, words="colour color")
    yield Choice(plain(seen.say("Keys")), "keyboard", popover="keys", keys=HELP, words="shortcuts help")


# ---- records


def _found(seen: Screen, group: Group, text: str) -> Iterator[Choice]:
    entity = seen.crm.blueprint.entities[group.entity]
    for hit in group.hits:
        yield _hit(entity, hit)
    if group.count > len(group.hits) and not group.guessed:
        label = seen.say("All matches in {plural}", plural=entity.plural)
        yield Choice(plain(label), "search", address(f"/{entity.name}", [("q", text)]))


def _hit(entity: Entity, hit: Hit) -> Choice:
    return Choice(hit.title, entity.icon, f"/{hit.entity}/{hit.id}", where=hit.where)


def _told(seen: Screen, group: Group) -> str:
    plural = seen.crm.blueprint.entities[group.entity].plural
    if group.guessed:
        return seen.say("{plural}, spelled otherwise", plural=plural)
    return seen.say("{plural} ({count})", plural=plural, count=counted(group.count, COUNTED))


__all__ = ["show"]
