"""Sends a file of the set with a notification."""

from __future__ import annotations

from typing import Any

from engine.parts.actions.contract import Action, Example, Telling


class Part(Action):
    label = "Send a file"
    doc = "`send_file: {file: brochure.pdf, with: welcome}`: a file of the set's folder `files` goes with the message."
    schema = {"type": "object", "required": ["file", "with"]}
    examples = (Example({"file": "brochure.pdf", "with": "welcome"}, {}),)

    def telling(self, settings: Any) -> Telling | None:
        return Telling(notification=settings["with"], file=settings["file"])
