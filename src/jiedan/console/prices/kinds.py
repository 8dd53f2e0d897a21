"""The kinds of rules that are plain fields: what their forms ask, how it is read, and how it is written back. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from jiedan.base.i18n import N_
from jiedan.base.web.forms import FieldRequired
from jiedan.console.prices import typed
from jiedan.console.prices.examples import RuleForm
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values import drafts
from jiedan.pricing.values.drafts import RuleKind

InputKind = Literal["text", "rate", "amounts", "codes", "moment", "flag", "choice", "count", "country", "currency"]


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

    Of what there is `once` there is one rule at most.
    """

    kind: RuleKind
    one: str
    all: str
    icon: str
    inputs: tuple[Input, ...]
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
                Input("customers", N_("Customers"), "codes"),
                FROM_AT,
                UNTIL_AT,
                Input("is_active", N_("In use"), "flag", instead="1"),
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

PLACE_BY_KIND: Mapping[RuleKind, str] = MappingProxyType({of.kind: place for place, of in TYPES.items()})

Text = Annotated[str, msgspec.Meta(max_length=typed.LIST_CHARACTERS_MAX)]


class PlainForm(RuleForm, kw_only=True):
    """A rule of plain fields; which of them count is its kind's business. Names are those of the rule's fields."""

    base: Text = ""
    base_currency: Text = ""
    amounts: Text = ""
    channels: Text = ""
    code: Text = ""
    component: Text = ""
    country: Text = ""
    currency: Text = ""
    customers: Text = ""
    exempt_pays: Text = ""
    fees: Text = ""
    from_at: Text = ""
    groups: Text = ""
    height_mm: Text = ""
    home_country: Text = ""
    home_postal_code: Text = ""
    home_region: Text = ""
    is_active: bool = False
    is_compound: bool = False
    kind: Text = ""
    length_mm: Text = ""
    option: Text = ""
    position: Text = ""
    postal: Text = ""
    priority: Text = ""
    quote: Text = ""
    rate: Text = ""
    rate_ppm: Text = ""
    region: Text = ""
    reverse_charge: bool = False
    role: Text = ""
    rounding: Text = ""
    tax_class: Text = ""
    trait: Text = ""
    until_at: Text = ""
    value: Text = ""
    weight_g: Text = ""
    width_mm: Text = ""
    without_rate: Text = ""


def body_of(of: RuleType, sent: PlainForm, reading: Reading, old: drafts.Rule | None) -> drafts.Rule:
    """Return the rule that the form means; fields that the form does not have stay as they were.

    Raises Rejections naming every input that cannot be read.
    """
    told = {asked.name: _read(asked, getattr(sent, asked.name), reading) for asked in of.inputs}
    known = {name: value for name, value in told.items() if value is not None and value != ""}
    if old is not None:
        known |= {name: getattr(old, name) for name in old.__struct_fields__ if name not in told}
    wrong = {reason.field for reason in reading.reasons}
    for field in msgspec.structs.fields(drafts.RULE_TYPES[of.kind]):
        if field.required and field.name not in known and field.name not in wrong:
            reading.reasons.append(FieldRequired(field=field.name))
    reading.finish()
    return drafts.RULE_TYPES[of.kind](**known)


def _read(asked: Input, text: Any, reading: Reading) -> Any:
    if isinstance(text, bool):
        return text
    match asked.kind:
        case "rate":
            return reading.rate(text, asked.name) if text else None
        case "amounts":
            return reading.amounts(text, asked.name)
        case "codes":
            return typed.texts(text)
        case "moment":
            return reading.moment(text, asked.name)
        case "count":
            return reading.count(text, asked.name)
        case "country" | "currency":
            return text.upper()
        case "choice":
            return text if text in {value for value, _ in asked.choices} else asked.choices[0][0]
        case _:
            return text


def raw_of(of: RuleType, body: drafts.Rule, how: Typing) -> dict[str, list[str]]:
    """Return what the form says of a rule."""
    found = {asked.name: _typed(asked, getattr(body, asked.name), how) for asked in of.inputs}
    return {name: [text] for name, text in found.items() if text}


def _typed(asked: Input, value: Any, how: Typing) -> str:
    if value is None:
        return ""
    match asked.kind:
        case "rate":
            return typed.rate_typed(value)
        case "amounts":
            return typed.amounts_typed(value, how)
        case "codes":
            return typed.listed(value)
        case "moment":
            return typed.moment_typed(value, how)
        case "flag":
            return "1" if value else ""
        case _:
            return str(value)
