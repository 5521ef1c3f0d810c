"""Gives the record to whoever's turn it is."""

from __future__ import annotations

from typing import Any

from engine.parts.actions.contract import Action, Example, Gift


class Part(Action):
    label = "Assign"
    doc = (
        "`assign: sales_desk`: the record goes to somebody, as the assignment of roles.yaml says. When nobody can take it, "
        "it stays where it is, those who administer are told, and it is tried again."
    )
    schema = {"type": "string"}
    examples = (Example("sales_desk", {}),)

    def gift(self, settings: Any) -> Gift | None:
        return Gift(settings)
