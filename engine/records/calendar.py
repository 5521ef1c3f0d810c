"""What stands in a calendar: activities by their moment, and records by their next step, as an actor may see them.

- One select for each kind, and one more for those in which others take part; never one for an event.
- Whose they are, when they are and what is asked beside goes into the select, so that an index on (owner, at) or (at)
  answers it. What began before the days that are shown is looked for as far back as LONGEST.
- No more than CAP of a kind are read: a calendar that is fuller says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, AllOf, AnyOf, Condition, Test, Word, tests_in
from engine.blueprint.entities import Activity, Choice, Entity, Field
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.formats import Reading
from engine.parts.moments import DAY
from engine.records.columns import ID, VERSION, Row, Shown, Values
from engine.records.database import Connection
from engine.records.query import Query, both
from engine.records.read import Reads
from engine.records.sight import Sight
from engine.rules.conditions import holds, is_at_hand

CAP = 2_000  # events of one kind in one view
LONGEST = timedelta(days=31)  # what began longer ago is not looked for
MOST_PEOPLE = 200  # to choose from
HOUR = timedelta(hours=1)
HUES = ("blue", "teal", "violet", "amber", "pink", "green", "indigo", "orange")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of events: an entity and the field with their date or moment. `activity` is None where the field is a
    record's next step, or another that a view chose."""

    entity: Entity
    at: Field
    activity: Activity | None
    hue: str = "blue"

    @property
    def name(self) -> str:
        return self.entity.name

    @property
    def is_dated(self) -> bool:
        """All its events are of whole days."""
        return self.at.type == "date"

    @property
    def is_planned(self) -> bool:
        """Whether its events can lie ahead; others are written down once they are over."""
        return self.activity is None or self.activity.is_planned

    @property
    def has_length(self) -> bool:
        return self.activity is not None and bool(self.activity.length or self.activity.ends)


@dataclass(frozen=True, slots=True)
class Event:
    """`starts` is a moment in UTC or a date; `ends` the moment after it or its last day, None for what takes no time."""

    kind: Kind
    id: int
    version: int
    title: str
    starts: datetime | date
    ends: datetime | date | None = None
    about: Ref | None = None
    place: Any = None  # a text, a Place or a Ref
    owner: Ref | None = None
    people: tuple[Ref, ...] = ()
    tag: str | None = None  # the label of what it is coloured by
    hue: str = "blue"
    done: bool = False
    cancelled: bool = False
    changed: datetime | None = None  # None: the actor may not know

    @property
    def key(self) -> str:
        return f"{self.kind.name}-{self.id}"

    @property
    def is_dated(self) -> bool:
        return not isinstance(self.starts, datetime)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The days `first` to `last`, and their moments in the reader's zone, from `since` up to `until`. `people`: only what
    these users own or take part in; None: everybody's that the actor may read."""

    first: date
    last: date
    since: datetime
    until: datetime
    people: tuple[int, ...] | None = None
    where: Condition | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """In the order of their beginnings. `capped` are the kinds that have more than were read."""

    events: tuple[Event, ...]
    capped: tuple[Kind, ...] = ()


# ---- which kinds there are


def kinds_of(reads: Reads, actor: Actor) -> tuple[Kind, ...]:
    """What the actor can have in a calendar, in the order of the set."""
    key = ("calendar", actor.role, actor.only)
    return reads.kept(key, lambda: tuple(_hued(_kinds(reads.sight, actor))))


def kind_of(reads: Reads, actor: Actor, entity: Entity, at: str | None = None) -> Kind | None:
    """The kind of one entity; `at` names another field with its date or moment. None where there is nothing to show."""
    readable = reads.sight.fields(actor.role, entity.name)
    if at is None:
        usual = next((kind for kind in kinds_of(reads, actor) if kind.name == entity.name), None)
        if usual is not None:
            return usual
        at = next((f.name for f in readable.values() if f.type in ("date", "datetime") and not f.system), None)
    field = readable.get(at) if at else None
    if field is None or field.type not in ("date", "datetime"):
        return None
    activity = entity.activity if entity.activity is not None and entity.activity.at == at else None
    return Kind(entity, field, activity)


def _kinds(sight: Sight, actor: Actor) -> Iterator[Kind]:
    for entity in sight.blueprint.entities.values():
        if not sight.may_open(actor, entity.name):
            continue
        readable = sight.fields(actor.role, entity.name)
        activity = entity.activity
        if activity is not None and not entity.fields[activity.at].system and activity.at in readable:
            if _is_told(sight, actor, entity, activity):
                yield Kind(entity, readable[activity.at], activity)
        elif activity is None and entity.next_step in readable:
            yield Kind(entity, readable[entity.next_step], None)


def _is_told(sight: Sight, actor: Actor, entity: Entity, activity: Activity) -> bool:
    """Whether the actor may know if one is done: what hides that hides the whole plan."""
    try:
        sight.check(actor.role, entity.name, activity.done_when or ALWAYS)
    except BadRequest:
        return False
    return True


def _hued(kinds: Iterable[Kind]) -> Iterator[Kind]:
    for n, kind in enumerate(kinds):
        yield replace(kind, hue=HUES[n % len(HUES)])


# ---- whose calendars one may look at


def people_of(reads: Reads, actor: Actor, kinds: Sequence[Kind], lent: Connection | None = None) -> list[Ref]:
    """Those whose events the actor may read, or of whom a right lets him see when they are busy: himself first, then by
    name; no more than MOST_PEOPLE."""
    condition = _people(reads, actor, kinds)
    me = Ref("user", actor.user, actor.name)
    if condition is None or not reads.sight.may_open(actor, "user"):
        return [me]
    active = Test("active", "is", True)
    readable = reads.sight.fields(actor.role, "user")
    where = both(active, condition) if "active" in readable else condition
    sort = (("name", False),) if "name" in readable else ()
    page = reads.page(actor, Query("user", ("title",), where, None, sort, MOST_PEOPLE), connection=lent)
    others = [Ref("user", row[ID], Values({"title": page.columns[0]}, row)["title"]) for row in page.rows]
    return [me, *(one for one in others if one.id != actor.user)]


def _people(reads: Reads, actor: Actor, kinds: Sequence[Kind]) -> Condition | None:
    """A condition on the user; None for nobody else."""
    words: set[str] = set()
    for kind in kinds:
        scope = reads.sight.scope(actor, kind.name, "read")
        if scope == ALWAYS:
            return ALWAYS
        words |= {test.value.text for test in tests_in(scope) if test.field == "owner" and isinstance(test.value, Word)}
    words |= _seen_busy(reads, actor)
    if "all" in words:
        return ALWAYS
    tests = [Test("id", "in", Word(word)) for word in sorted(words & {"my team", "my subordinates"})]
    return AnyOf(tuple(tests)) if tests else None


def _seen_busy(reads: Reads, actor: Actor) -> set[str]:
    role = reads.blueprint.roles.get(actor.role)
    right = getattr(role, "free_busy", "none") if actor.only is None else "none"
    return {"team": {"my team"}, "all": {"all"}}.get(right, set())


# ---- events


def events(
    reads: Reads, actor: Actor, kinds: Iterable[Kind], wanted: Wanted, lent: Connection | None = None
) -> Found:  # fmt: skip
    """Raises BadRequest for a condition on what the actor may not read."""
    found: dict[str, Event] = {}
    capped = []
    with reads.lent(lent) as connection:
        for kind in kinds:
            for where in _questions(reads.sight, actor, kind, wanted):
                some, more = _of_kind(reads, actor, kind, wanted, where, connection)
                found.update((event.key, event) for event in some)
                if more and kind not in capped:
                    capped.append(kind)
    return Found(tuple(sorted(found.values(), key=_order)), tuple(capped))


def one_event(
    reads: Reads, actor: Actor, kind: Kind, id: int, lent: Connection | None = None
) -> Event | None:
    """The event of one record; None when it has no date. Raises NotFound as `record` does."""
    record = reads.record(actor, kind.name, id, connection=lent)
    return _event(kind, record.id, record.version, record.title, record.values, reads.reading(actor))


def _order(event: Event) -> tuple[str, str, int]:
    """Days before the moments of the same text; UTC and dates alike begin with the year."""
    return event.starts.isoformat(), event.kind.name, event.id


def _questions(sight: Sight, actor: Actor, kind: Kind, wanted: Wanted) -> Iterator[Condition]:
    """By the owner's index, and by who takes part."""
    when = both(_when(kind, wanted, sight.fields(actor.role, kind.name)), wanted.where)
    if kind.activity is None and (stage := _stage(kind, sight, actor)) is not None:
        when = both(when, Test(stage.name, "in", _open(stage)))
    if wanted.people is None:
        yield when
        return
    readable = sight.fields(actor.role, kind.name)
    if "owner" in readable:
        yield both(Test("owner", "in", wanted.people), when)
    elif not kind.entity.owned:
        yield when
    if kind.activity is not None and kind.activity.people in readable:
        yield both(Test(kind.activity.people or "", "has_any", wanted.people), when)


def _when(kind: Kind, wanted: Wanted, readable: Mapping[str, Field]) -> Condition:
    at = kind.at.name
    since, until = (wanted.first, wanted.last + DAY) if kind.is_dated else (wanted.since, wanted.until)
    span = kind.activity.length or kind.activity.ends if kind.activity is not None else None
    if span is None or span not in readable:
        return AllOf((Test(at, "at_least", since), Test(at, "before", until)))
    back = AllOf((Test(at, "at_least", since - LONGEST), Test(at, "before", until)))
    return AllOf((*back.parts, AnyOf((Test(at, "at_least", since), _reaches(kind, readable[span], since)))))


def _reaches(kind: Kind, span: Field, since: datetime | date) -> Condition:
    """Of what began before: a little more than what may still last."""
    if span.type == "duration":
        near = (
            AllOf((Test(kind.at.name, "at_least", since - hours * HOUR), Test(span.name, "above", longer * 3600)))
            for hours, longer in ((1, 0), (4, 1), (24, 4))
        )
        return AnyOf((*near, Test(span.name, "above", int(DAY.total_seconds()))))
    if span.type == "date" and isinstance(since, datetime):
        return Test(span.name, "at_least", (since - DAY).date())
    return Test(span.name, "at_least", since)


def _stage(kind: Kind, sight: Sight, actor: Actor) -> Field | None:
    readable = sight.fields(actor.role, kind.name)
    stage = next((f for f in kind.entity.fields_of("stage") if f.name in readable), None)
    return stage if stage is not None and len(_open(stage)) < len(stage.options["stages"]) else None


def _open(stage: Field) -> tuple[str, ...]:
    """Named one by one: so the index (owner, stage, at) can be walked for each."""
    return tuple(choice.value for choice in stage.options["stages"] if not choice.ends)


def _of_kind(
    reads: Reads, actor: Actor, kind: Kind, wanted: Wanted, where: Condition, lent: Connection
) -> tuple[list[Event], bool]:
    columns = _columns(reads.sight, actor, kind)
    query = Query(kind.name, columns, where, wanted.search, ((kind.at.name, False),), CAP)
    page = reads.page(actor, query, connection=lent, most=CAP)
    shown = {column.name: column for column in page.columns}
    at = reads.reading(actor)
    made = (_row(kind, row, shown, at) for row in page.rows)
    return [event for event in made if event is not None and _touches(event, wanted)], page.next is not None


def _columns(sight: Sight, actor: Actor, kind: Kind) -> tuple[str, ...]:
    readable = sight.fields(actor.role, kind.name)
    activity = kind.activity
    wanted = [kind.at.name, "owner", "updated_at"]
    if activity is not None:
        parts = (activity.about, activity.length, activity.ends, activity.place, activity.people, activity.color)
        wanted += [name for name in parts if name is not None]
        wanted += tests_fields(activity.done_when)
    wanted += [f.name for f in kind.entity.fields_of("stage", "reference_number")]
    return ("title", *dict.fromkeys(name for name in wanted if name in readable))


def tests_fields(condition: Condition | None) -> list[str]:
    return [test.field for test in tests_in(condition)] if condition is not None else []


def _row(kind: Kind, row: Row, shown: Mapping[str, Shown], at: Reading) -> Event | None:
    values = Values(shown, row)
    return _event(kind, row[ID], row[VERSION], values["title"], values, at)


def _event(
    kind: Kind, id: int, version: int, title: str | None, values: Mapping[str, Any], at: Reading
) -> Event | None:
    starts = values.get(kind.at.name)
    if starts is None:
        return None
    activity = kind.activity
    event = Event(
        kind, id, version, _name(kind, id, title, values), starts, owner=values.get("owner"), hue=kind.hue,
        changed=values.get("updated_at"),
    )  # fmt: skip
    if activity is None:
        return event
    tag, hue = _colour(kind, values)
    return replace(
        event, ends=_ends(activity, starts, values), about=values.get(activity.about), tag=tag, hue=hue or kind.hue,
        place=values.get(activity.place or ""), people=values.get(activity.people or "") or (),
        done=_is_done(kind, values, at), cancelled=_is_lost(kind, values),
    )  # fmt: skip


def _name(kind: Kind, id: int, title: str | None, values: Mapping[str, Any]) -> str:
    """The title without the record's number, when more than that is left: there is little room."""
    text = title or f"{kind.entity.label} {id}"
    for field in kind.entity.fields_of("reference_number"):
        number = values.get(field.name)
        if number and text.startswith(f"{number} "):
            text = text.removeprefix(f"{number} ").strip() or text
    return text


def _ends(activity: Activity, starts: datetime | date, values: Mapping[str, Any]) -> datetime | date | None:
    if activity.ends is not None:
        ends = values.get(activity.ends)
        if isinstance(ends, datetime) and isinstance(starts, datetime):
            return ends if ends > starts else None
        return ends if ends is not None and not isinstance(ends, datetime) and not isinstance(starts, datetime) else None
    seconds = values.get(activity.length or "")
    if not seconds:
        return None
    if isinstance(starts, datetime):
        return starts + timedelta(seconds=seconds)
    return starts + max(seconds - 1, 0) // 86_400 * DAY


def _touches(event: Event, wanted: Wanted) -> bool:
    if isinstance(event.starts, datetime):
        ends = event.ends if isinstance(event.ends, datetime) else None
        return event.starts >= wanted.since or (ends is not None and ends > wanted.since)
    last = event.ends or event.starts
    return last >= wanted.first


def _is_done(kind: Kind, values: Mapping[str, Any], at: Reading) -> bool:
    done = kind.activity.done_when if kind.activity is not None else None
    if done is None:
        return True
    return is_at_hand(done, kind.entity.fields) and holds(done, kind.entity.fields, values, at, None)  # type: ignore[arg-type]


def _is_lost(kind: Kind, values: Mapping[str, Any]) -> bool:
    for stage in kind.entity.fields_of("stage")[:1]:
        here = next((c for c in stage.options["stages"] if c.value == values.get(stage.name)), None)
        return here is not None and here.ends == "lost"
    return False


def _colour(kind: Kind, values: Mapping[str, Any]) -> tuple[str | None, str | None]:
    name = kind.activity.color if kind.activity is not None else None
    value = values.get(name or "")
    if name is None or value is None:
        return None, None
    choices: Sequence[Choice] = kind.entity.fields[name].options.get("stages") or kind.entity.fields[name].options["choices"]
    place = next((n for n, choice in enumerate(choices) if choice.value == value), None)
    if place is None:
        return None, None
    return choices[place].label, choices[place].hue or HUES[place % len(HUES)]


def place_text(place: Any) -> str:
    """Where it is, in words."""
    if place is None:
        return ""
    if isinstance(place, Ref):
        return place.title or ""
    return place if isinstance(place, str) else place.address


__all__ = [
    "CAP",
    "Event",
    "Found",
    "Kind",
    "Wanted",
    "events",
    "kind_of",
    "kinds_of",
    "one_event",
    "people_of",
    "place_text",
]
