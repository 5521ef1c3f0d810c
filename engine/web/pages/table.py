"""Every address of the screens, with what answers it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.serving import Handler
from engine.web.pages import (
    account,
    admin,
    answers,
    arrivals,
    assignments,
    bins,
    composer,
    calendar_events,
    calendars,
    boards,
    design,
    desks,
    exports,
    files,
    forms,
    known,
    lists,
    merges,
    moves,
    notices,
    people,
    picks,
    public_forms,
    queues,
    records,
    searches,
    signs,
    steps,
    timelines,
    undo,
    ways,
    wishes,
)
from engine.web.public import for_all


@dataclass(frozen=True, slots=True)
class Page:
    """`open`: answered without a sign-in; `public`: to anybody, whoever they are. `slow`: a password or an export, which
    must not hold the others up. `files`: its form brings files, so its body may be large."""

    path: str
    method: str
    handler: Handler
    open: bool = False
    public: bool = False
    slow: bool = False
    files: bool = False


PAGES = (
    Page("/", "GET", desks.home),
    Page("/login", "GET", signs.form, open=True),
    Page("/login", "POST", signs.enter, open=True, slow=True),
    Page("/logout", "POST", signs.leave),
    Page("/password/{key}", "GET", signs.link, open=True),
    Page("/password/{key}", "POST", signs.choose, open=True, slow=True),
    Page("/me", "GET", account.show),
    Page("/me", "POST", account.change),
    Page("/me/password", "GET", account.password),
    Page("/me/password", "POST", account.change_password, slow=True),
    Page("/me/sessions", "POST", account.end_sessions),
    Page("/me/wishes", "POST", wishes.change),
    Page("/me/tokens", "POST", account.make_token),
    Page("/me/tokens/{id}", "POST", account.revoke_token),
    Page("/notices", "GET", notices.show),
    Page("/notices", "POST", notices.mark_all),
    Page("/notices/news", "GET", notices.news),
    Page("/notices/{id}", "GET", notices.open_one),
    Page("/search", "GET", searches.show),
    Page("/dashboards/{name}", "GET", desks.show),
    Page("/reports/{name}", "GET", desks.report),
    Page("/admin", "GET", admin.show),
    Page("/admin/roles", "GET", admin.roles),
    Page("/admin/queue", "GET", queues.show),
    Page("/admin/queue", "POST", queues.settle_all),
    Page("/admin/queue/{id}", "POST", queues.settle),
    Page("/admin/received", "GET", arrivals.show),
    Page("/admin/received/{id}", "POST", arrivals.again),
    Page("/forms/{name}", "GET", for_all(public_forms.show), public=True),
    Page("/forms/{name}", "POST", for_all(public_forms.send), public=True, files=True),
    Page("/go/{key}", "GET", for_all(answers.show), public=True),
    Page("/go/{key}", "POST", for_all(answers.answer), public=True),
    Page("/design", "GET", design.show),
    Page("/assignments", "GET", assignments.show),
    Page("/assignments/{name}", "GET", assignments.show),
    Page("/duplicates", "GET", known.show),
    Page("/duplicates/{id}", "POST", known.dismiss),
    Page("/bin", "GET", bins.places),
    Page("/bin/{entity}", "GET", bins.show),
    Page("/bin/{entity}/{id}", "POST", bins.restore),
    Page("/files/{key}", "GET", files.show),
    Page("/undo/{id}", "POST", undo.take_back),
    Page("/user/{id}/link", "GET", people.ask_link),
    Page("/user/{id}/link", "POST", people.link),
    Page("/user/{id}/sessions", "GET", people.ask_end),
    Page("/user/{id}/sessions", "POST", people.end_sessions),
    Page("/calendar", "GET", calendars.show),
    Page("/calendar/new", "GET", calendar_events.new),
    Page("/calendar/{entity}/{id}", "GET", calendar_events.show),
    Page("/calendar/{entity}/{id}", "POST", calendar_events.change),
    Page("/calendar/{entity}/{id}/move", "POST", calendar_events.drag),
    Page("/{entity}", "GET", lists.show),
    Page("/{entity}/new", "GET", forms.new),
    Page("/{entity}/new", "POST", forms.create, files=True),
    Page("/{entity}/calendar", "GET", calendars.of_entity),
    Page("/{entity}/pick", "GET", picks.any_record),
    Page("/{entity}/pick/{field}", "GET", picks.for_field),
    Page("/{entity}/known", "POST", known.typing),
    Page("/{entity}/board", "GET", boards.show),
    Page("/{entity}/board/part", "GET", boards.part),
    Page("/{entity}/export", "GET", exports.show, slow=True),
    Page("/{entity}/{id}", "GET", records.show),
    Page("/{entity}/{id}/edit", "GET", forms.edit),
    Page("/{entity}/{id}/edit", "POST", forms.update, files=True),
    Page("/{entity}/{id}/known", "POST", known.typing),
    Page("/{entity}/{id}/merge/{other}", "GET", merges.show),
    Page("/{entity}/{id}/merge/{other}", "POST", merges.merge),
    Page("/{entity}/{id}/unmerge/{merge}", "POST", merges.unmerge),
    Page("/{entity}/{id}/log/{child}", "GET", composer.show),
    Page("/{entity}/{id}/log/{child}", "POST", composer.write_down, files=True),
    Page("/{entity}/{id}/later", "POST", steps.later),
    Page("/{entity}/{id}/pin/{child}/{target}", "POST", timelines.pin),
    Page("/{entity}/{id}/delete", "GET", bins.ask),
    Page("/{entity}/{id}/delete", "POST", bins.delete),
    Page("/{entity}/{id}/move", "GET", ways.show),
    Page("/{entity}/{id}/move/{transition}", "GET", moves.show),
    Page("/{entity}/{id}/move/{transition}", "POST", moves.move),
)
