"""Codes of coupons: how they are made, read and spelled; and what a code is good for."""

import dataclasses
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from jiedan.base import spreadsheets
from jiedan.pricing.values.coupons import (
    COUPON_ALPHABET,
    COUPON_CODE_CHARACTERS_MAX,
    COUPON_CODE_CHARACTERS_MIN,
    COUPON_MADE_CHARACTERS,
    COUPON_PREFIX_CHARACTERS_MAX,
    COUPON_TYPED_CHARACTERS_MAX,
    CouponBatch,
    CouponStanding,
    CouponTerms,
    CouponTermsChange,
    WrittenCode,
)
from jiedan.pricing.values.promoted import Coupon, CouponState
from jiedan.pricing.values.promotions import Caps
from jiedan.pricing.values.redemptions import FoundUses, PromotionFacts, UseKey, UseScope

_GROUP_CHARACTERS = 4
_SEPARATORS = frozenset("-–—‐‑_.·")

STATES: Mapping[CouponStanding, CouponState] = {
    "ok": "ok",
    "unknown": "unknown",
    # That a code was blocked is between the merchant and whoever spread it.
    "blocked": "unknown",
    "not_begun": "not_begun",
    "expired": "expired",
    "used": "used",
    "cap_reached": "cap_reached",
    "not_yours": "not_yours",
}
"""What the price engine, and with it the customer, is told."""


def made_code(entropy: bytes, *, prefix: str = "") -> str:
    """Return a canonical code made of 16 random bytes, after the prefix."""
    rest = int.from_bytes(entropy, "big")
    characters = []
    for _ in range(COUPON_MADE_CHARACTERS):
        rest, place = divmod(rest, len(COUPON_ALPHABET))
        characters.append(COUPON_ALPHABET[place])
    return prefix + "".join(characters)


def plain(typed: str) -> str:
    """Return a text as codes are compared: upper case, narrow, without spaces, dashes and the like."""
    narrow = unicodedata.normalize("NFKC", typed).upper()
    return "".join(x for x in narrow if not (x.isspace() or x in _SEPARATORS))


def canonical_prefix(typed: str) -> str | None:
    """Return what codes of a batch begin with, as it is stored; None where nothing can begin so."""
    prefix = plain(typed) if len(typed) <= COUPON_TYPED_CHARACTERS_MAX else "-"
    return prefix if len(prefix) <= COUPON_PREFIX_CHARACTERS_MAX and all(x.isalnum() for x in prefix) else None


def canonical(typed: str) -> str | None:
    """Return a code as it is stored and looked up, from how somebody wrote it; None where it cannot be one."""
    if len(typed) > COUPON_TYPED_CHARACTERS_MAX:
        return None
    code = plain(typed)
    fits = COUPON_CODE_CHARACTERS_MIN <= len(code) <= COUPON_CODE_CHARACTERS_MAX
    return code if fits and all(x.isalnum() for x in code) else None


def spelled(code: str, *, prefix: str = "", is_made: bool = True) -> str:
    """Return a code as it is printed and read out: what was made of it in groups of four, after the prefix."""
    if not is_made:
        return code
    rest = code[len(prefix) :]
    groups = [rest[at : at + _GROUP_CHARACTERS] for at in range(0, len(rest), _GROUP_CHARACTERS)]
    return "-".join([prefix, *groups] if prefix else groups)


HEADINGS = ("number", "code", "used", "blocked_at")
"""Of a file of codes."""


def cells_of(codes: Iterable[WrittenCode]) -> Iterator[tuple[object, ...]]:
    """Yield codes as the cells of a file, which no spreadsheet takes for formulas."""
    for x in codes:
        yield x.number, spreadsheets.shielded(x.code), x.used, x.blocked_at.isoformat() if x.blocked_at else ""


def changed(batch: CouponBatch, change: CouponTermsChange, *, at: datetime) -> CouponBatch:
    """Return a batch as it is to be."""
    blocked_at = batch.blocked_at
    if change.is_blocked is not UNSET and change.is_blocked != (blocked_at is not None):
        blocked_at = at if change.is_blocked else None
    return dataclasses.replace(
        batch,
        valid_from=batch.valid_from if change.valid_from is UNSET else change.valid_from,
        valid_until=batch.valid_until if change.valid_until is UNSET else change.valid_until,
        note=batch.note if change.note is UNSET else change.note,
        blocked_at=blocked_at,
    )


def is_for(terms: CouponTerms, customer_id: UUID | None) -> bool:
    """Tell whether a code is for a customer; for anybody else there is no such code."""
    return terms.customers is None or customer_id in terms.customers


def standing_of(
    terms: CouponTerms, *, used: int, used_by_customer: int, knows_customer: bool, at: datetime
) -> CouponStanding:
    """Return what a code is good for, when so many orders use it, and so many of this customer."""
    if terms.is_blocked:
        return "blocked"
    if terms.valid_from is not None and at < terms.valid_from:
        return "not_begun"
    if terms.valid_until is not None and at >= terms.valid_until:
        return "expired"
    if terms.uses_per_customer_max is not None:
        if not knows_customer:
            return "not_yours"
        if used_by_customer >= terms.uses_per_customer_max:
            return "used"
    if terms.uses_max is not None and used >= terms.uses_max:
        return "used" if terms.uses_max == 1 else "cap_reached"
    return "ok"


def facts_of(
    found: FoundUses,
    *,
    codes: Collection[str],
    customer_id: UUID | None,
    promotions: Mapping[str, Caps],
    at: datetime,
) -> PromotionFacts:
    """Return what one cart's `Facts` want: its codes with their states, and what is left of each promotion's caps.

    `promotions` are those with caps that the rules in force have. Each code counts once, however it is written.
    """
    customer = "" if customer_id is None else str(customer_id)
    coupons = {}
    for typed in codes:
        code = canonical(typed)
        if (code or typed) not in coupons:
            coupons[code or typed] = _coupon(found, code or typed, customer_id, at)
    return PromotionFacts(
        tuple(coupons.values()),
        {
            name: _left(found, caps.total, UseScope.promotion, name)
            for name, caps in promotions.items()
            if caps.total is not None
        },
        {
            name: _left(found, caps.per_customer, UseScope.promotion_customer, name, customer)
            for name, caps in promotions.items()
            if caps.per_customer is not None
        },
        {
            name: _left(found, caps.units, UseScope.units, name)
            for name, caps in promotions.items()
            if caps.units is not None
        },
    )


def _coupon(found: FoundUses, code: str, customer_id: UUID | None, at: datetime) -> Coupon:
    terms = found.coupons.get(code)
    if terms is None or not is_for(terms, customer_id):
        return Coupon(code, "", "unknown")
    customer = "" if customer_id is None else str(customer_id)
    by_customer = found.used.get(UseKey(UseScope.coupon_customer, str(terms.coupon_id), customer), 0)
    standing = standing_of(terms, used=terms.used, used_by_customer=by_customer, knows_customer=bool(customer), at=at)
    state = STATES[standing]
    return Coupon(code, "" if state == "unknown" else terms.promotion, state)


def _left(found: FoundUses, cap: int, scope: UseScope, name: str, customer: str = "") -> int:
    return max(cap - found.used.get(UseKey(scope, name, customer), 0), 0)
