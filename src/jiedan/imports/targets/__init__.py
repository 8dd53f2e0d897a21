"""What can be imported, by the word for it."""

from collections.abc import Mapping

from jiedan.base.i18n import Series
from jiedan.imports import errors
from jiedan.imports.targets.customers import CUSTOMERS
from jiedan.imports.targets.opening_stock import OPENING_STOCK
from jiedan.imports.targets.orders import ORDERS
from jiedan.imports.targets.postal_areas import POSTAL_AREAS
from jiedan.imports.targets.products import PRODUCTS
from jiedan.imports.targets.protocol import Target
from jiedan.imports.targets.tax_rates import TAX_RATES
from jiedan.imports.values import MARKETPLACE, MARKETPLACE_PERMISSION

TARGETS: Mapping[str, Target] = {
    target.kind: target for target in (PRODUCTS, CUSTOMERS, OPENING_STOCK, POSTAL_AREAS, TAX_RATES, ORDERS)
}


def target(kind: str) -> Target:
    """Return the target of this name. Raises UnknownTarget."""
    found = TARGETS.get(kind)
    if found is None:
        raise errors.UnknownTarget(kind, Series(sorted(TARGETS)), field="kind")
    return found


def permission(kind: str) -> str:
    """Return what a caller needs for runs of this kind, those of a whole marketplace among them.

    Raises UnknownTarget.
    """
    return MARKETPLACE_PERMISSION if kind.startswith(MARKETPLACE) else target(kind).permission
