"""The stage in which the record began."""

from __future__ import annotations

from engine.parts.stays import FIRST, Entry
from engine.words import said


class Part(Entry):
    label = said("began in")
    doc = "The first stage of all that the record was in, and when it came into it: {New: last month}, {New: any time}."
    asks = FIRST
