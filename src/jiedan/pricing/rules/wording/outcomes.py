"""What became of promotions and coupons, in words: `needs 2 more`, `excluded by 双十一`."""

from collections.abc import Mapping
from types import MappingProxyType

from jiedan.base.i18n import N_
from jiedan.pricing.rules.wording import conditions, offers
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values.promoted import CouponOutcome, Outcome, OutcomeCode
from jiedan.pricing.values.promotions import Promotion

OUTCOMES: Mapping[OutcomeCode, str] = MappingProxyType(
    {
        "applied": N_("given: {amount} off"),
        "no_goods": N_("none of its goods are in the cart"),
        "needs_quantity": N_("needs {count} more"),
        "needs_spend": N_("needs {amount} more"),
        "next_quantity": N_("{count} more, and it gives more"),
        "next_spend": N_("{amount} more, and it gives more"),
        "not_begun": N_("begins {begin}"),
        "over": N_("ended {end}"),
        "outside_hours": N_("outside of its hours"),
        "wrong_channel": N_("only through {wanted}"),
        "wrong_group": N_("only for {wanted}"),
        "wrong_customer": N_("only for other customers"),
        "only_for_business": N_("only for businesses (companies with a tax number, and whoever has a VAT number)"),
        "not_for_business": N_("not for businesses (companies with a tax number, and whoever has a VAT number)"),
        "needs_customer": N_("only for customers who are known"),
        "not_first_order": N_("only for a first order"),
        "too_few_earlier_orders": N_("needs {count} more earlier orders"),
        "too_many_earlier_orders": N_("only for customers with fewer orders"),
        "wrong_payment_method": N_("only when paying by {wanted}"),
        "wrong_payment_terms": N_("only when it is paid: {wanted}"),
        "wrong_country": N_("only to {wanted}"),
        "wrong_location": N_("only from {wanted}"),
        "wrong_attribute": N_("only where {wanted}"),
        "expression_not_met": N_("its condition on the order is not met: {wanted}"),
        "expression_not_evaluated": N_("its condition on the order could not be checked: {wanted}"),
        "coupon_missing": N_("needs a coupon"),
        "coupon_unknown": N_("there is no such coupon"),
        "coupon_not_begun": N_("the coupon does not hold yet"),
        "coupon_expired": N_("the coupon has expired"),
        "coupon_used": N_("the coupon was used already"),
        "coupon_cap_reached": N_("the coupon was used as often as it may be"),
        "coupon_not_yours": N_("the coupon belongs to another customer"),
        "cap_reached": N_("was given as often as it may be"),
        "customer_cap_reached": N_("was given to this customer as often as it may be"),
        "sold_out": N_("its units are sold out"),
        "gift_sold_out": N_("no gift is left: {wanted}"),
        "not_in_currency": N_("not offered in {wanted}"),
        "excluded_by": N_("excluded by {other}"),
        "nothing_to_reduce": N_("nothing is left to take off"),
    }
)
"""What each outcome means; capital letters are for faces to put."""

_KINDS: Mapping[OutcomeCode, str] = MappingProxyType(
    {
        "wrong_channel": "channel",
        "wrong_group": "group",
        "wrong_payment_method": "payment",
        "wrong_payment_terms": "terms",
        "wrong_location": "location",
        "gift_sold_out": "sku",
    }
)
"""What is wanted, where it has names."""

_TEST_PARTS = 2


def outcome(told: Outcome, currency: str, reader: Reader) -> str:
    """Return what became of a promotion, by how much it was missed, and for the sake of what."""
    if told.code == "applied" and not told.amount_minor:
        return reader.say(N_("given"))
    if told.code == "excluded_by" and not told.by:
        return reader.say(N_("others take off more together"))
    moment = "" if told.at is None else reader.moment(told.at)
    return reader.say(
        OUTCOMES[told.code],
        amount=reader.money(told.amount_minor, currency),
        count=told.quantity,
        begin=moment,
        end=moment,
        wanted=_wanted(told, reader),
        other=reader.name("promotion", told.by),
    )


INVITATIONS: Mapping[OutcomeCode, str] = MappingProxyType(
    {
        "needs_quantity": N_("Add {count} more: {offer}"),
        "next_quantity": N_("Add {count} more: {offer}"),
        "needs_spend": N_("Spend {amount} more: {offer}"),
        "next_spend": N_("Spend {amount} more: {offer}"),
        "wrong_payment_method": N_("Pay by {wanted}: {offer}"),
        "wrong_payment_terms": N_("{wanted}: {offer}"),
    }
)
"""What a customer can do about an outcome."""


def invitation(told: Outcome, promotion: Promotion, currency: str, reader: Reader) -> str:
    """Return what a customer has to do for a promotion that is nearly theirs, and what it gives; empty for others."""
    message = INVITATIONS.get(told.code)
    if message is None:
        return ""
    amount = reader.money(told.amount_minor, currency)
    offer = offers.offer(promotion, reader)
    return reader.say(message, count=told.quantity, amount=amount, offer=offer, wanted=_wanted(told, reader))


def coupon(told: CouponOutcome, reader: Reader) -> str:
    """Return what became of a code the customer gave."""
    return reader.clauses([
        told.code if not told.promotion else f"{told.code} ({reader.name('promotion', told.promotion)})",
        reader.say(N_("taken")) if told.outcome == "applied" else reader.say(_PLAIN.get(told.outcome, _REFUSED)),
    ])  # fmt: skip


_REFUSED = N_("its promotion is not given for this cart")

_PLAIN: Mapping[OutcomeCode, str] = MappingProxyType(
    {code: message for code, message in OUTCOMES.items() if "{" not in message}
)


def _wanted(told: Outcome, reader: Reader) -> str:
    if told.code == "wrong_country":
        return reader.row(reader.country(code) for code in told.wanted)
    if told.code == "wrong_attribute" and len(told.wanted) >= _TEST_PARTS:
        return conditions.comparison(told.wanted[0], told.wanted[1], told.wanted[2:])
    return reader.named(_KINDS.get(told.code, ""), told.wanted)
