"""The hundred services that the apprise library knows: chat rooms, push, SMS gateways, by its address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from engine.parts.channels.contract import (
    REFUSED,
    SENT,
    UNSURE,
    Channel,
    Example,
    Outcome,
    Outgoing,
    Session,
    Way,
)


class Part(Channel):
    label = "Apprise"
    doc = (
        "A service of the apprise library (`pip install 'crm-engine[apprise]'`), by its address in an environment variable. "
        "`{to}` in the address stands for the receiver's number or e-mail. It gives no receipts, so what fails is tried "
        "again, or is uncertain where the notification says hold."
    )
    needs = ("url_from",)
    schema = {
        "url_from": {
            "type": "string", "minLength": 1,
            "description": "The environment variable that holds the service's address.",
        },
        "to": {
            "type": "string",
            "enum": ["phone", "email", "nobody"],
            "description": "What `{to}` stands for. Left out: nobody.",
        },
    }  # fmt: skip
    examples = (Example({"url_from": "PUSH_URL"}, {"PUSH_URL": "json://push.example"}),)

    def reaches(self, settings: Mapping[str, Any]) -> str:
        return str(settings.get("to", "nobody"))

    @contextmanager
    def open(self, settings: Mapping[str, Any], way: Way) -> Iterator[Session]:
        yield _Apprise(str(way.secret(settings["url_from"]) or ""))


@dataclass(frozen=True, slots=True)
class _Apprise:
    url: str

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            import apprise
        except ImportError:
            return Outcome(REFUSED, "The apprise library is not installed: pip install 'crm-engine[apprise]'.")
        service = apprise.Apprise()
        if not service.add(self.url.replace("{to}", quote(outgoing.to, safe=""))):
            return Outcome(REFUSED, "The apprise library does not know a service of this address.")
        if service.notify(title=outgoing.subject, body=outgoing.text):
            return Outcome(SENT)
        return Outcome(UNSURE, "The service did not take it; the apprise library does not tell why.")
