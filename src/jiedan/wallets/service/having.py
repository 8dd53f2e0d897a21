"""What somebody could pay with right now, beside gift cards."""

from typing import NamedTuple

from jiedan.base.db import ReadTx
from jiedan.customers.values import CustomerId
from jiedan.wallets.service.redeem import payable
from jiedan.wallets.values import AMOUNT_MAX, Paying, Piece, Source, WalletKind


class Had(NamedTuple):
    """What a customer could pay with in the currency of an order: store credit, points, and what those are worth.

    Points are told only where there are enough of them to pay anything.
    """

    credit_minor: int = 0
    points: int = 0
    worth_minor: int = 0


async def had(tx: ReadTx, *, customer_id: CustomerId | None, currency: str) -> Had:
    """Return what somebody can spend in a currency, nothing of a guest's; no statement for a guest."""
    if customer_id is None:
        return Had()
    payings = [
        Paying(customer_id, currency, AMOUNT_MAX, (Source(None, kind=kind),), customer_id)
        for kind in (WalletKind.credit, WalletKind.points)
    ]
    credit, points = ([x for x in of if isinstance(x, Piece)] for of in await payable(tx, payings=payings))
    return Had(sum(x.amount for x in credit), sum(x.taken + x.left for x in points), sum(x.amount for x in points))
