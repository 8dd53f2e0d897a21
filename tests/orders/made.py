"""Orders and lines as rules see them: made here, stored nowhere."""

from typing import Any
from uuid import UUID

from jiedan.orders.values import Line, Order

_LINE: dict[str, Any] = {
    **dict.fromkeys(Line.__struct_fields__),
    **dict.fromkeys(("canceled", "allocated", "shipped", "delivered", "returned", "performed", "released"), 0),
    **dict.fromkeys(("discount_minor", "tax_minor", "tax_rate_ppm", "by_hand_minor", "relief_minor"), 0),
    "line_id": UUID(int=1),
    "order_id": UUID(int=7),
    "line": 1,
    "kind": "goods",
    "sku_id": UUID(int=3),
    "code": "TEA",
    "name": "Tea",
    "ordered": 1,
    "unit_minor": 1_000,
    "tax_class": "standard",
    "tax_included": True,
    "total_minor": 1_000,
    "price_source": "list",
}


def line(**facts: Any) -> Line:
    """Return one unit of tea for 10.00, unless `facts` say otherwise."""
    return Line(**{**_LINE, **facts})


def order(**facts: Any) -> Order:
    """Return an open order in CNY."""
    values: dict[str, Any] = dict.fromkeys(Order.__struct_fields__)
    known = {"order_id": UUID(int=7), "number": "SO-7", "lifecycle": "open", "currency": "CNY", "refunding_minor": 0}
    return Order(**{**values, **known, **facts})
