"""A list's filters: the forms that make one, and the chips of those in force. All of it is in the address.

A field's form holds an input for each of its usual operators, named as the address has them (`budget.at_least`); an
input that is left empty says nothing. The forms are drawn once; a request puts in what else its address says.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.blueprint.conditions import AllOf, Condition, Test
from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.values import Ref
from engine.markup import Html, tag
from engine.parts import field_type, operator, operators
from engine.parts.controls import text_input
from engine.parts.derived import effective
from engine.parts.fields.choice import pill
from engine.parts.fields.contract import Control
from engine.records.query import words
from engine.records.sight import targets_of
from engine.records.views import Habits, Shelf
from engine.web.frame import Screen, Slotted, slot
from engine.web.render import address, hidden, icon
from engine.web.render_where import told, words_of
from engine.web.viewed import nested_pairs, parts_of, place_of_pairs
from engine.words import said

Pairs = list[tuple[str, str]]
# What is offered first for a field, in this order; an address may use every operator that the field knows.
USUAL = ("in", "has_any", "within", "contains", "at_least", "at_most", "is")
SPANS = (
    ("today", said("Today")), ("yesterday", said("Yesterday")), ("tomorrow", said("Tomorrow")),
    ("this week", said("This week")), ("last 7 days", said("Last 7 days")), ("next 7 days", said("Next 7 days")),
    ("this month", said("This month")), ("last month", said("Last month")), ("this quarter", said("This quarter")),
    ("this financial year", said("This financial year")),
)  # fmt: skip
ICONS = {
    "stage": "circle-dot", "choice": "list", "choices": "list-checks", "tags": "tags", "user": "user", "team": "users",
    "date": "calendar", "datetime": "calendar-clock", "time": "clock", "duration": "timer", "money": "wallet",
    "phone": "phone", "email": "mail", "url": "link", "place": "map-pin", "percent": "percent", "yes_no": "toggle-left",
    "integer": "hash", "decimal": "hash", "reference": "link", "references": "link", "role": "shield",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, in words. `off` is the address without it; `opens` the form that changes it, or `edit` the address
    of one."""

    field: Field | None
    label: str
    verb: str
    value: str
    off: str
    opens: str | None = None
    edit: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address says beside its place: `pairs` without the cursor. `base`: the list's own address, or that of
    another look at the same records."""

    screen: Screen
    entity: Entity
    pairs: Pairs
    base: str
    shelf: Shelf

    def fields(self) -> list[Field]:
        readable = self.screen.sight.fields(self.screen.actor.role, self.entity.name)
        return [f for f in readable.values() if f.name not in UNASKED and _operators(f)]

    def quick(self) -> list[Field]:
        offered = {f.name: f for f in self.fields()}
        return [offered[name] for name in self.entity.list.filters if name in offered]

    def of(self, field: Field) -> Pairs:
        return [pair for pair in self.pairs if pair[0].partition(".")[0] == field.name and not _is_there(pair[0])]

    def without(self, names: Iterable[str]) -> Pairs:
        gone = set(names)
        return [pair for pair in self.pairs if pair[0] not in gone]

    def place(self, pairs: Pairs, base: str | None = None) -> str:
        """The address that means these pairs."""
        return place_of_pairs(base or self.base, self.entity, self.shelf, pairs)

    # ---- chips

    def asks(self) -> bool:
        return any(name not in words() or name in ("q", "where") for name, _ in self.pairs)

    def chips(self) -> list[Chip]:
        names = dict.fromkeys(name for name, _ in self.pairs if name not in words())
        return [*(chip for name in names for chip in self._chips(name)), *self._nested()]

    def _chips(self, name: str) -> Iterator[Chip]:
        screen = self.screen
        given = [(n, text) for n, text in self.pairs if n == name]
        where = screen.crm.reads.query(screen.actor, self.entity.name, given).where
        off, formed = self.place(self.without([name])), {f.name for f in self.fields()}
        fields = screen.sight.fields(screen.actor.role, self.entity.name)
        for test in _tests(where):
            field = fields[test.field]
            word = name.partition(".")[2]
            has_form = field.name in formed and word in ("", "empty", *_operators(field))
            verb, value = words_of(screen, field, test)
            opens = f"filter-{field.name}" if has_form else None
            yield Chip(field, field.label, verb, value, off, opens, None if opens else self.builder())

    def _nested(self) -> Iterator[Chip]:
        """Each part of `where` that must hold by itself."""
        text = next((text for name, text in self.pairs if name == "where"), None)
        screen, rest = self.screen, self.without(["where"])
        where = screen.crm.reads.query(screen.actor, self.entity.name, [("where", text)]).where if text else None
        parts = parts_of(where) if where is not None else ()
        for n, part in enumerate(parts):
            others = nested_pairs(screen, self.entity, [*parts[:n], *parts[n + 1 :]])
            off = self.place([*rest, *others])
            yield Chip(None, "", "", told(screen, self.entity.name, part), off, None, self.builder())

    def builder(self) -> str:
        """Where all conditions are put together."""
        return address(f"/{self.entity.name}/filter", [*self.pairs, *([("_look", self.look)] if self.look else [])])

    @property
    def look(self) -> str:
        """Which look at the records this is: nothing for the list, `board`, `calendar`."""
        return self.base.removeprefix(f"/{self.entity.name}").removeprefix("/")

    # ---- forms

    def form(self, field: Field, kept: Pairs | None = None) -> Html:
        """The form of one field, with what the address says of it now."""
        mine = self.of(field)
        keep = hidden(kept if kept is not None else [p for p in self.pairs if p not in mine])
        return _form(self.screen, self.entity, field, dict_of(mine), keep, self.base)

    def sheet(self) -> str:
        """The popover with every field's form: drawn once, filled with what this address keeps."""
        screen, active = self.screen, {f.name for f in self.fields() if self.of(f)}
        key = ("filters", screen.actor.role, screen.actor.language, self.entity.name, self.base)
        drawn: Slotted = screen.face.once(key, lambda: Slotted(str(self._drawn())))
        keep = str(hidden(self.pairs))
        slots = {
            f"keep:{f.name}": str(hidden([p for p in self.pairs if p not in self.of(f)]))
            if f.name in active
            else keep
            for f in self.fields()
        }
        return drawn.fill(slots)

    def _drawn(self) -> Html:
        """The set's own filters are left out: they have buttons of their own."""
        quick = {f.name for f in self.quick()}
        rest = [f for f in self.fields() if f.name not in quick]
        rows = [
            (f, field_icon(f), _form(self.screen, self.entity, f, {}, slot(f"keep:{f.name}"), self.base)) for f in rest
        ]
        return self.screen.render("filters.html", rows=rows)


UNASKED = frozenset({"version", "deleted_at", "id"})
NOTHING_KEPT = Shelf((), Habits())


def filters_of(
    screen: Screen, entity: Entity, pairs: Pairs, base: str | None = None, shelf: Shelf = NOTHING_KEPT
) -> Filters:
    return Filters(screen, entity, [(n, t) for n, t in pairs if n != "cursor"], base or f"/{entity.name}", shelf)


def _is_there(name: str) -> bool:
    """Whether an address's filter is of a record one step away: `account.industry`."""
    _, _, rest = name.partition(".")
    return bool(rest) and rest.partition(".")[0] not in operators()


def field_icon(field: Field) -> Html:
    return icon(ICONS.get(effective(field).type, "file-text"))


def dict_of(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return found


# ---- one field's form


def _form(
    screen: Screen, entity: Entity, field: Field, now: Mapping[str, list[str]], keep: Html, base: str
) -> Html:
    controls = [_control(screen, entity, field, word, now) for word in _operators(field)]
    may_be_empty = (
        "empty" in field_type(field.type).operators and not field.required and field.type != "stage"
    )
    empty = f"{field.name}.empty" if may_be_empty else None
    said = (now.get(empty or "") or [""])[0]
    return screen.render(
        "filter.html", base=base, controls=controls, keep=keep, empty=empty, said=said, field=field
    )


def _operators(field: Field) -> list[str]:
    known = field_type(field.type).operators
    plain = effective(field)
    usable = [w for w in USUAL if w in known and _fits(plain, w)]
    if "in" in usable or "has_any" in usable:
        return usable[:1]
    if plain.type in ("yes_no", *POINTING) and "is" in known:
        return ["is"]
    if "at_least" in usable or "within" in usable:
        return [w for w in usable if w in ("within", "at_least", "at_most")]
    return usable[:2] if "contains" in usable else usable[:1]


POINTING = ("user", "team", "reference")


def _fits(field: Field, word: str) -> bool:
    """A computed field knows the operators of every result; a list of choices needs choices."""
    if word in ("in", "has_any"):
        return bool(_choices(field))
    if word == "within":
        return field.type in ("date", "datetime")
    if word == "contains":
        return "contains" in field_type(field.type).operators
    if word in ("at_least", "at_most"):
        return word in field_type(field.type).operators
    return True


def _choices(field: Field) -> tuple[Choice, ...]:
    return tuple(field.options.get("stages") or field.options.get("choices") or ())


def _control(
    screen: Screen, entity: Entity, field: Field, word: str, now: Mapping[str, list[str]]
) -> tuple[str | None, Html]:
    """The label, or None where the field's own name says enough, and the control."""
    name = f"{field.name}.{word}"
    texts = now.get(name) or (now.get(field.name, []) if word in ("is", "in", "has_any") else [])
    plain = effective(field)
    if word in ("in", "has_any"):
        return None, _ticks(name, plain, _split(texts))
    if word == "within":
        return None, _menu(name, [(v, screen.say(t)) for v, t in SPANS], texts, screen.say("Any time"))
    if plain.type == "yes_no":
        return None, _menu(name, (("yes", screen.say("Yes")), ("no", screen.say("No"))), texts, screen.say("Either"))
    if plain.type in POINTING:
        return None, _people(screen, entity, field, name, texts)
    if plain.type in ("date", "datetime"):
        return screen.say("From") if word == "at_least" else screen.say("To"), _input(
            name, texts, "date" if plain.type == "date" else "datetime-local"
        )
    if field_type(plain.type).numeric:
        label = {"at_least": said("At least"), "at_most": said("At most")}.get(word, said("Is"))
        return screen.say(label), text_input(_at(screen, name, texts), class_="input is-number", inputmode="decimal")
    labels: dict[str, str] = {"contains": said("Contains"), "is": said("Is exactly")}
    return screen.say(labels.get(word, operator(word).label)), _input(name, texts, "text")


def _at(screen: Screen, name: str, texts: list[str]) -> Control:
    return Control(name, texts[0] if texts else "", screen.formats)


def _input(name: str, texts: list[str], kind: str) -> Html:
    return tag("input", class_="input", type=kind, name=name, value=texts[0] if texts else "")


def _ticks(name: str, field: Field, chosen: list[str]) -> Html:
    boxes = []
    for choice in _choices(field):
        box = tag(
            "input",
            type="checkbox",
            class_="check",
            name=name,
            value=_quoted(choice.value),
            checked=choice.value in chosen,
        )
        boxes.append(tag("label", box, tag("span", pill(choice, field.type)), class_="option"))
    return tag("div", *boxes, class_="options filter-options")


def _menu(name: str, choices: Iterable[tuple[str, str]], chosen: list[str], none: str) -> Html:
    known = [(value, label) for value, label in choices]
    known += [(text, text) for text in chosen if text not in dict(known)]
    options = [
        tag("option", label, value=value, selected=value in chosen) for value, label in [("", none), *known]
    ]
    return tag("select", *options, class_="input", name=name)


def _people(screen: Screen, entity: Entity, field: Field, name: str, texts: list[str]) -> Html:
    picked = [(text, _title(screen, field, text)) for text in texts]
    me = (
        [("me", screen.say("Me")), ("my team", screen.say("My team")), ("my subordinates", screen.say("My people"))]
        if field.type == "user"
        else []
    )
    rows = [*(pair for pair in me if pair[0] == "me" or pair[0] in texts), *picked]
    options = [
        tag("option", label, value=value, selected=value in texts) for value, label in dict(rows).items()
    ]
    return tag("select", tag("option", "", value=""), *options, class_="input", name=name,
                 data_pick=f"/{entity.name}/pick/{field.name}", aria_label=field.label)  # fmt: skip


def _title(screen: Screen, field: Field, text: str) -> str:
    targets = targets_of(field)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and targets):
        return text
    return screen.crm.reads.titles(screen.actor, [Ref(targets[0], int(text))]).get(
        (targets[0], int(text)), text
    )


def _quoted(value: str) -> str:
    """As the address wants a value that holds a comma."""
    if "," not in value and '"' not in value:
        return value
    text = io.StringIO()
    csv.writer(text).writerow([value])
    return text.getvalue().rstrip("\r\n")


def _split(texts: list[str]) -> list[str]:
    return [item for row in csv.reader(texts) for item in row if item]


def _tests(where: Condition | None) -> Iterator[Test]:
    if isinstance(where, Test):
        yield where
    elif isinstance(where, AllOf):
        for part in where.parts:
            yield from _tests(part)


__all__ = ["Chip", "Filters", "field_icon", "filters_of"]
