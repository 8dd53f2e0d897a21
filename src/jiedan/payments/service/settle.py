"""Settle by hand what a provider does not tell about: somebody has looked elsewhere and says what came of it."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Told
from jiedan.payments import errors, events, queries, rules
from jiedan.payments.service.apply import apply_held
from jiedan.payments.service.locking import Held, hold
from jiedan.payments.values import (
    REASON_CHARACTERS_MAX,
    SETTLE_AFTER,
    SETTLED,
    Operation,
    OperationId,
    PaymentId,
    Result,
    Settlement,
)

BY_HAND = "settled_by_hand"
"""The failure of an operation that somebody settled as failed."""


async def settle_operations(tx: Tx, *, settlements: Sequence[Settlement]) -> list[PaymentId | Refusal]:
    """Take in what people found out of operations: one outcome per settlement, same order.

    It goes the way of a provider's answer. An answer that still comes counts: money that moved after all is recorded,
    and a failure heard where somebody said success becomes a case.
    """
    held = await hold(
        tx, set((await queries.payments_of_operations(tx, [s.operation_id for s in settlements])).values())
    )
    known = {o.operation_id: o for of in held.operations.values() for o in of}
    outcomes: list[PaymentId | Refusal] = []
    accepted: dict[OperationId, Settlement] = {}
    for settlement in settlements:
        operation = known.get(settlement.operation_id)
        refusal = _refusal(tx, operation, settlement)
        if refusal is None and settlement.operation_id in accepted:
            refusal = errors.OperationSettled(settlement.operation_id)
        if refusal is not None or operation is None:
            outcomes.append(refusal or errors.OperationNotFound(settlement.operation_id))
            continue
        accepted[settlement.operation_id] = settlement
        outcomes.append(operation.payment_id)
    results = [_result(tx, known[operation_id], s) for operation_id, s in accepted.items()]
    now = await apply_held(tx, held, results)
    settled = {o.operation_id for of in now.operations.values() for o in of if o.state in SETTLED}
    _tell(tx, now, known, [s for s in accepted.values() if s.operation_id in settled])
    return [
        _beyond(now, known[s.operation_id])
        if not isinstance(outcome, Refusal) and s.operation_id not in settled
        else outcome
        for s, outcome in zip(settlements, outcomes, strict=True)
    ]


def _beyond(held: Held, operation: Operation) -> Refusal:
    currency = held.payments[operation.payment_id].currency
    return errors.SettlementBeyondLedger(operation.operation_id, Told.money(operation.amount_minor, currency))


def _refusal(tx: Tx, operation: Operation | None, settlement: Settlement) -> Refusal | None:
    if operation is None or settlement.payment_id not in {None, operation.payment_id}:
        return errors.OperationNotFound(settlement.operation_id)
    if operation.state in SETTLED:
        return errors.OperationSettled(settlement.operation_id)
    if not 0 < len(settlement.reason.strip()) <= REASON_CHARACTERS_MAX:
        return errors.ReasonMissing(REASON_CHARACTERS_MAX, field="reason")
    if not rules.may_settle(operation, at=tx.now):
        return errors.OperationUnderWay(settlement.operation_id, SETTLE_AFTER.seconds // 60)
    return None


def _result(tx: Tx, operation: Operation, settlement: Settlement) -> Result:
    return Result(
        operation.key,
        settlement.outcome,
        provider_ref=settlement.reference,
        failure=BY_HAND if settlement.outcome == "failed" else "",
        occurred_at=tx.now,
        settled_by=f"{tx.actor.kind}:{tx.actor.id}",
    )


def _tell(tx: Tx, now: Held, known: dict[OperationId, Operation], settlements: Sequence[Settlement]) -> None:
    for settlement in settlements:
        operation = known[settlement.operation_id]
        payment = now.payments[operation.payment_id]
        told = events.OperationSettled(
            payment_id=payment.payment_id,
            order_id=payment.order_id,
            operation_id=operation.operation_id,
            operation=operation.kind,
            outcome=settlement.outcome,
        )
        private = {"reason": settlement.reason, "reference": settlement.reference}
        tx.emit(told, private=private, history=now.is_history(payment))
