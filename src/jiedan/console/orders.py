"""The list of orders: views as tabs, search and filters by address, and what can be done to many at once."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n, money, paging
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal, Rejections
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.unit import Unit
from jiedan.console import words
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.orders import queries, service
from jiedan.orders.rules import ranges
from jiedan.orders.service import NewView
from jiedan.orders.values import (
    DRAFTS_PER_BATCH_MAX,
    REASON_CHARS_MAX,
    CancelRequest,
    HoldRequest,
)
from jiedan.orders.values.lists import (
    BUILT_IN_VIEWS,
    LIST_NAME,
    OrderFilter,
    OrderRow,
    SavedView,
    given,
)

ROWS = 50
DEFAULT_VIEW = "all"
SHARE_PERMISSION = service.SHARE_PERMISSION

_AMOUNTS = frozenset({"total_min", "total_max"})
_SEVERAL = frozenset({"lifecycle", "payment", "fulfillment"})
_FIELDS = frozenset(OrderFilter.__struct_fields__)

Reason = Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX)]


class Tab(NamedTuple):
    """A view above the list."""

    key: str
    label: str
    number: paging.Count
    is_current: bool
    saved: SavedView | None


class Listed(NamedTuple):
    """Everything the list shows."""

    tabs: list[Tab]
    page: paging.Page[OrderRow]
    number: paging.Count
    locations: tuple[Location, ...]


class Asked(NamedTuple):
    """What the address asks for: a view, filters of one's own, and what was wrong with them, by field."""

    view: str
    own: dict[str, Any]
    typed: Mapping[str, str]
    problems: dict[str, str]

    def error(self, name: str) -> str:
        """Return what is wrong with `name`, or an empty text."""
        return self.problems.get(name, "")


class BulkForm(forms.Form):
    """Something to be done to the orders that were ticked."""

    action: str
    order_ids: Annotated[list[UUID], msgspec.Meta(max_length=DRAFTS_PER_BATCH_MAX)] = msgspec.field(
        default_factory=list
    )
    reason: Reason = ""
    hold_kind: bodies.Code = "manual"


class ViewForm(forms.Form):
    """A name for the filters at hand."""

    name: Annotated[str, msgspec.Meta(max_length=100)]
    filters: Annotated[str, msgspec.Meta(max_length=8_000)]
    is_shared: bool = False


@get("/orders", permission="orders:read")
async def orders_page(unit: Unit) -> Response[str]:
    """Show the orders that fit."""
    asked = _asked(unit)
    async with unit.read() as tx:
        listed, filters = await _listed(tx, unit, asked)
    return pages.render(
        unit,
        "console/orders.html",
        status=422 if asked.problems else 200,
        words=words,
        listed=listed,
        asked=asked,
        chips=_chips(unit, asked),
        filters_json=msgspec.json.encode(filters).decode(),
        currency=unit.principal.currency,
    )


def _asked(unit: Unit) -> Asked:
    """Read view and filters from the address; what is wrong is told above the list, and not filtered by."""
    typed: dict[str, str] = {}
    own: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in unit.request.query_params.multi_items():
        text = value.strip()
        if not text or name not in _FIELDS:
            continue
        typed[name] = text
        try:
            own[name] = _field(name, text, unit.principal.currency)
        except (msgspec.ValidationError, ValueError):
            problems[name] = i18n.translate(unit.locale, N_("“{text}” cannot be looked for."), text=text)
    return Asked(unit.request.query_params.get("view") or DEFAULT_VIEW, own, typed, problems)


def _field(name: str, text: str, currency: str) -> Any:
    """Return one filter as JSON has it. Raises ValidationError or ValueError."""
    value: Any = money.parse_amount(text, currency) if name in _AMOUNTS else text
    made = msgspec.convert({name: [value] if name in _SEVERAL else value}, OrderFilter, strict=False)
    return msgspec.to_builtins(getattr(made, name))


async def _listed(tx: ReadTx, unit: Unit, asked: Asked) -> tuple[Listed, OrderFilter]:
    """Read the list: six statements, whatever is asked and however many views there are."""
    saved = await queries.views(tx, owner_id=owner_of(unit))
    by_key: dict[str, OrderFilter] = {key: view.filters for key, view in BUILT_IN_VIEWS.items()}
    by_key |= {str(view.view_id): view.filters for view in saved}
    key = asked.view if asked.view in by_key else DEFAULT_VIEW
    filters = _without_reversed(unit, by_key[key], asked)
    locations = await tx.load_one(stock.locations())
    criteria = await queries.criteria_of(
        tx, [filters, *by_key.values()], time_zone=unit.principal.time_zone, locations=locations
    )
    count, *counts = await queries.order_counts(tx, criteria)
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page(LIST_NAME, filters=given(filters), limit=ROWS, cursor=cursor)
    page = await queries.order_rows(tx, request=request, criteria=criteria[0])
    saved_by_key = {str(view.view_id): view for view in saved}
    tabs = [
        Tab(x, _label(unit, x, saved_by_key.get(x)), number, x == key, saved_by_key.get(x))
        for x, number in zip(by_key, counts, strict=True)
    ]
    return Listed(tabs, page, count, locations), filters


def _without_reversed(unit: Unit, view: OrderFilter, asked: Asked) -> OrderFilter:
    """Return what is filtered by: ranges of one's own that nothing fits are told at their field, and taken away."""
    filters = msgspec.convert({**given(view), **asked.own}, OrderFilter)
    refused = {refusal.field: refusal for refusal in ranges.refusals(filters)}
    for begins, ends in ranges.PAIRS:
        refusal = refused.get(begins)
        if refusal is None:
            continue
        if begins in _AMOUNTS:
            refusal.first, refusal.last = (
                money.format_money(int(minor), unit.principal.currency, unit.locale)
                for minor in (refusal.first, refusal.last)
            )
        asked.problems[begins] = i18n.say(unit.locale, refusal)
        for name in (begins, ends):
            asked.own.pop(name, None)
    return msgspec.convert({**given(view), **asked.own}, OrderFilter)


def _label(unit: Unit, key: str, saved: SavedView | None) -> str:
    return saved.name if saved is not None else i18n.gettext(unit.locale, BUILT_IN_VIEWS[key].label)


def owner_of(unit: Unit) -> UUID:
    """Return whose views are one's own."""
    return UUID(unit.principal.actor.id)


_CHIPS: Mapping[str, str] = {
    "lifecycle": N_("State"),
    "payment": N_("Payment"),
    "fulfillment": N_("Fulfillment"),
    "status": N_("Status"),
    "customer_status": N_("Customer sees"),
    "channel": N_("Channel"),
    "customer_id": N_("Customer"),
    "sku": N_("SKU"),
    "tag": N_("Tag"),
    "hold": N_("Hold"),
    "held": N_("On hold"),
    "waiting": N_("Waiting"),
    "late": N_("Late"),
    "location": N_("Location"),
    "period": N_("Placed"),
    "placed_from": N_("From"),
    "placed_to": N_("To"),
    "currency": N_("Currency"),
    "total_min": N_("At least"),
    "total_max": N_("At most"),
}
_SIGNS: Mapping[str, Mapping[str, words.Sign]] = {
    "lifecycle": words.LIFECYCLES,
    "payment": words.PAYMENTS,
    "fulfillment": words.FULFILLMENTS,
    "status": words.SHOWN,
}
_LABELS: Mapping[str, Mapping[str, str]] = {
    "period": words.PERIODS,
    "channel": words.CHANNELS,
    "hold": words.HOLDS,
    "held": {"true": N_("yes"), "false": N_("no")},
    "waiting": {"true": N_("yes"), "false": N_("no")},
    "late": {"true": N_("yes"), "false": N_("no")},
}


def _chips(unit: Unit, asked: Asked) -> list[tuple[str, str, str]]:
    """Return what is filtered by, to be taken away one by one: (parameter, label, value)."""
    chips = []
    for name in asked.own:
        if name not in _CHIPS:
            continue
        text = asked.typed[name]
        signs = _SIGNS.get(name, {})
        shown = signs[text].label if text in signs else _LABELS.get(name, {}).get(text, text)
        chips.append((name, i18n.gettext(unit.locale, _CHIPS[name]), i18n.gettext(unit.locale, shown)))
    return chips


@post("/orders/bulk", permission="orders:read")
async def change_many(unit: Unit) -> Response[str]:
    """Cancel or hold the orders that were ticked, and show what became of each."""
    form = await forms.read(unit, BulkForm)
    sent = form.value
    if sent is None or not sent.order_ids or sent.action not in {"cancel", "hold"}:
        return pages.redirect(
            unit, "/orders", flash=N_("Tick the orders first, then choose what to do with them."), tone="warn"
        )
    reason = sent.reason or ("customer_request" if sent.action == "cancel" else "manual")
    if sent.action == "cancel":
        unit.require("orders:cancel")
        cancels = [CancelRequest(order_id, reason) for order_id in sent.order_ids]
        outcomes: list[Any] = list(await unit.write(lambda tx: service.cancel_orders(tx, requests=cancels)))
    else:
        unit.require("orders:hold")
        holds = [HoldRequest(order_id, sent.hold_kind, reason) for order_id in sent.order_ids]
        outcomes = list(await unit.write(lambda tx: service.place_holds(tx, requests=holds)))
    async with unit.read() as tx:
        found = await queries.orders(tx, sent.order_ids)
    rows = [
        (order_id, found.get(order_id), i18n.say(unit.locale, outcome) if isinstance(outcome, Refusal) else "")  # type: ignore[call-overload]  # any id may be asked for
        for order_id, outcome in zip(sent.order_ids, outcomes, strict=True)
    ]
    return pages.render(unit, "console/orders_changed.html", rows=rows, action=sent.action, words=words)


@post("/orders/views", permission="orders:read")
async def save_view(unit: Unit) -> Response[str]:
    """Save the filters at hand under a name."""
    form = await forms.read(unit, ViewForm)
    sent = form.value
    if sent is None:
        return pages.redirect(unit, "/orders", flash=N_("Give the view a name of at most 100 characters."), tone="warn")
    try:
        filters = msgspec.json.decode(sent.filters, type=OrderFilter)
        ranges.check(filters)
    except (msgspec.ValidationError, msgspec.DecodeError, Rejections):
        return pages.redirect(unit, "/orders", flash=N_("These filters cannot be saved as a view."), tone="warn")
    view = NewView(sent.name, filters, sent.is_shared)
    saved = await unit.write(
        lambda tx: service.save_view(tx, view=view, owner_id=owner_of(unit), may_share=unit.may(SHARE_PERMISSION))
    )
    return pages.redirect(unit, f"/orders?view={saved.view_id}", flash=N_("The view was saved."))


@post("/orders/views/{view_id:uuid}/removal", permission="orders:read")
async def remove_view(unit: Unit, view_id: UUID) -> Response[str]:
    """Remove a view."""
    await unit.write(
        lambda tx: service.remove_view(
            tx, view_id=view_id, owner_id=owner_of(unit), may_share=unit.may(SHARE_PERMISSION), version=None
        )
    )
    return pages.redirect(unit, "/orders", flash=N_("The view was removed."))


HANDLERS: tuple[Any, ...] = (orders_page, change_many, save_view, remove_view)
