"""A piece of a text."""

from __future__ import annotations

from engine.parts.likeness import Likeness
from engine.words import said


class Part(Likeness):
    label = said("contains")
    doc = "The text holds this piece. Case does not matter; in a searched field accents do not either."
