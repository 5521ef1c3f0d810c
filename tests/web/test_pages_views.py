"""Views, conditions, columns and groups of a list, as people meet them: as forms and links, without script."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from engine.records.looks import Looks
from engine.records.views import Sharing
from tests.firm import Firm
from tests.web.forms import form_on, send
from tests.web.test_pages_lists import titles

RICH = {"any": [{"budget": {"above": "100"}}, {"name": {"contains": "gold"}}]}


def pairs_of(place: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(place).query)


def where(tree: Any, **more: str) -> str:
    return f"/deal?{urlencode({'where': json.dumps(tree), **more})}"


def tabs(page: Any) -> list[str]:
    return [unescape(one) for one in re.findall(r'class="tab"[^>]*>(?:<svg.*?</svg>)?<bdi>([^<]*)</bdi>', page.text)]


def link(page: Any, words: str) -> str:
    """Where the link with these words leads."""
    for href, text in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page.text, re.S):
        if words in re.sub(r"<[^>]+>", "", text):
            return unescape(href)
    raise AssertionError(f"No link says {words}")


def some_deals(firm: Firm, name: str = "asha") -> None:
    for title, hot, source in (("Gold", "yes", "Google"), ("Silver", "no", "Google"), ("Bronze", "yes", "Website")):
        firm.deal(name, title, is_hot=hot, **({"source": source} if name != "asha" else {}))


# ---- nested conditions


def test_either_of_two_questions_is_one_chip_in_words_and_the_cross_takes_it_away(firm: Firm) -> None:
    some_deals(firm)
    asha = firm.browser("asha")
    page = asha.get(where({"any": [{"name": {"is": "Silver"}}, {"is_hot": {"is": True}, "name": {"contains": "o"}}]}))
    assert sorted(titles(page.text)) == ["Bronze", "Gold", "Silver"]
    assert re.search(r"Name is <bdi>|Name is Silver or \(Is hot is Yes and Name contains o\)", page.text)
    off = re.search(r'class="filter-off" href="([^"]+)"', page.text)
    assert off is not None and pairs_of(unescape(off[1])) == []


def test_what_must_all_hold_are_chips_of_their_own(quick_firm: Firm) -> None:
    some_deals(quick_firm)
    tree = {"all": [{"name": {"contains": "l"}}, {"not": {"is_hot": {"is": True}}}]}
    page = quick_firm.browser("asha").get(where(tree))
    assert titles(page.text) == ["Silver"]
    offs = [dict(pairs_of(unescape(one))) for one in re.findall(r'class="filter-off" href="([^"]+)"', page.text)]
    assert [json.loads(one["where"]) for one in offs] == [{"not": {"is_hot": {"is": True}}}, {"name": {"contains": "l"}}]


def test_a_hidden_field_in_nested_conditions_reads_like_one_that_is_not_there(quick_firm: Firm) -> None:
    quick_firm.deal("meera", "Desks", budget="777", owner=str(quick_firm.actor("asha").user))
    asha = quick_firm.browser("asha")
    told = []
    for name in ("budget", "nothing"):
        page = asha.get(where({"any": [{name: {"above": "5"}}]}))
        assert page.status_code == 400
        told.append(re.findall(r"<p>([^<]*)</p>", page.text)[0].replace(name, "..."))
    assert told[0] == told[1]
    assert asha.get("/deal?group=budget").status_code == 400
    assert "budget" not in asha.get("/deal/filter").text
    assert "budget" not in asha.get("/deal/columns").text


def test_a_builder_grows_by_its_buttons_and_leads_to_the_list(quick_firm: Firm) -> None:
    some_deals(quick_firm)
    asha = quick_firm.browser("asha")
    asked: dict[str, Any] = {"w.join": "any", "w.0.field": "name", "w.0.op": "is", "w.0.value": "Silver", "do": "group:w"}
    page = asha.get("/deal/filter", params=asked)
    assert 'name="w.1.join"' in page.text and 'name="w.1.0.field"' in page.text
    asked |= {"w.1.join": "all", "w.1.0.field": "is_hot", "w.1.0.op": "is", "w.1.0.value": "yes", "do": "add:w.1"}
    page = asha.get("/deal/filter", params=asked)
    assert 'name="w.1.1.field"' in page.text
    assert "3 records fit" in page.text
    asked |= {"w.1.1.field": "name", "w.1.1.op": "starts_with", "w.1.1.value": "br", "do": "apply"}
    went = asha.get("/deal/filter", params=asked)
    assert went.status_code == 303
    assert sorted(titles(asha.get(went.headers["location"]).text)) == ["Bronze", "Silver"]
    again = asha.get(link(asha.get(went.headers["location"]), "All conditions"))
    assert 'value="br"' in again.text and 'value="Silver"' in again.text
    dropped = asha.get("/deal/filter", params={**asked, "do": "drop:w.1"})
    assert 'name="w.1.join"' not in dropped.text


def test_plain_questions_from_the_builder_become_filters_of_their_own(quick_firm: Firm) -> None:
    some_deals(quick_firm)
    asked = {
        "w.join": "all", "w.0.field": "is_hot", "w.0.op": "is", "w.0.value": "yes", "w.1.field": "name",
        "w.1.op": "contains", "w.1.value": "o", "w.2.field": "", "sort": "name", "do": "apply",
    }  # fmt: skip
    went = quick_firm.browser("asha").get("/deal/filter", params=asked)
    assert sorted(pairs_of(went.headers["location"])) == [("is_hot.is", "true"), ("name.contains", "o"), ("sort", "name")]


def test_what_was_typed_wrongly_is_told_at_its_row_and_stays(quick_firm: Firm) -> None:
    asked = {
        "w.0.field": "budget", "w.0.op": "above", "w.0.value": "much", "w.1.field": "follow_up_at", "w.1.op": "within",
        "w.1.value": "soon", "do": "apply",
    }  # fmt: skip
    page = quick_firm.browser("meera").get("/deal/filter", params=asked)
    assert page.status_code == 422
    assert page.text.count('class="error builder-wrong"') == 2
    assert 'value="much"' in page.text and 'value="soon"' in page.text


@pytest.mark.parametrize("asked", [
    {f"w.{n}.field": "name" for n in range(80)}, {"w.0.0.0.0.0.0.0.0.0.0.field": "name"},
    {"w.join": "xor", "do": "drop:w.99"},
    {"w.0.field": "name", "w.0.op": "above"}, {"w.0.field": "account.nothing", "w.0.op": "is"}, {"do": "group:w.7.7"},
    {"w.0.field": "status.name", "w.0.op": "is", "w.0.value": "x"}, {"w.0.field": "calls", "w.0.op": "some"},
])  # fmt: skip
def test_a_builder_breaks_by_nothing_that_an_address_says(quick_firm: Firm, asked: dict[str, str]) -> None:
    asha = quick_firm.browser("asha")
    for deed in ("look", "apply", "add:w"):
        assert asha.get("/deal/filter", params={"do": deed, **asked}).status_code in (200, 303, 400, 422)


def test_calls_with_an_outcome_are_asked_about_from_the_deal(quick_firm: Firm) -> None:
    chairs, tables = quick_firm.deal("asha", "Chairs"), quick_firm.deal("asha", "Tables")
    quick_firm.office.create(quick_firm.actor("asha"), "call", deal=str(chairs.id), outcome="Answered")
    quick_firm.office.create(quick_firm.actor("asha"), "call", deal=str(tables.id), outcome="RNR")
    asked = {
        "w.0.field": "calls", "w.0.op": "some", "w.0.join": "all", "w.0.0.field": "outcome", "w.0.0.op": "in",
        "w.0.0.value": "RNR", "do": "apply",
    }  # fmt: skip
    asha = quick_firm.browser("asha")
    page = asha.get(asha.get("/deal/filter", params=asked).headers["location"])
    assert titles(page.text) == ["Tables"]
    assert "one with Outcome is one of RNR" in page.text


# ---- views


def test_asha_saves_what_she_looks_at_and_finds_it_as_a_tab(firm: Firm) -> None:
    some_deals(firm)
    asha = firm.browser("asha")
    listed = asha.get("/deal?is_hot.is=yes&sort=name")
    form = asha.get(link(listed, "Save as a view"))
    went = send(asha, form, "/deal/views", label="Hot ones")
    view = asha.get(went.headers["location"])
    assert tabs(view) == ["All deals", "Hot ones"]
    assert titles(view.text) == ["Bronze", "Gold"]
    assert "Changed, and not saved" not in view.text
    assert tabs(firm.browser("ravi").get("/deal")) == ["All deals"]


def test_a_change_is_marked_saved_or_discarded(quick_firm: Firm) -> None:
    firm = quick_firm
    some_deals(firm)
    asha = firm.browser("asha")
    query = firm.office.reads.query(firm.actor("asha"), "deal", [("is_hot.is", "yes")])
    key = firm.runtime.current.views.keep(firm.actor("asha"), "deal", "Hot ones", Looks(when=query.where))
    page = asha.get(f"/deal?view={key}")
    turned = re.search(r'data-column="name"[^>]*><a href="([^"]+)"', page.text)
    assert turned is not None
    changed = asha.get(unescape(turned[1]))
    assert "Changed, and not saved" in changed.text and titles(changed.text) == ["Bronze", "Gold"]
    assert link(changed, "Discard") == f"/deal?view={key}"
    went = asha.post(f"/deal/views/{key}", data={**form_on(changed, f"/deal/views/{key}"), "do": "save"})
    assert "Changed, and not saved" not in asha.get(went.headers["location"]).text
    assert firm.runtime.current.views.view(firm.actor("asha"), "deal", key).looks.sort == (("name", False),)


def test_a_view_whose_last_filter_was_taken_away_shows_everything_and_is_changed(quick_firm: Firm) -> None:
    firm = quick_firm
    some_deals(firm)
    asha = firm.browser("asha")
    query = firm.office.reads.query(firm.actor("asha"), "deal", [("is_hot.is", "yes")])
    key = firm.runtime.current.views.keep(firm.actor("asha"), "deal", "Hot ones", Looks(when=query.where))
    off = re.search(r'class="filter-off" href="([^"]+)"', asha.get(f"/deal?view={key}").text)
    assert off is not None
    page = asha.get(unescape(off[1]))
    assert len(titles(page.text)) == 3
    assert "Changed, and not saved" in page.text


def test_what_meera_shares_as_first_is_what_her_callers_see_first_and_all_is_a_step_away(firm: Firm) -> None:
    some_deals(firm)
    query = firm.office.reads.query(firm.actor("meera"), "deal", [("is_hot.is", "yes")])
    views, sharing = firm.runtime.current.views, Sharing("role", "caller", True, True)
    views.keep(firm.actor("meera"), "deal", "Hot first", Looks(when=query.where), sharing)
    asha = firm.browser("asha")
    page = asha.get("/deal")
    assert tabs(page) == ["All deals", "Hot first"]
    assert titles(page.text) == ["Bronze", "Gold"]
    assert len(titles(asha.get(link(page, "All deals")).text)) == 3
    assert len(titles(asha.get("/deal?sort=name").text)) == 3


def test_what_meera_shares_asks_nothing_of_asha_that_is_hidden_from_her(quick_firm: Firm) -> None:
    firm = quick_firm
    query = firm.office.reads.query(firm.actor("meera"), "deal", [("where", json.dumps(RICH))])
    key = firm.runtime.current.views.keep(
        firm.actor("meera"), "deal", "Rich", Looks(when=query.where), Sharing("role", "caller", True, True)
    )
    asha = firm.browser("asha")
    page = asha.get("/deal")
    assert page.status_code == 200 and "Rich" not in page.text
    assert asha.get(f"/deal/views/{key}").status_code == 404
    assert firm.program("asha").get(f"/api/v1/deal?view={key}").status_code == 404
    assert "Rich" in firm.browser("meera").get("/deal").text


def test_a_caller_is_not_offered_to_share_and_is_refused(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    form = asha.get("/deal/views/new?sort=name")
    assert 'name="share"' not in form.text
    refused = send(asha, form, "/deal/views", label="For all", share="all:")
    assert refused.status_code == 403
    assert 'value="role:caller"' in quick_firm.browser("meera").get("/deal/views/new?sort=name").text


def test_a_view_is_renamed_copied_ordered_unpinned_and_deleted(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    for name in ("One", "Two"):
        send(asha, asha.get("/deal/views/new?sort=name"), "/deal/views", label=name)
    one, two = (view.key for view in quick_firm.runtime.current.views.shelf(quick_firm.actor("asha"), "deal").views)

    def press(key: str, deed: str, **more: str) -> Any:
        page = asha.get("/deal/views")
        return asha.post(f"/deal/views/{key}", data={**form_on(page, f"/deal/views/{key}"), "do": deed, **more})

    press(one, "details", label="First")
    press(one, "down")
    press(two, "unpin")
    press(two, "copy")
    assert tabs(asha.get("/deal")) == ["All deals", "First", "Two, copy 1"]
    assert press(one, "details", label="two").status_code == 422
    press(one, "delete")
    assert tabs(asha.get("/deal")) == ["All deals", "Two, copy 1"]
    assert asha.get(f"/deal?view={one}").status_code == 200  # a link may outlive its view


# ---- columns and rows


def heads(page: Any) -> list[str]:
    return re.findall(r'<th[^>]*data-column="([^"]+)"', page.text)


def test_columns_are_chosen_in_order_also_of_the_account_and_are_kept(quick_firm: Firm) -> None:
    firm = quick_firm
    account = firm.office.create(firm.actor("meera"), "account", name="Acme", industry="Steel")
    firm.deal("meera", "Chairs", account=str(account.id))
    meera = firm.browser("meera")
    page = meera.get("/deal/columns")
    asked = {**form_on(page, "/deal/columns"), "column": ["name", "account.industry"], "width.name": "220", "do": "apply"}
    went = meera.post("/deal/columns", data=asked)
    listed = meera.get(went.headers["location"])
    assert heads(listed) == ["name", "account.industry"]
    assert "Steel" in listed.text and '<col width="220">' in listed.text
    assert heads(meera.get("/deal")) == ["name", "account.industry"]
    assert heads(firm.browser("dev").get("/deal"))[:3] != ["name", "account.industry"]
    reset = meera.post("/deal/columns", data={**asked, "do": "reset"})
    assert len(heads(meera.get(reset.headers["location"]))) > 2


def test_the_buttons_of_the_columns_do_what_dragging_does(quick_firm: Firm) -> None:
    meera = quick_firm.browser("meera")
    asked = {**form_on(meera.get("/deal/columns"), "/deal/columns"), "column": ["name", "status", "source"]}

    def columns(**more: str) -> list[str]:
        return re.findall(r'name="column" value="([^"]+)"', meera.post("/deal/columns", data={**asked, **more}).text)

    assert columns(do="up:2") == ["name", "source", "status"]
    assert columns(do="down:0") == ["status", "name", "source"]
    assert columns(do="drop:1") == ["name", "source"]
    assert columns(do="add", more="budget") == ["name", "status", "source", "budget"]
    assert columns(do="down:77") == columns(do="up:0") == ["name", "status", "source"]


def test_a_column_that_asha_may_not_read_is_left_out_whoever_asked_for_it(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "Chairs")
    page = quick_firm.browser("asha").get("/deal?columns=name:200,budget,expected,nothing,account.secret")
    assert heads(page) == ["name"]
    assert page.status_code == 200


def test_dense_rows_are_ones_own_habit(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "Chairs")
    asha = quick_firm.browser("asha")
    send(asha, asha.get("/deal"), "/deal/views/rows", rows="dense")
    assert "is-dense" in asha.get("/deal").text
    assert "is-dense" not in quick_firm.browser("meera").get("/deal").text


# ---- groups and counts


def group_heads(page: Any) -> list[tuple[str, str]]:
    found = re.findall(r'class="group-label">(.*?)</span><span class="count">([^<]*)<', page.text, re.S)
    return [(re.sub(r"<[^>]+>", "", label), count) for label, count in found]


def test_groups_tell_counts_and_sums_and_open_without_script(firm: Firm) -> None:
    some_deals(firm, "meera")
    firm.deal("meera", "Iron", source="Google", budget="250.50")
    firm.deal("meera", "Tin", budget="50")
    meera = firm.browser("meera")
    page = meera.get("/deal?group=source")
    assert group_heads(page) == [("Google", "3"), ("Website", "1"), ("Without Source", "1")]
    assert "250.50" in page.text
    assert len(titles(page.text)) == 5
    closed = re.search(r'<a href="([^"]+)" aria-expanded="true"[^>]*><svg.*?Google', page.text, re.S)
    assert closed is not None
    assert sorted(titles(meera.get(unescape(closed[1])).text)) == ["Bronze", "Tin"]


def test_the_rows_of_a_group_are_a_list_of_their_own(quick_firm: Firm) -> None:
    for number in range(14):
        quick_firm.deal("meera", f"Deal {number:02}", source="Google")
    meera = quick_firm.browser("meera")
    page = meera.get("/deal?group=source&sort=name")
    assert len(titles(page.text)) == 10
    everything = meera.get(link(page, "Show all 14"))
    assert titles(everything.text) == [f"Deal {n:02}" for n in range(14)]
    more = re.search(r'data-rows-more="([^"]+)"', page.text)
    assert more is not None
    rest = meera.get(unescape(more[1]), headers={"x-part": "tells"})
    assert titles(rest.text) == [f"Deal {n:02}" for n in range(10, 14)]
    assert "<html" not in rest.text


def test_a_caller_groups_only_what_is_hers(quick_firm: Firm) -> None:
    quick_firm.deal("asha", "Mine")
    quick_firm.deal("ravi", "His")
    page = quick_firm.browser("asha").get("/deal?group=owner")
    assert group_heads(page) == [("Asha", "1")]
    assert "Ravi" not in page.text


def test_a_filter_tells_how_many_each_choice_would_leave(firm: Firm) -> None:
    some_deals(firm, "meera")
    told = firm.browser("meera").get("/deal/counts/source?is_hot.is=yes").json()
    assert told == {"counts": {"Google": "1", "Website": "1"}, "whole": True}
    asha = firm.browser("asha")
    assert asha.get("/deal/counts/source").json() == {"counts": {}, "whole": True}
    assert asha.get("/deal/counts/budget").status_code == 404
    assert asha.get("/deal/counts/nothing").status_code == 404


def test_a_page_costs_few_statements_however_many_views_there_are(quick_firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = quick_firm
    some_deals(firm)
    asha = firm.browser("asha")
    asha.get("/deal")
    few = statements(firm, monkeypatch, lambda: asha.get("/deal"))
    for number in range(12):
        firm.runtime.current.views.keep(firm.actor("asha"), "deal", f"View {number}", Looks(sort=(("name", True),)))
    asha.get("/deal")
    assert statements(firm, monkeypatch, lambda: asha.get("/deal")) == few
    assert few <= 6
    grouped = statements(firm, monkeypatch, lambda: asha.get("/deal?group=status"))
    assert grouped <= few + 5


def statements(firm: Firm, monkeypatch: pytest.MonkeyPatch, ask: Any) -> int:
    from engine.records.database import Connection

    asked: list[str] = []
    with monkeypatch.context() as patched:
        for name in ("rows", "rows_afresh", "run"):
            plain = getattr(Connection, name)

            def counting(self: Any, *given: Any, _plain: Any = plain, **more: Any) -> Any:
                asked.append(str(given[0]))
                return _plain(self, *given, **more)

            patched.setattr(Connection, name, counting)
        ask()
    return len(asked)


# ---- over the API


def test_the_api_keeps_and_asks_views_as_the_screens_do(firm: Firm) -> None:
    some_deals(firm)
    program = firm.program("asha")
    view = {"label": "Hot", "where": {"any": [{"is_hot": {"is": True}}, {"name": {"is": "Silver"}}]}, "sort": ["name"],
            "columns": [{"name": "name", "width": 200}]}  # fmt: skip
    made = program.post("/api/v1/deal/views", json=view)
    assert made.status_code == 201
    key = made.json()["key"]
    assert {name: made.json()[name] for name in view} == view
    items = program.get(f"/api/v1/deal?view={key}").json()["items"]
    assert [one["name"] for one in items] == ["Bronze", "Gold", "Silver"]
    assert set(items[0]) == {"id", "version", "name"}
    narrowed = program.get(f"/api/v1/deal?view={key}&is_hot.is=false").json()["items"]
    assert [one["name"] for one in narrowed] == ["Silver"]
    changed = program.patch(f"/api/v1/deal/views/{key}", json={"label": "Hotter", "pinned": False})
    assert (changed.json()["label"], changed.json()["pinned"], changed.json()["sort"]) == ("Hotter", False, ["name"])
    assert firm.program("ravi").get(f"/api/v1/deal/views/{key}").status_code == 404
    assert program.delete(f"/api/v1/deal/views/{key}").status_code == 200
    assert program.get(f"/api/v1/deal?view={key}").status_code == 404


@pytest.mark.parametrize("wrong", [
    {"label": 7}, {"label": ""}, {"label": "X", "kind": "list of"}, {"label": "X", "columns": "name"},
    {"label": "X", "columns": [{"name": "name", "width": 5}]}, {"label": "X", "where": {"budget": {"above": "1"}}},
    {"label": "X", "where": []}, {"label": "X", "sort": ["budget"]}, {"label": "X", "group": "name"},
    {"label": "X", "more": 1},
    {"label": "X", "shared": {"with": "everybody"}}, {"label": "X", "shared": "all"}, {"label": "X", "first": True},
    {"label": "X", "options": {"by": 1}},
])  # fmt: skip
def test_the_api_tells_what_is_wrong_with_a_view(quick_firm: Firm, wrong: dict[str, Any]) -> None:
    answer = quick_firm.program("asha").post("/api/v1/deal/views", json=wrong)
    assert answer.status_code in (400, 403, 422), answer.text
    assert quick_firm.office.rows("select count(*) from crm_saved_view")[0][0] == 0


def test_a_token_that_only_reads_keeps_no_views(quick_firm: Firm) -> None:
    program = quick_firm.program("meera", only=[("deal", "read")])
    assert program.get("/api/v1/deal/views").status_code == 200
    assert program.post("/api/v1/deal/views", json={"label": "X"}).status_code == 403
