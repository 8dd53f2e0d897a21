"""Whether what is left of an order still earns its gifts. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.base import money
from jiedan.orders.rules import at_placement
from jiedan.orders.values import Line
from jiedan.pricing.rules import gifts
from jiedan.pricing.values.lots import Lot
from jiedan.pricing.values.promotions import Promotion

_BY_HAND = frozenset({"manual", "as_sold"})


class Earning(NamedTuple):
    """What an order's gifts were given for: the promotion of each line that is a gift, traits of goods by SKU code."""

    promotions: Mapping[int, Promotion]
    traits: Mapping[str, frozenset[str]]


NOTHING = Earning({}, {})


def unearned(
    lines: Sequence[Line], wanted: Mapping[int, int], earning: Earning, currency: str
) -> list[tuple[int, int]]:
    """Return how many units of which gifts are no longer earned when `wanted` is canceled, by line.

    Without anything that was bought nothing is earned. Where it is not known what a gift was given for, it stays.
    """
    bought = [x for x in lines if x.kind not in {"fee", "component"} and x.price_source != "gift"]
    left = [(x, x.ordered - x.canceled - wanted.get(x.line, 0)) for x in bought]
    lots = [_lot(line, units, earning) for line, units in left if units]
    found = []
    for line in lines:
        if line.price_source != "gift":
            continue
        promotion = earning.promotions.get(line.line)
        given = line.ordered - line.canceled - wanted.get(line.line, 0)
        earned = given if promotion is not None or lots else 0
        if promotion is not None:
            earned = gifts.still_earned(promotion, lots, currency)
        if given > earned:
            found.append((line.line, given - earned))
    return found


def _lot(line: Line, units: int, earning: Earning) -> Lot:
    """Return units of a line as promotions saw them: at the price it was placed with.

    That is before a discount by hand, and with the tax in it that is not asked of the exempt.
    """
    line = at_placement.line_of(line)
    net = line.unit_minor * line.ordered - line.discount_minor + line.relief_minor + line.by_hand_minor
    worth = money.unit_share(net, line.ordered, line.ordered - units, units)
    traits = earning.traits.get(line.code, frozenset({f"sku:{line.code}"}))
    return Lot(line.code, units, line.unit_minor, worth, traits, line.price_source not in _BY_HAND)
