"""The referenced record, looked into."""

from __future__ import annotations

from engine.parts.nested import Nested
from engine.words import said


class Part(Nested):
    label = said("is one where")
    doc = "A condition on the record that the reference points at. An empty reference does not match."
