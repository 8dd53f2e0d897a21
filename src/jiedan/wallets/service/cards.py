"""Gift cards: issue them, find them by their code, block them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.accounts import service as accounts
from jiedan.base import once, sql
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerId
from jiedan.wallets import errors, events, moves, queries, rules
from jiedan.wallets.service import adjust
from jiedan.wallets.values import (
    LAST_CHARACTERS,
    Change,
    GiftCard,
    IssuedCard,
    MovementKind,
    NewCard,
    WalletId,
    WalletKey,
    WalletKind,
)

SQL = sql.load("jiedan.wallets.service", "cards.sql")

ISSUE = "wallets.issue_cards"


class _Wish(NamedTuple):
    """A card that is new, with the id of its wallet and its code."""

    place: int
    wallet_id: WalletId
    card: NewCard
    code: str


async def issue_cards(tx: Tx, *, codes: rules.Codes, cards: Sequence[NewCard]) -> list[IssuedCard | Refusal]:
    """Issue gift cards: one outcome per card, in order; the same `key` and content again is the same card and code.

    Outcomes are IssuedCard, AmountInvalid, UnitInvalid, ReasonUnfit, ExpiryPast, UnknownCustomer, KeyReused, or
    MadeBeforeIsGone for a card whose code a secret made that is not known any more. Thirteen statements, however many
    cards. Raises TooManyRows.
    """
    adjust.refuse_many(cards)
    found = await once.subjects(tx, operation=ISSUE, wishes=[(card.key, card._replace(key=None)) for card in cards])
    known = await _known(tx, [card.customer_id for card in cards])
    refused: dict[int, Refusal] = {}
    fresh: list[_Wish] = []
    for place, (subject, card) in enumerate(zip(found, cards, strict=True)):
        if isinstance(subject, Refusal) or not subject.is_fresh:
            continue
        refusal = _refusal(tx, WalletId(subject.id), card, known)
        if refusal is not None:
            refused[place] = refusal
        else:
            code = codes.code_of(tx.tenant, subject.id)
            fresh.append(_Wish(place, WalletId(subject.id), card, code))
    await _open(tx, codes, fresh, known)
    ids = [wish.wallet_id for wish in fresh]
    ids += [WalletId(x.id) for x in found if not isinstance(x, Refusal) and not x.is_fresh]
    there, hashes = await tx.load(queries.cards(ids, now=tx.now), queries.card_hashes(ids))

    async def before(_tx: Tx, subject_ids: Sequence[UUID]) -> Mapping[UUID, IssuedCard]:
        asked = [WalletId(key) for key in subject_ids if key in there]
        told = {key: codes.code_behind(hashes[key], tx.tenant, key) for key in asked}
        return {key: IssuedCard(there[key], code) for key, code in told.items() if code is not None}

    issued = {wish.place: IssuedCard(there[wish.wallet_id], wish.code) for wish in fresh}
    made: dict[int, IssuedCard | Refusal] = {**refused, **issued}
    return await once.settle(tx, operation=ISSUE, subjects=found, made=made, read=before)


async def _known(tx: Tx, customer_ids: Sequence[UUID | None]) -> dict[UUID, CustomerId]:
    wanted = [x for x in customer_ids if x is not None]
    found = await tx.load_one(customers.existing_held(wanted)) if wanted else {}
    return {asked: brief.customer_id for asked, brief in found.items()}


def _refusal(tx: Tx, wallet_id: WalletId, card: NewCard, known: Mapping[UUID, CustomerId]) -> Refusal | None:
    if card.customer_id is not None and card.customer_id not in known:
        return errors.UnknownCustomer(str(card.customer_id), field="customer_id")
    unit = WalletKey(wallet_id, WalletKind.credit, card.currency)  # what credit may be in, a card may be as well
    wish = Change(unit, card.amount, MovementKind.issue, "", card.reason, expires_at=card.expires_at)
    refusal = rules.refused_change(wish, at=tx.now)
    if refusal is not None and refusal.field == "unit":
        refusal.field = "currency"
    return refusal


async def _open(tx: Tx, codes: rules.Codes, wishes: Sequence[_Wish], known: Mapping[UUID, CustomerId]) -> None:
    """Write new cards with what is on them, and tell."""
    if not wishes:
        return
    owners = [None if x.card.customer_id is None else known[x.card.customer_id] for x in wishes]
    fold = moves.fresh(tx, [(x.wallet_id, owner, x.card.currency) for x, owner in zip(wishes, owners, strict=True)])
    for wish in wishes:
        work = rules.Work(
            wish.wallet_id, MovementKind.issue, wish.card.amount, f"issue/{wish.wallet_id}", wish.card.reason
        )
        fold.put(work, expires_at=wish.card.expires_at, note=wish.card.note)
    ids = [x.wallet_id for x in wishes]
    wallets = {"wallet_ids": ids, "customer_ids": owners, "units": [x.card.currency for x in wishes], "now": tx.now}
    cards = {
        "wallet_ids": ids,
        "code_hashes": [codes.hash_of(x.code) for x in wishes],
        "last_fours": [x.code[-LAST_CHARACTERS:] for x in wishes],
        "issued": [x.card.amount for x in wishes],
        "expires_at": [x.card.expires_at for x in wishes],
        "notes": [x.card.note for x in wishes],
    }
    tx.emit(*(events.GiftCardIssued(wallet_id=x, customer_id=owner) for x, owner in zip(ids, owners, strict=True)))
    await moves.save(tx, fold, (moves.SQL["insert_wallets_of_cards"], wallets), (moves.SQL["insert_cards"], cards))


async def find_cards(tx: Tx, *, codes: rules.Codes, typed: Collection[str]) -> dict[str, WalletId]:
    """Return the gift cards that codes belong to, by how they were typed; what no card has is absent. One statement."""
    hashes = {x: codes.hashes_of(code) for x in typed if (code := rules.canonical(x)) is not None}
    found = await tx.load_one(queries.card_ids_by_hash([one for of in hashes.values() for one in of]))
    return {x: found[key] for x, of in hashes.items() for key in of if key in found}


async def look_up_card(tx: Tx, *, codes: rules.Codes, typed: str, caller: str, network: str) -> GiftCard | Refusal:
    """Return the gift card of a code. Each try that is not right counts for who tries and from where.

    GiftCardNotFound or CardLookUpsThrottled are values, so that the count is stored.
    """
    found = await try_cards(tx, codes=codes, typed=[typed], caller=caller, network=network)
    if isinstance(found, Refusal):
        return found
    return await queries.card(tx, found[typed]) if typed in found else errors.GiftCardNotFound(field="code")


async def try_cards(
    tx: Tx, *, codes: rules.Codes, typed: Collection[str], caller: str, network: str
) -> dict[str, WalletId] | Refusal:
    """Return the gift cards of codes that are to pay, as `find_cards`; each that no card has counts for who tries it.

    CardLookUpsThrottled is a value, so that the count is stored. The code that is counted beyond the limit is answered
    as any other, the next is not looked at.
    """
    limits = accounts.limits_of_codes("gift card", caller=caller, network=network)
    wait_s = await accounts.wait_within(tx, limits)
    if wait_s:
        return errors.CardLookUpsThrottled(retry_after_s=wait_s)
    found = await find_cards(tx, codes=codes, typed=typed)
    unknown = set(typed) - found.keys()
    if unknown:
        await accounts.count_within(tx, limits, times=len(unknown))
    return found


async def set_blocked(tx: Tx, *, wallet_id: UUID, is_blocked: bool, expected_version: int | None = None) -> GiftCard:
    """Block a gift card, or let it work again; as it is already is no change.

    Raises GiftCardNotFound or StaleVersion.
    """
    await moves.lock(tx, [wallet_id])
    card = await queries.card(tx, wallet_id)
    await accounts.check_version(
        tx,
        subject_id=wallet_id,
        kind=events.GiftCardChanged.kind,
        current=card.version,
        expected=expected_version,
    )
    if (card.blocked_at is not None) == is_blocked:
        return card
    blocked_at: datetime | None = tx.now if is_blocked else None
    await tx.sql_count(SQL["set_blocked"], wallet_id=wallet_id, blocked_at=blocked_at)
    tx.emit(
        events.GiftCardChanged(
            wallet_id=wallet_id, fields=("is_blocked",), is_blocked=is_blocked, version=card.version + 1
        )
    )
    return await queries.card(tx, wallet_id)
