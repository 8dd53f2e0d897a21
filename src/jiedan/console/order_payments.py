"""The money of an order, from its page: arrange a transfer, confirm it, capture, let go, give back."""

from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base import idempotency
from jiedan.base.db import Tx
from jiedan.base.errors import NotFound, Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.console import amounts
from jiedan.console.cases import case_answer, case_behind
from jiedan.console.errors import NotAgreed, UnitsUnreadable
from jiedan.console.order import address, order_answer
from jiedan.orders import queries as orders
from jiedan.orders.values import ORDER_ROWS_MAX
from jiedan.payments import errors, queries, rules, service
from jiedan.payments.values import (
    REASON_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    TRANSFER,
    Confirmation,
    LineRefund,
    NewPayment,
    OperationId,
    OperationKind,
    OperationRequest,
    Outcome,
    Payment,
    PaymentId,
    Requested,
    Settlement,
)
from jiedan.payments.values.refunds import OrderRefund, Refunded, RefundOutline, RefundTarget
from jiedan.wallets.values import Source

Amount = Annotated[str, msgspec.Meta(max_length=40)]
LineNumber = Annotated[int, msgspec.Meta(ge=1, le=ORDER_ROWS_MAX)]
Units = Annotated[str, msgspec.Meta(max_length=40)]
UNITS_DIGITS_MAX = 9
PREVIEW = "preview"
ORDER_REFUND = "refund-order"

FormKey = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class TenderForm(Form):
    """How the money is to come, and how much of it; empty is all that is due."""

    key: FormKey
    method: Literal["bank_transfer", "cash_on_delivery"] = "bank_transfer"
    amount: Amount = ""


class CreditForm(Form):
    """How much comes out of the customer's store credit, who has `agreed`; empty is all that is due."""

    key: FormKey
    amount: Amount = ""
    agreed: bool = False


class ArrivalForm(Form):
    """Money that arrived; empty is what was expected."""

    key: FormKey
    amount: Amount = ""
    reference: Annotated[str, msgspec.Meta(max_length=REFERENCE_CHARACTERS_MAX)] = ""


class OperationForm(Form):
    """What to ask of the provider; an empty amount is all that is left. The action `preview` asks nothing yet."""

    __as_sent__: ClassVar = frozenset({"reason"})

    key: FormKey
    action: Annotated[str, msgspec.Meta(max_length=40)] = ""
    amount: Amount = ""
    reason: Annotated[str, msgspec.Meta(max_length=REASON_CHARACTERS_MAX)] = ""


class OrderRefundForm(OperationForm):
    """How much of an order to give back, and where to; an empty amount is all that is left."""

    to: RefundTarget = "original"
    line: list[LineNumber] = msgspec.field(default_factory=list)
    units: list[Units | None] = msgspec.field(default_factory=list)


class Effect(NamedTuple):
    """What an operation would do: how much of the payment it moves, and how much it leaves as it is."""

    amount_minor: int
    left_minor: int


class SettleForm(Form):
    """What came of an operation, and how that is known."""

    __as_sent__: ClassVar = frozenset({"reason"})

    operation_id: UUID
    outcome: Outcome
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARACTERS_MAX)]
    reference: Annotated[str, msgspec.Meta(max_length=REFERENCE_CHARACTERS_MAX)] = ""


@post("/orders/{order_id:uuid}/payments", permission="payments:write")
async def arrange(unit: Unit, order_id: UUID) -> Response[str]:
    """Note that a transfer or cash is to be expected."""
    form = await forms.read(unit, TenderForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, order_id, "pay", form)
    try:
        async with unit.read() as tx:
            currency = (await orders.order(tx, order_id)).order.currency
        amount = amounts.typed_if_any(sent.amount, currency, field="amount")
        wish = NewPayment(order_id, TRANSFER, sent.method, amount, key=_key(sent.key))
        accepted(await unit.write(lambda tx: service.create_payments(tx, wishes=[wish])))
    except Refusal as refusal:
        return await _refused(unit, order_id, "pay", form, refusal)
    return pages.redirect(unit, _place(unit, order_id), flash=N_("The payment is expected now."))


@post("/orders/{order_id:uuid}/wallet-payments", permission="payments:write")
async def pay_by_credit(unit: Unit, order_id: UUID) -> Response[str]:
    """Pay what is due with the customer's store credit, as far as it goes."""
    unit.require("wallets:write")
    form = await forms.read(unit, CreditForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, order_id, "pay-credit", form)
    try:
        if not sent.agreed:
            raise NotAgreed(field="agreed")
        async with unit.read() as tx:
            currency = (await orders.order(tx, order_id)).order.currency
        amount = amounts.typed_if_any(sent.amount, currency, field="amount")
        tender, key = service.WalletTender(order_id, (Source(None, amount, is_own=True),)), _key(sent.key)
        await unit.write(lambda tx: service.pay_out_of_wallets(tx, tender=tender, key=key))
    except Refusal as refusal:
        refusal.field = "amount" if refusal.field == "wallets[0].amount_minor" else refusal.field
        return await _refused(unit, order_id, "pay-credit", form, refusal)
    return pages.redirect(unit, _place(unit, order_id), flash=N_("The store credit has paid."))


@post("/orders/{order_id:uuid}/payments/{payment_id:uuid}/confirmations", permission="payments:write")
async def confirm(unit: Unit, order_id: UUID, payment_id: UUID) -> Response[str]:
    """Record that the money of a transfer arrived."""
    name = f"confirm-{payment_id}"
    form = await forms.read(unit, ArrivalForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, order_id, name, form)
    try:
        if rules.has_card_number(sent.reference):
            raise errors.CardNumberRefused(field="reference")
        currency = (await _payment(unit, order_id, payment_id)).currency
        amount = amounts.typed_if_any(sent.amount, currency, field="amount")
        wish = Confirmation(PaymentId(payment_id), amount, sent.reference, _key(sent.key))
        accepted(await unit.write(lambda tx: service.confirm_transfers(tx, confirmations=[wish])))
    except Refusal as refusal:
        return await _refused(unit, order_id, name, form, refusal)
    return pages.redirect(unit, _place(unit, order_id), flash=N_("The money was recorded."))


@post("/orders/{order_id:uuid}/payments/{payment_id:uuid}/captures", permission="payments:write")
async def capture(unit: Unit, order_id: UUID, payment_id: UUID) -> Response[str]:
    """Take money that was set aside."""
    return await _operation(unit, order_id, payment_id, "capture")


@post("/orders/{order_id:uuid}/payments/{payment_id:uuid}/voids", permission="payments:write")
async def void(unit: Unit, order_id: UUID, payment_id: UUID) -> Response[str]:
    """Let go of money that was set aside."""
    return await _operation(unit, order_id, payment_id, "void")


@post("/orders/{order_id:uuid}/payments/{payment_id:uuid}/refunds", permission="payments:refund")
async def refund(unit: Unit, order_id: UUID, payment_id: UUID) -> Response[str]:
    """Give money back."""
    return await _operation(unit, order_id, payment_id, "refund")


@post("/orders/{order_id:uuid}/refunds", permission="payments:refund")
async def refund_order(unit: Unit, order_id: UUID) -> Response[str]:
    """Give money of an order back, over all of its tenders; the action `preview` shows how it is split."""
    form = await forms.read(unit, OrderRefundForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, order_id, ORDER_REFUND, form)
    try:
        if rules.has_card_number(sent.reason):
            raise errors.CardNumberRefused(field="reason")
        async with unit.read() as tx:
            currency = (await orders.order(tx, order_id)).order.currency
        amount = amounts.typed_if_any(sent.amount, currency, field="amount")
        wish = OrderRefund(order_id, amount, sent.reason, _units(sent), sent.to, _key(sent.key))
        if sent.action == PREVIEW:
            async with unit.read() as tx:
                outline = await service.preview_refund(tx, wish)
            return await _answer(unit, order_id, ORDER_REFUND, form, outline)

        async def before(tx: Tx) -> tuple[Refunded, Collection[str]]:
            (outcome,) = accepted(await service.refund_orders(tx, wishes=[wish]))
            return outcome, outcome.operation_keys

        await service.perform(unit.runtime.database, unit.scope, unit.part(service.Gateways), before=before)
    except Refusal as refusal:
        return await _refused(unit, order_id, ORDER_REFUND, form, refusal)
    return pages.redirect(unit, _place(unit, order_id), flash=N_("The refund was asked for."))


def _units(sent: OrderRefundForm) -> tuple[LineRefund, ...]:
    """Return the units that are given back; a field left empty is none. Raises UnitsUnreadable."""
    found = []
    for line, text in zip(sent.line, sent.units, strict=False):
        if text and not (text.isascii() and text.isdigit() and len(text) <= UNITS_DIGITS_MAX):
            raise UnitsUnreadable(text, field="units")
        if text and text.strip("0"):
            found.append(LineRefund(line, int(text)))
    return tuple(found)


@post("/orders/{order_id:uuid}/payments/{payment_id:uuid}/settlements", permission="payments:refund")
async def settle(unit: Unit, order_id: UUID, payment_id: UUID) -> Response[str]:
    """Say what came of an operation that the provider does not tell about."""
    name = f"settle-{payment_id}"
    form = await forms.read(unit, SettleForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, order_id, name, form)
    try:
        for field in ("reason", "reference"):
            if rules.has_card_number(getattr(sent, field)):
                raise errors.CardNumberRefused(field=field)
        await _payment(unit, order_id, payment_id)
        wish = Settlement(OperationId(sent.operation_id), sent.outcome, sent.reason, sent.reference, payment_id)
        accepted(await unit.write(lambda tx: service.settle_operations(tx, settlements=[wish])))
    except Refusal as refusal:
        return await _refused(unit, order_id, name, form, refusal)
    return pages.redirect(unit, _place(unit, order_id), flash=N_("The outcome was recorded."))


async def _operation(unit: Unit, order_id: UUID, payment_id: UUID, kind: OperationKind) -> Response[str]:
    name = f"{kind}-{payment_id}"
    form = await forms.read(unit, OperationForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, order_id, name, form)
    try:
        if rules.has_card_number(sent.reason):
            raise errors.CardNumberRefused(field="reason")
        payment = await _payment(unit, order_id, payment_id)
        amount = amounts.typed_if_any(sent.amount, payment.currency, field="amount")
        if sent.action == PREVIEW:
            effect = await _effect(unit, payment, kind, amount)
            return await _answer(unit, order_id, name, form, effect)
        request = OperationRequest(PaymentId(payment_id), kind, amount, sent.reason, key=_key(sent.key))
        accepted(
            await service.perform(
                unit.runtime.database, unit.scope, unit.part(service.Gateways), before=_requesting(request)
            )
        )
    except Refusal as refusal:
        return await _refused(unit, order_id, name, form, refusal)
    return pages.redirect(unit, _place(unit, order_id), flash=N_("The payment provider was asked."))


def _requesting(
    request: OperationRequest,
) -> Callable[[Tx], Awaitable[tuple[list[Requested | Refusal], Collection[str]]]]:
    async def before(tx: Tx) -> tuple[list[Requested | Refusal], Collection[str]]:
        outcomes = await service.request_operations(tx, requests=[request])
        return outcomes, [key for x in outcomes if isinstance(x, Requested) for key in x.operation_keys]

    return before


async def _effect(unit: Unit, payment: Payment, kind: OperationKind, amount: int | None) -> Effect:
    """Return what an operation would do right now. Raises what the ledger has against it."""
    async with unit.read() as tx:
        asked = await queries.operations_of(tx, [payment.payment_id])
    in_flight = rules.in_flight(asked.get(payment.payment_id, ()))
    free = rules.free_for(payment, kind, in_flight)
    wanted = free if amount is None else amount
    refusal = rules.check_operation(payment, kind, wanted, in_flight=in_flight)
    if refusal is not None:
        raise refusal
    return Effect(wanted, free - wanted)


async def _payment(unit: Unit, order_id: UUID, payment_id: UUID) -> Payment:
    """Return a payment of this order. Raises PaymentNotFound."""
    async with unit.read() as tx:
        payment = await queries.payment(tx, payment_id)
    if payment.order_id != order_id:
        raise errors.PaymentNotFound(payment_id)
    return payment


def _key(key: str) -> str:
    return idempotency.check_key(f"console-{key}", field="key")


async def _answer(
    unit: Unit, order_id: UUID, name: str, form: Filled[Any], effect: Effect | RefundOutline | None = None
) -> Response[str]:
    """Show the page that the form was sent from: that of the order, or of a case about it."""
    case_id = case_behind(unit)
    if case_id is None:
        return await order_answer(unit, order_id, name, form, effect)
    return await case_answer(unit, case_id, name, form, effect)


def _place(unit: Unit, order_id: UUID) -> str:
    case_id = case_behind(unit)
    return address(unit, order_id) if case_id is None else f"/cases/{case_id}"


async def _refused(unit: Unit, order_id: UUID, name: str, form: Filled[Any], refusal: Refusal) -> Response[str]:
    if isinstance(refusal, NotFound):
        raise refusal
    if refusal.field == "amount_minor":
        refusal.field = "amount"
    if (refusal.field or "").startswith("lines"):
        refusal.field = "units"
    form.refuse(refusal)
    return await _answer(unit, order_id, name, form)


HANDLERS: tuple[Any, ...] = (arrange, pay_by_credit, confirm, capture, void, refund, refund_order, settle)
