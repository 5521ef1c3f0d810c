"""The design system, alive: every token and every part in every state, drawn by what the screens are drawn by.

Only in development (CRM_DEVELOPMENT=1). A field type stands here with its own examples, so a new one appears by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from engine.blueprint.entities import Field
from engine.blueprint.workflows import Stage, Workflow
from engine.errors import Complaint, NotFound
from engine.markup import Html, trusted
from engine.parts import field_type, field_types
from engine.parts.fields.contract import Control, Example
from engine.records.sight import NOT_FOUND
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.pages.design_charts import chart_kinds
from engine.web.render import HUES, NIL
from engine.web.render_stages import Bar, Step, Way

TOKENS = Path(__file__).parents[1] / "assets" / "css" / "tokens.css"
ALL_HUES = ("grey", "red", *sorted({*HUES} - {"pink"}), "yellow", "pink")
LONG = "A name that somebody pasted from a letter and that goes on and on and on "  # of nearly 80
BROKEN = (
    ("Long", LONG * 6),
    ("Without a gap", "Donaudampfschifffahrtsgesellschaft" * 8),
    ("Right to left", "محمد بن عبد الله — 98200 12345"),
    ("Both ways", "Priya (بريا) +91 98200 12345"),
    ("Pictures", "👩‍👩‍👧‍👦 Family 🏳️‍🌈 שלום ﷽"),
    ("Markup", "<script>alert(1)</script><b>bold</b>"),
    ("Nothing", ""),
)


def show(ask: Ask) -> Response:
    """Raises NotFound outside development."""
    if not ask.crm.settings.development:
        raise NotFound(NOT_FOUND)
    seen = screen(ask)
    body = seen.render(
        "design.html", colours=_colours(), hues=ALL_HUES, kinds=list(_kinds(seen)), bars=list(_bars()),
        moves=_moves(), broken=BROKEN, charts=list(chart_kinds(seen)), script="design.js",
    )  # fmt: skip
    return seen.page("Design", body, "design")


# ---- tokens


def _colours() -> list[str]:
    """The names of the tokens that are colours. An installed program has no style sheets to read them from."""
    found = (
        re.findall(r"^  --([a-z0-9-]+): (?:light-dark|oklch|#)", TOKENS.read_text(), re.M)
        if TOKENS.is_file()
        else []
    )
    return list(dict.fromkeys(found))


# ---- field types


@dataclass(frozen=True, slots=True)
class Kind:
    """A field type: its control empty, filled and wrong, and how its value stands in a list and on a record."""

    word: str
    doc: str
    states: list[tuple[str, Html]]
    cell: Html
    value: Html


def _kinds(seen: Screen) -> list[Kind]:
    return [_kind(seen, word) for word in sorted(field_types()) if field_type(word).examples]


def _kind(seen: Screen, word: str) -> Kind:
    kind = field_type(word)
    kept = [one for one in kind.examples if one.refusal is None and one.value is not None]
    wrong = next((one for one in kind.examples if one.refusal is not None), None)
    states = [("Empty", _row(seen, word, None, None))]
    states += [("Filled", _row(seen, word, kept[0], None))] if kept else []
    states += [("Wrong", _row(seen, word, wrong, wrong.refusal))] if wrong else []
    if not kept:
        return Kind(word, kind.doc, states, NIL, NIL)
    field = _field(word, kept[0])
    raw = kind.store(field, kept[0].value)
    cell = trusted(kind.cell(field, seen.formats)(*raw)) if kind.columns(field) else NIL
    return Kind(word, kind.doc, states, cell, kind.html(field, kept[0].value, seen.formats) or NIL)


def _field(word: str, example: Example | None) -> Field:
    options = example.options if example is not None else _some_options(word)
    return Field(
        "example", word, field_type(word).label, options=options, help="What people read under the field."
    )


def _some_options(word: str) -> dict[str, object]:
    return dict(next((one.options for one in field_type(word).examples if one.options), {}))


def _row(seen: Screen, word: str, example: Example | None, refusal: str | None) -> Html:
    kind, field = field_type(word), _field(word, example)
    text = (
        example.given
        if refusal and example
        else kind.typed(field, example.value if example else None, seen.formats)
    )
    control = kind.control(field, Control("example", text, seen.formats, invalid=bool(refusal)))
    return seen.render(
        "field.html", field=field, control=control, wrong=[refusal] if refusal else [],
        needed=refusal is None and not example, grouped=kind.grouped, wide=True, several=False, gone=False,
        shown_when=None, needed_when=None,
    )  # fmt: skip


# ---- the stage bar


STAGES = tuple(
    Stage(name, name, hue, ends=ends)
    for name, hue, ends in (
        ("NOT ATTEMPTED", "grey", None), ("FOLLOW-UP", "blue", None), ("DEMO CONFIRMED", "violet", None),
        ("PROPOSAL SENT", "amber", None), ("WON", "green", "won"), ("LOST", "red", "lost"),
    )
)  # fmt: skip
FLOW = Workflow(
    "flow", "Status", "example", "status", "NOT ATTEMPTED", {stage.name: stage for stage in STAGES}, {}
)


def _moves() -> dict[str, object]:
    open_way, shut = _way("Confirm the demo"), _way("Send the proposal", "Demo date is empty.")
    return {"first": open_way, "rest": [_way("Lost", lost=True), shut], "refused": [shut]}


def _way(label: str, reason: str | None = None, lost: bool = False) -> Way:
    reasons = (Complaint("demo_at", reason),) if reason else ()
    name = label.split()[0].lower()
    return Way(
        name, label, "#", label.upper(), not reason, reasons, "Meera Nair" if reason else "", lost, False
    )


def _bars() -> list[tuple[str, Bar]]:
    first = [Step(STAGES[0], "done", "for 2 days"), Step(STAGES[1], "current", "for 3 hours · 20%")]
    later = [
        Step(STAGES[2], "open", "40%", _way("Confirm")),
        Step(STAGES[3], "refused", "Not yet", _way("Send", "Demo date is empty.")),
    ]
    rest = [Step(stage, "later", "") for stage in STAGES[4:]]
    done = [Step(stage, "done", "for 2 days") for stage in STAGES[:4]]
    return [
        ("On its way", Bar(FLOW, (*first, *later, *rest), (), False)),
        ("Won", Bar(FLOW, (*done, Step(STAGES[4], "current", "since yesterday")), (), True)),
        ("Lost", Bar(FLOW, (*done[:2], Step(STAGES[5], "current", "Price")), (), True)),
    ]


__all__ = ["show"]
