"""What every field type answers. One type is one file in this folder; the file's name is the word in YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field as dataclass_field
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html


class Unreadable(ValueError):
    """A given value cannot be one of this type; the text is a whole sentence: what was found, what would be right."""

    @property
    def message(self) -> str:
        """The sentence as it was made: `str()` of an exception forgets what it can be told again from."""
        return str(self) if not self.args else self.args[0]


@dataclass(frozen=True, slots=True)
class Column:
    """A column in the table. `suffix` is "" for the first one, else it is joined to the field's name by two
    underscores. `kind`: text, integer (64 bit), real. Money and decimals are scaled integers, moments are
    milliseconds since 1970 UTC, dates `YYYY-MM-DD`, times `HH:MM`, yes/no 0 and 1: the same on both databases."""

    suffix: str = ""
    kind: str = "text"
    longest: int | None = None  # characters; None: no limit in the database
    references: str | None = None  # an entity whose id it holds


@dataclass(frozen=True, slots=True)
class Example:
    """An honest example: the contract test gives `given`, wants `value`, stores and loads it, and wants `shown`.

    With `refusal` in place of `value`, the given value must be refused with exactly that sentence.
    """

    given: Any
    value: Any = None
    shown: str | None = None
    json: Any = None
    refusal: str | None = None
    options: Mapping[str, Any] = dataclass_field(default_factory=dict)  # as written in YAML


@dataclass(frozen=True, slots=True)
class Control:
    """What a form control needs beside the field: ids and names are made from `name`."""

    name: str
    text: Any  # what is shown in it: the value as text, or what the person typed before an error
    formats: Formats
    required: bool = False
    invalid: bool = False
    described_by: str | None = None
    picked: tuple[tuple[str, str], ...] = ()  # references: (id, title) that are chosen now
    pick_url: str | None = None  # references: where the picker searches, in the actor's scope
    offered: tuple[tuple[str, str], ...] = ()  # references: further (id, title) to choose from without script
    # References: where a record to point to can be made, in words, and the field of its name.
    makes: tuple[tuple[str, str, str], ...] = ()
    autofocus: bool = False
    personal: bool = False  # whoever fills it in speaks of themselves, so the browser may offer what it knows of them


class FieldType:
    """Base of the field types; a subclass named `Type` in each file. Stateless: all that varies is in `field`.

    An empty value is None for every type, also for those with many values.
    """

    word: ClassVar[str] = ""  # set from the file's name
    label: ClassVar[str] = ""
    doc: ClassVar[str] = ""  # a sentence or two for the reference
    schema: ClassVar[Mapping[str, Any]] = {}  # JSON Schema `properties` of the extra YAML keys
    needs: ClassVar[tuple[str, ...]] = ()  # the extra keys that must be there
    operators: ClassVar[tuple[str, ...]] = ()
    stored: ClassVar[bool] = True  # False: computed, rollup, children, references (own table)
    many: ClassVar[bool] = False  # the value is a tuple
    searchable: ClassVar[bool] = False  # searched unless the YAML says `search: false`
    sortable: ClassVar[bool] = True
    numeric: ClassVar[bool] = False  # aligned at the end; may be summed
    grouped: ClassVar[bool] = False  # its control is several inputs: name it by a legend, not by a label
    beside: ClassVar[
        tuple[str, ...]
    ] = ()  # what the reader hands `cell` after the raw columns: `title`, `key`, `name`
    examples: ClassVar[tuple[Example, ...]] = ()

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(),)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        """The value that a person's text or an API's JSON means; None when empty.

        Raises Unreadable with a whole sentence."""
        raise NotImplementedError

    def gather(self, field: Field, form: Mapping[str, Any], name: str) -> Any:
        """What a posted form holds for this field, ready for `read`; types with several inputs override it."""
        return form.get(name)

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        """One raw value for each column."""
        return (value,)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        """The value from the raw columns; the inverse of `store`."""
        return raw[0]

    def json(self, field: Field, value: Any) -> Any:
        return value

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        """The value as its form control wants it: what `read` takes back unchanged."""
        return "" if value is None else str(value)

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        """The value as plain text for people, in their language and zone."""
        return "" if value is None else str(value)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        """A function from the raw columns to the HTML inside a table cell, made once for a list and called for
        each row: it must escape, and be quick. The default goes through `load` and `show`."""
        raise NotImplementedError

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        """The value on a record's page."""
        raise NotImplementedError

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        """A function from what `cell` is given to what `html` gives ("" when empty), made once for a role: for the types
        that fill most pages. None: `html` itself is asked."""
        return None

    def control(self, field: Field, at: Control) -> Html:
        """The form control's markup."""
        raise NotImplementedError

    def find(self, field: Field, value: Any) -> str | None:
        """The normalised text that search and `contains` look in (`engine.folding.fold`), or None."""
        return None

    def needle(self, field: Field, typed: str, formats: Formats) -> str | None:
        """What to look for in `find` texts when a person types this; None when this field cannot hold it."""
        return None
