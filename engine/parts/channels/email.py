"""Mail by SMTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engine.parts.channels.contract import Channel, Example, Session, Way


class Part(Channel):
    label = "E-mail"
    doc = (
        "Mail through the server that CRM_SMTP_URL names, as HTML and text, with attachments and invitations. Always there; "
        "`channels: {email: {from: ...}}` says in whose name. A refusal (550) is final, 421 and 450 are tried again later."
    )
    needs = ("from",)
    schema = {
        "from": {
            "type": "string", "minLength": 3,
            "description": "In whose name mails go out: The firm <crm@firm.example>.",
        },
        "reply_to": {
            "type": "string", "minLength": 3,
            "description": "Where answers go. Left out: to the sender.",
        },
    }  # fmt: skip
    built_in = True
    carries = True
    examples = (Example({"from": "The firm <crm@firm.example>", "reply_to": "sales@firm.example"}),)

    def reaches(self, settings: Mapping[str, Any]) -> str:
        return "email"

    def missing(self, settings: Mapping[str, Any], way: Way) -> tuple[str, ...]:
        return () if way.smtp_url else ("CRM_SMTP_URL",)

    @contextmanager
    def open(self, settings: Mapping[str, Any], way: Way) -> Iterator[Session]:
        from engine.parts.smtp import Server

        server = Server(way, settings)
        try:
            yield server
        finally:
            server.close()
