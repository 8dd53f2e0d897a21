"""Ids and values of the catalog that cross its border."""

import enum
from typing import NamedTuple, NewType
from uuid import UUID

ProductId = NewType("ProductId", UUID)
SkuId = NewType("SkuId", UUID)
CategoryId = NewType("CategoryId", UUID)
ImageId = NewType("ImageId", UUID)


class SkuKind(enum.StrEnum):
    """What selling one means: goods leave a location, a service is performed, a kit is exploded into goods."""

    goods = "goods"
    service = "service"
    kit = "kit"


class ProductStatus(enum.StrEnum):
    """Whether a product is prepared, sold, or kept for the record."""

    draft = "draft"
    active = "active"
    archived = "archived"


class Component(NamedTuple):
    """`quantity` pieces of a goods SKU inside one kit."""

    sku_id: SkuId
    quantity: int


class SellableSku(NamedTuple):
    """What placement needs to know about a SKU.

    `is_active` says that it may be sold now: the SKU, its product and every component are active. `components` is empty
    for anything but a kit; a component is always goods, so one explosion is enough. `weight_g` is None where unknown.
    """

    sku_id: SkuId
    code: str
    product_id: ProductId
    name: str
    kind: SkuKind
    is_active: bool
    tax_class: str
    weight_g: int | None
    components: tuple[Component, ...] = ()


class PriceTier(NamedTuple):
    """The price of one unit, in minor units, from `min_quantity` upwards."""

    min_quantity: int
    unit_minor: int
