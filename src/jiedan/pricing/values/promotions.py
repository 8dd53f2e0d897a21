"""What a merchant offers: promotions as typed data, stored as JSON and published in versions.

Amounts are minor units by currency; a promotion that lacks the currency of a cart is not offered in it. Rates are
parts per million. `rules.promotions` says what each of these means for a cart.
"""

import datetime as dt
from typing import Literal

import msgspec

PROMOTION_NAME_CHARACTERS_MAX = 200
PROMOTION_CODE_CHARACTERS_MAX = 100
TRAITS_MAX = 2_000
"""Traits of one kind (any of, all of, none of) of one choice of goods."""

CHOICES_MAX = 1_000
"""Values of one condition: channels, groups, customers, countries, tests, hours."""

STEPS_MAX = 20
SLOTS_MAX = 6
"""Slots of a bundle: whether its sets can be made is asked of each subset of them."""

GIFTS_MAX = 50
COUNT_MAX = 1_000_000
PRIORITY_MAX = 1_000_000

TRAIT_KINDS = ("sku", "product", "category", "brand", "tag")

Amounts = dict[str, int]
"""Minor units by currency (ISO 4217)."""

Stacking = Literal["stack", "alone"]
TaxStanding = Literal["any", "business", "private"]
"""`business`: a company whose tax number is known, or who has a VAT number. `private`: everybody else, guests too."""

Operator = Literal["=", "!=", "in", "<", "<=", ">", ">="]
AttributeValue = bool | int | str

ATTRIBUTE_NAME = r"^[^\s\x00-\x1f,;=<>!，；＝]{1,50}$"
"""What an attribute of an order can be called."""

ATTRIBUTE_CHARACTERS_MAX = 200


class Goods(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A choice of goods by their traits: one of `any_of`, each of `all_of`, none of `none_of`; empty chooses all."""

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()


ALL_GOODS = Goods()


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Hours of the week by the merchant's clock, from `HH:MM` to before `HH:MM` (`24:00` is the end of the day).

    `weekdays` are 1 (Monday) to 7; empty is each day. Hours that end before they begin go over midnight, and belong to
    the day on which they begin.
    """

    weekdays: tuple[int, ...] = ()
    from_time: str = "00:00"
    until_time: str = "24:00"


class AttributeTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A test of an attribute of the order. `in` takes any number of values, the others one.

    Numbers compare with numbers and texts with texts, nothing is converted; an order without the attribute fails.
    """

    name: str
    operator: Operator
    values: tuple[AttributeValue, ...]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The conditions of a promotion; all must hold, and those left empty ask nothing.

    `until_at` is the first moment after. `min_spend` and `min_quantity` count the goods of `counted`, or else those of
    the promotion. `payment_methods` ask how the order is to be paid (`card`), `payment_terms` when (`prepaid`).
    `expression` is a free condition on the order, in the language of formulas.
    """

    from_at: dt.datetime | None = None
    until_at: dt.datetime | None = None
    hours: tuple[Hours, ...] = ()
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    tax_status: TaxStanding = "any"
    first_order: bool = False
    earlier_orders_min: int | None = None
    earlier_orders_max: int | None = None
    payment_methods: tuple[str, ...] = ()
    payment_terms: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    attributes: tuple[AttributeTest, ...] = ()
    min_spend: Amounts = {}
    min_quantity: int = 0
    counted: Goods | None = None
    coupon: Literal["none", "required"] = "none"
    expression: str = ""


class Caps(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How often a promotion is given: orders in all, orders per customer, units in all, units of one order."""

    total: int | None = None
    per_customer: int | None = None
    units: int | None = None
    units_per_order: int | None = None


class PercentOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="percent_off"):
    """A rate off the goods, `at_most` so much; per `order` it is taken after the offers on goods."""

    rate_ppm: int
    at_most: Amounts = {}
    per: Literal["goods", "order"] = "goods"


class AmountOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="amount_off"):
    """An amount off each unit, off each line (all units of a SKU at one price), or once off the order's goods."""

    amounts: Amounts
    per: Literal["unit", "line", "order"] = "order"


class FixedPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="fixed_price"):
    """A unit price for the goods; what costs less already stays as it is."""

    amounts: Amounts


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From so much spent, or from so many units on: an amount or a rate off."""

    from_amounts: Amounts = {}
    from_quantity: int = 0
    amounts: Amounts = {}
    rate_ppm: int = 0


class Steps(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="steps"):
    """The best step reached counts (满减). With `repeats` the one step counts each time it is reached (每满减)."""

    steps: tuple[Step, ...]
    by: Literal["amount", "quantity"] = "amount"
    repeats: bool = False
    at_most: Amounts = {}


class BuyGet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="buy_get"):
    """Buy so many, get so many at a rate off, or at a fixed unit price where `amounts` has one.

    What is got comes from the goods of the promotion (`set`), from units of the same SKU (`sku`), or from `other`.
    """

    buy: int
    get: int
    rate_ppm: int = 0
    amounts: Amounts = {}
    among: Literal["set", "sku", "other"] = "set"
    other: Goods | None = None
    repeats: bool = True
    times_max: int | None = None


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A place in a bundle: so many units of these goods."""

    goods: Goods
    quantity: int = 1


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="bundle"):
    """One unit set, filled from slots, at one price; the promotion's own goods stay empty."""

    slots: tuple[Slot, ...]
    amounts: Amounts
    times_max: int | None = None


class Gift(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="gift"):
    """One of these SKUs as a gift, once per order, or each `time` the promotion's threshold is reached."""

    skus: tuple[str, ...]
    quantity: int = 1
    per: Literal["order", "time"] = "order"
    times_max: int | None = None


class ShippingOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="shipping_off"):
    """A rate or an amount off the shipping fee, `at_most` so much."""

    rate_ppm: int = 0
    amounts: Amounts = {}
    at_most: Amounts = {}


Offer = PercentOff | AmountOff | FixedPrice | Steps | BuyGet | Bundle | Gift | ShippingOff


class Promotion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One promotion. The lower `priority` acts first; of an exclusive `group` at most one is given."""

    id: str
    name: str
    offer: Offer
    goods: Goods = ALL_GOODS
    when: When = When()
    priority: int = 100
    group: str = ""
    stacking: Stacking = "stack"
    caps: Caps = Caps()
