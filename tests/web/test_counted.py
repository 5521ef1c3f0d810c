"""Every number of every shipped report and dashboard opens just the records that it counts, for each role of a firm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, Test as Condition_Test, Word
from engine.blueprint.reports import Measure
from engine.errors import BadRequest, NotFound
from engine.records.reporting import Asked, table_of
from engine.story import Replay, stories
from engine.web.app import make_app
from engine.web.frame import Face, Screen
from engine.web.render_reports import opened
from tests.desk import Desk, open_desk
from tests.firm import HERE, PASSWORD
from tests.real.databases import Databases, SQLiteDatabases
from tests.real.run import shared_folder

SETS = [".", "config/raalink", pytest.param("config/rsoft", marks=pytest.mark.soak)]


@dataclass
class Town:
    """A shipped set with people at work. `people`: one of each role."""

    desk: Desk
    app: Any
    people: dict[str, Actor]
    emails: dict[int, str]

    def screen(self, actor: Actor) -> Screen:
        crm = self.desk.crm
        return Screen(None, crm, actor, Face(crm), crm.reads.formats(actor))  # type: ignore[arg-type]

    def browser(self, actor: Actor) -> TestClient:
        key = self.desk.crm.accounts.sign_in(self.emails[actor.user], PASSWORD).key
        client = TestClient(self.app, HERE, follow_redirects=False, client=("203.0.113.9", 50000))
        client.cookies.set("crm", key)
        return client

    def measured(self, actor: Actor, place: str, measure: Measure) -> Any:
        """What the list at an address comes to, for this reader."""
        parts = urlsplit(place)
        entity, pairs = parts.path.strip("/"), [p for p in parse_qsl(parts.query, keep_blank_values=True) if p[0] != "view"]
        where = self.desk.crm.reads.query(actor, entity, pairs).where or ALWAYS
        take = measure.take if measure.take not in ("stages", "changes") else "sum" if measure.field else "count"
        plain = replace(measure, when=ALWAYS, take=take)
        return self.desk.crm.reads.aggregate(actor, entity, where, (), {measure.name: plain}).total


@pytest.fixture(scope="module", params=SETS)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    databases: Databases = SQLiteDatabases(tmp_path_factory.mktemp("town"), shared_folder(tmp_path_factory))
    desk = open_desk(databases.empty(), request.param)
    told = list(stories(desk.crm))
    if told:
        with desk.crm.database.hurried():
            for path in told:
                Replay(desk.crm, desk.clock.now).play(path)
    else:
        small_story(desk)
    found = list(everybody(desk))
    people = {actor.role: actor for actor, _ in found}
    for actor in people.values():
        desk.crm.accounts.set_password(actor.user, PASSWORD)
    app = make_app(desk.runtime)
    yield Town(desk, app, people, {actor.user: email for actor, email in found})
    app.state.serving.close()
    desk.close()


def small_story(desk: Desk) -> None:
    """The base set has no story of its own: two sellers, their leads and their sales over three months."""
    manager = desk.meera
    for at, name in enumerate(("Sara", "Omar")):
        values = {"name": name, "email": f"{name.lower()}@firm.example", "role": "seller", "manager": manager.user}
        seller = Actor(desk.create(desk.engine, "user", **values).id, name, "seller", zone=manager.zone)
        desk.people[name.lower()] = seller
        for n in range(6):
            desk.clock.pass_time(days=4)
            source, phone = ("Website", "Referral")[n % 2], f"+9198760{at}{n:03}"
            desk.create(seller, "lead", first_name=f"{name}{n}", source=source, phone=phone)
            made = desk.create(seller, "opportunity", name=f"Sale {name} {n}", amount=str(100 * (n + 1)))
            for move in ("discuss", "propose", "win")[: n % 4]:
                made = desk.move(seller, "opportunity", made, move)


def everybody(desk: Desk) -> Iterator[tuple[Actor, str]]:
    reads, zone = desk.crm.reads, desk.crm.blueprint.manifest.zone
    page = reads.page(desk.engine, reads.query(desk.engine, "user", [("limit", "200")]))
    for one in reads.items(page.columns, page.rows):
        teams = (int(one["team"]["id"]),) if one.get("team") else ()
        yield Actor(int(one["id"]), one["name"], one["role"], zone=zone, teams=teams), one["email"]


def asked_in(town: Town) -> Iterator[Asked]:
    """The page as it begins, a period, and a team, one step away."""
    yield Asked()
    yield Asked(Word("this month"))
    teams = {team for actor in town.people.values() for team in actor.teams}
    owned = [name for name, entity in town.desk.crm.blueprint.entities.items() if entity.owned]
    for team in sorted(teams)[:1]:
        yield Asked(where={name: Condition_Test("owner", "where", Condition_Test("team", "is", team)) for name in owned})


def numbers(town: Town, actor: Actor, asked: Asked) -> Iterator[tuple[str, Any, Measure, str]]:
    """(report, number, measure, the address that it opens) of all that can be opened."""
    seen = town.screen(actor)
    for report in town.desk.crm.blueprint.reports.values():
        try:
            table = table_of(town.desk.crm.reads, actor, report, asked)
        except (NotFound, BadRequest):
            continue
        for line in (*table.lines, *([table.total] if table.total is not None else [])):
            for column, number in zip(table.columns, line.numbers, strict=True):
                place = opened(seen, line, column) if number is not None else None
                if place is not None and column.kind != "percent":  # a part of the records before opens the part
                    yield report.name, number, column.measure, place


def same(one: Any, other: Any) -> bool:
    """How long something has lasted by now is a moment longer when it is asked again."""
    if isinstance(one, timedelta) and isinstance(other, timedelta):
        return abs(one - other) < timedelta(seconds=5)
    return bool(one == other)


def test_each_number_of_a_report_is_that_of_the_list_which_it_opens(town: Town) -> None:
    walked: set[tuple[str, str, Measure]] = set()
    for actor in town.people.values():
        for asked in asked_in(town) if actor.role == "manager" else [Asked()]:
            for report, number, measure, place in numbers(town, actor, asked):
                if (actor.role, place, measure) not in walked:
                    assert same(town.measured(actor, place, measure), number), (actor.role, report, measure.name, place)
                walked.add((actor.role, place, measure))
    assert len(walked) > 100


def test_each_tile_is_the_number_of_the_list_which_it_opens(town: Town) -> None:
    walked = 0
    for actor in town.people.values():
        browser = town.browser(actor)
        for desk in town.desk.crm.blueprint.dashboards.values():
            if actor.role not in desk.roles:
                continue
            page = browser.get(f"/dashboards/{desk.name}?period=").text
            tiles = {tile.label: tile for tile in desk.tiles.values()}
            for place, label, shown in re.findall(
                r'class="tile" href="([^"]+)"><span class="tile-label">(?:<span class="dot"></span>)?([^<]+)</span>'
                r'<span class="tile-number">([^<]+)</span>', page,
            ):  # fmt: skip
                measure = tiles[unescape(label)].measure
                number = town.measured(actor, unescape(place), measure)
                walked += 1
                if measure.take == "count":
                    assert int(re.sub(r"\D", "", shown)) == number, (actor.role, desk.name, label)
                    assert browser.get(unescape(place)).status_code == 200
                else:
                    assert (shown == "–") == (number is None), (actor.role, desk.name, label)
        browser.close()
    assert walked > 5
