"""The page that stands in for all others where there is no network: what is there is what was typed and not sent."""

from __future__ import annotations

from starlette.responses import Response

from engine.serving import Ask
from engine.web.frame import alone, words_for
from engine.web.render import render


def show(ask: Ask) -> Response:
    words = words_for(ask)
    return alone(ask, words.say("No connection"), render("offline.html", words), wide=True)
