"""Examples beside a rule: a small cart, and what it must cost. A book whose examples fail is not published."""

from typing import Annotated

import msgspec

from jiedan.base import money
from jiedan.pricing.values.conversion import Instant
from jiedan.pricing.values.formulas import WRITING_CHARACTERS_MAX

EXAMPLES_PER_RULE_MAX = 20
EXAMPLE_LINES_MAX = 20
EXAMPLE_COUPONS_MAX = 10
EXAMPLE_GIFTS_MAX = 20
EXAMPLE_NAME_CHARACTERS_MAX = 200
EXAMPLE_QUANTITY_MAX = 1_000_000

KNOWN = "known"
"""Whom an example calls a customer that it does not name."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=EXAMPLE_NAME_CHARACTERS_MAX)]
Word = Annotated[str, msgspec.Meta(max_length=100)]
Writing = Annotated[str, msgspec.Meta(max_length=WRITING_CHARACTERS_MAX)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=EXAMPLE_QUANTITY_MAX)]
AmountMinor = Annotated[int, msgspec.Meta(ge=0, le=money.AMOUNT_MINOR_MAX)]


class ExampleLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """So many units of a SKU; with `unit_minor` at that price, whatever the catalog asks by then.

    `attributes` are what is said of a bespoke piece, numbers as texts.
    """

    sku: Name
    quantity: Quantity = 1
    unit_minor: AmountMinor | None = None
    attributes: Annotated[dict[Word, int | Writing], msgspec.Meta(max_length=20)] = {}


class ExampleGift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The gift chosen of one promotion, by its id."""

    promotion: Name
    sku: Name


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A cart and what is expected of it: its total, its discount on goods, its shipping fee, its gifts, some or all.

    Amounts are minor units; `shipping_minor` is the fee after discounts, before tax that is added; `gifts` are all that
    are given, by SKU, none where it is empty. Without a time it is priced when the book begins. `coupons` are
    promotions to which the customer has a good code. `customer` is the id of one, or `known` for one nobody names; with
    `earlier_orders` somebody is known in any case. All limits are left, and all gifts are there. `gift_choices` are
    SKUs, or SKUs of promotions.
    """

    name: Name
    currency: Annotated[str, msgspec.Meta(max_length=3)]
    lines: Annotated[tuple[ExampleLine, ...], msgspec.Meta(min_length=1, max_length=EXAMPLE_LINES_MAX)]
    total_minor: AmountMinor | None = None
    discount_minor: AmountMinor | None = None
    at: Instant | None = None
    country: Word = ""
    region: Word = ""
    postal_code: Word = ""
    channel: Word = ""
    groups: Annotated[tuple[Word, ...], msgspec.Meta(max_length=100)] = ()
    is_business: bool = False
    payment_method: Word = ""
    payment_terms: Word = ""
    customer: Word = ""
    location: Word = ""
    earlier_orders: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    coupons: Annotated[tuple[Word, ...], msgspec.Meta(max_length=EXAMPLE_COUPONS_MAX)] = ()
    shipping_method: Word | None = None
    attributes: Annotated[dict[Word, bool | int | Word], msgspec.Meta(max_length=20)] = {}
    gift_choices: Annotated[tuple[Name | ExampleGift, ...], msgspec.Meta(max_length=EXAMPLE_GIFTS_MAX)] = ()
    shipping_minor: AmountMinor | None = None
    gifts: Annotated[dict[Name, Quantity], msgspec.Meta(max_length=EXAMPLE_GIFTS_MAX)] | None = None

    @property
    def is_of_somebody(self) -> bool:
        """Tell whether the customer is known."""
        return bool(self.customer) or self.earlier_orders is not None
