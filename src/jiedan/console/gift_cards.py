"""Gift cards: the list, one card, issuing some, whose codes are shown then and nowhere else, and blocking one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from jiedan.base import money, paging
from jiedan.base.db import Tx
from jiedan.base.errors import NotFound, Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.pages import Undo
from jiedan.base.web.sending import FormAlreadySent
from jiedan.base.web.unit import Unit
from jiedan.console.wallets import amount_of, entries_shown
from jiedan.console.words import Sign
from jiedan.customers import queries as customers
from jiedan.wallets import errors, queries, rules, service, values
from jiedan.wallets.values import CardState, GiftCard, IssuedCard, NewCard, Reason

ROWS = 50
SOON = timedelta(days=30)
EXPIRING = "expiring"

STATES: Mapping[str, Sign] = {state: Sign(*sign) for state, sign in values.CARD_SIGNS.items()}

FormKey = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Currency = Annotated[str, msgspec.Meta(min_length=3, max_length=3)]


class IssueForm(Form):
    """So many gift cards worth the same. `key` makes a form that is sent again the same cards."""

    key: FormKey
    amount: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    currency: Currency
    quantity: Annotated[int, msgspec.Meta(ge=1, le=values.BATCH_MAX)] = 1
    expires_on: date | None = None
    reason: Literal["sale", "goodwill"] = "sale"
    note: Annotated[str, msgspec.Meta(max_length=values.NOTE_CHARACTERS_MAX)] = ""


class BlockForm(Form):
    """Whether a card is blocked, at the version that was looked at."""

    version: bodies.Version
    is_blocked: bool = False


class Asked(NamedTuple):
    """What the address asks for."""

    ending: str
    state: CardState | None
    is_expiring: bool

    def filters(self) -> Mapping[str, object]:
        """Return what cursors of the list are good for."""
        return {"q": self.ending, "state": self.state, EXPIRING: self.is_expiring}


class Row(NamedTuple):
    """A card with what it is good for now."""

    card: GiftCard
    state: CardState


@get("/gift-cards", permission="wallets:read")
async def cards_page(unit: Unit) -> Response[str]:
    """Show gift cards, latest first. Two statements."""
    given = unit.request.query_params
    asked = Asked(
        given.get("q", "").strip().upper()[: values.LAST_CHARACTERS],
        next((state for state in CardState if state == given.get("state")), None),
        bool(given.get(EXPIRING)),
    )
    cursor = given.get("cursor") or None
    request = unit.page("console-gift-cards", filters=asked.filters(), limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.card_rows(
            tx,
            request=request,
            last_four=asked.ending or None,
            state=CardState.usable if asked.is_expiring else asked.state,
            over_by=tx.now + SOON if asked.is_expiring else None,
        )
        rows = [Row(card, rules.state_of(card, at=tx.now)) for card in page.items]
    return pages.render(
        unit,
        "console/gift_cards.html",
        page=paging.Page(rows, page.next, page.previous),
        asked=asked,
        states=STATES,
    )


@get("/gift-cards/new", permission="wallets:write")
async def new_cards_page(unit: Unit) -> Response[str]:
    """Ask what cards to issue."""
    return _new(unit, None)


def _new(unit: Unit, form: "Filled[Any] | None") -> Response[str]:
    return pages.render(
        unit, "console/gift_cards_new.html", form=form, currency=unit.principal.currency, quantity_max=values.BATCH_MAX
    )


@post("/gift-cards", permission="wallets:write")
async def issue(unit: Unit) -> Response[str]:
    """Issue gift cards and show their codes; the same form sent again shows the same cards."""
    form = await forms.read(unit, IssueForm)
    sent = form.value
    if sent is None:
        return _new(unit, form)
    try:
        issued = await _issued(unit, _wishes(sent, unit.principal.time_zone))
    except Refusal as refusal:
        form.refuse(refusal)
        return _new(unit, form)
    cards = [(each.card, rules.spelled(each.code)) for each in issued]
    return pages.render(unit, "console/gift_cards_issued.html", cards=cards)


async def _issued(unit: Unit, wishes: Sequence[NewCard]) -> list[IssuedCard]:
    codes = rules.Codes(*unit.runtime.settings.code_secrets())

    async def work(tx: Tx) -> list[IssuedCard]:
        return accepted(await service.issue_cards(tx, codes=codes, cards=wishes))

    try:
        return await unit.write(work)
    except FormAlreadySent:
        # The answer with the codes may have been lost, and it is the only place where they stand: the keys of the
        # cards lead to those that there are.
        return await unit.write(work)


def _wishes(sent: IssueForm, time_zone: str) -> list[NewCard]:
    """Return the cards that are asked for. Raises UnitInvalid, AmountUnreadable or AmountOutside."""
    currency = sent.currency.upper()
    if not money.is_currency(currency):
        raise errors.UnitInvalid(sent.currency, field="currency")
    amount = amount_of(sent.amount, currency)
    over = None
    if sent.expires_on is not None:
        if sent.expires_on >= date.max:
            raise errors.ExpiryPast(field="expires_on")
        over = datetime.combine(sent.expires_on + timedelta(days=1), time.min, ZoneInfo(time_zone))
    return [
        NewCard(amount, currency, Reason(sent.reason), over, None, sent.note, f"form-{sent.key}-{number}")
        for number in range(sent.quantity)
    ]


@get("/gift-cards/{wallet_id:uuid}", permission="wallets:read")
async def card_page(unit: Unit, wallet_id: UUID) -> Response[str]:
    """Show a gift card and what happened to it."""
    return await _card(unit, wallet_id, None)


async def _card(unit: Unit, wallet_id: UUID, form: "Filled[Any] | None") -> Response[str]:
    async with unit.read() as tx:
        card = await queries.card(tx, wallet_id)
        history = await entries_shown(tx, unit, wallet_id)
        owner = None
        if card.wallet.customer_id is not None and unit.may("customers:read"):
            owner = await customers.customer(tx, card.wallet.customer_id)
        state = rules.state_of(card, at=tx.now)
    return pages.render(
        unit,
        "console/gift_card.html",
        form=form,
        card=card,
        state=STATES[state],
        owner=owner,
        history=history,
        movements=values.MOVEMENT_LABELS,
        reasons=values.REASON_LABELS,
    )


@post("/gift-cards/{wallet_id:uuid}/blocking", permission="wallets:write")
async def block(unit: Unit, wallet_id: UUID) -> Response[str]:
    """Block a gift card, or let it work again."""
    form = await forms.read(unit, BlockForm)
    sent = form.value
    if sent is None:
        return await _card(unit, wallet_id, form)
    try:
        card = await unit.write(
            lambda tx: service.set_blocked(
                tx, wallet_id=wallet_id, is_blocked=sent.is_blocked, expected_version=sent.version
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _card(unit, wallet_id, form)
    told = N_("The gift card is blocked.") if sent.is_blocked else N_("The gift card works again.")
    back = {"version": str(card.version)} | ({} if sent.is_blocked else {"is_blocked": "1"})
    undo = Undo(f"/gift-cards/{wallet_id}/blocking", back)
    return pages.redirect(unit, f"/gift-cards/{wallet_id}", flash=told, undo=undo)


HANDLERS: tuple[Any, ...] = (cards_page, new_cards_page, issue, card_page, block)
