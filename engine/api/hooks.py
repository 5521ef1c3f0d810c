"""/hooks/NAME: what other programs send. Answered at once and with no more than they need; the reasons stay inside.

1. The secret first: without it nothing is read, and nothing but one row an hour is kept.
2. Then its size and depth; then each thing becomes a record, or is kept as refused: both are answered with 2xx, as the
   sender cannot mend it and would only send it again.
3. What came before is answered in the same way, and does nothing.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response
from starlette.routing import Route

from engine.api.budget import Budget
from engine.blueprint.capture import Capture, Handshake
from engine.errors import BadRequest, CrmError, NotFound, TooMany
from engine.records import capturing, received
from engine.records.keys import milliseconds, new_id
from engine.records.received import Received
from engine.rules.network import network
from engine.rules.signing import Sent, is_secret, refusal
from engine.serving import Ask, Handler, Serving, mishap

PATH = "/hooks/{name}"
LARGEST = 512 * 1024  # bytes
MOST = 6000  # messages to one hook in a minute, in each process
MOST_STRANGE = 60  # from one address, without the right secret
PLAIN = re.compile(r"[\w.:=+/-]{1,300}", re.ASCII)
log = logging.getLogger("crm")


class _Unsigned(CrmError):
    status = 401
    title = "Not signed"


class Hooks:
    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.budget, self.strangers = Budget(MOST), Budget(MOST_STRANGE)

    def routes(self) -> list[Route]:
        endpoint = self.serving.endpoint(self.answer, self.around, largest=LARGEST, refuse=_briefly)
        return [Route(PATH, endpoint, methods=["GET", "POST"], name=PATH)]

    def around(self, ask: Ask, handler: Handler) -> Response:
        try:
            return handler(ask)
        except CrmError as error:
            return _briefly(error)
        except Exception as error:
            mishap(ask, error)
            return _said(500, "failed")

    def answer(self, ask: Ask) -> Response:
        capture = _capture(ask)
        if ask.request.method != "POST" and not _is_in_address(capture):
            return self._handshake(ask, capture)
        self._believe(ask, capture)
        self.budget.spend(capture.name, ask.now.timestamp())
        results = capturing.take_sent(ask.crm.writes, capture, *_content(ask, capture))
        refused = any(result.state == received.REFUSED for result in results)
        return _said(202, "kept") if refused else _said(200, "ok")

    def _believe(self, ask: Ask, capture: Capture) -> None:
        """Raises _Unsigned; what is not believed is counted, and told inside once an hour."""
        assert capture.hook is not None
        signed = capture.hook.signed
        secret = ask.crm.settings.secret(signed.secret_from)
        why = refusal(signed, secret, _sent(ask), ask.now.timestamp()) if secret else f"{signed.secret_from} is not set."
        if why is None:
            return
        self._meet_stranger(ask)
        _tell_inside(ask, capture, why)
        raise _Unsigned("not signed")

    def _handshake(self, ask: Ask, capture: Capture) -> Response:
        assert capture.hook is not None
        asked = capture.hook.handshake
        if asked is None:
            raise NotFound("nothing here")
        if not _is_ours(ask, asked):
            self._meet_stranger(ask)
            _tell_inside(ask, capture, "The handshake brought another secret.")
            raise _Unsigned("not signed")
        answer = ask.request.query_params.get(asked.answer, "")
        if not PLAIN.fullmatch(answer):
            raise BadRequest("no answer to give")
        return Response(answer, media_type="text/plain")

    def _meet_stranger(self, ask: Ask) -> None:
        self.strangers.spend(network(_address(ask) or ""), ask.now.timestamp())


def _capture(ask: Ask) -> Capture:
    capture = ask.crm.blueprint.captures.get(ask.path["name"])
    if capture is None or capture.hook is None:
        raise NotFound("nothing here")
    return capture


def _is_in_address(capture: Capture) -> bool:
    return capture.hook is not None and capture.hook.in_address


def _is_ours(ask: Ask, asked: Handshake) -> bool:
    secret = ask.crm.settings.secret(asked.secret_from)
    return secret is not None and is_secret(ask.request.query_params.get(asked.token, ""), secret)


# ---- what was sent


def _sent(ask: Ask) -> Sent:
    request = ask.request
    base = ask.crm.settings.address or f"{request.url.scheme}://{request.headers.get('host', '')}"
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Sent(ask.body, headers, f"{base}{request.url.path}{query}", dict(request.query_params), _fields(ask))


def _fields(ask: Ask) -> list[tuple[str, str]]:
    return [(n, v) for n, v in ask.form.multi_items() if isinstance(v, str)] if ask.form is not None else []


def _content(ask: Ask, capture: Capture) -> tuple[Any, str]:
    """What was sent as maps and lists, and what tells it from others'."""
    assert capture.hook is not None
    if capture.hook.in_address:
        given = {n: v for n, v in ask.request.query_params.items() if n != capture.hook.signed.name}
        return given, _digest(orjson.dumps(given, option=orjson.OPT_SORT_KEYS))
    if ask.form is not None:
        return _of_form(_fields(ask)), _digest(ask.body or orjson.dumps(_fields(ask)))
    try:
        return orjson.loads(ask.body), _digest(ask.body)
    except orjson.JSONDecodeError:
        raise BadRequest("not JSON") from None


def _of_form(pairs: list[tuple[str, str]]) -> Mapping[str, Any]:
    """A field that comes several times is a list; one that holds JSON is read, as some send it so."""
    found: dict[str, Any] = {}
    for name, text in pairs:
        value = _maybe_json(text)
        if name in found:
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
        else:
            found[name] = value
    return found


def _maybe_json(text: str) -> Any:
    if text[:1] not in ("{", "["):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _digest(content: bytes) -> str:
    return f"content {hashlib.sha256(content).hexdigest()}"


# ---- what is said


def _tell_inside(ask: Ask, capture: Capture, why: str) -> None:
    """One row an hour, whatever comes: a flood of forgeries must not fill the table."""
    now = milliseconds(ask.now)
    key = f"refused {now // 3_600_000} {hashlib.sha256(why.encode()).hexdigest()[:16]}"
    reason = f"{why} Others in the same hour are not listed."
    with ask.crm.database.reading() as connection:
        if received.earlier(connection, capture.name, key):
            return
    log.warning("hook %s refused: %s", capture.name, why)
    row = Received(new_id(ask.now), capture.name, key, now, received.REFUSED, sender=_address(ask), reason=reason)
    with ask.crm.database.writing() as connection:
        received.keep(connection, row)


def _address(ask: Ask) -> str | None:
    return ask.request.client.host if ask.request.client else None


def _briefly(error: CrmError) -> Response:
    """No more than the number says: whoever is not believed learns nothing."""
    words = {400: "not understood", 401: "not signed", 404: "nothing here", 413: "too large", 429: "too many", 503: "later"}
    response = _said(error.status, words.get(error.status, "failed"))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _said(status: int, word: str) -> Response:
    return Response(f"{word}\n", status, media_type="text/plain")


__all__ = ["PATH", "Hooks"]
