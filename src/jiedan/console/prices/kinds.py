"""The kinds of rules beside promotions: what they are called, and what the forms of those of plain fields ask. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from jiedan.base.i18n import N_
from jiedan.pricing.values.drafts import RuleKind

InputKind = Literal[
    "text", "rate", "amount", "amounts", "codes", "moment", "flag", "choice", "count", "country", "currency", "people"
]
"""An `amount` is one in the currency that the rule's code names."""


class Input(NamedTuple):
    """One field of a rule as its form asks for it; `choices` are pairs of value and word."""

    name: str
    label: str
    kind: InputKind = "text"
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    instead: str = ""


class RuleType(NamedTuple):
    """A kind of rules: what one and all of them are called, and what the form asks. `code` names an input of its own.

    Of what there is `once` there is one rule at most. Without `inputs` the kind has a form of its own.
    """

    kind: RuleKind
    one: str
    all: str
    icon: str
    inputs: tuple[Input, ...] = ()
    is_once: bool = False
    has_code: bool = False


FROM_AT = Input("from_at", N_("From"), "moment")
UNTIL_AT = Input("until_at", N_("Until"), "moment", N_("The first moment after."))

TYPES: Mapping[str, RuleType] = MappingProxyType(
    {
        "tax-rates": RuleType(
            "tax_rate",
            N_("Tax rate"),
            N_("Tax rates"),
            "receipt",
            (
                Input("country", N_("Country"), "country", N_("Two letters, or * for all others."), instead="*"),
                Input("region", N_("Province or state")),
                Input("postal", N_("Postal code"), hint=N_("Beginning like 94, or from to like 94105..94110.")),
                Input("tax_class", N_("Tax class"), instead="standard"),
                Input("rate_ppm", N_("Rate"), "rate"),
                Input("component", N_("Name of the tax"), instead="tax"),
                Input("position", N_("Position"), "count", N_("Where taxes are levied on each other.")),
                Input("is_compound", N_("Levied on the price with the taxes before it"), "flag"),
                FROM_AT,
                UNTIL_AT,
            ),
        ),
        "tax-settings": RuleType(
            "tax_settings",
            N_("How tax is charged"),
            N_("How tax is charged"),
            "receipt",
            (
                Input(
                    "rounding", N_("Rounded"), "choice", choices=(("order", N_("per order")), ("line", N_("per line")))
                ),
                Input(
                    "fees",
                    N_("Fees are taxed"),
                    "choice",
                    choices=(("own", N_("by their own class")), ("goods", N_("like the goods"))),
                ),
                Input(
                    "without_rate",
                    N_("Goods without a rate"),
                    "choice",
                    choices=(("zero", N_("are not taxed")), ("refuse", N_("cannot be ordered"))),
                ),
                Input(
                    "exempt_pays",
                    N_("Who is exempt pays"),
                    "choice",
                    choices=(("net", N_("the price without tax")), ("gross", N_("the whole price"))),
                ),
                Input("home_country", N_("Home country"), "country"),
                Input("home_region", N_("Province or state")),
                Input("home_postal_code", N_("Postal code")),
                Input("reverse_charge", N_("Reverse charge for business customers abroad"), "flag"),
            ),
            is_once=True,
        ),
        "lists": RuleType(
            "price_list",
            N_("Price list"),
            N_("Price lists"),
            "list",
            (
                Input("code", N_("Code"), hint=N_("Unique, and it stays.")),
                Input("currency", N_("Currency"), "currency"),
                Input(
                    "kind",
                    N_("Kind"),
                    "choice",
                    choices=(("list", N_("Price list")), ("contract", N_("Contract, before all lists"))),
                ),
                Input("priority", N_("Priority"), "count", N_("The lower one goes first."), instead="100"),
                Input("channels", N_("Channels"), "codes"),
                Input("groups", N_("Customer groups"), "codes"),
                Input("customers", N_("Customers"), "people"),
                FROM_AT,
                UNTIL_AT,
                Input("is_active", N_("In use"), "flag", instead="1"),
            ),
        ),
        "formulas": RuleType("formula", N_("Formula"), N_("Formulas"), "sliders"),
        "roundings": RuleType(
            "rounding",
            N_("Rounding"),
            N_("Roundings"),
            "scale",
            (
                Input("code", N_("Currency"), "currency", N_("Prices converted into it are rounded.")),
                Input("multiple_minor", N_("To multiples of"), "amount", N_("Like 1.00, or 5.00 to end on 0 and 5.")),
                Input("minus_minor", N_("Less"), "amount", N_("Like 0.01: multiples of 1.00 then end on .99.")),
            ),
        ),
        "exchange-rates": RuleType(
            "exchange_rate",
            N_("Rate of exchange"),
            N_("Rates of exchange"),
            "swap",
            (
                Input("base", N_("One unit of"), "currency"),
                Input("rate", N_("is worth")),
                Input("quote", N_("in"), "currency"),
                Input("from_at", N_("From"), "moment"),
            ),
        ),
        "limits": RuleType(
            "manual_limit",
            N_("Limit of prices by hand"),
            N_("Limits of prices by hand"),
            "lock",
            (
                Input("role", N_("Role"), hint=N_("The code of the role.")),
                Input("rate_ppm", N_("Takes off at most"), "rate"),
            ),
        ),
        "surcharges": RuleType(
            "surcharge",
            N_("Surcharge"),
            N_("Surcharges"),
            "plus",
            (
                Input("code", N_("Code"), hint=N_("Unique, and it stays.")),
                Input("trait", N_("Goods"), hint=N_("Like category:shirts; empty: all goods.")),
                Input("option", N_("Option"), hint=N_("Like color or size.")),
                Input("value", N_("Choice"), hint=N_("Empty: any.")),
                Input("amounts", N_("Amount"), "amounts"),
                Input("rate_ppm", N_("or rate of the price"), "rate"),
            ),
        ),
        "shipping-methods": RuleType("shipping_method", N_("Shipping method"), N_("Shipping methods"), "truck"),
        "shipping-settings": RuleType(
            "shipping_settings",
            N_("Unknown weights and sizes"),
            N_("Unknown weights and sizes"),
            "package",
            (
                Input("weight_g", N_("Weight in grams"), "count"),
                Input("length_mm", N_("Length in millimeters"), "count"),
                Input("width_mm", N_("Width in millimeters"), "count"),
                Input("height_mm", N_("Height in millimeters"), "count"),
            ),
            is_once=True,
        ),
        "base-currency": RuleType(
            "currency_settings",
            N_("Base currency"),
            N_("Base currency"),
            "globe",
            (Input("base_currency", N_("Currency"), "currency", N_("Missing prices are converted from it.")),),
            is_once=True,
        ),
    }
)
"""The kinds by their place in addresses."""

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "tax-rates": N_("What is added to prices, or is in them, by country, region and kind of goods."),
        "tax-settings": N_("How taxes are rounded, what fees pay, and who need not pay any."),
        "lists": N_("Other prices for a channel, a group of customers or one of them, also by quantity."),
        "formulas": N_("Prices that are calculated from what a customer says, like width and height."),
        "roundings": N_("How converted prices end: on .99, or on whole amounts."),
        "exchange-rates": N_("What goods cost in a currency in which they have no price of their own."),
        "limits": N_("How much a role may take off by hand before somebody has to approve."),
        "surcharges": N_("What a color, a size or goods of a kind cost more."),
        "shipping-methods": N_(
            "Ways to ship with their fees, by country, weight and total. Without one, shipping is free."
        ),
        "shipping-settings": N_("What goods weigh and measure of which nobody has said it."),
        "base-currency": N_("The currency from which missing prices are converted."),
    }
)
"""What the rules of a place are for, told where there are none."""

PLACE_BY_KIND: Mapping[RuleKind, str] = MappingProxyType({of.kind: place for place, of in TYPES.items()})
