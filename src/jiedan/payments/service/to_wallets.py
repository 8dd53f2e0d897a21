"""Refunds that go to wallets: back to the gift card or credit that paid, or as store credit of the customer."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import accepted
from jiedan.payments.service.locking import Held
from jiedan.payments.values import WALLET, Operation, PaymentId
from jiedan.wallets import errors
from jiedan.wallets import service as wallets
from jiedan.wallets.values import Change, GiveBack, MovementKind, WalletId, WalletKey, WalletKind


async def put(tx: Tx, held: Held, operations: Sequence[Operation]) -> None:
    """Let what refunds give to wallets arrive there, once for each operation; no statement where none does.

    `held` is as it was before them. Wallets are locked last, all at once. Raises what they refuse: the customer is
    gone, or one would hold too much.
    """
    back: list[GiveBack] = []
    credit: list[Change] = []
    money_back: dict[PaymentId, int] = {}
    for operation in operations:
        payment = held.payments[operation.payment_id]
        found = held.order_of(payment)
        if not operation.to_wallet or found is None:
            continue
        order = found.order
        if payment.provider == WALLET:
            wallet_id = WalletId(UUID(payment.provider_ref))
            before = money_back.get(payment.payment_id, payment.sums.refunded)
            money_back[payment.payment_id] = before + operation.amount_minor
            amount, key = operation.amount_minor, operation.key
            back.append(GiveBack(order.order_id, payment.currency, amount, key, wallet_id, before))
            continue
        if order.customer_id is None:
            raise errors.CreditNeedsCustomer(field="to")
        target = WalletKey(order.customer_id, WalletKind.credit, payment.currency)
        amount, key = operation.amount_minor, operation.key
        credit.append(Change(target, amount, MovementKind.refund, key, subject_id=order.order_id))
    given, put_in = await wallets.refund_many(tx, backs=back, credit=credit)
    accepted(given)
    accepted(put_in)
