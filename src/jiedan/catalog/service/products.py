"""Products and SKUs: every save is an upsert of a set of drafts."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections
from jiedan.catalog import errors, events, indexing, queries, saving
from jiedan.catalog.rules import plan
from jiedan.catalog.values import Product, ProductDraft, Refused, Saved, Sku, SkuDraft

PRODUCTS_PER_BATCH_MAX = 200

FIELDS_MAX = 200
"""How many field names an event carries; who needs more compares the products."""


async def upsert_products(tx: Tx, *, products: Sequence[ProductDraft]) -> list[Saved | Refused]:
    """Create or change products by code; one outcome per draft, in order, and a refusal stops no other.

    The statement count does not depend on the number of drafts; saving the same again changes nothing and says so.
    Raises LimitExceeded for more than `PRODUCTS_PER_BATCH_MAX` drafts.
    """
    if len(products) > PRODUCTS_PER_BATCH_MAX:
        raise errors.LimitExceeded(len(products), PRODUCTS_PER_BATCH_MAX, field="products")
    if not products:
        return []
    known = await saving.known(tx, products)
    outcomes, changed = plan.plan(products, known, tx.new_id)
    await saving.write(tx, known.products, changed.values())
    for outcome in outcomes:
        if isinstance(outcome, Saved) and outcome.outcome == "created":
            tx.emit(events.ProductCreated(product_id=outcome.product_id, code=outcome.code))
        elif isinstance(outcome, Saved) and outcome.outcome == "updated":
            tx.emit(
                events.ProductChanged(
                    product_id=outcome.product_id,
                    code=outcome.code,
                    version=outcome.version,
                    fields=list(outcome.changed[:FIELDS_MAX]),
                )
            )
    return outcomes


async def save_product(tx: Tx, *, product: ProductDraft) -> Saved:
    """Save one draft. Raises the reason it is refused for, or Rejections when there are several."""
    (outcome,) = await upsert_products(tx, products=[product])
    return _accepted(outcome)


async def edit_sku(tx: Tx, *, sku_id: UUID, changes: SkuDraft) -> tuple[Product, Sku]:
    """Change one SKU; the draft's code is not looked at. Raises SkuNotFound, or what the change is refused for."""
    product, sku = await queries.product_of_sku(tx, sku_id=sku_id)
    draft = ProductDraft(code=product.code, must="update", skus=(msgspec.structs.replace(changes, code=sku.code),))
    (outcome,) = await upsert_products(tx, products=[draft])
    if isinstance(outcome, Refused):
        outcome = outcome._replace(reasons=tuple(_of_its_only_sku(reason) for reason in outcome.reasons))
    _accepted(outcome)
    return await queries.product_of_sku(tx, sku_id=sku_id)


async def generate_variants(tx: Tx, *, product_id: UUID, expected_version: int | None = None) -> Saved:
    """Add a SKU for each variant that the options span and none exists of yet, with codes made from the choices.

    Raises ProductNotFound, StaleVersion, or LimitExceeded when the options span too many.
    """
    await saving.claim(tx)
    product = await queries.product(tx, product_id=product_id)
    skus = plan.missing_variants(product)
    draft = ProductDraft(code=product.code, must="update", skus=skus, expected_version=expected_version)
    return await save_product(tx, product=draft)


async def price_skus(tx: Tx, *, skus: Sequence[SkuDraft]) -> list[Saved | Refused]:
    """Set prices, or anything else, of SKUs known by code alone; one outcome per SKU, in order.

    Raises LimitExceeded for more than `PRODUCTS_PER_BATCH_MAX` SKUs.
    """
    owners = await saving.sku_owners(tx, [sku.code for sku in skus])
    drafts = [ProductDraft(code=owners[sku.code], must="update", skus=(sku,)) for sku in skus if sku.code in owners]
    saved = iter(await upsert_products(tx, products=drafts))
    return [
        _named(next(saved), sku.code)
        if sku.code in owners
        else Refused(sku.code, (errors.SkuNotFound(sku.code, field="code"),))
        for sku in skus
    ]


async def index_products(tx: Tx, *, product_ids: Collection[UUID]) -> None:
    """Make the search terms of these products' SKUs what they should be now."""
    ids = sorted(product_ids)
    for start in range(0, len(ids), PRODUCTS_PER_BATCH_MAX):
        await indexing.write_terms(tx, ids[start : start + PRODUCTS_PER_BATCH_MAX])


def _named(outcome: Saved | Refused, sku_code: str) -> Saved | Refused:
    """Return the outcome of a draft with one SKU under that SKU's code."""
    if isinstance(outcome, Saved):
        return outcome._replace(code=sku_code)
    return Refused(sku_code, tuple(_of_its_only_sku(reason) for reason in outcome.reasons))


def _of_its_only_sku(reason: Refusal) -> Refusal:
    """Return the reason with its field named from the SKU, which the caller sent alone."""
    reason.field = reason.field.removeprefix("skus[0].") if reason.field else None
    return reason


def _accepted(outcome: Saved | Refused) -> Saved:
    if isinstance(outcome, Saved):
        return outcome
    if len(outcome.reasons) == 1:
        raise outcome.reasons[0]
    raise Rejections(outcome.reasons)
