"""Put something into wallets or take it out, for a reason: by hand, as a refund."""

from collections.abc import Collection, Sequence
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerId
from jiedan.wallets import errors, moves, queries, rules
from jiedan.wallets.values import (
    BATCH_MAX,
    Change,
    Moved,
    WalletKey,
)


async def adjust_many(tx: Tx, *, changes: Sequence[Change]) -> list[Moved | Refusal]:
    """Change balances: one outcome per change, in order; a customer's wallet is opened by what first comes in.

    Outcomes are Moved (`repeated` when the operation key had done this before), AmountInvalid, UnitInvalid,
    ReasonUnfit, ExpiryPast, UnknownCustomer, WalletNotFound, BalanceTooLow, BalanceTooHigh or OperationKeyReused.
    Who was merged into another customer gets it as that one. Twelve statements, however many changes. Raises
    TooManyRows.
    """
    refuse_many(changes)
    known = await survivors(tx, [x.target.customer_id for x in changes if isinstance(x.target, WalletKey)])
    asked = [settled(wish, known) for wish in changes]
    outcomes: dict[int, Moved | Refusal] = {}
    fine: list[tuple[int, Change]] = []
    for place, wish in enumerate(asked):
        refusal = wish if isinstance(wish, Refusal) else rules.refused_change(wish, at=tx.now)
        if refusal is not None:
            outcomes[place] = refusal
        elif isinstance(wish, Change):
            fine.append((place, wish))
    decided = await _change(tx, [wish for _, wish in fine])
    outcomes.update(zip((place for place, _ in fine), decided, strict=True))
    return [outcomes[place] for place in range(len(changes))]


async def _change(tx: Tx, changes: Sequence[Change]) -> list[Moved | Refusal]:
    if not changes:
        return []
    inward = [x.target for x in changes if isinstance(x.target, WalletKey) and x.amount > 0]
    outward = [x.target for x in changes if isinstance(x.target, WalletKey) and x.amount < 0]
    ids = [x.target for x in changes if not isinstance(x.target, WalletKey)]
    opened = await moves.opened(tx, inward)
    there = await tx.load_one(queries.wallets_by_key(outward))
    keys = [x.operation_key for x in changes]
    fold = await moves.lock(tx, [*ids, *opened.values(), *there.values()], operation_keys=keys)
    outcomes = rules.change(changes, fold)
    await moves.save(tx, fold)
    return outcomes


def refuse_many(rows: Sequence[object]) -> None:
    """Refuse more rows than a call takes. Raises TooManyRows."""
    if len(rows) > BATCH_MAX:
        raise errors.TooManyRows


async def survivors(tx: Tx, customer_ids: Collection[UUID | None]) -> dict[UUID, CustomerId]:
    """Return whom these ids stand for, held so that none is erased before the wallet is theirs."""
    wanted = {x for x in customer_ids if x is not None}
    if not wanted:
        return {}
    found = await tx.load_one(customers.existing_held(wanted))
    return {asked: brief.customer_id for asked, brief in found.items()}


def settled(wish: Change, known: dict[UUID, CustomerId]) -> Change | Refusal:
    """Return a change with the customer whom it is for now, or why there is nobody."""
    if not isinstance(wish.target, WalletKey):
        return wish
    survivor = known.get(wish.target.customer_id)
    if survivor is None:
        return errors.UnknownCustomer(str(wish.target.customer_id), field="customer_id")
    return wish._replace(target=wish.target._replace(customer_id=survivor))
