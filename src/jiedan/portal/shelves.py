"""A page of a shelf: what the database says is on it, with what the whole shelf may be narrowed down by.

How many products each choice would leave is counted among the newest `SHELF_PRODUCTS_MAX`; where there are more, a
number is the least that there are.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.queries import ShelfProduct
from jiedan.catalog.values import ProductId
from jiedan.inventory import queries as stock
from jiedan.portal import cards, facets
from jiedan.portal.cards import Card
from jiedan.portal.facets import Chosen, Item
from jiedan.portal.visitor import Visitor

PRODUCTS_PER_PAGE = 24
AFTER = "after"
"""Names the place in the address where a page begins."""

_NAME = "shelf"


class Laid(NamedTuple):
    """A page of a shelf. `number` counts all that fits; where `is_sampled`, numbers of choices are the least."""

    items: tuple[Item, ...]
    page: paging.Page[ProductId]
    number: paging.Count
    counts: facets.Counts
    is_sampled: bool
    cards: Mapping[UUID, Card]
    """What the products of the page cost this visitor, by id."""


async def laid_out(
    tx: ReadTx,
    unit: Unit,
    who: Visitor,
    chosen: Chosen,
    *,
    category_ids: Collection[UUID] | None = None,
    product_ids: Collection[UUID] | None = None,
) -> Laid:
    """Return a page of the products of categories, or among ids. As many statements however many there are."""
    wanted = stock.Offered(
        who.currency,
        category_ids,
        product_ids,
        facets.wanted(chosen.options),
        chosen.price_min,
        chosen.price_max,
        chosen.only_there,
    )
    page = await stock.offered(tx, wanted, order=chosen.sort, request=_request(unit, who, wanted, chosen))
    is_whole = page.previous is None and page.next is None
    number = paging.Count(len(page.items), is_capped=False) if is_whole else await stock.offered_count(tx, wanted)
    sample = await catalog.shelf(tx, currency=who.currency, category_ids=category_ids, product_ids=product_ids)
    known = {product.product_id for product in sample.products}
    others = [product_id for product_id in page.items if product_id not in known]
    more = (await catalog.shelf(tx, currency=who.currency, product_ids=others)).products if others else ()
    items = {item.product.product_id: item for item in await with_stock(tx, [*sample.products, *more])}
    shown = tuple(items[product_id] for product_id in page.items if product_id in items)
    return Laid(
        shown,
        page,
        number,
        facets.counted([items[product.product_id] for product in sample.products], chosen),
        sample.is_capped,
        await cards.priced(tx, unit, who, shown),
    )


async def with_stock(tx: ReadTx, products: Sequence[ShelfProduct]) -> list[Item]:
    """Return products with what is left of their SKUs. One statement, or none."""
    wanted = {part.sku_id for p in products for sku in p.skus for part in sku.parts}
    wanted |= {sku.sku_id for p in products for sku in p.skus}
    left = await tx.load_one(stock.promisable(wanted)) if wanted else {}
    return facets.items_of(products, left)


def _request(unit: Unit, who: Visitor, wanted: stock.Offered, chosen: Chosen) -> paging.Request:
    """Return which page is asked for; an address that does not belong to this shelf, or no more, begins anew."""
    narrowed = [wanted.currency, chosen.options, chosen.price_min, chosen.price_max, chosen.only_there]
    filters = {"path": unit.exchange.path, "sort": chosen.sort, "narrowed": narrowed}
    first = paging.Request.of(
        unit.exchange.site.cursors, tenant=who.tenant, name=_NAME, filters=filters, limit=PRODUCTS_PER_PAGE
    )
    cursor = unit.request.query_params.get(AFTER)
    if not cursor:
        return first
    try:
        position, backwards = first.cursors.open(cursor, scope=first.scope)
    except paging.BadCursor:
        return first
    return dataclasses.replace(first, position=position or None, backwards=backwards)
