"""Smaller than a value."""

from __future__ import annotations

import operator

from engine.parts.ordering import Ordering


class Part(Ordering):
    label = "is below"
    doc = "The field holds less than this. An empty field does not."
    compare = operator.lt
