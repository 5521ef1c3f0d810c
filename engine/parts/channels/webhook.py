"""Another program is told, signed so that it can be sure of us: the headers are those of Standard Webhooks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from engine.parts.channels.contract import Channel, Example, Outgoing, Request, Session, Way


class Part(Channel):
    label = "Webhook"
    doc = (
        "Tells another program, once for each thing that happens, whoever else is told: the record as the first role that "
        "administers may read it, as JSON. Signed with HMAC-SHA256 over id, time and body, in the headers webhook-id, "
        "webhook-timestamp and webhook-signature. Tried again until it answers with a status from 200 to 299."
    )
    needs = ("url_from", "secret_from")
    schema = {
        "url_from": {"type": "string", "minLength": 1, "description": "The environment variable that holds the address."},
        "secret_from": {
            "type": "string",
            "minLength": 1,
            "description": "The environment variable that holds the secret; what follows whsec_ is read as base64.",
        },
    }
    examples = (
        Example(
            {"url_from": "HOOK_URL", "secret_from": "HOOK_SECRET"},
            {"HOOK_URL": "https://other.example/hook", "HOOK_SECRET": "whsec_c2VjcmV0"},
            {
                "method": "POST", "url": "https://other.example/hook",
                "headers": {
                    "Content-Type": "application/json", "webhook-id": "k1", "webhook-timestamp": "1795428000",
                    "webhook-signature": "v1,hHCkDQpnJOU2eBymYanqKK8BSPQr2LrB489p123EIIU=",
                },
                "body": '{"type":"hello","timestamp":"2026-11-23T10:00:00Z","text":"Hello","data":{"id":"7"}}',
            },
        ),
    )  # fmt: skip

    def reaches(self, settings: Mapping[str, Any]) -> str:
        return "nobody"

    @contextmanager
    def open(self, settings: Mapping[str, Any], way: Way) -> Iterator[Session]:
        from engine.parts.gateway import Gateway

        yield Gateway(way.client, lambda outgoing: request(settings, outgoing, way))


def request(settings: Mapping[str, Any], outgoing: Outgoing, way: Way) -> Request:
    told = {
        "type": outgoing.kind, "timestamp": outgoing.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "text": outgoing.text,
        "data": outgoing.record,
    }  # fmt: skip
    body, stamp = orjson.dumps(told), str(int(outgoing.at.timestamp()))
    secret = _key(way.secret(settings["secret_from"]) or "")
    headers = {
        "Content-Type": "application/json", "webhook-id": outgoing.key, "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, outgoing.key, stamp, body),
    }  # fmt: skip
    return Request("POST", str(way.secret(settings["url_from"]) or ""), headers, body)


def signature(secret: bytes, id: str, stamp: str, body: bytes) -> str:
    signed = hmac.new(secret, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
