"""What customers may still do to an order by themselves, as far as the merchant lets them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts.values import CancelUntil, Storefront
from jiedan.base.i18n import N_
from jiedan.fulfillment.values import Fulfillment
from jiedan.orders.values import STOCKED_KINDS, Line, OrderWithLines

CANCEL_UNTIL: Mapping[CancelUntil, str] = {
    "never": "",
    "released": N_("Free until the goods are being picked."),
    "picked": N_("Free until the goods are picked and packed."),
    "shipped": N_("Free until the goods have left."),
}
"""Until when canceling is free, as customers are told."""

EDIT_UNTIL = N_("Free until the goods are being picked.")


class Windows(NamedTuple):
    """What is still free: `units` that may be given up, by the number of their line, `whole` where that is all.

    `is_editable` tells whether it may be changed where the order goes.
    """

    units: Mapping[int, int]
    whole: bool
    is_editable: bool

    @property
    def is_cancelable(self) -> bool:
        """Tell whether anything may be given up."""
        return any(self.units.values())


NOTHING = Windows({}, whole=False, is_editable=False)


def picked(fulfillments: Iterable[Fulfillment]) -> dict[UUID, int]:
    """Return how many units of each line, by its id, are picked and have not left."""
    found: dict[UUID, int] = {}
    for fulfillment in fulfillments:
        for line in fulfillment.lines:
            lying = max(0, min(line.picked, line.wanted) - line.shipped)
            found[line.line_id] = found.get(line.line_id, 0) + lying
    return found


def windows(found: OrderWithLines, lying: Mapping[UUID, int], shop: Storefront) -> Windows:
    """Return what is free of an order whose `lying` units are picked; of history and what has ended, nothing."""
    order = found.order
    if order.lifecycle != "open" or order.history:
        return NOTHING
    parts: dict[int, list[Line]] = {}
    for line in found.lines:
        if line.parent_line is not None:
            parts.setdefault(line.parent_line, []).append(line)
    chosen = [x for x in found.lines if x.kind not in {"fee", "component"}]
    units = {x.line: _free(x, parts.get(x.line, ()), lying, shop.cancel_until) for x in chosen}
    has_begun = any(x.shipped or x.performed for x in found.lines)
    whole = not has_begun and all(units[x.line] == x.ordered - x.canceled for x in chosen) and any(units.values())
    is_released = any(x.released for x in found.lines)
    is_editable = shop.edit_until == "released" and not is_released and not any(x.shipped for x in found.lines)
    return Windows({line: free for line, free in units.items() if free}, whole, is_editable)


def _free(line: Line, parts: Sequence[Line], lying: Mapping[UUID, int], until: CancelUntil) -> int:
    if until == "never":
        return 0
    free = line.ordered - line.canceled - line.shipped - line.performed - _kept(line, lying, until)
    for part in parts:  # a kit goes as far as each of its components does
        left = part.ordered - part.canceled - part.shipped - _kept(part, lying, until)
        free = min(free, left // (part.ordered // line.ordered))
    return max(0, free)


def _kept(line: Line, lying: Mapping[UUID, int], until: CancelUntil) -> int:
    """Return how many units are too far on to be given up."""
    if line.kind not in STOCKED_KINDS or until == "shipped":
        return 0
    return line.released if until == "released" else lying.get(line.line_id, 0)
