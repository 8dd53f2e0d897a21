"""What the goods of a shelf cost this visitor: by the lists, rates, offers and taxes that hold for them.

The price of a card is that of the product's page: the same function makes both. Which goods are shown, in which order,
and the numbers beside ranges of prices go by the catalog instead, which is the same for everybody.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.catalog.queries import ShelfProduct, ShelfSku
from jiedan.portal import quoted
from jiedan.portal.facets import Item
from jiedan.portal.quoted import Few, UnitPrice
from jiedan.portal.visitor import Visitor

SKUS_PER_CARD_MAX = 8
"""So many SKUs of a product are priced for its card: those that cost the least by the catalog."""


class Card(NamedTuple):
    """What a product costs: the least of its SKUs, what that was before where it is less now; None without a price.

    `is_from` where others cost more, or where it is made to measure.
    """

    minor: int | None
    before_minor: int | None = None
    is_from: bool = False


async def priced(tx: ReadTx, unit: Unit, who: Visitor, items: Sequence[Item]) -> dict[UUID, Card]:
    """Return the card of each product, by id. As many statements as one quote, however many products; none for none."""
    chosen = {item.product.product_id: _cheapest(item.product) for item in items}
    few = [Few(sku.sku_id, sku.code, sku.least) for skus in chosen.values() for sku in skus]
    costs = await quoted.unit_prices(tx, who, few, locale=unit.locale) if few else {}
    return {item.product.product_id: card_of(chosen[item.product.product_id], costs) for item in items}


def card_of(skus: Sequence[ShelfSku], costs: Mapping[UUID, UnitPrice]) -> Card:
    """Return what to tell of a product of which these SKUs were priced.

    A SKU without a price of its own yet, as it is made to measure, costs at least what the catalog says of it.
    """
    told: list[tuple[int, int | None, bool]] = []
    for sku in skus:
        cost = costs[sku.sku_id]
        if cost.told_minor is not None:
            told.append((cost.told_minor, cost.before_minor, False))
        elif sku.unit_minor is not None and cost.is_bespoke:
            told.append((sku.unit_minor, None, True))
    if not told:
        return Card(None)
    minor, before, is_open = min(told, key=lambda one: one[0])
    return Card(minor, before, is_open or any(one[0] > minor for one in told))


def _cheapest(product: ShelfProduct) -> list[ShelfSku]:
    """Return the SKUs to price, of those that cost alike the first ones."""
    by_price = sorted(product.skus, key=lambda sku: (sku.unit_minor is None, sku.unit_minor or 0))
    return by_price[:SKUS_PER_CARD_MAX]
