"""Reports and dashboards as JSON: the numbers of whoever asks, and the way to the records behind each."""

from __future__ import annotations

import pytest

from tests.firm import Firm

REPORT = "/api/v1/reports/deals_by_source"


def sources(firm: Firm) -> None:
    for name, title, source, budget in (
        ("asha", "A", "Google", "100"), ("asha", "B", "Google", "250.50"), ("asha", "C", "Website", None),
        ("ravi", "D", "Google", "7"), ("ravi", "E", None, None),
    ):  # fmt: skip
        given = {"source": source} if source else {}
        firm.deal("dev", title, owner=firm.actor(name).user, **given, **({"budget": budget} if budget else {}))


def test_each_reads_the_numbers_of_their_own_rights_and_each_number_lists_its_records(firm: Firm) -> None:
    sources(firm)
    for name, counts in (("asha", {"Google": 2, "Website": 1}), ("meera", {"Google": 3, "Website": 1, None: 1})):
        client = firm.program(name)
        told = client.get(REPORT).json()
        assert {row["keys"]["source"]: row["numbers"]["deals"] for row in told["rows"]} == counts
        assert told["total"]["numbers"]["deals"] == sum(counts.values())
        for row in [*told["rows"], told["total"]]:
            listed = client.get(row["records"]["deals"], params=None).json()["items"]
            assert len(listed) == row["numbers"]["deals"]


def test_what_is_hidden_leaves_no_trace_and_the_report_says_that_there_is_more(quick_firm: Firm) -> None:
    sources(quick_firm)
    asha, dev = quick_firm.program("asha"), quick_firm.program("dev")
    told = asha.get(REPORT)
    assert "budget" not in told.text and "Value" not in told.text and '"value"' not in told.text
    assert [one["name"] for one in told.json()["columns"]] == ["deals"]
    assert told.json()["left_out"] == ["Part of this report speaks of something that your role does not see."]
    assert "Value" not in asha.get("/api/v1/reports").text and "Value" in dev.get("/api/v1/reports").text
    google = next(row for row in dev.get(REPORT).json()["rows"] if row["keys"]["source"] == "Google")
    assert google["numbers"]["value"] == {"amount": "357.50", "currency": "INR"}


def test_a_report_is_narrowed_by_time_and_by_what_the_reader_may_know_of(quick_firm: Firm) -> None:
    sources(quick_firm)
    meera, ravi = quick_firm.program("meera"), quick_firm.actor("ravi").user
    told = meera.get(f"{REPORT}?period=today&owner={ravi}&links=false").json()
    assert [row["numbers"]["deals"] for row in told["rows"]] == [1, 1] and "records" not in told["rows"][0]
    assert told["period"]["asked"] == "today" and told["period"]["from"] < told["period"]["before"]
    own = meera.get(f"{REPORT}?from=2001-01-01&until=2001-12-31").json()
    assert own["rows"] == [] and own["period"] == {"asked": None, "from": "2001-01-01", "before": "2002-01-01"}


@pytest.mark.parametrize("asked", ["period=whenever", "from=2026-02-01&until=2026-01-01", "owner=nobody", "budget=5", "x=1"])
def test_what_it_cannot_be_narrowed_by_is_refused_and_a_hidden_field_reads_like_none(quick_firm: Firm, asked: str) -> None:
    asha = quick_firm.program("asha")
    answer = asha.get(f"{REPORT}?{asked}")
    assert answer.status_code == 400 and answer.json()["errors"]
    hidden, none = (asha.get(f"{REPORT}?{name}=5").json()["detail"].replace(name, "") for name in ("budget", "nothing"))
    assert hidden == none


def test_a_dashboard_tells_its_tiles_and_reports(quick_firm: Firm) -> None:
    sources(quick_firm)
    quick_firm.deal("dev", "Hot", owner=quick_firm.actor("ravi").user, is_hot=True)
    meera = quick_firm.program("meera")
    assert meera.get("/api/v1/dashboards").json()["items"] == [{"name": "desk", "label": "Desk"}]
    told = meera.get("/api/v1/dashboards/desk").json()
    (tile,), (report,) = told["tiles"], told["reports"]
    assert tile["number"] == len(meera.get(tile["records"]).json()["items"]) == 1
    assert report["total"]["numbers"]["deals"] == 6
    assert quick_firm.program("dev").get("/api/v1/dashboards/desk").status_code == 404


def test_a_narrow_token_is_told_of_nothing_else(quick_firm: Firm) -> None:
    sources(quick_firm)
    calls_only = quick_firm.program("meera", only=[("call", "read")])
    assert calls_only.get("/api/v1/reports").json()["items"] == []
    assert calls_only.get(REPORT).status_code == 404
    assert calls_only.get("/api/v1/dashboards/desk").json()["tiles"] == []
