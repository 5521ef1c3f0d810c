"""A crowd at one door leaves the other doors open."""

from __future__ import annotations

from tests.firm import PASSWORD, Firm, email


def test_a_crowd_at_the_sign_in_keeps_nobody_inside_from_working(quick_firm: Firm) -> None:
    """Three hundred sign-ins at once made a page take six seconds, and refused it."""
    asha = quick_firm.browser("asha")
    line = quick_firm.app.state.serving.slow_line
    line.waiting = line.most
    crowd = quick_firm.stranger().post("/login", data={"email": email("ravi"), "password": PASSWORD})
    assert (crowd.status_code, crowd.headers["retry-after"]) == (503, "2")
    assert asha.get("/deal").status_code == asha.get("/api/v1/deal").status_code == 200
    line.waiting = 0
    assert quick_firm.stranger().post("/login", data={"email": email("ravi"), "password": PASSWORD}).status_code == 303


def test_a_wrong_password_waits_for_whoever_writes_the_address_otherwise_too(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    for number in range(6):
        stranger.post("/login", data={"email": email("ravi"), "password": f"wrong {number}"})
    for written in (email("ravi"), f"  {email('ravi').upper()} ", "ra\u200bvi@firm.example", "\uff52avi@firm.example"):
        assert stranger.post("/login", data={"email": written, "password": PASSWORD}).status_code == 429, written
