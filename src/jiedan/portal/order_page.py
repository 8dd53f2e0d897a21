"""A customer's page of an order: how far it is, where its parcels are, what it costs, and what may still be changed."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.orders import service as orders
from jiedan.orders.rules import tickets
from jiedan.orders.values import REQUEST_CHARS_MAX, CustomerWish
from jiedan.portal import addresses, order_entry, order_shown, order_windows, paying, shown, visitor
from jiedan.portal.order_entry import Entry

PAYMENT_STATES: Mapping[str, str] = {
    "open": N_("expected"),
    "action_needed": N_("to be confirmed on the payment page"),
    "processing": N_("being checked"),
    "unknown": N_("being checked"),
    "authorized": N_("reserved"),
    "captured": N_("paid"),
    "refunded": N_("given back"),
    "voided": N_("let go"),
    "failed": N_("did not go through"),
}
"""What customers are told of a payment."""


class RequestForm(forms.Form):
    """What the customer asks for."""

    text: Annotated[str, msgspec.Meta(max_length=REQUEST_CHARS_MAX)]


@get("/orders/{order_id:uuid}")
async def order_page(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Show an order to its customer, or to who has its link."""
    return await answer(unit, slug, order_id)


@post("/orders/{order_id:uuid}/requests")
async def ask(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Ask staff for what one may not do oneself; it becomes a case."""
    async with order_entry.entered(unit, slug, order_id) as (_, entry):
        form = await forms.read(unit, RequestForm)
    sent = form.value
    if sent is None:
        return await answer(unit, slug, order_id, form)
    visitor.slow_down(unit)
    wish = CustomerWish(order_id, sent.text)

    async def work(tx: Tx) -> None:
        await orders.ask_about_order(tx, wish=wish)

    try:
        await visitor.save(unit, entry.scope, work)
    except Refusal as refusal:
        form.refuse(refusal)
        return await answer(unit, slug, order_id, form)
    return pages.redirect(unit, entry.at(), flash=N_("Your request is with us; we answer as soon as we can."))


async def answer(
    unit: Unit, slug: str, order_id: UUID, form: "Filled[Any] | None" = None, codes: Sequence[str] = ()
) -> Response[str]:
    """Answer the page; `form` is a request that was refused, `codes` are shown this once."""
    async with order_entry.entered(unit, slug, order_id) as (tx, entry):
        found = await order_shown.shown(unit, tx, entry)
        return shown.render(
            unit, entry.who, "portal/order.html", form=form, **facts(unit, entry), shown=found, codes=codes
        )


def facts(unit: Unit, entry: Entry) -> dict[str, Any]:
    """Return what each page about an order needs to show."""
    order = entry.found.order
    ship_to = entry.details.addresses.get("ship_to")
    cancel_until = order_windows.CANCEL_UNTIL[entry.who.storefront.cancel_until]
    return {
        "entry": entry,
        "order": order,
        "address": ship_to,
        "address_lines": [] if ship_to is None else addresses.written(ship_to, unit.locale),
        "payment_states": PAYMENT_STATES,
        "methods": paying.METHODS,
        "cancel_until": i18n.gettext(unit.locale, cancel_until) if cancel_until else "",
        "edit_until": i18n.gettext(unit.locale, order_windows.EDIT_UNTIL),
        "link": entry.ticket
        or tickets.ticket_of(unit.runtime.settings.signing_secret(), entry.who.tenant, order.order_id),
    }


HANDLERS: tuple[Any, ...] = (order_page, ask)
