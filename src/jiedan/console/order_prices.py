"""What the price rules made of an order when it was placed, in words: given, nearly given, not given and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.base.db import ReadTx
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.console.prices import names
from jiedan.orders import queries
from jiedan.orders import service as orders
from jiedan.orders.queries import Decision
from jiedan.orders.values import OrderWithLines
from jiedan.orders.values.prices import GivenGift, PriceStory
from jiedan.pricing.rules import wording
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.promoted import CouponOutcome


class Given(NamedTuple):
    """A promotion that was given, under the name it had then: what it says, by which code, and what it took off.

    `gift` tells of a choice among gifts what was chosen, and given.
    """

    name: str
    text: str
    coupon: str
    minor: int
    gift: str = ""


class Prices(NamedTuple):
    """What became of promotions and codes, by the version of the rules; `near` and `left_out` are names and why."""

    version: int
    given: Sequence[Given]
    near: Sequence[tuple[str, str]]
    left_out: Sequence[tuple[str, str]]
    coupons: Sequence[str]
    why_by_code: Mapping[str, str]
    """Why codes give nothing, an empty text for those that do."""
    paid_by: str = ""
    """By which methods it is to be paid for what it was given; empty where that makes no difference."""


async def prices(tx: ReadTx, unit: Unit, found: OrderWithLines, decisions: Sequence[Decision]) -> Prices | None:
    """Return what the rules made of an order, None where they made nothing.

    No statement without promotions, else four at most: one for rules that are not at hand, three for names.
    """
    placed = next((x for x in reversed(decisions) if x.kind == "placement"), None)
    if placed is None:
        return None
    story = queries.story_of(placed.rules_version, placed.data)
    tax_included = any(line.tax_included for line in found.lines)
    return await told(tx, unit, story, currency=found.order.currency, tax_included=tax_included)


async def told(tx: ReadTx, unit: Unit, story: PriceStory, *, currency: str, tax_included: bool) -> Prices | None:
    """Return what the rules made of a price that has this story, as `prices` does."""
    if not (story.applied or story.near_misses or story.left_out or story.coupons):
        return None
    ids = {one.promotion for one in story.applied}
    ids |= {one.promotion for one in (*story.near_misses, *story.left_out)}
    ids |= {one.by for one in story.left_out if one.by} | {one.promotion for one in story.coupons if one.promotion}
    known = await orders.promotions_of(
        tx,
        version=story.rules_version,
        promotions=ids,
        prices_include_tax=tax_included,
    )
    reader = await names.reader(tx, unit, list(known.values()))
    return Prices(
        story.rules_version,
        [
            Given(
                one.name,
                wording.promotion(known[one.promotion], reader) if one.promotion in known else "",
                one.coupon,
                one.amount_minor,
                _gift(one.gift, reader),
            )
            for one in story.applied
        ],
        [(reader.name("promotion", x.promotion), wording.outcome(x, currency, reader)) for x in story.near_misses],
        [(reader.name("promotion", x.promotion), wording.outcome(x, currency, reader)) for x in story.left_out],
        [wording.coupon(x, reader) for x in story.coupons],
        {x.code: _why(x, story, currency, reader) for x in story.coupons},
        reader.named("payment", story.payment_methods),
    )


def _gift(gift: GivenGift | None, reader: Reader) -> str:
    """Return what became of a choice among gifts; nothing where there was none."""
    if gift is None or len(gift.choices) < 2:  # noqa: PLR2004 - one alone is no choice
        return ""
    sku = reader.name("sku", gift.sku)
    if gift.wanted:
        message = N_("{wanted} was chosen and is not there; {sku} is given instead.")
        return reader.say(message, wanted=reader.name("sku", gift.wanted), sku=sku)
    return reader.say(N_("Chosen: {sku}") if gift.is_chosen else N_("Nobody chose; given is {sku}."), sku=sku)


def _why(coupon: CouponOutcome, story: PriceStory, currency: str, reader: Reader) -> str:
    """Return why a code gives nothing; where that is known, by how much it was missed."""
    if coupon.outcome == "applied":
        return ""
    outcomes = (x for x in (*story.near_misses, *story.left_out) if x.promotion == coupon.promotion)
    found = next((x for x in outcomes if x.code == coupon.outcome), None)
    return wording.coupon(coupon, reader) if found is None else wording.outcome(found, currency, reader)
