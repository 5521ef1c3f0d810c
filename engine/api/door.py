"""Who asks, and what they are told when something is wrong: the frame around every call of the API.

A bearer token, or the cookie of a signed-in person; a write with the cookie also brings the session's form token, as
any form does. There is no call without one or the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from engine.actor import Actor
from engine.api.budget import Budget
from engine.api.problems import Failed, problem
from engine.blueprint.entities import Field
from engine.errors import BadRequest, Conflict, CrmError, NotFound, NotSignedIn
from engine.parts import field_type
from engine.serving import Ask, Handler, mishap
from engine.words import speech
from engine.words.wanted import wanted

SIGN_IN = "Send a token: Authorization: Bearer TOKEN. An administrator gives you one."
READING = ("GET", "HEAD")
SignedIn = Callable[[Ask], Actor | None]


class Door:
    """`signed_in` finds the person behind a cookie and raises Refused for a write that another site sent."""

    def __init__(self, signed_in: SignedIn, budget: Budget) -> None:
        self.signed_in = signed_in
        self.budget = budget

    def around(self, ask: Ask, handler: Handler) -> Response:
        try:
            ask.actor = self._actor(ask)
            _in_wanted_language(ask)
            return handler(ask)
        except CrmError as error:
            return self.told(ask, error)
        except Exception as error:
            number = mishap(ask, error)
            return self.told(ask, Failed(f"Something went wrong here. It is in the log as {number}."))

    def told(self, ask: Ask, error: CrmError) -> Response:
        if isinstance(error, Conflict):
            error = Conflict(error.message, error.version, _as_json(ask, error))
        return problem(error, ask.request.url.path, speech(ask.notes.get("language", "en")))

    def _actor(self, ask: Ask) -> Actor:
        header = ask.request.headers.get("authorization")
        actor = self._bearer(ask, header) if header is not None else self.signed_in(ask)
        if actor is None:
            raise NotSignedIn(SIGN_IN)
        return actor

    def _bearer(self, ask: Ask, header: str) -> Actor:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn(SIGN_IN)
        actor = ask.crm.tokens.actor(token.strip())
        if actor is None:
            raise NotSignedIn("This token is not known, is out of date or was taken back.")
        self.budget.spend(token, ask.now.timestamp())
        return actor


def _in_wanted_language(ask: Ask) -> None:
    """A program reads the set's own words, and English, unless it asks for another language that the set offers; a
    person who is signed in reads their own."""
    header = ask.request.headers.get("accept-language", "")
    if ask.session is not None:
        ask.notes["language"] = ask.who().language
    elif header:
        ask.notes["language"] = wanted(header, ask.crm.blueprint.manifest.languages)
        ask.crm = ask.crm.in_language(ask.notes["language"])


def _as_json(ask: Ask, error: Conflict) -> dict[str, tuple[Any, Any]]:
    entity = ask.crm.blueprint.entities[ask.path["entity"]]
    return {
        name: (_json(entity.fields[name], was), _json(entity.fields[name], now))
        for name, (was, now) in error.theirs.items()
    }


def _json(field: Field, value: Any) -> Any:
    return None if value is None else field_type(field.type).json(field, value)


# ---- what an address names


def id_in_path(ask: Ask) -> int:
    """Raises NotFound for what cannot be the id of any record."""
    text = ask.path["id"]
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 2**63):
        raise NotFound("There is nothing here, or nothing that you may see.")
    return int(text)


def key_of(ask: Ask) -> str | None:
    """The Idempotency-Key, whole and in plain characters, or None. Raises BadRequest."""
    key = ask.request.headers.get("idempotency-key")
    if key is None:
        return None
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= 200):
        raise BadRequest("The Idempotency-Key must be 1 to 200 printable characters.")
    return key
