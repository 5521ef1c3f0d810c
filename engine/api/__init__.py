"""The same records and deeds as JSON. `routes` is all that the rest of the program asks for."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api import (
    bulk,
    calendar,
    deeds,
    exports,
    files,
    finding,
    merging,
    openapi,
    records,
    reports,
    timeline,
    today,
    views,
)
from engine.api.budget import Budget
from engine.api.door import Door, SignedIn
from engine.api.hooks import Hooks
from engine.api.problems import KINDS, WrongMethod, problem
from engine.errors import CrmError, NotFound
from engine.serving import LARGEST_UPLOAD, Ask, Handler, Serving

AT = "/api/"
LARGEST = 1024 * 1024  # bytes of a body

# Every address with what answers each method: the permission matrix of the tests lists the same.
TABLE: Mapping[str, Mapping[str, Handler]] = {
    "/api/openapi.json": {"GET": openapi.document},
    "/api/v1/me": {"GET": finding.me},
    "/api/v1/search": {"GET": finding.search},
    "/api/v1/calendar": {"GET": calendar.calendar},
    "/api/v1/today": {"GET": today.today},
    "/api/v1/reports": {"GET": reports.index},
    "/api/v1/reports/{name}": {"GET": reports.show},
    "/api/v1/dashboards": {"GET": reports.desks},
    "/api/v1/dashboards/{name}": {"GET": reports.desk},
    "/api/v1/files": {"POST": files.upload},
    "/api/v1/bulk/{id}": {"GET": bulk.show},
    "/api/v1/bulk/{id}/file": {"GET": exports.fetch},
    "/api/v1/bulk/{id}/stop": {"POST": bulk.stop},
    "/api/v1/bulk/{id}/undo": {"POST": bulk.undo},
    "/api/v1/{entity}": {"GET": records.index, "POST": records.create},
    "/api/v1/{entity}/pick": {"GET": finding.pick},
    "/api/v1/{entity}/bulk": {"POST": bulk.begin},
    "/api/v1/{entity}/export": {"POST": exports.begin},
    "/api/v1/{entity}/views": {"GET": views.index, "POST": views.create},
    "/api/v1/{entity}/views/{key}": {"GET": views.show, "PATCH": views.update, "DELETE": views.delete},
    "/api/v1/{entity}/{id}": {"GET": records.show, "PATCH": records.update, "DELETE": records.delete},
    "/api/v1/{entity}/{id}/restore": {"POST": records.restore},
    "/api/v1/{entity}/{id}/transitions": {"GET": deeds.moves, "POST": deeds.move},
    "/api/v1/{entity}/{id}/undo": {"POST": bulk.take_back},
    "/api/v1/{entity}/{id}/history": {"GET": finding.past},
    "/api/v1/{entity}/{id}/timeline": {"GET": timeline.show},
    "/api/v1/{entity}/{id}/duplicates": {"GET": merging.duplicates},
    "/api/v1/{entity}/{id}/merge": {"POST": merging.merge},
    "/api/v1/{entity}/{id}/unmerge": {"POST": merging.unmerge},
}
UPLOAD = "/api/v1/files"
SLOW = frozenset({"/api/v1/{entity}/bulk", UPLOAD})


def routes(serving: Serving, signed_in: SignedIn, budget: int) -> list[Route]:
    """`signed_in` finds the person behind a cookie; `budget` is how many requests a token may make in a minute."""
    door = Door(signed_in, Budget(budget))

    def route(path: str, handlers: Mapping[str, Handler]) -> Route:
        handler = _by_method({**handlers, **({"HEAD": handlers["GET"]} if "GET" in handlers else {})})
        largest = LARGEST_UPLOAD if path == UPLOAD else LARGEST
        endpoint = serving.endpoint(handler, door.around, largest=largest, slow=path in SLOW, refuse=_busy)
        return Route(path, endpoint, methods=list(handlers), name=path)

    told = Route("/problems/{kind}", _told, methods=["GET"], name="/problems/{kind}")
    return [*(route(path, handlers) for path, handlers in TABLE.items()), told, *Hooks(serving).routes()]


def refused(error: CrmError, path: str) -> Response:
    """The answer to what met no route."""
    return problem(error, path)


def _by_method(handlers: Mapping[str, Handler]) -> Handler:
    if len(set(handlers.values())) == 1:
        return next(iter(handlers.values()))
    return lambda ask: handlers[ask.request.method](ask)


def _busy(error: CrmError) -> Response:
    return problem(error, AT)


async def _told(request: Request) -> Response:
    """What a problem's `type` leads to; open to all."""
    for kind, (name, meaning) in KINDS.items():
        if name == request.path_params["kind"]:
            told = {"type": f"/problems/{name}", "title": kind.title, "status": kind.status, "meaning": meaning}
            return Response(orjson.dumps(told), media_type="application/json")
    return problem(NotFound("There is no such kind of problem."), request.url.path)


__all__ = ["AT", "Ask", "WrongMethod", "refused", "routes"]
