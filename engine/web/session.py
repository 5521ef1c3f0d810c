"""The cookie of a signed-in person: given at sign-in, looked up at each request, taken back at sign-out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response

from engine.actor import Actor
from engine.errors import Refused
from engine.records.accounts import LONGEST, Session
from engine.serving import Ask
from engine.web.security import check_origin, check_write, form_token
from engine.words import said
from engine.words.wanted import wanted

PLAIN, HOST = "crm", "__Host-crm"
READING = ("GET", "HEAD")
MOST_KEY = 100  # characters


@dataclass(frozen=True)
class Visitor:
    """Who is signed in. `csrf` goes into every form, as the hidden field `_csrf`; `must_change`: first a new password."""

    key: str
    actor: Actor
    must_change: bool

    @cached_property
    def csrf(self) -> str:
        return form_token(self.key)


def visitor(ask: Ask) -> Visitor | None:
    """The person behind the request's cookie, in one query; also noted on the Ask."""
    key = ask.request.cookies.get(cookie_name(ask.request))
    if not key or len(key) > MOST_KEY:
        return None
    session = ask.crm.accounts.session(key)
    if session is None:
        return None
    ask.actor = session.actor
    ask.crm = ask.crm.in_language(session.actor.language)
    ask.session = Visitor(key, session.actor, session.must_change)
    return ask.session


def in_wanted_language(ask: Ask) -> None:
    """For who is not known: the language that their browser wants, of those that the set offers."""
    header = ask.request.headers.get("accept-language", "")
    language = wanted(header, ask.crm.blueprint.manifest.languages)
    ask.notes["language"], ask.crm = language, ask.crm.in_language(language)


def signed_in(ask: Ask) -> Actor | None:
    """For the API: the person behind the cookie. Raises Refused for a write that another site sent."""
    found = visitor(ask)
    if found is None:
        return None
    if ask.request.method not in READING:
        check_write(ask, found.key)
    if found.must_change:
        raise Refused(said("Choose a new password first; then everything is open to you again."))
    return found.actor


# ---- coming and going


def sign_in(ask: Ask, email: str, password: str) -> tuple[str, Session]:
    """The new session's key, for `with_cookie`. The session that the browser had before ends.

    Raises NotSignedIn, TooMany, Refused (another site's form)."""
    check_origin(ask.request)
    accounts = ask.crm.accounts
    made = accounts.sign_in(email, password, address(ask.request), ask.request.headers.get("user-agent", ""))
    _end(ask)
    return made.key, made.session


def sign_out(ask: Ask, response: Response) -> Response:
    """Ends the session and takes the cookie out of the browser; `response` with both done."""
    _end(ask)
    name = cookie_name(ask.request)
    response.delete_cookie(name, "/", secure=name == HOST, httponly=True, samesite="lax")
    return response


def with_cookie(ask: Ask, response: Response, key: str) -> Response:
    name = cookie_name(ask.request)
    response.set_cookie(name, key, LONGEST // 1000, path="/", secure=name == HOST, httponly=True, samesite="lax")
    return response


def cookie_name(request: Request) -> str:
    """Over https only the browser-protected name is believed; plain http is for one's own machine."""
    return HOST if is_secure(request) else PLAIN


def is_secure(request: Request) -> bool:
    return request.scope["scheme"] == "https" or bool(request.app.state.runtime.settings.secure)


def address(request: Request) -> str:
    return request.client.host if request.client else ""


def _end(ask: Ask) -> None:
    key = ask.request.cookies.get(cookie_name(ask.request))
    if key and len(key) <= MOST_KEY:
        ask.crm.accounts.sign_out(key)
