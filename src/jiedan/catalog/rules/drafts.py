"""Drafts looked at alone: what can be refused without knowing what exists, and texts in their stored form."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.catalog import errors
from jiedan.catalog.rules import barcodes, variants
from jiedan.catalog.values import AlternateBarcode, KitPart, Option, Price, ProductDraft, SkuDraft

NAME_CHARACTERS_MAX = 200
CODE_CHARACTERS_MAX = variants.CODE_CHARACTERS_MAX
DESCRIPTION_CHARACTERS_MAX = 10_000
BRAND_CHARACTERS_MAX = 100
TAG_CHARACTERS_MAX = 50
TAGS_PER_PRODUCT_MAX = 50
OPTION_CHARACTERS_MAX = 100
ALT_TEXT_CHARACTERS_MAX = 500
OPTIONS_PER_PRODUCT_MAX = 4
CHOICES_PER_OPTION_MAX = 100
SKUS_PER_PRODUCT_MAX = 500
PRICES_PER_SKU_MAX = 100
PARTS_PER_KIT_MAX = 50
ALTERNATE_BARCODES_PER_SKU_MAX = 20
PACK_QUANTITY_MAX = 100_000
"""How many units one barcode may stand for."""
QUANTITY_MAX = 1_000_000_000
WEIGHT_G_MAX = 100_000_000
LENGTH_MM_MAX = 100_000
ORDER_LEAST: Mapping[str, int] = {"order_minimum": 0, "order_maximum": 0, "order_step": 1, "order_pack": 1}
"""The least that each of the quantities in which a SKU is ordered can be."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_PROSE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SEPARATOR = re.compile(r"[,，、;；]")
"""What sets brands and tags apart where several are written."""
_TAX_CLASS = re.compile(r"[a-z][a-z0-9_]{0,39}")


def cleaned(draft: ProductDraft) -> ProductDraft:
    """Return the draft with texts trimmed and barcodes in their canonical form where they have one."""
    return msgspec.structs.replace(
        draft,
        code=draft.code.strip(),
        name=_trimmed(draft.name),
        brand=_trimmed(draft.brand),
        tags=UNSET if isinstance(draft.tags, UnsetType) else tuple(tag.strip() for tag in draft.tags),
        category=draft.category.strip() or None if isinstance(draft.category, str) else draft.category,
        options=UNSET
        if isinstance(draft.options, UnsetType)
        else tuple(Option(o.name.strip(), tuple(c.strip() for c in o.choices)) for o in draft.options),
        skus=tuple(_cleaned_sku(sku) for sku in draft.skus),
    )


def barcodes_of(sku: SkuDraft) -> list[str]:
    """Return every barcode that a draft names."""
    own = [sku.barcode] if isinstance(sku.barcode, str) else []
    others = () if isinstance(sku.alternate_barcodes, UnsetType) else sku.alternate_barcodes
    return [*own, *(other.barcode for other in others)]


def _canonical(barcode: str) -> str:
    return barcodes.canonical_barcode(barcode) or barcode


def _cleaned_sku(sku: SkuDraft) -> SkuDraft:
    barcode = sku.barcode
    if isinstance(barcode, str):
        barcode = _canonical(barcode) if barcode.strip() else None
    return msgspec.structs.replace(
        sku,
        code=sku.code.strip(),
        barcode=barcode,
        option_values=UNSET
        if isinstance(sku.option_values, UnsetType)
        else tuple(value.strip() for value in sku.option_values),
        parts=UNSET
        if isinstance(sku.parts, UnsetType)
        else tuple(KitPart(part.code.strip(), part.quantity) for part in sku.parts),
        alternate_barcodes=UNSET
        if isinstance(sku.alternate_barcodes, UnsetType)
        else tuple(AlternateBarcode(x.quantity, _canonical(x.barcode)) for x in sku.alternate_barcodes),
    )


def refusals(draft: ProductDraft) -> list[Refusal]:
    """Return everything that is wrong with a cleaned draft by itself, each naming its field."""
    found = list(_text("code", draft.code, CODE_CHARACTERS_MAX))
    found += _text("name", draft.name, NAME_CHARACTERS_MAX)
    found += _prose("description", draft.description, DESCRIPTION_CHARACTERS_MAX)
    if isinstance(draft.tax_class, str) and not _TAX_CLASS.fullmatch(draft.tax_class):
        found.append(errors.TaxClassInvalid(draft.tax_class, field="tax_class"))
    if draft.brand:
        found += _word("brand", draft.brand, BRAND_CHARACTERS_MAX)
    if not isinstance(draft.tags, UnsetType):
        found += _tags(draft.tags)
    if not isinstance(draft.options, UnsetType):
        found += _options(draft.options)
    found += _limit("skus", draft.skus, SKUS_PER_PRODUCT_MAX)
    found += _repeated("skus[{}].code", [sku.code for sku in draft.skus])
    for place, sku in enumerate(draft.skus):
        found += _sku(f"skus[{place}]", sku)
    return found


def _sku(where: str, sku: SkuDraft) -> Iterator[Refusal]:
    yield from _text(f"{where}.code", sku.code, CODE_CHARACTERS_MAX)
    if isinstance(sku.barcode, str) and barcodes.canonical_barcode(sku.barcode) is None:
        yield errors.BarcodeInvalid(sku.barcode[:CODE_CHARACTERS_MAX], field=f"{where}.barcode")
    yield from _within(f"{where}.weight_g", sku.weight_g, 0, WEIGHT_G_MAX)
    for name in ("length_mm", "width_mm", "height_mm"):
        yield from _within(f"{where}.{name}", getattr(sku, name), 1, LENGTH_MM_MAX)
    for name, least in ORDER_LEAST.items():
        yield from _within(f"{where}.{name}", getattr(sku, name), least, QUANTITY_MAX)
    if not isinstance(sku.prices, UnsetType):
        yield from _prices(f"{where}.prices", sku.prices)
    if not isinstance(sku.parts, UnsetType):
        yield from _parts(f"{where}.parts", sku.parts)
    if not isinstance(sku.alternate_barcodes, UnsetType):
        yield from _alternates(f"{where}.alternate_barcodes", sku.alternate_barcodes)


def _alternates(where: str, others: Sequence[AlternateBarcode]) -> Iterator[Refusal]:
    yield from _limit(where, others, ALTERNATE_BARCODES_PER_SKU_MAX)
    yield from _repeated(f"{where}[{{}}].barcode", [other.barcode for other in others])
    for place, other in enumerate(others):
        if barcodes.canonical_barcode(other.barcode) is None:
            yield errors.BarcodeInvalid(other.barcode[:CODE_CHARACTERS_MAX], field=f"{where}[{place}].barcode")
        yield from _within(f"{where}[{place}].quantity", other.quantity, 1, PACK_QUANTITY_MAX)


def _tags(tags: Sequence[str]) -> Iterator[Refusal]:
    yield from _limit("tags", tags, TAGS_PER_PRODUCT_MAX)
    yield from _repeated("tags[{}]", tags)
    for place, tag in enumerate(tags):
        yield from _word(f"tags[{place}]", tag, TAG_CHARACTERS_MAX)


def _options(options: Sequence[Option]) -> Iterator[Refusal]:
    yield from _limit("options", options, OPTIONS_PER_PRODUCT_MAX)
    yield from _repeated("options[{}].name", [option.name for option in options])
    for place, option in enumerate(options):
        where = f"options[{place}]"
        yield from _text(f"{where}.name", option.name, OPTION_CHARACTERS_MAX)
        if not option.choices:
            yield errors.ValueMissing(field=f"{where}.choices")
        yield from _limit(f"{where}.choices", option.choices, CHOICES_PER_OPTION_MAX)
        yield from _repeated(f"{where}.choices[{{}}]", option.choices)
        for at, choice in enumerate(option.choices):
            yield from _text(f"{where}.choices[{at}]", choice, OPTION_CHARACTERS_MAX)


def _prices(where: str, prices: Sequence[Price]) -> Iterator[Refusal]:
    yield from _limit(where, prices, PRICES_PER_SKU_MAX)
    yield from _repeated(f"{where}[{{}}]", [f"{price.currency} × {price.min_quantity}" for price in prices])
    for place, price in enumerate(prices):
        if not money.is_currency(price.currency):
            yield errors.UnknownCurrency(price.currency[:10], field=f"{where}[{place}].currency")
        yield from _within(f"{where}[{place}].unit_minor", price.unit_minor, 0, money.AMOUNT_MINOR_MAX)
        yield from _within(f"{where}[{place}].min_quantity", price.min_quantity, 1, QUANTITY_MAX)


def _parts(where: str, parts: Sequence[KitPart]) -> Iterator[Refusal]:
    yield from _limit(where, parts, PARTS_PER_KIT_MAX)
    yield from _repeated(f"{where}[{{}}].code", [part.code for part in parts])
    for place, part in enumerate(parts):
        yield from _within(f"{where}[{place}].quantity", part.quantity, 1, QUANTITY_MAX)


def refuse_alt_text(text: str) -> Refusal | None:
    """Return why a picture cannot be described so, or None; an empty text says nothing of it."""
    return next(_text("alt_text", text, ALT_TEXT_CHARACTERS_MAX), None) if text else None


def _trimmed(text: str | UnsetType) -> str | UnsetType:
    return text.strip() if isinstance(text, str) else text


def _text(field: str, text: str | UnsetType, characters_max: int) -> Iterator[Refusal]:
    if isinstance(text, UnsetType):
        return
    if not text:
        yield errors.ValueMissing(field=field)
    elif len(text) > characters_max:
        yield errors.TextTooLong(len(text), characters_max, field=field)
    elif control := _CONTROL.search(text):
        yield errors.CharacterRefused(f"U+{ord(control[0]):04X}", field=field)


def _word(field: str, text: str | UnsetType, characters_max: int) -> Iterator[Refusal]:
    """Yield what is wrong with a brand or a tag, which stand in lists of several."""
    yield from _text(field, text, characters_max)
    if isinstance(text, str) and (separator := _SEPARATOR.search(text)):
        yield errors.CharacterRefused(separator[0], field=field)


def _prose(field: str, text: str | UnsetType, characters_max: int) -> Iterator[Refusal]:
    """Yield what is wrong with a text that may be empty and have lines."""
    if isinstance(text, UnsetType):
        return
    if len(text) > characters_max:
        yield errors.TextTooLong(len(text), characters_max, field=field)
    elif control := _CONTROL_IN_PROSE.search(text):
        yield errors.CharacterRefused(f"U+{ord(control[0]):04X}", field=field)


def _within(field: str, number: int | UnsetType | None, minimum: int, maximum: int) -> Iterator[Refusal]:
    if isinstance(number, int) and not minimum <= number <= maximum:
        yield errors.OutOfRange(number, minimum, maximum, field=field)


def _limit(field: str, things: Sequence[object], maximum: int) -> Iterator[Refusal]:
    if len(things) > maximum:
        yield errors.LimitExceeded(len(things), maximum, field=field)


def _repeated(field: str, values: Iterable[str]) -> Iterator[Refusal]:
    seen: Counter[str] = Counter()
    for place, value in enumerate(values):
        if seen[value] == 1:
            yield errors.Repeated(value, field=field.format(place))
        seen[value] += 1
