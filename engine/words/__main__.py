"""`make words`: gathers every sentence that the program says into words.pot, and brings the catalogues up to date.

A sentence is found by who says it: `_()`, `ngettext()` and `{% trans %}` in templates, `say`, `say_n`, `said`, `said_n` in
Python, `word` and `words` in scripts.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from engine.words.catalogues import FOLDER

ENGINE = FOLDER.parent
TEMPLATE = FOLDER / "words.pot"
METHODS = [("web/assets/js/**.js", "javascript"), ("web/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
OPTIONS = {"**.html": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
KEYWORDS: dict = {
    "_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
    "say": None, "say_html": None, "say_n": (1, 2), "said": None, "sentence": None, "said_n": (1, 2),
    "word": None, "words": (1, 2),
}  # fmt: skip
COMMENTS = ["Words:"]  # a line above a sentence that begins so is told to the translator
HEADER = "# What the program says. Gathered by `make words`; translate in the files of the languages.\n#"


def gathered() -> Catalog:
    """Every sentence that the program's files say now."""
    found = Catalog(project="crm-engine", version="0", fuzzy=False, header_comment=HEADER)
    for file, _, message, comments, context in extract_from_dir(
        ENGINE, METHODS, OPTIONS, KEYWORDS, COMMENTS, directory_filter=_is_ours
    ):
        if message:
            found.add(message, None, [(f"engine/{file}", 0)], auto_comments=comments, context=context)
    return found


def _is_ours(folder: str | Path) -> bool:
    return Path(folder).name not in ("node_modules", "static", "words", "__pycache__", "starter", "schema", "gallery")


def languages() -> Iterator[Path]:
    yield from sorted(FOLDER.glob("*.po"))


def updated(file: Path, template: Catalog) -> Catalog:
    """A language's catalogue with the sentences that are said now: what is no longer said is dropped, nothing is guessed."""
    with file.open("rb") as opened:
        words = read_po(opened, locale=file.stem)
    words.update(template, no_fuzzy_matching=True)
    words.obsolete.clear()
    return words


def written(words: Catalog) -> bytes:
    """Sorted by the sentence and without line numbers, so that a change of code elsewhere changes nothing here."""
    out = io.BytesIO()
    write_po(out, words, width=120, sort_output=True, omit_header=False, include_lineno=False)
    text = out.getvalue().decode()
    dropped = ("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Last-Translator", "Language-Team", "Report-Msgid")
    lines = [line for line in text.splitlines(True) if not line.startswith(tuple(f'"{name}' for name in dropped))]
    return "".join(lines).encode()


def main() -> int:
    template = gathered()
    TEMPLATE.write_bytes(written(template))
    for file in languages():
        words = updated(file, template)
        file.write_bytes(written(words))
        missing = [message for message in words if message.id and not _is_told(message.string)]
        print(f"{file.name}: {len(template)} sentences, {len(missing)} not translated yet")
    return 0


def _is_told(string: object) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


if __name__ == "__main__":
    sys.exit(main())
