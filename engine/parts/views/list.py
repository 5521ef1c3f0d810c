"""Records as rows."""

from __future__ import annotations

from engine.parts.views.contract import Example, ViewKind
from engine.words import said


class Kind(ViewKind):
    label = said("List")
    icon = "list"
    doc = "Records as rows, with columns to choose, sorted, and grouped by a field if wanted."
    common = ("columns", "sort", "group")
    examples = (Example({}, {}, ()),)
