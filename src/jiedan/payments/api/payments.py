"""REST of payments: pay an order, capture, void, refund, confirm; read them."""

from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.status_codes import HTTP_201_CREATED

from jiedan.base import idempotency, once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.orders import queries as orders
from jiedan.payments import errors, queries, rules, service
from jiedan.payments.api import views
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.values import (
    EXTERNAL,
    INSTALLMENTS_MAX,
    REASON_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    REQUESTS_PER_BATCH_MAX,
    TOKEN_CHARACTERS_MAX,
    TRANSFER,
    URL_CHARACTERS_MAX,
    Confirmation,
    Created,
    ExternalPayment,
    LineRefund,
    Method,
    NewPayment,
    OperationRequest,
    PaymentId,
    Requested,
)

T = TypeVar("T")

Reason = Annotated[str, msgspec.Meta(max_length=REASON_CHARACTERS_MAX)]
Reference = Annotated[str, msgspec.Meta(max_length=REFERENCE_CHARACTERS_MAX)]
Lines = Annotated[list[LineRefund], msgspec.Meta(max_length=1_000)]


class PayBody(bodies.Body):
    """How an order, or a part of it, is paid: without an amount, all that is due.

    A card is paid with a `token` of the provider, or without one on the provider's page (`pay_url`). `external` records
    money that was taken elsewhere, or with `capture` `later` only set aside there; it alone may name `installments`.
    """

    __example__: ClassVar[dict[str, Any]] = {"provider": "sandbox", "token": "tok_visa"}

    provider: bodies.Code
    method: Method | None = None
    amount_minor: bodies.AmountMinor | None = None
    token: Annotated[str, msgspec.Meta(max_length=TOKEN_CHARACTERS_MAX)] = ""
    capture: Literal["now", "later"] = "now"
    return_url: Annotated[str, msgspec.Meta(max_length=URL_CHARACTERS_MAX)] = ""
    reference: Reference = ""
    installments: Annotated[int, msgspec.Meta(ge=1, le=INSTALLMENTS_MAX)] = 1


class AmountBody(bodies.Body):
    """How much to capture; without it, all that is left and the order still owes."""

    __as_sent__: ClassVar = frozenset({"reason"})

    __example__: ClassVar[dict[str, Any]] = {"amount_minor": 1_250}

    amount_minor: bodies.AmountMinor | None = None
    reason: Reason = ""


class VoidBody(bodies.Body):
    """Why the money that was set aside is let go."""

    __as_sent__: ClassVar = frozenset({"reason"})

    __example__: ClassVar[dict[str, Any]] = {"reason": "customer_request"}

    reason: Reason = ""


class RefundBody(bodies.Body):
    """How much to give back and what for; without an amount, the sum of the lines, else all that is left.

    A line without an amount gives back what its units cost.
    """

    __as_sent__: ClassVar = frozenset({"reason"})

    __example__: ClassVar[dict[str, Any]] = {
        "amount_minor": 1_250,
        "reason": "damaged",
        "lines": [{"line": 1, "quantity": 1, "amount_minor": 1_250}],
    }

    amount_minor: bodies.AmountMinor | None = None
    reason: Reason = ""
    lines: Lines = msgspec.field(default_factory=list)


class ConfirmBody(bodies.Body):
    """Money that arrived; without an amount, exactly what was expected."""

    __example__: ClassVar[dict[str, Any]] = {"amount_minor": 12_500, "reference": "2026-11-21/0042"}

    amount_minor: bodies.AmountMinor | None = None
    reference: Reference = ""


class RefundRow(RefundBody, kw_only=True):
    """One refund of a set."""

    payment_id: UUID
    key: bodies.Name | None = None


class ConfirmRow(ConfirmBody, kw_only=True):
    """One confirmation of a set."""

    payment_id: UUID
    key: bodies.Name | None = None


class RefundManyBody(bodies.Body):
    """Refunds; earlier ones first."""

    __example__: ClassVar[dict[str, Any]] = {
        "refunds": [{"payment_id": "0193a000-0000-7000-8000-000000000001", "amount_minor": 1_250}]
    }

    refunds: Annotated[list[RefundRow], msgspec.Meta(min_length=1, max_length=REQUESTS_PER_BATCH_MAX)]


class ConfirmManyBody(bodies.Body):
    """Confirmations; earlier ones first."""

    __example__: ClassVar[dict[str, Any]] = {
        "confirmations": [{"payment_id": "0193a000-0000-7000-8000-000000000001", "reference": "0042"}]
    }

    confirmations: Annotated[list[ConfirmRow], msgspec.Meta(min_length=1, max_length=REQUESTS_PER_BATCH_MAX)]


@post("/orders/{order_id:uuid}/payments", permission="payments:write", idempotent=True, summary="Pay an order")
async def create_payment(unit: Unit, order_id: UUID, data: PayBody) -> Response[views.PaymentDetail]:
    """Pay an order, or a part of it: 201 when the payment is new, 200 when the same was asked before.

    The answer says what the provider said; `unknown` means that it did not say yet, and is asked again.
    """
    refuse_card_numbers(token=data.token, reference=data.reference)
    if data.provider == EXTERNAL:
        return await _record_external(unit, order_id, data)
    wish = NewPayment(
        order_id=order_id,
        provider=data.provider,
        method=data.method or ("bank_transfer" if data.provider == TRANSFER else "card"),
        amount_minor=data.amount_minor,
        token=data.token,
        capture=data.capture == "now",
        return_url=data.return_url,
        key=unit.idempotency_key,
    )

    async def before(tx: Tx) -> tuple[Created, Collection[str]]:
        outcome = the_one(await service.create_payments(tx, wishes=[wish]))
        return outcome, () if outcome.operation_key is None else (outcome.operation_key,)

    made = await service.perform(unit.runtime.database, unit.scope, unit.part(Gateways), before=before)
    return await shown(unit, made.payment_id, status=201 if made.is_new else 200)


async def _record_external(unit: Unit, order_id: UUID, data: PayBody) -> Response[views.PaymentDetail]:
    wish = ExternalPayment(
        order_id,
        data.method or "other",
        data.amount_minor,
        reference=data.reference,
        key=unit.idempotency_key,
        installments=data.installments,
        is_captured=data.capture == "now",
    )
    made = the_one(await unit.write(lambda tx: service.record_external(tx, payments=[wish])))
    return await shown(unit, made, status=201)


@get("/orders/{order_id:uuid}/payments", permission="payments:read", summary="List an order's payments")
async def list_order_payments(unit: Unit, order_id: UUID) -> list[views.PaymentView]:
    """Return the payments of an order, oldest first."""
    async with unit.read() as tx:
        await orders.order(tx, order_id)
        found = await queries.payments_of_orders(tx, [order_id])
    return [views.view(payment) for payment in found.get(order_id, [])]


@get("/payments/{payment_id:uuid}", permission="payments:read", summary="Get a payment")
async def get_payment(unit: Unit, payment_id: UUID) -> Response[views.PaymentDetail]:
    """Return a payment with its ledger and what was asked of the provider."""
    return await shown(unit, payment_id)


@post("/payments/{payment_id:uuid}/captures", permission="payments:write", idempotent=True, summary="Capture a payment")
async def capture_payment(unit: Unit, payment_id: UUID, data: AmountBody) -> Response[views.PaymentDetail]:
    """Take money that was set aside, all or a part of it."""
    request = OperationRequest(PaymentId(payment_id), "capture", data.amount_minor, data.reason)
    return await _ask(unit, request)


@post("/payments/{payment_id:uuid}/voids", permission="payments:write", idempotent=True, summary="Void a payment")
async def void_payment(unit: Unit, payment_id: UUID, data: VoidBody) -> Response[views.PaymentDetail]:
    """Let go of what is set aside and not captured."""
    return await _ask(unit, OperationRequest(PaymentId(payment_id), "void", None, data.reason))


@post("/payments/{payment_id:uuid}/refunds", permission="payments:refund", idempotent=True, summary="Refund a payment")
async def refund_payment(unit: Unit, payment_id: UUID, data: RefundBody) -> Response[views.PaymentDetail]:
    """Give money back, all or a part of it; for a transfer, record that it was given back."""
    lines = tuple(data.lines)
    request = OperationRequest(PaymentId(payment_id), "refund", data.amount_minor, data.reason, lines)
    return await _ask(unit, request)


@post(
    "/payments/{payment_id:uuid}/confirmations",
    permission="payments:write",
    idempotent=True,
    summary="Confirm a transfer",
)
async def confirm_payment(unit: Unit, payment_id: UUID, data: ConfirmBody) -> Response[views.PaymentDetail]:
    """Record that the money of a transfer, or cash, arrived; it may be more or less than expected."""
    refuse_card_numbers(reference=data.reference)
    wish = _confirmation(payment_id, data, unit.idempotency_key)
    the_one(await unit.write(lambda tx: service.confirm_transfers(tx, confirmations=[wish])))
    return await shown(unit, payment_id, status=201)


@post("/payments/refunds", permission="payments:refund", status_code=200, summary="Refund many payments")
async def refund_payments(unit: Unit, data: RefundManyBody) -> list[views.PaymentOutcome]:
    """Give money back: one outcome each, in order. `done` says that it was asked for; the payment says what came."""
    refuse_card_numbers(**{f"refunds[{i}].reason": row.reason for i, row in enumerate(data.refunds)})
    requests = [
        OperationRequest(
            PaymentId(row.payment_id),
            "refund",
            row.amount_minor,
            row.reason,
            tuple(row.lines),
            _key(row.key, f"refunds[{i}].key"),
        )
        for i, row in enumerate(data.refunds)
    ]
    found = await service.perform(unit.runtime.database, unit.scope, unit.part(Gateways), before=_requesting(requests))
    return views.outcomes(unit, [row.payment_id for row in data.refunds], found, rows="refunds")


@post("/payments/confirmations", permission="payments:write", status_code=200, summary="Confirm many transfers")
async def confirm_payments(unit: Unit, data: ConfirmManyBody) -> list[views.PaymentOutcome]:
    """Record money that arrived: one outcome each, in order."""
    refuse_card_numbers(**{f"confirmations[{i}].reference": x.reference for i, x in enumerate(data.confirmations)})
    wishes = [
        _confirmation(row.payment_id, row, _key(row.key, f"confirmations[{i}].key"))
        for i, row in enumerate(data.confirmations)
    ]
    found = await unit.write(lambda tx: service.confirm_transfers(tx, confirmations=wishes))
    return views.outcomes(unit, [row.payment_id for row in data.confirmations], found, rows="confirmations")


async def _ask(unit: Unit, request: OperationRequest) -> Response[views.PaymentDetail]:
    refuse_card_numbers(reason=request.reason)
    before = _requesting([request._replace(key=unit.idempotency_key)])
    the_one(await service.perform(unit.runtime.database, unit.scope, unit.part(Gateways), before=before))
    return await shown(unit, request.payment_id, status=201)


def _requesting(
    requests: list[OperationRequest],
) -> Callable[[Tx], Awaitable[tuple[list[Requested | Refusal], Collection[str]]]]:
    async def before(tx: Tx) -> tuple[list[Requested | Refusal], Collection[str]]:
        outcomes = await service.request_operations(tx, requests=requests)
        return outcomes, [key for o in outcomes if isinstance(o, Requested) for key in o.operation_keys]

    return before


def _confirmation(payment_id: UUID, data: ConfirmBody, key: str | None) -> Confirmation:
    return Confirmation(PaymentId(payment_id), data.amount_minor, data.reference, key)


def _key(key: str | None, field: str) -> str | None:
    return None if key is None else idempotency.check_key(key, field=field)


def the_one(outcomes: list[T | Refusal]) -> T:
    """Return what became of the one wish of a set. Raises its refusal."""
    (outcome,) = outcomes
    if isinstance(outcome, idempotency.KeyReused):
        outcome.field = once.HEADER
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def refuse_card_numbers(**texts: str) -> None:
    """Raise CardNumberRefused, naming the field, where a text holds what looks like a card number."""
    for field, text in texts.items():
        if rules.has_card_number(text):
            raise errors.CardNumberRefused(field=field)


async def shown(unit: Unit, payment_id: UUID, *, status: int = 200) -> Response[views.PaymentDetail]:
    """Answer with a payment whole, and where it is when it is new. Raises PaymentNotFound."""
    async with unit.read() as tx:
        detail = await views.detail(tx, payment_id)
    if status == HTTP_201_CREATED:
        return answers.created(detail, f"/api/v1/payments/{payment_id}", version=detail.version)
    answer = answers.versioned(detail, detail.version)
    answer.status_code = status
    return answer


HANDLERS: list[Any] = [
    create_payment,
    list_order_payments,
    get_payment,
    capture_payment,
    void_payment,
    refund_payment,
    confirm_payment,
    refund_payments,
    confirm_payments,
]
