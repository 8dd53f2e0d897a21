"""What staff set for a SKU at a location: what is kept back, when the alarm begins, how far to fill up."""

from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base.db import Tx
from jiedan.base.errors import NotFound, Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.catalog import errors as catalog_errors
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SellableSku, SkuId, SkuKind
from jiedan.inventory import errors, queries, service
from jiedan.inventory.values import QUANTITY_MAX, Location, LocationId, StockRow, Thresholds, ThresholdsWish

Level = Annotated[int, msgspec.Meta(ge=0, le=QUANTITY_MAX)]


class LevelsForm(Form):
    """Levels of one SKU at one location; empty is no alarm."""

    version: bodies.Version | None = None
    safety_stock: Level = 0
    low_threshold: Level | None = None
    restock_level: Level | None = None


class Place(NamedTuple):
    """A SKU at a location; without a row where there never was any."""

    sku: SellableSku
    location: Location
    row: StockRow | None


@get("/stock/levels/{sku_id:uuid}/{location_id:uuid}", permission="inventory:write")
async def levels_page(unit: Unit, sku_id: UUID, location_id: UUID) -> Response[str]:
    """Show the levels of a SKU at a location."""
    return await _answer(unit, sku_id, location_id, None)


async def _answer(unit: Unit, sku_id: UUID, location_id: UUID, form: "Filled[LevelsForm] | None") -> Response[str]:
    place = await _place(unit, SkuId(sku_id), LocationId(location_id))
    return pages.render(unit, "inventory/levels.html", form=form, place=place)


async def _place(unit: Unit, sku_id: SkuId, location_id: LocationId) -> Place:
    """Return what the page is about. Raises SkuNotFound, LocationNotFound."""
    async with unit.read() as tx:
        sku = (await tx.load_one(catalog.skus_by_id([sku_id]))).get(sku_id)
        if sku is None:
            raise catalog_errors.SkuNotFound(str(sku_id))
        if sku.kind != SkuKind.goods:
            raise errors.CannotHoldStock(sku_id, location_id)
        location = await queries.location(tx, location_id)
        request = unit.page("console-levels", filters={"sku": sku.code}, limit=1)
        rows = await queries.stock_rows(tx, request=request, sku_ids=[sku_id], location_id=location_id)
    return Place(sku, location, rows.items[0] if rows.items else None)


@post("/stock/levels/{sku_id:uuid}/{location_id:uuid}", permission="inventory:write")
async def set_levels(unit: Unit, sku_id: UUID, location_id: UUID) -> Response[str]:
    """Set the levels of a SKU at a location, if nobody has meanwhile."""
    form = await forms.read(unit, LevelsForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, sku_id, location_id, form)
    await _place(unit, SkuId(sku_id), LocationId(location_id))
    levels = Thresholds(sent.safety_stock, sent.low_threshold, sent.restock_level)
    wish = ThresholdsWish(SkuId(sku_id), LocationId(location_id), levels, sent.version)

    async def work(tx: Tx) -> None:
        accepted(await service.set_thresholds_many(tx, wishes=[wish]))

    try:
        await unit.write(work)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, sku_id, location_id, form)
    return pages.redirect(unit, f"/stock/skus/{sku_id}", flash=N_("The levels were saved."))


HANDLERS: tuple[Any, ...] = (levels_page, set_levels)
