"""Replay: what the draft of the price rules would have made of the orders of the last days."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import i18n, money
from jiedan.base.db import ReadTx
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.console import endings
from jiedan.console.words import Sign
from jiedan.customers import queries as customers
from jiedan.orders import queries as orders
from jiedan.pricing import service as pricing
from jiedan.replays import queries, rules, service
from jiedan.replays.errors import ReplayEnded
from jiedan.replays.values import (
    DAYS_MAX,
    LISTED,
    ListedOutcome,
    Most,
    OrderRow,
    Replay,
    ReplayStatus,
    Sum,
    SumKey,
)

ROWS = 20
DAYS = 30

STATES: Mapping[ReplayStatus, Sign] = MappingProxyType(
    {
        ReplayStatus.queued: Sign(N_("Waiting for its turn"), "", "empty"),
        ReplayStatus.running: Sign(N_("Under way"), "info", "half"),
        ReplayStatus.completed: Sign(N_("Finished"), "ok", "full"),
        ReplayStatus.canceled: Sign(N_("Canceled"), "warn", "half"),
        ReplayStatus.failed: Sign(N_("Failed"), "bad", "empty"),
    }
)
"""How far a replay is."""

FIGURES: tuple[tuple[str, str], ...] = (
    ("total", N_("Revenue")),
    ("discount", N_("Discounts")),
    ("shipping", N_("Shipping fees")),
    ("tax", N_("Taxes")),
)
"""What is compared, in the order of the table."""


class BeginForm(Form):
    """How many days to look back."""

    days: Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX)]


class Figure(NamedTuple):
    """One row of the comparison: what was charged, what it would be, and the difference, signed."""

    label: str
    before: str
    after: str
    difference: str
    orders: int


class MostRow(NamedTuple):
    """What changes most of one sort: what it is called, where it is looked at if anywhere, by how much, how often."""

    name: str
    href: str
    note: str
    orders: int
    before: str
    after: str
    difference: str


class Compared(NamedTuple):
    """What the orders in one currency came to and would come to; `change` is the difference in percent."""

    currency: str
    compared: int
    changed: int
    refused: int
    unlike: int
    by_hand: int
    gifts: tuple[int, int]
    total: str
    change: str
    difference: str
    fallen: int
    risen: int
    discount: str
    discount_difference: str
    figures: Sequence[Figure]
    most: Sequence[tuple[str, Sequence[MostRow]]]


@get("/prices/replays", permission="prices:read")
async def replays_page(unit: Unit) -> Response[str]:
    """Show the replays there are, and ask for another."""
    return await _list(unit, forms.empty(unit, days=DAYS))


async def _list(unit: Unit, form: Filled[Any]) -> Response[str]:
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-replays", filters={}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.replays(tx, request=request)
        names = await tx.load_one(accounts.actor_names({one.asked_by for one in page.items}))
        waiting = await queries.under_way(tx)
        unpublished = len(await pricing.unpublished(tx))
    return pages.render(
        unit,
        "console/price_replays.html",
        form=form,
        page=page,
        names=names,
        states=STATES,
        waiting=waiting,
        unpublished=unpublished,
        days_max=DAYS_MAX,
    )


@post("/prices/replays", permission="prices:write")
async def begin(unit: Unit) -> Response[str]:
    """Begin a replay of the draft as it is now."""
    form = await forms.read(unit, BeginForm)
    sent = form.value
    if sent is None:
        return await _list(unit, form)
    replay = await endings.tried(
        form, lambda: unit.write(lambda tx: service.begin_replay(tx, days=sent.days, locale=unit.locale))
    )
    if replay is None:
        return await _list(unit, form)
    return pages.redirect(unit, f"/prices/replays/{replay.replay_id}")


@get("/prices/replays/{replay_id:uuid}", permission="prices:read")
async def replay_page(unit: Unit, replay_id: UUID, outcome: ListedOutcome = "changed") -> Response[str]:
    """Show how far a replay is, what it came to, and the orders that change."""
    cursor = unit.request.query_params.get("cursor") or None
    filters = {"replay": str(replay_id), "outcome": outcome}
    request = unit.page("console-replayed-orders", filters=filters, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        replay = await queries.replay(tx, replay_id)
        book = None if replay.is_under_way else await queries.book(tx, replay_id)
        sums = await tx.load_one(queries.sums(replay_id))
        page = await queries.orders(tx, replay_id, request=request, outcome=outcome)
        asked_by = (await tx.load_one(accounts.actor_names({replay.asked_by})))[replay.asked_by]
        numbers = await tx.load_one(orders.numbers_of_orders([row.order_id for row in page.items]))
        compared = await _compared(tx, unit, replay, sums)
    coming = [] if book is None else [one.name for one in rules.yet_to_begin(book, replay.created_at)]
    counts = {name: sum(sums[key].orders for key in sums if key.figure == name) for name in LISTED}
    return pages.render(
        unit,
        "console/price_replay.html",
        part="console/_price_replay.html",
        replay=replay,
        state=STATES[replay.status],
        asked_by=asked_by,
        compared=compared,
        notes=rules.notes(unit.locale, sums, coming) if sums else [],
        page=page,
        numbers=numbers,
        outcome=outcome,
        counts=counts,
    )


@post("/prices/replays/{replay_id:uuid}/cancellation", permission="prices:write")
async def cancel(unit: Unit, replay_id: UUID) -> Response[str]:
    """End a replay after the orders in hand."""
    at = f"/prices/replays/{replay_id}"
    try:
        await unit.write(lambda tx: service.cancel_replay(tx, replay_id=replay_id))
    except ReplayEnded as refusal:
        return pages.redirect(unit, at, flash="{text}", tone="bad", text=i18n.say(unit.locale, refusal))
    return pages.redirect(unit, at, flash=N_("The replay was canceled."))


async def _compared(tx: ReadTx, unit: Unit, replay: Replay, sums: Mapping[SumKey, Sum]) -> list[Compared]:
    """Return what is told of each currency; what changes most only once a replay has ended."""
    currencies = rules.currencies(sums)
    most = {} if replay.is_under_way else await _most(tx, unit, replay.replay_id, currencies)
    return [_of_currency(unit, sums, currency, most.get(currency, [])) for currency in currencies]


def _of_currency(
    unit: Unit, sums: Mapping[SumKey, Sum], currency: str, most: Sequence[tuple[str, Sequence[MostRow]]]
) -> Compared:
    def of(figure: str) -> Sum:
        return sums.get(SumKey(figure, "", currency), Sum())

    total, discount, gifts = of("total"), of("discount"), of("gifts")
    figures = [
        Figure(
            i18n.gettext(unit.locale, label),
            _money(unit, one.before_minor, currency),
            _money(unit, one.after_minor, currency),
            _signed(unit, one.difference_minor, currency),
            of("risen").orders + of("fallen").orders if figure == "total" else one.orders,
        )
        for figure, label in FIGURES
        if (one := of(figure)).before_minor or one.after_minor or figure in {"total", "discount"}
    ]
    return Compared(
        currency=currency,
        compared=total.orders,
        changed=of("changed").orders,
        refused=of("refused").orders,
        unlike=of("unlike").orders,
        by_hand=of("by_hand").orders,
        gifts=(gifts.before_minor, gifts.after_minor),
        total=_money(unit, total.after_minor, currency),
        change=_percent(total),
        difference=_signed(unit, total.difference_minor, currency),
        fallen=of("fallen").orders,
        risen=of("risen").orders,
        discount=_money(unit, discount.after_minor, currency),
        discount_difference=_signed(unit, discount.difference_minor, currency),
        figures=figures,
        most=most,
    )


async def _most(
    tx: ReadTx, unit: Unit, replay_id: UUID, currencies: Sequence[str]
) -> dict[str, list[tuple[str, Sequence[MostRow]]]]:
    """Return by currency, under their headings, the orders, SKUs and customers that change most."""
    fallen, risen, skus_fallen, skus_risen, people_fallen, people_risen = await tx.load(
        queries.orders_most(replay_id, currencies, is_risen=False),
        queries.orders_most(replay_id, currencies, is_risen=True),
        queries.most(replay_id, "sku", currencies, is_risen=False),
        queries.most(replay_id, "sku", currencies, is_risen=True),
        queries.most(replay_id, "customer", currencies, is_risen=False),
        queries.most(replay_id, "customer", currencies, is_risen=True),
    )
    numbers, skus, people = await tx.load(
        orders.numbers_of_orders([row.order_id for row in (*fallen, *risen)]),
        catalog.sellable_skus({row.subject for row in (*skus_fallen, *skus_risen)}),
        customers.existing({UUID(row.subject) for row in (*people_fallen, *people_risen)}),
    )
    sku_names = {code: sku.name for code, sku in skus.items()}
    names = {str(customer_id): customer.name for customer_id, customer in people.items()}
    may_orders, may_people = unit.may("orders:read"), unit.may("customers:read")

    def order_rows(found: Iterable[OrderRow], currency: str) -> list[MostRow]:
        return [_order_row(unit, row, numbers) for row in found if may_orders and row.currency == currency]

    def sku_rows(found: Iterable[Most], currency: str) -> list[MostRow]:
        return [
            _most_row(unit, row, sku_names.get(row.subject, row.subject), "", row.subject)
            for row in found
            if row.currency == currency
        ]

    def people_rows(found: Iterable[Most], currency: str) -> list[MostRow]:
        return [
            _most_row(unit, row, names.get(row.subject, ""), f"/customers/{row.subject}", "")
            for row in found
            if may_people and row.currency == currency
        ]

    return {
        currency: [
            (N_("Orders that would cost less"), order_rows(fallen, currency)),
            (N_("Orders that would cost more"), order_rows(risen, currency)),
            (N_("SKUs that would bring less"), sku_rows(skus_fallen, currency)),
            (N_("SKUs that would bring more"), sku_rows(skus_risen, currency)),
            (N_("Customers who would pay less"), people_rows(people_fallen, currency)),
            (N_("Customers who would pay more"), people_rows(people_risen, currency)),
        ]
        for currency in currencies
    }


def _order_row(unit: Unit, row: OrderRow, numbers: Mapping[Any, str]) -> MostRow:
    return MostRow(
        numbers.get(row.order_id, ""),
        f"/orders/{row.order_id}",
        "",
        1,
        _money(unit, row.before_minor, row.currency),
        _money(unit, row.after_minor, row.currency),
        _signed(unit, row.difference_minor, row.currency),
    )


def _most_row(unit: Unit, row: Most, name: str, href: str, note: str) -> MostRow:
    return MostRow(
        name,
        href,
        note,
        row.orders,
        _money(unit, row.before_minor, row.currency),
        _money(unit, row.after_minor, row.currency),
        _signed(unit, row.difference_minor, row.currency),
    )


def _money(unit: Unit, minor: int, currency: str) -> str:
    return money.format_money(minor, currency, i18n.BABEL_BY_LOCALE[unit.locale])


def _signed(unit: Unit, minor: int, currency: str) -> str:
    """Return a difference with its sign."""
    told = _money(unit, abs(minor), currency)
    return f"+{told}" if minor > 0 else f"−{told}" if minor < 0 else told


def _percent(total: Sum) -> str:
    """Return by how much a sum changes, in tenths of a percent with the sign; empty where there was nothing."""
    if not total.before_minor:
        return ""
    tenths = round(abs(total.difference_minor) * 1_000 / total.before_minor)
    sign = "" if not tenths else "+" if total.difference_minor > 0 else "−"
    return f"{sign}{tenths / 10:.1f}%"


HANDLERS: tuple[Any, ...] = (replays_page, begin, replay_page, cancel)
