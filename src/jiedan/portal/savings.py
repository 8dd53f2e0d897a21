"""What promotions make of a cart or an order, in words for customers: what they save and why, what is nearly theirs.

The sentences are those of the price rules; what a promotion is called is what the merchant called it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.orders import queries as order_queries
from jiedan.orders import service as orders
from jiedan.orders.values import Order
from jiedan.orders.values.prices import PriceStory
from jiedan.portal import paying
from jiedan.portal.visitor import Visitor
from jiedan.pricing import queries as prices
from jiedan.pricing.rules import wording
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.promoted import CouponOutcome, Outcome, OutcomeCode
from jiedan.pricing.values.promotions import Promotion

INVITATIONS_SHOWN_MAX = 3
NOT_GIVEN = N_("its offer does not fit what you are buying")
APPLIED = "applied"


class Saving(NamedTuple):
    """A promotion that was given: its name, what it gives, by which code, and what came off goods and delivery."""

    name: str
    text: str
    coupon: str
    goods_minor: int
    fee_minor: int

    @property
    def minor(self) -> int:
        """What came off in all."""
        return self.goods_minor + self.fee_minor


class Told(NamedTuple):
    """What there is to say. `coupons` tell by code why it gives nothing, an empty text where it does."""

    savings: Sequence[Saving] = ()
    invitations: Sequence[str] = ()
    coupons: Mapping[str, str] = {}
    payment_methods: Sequence[str] = ()
    """How it is to be paid for that, where a promotion asks for it."""

    @property
    def minor(self) -> int:
        """What promotions took off in all."""
        return sum(saving.minor for saving in self.savings)


NOTHING = Told()


async def told(tx: ReadTx, unit: Unit, who: Visitor, story: PriceStory, currency: str) -> Told:
    """Return what became of promotions, in the reader's words. Two statements at most, none where nothing became."""
    outcomes = (*story.near_misses, *story.left_out)
    ids = {one.promotion for one in story.applied} | {one.promotion for one in outcomes}
    if not ids and not story.coupons:
        return NOTHING
    known = await orders.promotions_of(
        tx,
        version=story.rules_version,
        promotions=ids,
        prices_include_tax=who.settings.prices_include_tax,
    )
    reader = await _reader(tx, unit, who, known.values(), currency)
    savings = [
        Saving(
            one.name,
            wording.offer(known[one.promotion], reader) if one.promotion in known else "",
            one.coupon,
            one.amount_minor - one.fee_minor,
            one.fee_minor,
        )
        for one in story.applied
    ]
    near = [
        wording.invitation(one, known[one.promotion], currency, reader)
        for one in story.near_misses
        if one.promotion in known
    ]
    return Told(
        savings,
        [text for text in near if text][:INVITATIONS_SHOWN_MAX],
        {one.code: _why(one, outcomes, currency, reader) for one in story.coupons},
    )


async def offers(tx: ReadTx, unit: Unit, who: Visitor, promotions: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return what promotions in force are called and what they give, by id; others are absent.

    Three statements at most, none for none.
    """
    if not promotions:
        return {}
    version = await tx.load_one(prices.version_in_force(at=tx.now))
    known = await orders.promotions_of(
        tx, version=version, promotions=promotions, prices_include_tax=who.settings.prices_include_tax
    )
    reader = await _reader(tx, unit, who, known.values(), who.currency)
    return {code: (one.name, wording.offer(one, reader)) for code, one in known.items()}


async def of_order(tx: ReadTx, unit: Unit, who: Visitor, order: Order) -> Told:
    """Return what promotions took off an order when it was placed. One statement, three where they took something."""
    story = await tx.load_one(order_queries.price_story(order.order_id))
    if story is None or not story.applied:
        return NOTHING
    kept = PriceStory(story.rules_version, applied=story.applied)
    found = await told(tx, unit, who, kept, order.currency)
    return found._replace(payment_methods=story.payment_methods)


def with_refused(told: Told, refused: Mapping[str, Refusal], locale: str) -> Told:
    """Return the same with codes that were not even asked for, and why."""
    said = {code: i18n.say(locale, refusal) for code, refusal in refused.items()}
    return told._replace(coupons={**told.coupons, **said})


INTERNAL: frozenset[OutcomeCode] = frozenset({"expression_not_met", "expression_not_evaluated"})
"""Reasons that are written for who writes rules."""


def _why(coupon: CouponOutcome, outcomes: Sequence[Outcome], currency: str, reader: Reader) -> str:
    """Return why a code gives nothing to this cart."""
    if coupon.outcome == APPLIED:
        return ""
    same = (one for one in outcomes if (one.promotion, one.code) == (coupon.promotion, coupon.outcome))
    found = next(same, None)
    if found is not None and found.code not in INTERNAL:
        return wording.outcome(found, currency, reader)
    message = wording.OUTCOMES[coupon.outcome]
    return reader.say(NOT_GIVEN if "{" in message else message)


async def _reader(tx: ReadTx, unit: Unit, who: Visitor, promotions: Collection[Promotion], currency: str) -> Reader:
    """Return who reads, with the names of what promotions are about. One statement where they name SKUs."""
    traits = {trait for one in promotions for trait in wording.traits(one)}
    names = {f"promotion:{one.id}": one.name for one in promotions}
    names |= {f"category:{category.code}": category.name for category in who.categories}
    names |= {f"payment:{code}": i18n.gettext(unit.locale, word) for code, word in paying.METHODS.items()}
    names |= {f"terms:{code}": i18n.gettext(unit.locale, word) for code, word in paying.TERMS.items()}
    codes = {trait.removeprefix("sku:") for trait in traits if trait.startswith("sku:")}
    if codes:
        names |= {f"sku:{code}": sku.name for code, sku in (await tx.load_one(catalog.sellable_skus(codes))).items()}
    return Reader(unit.locale, who.settings.time_zone, names, currency)
