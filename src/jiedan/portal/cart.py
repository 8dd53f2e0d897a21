"""The cart: what is in it, what changed, and the way to the checkout."""

import contextlib
import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response, get, post

from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, one_of, reasons_of
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.sending import FormAlreadySent
from jiedan.base.web.unit import Unit
from jiedan.carts import errors, queries, service
from jiedan.carts.rules import units_of
from jiedan.carts.values import CART_LINES_MAX, CART_QUANTITY_MAX, CartId, CartView, LineView, Wish
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import quantities
from jiedan.catalog.values import Source
from jiedan.orders import errors as order_errors
from jiedan.orders import service as orders
from jiedan.portal import cart_coupons, measures, ordering, pictures, quoted, savings, shown, visitor
from jiedan.portal.measures import Code, PieceForm, Quantity
from jiedan.portal.ordering import TypedCoupon
from jiedan.portal.visitor import Visitor
from jiedan.pricing.errors import (
    NotBespoke,
    PriceMissing,
    QuantityOffPack,
    QuantityOffStep,
    QuantityTooLarge,
    QuantityTooSmall,
    TierNotReached,
)
from jiedan.pricing.rules import quantity_problem

OF_SKUS = (
    errors.NotEnoughLeft | errors.SoldOut | errors.SkuNotSold
    | QuantityTooSmall | QuantityTooLarge | QuantityOffPack | QuantityOffStep
    | NotBespoke | PriceMissing | TierNotReached | order_errors.InactiveSku | order_errors.UnknownSku
)  # fmt: skip
"""Refusals that name a SKU."""


class Counted(NamedTuple):
    """The quantities that the field of a line takes, in words, and why the one it has cannot be ordered.

    `most` is empty where there is no limit.
    """

    least: int
    pace: int
    most: str
    told: str = ""
    problem: str = ""


class CartForm(forms.Form, kw_only=True):
    """The quantities of all lines, side by side with their SKUs; `remove` names one that is taken out.

    `piece` tells which of the pieces made to measure, `remove_piece` one of them and its SKU, with a colon between.
    `coupon` is a code that was typed, `remove_coupon` one that is taken out.
    """

    sku: Annotated[list[Code], msgspec.Meta(max_length=CART_LINES_MAX)] = msgspec.field(default_factory=list)
    piece: Annotated[list[Code], msgspec.Meta(max_length=CART_LINES_MAX)] = msgspec.field(default_factory=list)
    quantity: Annotated[list[Quantity], msgspec.Meta(max_length=CART_LINES_MAX)] = msgspec.field(default_factory=list)
    remove: Code = ""
    remove_piece: Annotated[str, msgspec.Meta(max_length=200)] = ""
    coupon: TypedCoupon = ""
    remove_coupon: Code = ""
    action: Code = ""


@get("/cart")
async def cart_page(unit: Unit, slug: str) -> Response[str]:
    """Show what is in the cart, at today's prices, and what changed."""
    async with visitor.entered(unit, slug) as (tx, who):
        return await _page(unit, tx, who, None)


@post("/cart/lines")
async def add_line(unit: Unit, slug: str) -> Response[str]:
    """Put a SKU into the cart, which is opened with the first."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, PieceForm)
        point = await visitor.point_of(tx, who.place)
    sent = form.value
    if sent is None:
        return pages.redirect(unit, who.at("/cart"), flash=N_("That could not be put into the cart."), tone="bad")
    who = visitor.with_token(unit, who) if who.customer_id is None else who
    given = measures.said_in(form)

    async def work(tx: Tx) -> None:
        said = await orders.read_said(tx, sku=sent.sku, said=given, prices_include_tax=who.settings.prices_include_tax)
        wish = Wish(sent.sku, max(sent.quantity, 1), said)
        cart_id = await _opened(tx, who)
        await service.add_to_cart(tx, cart_id=cart_id, wish=wish, currency=who.currency, destination=point)

    try:
        await visitor.write(unit, who.scope, work)
    except FormAlreadySent:
        return pages.redirect(unit, who.at("/cart"), flash=N_("It is in your cart already."), tone="info")
    except Refusal as refusal:
        form.refuse(await _named(unit, who, refusal))
        back = who.at(f"/products/{sent.product_id}")
        text = " ".join([*form.above, *form.errors_by_field.values()])
        return pages.redirect(unit, back, flash="{text}", text=text, tone="bad")
    return pages.redirect(unit, who.at("/cart"), flash=N_("It is in your cart."))


@post("/cart")
async def change_cart(unit: Unit, slug: str) -> Response[str]:
    """Change quantities, take a line out, or go to the checkout; each holds what is wanted now."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, CartForm)
        point = await visitor.point_of(tx, who.place)
    cart_id = who.cart_id
    if cart_id is None:
        return pages.redirect(unit, who.at("/cart"))
    is_part = pages.wants_part(unit)
    typed = "" if is_part else form.text("coupon")
    if form.value is not None:
        wishes = _wishes(form, form.value)

        async def work(tx: Tx) -> Refusal | None:
            # Coupons first: the cart is locked before any stock.
            refused = None if is_part else await cart_coupons.changed(tx, unit, who, cart_id, form)
            await service.fill_cart(tx, cart_id=cart_id, wishes=wishes, currency=who.currency, destination=point)
            return refused

        try:
            with contextlib.suppress(FormAlreadySent):
                refused = await visitor.write(unit, who.scope, work)
                if refused is not None:
                    cart_coupons.settle(form, refused)
        except Refusal as refusal:
            form.refuse(await _named(unit, who, refusal))
    if form.status == forms.OK_STATUS and not is_part:
        goes_on = form.value is not None and form.value.action == "checkout"
        flash = N_("The coupon is in your cart.") if typed else None
        return pages.redirect(unit, who.at("/checkout" if goes_on else "/cart"), flash=flash)
    async with visitor.entered(unit, slug) as (tx, who):
        return await _page(unit, tx, who, form)


async def looked_at(tx: ReadTx, who: Visitor) -> CartView | None:
    """Return the visitor's open cart as it stands now, in the currency they chose; None where they have none."""
    if who.cart_id is None:
        return None
    cart = await queries.cart(tx, who.cart_id)
    return await queries.view(tx, dataclasses.replace(cart, currency=who.currency))


async def last_ordered(tx: ReadTx, who: Visitor) -> tuple[CartId, UUID] | None:
    """Return the cart that a visitor ordered last, and the order, or None."""
    if who.customer_id is not None:
        return await queries.last_ordered_of_customer(tx, who.customer_id)
    return await queries.last_ordered(tx, who.holder_hash) if who.holder_hash is not None else None


async def images_of(tx: ReadTx, who: Visitor, view: CartView) -> Mapping[UUID, Source]:
    """Return a picture of each product in the cart that has one."""
    return await pictures.of_products(tx, who, {line.product_id for line in view.lines})


async def _page(unit: Unit, tx: ReadTx, who: Visitor, form: Filled[Any] | None) -> Response[str]:
    view = await looked_at(tx, who)
    last = await last_ordered(tx, who)
    quote, told = None, savings.NOTHING
    stale: Mapping[int, str] = {}
    if view is not None and view.lines:
        body = ordering.looked_at(who, view, locale=unit.locale)
        quote = await quoted.quote(tx, unit, who, view, body)
        if quote.plan is not None:
            told = await savings.told(tx, unit, who, quote.plan.price_story, view.currency)
        told = savings.with_refused(told, quote.refused, unit.locale)
        stale = quoted.out_of_date(quote.planned, view, unit.locale)
    plan = None if quote is None else quote.plan
    return shown.render(
        unit,
        who,
        "portal/cart.html",
        part="portal/_cart.html",
        form=form,
        cart=view if view is not None and view.lines else None,
        sums=None if plan is None else quoted.sums_of(plan, unit.locale),
        told=told,
        images={} if view is None else await images_of(tx, who, view),
        counts=[] if view is None else _counts(who, view, unit.locale),
        stale=stale,
        backorder=who.settings.backorder,
        last_order=None if last is None else visitor.ticket_address(unit, who, last[1]),
    )


async def _opened(tx: Tx, who: Visitor) -> CartId:
    if who.cart_id is not None:
        return who.cart_id
    return await service.open_cart(tx, holder_hash=who.holder_hash, customer_id=who.customer_id, currency=who.currency)


def _wishes(form: Filled[Any], sent: CartForm) -> list[Wish]:
    """Return what is wanted; a line whose quantity was left empty stays as it is."""
    codes = form.raw.get("sku", ())
    pieces = [*form.raw.get("piece", ()), *[""] * len(codes)]
    rows = zip(codes, pieces, form.raw.get("quantity", ()), strict=False)
    wishes = {(sku, piece): int(quantity) for sku, piece, quantity in rows if sku and quantity}
    if sent.remove:
        wishes[sent.remove, ""] = 0
    if sent.remove_piece:
        piece, _, sku = sent.remove_piece.partition(":")
        wishes[sku, piece] = 0
    return [Wish(sku, quantity, piece=piece) for (sku, piece), quantity in wishes.items()]


def _counts(who: Visitor, view: CartView, locale: str) -> list[Counted]:
    """Return which quantities the fields of the lines take, in their order."""
    in_all = units_of(view.lines)
    return [_counted(who, line, in_all[line.sku_id], locale) for line in view.lines]


def _counted(who: Visitor, line: LineView, in_all: int, locale: str) -> Counted:
    """Return which quantities the field of a line takes: one that is wrong already does not hold up the others.

    All pieces of a SKU count together, so one of several takes any that leaves enough to the others.
    """
    grid = quantities.allowed(line.quantities)
    units = CART_QUANTITY_MAX
    if line.available is not None and not who.settings.backorder:
        units = min(line.available, CART_QUANTITY_MAX)
    others = in_all - line.quantity
    most = "" if units < in_all else str(grid.at_most(units) - others)
    if line.quantities is None:
        return Counted(0, 1, most)
    wrong = quantity_problem(f"“{line.name}”", in_all, line.quantities)
    if wrong is not None:
        return Counted(0, 1, "", problem=i18n.say(locale, wrong))
    told = quantities.in_words(line.quantities, locale)
    return Counted(0, 1, most, told) if others else Counted(grid.least, grid.pace, most, told)


async def _named(unit: Unit, who: Visitor, refusal: Refusal) -> Refusal:
    """Return a refusal that calls SKUs by their names: visitors know no codes."""
    concerned = [x for x in reasons_of(refusal) if isinstance(x, OF_SKUS)]
    if not concerned:
        return refusal
    async with unit.runtime.database.read(who.scope) as tx:
        found = await tx.load_one(catalog.sellable_skus([x.sku for x in concerned]))
    return all_called(refusal, {code: sku.name for code, sku in found.items()})


def all_called(refusal: Refusal, names: Mapping[str, str]) -> Refusal:
    """Return a refusal, each of its reasons `called` by itself: one may be about no SKU."""
    return one_of([called(x, names) for x in reasons_of(refusal)], field=refusal.field)


def called(reason: Refusal, names: Mapping[str, str]) -> Refusal:
    """Return a refusal of goods by their name, without a field; any other as it is."""
    if not isinstance(reason, OF_SKUS) or reason.sku not in names:
        return reason
    named = dataclasses.replace(reason, sku=f"“{names[reason.sku]}”")
    named.field = None
    return named


HANDLERS = (cart_page, add_line, change_cart)
