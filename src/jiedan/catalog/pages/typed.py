"""The editor's form: a product with its options and a grid of SKUs, as typed, and the draft that it means."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from jiedan.base import money
from jiedan.base.errors import Refusal, Rejections
from jiedan.base.web import bodies
from jiedan.base.web.forms import Filled, Form
from jiedan.catalog import errors
from jiedan.catalog.rules import drafts
from jiedan.catalog.values import (
    AlternateBarcode,
    KitPart,
    Option,
    Price,
    Product,
    ProductDraft,
    ProductStatus,
    Sku,
    SkuDraft,
    SkuKind,
)

T = TypeVar("T")

OPTIONS_MAX = drafts.OPTIONS_PER_PRODUCT_MAX
WEIGHT_DIGITS_MAX = 9
CHOICE_SEPARATORS = re.compile(r"[,，、;；\n]")
ALTERNATES_CHARACTERS_MAX = 2_000
TAGS_CHARACTERS_MAX = drafts.TAGS_PER_PRODUCT_MAX * (drafts.TAG_CHARACTERS_MAX + 2)
PART = re.compile(r"(.+?)(?:(?:\s*[*×]\s*|\s+x\s*)(\d{1,9}))?")

Cells = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=1_000)]], msgspec.Meta(max_length=drafts.SKUS_PER_PRODUCT_MAX)
]
Choice = Annotated[str, msgspec.Meta(max_length=10)]
VALUES = tuple(f"value_{number}" for number in range(1, OPTIONS_MAX + 1))
CELLS = ("sku", "sku_version", "barcode", "weight_g", "price", "parts", *VALUES)


class ProductForm(Form):
    """A product to be saved; cells of one row of the grid stand at the same place of their lists.

    `active` holds the places of the rows that are sold. `take-…` says whose word counts after a conflict.
    """

    action: str = "save"
    version: bodies.Version | None = None
    code: bodies.Code | None = None
    kind: SkuKind = SkuKind.goods
    name: Annotated[str, msgspec.Meta(max_length=drafts.NAME_CHARACTERS_MAX)] = ""
    description: Annotated[str, msgspec.Meta(max_length=drafts.DESCRIPTION_CHARACTERS_MAX)] = ""
    status: ProductStatus = ProductStatus.active
    category: bodies.Code | None = None
    tax_class: bodies.Code = "standard"
    brand: Annotated[str, msgspec.Meta(max_length=drafts.BRAND_CHARACTERS_MAX)] = ""
    tags: Annotated[str, msgspec.Meta(max_length=TAGS_CHARACTERS_MAX)] = ""
    option_name: Annotated[list[str], msgspec.Meta(max_length=OPTIONS_MAX)] = msgspec.field(default_factory=list)
    option_choices: Annotated[list[str], msgspec.Meta(max_length=OPTIONS_MAX)] = msgspec.field(default_factory=list)
    sku: Cells = msgspec.field(default_factory=list)
    sku_version: Cells = msgspec.field(default_factory=list)
    barcode: Cells = msgspec.field(default_factory=list)
    weight_g: Cells = msgspec.field(default_factory=list)
    price: Cells = msgspec.field(default_factory=list)
    parts: Cells = msgspec.field(default_factory=list)
    value_1: Cells = msgspec.field(default_factory=list)
    value_2: Cells = msgspec.field(default_factory=list)
    value_3: Cells = msgspec.field(default_factory=list)
    value_4: Cells = msgspec.field(default_factory=list)
    active: Cells = msgspec.field(default_factory=list)
    take_name: Choice = msgspec.field(default="", name="take-name")
    take_description: Choice = msgspec.field(default="", name="take-description")
    take_status: Choice = msgspec.field(default="", name="take-status")
    take_category: Choice = msgspec.field(default="", name="take-category")
    take_tax_class: Choice = msgspec.field(default="", name="take-tax_class")
    take_brand: Choice = msgspec.field(default="", name="take-brand")
    take_tags: Choice = msgspec.field(default="", name="take-tags")
    take_options: Choice = msgspec.field(default="", name="take-options")
    take_skus: Choice = msgspec.field(default="", name="take-skus")


class Row(NamedTuple):
    """A row of the grid as the form shows it."""

    sku: str = ""
    sku_version: str = ""
    barcode: str = ""
    weight_g: str = ""
    price: str = ""
    parts: str = ""
    value_1: str = ""
    value_2: str = ""
    value_3: str = ""
    value_4: str = ""
    is_active: bool = True
    problem: str = ""
    stored: Sku | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """The choices of the row, of as many options as there can be."""
        return (self.value_1, self.value_2, self.value_3, self.value_4)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into it."""
        return not any((self.sku, self.barcode, self.weight_g, self.price, self.parts, *self.values))


def rows_of(form: Filled[Any], stored: Mapping[str, Sku]) -> list[Row]:
    """Return the grid as it was typed."""
    cells = {name: form.raw.get(name, []) for name in CELLS}
    active = set(form.raw.get("active", []))
    return [
        Row(
            **{name: column[place] if place < len(column) else "" for name, column in cells.items()},
            is_active=str(place) in active,
            stored=stored.get(cells["sku"][place]),
        )
        for place in range(len(cells["sku"]))
    ]


def rows_of_product(product: Product, currency: str) -> list[Row]:
    """Return the grid as it is stored; the price is that of one unit in `currency`."""
    return [
        Row(
            sku=sku.code,
            sku_version=str(sku.version),
            barcode=sku.barcode or "",
            weight_g="" if sku.weight_g is None else str(sku.weight_g),
            price=price_text(sku.prices, currency),
            parts=", ".join(f"{part.code} × {part.quantity}" for part in sku.parts),
            **dict(zip(VALUES, sku.option_values, strict=False)),
            is_active=sku.is_active,
            stored=sku,
        )
        for sku in product.skus
    ]


def row_of_variant(sku: str, choices: Sequence[str]) -> Row:
    """Return a row for a variant that is no SKU yet."""
    return Row(sku=sku, **dict(zip(VALUES, choices, strict=False)))  # type: ignore[arg-type]  # the names of choices


def price_text(prices: Sequence[Price], currency: str) -> str:
    """Return the price of one unit as people type it, or an empty text."""
    found = next((price for price in prices if (price.currency, price.min_quantity) == (currency, 1)), None)
    return "" if found is None else str(money.decimal_amount(found.unit_minor, currency))


def tags_of(text: str) -> tuple[str, ...]:
    """Return the tags that were typed, each once; they are set apart by commas."""
    return tuple(dict.fromkeys(tag.strip() for tag in CHOICE_SEPARATORS.split(text) if tag.strip()))


def options_of(form: Filled[Any]) -> tuple[Option, ...]:
    """Return the options as they were typed; choices are set apart by commas."""
    names, choices = form.raw.get("option_name", []), form.raw.get("option_choices", [])
    return tuple(
        Option(name, tuple(x for x in (part.strip() for part in CHOICE_SEPARATORS.split(text)) if x))
        for name, text in zip(names, choices, strict=False)
        if name or text
    )


def draft_of(form: Filled[ProductForm], sent: ProductForm, *, currency: str, old: Product | None) -> ProductDraft:
    """Return what the form means. Raises Rejections naming the cells that cannot be read."""
    stored = {sku.code: sku for sku in old.skus} if old is not None else {}
    options = options_of(form)
    reasons: list[Refusal] = []
    skus: list[SkuDraft] = []
    for place, row in enumerate(rows_of(form, stored)):
        if row.is_blank:
            continue
        try:
            skus.append(_sku(row, len(options), currency, is_kit=(old.kind if old else sent.kind) == SkuKind.kit))
        except Refusal as refusal:
            refusal.field = f"skus[{place}]"
            reasons.append(refusal)
    if reasons:
        raise Rejections(tuple(reasons))
    return ProductDraft(
        code=old.code if old is not None else sent.code or "",
        name=_mine(sent.name, sent.take_name),
        description=_mine(sent.description, sent.take_description),
        kind=sent.kind if old is None else UNSET,
        status=_mine(sent.status, sent.take_status),
        category=_mine(sent.category, sent.take_category),
        tax_class=_mine(sent.tax_class, sent.take_tax_class),
        brand=_mine(sent.brand, sent.take_brand),
        tags=_mine(tags_of(sent.tags), sent.take_tags),
        options=_mine(options, sent.take_options),
        skus=() if sent.take_skus == "theirs" else tuple(skus),
        expected_version=sent.version if old is not None else None,
        must="create" if old is None else "update",
    )


def _mine(value: T, take: str) -> "T | UnsetType":
    return UNSET if take == "theirs" else value


def _sku(row: Row, options: int, currency: str, *, is_kit: bool) -> SkuDraft:
    """Return the SKU of a row. Raises PriceUnreadable, WeightUnreadable or PriceStays."""
    if row.weight_g and not (
        row.weight_g.isascii() and row.weight_g.isdigit() and len(row.weight_g) <= WEIGHT_DIGITS_MAX
    ):
        raise errors.WeightUnreadable(row.weight_g)
    version = row.sku_version
    return SkuDraft(
        code=row.sku,
        option_values=row.values[:options],
        barcode=row.barcode or None,
        weight_g=int(row.weight_g) if row.weight_g else None,
        is_active=row.is_active,
        prices=prices_with(row.stored.prices if row.stored else (), row.price, currency),
        parts=tuple(parts_of(row.parts)) if is_kit else UNSET,
        expected_version=int(version) if version.isascii() and version.isdigit() else None,
    )


def prices_with(present: Sequence[Price], text: str, currency: str) -> "tuple[Price, ...] | UnsetType":
    """Return the prices in `currency` with that of one unit as typed; prices from more units on stay.

    Raises PriceUnreadable; PriceStays where it would leave a currency without a price while others have one.
    """
    if text == price_text(present, currency):
        return UNSET
    tiers = [price for price in present if price.currency == currency and price.min_quantity > 1]
    if text:
        return (Price(currency, amount_of(text, currency)), *tiers)
    if not tiers and any(price.currency != currency for price in present):
        raise errors.PriceStays(currency)
    return tuple(tiers)


def amount_of(text: str, currency: str) -> int:
    """Return the minor units of what was typed. Raises PriceUnreadable."""
    try:
        minor = money.parse_amount(text, currency)
    except ValueError as error:
        raise errors.PriceUnreadable(text, currency) from error
    if minor < 0:
        raise errors.PriceUnreadable(text, currency)
    return minor


def parts_of(text: str) -> Iterator[KitPart]:
    """Yield the parts of a kit that were typed: `TEA-250 × 2, CUP`."""
    for piece in CHOICE_SEPARATORS.split(text):
        found = PART.fullmatch(piece.strip())
        if found is not None:
            yield KitPart(found[1].strip(), int(found[2] or 1))


def alternates_of(text: str) -> Iterator[AlternateBarcode]:
    """Yield the barcodes that were typed, each with its units: `14006381333938 × 12`."""
    for piece in CHOICE_SEPARATORS.split(text):
        found = PART.fullmatch(piece.strip())
        if found is not None:
            yield AlternateBarcode(int(found[2] or 1), found[1].strip())
