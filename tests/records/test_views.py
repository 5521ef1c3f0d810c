"""Views that people keep: whose they are, who else has them, and that nobody is shown what is not theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, AllOf, Test as ConditionTest, Word
from engine.blueprint.views import View
from engine.errors import Invalid, NotFound, Refused
from engine.records.database import Database
from engine.records.looks import Looks
from engine.records.read import Reads
from engine.records.tables import Tables
from engine.records.views import MOST, Sharing, Views
from tests.office import Office, open_office
from tests.real.databases import Databases
from tests.records.changing import brought_to, renamed_entity, renamed_field, with_entity, with_stages

HOT = Looks(when=ConditionTest("is_hot", "is", True), columns=(("name", 200), ("status", None)), sort=(("name", False),))


@pytest.fixture
def office(databases: Databases) -> Iterator[Office]:
    opened = open_office(databases.empty())
    yield opened
    opened.database.close()


@pytest.fixture
def quick(sqlite_databases: Databases) -> Iterator[Office]:
    opened = open_office(sqlite_databases.empty())
    yield opened
    opened.database.close()


def views_of(office: Office) -> Views:
    return Views(office.reads, office.database, office.clock)


def labels(views: Views, actor: Actor) -> list[str]:
    return [view.label for view in views.shelf(actor, "deal").views]


def query(office: Office, actor: Actor, *pairs: tuple[str, str]) -> Any:
    return office.reads.query(actor, "deal", pairs)


def test_what_asha_keeps_is_hers_alone_and_comes_back_as_it_was(office: Office) -> None:
    views = views_of(office)
    where = query(office, office.asha, ("where", '{"any":[{"name":{"contains":"x"}},{"owner":{"is":"me"}}]}')).where
    asked = Looks("list", where, "chairs", (("name", 220), ("status", None)), (("name", True),), "status")
    key = views.keep(office.asha, "deal", " My   chairs ", asked)
    (view,) = views.shelf(office.asha, "deal").views
    assert (view.key, view.label, view.looks, view.may_change, view.pinned) == (key, "My chairs", asked, True, True)
    assert labels(views, office.ravi) == labels(views, office.meera) == labels(views, office.dev) == []
    for stranger in (office.ravi, office.dev):
        with pytest.raises(NotFound):
            views.delete(stranger, "deal", key)


def test_only_those_to_whom_others_report_share_and_only_downwards(office: Office) -> None:
    views = views_of(office)
    assert views.sharing(office.asha) == {}
    assert views.sharing(office.meera) == {"role": ("manager", "caller")}
    assert views.sharing(office.dev)["all"] == ("",)
    for actor, sharing in (
        (office.asha, Sharing("role", "caller")), (office.asha, Sharing("all")), (office.meera, Sharing("all")),
        (office.meera, Sharing("role", "administrator")), (office.meera, Sharing("team", "77")),
    ):  # fmt: skip
        with pytest.raises(Refused):
            views.keep(actor, "deal", "Hot", HOT, sharing)
    key = views.keep(office.meera, "deal", "Hot", HOT, Sharing("role", "caller", pinned=True, first=True))
    (seen,) = views.shelf(office.asha, "deal").views
    assert (seen.key, seen.pinned, seen.first, seen.may_change) == (key, True, True, False)
    assert views.shelf(office.asha, "deal").first == seen
    assert labels(views, office.nils) == []
    with pytest.raises(Refused):
        views.change(office.asha, "deal", key, label="Mine now")
    views.change(office.meera, "deal", key, sharing=Sharing())
    assert labels(views, office.asha) == []


def test_a_shared_view_that_asks_about_a_hidden_field_is_not_there(office: Office) -> None:
    views = views_of(office)
    rich = query(office, office.meera, ("budget.above", "100")).where
    for name, looks in (
        ("By filter", Looks(when=rich)),
        ("By group", Looks(group="budget")),
        ("Inside", Looks(when=ConditionTest("calls", "some", ConditionTest("deal", "where", rich)))),
        ("On cards", Looks("board", options={"sum": "budget"})),
    ):
        key = views.keep(office.meera, "deal", name, looks, Sharing("role", "caller"))
        assert labels(views, office.asha) == []
        with pytest.raises(NotFound):
            views.view(office.asha, "deal", key)
    views.keep(office.meera, "deal", "By order", Looks(sort=(("budget", True), ("name", False))), Sharing("role", "caller"))
    assert views.shelf(office.asha, "deal").views[0].looks.sort == (("name", False),)
    assert len(labels(views, office.meera)) == 5


def test_of_a_view_of_ones_own_one_is_told_why_it_cannot_be_opened(quick: Office) -> None:
    views = views_of(quick)
    looks = Looks(when=query(quick, quick.meera, ("budget.above", "100")).where)
    key = views.keep(quick.meera, "deal", "Rich", looks)
    demoted = replace(quick.meera, role="caller")
    view = views.view(demoted, "deal", key)
    assert view.wrong is not None and "budget" in view.wrong and view.looks.when == ALWAYS
    assert views.shelf(demoted, "deal").first is None
    views.delete(demoted, "deal", key)


def test_names_are_ones_own_short_and_not_twice(quick: Office) -> None:
    views = views_of(quick)
    key = views.keep(quick.asha, "deal", "Hot", HOT)
    views.keep(quick.ravi, "deal", "Hot", HOT)
    for label, told in (("hot", "already"), ("  ", "needs a name"), ("x" * 81, "at most 80"), ("\0", "needs a name")):
        with pytest.raises(Invalid) as refused:
            views.keep(quick.asha, "deal", label, HOT)
        assert told in refused.value.complaints[0].message
    views.change(quick.asha, "deal", key, label="HOT")
    views.change(quick.asha, "deal", key, looks=Looks(sort=(("name", True),)))
    assert views.view(quick.asha, "deal", key).looks.sort == (("name", True),)
    for number in range(MOST - 1):
        views.keep(quick.asha, "deal", f"View {number}", HOT)
    with pytest.raises(Invalid) as refused:
        views.keep(quick.asha, "deal", "One more", HOT)
    assert "most that are kept" in refused.value.complaints[0].message


def test_each_person_pins_and_orders_for_herself(quick: Office) -> None:
    views = views_of(quick)
    keys = [views.keep(quick.meera, "deal", name, HOT, Sharing("role", "caller", pinned=True)) for name in "ABC"]
    views.pin(quick.asha, "deal", keys[0], False)
    views.shift(quick.asha, "deal", keys[2], -1)
    assert labels(views, quick.asha) == ["A", "C", "B"]
    assert [view.pinned for view in views.shelf(quick.asha, "deal").views] == [False, True, True]
    assert labels(views, quick.ravi) == ["A", "B", "C"]
    views.shift(quick.asha, "deal", keys[0], -1)  # it is the first already
    assert labels(views, quick.asha) == ["A", "C", "B"]
    with pytest.raises(NotFound):
        views.pin(quick.asha, "deal", "77", True)


def test_columns_and_the_height_of_rows_are_habits(quick: Office) -> None:
    views = views_of(quick)
    views.like_columns(quick.asha, "deal", (("name", 240), ("status", None)))
    views.like_rows(quick.asha, "dense")
    habits = views.shelf(quick.asha, "deal").habits
    assert (habits.columns, habits.rows) == ((("name", 240), ("status", None)), "dense")
    assert views.shelf(quick.asha, "call").habits.rows == "dense"
    assert views.shelf(quick.ravi, "deal").habits.rows == "comfortable"


# ---- the set's


def with_views(office: Office, *views: View) -> Views:
    deal = office.blueprint.entities["deal"]
    blueprint = with_entity(office.blueprint, replace(deal, views={view.name: view for view in views}))
    tables = Tables(blueprint)
    return Views(Reads(blueprint, office.database, tables, office.clock), office.database, office.clock)


def test_a_sets_views_are_for_their_roles_and_for_those_who_may_ask(quick: Office) -> None:
    rich = query(quick, quick.meera, ("budget.above", "100")).where
    views = with_views(
        quick, View("hot", "Hot", when=HOT.when, pinned=True), View("rich", "Rich", when=rich),
        View("team", "Team", roles=frozenset({"manager"}), default=True), View("mine", "Mine", default=True),
    )  # fmt: skip
    assert labels(views, quick.asha) == ["Hot", "Mine"]
    assert labels(views, quick.meera) == ["Hot", "Rich", "Team", "Mine"]
    first = {actor.name: views.shelf(actor, "deal").first for actor in (quick.asha, quick.meera)}
    assert {name: view and view.label for name, view in first.items()} == {"Asha": "Mine", "Meera": "Team"}
    with pytest.raises(Refused, match="comes with the program"):
        views.change(quick.dev, "deal", "hot", label="Warm")
    views.keep(quick.dev, "deal", "Ours", HOT, Sharing("role", "caller", first=True))
    first_now = views.shelf(quick.asha, "deal").first
    assert first_now is not None and first_now.label == "Ours"


def test_a_renamed_view_keeps_its_pins_and_its_address(quick: Office) -> None:
    before = with_views(quick, View("hot", "Hot"), View("cold", "Cold"))
    before.pin(quick.asha, "deal", "hot", True)
    before.shift(quick.asha, "deal", "cold", -1)
    after = with_views(quick, View("warm", "Warm", was="hot"), View("cold", "Cold"))
    assert [(view.label, view.pinned) for view in after.shelf(quick.asha, "deal").views] == [("Cold", False), ("Warm", True)]
    assert after.view(quick.asha, "deal", "hot").label == "Warm"


# ---- what they speak of gets another name


def test_kept_views_go_along_when_names_change(office: Office) -> None:
    views, database = views_of(office), office.database
    when = AllOf((
        ConditionTest("status", "in", ("NEW", "FOLLOW-UP")), ConditionTest("source", "is", "Google"),
        ConditionTest("account", "where", ConditionTest("industry", "is", "Steel")),
        ConditionTest("owner", "is", Word("me")),
    ))  # fmt: skip
    looks = Looks("list", when, None, (("account.industry", 120), ("source", None)), (("source", True),), "source")
    key = views.keep(office.dev, "deal", "Steel", looks)
    views.like_columns(office.dev, "deal", (("source", 90),))
    blueprint = renamed_field(office.blueprint, "deal", "source", "came_from")
    blueprint = renamed_field(blueprint, "account", "industry", "trade")
    blueprint = with_stages(blueprint, "deal_sales", renamed={"NEW": "FRESH"})
    blueprint = renamed_entity(blueprint, "account", "firm")
    brought_to(database, blueprint)
    later = Views(Reads(blueprint, database, Tables(blueprint), office.clock), database, office.clock)
    view = later.view(office.dev, "deal", key)
    assert view.wrong is None
    assert view.looks.columns == (("account.trade", 120), ("came_from", None))
    assert (view.looks.sort, view.looks.group) == ((("came_from", True),), "came_from")
    told = {(test.field, test.operator): test.value for test in view.looks.when.parts}  # type: ignore[union-attr]
    assert told["status", "in"] == ("FRESH", "FOLLOW-UP")
    assert told["came_from", "is"] == "Google"
    assert told["account", "where"].field == "trade"
    assert later.shelf(office.dev, "deal").habits.columns == (("came_from", 90),)


def test_a_database_is_reshaped_with_views_in_it(sqlite_databases: Databases) -> None:
    """An entity that people keep views of gets another name."""
    office = open_office(sqlite_databases.empty())
    key = views_of(office).keep(office.asha, "deal", "Hot", HOT)
    blueprint = renamed_entity(office.blueprint, "deal", "bargain")
    brought_to(office.database, blueprint)
    database: Database = office.database
    roles = {
        name: replace(role, rights={("bargain" if e == "deal" else e): r for e, r in role.rights.items()})
        for name, role in blueprint.roles.items()
    }
    blueprint = replace(blueprint, roles=roles)
    later = Views(Reads(blueprint, database, Tables(blueprint), office.clock), database, office.clock)
    assert later.view(office.asha, "bargain", key).looks == HOT
    database.close()
