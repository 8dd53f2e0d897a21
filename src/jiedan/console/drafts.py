"""Drafts: orders that staff are writing, to be resumed, placed or thrown away."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import i18n, paging
from jiedan.base.errors import NotFound, Refusal, reasons_of
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Form
from jiedan.base.web.pages import Undo
from jiedan.base.web.unit import Unit
from jiedan.console import new_order, new_order_paying, words
from jiedan.orders import queries, service
from jiedan.orders.values import NewOrder, SavedDraft

ROWS = 50
CODES_MAX = 4
"""SKUs that a row of the list names."""


class DraftForm(Form):
    """Which version of the draft somebody has seen."""

    version: bodies.Version


class ShownDraft(NamedTuple):
    """A draft as the list shows it, and who wrote it last."""

    draft: SavedDraft
    name: str
    codes: list[str]
    lines: int
    by: str


@get("/orders/drafts", permission="orders:read")
async def drafts_page(unit: Unit) -> Response[str]:
    """Show the drafts that are not orders yet, last changed first."""
    cursor = unit.request.query_params.get("cursor") or None
    async with unit.read() as tx:
        page = await queries.open_drafts(tx, request=unit.page("console-drafts", filters={}, limit=ROWS, cursor=cursor))
        names = await tx.load_one(accounts.actor_names({draft.actor for draft in page.items}))
    shown = [_shown(draft, names.get(draft.actor, draft.actor.id)) for draft in page.items]
    return pages.render(unit, "console/drafts.html", page=paging.Page(shown, page.next, page.previous), words=words)


def _shown(draft: SavedDraft, by: str) -> ShownDraft:
    """Return what the list says of a draft, whatever it holds: drafts are checked when they are placed."""
    contact, ship_to, lines = [draft.data.get(name) for name in ("contact", "ship_to", "lines")]
    people = [part.get("name") for part in (contact, ship_to) if isinstance(part, Mapping)]
    codes = [str(line.get("sku", "")) for line in lines or () if isinstance(line, Mapping)]
    return ShownDraft(draft, next((str(name) for name in people if name), ""), codes[:CODES_MAX], len(codes), by)


@post("/orders/drafts/{draft_id:uuid}/removal", permission="orders:write")
async def discard_draft(unit: Unit, draft_id: UUID) -> Response[str]:
    """Throw a draft away, unless somebody has gone on with it meanwhile."""
    form = await forms.read(unit, DraftForm)
    if form.value is None:
        return _back(unit, "; ".join([*form.above, *form.errors_by_field.values()]))
    version = form.value.version
    try:
        await unit.write(lambda tx: service.discard_draft(tx, draft_id=draft_id, expected_version=version))
    except Refusal as refusal:
        return _back(unit, _said(unit, refusal))
    way_back = Undo(f"/orders/drafts/{draft_id}/restoration", {})
    return pages.redirect(unit, "/orders/drafts", flash=N_("The draft was thrown away."), undo=way_back)


@post("/orders/drafts/{draft_id:uuid}/restoration", permission="orders:write")
async def restore_draft(unit: Unit, draft_id: UUID) -> Response[str]:
    """Take back a draft that was thrown away."""
    try:
        await unit.write(lambda tx: service.restore_draft(tx, draft_id=draft_id))
    except NotFound:
        raise
    except Refusal as refusal:
        return _back(unit, _said(unit, refusal))
    return pages.redirect(unit, "/orders/drafts", flash=N_("The draft is back."))


@post("/orders/drafts/{draft_id:uuid}/placement", permission="orders:write")
async def place_draft(unit: Unit, draft_id: UUID) -> Response[str]:
    """Make a draft into an order, once; what speaks against it is told where it is resumed."""
    async with unit.read() as tx:
        draft = await queries.draft(tx, draft_id)
    if draft.order_id is not None:
        return pages.redirect(unit, f"/orders/{draft.order_id}", flash=N_("The draft has become this order."))

    def read(draft: SavedDraft) -> NewOrder:
        body: NewOrder = bodies.decode(msgspec.json.encode(draft.data), NewOrder)
        new_order.require_rights(unit, body)
        return body

    try:
        placed, _ = await service.place_draft(
            unit.part(service.OrderDesk),
            draft_id=draft_id,
            credential_id=unit.principal.credential_id,
            tries=new_order_paying.tries(unit),
            read=read,
        )
    except Refusal as refusal:
        return pages.redirect(
            unit, f"/orders/new?draft={draft_id}", flash="{text}", tone="bad", text=_said(unit, refusal)
        )
    return pages.redirect(
        unit, f"/orders/{placed.order_id}", flash=N_("Order {number} was placed."), number=placed.number
    )


def _back(unit: Unit, text: str) -> Response[str]:
    return pages.redirect(unit, "/orders/drafts", flash="{text}", tone="bad", text=text)


def _said(unit: Unit, refusal: Refusal) -> str:
    return " ".join(i18n.say(unit.locale, reason) for reason in reasons_of(refusal))


HANDLERS: tuple[Any, ...] = (drafts_page, discard_draft, restore_draft, place_draft)
