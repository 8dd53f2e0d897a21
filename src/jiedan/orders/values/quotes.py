"""Carts that are priced and no orders: what they may say, in the words of an order."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from jiedan.accounts.values import PaymentMethod, PaymentTerms
from jiedan.customers.values import Address, CustomerId
from jiedan.orders.values.drafts import Gifts, Input
from jiedan.orders.values.words import (
    CHANNEL_API,
    COUPONS_PER_ORDER_MAX,
    QUOTES_PER_CALL_MAX,
    REASON_CHARS_MAX,
    Amount,
    Attributes,
    Channel,
    Code,
    Coupon,
    CurrencyCode,
    LineAttributes,
)
from jiedan.pricing.values import OrderDiscount


class CartLine(Input, frozen=True, kw_only=True):
    """One line of a cart; a price by hand (permission `orders:price`) needs `price_reason`.

    `attributes` are what is said of a piece made to measure.
    """

    sku: Code
    quantity: int
    unit_price_minor: int | None = None
    price_reason: Annotated[str, Meta(max_length=REASON_CHARS_MAX)] = ""
    attributes: LineAttributes = msgspec.field(default_factory=dict)


class QuoteCart(Input, frozen=True, kw_only=True):
    """A cart to price; of `ship_to` the country and the postal code are enough.

    What is left out comes from the merchant's settings, as of an order; without a `shipping_method` the cheapest ships.
    """

    lines: tuple[CartLine, ...]
    channel: Channel = CHANNEL_API
    currency: CurrencyCode | None = None
    customer_id: CustomerId | None = None
    ship_to: Address | None = None
    location: Code | None = None
    payment_terms: PaymentTerms | None = None
    payment_method: PaymentMethod | None = None
    coupons: Annotated[tuple[Coupon, ...], Meta(max_length=COUPONS_PER_ORDER_MAX)] = ()
    gifts: Gifts = ()
    attributes: Attributes = msgspec.field(default_factory=dict)
    discount: OrderDiscount | None = None
    shipping_method: Code | None = None
    shipping_minor: Amount | None = None


class QuoteCarts(Input, frozen=True, kw_only=True):
    """Carts to price, all as of the moment `at`, or of now."""

    __example__: ClassVar[dict[str, Any]] = {
        "carts": [
            {
                "lines": [{"sku": "TEA-250", "quantity": 2}],
                "ship_to": {"country": "CN", "postal_code": "100006"},
                "shipping_method": "express",
            }
        ]
    }

    carts: Annotated[tuple[QuoteCart, ...], Meta(min_length=1, max_length=QUOTES_PER_CALL_MAX)]
    at: Annotated[datetime, Meta(tz=True)] | None = None
