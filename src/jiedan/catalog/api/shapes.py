"""What callers send and get about products and SKUs."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from jiedan.base.errors import Refusal, one_of
from jiedan.base.web import bodies
from jiedan.base.web.problems import Problem, problem_of
from jiedan.catalog import queries
from jiedan.catalog.rules import drafts
from jiedan.catalog.service import PRODUCTS_PER_BATCH_MAX
from jiedan.catalog.values import ProductDraft, ProductStatus, Refused, Saved, SkuDraft, SkuKind

Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217 code.", examples=["CNY"])]
TaxClass = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["standard"])]
Brand = Annotated[str, msgspec.Meta(max_length=drafts.BRAND_CHARACTERS_MAX, description="Empty: none.")]
ProductTag = Annotated[str, msgspec.Meta(min_length=1, max_length=drafts.TAG_CHARACTERS_MAX, pattern=r"\S")]
Prose = Annotated[str, msgspec.Meta(max_length=drafts.DESCRIPTION_CHARACTERS_MAX)]
Barcode = Annotated[str, msgspec.Meta(max_length=50, description="A GTIN, or a code of your own with a letter in it.")]
PackQuantity = Annotated[int, msgspec.Meta(ge=1, le=drafts.PACK_QUANTITY_MAX)]
WeightG = Annotated[int, msgspec.Meta(ge=0, le=drafts.WEIGHT_G_MAX)]
LengthMm = Annotated[int, msgspec.Meta(ge=1, le=drafts.LENGTH_MM_MAX)]
OrderLimit = Annotated[int, msgspec.Meta(ge=0, le=drafts.QUANTITY_MAX, description="0: none.", examples=[12])]
OrderPace = Annotated[int, msgspec.Meta(ge=1, le=drafts.QUANTITY_MAX, examples=[6])]


class OptionBody(bodies.Body):
    """One axis of variants."""

    name: bodies.Name
    choices: list[bodies.Name]


class PriceBody(bodies.Body):
    """A unit price in minor units of the currency, from a quantity upwards."""

    currency: Currency
    unit_minor: bodies.AmountMinor
    min_quantity: bodies.Quantity = 1


class PartBody(bodies.Body):
    """How many of a goods SKU are in a kit."""

    code: bodies.Code
    quantity: bodies.Quantity


class BarcodeBody(bodies.Body):
    """Another barcode of a SKU, and how many units it stands for: 12 on a carton of twelve."""

    barcode: Barcode
    quantity: PackQuantity = 1


class SkuPatch(bodies.Body):
    """What to change about a SKU; what is not sent stays. `prices` replaces those of the currencies it names.

    `alternate_barcodes` replaces all but the SKU's own: no two SKUs share one. An order takes at least
    `order_minimum` and at most `order_maximum` of it, in steps of `order_step` from the minimum on, and whole packs of
    `order_pack`.
    """

    __example__: ClassVar = {
        "weight_g": 60,
        "prices": [{"currency": "CNY", "unit_minor": 3900}],
        "order_maximum": 48,
    }

    option_values: list[bodies.Name] | UnsetType = UNSET
    barcode: Barcode | UnsetType | None = UNSET
    weight_g: WeightG | UnsetType | None = UNSET
    length_mm: LengthMm | UnsetType | None = UNSET
    width_mm: LengthMm | UnsetType | None = UNSET
    height_mm: LengthMm | UnsetType | None = UNSET
    is_active: bool | UnsetType = UNSET
    prices: list[PriceBody] | UnsetType = UNSET
    parts: list[PartBody] | UnsetType = UNSET
    alternate_barcodes: list[BarcodeBody] | UnsetType = UNSET
    order_minimum: OrderLimit | UnsetType = UNSET
    order_maximum: OrderLimit | UnsetType = UNSET
    order_step: OrderPace | UnsetType = UNSET
    order_pack: OrderPace | UnsetType = UNSET


class SkuBody(SkuPatch, kw_only=True):
    """A SKU of a product, known by its code."""

    code: bodies.Code


class ProductPatch(bodies.Body):
    """What to change about a product; what is not sent stays, SKUs that are not named too.

    `tags` replaces all tags. Rules of prices choose goods by `brand:` and `tag:`, so neither has commas or semicolons.
    """

    __example__: ClassVar = {"name": "Green tea", "status": "active"}

    name: bodies.Name | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    status: ProductStatus | UnsetType = UNSET
    category: bodies.Code | UnsetType | None = UNSET
    tax_class: TaxClass | UnsetType = UNSET
    brand: Brand | UnsetType = UNSET
    tags: Annotated[list[ProductTag], msgspec.Meta(max_length=drafts.TAGS_PER_PRODUCT_MAX)] | UnsetType = UNSET
    options: list[OptionBody] | UnsetType = UNSET
    extends_options: bool = False
    skus: list[SkuBody] = msgspec.field(default_factory=list)


class ProductBody(ProductPatch, kw_only=True):
    """A product to create or bring up to date, known by its code."""

    __example__: ClassVar = {
        "code": "TEA-GREEN",
        "name": "Green tea",
        "category": "tea",
        "brand": "West Lake",
        "tags": ["organic", "spring"],
        "options": [{"name": "Size", "choices": ["50 g", "100 g"]}],
        "skus": [
            {
                "code": "TEA-GREEN-50",
                "option_values": ["50 g"],
                "barcode": "4006381333931",
                "alternate_barcodes": [{"barcode": "14006381333938", "quantity": 12}],
                "weight_g": 60,
                "prices": [{"currency": "CNY", "unit_minor": 3900}],
                "order_minimum": 12,
                "order_pack": 6,
            }
        ],
    }

    code: bodies.Code
    kind: SkuKind | UnsetType = UNSET


class ProductsBody(bodies.Body):
    """Products to create or bring up to date, each by its code."""

    __example__: ClassVar = {"products": [ProductBody.__example__]}

    products: Annotated[list[ProductBody], msgspec.Meta(min_length=1, max_length=PRODUCTS_PER_BATCH_MAX)]


class SkuPrices(bodies.Body):
    """The prices of one SKU; those of other currencies stay, an empty list removes all."""

    code: bodies.Code
    prices: list[PriceBody]


class PricesBody(bodies.Body):
    """New prices of many SKUs, each by its code."""

    __example__: ClassVar = {
        "skus": [{"code": "TEA-GREEN-50", "prices": [{"currency": "CNY", "unit_minor": 3500, "min_quantity": 10}]}]
    }

    skus: Annotated[list[SkuPrices], msgspec.Meta(min_length=1, max_length=PRODUCTS_PER_BATCH_MAX)]


class SavedView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one thing of a batch: `problem` stands for those that were refused."""

    code: str
    outcome: Literal["created", "updated", "unchanged", "refused"]
    product_id: UUID | None = None
    version: int | None = None
    changed: tuple[str, ...] = ()
    problem: Problem | None = None


def product_draft(body: bodies.Body, **circumstances: object) -> ProductDraft:
    """Return the draft that a body describes; what was not sent stays unset."""
    return msgspec.convert({**msgspec.to_builtins(body), **circumstances}, ProductDraft)


def sku_draft(body: bodies.Body, **circumstances: object) -> SkuDraft:
    """Return the draft that a body describes; what was not sent stays unset."""
    return msgspec.convert({**msgspec.to_builtins(body), **circumstances}, SkuDraft)


def saved_views(outcomes: Sequence[Saved | Refused], *, list_name: str, locale: str) -> list[SavedView]:
    """Return the outcomes of a batch; fields are named from the body, like `products[2].skus[0].barcode`."""
    return [
        SavedView(outcome.code, outcome.outcome, outcome.product_id, outcome.version, outcome.changed)
        if isinstance(outcome, Saved)
        else SavedView(outcome.code, "refused", problem=_problem(outcome.reasons, f"{list_name}[{place}]", locale))
        for place, outcome in enumerate(outcomes)
    ]


def _problem(reasons: Sequence[Refusal], where: str, locale: str) -> Problem:
    for reason in reasons:
        reason.field = f"{where}.{reason.field}" if reason.field else where
    return problem_of(one_of(reasons, field=where), locale=locale)


def looked_at(matches: queries.Matches | None) -> int | None:
    """Return how many SKUs a search looked at, where there are more that fit."""
    return len(matches.sku_ids) if matches is not None and matches.is_capped else None
