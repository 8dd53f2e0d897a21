"""Use cases of pricing: set tax rates and shipping fees, each change under a new version."""

from collections.abc import Sequence
from typing import NamedTuple

from jiedan.base import money
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.pricing import errors, events, queries, values

TAX_CLASS_CHARACTERS_MAX = 40
COUNTRY_CHARACTERS = 2


class TaxRateRow(NamedTuple):
    """A tax rate to set; `rate_ppm` None removes it."""

    country: str
    tax_class: str
    rate_ppm: int | None


class ShippingFeeRow(NamedTuple):
    """A flat shipping fee to set, in minor units of `currency`."""

    currency: str
    fee_minor: int
    free_from_minor: int | None = None
    tax_class: str = "standard"


async def set_tax_rates(tx: Tx, *, rows: Sequence[TaxRateRow]) -> int:
    """Set or remove tax rates and return the version then, a new one where something changed.

    Raises CannotPrice naming each bad row.
    """
    _refuse([_tax_rate_problem(row, i) for i, row in enumerate(rows)])
    keep = {(r.country, r.tax_class): r.rate_ppm for r in rows if r.rate_ppm is not None}
    drop = sorted({(r.country, r.tax_class) for r in rows if r.rate_ppm is None} - set(keep))
    changed = await tx.sql_count(
        queries.SQL["upsert_tax_rates"],
        countries=[country for country, _ in sorted(keep)],
        tax_classes=[tax_class for _, tax_class in sorted(keep)],
        rates_ppm=[keep[key] for key in sorted(keep)],
    )
    changed += await tx.sql_count(
        queries.SQL["delete_tax_rates"],
        countries=[country for country, _ in drop],
        tax_classes=[tax_class for _, tax_class in drop],
    )
    return await _version_after(tx, changed, ("tax_rates",))


async def set_shipping_fees(tx: Tx, *, rows: Sequence[ShippingFeeRow]) -> int:
    """Set flat shipping fees by currency and return the version then, a new one where something changed.

    Raises CannotPrice naming each bad row.
    """
    _refuse([_shipping_fee_problem(row, i) for i, row in enumerate(rows)])
    by_currency = {row.currency: row for row in rows}
    good = [by_currency[currency] for currency in sorted(by_currency)]
    changed = await tx.sql_count(
        queries.SQL["upsert_shipping_fees"],
        currencies=[row.currency for row in good],
        fees_minor=[row.fee_minor for row in good],
        free_from_minor=[row.free_from_minor for row in good],
        tax_classes=[row.tax_class for row in good],
    )
    return await _version_after(tx, changed, ("shipping_fees",))


async def _version_after(tx: Tx, changed: int, fields: tuple[str, ...]) -> int:
    """Take the next version if rows changed; its row is locked, so the versions of changes follow one another."""
    if not changed:
        return await tx.load_one(queries.version())
    version = int((await tx.sql(queries.SQL["raise_version"]))[0][0])
    tx.emit(events.PriceRulesChanged(merchant_id=tx.tenant, version=version, fields=fields))
    return version


def _refuse(problems: Sequence[Refusal | None]) -> None:
    reasons = tuple(problem for problem in problems if problem is not None)
    if reasons:
        raise errors.CannotPrice(reasons)


def _tax_rate_problem(row: TaxRateRow, i: int) -> Refusal | None:
    is_country = len(row.country) == COUNTRY_CHARACTERS and row.country.isascii() and row.country.isupper()
    fine = (
        (is_country or row.country == values.ANY_COUNTRY)
        and 0 < len(row.tax_class) <= TAX_CLASS_CHARACTERS_MAX
        and (row.rate_ppm is None or 0 <= row.rate_ppm <= values.RATE_PPM_MAX)
    )
    return None if fine else errors.TaxRateInvalid(row.country, row.tax_class, field=f"tax_rates[{i}]")


def _shipping_fee_problem(row: ShippingFeeRow, i: int) -> Refusal | None:
    amounts = (row.fee_minor, row.free_from_minor or 0)
    fine = money.is_currency(row.currency) and all(0 <= a <= money.AMOUNT_MINOR_MAX for a in amounts)
    return None if fine else errors.ShippingFeeInvalid(row.currency, field=f"shipping_fees[{i}]")
