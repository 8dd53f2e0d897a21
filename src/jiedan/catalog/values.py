"""Ids and values of the catalog that cross its border."""

import dataclasses
import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, NewType
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_

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


class OrderQuantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In which quantities a SKU is ordered, all lines of an order together.

    `minimum` and `maximum` 0: none. Steps count from the minimum (10, 15, 20 …), from 0 where there is none;
    the quantity is a multiple of `pack` besides.
    """

    minimum: int = 0
    maximum: int = 0
    step: int = 1
    pack: int = 1


ANY_QUANTITY = OrderQuantity()


class SellableSku(NamedTuple):
    """What placement needs to know about a SKU.

    `is_active` says that it may be sold now: the SKU, its product and every component are active. `components` is empty
    for anything but a kit; a component is always goods, so one explosion is enough. `weight_g` is None where unknown,
    `quantities` where any may be ordered.
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
    quantities: OrderQuantity | None = None


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class AlternateBarcode:
    """Another barcode of a SKU and how many units it stands for: 12 for a carton of twelve."""

    quantity: int
    barcode: str


class Scannable(NamedTuple):
    """A SKU as a scanner reads it; `barcodes` says of how many units each one is.

    Weight and outer size of one unit are None where unknown.
    """

    sku_id: SkuId
    code: str
    barcodes: Mapping[str, int]
    name: str
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


class PriceTier(NamedTuple):
    """The price of one unit, in minor units, from `min_quantity` upwards."""

    min_quantity: int
    unit_minor: int


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """One axis of variants and its choices, in the order they are shown."""

    name: str
    choices: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Price:
    """A unit price in minor units of `currency`, from `min_quantity` upwards."""

    currency: str
    unit_minor: int
    min_quantity: int = 1


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class KitPart:
    """`quantity` pieces of the SKU with this code, as people name it."""

    code: str
    quantity: int


@dataclasses.dataclass(frozen=True, slots=True)
class Sku:
    """A SKU whole, as people see and edit it; weight and outer size of one unit are None where unknown.

    In which quantities it is ordered: a minimum or maximum of 0 is none.
    """

    sku_id: SkuId
    code: str
    option_values: tuple[str, ...] = ()
    barcode: str | None = None
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    is_active: bool = True
    position: int = 0
    version: int = 1
    prices: tuple[Price, ...] = ()
    parts: tuple[KitPart, ...] = ()
    alternate_barcodes: tuple[AlternateBarcode, ...] = ()
    """Smallest packs first."""
    order_minimum: int = 0
    order_maximum: int = 0
    order_step: int = 1
    order_pack: int = 1

    @property
    def quantities(self) -> OrderQuantity:
        """In which quantities it is ordered."""
        return OrderQuantity(self.order_minimum, self.order_maximum, self.order_step, self.order_pack)

    @property
    def barcodes(self) -> tuple[str, ...]:
        """Every barcode it is found by, its own first."""
        own = () if self.barcode is None else (self.barcode,)
        return (*own, *(other.barcode for other in self.alternate_barcodes))


class Labels(NamedTuple):
    """What a product is marked with: its brand, empty for none, and its tags."""

    brand: str = ""
    tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Product:
    """A product with its options and all its SKUs, by position."""

    product_id: ProductId
    code: str
    name: str
    description: str = ""
    kind: SkuKind = SkuKind.goods
    status: ProductStatus = ProductStatus.active
    category: str | None = None
    """Code of the category."""
    tax_class: str = "standard"
    brand: str = ""
    """Empty where it has none, or nobody said."""
    tags: tuple[str, ...] = ()
    """Words of the merchant's own, by which rules of prices choose goods; sorted."""
    options: tuple[Option, ...] = ()
    skus: tuple[Sku, ...] = ()
    version: int = 1


class SkuDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a SKU is to be; what is UNSET stays as it is, or gets its default where the SKU is new.

    `prices` replaces the prices of the currencies it names and leaves other currencies alone; an empty list removes
    all. `parts` replaces the parts of a kit, `alternate_barcodes` those of a SKU.
    """

    code: str
    option_values: tuple[str, ...] | UnsetType = UNSET
    barcode: str | UnsetType | None = UNSET
    weight_g: int | UnsetType | None = UNSET
    length_mm: int | UnsetType | None = UNSET
    width_mm: int | UnsetType | None = UNSET
    height_mm: int | UnsetType | None = UNSET
    is_active: bool | UnsetType = UNSET
    prices: tuple[Price, ...] | UnsetType = UNSET
    parts: tuple[KitPart, ...] | UnsetType = UNSET
    alternate_barcodes: tuple[AlternateBarcode, ...] | UnsetType = UNSET
    order_minimum: int | UnsetType = UNSET
    order_maximum: int | UnsetType = UNSET
    order_step: int | UnsetType = UNSET
    order_pack: int | UnsetType = UNSET
    expected_version: int | None = None


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a product is to be; what is UNSET stays as it is, or gets its default where the product is new.

    SKUs are matched by code; those not mentioned stay. A new product without SKUs gets one per variant, or a single
    one with the product's own code. `tags` replaces all tags. With `extends_options`, new choices are added to the
    options that exist; else `options` replaces them.
    """

    code: str
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    kind: SkuKind | UnsetType = UNSET
    status: ProductStatus | UnsetType = UNSET
    category: str | UnsetType | None = UNSET
    tax_class: str | UnsetType = UNSET
    brand: str | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    options: tuple[Option, ...] | UnsetType = UNSET
    extends_options: bool = False
    skus: tuple[SkuDraft, ...] = ()
    expected_version: int | None = None
    must: Literal["create", "update"] | None = None
    """Refuse when the product exists already, or does not exist yet."""


class Saved(NamedTuple):
    """The product is as the draft wants it; `changed` names what is different now, empty when nothing was to do."""

    product_id: ProductId
    code: str
    outcome: Literal["created", "updated", "unchanged"]
    version: int
    changed: tuple[str, ...] = ()


class Refused(NamedTuple):
    """The draft was refused, for all of these reasons."""

    code: str
    reasons: tuple[Refusal, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Category:
    """A node of the category tree; `path` holds the names from the root down to it."""

    category_id: CategoryId
    parent_id: CategoryId | None
    code: str
    name: str
    position: int
    version: int
    path: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as a list shows it."""

    product_id: ProductId
    code: str
    name: str
    kind: SkuKind
    status: ProductStatus
    category: str | None
    sku_count: int
    version: int
    updated_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class SkuRow:
    """A SKU as a list or a picker shows it; `prices` in the first tier of each currency."""

    sku_id: SkuId
    code: str
    product_id: ProductId
    name: str
    kind: SkuKind
    is_active: bool
    barcode: str | None
    prices: tuple[Price, ...]
    quantities: OrderQuantity | None = None
    """In which quantities it is ordered; None where any is good."""


EDGES_PX = (160, 480, 960)
"""Pictures that are larger have copies that are at most so wide and high: for lists, cards and pages."""


class Rendition(NamedTuple):
    """A smaller copy of a picture: at most `edge_px` wide and high."""

    edge_px: int
    storage_key: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int


@dataclasses.dataclass(frozen=True, slots=True)
class Image:
    """A picture of a product, or of one of its SKUs."""

    image_id: ImageId
    product_id: ProductId
    sku_id: SkuId | None
    position: int
    storage_key: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    alt_text: str
    renditions: tuple[Rendition, ...] = ()
    """Smallest first; none while they are still to be made, or where the picture is small itself."""


class Source(NamedTuple):
    """What an `<img>` says of a picture; `srcset` is empty where there is one size alone."""

    src: str
    srcset: str
    width_px: int
    height_px: int
    alt: str


class Sign(NamedTuple):
    """How something is shown: `label` a message id, `tone` its color, `level` how far the circle is filled."""

    label: str
    tone: str = ""
    level: str = "empty"


STATUS_SIGNS: Mapping[ProductStatus, Sign] = {
    ProductStatus.active: Sign(N_("On sale"), "ok", "full"),
    ProductStatus.draft: Sign(N_("In preparation"), "info", "half"),
    ProductStatus.archived: Sign(N_("Archived")),
}

KIND_LABELS: Mapping[SkuKind, str] = {
    SkuKind.goods: N_("Goods"),
    SkuKind.service: N_("Service"),
    SkuKind.kit: N_("Kit"),
}
