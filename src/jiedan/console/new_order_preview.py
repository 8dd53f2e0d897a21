"""What a new order would be right now: its price, where it would come from and why, and when it would arrive."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.carriers import queries as carriers
from jiedan.carriers.values import Place, Transit
from jiedan.console import new_order_paying, new_order_paying_form, order_prices
from jiedan.console.new_order_paying import Asked, Paid, ShownCard
from jiedan.console.order_prices import Prices
from jiedan.customers import rules as customer_rules
from jiedan.fulfillment import queries as fulfillment
from jiedan.fulfillment.rules.promising import HANDLING_DEFAULT, Arrival, arrival
from jiedan.orders import service
from jiedan.orders.rules import kits, taxing
from jiedan.orders.rules.planning import Plan
from jiedan.orders.rules.rows import PlannedLine
from jiedan.orders.service import OfferedGift
from jiedan.orders.values import Approval, Rejected
from jiedan.pricing.errors import CouponRefused
from jiedan.pricing.values import TaxRow

written = customer_rules.written


class Outlook(NamedTuple):
    """A plan, its gifts by name, and when it would arrive; None where nobody knows, or something waits for stock.

    `refused` are codes that open nothing, which the plan leaves out.
    """

    plan: Plan
    gifts: tuple[OfferedGift, ...]
    arrival: Arrival | None
    approval: Approval | None
    """What somebody else would have to approve of its prices by hand."""
    told: Prices | None
    """What promotions make of it."""
    paid: Paid
    refused: Mapping[str, CouponRefused]

    @property
    def lines(self) -> list[PlannedLine]:
        """Its lines as people read them."""
        return kits.as_read(self.plan.lines)

    @property
    def taxes(self) -> tuple[TaxRow, ...]:
        """Its tax by rate; nothing where the sum says it all."""
        return taxing.told(self.plan.taxes)

    @property
    def goods_minor(self) -> int:
        """What everything but the fees costs."""
        return sum(line.total_minor for line in self.plan.lines if line.kind != "fee")


async def outlook(unit: Unit, form: Filled[Any], wanted: Asked) -> Outlook:
    """Return what the order would be, without codes that open nothing; it promises nothing. Raises its refusals.

    Codes that no coupon has count for who tries them, each once in a form. Raises CouponLookUpsThrottled.
    """
    await new_order_paying.tries(unit, form).admit([wanted.body])
    async with unit.read() as tx:
        plan, refused = await new_order_paying.planned(tx, unit, wanted)
        seen = plan if isinstance(plan, Rejected) else await _seen(tx, unit, wanted, plan, refused)
    await new_order_paying.count_wrong(unit, form, refused.values())
    if isinstance(seen, Rejected):
        raise service.refusal_of(seen)
    return seen


async def _seen(tx: ReadTx, unit: Unit, wanted: Asked, plan: Plan, refused: Mapping[str, CouponRefused]) -> Outlook:
    """Return everything that is told of a plan."""
    approval = await service.approval_of(tx, lines=plan.lines, actor=unit.principal.actor)
    gifts = await service.gifts_of(tx, plan=plan)
    currency = plan.header.currency
    told = await order_prices.told(tx, unit, plan.price_story, currency=currency, tax_included=plan.tax_included)
    paid = await new_order_paying.paid(tx, unit, wanted, plan)
    settings, known, handling = await tx.load(accounts.settings(), carriers.carriers(), fulfillment.handling())
    if plan.waiting or not plan.choice.assignments:
        return Outlook(plan, gifts, None, approval, told, paid, refused)
    body = wanted.body
    transit: Transit | None = Transit(0, 0)
    if body.ship_to is not None:
        way = carriers.transit(known, Place(body.ship_to.country, body.ship_to.postal_code))
        transit = way[1] if way is not None else None
    made = arrival(
        tx.now,
        time_zone=settings.time_zone,
        handling=[handling.get(x.location_id, HANDLING_DEFAULT) for x in plan.choice.assignments],
        transit=transit,
        delivery_wish=body.delivery_wish,
    )
    return Outlook(plan, gifts, made, approval, told, paid, refused)


class CouponRow(NamedTuple):
    """A code of the form, and why it gives nothing; whether that is known yet."""

    code: str
    why: str
    is_known: bool


class Paying(NamedTuple):
    """The codes and cards of a form, as far as is known of them, and the marks of codes that were counted."""

    coupons: Sequence[CouponRow]
    cards: Sequence[ShownCard]
    counted: Sequence[str]


def paying(unit: Unit, form: Filled[Any], outlook: Outlook | None) -> Paying:
    """Return what is told of the codes and cards of a form; without an outlook they are only kept."""
    codes = new_order_paying_form.coupons_of(form, with_typed=False)
    counted = form.raw.get(new_order_paying_form.COUNTED, ())
    if outlook is None:
        names = (new_order_paying_form.CARDS, new_order_paying_form.OWN_CARDS)
        cards = [ShownCard(value, name) for name in names for value in form.raw.get(name, ())]
        return Paying([CouponRow(code, "", is_known=False) for code in codes], cards, counted)
    why = {} if outlook.told is None else outlook.told.why_by_code
    said = {**why, **{code: i18n.say_message(unit.locale, x) for code, x in outlook.refused.items()}}
    rows = [CouponRow(code, said.get(code, ""), code in said) for code in codes]
    return Paying(rows, outlook.paid.cards, counted)
