"""Give a visitor's cart to the customer who signed in."""

import dataclasses
from uuid import UUID

import psycopg.errors

from jiedan.accounts import queries as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Overtaken
from jiedan.carts import errors, queries, rules, saving
from jiedan.carts.service import ends, holding
from jiedan.carts.values import Cart, CartId
from jiedan.catalog import queries as catalog
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerId
from jiedan.sourcing.values import Point


async def attach_cart(
    tx: Tx, *, holder_hash: bytes, customer_id: UUID, destination: Point | None = None
) -> CartId | None:
    """Make the open cart of a browser the customer's, and return it; None when neither has one.

    Where the customer has an open cart already, what is in the browser's comes into it, and the browser's is
    forgotten; from then on the browser finds the customer's cart by its own secret no more, but by the customer.
    Raises CartOfAnother when what the browser holds is another customer's.
    """
    visitors = await queries.cart_of_holder(tx, holder_hash)
    own = await queries.cart_of_customer(tx, customer_id)
    if visitors is None:
        return own
    if own == visitors:
        return own
    found = await queries.carts_for_update(tx, [x for x in (visitors, own) if x is not None])
    brought = found.get(visitors)
    if brought is None:  # forgotten between the two reads
        raise Overtaken
    if brought.order_id is not None:
        return own
    if brought.customer_id is not None and not await _is_same(tx, customer_id, brought.customer_id):
        raise errors.CartOfAnother
    kept = found.get(own) if own is not None else None
    if kept is None or kept.order_id is not None:
        theirs = dataclasses.replace(brought, customer_id=CustomerId(customer_id), version=brought.version + 1)
        await _hand_over(tx, theirs)
        return visitors
    await _merge(tx, kept, brought, destination=destination)
    return kept.cart_id


async def _hand_over(tx: Tx, theirs: Cart) -> None:
    """Make a cart its customer's. Raises Overtaken where they have opened one in this very moment."""
    try:
        await saving.put(tx, theirs, theirs.lines)
    except psycopg.errors.UniqueViolation as error:
        raise Overtaken from error


async def _is_same(tx: Tx, customer_id: UUID, other_id: UUID) -> bool:
    """Tell whether two ids are one customer: the same, or that of a duplicate that was merged into them."""
    return other_id in (await tx.load_one(customers.identities([customer_id]))).get(customer_id, [customer_id])


async def _merge(tx: Tx, kept: Cart, brought: Cart, *, destination: Point | None) -> None:
    """Bring the lines of one cart into another and hold them there; the first is forgotten."""
    lines = rules.merged(kept.lines, brought.lines)
    await ends.let_go(tx, [brought.cart_id])
    await saving.delete(tx, [brought.cart_id])
    settings, skus = await tx.load(accounts.settings(), catalog.skus_by_id([line.sku_id for line in lines]))
    known = [line for line in lines if line.sku_id in skus]
    await holding.hold(
        tx,
        kept.cart_id,
        [(skus[line.sku_id], line.quantity) for line in known],
        settings=settings,
        destination=destination,
    )
    await saving.put(
        tx,
        dataclasses.replace(
            kept, version=kept.version + 1, coupons=rules.merged_coupons(kept.coupons, brought.coupons)
        ),
        [line if line.currency == kept.currency else line._replace(unit_minor=None) for line in known],
    )
