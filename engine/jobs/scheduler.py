"""What time makes due: a look through the records whose moment has come since the last look.

- No timers: each rule has a mark up to which was looked, and the records are found by the date that they hold. So a
  restart, a changed date, a record that is gone or a rule that is new need nothing of their own.
- The moments of a rule and a record exist once in the database, so that any number of schedulers may look.
- Now and then it looks back a little, for what was written while it looked. After a standstill it looks at all that came
  since the mark; what becomes of such moments is the rule's `if_missed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from engine.blueprint.triggers import Every
from engine.errors import CrmError
from engine.jobs.watches import Watch, watches
from engine.parts.moments import moment_of
from engine.records import occurrences
from engine.records.due import Pair
from engine.records.keys import milliseconds
from engine.records.occurrences import NO_RECORD, Looked, Occurrence
from engine.rules.dues import Dues
from engine.rules.late import GRACE, Fate, fate_of
from engine.rules.moments import FirmTime
from engine.runtime import Crm

BREATH = timedelta(milliseconds=900)  # between two looks: a worker that wakes each second is not sent away
LOOK_BACK = timedelta(seconds=15)  # between two looks that go back by the grace
NOTED = timedelta(seconds=60)  # how old a mark in the database may be
MOST_RECORDS = 10_000  # of one run of a schedule
MOST_RUNS = 50  # of a schedule at once, however long nothing ran
MOST_AT_ONCE = 10_000  # new moments of a rule in one look; the next look goes on from there
PART = 3_600_000  # ms that are looked through together
MOST_SEEN = 20_000  # occurrences that are known without asking
Seen = tuple[str, int, str]  # rule, record, local
_EVERY_ID = (0, 2**63 - 1)
_GRACE = GRACE // timedelta(milliseconds=1)


class Scheduler:
    """Made once per blueprint; used by one thread."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.firm = FirmTime(crm.blueprint.manifest)
        self.watches = watches(crm, self.firm)
        self.marks: dict[str, Looked] = {}
        self._looked: datetime | None = None
        self._looked_back: datetime | None = None
        self._noted: datetime | None = None
        self._seen: dict[Seen, None] = {}
        self._behind = False  # some rule had more than one look could do

    def tick(self, now: datetime) -> int:
        """Notes all that came due up to now; how many moments were new. The first tick of a new rule begins it."""
        if not self.watches or (not self._behind and self._within(self._looked, now, BREATH)):
            return 0
        if not self._within(self._looked, now, NOTED):
            self._read_marks(now)
        back = not self._within(self._looked_back, now, LOOK_BACK)
        self._behind = False
        made = sum(self._safely(watch, now, back) for watch in self.watches)
        self._looked = now
        self._looked_back = now if back else self._looked_back
        if made or not self._within(self._noted, now, NOTED):
            self._note(now)
        return made

    def _within(self, last: datetime | None, now: datetime, span: timedelta) -> bool:
        """Whether that was less than a span ago; when the clock went back it was not."""
        return last is not None and timedelta() <= now - last < span

    # ---- marks

    def _read_marks(self, now: datetime) -> None:
        """As the others left them, after a standstill and when the clock went back."""
        names = [watch.name for watch in self.watches]
        with self.crm.database.reading() as connection:
            found = occurrences.looked(connection)
        gone = [name for name in found if name not in names] if not self.marks else []
        if gone or set(names) - set(found):
            found = self._begin(names, gone, now)
        self.marks = {name: self._right(found[name], milliseconds(now)) for name in names}

    def _right(self, mark: Looked, at: int) -> Looked:
        """A mark that is yet to come was set by a wrong clock: what comes before it was not looked at by a right one."""
        return mark if mark.until <= at + _GRACE else Looked(min(mark.since, at), at)

    def _begin(self, names: list[str], gone: list[str], now: datetime) -> dict[str, Looked]:
        with self.crm.database.writing() as connection:
            occurrences.forget(connection, gone)
            occurrences.begin(connection, names, milliseconds(now))
            return occurrences.looked(connection)

    def _note(self, now: datetime) -> None:
        with self.crm.database.writing() as connection:
            marks = {name: mark.until for name, mark in self.marks.items()}
            occurrences.note(connection, marks, milliseconds(now) + _GRACE)
        self._noted = now

    # ---- one rule

    def _safely(self, watch: Watch, now: datetime, back: bool) -> int:
        """A rule that cannot be looked after keeps its mark, and does not keep the others waiting."""
        try:
            return self._look(watch, now, back)
        except CrmError:
            raise  # the database is away: that is everybody's
        except Exception as error:
            reason = f"The rule could not be looked after: {type(error).__name__}: {error}"
            local = self.firm.local(now)
            return self._make(watch, [Occurrence(NO_RECORD, milliseconds(now), f"{local} failed", missed=reason)], now)

    def _look(self, watch: Watch, now: datetime, back: bool) -> int:
        at, mark = milliseconds(now), self.marks[watch.name]
        is_schedule = isinstance(watch.trigger, Every)
        after = max(mark.since, mark.until - _GRACE) if back and not is_schedule else mark.until
        look = self._schedule if is_schedule else self._records
        made, reached = look(watch, after, now) if at > after else (0, at)
        self._behind |= reached < at
        self.marks[watch.name] = Looked(mark.since, max(mark.until, reached))
        return made

    def _make(self, watch: Watch, found: list[Occurrence], now: datetime) -> int:
        """Writes those that are not there already, in one transaction."""
        unseen = {(one.record, one.local): one for one in found if (watch.name, one.record, one.local) not in self._seen}
        if not unseen:
            return 0
        with self.crm.database.reading() as connection:
            known = occurrences.known(connection, watch.name, [one.record for one in unseen.values()])
        new = [one for key, one in unseen.items() if key not in known]
        made = self.crm.database.retry(lambda: self._write(watch, new, now)) if new else 0
        self._remember((watch.name, *key) for key in unseen)
        return made

    def _remember(self, seen: Iterable[Seen]) -> None:
        """So that the next look back asks nobody for them."""
        self._seen.update(dict.fromkeys(seen))
        for key in list(islice(self._seen, max(0, len(self._seen) - MOST_SEEN))):
            del self._seen[key]

    def _write(self, watch: Watch, found: list[Occurrence], now: datetime) -> int:
        with self.crm.database.writing() as connection:
            return occurrences.make(connection, watch.subject, found, now)

    # ---- moments of records

    def _records(self, watch: Watch, after: int, now: datetime) -> tuple[int, int]:
        """How many were new, and up to when it came."""
        made, until = 0, milliseconds(now)
        while after < until and made < MOST_AT_ONCE:
            end = min(after + PART, until)
            found = (page for dues in watch.dues for page in self._due(watch, dues, after, end, now))
            made += sum(self._make(watch, page, now) for page in found)
            after = end
        return made, after

    def _due(self, watch: Watch, dues: Dues, after: int, until: int, now: datetime) -> Iterator[list[Occurrence]]:
        for page in self._pairs(watch, dues, after, until):
            found = []
            for raw, record in page:
                value = dues.number(raw)
                due = dues.due(value)
                if after < due <= until:
                    found.append(self._occurrence(watch, record, due, self._fate(watch, value, due, now)))
            yield found

    def _pairs(self, watch: Watch, dues: Dues, after: int, until: int) -> Iterator[list[Pair]]:
        assert watch.candidates is not None
        low, high = dues.window(after, until)
        if low < high:
            pages = watch.candidates.pages(self.crm.database.reading, dues.raw(low), dues.raw(high))
            yield from watch.candidates.signs(self.crm.database.reading, pages, low, high)

    def _fate(self, watch: Watch, value: int, due: int, now: datetime) -> Fate:
        def overtaken() -> bool:
            return any(due < other.due(value) <= milliseconds(now) for other in watch.dues)

        return fate_of(watch.missed, self.firm, moment_of(due), now, overtaken)

    def _occurrence(self, watch: Watch, record: int, due: int, fate: Fate) -> Occurrence:
        return Occurrence(record, due, self.firm.local(moment_of(due)), fate.late, fate.missed)

    # ---- schedules

    def _schedule(self, watch: Watch, after: int, now: datetime) -> tuple[int, int]:
        """How many were new, and up to when it came."""
        assert isinstance(watch.trigger, Every)
        runs = self.firm.scheduled(watch.trigger, moment_of(after), now, watch.only_in_hours)
        made = 0
        for run, fate in self._fates(watch, runs, now):
            if made >= MOST_AT_ONCE:
                return made, milliseconds(run) - 1
            if fate.missed is None and watch.candidates is not None:
                made += self._each_record(watch, run, fate, now)
            else:
                made += self._make(watch, [self._occurrence(watch, NO_RECORD, milliseconds(run), fate)], now)
        return made, milliseconds(now)

    def _fates(self, watch: Watch, runs: list[datetime], now: datetime) -> Iterator[tuple[datetime, Fate]]:
        many = len(runs) - MOST_RUNS
        if many > 0:
            yield runs[0], Fate(True, f"{len(runs):,} runs were missed; the {many:,} earliest were left out.")
        for number, run in enumerate(runs[max(0, many) :], max(0, many) + 1):
            yield run, fate_of(watch.missed, self.firm, run, now, partial(int.__lt__, number, len(runs)))

    def _each_record(self, watch: Watch, run: datetime, fate: Fate, now: datetime) -> int:
        assert watch.candidates is not None
        due, seen, made = milliseconds(run), 0, 0
        for page in watch.candidates.pages(self.crm.database.reading, *_EVERY_ID):
            kept = page[: MOST_RECORDS - seen]
            seen += len(kept)
            made += self._make(watch, [self._occurrence(watch, record, due, fate) for _, record in kept], now)
            if len(kept) < len(page):
                reason = f"More than {MOST_RECORDS:,} records were due at once; the newest were left out."
                return made + self._make(watch, [self._occurrence(watch, NO_RECORD, due, Fate(missed=reason))], now)
        return made

    # ---- what is to come

    def next_due(self, after: datetime, before: datetime) -> datetime | None:
        """When a time rule next comes due, as far as is known now: after the one moment and not after the other."""
        found = (self._next(watch, after, before) for watch in self.watches)
        return min((moment for moment in found if moment is not None), default=None)

    def _next(self, watch: Watch, after: datetime, before: datetime) -> datetime | None:
        if isinstance(watch.trigger, Every):
            return next(iter(self.firm.scheduled(watch.trigger, after, before, watch.only_in_hours)), None)
        low, high = milliseconds(after), milliseconds(before)
        first = (self._first(watch, dues, low, high) for dues in watch.dues)
        return min((moment_of(due) for due in first if due is not None), default=None)

    def _first(self, watch: Watch, dues: Dues, low: int, high: int) -> int | None:
        for page in self._pairs(watch, dues, low, high):
            found = [due for raw, _ in page if low < (due := dues.due(dues.number(raw))) <= high]
            if found:
                return min(found)
        return None
