"""/assignments: who was given how much by each assignment, who was passed over and why, and what waits for somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from engine.errors import NotFound
from engine.records.fairness import Fairness, Gift, Share, assignments_of, fairness, may_see
from engine.records.sight import NOT_FOUND
from engine.rules.assignment import KINDS
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.render import address
from engine.web.render_moments import moment
from engine.words import said

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days"}
STATES = {"given": (said("Given"), "green"), "waiting": (said("Waits"), "amber"), "settled": (said("Waited"), "grey")}


def show(ask: Ask) -> Response:
    seen = screen(ask)
    if not may_see(seen.crm.blueprint, seen.actor):
        raise NotFound(NOT_FOUND)
    every = assignments_of(seen.crm.reads, seen.actor)
    name, days = ask.path.get("name"), _days(ask)
    chosen = next((one for one in every if name in (None, one.name)), None)
    if chosen is None and name is not None:
        raise NotFound(NOT_FOUND)
    found = fairness(seen.crm.reads, seen.actor, chosen, ask.now - timedelta(days=days)) if chosen else None
    body = seen.render(
        "assignments.html", assignments=every, found=found, days=days, people=_people(found), gifts=_gifts(seen, found),
        periods=[(n, label, _place(chosen.name if chosen else "", n)) for n, label in PERIODS.items()],
        places={one.name: _place(one.name, days) for one in every}, states=STATES,
        plural=seen.crm.blueprint.entities[chosen.entity].plural if chosen else "",
    )  # fmt: skip
    return seen.page(said("Who gets what"), body, "assignments")


def _days(ask: Ask) -> int:
    given = ask.request.query_params.get("days", "")
    return int(given) if given in map(str, PERIODS) else 30


def _place(name: str, days: int) -> str:
    return address(f"/assignments/{name}", {"days": str(days)})


def _people(found: Fairness | None) -> list[tuple[Share, str]]:
    """Each person, with why they were passed over, the most frequent reason first."""
    told = []
    for one in found.people if found else ():
        reasons = sorted(one.passed.items(), key=lambda pair: -pair[1])
        told.append((one, ", ".join(f"{KINDS.get(kind, kind)} ({count})" for kind, count in reasons)))
    return told


def _gifts(seen: Screen, found: Fairness | None) -> list[tuple[Gift, Any]]:
    return [(one, moment(one.at, seen.formats)) for one in (found.latest if found else ())]
