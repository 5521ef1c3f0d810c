"""Every address of the program is known here, closed unless it is named open, and answers each role as written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.routing import Route

from tests.firm import Firm

OPEN = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",  # this machine or a token; 404 to others
    "GET /static/built/{name}",
    "GET /brand.css",
    "GET /brand/icon.svg",
    "GET /brand/logo",
    "GET /favicon.ico",
    "GET /app.webmanifest",
    "GET /worker.js",
    "GET /offline",
    "GET /robots.txt",
    "GET /words/{language}.js",  # the program's own words
    "GET /problems/{kind}",
    "GET /login",
    "POST /login",
    "GET /password/{key}",
    "POST /password/{key}",
    "GET /forms/{name}",  # public forms
    "POST /forms/{name}",
    "GET /calendar/feed/{key}",  # whoever has its address
    "GET /go/{key}",  # a client's link
    "POST /go/{key}",
    "GET /hooks/{name}",  # signed by who sends
    "POST /hooks/{name}",
}

# What a person is answered about a deal of her own: caller, manager, administrator, and nobody.
API = {
    "GET /api/openapi.json": (200, 200, 200, 401),
    "GET /api/v1/me": (200, 200, 200, 401),
    "GET /api/v1/calendar": (200, 200, 200, 401),
    "GET /api/v1/today": (200, 200, 200, 401),
    "GET /api/v1/search": (200, 200, 200, 401),
    "GET /api/v1/reports": (200, 200, 200, 401),
    "GET /api/v1/reports/{name}": (404, 404, 404, 401),  # there is none of this name
    "GET /api/v1/dashboards": (200, 200, 200, 401),
    "GET /api/v1/dashboards/{name}": (200, 200, 404, 401),
    "POST /api/v1/files": (400, 400, 400, 401),  # no file came with it
    "GET /api/v1/bulk/{id}": (404, 404, 404, 401),  # a deal's id is no bulk's
    "GET /api/v1/bulk/{id}/file": (404, 404, 404, 401),
    "POST /api/v1/bulk/{id}/stop": (404, 404, 404, 401),
    "POST /api/v1/bulk/{id}/undo": (404, 404, 404, 401),
    "GET /api/v1/{entity}": (200, 200, 200, 401),
    "POST /api/v1/{entity}": (201, 201, 201, 401),
    "GET /api/v1/{entity}/pick": (200, 200, 200, 401),
    "GET /api/v1/{entity}/views": (200, 200, 200, 401),
    "POST /api/v1/{entity}/views": (201, 201, 201, 401),
    "GET /api/v1/{entity}/views/{key}": (404, 404, 404, 401),  # a deal's id is no view's
    "PATCH /api/v1/{entity}/views/{key}": (404, 404, 404, 401),
    "DELETE /api/v1/{entity}/views/{key}": (404, 404, 404, 401),
    "POST /api/v1/{entity}/bulk": (403, 200, 200, 401),
    "POST /api/v1/{entity}/export": (403, 202, 202, 401),
    "GET /api/v1/{entity}/{id}": (200, 200, 200, 401),
    "PATCH /api/v1/{entity}/{id}": (200, 200, 200, 401),
    "DELETE /api/v1/{entity}/{id}": (403, 200, 200, 401),
    "POST /api/v1/{entity}/{id}/restore": (404, 404, 404, 401),  # it is not in the bin
    "GET /api/v1/{entity}/{id}/transitions": (200, 200, 200, 401),
    "POST /api/v1/{entity}/{id}/transitions": (200, 200, 200, 401),
    "POST /api/v1/{entity}/{id}/undo": (404, 404, 404, 401),  # nothing of this kind was done
    "GET /api/v1/{entity}/{id}/history": (200, 200, 200, 401),
    "GET /api/v1/{entity}/{id}/timeline": (200, 200, 200, 401),
    "GET /api/v1/{entity}/{id}/duplicates": (200, 200, 200, 401),
    "POST /api/v1/{entity}/{id}/merge": (404, 404, 404, 401),  # there is no other
    "POST /api/v1/{entity}/{id}/unmerge": (404, 404, 404, 401),  # nothing was merged
}
# The same for the screens, sent without values; nobody is led to the sign-in page.
SCREENS = {
    "GET /": (303, 303, 303),
    "POST /logout": (303, 303, 303),
    "GET /me": (200, 200, 200),
    "POST /me": (400, 400, 400),
    "GET /me/password": (200, 200, 200),
    "POST /me/password": (422, 422, 422),
    "POST /me/sessions": (303, 303, 303),
    "POST /me/wishes": (303, 303, 303),
    "POST /me/tokens": (200, 200, 200),
    "POST /me/tokens/{id}": (404, 404, 404),
    "GET /notices": (200, 200, 200),
    "POST /notices": (303, 303, 303),
    "GET /notices/news": (200, 200, 200),
    "POST /notices/{id}/snooze": (400, 400, 400),
    "GET /notices/{id}": (404, 404, 404),  # a deal's id is no notice's
    "GET /notices/{id}/why": (404, 404, 404),
    "GET /files/{key}": (404, 404, 404),  # no such file
    "POST /undo/{id}": (303, 303, 303),  # a deal's id is that of its first deed
    "GET /bulk": (200, 200, 200),
    "GET /bulk/{id}": (404, 404, 404),  # a deal's id is no bulk's
    "GET /bulk/{id}/file": (404, 404, 404),
    "POST /bulk/{id}/stop": (404, 404, 404),
    "POST /bulk/{id}/undo": (404, 404, 404),
    "GET /{entity}/cells": (200, 200, 200),
    "GET /{entity}/{id}/cell/{field}": (200, 200, 200),
    "POST /{entity}/{id}/cell/{field}": (400, 400, 400),
    "GET /{entity}/bulk": (403, 400, 400),  # what is to be done?
    "POST /{entity}/bulk": (403, 400, 400),
    "GET /search": (200, 200, 200),
    "GET /palette": (200, 200, 200),
    "GET /today": (200, 200, 200),
    "GET /today/calling": (303, 303, 303),
    "GET /today/calling/{entity}/{id}": (404, 404, 404),  # the small set has no activities
    "GET /dashboards/{name}": (200, 200, 404),
    "GET /dashboards/{name}/charts/{report}": (200, 200, 404),
    "GET /dashboards/{name}/arrange": (200, 200, 404),
    "POST /dashboards/{name}/arrange": (200, 200, 404),
    "GET /reports/{name}": (404, 404, 404),  # there is none of this name
    "GET /dashboards/{name}/export": (403, 200, 404),
    "GET /reports/{name}/export": (404, 404, 404),
    "GET /admin": (404, 404, 200),
    "GET /admin/roles": (404, 404, 200),
    "GET /design": (404, 404, 404),  # in development only
    "GET /admin/queue": (404, 404, 200),
    "POST /admin/queue": (404, 404, 303),
    "POST /admin/queue/{id}": (404, 404, 404),  # a deal's id is no failed message's
    "GET /admin/received": (404, 404, 200),
    "GET /assignments": (404, 200, 200),
    "GET /assignments/{name}": (404, 404, 404),  # there is none of this name
    "POST /admin/received/{id}": (404, 404, 404),  # a deal's id is no message's
    "GET /duplicates": (200, 200, 200),
    "POST /duplicates/{id}": (404, 404, 404),  # a deal's id is no pair's
    "GET /bin": (200, 200, 200),
    "GET /bin/{entity}": (403, 200, 200),
    "POST /bin/{entity}/{id}": (400, 400, 400),
    "GET /user/{id}/link": (404, 404, 404),  # a deal's id is nobody's
    "POST /user/{id}/link": (404, 404, 404),
    "GET /user/{id}/sessions": (404, 404, 404),
    "POST /user/{id}/sessions": (404, 404, 404),
    "POST /me/feeds": (200, 200, 200),
    "POST /me/feeds/{id}": (404, 404, 404),
    "GET /calendar": (200, 200, 200),
    "GET /calendar/free": (200, 200, 200),
    "GET /calendar/new": (403, 403, 403),  # the small set has no activities
    "GET /calendar/{entity}/{id}": (200, 200, 200),
    "POST /calendar/{entity}/{id}": (303, 303, 303),
    "POST /calendar/{entity}/{id}/move": (400, 400, 400),
    "GET /{entity}/calendar": (200, 200, 200),
    "GET /{entity}": (200, 200, 200),
    "GET /{entity}/views": (200, 200, 200),
    "POST /{entity}/views": (422, 422, 422),  # it has no name
    "GET /{entity}/views/new": (200, 200, 200),
    "POST /{entity}/views/rows": (400, 400, 400),
    "GET /{entity}/views/{key}": (404, 404, 404),  # a deal's id is no view's
    "POST /{entity}/views/{key}": (404, 404, 404),
    "GET /{entity}/filter": (200, 200, 200),
    "GET /{entity}/counts/{field}": (200, 200, 200),
    "GET /{entity}/columns": (200, 200, 200),
    "POST /{entity}/columns": (200, 200, 200),
    "GET /{entity}/new": (200, 200, 200),
    "POST /{entity}/new": (303, 303, 303),
    "GET /{entity}/pick": (200, 200, 200),
    "GET /{entity}/pick/{field}": (200, 200, 200),
    "GET /{entity}/board": (200, 200, 200),
    "GET /{entity}/board/part": (400, 400, 400),  # of which column?
    "GET /{entity}/export": (403, 200, 200),
    "GET /{entity}/{id}": (200, 200, 200),
    "GET /{entity}/{id}/edit": (200, 200, 200),
    "POST /{entity}/{id}/edit": (400, 400, 400),
    "POST /{entity}/known": (200, 200, 200),
    "POST /{entity}/{id}/known": (200, 200, 200),
    "POST /{entity}/shown": (200, 200, 200),
    "POST /{entity}/{id}/shown": (200, 200, 200),
    "GET /{entity}/{id}/merge/{other}": (404, 404, 404),
    "POST /{entity}/{id}/merge/{other}": (400, 400, 400),
    "POST /{entity}/{id}/unmerge/{merge}": (400, 400, 400),
    "GET /{entity}/{id}/peek": (200, 200, 200),
    "GET /{entity}/{id}/presence": (200, 200, 200),
    "GET /{entity}/{id}/why": (200, 200, 200),
    "GET /{entity}/{id}/log/{child}": (404, 404, 404),  # this firm has no activities
    "POST /{entity}/{id}/log/{child}": (404, 404, 404),
    "GET /{entity}/{id}/tell": (200, 200, 200),
    "POST /{entity}/{id}/tell": (400, 400, 400),
    "POST /{entity}/{id}/later": (404, 404, 404),
    "POST /{entity}/{id}/pin/{child}/{target}": (404, 404, 404),
    "GET /{entity}/{id}/delete": (403, 200, 200),
    "POST /{entity}/{id}/delete": (400, 400, 400),
    "GET /{entity}/{id}/move": (200, 200, 200),
    "GET /{entity}/{id}/call": (403, 403, 403),  # there is nothing to log
    "POST /{entity}/{id}/call": (403, 403, 403),
    "GET /{entity}/{id}/call/{other}": (403, 403, 403),
    "POST /{entity}/{id}/call/{other}": (403, 403, 403),
    "GET /{entity}/{id}/move/{transition}": (200, 200, 200),
    "POST /{entity}/{id}/move/{transition}": (400, 400, 400),
}
BODIES = {
    "POST /api/v1/{entity}": {"name": "Chairs"},
    "POST /api/v1/{entity}/bulk": {"commands": [{"do": "create", "values": {"name": "Chairs"}}]},
    "POST /api/v1/{entity}/views": {"label": "Hot"},
    "PATCH /api/v1/{entity}/views/{key}": {"label": "Warm"},
    "PATCH /api/v1/{entity}/{id}": {"version": 1, "name": "Tables"},
    "DELETE /api/v1/{entity}/{id}": {"version": 1},
    "POST /api/v1/{entity}/{id}/restore": {"version": 1},
    "POST /api/v1/{entity}/{id}/transitions": {"version": 1, "transition": "hold"},
    "POST /api/v1/{entity}/{id}/merge": {"version": 1, "with": "1", "with_version": 1},
    "POST /api/v1/{entity}/{id}/unmerge": {"version": 1, "merge": "1"},
    "POST /api/v1/{entity}/{id}/undo": {"version": 1, "history": "1"},
    "POST /api/v1/{entity}/export": {"format": "csv"},
    "POST /api/v1/bulk/{id}/stop": {},
    "POST /api/v1/bulk/{id}/undo": {},
}
PEOPLE = ("asha", "meera", "dev", None)


def test_every_address_is_in_a_matrix_or_open(quick_firm: Firm) -> None:
    assert set(calls(quick_firm)) == set(API) | set(SCREENS) | OPEN


@pytest.mark.parametrize("call", API)
def test_each_role_is_answered_as_the_matrix_says(quick_firm: Firm, call: str) -> None:
    method, path = call.split()
    for name, wanted in zip(PEOPLE, API[call], strict=True):
        deal = quick_firm.deal(name or "asha")
        client = quick_firm.program(name) if name else quick_firm.stranger()
        answer = client.request(method, filled(path, str(deal.id)), json=BODIES.get(call))
        assert answer.status_code == wanted, (name, answer.text)


def test_each_screen_answers_each_role_as_the_matrix_says(quick_firm: Firm) -> None:
    met = {}
    for call in SCREENS:
        method, path = call.split()
        data = {"name": "Chairs"} if method == "POST" else None
        at = {name: filled(path, str(quick_firm.deal(name).id)) for name in PEOPLE if name}
        met[call] = tuple(
            quick_firm.browser(name).request(method, at[name], data=data).status_code for name in at
        )
    assert met == SCREENS


def test_without_a_sign_in_all_but_the_open_addresses_lead_to_the_sign_in_page(quick_firm: Firm) -> None:
    deal = quick_firm.deal("asha")
    before = quick_firm.office.everything()
    stranger = quick_firm.stranger()
    for call in calls(quick_firm):
        method, path = call.split()
        if call in OPEN or path.startswith("/api/"):
            continue
        answer = stranger.request(
            method, filled(path, str(deal.id)), data={"name": "X"} if method == "POST" else None
        )
        assert answer.status_code == 303, call
        assert answer.headers["location"].split("?")[0] == "/login", call
        assert "Chairs" not in answer.text
    assert quick_firm.office.everything() == before


def test_the_open_addresses_are_those_that_are_named(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    for call in calls(quick_firm):
        method, path = call.split()
        if path.startswith("/api/"):
            continue
        answer = stranger.request(method, filled(path, "1"))
        leads_to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        assert leads_to_sign_in != (call in OPEN), call


def test_a_screen_that_writes_wants_the_form_token(quick_firm: Firm) -> None:
    deal = quick_firm.deal("dev")
    before = quick_firm.office.everything()
    dev = quick_firm.browser("dev", proves=False)
    for call in calls(quick_firm):
        method, path = call.split()
        if method == "GET" or call in OPEN or path.startswith("/api/"):
            continue
        for headers in ({}, {"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
            answer = dev.request(
                method, filled(path, str(deal.id)), data={"name": "X", "_csrf": "x" * 43}, headers=headers
            )
            assert answer.status_code == 403, (call, headers)
    sessions = ("crm_session", "crm_attempt")
    after = quick_firm.office.everything()
    assert {k: v for k, v in after.items() if k not in sessions} == {
        k: v for k, v in before.items() if k not in sessions
    }


def calls(firm: Firm) -> Iterator[str]:
    for route in firm.app.router.routes:
        assert isinstance(route, Route), "a mount hides its routes from this census"
        for method in sorted(set(route.methods or ()) - {"HEAD"}):
            yield f"{method} {route.path}"


def filled(path: str, id: str) -> str:
    words = {
        "entity": "deal", "id": id, "name": "desk", "field": "account", "transition": "hold", "key": "x" * 43,
        "kind": "invalid", "report": "deals_by_source",
        "other": "1", "merge": "1", "child": "call", "target": "1", "language": "ar",
    }  # fmt: skip
    return path.format(**words)
