"""Children for which a condition holds."""

from __future__ import annotations

from engine.parts.nested import Nested
from engine.words import said


class Part(Nested):
    label = said("has one where")
    doc = "There is at least one such record among the children or references."
