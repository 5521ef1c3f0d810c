"""What happened to a record, day by day, newest first: each thing with its mark, who did it, when, and what it was.

Small changes that one person made one after another are told as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.values import FileRef
from engine.markup import Html, escape
from engine.parts import field_type
from engine.records.history import Event, FieldChange
from engine.records.keys import milliseconds
from engine.records.ledger import Line
from engine.records.received import Received
from engine.records.timeline import Deed, Entry
from engine.records.undoing import CAN_BE, in_time
from engine.web.frame import Screen, proof
from engine.web.render import NIL, shown
from engine.web.render_messages import Shown as Message, message
from engine.web.render_moments import DAY as DAY, clock, day_named as day_named, moment as moment
from engine.web.render_received import Arrival, arrival

ICONS = {
    "created": "plus", "changed": "pencil", "moved": "arrow-right", "deleted": "trash-2", "restored": "archive-restore",
    "refused": "ban", "merged": "git-merge", "unmerged": "undo-2", "followed": "git-merge", "undone": "undo-2",
}  # fmt: skip
TOGETHER = timedelta(minutes=15)  # between two changes that are told as one
LONG = 280  # characters of a text that is shown whole
LINES = 4


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as it is drawn. One of `event`, `deed`, `message`, `arrival` and `file` says what it is."""

    key: str
    at: datetime
    icon: str
    hue: str | None
    who: str
    moment: Html
    event: Event | None = None
    changes: tuple[tuple[str, Html, Html], ...] = ()
    deed: Deed | None = None
    pills: tuple[tuple[str, str], ...] = ()  # a choice's label and hue
    facts: tuple[Html, ...] = ()
    named: str = ""  # what the activity is called here
    text: Html | None = None
    short: str | None = None  # the beginning of a long text
    files: tuple[Html, ...] = ()
    message: Message | None = None
    arrival: Arrival | None = None
    file: Html | None = None
    back: Html | None = None  # what a form needs that takes one's own last deed back


Days = list[tuple[str, list[Item]]]


def days(seen: Screen, entity: Entity, entries: Iterable[Entry]) -> Days:
    zone, drawn = seen.formats.zoneinfo, _Drawing(seen, entity)
    items = _with_way_back(seen, [drawn.item(entry) for entry in _together(list(entries))])
    grouped = groupby(items, key=lambda item: item.at.astimezone(zone).date())
    return [(day_named(seen, day), list(some)) for day, some in grouped]


def _with_way_back(seen: Screen, items: list[Item]) -> list[Item]:
    """Who did last what can still be taken back is offered that."""
    last = next((n for n, item in enumerate(items) if item.event and item.event.action != "refused"), None)
    if last is None or "before" in seen.ask.request.query_params:
        return items
    event = items[last].event
    assert event is not None
    mine = event.actor is not None and event.actor.id == seen.actor.user and event.action in CAN_BE
    if not mine or not in_time(milliseconds(event.at), milliseconds(seen.ask.now)):
        return items
    return [*items[:last], replace(items[last], back=proof(seen.ask)), *items[last + 1 :]]


def _together(entries: list[Entry]) -> Iterator[Entry]:
    """A change that follows another of the same person's soon is told with it."""
    held: Entry | None = None
    for entry in entries:
        if held is not None and _is_with(held, entry):
            held = replace(held, content=_joined(held.content, entry.content))  # type: ignore[arg-type]
            continue
        if held is not None:
            yield held
        held = entry
    if held is not None:
        yield held


def _is_with(later: Entry, earlier: Entry) -> bool:
    one, other = later.content, earlier.content
    if not (isinstance(one, Event) and isinstance(other, Event)) or {one.action, other.action} != {"changed"}:
        return False
    return one.actor == other.actor and one.rule == other.rule and later.at - earlier.at < TOGETHER


def _joined(later: Event, earlier: Event) -> Event:
    """Each field from what it was before both to what it was after."""
    changed = {change.field.name: change for change in later.changes}
    for change in earlier.changes:
        known = changed.get(change.field.name)
        changed[change.field.name] = FieldChange(change.field, change.was, known.now if known else change.now)
    return replace(later, at=earlier.at, changes=tuple(changed.values()), hidden=later.hidden or earlier.hidden)


@dataclass(slots=True)
class _Drawing:
    seen: Screen
    entity: Entity

    def item(self, entry: Entry) -> Item:
        made = self._made(entry)
        return replace(made, key=f"{entry.kind}-{entry.place.id}", at=entry.at)

    def _made(self, entry: Entry) -> Item:
        match entry.content:
            case Event() as event:
                return self._event(event)
            case Deed() as deed:
                return deed_item(self.seen, deed, entry.at)
            case Line() as line:
                return self._message(line)
            case Received() as row:
                return self._arrival(row)
        return self._file(entry.content, entry.at)

    def _event(self, event: Event) -> Item:
        hues = {s.label: s.hue for w in self.seen.crm.blueprint.workflows_of(self.entity.name) for s in w.stages.values()}
        changes = () if event.action == "created" else tuple(
            (c.field.label, value_told(self.seen, c.field, c.was), value_told(self.seen, c.field, c.now))
            for c in event.changes
        )  # fmt: skip
        return Item(
            "", event.at, ICONS.get(event.action, "circle"), hues.get(event.stage_to or ""), self._who(event),
            clock(event.at, self.seen), event=event, changes=changes,
        )  # fmt: skip

    def _who(self, event: Event) -> str:
        """Who did it; where nobody was signed in, a rule, a way in, a client's link, or the program."""
        if event.actor:
            return event.actor.title or self.seen.say("Somebody")
        is_rule = any(rule.label == event.rule for rule in self.seen.crm.blueprint.rules.values())
        said = self.seen.say("Rule: {rule}", rule=event.rule) if is_rule else event.rule
        return said or self.seen.crm.blueprint.manifest.title

    def _message(self, line: Line) -> Item:
        told = message(self.seen, line)
        return Item("", line.at, told.icon, told.hue, told.who, clock(line.sent_at or line.at, self.seen), message=told)

    def _arrival(self, row: Received) -> Item:
        came = arrival(self.seen, row, frozenset(self.seen.sight.fields(self.seen.actor.role, self.entity.name)))
        at = datetime.fromtimestamp(row.at / 1000, UTC)
        return Item("", at, came.icon, None, came.label, clock(at, self.seen), arrival=came)

    def _file(self, file: FileRef, at: datetime) -> Item:
        link = _file_link(self.seen, file)
        return Item("", at, "paperclip", None, "", clock(at, self.seen), file=link)


def deed_item(seen: Screen, deed: Deed, at: datetime | None = None) -> Item:
    """An activity as an entry; its time is its own."""
    text, short, plain = _text_of(seen, deed)
    # A note that is called by its own first line is not told twice.
    named = deed.entity.label if plain.lstrip("#*_> -").startswith(deed.title.rstrip("…")) else deed.title
    pills = tuple(_pills(deed))
    hue = next((hue for _, hue in pills if hue), None)
    who = deed.who.title or seen.say("Somebody") if deed.who is not None else ""
    return Item(
        f"{deed.entity.name}-{deed.id}", at or datetime.now(UTC), deed.entity.icon, hue, who,
        _when(seen, deed, at), deed=deed, pills=pills, facts=tuple(_facts(seen, deed)), named=named, text=text, short=short,
        files=tuple(_file_link(seen, file) for file in deed.files),
    )  # fmt: skip


def _when(seen: Screen, deed: Deed, at: datetime | None) -> Html:
    """What has a date and no hour is told without one: the day is above it."""
    if isinstance(deed.at, datetime):
        return clock(deed.at, seen)
    return clock(at, seen) if at is not None and deed.at is None else escape("")


def _pills(deed: Deed) -> Iterator[tuple[str, str]]:
    names = [deed.entity.activity.outcome, *(f.name for f in deed.entity.fields_of("stage"))]  # type: ignore[union-attr]
    for name in dict.fromkeys(name for name in names if name):
        choice = choice_of(deed.entity.fields[name], deed.values.get(name))
        if choice is not None:
            yield choice.label, choice.hue or "grey"


def choice_of(field: Field, value: Any) -> Choice | None:
    choices: tuple[Choice, ...] = field.options.get("choices") or field.options.get("stages") or ()
    return next((choice for choice in choices if choice.value == value), None)


def _facts(seen: Screen, deed: Deed) -> Iterator[Html]:
    """How long it took, where it was, who else was there."""
    activity = deed.entity.activity
    for name in (activity.length, activity.place, activity.people):  # type: ignore[union-attr]
        value = deed.values.get(name or "")
        if name and value not in (None, ()):
            yield value_told(seen, deed.entity.fields[name], value)


def _text_of(seen: Screen, deed: Deed) -> tuple[Html | None, str | None, str]:
    """What was said, the beginning of it where it is long, and all of it as plain text."""
    name = deed.entity.activity.text  # type: ignore[union-attr]
    value = deed.values.get(name or "")
    if not name or not value:
        return None, None, ""
    field = deed.entity.fields[name]
    plain = str(field_type(field.type).show(field, value, seen.formats))
    return value_told(seen, field, value), beginning(plain), plain


def beginning(text: str) -> str | None:
    """The first lines of a long text; None of a short one."""
    lines = text.splitlines()
    if len(text) <= LONG and len(lines) <= LINES:
        return None
    return "\n".join(lines[:LINES])[:LONG].rstrip() + "…"


def _file_link(seen: Screen, file: FileRef) -> Html:
    return field_type("file").html(Field("file", "file", ""), file, seen.formats)


def value_told(seen: Screen, field: Field, value: object) -> Html:
    """A field may have changed its type since; then its text is told."""
    try:
        return shown(field, value, seen.formats)
    except (TypeError, ValueError, AttributeError, KeyError):
        return NIL if value is None else escape(str(value))


__all__ = ["Days", "Item", "beginning", "choice_of", "days", "deed_item", "value_told"]
