"""Examples beside a rule: a small cart, and what it must cost. A book whose examples fail is not published."""

from typing import Annotated

import msgspec

from jiedan.base import money
from jiedan.pricing.values.conversion import Instant
from jiedan.pricing.values.formulas import WRITING_CHARACTERS_MAX

EXAMPLES_PER_RULE_MAX = 20
EXAMPLE_LINES_MAX = 20
EXAMPLE_COUPONS_MAX = 10
EXAMPLE_NAME_CHARACTERS_MAX = 200
EXAMPLE_QUANTITY_MAX = 1_000_000

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=EXAMPLE_NAME_CHARACTERS_MAX)]
Word = Annotated[str, msgspec.Meta(max_length=100)]
Writing = Annotated[str, msgspec.Meta(max_length=WRITING_CHARACTERS_MAX)]
AmountMinor = Annotated[int, msgspec.Meta(ge=0, le=money.AMOUNT_MINOR_MAX)]


class ExampleLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """So many units of a SKU; with `unit_minor` at that price, whatever the catalog asks by then.

    `attributes` are what is said of a bespoke piece, numbers as texts.
    """

    sku: Name
    quantity: Annotated[int, msgspec.Meta(ge=1, le=EXAMPLE_QUANTITY_MAX)] = 1
    unit_minor: AmountMinor | None = None
    attributes: Annotated[dict[Word, int | Writing], msgspec.Meta(max_length=20)] = {}


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A cart and what is expected of it, in minor units: its total, its discount on goods, or both.

    Without a time it is priced when the book begins. `coupons` are promotions to which the customer has a good code.
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
    earlier_orders: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    coupons: Annotated[tuple[Word, ...], msgspec.Meta(max_length=EXAMPLE_COUPONS_MAX)] = ()
    shipping_method: Word | None = None
    attributes: Annotated[dict[Word, bool | int | Word], msgspec.Meta(max_length=20)] = {}
