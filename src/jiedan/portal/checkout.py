"""The checkout, on one page: contact, delivery or collection, payment, notes, the total and the day, consent."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal, one_of, reasons_of
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.carts import queries as carts
from jiedan.carts.values import CartId, CartView
from jiedan.catalog.values import SkuId
from jiedan.customers import rules as customers
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.service import Foreseen
from jiedan.inventory import queries as stock
from jiedan.inventory.values import STORE_KINDS, Location, LocationId
from jiedan.orders import service as orders
from jiedan.orders.errors import TotalRisen
from jiedan.orders.rules import taxing
from jiedan.orders.rules.planning import Plan
from jiedan.orders.service import OfferedGift
from jiedan.orders.values import CARDS_PER_ORDER_MAX, NewOrder, Rejected
from jiedan.payments.errors import NothingDue
from jiedan.portal import (
    addresses,
    cart,
    cart_coupons,
    checkout_wallets,
    known,
    ordering,
    paying,
    quoted,
    savings,
    shipping_choice,
    shown,
    visitor,
)
from jiedan.portal.checkout_wallets import Shares
from jiedan.portal.ordering import CheckoutForm
from jiedan.portal.paying import Method
from jiedan.portal.savings import NOTHING, Told
from jiedan.portal.shipping_choice import Choice
from jiedan.portal.visitor import Place, Visitor
from jiedan.sourcing import rules as sourcing
from jiedan.sourcing.values import Point

PLACES_SHOWN_MAX = 12
PLACE = "place"
"""What the button says that places the order."""


class Collection(NamedTuple):
    """A store where goods can be collected; `km` is how far it is, `has_all` whether everything lies there now."""

    location: Location
    km: int | None
    has_all: bool


class Preview(NamedTuple):
    """What the order would be right now: `reasons` say why not yet."""

    plan: Plan | None
    foreseen: Foreseen | None
    reasons: tuple[Refusal, ...]
    places: tuple[str, ...]
    """Names of the locations it would leave from."""
    is_known: bool = False
    """Whether it is known where to."""
    gifts: tuple[OfferedGift, ...] = ()
    told: Told = NOTHING
    """What promotions make of it."""
    shares: Shares | None = None
    """What gift cards and store credit pay of it."""
    shipping: Choice = shipping_choice.NOTHING
    """The methods that may send it."""

    @property
    def is_paid(self) -> bool:
        """Whether nothing is left to choose a way to pay for."""
        return self.shares is not None and self.shares.is_paid


@get("/checkout")
async def checkout_page(unit: Unit, slug: str) -> Response[str]:
    """Show the checkout; without anything in the cart, the cart."""
    async with visitor.entered(unit, slug) as (tx, who):
        view = await cart.looked_at(tx, who)
        if view is None or not view.lines:
            return pages.redirect(unit, who.at("/cart"))
        country = who.place.country if who.place is not None else who.settings.country
        code = who.place.postal_code if who.place else ""
        chosen = unit.request.query_params.get(shipping_choice.MARKED, "")[: shipping_choice.CODE_CHARACTERS_MAX]
        begun = {"country": country, "postal_code": code, "method": "deliver", shipping_choice.MARKED: chosen}
        form = forms.empty(unit, **{**begun, **known.at_first(await known.customer(tx, who))})
        return await _page(unit, tx, who, view, form, is_asked=False)


@post("/checkout")
async def check_out(unit: Unit, slug: str) -> Response[str]:
    """Show the checkout with what was typed, or place the order; the same cart again is the same order."""
    async with visitor.entered(unit, slug) as (tx, who):
        form = await forms.read(unit, CheckoutForm)
        checkout_wallets.take_out(form)
        is_of_coupons, is_of_cards = cart_coupons.is_told(unit, form), checkout_wallets.is_told(unit, form)
        outcome = None if is_of_coupons or is_of_cards else await _judged(unit, tx, who, form)
    if outcome is None:
        if is_of_coupons:
            await cart_coupons.change(unit, who, form)
        if is_of_cards:
            await checkout_wallets.take(unit, who, form)
        async with visitor.entered(unit, slug) as (tx, who):
            outcome = await _judged(unit, tx, who, form)
    if isinstance(outcome, Response):
        return outcome
    if isinstance(outcome, UUID):
        return await _ordered(unit, who, form, outcome, cart_id=form.text("cart_id"))
    wanted, cards, cart_id = outcome
    visitor.slow_down(unit)
    try:
        order_id = await ordering.place(unit, who, wanted, cart_id=cart_id, cards=cards)
    except Refusal as refusal:
        form.refuse(ordering.for_page(_changed(refusal, wanted.currency or who.currency)))
        async with visitor.entered(unit, slug) as (tx, who):
            view = await cart.looked_at(tx, who)
            if view is None or not view.lines:
                return pages.redirect(unit, who.at("/cart"))
            return await _page(unit, tx, who, view, form, is_asked=True)
    if form.text("keep"):
        await known.keep(unit, who, wanted.ship_to, cart_id=cart_id)
    return await _ordered(unit, who, form, order_id, cart_id=str(cart_id))


async def _judged(
    unit: Unit, tx: ReadTx, who: Visitor, form: Filled[CheckoutForm]
) -> Response[str] | UUID | tuple[NewOrder, Mapping[str, UUID], CartId]:
    """Return the page again, the order that the cart has become, or what is to be placed with its gift cards."""
    sent = form.value
    before = await _ordered_before(tx, who, form)
    is_filled = known.choose(form, await known.customer(tx, who))
    if before is not None:
        return before
    view = await cart.looked_at(tx, who)
    if view is None or not view.lines:
        return pages.redirect(unit, who.at("/cart"))
    if form.text("action") != PLACE or is_filled:
        is_refused = bool(form.error(cart_coupons.FIELD) or form.error(checkout_wallets.FIELD))
        return await _page(unit, tx, who, view, form if is_refused else _unjudged(form), is_asked=is_refused)
    methods = await paying.methods(unit, tx, who, is_collected=form.text("method") == "collect")
    preview = await _preview(unit, tx, who, view, form, methods=methods)
    if sent is not None:
        ordering.judge(form, sent, who, [] if preview.is_paid else [m.code for m in methods])
    _refuse_news(form, preview)
    plan, paid = preview.plan, preview.shares
    if form.value is None or sent is None or plan is None or paid is None:
        return await _page(unit, tx, who, view, form, is_asked=True)
    wanted = ordering.order_of(sent, who, view, plan, wallets=paid.uses, locale=unit.locale)
    return wanted, paid.named, view.cart_id


async def _ordered(unit: Unit, who: Visitor, form: Filled[Any], order_id: UUID, *, cart_id: str) -> Response[str]:
    """Begin the payment that was chosen, once for each cart, and lead to the order.

    Whoever sends the form again may have got no further than the order. What refuses the payment then, the order's
    page offers to try anew.
    """
    address, key = visitor.ticket_address(unit, who, order_id), f"cart-{cart_id}"
    payment = form.text("payment")
    try:
        await paying.pay_by(unit, who, order_id, payment, key=key)
    except NothingDue:
        return pages.redirect(unit, address)  # gift cards and store credit have paid it
    except Refusal as refusal:
        text = i18n.say(unit.locale, refusal)
        return pages.redirect(unit, address, flash="{text}", text=text, tone="bad")
    return pages.redirect(unit, f"{address}?pay=now" if payment.startswith(paying.PROVIDER) else address)


async def _ordered_before(tx: ReadTx, who: Visitor, form: Filled[Any]) -> UUID | None:
    """Return the order that the visitor's own cart of this form has become: it was sent twice."""
    last = await cart.last_ordered(tx, who)
    is_this = last is not None and form.text("cart_id") == str(last[0])
    return last[1] if last is not None and is_this else None


def _unjudged(form: Filled[Any]) -> Filled[Any]:
    """Return a form with what was typed and nothing said against it: it is not sent yet, only shown anew."""
    return Filled(form.locale, None, form.raw, {})


def _refuse_news(form: Filled[Any], preview: Preview) -> None:
    """Refuse to place what costs more or less than the page said, or what cannot be placed right now."""
    if form.value is None:
        return
    for reason in preview.reasons:
        form.refuse(ordering.for_page(reason))
    if preview.plan is None or preview.shares is None:
        return
    seen, now = _seen_minor(form), preview.plan.total_minor
    if seen is None:
        form.refuse(ordering.TotalNotSeen())
    elif seen != now:
        currency = preview.plan.header.currency
        form.refuse(ordering.TotalChanged(i18n.Amount(seen, currency), i18n.Amount(now, currency)))
    elif form.text(checkout_wallets.SHARES) != preview.shares.told:
        form.refuse(checkout_wallets.SharesChanged())
    if (news := shipping_choice.news(form, preview.shipping)) is not None:
        form.refuse(news)


def _seen_minor(form: Filled[Any]) -> int | None:
    """Return the total that the page told, None where it told none."""
    seen = form.text("total_minor")
    return int(seen) if seen.isascii() and seen.isdigit() else None


def _changed(refusal: Refusal, currency: str) -> Refusal:
    """Return why what was agreed to does not hold any more in the words of the page, else the refusal."""
    others = [x for x in reasons_of(refusal) if not checkout_wallets.is_about(x)]
    if not others or len(others) < len(reasons_of(refusal)):
        return one_of((checkout_wallets.SharesChanged(), *others))
    for reason in reasons_of(refusal):
        if isinstance(reason, TotalRisen):
            before, now = reason.expected_total_minor, reason.total_minor
            return ordering.TotalChanged(i18n.Amount(before, currency), i18n.Amount(now, currency))
    return refusal


async def _page(
    unit: Unit, tx: ReadTx, who: Visitor, view: CartView, form: Filled[Any], *, is_asked: bool
) -> Response[str]:
    country = form.text("country", who.settings.country)
    if customers.country_rules(country) is None:
        country = who.settings.country
    fields = addresses.fields(country, form.text("region"), form.text("city"), unit.locale)
    is_collected = form.text("method") == "collect"
    methods = await paying.methods(unit, tx, who, is_collected=is_collected)
    preview = await _preview(unit, tx, who, view, form, methods=methods)
    places = await _collections(tx, who, view, form)
    answer = shown.render(
        unit,
        who,
        "portal/checkout.html",
        part="portal/_checkout.html",
        form=form,
        cart=view,
        images=await cart.images_of(tx, who, view),
        country=country,
        countries=addresses.countries(unit.locale),
        fields=fields,
        labels=ordering.labels(unit.locale, fields),
        is_collected=is_collected and bool(places),
        places=places,
        methods=methods,
        preview=preview,
        shares=preview.shares,
        cards_max=CARDS_PER_ORDER_MAX,
        told=preview.told,
        sums=None if preview.plan is None else quoted.sums_of(preview.plan, unit.locale),
        taxes=() if preview.plan is None else taxing.told(preview.plan.taxes),
        before_minor=_seen_minor(form) if is_asked and preview.plan is not None else None,
        said=[i18n.say(unit.locale, reason) for reason in preview.reasons],
        is_asked=is_asked,
        is_placed=form.text("action") == PLACE,
        terms=ordering.digest_of(who.storefront.terms),
        gift=bool(form.text("gift")),
        book=known.book(await known.customer(tx, who), unit.locale),
    )
    if not is_asked:
        answer.status_code = forms.OK_STATUS
    return answer


async def _preview(
    unit: Unit, tx: ReadTx, who: Visitor, view: CartView, form: Filled[Any], *, methods: Sequence[Method]
) -> Preview:
    """Return what the order would be, with as much of the address as is there, paid as is chosen or else first."""
    offered = [m.code for m in methods]
    payment = form.text("payment") if form.text("payment") in offered else "".join(offered[:1])
    body = ordering.previewed(form, who, view, payment=payment, locale=unit.locale)
    quote = await quoted.quote(tx, unit, who, view, body)
    planned = quote.planned
    if isinstance(planned, Rejected):
        told = savings.with_refused(NOTHING, quote.refused, unit.locale)
        goods = {line.sku: line.name for line in view.lines}
        reasons = tuple(cart.called(x, goods) for x in quoted.by_line(planned.reasons, view))
        return Preview(None, None, reasons, (), told=told)
    told = await savings.told(tx, unit, who, planned.price_story, planned.header.currency)
    used = {LocationId(a.location_id) for a in planned.choice.assignments}
    is_known = body.ship_to is not None or body.location is not None
    foreseen = None
    if used and not planned.choice.missing and is_known:
        foreseen = await fulfillment.foresee(tx, locations=used, address=body.ship_to)
    names = {x.location_id: x.name for x in await tx.load_one(stock.locations())}
    places = tuple(names[x] for x in sorted(used))
    refused = savings.with_refused(told, quote.refused, unit.locale)
    given = await orders.gifts_of(tx, plan=planned)
    paid = await checkout_wallets.shares(tx, unit, who, form, planned)
    choice = shipping_choice.of(planned, is_lost=quote.is_method_lost)
    return Preview(
        planned, foreseen, (), places, is_known=is_known, gifts=given, told=refused, shares=paid, shipping=choice
    )  # fmt: skip


async def _collections(tx: ReadTx, who: Visitor, view: CartView, form: Filled[Any]) -> list[Collection]:
    """Return the stores where goods can be collected, nearest first as far as that is known."""
    locations = await tx.load_one(stock.locations())
    stores = [place for place in locations if place.kind in STORE_KINDS and place.is_active]
    if not stores:
        return []
    typed = form.text("postal_code")
    place = Place(form.text("country", who.settings.country), typed) if typed else who.place
    point = await visitor.point_of(tx, place)
    lying = await _lying(tx, view, [x.location_id for x in stores])
    found = [Collection(x, _km(point, x), lying[x.location_id]) for x in stores]
    found.sort(key=lambda x: (x.km if x.km is not None else 0, x.location.priority))
    return found[:PLACES_SHOWN_MAX]


async def _lying(tx: ReadTx, view: CartView, location_ids: Sequence[LocationId]) -> Mapping[LocationId, bool]:
    """Tell of each location whether everything of the cart lies there, what the cart itself holds included."""
    needed, counters, held = await carts_stock(tx, view)
    found = {}
    for location_id in location_ids:
        found[location_id] = all(
            counters.get((sku_id, location_id), 0) + held.get((sku_id, location_id), 0) >= quantity
            for sku_id, quantity in needed.items()
        )
    return found


Stock = Mapping[tuple[UUID, UUID], int]


async def carts_stock(tx: ReadTx, view: CartView) -> tuple[Mapping[UUID, int], Stock, Stock]:
    """Return what a cart needs of goods, what may be promised by counter, and what the cart holds by counter."""
    needed: dict[UUID, int] = dict((await ordering.goods_of(tx, view)).items())
    counters, held_by_cart = await tx.load(
        stock.availability([SkuId(x) for x in needed]), carts.held_by([view.cart_id])
    )
    held: Stock = {(r.sku_id, r.location_id): r.quantity for r in held_by_cart.get(view.cart_id, ())}
    return needed, {(key.sku_id, key.location_id): row.available for key, row in counters.items()}, held


def _km(point: Point | None, place: Location) -> int | None:
    if point is None or place.lat is None or place.lon is None:
        return None
    return round(sourcing.distance_km(point, Point(place.lat, place.lon)))


HANDLERS = (checkout_page, check_out)
