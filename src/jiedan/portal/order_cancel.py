"""Cancel an order while it is free: everything or some of it; what comes back is shown before anything is done."""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import errors, i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.sending import FormAlreadySent
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.orders import service as orders
from jiedan.orders.rules import canceling
from jiedan.orders.rules.canceling import Canceled
from jiedan.orders.values import ORDER_ROWS_MAX, CancelRequest, LineQuantity
from jiedan.portal import order_entry, order_lines, order_page, pictures, shown, visitor
from jiedan.portal.order_entry import Entry
from jiedan.portal.order_windows import Windows

REASONS: Mapping[str, str] = {
    "customer_request": N_("I do not need it any more"),
    "mistake": N_("I ordered it by mistake"),
    "too_late": N_("It takes too long"),
    "found_elsewhere": N_("I found it elsewhere"),
}
"""Why customers cancel, by the code that staff read."""

ALL, SOME = "all", "some"

Numbers = Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]], msgspec.Meta(max_length=ORDER_ROWS_MAX)]
Word = Annotated[str, msgspec.Meta(max_length=40)]


@dataclasses.dataclass(eq=False)
class NotFreeAnyMore(errors.Conflict):
    """The order came so far meanwhile that its customer cannot give that up alone."""

    code: ClassVar[str] = "not_free_any_more"
    message: ClassVar[str] = N_("That cannot be canceled here any more: the order has come further meanwhile.")
    remedy: ClassVar[str] = N_("Choose less, or ask us on the page of the order.")


@dataclasses.dataclass(eq=False)
class NothingGivenUp(errors.Invalid):
    """No quantity was chosen."""

    code: ClassVar[str] = "nothing_given_up"
    message: ClassVar[str] = N_("Nothing is chosen that would be canceled.")
    remedy: ClassVar[str] = N_("Say how many of which goods you do not want.")


@dataclasses.dataclass(eq=False)
class RefundChanged(errors.Conflict):
    """Canceling would bring something else than the page said."""

    code: ClassVar[str] = "refund_changed"
    message: ClassVar[str] = N_("What canceling brings has changed meanwhile.")
    remedy: ClassVar[str] = N_("Look at it below, and cancel again if it is all right.")


class CancelForm(forms.Form, kw_only=True):
    """What to give up and why; `outcome` is what the page said that it comes to."""

    what: Word = ALL
    line: Numbers = msgspec.field(default_factory=list)
    quantity: Numbers = msgspec.field(default_factory=list)
    reason: Word = "customer_request"
    outcome: Word = ""
    action: Word = ""


class Effect(NamedTuple):
    """What canceling brings, in minor units: the order's total before and after, and what goes back.

    `released_minor` is set aside on a card and let go; `is_end` tells whether nothing is left of the order.
    """

    before_minor: int
    after_minor: int
    back_minor: int
    released_minor: int
    is_end: bool

    @property
    def seal(self) -> str:
        """Return what a page carries along of it, to be compared with what it is when it is done."""
        return f"{self.after_minor}.{self.back_minor}"


@get("/orders/{order_id:uuid}/cancel")
async def cancel_page(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Show what canceling would bring."""
    return await _page(unit, slug, order_id, None)


@post("/orders/{order_id:uuid}/cancel")
async def cancel(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Show what canceling would bring with what was chosen, or cancel."""
    async with order_entry.entered(unit, slug, order_id) as (_, entry):
        form = await forms.read(unit, CancelForm)
    sent = form.value
    if sent is None or sent.action != "cancel":
        return await _page(unit, slug, order_id, form)
    visitor.slow_down(unit)
    wish = _wish(entry, form, sent)
    made: list[Effect] = []

    async def work(tx: Tx) -> None:
        _refuse_what_is_not_free(await order_entry.windows_for_update(tx, entry), wish)
        (done,) = accepted(await orders.cancel_orders(tx, requests=[wish]))
        made[:] = [effect_of(done)]
        if sent.outcome and sent.outcome != made[0].seal:
            raise RefundChanged

    try:
        await visitor.write(unit, entry.scope, work)
    except FormAlreadySent:
        return pages.redirect(unit, entry.at())
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, slug, order_id, form)
    said = N_("Your order is canceled.") if made[0].is_end else N_("It is canceled; the rest of your order goes on.")
    return pages.redirect(unit, entry.at(), flash=said)


def effect_of(canceled: Canceled) -> Effect:
    """Return what a cancellation brings."""
    before, after = canceled.before.order, canceled.order
    aside = max(0, before.authorized_minor - before.captured_minor)
    return Effect(
        before_minor=before.total_minor,
        after_minor=after.total_minor,
        back_minor=max(0, after.balance_minor) - max(0, before.balance_minor),
        released_minor=max(0, min(aside, before.total_minor) - after.total_minor),
        is_end=after.lifecycle == "canceled",
    )


def _wish(entry: Entry, form: Filled[Any], sent: CancelForm) -> CancelRequest:
    reason = sent.reason if sent.reason in REASONS else "customer_request"
    lines = None if sent.what == ALL else quantities(form)
    return CancelRequest(entry.order_id, reason, lines)


def quantities(form: Filled[Any]) -> tuple[LineQuantity, ...]:
    """Return the quantities typed beside their lines; empty ones and zeros are not meant."""
    pairs = zip(form.raw.get("line", ()), form.raw.get("quantity", ()), strict=False)
    typed = (LineQuantity(_number(line), _number(quantity)) for line, quantity in pairs if line and quantity)
    return tuple(each for each in typed if each.quantity)


def _number(text: str) -> int:
    """Return a number as the form has read it, which takes `2.0` for 2."""
    return msgspec.convert(text, int, strict=False)


def _refuse_what_is_not_free(free: Windows, wish: CancelRequest) -> None:
    """Raise NotFreeAnyMore or NothingGivenUp for what a customer may not give up by themselves."""
    if wish.lines is None:
        if not free.whole:
            raise NotFreeAnyMore
        return
    if not wish.lines:
        raise NothingGivenUp(field="quantity")
    wanted: Counter[int] = Counter()
    for asked in wish.lines:  # a line may be named more than once
        wanted[asked.line] += asked.quantity
    if any(quantity > free.units.get(line, 0) for line, quantity in wanted.items()):
        raise NotFreeAnyMore


def _effect(tx: ReadTx, entry: Entry, free: Windows, wish: CancelRequest) -> Effect | Refusal:
    """Return what canceling would bring now, or why it cannot be."""
    try:
        _refuse_what_is_not_free(free, wish)
    except Refusal as refusal:
        return refusal
    minutes = entry.who.settings.expiry_minutes
    decided = canceling.cancel(entry.found, wish, {}, at=tx.now, expiry_minutes=minutes)
    return effect_of(decided) if isinstance(decided, Canceled) else decided


async def _page(unit: Unit, slug: str, order_id: UUID, form: "Filled[CancelForm] | None") -> Response[str]:
    """Answer the page; `form` is what was chosen, refused or to be looked at."""
    async with order_entry.entered(unit, slug, order_id) as (tx, entry):
        free = await order_entry.windows(tx, entry)
        what = form.text("what", ALL) if form is not None else ALL
        what = what if free.whole else SOME
        lines = None if what == ALL else () if form is None else _typed(form)
        effect = _effect(tx, entry, free, CancelRequest(order_id, "customer_request", lines))
        skus = await tx.load_one(catalog.skus_by_id([x.sku_id for x in entry.found.lines if x.sku_id is not None]))
        return shown.render(
            unit,
            entry.who,
            "portal/order_cancel.html",
            part="portal/_order_cancel.html",
            form=form,
            **order_page.facts(unit, entry),
            free=free,
            what=what,
            typed={} if form is None else {x.line: x.quantity for x in _typed(form)},
            lines=[x for x in entry.found.lines if free.units.get(x.line)],
            images=await pictures.of_skus(tx, entry.who, skus),
            cost=order_lines.total_minor,
            effect=None if isinstance(effect, Refusal) else effect,
            said="" if form is None or not isinstance(effect, Refusal) else i18n.say(unit.locale, effect),
            reasons=[(code, i18n.gettext(unit.locale, text)) for code, text in REASONS.items()],
        )


def _typed(form: Filled[Any]) -> tuple[LineQuantity, ...]:
    """Return the quantities that were typed as far as they are numbers: of what is none, the form says so."""
    return quantities(form) if "quantity" not in form.errors_by_field and "line" not in form.errors_by_field else ()


HANDLERS: tuple[Any, ...] = (cancel_page, cancel)
