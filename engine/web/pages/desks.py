"""Where each role begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import RedirectResponse, Response

from engine.records.today import has_day, works_alone
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import Screen, in_menu, screen


def home(ask: Ask) -> Response:
    """Where the role begins, as the set says. Else the day of those who attend to their own records and to no others',
    the role's first dashboard, the day, the first list that it may read."""
    seen = screen(ask)
    place = next(_homes(seen), None)
    if place is not None:
        return RedirectResponse(place, 303)
    return seen.page(seen.say("Nothing yet"), seen.render("nothing.html", role=seen.role_label(), who=_administrators(seen)))


def _homes(seen: Screen) -> Iterator[str]:
    blueprint, actor = seen.crm.blueprint, seen.actor
    role = blueprint.roles.get(actor.role)
    desks = [d.name for d in blueprint.dashboards.values() if actor.role in d.roles]
    has_a_day = has_day(seen.crm.reads, actor)
    if role is not None and role.home is not None:
        yield from _said_home(seen, role.home, desks)
    if has_a_day and works_alone(seen.crm.reads, actor):
        yield "/today"
    yield from (f"/dashboards/{name}" for name in desks)
    if has_a_day:
        yield "/today"
    yield from (f"/{entity.name}" for entity in in_menu(seen))


def _said_home(seen: Screen, home: str, desks: list[str]) -> Iterator[str]:
    if home == "today" and has_day(seen.crm.reads, seen.actor):
        yield "/today"
    elif home in desks:
        yield f"/dashboards/{home}"
    elif seen.sight.may_open(seen.actor, home):
        yield f"/{home}"


# ---- words


def _administrators(seen: Screen) -> str:
    roles: Mapping[str, Any] = seen.crm.blueprint.roles
    return listed([role.label for role in roles.values() if role.administers])
