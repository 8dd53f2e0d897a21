"""Open a cart, fill it, and hold what is in it for a while."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.accounts.errors import ChoiceUnknown
from jiedan.accounts.values import MerchantSettings
from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Overtaken, one_of
from jiedan.base.i18n import Series
from jiedan.carts import errors, queries, rules, saving
from jiedan.carts.service import holding, measures
from jiedan.carts.values import CART_LINES_MAX, Cart, CartId, CartLine, Wish
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import quantities
from jiedan.catalog.values import PriceTier, SellableSku, SkuId
from jiedan.customers import errors as customer_errors
from jiedan.customers import queries as customers
from jiedan.pricing import queries as pricing
from jiedan.sourcing.values import Point

OPERATION = "carts.open"

Key = tuple[SkuId, str]
"""A line of a cart: its SKU, and which piece where it is made to measure."""


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
    left than a line is raised to. Of a piece that is put in, or more often than before, every measure that is missing,
    unknown or out of its limits is refused at once; what lies there already is not judged again.
    """
    cart = await open_for_update(tx, cart_id)
    wishes = [rules.masked(wish) for wish in wishes]
    return await _fill(tx, cart, wishes, is_whole=is_whole, currency=currency, destination=destination)


async def add_to_cart(
    tx: Tx, *, cart_id: UUID, wish: Wish, currency: str | None = None, destination: Point | None = None
) -> Cart:
    """Put so many more units of a SKU into a cart. Raises as `fill_cart`."""
    cart = await open_for_update(tx, cart_id)
    wish = rules.masked(wish)
    skus = await tx.load_one(catalog.sellable_skus([wish.sku]))
    known = skus.get(wish.sku)
    piece = rules.piece_wished(wish)
    alike = [x for x in cart.lines if known is not None and (x.sku_id, x.piece) == (known.sku_id, piece)]
    more = wish._replace(quantity=wish.quantity + sum(x.quantity for x in alike))
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
    settings, version, by_code, by_id = await tx.load(
        accounts.settings(),
        pricing.version_in_force(at=tx.now),
        catalog.sellable_skus([wish.sku for wish in wishes]),
        catalog.skus_by_id([line.sku_id for line in cart.lines]),
    )
    currency = currency if currency is not None and currency in settings.currencies else cart.currency
    wanted = _wanted(cart, wishes, by_code, is_whole=is_whole)
    skus: dict[SkuId, SellableSku] = {**by_id, **{sku.sku_id: sku for sku in by_code.values()}}
    raised = _raised(cart, wanted)
    for place, wish in enumerate(wishes):
        sku = by_code.get(wish.sku)
        is_raised = sku is not None and (sku.sku_id, rules.piece_wished(wish)) in raised
        if wish.quantity and (sku is None or (not sku.is_active and is_raised)):
            raise errors.SkuNotSold(wish.sku, field=f"lines[{place}].sku")
    wanted = {key: line for key, line in wanted.items() if line.sku_id in skus}
    off = await measures.problems(
        tx,
        _put_in(wishes, by_code, wanted, raised),
        skus,
        version=version,
        prices_include_tax=settings.prices_include_tax,
    )
    off += rules.quantity_problems(wishes, by_code, {(x.sku_id, x.piece): x for x in cart.lines}, wanted)
    if off:
        raise one_of(off)
    kept = [(skus[line.sku_id], line.quantity) for line in wanted.values()]
    if len(kept) > CART_LINES_MAX:
        raise errors.CartFull(CART_LINES_MAX, field="lines")
    left = await holding.hold(tx, cart.cart_id, kept, settings=settings, destination=destination)
    raised_ids = {sku_id for sku_id, _ in raised}
    _refuse_too_many(settings, raised_ids, kept, left, [wish.sku for wish in wishes])
    tiers = await tx.load_one(catalog.price_tiers([sku.code for sku, _ in kept], [currency]))
    lines = _priced(wanted.values(), skus, tiers, currency)
    is_other = (currency, lines) != (cart.currency, cart.lines)  # what is only held longer is the same cart
    changed = dataclasses.replace(
        cart, currency=currency, lines=lines, version=cart.version + is_other, updated_at=tx.now
    )
    await saving.put(tx, changed, changed.lines)
    return changed


def _wanted(
    cart: Cart, wishes: Sequence[Wish], by_code: Mapping[str, SellableSku], *, is_whole: bool
) -> dict[Key, CartLine]:
    """Return what the cart is to have, in the order of its lines, new ones last; a piece that is gone is not wanted."""
    there: dict[Key, CartLine] = {(line.sku_id, line.piece): line for line in cart.lines}
    wanted = {} if is_whole else dict(there)
    for wish in wishes:
        sku = by_code.get(wish.sku)
        if sku is None:
            continue
        key = sku.sku_id, rules.piece_wished(wish)
        new = None if wish.piece else CartLine(sku.sku_id, 0, None, cart.currency, wish.attributes, key[1])
        line = there.get(key, new)
        if line is not None:
            wanted[key] = line._replace(quantity=wish.quantity)
    return {key: line for key, line in wanted.items() if line.quantity}


def _raised(cart: Cart, wanted: Mapping[Key, CartLine]) -> set[Key]:
    """Return what the cart is to have more of than before: only that is refused where too little is left."""
    before = {(line.sku_id, line.piece): line.quantity for line in cart.lines}
    return {key for key, line in wanted.items() if line.quantity > before.get(key, 0)}


def _put_in(
    wishes: Sequence[Wish], by_code: Mapping[str, SellableSku], wanted: Mapping[Key, CartLine], raised: set[Key]
) -> dict[int, CartLine]:
    """Return what is to be there more often than before, by its place in what was asked."""
    keys = {
        place: (by_code[wish.sku].sku_id, rules.piece_wished(wish))
        for place, wish in enumerate(wishes)
        if wish.sku in by_code
    }
    return {place: wanted[key] for place, key in keys.items() if key in raised and key in wanted}


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
    in_all: dict[SkuId, int] = {}
    for sku, quantity in kept:
        in_all[sku.sku_id] = in_all.get(sku.sku_id, 0) + quantity
    for (sku, _), units in zip(kept, left, strict=True):
        quantity = in_all[sku.sku_id]
        if units is None or units >= quantity or sku.sku_id not in raised:
            continue
        available = quantities.allowed(sku.quantities).at_most(units)
        field = f"lines[{named.index(sku.code)}].quantity" if sku.code in named else None
        if available:
            raise errors.NotEnoughLeft(sku.code, quantity, available, field=field)
        raise errors.SoldOut(sku.code, field=field)


def _priced(
    wanted: Iterable[CartLine],
    skus: Mapping[SkuId, SellableSku],
    tiers: Mapping[tuple[str, str], tuple[PriceTier, ...]],
    currency: str,
) -> tuple[CartLine, ...]:
    """Return lines at today's prices of the catalog; a piece made to measure has none there."""
    return tuple(
        line._replace(
            unit_minor=None
            if line.piece
            else rules.unit_price(tiers.get((skus[line.sku_id].code, currency), ()), line.quantity),
            currency=currency,
        )
        for line in wanted
    )
