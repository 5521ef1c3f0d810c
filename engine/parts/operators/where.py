"""The referenced record, looked into."""

from __future__ import annotations

from engine.parts.nested import Nested


class Part(Nested):
    label = "is one where"
    doc = "A condition on the record that the reference points at. An empty reference does not match."
