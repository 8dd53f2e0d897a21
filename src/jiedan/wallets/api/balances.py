"""REST of balances: whose they are, what happened to them, and changing them with a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.customers import queries as customers
from jiedan.wallets import errors, queries, service, values
from jiedan.wallets.values import Change, Entry, Moved, MovementKind, Reason, Wallet, WalletId, WalletKey, WalletKind

Amount = Annotated[int, msgspec.Meta(ge=-values.AMOUNT_MAX, le=values.AMOUNT_MAX)]
NoteText = Annotated[str, msgspec.Meta(max_length=values.NOTE_CHARACTERS_MAX)]


class AdjustmentBody(bodies.Body):
    """Something to put into a wallet, or with a negative amount to take out of it, in minor units or points.

    Name a `wallet_id`, or a customer with `kind` and `unit`: a wallet that is not there yet is opened. `key` makes a
    row safe to send again.
    """

    __example__: ClassVar[dict[str, Any]] = {
        "customer_id": "0193a000-0000-7000-8000-000000000001",
        "kind": "credit",
        "unit": "CNY",
        "amount": 2_000,
        "reason": "goodwill",
        "note": "The parcel came late.",
        "key": "late-4711",
    }

    amount: Amount
    reason: Reason
    wallet_id: UUID | None = None
    customer_id: UUID | None = None
    kind: WalletKind = WalletKind.credit
    unit: bodies.Code | None = None
    note: NoteText = ""
    expires_at: bodies.Moment | None = None
    key: bodies.Code | None = None


class AdjustmentsBody(bodies.Body):
    """Several adjustments."""

    __example__: ClassVar[dict[str, Any]] = {"items": [AdjustmentBody.__example__]}

    items: Annotated[list[AdjustmentBody], msgspec.Meta(min_length=1, max_length=values.BATCH_MAX)]


class WalletView(msgspec.Struct, frozen=True):
    """A balance in minor units of a currency, or in points."""

    wallet_id: UUID
    kind: WalletKind
    customer_id: UUID | None
    unit: str
    balance: int
    opened_at: datetime


class EntryView(msgspec.Struct, frozen=True):
    """What happened to a balance: the signed amount, and the balance it left."""

    movement_id: UUID
    wallet_id: UUID
    kind: MovementKind
    reason: str
    unit: str
    amount: int
    balance: int
    note: str
    subject_id: UUID | None
    actor: str
    recorded_at: datetime


class MovementView(msgspec.Struct, frozen=True):
    """A movement in the ledger; `is_repeated` says that its key had made it before."""

    movement_id: UUID
    wallet_id: UUID
    amount: int
    balance: int
    is_repeated: bool


class AdjustedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row: moved, or refused and why."""

    moved: MovementView | None = None
    problem: Problem | None = None


def wallet_view(wallet: Wallet) -> WalletView:
    """Return a wallet as the API answers it."""
    return WalletView(wallet.wallet_id, wallet.kind, wallet.customer_id, wallet.unit, wallet.balance, wallet.opened_at)


def _entry_view(entry: Entry) -> EntryView:
    return EntryView(
        entry.movement_id,
        entry.wallet_id,
        entry.kind,
        entry.reason,
        entry.unit,
        entry.amount,
        entry.balance,
        entry.note,
        entry.subject_id,
        f"{entry.actor_kind}:{entry.actor_id}",
        entry.recorded_at,
    )


@get("/customers/{customer_id:uuid}/wallets", permission="wallets:read", summary="List the wallets of a customer")
async def list_wallets(unit: Unit, customer_id: UUID) -> list[WalletView]:
    """Return store credit, points and gift cards of a customer, and of everybody who was merged into that one."""
    async with unit.read() as tx:
        await customers.customer(tx, customer_id)
        found = await queries.wallets_of(tx, customer_id)
        cards = await queries.cards_of(tx, customer_id)
    return [wallet_view(wallet) for wallet in (*found, *(card.wallet for card in cards))]


@get("/wallets/{wallet_id:uuid}/entries", permission="wallets:read", summary="List what happened to a balance")
async def list_wallet_entries(
    unit: Unit, wallet_id: UUID, *, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[EntryView]]:
    """Return the entries of a wallet, also of a gift card, latest first."""
    request = unit.page("wallet-entries", filters={"wallet_id": wallet_id}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        await queries.wallet(tx, wallet_id)
        page = await queries.entry_rows(tx, request=request, wallet_ids=[wallet_id])
    return answers.listing(unit, page.each(_entry_view))


@post(
    "/wallets/adjustments",
    permission="wallets:write",
    idempotent=True,
    status_code=200,
    summary="Adjust balances",
)
async def adjust_balances(unit: Unit, data: AdjustmentsBody) -> list[AdjustedRow]:
    """Change balances with a reason; one outcome each, in order. What is refused does not keep the others out."""
    return _rows(unit, await unit.write(lambda tx: _adjust(unit, tx, data.items)))


async def _adjust(unit: Unit, tx: Tx, items: Sequence[AdjustmentBody]) -> list[Moved | Refusal]:
    outcomes: dict[int, Moved | Refusal] = {}
    wishes: dict[int, Change] = {}
    for number, item in enumerate(items):
        wish = _change(unit, tx, item, number)
        if isinstance(wish, Refusal):
            outcomes[number] = wish
        else:
            wishes[number] = wish
    decided = await service.adjust_many(tx, changes=list(wishes.values()))
    outcomes.update(zip(wishes, decided, strict=True))
    for number, outcome in outcomes.items():
        if isinstance(outcome, Refusal):
            outcome.field = f"items[{number}].{outcome.field}" if outcome.field else f"items[{number}]"
    return [outcomes[number] for number in range(len(items))]


def _change(unit: Unit, tx: Tx, item: AdjustmentBody, number: int) -> Change | Refusal:
    target: WalletId | WalletKey
    if item.wallet_id is not None:
        target = WalletId(item.wallet_id)
    elif item.customer_id is None:
        return errors.NoWalletNamed(field="wallet_id")
    else:
        unit_asked = item.unit or (values.POINTS if item.kind == WalletKind.points else unit.principal.currency)
        target = WalletKey(item.customer_id, item.kind, unit_asked)
    return Change(
        target,
        item.amount,
        MovementKind.adjustment,
        operation_key(unit, tx, given=item.key, number=number),
        item.reason,
        item.note,
        expires_at=item.expires_at,
    )


def operation_key(unit: Unit, tx: Tx, *, given: str | None, number: int) -> str:
    """Return the operation key of a row: the caller's for it, else the request's and its number, else a fresh one."""
    caller, request = unit.principal.caller, unit.idempotency_key
    if given is not None:
        return f"api/{caller}/{given}"
    return f"once/{tx.new_id()}" if request is None else f"api/{caller}/{request}/{number}"


def _rows(unit: Unit, outcomes: Sequence[Moved | Refusal]) -> list[AdjustedRow]:
    return [
        AdjustedRow(problem=problem_of(outcome, locale=unit.locale))
        if isinstance(outcome, Refusal)
        else AdjustedRow(MovementView(*outcome))
        for outcome in outcomes
    ]


HANDLERS = (list_wallets, list_wallet_entries, adjust_balances)
