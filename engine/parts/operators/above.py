"""Larger than a value."""

from __future__ import annotations

import operator

from engine.parts.ordering import Ordering
from engine.words import said


class Part(Ordering):
    label = said("is above")
    doc = "The field holds more than this. An empty field does not."
    compare = operator.gt
