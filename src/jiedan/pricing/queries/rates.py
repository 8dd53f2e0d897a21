"""Read tax rates and flat shipping fees with their version; and the rates of the draft as a file."""

from typing import Any
from zoneinfo import ZoneInfo

from jiedan.accounts import queries as accounts
from jiedan.base import spreadsheets
from jiedan.base.db import Load, ReadTx
from jiedan.pricing import rules as decisions
from jiedan.pricing import values
from jiedan.pricing.queries import drafts, versions
from jiedan.pricing.rules.taxes import rows as written


def rules(*, prices_include_tax: bool) -> Load[values.PriceRules]:
    """Return what the newest version says of plain tax rates and flat fees."""
    newest = versions.last_book()

    def parse(rows: list[tuple[Any, ...]]) -> values.PriceRules:
        found = newest.parse(rows)
        if found is None:
            return decisions.flat_rules(versions.EMPTY, version=0, prices_include_tax=prices_include_tax)
        return decisions.flat_rules(found.book, version=found.brief.version, prices_include_tax=prices_include_tax)

    return Load(newest.statement, newest.parameters, parse)


async def tax_rates_csv(tx: ReadTx) -> bytes:
    """Return the tax rates of the draft as CSV that spreadsheets open and an import takes. One round trip.

    Moments are by the merchant's clock.
    """
    settings, present = await tx.load(accounts.settings(), drafts.draft_rules(["tax_rate"]))
    rates = [rule.body for rule in present if isinstance(rule.body, values.TaxRate)]
    lines = spreadsheets.csv_lines([written.HEADINGS, *written.cells_of(rates, ZoneInfo(settings.time_zone))])
    return (spreadsheets.BYTE_ORDER_MARK + lines).encode()
