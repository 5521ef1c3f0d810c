"""Calls another system with the record."""

from __future__ import annotations

from typing import Any

from engine.parts.actions.contract import Action, Example, Telling


class Part(Action):
    label = "Call a webhook"
    doc = "`call: crm_hook`: the record goes to the webhook channel of that name, signed, and again until it is taken."
    schema = {"type": "string"}
    examples = (Example("crm_hook", {}),)

    def telling(self, settings: Any) -> Telling | None:
        return Telling(channel=settings)
