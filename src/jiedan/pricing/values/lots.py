"""What the parts of the engine hand one another: the same goods of a cart as one lot, and where they go."""

from typing import NamedTuple


class Lot(NamedTuple):
    """Units of one SKU at one unit price, from whichever lines: what goods cost never hangs on how lines are split.

    `traits` are `sku:`, `product:`, `category:`, `brand:` and `tag:` followed by a code, the categories above
    included. `worth_minor` is quantity × unit price less what graduated tiers took off. Goods priced by hand or sold
    elsewhere are not `promotable`.
    """

    code: str
    quantity: int
    unit_minor: int
    worth_minor: int
    traits: frozenset[str]
    promotable: bool = True


class Place(NamedTuple):
    """Where goods go: country (ISO 3166-1 alpha-2), region (ISO 3166-2 without the country), postal code as written."""

    country: str
    region: str = ""
    postal_code: str = ""
