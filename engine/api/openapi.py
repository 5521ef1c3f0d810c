"""The OpenAPI document, made for whoever asks: only the entities, fields and deeds that are theirs."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from engine.actor import Actor
from engine.api.problems import MEDIA_TYPE
from engine.api.schemas import ID, Schema, read_schema, write_schema
from engine.blueprint.entities import Entity
from engine.parts import field_type
from engine.records.exporting import KINDS
from engine.records.merging import NOT_MERGED
from engine.records.reporting import may_see
from engine.rules.permissions import may
from engine.runtime import Crm
from engine.serving import Ask

VERSION = "3.1.0"
JSON = "application/json"


def document(ask: Ask) -> Response:
    """GET /api/openapi.json"""
    actor, crm = ask.who(), ask.crm
    body = crm.reads.kept(("openapi", actor.role, actor.only), lambda: orjson.dumps(described(crm, actor)))
    return Response(body, media_type=JSON)


def described(crm: Crm, actor: Actor) -> Schema:
    entities = [e for e in crm.blueprint.entities.values() if crm.reads.sight.may_open(actor, e.name)]
    paths: Schema = {
        "/api/v1/me": {"get": _call("me", "Who you are and what you may do", 200, _inline(_ME))},
        "/api/v1/calendar": {"get": _call("calendar", "What stands in the calendar", 200, _ref("Calendar"), _DAYS)},
        "/api/v1/today": {"get": _call("today", "What somebody has to attend to", 200, _ref("Today"), _WHOSE)},
        "/api/v1/search": {"get": _call("search", "Find in every entity", 200, _items("Found"), [_Q])},
    }
    schemas: Schema = {"Problem": _PROBLEM, "Done": _DONE, "Moves": _MOVES, "History": _HISTORY, "Found": _FOUND}
    paths.update(_report_paths(crm, actor))
    schemas |= {"Report": _REPORT, "Report.row": _REPORT_ROW, "Dashboard": _DASHBOARD}
    if any(may(crm.blueprint, actor, deed, entity.name) for entity in entities for deed in ("bulk", "export")):
        paths.update(_bulk_paths())
    schemas |= {"Calendar": _CALENDAR, "View": _VIEW, "View.kept": _inline(_VIEW_LOOKS)}
    schemas |= {"Calendar": _CALENDAR, "Today": _TODAY}
    for entity in entities:
        paths.update(_Described(crm, actor, entity).paths())
        schemas.update(_Described(crm, actor, entity).schemas())
    return {
        "openapi": VERSION,
        "info": {"title": crm.blueprint.manifest.title, "version": crm.blueprint.hash[:12] or "0", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {"schemas": schemas, "responses": {"Problem": _PROBLEM_ANSWER}, "securitySchemes": _SECURITY},
    }


class _Described:
    """One entity, as one actor may use it."""

    def __init__(self, crm: Crm, actor: Actor, entity: Entity) -> None:
        self.crm, self.actor, self.entity = crm, actor, entity
        self.name = entity.name
        self.fields = crm.reads.sight.fields(actor.role, entity.name)
        self.writable = crm.writes.writable(actor, entity.name)

    def may(self, action: str) -> bool:
        return may(self.crm.blueprint, self.actor, action, self.name)

    # ---- schemas

    def schemas(self) -> Schema:
        found = {self.name: self._read()}
        if self.may("create"):
            found[f"{self.name}.new"] = self._write(required=True)
        if self.may("update"):
            found[f"{self.name}.change"] = self._write(version=True)
        return found

    def _read(self) -> Schema:
        named = {n: read_schema(f) for n, f in self.fields.items() if f.type != "children"}
        title = {} if "title" in named else {"title": {"type": ["string", "null"]}}
        schema = {"type": "object", "properties": {**named, **title}, "required": ["id", "version"]}
        return {"title": self.entity.label, **schema}

    def _write(self, *, required: bool = False, version: bool = False) -> Schema:
        named = {n: write_schema(f) for n, f in self.fields.items() if n in self.writable}
        wanted = [n for n in named if self.fields[n].required and self.fields[n].default is None] if required else []
        more = {"version": {"type": "integer", "minimum": 1}} if version else {}
        schema = {"type": "object", "properties": {**named, **more}, "additionalProperties": False}
        return {**schema, "required": wanted} if wanted else schema

    # ---- paths

    def paths(self) -> Schema:
        at, one = f"/api/v1/{self.name}", f"/api/v1/{self.name}/{{id}}"
        found: dict[str, Schema] = {at: {"get": self._list()}, one: {"get": self._show(), "parameters": [_ID]}}
        found[f"{one}/history"] = {"get": self._history(), "parameters": [_ID]}
        found[f"{one}/timeline"] = {"get": self._timeline(), "parameters": [_ID]}
        if self.may("create"):
            found[at]["post"] = self._create()
        if self.may("create") or self.may("update") or self.may("delete"):
            found[f"{one}/undo"] = {"post": self._undo(), "parameters": [_ID]}
        if self.may("update"):
            found[one]["patch"] = self._change()
            if self.name not in NOT_MERGED:
                found[f"{one}/duplicates"] = {"get": self._duplicates(), "parameters": [_ID]}
                found[f"{one}/merge"] = {"post": self._merge(), "parameters": [_ID]}
                found[f"{one}/unmerge"] = {"post": self._unmerge(), "parameters": [_ID]}
            if self.crm.blueprint.workflows_of(self.name):
                found[f"{one}/transitions"] = {"get": self._moves(), "post": self._move(), "parameters": [_ID]}
        if self.may("delete"):
            found[one]["delete"] = self._delete()
            found[f"{one}/restore"] = {"post": self._restore(), "parameters": [_ID]}
        if self.may("bulk"):
            found[f"{at}/bulk"] = {"post": self._bulk()}
        if self.may("export"):
            found[f"{at}/export"] = {"post": self._export()}
        found[f"{at}/pick"] = {"get": self._pick()}
        found.update(self._view_paths(at))
        return found

    def _list(self) -> Schema:
        words = [_query(*word) for word in _LIST_WORDS]
        filters = [p for f in self.fields.values() if (p := self._filter(f.name))]
        return self._call("list", f"List {self.entity.plural}", 200, _items(self.name), [*words, *filters])

    def _filter(self, name: str) -> Schema | None:
        known = [w for w in field_type(self.fields[name].type).operators if w not in ("where", "some", "none")]
        also = ", ".join(f"`{name}.{word}`" for word in known)
        return _query(name, f"{self.fields[name].label}. Also {also}.") if known else None

    def _view_paths(self, at: str) -> dict[str, Schema]:
        all_of_them, one = {"get": self._views()}, {"get": self._view(), "parameters": [_VIEW_KEY]}
        if self.actor.only is None:
            all_of_them["post"] = self._keep_view()
            one |= {"patch": self._change_view(), "delete": self._drop_view()}
        return {f"{at}/views": all_of_them, f"{at}/views/{{key}}": one}

    def _views(self) -> Schema:
        return self._call("views", f"Your views of {self.entity.plural}", 200, _items("View"))

    def _view(self) -> Schema:
        return self._call("view", "One view", 200, _ref("View"))

    def _keep_view(self) -> Schema:
        return self._call("keep_view", "Keep a view", 201, _ref("View"), [], _ref("View.kept"))

    def _change_view(self) -> Schema:
        return self._call("change_view", "Change a view of yours", 200, _ref("View"), [], _ref("View.kept"))

    def _drop_view(self) -> Schema:
        return self._call("drop_view", "Take a view of yours away", 200, _inline({"key": _TEXT}))

    def _show(self) -> Schema:
        return self._call("show", f"One {self.entity.label}", 200, _ref(self.name))

    def _create(self) -> Schema:
        return self._call("create", f"Add a {self.entity.label}", 201, _ref(self.name), [_KEY], _ref(f"{self.name}.new"))

    def _change(self) -> Schema:
        wanted = _ref(f"{self.name}.change")
        return self._call("change", f"Change a {self.entity.label}", 200, _ref(self.name), [_KEY, _MATCH], wanted)

    def _delete(self) -> Schema:
        return self._call("delete", f"Put a {self.entity.label} into the bin", 200, _ref("Done"), [_KEY, _MATCH])

    def _restore(self) -> Schema:
        return self._call("restore", "Take it out of the bin", 200, _ref(self.name), [_KEY, _MATCH], _VERSION, False)

    def _moves(self) -> Schema:
        return self._call("transitions", "The moves from its stage, each with the reasons why not", 200, _ref("Moves"))

    def _move(self) -> Schema:
        return self._call("move", "Make a move", 200, _ref(self.name), [_KEY, _MATCH], _inline(_MOVE))

    def _duplicates(self) -> Schema:
        return self._call("duplicates", "Who it may be the same as, and what was merged into it", 200, _inline(_KNOWN))

    def _merge(self) -> Schema:
        summary = "Make another record part of this one; the other goes into the bin"
        return self._call("merge", summary, 200, _ref(self.name), [_KEY, _MATCH], _inline(_MERGE))

    def _unmerge(self) -> Schema:
        return self._call("unmerge", "Take a merge back", 200, _inline(_UNMERGED), [_KEY, _MATCH], _inline(_UNMERGE))

    def _history(self) -> Schema:
        words = [_query("limit", "1 to 200."), _query("cursor", "`next` of the page before.")]
        return self._call("history", "What was done to it, newest first", 200, _ref("History"), words)

    def _timeline(self) -> Schema:
        words = [_query("limit", "1 to 200."), _query("cursor", "`next` of the page before."),
                 _query("kind", "history, told, received, files, or an entity of activities.")]  # fmt: skip
        summary = "All that happened to it in one order, newest first"
        return self._call("timeline", summary, 200, _inline(_TIMELINE), words)

    def _bulk(self) -> Schema:
        summary = "Many commands at once, each by itself; or one deed on many records, which a worker does (202)"
        call = self._call("bulk", summary, 200, _inline(_RESULTS), [_KEY], {"oneOf": [_inline(_COMMANDS), _inline(_WISH)]})
        call["responses"]["202"] = {"description": "A worker does it", "content": {JSON: {"schema": _inline(_BULK)}}}
        return call

    def _export(self) -> Schema:
        summary = f"{self.entity.plural} as a file, which a worker writes: its bulk tells how far it is and where it lies"
        return self._call("export", summary, 202, _inline(_BULK), [], _inline(_EXPORT))

    def _undo(self) -> Schema:
        summary = "Take back what you did last to it, within an hour"
        return self._call("undo", summary, 200, _ref(self.name), [_KEY, _MATCH], _inline(_UNDO))

    def _pick(self) -> Schema:
        return self._call("pick", "Records to choose from", 200, _items("Found"), [_Q])

    def _call(self, deed: str, summary: str, status: int, answer: Schema, parameters: list[Schema] | None = None,
              body: Schema | None = None, body_wanted: bool = True) -> Schema:  # fmt: skip
        call = _call(f"{deed}_{self.name}", summary, status, answer, parameters or [])
        if body is not None:
            call["requestBody"] = {"required": body_wanted, "content": {JSON: {"schema": body}}}
        return {**call, "tags": [self.entity.label]}


# ---- pieces


def _bulk_paths() -> dict[str, Schema]:
    words = [_query("show", "done, skipped or failed: tell of those."), _query("cursor", "`next` of the page before.")]
    look = _call("bulk", "How far it is, and what became of each record", 200, _inline(_BULK), words)
    at = "/api/v1/bulk/{id}"
    return {
        at: {"get": look, "parameters": [_ID]},
        f"{at}/file": {"get": _file_call(), "parameters": [_ID]},
        f"{at}/stop": {"post": _call("stop_bulk", "Stop it", 200, _inline(_BULK)), "parameters": [_ID]},
        f"{at}/undo": {"post": _call("undo_bulk", "Take it all back", 202, _inline(_BULK)), "parameters": [_ID]},
    }


def _file_call() -> Schema:
    call = _call("bulk_file", "The file that an export wrote; there for a day, for who asked", 200, {})
    call["responses"]["200"]["content"] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return call


def _report_paths(crm: Crm, actor: Actor) -> dict[str, Schema]:
    """Those of which there is something for the actor, by their names."""
    reports = [one.name for one in crm.blueprint.reports.values() if may_see(crm.reads, actor, one)]
    desks = [one.name for one in crm.blueprint.dashboards.values() if actor.role in one.roles]
    found: dict[str, Schema] = {}
    for kind, names, whole in (("report", reports, "Report"), ("dashboard", desks, "Dashboard")):
        if names:
            at, name = f"/api/v1/{kind}s", {**_NAME, "schema": {"type": "string", "enum": names}}
            found[at] = {"get": _call(f"{kind}s", f"The {kind}s that are open to you", 200, _items(whole))}
            look = _call(kind, f"The numbers of one {kind}", 200, _ref(whole), _NARROWED)
            found[f"{at}/{{name}}"] = {"get": look, "parameters": [name]}
    return found


def _call(name: str, summary: str, status: int, answer: Schema, parameters: list[Schema] | None = None) -> Schema:
    good = {"description": summary, "content": {JSON: {"schema": answer}}}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters or [],
        "responses": {str(status): good, "default": {"$ref": "#/components/responses/Problem"}},
    }


def _query(name: str, description: str, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def _header(name: str, description: str) -> Schema:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _inline(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _items(name: str) -> Schema:
    several = {"type": "array", "items": _ref(name)}
    return _inline({"items": several, "next": _MAYBE, "count": {"type": "integer"}, "more": {"type": "boolean"}})


_TEXT: Schema = {"type": "string"}
_MAYBE: Schema = {"type": ["string", "null"]}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": ID}
_Q = _query("q", "What to look for.")
_KEY = _header("Idempotency-Key", "The same key with the same body is done once; kept for a day.")
_MATCH = _header("If-Match", 'The version that the change starts from, as the ETag: "3". Or say it in the body.')
_VERSION = _inline({"version": {"type": "integer"}})
_LIST_WORDS: tuple[tuple[str, str, Schema], ...] = (
    ("q", "What to look for in the searched fields.", _TEXT),
    ("sort", "Fields, with - before one for largest first: `-created_at,name`.", _TEXT),
    ("limit", "Rows of a page.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
    ("cursor", "`next` of the page before.", _TEXT),
    ("columns", "The fields wanted, with a comma between them; `account.name` looks one record further.", _TEXT),
    ("where", 'Nested conditions, as JSON: `{"any": [{"amount": {"above": 1000}}, {"owner": {"is": "me"}}]}`.', _TEXT),
    ("view", "The key of a view: what it asks holds too, its order and columns where none are asked for.", _TEXT),
    ("count", "Also tell how many there are, looking at no more than 10,000.", {"type": "boolean"}),
    ("deleted", "What lies in the bin.", {"type": "boolean"}),
)
_FOUND: Schema = _inline({"entity": _TEXT, "id": ID, "title": _MAYBE})
_VIEW_KEY: Schema = {"name": "key", "in": "path", "required": True, "schema": _TEXT}
_WORDS: Schema = {"type": "array", "items": _TEXT}
_COLUMN: Schema = _inline({"name": _TEXT, "width": {"type": ["integer", "null"]}})
_FLAG: Schema = {"type": "boolean"}
_VIEW_LOOKS: Schema = {
    "label": _TEXT, "kind": _TEXT, "where": {"type": "object"}, "q": _MAYBE, "group": _MAYBE, "sort": _WORDS,
    "columns": {"type": "array", "items": _COLUMN}, "options": {"type": "object"},
    "shared": _inline({"with": {"enum": ["set", "private", "team", "role", "everybody"]}, "of": _MAYBE}),
    "pinned": _FLAG, "first": _FLAG,
}  # fmt: skip
_VIEW: Schema = _inline({**_VIEW_LOOKS, "key": _TEXT, "may_change": _FLAG, "wrong": _MAYBE})
_DONE: Schema = _inline({"id": ID, "version": {"type": "integer"}})
_MOVE: Schema = {"transition": _TEXT, "values": {"type": "object"}, "version": {"type": "integer"}}
_MOVES: Schema = _inline({
    "items": {"type": "array", "items": _inline({
        "transition": _TEXT, "label": _TEXT, "field": _TEXT, "from": _TEXT, "to": _MAYBE,
        "allowed": {"type": "boolean"}, "reasons": _TEXTS, "who": _TEXTS, "asks": _TEXTS,
    })},
})  # fmt: skip
_KNOWN: Schema = {
    "items": {"type": "array", "items": _inline({
        "id": ID, "outcome": _TEXT, "entity": _TEXT, "record": ID, "title": _MAYBE, "at": _TEXT,
        "may_merge": {"type": "boolean"},
    })},
    "hidden": {"type": "boolean"}, "who": _TEXTS,
    "merges": {"type": "array", "items": _inline({"merge": ID, "title": _TEXT, "at": _TEXT})},
}  # fmt: skip
_MERGE: Schema = {
    "with": ID, "with_version": {"type": "integer"}, "version": {"type": "integer"},
    "choose": {"type": "object", "additionalProperties": {"enum": ["this", "other", "both"]}},
}  # fmt: skip
_UNMERGE: Schema = {"merge": ID, "version": {"type": "integer"}}
_UNMERGED: Schema = {"id": ID, "version": {"type": "integer"}, "back": _TEXTS, "kept": _TEXTS, "failed": _TEXTS}
_TIMELINE: Schema = {
    "items": {"type": "array", "items": {"type": "object", "properties": {
        "kind": {"type": "string", "description": "history, told, received, files, or an entity of activities."},
        "id": ID, "at": {"type": "string", "format": "date-time"},
        **{name: {"type": "object"} for name in ("event", "activity", "message", "received", "file")},
    }}},
    "next": {"type": ["string", "null"]},
}  # fmt: skip
_DAYS = [
    _query("from", "The first day, in your zone. Left out: today."),
    _query("to", "The last day. Left out: six days later; at most a year."),
    _query("people", "Whose: ids of users, `me` or `all`. Left out: `me`."),
    _query("kinds", "Which entities. Left out: all that can be planned."),
]
_CALENDAR: Schema = _inline({
    "items": {"type": "array", "items": _inline({
        "entity": _TEXT, "id": ID, "version": {"type": "integer"}, "title": _TEXT, "starts": _TEXT, "ends": _MAYBE,
        "all_day": {"type": "boolean"}, "done": {"type": "boolean"}, "cancelled": {"type": "boolean"}, "place": _MAYBE,
        "about": {"type": ["object", "null"]}, "owner": {"type": ["object", "null"]},
        "people": {"type": "array", "items": {"type": "object"}},
    })},
    "more": _TEXTS,
})  # fmt: skip
_WHOSE = [
    _query("who", "Whose day: `me`, or the id of somebody below. Left out: `me`."),
    _query("show", "One part of it, with up to 200 lines: overdue, today, tomorrow or none."),
]
_TODAY: Schema = _inline({
    "items": {"type": "array", "items": _inline({
        "part": {"enum": ["overdue", "today", "tomorrow", "none"]}, "entity": _TEXT, "id": ID, "title": _TEXT, "at": _MAYBE,
        "about": {"type": ["object", "null"]}, "phone": _MAYBE, "email": _MAYBE, "stage": _MAYBE,
    })},
    "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    "done": {"type": "integer"}, "left": {"type": "integer"},
})  # fmt: skip
_NAME: Schema = {"name": "name", "in": "path", "required": True}
_NARROWED = [
    _query("period", "`last month`, `this financial year`, `2026-Q1`; empty: any time. Left out: the report's own."),
    _query("from", "The first day of a period of one's own."), _query("until", "Its last day."),
    _query("owner", "Whose records: an id. So any choice, person or record that what is counted has a field for."),
    _query("links", "false leaves the addresses of the records out.", {"type": "boolean"}),
]
_NUMBERS: Schema = {"type": "object", "description": "By measure; money with its currency, a stay in seconds."}
_REPORT_ROW: Schema = _inline({
    "keys": {"type": "object", "description": "By axis: a value, a first day, or a record with its title."},
    "numbers": _NUMBERS, "others": {"type": "boolean"},
    "records": {"type": "object", "additionalProperties": _TEXT, "description": "By measure, the records that it counts."},
})  # fmt: skip
_PERIOD: Schema = {"type": ["object", "null"], "properties": {"asked": _MAYBE, "from": _TEXT, "before": _TEXT}}
_NAMED: Schema = {"type": "array", "items": _inline({"name": _TEXT, "label": _TEXT})}
_REPORT: Schema = _inline({
    "name": _TEXT, "label": _TEXT, "help": _MAYBE, "chart": _TEXT, "entities": _TEXTS, "group_by": _TEXTS,
    "measures": _NAMED, "as_of": _TEXT, "period": _PERIOD, "left_out": _TEXTS, "notes": _TEXTS, "axes": _NAMED,
    "columns": {"type": "array"}, "rows": {"type": "array", "items": _ref("Report.row")},
    "total": {"anyOf": [_ref("Report.row"), {"type": "null"}]}, "others": {"type": "integer"}, "refusal": _TEXT,
    "items": {"type": "array", "items": {"type": "object"}, "description": "Of a report that lists records."},
})  # fmt: skip
_DASHBOARD: Schema = _inline({
    "name": _TEXT, "label": _TEXT, "period": _PERIOD, "reports": {"type": "array", "items": _ref("Report")},
    "tiles": {"type": "array", "items": _inline({
        "name": _TEXT, "label": _TEXT, "number": {}, "more": {"type": "boolean"}, "change": _MAYBE, "records": _TEXT,
    })},
})  # fmt: skip
_HISTORY: Schema = _inline({"items": {"type": "array", "items": {"type": "object"}}, "next": _MAYBE})
_COMMANDS: Schema = {"commands": {"type": "array", "minItems": 1, "maxItems": 500, "items": {"type": "object"}}}
_RESULTS: Schema = {"done": {"type": "integer"}, "results": {"type": "array", "items": {"type": "object"}}}
_WISH: Schema = {
    "do": {"enum": ["update", "move", "tag", "delete"]}, "ids": {"type": "array", "items": ID},
    "filter": {"type": "object"}, "values": {"type": "object"}, "transition": _TEXT, "field": _TEXT, "add": _TEXTS,
    "remove": _TEXTS,
}  # fmt: skip
_BULK: Schema = {
    "id": ID, "entity": _TEXT, "do": _TEXT, "state": _TEXT, "count": {"type": "integer"}, "position": {"type": "integer"},
    "done": {"type": "integer"}, "skipped": {"type": "integer"}, "failed": {"type": "integer"}, "reason": _MAYBE,
    "file": _MAYBE,
    "undone_by": _MAYBE, "items": {"type": "array", "items": {"type": "object"}}, "next": _MAYBE,
}  # fmt: skip
_EXPORT: Schema = {
    "format": {"enum": list(KINDS)}, "filter": {"type": "object"}, "columns": _TEXT, "sort": _TEXT,
}  # fmt: skip
_UNDO: Schema = {"history": ID, "version": {"type": "integer"}}
_OBJECTS: Schema = {"type": "array", "items": {"type": "object"}}
_ME: Schema = {"id": ID, "name": _TEXT, "role": {"type": "object"}, "entities": _OBJECTS}
_PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "instance": _TEXT,
        "errors": {"type": "array", "items": _inline({"field": _MAYBE, "message": _TEXT})},
        "who": _TEXTS, "reasons": _TEXTS, "version": {"type": "integer"}, "theirs": {"type": "object"},
    },
    "required": ["type", "title", "status"],
}  # fmt: skip
_PROBLEM_ANSWER: Schema = {
    "description": "A problem document (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SECURITY: Any = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "crm"},
}
_ABOUT = (
    "Ids are text. A change names the version that it starts from; when somebody else was quicker the answer is 409 with "
    "`theirs`. What your role may not see does not exist here."
)
