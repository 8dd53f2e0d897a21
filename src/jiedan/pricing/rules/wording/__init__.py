"""Plain language for everything that prices: what a rule says, and what became of it, for whoever reads it.

Pure: sentences come from the catalogs of translations by the language of a `Reader`, names of things from what the
caller has looked up. `promotion(…)` says what a merchant wrote, `outcome(…)` what became of it for one cart.
"""

from jiedan.pricing.rules.wording.conditions import summary as promotion
from jiedan.pricing.rules.wording.formulas import formula
from jiedan.pricing.rules.wording.lists import exchange_rate, manual_limit, price_list, rounding, surcharge
from jiedan.pricing.rules.wording.offers import goods, offer, trait, traits
from jiedan.pricing.rules.wording.outcomes import OUTCOMES, coupon, invitation, outcome
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.rules.wording.rules import rule
from jiedan.pricing.rules.wording.shipping import method as shipping_method
from jiedan.pricing.rules.wording.shipping import reason as shipping_reason
from jiedan.pricing.rules.wording.shipping import step as shipping_step
from jiedan.pricing.rules.wording.taxes import found as found_rate
from jiedan.pricing.rules.wording.taxes import note as tax_note
from jiedan.pricing.rules.wording.taxes import rate as tax_rate
from jiedan.pricing.rules.wording.units import added, converted, unit
from jiedan.pricing.rules.wording.units import source as unit_source

__all__ = [
    "OUTCOMES",
    "Reader",
    "added",
    "converted",
    "coupon",
    "exchange_rate",
    "formula",
    "found_rate",
    "goods",
    "invitation",
    "manual_limit",
    "offer",
    "outcome",
    "price_list",
    "promotion",
    "rounding",
    "rule",
    "shipping_method",
    "shipping_reason",
    "shipping_step",
    "surcharge",
    "tax_note",
    "tax_rate",
    "trait",
    "traits",
    "unit",
    "unit_source",
]
