"""Amounts of money as people type them."""

from jiedan.base import money
from jiedan.console.errors import AmountUnreadable


def typed(text: str, currency: str, *, field: str) -> int:
    """Return what was typed in minor units. Raises AmountUnreadable, about the field."""
    try:
        return money.parse_amount(text, currency)
    except ValueError as error:
        raise AmountUnreadable(text, currency, field=field) from error


def typed_if_any(text: str, currency: str, *, field: str) -> int | None:
    """Return what was typed in minor units, None for nothing. Raises AmountUnreadable, about the field."""
    return typed(text, currency, field=field) if text else None
