"""Keeping views: a new one, what one is called and who has it, their order and pins; and how high rows are."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.errors import BadRequest, Invalid, NotFound
from engine.parts.registry import view_kinds
from engine.records.looks import Looks
from engine.records.sight import NOT_FOUND
from engine.records.views import Named, Sharing
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.signs import text_of
from engine.web.render import address
from engine.web.render_views import everything, tab
from engine.web.security import local_place
from engine.web.viewed import PLACE, Viewed, looks_of, place_of_view
from engine.words import said as sentence

Pairs = list[tuple[str, str]]
LOOK = "_look"  # which kind of view asks; no field begins with such a mark
LONGEST = 20_000  # characters of what an address asks


def manage(ask: Ask) -> Response:
    """All of one's views of an entity, to arrange them."""
    seen = screen(ask)
    entity = seen.entity()
    shelf = seen.crm.views.shelf(seen.actor, entity.name)
    v = Viewed(shelf, None, "list", [])
    rows = [(view, tab(seen, entity, v, view)) for view in shelf.views]
    body = seen.render("views_all.html", entity=entity, rows=rows, all=everything(seen, entity, v), proof=proof(ask))
    return seen.page(seen.say("Views of {plural}", plural=entity.plural), body, entity.name)


def new(ask: Ask) -> Response:
    """The form that keeps what an address asks."""
    seen = screen(ask)
    entity = seen.entity()
    given = ask.request.query_params.multi_items()
    kind = _kind(entity, dict(given).get(LOOK, "list"))
    pairs = [pair for pair in given if pair[0] not in (LOOK, *PLACE)]
    _looks(seen, entity, kind, pairs)  # what makes no sense is told before a name is thought of
    return _form(seen, entity, None, {"asked": _text(pairs), LOOK: kind})


def keep(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    kind = _kind(entity, text_of(ask, LOOK) or "list")
    looks = _looks(seen, entity, kind, asked_pairs(ask))
    try:
        key = seen.crm.views.keep(seen.actor, entity.name, text_of(ask, "label"), looks, _sharing(ask))
    except Invalid as error:
        return _form(seen, entity, None, _typed(ask), error)
    view = seen.crm.views.view(seen.actor, entity.name, key)
    return go(ask, place_of_view(entity, seen.crm.views.shelf(seen.actor, entity.name), view), seen.say("Saved."))


def edit(ask: Ask) -> Response:
    """What a view is called and who has it. Raises NotFound, the same for one that is not the actor's to change."""
    seen = screen(ask)
    entity = seen.entity()
    view = seen.crm.views.view(seen.actor, entity.name, ask.path["key"])
    if not view.may_change:
        raise NotFound(NOT_FOUND)
    typed = {"label": view.label, "share": f"{view.sharing.kind}:{view.sharing.of}" if view.sharing.kind else ""}
    flags = {name: "1" for name in ("pinned", "first") if getattr(view.sharing, name)}
    return _form(seen, entity, view, {**typed, **flags})


def change(ask: Ask) -> Response:
    """`do`: save (what is asked now), details, copy, delete, pin, unpin, up, down."""
    seen = screen(ask)
    entity = seen.entity()
    key, deed = ask.path["key"], text_of(ask, "do")
    view = seen.crm.views.view(seen.actor, entity.name, key)
    deeds = {"save": _save, "details": _details, "copy": _copy, "delete": _delete}
    if deed in deeds:
        return deeds[deed](seen, entity, view)
    if deed in ("pin", "unpin"):
        seen.crm.views.pin(seen.actor, entity.name, view.key, deed == "pin")
    elif deed in ("up", "down"):
        seen.crm.views.shift(seen.actor, entity.name, view.key, -1 if deed == "up" else 1)
    else:
        raise BadRequest(sentence("Say what is to be done with the view."))
    return go(ask, f"/{entity.name}/views")


def rows(ask: Ask) -> Response:
    """How high the rows of one's lists are."""
    seen = screen(ask)
    entity = seen.entity()
    seen.crm.views.like_rows(seen.actor, text_of(ask, "rows"))
    came = ask.request.headers.get("referer", "").partition(ask.request.url.netloc)[2]
    came = local_place(came)
    return go(ask, came if came.partition("?")[0] == f"/{entity.name}" else f"/{entity.name}")


# ---- deeds


def _save(seen: Screen, entity: Entity, view: Named) -> Response:
    kind = _kind(entity, text_of(seen.ask, LOOK) or view.looks.kind)
    seen.crm.views.change(seen.actor, entity.name, view.key, looks=_looks(seen, entity, kind, asked_pairs(seen.ask)))
    return _back(seen, entity, view.key, seen.say("Saved."))


def _details(seen: Screen, entity: Entity, view: Named) -> Response:
    try:
        label, sharing = text_of(seen.ask, "label"), _sharing(seen.ask)
        seen.crm.views.change(seen.actor, entity.name, view.key, label=label, sharing=sharing)
    except Invalid as error:
        return _form(seen, entity, view, _typed(seen.ask), error)
    return go(seen.ask, f"/{entity.name}/views", seen.say("Saved."))


def _copy(seen: Screen, entity: Entity, view: Named) -> Response:
    taken = {one.label for one in seen.crm.views.shelf(seen.actor, entity.name).views}
    names = (seen.say("{label}, copy {n}", label=view.label[:60], n=n) for n in range(1, len(taken) + 2))
    key = seen.crm.views.keep(seen.actor, entity.name, next(n for n in names if n not in taken), view.looks)
    return go(seen.ask, f"/{entity.name}/views#view-{key}", seen.say("Copied."))


def _delete(seen: Screen, entity: Entity, view: Named) -> Response:
    seen.crm.views.delete(seen.actor, entity.name, view.key)
    return go(seen.ask, f"/{entity.name}/views", seen.say("{label} is gone.", label=view.label))


def _back(seen: Screen, entity: Entity, key: str, said: str) -> Response:
    shelf = seen.crm.views.shelf(seen.actor, entity.name)
    return go(seen.ask, place_of_view(entity, shelf, shelf.get(key)), said)


# ---- the form


def _form(
    seen: Screen, entity: Entity, view: Named | None, typed: Mapping[str, str], error: Invalid | None = None
) -> Response:
    wrong = {complaint.field: complaint.message for complaint in error.complaints} if error else {}
    title = seen.say("Name and share this view") if view else seen.say("Save as a view")
    body = seen.render(
        "view_form.html", entity=entity, view=view, typed=typed, wrong=wrong, shares=_shares(seen), proof=proof(seen.ask),
        title=title, place=f"/{entity.name}/views/{view.key}" if view else f"/{entity.name}/views",
        back=f"/{entity.name}/views" if view else f"/{entity.name}",
    )  # fmt: skip
    return seen.page(title, body, entity.name, error.status if error else 200)


def _shares(seen: Screen) -> list[tuple[str, str]]:
    """With whom this person may share, as the form offers it; empty for most."""
    found = seen.crm.views.sharing(seen.actor)
    teams = [Ref("team", int(id)) for id in found.get("team", ())]
    titles = seen.crm.reads.titles(seen.actor, teams) if teams else {}
    roles = seen.crm.blueprint.roles
    offered = [(f"team:{ref.id}", titles.get((ref.entity, ref.id), seen.say("My team"))) for ref in teams]
    offered += [(f"role:{name}", roles[name].label) for name in found.get("role", ())]
    offered += [("all:", seen.say("Everybody"))] if "all" in found else []
    return [("", seen.say("Only me")), *offered] if offered else []


def _sharing(ask: Ask) -> Sharing:
    kind, _, of = text_of(ask, "share").partition(":")
    if kind not in ("", "team", "role", "all"):
        raise BadRequest(sentence("A view is shared with a team, a role or everybody."))
    shared = bool(kind)
    return Sharing(kind, of, shared and bool(text_of(ask, "pinned")), shared and bool(text_of(ask, "first")))


def _typed(ask: Ask) -> dict[str, str]:
    return {name: text_of(ask, name) for name in ("label", "share", "pinned", "first", "asked", LOOK)}


# ---- what is kept


def _kind(entity: Entity, word: str) -> str:
    kind = view_kinds().get(word)
    if kind is None or not kind.suits(entity):
        raise BadRequest(sentence('"{word}" is no kind of view of {lower}.', word=word[:40], lower=entity.plural.lower()))
    return word


def asked_pairs(ask: Ask) -> Pairs:
    """What a form says that the list asked. Raises BadRequest for more than is kept."""
    text = text_of(ask, "asked")
    if len(text) > LONGEST:
        raise BadRequest(sentence("This view asks for more than is kept. Take some of its filters out."))
    return [pair for pair in parse_qsl(text) if pair[0] not in PLACE]


def _looks(seen: Screen, entity: Entity, kind: str, pairs: Pairs) -> Looks:
    """Raises BadRequest for what makes no sense, or is not the actor's to ask."""
    query = seen.crm.reads.query(seen.actor, entity.name, pairs)
    return looks_of(entity, kind, query, pairs)


def _text(pairs: Pairs) -> str:
    return address("", pairs).removeprefix("?")


__all__ = ["asked_pairs", "change", "edit", "keep", "manage", "new", "rows"]
