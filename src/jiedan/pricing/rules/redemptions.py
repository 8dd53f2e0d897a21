"""Who gets what is left: uses of promotions and codes, folded in order over locked counters."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.pricing.rules import coupons
from jiedan.pricing.values.coupons import CouponStanding, CouponTerms
from jiedan.pricing.values.redemptions import (
    Redemption,
    RedemptionId,
    Use,
    UseCode,
    UseKey,
    UseOutcome,
    UseScope,
)

_CODES: Mapping[CouponStanding, UseCode] = {
    "unknown": "unknown",
    "blocked": "blocked",
    "not_begun": "not_begun",
    "expired": "expired",
    "used": "used",
    "cap_reached": "coupon_cap_reached",
    "not_yours": "not_yours",
}


class Taken(NamedTuple):
    """A redemption to write."""

    redemption_id: RedemptionId
    use: Use
    coupon_id: UUID | None


class Fold:
    """The locked counters and the live redemptions of the orders concerned, with everything decided so far.

    `ids` yields fresh ids. `changes` are what the counters change by, `caps` what each may not pass then (None: no
    limit).
    """

    def __init__(
        self,
        used: Mapping[UseKey, int],
        live: Sequence[Redemption],
        terms: Mapping[str, CouponTerms],
        *,
        ids: Iterator[UUID],
        at: datetime,
    ) -> None:
        self._used = used
        self._terms = terms
        self._ids = ids
        self._at = at
        self._live = {(one.order_id, one.promotion): one for one in live}
        self.changes: dict[UseKey, int] = {}
        self.caps: dict[UseKey, int | None] = {}
        self.taken: list[Taken] = []
        self.given_back: list[Redemption] = []

    def redeem(self, uses: Sequence[Use], *, anew: Collection[UUID] = ()) -> list[UseOutcome]:
        """Decide on uses, one outcome each, in order: earlier orders first, each order wholly or not at all.

        What orders in `anew` use by now and want no more is given back, if all that they want is to be had.
        """
        by_order: dict[UUID, list[int]] = {order_id: [] for order_id in anew}
        for place, use in enumerate(uses):
            by_order.setdefault(use.order_id, []).append(place)
        outcomes: dict[int, UseOutcome] = {}
        for order_id, places in by_order.items():
            wishes = [uses[place] for place in places]
            outcomes.update(zip(places, self._order(order_id, wishes, is_anew=order_id in anew), strict=True))
        return [outcomes[place] for place in range(len(uses))]

    def _order(self, order_id: UUID, wishes: Sequence[Use], *, is_anew: bool) -> list[UseOutcome]:
        kept = {use.promotion for use in wishes if self._is_repeated(use)}
        changed = {use.promotion for use in wishes} - kept
        back = [
            one
            for (of, name), one in self._live.items()
            if of == order_id and (name in changed or (is_anew and name not in kept))
        ]
        changes: dict[UseKey, int] = {}
        for one in back:
            _add(changes, keys_of(one.promotion, one.coupon_id, one.batch_id, one.customer_id, one.units), -1)
        outcomes: list[UseOutcome] = []
        taken: list[tuple[Use, CouponTerms | None, dict[UseKey, int | None]]] = []
        for use in wishes:
            if use.promotion in kept:
                live = self._live[order_id, use.promotion]
                outcomes.append(UseOutcome(use, "redeemed", live.redemption_id, repeated=True))
                continue
            code, terms = self._code(use, changes)
            outcomes.append(UseOutcome(use, code))
            if code == "redeemed":
                limits = self._limits(use, terms)
                _add(changes, _counts(use, terms), 1)
                taken.append((use, terms, limits))
        if any(outcome.code != "redeemed" for outcome in outcomes):
            return [
                outcome._replace(code="left_out") if outcome.code == "redeemed" else outcome for outcome in outcomes
            ]
        return self._settle(outcomes, changes, back, taken)

    def _settle(
        self,
        outcomes: list[UseOutcome],
        changes: Mapping[UseKey, int],
        back: Sequence[Redemption],
        taken: Sequence[tuple[Use, CouponTerms | None, dict[UseKey, int | None]]],
    ) -> list[UseOutcome]:
        for key, change in changes.items():
            self.changes[key] = self.changes.get(key, 0) + change
        for one in back:
            self.given_back.append(one)
            del self._live[one.order_id, one.promotion]
        made: dict[str, RedemptionId] = {}
        for use, terms, limits in taken:
            found = RedemptionId(next(self._ids))
            made[use.promotion] = found
            self.taken.append(Taken(found, use, None if terms is None else terms.coupon_id))
            self.caps.update(limits)
        return [x if x.repeated else x._replace(redemption_id=made[x.use.promotion]) for x in outcomes]

    def _is_repeated(self, use: Use) -> bool:
        live = self._live.get((use.order_id, use.promotion))
        if live is None:
            return False
        code = coupons.canonical(use.coupon) if use.coupon else ""
        wanted = (code, use.customer_id, use.units, use.currency, use.discount_minor)
        return wanted == (live.code, live.customer_id, live.units, live.currency, live.discount_minor)

    def _code(self, use: Use, changes: Mapping[UseKey, int]) -> tuple[UseCode, CouponTerms | None]:
        """Return what becomes of a use, when `changes` of its own order come on top of what is decided."""

        def used(key: UseKey) -> int:
            return self._used.get(key, 0) + self.changes.get(key, 0) + changes.get(key, 0)

        customer = _customer(use)
        customers = (customer, *map(str, use.known_as))
        terms = None
        if use.coupon:
            terms = self._terms.get(coupons.canonical(use.coupon) or "")
            if terms is None or terms.promotion != use.promotion or not coupons.is_for(terms, use.customer_id):
                return "unknown", None
            of = str(terms.coupon_id)
            standing = coupons.standing_of(
                terms,
                used=used(UseKey(UseScope.coupon, of)),
                used_by_customer=sum(used(UseKey(UseScope.coupon_customer, of, one)) for one in customers),
                knows_customer=bool(customer),
                at=self._at,
            )
            if standing != "ok":
                return _CODES[standing], terms
        caps, name = use.caps, use.promotion
        if caps.total is not None and used(UseKey(UseScope.promotion, name)) >= caps.total:
            return "cap_reached", terms
        if caps.per_customer is not None and (
            not customer
            or sum(used(UseKey(UseScope.promotion_customer, name, one)) for one in customers) >= caps.per_customer
        ):
            return "customer_cap_reached", terms
        if caps.units is not None and used(UseKey(UseScope.units, name)) + use.units > caps.units:
            return "sold_out", terms
        return "redeemed", terms

    def _limits(self, use: Use, terms: CouponTerms | None) -> dict[UseKey, int | None]:
        """Return what each counter of a use may not pass; what duplicates of the customer used is no more to be had."""
        limits = dict.fromkeys(_counts(use, terms))
        caps = {UseScope.promotion: use.caps.total, UseScope.promotion_customer: use.caps.per_customer}
        caps[UseScope.units] = use.caps.units
        if terms is not None:
            caps[UseScope.coupon] = terms.uses_max
            caps[UseScope.coupon_customer] = terms.uses_per_customer_max
        found = {key: caps.get(key.scope) for key in limits}
        for key in _of_duplicates(use, terms):
            own = key._replace(customer=_customer(use))
            cap = found.get(own)
            if cap is not None:
                found[own] = cap - self._used.get(key, 0) - self.changes.get(key, 0)
        return found


def _counts(use: Use, terms: CouponTerms | None) -> dict[UseKey, int]:
    coupon_id, batch_id = (None, None) if terms is None else (terms.coupon_id, terms.batch_id)
    return keys_of(use.promotion, coupon_id, batch_id, use.customer_id, use.units)


def _of_duplicates(use: Use, terms: CouponTerms | None) -> list[UseKey]:
    """Return the counters of the customer's duplicates that a use is judged by, and does not count in."""
    mine = [key for key in _counts(use, terms) if key.customer] if use.known_as else []
    return [key._replace(customer=str(customer)) for key in mine for customer in use.known_as]


def _add(changes: dict[UseKey, int], counts: Mapping[UseKey, int], sign: int) -> None:
    for key, count in counts.items():
        changes[key] = changes.get(key, 0) + sign * count


def _customer(use: Use) -> str:
    return "" if use.customer_id is None else str(use.customer_id)


def keys_of(
    promotion: str, coupon_id: UUID | None, batch_id: UUID | None, customer_id: UUID | None, units: int
) -> dict[UseKey, int]:
    """Return the counters that one use counts in, and by how much."""
    counts = {UseKey(UseScope.promotion, promotion): 1}
    if units:
        counts[UseKey(UseScope.units, promotion)] = units
    if customer_id is not None:
        counts[UseKey(UseScope.promotion_customer, promotion, str(customer_id))] = 1
    if coupon_id is not None:
        counts[UseKey(UseScope.coupon, str(coupon_id))] = 1
        counts[UseKey(UseScope.batch, str(batch_id))] = 1
        if customer_id is not None:
            counts[UseKey(UseScope.coupon_customer, str(coupon_id), str(customer_id))] = 1
    return counts


def keys_to_lock(uses: Sequence[Use], live: Sequence[Redemption], terms: Mapping[str, CouponTerms]) -> list[UseKey]:
    """Return every counter that these uses, and giving back what lives, may change; in key order."""
    keys: set[UseKey] = set()
    for use in uses:
        found = terms.get(coupons.canonical(use.coupon) or "") if use.coupon else None
        keys.update(_counts(use, found), _of_duplicates(use, found))
    for one in live:
        keys.update(keys_of(one.promotion, one.coupon_id, one.batch_id, one.customer_id, one.units))
    return sorted(keys)
