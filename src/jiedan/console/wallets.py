"""What the shop owes customers beside goods: a customer's credit, points and gift cards, and what happened to each."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import money, paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, accepted
from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.console import amounts
from jiedan.customers import queries as customers
from jiedan.customers.values import Customer
from jiedan.wallets import errors, queries, rules, service, values
from jiedan.wallets.values import (
    Change,
    Entry,
    GiftCard,
    Moved,
    MovementKind,
    RunningOut,
    Wallet,
    WalletId,
    WalletKey,
    WalletKind,
)

ENTRIES = 50

WalletChoice = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
TypedAmount = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class AdjustmentForm(Form):
    """Something to put in or take out. `wallet` is one of the customer's, or the unit of one that is not there yet."""

    __as_sent__: ClassVar = frozenset({"wallet"})

    wallet: WalletChoice
    amount: TypedAmount
    reason: values.Reason
    way: Literal["in", "out"] = "in"
    note: Annotated[str, msgspec.Meta(max_length=values.NOTE_CHARACTERS_MAX)] = ""


class Holdings(NamedTuple):
    """What a customer has: credit and points, and gift cards, the latest of these first."""

    wallets: Sequence[Wallet]
    cards: Sequence[GiftCard]

    def every(self) -> list[Wallet]:
        """Return all balances."""
        return [*self.wallets, *(card.wallet for card in self.cards)]

    def missing(self, currency: str) -> list[str]:
        """Return the units in which something could be given that the customer has nothing of yet."""
        there = {wallet.unit for wallet in self.wallets}
        return [unit for unit in (currency, values.POINTS) if unit not in there]


async def holdings(tx: ReadTx, customer_id: UUID, known_as: Sequence[UUID]) -> Holdings:
    """Return what a customer has, under all ids that one is `known_as`. Three statements."""
    return Holdings(
        await queries.wallets_of(tx, customer_id, known_as=known_as),
        await queries.cards_of(tx, customer_id, known_as=known_as),
    )


async def _customer(tx: ReadTx, customer_id: UUID) -> tuple[Customer, Holdings]:
    customer = await customers.customer(tx, customer_id)
    known_as = (await tx.load_one(customers.identities([customer_id])))[customer_id]
    return customer, await holdings(tx, customer_id, known_as)


@get("/customers/{customer_id:uuid}/wallets", permission="wallets:read")
async def holdings_page(unit: Unit, customer_id: UUID) -> Response[str]:
    """Show what a customer has; who was merged leads to the survivor."""
    return await _holdings(unit, customer_id, None)


async def _holdings(unit: Unit, customer_id: UUID, form: "Filled[Any] | None") -> Response[str]:
    async with unit.read() as tx:
        customer, found = await _customer(tx, customer_id)
    if customer.merged_into is not None:
        return pages.redirect(unit, f"/customers/{customer.merged_into}/wallets")
    return pages.render(
        unit,
        "console/holdings.html",
        form=form,
        customer=customer,
        holdings=found,
        currency=unit.principal.currency,
        wallet_labels=values.KIND_LABELS,
    )


@post("/customers/{customer_id:uuid}/wallets", permission="wallets:write")
async def adjust(unit: Unit, customer_id: UUID) -> Response[str]:
    """Put something into one of a customer's wallets, or take it out."""
    form = await forms.read(unit, AdjustmentForm)
    sent = form.value
    if sent is None:
        return await _holdings(unit, customer_id, form)
    async with unit.read() as tx:
        customer, found = await _customer(tx, customer_id)
    try:
        target, counted_in = _target(sent.wallet, customer, found)
        amount = amount_of(sent.amount, counted_in)
        (moved,) = accepted(await unit.write(lambda tx: _adjust(tx, target, amount, sent)))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _holdings(unit, customer_id, form)
    return pages.redirect(unit, f"/wallets/{moved.wallet_id}", flash=N_("The balance was changed."))


async def _adjust(tx: Tx, target: WalletId | WalletKey, amount: int, sent: AdjustmentForm) -> list[Moved | Refusal]:
    signed = amount if sent.way == "in" else -amount
    key = f"form/{tx.new_id()}"
    wish = Change(target, signed, MovementKind.adjustment, key, sent.reason, sent.note)
    return await service.adjust_many(tx, changes=[wish])


def _target(chosen: str, customer: Customer, found: Holdings) -> tuple[WalletId | WalletKey, str]:
    """Return which wallet is meant and what it is counted in. Raises WalletNotFound."""
    for wallet in found.every():
        if str(wallet.wallet_id) == chosen:
            return wallet.wallet_id, wallet.unit
    if chosen == values.POINTS:
        return WalletKey(customer.customer_id, WalletKind.points, chosen), chosen
    if money.is_currency(chosen):
        return WalletKey(customer.customer_id, WalletKind.credit, chosen), chosen
    raise errors.WalletNotFound(field="wallet")


def amount_of(text: str, counted_in: str) -> int:
    """Return minor units or points. Raises AmountUnreadable, PointsUnreadable, or AmountOutside for nothing or less."""
    if counted_in == values.POINTS:
        try:
            found = int(text)
        except ValueError as error:
            raise errors.PointsUnreadable(text, field="amount") from error
    else:
        found = amounts.typed(text, counted_in, field="amount")
    if not 0 < found <= values.AMOUNT_MAX:
        raise errors.AmountOutside(found, counted_in, field="amount")
    return found


@get("/wallets/{wallet_id:uuid}", permission="wallets:read")
async def wallet_page(unit: Unit, wallet_id: UUID) -> Response[str]:
    """Show what happened to a balance, latest first; a gift card has a page of its own."""
    async with unit.read() as tx:
        wallet = await queries.wallet(tx, wallet_id)
        if wallet.kind == WalletKind.gift_card:
            return pages.redirect(unit, f"/gift-cards/{wallet_id}")
        history = await entries_shown(tx, unit, wallet_id)
        points = await _points(tx, unit, wallet_id) if wallet.kind == WalletKind.points else None
        owner = None
        if wallet.customer_id is not None and unit.may("customers:read"):
            owner = await customers.customer(tx, wallet.customer_id)
    return pages.render(
        unit,
        "console/wallet.html",
        wallet=wallet,
        owner=owner,
        history=history,
        points=points,
        wallet_labels=values.KIND_LABELS,
        movements=values.MOVEMENT_LABELS,
        reasons=values.REASON_LABELS,
    )


class Points(NamedTuple):
    """What points of a customer are worth by each rule that lets them pay, and what runs out when."""

    spendable: int
    worths: Sequence[tuple[str, int]]
    running_out: Sequence[RunningOut]


async def _points(tx: ReadTx, unit: Unit, wallet_id: UUID) -> Points:
    """Return what is told of points. Two statements."""
    lots = await tx.load_one(queries.lots([wallet_id]))
    spendable = rules.spendable_points(lots, at=tx.now)
    terms = await queries.loyalty_rules(tx)
    return Points(
        spendable,
        [(rule.currency, rules.worth_of(spendable, rule)) for rule in terms if rule.pays_points],
        rules.running_out(lots, at=tx.now, zone=ZoneInfo(unit.principal.time_zone)),
    )


class History(NamedTuple):
    """A page of entries, and what those are called who made them."""

    page: paging.Page[Entry]
    names: Mapping[Actor, str]

    def by(self, entry: Entry) -> str:
        """Return who made an entry."""
        return self.names[Actor(entry.actor_kind, entry.actor_id)]


async def entries_shown(tx: ReadTx, unit: Unit, wallet_id: UUID) -> History:
    """Return a page of what happened to a balance. Three statements."""
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-wallet-entries", filters={"wallet_id": wallet_id}, limit=ENTRIES, cursor=cursor)
    page = await queries.entry_rows(tx, request=request, wallet_ids=[wallet_id])
    actors = {Actor(entry.actor_kind, entry.actor_id) for entry in page.items}
    return History(page, await tx.load_one(accounts.actor_names(actors)))


HANDLERS: tuple[Any, ...] = (holdings_page, adjust, wallet_page)
