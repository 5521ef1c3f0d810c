"""What is said of a forecast, in the reader's words: the method, how it was checked, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.actor import Actor
from engine.parts.tables import Column
from engine.parts.telling import number_of, percent
from engine.rules.forecasting import LEAST, NAIVE, PIPELINE, Error, Forecast
from engine.words import said, said_n, speech

if TYPE_CHECKING:
    from engine.records.read import Reads

HEADINGS = MappingProxyType({
    "month": said("Month"), "forecast": said("Forecast"), "low": said("At least"), "high": said("At most"),
    "mine": said("My number"), "given": said("Another's number"), "target": said("Target"),
    "pipeline": said("Open pipeline"),
    "method": said("Method"), "error": said("Off on average"), "part": said("As a part of all"),
    "naive": said("The month before again"),
})  # fmt: skip
METHODS = MappingProxyType({
    NAIVE: said("The month before again"), "mean_3": said("Mean of three months"), "mean_6": said("Mean of six months"),
    "trend": said("Trend of six months"), "quarter": said("Same month of the quarter before"),
    "year": said("Same month of the year before"), PIPELINE: said("Open pipeline and new records"),
})  # fmt: skip
TOLD = MappingProxyType({
    NAIVE: said("Told by the last full month, taken again: nothing else that was tried came closer."),
    "mean_3": said("Told by the mean of the last three full months."),
    "mean_6": said("Told by the mean of the last six full months."),
    "trend": said("Told by the mean of the last three full months, carried on as it changed from the three before, "
                  "a little less with each month ahead."),
    "quarter": said("Told by the same month of the quarter before: the numbers follow the quarter."),
    "year": said("Told by the same month of the year before."),
    PIPELINE: said("Told by the open pipeline: how many are open, how many come new each month, what part of both is won "
                     "month after month, and what one is worth."),
})  # fmt: skip


class Words:
    def __init__(self, reads: Reads, actor: Actor) -> None:
        self.formats, self.speech = reads.formats(actor), speech(actor.language)

    def say(self, sentence: str) -> str:
        return self.speech.say(sentence)

    def heading(self, name: str) -> str:
        return self.say(HEADINGS[name])

    def number(self, column: Column, number: Any) -> str:
        return number_of(column, number, self.formats)

    def method(self, name: str) -> str:
        return self.say(METHODS[name])

    def of(self, told: Forecast, size: Callable[[Error], str], origin: str | None) -> Iterator[str]:
        """`origin`: what the records come from, where it takes part."""
        yield self.say(TOLD[told.method])
        yield from self.checked(told, size)
        yield from self.held(told)
        if told.method == PIPELINE and origin is not None:
            yield self.say(said("How many come new is told by the number of: {plural}.", plural=origin))
        yield from self.range(told)

    def checked(self, told: Forecast, size: Callable[[Error], str]) -> Iterator[str]:
        mine, naive = told.errors[told.method], told.errors[NAIVE]
        if told.method == NAIVE:
            yield self.say(said(
                "In {n} past months, each told from those before it, it was off by {size} ({part}) on average.",
                n=mine.months, size=size(mine), part=self.part(mine.part),
            ))  # fmt: skip
            return
        yield self.say(said(
            "In {n} past months, each told from those before it, it was off by {size} ({part}) on average; "
            "the month before taken again, by {naive} ({naive_part}).",
            n=mine.months, size=size(mine), part=self.part(mine.part), naive=size(naive), naive_part=self.part(naive.part),
        ))  # fmt: skip

    def held(self, told: Forecast) -> Iterator[str]:
        """What the whole way of choosing is worth, on months that it had not seen."""
        if not told.held:
            return
        within = sum(one.told.holds(one.sold) for one in told.held)
        yield self.say(said_n(
            "Held back from the choice, the last {n} month was off by {part}; the month before taken again, by "
            "{naive_part}. Within its range: {within}.",
            "Held back from the choice, the last {n} months were off by {part}; the month before taken again, by "
            "{naive_part}. Within their range: {within}.",
            len(told.held), part=self.part(told.held_error.part), naive_part=self.part(told.held_naive.part), within=within,
        ))  # fmt: skip

    def range(self, told: Forecast) -> Iterator[str]:
        known = [month.low is not None for month in told.months]
        if any(known):
            yield self.say(said("The range is to hold four months in five. It is as wide as the errors in the past months."))
        if not all(known):
            yield self.say(said("Where there is no range, too few past months could be tried from so far."))

    def part(self, part: Decimal | None) -> str:
        return "–" if part is None else percent(part, self.formats)

    def running(self, month: str, so_far: str) -> str:
        return self.say(said("{month} is not over, so it takes no part: {so_far} until now.", month=month, so_far=so_far))

    def too_short(self, months: int) -> str:
        if months >= LEAST:
            return self.say(said("There was nothing in the last twelve full months, so nothing can be told from them."))
        return self.say(said_n(
            "There is {n} full month to tell from. A forecast needs at least {least}.",
            "There are {n} full months to tell from. A forecast needs at least {least}.", months, least=LEAST,
        ))  # fmt: skip

    def currencies(self, known: list[str]) -> str:
        return self.say(said(
            "There is no forecast: these amounts are in several currencies ({currencies}), which are never added together.",
            currencies=", ".join(known),
        ))  # fmt: skip


__all__ = ["Words"]
