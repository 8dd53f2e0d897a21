"""Whether so many units of a SKU may be ordered, all its lines together, and how many are nearest to them."""

from jiedan.base.errors import Refusal
from jiedan.catalog.errors import OrderQuantityInvalid
from jiedan.catalog.rules import quantities as catalog
from jiedan.catalog.values import ANY_QUANTITY, OrderQuantity
from jiedan.pricing import errors


def quantity_problem(sku: str, quantity: int, quantities: OrderQuantity, *, field: str = "") -> Refusal | None:
    """Return why a quantity of a SKU may not be ordered, with the nearest that may, or None."""
    if quantities == ANY_QUANTITY:
        return None
    allowed = catalog.grid(quantities)
    if allowed is None:
        return OrderQuantityInvalid(field=field)
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
