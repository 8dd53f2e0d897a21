"""In which quantities a SKU may be ordered, all its lines together, and which of them are nearest."""

import math
from typing import NamedTuple

from jiedan.base.errors import Refusal
from jiedan.pricing import errors
from jiedan.pricing.values import units as values

ANY = values.OrderQuantity()


class Grid(NamedTuple):
    """The quantities that may be ordered: `least`, then every `pace` more, up to `most`."""

    least: int
    pace: int
    most: int


def grid(quantities: values.OrderQuantity) -> Grid | None:
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
    top = min(quantities.maximum or values.LINE_QUANTITY_MAX, values.LINE_QUANTITY_MAX)
    if least > top:
        return None
    return Grid(least, pace, least + (top - least) // pace * pace)


def quantity_problem(sku: str, quantity: int, quantities: values.OrderQuantity, *, field: str = "") -> Refusal | None:
    """Return why a quantity of a SKU may not be ordered, with the nearest that may, or None."""
    if quantities == ANY:
        return None
    allowed = grid(quantities)
    if allowed is None:
        return errors.OrderQuantityInvalid(field=field)
    if quantity < allowed.least:
        return errors.QuantityTooSmall(sku, quantity, allowed.least, field=field)
    if quantity > allowed.most:
        return errors.QuantityTooLarge(sku, quantity, allowed.most, field=field)
    over = (quantity - allowed.least) % allowed.pace
    if not over:
        return None
    below, above = quantity - over, quantity - over + allowed.pace
    if quantity % quantities.pack:
        return errors.QuantityOffPack(sku, quantity, quantities.pack, below, above, field=field)
    return errors.QuantityOffStep(sku, quantity, quantities.step, below, above, field=field)


def problems_of_quantity(quantities: values.OrderQuantity) -> tuple[Refusal, ...]:
    """Return what is wrong with the quantities in which a SKU is to be ordered."""
    top = values.LINE_QUANTITY_MAX
    limits = (("minimum", 0), ("maximum", 0), ("step", 1), ("pack", 1))
    found = [n for n, least in limits if not least <= getattr(quantities, n) <= top]
    if not found and grid(quantities) is None:
        found = ["maximum" if quantities.maximum else "minimum"]
    return tuple(errors.OrderQuantityInvalid(field=name) for name in found)
