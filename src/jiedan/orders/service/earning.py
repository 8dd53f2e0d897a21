"""Read what the gifts of orders were given for, before lines of them are canceled."""

from collections.abc import Mapping, Sequence

from jiedan.base.db import ReadTx
from jiedan.orders import queries
from jiedan.orders.placement.load import RULES
from jiedan.orders.rules.earning import Earning
from jiedan.orders.values import CancelRequest, OrderId, OrderWithLines
from jiedan.pricing import queries as pricing
from jiedan.pricing.errors.drafts import PriceBookNotFound
from jiedan.pricing.values.promotions import Promotion


async def earnings(
    tx: ReadTx,
    requests: Sequence[CancelRequest],
    found: Mapping[OrderId, OrderWithLines],
    *,
    prices_include_tax: bool,
) -> dict[OrderId, Earning]:
    """Return why orders have gifts of which lines are to be canceled, by the rules that priced them.

    No statement where none has gifts; else as many whatever the number of orders, one more for each version of the
    rules that this process has not read yet.
    """
    partly = {OrderId(request.order_id) for request in requests if request.lines is not None}
    given = [order_id for order_id in sorted(partly) if order_id in found and _has_gifts(found[order_id])]
    if not given:
        return {}
    lines = await tx.load_one(queries.gifts_of_orders(given))
    versions: dict[int, Mapping[str, Promotion]] = {}
    for version in {one.rules_version for one in lines}:
        try:
            rules = await RULES.current(tx, version=version, prices_include_tax=prices_include_tax)
        except PriceBookNotFound:  # older than the books that are kept: what was given stays
            continue
        versions[version] = {one.id: one for one in rules.needs.gifts}
    codes = {line.code for order_id in given for line in found[order_id].lines if line.sku_id is not None}
    traits = {code: goods.prices.traits for code, goods in (await pricing.goods(tx, codes=codes)).items()}
    promotions: dict[OrderId, dict[int, Promotion]] = {order_id: {} for order_id in given}
    for one in lines:
        promotion = versions.get(one.rules_version, {}).get(one.promotion)
        if promotion is not None:
            promotions[one.order_id][one.line] = promotion
    return {order_id: Earning(promotions[order_id], traits) for order_id in given}


def _has_gifts(order: OrderWithLines) -> bool:
    return any(line.price_source == "gift" and line.canceled < line.ordered for line in order.lines)
