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


ROUTER = routing.console([erasure_page, begin_erasure])
