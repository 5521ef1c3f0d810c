"""A gateway that is asked over HTTP, described in YAML: SMS, WhatsApp, push, whatever takes a request for each message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson

from engine.formats import Formats
from engine.parts.channels.contract import Channel, Example, Outgoing, Request, Session, Unsendable, Way
from engine.text import renderer

if TYPE_CHECKING:
    from engine.outbound import Answer

WORDS = ("to", "digits", "name", "subject", "text", "id", "link")
_TEXTS = {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "boolean"]}}


class Part(Channel):
    label = "HTTP gateway"
    doc = (
        "A gateway for SMS, WhatsApp or push: one request for each message. The texts under `query`, `headers`, `form` and "
        "`json` may name `to`, `digits` (the number without its +), `name`, `subject`, `text`, `id`, `link`, and the names "
        "under `secrets_from`. Statuses from 200 to 299 mean sent."
    )
    needs = ("url_from",)
    schema = {
        "url_from": {
            "type": "string",
            "minLength": 1,
            "description": "The environment variable that holds the gateway's address.",
        },
        "method": {"type": "string", "enum": ["POST", "PUT", "GET"], "description": "POST when left out."},
        "to": {
            "type": "string",
            "enum": ["phone", "email", "nobody"],
            "description": "By which address the gateway finds somebody. Left out: phone.",
        },
        "secrets_from": {
            **_TEXTS,
            "description": "Names that the texts may use, each with the environment variable that holds it.",
        },
        "headers": {**_TEXTS, "description": "Headers of the request, as texts."},
        "query": {**_TEXTS, "description": "What is added to the address, as texts."},
        "form": {**_TEXTS, "description": "The body as a form. One of form and json."},
        "json": {
            "type": "object",
            "minProperties": 1,
            "description": "The body as JSON: maps and lists of texts.",
        },
        "answer_id": {
            "type": "string",
            "minLength": 1,
            "description": "Where the answer's JSON holds the gateway's own id of the message: messages.0.id.",
        },
        "refused": {
            "type": "array",
            "items": {"type": "integer", "minimum": 300, "maximum": 599},
            "description": "The statuses after which no other try is made. Else 400 to 499 but for 408, 409, 423, 425, 429.",
        },
    }
    examples = (
        Example(
            {
                "url_from": "SMS_URL", "secrets_from": {"key": "SMS_KEY"}, "headers": {"Authorization": "Bearer {{ key }}"},
                "json": {"messages": [{"to": "{{ digits }}", "body": "{{ text }}", "ref": "{{ id }}"}]},
                "answer_id": "messages.0.id",
            },
            {"SMS_URL": "https://sms.example/send", "SMS_KEY": "s3cret"},
            {
                "method": "POST", "url": "https://sms.example/send",
                "headers": {"Authorization": "Bearer s3cret", "Content-Type": "application/json"},
                "body": '{"messages":[{"to":"919876543210","body":"Hello","ref":"k1"}]}',
            },
        ),
        Example(
            {"url_from": "SMS_URL", "method": "GET", "query": {"mobile": "{{ to }}", "message": "{{ text }}"}},
            {"SMS_URL": "https://sms.example/send?user=firm"},
            {
                "method": "GET", "url": "https://sms.example/send?user=firm&mobile=%2B919876543210&message=Hello",
                "headers": {}, "body": None,
            },
        ),
    )  # fmt: skip

    def reaches(self, settings: Mapping[str, Any]) -> str:
        return str(settings.get("to", "phone"))

    def templates(self, settings: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for key in ("headers", "query", "form", "json"):
            yield from _texts((key,), settings.get(key))

    def words(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        named = settings.get("secrets_from")
        return (*WORDS, *(named if isinstance(named, Mapping) else ()))

    @contextmanager
    def open(self, settings: Mapping[str, Any], way: Way) -> Iterator[Session]:
        from engine.parts.gateway import Gateway

        refused = settings.get("refused")
        yield Gateway(
            way.client, lambda outgoing: request(settings, outgoing, way), lambda answer: provider(settings, answer),
            frozenset(refused) if refused is not None else None,
        )  # fmt: skip


def request(settings: Mapping[str, Any], outgoing: Outgoing, way: Way) -> Request:
    """The request that a message becomes. Raises Unsendable for a header that would not stay one line."""
    words = _words(settings, outgoing, way)
    url = str(way.secret(settings["url_from"]) or "")
    if settings.get("query"):
        url += ("&" if "?" in url else "?") + urlencode(_filled(settings["query"], words), quote_via=quote)
    headers = {name: _one_line(name, text) for name, text in _filled(settings.get("headers", {}), words).items()}
    body, kind = _body(settings, words)
    return Request(settings.get("method", "POST"), url, headers | ({"Content-Type": kind} if kind else {}), body)


def _words(settings: Mapping[str, Any], outgoing: Outgoing, way: Way) -> dict[str, str]:
    secrets = {name: way.secret(variable) or "" for name, variable in settings.get("secrets_from", {}).items()}
    return {
        "to": outgoing.to, "digits": "".join(c for c in outgoing.to if c.isdigit()), "name": outgoing.name,
        "subject": outgoing.subject, "text": outgoing.text, "id": outgoing.key, "link": outgoing.link or "", **secrets,
    }  # fmt: skip


def _body(settings: Mapping[str, Any], words: Mapping[str, str]) -> tuple[bytes | None, str]:
    if "json" in settings:
        return orjson.dumps(_filled(settings["json"], words)), "application/json"
    if "form" in settings:
        return urlencode(_filled(settings["form"], words)).encode(), "application/x-www-form-urlencoded"
    return None, ""


def _filled(shape: Any, words: Mapping[str, str]) -> Any:
    """The same shape with its texts filled; a value is data, so quotes and braces in it break nothing."""
    if isinstance(shape, Mapping):
        return {key: _filled(inner, words) for key, inner in shape.items()}
    if isinstance(shape, (list, tuple)):
        return [_filled(inner, words) for inner in shape]
    return renderer(shape, Formats())(words) if isinstance(shape, str) else shape


def _one_line(name: str, text: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise Unsendable(f"The header {name} would have more than one line.")
    return text


def _texts(at: tuple[str | int, ...], shape: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(shape, Mapping):
        for key, inner in shape.items():
            yield from _texts((*at, key), inner)
    elif isinstance(shape, (list, tuple)):
        for place, inner in enumerate(shape):
            yield from _texts((*at, place), inner)
    elif isinstance(shape, str):
        yield at, shape


def provider(settings: Mapping[str, Any], answer: Answer) -> str | None:
    """What stands in the answer at `answer_id`; None where nothing does."""
    path = settings.get("answer_id")
    if not path:
        return None
    try:
        found = orjson.loads(answer.body)
        for step in path.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return str(found)[:200] if isinstance(found, (str, int)) else None
