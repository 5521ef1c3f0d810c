"""No child for which a condition holds."""

from __future__ import annotations

from engine.parts.nested import Nested
from engine.words import said


class Part(Nested):
    label = said("has none where")
    doc = "There is no such record among the children or references."
