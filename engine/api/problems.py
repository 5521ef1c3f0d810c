"""What went wrong, as RFC 9457 problem documents: one table from exception to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.responses import Response

from engine.errors import (
    BadRequest,
    Complaint,
    Conflict,
    CrmError,
    Invalid,
    MoveRefused,
    NotFound,
    NotSignedIn,
    Refused,
    TooLarge,
    TooMany,
    Unusable,
)
from engine.words import ENGLISH, Speech, said

MEDIA_TYPE = "application/problem+json"


class WrongMethod(CrmError):
    """`allowed` are the methods that this address answers."""

    status = 405
    title = said("This address does not answer that method")

    def __init__(self, message: str, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class WrongMediaType(CrmError):
    status = 415
    title = said("JSON is wanted")


class VersionMissing(CrmError):
    status = 428
    title = said("The version is missing")


class Failed(CrmError):
    """Nobody foresaw it; the message tells the number under which it stands in the log."""


# What each kind of problem is called in `type`, and what it means: /problems/NAME tells the same.
KINDS: Mapping[type[CrmError], tuple[str, str]] = {
    BadRequest: ("bad-request", "The request makes no sense as it is; `errors` tell which part, where one can be named."),
    NotSignedIn: ("not-signed-in", "No token or session came with the request, or it is no longer good."),
    Refused: ("refused", "Your role, your token or this site's safety does not allow it; `who` names the roles that may."),
    NotFound: ("not-found", "There is nothing here, or nothing that you may see: the two read the same."),
    WrongMethod: ("wrong-method", "The address is right, the method is not; `Allow` names those that it answers."),
    Conflict: ("stale", "The record has changed since the version that you sent; `theirs` tells what changed."),
    MoveRefused: ("move-refused", "The record cannot make this move now; `reasons` tell why, `who` which roles may."),
    TooLarge: ("too-large", "The request is larger than is taken."),
    WrongMediaType: ("wrong-media-type", "The body must be JSON and say so in Content-Type."),
    Invalid: ("invalid", "Some values cannot be kept; `errors` has a sentence for each."),
    VersionMissing: ("version-missing", "A change must name the version that it starts from, in the body or in If-Match."),
    TooMany: ("too-many", "Too many requests; `Retry-After` tells how many seconds to wait."),
    Unusable: ("not-ready", "The program cannot serve just now."),
    Failed: ("failed", "Something went wrong here; the number in `detail` finds it in the log."),
}


def problem(error: CrmError, place: str, words: Speech = ENGLISH) -> Response:
    """`place` is the path that was asked for; `words`: how the caller's language is spoken."""
    name = kind_of(error)
    told = {
        "type": f"/problems/{name}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "instance": place,
        **_more(error),
    }
    return Response(orjson.dumps(in_words(told, words), default=str), error.status, _headers(error), MEDIA_TYPE)


def in_words(told: Any, words: Speech) -> Any:
    """The same with every sentence of the program in that language."""
    match told:
        case str():
            return words.tell(told)
        case Mapping():
            return {key: in_words(value, words) for key, value in told.items()}
        case list() | tuple():
            return [in_words(value, words) for value in told]
    return told


def kind_of(error: CrmError) -> str:
    """The kind's name; of an exception made from one of the kinds, that kind's."""
    return next((KINDS[kind][0] for kind in type(error).__mro__ if kind in KINDS), "failed")


def _more(error: CrmError) -> dict[str, Any]:
    match error:
        case BadRequest() | Invalid():
            return {"errors": _told(error.complaints)}
        case Refused():
            return {"who": error.who}
        case MoveRefused():
            return {"reasons": [c.message for c in error.complaints], "errors": _told(error.complaints), "who": error.who}
        case Conflict():
            theirs = {name: {"was": was, "now": now} for name, (was, now) in error.theirs.items()}
            return {"version": error.version, "theirs": theirs}
    return {}


def _told(complaints: Sequence[Complaint]) -> list[dict[str, str | None]]:
    return [{"field": c.field, "message": c.message} for c in complaints]


def _headers(error: CrmError) -> dict[str, str]:
    match error:
        case NotSignedIn():
            return {"WWW-Authenticate": "Bearer"}
        case TooMany():
            return {"Retry-After": str(error.retry_after)}
        case WrongMethod():
            return {"Allow": ", ".join(sorted(error.allowed))}
        case Unusable():
            return {"Retry-After": "2"}
    return {}
