"""Gives the record to somebody else than who has it now."""

from __future__ import annotations

from typing import Any

from engine.parts.actions.contract import Action, Example, Gift


class Part(Action):
    label = "Assign to somebody else"
    doc = "`reassign: sales_desk`: as `assign`, but never to who has the record now. For what lay idle too long."
    schema = {"type": "string"}
    examples = (Example("sales_desk", {}),)

    def gift(self, settings: Any) -> Gift | None:
        return Gift(settings, somebody_else=True)
