"""Moments and days, as their reader says them."""

from __future__ import annotations

from datetime import date, datetime

from engine.blueprint.entities import Field
from engine.formats import Formats
from engine.markup import Html, tag
from engine.parts import field_type
from engine.web.frame import Screen

MOMENT = Field("at", "datetime", "When")
DAY = Field("day", "date", "Day")
TIME = Field("time", "time", "Time")


def moment(at: datetime, formats: Formats) -> Html:
    return field_type("datetime").html(MOMENT, at, formats)


def clock(at: datetime, seen: Screen) -> Html:
    """The time of day, under a heading that tells the day; the whole moment stays at hand."""
    local = at.astimezone(seen.formats.zoneinfo)
    whole = field_type("datetime").show(MOMENT, at, seen.formats)
    return tag("time", field_type("time").show(TIME, local.time().replace(tzinfo=None), seen.formats),
               datetime=local.isoformat(timespec="minutes"), title=whole)  # fmt: skip


def day_named(seen: Screen, day: date) -> str:
    """`Today`, `Tomorrow`, else the date."""
    away = (seen.ask.now.astimezone(seen.formats.zoneinfo).date() - day).days
    named = {0: seen.say("Today"), 1: seen.say("Yesterday"), -1: seen.say("Tomorrow")}
    return named.get(away) or field_type("date").show(DAY, day, seen.formats)
