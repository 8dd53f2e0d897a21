"""What stands before the orders: categories, products, sellers as locations, postal areas, people, opening receipts."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from jiedan.catalog.values import ProductDraft, ProductStatus, SkuDraft, SkuKind
from jiedan.customers.values import CustomerDraft
from jiedan.imports.presets.olist.files import COUNTRY, Olist, Place, Product
from jiedan.inventory.values import NewLocation
from jiedan.sourcing.service import PostalAreaRow

NAMED_BY_CHARACTERS = 8
"""How much of an id makes a name that people can tell apart: the set has no names."""

NAMELESS = "Product"


class Opening(NamedTuple):
    """What the orders of the set take out of a seller's stock of a product."""

    product_id: str
    seller_id: str
    quantity: int


def categories(olist: Olist) -> dict[str, str]:
    """Return the names of categories by code, in English where the set translates them."""
    codes = sorted({product.category for product in olist.products.values() if product.category})
    return {code: _words(olist.categories.get(code, code)) for code in codes}


def product(found: Product, names: Mapping[str, str]) -> ProductDraft:
    """Return a product with one SKU, both under the product's id."""
    sku = SkuDraft(
        code=found.product_id,
        weight_g=_given(found.weight_g),
        length_mm=_given(found.length_mm),
        width_mm=_given(found.width_mm),
        height_mm=_given(found.height_mm),
    )
    return ProductDraft(
        code=found.product_id,
        name=f"{names.get(found.category, NAMELESS)} {found.product_id[:NAMED_BY_CHARACTERS]}",
        kind=SkuKind.goods,
        status=ProductStatus.active,
        category=found.category or msgspec.UNSET,
        skus=(sku,),
    )


def location(seller_id: str, place: Place, coordinates: Mapping[str, tuple[float, float]]) -> NewLocation:
    """Return a seller as a location, where its postal prefix lies."""
    lat, lon = coordinates.get(place.prefix, (None, None))
    name = f"{_words(place.city)} {place.state} {seller_id[:NAMED_BY_CHARACTERS]}"
    return NewLocation(code=seller_id, name=name, kind="third_party", lat=lat, lon=lon)


def areas(olist: Olist) -> list[PostalAreaRow]:
    """Return where each postal prefix lies."""
    return [PostalAreaRow(COUNTRY, prefix, lat, lon) for prefix, (lat, lon) in sorted(olist.coordinates.items())]


def people(olist: Olist) -> list[str]:
    """Return the ids of everybody who ordered, sorted."""
    return sorted({customer.person for customer in olist.customers.values()})


def person(person_id: str) -> CustomerDraft:
    """Return somebody of whom the set tells nothing but the id."""
    return CustomerDraft(name=person_id, external_id=person_id)


def openings(olist: Olist) -> list[Opening]:
    """Return what lay at each seller before the first order: what the orders take out, and no more."""
    gone: Counter[tuple[str, str]] = Counter()
    for told in olist.orders:
        if told.handed_over_on is not None or told.delivered_on is not None:
            gone.update((item.product_id, item.seller_id) for item in olist.items.get(told.order_id, ()))
    return [Opening(*key, quantity) for key, quantity in sorted(gone.items())]


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize()


def _given(number: int | None) -> int | msgspec.UnsetType:
    return msgspec.UNSET if number is None else number
