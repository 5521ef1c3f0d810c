"""The frame of every screen: who is signed in, did our own page send this, and what a person sees when it fails.

Without a sign-in every screen but the `open` ones leads to the sign-in page, and back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.errors import CrmError, NotSignedIn
from engine.serving import LARGEST_BODY, LARGEST_UPLOAD, Around, Ask, Endpoint, Handler, Serving, mishap
from engine.web.security import check_origin, check_write
from engine.web.session import READING, in_wanted_language, visitor
from engine.web.squeeze import squeezed
from engine.words import said

SIGN_IN = "/login"
NEW_PASSWORD = "/me/password"  # where a person is sent who must choose a new one
ALWAYS_OPEN = (NEW_PASSWORD, "/logout")
Failure = Callable[[Ask, CrmError], Response]


class Page(Protocol):
    """What a screen says of itself. `open`: answered without a sign-in; `public`: nobody is asked who they are, nor from
    which site they come; `slow`: has threads of its own, so that others do not wait; `files`: its body may be large."""

    @property
    def path(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def handler(self) -> Handler: ...
    @property
    def open(self) -> bool: ...
    @property
    def public(self) -> bool: ...
    @property
    def slow(self) -> bool: ...
    @property
    def files(self) -> bool: ...


class Mishap(CrmError):
    """Nobody foresaw it; the message tells the number under which it stands in the log."""


class Screens:
    """`failure` draws the page that tells a person what went wrong."""

    def __init__(self, serving: Serving, failure: Failure) -> None:
        self.serving = serving
        self.failure = failure

    def routes(self, pages: Iterable[Page]) -> list[Route]:
        """One route for each path, in the order in which the paths first come."""
        paths: dict[str, dict[str, Endpoint]] = {}
        for page in pages:
            largest = LARGEST_UPLOAD if page.files else LARGEST_BODY
            around = self.around(page.open, page.public)
            endpoint = self.serving.endpoint(page.handler, around, largest=largest, slow=page.slow)
            paths.setdefault(page.path, {})[page.method] = endpoint
        return [Route(path, _ByMethod(methods), methods=list(methods), name=path) for path, methods in paths.items()]

    def around(self, open: bool, public: bool = False) -> Around:
        enter = _let_all_in if public else _let_in if open else _let_in_signed

        def around(ask: Ask, handler: Handler) -> Response:
            try:
                return squeezed(ask.request, enter(ask) or handler(ask))
            except NotSignedIn as error:
                return self.told(ask, error) if open else to_sign_in(ask)
            except CrmError as error:
                return self.told(ask, error)
            except Exception as error:
                number = mishap(ask, error)
                return self.told(ask, Mishap(said(
                    "Something went wrong here. It is in the log as {number}.", number=number
                )))

        return around

    def told(self, ask: Ask, error: CrmError) -> Response:
        try:
            return self.failure(ask, error)
        except Exception as another:
            mishap(ask, another)
            return Response(error.message, error.status, media_type="text/plain")


def to_sign_in(ask: Ask) -> Response:
    """A page is asked for again after the sign-in; what was sent by a form cannot be."""
    url = ask.request.url
    back = f"{url.path}?{url.query}" if url.query else url.path
    query = f"?{urlencode({'next': back})}" if ask.request.method in READING and back != "/" else ""
    return RedirectResponse(SIGN_IN + query, 303)


def _let_in_signed(ask: Ask) -> Response | None:
    """None, or the page to go to instead. Raises NotSignedIn, Refused."""
    found = visitor(ask)
    if found is None:
        raise NotSignedIn(said("Sign in first."))
    if ask.request.method not in READING:
        check_write(ask, found.key)
    if found.must_change and ask.request.url.path not in ALWAYS_OPEN:
        return RedirectResponse(NEW_PASSWORD, 303)
    return None


def _let_in(ask: Ask) -> Response | None:
    """An open page knows who is signed in, when somebody is; a form on it comes from this site."""
    if visitor(ask) is None:
        in_wanted_language(ask)
    if ask.request.method not in READING:
        check_origin(ask.request)
    return None


def _let_all_in(ask: Ask) -> Response | None:
    """What such a page does, it does for anybody; nothing of it rides on a cookie that another site could make use of."""
    in_wanted_language(ask)
    return None


class _ByMethod:
    """One path, another endpoint for each method."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self.endpoints = {**endpoints, **({"HEAD": endpoints["GET"]} if "GET" in endpoints else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.endpoints[scope["method"]](scope, receive, send)
