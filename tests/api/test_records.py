"""Lists and records over the API, as people of the small firm use it."""

from __future__ import annotations

from tests.firm import Firm


def test_asha_lists_her_own_deals_and_nobody_elses(firm: Firm) -> None:
    hers, his = firm.deal("asha", "Chairs"), firm.deal("ravi", "Tables")
    items = firm.program("asha").get("/api/v1/deal").json()["items"]
    assert [item["id"] for item in items] == [str(hers.id)]
    assert firm.program("asha").get(f"/api/v1/deal/{his.id}").status_code == 404
