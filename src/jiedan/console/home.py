"""Today: the work that waits by queue, the day in figures, or 7 or 30 days, and what changed since the last visit."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import babel.dates
from litestar import Response, get

from jiedan.accounts import queries as accounts
from jiedan.base import books, dead_letters, i18n, paging
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.base.web import pages
from jiedan.base.web.preferences import PREFERENCE_AGE_S_MAX
from jiedan.base.web.unit import Unit
from jiedan.cases import queries as cases
from jiedan.cases.values import KIND_LABELS, Case
from jiedan.console import figures, home_charts, orders_rows, words
from jiedan.console.figures import Figures, Kpi
from jiedan.console.orders_rows import ShownRow
from jiedan.fulfillment import queries as fulfillment
from jiedan.fulfillment.values import Status
from jiedan.inventory import queries as stock
from jiedan.inventory.values import StockRow
from jiedan.orders import queries
from jiedan.orders.values.lists import BUILT_IN_VIEWS, EVERYTHING, LIST_NAME, OrderFilter
from jiedan.reports import queries as reports
from jiedan.reports.queries import Deeds

ROWS = 8
SEEN_COOKIE = "jd_seen"
VISIT = timedelta(minutes=30)
"""Who comes again within this time has not been away."""

COUNT_MAX = 1_000
COUNTED_LOW_MAX = 100
SEEN_PARTS = 3
SEEN_DIGITS_MAX = 15


class Queue(NamedTuple):
    """Work that waits: a label in words, how much, where it is done, and how pressing it is."""

    key: str
    label: str
    number: paging.Count
    href: str
    icon: str
    tone: str


class Seen(NamedTuple):
    """Positions in the stream of events: up to where this person had seen at the visit before, and at this one."""

    before: int
    now: int
    at: datetime


class Today(NamedTuple):
    """Everything the page shows; lists are None where the reader may not see them."""

    queues: list[Queue]
    kpis: list[Kpi]
    found: Figures
    latest: list[ShownRow]
    open_cases: Sequence[Case] | None
    low_stock: Sequence[StockRow] | None
    deeds: Sequence[Deeds]
    names: Any
    seen: Seen


@get("/home", permission="orders:read")
async def home_page(unit: Unit) -> Response[str]:
    """Show what waits, how the day goes, and what changed; alone what waits to a page that asks again."""
    if pages.wants_part(unit):
        async with unit.read() as tx:
            queues = await _queues(tx, unit)
        return pages.render(unit, "console/_queues.html", queues=queues)
    async with unit.read() as tx:
        span = home_charts.span_of(unit)
        today = await _today(tx, unit, span)
        checked = await books.last(tx) if unit.may("verify:read") else None
    cookie = f"{today.seen.before}.{today.seen.now}.{int(today.seen.at.timestamp())}"
    unit.exchange.set_cookie(SEEN_COOKIE, cookie, max_age_s=PREFERENCE_AGE_S_MAX)
    locale = i18n.BABEL_BY_LOCALE[unit.locale]
    return pages.render(
        unit,
        "console/home.html",
        today=today,
        queues=today.queues,
        listed=today,
        words=words,
        checked=checked,
        case_labels=KIND_LABELS,
        day=babel.dates.format_date(today.found.now.date(), "full", locale=locale),
        span=span,
        spans=home_charts.SPANS,
        course=home_charts.course(unit, today.found, span),
        channels=home_charts.channels(unit, today.found, span),
    )


async def _today(tx: ReadTx, unit: Unit, span: int) -> Today:
    """Read the page: some seventeen statements, however much there is."""
    found = await figures.read(tx, unit, period=home_charts.period_of(span))
    (latest_of,) = await queries.criteria_of(tx, [EVERYTHING], time_zone=unit.principal.time_zone)
    request = unit.page(LIST_NAME, filters={}, limit=ROWS)
    latest = await queries.order_rows(tx, request=request, criteria=latest_of)
    low = await _low_stock(tx, unit)
    queues = await _queues(tx, unit, low)
    open_cases = None
    if unit.may("cases:read"):
        open_cases = (await cases.cases(tx, request=unit.page("cases", filters={}, limit=ROWS))).items
    last = await reports.last_position(tx)
    seen = _seen(unit, last, tx.now)
    deeds = await reports.people_did(tx, after=seen.before, last=last, but=unit.principal.actor.id)
    names = await tx.load_one(accounts.actor_names({Actor("staff", x.staff_id) for x in deeds}))
    return Today(
        queues=queues,
        kpis=figures.strip_of_days(unit, found, span) if span > home_charts.TODAY else figures.strip_of(unit, found),
        found=found,
        latest=orders_rows.shown(unit, latest.items, now=tx.now),
        open_cases=open_cases,
        low_stock=low.items[:ROWS] if low is not None else None,
        deeds=deeds,
        names={actor.id: name for actor, name in names.items()},
        seen=seen,
    )


async def _low_stock(tx: ReadTx, unit: Unit) -> paging.Page[StockRow] | None:
    """Return what is running out, of whom may see it."""
    if not unit.may("inventory:read"):
        return None
    return await stock.low_stock(tx, request=unit.page("low-stock", filters={}, limit=COUNTED_LOW_MAX))


async def _queues(tx: ReadTx, unit: Unit, low: paging.Page[StockRow] | None = None) -> list[Queue]:
    """Return the work that waits, as far as the reader may see it: seven statements, two fewer with `low`."""
    wanted = await queries.criteria_of(tx, _ORDER_FILTERS, time_zone=unit.principal.time_zone)
    counts = await queries.order_counts(tx, wanted)
    queues = [
        Queue(x.key, i18n.gettext(unit.locale, x.label), count, x.href, x.icon, x.tone if count.value else "")
        for x, count in zip(_ORDER_QUEUES, counts, strict=True)
    ]
    queues += await _floor(tx, unit) if unit.may("fulfillment:read") else []
    if unit.may("cases:read"):
        number = sum((await cases.open_numbers(tx)).values())
        label = N_("Cases of money and goods")
        queues.append(_queue(unit, "cases", label, number, href="/cases", icon="alert", tone="warn"))
    low = low or await _low_stock(tx, unit)
    if low is not None:
        label = i18n.gettext(unit.locale, N_("Low stock"))
        low_count = paging.Count(len(low.items), low.next is not None)
        queues.append(Queue("low", label, low_count, "/stock/low", "boxes", "warn" if low.items else ""))
    if unit.may("events:read"):
        label = i18n.gettext(unit.locale, N_("Failed jobs"))
        given_up = await dead_letters.count(tx)
        tone = "bad" if given_up.value else ""
        queues.append(Queue("failed", label, given_up, "/dead-letters", "circle-alert", tone))
    return queues


class _OrderQueue(NamedTuple):
    key: str
    label: str
    filters: OrderFilter
    href: str
    icon: str
    tone: str


_ORDER_QUEUES: tuple[_OrderQueue, ...] = tuple(
    _OrderQueue(key, label, BUILT_IN_VIEWS[key].filters, f"/orders?view={key}", icon, tone)
    for key, label, icon, tone in (
        ("held", N_("On hold, to be looked at"), "pause", "warn"),
        ("unpaid", N_("To be paid"), "card", ""),
        ("waiting", N_("Waiting for stock"), "clock", "warn"),
        ("to_ship", N_("To release and ship"), "list", ""),
        ("late", N_("Late"), "clock", "bad"),
    )
)
_ORDER_FILTERS = tuple(queue.filters for queue in _ORDER_QUEUES)

_FLOOR: tuple[tuple[Status, tuple[Status, ...], str, str], ...] = (
    ("released", ("released", "picking"), N_("To pick"), "boxes"),
    ("picked", ("picked",), N_("To pack"), "package"),
    ("packed", ("packed",), N_("To hand to the carrier"), "truck"),
    ("ready", ("ready",), N_("Ready for collection"), "key"),
)


async def _floor(tx: ReadTx, unit: Unit) -> list[Queue]:
    """Return what waits at each step of getting goods out."""
    numbers = await fulfillment.status_counts(tx)
    return [
        _queue(unit, key, label, sum(numbers.get(x, 0) for x in counted), href=f"/fulfillment?status={key}", icon=icon)
        for key, counted, label, icon in _FLOOR
    ]


def _queue(unit: Unit, key: str, label: str, number: int, *, href: str, icon: str, tone: str = "") -> Queue:
    """Return a queue of so many, counted up to `COUNT_MAX`; what is empty presses nobody."""
    count = paging.Count(min(number, COUNT_MAX), number >= COUNT_MAX)
    return Queue(key, i18n.gettext(unit.locale, label), count, href, icon, tone if number else "")


def _seen(unit: Unit, last: int, now: datetime) -> Seen:
    """Return up to where this person had seen; who was away for `VISIT` begins another visit."""
    parts = unit.exchange.cookies.get(SEEN_COOKIE, "").split(".")
    if len(parts) != SEEN_PARTS or not all(x.isascii() and x.isdigit() and len(x) <= SEEN_DIGITS_MAX for x in parts):
        return Seen(last, last, now)
    before, present, at_s = (int(part) for part in parts)
    is_same_visit = now.timestamp() - at_s < VISIT.total_seconds()
    return Seen(before if is_same_visit else present, last, now)


HANDLERS: tuple[Any, ...] = (home_page,)
