"""Paying an order of the shop: which ways there are, a provider's own page, a bank transfer."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts.values import PaymentMethod
from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import accepted
from jiedan.base.i18n import N_
from jiedan.base.web.unit import Unit
from jiedan.payments import queries, service
from jiedan.payments.values import TRANSFER as BY_TRANSFER
from jiedan.payments.values import Created, NewPayment, PaymentId
from jiedan.portal import visitor
from jiedan.portal.visitor import Visitor
from jiedan.wallets.values import Source

PROVIDER = "provider:"
"""Stands before the name of a provider, where a way to pay is chosen."""

TRANSFER = "transfer"
CREDIT = "credit"
ON_DELIVERY = "on_delivery"

_METHODS: Mapping[str, PaymentMethod] = {
    TRANSFER: "bank_transfer",
    CREDIT: "store_credit",
    ON_DELIVERY: "cash_on_delivery",
}

METHODS: Mapping[str, str] = {
    "card": N_("Card"),
    "debit_card": N_("Debit card"),
    "bank_transfer": N_("Bank transfer"),
    "cash_on_delivery": N_("Cash on delivery"),
    "boleto": N_("Boleto"),
    "voucher": N_("Voucher"),
    "other": N_("Other"),
    "gift_card": N_("Gift card"),
    "store_credit": N_("Store credit"),
    "points": N_("Points"),
}
"""What customers read of how an order is paid."""

TERMS: Mapping[str, str] = {
    "prepaid": N_("Pay in advance"),
    "on_delivery": N_("Pay on delivery"),
    "on_account": N_("Pay by invoice"),
}
"""What customers read of when an order is paid."""

CARD = N_("Card")
CARD_NOTE = N_("You are led to the payment page and come back here.")
SANDBOX_NOTE = N_("A page for trying things out: no money moves there.")
CREDIT_NAME = N_("Store credit")
TRANSFER_NAME = N_("Bank transfer")
TRANSFER_NOTE = N_("You see where to send the money when the order is placed.")
DELIVERED_NAME = N_("Pay on delivery")
COLLECTED_NAME = N_("Pay when you collect it")


class Method(NamedTuple):
    """A way to pay, in the reader's language."""

    code: str
    name: str
    note: str


async def methods(unit: Unit, tx: ReadTx, who: Visitor, *, is_collected: bool) -> list[Method]:
    """Return the ways to pay that the merchant offers. One statement."""
    locale = unit.locale
    gateways = unit.part(service.Gateways)
    found = []
    for name, account in (await queries.providers(tx)).items():
        if account.is_active and gateways.find(name) is not None:
            note = SANDBOX_NOTE if name == "sandbox" else CARD_NOTE
            found.append(Method(f"{PROVIDER}{name}", i18n.gettext(locale, CARD), i18n.gettext(locale, note)))
    if who.storefront.transfer_instructions:
        found.append(Method(TRANSFER, i18n.gettext(locale, TRANSFER_NAME), i18n.gettext(locale, TRANSFER_NOTE)))
    if who.storefront.pays_on_delivery:
        name = COLLECTED_NAME if is_collected else DELIVERED_NAME
        found.append(Method(ON_DELIVERY, i18n.gettext(locale, name), ""))
    return found


def method_of(code: str) -> PaymentMethod | None:
    """Return how an order is paid that is paid this way, as prices may ask for it; None where nothing is chosen."""
    if code.startswith(PROVIDER):
        return "card"
    return _METHODS.get(code)


def among(found: Sequence[Method], agreed: Collection[str]) -> list[Method]:
    """Return the ways to pay by which an order has its price: those agreed on, or all where none of them is left."""
    kept = [one for one in found if method_of(one.code) in agreed]
    return kept or list(found)


def credit(unit: Unit) -> Method:
    """Return the way to pay with one's own store credit what is due of an order that stands."""
    return Method(CREDIT, i18n.gettext(unit.locale, CREDIT_NAME), "")


async def pay_by(unit: Unit, who: Visitor, order_id: UUID, chosen: str, *, key: str) -> None:
    """Have an order paid by a way that was chosen; the same key again is the same payment. Raises what refuses it."""
    if chosen.startswith(PROVIDER):
        await begin(unit, who, order_id, provider=chosen.removeprefix(PROVIDER), key=key)
    elif chosen == TRANSFER:
        await expect_transfer(unit, who, order_id, key=key)
    elif chosen == CREDIT:
        await pay_by_credit(unit, who, order_id, key=key)


async def pay_by_credit(unit: Unit, who: Visitor, order_id: UUID, *, key: str) -> None:
    """Pay what is due with the customer's store credit, as far as it goes; the same key again is the same payment."""
    tender = service.WalletTender(order_id, (Source(None, is_own=True),))
    await unit.runtime.database.write(who.scope, lambda tx: service.pay_out_of_wallets(tx, tender=tender, key=key))


async def begin(unit: Unit, who: Visitor, order_id: UUID, *, provider: str, key: str) -> PaymentId:
    """Ask a provider for its payment page for all that is due; the same key again is the same payment.

    Raises what creating a payment refuses. What the provider says stands in the payment.
    """
    back = visitor.origin_of(unit) + visitor.ticket_address(unit, who, order_id)
    wish = NewPayment(order_id=order_id, provider=provider, method="card", return_url=back, key=key)

    async def before(tx: Tx) -> tuple[Created, Collection[str]]:
        (made,) = accepted(await service.create_payments(tx, wishes=[wish]))
        return made, () if made.operation_key is None else (made.operation_key,)

    made = await service.perform(unit.runtime.database, who.scope, unit.part(service.Gateways), before=before)
    return made.payment_id


async def expect_transfer(unit: Unit, who: Visitor, order_id: UUID, *, key: str) -> None:
    """Note that an order is to be paid by bank transfer; the same key again is the same payment."""
    wish = NewPayment(order_id=order_id, provider=BY_TRANSFER, method="bank_transfer", key=key)

    async def work(tx: Tx) -> None:
        accepted(await service.create_payments(tx, wishes=[wish]))

    await unit.runtime.database.write(who.scope, work)
