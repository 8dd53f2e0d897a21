"""The page of an erasure: what it would do and what stands in the way, the form that begins it, and how far it is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.errors import NotFound, Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages, routing
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.privacy import queries, service
from jiedan.privacy.values import PERMISSION, Status

GOES: Mapping[str, str] = MappingProxyType(
    {
        "contacts": N_("Phone numbers and e-mail addresses"),
        "addresses": N_("Addresses in the book"),
        "notes": N_("Notes"),
        "tags": N_("Tags"),
        "duplicates": N_("Duplicates that were merged"),
        "accounts": N_("Account in the shop"),
        "sessions": N_("Browsers that are signed in"),
        "carts": N_("Carts"),
        "drafts": N_("Drafts of orders"),
    }
)
"""What is counted before it goes, by the field of what is kept."""

STATES: Mapping[Status, tuple[str, str, str]] = MappingProxyType(
    {
        Status.telling: (N_("The customer is being told"), "info", "quarter"),
        Status.erasing: (N_("Data are being erased"), "info", "half"),
        Status.done: (N_("Erased"), "ok", "full"),
    }
)
"""How far an erasure is: label, tone, and how full its circle."""


class ErasureForm(forms.Form):
    """What was typed to confirm; `key` makes that sending it twice begins one erasure."""

    confirmation: Annotated[str, msgspec.Meta(min_length=1, max_length=bodies.TEXT_LENGTH_MAX)]
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class GuestForm(forms.Form):
    """A guest's address, typed once to see and once to confirm; `key` as with customers."""

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=bodies.TEXT_LENGTH_MAX)]
    confirmation: Annotated[str, msgspec.Meta(min_length=1, max_length=bodies.TEXT_LENGTH_MAX)]
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


@get("/customers/{customer_id:uuid}/erasure", permission=PERMISSION)
async def erasure_page(unit: Unit, customer_id: UUID) -> Response[str]:
    """Show what an erasure would do, or how far it is."""
    return await _answer(unit, customer_id)


@post("/customers/{customer_id:uuid}/erasure", permission=PERMISSION)
async def begin_erasure(unit: Unit, customer_id: UUID) -> Response[str]:
    """Begin an erasure, or show what is wrong with it."""
    form = await forms.read(unit, ErasureForm)
    sent = form.value
    if sent is None:
        return await _answer(unit, customer_id, form)
    try:
        await unit.write(
            lambda tx: service.begin_erasure(
                tx, customer_id=customer_id, confirmation=sent.confirmation, key=f"console-{sent.key}"
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return await _answer(unit, customer_id, form)
    return pages.redirect(unit, f"/customers/{customer_id}/erasure")


async def _answer(unit: Unit, customer_id: UUID, form: Filled[ErasureForm] | None = None) -> Response[str]:
    async with unit.read() as tx:
        erasure = await queries.find(tx, customer_id)
        if erasure is None:
            preview = await queries.preview(tx, customer_id, await queries.known_as(tx, customer_id))
            names: Mapping[Any, str] = {}
        else:
            preview = None
            names = await tx.load_one(accounts.actor_names({erasure.asked_by}))
    if erasure is not None:
        return pages.render(
            unit,
            "privacy/erasing.html",
            part="privacy/_erasing.html",
            erasure=erasure,
            asked_by=names[erasure.asked_by],
            states=STATES,
        )
    reasons = [
        (i18n.say_message(unit.locale, x), i18n.say_remedy(unit.locale, x))
        for x in (preview.refusals if preview else ())
    ]
    return pages.render(
        unit, "privacy/erasure.html", form=form, preview=preview, reasons=reasons, goes=GOES, form_key=unit.own_id
    )


@get("/guest-erasure", permission=PERMISSION)
async def guest_erasure_page(unit: Unit) -> Response[str]:
    """Ask for the address of a guest; show how many orders have it, and the form that erases them."""
    email = unit.request.query_params.get("email")
    return await _answer_guest(unit, forms.empty(unit, email=email), email or "", is_asked=email is not None)


@post("/guest-erasure", permission=PERMISSION)
async def begin_guest_erasure(unit: Unit) -> Response[str]:
    """Begin the erasure of a guest, or show what is wrong with it."""
    form = await forms.read(unit, GuestForm)
    sent = form.value
    if sent is not None:
        try:
            erasure = await unit.write(
                lambda tx: service.begin_guest_erasure(
                    tx, email=sent.email, confirmation=sent.confirmation, key=f"console-{sent.key}"
                )
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return pages.redirect(unit, f"/customers/{erasure.customer_id}/erasure")
    return await _answer_guest(unit, form, form.text("email"), is_asked=False)


async def _answer_guest(unit: Unit, form: Filled[Any], email: str, *, is_asked: bool) -> Response[str]:
    """Show the page; what is wrong with the address is said where it was `is_asked` for it."""
    count = 0
    try:
        async with unit.read() as tx:
            count = len(await queries.guest_orders(tx, email.strip())) if email.strip() else 0
    except Refusal as refusal:
        if is_asked:
            form.refuse(refusal)
            form.status = forms.OK_STATUS  # whoever only asks has been answered
    return pages.render(unit, "privacy/guest.html", form=form, email=email.strip(), count=count, form_key=unit.own_id)


ROUTER = routing.console([erasure_page, begin_erasure, guest_erasure_page, begin_guest_erasure])
