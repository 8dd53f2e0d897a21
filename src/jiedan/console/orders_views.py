"""What a person makes of the list of orders: views of their own, their names, places and filters; and its columns."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base.errors import Refusal, Rejections
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.pages import Undo
from jiedan.base.web.preferences import PREFERENCE_AGE_S_MAX
from jiedan.base.web.unit import Unit
from jiedan.console import orders_asked
from jiedan.console.orders import owner_of
from jiedan.console.orders_asked import COLUMNS_AT_FIRST, COLUMNS_COOKIE
from jiedan.orders import queries, service
from jiedan.orders.rules import ranges
from jiedan.orders.service import SHARE_PERMISSION, NewView
from jiedan.orders.values.lists import Column, Layout, OrderFilter, SavedView

LISTING_CHARACTERS_MAX = 2_000
FILTERS_KEPT_BYTES_MAX = 1_500
"""Filters and layout of a view that was removed, as a cookie holds them until it can be taken back no more."""

LayoutText = Annotated[str, msgspec.Meta(max_length=1_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]


class ViewForm(forms.Form):
    """A name for the filters at hand, and how what fits is shown."""

    name: Name
    filters: Annotated[str, msgspec.Meta(max_length=8_000)]
    layout: LayoutText = "{}"
    is_shared: bool = False


class ChangeForm(forms.Form):
    """A new name for a view, whether it is shared, and filters and layout at hand where they are to be its own."""

    name: Name
    version: int
    filters: Annotated[str, msgspec.Meta(max_length=8_000)] = ""
    layout: LayoutText = ""
    is_shared: bool = False


class MoveForm(forms.Form):
    """Where a view goes among the tabs."""

    direction: Literal["left", "right"]


class ColumnsForm(forms.Form):
    """Columns that are wanted, as they stand, and the list to come back to.

    `move` is one of them and where it goes: `tags:earlier`. With `of_list` they are those of the list at hand alone,
    whose view or address says so; otherwise this person has them everywhere.
    """

    column: list[str] = msgspec.field(default_factory=list)
    move: Annotated[str, msgspec.Meta(max_length=60)] = ""
    density: Annotated[str, msgspec.Meta(max_length=20)] = ""
    of_list: bool = False
    listing: Annotated[str, msgspec.Meta(max_length=LISTING_CHARACTERS_MAX)] = ""


@post("/orders/views", permission="orders:read")
async def save_view(unit: Unit) -> Response[str]:
    """Save the filters at hand under a name."""
    form = await forms.read(unit, ViewForm)
    sent = form.value
    if sent is None:
        return pages.redirect(unit, "/orders", flash=N_("Give the view a name of at most 100 characters."), tone="warn")
    filters, layout = _filters(sent.filters), _layout(sent.layout)
    if filters is None or layout is None:
        return pages.redirect(unit, "/orders", flash=N_("These filters cannot be saved as a view."), tone="warn")
    view = NewView(sent.name, filters, sent.is_shared, layout=layout)
    saved = await unit.write(
        lambda tx: service.save_view(tx, view=view, owner_id=owner_of(unit), may_share=unit.may(SHARE_PERMISSION))
    )
    return pages.redirect(unit, f"/orders?view={saved.view_id}", flash=N_("The view was saved."))


def _filters(text: str) -> OrderFilter | None:
    """Return the filters that a form holds, None where they are none."""
    try:
        filters = msgspec.json.decode(text, type=OrderFilter)
        ranges.check(filters)
    except (msgspec.ValidationError, msgspec.DecodeError, Rejections):
        return None
    return filters


def _layout(text: str) -> Layout | None:
    """Return the layout that a form holds, None where it is none."""
    try:
        layout = msgspec.json.decode(text, type=Layout)
        ranges.check_columns(layout)
    except (msgspec.ValidationError, msgspec.DecodeError, Refusal):
        return None
    return layout


@post("/orders/views/{view_id:uuid}", permission="orders:read")
async def change_view(unit: Unit, view_id: UUID) -> Response[str]:
    """Rename a view, share it or not, and give it the filters at hand."""
    form = await forms.read(unit, ChangeForm)
    sent = form.value
    at = f"/orders?view={view_id}"
    if sent is None:
        return pages.redirect(unit, at, flash=N_("Give the view a name of at most 100 characters."), tone="warn")
    async with unit.read() as tx:
        found = await queries.view(tx, view_id, owner_id=owner_of(unit))
    filters = _filters(sent.filters) if sent.filters else found.filters
    layout = _layout(sent.layout) if sent.layout else found.layout
    if filters is None or layout is None:
        return pages.redirect(unit, at, flash=N_("These filters cannot be saved as a view."), tone="warn")
    view = NewView(sent.name, filters, sent.is_shared, found.position, layout)
    await unit.write(
        lambda tx: service.change_view(
            tx,
            view_id=view_id,
            view=view,
            owner_id=owner_of(unit),
            may_share=unit.may(SHARE_PERMISSION),
            version=sent.version,
        )
    )
    return pages.redirect(unit, at, flash=N_("The view was changed."))


@post("/orders/views/{view_id:uuid}/move", permission="orders:read")
async def move_view(unit: Unit, view_id: UUID) -> Response[str]:
    """Move a view among the tabs of its kind: the shared ones, or one's own."""
    form = await forms.read(unit, MoveForm)
    if form.value is not None:
        step = -1 if form.value.direction == "left" else 1
        await unit.write(
            lambda tx: service.move_view(
                tx, view_id=view_id, step=step, owner_id=owner_of(unit), may_share=unit.may(SHARE_PERMISSION)
            )
        )
    return pages.redirect(unit, f"/orders?view={view_id}")


@post("/orders/views/{view_id:uuid}/removal", permission="orders:read")
async def remove_view(unit: Unit, view_id: UUID) -> Response[str]:
    """Remove a view."""
    async with unit.read() as tx:
        found = await queries.view(tx, view_id, owner_id=owner_of(unit))
    await unit.write(
        lambda tx: service.remove_view(
            tx, view_id=view_id, owner_id=owner_of(unit), may_share=unit.may(SHARE_PERMISSION), version=None
        )
    )
    return pages.redirect(unit, "/orders", flash=N_("The view was removed."), undo=_way_back(found))


def _way_back(view: SavedView) -> Undo | None:
    """Return the form that saves a view again; None where it says more than a cookie holds."""
    filters = msgspec.json.encode(view.filters).decode()
    layout = msgspec.json.encode(view.layout).decode()
    if len(filters.encode()) + len(layout.encode()) > FILTERS_KEPT_BYTES_MAX:
        return None
    shared = {"is_shared": "1"} if view.is_shared else {}
    return Undo("/orders/views", {"name": view.name, "filters": filters, "layout": layout, **shared})


@post("/orders/columns", permission="orders:read")
async def choose_columns(unit: Unit) -> Response[str]:
    """Keep which columns are wanted, in which order: in this browser, or in the address of the list at hand.

    After a move the menu stands open again.
    """
    form = await forms.read(unit, ColumnsForm)
    sent = form.value if form.value is not None else ColumnsForm()
    wanted = _moved(orders_asked.in_order(".".join(sent.column)), sent.move) or COLUMNS_AT_FIRST
    listing = [(name, value) for name, value in parse_qsl(sent.listing) if name not in {"columns", "density"}]
    if sent.of_list:
        listing.append(("columns", ".".join(wanted)))
    else:
        unit.exchange.set_cookie(COLUMNS_COOKIE, ".".join(wanted), max_age_s=PREFERENCE_AGE_S_MAX)
    listing += [("density", sent.density)] if sent.density in orders_asked.DENSITIES else []
    listing += [("arrange", "1")] if sent.move else []
    return pages.redirect(unit, f"/orders?{urlencode(listing)}" if listing else "/orders")


def _moved(columns: tuple[Column, ...], move: str) -> tuple[Column, ...]:
    """Return columns with one of them a place earlier or later; one that is not among them stays away."""
    name, _, direction = move.partition(":")
    place = next((i for i, column in enumerate(columns) if column == name), None)
    if place is None:
        return columns
    rest = [*columns[:place], *columns[place + 1 :]]
    rest.insert(max(0, place - 1) if direction == "earlier" else place + 1, columns[place])
    return tuple(rest)


HANDLERS: tuple[Any, ...] = (save_view, change_view, move_view, remove_view, choose_columns)
