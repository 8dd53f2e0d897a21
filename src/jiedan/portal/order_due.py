"""What is still to be paid of an order, and by which ways: for the page after ordering and the order's own."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.orders.values import Order
from jiedan.payments import rules
from jiedan.payments.values import TRANSFER, Payment
from jiedan.portal import paying
from jiedan.portal.paying import Method
from jiedan.portal.visitor import Visitor
from jiedan.wallets import service as wallets
from jiedan.wallets.values import AMOUNT_MAX, Paying, Piece, Source

PAGE_OPEN = "action_needed"
UNDER_WAY = frozenset({"processing", "unknown"})


class Due(NamedTuple):
    """What is due of an order. `pay_url` is a payment page that is open already, `transfer` what is sent by a bank."""

    is_due: bool
    amount_minor: int
    is_under_way: bool
    has_failed: bool
    transfer: Payment | None
    pay_url: str | None
    methods: Sequence[Method]
    credit_minor: int = 0
    """The store credit that the customer who is signed in has for it."""


async def due(
    unit: Unit,
    tx: ReadTx,
    who: Visitor,
    order: Order,
    made: Sequence[Payment],
    *,
    is_collected: bool,
    agreed: Collection[str] = (),
) -> Due:
    """Return what is due of an order with the payments `made`. One statement, none where nothing is due.

    Four more where its customer is signed in. By other methods than those `agreed` on, if any, it is not offered to pay
    what a provider or the bank is to bring: the order has its price for them.
    """
    due_minor = rules.due_minor(order, ())
    if order.lifecycle != "open" or order.payment_terms != "prepaid" or due_minor <= 0:
        return Due(False, 0, False, False, None, None, ())
    open_page = next((p for p in made if p.state == PAGE_OPEN and p.pay_url), None)
    credit_minor = await _credit(tx, who, order)
    own = [paying.credit(unit)] if credit_minor else []
    return Due(
        is_due=True,
        amount_minor=due_minor,
        is_under_way=any(p.state in UNDER_WAY for p in made),
        has_failed=bool(made) and made[-1].state in {"failed", "voided"},
        transfer=next((p for p in made if p.provider == TRANSFER and p.state == "open"), None),
        pay_url=open_page.pay_url if open_page is not None else None,
        methods=[*own, *await ways(unit, tx, who, is_collected=is_collected, agreed=agreed)],
        credit_minor=credit_minor,
    )


async def ways(
    unit: Unit, tx: ReadTx, who: Visitor, *, is_collected: bool, agreed: Collection[str]
) -> Sequence[Method]:
    """Return the ways to have an order paid by a provider or the bank, those `agreed` on, if any. One statement."""
    methods = await paying.methods(unit, tx, who, is_collected=is_collected)
    ahead = [m for m in methods if m.code.startswith(paying.PROVIDER) or m.code == paying.TRANSFER]
    return paying.among(ahead, agreed)


def is_own(who: Visitor, order: Order) -> bool:
    """Tell whether the customer of an order is signed in: only then their store credit pays, whoever has the link."""
    return who.customer_id is not None and who.customer_id == order.customer_id


async def _credit(tx: ReadTx, who: Visitor, order: Order) -> int:
    if who.customer_id is None or not is_own(who, order):
        return 0
    asked = Paying(order.order_id, order.currency, AMOUNT_MAX, (Source(None, is_own=True),), who.customer_id)
    (found,) = await wallets.payable(tx, payings=[asked])
    return sum(piece.amount for piece in found if isinstance(piece, Piece))
