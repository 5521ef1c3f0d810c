"""The application: every address of the program, what surrounds each, and what is said where there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine import api
from engine.api.problems import WrongMethod
from engine.errors import CrmError, NotFound
from engine.runtime import Runtime
from engine.serving import Serving
from engine.web import health, installed, static
from engine.web.around import Screens
from engine.web.envelope import Envelope
from engine.web.metrics import Metrics
from engine.web.news import Newsroom
from engine.web.pages import PAGES, failure
from engine.web.session import signed_in
from engine.web.switch import Switch


def make_app(runtime: Runtime) -> Starlette:
    """The whole program as an ASGI application. It closes its threads, not the runtime, when the server stops."""
    serving, settings = Serving(runtime), runtime.settings
    metrics = Metrics(lambda: serving.waiting)
    assets = static.Assets()
    screens = Screens(serving, failure)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        serving.close()

    routes = [
        *grounds(serving, assets),
        *api.routes(serving, signed_in, settings.api_budget),
        *screens.routes(PAGES),
    ]
    app = Starlette()
    app.router = Switch(routes, partial(nowhere, screens), lifespan=lifespan)
    # The whole stack: Starlette's own layers would tell of errors what the frames and the envelope tell better.
    app.middleware_stack = Envelope(app.router, metrics, secure=settings.secure, behind_proxy=settings.behind_proxy)
    app.state.newsroom = Newsroom(lambda: runtime.database, lambda: runtime.current.blueprint, runtime.clock)
    app.state.runtime, app.state.metrics, app.state.assets, app.state.serving = runtime, metrics, assets, serving
    return app


def grounds(serving: Serving, assets: static.Assets) -> list[Route]:
    """The addresses that are open to all, and tell nothing."""
    ready, metrics = (serving.endpoint(handler, health.openly) for handler in (health.ready, health.metrics))
    return [
        Route("/healthz", health.alive),
        Route("/readyz", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        Route(f"{static.AT}/{{name}}", assets.serve),
        Route("/words/{language}.js", static.words_js),
        Route("/brand.css", static.brand_css),
        Route("/brand/icon.svg", static.brand_icon),
        Route("/brand/logo", static.brand_logo),
        Route("/app.webmanifest", installed.app_manifest),
        Route("/worker.js", installed.worker_js),
        Route("/favicon.ico", static.favicon),
        Route("/robots.txt", static.robots),
    ]


async def nowhere(screens: Screens, request: Request, allowed: Sequence[str]) -> Response:
    """No such address, or not with this method: `allowed` are those that it answers."""
    if allowed and request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": ", ".join([*allowed, "OPTIONS"])})
    nothing = NotFound("There is nothing at this address.")
    met = WrongMethod(f"This address answers {', '.join(allowed)}.", allowed) if allowed else nothing
    if request.url.path.startswith(api.AT):
        return api.refused(met, request.url.path)
    return await _page(screens, request, met)


async def _page(screens: Screens, request: Request, error: CrmError) -> Response:
    def raising(ask: object) -> Response:
        raise error

    answer = await screens.serving.endpoint(raising, screens.around(True)).answer(request)
    if isinstance(error, WrongMethod):
        answer.headers["Allow"] = ", ".join(error.allowed)
    return answer
