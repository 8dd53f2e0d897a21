"""What else customers do from an order's page: put its goods into the cart, have a collection code shown."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, post

from jiedan.base import i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import pages
from jiedan.base.web.sending import FormAlreadySent
from jiedan.base.web.unit import Unit
from jiedan.carts import queries as cart_queries
from jiedan.carts import rules as cart_rules
from jiedan.carts import service as carts
from jiedan.carts.values import CART_QUANTITY_MAX, Wish
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import quantities
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.fulfillment import queries as fulfillment_queries
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.service import Ready
from jiedan.fulfillment.values import Readiness
from jiedan.inventory import queries as stock
from jiedan.orders import service as orders
from jiedan.orders.values import Line
from jiedan.portal import order_entry, order_page, visitor
from jiedan.portal.order_entry import Entry
from jiedan.portal.visitor import Visitor

Piece = tuple[str, tuple[tuple[str, str], ...]]
"""A SKU, and what was said of a piece of it that was made to measure."""

NAMES_TOLD_MAX = 5
"""Goods that are told by name when they could not be put into the cart."""


class _Asked(NamedTuple):
    """What of an order is wanted again, as it can be ordered today.

    `now` are its pieces by how they were; None is one that cannot be made like that any more. `unsaid` are measures
    that nobody asks for any more, in words, by how the piece was.
    """

    now: Mapping[Piece, Piece | None]
    wanted: Mapping[Piece, int]
    unsaid: Mapping[Piece, str]


@post("/orders/{order_id:uuid}/reorder")
async def reorder(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Put the goods of an order into the cart as far as they are sold and there."""
    async with order_entry.entered(unit, slug, order_id) as (tx, entry):
        asked = await _asked(tx, entry, unit.locale)
        wanted = asked.wanted
        known = await tx.load_one(catalog.sellable_skus([code for code, _ in wanted]))
        sold = {code: sku for code, sku in known.items() if sku.is_active}
        more = await _there(tx, entry.who, sold, wanted)
        point = await visitor.point_of(tx, entry.who.place)
    left_out, unsaid = _untaken(asked, more, _names(entry, unit.locale))
    who = visitor.with_token(unit, entry.who) if entry.who.customer_id is None else entry.who

    async def work(tx: Tx) -> None:
        cart_id = who.cart_id or await carts.open_cart(
            tx, holder_hash=who.holder_hash, customer_id=who.customer_id, currency=who.currency
        )
        locked = await cart_queries.carts_for_update(tx, [cart_id])  # who puts more into it meanwhile waits
        lines = locked[cart_id].lines if cart_id in locked else ()
        wishes = _wishes(sold, more, {(x.sku_id, x.piece): x.quantity for x in lines}, cart_rules.units_of(lines))
        await carts.fill_cart(tx, cart_id=cart_id, wishes=wishes, currency=who.currency, destination=point)

    if not more:
        return pages.redirect(unit, entry.at(), flash=N_("None of these goods is available at present."), tone="warn")
    try:
        await visitor.write(unit, who.scope, work)
    except FormAlreadySent:
        return pages.redirect(unit, who.at("/cart"), flash=N_("It is in your cart already."), tone="info")
    except Refusal as refusal:
        text = i18n.say(unit.locale, refusal)
        return pages.redirect(unit, entry.at(), flash="{text}", text=text, tone="bad")
    if not left_out and not unsaid:
        return pages.redirect(unit, who.at("/cart"), flash=N_("It is in your cart."))
    said = N_("It is in your cart, except what is not available at present: {names}.")
    if unsaid:
        said = N_("It is in your cart, without what is not asked for any more: {names}.")
    if left_out and unsaid:
        said = N_("It is in your cart, except what is not available or not asked for any more: {names}.")
    return pages.redirect(unit, who.at("/cart"), flash=said, tone="warn", names=_told([*left_out, *unsaid]))


async def _asked(tx: ReadTx, entry: Entry, locale: str) -> _Asked:
    """Return what of an order is wanted again: of a piece only what the goods' formula asks for today."""
    before = _wanted(entry)
    pieces = [(code, dict(said)) for code, said in before]
    found = await orders.said_again(tx, pieces=pieces, prices_include_tax=entry.who.settings.prices_include_tax)
    now: dict[Piece, Piece | None] = {}
    wanted: dict[Piece, int] = {}
    for (piece, units), said in zip(before.items(), found, strict=True):
        now[piece] = None if said is None else (piece[0], tuple(said.items()))
        if (new := now[piece]) is not None:
            wanted[new] = wanted.get(new, 0) + units
    unsaid: dict[Piece, str] = {}
    for line in entry.found.lines:
        new = now.get(_piece(line))
        asked_for = () if new is None else [name for name, _ in new[1]]
        gone = [one.told_in(locale) for one in line.attributes if one.name not in asked_for]
        if new is not None and gone:
            unsaid[_piece(line)] = " · ".join([line.name, *gone])
    return _Asked(now, wanted, unsaid)


def _untaken(asked: _Asked, more: Mapping[Piece, int], names: Mapping[Piece, str]) -> tuple[list[str], list[str]]:
    """Return what cannot be put into the cart, as often as it was ordered, and what of the rest is not said there."""
    left_out, unsaid = [], []
    for piece, name in names.items():
        new = asked.now[piece]
        if new is None or more.get(new, 0) < asked.wanted[new]:
            left_out.append(name)
        if new is not None and more.get(new, 0) and piece in asked.unsaid:
            unsaid.append(asked.unsaid[piece])
    return left_out, unsaid


def _told(names: Sequence[str]) -> str:
    return "; ".join([*names[:NAMES_TOLD_MAX], *(["…"] if len(names) > NAMES_TOLD_MAX else [])])


def _wishes(
    sold: Mapping[str, SellableSku],
    more: Mapping[Piece, int],
    lying: Mapping[tuple[SkuId, str], int],
    in_all: Mapping[SkuId, int],
) -> list[Wish]:
    """Return what the cart is to have: so many more of each SKU as may be ordered, and no less than it has."""
    asked = _by_sku(more)
    wishes = []
    for code, pieces in asked.items():
        sku = sold[code]
        there = in_all.get(sku.sku_id, 0)
        most = quantities.allowed(sku.quantities).at_most(min(there + sum(pieces.values()), CART_QUANTITY_MAX))
        for piece, units in _spread(pieces, most - there).items():
            said = dict(piece[1])
            wishes.append(Wish(code, lying.get((sku.sku_id, cart_rules.piece_of(said)), 0) + units, said))
    return wishes


def _by_sku(pieces: Mapping[Piece, int]) -> dict[str, dict[Piece, int]]:
    """Return what is wanted of each SKU: in which quantities it is sold, all its pieces together say."""
    found: dict[str, dict[Piece, int]] = {}
    for piece, units in pieces.items():
        found.setdefault(piece[0], {})[piece] = units
    return found


def _spread(pieces: Mapping[Piece, int], units: int) -> dict[Piece, int]:
    """Return how many of so many units each piece gets that wants some, one after the other."""
    found: dict[Piece, int] = {}
    for piece, wanted in pieces.items():
        found[piece] = max(min(wanted, units), 0)
        units -= found[piece]
    return found


def _piece(line: Line) -> Piece:
    return line.code, tuple([(one.name, one.measure) for one in line.attributes])


def _wanted(entry: Entry) -> dict[Piece, int]:
    """Return how many of what was ordered; of an order that was canceled, all that was."""
    found: dict[Piece, int] = {}
    is_gone = entry.found.order.lifecycle == "canceled"
    for line in entry.found.lines:
        kept = line.ordered if is_gone else line.ordered - line.canceled
        if line.kind in {"goods", "kit", "service"} and kept:
            found[_piece(line)] = found.get(_piece(line), 0) + kept
    return found


def _names(entry: Entry, locale: str) -> dict[Piece, str]:
    wanted = _wanted(entry)
    lines = [line for line in entry.found.lines if line.kind != "component"]
    return {_piece(line): line.told_in(locale) for line in lines if _piece(line) in wanted}


async def _there(
    tx: ReadTx, who: Visitor, sold: Mapping[str, SellableSku], wanted: Mapping[Piece, int]
) -> dict[Piece, int]:
    """Return how many of each may be put into the cart; what is sold out is left out. One statement.

    Of what is sold in other quantities by now, the next smaller one.
    """
    asked = {code: pieces for code, pieces in _by_sku(wanted).items() if code in sold}
    units = {code: sum(pieces.values()) for code, pieces in asked.items()}
    if not who.settings.backorder:
        units = await _left(tx, sold, units)
    fit = {code: quantities.allowed(sold[code].quantities).at_most(n) for code, n in units.items()}
    spread = [_spread(pieces, fit[code]) for code, pieces in asked.items()]
    return {piece: n for pieces in spread for piece, n in pieces.items() if n}


async def _left(tx: ReadTx, sold: Mapping[str, SellableSku], wanted: Mapping[str, int]) -> dict[str, int]:
    """Return how many of each SKU are there, of those that are wanted; kits share their parts. One statement."""
    goods = {part.sku_id for sku in sold.values() for part in cart_rules.parts_of(sku, 1)}
    counters = await tx.load_one(stock.availability(goods))
    left: dict[UUID, int] = {}
    for key, row in counters.items():
        left[key.sku_id] = left.get(key.sku_id, 0) + max(row.available, 0)
    found = {}
    for code, n in wanted.items():
        sku = sold[code]
        units = cart_rules.units_left(sku, left)
        found[code] = quantities.allowed(sku.quantities).at_most(n if units is None else min(n, units))
        for part in cart_rules.parts_of(sku, found[code]):
            left[part.sku_id] = left.get(part.sku_id, 0) - part.quantity
    return found


@post("/orders/{order_id:uuid}/code")
async def show_code(unit: Unit, slug: str, order_id: UUID) -> Response[str]:
    """Show a code to collect the goods by, made for this page; the one in the mail ends with it."""
    async with order_entry.entered(unit, slug, order_id) as (tx, entry):
        ways = await tx.load_one(fulfillment_queries.ways(order_id))
    ready = [Readiness(way.fulfillment_id) for way in ways if way.status == "ready"]
    visitor.slow_down(unit)

    async def work(tx: Tx) -> Sequence[Ready | Refusal]:
        return await fulfillment.add_codes(tx, wishes=ready)

    try:
        made = await visitor.write(unit, entry.scope, work) if ready else ()
    except FormAlreadySent:
        return pages.redirect(unit, entry.at())
    codes = [one.code for one in made if isinstance(one, Ready)]
    if not codes:
        return pages.redirect(unit, entry.at(), flash=N_("Nothing waits to be collected any more."), tone="info")
    return await order_page.answer(unit, slug, order_id, codes=codes)


HANDLERS: tuple[Any, ...] = (reorder, show_code)
