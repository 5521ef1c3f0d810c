"""When the record came into a stage."""

from __future__ import annotations

from engine.parts.stays import Entry
from engine.words import said


class Part(Entry):
    label = said("entered")
    doc = "The record came into this stage within a span of time, whether it is still there or not: {Proposal: last month}."
