"""Later than a day or moment."""

from __future__ import annotations

import operator

from engine.parts.ordering import Ordering
from engine.words import said


class Part(Ordering):
    label = said("is after")
    doc = "Later than this; after a day means after it has ended."
    compare = operator.gt
    end_of_day = True
