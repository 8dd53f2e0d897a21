"""Where a list begins to look: the one of its filters that fewest orders fit, read by index, newest first.

Row-level security lets only plain comparisons into index conditions, so every filter is a term, a pair of statuses, a
customer, one of the staff or a moment. Candidates come from one of them, at most `LOOKED_AT_MAX` a page; the others are
looked up by key for each candidate. A word is many terms, each in order of its own: those of one that few orders have
are sorted by moment, at most `WORD_ROWS_MAX` of them; so are late orders, at most `LATE_ROWS_MAX`. So a page costs the
same however many orders there are.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from jiedan.base.db import ReadTx
from jiedan.orders.rules.finding import MAY_BE_LATE, Criteria
from jiedan.orders.tables import Order, OrderTerm, OrderWording
from jiedan.orders.values import UNDELIVERED
from jiedan.orders.values.lists import LATE_ROWS_MAX, LOOKED_AT_MAX, WORD_ROWS_MAX

Select = sa.Select[*tuple[Any, ...]]
Conditions = list[sa.ColumnElement[bool]]
Columns = Sequence[Any]


class Source(NamedTuple):
    """One filter that candidates can come from: `kind` and which one of that kind.

    Kinds: `word` (a range of terms), `term`, `customer`, `assignee`, `late`, `fulfillments`, `payments`, `placed` (all
    orders).
    """

    kind: str
    place: int = 0


PLACED = Source("placed")

_SORTED = frozenset({"word", "late"})
"""Sources that do not come in the order of the list."""


def sources(criteria: Criteria) -> list[Source]:
    """Return the filters that candidates can come from, those that usually narrow most first."""
    found = [Source("word", i) for i in range(len(criteria.words))]
    found += [Source("term", i) for i in range(len(criteria.terms))]
    if criteria.customer_ids:
        found.append(Source("customer"))
    if criteria.assignee_id is not None:
        found.append(Source("assignee"))
    if criteria.late:
        found.append(Source("late"))
    if criteria.fulfillments is not None:
        found.append(Source("fulfillments"))
    if criteria.payments is not None:
        found.append(Source("payments"))
    return found or [PLACED]


async def rarest(tx: ReadTx, criteria: Criteria) -> Source:
    """Return the source with fewest orders; words and late orders are one only if rare. One statement, or none.

    Where every word is common, candidates are the orders by moment: then few of them need to be looked at. How many
    orders another filter has is not counted beyond `LOOKED_AT_MAX`: any of those that is a source narrows more.
    """
    found = sources(criteria)
    if len(found) == 1 and found[0].kind not in _SORTED:
        return found[0]
    counts = (await tx.execute(sa.select(*(_size(tx, criteria, source) for source in found)))).one()
    sized = [
        (LATE_ROWS_MAX + 1 if source.kind not in _SORTED and count > LOOKED_AT_MAX else count, i)
        for i, (source, count) in enumerate(zip(found, counts, strict=True))
        if source.kind not in _SORTED or count <= _rows_max(criteria, source)
    ]
    return found[min(sized)[1]] if sized else PLACED


def _size(tx: ReadTx, criteria: Criteria, source: Source) -> Any:
    limit = _rows_max(criteria, source) if source.kind in _SORTED else LOOKED_AT_MAX
    limited = candidates(tx, criteria, source, limit=limit + 1).subquery()
    return sa.select(sa.func.count()).select_from(limited).scalar_subquery()


def _rows_max(criteria: Criteria, source: Source) -> int:
    """Return how many rows a source may have that has to be sorted: terms that a word begins, or late orders."""
    return LATE_ROWS_MAX if source.kind == "late" else WORD_ROWS_MAX // len(criteria.words)


class Place(NamedTuple):
    """Where in the list candidates begin: beyond `position`, newest first or, going back, oldest first."""

    position: tuple[Any, ...] | None
    falling: bool

    def beyond(self, columns: Columns) -> Conditions:
        """Return the condition that a row lies beyond the position."""
        if self.position is None:
            return []
        values = (sa.bindparam(None, x, type_=c.type) for c, x in zip(columns, self.position, strict=True))
        here, there = sa.tuple_(*columns), sa.tuple_(*values)
        return [here < there if self.falling else here > there]

    def ordered(self, columns: Columns) -> list[Any]:
        """Return the order of the list."""
        return [column.desc() if self.falling else column.asc() for column in columns]


def candidates(tx: ReadTx, criteria: Criteria, source: Source, *, limit: int, place: Place | None = None) -> Select:
    """Return `placed_at, order_id` of `limit` orders that fit one filter and the days, in the order of the list.

    Without a place they come in any order: enough to count them. Of words, the rows of terms are limited first, so an
    order may count twice there.
    """
    if source.kind in {"fulfillments", "payments"}:
        pairs = criteria.fulfillments if source.kind == "fulfillments" else criteria.payments
        column = Order.fulfillment_status if source.kind == "fulfillments" else Order.payment_status
        branches = [
            _orders(tx, criteria, [Order.lifecycle == lifecycle, column == status], limit, place)
            for lifecycle, status in sorted(pairs or ())
        ]
        return _merged(branches, limit, place)
    if source.kind == "word":
        start, end = criteria.words[source.place]
        found = _terms(tx, criteria, [OrderTerm.term >= start, OrderTerm.term < end], place).distinct()
        if place is not None:
            return _cut(found, (OrderTerm.placed_at, OrderTerm.order_id), limit, place)
        rows = _terms(tx, criteria, [OrderTerm.term >= start, OrderTerm.term < end], place).limit(limit).subquery()
        return sa.select(rows.c.placed_at, rows.c.order_id)
    if source.kind == "term":
        found = _terms(tx, criteria, [OrderTerm.term == criteria.terms[source.place]], place)
        return _cut(found, (OrderTerm.placed_at, OrderTerm.order_id), limit, place)
    if source.kind == "customer":
        whose = [_orders(tx, criteria, [Order.customer_id == x], limit, place) for x in criteria.customer_ids]
        return _merged(whose, limit, place)
    if source.kind == "assignee":
        return _orders(tx, criteria, [Order.assignee_id == criteria.assignee_id], limit, place)
    if source.kind == "late":
        return _late(tx, criteria, limit, place)
    return _orders(tx, criteria, [], limit, place)


def _late(tx: ReadTx, criteria: Criteria, limit: int, place: Place | None) -> Select:
    """Return late orders. Those of a page are all read before they are sorted.

    Without that limit the planner walks over all that is not late yet, expecting to meet late ones soon.
    """
    if place is None:
        return _orders(tx, criteria, [_is_late(criteria)], limit, place)
    columns = (Order.placed_at, Order.order_id)
    statement = sa.select(*columns).where(Order.tenant_id == tx.tenant, _is_late(criteria))
    rows = _placed(statement, criteria, columns, place).limit(LATE_ROWS_MAX).subquery()
    found = (rows.c.placed_at, rows.c.order_id)
    return _cut(sa.select(*found), found, limit, place)


def _merged(branches: Sequence[Select], limit: int, place: Place | None) -> Select:
    """Return `limit` rows of several branches that have none in common.

    Each is read in order by its index and limited: the planner does not merge them under the policy.
    """
    if len(branches) == 1:
        return branches[0]
    union = sa.union_all(*(sa.select(branch.subquery()) for branch in branches)).subquery()
    return _cut(sa.select(union.c.placed_at, union.c.order_id), (union.c.placed_at, union.c.order_id), limit, place)


def _orders(tx: ReadTx, criteria: Criteria, conditions: Conditions, limit: int, place: Place | None) -> Select:
    columns = (Order.placed_at, Order.order_id)
    statement = sa.select(*columns).where(Order.tenant_id == tx.tenant, *conditions)
    return _cut(_placed(statement, criteria, columns, place), columns, limit, place)


def _terms(tx: ReadTx, criteria: Criteria, conditions: Conditions, place: Place | None) -> Select:
    columns = (OrderTerm.placed_at, OrderTerm.order_id)
    statement = sa.select(*columns).where(OrderTerm.tenant_id == tx.tenant, *conditions)
    return _placed(statement, criteria, columns, place)


def _placed(statement: Any, criteria: Criteria, columns: Columns, place: Place | None) -> Select:
    if criteria.placed_from is not None:
        statement = statement.where(columns[0] >= criteria.placed_from)
    if criteria.placed_before is not None:
        statement = statement.where(columns[0] < criteria.placed_before)
    if place is not None:
        statement = statement.where(*place.beyond(columns))
    found: Select = statement
    return found


def _cut(statement: Any, columns: Columns, limit: int, place: Place | None) -> Select:
    found: Select = statement if place is None else statement.order_by(*place.ordered(columns))
    return found.limit(limit)


def fitting(tx: ReadTx, looked_at: Any, conditions: Conditions, *columns: Any) -> Any:
    """Return the order of each row of `looked_at`, when it meets `conditions`, to be joined laterally.

    Its limit keeps the planner from turning the look-up around: it happens by key, once for each candidate.
    """
    return (
        sa.select(Order.order_id, *columns)
        .where(Order.tenant_id == tx.tenant, Order.order_id == looked_at.c.order_id, *conditions)
        .limit(1)
        .lateral("o")
    )


def others(tx: ReadTx, criteria: Criteria, source: Source) -> Conditions:
    """Return the conditions that candidates from `source` still have to meet; the days are met already."""
    found: Conditions = [_has_word(tx, start) for i, (start, _) in enumerate(criteria.words) if source != ("word", i)]
    found += [_has_term(tx, term) for i, term in enumerate(criteria.terms) if source != ("term", i)]
    found += [sa.not_(_has_term(tx, term)) for term in criteria.without]
    if criteria.customer_ids and source.kind != "customer":
        found.append(Order.customer_id.in_(criteria.customer_ids))
    if criteria.assignee_id is not None and source.kind != "assignee":
        found.append(Order.assignee_id == criteria.assignee_id)
    if criteria.is_assigned is False:
        found.append(Order.assignee_id.is_(None))
    if criteria.late is not None and source.kind != "late":
        found.append(_is_late(criteria) if criteria.late else sa.not_(_is_late(criteria)))
    if criteria.fulfillments is not None and source.kind != "fulfillments" and not _says_late(criteria, source):
        found.append(_one_of(Order.fulfillment_status, criteria.fulfillments))
    if criteria.payments is not None and source.kind != "payments":
        found.append(_one_of(Order.payment_status, criteria.payments))
    if criteria.currency is not None:
        found.append(Order.currency == criteria.currency)
    if criteria.total_min is not None:
        found.append(Order.total_minor >= criteria.total_min)
    if criteria.total_max is not None:
        found.append(Order.total_minor <= criteria.total_max)
    return found


def _has_word(tx: ReadTx, start: str) -> sa.ColumnElement[bool]:
    """Return the condition that some term of the order begins with `start`: a line of its wording does."""
    return sa.exists().where(
        OrderWording.tenant_id == tx.tenant,
        OrderWording.order_id == Order.order_id,
        sa.func.strpos(OrderWording.terms, f"\n{start}") > 0,
    )


def _has_term(tx: ReadTx, term: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        OrderTerm.tenant_id == tx.tenant,
        OrderTerm.term == term,
        OrderTerm.placed_at == Order.placed_at,
        OrderTerm.order_id == Order.order_id,
    )


def _one_of(column: Any, pairs: frozenset[tuple[Any, Any]]) -> sa.ColumnElement[bool]:
    """Return the condition that lifecycle and `column` are one of `pairs`."""
    by_lifecycle: dict[str, list[str]] = {}
    for lifecycle, status in sorted(pairs):
        by_lifecycle.setdefault(lifecycle, []).append(status)
    return sa.or_(*(sa.and_(Order.lifecycle == x, column.in_(y)) for x, y in by_lifecycle.items()))


def _is_late(criteria: Criteria) -> sa.ColumnElement[bool]:
    """Return the condition that an order is late, never unknown. Its words are those of the index that finds it."""
    return sa.and_(
        Order.promised_p90_on.is_not(None),
        Order.lifecycle == sa.literal_column("'open'"),
        Order.fulfillment_status.in_([sa.literal_column(f"'{status}'") for status in UNDELIVERED]),
        Order.promised_p90_on < criteria.today,
    )


def _says_late(criteria: Criteria, source: Source) -> bool:
    """Tell whether a late order has one of the statuses asked for, whatever they are."""
    return source.kind == "late" and criteria.fulfillments == MAY_BE_LATE.fulfillments
