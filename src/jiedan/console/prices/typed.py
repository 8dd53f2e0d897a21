"""What rules are made of, as people type it and as it is written back: amounts, rates, goods, moments. Pure."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jiedan.base import money
from jiedan.console import amounts as single
from jiedan.console.errors import (
    AmountUnreadable,
    CountUnreadable,
    MomentUnreadable,
    RateUnreadable,
    ReductionUnreadable,
)
from jiedan.pricing.rules import attributes
from jiedan.pricing.values import promotions

LIST_CHARACTERS_MAX = 100_000
"""Of a field that takes many codes."""

_SEPARATORS = re.compile(r"[,，、;；\n]")
_MONEY = re.compile(r"(?:([A-Za-z]{3})\s*)?([0-9.]+)(?:\s*([A-Za-z]{3}))?")
_PERCENT_DIGITS = 4
DIGITS_MAX = 18
_WHOLE = re.compile(r"-?[0-9]{1,18}")


class Typing(NamedTuple):
    """How the merchant writes: amounts without a currency are in `currency`, moments by the clock of `time_zone`."""

    currency: str
    time_zone: str


def texts(typed: str) -> tuple[str, ...]:
    """Return texts set apart by commas or lines, each once, in their order."""
    return tuple(dict.fromkeys(part.strip() for part in _SEPARATORS.split(typed) if part.strip()))


def listed(texts: Iterable[str]) -> str:
    """Return texts as they are typed."""
    return ", ".join(texts)


def traits(typed: str) -> tuple[str, ...]:
    """Return choices of goods: `category:tea`; a code without a kind is a SKU's."""
    return tuple(dict.fromkeys(text if _has_kind(text) else f"sku:{text}" for text in texts(typed)))


def traits_typed(traits: Iterable[str]) -> str:
    """Return choices of goods as they are typed."""
    return listed(
        code if kind == "sku" and not _has_kind(code) else f"{kind}:{code}"
        for kind, _, code in (trait.partition(":") for trait in traits)
    )


def goods(typed: str) -> promotions.Goods:
    """Return a choice of goods in one text: any of these, `+` before what all have, `-` before what none has."""
    signs: dict[str, list[str]] = {"": [], "+": [], "-": []}
    for text in texts(typed):
        sign = text[0] if text[0] in "+-" else ""
        signs[sign] += traits(text.removeprefix(sign))
    return promotions.Goods(tuple(signs[""]), tuple(signs["+"]), tuple(signs["-"]))


def goods_typed(goods: promotions.Goods) -> str:
    """Return a choice of goods as it is typed in one text."""
    groups = (("", goods.any_of), ("+", goods.all_of), ("-", goods.none_of))
    return listed(f"{sign}{traits_typed([trait])}" for sign, traits in groups for trait in traits)


def _has_kind(text: str) -> bool:
    return text.partition(":")[0] in promotions.TRAIT_KINDS and ":" in text


def amounts(typed: str, how: Typing, field: str) -> promotions.Amounts:
    """Return amounts by currency: `100`, or `100 CNY, 15 USD`. Raises AmountUnreadable."""
    found: promotions.Amounts = {}
    for text in texts(typed):
        match = _MONEY.fullmatch(text)
        named = (match[1] or match[3] or how.currency).upper() if match else how.currency
        if match is None or (match[1] and match[3]) or not money.is_currency(named) or named in found:
            raise AmountUnreadable(text, named, field=field)
        found[named] = single.typed(match[2], named, field=field)
    return found


def amounts_typed(amounts: promotions.Amounts, how: Typing) -> str:
    """Return amounts as they are typed."""
    if list(amounts) == [how.currency]:
        return single.written(amounts[how.currency], how.currency)
    return listed(f"{single.written(minor, currency)} {currency}" for currency, minor in sorted(amounts.items()))


def rate(typed: str, field: str) -> int:
    """Return a percentage in parts per million. Raises RateUnreadable for more than four decimals."""
    text = typed.replace("％", "%").removesuffix("%").strip()
    try:
        ppm = Decimal(text).scaleb(_PERCENT_DIGITS) if len(text) <= DIGITS_MAX else Decimal("NaN")
    except InvalidOperation:
        ppm = Decimal("NaN")
    if not ppm.is_finite() or ppm != ppm.to_integral_value() or abs(ppm) > 10**DIGITS_MAX:
        raise RateUnreadable(typed, field=field)
    return int(ppm)


def rate_typed(ppm: int) -> str:
    """Return parts per million as a percentage is typed."""
    return f"{Decimal(ppm).scaleb(-_PERCENT_DIGITS).normalize():f}%"


def reduction(typed: str, how: Typing, field: str) -> tuple[int, promotions.Amounts]:
    """Return a rate (`20%`) or amounts (`20`, `20 CNY, 3 USD`). Raises ReductionUnreadable, RateUnreadable."""
    if typed.replace("％", "%").endswith("%"):
        return rate(typed, field), {}
    try:
        return 0, amounts(typed, how, field)
    except AmountUnreadable as error:
        raise ReductionUnreadable(typed, how.currency, field=field) from error


def reduction_typed(rate_ppm: int, amounts: promotions.Amounts, how: Typing) -> str:
    """Return a rate or amounts as they are typed."""
    if amounts:
        return amounts_typed(amounts, how)
    return rate_typed(rate_ppm) if rate_ppm else ""


def count(typed: str, field: str) -> int | None:
    """Return a whole number; None for an empty text. Raises CountUnreadable."""
    if not typed:
        return None
    if not _WHOLE.fullmatch(typed) or not typed.isascii():
        raise CountUnreadable(typed, field=field)
    return int(typed)


def count_typed(number: int | None) -> str:
    """Return a whole number as it is typed; nothing for none."""
    return "" if number is None else str(number)


def moment(typed: str, how: Typing, field: str) -> dt.datetime | None:
    """Return a moment by the merchant's clock, of a day its beginning; None for nothing. Raises MomentUnreadable."""
    if not typed:
        return None
    try:
        found = dt.datetime.fromisoformat(typed)
        local = found.replace(tzinfo=ZoneInfo(how.time_zone)) if found.tzinfo is None else found
        return local.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise MomentUnreadable(typed, field=field) from error


def moment_typed(at: dt.datetime | None, how: Typing) -> str:
    """Return a moment as an input for local moments has it."""
    if at is None:
        return ""
    return at.astimezone(ZoneInfo(how.time_zone)).replace(tzinfo=None).isoformat(timespec="minutes")


def value(typed: str) -> promotions.AttributeValue:
    """Return the value of an attribute: `true` and `false`, whole numbers, and texts; `"12"` is a text."""
    return attributes.value_of(typed)


def value_typed(value: promotions.AttributeValue) -> str:
    """Return the value of an attribute as it is typed."""
    return attributes.text_of(value)


def columns(*of: Sequence[str]) -> list[tuple[str, ...]]:
    """Return rows of inputs that stand beside each other, each at its place, empty ones too."""
    longest = max((len(column) for column in of), default=0)
    padded = [[*column, *[""] * (longest - len(column))] for column in of]
    return list(zip(*padded, strict=True))


def rows(*of: Sequence[str]) -> list[tuple[str, ...]]:
    """Return rows of inputs that stand beside each other; those that are wholly empty are left out."""
    return [row for row in columns(*of) if any(row)]
