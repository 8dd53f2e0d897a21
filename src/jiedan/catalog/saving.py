"""Saving products: load what the drafts name, and write what is different, one statement per table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base import edits, sql
from jiedan.base.db import Tx
from jiedan.catalog import events, queries
from jiedan.catalog.rules import drafts, plan
from jiedan.catalog.values import Product, ProductDraft, Rendition, Sku, SkuId, SkuKind

SQL = sql.load("jiedan.catalog", "saving.sql")

Call = tuple[sql.Statement, dict[str, Any]]

T = TypeVar("T")

_NONE = Sku(SkuId(plan.NIL), "")
"""What a new SKU was before."""


async def claim(tx: Tx) -> None:
    """Take this merchant's turn to write the catalog, until the end of the transaction.

    Writers of one catalog take turns, so codes, barcodes, kits and the category tree are checked against a state that
    nobody else is changing. Readers, placement among them, never wait.
    """
    await tx.sql_count(SQL["claim_turn"])


async def known(tx: Tx, wanted: Sequence[ProductDraft]) -> plan.Known:
    """Return what exists of the things the drafts name. Ten statements in three pipelines, whatever their number."""
    cleaned = [drafts.cleaned(draft) for draft in wanted]
    await claim(tx)
    found = await tx.sql_many(_lookups(cleaned))
    product_ids, owners, barcodes, categories = found
    by_id = await queries.products_by_id(tx, product_ids=[row[1] for row in product_ids])
    products = {product.code: product for product in by_id.values()}
    present = {code: sku.code for product in products.values() for sku in product.skus for code in sku.barcodes}
    return plan.Known(
        products=products,
        owners={row[0]: plan.Owner(row[0], row[1], SkuKind(row[2])) for row in owners},
        barcodes={**dict(barcodes), **present},
        categories=frozenset(row[0] for row in categories),
        edited=await _edits(tx, cleaned, products),
    )


async def sku_owners(tx: Tx, codes: Iterable[str]) -> dict[str, str]:
    """Return the product's code of each SKU code that exists."""
    rows = await tx.sql(SQL["sku_owners"], codes=sorted(set(codes)))
    return {row[0]: row[1] for row in rows}


async def write(tx: Tx, before: Mapping[str, Product], after: Iterable[Product]) -> None:
    """Write products that are different from `before`; at most seventeen statements, whatever their number."""
    changed = list(after)
    if not changed:
        return
    codes = sorted({product.category for product in changed if product.category is not None})
    category_ids = dict(await tx.sql(SQL["category_ids"], codes=codes)) if codes else {}
    new = [product for product in changed if product.code not in before]
    edited = [product for product in changed if product.code in before]
    old_skus = {sku.sku_id: sku for product in before.values() for sku in product.skus}
    pairs = [(product, sku) for product in changed for sku in product.skus if old_skus.get(sku.sku_id) != sku]
    calls = [
        *_product_calls(tx, new, edited, category_ids),
        *_trait_calls(changed, before),
        *_option_calls(changed, before),
        *_sku_calls(tx, pairs, old_skus),
        *_barcode_calls([sku for _, sku in pairs], old_skus),
        *_price_calls([sku for _, sku in pairs], old_skus),
        *_part_calls([sku for _, sku in pairs], old_skus),
    ]
    if reopened := [p.product_id for p in changed if _sells_otherwise(before.get(p.code), p)]:
        calls.append((SQL["refresh_may_be_sold"], {"product_ids": reopened}))
    await tx.sql_many(calls)


def _sells_otherwise(before: Product | None, after: Product) -> bool:
    """Tell whether other SKUs of the product may be sold now: is it open, are they, and what are kits made of."""
    if before is None or before.status != after.status:
        return True
    was = {sku.sku_id: (sku.is_active, sku.parts) for sku in before.skus}
    return was != {sku.sku_id: (sku.is_active, sku.parts) for sku in after.skus}


async def place_images(tx: Tx, image_ids: Sequence[UUID]) -> None:
    """Give pictures their positions in this order. One statement."""
    await tx.sql_count(SQL["place_images"], image_ids=list(image_ids), positions=list(range(len(image_ids))))


async def delete_renditions(tx: Tx, image_id: UUID) -> None:
    """Forget the smaller copies of a picture. One statement."""
    await tx.sql_count(SQL["delete_renditions"], image_id=image_id)


async def insert_renditions(tx: Tx, image_id: UUID, renditions: Sequence[Rendition]) -> None:
    """Add smaller copies of a picture. One statement, or none."""
    if renditions:
        await tx.sql_count(
            SQL["insert_renditions"],
            image_id=image_id,
            edges=[each.edge_px for each in renditions],
            keys=[each.storage_key for each in renditions],
            media_types=[each.media_type for each in renditions],
            widths=[each.width_px for each in renditions],
            heights=[each.height_px for each in renditions],
            sizes=[each.size_bytes for each in renditions],
        )


def _lookups(wanted: Sequence[ProductDraft]) -> list[Call]:
    sku_codes = {code for draft in wanted for code in plan.codes_named(draft)}
    barcodes = {code for draft in wanted for sku in draft.skus for code in drafts.barcodes_of(sku)}
    categories = {draft.category for draft in wanted if isinstance(draft.category, str)}
    return [
        (SQL["product_ids"], {"codes": sorted({draft.code for draft in wanted})}),
        (SQL["sku_owners"], {"codes": sorted(sku_codes)}),
        (SQL["barcode_owners"], {"barcodes": sorted(barcodes)}),
        (SQL["category_ids"], {"codes": sorted(categories)}),
    ]


async def _edits(tx: Tx, wanted: Sequence[ProductDraft], products: Mapping[str, Product]) -> edits.Edits:
    """Return who changed what, of products of drafts that expect a version; without such drafts, ask nothing."""
    asked = {
        products[draft.code].product_id
        for draft in wanted
        if draft.code in products
        and (draft.expected_version is not None or any(sku.expected_version is not None for sku in draft.skus))
    }
    if not asked:
        return edits.Edits()
    return await accounts.edits(tx, subject_ids=asked, kind=events.ProductChanged.kind)


def _product_calls(
    tx: Tx, new: Sequence[Product], edited: Sequence[Product], category_ids: Mapping[str, UUID]
) -> list[Call]:
    calls: list[Call] = []
    for name, products in (("insert_products", new), ("update_products", edited)):
        if products:
            columns = {
                "at": tx.now,
                "product_ids": [p.product_id for p in products],
                "names": [p.name for p in products],
                "descriptions": [p.description for p in products],
                "statuses": [p.status for p in products],
                "category_ids": [category_ids[p.category] if p.category else None for p in products],
                "tax_classes": [p.tax_class for p in products],
                "brands": [p.brand for p in products],
                "tags": [_json(p.tags) for p in products],
                "versions": [p.version for p in products],
            }
            if name == "insert_products":
                columns |= {"codes": [p.code for p in products], "kinds": [p.kind for p in products]}
            calls.append((SQL[name], columns))
    return calls


def _trait_calls(changed: Sequence[Product], before: Mapping[str, Product]) -> list[Call]:
    differing = [p for p in changed if _traits(p) != (_traits(before[p.code]) if p.code in before else [])]
    stale = [p.product_id for p in differing if p.code in before]
    rows = [(trait, p.product_id) for p in differing for trait in _traits(p)]
    calls: list[Call] = [(SQL["delete_traits"], {"product_ids": stale})] if stale else []
    if rows:
        columns = {"traits": [row[0] for row in rows], "product_ids": [row[1] for row in rows]}
        calls.append((SQL["insert_traits"], columns))
    return calls


def _traits(product: Product) -> list[str]:
    """Return the brand and the tags of a product as rules of prices name them."""
    return [*([f"brand:{product.brand}"] if product.brand else ()), *(f"tag:{tag}" for tag in product.tags)]


def _option_calls(changed: Sequence[Product], before: Mapping[str, Product]) -> list[Call]:
    differing = [p for p in changed if p.options != (before[p.code].options if p.code in before else ())]
    stale = [p.product_id for p in differing if p.code in before]
    rows = [(p.product_id, place, option) for p in differing for place, option in enumerate(p.options)]
    calls: list[Call] = [(SQL["delete_options"], {"product_ids": stale})] if stale else []
    if rows:
        columns = {
            "product_ids": [row[0] for row in rows],
            "positions": [row[1] for row in rows],
            "names": [row[2].name for row in rows],
            "choices": [_json(row[2].choices) for row in rows],
        }
        calls.append((SQL["insert_options"], columns))
    return calls


def _sku_calls(tx: Tx, pairs: Sequence[tuple[Product, Sku]], old: Mapping[Any, Sku]) -> list[Call]:
    """Return the writes of SKUs; those whose variant changes first let go of it, so two may swap."""
    moving = [s.sku_id for _, s in pairs if s.sku_id in old and s.option_values != old[s.sku_id].option_values]
    calls: list[Call] = [(SQL["vacate_skus"], {"sku_ids": moving})] if moving else []
    for name, some in (
        ("update_skus", [pair for pair in pairs if pair[1].sku_id in old]),
        ("insert_skus", [pair for pair in pairs if pair[1].sku_id not in old]),
    ):
        if some:
            columns = {
                "at": tx.now,
                "sku_ids": [s.sku_id for _, s in some],
                "option_values": [_json(s.option_values) for _, s in some],
                "weights": [s.weight_g for _, s in some],
                "lengths": [s.length_mm for _, s in some],
                "widths": [s.width_mm for _, s in some],
                "heights": [s.height_mm for _, s in some],
                "actives": [s.is_active for _, s in some],
                "positions": [s.position for _, s in some],
                "versions": [s.version for _, s in some],
                **{f"{name}s": [getattr(s, name) for _, s in some] for name in plan.ORDERED_IN},
            }
            if name == "insert_skus":
                columns |= {"product_ids": [p.product_id for p, _ in some], "codes": [s.code for _, s in some]}
            calls.append((SQL[name], columns))
    return calls


def _barcode_calls(skus: Sequence[Sku], old: Mapping[Any, Sku]) -> list[Call]:
    """Return the writes of barcodes; all that change are let go of first, so two SKUs may swap theirs."""
    stale, rows = _replaced(skus, old, _barcodes)
    calls: list[Call] = [(SQL["delete_barcodes"], {"sku_ids": stale})] if stale else []
    if rows:
        columns = {
            "sku_ids": [sku_id for sku_id, _ in rows],
            "barcodes": [barcode for _, (barcode, _, _) in rows],
            "quantities": [quantity for _, (_, quantity, _) in rows],
            "mains": [is_main for _, (_, _, is_main) in rows],
        }
        calls.append((SQL["insert_barcodes"], columns))
    return calls


def _barcodes(sku: Sku) -> list[tuple[str, int, bool]]:
    own = [] if sku.barcode is None else [(sku.barcode, 1, True)]
    return own + [(other.barcode, other.quantity, False) for other in sku.alternate_barcodes]


def _price_calls(skus: Sequence[Sku], old: Mapping[Any, Sku]) -> list[Call]:
    stale, rows = _replaced(skus, old, lambda sku: sku.prices)
    calls: list[Call] = [(SQL["delete_prices"], {"sku_ids": stale})] if stale else []
    if rows:
        columns = {
            "sku_ids": [sku_id for sku_id, _ in rows],
            "currencies": [price.currency for _, price in rows],
            "min_quantities": [price.min_quantity for _, price in rows],
            "units_minor": [price.unit_minor for _, price in rows],
        }
        calls.append((SQL["insert_prices"], columns))
    return calls


def _part_calls(skus: Sequence[Sku], old: Mapping[Any, Sku]) -> list[Call]:
    stale, rows = _replaced(skus, old, lambda sku: sku.parts)
    calls: list[Call] = [(SQL["delete_parts"], {"sku_ids": stale})] if stale else []
    if rows:
        columns = {
            "sku_ids": [sku_id for sku_id, _ in rows],
            "codes": [part.code for _, part in rows],
            "quantities": [part.quantity for _, part in rows],
        }
        calls.append((SQL["insert_parts"], columns))
    return calls


def _replaced(
    skus: Sequence[Sku], old: Mapping[Any, Sku], of: Callable[[Sku], Sequence[T]]
) -> tuple[list[SkuId], list[tuple[SkuId, T]]]:
    """Return which SKUs lose what they had, and what those get that differ."""
    differing = [s for s in skus if of(s) != of(old.get(s.sku_id, _NONE))]
    return [s.sku_id for s in differing if s.sku_id in old], [(s.sku_id, one) for s in differing for one in of(s)]


def _json(texts: tuple[str, ...]) -> str:
    return msgspec.json.encode(texts).decode()
