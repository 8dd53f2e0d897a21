"""What can be done with prices: one function per use case."""

from jiedan.pricing.service.drafts import change_rule, create_rule, discard_changes, remove_rule
from jiedan.pricing.service.entries import ENTRIES_PER_CALL_MAX, ListPriceRow, ListPriceSet, set_list_prices
from jiedan.pricing.service.publishing import checked, problems, publish, roll_back, unpublished, withdraw
from jiedan.pricing.service.rates import ShippingFeeRow, TaxRateRow, set_shipping_fees, set_tax_rates
from jiedan.pricing.service.removals import forget_removals, restore_removed
from jiedan.pricing.service.tax_rows import write_tax_rates

__all__ = [
    "ENTRIES_PER_CALL_MAX",
    "ListPriceRow",
    "ListPriceSet",
    "ShippingFeeRow",
    "TaxRateRow",
    "change_rule",
    "checked",
    "create_rule",
    "discard_changes",
    "forget_removals",
    "problems",
    "publish",
    "remove_rule",
    "restore_removed",
    "roll_back",
    "set_list_prices",
    "set_shipping_fees",
    "set_tax_rates",
    "unpublished",
    "withdraw",
    "write_tax_rates",
]
