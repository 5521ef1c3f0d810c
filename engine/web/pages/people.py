"""What an administrator does for somebody else's account: a link to choose a password, an end to their sessions."""

from __future__ import annotations

from starlette.responses import Response

from engine.errors import NotFound
from engine.records.read import Record
from engine.records.sight import NOT_FOUND
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id
from engine.words import said, said_n


def ask_link(ask: Ask) -> Response:
    seen = screen(ask)
    return _page(seen, _person(seen), "link")


def link(ask: Ask) -> Response:
    seen = screen(ask)
    person = _person(seen)
    key = seen.crm.accounts.make_link(seen.actor, person.id)
    place = str(ask.request.url.replace(path=f"/password/{key}", query="", fragment=""))
    return _page(seen, person, "link", place)


def ask_end(ask: Ask) -> Response:
    seen = screen(ask)
    return _page(seen, _person(seen), "sessions")


def end_sessions(ask: Ask) -> Response:
    seen = screen(ask)
    person = _person(seen)
    ended = seen.crm.accounts.sign_out_everywhere(seen.actor, person.id)
    return go(
        ask,
        f"/user/{person.id}",
        said_n("{title} is signed out of {n} place.", "{title} is signed out of {n} places.", ended, title=person.title),
    )


def _person(seen: Screen) -> Record:
    if not seen.administers():
        raise NotFound(NOT_FOUND)
    return seen.crm.reads.record(seen.actor, "user", record_id(seen.ask))


def _page(seen: Screen, person: Record, deed: str, place: str | None = None) -> Response:
    titles = {"link": said("Password link"), "sessions": said("Sign out everywhere")}
    body = seen.render(
        "person.html", person=person, deed=deed, title=titles[deed], link=place, proof=proof(seen.ask)
    )
    return seen.page(f"{titles[deed]}: {person.title}", body, "user")
