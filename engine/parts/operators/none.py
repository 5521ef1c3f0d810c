"""No child for which a condition holds."""

from __future__ import annotations

from engine.parts.nested import Nested


class Part(Nested):
    label = "has none where"
    doc = "There is no such record among the children or references."
