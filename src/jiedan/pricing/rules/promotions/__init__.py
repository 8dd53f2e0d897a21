"""What promotions make of a cart: right to the minor unit, explained, and the same however the cart is written.

**Who takes part.** Promotions act on lots: all units of one SKU at one unit price, whichever lines they stand on. Goods
priced by hand take no part: they are neither reduced nor counted.

**When.** A promotion is asked for its conditions first; the first that fails is its outcome. Those whose conditions
are met act in four stages, each in the order of (priority, id), on what earlier ones left to pay:

1. offers on goods: rates and amounts off units and lines, fixed prices, buy-and-get, bundles;
2. offers on the order: amounts and rates off all its goods, steps;
3. gifts;
4. reductions of the shipping fee.

**Thresholds.** What a promotion of stage 1 wants spent (`min_spend`) is counted in list worth; what later ones want
spent, steps included, in what is left after stage 1 and before stage 2. Quantities count all units of the goods. Gifts
count towards nothing.

**Sets.** A unit that a set offer (buy-and-get, bundle) has had, bought or got, is in no other set; rates, amounts and
fixed prices still act on what is left of it. Sets are made of the dearest units (by what is left to pay for them)
first, and in each set of buy-and-get the cheapest are the ones reduced. What is got from other goods are the dearest of
those. Bundles are made as long as one more saves anything.

**Rounding.** A rate is taken of the sum of all goods of the promotion, rounded half up once, and spread over the lots
by largest remainder. Nothing is reduced below 0, and a fixed price raises nothing.

**Counted units.** Where a promotion may reduce only so many units, the dearest are reduced.

**Which together.** Of an exclusive group at most one is given, and one that stacks not (`alone`) is given without any
other. Any promotion may be left out. Of all legal combinations the one that takes off the most is given: discounts on
goods, what the gifts are worth, what shipping is reduced by. Where two take off the same: the one with more gifts and
shipping offers, then fewer promotions, then those first by (priority, id). `stacking` says how it is found and bounded.
"""

from jiedan.pricing.rules.promotions.checking import problems_of_promotion
from jiedan.pricing.rules.promotions.compiling import Compiled, compile_promotions
from jiedan.pricing.rules.promotions.expressions import is_of_payment
from jiedan.pricing.rules.promotions.meeting import is_in_hours, methods_asked, passes
from jiedan.pricing.rules.promotions.promoting import promote, shipping_off
from jiedan.pricing.rules.promotions.publishing import excesses, gift_loops, of_any_currency, shadows

__all__ = [
    "Compiled",
    "compile_promotions",
    "excesses",
    "gift_loops",
    "is_in_hours",
    "is_of_payment",
    "methods_asked",
    "of_any_currency",
    "passes",
    "problems_of_promotion",
    "promote",
    "shadows",
    "shipping_off",
]
