"""Earlier than a day or moment."""

from __future__ import annotations

import operator

from engine.parts.ordering import Ordering
from engine.words import said


class Part(Ordering):
    label = said("is before")
    doc = "Earlier than this; before a day means before it begins."
    compare = operator.lt
