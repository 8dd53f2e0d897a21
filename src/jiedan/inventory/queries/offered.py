"""What a shop offers on a shelf, a page at a time: what fits and in which order is for the database to say.

In the order of age a page reads little more than it shows. In the order of prices or names every product of the shelf
is looked at once, its SKUs by index.
"""

from collections.abc import Collection, Mapping
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.catalog import tables as t
from jiedan.catalog.values import ProductId, ProductStatus, SkuKind
from jiedan.inventory import tables

Order = Literal["newest", "cheapest", "dearest", "name"]
ORDERS: tuple[Order, ...] = get_args(Order)

_UNPRICED = 2**60
"""Stands after every price."""

_BY_AGE = paging.Keyset((t.Product.product_id,))
_BY_NAME = paging.Keyset((t.Product.name, t.Product.product_id), descending=False)


class Offered(NamedTuple):
    """A shelf and what it is narrowed down to: one SKU that is sold must be all of it.

    Products of categories, among ids, or all; `options` are choices by the name of their axis. Prices are those of one
    unit in `currency`, minor units, from `price_min` on and below `price_max`.
    """

    currency: str
    category_ids: Collection[UUID] | None = None
    product_ids: Collection[UUID] | None = None
    options: Mapping[str, Collection[str]] = {}
    price_min: int | None = None
    price_max: int | None = None
    only_there: bool = False


async def offered(tx: ReadTx, wanted: Offered, *, order: Order, request: paging.Request) -> paging.Page[ProductId]:
    """Return a page of a shelf: products by age or price, newest first among the same, or by name. One statement.

    The price of a product is that of its cheapest SKU; what has none comes last.
    """
    if order == "newest":
        return await _page(tx, _fitting(tx, sa.select(t.Product.product_id), wanted), _BY_AGE, request)
    if order == "name":
        return await _page(tx, _fitting(tx, sa.select(t.Product.name, t.Product.product_id), wanted), _BY_NAME, request)
    rank = _rank(tx, wanted.currency, order)
    keyset = paging.Keyset((rank.c.rank, t.Product.product_id))
    statement = sa.select(rank.c.rank, t.Product.product_id).join(rank, sa.true())
    return await _page(tx, _fitting(tx, statement, wanted), keyset, request)


async def offered_count(tx: ReadTx, wanted: Offered) -> paging.Count:
    """Count what `offered` lists, up to a limit. One statement."""
    return await paging.count(tx, _fitting(tx, sa.select(t.Product.product_id), wanted))


async def _page(tx: ReadTx, statement: Any, keyset: paging.Keyset, request: paging.Request) -> paging.Page[ProductId]:
    rows = (await tx.execute(keyset.apply(statement, request))).all()
    return keyset.page(rows, request, make=lambda row: ProductId(row.product_id), position=tuple)


def _rank(tx: ReadTx, currency: str, order: Order) -> Any:
    """Return a lateral of one row that says where a product stands among the others: the higher, the sooner."""
    lowest = sa.func.min(t.SkuPrice.unit_minor)
    rank = sa.func.coalesce(lowest, -1) if order == "dearest" else sa.func.coalesce(-lowest, -_UNPRICED)
    return (
        sa.select(rank.label("rank"))
        .select_from(t.Sku)
        .join(t.SkuPrice, _is_price(currency))
        .where(t.Sku.tenant_id == tx.tenant, t.SkuPrice.tenant_id == tx.tenant)
        .where(t.Sku.product_id == t.Product.product_id, t.Sku.may_be_sold)
        .correlate(t.Product)
        .lateral("ranked")
    )


def _is_price(currency: str) -> sa.ColumnElement[bool]:
    """Tell which price of a SKU is that of one."""
    return sa.and_(
        t.SkuPrice.tenant_id == t.Sku.tenant_id,
        t.SkuPrice.sku_id == t.Sku.sku_id,
        t.SkuPrice.currency == currency,
        t.SkuPrice.min_quantity == 1,
    )


def _fitting(tx: ReadTx, statement: Any, wanted: Offered) -> Any:
    p = t.Product
    statement = statement.where(p.tenant_id == tx.tenant, p.status == ProductStatus.active)
    if wanted.category_ids is not None:
        statement = statement.where(p.category_id == sa.any_(_uuids(wanted.category_ids)))
    if wanted.product_ids is not None:
        statement = statement.where(p.product_id == sa.any_(_uuids(wanted.product_ids)))
    return statement.join(_a_sku(tx, wanted), sa.true())


def _a_sku(tx: ReadTx, wanted: Offered) -> Any:
    """Return a lateral with one SKU of a product that is all that is wanted, if there is one.

    EXISTS would be the same, but the planner may then look at every SKU of the merchant at once.
    """
    p, s, x = t.Product, t.Sku, t.SkuPrice
    found: Any = sa.select(s.sku_id).select_from(s).where(s.tenant_id == tx.tenant, s.product_id == p.product_id)
    found = found.where(s.may_be_sold).correlate(p)
    if wanted.price_min is not None or wanted.price_max is not None:
        found = found.join(x, _is_price(wanted.currency)).where(x.tenant_id == tx.tenant)
    if wanted.price_min is not None:
        found = found.where(x.unit_minor >= wanted.price_min)
    if wanted.price_max is not None:
        found = found.where(x.unit_minor < wanted.price_max)
    for axis, choices in sorted(wanted.options.items()):
        found = found.where(_is_chosen(tx, axis, choices))
    if wanted.only_there:
        found = found.where(_is_there(tx))
    return found.limit(1).lateral("fitting")


def _is_chosen(tx: ReadTx, axis: str, choices: Collection[str]) -> sa.ColumnElement[bool]:
    """Tell whether a SKU has one of some choices on an axis of its product; arrays of PostgreSQL begin at 1."""
    o, s = t.ProductOption, t.Sku
    any_of = sa.bindparam(None, sorted(choices), type_=sa.ARRAY(sa.Text()))
    return (
        sa.select(sa.literal(1))
        .where(o.tenant_id == tx.tenant, o.product_id == s.product_id, o.name == axis)
        .where(s.option_values[o.position + 1] == sa.any_(any_of))
        .correlate(s)
        .exists()
    )


def _is_there(tx: ReadTx) -> sa.ColumnElement[bool]:
    """Tell whether one of a SKU could leave today: of a service always, of a kit by its parts."""
    p, s, k = t.Product, t.Sku, t.SkuComponent
    parts = sa.select(sa.literal(1)).where(k.tenant_id == tx.tenant, k.sku_id == s.sku_id).correlate(s)
    missing = parts.where(_left(tx, k.component_id) < k.quantity)
    return sa.or_(
        p.kind == SkuKind.service,
        sa.and_(parts.exists(), sa.not_(missing.exists())),
        sa.and_(sa.not_(parts.exists()), _left(tx, s.sku_id) > 0),
    )


def _left(tx: ReadTx, sku_id: Any) -> Any:
    """Return how many of a SKU may be promised, as `promisable` says."""
    k, place = tables.Stock, tables.Location
    left = sa.func.greatest(k.on_hand - k.reserved - k.safety_stock, 0)
    return (
        sa.select(sa.func.coalesce(sa.func.sum(left), 0))
        .select_from(k)
        .join(place, sa.and_(place.tenant_id == k.tenant_id, place.location_id == k.location_id))
        .where(k.tenant_id == tx.tenant, k.sku_id == sku_id, place.is_active)
        .correlate(t.Sku, t.SkuComponent)
        .scalar_subquery()
    )


def _uuids(ids: Collection[UUID]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, sorted(ids), type_=sa.ARRAY(sa.UUID(as_uuid=True)))
