"""Pay for orders out of wallets as they are placed: looked at before anything is used, taken under the locks."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec.structs import replace

from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Overtaken, Refusal, one_of, reasons_of
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import Draft, OrderId, Tendered
from jiedan.wallets import service as wallets
from jiedan.wallets.values import Paying, Piece, Source, WalletId, WalletKind

Pieces = tuple[Piece, ...]

WALLETS = "wallets["
"""Beginning of the fields in which placement refuses what is to pay."""


async def payable(tx: ReadTx, plans: Iterable[tuple[OrderId, Plan]]) -> dict[OrderId, Pieces | tuple[Refusal, ...]]:
    """Return what wallets would pay for each of the orders that ask for it, or why not; no statement where none does.

    Earlier orders take first. It is looked at again under the locks, so nothing is promised.
    """
    payings = payings_of(plans)
    outcomes = await wallets.payable(tx, payings=payings)
    return {OrderId(x.subject_id): outcome for x, outcome in zip(payings, outcomes, strict=True)}


async def previewed(tx: ReadTx, plan: Plan) -> Pieces:
    """Return what wallets would pay right now for what an order would be. Raises why they would not."""
    for outcome in (await payable(tx, [(OrderId(UUID(int=0)), plan)])).values():
        reasons = tuple(x for x in outcome if isinstance(x, Refusal))
        if reasons:
            raise one_of(reasons)
        return tuple(x for x in outcome if isinstance(x, Piece))
    return ()


async def previewed_each(tx: ReadTx, plan: Plan) -> tuple[Pieces, Mapping[int, Refusal]]:
    """Return what those wallets of an order would pay that can, and why the others cannot, by their places.

    What cannot pay takes part no more, so that the rest is told. Raises what speaks against none of them.
    """
    asked = dict(enumerate(plan.draft.body.wallets))
    refused: dict[int, Refusal] = {}
    while asked:
        places = list(asked)
        body = replace(plan.draft.body, wallets=tuple(asked.values()))
        try:
            pieces = await previewed(tx, plan._replace(draft=plan.draft._replace(body=body)))
        except Refusal as refusal:
            for reason in reasons_of(refusal):
                place = places[_place_of(reason)]
                refused[place] = reason
                asked.pop(place, None)
        else:
            return tuple([x._replace(place=places[x.place]) for x in pieces]), refused
    return (), refused


def _place_of(reason: Refusal) -> int:
    """Return which wallet a reason speaks against. Raises it when it is about none."""
    field = reason.field or ""
    if not field.startswith(WALLETS):
        raise reason
    return int(field[len(WALLETS) : field.index("]")])


async def pay(tx: Tx, plans: Iterable[tuple[OrderId, Plan]]) -> list[Tendered]:
    """Take what orders are paid with out of wallets; no statement where none asks for it.

    Raises Overtaken where what was there a moment ago is not any more: run again, the batch finds out before anything
    else of the order is used.
    """
    payings = payings_of(plans)
    tendered = []
    for paying, outcome in zip(payings, await wallets.pay_many(tx, payings=payings), strict=True):
        for piece in outcome:
            if isinstance(piece, Refusal):
                raise Overtaken
            tendered.append(Tendered(OrderId(paying.subject_id), piece.wallet_id, piece.kind, piece.amount))
    return tendered


def payings_of(plans: Iterable[tuple[OrderId, Plan]]) -> list[Paying]:
    """Return what is to pay for the orders that ask for wallets."""
    return [
        Paying(order_id, plan.header.currency, plan.total_minor, _sources(plan.draft), plan.header.customer_id)
        for order_id, plan in plans
        if plan.draft.body.wallets
    ]


def _sources(draft: Draft) -> tuple[Source, ...]:
    return tuple(
        Source(
            _wallet(draft.cards, x.code, place) if x.code else _own(x.wallet_id),
            x.amount_minor,
            x.code is None,
            WalletKind(x.kind),
            x.points,
        )
        for place, x in enumerate(draft.body.wallets)
    )


def _wallet(cards: Mapping[str, UUID], code: str, place: int) -> WalletId:
    """Return the gift card of a code; of one that no card has, an id that no card has."""
    return WalletId(cards.get(code) or UUID(int=place))


def _own(wallet_id: UUID | None) -> WalletId | None:
    return None if wallet_id is None else WalletId(wallet_id)


def refused(found: Mapping[OrderId, Sequence[Piece | Refusal]]) -> dict[OrderId, tuple[Refusal, ...]]:
    """Return the orders that wallets cannot pay as they ask, with every reason."""
    reasons = {key: tuple(x for x in outcome if isinstance(x, Refusal)) for key, outcome in found.items()}
    return {key: of for key, of in reasons.items() if of}
