"""Signing in and out and the page that tells what went wrong, without any looks: until the screens are there."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from engine.errors import CrmError, NotSignedIn
from engine.markup import Html, join, tag, trusted
from engine.serving import Ask, Handler
from engine.web.security import local_place
from engine.web.session import sign_in, sign_out, with_cookie


@dataclass(frozen=True, slots=True)
class Page:
    path: str
    method: str
    handler: Handler
    open: bool = False
    slow: bool = False
    files: bool = False


def failure(ask: Ask, error: CrmError) -> Response:
    return _page(error.title, tag("p", error.message), error.status)


def desk(ask: Ask) -> Response:
    csrf = tag("input", type="hidden", name="_csrf", value=ask.session.csrf)
    out = tag("form", csrf, tag("button", "Sign out"), method="post", action="/logout")
    return _page(f"Hello, {ask.who().name}", out)


def login(ask: Ask) -> Response:
    return _form(ask, None, 200)


def come_in(ask: Ask) -> Response:
    given = {name: str(value) for name, value in (ask.form.multi_items() if ask.form else ())}
    try:
        key, _ = sign_in(ask, given.get("email", ""), given.get("password", ""))
    except NotSignedIn as error:
        return _form(ask, error.message, 422)
    return with_cookie(ask, RedirectResponse(local_place(given.get("next")), 303), key)


def leave(ask: Ask) -> Response:
    return sign_out(ask, RedirectResponse("/login", 303))


def _form(ask: Ask, message: str | None, status: int) -> Response:
    asked = ask.request.query_params.get("next", "")
    fields = join(
        tag("p", message, role="alert") if message else None,
        tag("input", type="hidden", name="next", value=local_place(asked)),
        tag("label", "E-mail ", tag("input", type="email", name="email", required=True)),
        tag("label", "Password ", tag("input", type="password", name="password", required=True)),
        tag("button", "Sign in"),
    )
    return _page("Sign in", tag("form", fields, method="post", action="/login"), status)


def _page(title: str, content: Html, status: int = 200) -> Response:
    body = tag("html", tag("head", tag("title", title)), tag("body", tag("h1", title), content), lang="en")
    return Response(trusted("<!doctype html>") + body, status, media_type="text/html")


PAGES = [
    Page("/", "GET", desk),
    Page("/login", "GET", login, open=True),
    Page("/login", "POST", come_in, open=True, slow=True),
    Page("/logout", "POST", leave),
]
