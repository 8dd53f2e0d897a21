"""In which quantities a SKU is ordered, all its lines together: which there are, and in words. Pure."""

import math
from typing import NamedTuple

from jiedan.base import i18n
from jiedan.base.i18n import N_
from jiedan.catalog.rules.drafts import QUANTITY_MAX
from jiedan.catalog.values import ANY_QUANTITY, OrderQuantity


class Grid(NamedTuple):
    """The quantities that may be ordered: `least`, then every `pace` more, up to `most`."""

    least: int
    pace: int
    most: int

    def at_most(self, quantity: int) -> int:
        """Return the largest of them up to a quantity, 0 where there is none."""
        if quantity < self.least:
            return 0
        return self.least + (min(quantity, self.most) - self.least) // self.pace * self.pace

    def at_least(self, quantity: int) -> int | None:
        """Return the smallest of them from a quantity on, None where there is none."""
        found = self.least + max(-(-(quantity - self.least) // self.pace), 0) * self.pace
        return found if found <= self.most else None


EVERY = Grid(1, 1, QUANTITY_MAX)


def grid(quantities: OrderQuantity) -> Grid | None:
    """Return the quantities that may be ordered, or None when there is none.

    Steps count from the minimum, packs from 0, so the pace is their least common multiple, and the first quantity is
    the first of the steps that is a whole number of packs.
    """
    step, pack = quantities.step, quantities.pack
    first = quantities.minimum or step
    common = math.gcd(step, pack)
    if first % common:
        return None
    # first + times × step ≡ 0 (mod pack), divided by what step and pack share
    rest = pack // common
    times = (-first // common * pow(step // common, -1, rest)) % rest if rest > 1 else 0
    least, pace = first + times * step, step * rest
    top = min(quantities.maximum or QUANTITY_MAX, QUANTITY_MAX)
    if least > top:
        return None
    return Grid(least, pace, least + (top - least) // pace * pace)


def allowed(quantities: OrderQuantity | None) -> Grid:
    """Return the quantities that may be ordered of a SKU that is kept: there is one."""
    return EVERY if quantities is None else grid(quantities) or EVERY


def field_at_fault(quantities: OrderQuantity) -> str | None:
    """Return which of the limits leaves no quantity that can be ordered, None where there is one."""
    if quantities == ANY_QUANTITY:
        return None
    for name, least in (("minimum", 0), ("maximum", 0), ("step", 1), ("pack", 1)):
        if not least <= getattr(quantities, name) <= QUANTITY_MAX:
            return name
    if grid(quantities) is not None:
        return None
    return "maximum" if quantities.maximum else "minimum"


def in_words(quantities: OrderQuantity | None, locale: str) -> str:
    """Return in which quantities a SKU is ordered, in sentences; an empty text where any may be."""
    if quantities is None or quantities == ANY_QUANTITY:
        return ""
    found = allowed(quantities)
    said = []
    if quantities.pack > 1:
        said.append(i18n.translate(locale, N_("Sold in packs of {count}."), count=quantities.pack))
    if found.least > found.pace:
        said.append(i18n.translate(locale, N_("Sold from {count} pieces on."), count=found.least))
    if found.pace > quantities.pack:
        said.append(i18n.translate(locale, N_("Sold in steps of {count}."), count=found.pace))
    if quantities.maximum:
        said.append(i18n.translate(locale, N_("At most {count} in one order."), count=found.most))
    return " ".join(said)
