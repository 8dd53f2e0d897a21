"""What has to be known of goods before they are priced."""

from typing import NamedTuple

from jiedan.pricing.values.shipping import Piece
from jiedan.pricing.values.units import SkuPrices


class PricedGoods(NamedTuple):
    """A SKU as prices see it. `piece` is one unit for the carrier, None where nothing is shipped."""

    code: str
    name: str
    tax_class: str
    prices: SkuPrices
    piece: Piece | None = None
