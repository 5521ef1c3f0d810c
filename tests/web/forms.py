"""What a browser without script would send: the fields of a form on a page, as they stand."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, Any]] = {}
        self.form: dict[str, Any] | None = None
        self.select: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        at = dict(given)
        if tag == "form":
            self.form = self.forms.setdefault(f"{at.get('method', 'get')} {at.get('action', '')}", {})
        elif self.form is None:
            return
        elif (
            tag == "input"
            and at.get("name")
            and not (at.get("type") in ("checkbox", "radio") and "checked" not in at)
        ):
            self._add(str(at["name"]), at.get("value") or "")
        elif tag == "select":
            self.select = at.get("name")
        elif tag == "option" and self.select and "selected" in at:
            self._add(self.select, at.get("value") or "")
        elif tag == "textarea":
            self.area = at.get("name")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area and self.form is not None and data.strip():
            self._add(self.area, data.strip())

    def _add(self, name: str, value: str) -> None:
        assert self.form is not None
        had = self.form.get(name)
        self.form[name] = value if had is None else [*(had if isinstance(had, list) else [had]), value]


def form_on(page: Any, action: str) -> dict[str, Any]:
    """The fields of the post form with this action. Raises KeyError when the page has none."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.forms[f"post {action}"]


def send(client: Any, page: Any, action: str, **typed: Any) -> Any:
    """Fills in the form and sends it, as the person behind the client would."""
    return client.post(action, data={**form_on(page, action), **typed})
