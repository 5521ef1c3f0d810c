"""The beginning of a text."""

from __future__ import annotations

from engine.parts.likeness import Likeness
from engine.words import said


class Part(Likeness):
    label = said("starts with")
    doc = "The text begins with this. Case does not matter; in a searched field accents do not either."
    at_start = True
