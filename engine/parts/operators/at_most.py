"""A value or less."""

from __future__ import annotations

import operator

from engine.parts.ordering import Ordering


class Part(Ordering):
    label = "is at most"
    doc = "The field holds this or less; for dates, that day or earlier."
    compare = operator.le
    end_of_day = True
