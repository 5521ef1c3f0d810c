"""Is it alive, is it ready, how is it doing. What could tell a stranger something is for this machine, or a token, only."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

import orjson
from starlette.requests import Request
from starlette.responses import Response

from engine.errors import CrmError
from engine.records import queues, workers
from engine.records.keys import milliseconds
from engine.records.pulse import pulse
from engine.serving import Ask, Handler
from engine.web.metrics import MEDIA_TYPE, as_text

_PROXIED = ("x-forwarded-for", "forwarded", "x-real-ip")


async def alive(request: Request) -> Response:
    """GET /healthz: the process answers; nothing else is asked."""
    return Response("ok\n", media_type="text/plain")


def ready(ask: Ask) -> Response:
    """GET /readyz: 200 when the database answers and its tables are those of this set; with ages in seconds."""
    found = pulse(ask.crm.database, ask.crm.blueprint, ask.now)
    told = {"ready": found.ready, **(found.told() if is_trusted(ask.request) else {})}
    return Response(orjson.dumps(told), 200 if found.ready else 503, media_type="application/json")


def metrics(ask: Ask) -> Response:
    """GET /metrics, as Prometheus reads it."""
    if not is_trusted(ask.request):
        return Response("Not found.", 404, media_type="text/plain")
    with ask.crm.database.reading() as connection:
        now = milliseconds(ask.now)
        crew = workers.crew(connection, ask.now)
        work = as_text(queues.lines(connection, now), queues.scheduler_age(connection, now), crew)
    return Response(ask.request.app.state.metrics.text() + work, headers={"Content-Type": MEDIA_TYPE})


def openly(ask: Ask, handler: Handler) -> Response:
    """The frame of these addresses: no sign-in, no page, and no reasons for strangers."""
    try:
        return handler(ask)
    except CrmError as error:
        return Response(orjson.dumps({"ready": False}), max(error.status, 503), media_type="application/json")


def is_trusted(request: Request) -> bool:
    """Asked from this machine itself and not through a proxy on it, or with CRM_METRICS_TOKEN."""
    wanted = request.app.state.runtime.settings.metrics_token
    given = request.headers.get("authorization", "")
    if wanted and hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        return True
    return _is_here(request) and not any(name in request.headers for name in _PROXIED)


def _is_here(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
