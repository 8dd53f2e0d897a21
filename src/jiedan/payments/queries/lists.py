"""Lists of payments and of refunds: keyset pages, newest first, by any filters at once, and sums of what fits."""

import contextlib
from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import ids, paging, terms
from jiedan.base.db import ReadTx
from jiedan.orders.tables import Order
from jiedan.payments import tables
from jiedan.payments.queries.stored import COLUMNS, as_payment
from jiedan.payments.rules.finding import FOUND_MAX, LOOKED_AT_MAX, SUMMED_MAX, Criteria, Refund, What
from jiedan.payments.values import Payment

_P = tables.Payment
_O = tables.PaymentOperation

EVERYTHING = Criteria()


class Sought(NamedTuple):
    """What a list asks for; `among` are the payments that its text found, None where there is none."""

    criteria: Criteria = EVERYTHING
    among: tuple[UUID, ...] | None = None


UNFILTERED = Sought()


class Summed(NamedTuple):
    """What payments, or refunds, in one state come to; `kept_minor` is what of payments came and did not go back."""

    state: str
    currency: str
    number: int
    amount_minor: int
    kept_minor: int


class Totals(NamedTuple):
    """Sums by state and currency; when `is_capped`, only of the newest that a list has looked at."""

    rows: tuple[Summed, ...]
    is_capped: bool


class OrderName(NamedTuple):
    """The order that money is for, as a list names it."""

    number: str
    contact_name: str


class _Source(NamedTuple):
    """Where rows come from: their columns, when they came, what makes them distinct, and how they are filtered."""

    columns: tuple[Any, ...]
    keyset: paging.Keyset
    state: Any
    amount: Any
    kept: Any
    start: Any
    has_index_by_state: bool


_PAYMENTS = _Source(
    columns=COLUMNS,
    keyset=paging.Keyset((_P.created_at, _P.payment_id), descending=True),
    state=_P.state,
    amount=_P.amount_minor,
    kept=_P.captured_minor + _P.adjusted_minor - _P.refunded_minor - _P.charged_back_minor,
    start=sa.true(),
    has_index_by_state=True,
)

_REFUNDS = _Source(
    columns=(
        _O.operation_id,
        _O.payment_id,
        _P.order_id,
        _P.provider,
        _P.method,
        _P.currency,
        _O.amount_minor,
        _O.state,
        _O.provider_ref,
        _O.reason,
        _O.failure,
        _O.to_wallet,
        _O.requested_at,
        _O.settled_at,
    ),
    keyset=paging.Keyset((_O.requested_at, _O.operation_id), descending=True),
    state=_O.state,
    amount=_O.amount_minor,
    kept=sa.literal(0),
    start=sa.and_(_O.kind == "refund", _P.tenant_id == _O.tenant_id, _P.payment_id == _O.payment_id),
    has_index_by_state=False,
)

_SOURCES: dict[What, _Source] = {"payments": _PAYMENTS, "refunds": _REFUNDS}


async def sought(tx: ReadTx, criteria: Criteria) -> Sought:
    """Return what a list has to look for: where there is a text, among the payments that it finds. One statement.

    It may begin a reference or the number of an order, or be the id of a payment.
    """
    if not criteria.text:
        return Sought(criteria)
    found = sa.union(*(sa.select(x.c.payment_id) for x in _beginning_with(tx, criteria.text)))
    rows = (await tx.execute(found)).all()
    among = {row.payment_id for row in rows}
    with contextlib.suppress(ValueError):
        among.add(UUID(criteria.text))
    return Sought(criteria, tuple(ids.in_order(among)))


def _beginning_with(tx: ReadTx, text: str) -> list[Any]:
    """Return statements of the payments whose reference, whose operation's, or whose order's number begins so."""
    start, end = terms.prefix_range(text)
    first, last = terms.prefix_range(text.upper())
    referred = [
        sa.select(column.class_.payment_id)
        .where(column.class_.tenant_id == tx.tenant, column != "", column >= start, column < end)
        .limit(FOUND_MAX)
        .subquery()
        for column in (_P.provider_ref, _O.provider_ref)
    ]
    numbered = (
        sa.select(Order.order_id)
        .where(Order.tenant_id == tx.tenant, Order.number >= first, Order.number < last)
        .limit(FOUND_MAX)
        .subquery()
    )
    of_orders = (
        sa.select(_P.payment_id)
        .join(numbered, numbered.c.order_id == _P.order_id)
        .where(_P.tenant_id == tx.tenant)
        .limit(FOUND_MAX)
        .subquery()
    )
    return [*referred, of_orders]


async def payment_list(tx: ReadTx, *, request: paging.Request, wanted: Sought = UNFILTERED) -> paging.Page[Payment]:
    """Return a page of payments, newest first. One statement.

    A page looks at `LOOKED_AT_MAX` payments at most; when few of them fit, it is short and has a next page.
    """
    width = len(COLUMNS)
    return await _page(tx, request, wanted, _PAYMENTS, make=lambda row: as_payment(tuple(row)[:width]))


async def refund_list(tx: ReadTx, *, request: paging.Request, wanted: Sought = UNFILTERED) -> paging.Page[Refund]:
    """Return a page of refunds, newest first, in the same way as payments. One statement."""
    width = len(Refund._fields)
    return await _page(tx, request, wanted, _REFUNDS, make=lambda row: Refund(*tuple(row)[:width]))


async def totals(tx: ReadTx, *, what: What, wanted: Sought = UNFILTERED) -> Totals:
    """Return what fits, summed by state and currency, of the newest `SUMMED_MAX`. One statement."""
    if wanted.among == ():
        return Totals((), is_capped=False)
    source = _SOURCES[what]
    sure, others = _conditions(tx, wanted, source)
    looked_at = (
        sa.select(
            source.state.label("state"),
            _P.currency.label("currency"),
            source.amount.label("amount"),
            source.kept.label("kept"),
            sa.and_(sa.true(), *others).label("fits"),
        )
        .where(*sure)
        .order_by(*(column.desc() for column in source.keyset.columns))
        .limit(SUMMED_MAX)
        .subquery()
    )
    fits = looked_at.c.fits
    rows = await tx.execute(
        sa.select(
            looked_at.c.state,
            looked_at.c.currency,
            sa.func.count().filter(fits).label("number"),
            sa.func.coalesce(sa.func.sum(looked_at.c.amount).filter(fits), 0).label("amount"),
            sa.func.coalesce(sa.func.sum(looked_at.c.kept).filter(fits), 0).label("kept"),
            sa.func.count().label("looked_at"),
        ).group_by(looked_at.c.state, looked_at.c.currency)
    )
    found = rows.all()
    summed = [Summed(x.state, x.currency, x.number, int(x.amount), int(x.kept)) for x in found if x.number]
    return Totals(tuple(sorted(summed)), is_capped=sum(x.looked_at for x in found) >= SUMMED_MAX)


async def named_orders(tx: ReadTx, order_ids: Collection[UUID | None]) -> dict[UUID, OrderName]:
    """Return how lists name orders, by id; unknown ids, and None, are absent. No statement without orders."""
    known = ids.in_order({order_id for order_id in order_ids if order_id is not None})
    if not known:
        return {}
    statement = sa.select(Order.order_id, Order.number, Order.contact_name)
    rows = await tx.execute(statement.where(Order.tenant_id == tx.tenant, Order.order_id.in_(known)))
    return {row.order_id: OrderName(row.number, row.contact_name) for row in rows}


async def order_numbered(tx: ReadTx, number: str) -> UUID | None:
    """Return the id of the order with a number, however its letters are written; None where there is none."""
    written = {number.strip(), number.strip().upper()}
    rows = await tx.execute(sa.select(Order.order_id).where(Order.tenant_id == tx.tenant, Order.number.in_(written)))
    return next((row.order_id for row in rows), None)


def _conditions(tx: ReadTx, wanted: Sought, source: _Source) -> tuple[list[Any], list[Any]]:
    """Return by what rows are found through an index, and by what those that were found are filtered."""
    criteria, column = wanted.criteria, source.keyset.columns[0]
    tables_of = (_P,) if source is _PAYMENTS else (_O, _P)
    sure = [*(table.tenant_id == tx.tenant for table in tables_of), source.start]
    if criteria.since is not None:
        sure.append(column >= criteria.since)
    if criteria.until is not None:
        sure.append(column < criteria.until)
    others: list[Any] = []
    if criteria.states:
        by_index = source.has_index_by_state and len(criteria.states) == 1
        (sure if by_index else others).append(source.state.in_(criteria.states))
    if criteria.methods:
        others.append(_P.method.in_(criteria.methods))
    if criteria.provider is not None:
        others.append(_P.provider == criteria.provider)
    if criteria.currency is not None:
        others.append(_P.currency == criteria.currency)
    if criteria.amount_min is not None:
        others.append(source.amount >= criteria.amount_min)
    if criteria.amount_max is not None:
        others.append(source.amount <= criteria.amount_max)
    if wanted.among is not None:
        return [*sure, _P.payment_id.in_(wanted.among), *others], []
    return sure, others


async def _page(tx: ReadTx, request: paging.Request, wanted: Sought, source: _Source, *, make: Any) -> paging.Page[Any]:
    if wanted.among == ():
        return request.nothing()
    sure, others = _conditions(tx, wanted, source)
    first, second = (str(column.key) for column in source.keyset.columns)

    def position(row: Any) -> paging.Position:
        return (getattr(row, first), getattr(row, second))

    found = source.keyset.apply(sa.select(*source.columns).where(*sure), request)
    if not others:
        return source.keyset.page((await tx.execute(found)).all(), request, make=make, position=position)
    fits = sa.and_(*others).label("fits")
    looked_at = found.add_columns(fits).limit(LOOKED_AT_MAX).subquery()
    here = (looked_at.c[first], looked_at.c[second])
    falling = [column.asc() if request.backwards else column.desc() for column in here]
    numbered = sa.select(looked_at, sa.func.row_number().over(order_by=falling).label("place")).subquery()
    statement = (
        sa.select(numbered)
        .where(sa.or_(numbered.c.fits, numbered.c.place == LOOKED_AT_MAX))
        .order_by(numbered.c.place)
        .limit(request.limit + 1)
    )
    rows = (await tx.execute(statement)).all()
    fitting = [row for row in rows if row.fits]
    page = source.keyset.page(fitting, request, make=make, position=position)
    # The last one looked at is returned even if it does not fit: the next page goes on there.
    end = rows[-1] if rows and len(rows) <= request.limit and rows[-1].place == LOOKED_AT_MAX else None
    return page if end is None else _going_on(page, request, position(end))


def _going_on(page: paging.Page[Any], request: paging.Request, end: paging.Position) -> paging.Page[Any]:
    """Return a short page with the way to what was not looked at yet."""
    beyond = request.sealed(end, backwards=request.backwards)
    behind = None
    if request.position is not None:
        here = page.next if request.backwards else page.previous
        behind = here if page.items else request.sealed(request.position, backwards=not request.backwards)
    return paging.Page(page.items, behind, beyond) if request.backwards else paging.Page(page.items, beyond, behind)
