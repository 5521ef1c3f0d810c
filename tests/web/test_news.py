"""What Asha is told reaches her while she works, and nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from engine.errors import CrmError
from engine.records.keys import milliseconds, new_id
from engine.records.notices import tell
from engine.records.presence import Tab, keep
from engine.records.stirring import Stirred, Stirring
from engine.web.news import END, NOTICE, PRESENCE, Newsroom
from tests.firm import Firm


def told(firm: Firm, name: str, text: str) -> int:
    now = firm.runtime.clock()
    id = new_id(now)
    with firm.runtime.database.writing() as connection:
        tell(connection, id, firm.actor(name).user, milliseconds(now), "new_deal", None, None, text)
    return id


def news(firm: Firm, name: str, after: int | str = "") -> dict[str, Any]:
    return orjson.loads(firm.browser(name).get(f"/notices/news?after={after}").content)


def test_she_is_told_what_is_new_since_the_last_notice_that_she_saw(firm: Firm) -> None:
    first = told(firm, "asha", "Call Anil")
    second = told(firm, "asha", "Call Bina")
    assert news(firm, "asha", first) == {
        "unread": 2, "last": str(second), "items": [{"text": "Call Bina", "href": f"/notices/{second}"}],
    }  # fmt: skip


def test_old_notices_do_not_pop_up_on_a_page_that_was_just_opened(firm: Firm) -> None:
    last = told(firm, "asha", "Call Anil")
    assert news(firm, "asha") == {"unread": 1, "last": str(last), "items": []}


def test_nobody_hears_what_another_is_told(firm: Firm) -> None:
    told(firm, "asha", "Call Anil")
    assert news(firm, "ravi", 0) == {"unread": 0, "last": "0", "items": []}


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "١"])
def test_an_after_that_is_no_notice_means_none(quick_firm: Firm, after: str) -> None:
    told(quick_firm, "asha", "Call Anil")
    assert news(quick_firm, "asha", after)["items"] == []


def test_who_listens_is_woken_and_the_others_sleep_on(quick_firm: Firm) -> None:
    async def listening() -> list[bool]:
        room, (asha, ravi) = await listeners(quick_firm, asha=None, ravi=None)
        waiting = asyncio.ensure_future(anext(asha)), asyncio.ensure_future(anext(ravi))
        await asyncio.to_thread(told, quick_firm, "asha", "Call Anil")
        done, _ = await asyncio.wait(waiting, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        answer = [one in done for one in waiting]
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asha.aclose()
        assert room.listeners == {}
        return answer

    assert asyncio.run(listening()) == [True, False]


def test_who_listens_hears_of_which_entity_something_changed(quick_firm: Firm) -> None:
    async def listening() -> frozenset[str]:
        room, (asha,) = await listeners(quick_firm, asha=None)
        await asyncio.to_thread(room._found, [], set())  # what was before
        await asyncio.to_thread(quick_firm.deal, "asha", "Chairs")
        heard = await asyncio.wait_for(anext(asha), 10)
        await asha.aclose()
        return heard

    assert asyncio.run(listening()) == {"deal"}


def test_a_page_that_was_drawn_before_something_changed_hears_of_it_when_it_begins_to_listen(
    quick_firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def heard_by_a_page_that_is(seconds_old: float) -> frozenset[str]:
        room, (asha,) = await listeners(quick_firm, asha=None)
        room._tell(await asyncio.to_thread(room._found, [], set()))
        await asyncio.to_thread(quick_firm.deal, "asha", "Chairs")
        room._tell(await asyncio.to_thread(room._found, [], set()))
        await asyncio.sleep(0.01)
        late = room.wakes(quick_firm.actor("meera").user, None, seconds_old)
        heard = await anext(late)
        await asyncio.gather(asha.aclose(), late.aclose())
        return heard - {NOTICE}

    assert asyncio.run(heard_by_a_page_that_is(0)) == {"deal"}  # it may have been on its way
    monkeypatch.setattr("engine.web.news.GRACE", 0.0)
    assert asyncio.run(heard_by_a_page_that_is(5)) == {"deal"}
    assert asyncio.run(heard_by_a_page_that_is(0)) == frozenset()


def test_the_first_look_of_a_process_tells_what_came_while_the_page_was_on_its_way(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "Chairs")

    async def listening() -> frozenset[str]:
        _, (asha,) = await listeners(quick_firm, asha=None)
        heard = await asyncio.wait_for(anext(asha), 10)
        await asha.aclose()
        return heard

    assert "deal" in asyncio.run(listening())


def test_a_line_that_lasted_says_that_it_ends(quick_firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.web.news.LASTS", 0.05)

    async def listening() -> list[frozenset[str]]:
        room = newsroom(quick_firm)
        return [heard async for heard in room.wakes(quick_firm.actor("asha").user)]

    assert asyncio.run(listening())[-1] == {END}


def stirred(firm: Firm, stirring: Stirring) -> Stirred:
    return stirring.look(firm.runtime.database, firm.runtime.current.blueprint, firm.runtime.clock())


def test_a_refused_deed_stirs_nobody(firm: Firm) -> None:
    stirring = Stirring()
    deal = firm.deal("ravi", "Tables")
    assert stirred(firm, stirring) == Stirred(frozenset({"deal"}), frozenset({deal.id}))
    assert stirred(firm, stirring) == Stirred()
    with pytest.raises(CrmError):
        firm.office.update(firm.actor("asha"), "deal", deal.id, 1, name="Mine")
    assert stirred(firm, stirring) == Stirred()
    firm.office.update(firm.actor("ravi"), "deal", deal.id, 1, name="Better tables")
    assert stirred(firm, stirring) == Stirred(frozenset({"deal"}), frozenset({deal.id}))
    assert stirred(firm, stirring) == Stirred()


def test_in_a_storm_only_names_are_told(quick_firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.records.stirring.MOST", 3)
    stirring = Stirring()
    stirred(quick_firm, stirring)
    for n in range(5):
        quick_firm.deal("asha", f"Chairs {n}")
    assert stirred(quick_firm, stirring) == Stirred(frozenset({"deal"}), None)


def test_a_record_that_is_open_hears_of_itself_and_not_of_others(quick_firm: Firm) -> None:
    mine, other = quick_firm.deal("asha", "Chairs"), quick_firm.deal("asha", "Tables")

    async def heard_of(changed: int) -> frozenset[str]:
        room, (asha,) = await listeners(quick_firm, asha=at(quick_firm, "asha", mine.id))
        await asyncio.to_thread(room._found, [], set())  # what was before
        await asyncio.to_thread(quick_firm.office.update, quick_firm.actor("asha"), "deal", changed, 1, name="Other")
        room._tell(await asyncio.to_thread(room._found, [], set()))
        (line,) = room.listeners[quick_firm.actor("asha").user]
        heard = frozenset(line.heard)
        await asha.aclose()
        return heard - {PRESENCE}

    assert asyncio.run(heard_of(other.id)) == frozenset()
    assert asyncio.run(heard_of(mine.id)) == {"deal"}


def test_a_browser_is_told_no_name_of_what_its_reader_may_not_open(quick_firm: Firm) -> None:
    heard = frozenset({"deal", "crm_secret", "nothing"})
    sight, asha = quick_firm.runtime.current.reads.sight, quick_firm.actor("asha")
    assert [name for name in sorted(heard) if sight.may_open(asha, name)] == ["deal"]


# ---- who else is here


def at(firm: Firm, name: str, id: int, edits: bool = False) -> Tab:
    return Tab(f"{name} {id}", firm.actor(name).user, "deal", id, edits)


def here(firm: Firm, name: str, id: int) -> str:
    return firm.browser(name).get(f"/deal/{id}/presence").text


def test_two_at_one_deal_see_each_other_and_who_edits(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs")
    database, now = firm.runtime.database, milliseconds(firm.runtime.clock())
    keep(database, [at(firm, "asha", deal.id), at(firm, "meera", deal.id, edits=True)], (), now)
    assert "Meera is editing this" in here(firm, "asha", deal.id)
    assert "Asha is here too" in here(firm, "meera", deal.id)
    assert "Asha" not in here(firm, "asha", deal.id)


def test_whoever_left_or_said_nothing_for_a_minute_is_not_here(firm: Firm) -> None:
    deal = firm.deal("asha", "Chairs")
    database, now = firm.runtime.database, milliseconds(firm.runtime.clock())
    keep(database, [at(firm, "meera", deal.id), at(firm, "dev", deal.id)], (), now)
    keep(database, [], [at(firm, "meera", deal.id).key], now)
    assert "Meera" not in here(firm, "asha", deal.id)
    assert "Dev" in here(firm, "asha", deal.id)
    firm.office.clock.pass_time(minutes=1)
    assert "Dev" not in here(firm, "asha", deal.id)


def test_who_is_at_a_deal_is_not_told_to_those_who_may_not_read_it(firm: Firm) -> None:
    deal = firm.deal("ravi", "Tables")
    keep(firm.runtime.database, [at(firm, "ravi", deal.id)], (), milliseconds(firm.runtime.clock()))
    assert firm.browser("asha").get(f"/deal/{deal.id}/presence").status_code == 404


def test_another_process_hears_who_came(quick_firm: Firm) -> None:
    deal = quick_firm.deal("asha", "Chairs")

    async def listening() -> frozenset[str]:
        _, (asha,) = await listeners(quick_firm, asha=at(quick_firm, "asha", deal.id))
        meera, now = at(quick_firm, "meera", deal.id), milliseconds(quick_firm.runtime.clock())
        await asyncio.to_thread(keep, quick_firm.runtime.database, [meera], (), now)
        heard = await asyncio.wait_for(anext(asha), 10)
        await asha.aclose()
        return heard

    assert PRESENCE in asyncio.run(listening())


def newsroom(firm: Firm) -> Newsroom:
    return Newsroom(lambda: firm.runtime.database, lambda: firm.runtime.current.blueprint, firm.runtime.clock)


async def listeners(firm: Firm, **names: Tab | None) -> tuple[Newsroom, list[Any]]:
    """With what came before them heard already."""
    room = newsroom(firm)
    lines = [room.wakes(firm.actor(name).user, tab) for name, tab in names.items()]
    for line in lines:
        assert NOTICE in await anext(line)
    return room, lines
