"""One search over everything that the actor may read."""

from __future__ import annotations

from starlette.responses import Response

from engine.serving import Ask
from engine.web.frame import screen
from engine.web.render import address

LONGEST = 200
EACH = 10


def show(ask: Ask) -> Response:
    seen = screen(ask)
    text = ask.request.query_params.get("q", "").replace("\0", "").strip()[:LONGEST]
    found = seen.crm.reads.search(seen.actor, text, EACH) if text else {}
    groups = [
        (seen.crm.blueprint.entities[name], refs, address(f"/{name}", {"q": text}))
        for name, refs in found.items()
    ]
    body = seen.render("search.html", text=text, groups=groups, most=EACH)
    return seen.page(f"Search: {text}" if text else "Search", body, "search")
