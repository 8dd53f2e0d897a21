"""A product: pictures, options with what each changes, price, and where it lies near the visitor."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts.values import MerchantSettings
from jiedan.base.db import ReadTx
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.preferences import local_path
from jiedan.base.web.unit import Unit
from jiedan.carts import rules as carts
from jiedan.carts.values import CART_QUANTITY_MAX
from jiedan.catalog import errors
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import quantities
from jiedan.catalog.values import Product, SellableSku, Sku, SkuId
from jiedan.inventory import queries as stock
from jiedan.inventory.values import STORE_KINDS, Availability, Location, StockKey
from jiedan.portal import choices, measures, pictures, quoted, shown, visitor
from jiedan.portal.measures import PieceForm, Sent
from jiedan.sourcing import rules as sourcing
from jiedan.sourcing.values import Point

FEW = 10
"""Below this a page says how many are left."""

LOCATIONS_SHOWN_MAX = 8

Text = Annotated[str, msgspec.Meta(max_length=200)]


class Near(NamedTuple):
    """A location and how many units of a SKU it has; `km` is how far it is, None where nobody knows."""

    name: str
    is_store: bool
    km: int | None
    units: int


class CurrencyForm(forms.Form):
    """A currency, and the page to come back to."""

    value: bodies.Code
    back: Text = "/"


class PlaceForm(forms.Form):
    """Where somebody is, and the page to come back to."""

    country: bodies.Code
    postal_code: Annotated[str, msgspec.Meta(max_length=40)] = ""
    back: Text = "/"


@get("/products/{product_id:uuid}")
async def product_page(unit: Unit, slug: str, product_id: UUID, sku: UUID | None = None) -> Response[str]:
    """Show a product with the options that were chosen; hidden ones do not exist."""
    return await _page(unit, slug, product_id, measures.in_address(unit, sku))


@post("/products/{product_id:uuid}", status_code=200)
async def price_piece(unit: Unit, slug: str, product_id: UUID) -> Response[str]:
    """Show a product with the price of a piece that something is written on: no address may say what."""
    return await _page(unit, slug, product_id, measures.in_form(await forms.read(unit, PieceForm)))


async def _page(unit: Unit, slug: str, product_id: UUID, sent: Sent) -> Response[str]:
    async with visitor.entered(unit, slug) as (tx, who):
        product, sold = await _sold(tx, product_id)
        named = next((x.sku_id for x in sold if sent.sku in {x.code, str(x.sku_id)}), None)
        chosen = choices.meant(product, list(sold), _asked(sent, product), named)
        goods = {part.sku_id for sellable in sold.values() for part in carts.parts_of(sellable, 1)}
        counters, locations = await tx.load(stock.availability([SkuId(x) for x in goods]), stock.locations())
        images = await catalog.images(tx, product_id=product_id)
        near = _near(sold[chosen], counters, locations, await visitor.point_of(tx, who.place))
        left = {x.sku_id: _left(s, counters) for x, s in sold.items()}
        bespoke = await measures.formulas(tx, who, product, list(sold))
        typed = measures.typed(sent, bespoke)
        few = [quoted.Few(x.sku_id, x.code, quantities.allowed(x.quantities).least) for x in sold]
        costs = await quoted.unit_prices(tx, who, few, typed, locale=unit.locale, has_steps=True)
        prices: dict[UUID, int | None] = {sku_id: of.shown_minor for sku_id, of in costs.items()}
        cost = costs[chosen.sku_id]
        grid = quantities.allowed(chosen.quantities)
        there: dict[UUID, bool] = {x.sku_id: left[x.sku_id] is None or bool(left[x.sku_id]) for x in sold}
        shown_first = [i for i in images if i.sku_id == chosen.sku_id] + [i for i in images if i.sku_id is None]
        shown_first += [i for i in images if i not in shown_first]
        above = next((c for c in who.categories if c.code == product.category), None)
        least = grid.at_least(cost.steps[0].min_quantity if cost.steps else 1) or grid.least
        quantity_max = grid.at_most(_quantity_max(who.settings, left[chosen.sku_id]))
        return shown.render(
            unit,
            who,
            "portal/product.html",
            part="portal/_product.html",
            cache=shown.PRIVATE if sent.is_form else shown.BRIEFLY,
            product=product,
            chosen=chosen,
            price_minor=cost.shown_minor,
            before_minor=cost.before_minor,
            has_offers=cost.has_offers,
            tiers=cost.tiers,
            least=least,
            quantity=max(min(sent.quantity, quantity_max), least),
            pace=grid.pace,
            sold_in=quantities.in_words(chosen.quantities, unit.locale),
            measures=measures.asked(unit, bespoke.get(chosen.code), typed.get(chosen.code, {}), cost.reasons),
            in_the_way=measures.in_the_way(unit, cost.reasons),
            axes=choices.axes(product, list(sold), chosen, prices, there),
            left=left[chosen.sku_id],
            is_there=there[chosen.sku_id],
            quantity_max=quantity_max,
            few=FEW,
            near=near,
            images=[(pictures.source(who, i), i.alt_text or product.name) for i in shown_first],
            image=_position(unit, len(shown_first)),
            category=above,
        )


@post("/currency")
async def choose_currency(unit: Unit, slug: str) -> Response[str]:
    """Keep the currency chosen and go back."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, CurrencyForm)
        if form.value is not None:
            visitor.choose_currency(unit, who, form.value.value)
        return pages.redirect(unit, local_path(form.value.back if form.value is not None else "/"))


@post("/place")
async def choose_place(unit: Unit, slug: str) -> Response[str]:
    """Keep where the visitor is and go back."""
    async with visitor.entered(unit, slug):
        form = await forms.read(unit, PlaceForm)
        if form.value is not None:
            visitor.choose_place(unit, form.value.country, form.value.postal_code)
        return pages.redirect(unit, local_path(form.value.back if form.value is not None else "/"))


async def _sold(tx: ReadTx, product_id: UUID) -> tuple[Product, dict[Sku, SellableSku]]:
    """Return a product with its SKUs that are sold, in order. Raises ProductNotFound where none is."""
    product = await catalog.product(tx, product_id=product_id)
    known = await tx.load_one(catalog.skus_by_id([sku.sku_id for sku in product.skus]))
    sold = {sku: known[sku.sku_id] for sku in product.skus if sku.sku_id in known and known[sku.sku_id].is_active}
    if not sold:
        raise errors.ProductNotFound(str(product_id))
    return product, sold


def _asked(sent: Sent, product: Product) -> Mapping[int, str]:
    """Return the choices asked for, by the position of their option; what does not exist is left out."""
    return {
        place: sent.options[place]
        for place, option in enumerate(product.options)
        if sent.options.get(place, "") in option.choices
    }


def _position(unit: Unit, count: int) -> int:
    text = unit.request.query_params.get("image", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len("999") else 0
    return number if number < count else 0


def _left(sku: SellableSku, counters: Mapping[StockKey, Availability]) -> int | None:
    in_all: dict[UUID, int] = {}
    for key, row in counters.items():
        in_all[key.sku_id] = in_all.get(key.sku_id, 0) + max(row.available, 0)
    return carts.units_left(sku, in_all)


def _quantity_max(settings: MerchantSettings, left: int | None) -> int:
    """Return how many may be put into the cart at once."""
    if left is None or settings.backorder:
        return CART_QUANTITY_MAX
    return min(left, CART_QUANTITY_MAX)


def _near(
    sku: SellableSku,
    counters: Mapping[StockKey, Availability],
    locations: Sequence[Location],
    point: Point | None,
) -> list[Near]:
    """Return where a SKU lies, nearest first as far as that is known; stores that have none are told, too."""
    found = []
    for place in locations:
        here: dict[UUID, int] = {
            k.sku_id: row.available for k, row in counters.items() if k.location_id == place.location_id
        }
        units = carts.units_left(sku, here)
        if units is None or not place.is_active or not (units or place.kind in STORE_KINDS):
            continue
        km = None
        if point is not None and place.lat is not None and place.lon is not None:
            km = round(sourcing.distance_km(point, Point(place.lat, place.lon)))
        found.append(Near(place.name, place.kind in STORE_KINDS, km, units))
    found.sort(key=lambda near: near.km if near.km is not None else 0)
    return found[:LOCATIONS_SHOWN_MAX]


HANDLERS = (product_page, price_piece, choose_currency, choose_place)
