"""What Asha is told reaches her while she works, and nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from engine.records.keys import milliseconds, new_id
from engine.records.notices import tell
from engine.web.news import Newsroom
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
        room = Newsroom(lambda: quick_firm.runtime.database, quick_firm.runtime.clock)
        asha, ravi = (room.wakes(quick_firm.actor(name).user) for name in ("asha", "ravi"))
        assert [await anext(asha), await anext(ravi)] == [True, True]  # what came before
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
