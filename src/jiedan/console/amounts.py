"""Amounts of money as people type them."""

from jiedan.base import money
from jiedan.console.errors import AmountUnreadable


def typed(text: str, currency: str, *, field: str) -> int:
    """Return what was typed in minor units. Raises AmountUnreadable, about the field, for an unknown currency too."""
    try:
        return money.parse_amount(text, currency)
    except (KeyError, ValueError) as error:
        raise AmountUnreadable(text, currency, field=field) from error


def typed_if_any(text: str, currency: str, *, field: str) -> int | None:
    """Return what was typed in minor units, None for nothing. Raises AmountUnreadable, about the field."""
    return typed(text, currency, field=field) if text else None


def written(minor: int | None, currency: str) -> str:
    """Return an amount as it is typed, nothing for none; an unknown currency's in minor units."""
    if minor is None:
        return ""
    return f"{money.decimal_amount(minor, currency):f}" if money.is_currency(currency) else str(minor)
