"""Sends a notification."""

from __future__ import annotations

from typing import Any

from engine.parts.actions.contract import Action, Example, Telling


class Part(Action):
    label = "Notify"
    doc = "`notify: welcome`: the notification of notifications.yaml goes to its people, through its channels."
    schema = {"type": "string"}
    examples = (Example("welcome", {}),)

    def telling(self, settings: Any) -> Telling | None:
        return Telling(notification=settings)
