"""What an order of a cart would be right now: its prices, and the coupons that open nothing any more."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Conflict, Refusal
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.carts.values import CartView
from jiedan.orders import service as orders
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import Draft, NewLine, NewOrder, Rejected
from jiedan.portal import shipping_choice
from jiedan.portal.ordering import CHANNEL
from jiedan.portal.visitor import Visitor
from jiedan.pricing.errors import CouponRefused, NotBespoke
from jiedan.pricing.values import TaxNote
from jiedan.pricing.values.lists import PriceStep

_NOTHING: Mapping[str, str] = MappingProxyType({})
_OF_A_PIECE = re.compile(r"lines\[(\d+)\]\.attributes")
"""How fields of measures begin, with the place of their line."""


@dataclasses.dataclass(eq=False)
class PieceOutOfDate(Conflict):
    """What lies in a cart cannot be made as it was said when it was put in: its formula is another one by now."""

    code: ClassVar[str] = "piece_out_of_date"
    message: ClassVar[str] = N_("{name} cannot be ordered any more as it lies in the cart.")
    remedy: ClassVar[str] = N_("Take it out; you may put it in anew.")

    name: str


class Quote(NamedTuple):
    """The order, or why there is none; `refused` are codes of the cart that are left out of it, and why."""

    planned: Plan | Rejected
    refused: Mapping[str, CouponRefused]
    is_method_lost: bool = False
    """Whether the method that was chosen does not send it, so that the cheapest does."""

    @property
    def plan(self) -> Plan | None:
        """The order that would be; None where something speaks against it."""
        return self.planned if isinstance(self.planned, Plan) else None


class Price(NamedTuple):
    """What a line costs before anything comes off, one unit and all of them; what is said of a piece to measure."""

    unit_minor: int
    all_minor: int
    said: tuple[str, ...] = ()


class Sums(NamedTuple):
    """What goods cost, and what comes off; before tax where it is on top. Prices are by the place of the line.

    `relief_minor` is tax in the prices that this customer is not asked for; `freed` says why.
    """

    prices: tuple[Price, ...]
    goods_minor: int
    off_minor: int
    relief_minor: int
    freed: tuple[TaxNote, ...]


class Few(NamedTuple):
    """As few of a SKU as are sold of it."""

    sku_id: UUID
    code: str
    least: int


class UnitPrice(NamedTuple):
    """What one unit costs now; what it costs without promotions, and by the catalog, where that is more.

    Neither is known of what has no price for so few. `steps` are the prices by quantity, before promotions; empty
    for what is not sold in the visitor's currency. `least` is the smallest quantity that is sold of it at all.
    """

    now_minor: int | None
    before_minor: int | None
    steps: tuple[PriceStep, ...]
    least: int = 1
    reasons: tuple[Refusal, ...] = ()
    """Why so few have no price right now."""
    has_offers: bool = False
    """Whether promotions make it less than the prices by quantity say."""

    @property
    def shown_minor(self) -> int | None:
        """What to tell of one unit: what it costs now, else what it would cost if it could be ordered."""
        first = self.steps[0] if self.steps else None
        if self.now_minor is not None or first is None:
            return self.now_minor
        return first.unit_minor if first.min_quantity <= self.least else None

    @property
    def told_minor(self) -> int | None:
        """What to tell where there is room for one price alone: that of the first who can buy it."""
        return self.shown_minor if self.shown_minor is not None or not self.steps else self.steps[0].unit_minor

    @property
    def is_bespoke(self) -> bool:
        """Whether there is no price before it is said how a piece should be."""
        return any(_place_of(reason) is not None for reason in self.reasons)

    @property
    def tiers(self) -> tuple[PriceStep, ...]:
        """The steps where the quantity makes a difference."""
        is_few = len(self.steps) == 1 and self.steps[0].min_quantity <= self.least
        return () if is_few else self.steps


async def quote(tx: ReadTx, unit: Unit, who: Visitor, view: CartView, body: NewOrder) -> Quote:
    """Return what an order of a cart would be, with those of its coupons that are good for something now.

    Where the method that was chosen does not send it, the cheapest does. As many statements as a preview; as many more
    in the rare cases that this is so, and that a code opens a promotion that is gone.
    """
    refused = {x.code: CouponRefused(x.code, x.state) for x in view.coupons if x.state != "ok"}
    body = replace(body, coupons=tuple(x.code for x in view.coupons if x.code not in refused))
    planned = await _planned(tx, unit, who, body)
    is_lost = body.shipping_method is not None and shipping_choice.is_lost(planned)
    if is_lost:
        body = replace(body, shipping_method=None)
        planned = await _planned(tx, unit, who, body)
    gone = [x for x in planned.reasons if isinstance(x, CouponRefused)] if isinstance(planned, Rejected) else []
    if gone:
        refused |= {str(x.coupon): x for x in gone}
        body = replace(body, coupons=tuple(x for x in body.coupons if x not in refused))
        planned = await _planned(tx, unit, who, body)
    return Quote(planned, refused, is_lost)


async def _planned(tx: ReadTx, unit: Unit, who: Visitor, body: NewOrder) -> Plan | Rejected:
    draft = Draft(body, 0, who.scope.actor, unit.request_id, "cart", "", b"")
    (planned,) = await orders.preview_orders(tx, [draft])
    return planned


def out_of_date(planned: Plan | Rejected, view: CartView, locale: str) -> dict[int, str]:
    """Return by the places of lines why what lies there cannot be made any more, in words, and what to do."""
    found: dict[int, list[str]] = {}
    for reason in planned.reasons if isinstance(planned, Rejected) else ():
        place = _place_of(reason)
        if place is not None:  # what is not made to measure any more needs no words of its own
            told = [] if isinstance(reason, NotBespoke) else [i18n.say_message(locale, reason)]
            found.setdefault(place, []).extend(told)
    return {
        place: " ".join([*why, i18n.say(locale, PieceOutOfDate(f"“{view.lines[place].name}”"))])
        for place, why in found.items()
        if place < len(view.lines)
    }


def by_line(reasons: Sequence[Refusal], view: CartView) -> list[Refusal]:
    """Return why a cart cannot be ordered, with one reason for each piece that is out of date, by its name."""
    told: list[Refusal] = []
    seen: set[int] = set()
    for reason in reasons:
        place = _place_of(reason)
        if place is None or place >= len(view.lines):
            told.append(reason)
        elif place not in seen:
            seen.add(place)
            told.append(PieceOutOfDate(f"“{view.lines[place].name}”"))
    return told


def _place_of(reason: Refusal) -> int | None:
    """Return the line whose measures a reason is about; None for any other reason."""
    found = _OF_A_PIECE.match(reason.field or "")
    return None if found is None else int(found[1])


def sums_of(plan: Plan, locale: str) -> Sums:
    """Return what the goods of a plan cost, and what comes off them; pieces made to measure in a language."""
    rows = [row for row in plan.lines if row.kind not in {"component", "fee"}]
    prices = tuple(
        Price(row.unit_minor, row.unit_minor * row.ordered, tuple([one.told_in(locale) for one in row.attributes]))
        for row in rows
    )
    relief = sum(row.relief_minor for row in rows)
    off = sum(row.discount_minor for row in rows) - relief
    return Sums(
        prices, sum(x.all_minor for x in prices), off, relief, () if plan.tax is None else plan.tax.reasons
    )  # fmt: skip


async def unit_prices(
    tx: ReadTx,
    who: Visitor,
    goods: Sequence[Few],
    said: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    *,
    locale: str,
    has_steps: bool = False,
) -> dict[UUID, UnitPrice]:
    """Return what one unit of each SKU costs this visitor by itself, without a code and without delivery.

    Of what is sold in packs, or from some quantity on, it is the price of one of as few as there may be, rounded up.
    `said` is what was said of pieces made to measure, by SKU code. Prices by quantity are told where `has_steps`. As
    many statements as one quote, however many SKUs there are.
    """
    bodies = [_alone(who, few, said.get(few.code, _NOTHING), locale) for few in goods]
    found: dict[UUID, UnitPrice] = {}
    for few, alone in zip(goods, await orders.price_alone(tx, bodies, has_steps=has_steps), strict=True):
        steps = _from(alone.steps, few.least)
        now, before, _, reasons, has_offers = alone
        found[few.sku_id] = UnitPrice(now, before, steps, few.least, reasons, has_offers)
    return found


def _from(steps: tuple[PriceStep, ...], least: int) -> tuple[PriceStep, ...]:
    """Return the steps without those that nobody reaches who takes at least so many."""
    while len(steps) > 1 and steps[1].min_quantity <= least and steps[1].mode == "volume":
        steps = steps[1:]
    return steps


def _alone(who: Visitor, few: Few, said: Mapping[str, str], locale: str) -> NewOrder:
    return NewOrder(
        lines=(NewLine(sku=few.code, quantity=few.least, attributes=dict(said)),),
        channel=CHANNEL,
        currency=who.currency,
        locale=locale,
        customer_id=who.customer_id,
        shipping_minor=0,
    )
