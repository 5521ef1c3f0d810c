"""A value or more."""

from __future__ import annotations

import operator

from engine.parts.ordering import Ordering
from engine.words import said


class Part(Ordering):
    label = said("is at least")
    doc = "The field holds this or more; for dates, that day or later."
    compare = operator.ge
