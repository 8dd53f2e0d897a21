"""Have pieces of placed orders made to other measures, at the prices of the rules that priced them."""

from collections.abc import Sequence

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import MerchantSettings
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import one_of
from jiedan.orders import errors
from jiedan.orders.placement.load import RULES
from jiedan.orders.rules import bespoke, homes, remeasuring
from jiedan.orders.service import approving
from jiedan.orders.values import Line, LineMeasures, OrderWithLines
from jiedan.pricing import queries as pricing
from jiedan.pricing.errors.drafts import PriceBookNotFound
from jiedan.pricing.rules import QuoteRules
from jiedan.pricing.values import Formula


async def remeasured(tx: Tx, found: OrderWithLines, wanted: Sequence[LineMeasures]) -> tuple[Line, ...]:
    """Return the lines of an order with other measures, their tax still as it was; no statement without any.

    `wanted` has passed `remeasuring.check`. Raises Rejections with every fault of the measures.
    """
    if not wanted:
        return found.lines
    settings = await tx.load_one(accounts.settings())
    version = found.order.price_rules_version
    try:
        rules = await RULES.current(tx, version=version, prices_include_tax=settings.prices_include_tax)
    except PriceBookNotFound as refusal:  # another formula than the one that priced them is none of theirs
        raise errors.FormulaNotKept(wanted[0].line, field="measures[0].line") from refusal
    numbers = {one.line for one in wanted}
    goods = await pricing.goods(tx, codes={x.code for x in found.lines if x.line in numbers})
    skus = {code: one.prices for code, one in goods.items()}
    lines, reasons = remeasuring.remeasured(found, wanted, skus, rules.units)
    if reasons:
        raise one_of(reasons)
    return lines


async def require_limit(
    tx: Tx, before: OrderWithLines, after: OrderWithLines, wanted: Sequence[LineMeasures], *, may_price: bool
) -> None:
    """Raise where discounts, which stay, are a larger part of the price then: as if that were given by hand.

    DiscountShareGrows without the right to set prices, BeyondLimit beyond the caller's role. No statement where they
    are not.
    """
    line = remeasuring.first_grown(before.lines, after.lines)
    if line is None:
        return
    field = next((f"measures[{i}]" for i, one in enumerate(wanted) if one.line == line), "measures")
    if not may_price:
        raise errors.DiscountShareGrows(line, field=field)
    for refusal in (await approving.beyond(tx, [after])).values():
        refusal.field = field
        raise refusal


async def measured(tx: ReadTx, found: OrderWithLines) -> dict[int, Formula]:
    """Return what lines of an order may be measured otherwise by: their formulas, by the number of the line.

    No statement where no line is made to measure.
    """
    lines = [x for x in found.lines if remeasuring.is_measured(x)]
    if not lines:
        return {}
    settings = await tx.load_one(accounts.settings())
    version = found.order.price_rules_version
    try:
        rules = await RULES.current(tx, version=version, prices_include_tax=settings.prices_include_tax)
    except PriceBookNotFound:
        return {}
    goods = await pricing.goods(tx, codes={x.code for x in lines})
    skus = {code: one.prices for code, one in goods.items()}
    units = bespoke.staying(rules.units, bespoke.moved(lines, skus, rules.units))
    asked = bespoke.asked({code: one.traits for code, one in skus.items()}, units)
    return {x.line: asked[x.code] for x in lines if x.code in asked and remeasuring.is_of(x, asked[x.code])}


async def rules_of(tx: ReadTx, found: OrderWithLines, settings: MerchantSettings) -> QuoteRules:
    """Return the rules that priced an order, as they counted where the merchant was when it was placed.

    Those in force for one that is older than the books that are kept.
    """
    included = settings.prices_include_tax
    try:
        rules = await RULES.current(tx, version=found.order.price_rules_version, prices_include_tax=included)
    except PriceBookNotFound:
        in_force = await tx.load_one(pricing.version_in_force(at=tx.now))
        rules = await RULES.current(tx, version=in_force, prices_include_tax=included)
    return rules.at_home(homes.home_of(found, settings.country))
