"""The plan of a save: drafts in order, each applied to what the ones before it left."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from jiedan.base import edits
from jiedan.base.errors import Refusal
from jiedan.catalog import errors
from jiedan.catalog.rules import drafts, quantities, variants
from jiedan.catalog.values import (
    Option,
    Price,
    Product,
    ProductDraft,
    ProductId,
    ProductStatus,
    Refused,
    Saved,
    Sku,
    SkuDraft,
    SkuId,
    SkuKind,
)

T = TypeVar("T")

NIL = UUID(int=0)

PRODUCT_FIELDS = ("name", "description", "kind", "status", "category", "tax_class", "brand", "tags", "options")
MEASURES = ("weight_g", "length_mm", "width_mm", "height_mm")
ORDERED_IN = ("order_minimum", "order_maximum", "order_step", "order_pack")
SKU_FIELDS = (
    "option_values",
    "barcode",
    *MEASURES,
    "is_active",
    "position",
    "prices",
    "parts",
    "alternate_barcodes",
    *ORDERED_IN,
)


class Owner(msgspec.Struct, frozen=True):
    """Whose a SKU code is, and what it is."""

    sku: str
    product: str
    kind: SkuKind


class Known(msgspec.Struct, frozen=True):
    """What a save needs to know: what the drafts name and exists already."""

    products: Mapping[str, Product]
    """By code."""
    owners: Mapping[str, Owner]
    """By SKU code: SKUs that drafts write and parts that kits name."""
    barcodes: Mapping[str, str]
    """SKU code by barcode."""
    categories: frozenset[str]
    edited: edits.Edits = edits.Edits()
    """Who changed what, by product, for drafts that expect a version."""


class _World:
    """What is known, moving with each draft that is accepted."""

    def __init__(self, known: Known) -> None:
        self.products = dict(known.products)
        self.owners = dict(known.owners)
        self.barcodes = dict(known.barcodes)
        self.categories = known.categories
        self.edited = known.edited

    def accept(self, old: Product | None, new: Product) -> None:
        self.products[new.code] = new
        for sku in old.skus if old else ():
            for barcode in sku.barcodes:
                self.barcodes.pop(barcode, None)
        for sku in new.skus:
            self.owners[sku.code] = Owner(sku.code, new.code, new.kind)
            self.barcodes |= dict.fromkeys(sku.barcodes, sku.code)


def plan(
    wanted: Sequence[ProductDraft], known: Known, new_id: Callable[[], UUID]
) -> tuple[list[Saved | Refused], dict[str, Product]]:
    """Return one outcome per draft, in order, and the products that are different afterwards, by code.

    A draft sees what the accepted ones before it made: a kit may name a part that is created two drafts earlier.
    """
    world = _World(known)
    outcomes: list[Saved | Refused] = []
    for raw in wanted:
        draft = drafts.cleaned(raw)
        old = world.products.get(draft.code)
        reasons = drafts.refusals(draft)
        named = {reason.field for reason in reasons}
        reasons += [reason for reason in _refuse_state(draft, old, world) if reason.field not in named]
        new = None if reasons else _applied(draft, old, new_id)
        if new is not None:
            reasons = _inconsistencies(new, draft, world)
        if new is None or reasons:
            outcomes.append(Refused(draft.code, tuple(reasons)))
            continue
        changed = differences(old, new)
        new = _versioned(old, new)
        if changed:
            world.accept(old, new)
        outcomes.append(Saved(new.product_id, new.code, _outcome(old, changed), new.version, changed))
    changed_products = {c: p for c, p in world.products.items() if known.products.get(c) != p}
    return outcomes, changed_products


def _outcome(old: Product | None, changed: tuple[str, ...]) -> Literal["created", "updated", "unchanged"]:
    if old is None:
        return "created"
    return "updated" if changed else "unchanged"


def codes_named(draft: ProductDraft) -> set[str]:
    """Return every SKU code that saving a cleaned draft may read or write: given, generated, or part of a kit."""
    codes = {sku.code for sku in draft.skus}
    codes |= {part.code for sku in draft.skus if not isinstance(sku.parts, UnsetType) for part in sku.parts}
    options = () if isinstance(draft.options, UnsetType) else draft.options
    if not draft.skus and variants.variant_count(options) <= drafts.SKUS_PER_PRODUCT_MAX:
        blank = Product(ProductId(NIL), draft.code, name="", options=options)
        codes |= {sku.code for sku in missing_variants(blank)}
    return codes


def differences(old: Product | None, new: Product) -> tuple[str, ...]:
    """Return the names of what differs, SKUs like `skus[CODE].barcode`, a new one as `skus[CODE]`."""
    if old is None:
        return (
            "code",
            *(name for name in PRODUCT_FIELDS if getattr(new, name)),
            *(f"skus[{s.code}]" for s in new.skus),
        )
    changed = [name for name in PRODUCT_FIELDS if getattr(old, name) != getattr(new, name)]
    before = {sku.code: sku for sku in old.skus}
    for sku in new.skus:
        was = before.get(sku.code)
        if was is None:
            changed.append(f"skus[{sku.code}]")
        else:
            changed += [f"skus[{sku.code}].{name}" for name in SKU_FIELDS if getattr(was, name) != getattr(sku, name)]
    return tuple(changed)


def _refuse_state(draft: ProductDraft, old: Product | None, world: _World) -> list[Refusal]:
    """Return what the present state forbids, before anything is applied."""
    found: list[Refusal] = []
    if old is None:
        if draft.must == "update":
            return [errors.ProductNotFound(draft.code, field="code")]
        if isinstance(draft.name, UnsetType):
            found.append(errors.ValueMissing(field="name"))
    else:
        if draft.must == "create":
            return [errors.ProductCodeTaken(draft.code, field="code")]
        if draft.expected_version is not None and draft.expected_version != old.version:
            return [_stale_product(draft.expected_version, old, world)]
        if not isinstance(draft.kind, UnsetType) and draft.kind != old.kind:
            found.append(errors.KindIsFixed(old.code, old.kind, field="kind"))
    if isinstance(draft.category, str) and draft.category not in world.categories:
        found.append(errors.UnknownCategory(draft.category, field="category"))
    before = {sku.code: sku for sku in old.skus} if old else {}
    for place, sku in enumerate(draft.skus):
        owner = world.owners.get(sku.code)
        if owner is not None and owner.product != draft.code:
            found.append(errors.SkuCodeTaken(sku.code, owner.product, field=f"skus[{place}].code"))
        was = before.get(sku.code)
        if was and sku.expected_version is not None and sku.expected_version != was.version and old:
            found.append(_stale_sku(sku.expected_version, was, old, world))
    return found


def _stale_product(expected: int, old: Product, world: _World) -> Refusal:
    """Return the refusal, which tells of edits of single SKUs, too, if they came after an edit that counts."""
    newer = edits.since(world.edited.by_thing.get(old.product_id, ()), expected)
    return edits.stale(expected, old.version, newer, world.edited.names)


def _stale_sku(expected: int, was: Sku, old: Product, world: _World) -> Refusal:
    """Return the refusal; each edit of a SKU counts its version up by one, so the last few were missed."""
    own = f"skus[{was.code}]"
    told = [
        edit._replace(fields=fields)
        for edit in world.edited.by_thing.get(old.product_id, ())
        if (fields := tuple(field for field in edit.fields if field.startswith(own)))
    ]
    return edits.stale(expected, was.version, told[: max(was.version - expected, 0)], world.edited.names)


def _applied(draft: ProductDraft, old: Product | None, new_id: Callable[[], UUID]) -> Product:
    """Return the product as the draft wants it, consistent or not."""
    base = old or Product(ProductId(new_id()), draft.code, name="")
    options = _options(draft, base.options)
    product = dataclasses.replace(
        base,
        name=_or(draft.name, base.name),
        description=_or(draft.description, base.description),
        kind=_or(draft.kind, base.kind),
        status=ProductStatus(_or(draft.status, base.status)),
        category=_or(draft.category, base.category),
        tax_class=_or(draft.tax_class, base.tax_class),
        brand=_or(draft.brand, base.brand),
        tags=tuple(sorted(_or(draft.tags, base.tags))),
        options=options,
    )
    wanted = draft.skus
    if old is None and not wanted and variants.variant_count(options) <= drafts.SKUS_PER_PRODUCT_MAX:
        wanted = missing_variants(product)
    skus = {sku.code: sku for sku in product.skus}
    for sku in wanted:
        was = skus.get(sku.code) or Sku(SkuId(new_id()), sku.code, position=len(skus))
        skus[sku.code] = _applied_sku(sku, was)
    return dataclasses.replace(product, skus=tuple(skus.values()))


def missing_variants(product: Product) -> tuple[SkuDraft, ...]:
    """Return a draft for each variant that the options span and no SKU is yet; without options, for the only one."""
    present = {sku.option_values for sku in product.skus}
    taken = {sku.code for sku in product.skus}
    found = []
    for choices in variants.option_matrix(product.options):
        if choices not in present:
            code = variants.variant_code(product.code, choices, taken)
            taken.add(code)
            found.append(SkuDraft(code=code, option_values=choices))
    return tuple(found)


def _options(draft: ProductDraft, present: tuple[Option, ...]) -> tuple[Option, ...]:
    if isinstance(draft.options, UnsetType):
        return present
    if not draft.extends_options:
        return draft.options
    given = {option.name: option.choices for option in draft.options}
    merged = [Option(o.name, tuple(dict.fromkeys([*o.choices, *given.pop(o.name, ())]))) for o in present]
    return (*merged, *(Option(name, choices) for name, choices in given.items()))


def _applied_sku(draft: SkuDraft, old: Sku) -> Sku:
    return dataclasses.replace(
        old,
        option_values=_or(draft.option_values, old.option_values),
        barcode=_or(draft.barcode, old.barcode),
        weight_g=_or(draft.weight_g, old.weight_g),
        length_mm=_or(draft.length_mm, old.length_mm),
        width_mm=_or(draft.width_mm, old.width_mm),
        height_mm=_or(draft.height_mm, old.height_mm),
        is_active=_or(draft.is_active, old.is_active),
        prices=_prices(draft.prices, old.prices),
        parts=tuple(sorted(_or(draft.parts, old.parts))),
        alternate_barcodes=tuple(sorted(_or(draft.alternate_barcodes, old.alternate_barcodes))),
        order_minimum=_or(draft.order_minimum, old.order_minimum),
        order_maximum=_or(draft.order_maximum, old.order_maximum),
        order_step=_or(draft.order_step, old.order_step),
        order_pack=_or(draft.order_pack, old.order_pack),
    )


def _prices(given: tuple[Price, ...] | UnsetType, present: tuple[Price, ...]) -> tuple[Price, ...]:
    if isinstance(given, UnsetType):
        return present
    replaced = {price.currency for price in given}
    kept = [price for price in present if given and price.currency not in replaced]
    return tuple(sorted([*kept, *given], key=lambda price: (price.currency, price.min_quantity)))


def _inconsistencies(new: Product, draft: ProductDraft, world: _World) -> list[Refusal]:
    """Return what does not hold together in the product as it would be."""
    count = max(len(new.skus), variants.variant_count(new.options) if not new.skus else 0)
    if count > drafts.SKUS_PER_PRODUCT_MAX:
        return [errors.LimitExceeded(count, drafts.SKUS_PER_PRODUCT_MAX, field="skus")]
    found: list[Refusal] = []
    places = {sku.code: f"skus[{place}]" for place, sku in enumerate(draft.skus)}
    own = {sku.code for sku in new.skus}
    variants_seen: dict[tuple[str, ...], str] = {}
    barcodes_seen: dict[str, str] = {}
    held = {
        x: holder for sku in new.skus for x in sku.barcodes if (holder := world.barcodes.get(x)) and holder not in own
    }
    for sku in new.skus:
        where = places.get(sku.code, "skus")
        found += _variant_problems(sku, new, where, variants_seen)
        found += _kit_problems(sku, new, where, world)
        owner = world.owners.get(sku.code)
        if owner is not None and owner.product != new.code:
            found.append(errors.SkuCodeTaken(sku.code, owner.product, field=f"{where}.code"))
        found += _barcode_problems(sku, where, held, barcodes_seen)
        field = quantities.field_at_fault(sku.quantities)
        found += [errors.OrderQuantityInvalid(field=f"{where}.order_{field}")] if field else []
    return found


def _barcode_problems(sku: Sku, where: str, held: Mapping[str, str], seen: dict[str, str]) -> list[Refusal]:
    """Return what is wrong with a SKU's barcodes; `held` are those of other products, `seen` those before it."""
    found: list[Refusal] = []
    for barcode in sku.barcodes:
        field = f"{where}.barcode" if barcode == sku.barcode else f"{where}.alternate_barcodes"
        other = held.get(barcode) or seen.setdefault(barcode, sku.code)
        if other != sku.code:
            found.append(errors.BarcodeTaken(barcode, other, field=field))
    if sku.barcode in sku.barcodes[1:]:
        found.append(errors.Repeated(sku.barcode or "", field=f"{where}.alternate_barcodes"))
    return found


def _variant_problems(sku: Sku, product: Product, where: str, seen: dict[tuple[str, ...], str]) -> list[Refusal]:
    if len(sku.option_values) != len(product.options):
        return [
            errors.OptionValuesMismatch(
                sku.code, len(sku.option_values), len(product.options), field=f"{where}.option_values"
            )
        ]
    found: list[Refusal] = [
        errors.UnknownChoice(sku.code, value, option.name, field=f"{where}.option_values[{place}]")
        for place, (value, option) in enumerate(zip(sku.option_values, product.options, strict=True))
        if value not in option.choices
    ]
    other = seen.setdefault(sku.option_values, sku.code)
    if other != sku.code:
        found.append(errors.VariantTaken(sku.code, other, field=f"{where}.option_values"))
    return found


def _kit_problems(sku: Sku, product: Product, where: str, world: _World) -> list[Refusal]:
    if product.kind != SkuKind.kit:
        return [errors.PartsOnlyInKits(sku.code, field=f"{where}.parts")] if sku.parts else []
    if not sku.parts:
        return [errors.KitWithoutParts(sku.code, field=f"{where}.parts")]
    before = world.products.get(product.code)
    known = {part.code for other in before.skus for part in other.parts} if before else set()
    found: list[Refusal] = []
    for part in sku.parts:
        if part.code in known:
            continue  # it was goods then, and nothing stops being goods
        owner = world.owners.get(part.code)
        kind = product.kind if part.code in {s.code for s in product.skus} else owner.kind if owner else None
        if kind is None:
            found.append(errors.UnknownPart(sku.code, part.code, field=f"{where}.parts"))
        elif kind != SkuKind.goods:
            found.append(errors.PartNotGoods(sku.code, part.code, kind, field=f"{where}.parts"))
    return found


def _versioned(old: Product | None, new: Product) -> Product:
    """Return the new state with the versions of what changed counted up."""
    if old is None:
        return new
    before = {sku.code: sku for sku in old.skus}
    skus = tuple(
        dataclasses.replace(sku, version=was.version + 1) if (was := before.get(sku.code)) and was != sku else sku
        for sku in new.skus
    )
    is_edited = len(skus) != len(old.skus) or any(getattr(old, n) != getattr(new, n) for n in PRODUCT_FIELDS)
    return dataclasses.replace(new, skus=skus, version=old.version + 1 if is_edited else old.version)


def _or(given: T | UnsetType, present: T) -> T:
    return present if given is UNSET or isinstance(given, UnsetType) else given
