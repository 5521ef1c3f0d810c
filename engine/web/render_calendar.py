"""A calendar's days as a template draws them: where each event stands, in the reader's zone, language and week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from engine.blueprint.values import Ref
from engine.formats import Formats
from engine.parts.links import initials
from engine.parts.moments import DAY, start_of, time_writer
from engine.parts.numerals import locale_of
from engine.records.calendar import Event, place_text
from engine.rules.days import MINUTES, Change, Days, Piece, change_on, pieces
from engine.rules.hours import OpenHours
from engine.rules.lanes import Bar, Placed, Span, side_by_side, week_cells
from engine.web.frame import Screen

STEP = 5  # minutes: as finely as the grid places
MOST_LANES = {"week": (3, 2), "day": (8, 6)}  # and where all are short
MONTH_ROWS = 4  # in a day of a month, the one that tells of more among them
MOST_LISTED = 600  # events of an agenda
USUAL_HOURS = (8, 18)  # of a firm that is always open
SHORT = 45  # minutes: what is shorter is written in one line


# ---- words


def text_of(formats: Formats, pattern: str, day: date) -> str:
    """A day by one of CLDR's skeletons: `yMMMM`, `MMMd`, `EEEEd`."""
    return _text_of(formats, pattern, day)


@lru_cache(maxsize=4000)
def _text_of(formats: Formats, pattern: str, day: date) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton(pattern, day, locale=locale_of(formats)))


@lru_cache(maxsize=64)
def weekday_names(formats: Formats, width: str) -> tuple[str, ...]:
    """Monday first; `width` is wide, abbreviated or narrow."""
    names = locale_of(formats).days["stand-alone"][width]
    return tuple(names[n] for n in range(7))


@lru_cache(maxsize=64)
def first_weekday(formats: Formats) -> int:
    """0 is Monday: the custom of the firm's country, whatever the reader's language; else that of the language."""
    from babel import Locale, UnknownLocaleError
    from babel.languages import get_official_languages

    for language in ("en", *get_official_languages(formats.country)):
        try:
            return int(Locale(language, formats.country).first_week_day)
        except UnknownLocaleError:
            continue
    return int(locale_of(formats).first_week_day)


def title_of(formats: Formats, days: Days) -> str:
    from babel.dates import format_interval

    if days.span == "month":
        return text_of(formats, "yMMMM", days.on)
    if days.span == "day":
        return text_of(formats, "yMMMMEEEEd", days.on)
    locale = locale_of(formats)
    return str(format_interval(days.first, days.last, "yMMMd", locale=locale))


def when(formats: Formats, event: Event) -> str:
    """`10:00 – 11:00`, `10 – 11:30 am`; of whole days nothing; the second of a doubled hour also names its zone."""
    if event.is_dated:
        return ""
    starts = clock(formats, event.starts)
    if not isinstance(event.ends, datetime):
        return starts
    ends = clock(formats, event.ends)
    first, half = starts.partition(HALF)[::2]
    return f"{first if half and ends.endswith(HALF + half) else starts} – {ends}"


HALF = "\u00a0"  # stands before am and pm


def clock(formats: Formats, moment: Any) -> str:
    """A time of day, as short as it can be read: `10 am`, `10:15 am`, `10:00`."""
    there = moment.astimezone(formats.zoneinfo)
    text = short_time(formats, there.hour * 60 + there.minute)
    return f"{text} ({there:%Z})" if there.fold else text


def short_time(formats: Formats, minute: int) -> str:
    text = time_writer(formats)(minute)
    return text.replace(":00", "", 1) if HALF in text else text


# ---- an event as it is drawn


@dataclass(frozen=True, slots=True)
class Drawn:
    """One event, or its piece on a day. Numbers are for the grid: hours and minutes of its beginning and its length."""

    event: Event
    place: str
    when: str
    people: str
    href: str
    movable: bool
    h: int = 0
    m: int = 0
    lh: int = 0
    lm: int = 0
    lane: int = 0
    lanes: int = 1
    wide: int = 1
    begins: bool = True
    ends: bool = True
    short: bool = False
    crowded: bool = False


@dataclass(frozen=True, slots=True)
class MoreThere:
    count: int
    h: int
    m: int
    lh: int
    lm: int
    lanes: int
    href: str


@dataclass(frozen=True, slots=True)
class Shade:
    """When the firm is shut: from hour to hour of the wall."""

    h: int
    m: int
    lh: int
    lm: int


@dataclass(frozen=True, slots=True)
class Column:
    """A day, or one person's or room's day."""

    day: date
    name: str
    label: str
    is_today: bool
    holiday: str | None
    href: str
    add: str
    whole: tuple[Drawn, ...] = ()
    timed: tuple[Drawn, ...] = ()
    more: tuple[MoreThere, ...] = ()
    shut: tuple[Shade, ...] = ()
    busy: tuple[Shade, ...] = ()
    change: Change | None = None
    gap: Shade | None = None
    person: Ref | None = None
    where: str | None = None
    number: str = ""
    weekday: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class MonthDay:
    day: date
    number: str
    label: str
    is_today: bool
    is_other: bool
    is_working: bool
    holiday: str | None
    href: str
    add: str
    rows: tuple[Drawn | None, ...]
    more: int
    marks: tuple[str, ...]  # hues, for a telephone's dots
    total: int


@dataclass(frozen=True, slots=True)
class AgendaDay:
    day: date
    label: str
    weekday: str
    number: str
    month: str
    is_today: bool
    holiday: str | None
    rows: tuple[Drawn, ...]


@dataclass
class Canvas:
    """What all views of one request are drawn with."""

    seen: Screen
    days: Days
    today: date
    hours: OpenHours
    open: Callable[[Event], str]  # where an event leads
    to_day: Callable[[date], str]
    add: Callable[[date], str]
    movable: frozenset[str] = frozenset()  # kinds that the actor may change
    several: bool = False  # more than one person's events are shown
    drawn: dict[str, Drawn] = field(default_factory=dict)

    @property
    def formats(self) -> Formats:
        return self.seen.formats

    def draw(self, event: Event) -> Drawn:
        found = self.drawn.get(event.key)
        if found is None:
            place, people = place_text(event.place), _people(self, event)
            movable = event.kind.name in self.movable
            found = Drawn(event, place, when(self.formats, event), people, self.open(event), movable)
            self.drawn[event.key] = found
        return found

    def holiday(self, day: date) -> str | None:
        hours = self.hours.hours
        return hours.holidays.get(day) or hours.yearly.get((day.month, day.day))


def _people(canvas: Canvas, event: Event) -> str:
    """The initials of whose it is, where several people's are shown."""
    if not canvas.several or event.owner is None or not event.owner.title:
        return ""
    return initials(event.owner.title)


def is_whole(event: Event, zone: Any) -> bool:
    """Drawn above the hours: of whole days, or as long as one at least."""
    if event.is_dated:
        return True
    return isinstance(event.ends, datetime) and isinstance(event.starts, datetime) and event.ends - event.starts >= DAY


# ---- columns of hours


def columns(canvas: Canvas, events: Sequence[Event], first: int, last: int) -> list[Column]:
    """A column for each day."""
    return [_column(canvas, day, events, first, last) for day in canvas.days]


def column_of(
    canvas: Canvas, day: date, events: Sequence[Event], first: int, last: int, *, name: str, label: str,
    person: Ref | None = None, where: str | None = None, busy: Iterable[tuple[datetime, datetime]] = (),
) -> Column:  # fmt: skip
    """The day of one person or room."""
    made = _column(canvas, day, events, first, last)
    shades = tuple(s for start, end in busy for p in pieces(start, end, [day], canvas.formats.zoneinfo)
                   if (s := _shade(p.start, p.end, first, last)))  # fmt: skip
    return replace(made, name=name, label=label, person=person, where=where, busy=shades)


def _column(canvas: Canvas, day: date, events: Sequence[Event], first: int, last: int) -> Column:
    formats, zone = canvas.formats, canvas.formats.zoneinfo
    whole = [e for e in events if is_whole(e, zone) and _on(e, day, zone)]
    timed = [(e, p) for e in events if not is_whole(e, zone) for p in pieces(e.starts, e.ends, [day], zone)]  # type: ignore[arg-type]
    known = {(e.key): (e, p) for e, p in timed}
    most = MOST_LANES["week" if len(canvas.days) > 1 else "day"]
    beside = side_by_side([Span(e.key, p.start, p.end) for e, p in timed], *most)
    change = change_on(day, zone)
    return Column(
        day, text_of(formats, "MMMd", day), text_of(formats, "EEEEMMMMd", day), day == canvas.today, canvas.holiday(day),
        canvas.to_day(day), canvas.add(day),
        whole=tuple(canvas.draw(e) for e in whole),
        timed=tuple(_timed(canvas, placed, *known[placed.key]) for placed in beside.placed),
        more=tuple(_more(canvas, day, more) for more in beside.more),
        shut=_shut(canvas, day, first, last), change=change,
        gap=_shade(change.at, change.to, first, last) if change is not None and change.forward else None,
        number=str(day.day), weekday=weekday_names(formats, "abbreviated")[day.weekday()], count=len(whole) + len(timed),
    )  # fmt: skip


def _on(event: Event, day: date, zone: Any) -> bool:
    if not isinstance(event.starts, datetime):
        last = event.ends if event.ends is not None else event.starts
        return event.starts <= day <= last  # type: ignore[operator]
    return bool(pieces(event.starts, event.ends, [day], zone))  # type: ignore[arg-type]


def _timed(canvas: Canvas, placed: Placed[str], event: Event, piece: Piece) -> Drawn:
    h, m, lh, lm = _box(placed.start, placed.end)
    return replace(
        canvas.draw(event), h=h, m=m, lh=lh, lm=lm, lane=placed.lane, lanes=placed.lanes, wide=placed.wide,
        begins=piece.begins, ends=piece.ends, short=placed.end - placed.start < SHORT, crowded=placed.crowded,
    )  # fmt: skip


def _more(canvas: Canvas, day: date, more: Any) -> MoreThere:
    return MoreThere(len(more.keys), *_box(more.start, more.end), more.lanes, canvas.to_day(day))


def _box(start: int, end: int) -> tuple[int, int, int, int]:
    start -= start % STEP
    long = max((end - start + STEP // 2) // STEP * STEP, STEP)
    return start // 60, start % 60, long // 60, long % 60


def _shade(start: int, end: int, first: int, last: int) -> Shade | None:
    start, end = max(start, first * 60), min(end, last * 60)
    return Shade(*_box(start, end)) if end - start >= STEP else None


def _shut(canvas: Canvas, day: date, first: int, last: int) -> tuple[Shade, ...]:
    """The rest of the day: what lies between the firm's open spans, on the reader's clocks."""
    if not canvas.hours.hours.week:
        return () if canvas.holiday(day) is None else tuple(s for s in (_shade(0, MINUTES, first, last),) if s)
    at, found = 0, []
    for start, end in open_minutes(canvas.hours, day, canvas.formats):
        found.append(_shade(at, start, first, last))
        at = max(at, end)
    found.append(_shade(at, MINUTES, first, last))
    return tuple(shade for shade in found if shade is not None)


def open_minutes(hours: OpenHours, day: date, formats: Formats) -> list[tuple[int, int]]:
    """When the firm is open on a day of the reader's, in minutes of it."""
    zone = formats.zoneinfo
    spans = sorted(span for n in (-1, 0, 1) for span in hours.spans(day + n * DAY))
    return [(p.start, p.end) for start, end in spans for p in pieces(start, end, [day], zone)]


def shown_hours(canvas: Canvas, events: Sequence[Event], days: Sequence[date], every: bool) -> tuple[int, int]:
    """From which hour to which the grid goes: the firm's, and wider where something lies outside."""
    if every:
        return 0, 24
    zone, hours = canvas.formats.zoneinfo, canvas.hours
    inside = [p for day in days for p in open_minutes(hours, day, canvas.formats)] if hours.hours.week else []
    starts = [start // 60 for start, _ in inside] or [USUAL_HOURS[0]]
    ends = [-(-end // 60) for _, end in inside] or [USUAL_HOURS[1]]
    for event in events:
        if not is_whole(event, zone):
            for piece in pieces(event.starts, event.ends, days, zone):  # type: ignore[arg-type]
                starts.append(piece.start // 60)
                ends.append(min(24, -(-max(piece.end, piece.start + 30) // 60)))
    return max(0, min(starts)), min(24, max(*ends, min(starts) + 4))


# ---- months and agendas


def month(canvas: Canvas, events: Sequence[Event]) -> list[list[MonthDay]]:
    return [_week(canvas, week, events) for week in canvas.days.weeks()]


def _week(canvas: Canvas, week: list[date], events: Sequence[Event]) -> list[MonthDay]:
    zone = canvas.formats.zoneinfo
    known = {event.key: event for event in events}
    bars, singles = [], [[] for _ in week]  # type: ignore[var-annotated]
    for event in events:
        on = [n for n, day in enumerate(week) if _on(event, day, zone)]
        if on and (len(on) > 1 or event.is_dated):
            bars.append(Bar(event.key, on[0], on[-1]))
        elif on:
            singles[on[0]].append(event.key)
    cells = week_cells(bars, singles, MONTH_ROWS)
    totals = [len(keys) + sum(b.first <= n <= b.last for b in bars) for n, keys in enumerate(singles)]
    return [_month_day(canvas, day, cells[n], known, totals[n], week, bars) for n, day in enumerate(week)]


def _month_day(
    canvas: Canvas, day: date, cell: Any, known: Mapping[str, Event], total: int, week: list[date], bars: list[Any]
) -> MonthDay:
    formats = canvas.formats
    rows = tuple(None if key is None else _part(canvas, known[key], day, week) for key in cell.rows)
    number = str(day.day) if day.day > 1 else text_of(formats, "MMMd", day)
    hues = tuple(row.event.hue for row in rows if row is not None)
    return MonthDay(
        day, number, text_of(formats, "EEEEMMMMd", day), day == canvas.today, day.month != canvas.days.on.month,
        canvas.hours.is_working_day(day), canvas.holiday(day), canvas.to_day(day), canvas.add(day), rows, cell.more,
        (*hues, *("grey" for _ in range(min(cell.more, 3))))[:6], total,
    )  # fmt: skip


def _part(canvas: Canvas, event: Event, day: date, week: list[date]) -> Drawn:
    """Its piece on this day: where it began before or goes on after, it has no end there."""
    zone = canvas.formats.zoneinfo
    return replace(canvas.draw(event), begins=not _on(event, day - DAY, zone), ends=not _on(event, day + DAY, zone))


def agenda(canvas: Canvas, events: Sequence[Event]) -> list[AgendaDay]:
    """The days on which there is something, and today."""
    formats, zone = canvas.formats, canvas.formats.zoneinfo
    found, left = [], MOST_LISTED
    for day in canvas.days:
        mine = [e for e in events if _on(e, day, zone)][:left]
        left -= len(mine)
        mine.sort(key=lambda e: (not e.is_dated, _since(e, day, zone)))
        if mine or day == canvas.today:
            found.append(AgendaDay(
                day, text_of(formats, "EEEEMMMMd", day), weekday_names(formats, "wide")[day.weekday()], str(day.day),
                text_of(formats, "MMM", day), day == canvas.today, canvas.holiday(day), tuple(map(canvas.draw, mine)),
            ))  # fmt: skip
    return found


def _since(event: Event, day: date, zone: Any) -> datetime:
    dawn = start_of(day, zone)
    return max(event.starts, dawn) if isinstance(event.starts, datetime) else dawn


def hour_labels(formats: Formats, first: int, last: int) -> list[str]:
    return [short_time(formats, hour * 60) for hour in range(first, last)]


__all__ = [
    "Canvas",
    "Column",
    "Drawn",
    "agenda",
    "column_of",
    "columns",
    "first_weekday",
    "hour_labels",
    "month",
    "shown_hours",
    "text_of",
    "title_of",
    "weekday_names",
    "when",
]
