"""Which country counts as the merchant's home for the tax of an order that stands: that of when it was placed. Pure.

It counts where the tax settings name no home. Orders that are older than what is kept of it tell it by what they were
charged: before the merchant's country was the home of rules that name none, they had none, and gave no relief.
"""

import msgspec

from jiedan.orders.values import Order, OrderTax, OrderWithLines
from jiedan.pricing.rules import QuoteRules
from jiedan.pricing.values import TaxNote, TaxStatus


def tax_of(status: TaxStatus, notes: tuple[TaxNote, ...], country: str) -> OrderTax:
    """Return what is kept of the tax of a new order, of a merchant in `country`."""
    return OrderTax(status, notes, country if status.has_papers else None)


def home_of(found: OrderWithLines, country: str) -> str:
    """Return the merchant's home as it was for an order, empty where there was none; `country` is that of now."""
    tax = found.order.tax
    if tax is None or not tax.status.has_papers:
        return country
    if tax.home is not None:
        return tax.home
    is_freed = any(note.code == "certificate" for note in tax.notes) and any(x.tax_included for x in found.lines)
    return "" if is_freed and not any(x.relief_minor for x in found.lines) else country


def noted(order: Order, notes: tuple[TaxNote, ...] | None, rules: QuoteRules) -> Order:
    """Return the order with what becomes of what its customer had to show by `rules`, and the home these counted in."""
    tax = order.tax
    if tax is None or notes is None or notes == tax.notes:
        return order
    told = msgspec.structs.replace(tax, notes=notes)
    if tax.status.has_papers and not rules.taxes.names_home:
        told = msgspec.structs.replace(told, home=rules.taxes.settings.home_country)
    return msgspec.structs.replace(order, tax=told)
