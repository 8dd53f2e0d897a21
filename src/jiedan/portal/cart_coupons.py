"""Coupons that are typed in the cart and at the checkout: kept with the cart, or refused at their field."""

import contextlib
from typing import Any

from jiedan.base import errors
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.web import pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.sending import FormAlreadySent
from jiedan.base.web.unit import Unit
from jiedan.carts import service
from jiedan.carts.values import CartId
from jiedan.portal import visitor
from jiedan.portal.visitor import Visitor

FIELD, REMOVED = "coupon", "remove_coupon"
"""The fields that hold a code that was typed, and the one that is taken out."""


def is_told(unit: Unit, form: Filled[Any]) -> bool:
    """Tell whether a form says something of coupons: sent by hand, not by a script while somebody is typing."""
    return not pages.wants_part(unit) and bool(form.text(FIELD) or form.text(REMOVED))


async def change(unit: Unit, who: Visitor, form: Filled[Any]) -> None:
    """Do to the visitor's cart what a form says of coupons; what is wrong with a code stands at its field.

    A code that was taken is not typed any more.
    """
    cart_id = who.cart_id
    if cart_id is None:
        return
    refused: Refusal | None = None
    try:
        with contextlib.suppress(FormAlreadySent):
            refused = await visitor.write(unit, who.scope, lambda tx: changed(tx, unit, who, cart_id, form))
    except Refusal as refusal:
        refused = refusal
    settle(form, refused)


async def changed(tx: Tx, unit: Unit, who: Visitor, cart_id: CartId, form: Filled[Any]) -> Refusal | None:
    """Do it in a transaction that does more. A code that is refused is a value: that it was tried is counted."""
    if form.text(REMOVED):
        await service.take_coupon_out(tx, cart_id=cart_id, code=form.text(REMOVED))
    if not form.text(FIELD):
        return None
    actor = who.scope.actor
    outcome = await service.put_coupons(
        tx, cart_id=cart_id, typed=[form.text(FIELD)], caller=f"{actor.kind}:{actor.id}", network=unit.network
    )
    return outcome if isinstance(outcome, Refusal) else None


def settle(form: Filled[Any], refused: Refusal | None) -> None:
    """Put a refusal at the field of the code, or take the code out of it."""
    if refused is None:
        form.raw = {**form.raw, FIELD: [""]}
    else:
        form.refuse(errors.renamed(refused, lambda _: FIELD))
