"""One search over everything that the actor may read, as a page."""

from __future__ import annotations

from starlette.responses import Response

from engine.records.finding import COUNTED, find
from engine.records.search import LONGEST
from engine.serving import Ask
from engine.web.frame import screen
from engine.web.render import address, counted

EACH = 10


def show(ask: Ask) -> Response:
    seen = screen(ask)
    text = ask.request.query_params.get("q", "").replace("\0", "").strip()[:LONGEST]
    with seen.crm.database.reading() as lent:
        found = find(seen.crm.reads, lent, seen.actor, text, EACH)
    groups = [
        (seen.crm.blueprint.entities[group.entity], group, counted(group.count, COUNTED),
         address(f"/{group.entity}", {"q": text}))
        for group in found
    ]  # fmt: skip
    body = seen.render("search.html", text=text, groups=groups)
    return seen.page(seen.say("Search: {text}", text=text) if text else seen.say("Search"), body, "search")
