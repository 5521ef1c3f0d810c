"""Putting conditions together, and how many records each choice of a filter would leave."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import RedirectResponse, Response

from engine.blueprint.conditions import ALWAYS
from engine.blueprint.entities import Entity
from engine.errors import NotFound
from engine.parts.registry import view_kinds
from engine.records.groups import GROUPABLE, counts_of
from engine.records.query import Query, words
from engine.records.sight import NOT_FOUND
from engine.serving import Ask
from engine.web.builder import Built, Group, Row, build, pressed, read_tree, tree_of
from engine.web.frame import Screen, screen
from engine.web.pages.lists import most_of
from engine.web.render import counted, hidden
from engine.web.render_builder import lines, word_lists
from engine.web.render_where import told
from engine.web.viewed import PLACE, condition_pairs, place_of_pairs

LOOK, DEED = "_look", "do"
Pairs = list[tuple[str, str]]


def show(ask: Ask) -> Response:
    """The page on which a condition is put together. Each button is a request; `do=apply` leads to the list."""
    seen = screen(ask)
    entity = seen.entity()
    given = ask.request.query_params.multi_items()
    said, deed = dict(given), dict(given).get(DEED, "")
    kept = [pair for pair in given if pair[0] in words() and pair[0] not in ("where", *PLACE)]
    tree = read_tree(given) or _tree_now(seen, entity, given)
    built = build(seen.sight, seen.actor.role, entity.name, pressed(tree, deed), seen.crm.reads.reading(seen.actor))
    if deed == "apply" and not built.is_wrong:
        base = _base(entity, said.get(LOOK, "list"))
        shelf = seen.crm.views.shelf(seen.actor, entity.name)
        pairs = [*kept, *condition_pairs(seen, entity, built.condition)]
        return RedirectResponse(place_of_pairs(base, entity, shelf, pairs), 303)
    return _page(seen, entity, built, kept, said, 422 if deed == "apply" else 200)


def _tree_now(seen: Screen, entity: Entity, given: Pairs) -> Group:
    """What the address asks already, and one row more to fill in where it asks nothing."""
    pairs = [pair for pair in given if pair[0] not in (LOOK, DEED)]
    where = seen.crm.reads.query(seen.actor, entity.name, pairs).where
    tree = tree_of(seen.crm.blueprint, entity.name, where or ALWAYS, seen.formats)
    return tree if tree.parts else Group("all", (Row(),))


def _base(entity: Entity, look: str) -> str:
    kind = view_kinds().get(look or "list")
    return f"/{entity.name}{kind.place if kind else ''}"


def _page(seen: Screen, entity: Entity, built: Built, kept: Pairs, said: dict[str, str], status: int) -> Response:
    look = said.get(LOOK, "")
    body = seen.render(
        "builder.html", entity=entity, lines=lines(seen, entity.name, built.tree), kept=hidden(kept), look=look,
        place=f"/{entity.name}/filter", back=_base(entity, look), preview=_preview(seen, entity, built, kept),
        words=word_lists(seen),
    )  # fmt: skip
    return seen.page(seen.say("Conditions for {plural}", plural=entity.plural.lower()), body, entity.name, status)


def _preview(seen: Screen, entity: Entity, built: Built, kept: Pairs) -> dict[str, Any]:
    """What is asked, in words, and how many fit."""
    search = dict(kept).get("q", "").strip() or None
    query = Query(entity.name, where=None if built.condition == ALWAYS else built.condition, search=search)
    most = most_of(query)
    count = seen.crm.reads.count(seen.actor, query, most)
    fit = seen.say_n("{n} record fits:", "{n} records fit:", count, n=counted(count, most))
    return {"fit": fit, "words": told(seen, entity.name, built.condition) if built.condition != ALWAYS else None}


def counts(ask: Ask) -> Response:
    """GET /deal/counts/source?...: for each of its choices how many there would be; asked when a filter is opened."""
    seen = screen(ask)
    entity = seen.entity()
    field = seen.sight.fields(seen.actor.role, entity.name).get(ask.path["field"])
    if field is None or field.type not in GROUPABLE - {"date", "datetime"}:
        raise NotFound(NOT_FOUND)
    pairs = [pair for pair in ask.request.query_params.multi_items() if pair[0] not in (*PLACE, "group", "view")]
    query = seen.crm.reads.query(seen.actor, entity.name, [*pairs, ("group", field.name)])
    with seen.crm.database.reading() as lent:
        found = counts_of(seen.crm.reads, lent, seen.actor, query)
    plus = "" if found.is_whole else "+"
    told_counts = {_key(one.value): f"{one.count:,}{plus}" for one in found.groups if one.count is not None}
    return Response(orjson.dumps({"counts": told_counts, "whole": found.is_whole}), media_type="application/json")


def _key(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(getattr(value, "id", value))


__all__ = ["counts", "show"]
