"""Open a cart, fill it, and hold what is in it for a while."""

import dataclasses
from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.accounts.errors import ChoiceUnknown
from jiedan.accounts.values import MerchantSettings
from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Overtaken, one_of
from jiedan.base.i18n import Series
from jiedan.carts import errors, queries, rules, saving
from jiedan.carts.service import holding
from jiedan.carts.values import CART_LINES_MAX, Cart, CartId, CartLine, Wish
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import quantities
from jiedan.catalog.values import PriceTier, SellableSku, SkuId
from jiedan.customers import errors as customer_errors
from jiedan.customers import queries as customers
from jiedan.sourcing.values import Point

OPERATION = "carts.open"


async def open_cart(
    tx: Tx,
    *,
    holder_hash: bytes | None = None,
    customer_id: UUID | None = None,
    currency: str | None = None,
    key: str | None = None,
) -> CartId:
    """Open an empty cart, or return the open one of this holder or customer; the same `key` again, the same cart.

    Raises ChoiceUnknown for a currency that is not accepted, CustomerNotFound or KeyReused.
    """
    settings = await tx.load_one(accounts.settings())
    chosen = currency or settings.currency
    if chosen not in settings.currencies:
        raise ChoiceUnknown(value=chosen, choices=Series(settings.currencies), field="currency")
    if customer_id is not None:
        known = await tx.load_one(customers.existing([customer_id]))
        if not known:
            raise customer_errors.CustomerNotFound(str(customer_id), field="customer_id")
        customer_id = next(iter(known.values())).customer_id

    async def make() -> UUID:
        return await _new_or_open(tx, holder_hash=holder_hash, customer_id=customer_id, currency=chosen)

    return CartId(await once.created(tx, operation=OPERATION, key=key, body=[customer_id, chosen], make=make))


async def _new_or_open(tx: Tx, *, holder_hash: bytes | None, customer_id: UUID | None, currency: str) -> CartId:
    cart_id = CartId(tx.new_id())
    if await saving.insert_cart(
        tx, cart_id=cart_id, holder_hash=holder_hash, customer_id=customer_id, currency=currency
    ):
        return cart_id
    found = await queries.cart_of_holder(tx, holder_hash) if holder_hash is not None else None
    if found is None and customer_id is not None:
        found = await queries.cart_of_customer(tx, customer_id)
    locked = {} if found is None else await queries.carts_for_update(tx, [found])
    if found is None or found not in locked or locked[found].order_id is not None:
        raise Overtaken  # the one that stood in the way was ordered or discarded meanwhile
    return found


async def fill_cart(
    tx: Tx,
    *,
    cart_id: UUID,
    wishes: Sequence[Wish],
    is_whole: bool = False,
    currency: str | None = None,
    destination: Point | None = None,
) -> Cart:
    """Make quantities what `wishes` say and hold what the cart asks for; with `is_whole`, nothing else stays in it.

    Raises CartNotFound, CartOrdered, CartFull, CartQuantityOutOfRange, SkuRepeated, SkuNotSold, what
    `quantity_problem` returns for another quantity than a SKU is ordered in, and NotEnoughLeft or SoldOut where less is
    left than a line is raised to.
    """
    cart = await open_for_update(tx, cart_id)
    return await _fill(tx, cart, wishes, is_whole=is_whole, currency=currency, destination=destination)


async def add_to_cart(
    tx: Tx, *, cart_id: UUID, wish: Wish, currency: str | None = None, destination: Point | None = None
) -> Cart:
    """Put so many more units of a SKU into a cart. Raises as `fill_cart`."""
    cart = await open_for_update(tx, cart_id)
    skus = await tx.load_one(catalog.sellable_skus([wish.sku]))
    known = skus.get(wish.sku)
    before = next((x.quantity for x in cart.lines if known is not None and x.sku_id == known.sku_id), 0)
    more = Wish(wish.sku, before + wish.quantity)
    return await _fill(tx, cart, [more], is_whole=False, currency=currency, destination=destination)


async def hold_cart(tx: Tx, *, cart_id: UUID, currency: str | None = None, destination: Point | None = None) -> Cart:
    """Hold what a cart asks for anew, as far as it is there, and take today's prices for seen.

    Raises CartNotFound or CartOrdered.
    """
    cart = await open_for_update(tx, cart_id)
    return await _fill(tx, cart, (), is_whole=False, currency=currency, destination=destination)


async def open_for_update(tx: Tx, cart_id: UUID) -> Cart:
    """Lock a cart that was not ordered. Raises CartNotFound or CartOrdered."""
    found = (await queries.carts_for_update(tx, [cart_id])).get(CartId(cart_id))
    if found is None:
        raise errors.CartNotFound(str(cart_id))
    if found.order_id is not None:
        raise errors.CartOrdered
    return found


async def _fill(
    tx: Tx, cart: Cart, wishes: Sequence[Wish], *, is_whole: bool, currency: str | None, destination: Point | None
) -> Cart:
    reasons = rules.check_wishes(wishes)
    if reasons:
        raise one_of(reasons)
    settings, by_code, by_id = await tx.load(
        accounts.settings(),
        catalog.sellable_skus([wish.sku for wish in wishes]),
        catalog.skus_by_id([line.sku_id for line in cart.lines]),
    )
    currency = currency if currency is not None and currency in settings.currencies else cart.currency
    wanted = _wanted(cart, wishes, by_code, is_whole=is_whole)
    skus: dict[SkuId, SellableSku] = {**by_id, **{sku.sku_id: sku for sku in by_code.values()}}
    raised = _raised(cart, wanted)
    for place, wish in enumerate(wishes):
        sku = by_code.get(wish.sku)
        if wish.quantity and (sku is None or (not sku.is_active and sku.sku_id in raised)):
            raise errors.SkuNotSold(wish.sku, field=f"lines[{place}].sku")
    off = rules.quantity_problems(wishes, by_code, {line.sku_id: line.quantity for line in cart.lines})
    if off:
        raise one_of(off)
    kept = [(skus[sku_id], quantity) for sku_id, quantity in wanted.items() if sku_id in skus]
    if len(kept) > CART_LINES_MAX:
        raise errors.CartFull(CART_LINES_MAX, field="lines")
    left = await holding.hold(tx, cart.cart_id, kept, settings=settings, destination=destination)
    _refuse_too_many(settings, raised, kept, left, [wish.sku for wish in wishes])
    tiers = await tx.load_one(catalog.price_tiers([sku.code for sku, _ in kept], [currency]))
    lines = _priced(kept, tiers, currency)
    is_other = (currency, lines) != (cart.currency, cart.lines)  # what is only held longer is the same cart
    changed = dataclasses.replace(
        cart, currency=currency, lines=lines, version=cart.version + is_other, updated_at=tx.now
    )
    await saving.put(tx, changed, changed.lines)
    return changed


def _wanted(
    cart: Cart, wishes: Sequence[Wish], by_code: Mapping[str, SellableSku], *, is_whole: bool
) -> dict[SkuId, int]:
    """Return the quantities the cart is to have, in the order of its lines, new ones last."""
    wanted = {} if is_whole else {line.sku_id: line.quantity for line in cart.lines}
    for wish in wishes:
        sku = by_code.get(wish.sku)
        if sku is not None:
            wanted[sku.sku_id] = wish.quantity
    return {sku_id: quantity for sku_id, quantity in wanted.items() if quantity}


def _raised(cart: Cart, wanted: Mapping[SkuId, int]) -> set[SkuId]:
    """Return what the cart is to have more of than before: only that is refused where too little is left."""
    before = {line.sku_id: line.quantity for line in cart.lines}
    return {sku_id for sku_id, quantity in wanted.items() if quantity > before.get(sku_id, 0)}


def _refuse_too_many(
    settings: MerchantSettings,
    raised: set[SkuId],
    kept: Sequence[tuple[SellableSku, int]],
    left: Sequence[int | None],
    named: Sequence[str],
) -> None:
    """Raise SoldOut or NotEnoughLeft for a line that was raised beyond what is left, where nothing may wait."""
    if settings.backorder:
        return
    for (sku, quantity), units in zip(kept, left, strict=True):
        if units is None or units >= quantity or sku.sku_id not in raised:
            continue
        available = quantities.allowed(sku.quantities).at_most(units)
        field = f"lines[{named.index(sku.code)}].quantity" if sku.code in named else None
        if available:
            raise errors.NotEnoughLeft(sku.code, quantity, available, field=field)
        raise errors.SoldOut(sku.code, field=field)


def _priced(
    kept: Sequence[tuple[SellableSku, int]], tiers: Mapping[tuple[str, str], tuple[PriceTier, ...]], currency: str
) -> tuple[CartLine, ...]:
    return tuple(
        CartLine(sku.sku_id, quantity, rules.unit_price(tiers.get((sku.code, currency), ()), quantity), currency)
        for sku, quantity in kept
    )
