"""The ways pricing refuses rules that are written, and books that are published."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class PriceRuleNotFound(errors.NotFound):
    """No rule of the draft has this id or code."""

    code: ClassVar[str] = "price_rule_not_found"
    message: ClassVar[str] = N_("There is no price rule {rule}.")

    rule: str


@dataclasses.dataclass(eq=False)
class RuleCodeInvalid(errors.Invalid):
    """A rule has no usable code."""

    code: ClassVar[str] = "rule_code_invalid"
    message: ClassVar[str] = N_("This rule has no usable code.")
    remedy: ClassVar[str] = N_("Give a code of 1 to {characters_max} characters.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class RuleCodeFixed(errors.Invalid):
    """Orders, coupons and price lists name a rule by its code, so it never changes."""

    code: ClassVar[str] = "rule_code_fixed"
    message: ClassVar[str] = N_("The code {rule} of a rule never changes.")
    remedy: ClassVar[str] = N_("Write another rule, and remove this one.")

    rule: str


@dataclasses.dataclass(eq=False)
class TooManyRules(errors.Invalid):
    """A book would hold more rules than it can."""

    code: ClassVar[str] = "too_many_rules"
    message: ClassVar[str] = N_("A book holds at most {most} rules.")
    remedy: ClassVar[str] = N_("Remove rules that are over.")

    most: int


@dataclasses.dataclass(eq=False)
class RemovalNotFound(errors.NotFound):
    """Nothing that could be taken back has this id."""

    code: ClassVar[str] = "removal_not_found"
    message: ClassVar[str] = N_("There are no removed rules {removal}.")
    remedy: ClassVar[str] = N_("Removed rules can be taken back for {hours} hours.")

    removal: str
    hours: int


@dataclasses.dataclass(eq=False)
class RulesChangedSince(errors.Conflict):
    """Rules of the draft are others now than when some of them were taken out."""

    code: ClassVar[str] = "rules_changed_since"
    message: ClassVar[str] = N_("These rules have been changed since: {rules}.")
    remedy: ClassVar[str] = N_("Look at the draft, and write again what is missing.")

    rules: str


@dataclasses.dataclass(eq=False)
class PriceBookNotFound(errors.NotFound):
    """No version of the rules has this number."""

    code: ClassVar[str] = "price_book_not_found"
    message: ClassVar[str] = N_("There is no version {version} of the price rules.")

    version: int


@dataclasses.dataclass(eq=False)
class PriceBookBegun(errors.Conflict):
    """A version that has begun, or was taken back before, cannot be taken back."""

    code: ClassVar[str] = "price_book_begun"
    message: ClassVar[str] = N_("Version {version} of the price rules has begun, or was taken back already.")
    remedy: ClassVar[str] = N_("Publish an older version again instead.")

    version: int


@dataclasses.dataclass(eq=False)
class PriceBookWaits(errors.Conflict):
    """A later version waits for its time; another may not begin before it."""

    code: ClassVar[str] = "price_book_waits"
    message: ClassVar[str] = N_(
        "Version {version} of the price rules begins later; a newer one cannot begin before it."
    )
    remedy: ClassVar[str] = N_("Let the new one begin after it, or take version {version} back first.")

    version: int


@dataclasses.dataclass(eq=False)
class NothingToPublish(errors.Conflict):
    """The draft says what the last version says."""

    code: ClassVar[str] = "nothing_to_publish"
    message: ClassVar[str] = N_("The draft is the same as version {version} of the price rules.")
    remedy: ClassVar[str] = N_("Change a rule first.")

    version: int


@dataclasses.dataclass(eq=False)
class BookBeginsInPast(errors.Invalid):
    """A version is to begin at a moment that is over."""

    code: ClassVar[str] = "book_begins_in_past"
    message: ClassVar[str] = N_("A version of the price rules cannot begin in the past.")
    remedy: ClassVar[str] = N_("Give a later time, or none: then it begins at once.")


@dataclasses.dataclass(eq=False)
class NoteTooLong(errors.Invalid):
    """A note says too much."""

    code: ClassVar[str] = "note_too_long"
    message: ClassVar[str] = N_("The note is too long.")
    remedy: ClassVar[str] = N_("Write at most {characters_max} characters.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class CannotPublish(errors.Rejections):
    """The draft cannot be published; all reasons are named."""

    code: ClassVar[str] = "cannot_publish"


@dataclasses.dataclass(eq=False)
class ExampleInvalid(errors.Invalid):
    """An example lacks what makes it one."""

    code: ClassVar[str] = "example_invalid"
    message: ClassVar[str] = N_("The example {example} cannot be tried.")
    remedy: ClassVar[str] = N_(
        "Give a name, a currency, 1 to {lines_max} lines with quantities,"
        " and the total, discount, shipping fee or gifts that are expected."
    )

    example: str
    lines_max: int


@dataclasses.dataclass(eq=False)
class ExampleFails(errors.Invalid):
    """The engine comes to another amount than an example says."""

    code: ClassVar[str] = "example_fails"
    message: ClassVar[str] = N_("Example {example}: {got} {currency} instead of {expected} {currency}.")
    remedy: ClassVar[str] = N_("Change the rule until it gives what you expect, or mend the example.")

    example: str
    expected: str
    got: str
    currency: str


@dataclasses.dataclass(eq=False)
class ExampleShippingFails(errors.Invalid):
    """The engine comes to another shipping fee than an example says."""

    code: ClassVar[str] = "example_shipping_fails"
    message: ClassVar[str] = N_("Example {example}: shipping costs {got} {currency} instead of {expected} {currency}.")
    remedy: ClassVar[str] = N_("Change the rule until it gives what you expect, or mend the example.")

    example: str
    expected: str
    got: str
    currency: str


@dataclasses.dataclass(eq=False)
class ExampleGiftsFail(errors.Invalid):
    """The engine gives other gifts than an example says."""

    code: ClassVar[str] = "example_gifts_fail"
    message: ClassVar[str] = N_("Example {example}: gifts are {got} instead of {expected}.")
    remedy: ClassVar[str] = N_("Change the rule until it gives what you expect, or mend the example.")

    example: str
    expected: object
    got: object


@dataclasses.dataclass(eq=False)
class ExampleNotPriced(errors.Invalid):
    """The engine refuses the cart of an example."""

    code: ClassVar[str] = "example_not_priced"
    message: ClassVar[str] = N_("Example {example} has no price: {reason}")
    remedy: ClassVar[str] = N_("Change the rule until it gives what you expect, or mend the example.")

    example: str
    reason: str


@dataclasses.dataclass(eq=False)
class PromotionShadowed(errors.Invalid):
    """A promotion never can be given, because another always is instead."""

    code: ClassVar[str] = "promotion_shadowed"
    message: ClassVar[str] = N_("{promotion} can never be given: {by} always is instead, and takes off as much.")
    remedy: ClassVar[str] = N_("Remove one of the two, take them out of the same group, or let the other ask for more.")

    promotion: str
    by: str


@dataclasses.dataclass(eq=False)
class GiftsInRing(errors.Invalid):
    """Gifts are themselves what gifts are given for."""

    code: ClassVar[str] = "gifts_in_ring"
    message: ClassVar[str] = N_("Gifts lead to gifts without an end: {promotions}.")
    remedy: ClassVar[str] = N_("Take what is given out of the goods that gifts are given for.")

    promotions: str


@dataclasses.dataclass(eq=False)
class DiscountBeyondWorth(errors.Invalid):
    """Promotions would take off more than the spend that they ask for."""

    code: ClassVar[str] = "discount_beyond_worth"
    message: ClassVar[str] = N_(
        "{quantity} × {sku} for {worth} {currency} would get {asked} {currency} off by {promotions}."
    )
    remedy: ClassVar[str] = N_("Ask for more to be spent, take less off, or let promotions exclude each other.")

    sku: str
    quantity: int
    worth: str
    asked: str
    currency: str
    promotions: str


@dataclasses.dataclass(eq=False)
class TooManyPrices(errors.Invalid):
    """One call sets too many prices."""

    code: ClassVar[str] = "too_many_prices"
    message: ClassVar[str] = N_("One call sets at most {most} prices.")
    remedy: ClassVar[str] = N_("Send them in several calls.")

    most: int


@dataclasses.dataclass(eq=False)
class PriceListUnknown(errors.Invalid):
    """A price is for a list that does not exist."""

    code: ClassVar[str] = "price_list_unknown"
    message: ClassVar[str] = N_("There is no price list {price_list}.")
    remedy: ClassVar[str] = N_("Write the price list first.")

    price_list: str


@dataclasses.dataclass(eq=False)
class PriceSkuUnknown(errors.Invalid):
    """A price is for a SKU that does not exist."""

    code: ClassVar[str] = "price_sku_unknown"
    message: ClassVar[str] = N_("There is no SKU {sku}.")
    remedy: ClassVar[str] = N_("Check how it is written, or add it to a product first.")

    sku: str


@dataclasses.dataclass(eq=False)
class PriceListInUse(errors.Conflict):
    """A price list that has prices stays, and keeps its currency."""

    code: ClassVar[str] = "price_list_in_use"
    message: ClassVar[str] = N_("The price list {price_list} has prices in {currency}.")
    remedy: ClassVar[str] = N_("Remove its prices first, or write another list.")

    price_list: str
    currency: str


@dataclasses.dataclass(eq=False)
class MethodNotFlat(errors.Conflict):
    """The shipping method `standard` is more than a fee by currency."""

    code: ClassVar[str] = "method_not_flat"
    message: ClassVar[str] = N_("The shipping method {method} has zones, limits or tariffs of its own.")
    remedy: ClassVar[str] = N_("Change the method itself, and publish it.")

    method: str


@dataclasses.dataclass(eq=False)
class GoodsForNothing(errors.Invalid):
    """Goods cost less than promotions take off, so all discounts together would pass what they cost."""

    code: ClassVar[str] = "goods_for_nothing"
    message: ClassVar[str] = N_(
        "{quantity} × {sku} for {worth} {currency} would cost nothing: {promotions} take up to {asked} {currency} off."
    )
    remedy: ClassVar[str] = N_(
        "Ask for a minimum spend, leave these goods out, or let promotions exclude each other;"
        " to give them for nothing, take 100 % off."
    )

    sku: str
    quantity: int
    worth: str
    asked: str
    currency: str
    promotions: str


@dataclasses.dataclass(eq=False)
class ConditionOfAnyCurrency(errors.Invalid):
    """A free condition compares what goods cost with a number, in whatever currency a cart is."""

    code: ClassVar[str] = "condition_of_any_currency"
    message: ClassVar[str] = N_(
        "The free condition counts what goods cost in any currency, and you sell in {currencies}."
    )
    remedy: ClassVar[str] = N_("Say which is meant: join currency == '{currency}' to it with and.")

    currencies: str
    currency: str


@dataclasses.dataclass(eq=False)
class NothingHasTrait(errors.Invalid):
    """A promotion chooses goods by what no product has: told as a warning, no reason to refuse."""

    code: ClassVar[str] = "nothing_has_trait"
    message: ClassVar[str] = N_("No product has {trait} yet.")
    remedy: ClassVar[str] = N_("If that is not meant, look how it is written: capitals count, too.")

    trait: str


@dataclasses.dataclass(eq=False)
class PaymentMethodUnknown(errors.Invalid):
    """A promotion asks for a way to pay that there is not: no order can meet it."""

    code: ClassVar[str] = "payment_method_unknown"
    message: ClassVar[str] = N_("{method} is no payment method.")
    remedy: ClassVar[str] = N_("Name some of {known}. For when an order is paid, like on_delivery, use payment_terms.")

    method: str
    known: str


@dataclasses.dataclass(eq=False)
class PaymentTermsUnknown(errors.Invalid):
    """A promotion asks for payment terms that there are not: no order can meet it."""

    code: ClassVar[str] = "payment_terms_unknown"
    message: ClassVar[str] = N_("{terms} are no payment terms.")
    remedy: ClassVar[str] = N_("Name some of {known}.")

    terms: str
    known: str


@dataclasses.dataclass(eq=False)
class ConditionOfPayment(errors.Invalid):
    """A free condition asks for payment by the name that was taken for the method, and meant the terms."""

    code: ClassVar[str] = "condition_of_payment"
    message: ClassVar[str] = N_("The free condition asks for payment, which may mean how an order is paid, or when.")
    remedy: ClassVar[str] = N_("Write payment_method (card, bank_transfer) or payment_terms (prepaid, on_delivery).")


@dataclasses.dataclass(eq=False)
class FormulaGoodsUnknown(errors.Invalid):
    """A formula prices goods that are not in the catalog."""

    code: ClassVar[str] = "formula_goods_unknown"
    message: ClassVar[str] = N_("{trait} is not in the catalog.")
    remedy: ClassVar[str] = N_("Check the code, or add the goods first.")

    trait: str
