"""A value or less."""

from __future__ import annotations

import operator

from engine.parts.ordering import Ordering
from engine.words import said


class Part(Ordering):
    label = said("is at most")
    doc = "The field holds this or less; for dates, that day or earlier."
    compare = operator.le
    end_of_day = True
