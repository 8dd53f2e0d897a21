"""Tax rates as rows of a file: a percentage, days and words, and back. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from jiedan.base import spreadsheets
from jiedan.pricing import values

HEADINGS = (
    *("country", "region", "postal", "tax_class", "percent", "name", "compound", "position", "from", "until"),
)  # fmt: skip
"""Of a file of tax rates; an import knows the same columns."""

_PPM_OF_PERCENT = 10_000
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,10})?")


def ppm_of(percent: str) -> int | None:
    """Return a percentage like `8.875` or `8.875%` in parts per million, exactly; None where it is none."""
    text = percent.strip().removesuffix("%").strip()
    if not _PERCENT.fullmatch(text):
        return None
    exact = Decimal(text) * _PPM_OF_PERCENT
    return int(exact) if exact == int(exact) and exact <= values.RATE_PPM_MAX else None


def percent_of(rate_ppm: int) -> str:
    """Return a rate as a percentage, without zeros at its end: `8.875`."""
    whole, rest = divmod(rate_ppm, _PPM_OF_PERCENT)
    return f"{whole}.{rest:04d}".rstrip("0") if rest else str(whole)


def cells_of(rates: Iterable[values.TaxRate], zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    """Yield rates as the cells of a file, moments by the merchant's clock, which no spreadsheet takes for formulas."""
    for rate in rates:
        texts = (rate.country, rate.region, rate.postal, rate.tax_class)
        yield (
            *map(spreadsheets.shielded, texts),
            percent_of(rate.rate_ppm),
            spreadsheets.shielded(rate.component),
            "yes" if rate.is_compound else "",
            rate.position or "",
            _written(rate.from_at, zone),
            _written(rate.until_at, zone),
        )


def _written(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).isoformat()
