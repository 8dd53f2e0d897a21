"""Loads about codes and uses, for pipelines of this module and of higher ones, and the locking read."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Load, ReadTx
from jiedan.pricing.rules import coupons as rules
from jiedan.pricing.values.coupons import CouponTerms
from jiedan.pricing.values.redemptions import FoundUses, Redemption, UseKey, UseScope

SQL = sql.load("jiedan.pricing.queries", "redemptions.sql")

Rows = list[tuple[Any, ...]]


async def facts(
    tx: ReadTx, *, codes: Collection[str], customer_ids: Collection[UUID], promotions: Collection[str]
) -> FoundUses:
    """Return what `rules.facts_of` needs to tell carts about their codes and limits. Two statements, one round trip."""
    coupons, used = await tx.load(
        coupons_by_code(codes), used_by(codes=codes, customer_ids=customer_ids, promotions=promotions)
    )
    return FoundUses(coupons, used)


def coupons_by_code(codes: Collection[str]) -> Load[dict[str, CouponTerms]]:
    """Load the terms of codes, however they are written, by their canonical form; unknown ones are absent."""

    def parse(rows: Rows) -> dict[str, CouponTerms]:
        return {
            code: CouponTerms._make((coupon_id, batch_id, code, *rest, None if named is None else frozenset(named)))
            for code, coupon_id, batch_id, *rest, named in rows
        }

    return Load(SQL["coupons_by_code"], {"codes": _canonical(codes)}, parse)


def used_by(
    *, codes: Collection[str], customer_ids: Collection[UUID], promotions: Collection[str]
) -> Load[dict[UseKey, int]]:
    """Load how far the counters of promotions are, and those of customers with them and with codes.

    A customer's are with those of every duplicate that was merged, whichever of the ids is asked for.
    """
    parameters = {
        "codes": _canonical(codes),
        "customers": sorted(set(customer_ids)),
        "promotions": sorted(set(promotions)),
    }
    return Load(SQL["used"], parameters, _counters)


def uses_for_update(keys: Collection[UseKey]) -> Load[dict[UseKey, int]]:
    """Lock counters in key order; the caller has told the transaction."""
    return Load(SQL["uses_for_update"], key_columns(keys), _counters)


def live_of_orders(order_ids: Collection[UUID]) -> Load[list[Redemption]]:
    """Load what orders use now."""
    parameters = {"order_ids": ids.in_order(order_ids)}
    return Load(SQL["live_of_orders"], parameters, lambda rows: [Redemption(*row) for row in rows])


def key_columns(keys: Collection[UseKey]) -> dict[str, Any]:
    """Return keys as the columns that statements take."""
    return {
        "scopes": [key.scope.value for key in keys],
        "subjects": [key.subject for key in keys],
        "customers": [key.customer for key in keys],
    }


def _counters(rows: Rows) -> dict[UseKey, int]:
    return {UseKey(UseScope(scope), subject, customer): used for scope, subject, customer, used in rows}


def _canonical(codes: Collection[str]) -> list[str]:
    return sorted({code for typed in codes if (code := rules.canonical(typed)) is not None})
