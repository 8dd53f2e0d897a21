"""Use promotions and coupons, and give uses back: called inside the transaction that places, edits or cancels."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load, LockRank, Tx
from jiedan.base.errors import Overtaken
from jiedan.pricing import events
from jiedan.pricing.queries import redemptions as queries
from jiedan.pricing.rules import redemptions as rules
from jiedan.pricing.values.coupons import CouponTerms
from jiedan.pricing.values.redemptions import NO_CAPS, Redemption, Use, UseKey, UseOutcome

SQL = sql.load("jiedan.pricing.service", "redemptions.sql")

Write = tuple[sql.Statement, Mapping[str, Any]]


class UndecidedChange(RuntimeError):
    """A change did not fit what it was decided on, so the caller had not locked it: a bug."""


async def redeem_many(tx: Tx, *, uses: Sequence[Use], anew: Collection[UUID] = ()) -> list[UseOutcome]:
    """Use promotions and codes for orders: one outcome per use, in order; an order gets all it asks for or nothing.

    Earlier uses come first. An order that uses a promotion just so already has it, `repeated`; one that used it
    otherwise changes. Orders in `anew` are priced again: whatever else they use is given back, if all they want is to
    be had. Refusals are outcomes; the order is to be priced again without what was refused, and asked for again.

    Counters are locked in key order (rank: coupon). At most eight statements in three round trips, however many uses;
    none for an empty set.
    """
    if not uses and not anew:
        return []
    order_ids = {use.order_id for use in uses} | set(anew)
    terms, live = await _before(tx, uses, order_ids)
    fold = await _lock(tx, rules.keys_to_lock(uses, live, terms), order_ids, terms, live)
    outcomes = fold.redeem(uses, anew=anew)
    await _save(tx, fold)
    return outcomes


async def give_back_many(tx: Tx, *, order_ids: Collection[UUID]) -> int:
    """Give back whatever orders use, and return how many uses that were: 0 where it was given back before.

    At most six statements in three round trips, however many orders; one where they use nothing.
    """
    if not order_ids:
        return 0
    live = await tx.load_one(queries.live_of_orders(order_ids))
    if not live:
        return 0
    fold = await _lock(tx, rules.keys_to_lock((), live, {}), order_ids, {}, live)
    fold.redeem((), anew=order_ids)
    await _save(tx, fold)
    return len(fold.given_back)


async def give_back_of(tx: Tx, *, gone: Mapping[UUID, Collection[str]]) -> int:
    """Give back what orders use of some promotions, by order, and return how many uses that were; the others stay.

    At most eight statements in three round trips, however many orders; one where they use none of these, none for an
    empty set.
    """
    if not gone:
        return 0
    live = await tx.load_one(queries.live_of_orders(gone))
    back = [one for one in live if one.promotion in gone[one.order_id]]
    orders = {one.order_id for one in back}
    kept = [
        Use(
            one.order_id,
            one.promotion,
            NO_CAPS,
            one.code,
            one.customer_id,
            one.units,
            one.currency,
            one.discount_minor,
        )
        for one in live
        if one.order_id in orders and one not in back
    ]
    await redeem_many(tx, uses=kept, anew=orders)
    return len(back)


async def _before(
    tx: Tx, uses: Sequence[Use], order_ids: Collection[UUID]
) -> tuple[dict[str, CouponTerms], list[Redemption]]:
    """Read which counters there will be to lock: by the codes, and by what the orders use already."""
    loads: list[Load[Any]] = [queries.live_of_orders(order_ids)]
    codes = [use.coupon for use in uses if use.coupon]
    if codes:
        loads.append(queries.coupons_by_code(codes))
    live, *terms = await tx.load(*loads)
    return (terms[0] if terms else {}), live


async def _lock(
    tx: Tx,
    keys: Sequence[UseKey],
    order_ids: Collection[UUID],
    terms: Mapping[str, CouponTerms],
    expected: Sequence[Redemption],
) -> rules.Fold:
    """Lock counters in key order, and return the fold that decides on them.

    What the orders use is read again after the lock. Raises Overtaken where they use something new meanwhile, whose
    counters are not locked: the transaction is done again.
    """
    tx.will_lock(LockRank.COUPON)
    opening = Load(SQL["open_counters"], queries.key_columns(keys), len)
    _, used, live = await tx.load(opening, queries.uses_for_update(keys), queries.live_of_orders(order_ids))
    if not {one.redemption_id for one in live} <= {one.redemption_id for one in expected}:
        raise Overtaken
    return rules.Fold(used, live, terms, ids=(tx.new_id() for _ in itertools.count()), at=tx.now)


async def _save(tx: Tx, fold: rules.Fold) -> None:
    """Save what was decided, in one round trip, and tell it. Raises UndecidedChange, which undoes the transaction."""
    if not fold.taken and not fold.given_back:
        return
    keys = sorted(key for key, change in fold.changes.items() if change)
    counters = {
        **queries.key_columns(keys),
        "changes": [fold.changes[key] for key in keys],
        "caps": [fold.caps.get(key) for key in keys],
    }
    back = [one.redemption_id for one in fold.given_back]
    changed, given_back, _ = await tx.sql_many(
        [
            (SQL["change_counters"], counters),
            (SQL["give_back"], {"redemption_ids": back, "now": tx.now}),
            _redemptions(tx, fold.taken),
        ]
    )
    if len(changed) < len(keys) or len(given_back) < len(back):
        message = f"{len(keys) - len(changed)} counters and {len(back) - len(given_back)} uses are not as decided on"
        raise UndecidedChange(message)
    tx.emit(*[_given_back(one) for one in fold.given_back], *[_redeemed(one) for one in fold.taken])


def _redemptions(tx: Tx, taken: Sequence[rules.Taken]) -> Write:
    parameters = {
        "redemption_ids": [one.redemption_id for one in taken],
        "order_ids": [one.use.order_id for one in taken],
        "promotions": [one.use.promotion for one in taken],
        "coupon_ids": [one.coupon_id for one in taken],
        "customer_ids": [one.use.customer_id for one in taken],
        "units": [one.use.units for one in taken],
        "currencies": [one.use.currency for one in taken],
        "discounts_minor": [one.use.discount_minor for one in taken],
        "now": tx.now,
    }
    return SQL["insert_redemptions"], parameters


def _redeemed(one: rules.Taken) -> events.PromotionRedeemed:
    return events.PromotionRedeemed(
        redemption_id=one.redemption_id,
        order_id=one.use.order_id,
        promotion=one.use.promotion,
        coupon_id=one.coupon_id,
        customer_id=one.use.customer_id,
        units=one.use.units,
        currency=one.use.currency,
        discount_minor=one.use.discount_minor,
    )


def _given_back(one: Redemption) -> events.RedemptionGivenBack:
    return events.RedemptionGivenBack(
        redemption_id=one.redemption_id, order_id=one.order_id, promotion=one.promotion, coupon_id=one.coupon_id
    )
