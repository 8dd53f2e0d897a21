"""Decide what another shipping method makes of a placed order: its fee is what that would have been then. Pure.

The fee stays a line of the order, at 0 where the other method asks nothing; an order that had none gets one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from jiedan.base.errors import Refusal
from jiedan.orders.rules import at_placement
from jiedan.orders.rules.quoting import GIVEN
from jiedan.orders.values import Line, LineId, Order, OrderEdit, OrderWithLines, PriceSource
from jiedan.orders.values.prices import PriceStory
from jiedan.pricing import errors as pricing_errors
from jiedan.pricing.values.carts import SHIPPING
from jiedan.pricing.values.quotes import PricedFee, TakenMethod
from jiedan.pricing.values.shipping import ShippingOffer

_RULE: PriceSource = "rule"

_OF_SHIPPING = (
    pricing_errors.ShippingMethodUnavailable,
    pricing_errors.ShippingNotOffered,
    pricing_errors.ShippingNotChosen,
)


class MethodChoice(NamedTuple):
    """A method that could ship a placed order, and its fee before tax; None where that is by hand, whatever ships."""

    code: str
    name: str
    fee_minor: int | None


class Reshipped(NamedTuple):
    """An order with another method: its lines, their tax still as it was, and how many of them are new."""

    method: TakenMethod
    lines: tuple[Line, ...]
    added: int


def wanted(order: Order, edit: OrderEdit) -> str | None:
    """Return the method that an edit changes an order to; None where it stays."""
    asked = edit.shipping_method
    return asked if isinstance(asked, str) and asked != order.shipping_method else None


def is_chosen(order: Order, story: PriceStory) -> bool:
    """Tell whether somebody chose the method that ships an order: as it was placed, or since."""
    return bool(story.method) or order.shipping_method not in {None, story.shipping}


def is_given(story: PriceStory) -> bool:
    """Tell whether the fee was set by hand: then it stays whatever ships."""
    return story.shipping == GIVEN


def choices(offers: Sequence[ShippingOffer]) -> tuple[MethodChoice, ...]:
    """Return the methods that serve, the cheapest first."""
    return tuple([MethodChoice(x.method, x.name, x.asked_minor) for x in offers if x.serves])


def of_shipping(reasons: Sequence[Refusal]) -> list[Refusal]:
    """Return the reasons that no method, or not the one that was chosen, ships an order."""
    return [reason for reason in reasons if isinstance(reason, _OF_SHIPPING)]


def reshipped(
    order: Order, lines: Sequence[Line], method: TakenMethod, fee: PricedFee | None, line_id: LineId
) -> Reshipped:
    """Return the lines with the fee of another method; `line_id` is for a fee where there was none."""
    old = next((x for x in lines if x.kind == "fee" and x.code == SHIPPING), None)
    if old is None and fee is None:
        return Reshipped(method, tuple(lines), 0)
    if old is None:
        return Reshipped(method, (*lines, _charged(_new(order, lines, line_id), method, fee)), 1)
    return Reshipped(method, tuple([_charged(x, method, fee) if x is old else x for x in lines]), 0)


def _charged(line: Line, method: TakenMethod, fee: PricedFee | None) -> Line:
    """Return a line with a fee and what promotions give off it, without the relief of a tax: that follows."""
    return msgspec.structs.replace(
        line,
        unit_minor=0 if fee is None else fee.unit_minor,
        discount_minor=0 if fee is None else sum(off.minor for off in fee.reductions),
        relief_minor=0,
        by_hand_minor=0,
        tax_class=line.tax_class if fee is None else fee.tax_class,
        price_source=_RULE,
        price_reason=method.code,
    )


def _new(order: Order, lines: Sequence[Line], line_id: LineId) -> Line:
    """Return the line of a fee that an order had none of when it was placed."""
    return Line(
        line_id=line_id,
        order_id=order.order_id,
        line=max(x.line for x in lines) + 1,
        kind="fee",
        parent_line=None,
        sku_id=None,
        code=SHIPPING,
        name=SHIPPING,
        requested_location_id=None,
        placed_at=order.placed_at,
        ordered=1,
        canceled=0,
        allocated=0,
        shipped=0,
        delivered=0,
        returned=0,
        performed=0,
        unit_minor=0,
        discount_minor=0,
        tax_minor=0,
        tax_rate_ppm=0,
        tax_class="",
        tax_included=lines[0].tax_included,
        total_minor=0,
        price_source=_RULE,
        price_reason=None,
        weight_g=None,
        released=0,
        placed_source=_RULE,
        placed_unit_minor=0,
        placed_discount_minor=0,
        placed_by_hand_minor=0,
    )


def kept(found: OrderWithLines, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines with what they were placed with; those after the last one of `found` are new."""
    count = len(found.lines)
    return (*at_placement.kept(found.lines, lines[:count]), *lines[count:])
