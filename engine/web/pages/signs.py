"""Signing in and out, and the page behind a link by which a person chooses a password."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from engine.errors import BadRequest, CrmError, Invalid, NotSignedIn, TooMany
from engine.serving import Ask
from engine.web.frame import alone, go, words_for
from engine.web.render import render
from engine.web.security import local_place
from engine.web.session import sign_in, sign_out, with_cookie
from engine.words import said


def form(ask: Ask) -> Response:
    if ask.actor is not None:
        return RedirectResponse("/", 303)
    return _sign_in_page(ask, ask.request.query_params.get("next"))


def enter(ask: Ask) -> Response:
    email, password = text_of(ask, "email"), text_of(ask, "password")
    try:
        key, _ = sign_in(ask, email, password)
    except (NotSignedIn, TooMany) as error:
        return _sign_in_page(ask, text_of(ask, "next"), email, error)
    return with_cookie(ask, RedirectResponse(local_place(text_of(ask, "next")), 303), key)


def leave(ask: Ask) -> Response:
    return sign_out(ask, RedirectResponse("/login", 303))


# ---- the link by which a person chooses the first password, or a new one


def link(ask: Ask) -> Response:
    return _link_page(ask)


def choose(ask: Ask) -> Response:
    password = text_of(ask, "password")
    try:
        if password != text_of(ask, "again"):
            return _link_page(ask, said("The two passwords are not the same."))
        ask.crm.accounts.use_link(ask.path["key"], password)
    except Invalid as error:
        return _link_page(ask, error.complaints[0].message)
    return go(ask, "/login", said("Your password is set. Sign in with it."))


def text_of(ask: Ask, name: str) -> str:
    """What a form says; nothing for what it does not hold, or for a file."""
    value = ask.form.get(name) if ask.form is not None else None
    return value if isinstance(value, str) else ""


def _sign_in_page(ask: Ask, next: str | None, email: str = "", error: CrmError | None = None) -> Response:
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 422
    place = local_place(next)
    body = render("login.html", words_for(ask), email=email, error=error, next=place if place != "/" else "")
    response = alone(ask, said("Sign in"), body, status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _link_page(ask: Ask, complaint: str | None = None) -> Response:
    owner = ask.crm.accounts.link_owner(ask.path["key"])
    if owner is None:
        raise BadRequest(said("This link has been used or is too old. Ask for a new one."))
    body = render("link.html", words_for(ask), name=owner, complaint=complaint)
    return alone(ask, said("Choose a password"), body, 422 if complaint else 200)
