"""Coupons of a cart: codes are looked at when they come, and kept for who places its order.

Who tries many codes that no coupon has must wait: here, as wherever codes are taken.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, one_of
from jiedan.carts import errors, saving
from jiedan.carts.service.fill import open_for_update
from jiedan.carts.values import CART_COUPONS_MAX, Cart
from jiedan.pricing.errors import CouponLookUpsThrottled, CouponRefused
from jiedan.pricing.queries import redemptions
from jiedan.pricing.rules.coupons import canonical, facts_of
from jiedan.pricing.service import coupons as pricing
from jiedan.pricing.values.promoted import CouponState


async def put_coupons(
    tx: Tx, *, cart_id: UUID, typed: Sequence[str], caller: str, network: str, is_whole: bool = False
) -> Cart | Refusal:
    """Let a cart keep these codes too, however they are written; with `is_whole`, no others.

    A code that it keeps already is not looked at again. Codes that no coupon has count for who tries and from where.
    CouponRefused of codes, or CouponLookUpsThrottled, is a value, so that the count is stored. Raises CartNotFound,
    CartOrdered or TooManyCoupons.
    """
    cart = await open_for_update(tx, cart_id)
    given = {canonical(text) or text: place for place, text in reversed(list(enumerate(typed)))}
    asked = sorted(given, key=lambda code: given[code])
    kept = tuple(dict.fromkeys([*(() if is_whole else cart.coupons), *asked]))
    if len(kept) > CART_COUPONS_MAX:
        raise errors.TooManyCoupons(CART_COUPONS_MAX, field="coupons")
    added = [code for code in asked if code not in cart.coupons]
    if added:
        wait_s = await pricing.wait_of_tries(tx, caller=caller, network=network)
        if wait_s:
            return CouponLookUpsThrottled(retry_after_s=wait_s, field=f"coupons[{given[added[0]]}]")
        states = await _states(tx, cart, added)
        wrong = [code for code in added if states[code] != "ok"]
        unknown = sum(states[code] == "unknown" for code in added)
        if unknown:
            await pricing.count_tries(tx, caller=caller, network=network, times=unknown)
        if wrong:
            return one_of([
                CouponRefused(typed[given[code]], states[code], field=f"coupons[{given[code]}]") for code in wrong
            ])  # fmt: skip
    return await _keep(tx, cart, kept)


async def take_coupon_out(tx: Tx, *, cart_id: UUID, code: str) -> Cart:
    """Let a cart keep a code no more. Raises CartNotFound or CartOrdered; one that it does not keep is gone already."""
    cart = await open_for_update(tx, cart_id)
    return await _keep(tx, cart, tuple(one for one in cart.coupons if one != code))


async def _states(tx: Tx, cart: Cart, codes: Sequence[str]) -> Mapping[str, CouponState]:
    buyers = [] if cart.customer_id is None else [cart.customer_id]
    found = await redemptions.facts(tx, codes=codes, customer_ids=buyers, promotions=())
    told = facts_of(found, codes=codes, customer_id=cart.customer_id, promotions={}, at=tx.now)
    return {coupon.code: coupon.state for coupon in told.coupons}


async def _keep(tx: Tx, cart: Cart, coupons: tuple[str, ...]) -> Cart:
    if coupons == cart.coupons:
        return cart
    changed = dataclasses.replace(cart, coupons=coupons, version=cart.version + 1, updated_at=tx.now)
    await saving.put(tx, changed, changed.lines)
    return changed
