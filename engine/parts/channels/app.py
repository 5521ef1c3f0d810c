"""The bell inside the program: written with the mark that it was sent, so exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.parts.channels.contract import Channel, Example


class Part(Channel):
    label = "In the program"
    doc = "The bell and the inbox of whoever signs in. Always there; clients have none."
    built_in = True
    inside = True
    examples = (Example({}),)

    def reaches(self, settings: Mapping[str, Any]) -> str:
        return "person"
