"""The views above a list, a board or a calendar: tabs of the pinned ones, the menu of all, and what was changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.blueprint.entities import Entity
from engine.markup import Html
from engine.parts.registry import view_kind, view_kinds
from engine.records.boards import is_board_of
from engine.records.views import Named
from engine.web.frame import Screen, proof
from engine.web.render import address
from engine.web.render_filters import Filters
from engine.web.viewed import Viewed, place_of_view


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: str
    place: str
    icon: str
    is_here: bool = False
    is_pinned: bool = False
    shared: str = ""
    wrong: str | None = None


def views_bar(seen: Screen, entity: Entity, v: Viewed, filters: Filters, is_changed: bool) -> Html:
    """`is_changed`: what is asked differs from the view."""
    tabs = [everything(seen, entity, v), *(tab(seen, entity, v, view) for view in v.shelf.views)]
    asks = v.view is None and (filters.asks() or any(name in ("columns", "group", "sort") for name, _ in v.pairs))
    save = v.view.key if v.view is not None and is_changed and v.view.may_change else None
    return seen.render(
        "views.html", entity=entity, tabs=[one for one in tabs if one.is_pinned or one.is_here], every=tabs[1:],
        all=tabs[0], here=next((one for one in tabs if one.is_here), tabs[0]), changed=is_changed, save=save,
        keeps=is_changed or asks, discard=place_of_view(entity, v.shelf, v.view), proof=proof(seen.ask),
        asked=address("", v.pairs).removeprefix("?"), kind=v.kind,
        new=address(f"/{entity.name}/views/new", [*v.pairs, ("_look", v.kind)]), manage=f"/{entity.name}/views",
    )  # fmt: skip


def everything(seen: Screen, entity: Entity, v: Viewed) -> Tab:
    label = seen.say("All {plural}", plural=entity.plural.lower())
    return Tab("all", label, place_of_view(entity, v.shelf, None), "list", v.view is None, True)


def tab(seen: Screen, entity: Entity, v: Viewed, view: Named) -> Tab:
    is_here = v.view is not None and v.view.key == view.key
    place, icon = place_of_view(entity, v.shelf, view), view_kind(view.looks.kind).icon
    return Tab(view.key, view.label, place, icon, is_here, view.pinned, shared_with(seen, view), view.wrong)


def shared_with(seen: Screen, view: Named) -> str:
    """Whose a view is, in words; nothing for one's own that is not shared."""
    if view.made_by is None:
        return ""
    roles = seen.crm.blueprint.roles
    told = {
        "": "",
        "all": seen.say("Everybody"),
        "team": seen.say("My team"),
        "role": roles[view.sharing.of].label if view.sharing.of in roles else "",
    }
    return told.get(view.sharing.kind, "")


def looks_at(seen: Screen, entity: Entity, v: Viewed, filters: Filters) -> list[Tab]:
    """The ways to look at the same records; none where there is but one."""
    kinds = list(_kinds(seen, entity))
    own = {word for kind in view_kinds().values() for word in (*kind.words, *kind.common)} | {"view"}
    found = []
    for word in kinds if len(kinds) > 1 else ():
        kind = view_kind(word)
        pairs = v.pairs if word == v.kind else [pair for pair in v.pairs if pair[0] not in own]
        place = filters.place(pairs, f"/{entity.name}{kind.place}")
        found.append(Tab(word, seen.say(kind.label), place, kind.icon, word == v.kind))
    return found


def _kinds(seen: Screen, entity: Entity) -> Iterator[str]:
    readable = seen.sight.fields(seen.actor.role, entity.name)
    for word, kind in view_kinds().items():
        if kind.suits(entity) and (word != "board" or is_board_of(entity, readable)):
            yield word


__all__ = ["Tab", "everything", "looks_at", "shared_with", "tab", "views_bar"]
