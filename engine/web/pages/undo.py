"""Doing by hand, and taking back what one just did: POST /undo/{id}, the id being the deed's own in the record's history."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import Response

from engine.errors import Conflict, Invalid, NotFound, Refused
from engine.records import undoing
from engine.records.commands import One, Outcome, Undo
from engine.serving import Ask
from engine.web.frame import Screen, go, screen
from engine.web.pages.ids import key_of, record_id, version_of
from engine.web.security import local_place


def done(seen: Screen, command: One) -> Outcome:
    """What a person does on a screen: once, however often the form is sent, and told to others when the time to take it
    back is over. Raises as the write door does."""
    return seen.crm.writes.do(seen.actor, command, key_of(seen.ask), by_hand=True)


def way_back(seen: Screen, outcome: Outcome) -> tuple[str, int] | None:
    """What `go` needs to offer that it be taken back; None where nothing changed, or the set gives no time for it."""
    if outcome.history is None or not seen.crm.blueprint.manifest.undo:
        return None
    return f"/undo/{outcome.history}", outcome.version


def take_back(ask: Ask) -> Response:
    seen = screen(ask)
    found = _found(seen)
    # Without a version it is the one of now: that the deed is the last one is asked by its hash all the same.
    version = version_of(ask) if ask.form is not None and "_version" in ask.form else found.version
    command = Undo(found.entity, found.id, version, found.history)
    try:
        outcome = done(seen, command)
    except Conflict:
        return go(ask, _back(seen, found), seen.say("Somebody changed it since, so it stays as it is."))
    except (Invalid, Refused) as error:
        return go(ask, _back(seen, found), _sentence(error))
    return go(ask, _back(seen, found), _told(seen, outcome))


def _found(seen: Screen) -> Undo:
    with seen.crm.database.reading() as connection:
        return undoing.find(seen.crm.writes.task(connection, seen.actor), record_id(seen.ask))


def _told(seen: Screen, outcome: Outcome) -> str:
    kept = (outcome.lists or {}).get("kept", ())
    return " ".join([seen.say("Taken back."), *kept])


def _sentence(error: Invalid | Refused) -> str:
    if isinstance(error, Invalid) and error.complaints:
        return " ".join(complaint.message for complaint in error.complaints)
    return error.message


def _back(seen: Screen, deed: Undo) -> str:
    """To the page one came from; from the page of a record that one does not see any more to the list."""
    came = urlsplit(seen.ask.request.headers.get("referer", ""))
    place = local_place(f"{came.path}?{came.query}" if came.query else came.path, "")
    own = f"/{deed.entity}/{deed.id}"
    if place and not place.startswith(own):
        return place
    try:
        seen.crm.reads.record(seen.actor, deed.entity, deed.id)
    except NotFound:
        return f"/{deed.entity}"
    return place or own


__all__ = ["done", "take_back", "way_back"]
