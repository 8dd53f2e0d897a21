"""Prices and discounts by hand: how much they take off, when that needs approval, and what takes them back. Pure.

What a person takes off is weighed against what the same goods cost without it: each line whose price is by hand, and
the whole order. A price above the rules takes nothing off; a SKU without a price by the rules is weighed against none.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from jiedan.base import cards, money
from jiedan.base.errors import Refusal
from jiedan.orders import errors, events
from jiedan.orders.rules.rows import PlannedLine
from jiedan.orders.values import (
    REASON_CHARS_MAX,
    Approval,
    HoldId,
    Line,
    LinePrice,
    OrderId,
    OrderWithLines,
    PriceEdit,
    TakenOff,
)
from jiedan.pricing import errors as pricing_errors
from jiedan.pricing import rules as pricing
from jiedan.pricing.values import PPM, ManualLimit, OrderDiscount
from jiedan.pricing.values.carts import REASON_CHARACTERS_MAX

APPROVAL = "price_approval"
"""The kind of hold that stops an order until somebody who may take off that much has decided."""

APPROVAL_PERMISSION = "orders:price"

_PER_CENT_PPM = PPM // 100

_SOLD = frozenset({"goods", "service", "kit"})
_PRICED = frozenset({"list", "rule", "manual"})


def is_by_hand(lines: Iterable[Line | PlannedLine]) -> bool:
    """Tell whether a person set a price, gave a discount, or measures by which promotions take off a larger part."""
    return any(x.price_source == "manual" or x.by_hand_minor or grown_minor(x) for x in lines)


def grown_minor(line: Line | PlannedLine) -> int:
    """Return what promotions take off a piece beyond the part that they took when it was placed.

    They stay as much as they were, so other measures that cost less make them a larger part: nobody earned that.
    """
    if not isinstance(line, Line) or not line.placed_attributes or line.price_source != "rule":
        return 0
    then = line.placed_unit_minor
    if then is None or line.unit_minor >= then:
        return 0
    promoted = line.discount_minor - line.relief_minor - line.by_hand_minor
    return promoted - money.round_half_up(promoted * line.unit_minor, then)


def taken_off(lines: Iterable[Line | PlannedLine]) -> TakenOff:
    """Return what persons took off an order by hand, and of which line the most in parts of its price."""
    without = off = off_ppm = 0
    for x in lines:
        if x.kind not in _SOLD or x.parent_line is not None:
            continue
        own = x.unit_minor * x.ordered
        cut = 0
        if x.price_source == "manual" and x.ruled_minor is not None and x.ruled_minor > own:
            cut = x.ruled_minor - own
            off_ppm = max(off_ppm, pricing.manual_off_ppm(x.ruled_minor, own))
        net = own - x.discount_minor + x.relief_minor
        if grown := grown_minor(x):
            off_ppm = max(off_ppm, pricing.manual_off_ppm(net + grown, net))
            cut += grown
        without += net + x.by_hand_minor + cut
        off += x.by_hand_minor + cut
    # A share is rounded to the minor unit: one of them is nobody's discount.
    of_all_ppm = pricing.manual_off_ppm(without, without - off + 1)
    return TakenOff(off, without, max(off_ppm, of_all_ppm))


def percent(ppm: int) -> float:
    """Return parts per million in percent, rounded up to a tenth."""
    return -(-ppm * 10 // _PER_CENT_PPM) / 10


def limit_of(limits: Iterable[ManualLimit], role: str | None) -> int | None:
    """Return how much a role may take off, in parts per million; None where it is not limited."""
    return next((limit.rate_ppm for limit in limits if limit.role == role), None)


def beyond(lines: Sequence[Line | PlannedLine], limits: Iterable[ManualLimit], role: str | None) -> Approval | None:
    """Return what must be approved: more was taken off than a role may; None where it may."""
    limit = limit_of(limits, role)
    if limit is None or not is_by_hand(lines):
        return None
    off = taken_off(lines)
    return Approval(off.off_minor, off.off_ppm, limit) if off.off_ppm > limit else None


def asked(lines: Sequence[Line | PlannedLine]) -> Approval:
    """Return what must be approved where somebody without the right to set prices changed what an order costs."""
    off = taken_off(lines)
    return Approval(off.off_minor, off.off_ppm, 0)


def told(order_id: OrderId, hold_id: HoldId, currency: str, approval: Approval) -> events.ApprovalAsked:
    """Return the fact that an order stands on a hold until somebody has approved what was taken off it."""
    return events.ApprovalAsked(
        order_id=order_id,
        hold_id=hold_id,
        currency=currency,
        amount_minor=approval.off_minor,
        off_ppm=approval.off_ppm,
        limit_ppm=approval.limit_ppm,
    )


def reasons_of(lines: Iterable[Line | PlannedLine], discount: str) -> str:
    """Return why, in the words of who did it: of prices, then of the discount."""
    why = dict.fromkeys(x.price_reason for x in lines if x.price_source == "manual" and x.price_reason)
    if discount:
        why[discount] = None
    return " · ".join(filter(None, why))[:REASON_CHARS_MAX] or "—"


def check(found: OrderWithLines) -> tuple[Refusal, ...]:
    """Return why prices of an order cannot be changed by hand any more."""
    order, lines = found
    if order.lifecycle != "open":
        return (errors.OrderEnded(order.number, order.lifecycle),)
    if any(line.shipped or line.performed for line in lines):
        return (errors.AlreadyShipped(order.number),)
    if any(line.released for line in lines):
        return (errors.AlreadyReleased(order.number),)
    return ()


def without(found: OrderWithLines) -> PriceEdit:
    """Return the edit that takes back what was done by hand, as far as it is known what the rules ask."""
    back = [
        LinePrice(line=x.line)
        for x in found.lines
        if x.price_source == "manual" and x.ruled_minor is not None
    ]  # fmt: skip
    return PriceEdit(lines=tuple(back), discount=None)


def edited(found: OrderWithLines, edit: PriceEdit) -> tuple[tuple[Line, ...], Sequence[Refusal]]:
    """Return the lines with prices and discount as an edit wants them, their tax still as it was; or why not.

    What promotions gave stays. A discount that is not spoken of stays as much as it was.
    """
    reasons: list[Refusal] = []
    by_number = {x.line: x for x in found.lines}
    prices: dict[int, LinePrice] = {}
    for i, wanted in enumerate(edit.lines):
        reasons += _refusals(wanted, by_number.get(wanted.line), found, f"lines[{i}]", is_twice=wanted.line in prices)
        prices[wanted.line] = wanted
    if reasons:
        return found.lines, reasons
    bare = {x.line: _priced(x, prices.get(x.line)) for x in found.lines if is_sold(x)}
    for i, wanted in enumerate(edit.lines):
        line = bare[wanted.line]
        if line.discount_minor > line.unit_minor * line.ordered:
            reasons.append(
                errors.PriceBelowDiscounts(
                    wanted.line, -(-line.discount_minor // line.ordered), found.order.currency,
                    field=f"lines[{i}].unit_price_minor",
                )
            )  # fmt: skip
    shares = _shares(found.lines, bare, edit, reasons)
    if reasons:
        return found.lines, reasons
    return tuple([_with_share(bare[x.line], shares[x.line]) if x.line in bare else x for x in found.lines]), ()


def is_sold(line: Line) -> bool:
    """Tell whether a person may set the price of a line: goods, a service or a kit that this shop sold."""
    return line.kind in _SOLD and line.parent_line is None and line.price_source in _PRICED


def _refusals(
    wanted: LinePrice, line: Line | None, found: OrderWithLines, field: str, *, is_twice: bool
) -> Iterable[Refusal]:
    if line is None:
        yield errors.LineNotFound(found.order.number, wanted.line, field=f"{field}.line")
    elif is_twice or not is_sold(line):
        yield errors.LineNotPriced(wanted.line, field=f"{field}.line")
    elif wanted.unit_price_minor is None:
        if line.price_source == "manual" and line.ruled_minor is None:
            yield errors.NoPriceByRules(wanted.line, line.code, field=f"{field}.unit_price_minor")
    elif wanted.unit_price_minor * line.ordered > money.AMOUNT_MINOR_MAX:
        yield errors.PriceTooHigh(wanted.line, field=f"{field}.unit_price_minor")
    elif not _is_told(wanted.price_reason):
        yield pricing_errors.ReasonMissing(field=f"{field}.price_reason")


def _is_told(reason: str) -> bool:
    """Tell whether a reason may stand with a price: as placement judges it."""
    return bool(reason.strip()) and len(reason) <= REASON_CHARACTERS_MAX


def _priced(line: Line, wanted: LinePrice | None) -> Line:
    """Return a line without its part of the discount by hand, at the price wanted; None leaves the price."""
    discount = line.discount_minor - line.by_hand_minor
    bare = msgspec.structs.replace(line, discount_minor=discount, by_hand_minor=0)
    if wanted is None:
        return bare
    own = line.unit_minor * line.ordered
    is_ours = line.price_source != "manual"
    ruled = own if line.ruled_minor is None and is_ours else line.ruled_minor
    tier_off = own - ruled if is_ours and ruled is not None else 0
    if wanted.unit_price_minor is not None:
        return msgspec.structs.replace(
            bare,
            unit_minor=wanted.unit_price_minor,
            discount_minor=discount - tier_off,
            price_source="manual",
            price_reason=cards.masked(wanted.price_reason),
            ruled_minor=ruled,
        )
    if is_ours or ruled is None:
        return bare
    unit, source = line.placed_unit_minor, line.placed_source
    if line.attributes:  # what the formula asks of its measures now, not what it asked when it was placed
        unit, source = -(-ruled // line.ordered), "rule"
    elif unit is None or source not in {"list", "rule"} or unit * line.ordered < ruled:
        unit, source = -(-ruled // line.ordered), "list"
    rest = unit * line.ordered - ruled
    return msgspec.structs.replace(
        bare,
        unit_minor=unit,
        discount_minor=discount + rest,
        price_source=source,
        price_reason=None,
        ruled_minor=ruled if rest else None,
    )


def _shares(
    lines: Sequence[Line], bare: Mapping[int, Line], edit: PriceEdit, reasons: list[Refusal]
) -> Mapping[int, int]:
    """Return what of the discount by hand falls to each line, by its number."""
    worth = {number: max(x.unit_minor * x.ordered - x.discount_minor, 0) for number, x in bare.items()}
    goods = sum(worth.values())
    minor = sum(x.by_hand_minor for x in lines if x.line in bare)
    if edit.discount is msgspec.UNSET and not edit.lines:
        return {x.line: x.by_hand_minor for x in lines}
    if edit.discount is None:
        minor = 0
    elif isinstance(edit.discount, OrderDiscount):
        found = _discount_minor(edit.discount, goods, reasons)
        minor = 0 if found is None else found
    elif minor > goods:
        reasons.append(errors.DiscountTooHigh(field="discount"))
        minor = 0
    shares = money.share_out(minor, list(worth.values())) if minor else [0] * len(worth)
    return dict(zip(worth, shares, strict=True))


def _discount_minor(discount: OrderDiscount, goods: int, reasons: list[Refusal]) -> int | None:
    minor = discount.amount_minor
    if not _is_told(discount.reason):
        reasons.append(pricing_errors.ReasonMissing(field="discount.reason"))
    if (minor is None) == (discount.rate_ppm is None):
        reasons.append(errors.DiscountTooHigh(field="discount"))
        return None
    if minor is None:
        rate = discount.rate_ppm or 0
        minor = money.round_half_up(goods * rate, PPM) if 0 <= rate <= PPM else -1
    if not 0 <= minor <= goods:
        reasons.append(errors.DiscountTooHigh(field="discount"))
        return None
    return minor


def _with_share(line: Line, share: int) -> Line:
    if not share:
        return line
    return msgspec.structs.replace(line, discount_minor=line.discount_minor + share, by_hand_minor=share)
