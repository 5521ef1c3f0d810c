"""An amount of money, kept exactly in the currency's smallest unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Money
from engine.formats import Formats, Reading
from engine.markup import Html, escape
from engine.parts.controls import affixed, select, text_input
from engine.parts.currencies import around, digits, symbol
from engine.parts.fields.contract import Column, Control, Example, Unreadable
from engine.parts.numerals import fitted, number_in, scaled, typed_number, unscaled, writer
from engine.parts.plain import Whole
from engine.parts.refusals import said
from engine.words import said as sentence, speech

D = Decimal
_CODE = re.compile(r"^\s*([A-Za-z]{3})\b|\b([A-Za-z]{3})\s*$")
_SIGN = re.compile(r"^\s*(-?)\s*([^\d\s.,+-]+\.?)|([^\d\s.,]+)\s*$")
_TWO = {"currencies": ("INR", "USD"), "currency": "INR"}


class Type(Whole):
    label = "Money"
    doc = "An amount with its currency: the set's, or one of `currencies`. Sums, sorting and equality are exact."
    schema = {
        "currencies": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[A-Z]{3}$", "x-compiler": ["pattern"]},
            "minItems": 1,
            "uniqueItems": True,
            "description": "ISO 4217 codes; the first is offered first. Left out: the set's currency.",
        },
        "least": {"type": "number"},
        "most": {"type": "number"},
    }
    operators = ("is", "is_not", "above", "at_least", "below", "at_most", "between", "empty")
    examples = (
        Example(
            "1,00,000",
            Money(D("100000.00"), "USD"),
            "$100,000.00",
            {"amount": "100000.00", "currency": "USD"},
        ),
        Example("$ 12.5", Money(D("12.50"), "USD"), "$12.50", {"amount": "12.50", "currency": "USD"}),
        Example(99, Money(D("99.00"), "USD"), "$99.00", {"amount": "99.00", "currency": "USD"}),
        Example("-5", Money(D("-5.00"), "USD"), "-$5.00", {"amount": "-5.00", "currency": "USD"}),
        Example(
            {"amount": "12.50", "currency": "USD"},
            Money(D("12.50"), "USD"),
            "$12.50",
            {"amount": "12.50", "currency": "USD"},
            options=_TWO,
        ),
        Example(
            "USD 12.50",
            Money(D("12.50"), "USD"),
            "$12.50",
            {"amount": "12.50", "currency": "USD"},
            options=_TWO,
        ),
        Example("7", Money(D("7.00"), "INR"), "₹7.00", {"amount": "7.00", "currency": "INR"}, options=_TWO),
        Example(
            "¥700",
            Money(D("700"), "JPY"),
            "¥700",
            {"amount": "700", "currency": "JPY"},
            options={"currency": "JPY"},
        ),
        Example("", None, "", None),
        Example("12.345", refusal="12.345 has too many decimals. At most 2 are kept."),
        Example(
            "12.50", refusal="12.5 has too many decimals. Write a whole number.", options={"currency": "JPY"}
        ),
        Example("abc", refusal='"abc" is not a number. Write digits, for example 1250.50.'),
        Example("EUR 5", refusal='"EUR" is not a currency of this field. Choose INR or USD.', options=_TWO),
        Example("-1", refusal="-1 is too small. It must be at least 0.", options={"least": 0}),
    )

    def columns(self, field: Field) -> tuple[Column, ...]:
        amount = Column(kind="integer")
        return (amount, Column("currency", "text", 3)) if has_several(field) else (amount,)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        amount, currency = _halves(given)
        known = currencies_of(field, at.formats)
        currency = _known(currency, known) or _named(amount, known)
        number = number_in(_bare(amount, currency, known, at.formats), at.formats)
        if number is None:
            return None
        currency = currency or known[0]
        return Money(
            fitted(number, digits(currency), field.options.get("least"), field.options.get("most")), currency
        )

    def gather(self, field: Field, form: Mapping[str, Any], name: str) -> Any:
        amount = form.get(name)
        return {"amount": amount, "currency": form.get(f"{name}__currency")} if has_several(field) else amount

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        if value is None:
            return (None, None) if has_several(field) else (None,)
        amount = scaled(value.amount, places_of(field, value.currency))
        return (amount, value.currency) if has_several(field) else (amount,)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        if raw[0] is None:
            return None
        currency = raw[1] if has_several(field) else _single(field)
        return Money(
            unscaled(raw[0], places_of(field, currency)).quantize(D(1).scaleb(-digits(currency))), currency
        )

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else {"amount": f"{value.amount:f}", "currency": value.currency}

    def typed(self, field: Field, value: Any, formats: Formats) -> Any:
        if value is None:
            return ""
        text = typed_number(value.amount, formats)
        return f"{value.currency} {text}" if has_several(field) else text

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        if value is None:
            return ""
        places = digits(value.currency)
        return _writer(value.currency, places, formats)(scaled(value.amount, places))

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        if has_several(field):
            return self._mixed_cell(field, formats)
        currency = _single(field, formats)
        write = _html_writer(currency, places_of(field, currency), formats)
        return lambda *raw: "" if raw[0] is None else write(raw[0])

    def _mixed_cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return lambda amount, currency, *_: (
            ""
            if amount is None
            else str(escape(self.show(field, self.load(field, (amount, currency)), formats)))
        )

    def control(self, field: Field, at: Control) -> Html:
        known = currencies_of(field, at.formats)
        amount, currency = _halves(at.text if not isinstance(at.text, str) else _split(at.text, known))
        plain = Control(**{**_slots(at), "text": amount})
        box = text_input(plain, class_="input is-number", inputmode="decimal", autocomplete="off")
        if not has_several(field):
            return affixed(symbol(known[0], at.formats), box, None)
        return affixed(_menu(at, known, currency or known[0]), box, None)


def has_several(field: Field) -> bool:
    return len(field.options.get("currencies") or ()) > 1


def currencies_of(field: Field, formats: Formats | None = None) -> tuple[str, ...]:
    several = tuple(field.options.get("currencies") or ())
    first = field.options.get("currency", "")
    if several:
        return (first, *(c for c in several if c != first)) if first in several else several
    return (_single(field, formats),)


def places_of(field: Field, currency: str) -> int:
    """How far the raw integer is scaled: one scale for the field, so that its amounts sort and compare."""
    if "places" in field.options:
        return field.options["places"]
    return max(map(digits, field.options.get("currencies") or (currency,)))


def _single(field: Field, formats: Formats | None = None) -> str:
    several = field.options.get("currencies") or ()
    return (
        several[0] if several else field.options.get("currency") or (formats.currency if formats else "USD")
    )


def _halves(given: Any) -> tuple[Any, Any]:
    if isinstance(given, Money):
        return given.amount, given.currency
    if isinstance(given, Mapping):
        return given.get("amount", given.get("")), given.get("currency")
    return given, None


def _known(currency: Any, known: tuple[str, ...]) -> str | None:
    if currency in (None, ""):
        return None
    if not isinstance(currency, str) or currency.strip().upper() not in known:
        raise Unreadable(sentence(
            "{given} is not a currency of this field. Choose {names}.", given=said(currency), names=' or '.join(known)
        ))
    return currency.strip().upper()


def _named(amount: Any, known: tuple[str, ...]) -> str | None:
    """The currency whose code stands before or after the number."""
    if (
        not isinstance(amount, str)
        or not (found := _CODE.search(amount))
        or not any(c.isdecimal() for c in amount)
    ):
        return None
    return _known(found[1] or found[2], known)


def _bare(amount: Any, currency: str | None, known: tuple[str, ...], formats: Formats) -> Any:
    """The number without the sign or code of its currency."""
    if not isinstance(amount, str) or len(amount) > 60:
        return amount
    found = _SIGN.search(amount)
    sign = (found[2] or found[3]) if found else None
    if sign and sign.strip().rstrip(".").casefold() in _signs(currency or known[0], formats):
        return amount[: found.start(2 if found[2] else 3)] + amount[found.end(2 if found[2] else 3) :]  # type: ignore[union-attr,index]
    return amount


@lru_cache(maxsize=256)
def _signs(currency: str, formats: Formats) -> frozenset[str]:
    local = {"INR": {"rs", "₹"}, "USD": {"$", "us$"}, "JPY": {"¥"}}.get(currency, set())
    return frozenset({currency.casefold(), symbol(currency, formats).rstrip(".").casefold(), *local})


def _writer(currency: str, places: int, formats: Formats) -> Callable[[int], str]:
    return writer(formats, places, *around(currency, formats))


def _html_writer(currency: str, places: int, formats: Formats) -> Callable[[int], str]:
    return writer(formats, places, *(str(escape(piece)) for piece in around(currency, formats)))


def _split(text: str, known: tuple[str, ...]) -> Any:
    found = _CODE.search(text)
    code = (found[1] or found[2]).upper() if found else None
    return {"amount": _CODE.sub("", text).strip(), "currency": code} if code in known else text


def _menu(at: Control, known: tuple[str, ...], chosen: str) -> Html:
    return select(
        at,
        [(code, code) for code in known],
        [chosen],
        blank=False,
        id=f"f-{at.name}--currency",
        name=f"{at.name}__currency",
        aria_label=speech(at.formats.language).say("Currency"),
        required=False,
        autofocus=False,
    )


def _slots(at: Control) -> dict[str, Any]:
    return {name: getattr(at, name) for name in at.__slots__}
