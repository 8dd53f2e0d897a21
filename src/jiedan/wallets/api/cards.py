"""REST of gift cards: issue, list, look up by code, block."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post

from jiedan.base import idempotency, paging
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.wallets import queries, rules, service, values
from jiedan.wallets.api.balances import NoteText
from jiedan.wallets.values import CardState, GiftCard, IssuedCard, NewCard, Reason

TypedCode = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class CardBody(bodies.Body):
    """A gift card to issue, worth `amount` minor units. `key` makes a row safe to repeat: the same card and code."""

    __example__: ClassVar[dict[str, Any]] = {"amount": 20_000, "currency": "CNY", "reason": "sale", "key": "batch-7/1"}

    amount: bodies.AmountMinor
    currency: bodies.Code
    reason: Reason = Reason.sale
    expires_at: bodies.Moment | None = None
    customer_id: UUID | None = None
    note: NoteText = ""
    key: bodies.Code | None = None


class CardsBody(bodies.Body):
    """Gift cards to issue."""

    __example__: ClassVar[dict[str, Any]] = {"items": [CardBody.__example__]}

    items: Annotated[list[CardBody], msgspec.Meta(min_length=1, max_length=values.BATCH_MAX)]


class CardPatch(bodies.Body):
    """Whether a gift card may be used."""

    __example__: ClassVar[dict[str, Any]] = {"is_blocked": True}

    is_blocked: bool


class LookUpBody(bodies.Body):
    """The code of a gift card, as it is written on it; case, spaces and dashes do not count."""

    __example__: ClassVar[dict[str, Any]] = {"code": "3467-9ACD-EFGH-JKMN"}

    code: TypedCode


class CardView(msgspec.Struct, frozen=True):
    """A gift card; of its code only the last four characters are known. `spendable` is what has not run out."""

    wallet_id: UUID
    last_four: str
    state: CardState
    currency: str
    issued: int
    balance: int
    spendable: int
    customer_id: UUID | None
    expires_at: datetime | None
    blocked_at: datetime | None
    note: str
    issued_at: datetime
    version: int


class IssuedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row: a card with its code, which is shown here and nowhere else; or refused, and why."""

    card: CardView | None = None
    code: str | None = None
    problem: Problem | None = None


def _view(card: GiftCard, at: datetime) -> CardView:
    wallet = card.wallet
    return CardView(
        wallet.wallet_id,
        card.last_four,
        rules.state_of(card, at=at),
        wallet.unit,
        card.issued,
        wallet.balance,
        card.spendable,
        wallet.customer_id,
        card.expires_at,
        card.blocked_at,
        card.note,
        wallet.opened_at,
        card.version,
    )


def codes(unit: Unit) -> rules.Codes:
    """Return what makes and finds codes in this installation."""
    return rules.Codes(*unit.runtime.settings.code_secrets())


@post("/gift-cards", permission="wallets:write", idempotent=True, status_code=200, summary="Issue gift cards")
async def issue_gift_cards(unit: Unit, data: CardsBody) -> list[IssuedRow]:
    """Issue gift cards; one outcome each, in order. What is refused does not keep the others out."""
    key = unit.idempotency_key
    cards = [
        NewCard(
            item.amount,
            item.currency,
            item.reason,
            item.expires_at,
            item.customer_id,
            item.note,
            item.key or (None if key is None else idempotency.key_of_row(key, number)),
        )
        for number, item in enumerate(data.items)
    ]
    made = codes(unit)
    outcomes = await unit.write(lambda tx: service.issue_cards(tx, codes=made, cards=cards))
    return _rows(unit, outcomes)


def _rows(unit: Unit, outcomes: Sequence[IssuedCard | Refusal]) -> list[IssuedRow]:
    found = []
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Refusal):
            outcome.field = f"items[{number}].{outcome.field}" if outcome.field else f"items[{number}]"
            found.append(IssuedRow(problem=problem_of(outcome, locale=unit.locale)))
        else:
            at = outcome.card.wallet.opened_at
            found.append(IssuedRow(_view(outcome.card, at), rules.spelled(outcome.code)))
    return found


@get("/gift-cards", permission="wallets:read", summary="List gift cards")
async def list_gift_cards(
    unit: Unit, *, last_four: str | None = None, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[CardView]]:
    """Return gift cards, latest first; with `last_four` those whose code ends so."""
    ending = None if last_four is None else last_four.upper()
    request = unit.page("gift-cards", filters={"last_four": ending}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.card_rows(tx, request=request, last_four=ending)
        at = tx.now
    return answers.listing(unit, page.each(lambda x: _view(x, at)))


@get("/gift-cards/{wallet_id:uuid}", permission="wallets:read", summary="Get a gift card")
async def get_gift_card(unit: Unit, wallet_id: UUID) -> Response[CardView]:
    """Return one gift card."""
    async with unit.read() as tx:
        card = await queries.card(tx, wallet_id)
        at = tx.now
    return answers.versioned(_view(card, at), card.version)


@post(
    "/gift-cards/look-ups",
    permission="wallets:read",
    status_code=200,
    also=[404],
    summary="Look up a gift card by its code",
)
async def look_up_gift_card(unit: Unit, data: LookUpBody) -> CardView:
    """Return the gift card of a code; who tries many that no card has must wait."""
    made, caller, network = codes(unit), unit.principal.caller, unit.network
    found = await unit.write(
        lambda tx: service.look_up_card(tx, codes=made, typed=data.code, caller=caller, network=network)
    )
    if isinstance(found, Refusal):
        raise found
    return _view(found, unit.runtime.clock.now())


@patch("/gift-cards/{wallet_id:uuid}", permission="wallets:write", versioned=True, summary="Block a gift card")
async def block_gift_card(unit: Unit, wallet_id: UUID, data: CardPatch) -> Response[CardView]:
    """Block a gift card, or let it work again; with `If-Match` only if nobody has changed it meanwhile."""
    card = await unit.write(
        lambda tx: service.set_blocked(
            tx, wallet_id=wallet_id, is_blocked=data.is_blocked, expected_version=unit.if_match
        )
    )
    return answers.versioned(_view(card, unit.runtime.clock.now()), card.version)


HANDLERS = (issue_gift_cards, list_gift_cards, get_gift_card, look_up_gift_card, block_gift_card)
