"""From what was typed at the checkout to an order: judged field by field, placed once for each cart."""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from jiedan.accounts.values import PaymentTerms
from jiedan.base import errors, i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.carts import rules as carts
from jiedan.carts.values import CartView
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SkuId
from jiedan.customers import errors as customer_errors
from jiedan.customers import rules as customers
from jiedan.customers.values import ADDRESS_FIELD_CHARACTERS_MAX, Address
from jiedan.orders import service as orders
from jiedan.orders.rules import gifting
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import (
    CARDS_PER_ORDER_MAX,
    NOTE_CHARS_MAX,
    PROMOTION_CHARS_MAX,
    Contact,
    NewLine,
    NewNote,
    NewOrder,
    OrderId,
    WalletUse,
)
from jiedan.portal import paying, shipping_choice
from jiedan.portal.address_form import PLACE, Line, PlaceForm
from jiedan.portal.addresses import Field
from jiedan.portal.visitor import Visitor
from jiedan.pricing.values.coupons import COUPON_TYPED_CHARACTERS_MAX
from jiedan.wallets.rules.codes import TYPED_CHARACTERS_MAX

CHANNEL = "web"
CALLER = "cart"
"""Who holds the key under which an order of a cart is placed: the cart itself, so it becomes one order at most."""

GIFT_TAG = "gift"
AGREEMENT_DIGITS = 12

_ABOVE = ("lines", "coupons", "expected_total_minor")
"""Beginnings of fields that are said above the page: it has none of these."""

_RENAMED: Mapping[str, str] = {shipping_choice.FIELD: shipping_choice.MARKED}

Note = Annotated[str, msgspec.Meta(max_length=NOTE_CHARS_MAX)]
TypedCoupon = Annotated[str, msgspec.Meta(max_length=COUPON_TYPED_CHARACTERS_MAX)]

LABELS: Mapping[str, str] = {
    "name": N_("Full name"),
    "email": N_("E-mail"),
    "phone": N_("Phone"),
    "country": N_("Country or region"),
    "company": N_("Company"),
    "recipient": N_("Recipient, if somebody else"),
    "location": N_("Store"),
    "payment": N_("Payment"),
    "note": N_("Note for the delivery"),
    "gift_note": N_("What the card should say"),
    "agree": N_("Terms of sale"),
    "method": N_("Delivery or collection"),
    "shipping": N_("Shipping method"),
    "coupon": N_("Coupon code"),
    "gift_card": N_("Gift card code"),
}


@dataclasses.dataclass(eq=False)
class TotalChanged(errors.Conflict):
    """The order would cost something else than the page said."""

    code: ClassVar[str] = "total_changed"
    message: ClassVar[str] = N_("The total has changed: it was {before}, now it is {now}.")
    remedy: ClassVar[str] = N_("Look at it below, and order again if it is all right.")

    before: str
    now: str


@dataclasses.dataclass(eq=False)
class TotalNotSeen(errors.Conflict):
    """The page that was sent told no total."""

    code: ClassVar[str] = "total_not_seen"
    message: ClassVar[str] = N_("This is what it costs: please look at the total first.")
    remedy: ClassVar[str] = N_("Look at it below, and order again if it is all right.")


@dataclasses.dataclass(eq=False)
class ConsentMissing(errors.Invalid):
    """The customer has not agreed to the terms of sale."""

    code: ClassVar[str] = "consent_missing"
    message: ClassVar[str] = N_("Please agree to the terms of sale to order.")
    remedy: ClassVar[str] = N_("Read them by the link, and set the mark before them.")


@dataclasses.dataclass(eq=False)
class TermsChanged(errors.Conflict):
    """The merchant changed the terms of sale while the customer was at the checkout."""

    code: ClassVar[str] = "terms_changed"
    message: ClassVar[str] = N_("The terms of sale have changed meanwhile.")
    remedy: ClassVar[str] = N_("Read them by the link, and set the mark again if you agree.")


@dataclasses.dataclass(eq=False)
class EmailWrong(errors.Invalid):
    """An e-mail address is none."""

    code: ClassVar[str] = "email_wrong"
    message: ClassVar[str] = N_("This is not an e-mail address.")
    remedy: ClassVar[str] = N_("Write it like name@example.com.")


@dataclasses.dataclass(eq=False)
class PhoneWrong(errors.Invalid):
    """A phone number is none."""

    code: ClassVar[str] = "phone_wrong"
    message: ClassVar[str] = N_("This is not a phone number.")
    remedy: ClassVar[str] = N_("Write it with the area code, or begin with + and the country code.")


@dataclasses.dataclass(eq=False)
class ChoiceMissing(errors.Invalid):
    """Nothing was chosen, or something that is not offered."""

    code: ClassVar[str] = "choice_missing"
    message: ClassVar[str] = N_("Nothing is chosen here yet.")
    remedy: ClassVar[str] = N_("Please choose one.")


class CheckoutForm(PlaceForm, kw_only=True):
    """Everything that is typed at the checkout; `total_minor`, `terms` and `shares` are what the page showed of them.

    `gift_card` is a code that was typed, `card` are the proofs of codes that were. `shipping` is the method that is
    marked, `shipping_first` the one that is without anybody's choice.
    """

    cart_id: UUID
    action: Annotated[str, msgspec.Meta(max_length=20)] = ""
    total_minor: Annotated[str, msgspec.Meta(max_length=20)] = ""
    terms: Annotated[str, msgspec.Meta(max_length=20)] = ""
    name: Line = ""
    email: Line = ""
    phone: Line = ""
    method: Annotated[str, msgspec.Meta(max_length=20)] = "deliver"
    shipping: Line = ""
    shipping_first: Line = ""
    location: Line = ""
    recipient: Line = ""
    book: Line = ""
    book_shown: Line = ""
    keep: bool = False
    payment: Line = ""
    note: Note = ""
    gift: bool = False
    gift_note: Note = ""
    gift_choice: list[Line] = msgspec.field(default_factory=list)
    gift_of: list[Annotated[str, msgspec.Meta(max_length=PROMOTION_CHARS_MAX)]] = msgspec.field(default_factory=list)
    agree: bool = False
    coupon: TypedCoupon = ""
    remove_coupon: Line = ""
    gift_card: Annotated[str, msgspec.Meta(max_length=TYPED_CHARACTERS_MAX)] = ""
    card: Annotated[list[Line], msgspec.Meta(max_length=CARDS_PER_ORDER_MAX)] = msgspec.field(default_factory=list)
    remove_card: Line = ""
    credit: bool = False
    points: bool = False
    shares: Line = ""


def labels(locale: str, fields: Sequence[Field]) -> dict[str, str]:
    """Return what each field is called, for the list of what is wrong."""
    return {name: i18n.gettext(locale, label) for name, label in LABELS.items()} | {f.name: f.label for f in fields}


def judge(form: Filled[CheckoutForm], sent: CheckoutForm, who: Visitor, payments: Collection[str]) -> None:
    """Refuse, each at its field, what is missing or wrong in a form that is to be placed."""
    for name in ("name", "email"):
        if not getattr(sent, name):
            form.refuse(_at(form, forms.FieldRequired(), name))
    if sent.email and customers.normalize_email(sent.email) is None:
        form.refuse(EmailWrong(field="email"))
    country = sent.country if customers.country_rules(sent.country) is not None else who.settings.country
    if sent.phone and customers.normalize_phone(sent.phone, country) is None:
        form.refuse(PhoneWrong(field="phone"))
    if sent.method == "collect":
        if not sent.location:
            form.refuse(_at(form, ChoiceMissing(), "location"))
    else:
        if not sent.phone:
            form.refuse(_at(form, forms.FieldRequired(), "phone"))
        for refusal in customers.check_address(_address(sent)):
            is_missing = isinstance(refusal, customer_errors.AddressFieldMissing)
            form.refuse(_at(form, forms.FieldRequired() if is_missing else refusal, refusal.field or "line1"))
    if payments and sent.payment not in payments:
        form.refuse(_at(form, ChoiceMissing(), "payment"))
    if who.storefront.terms and not sent.agree:
        form.refuse(_at(form, ConsentMissing(), "agree"))
    elif who.storefront.terms and sent.terms and sent.terms != digest_of(who.storefront.terms):
        form.raw = {**form.raw, "agree": [""]}
        form.refuse(_at(form, TermsChanged(), "agree"))


def _at(form: Filled[Any], refusal: Refusal, name: str) -> Refusal:
    """Return a refusal that stands at a field, also at one that browsers do not send when it is empty."""
    if name not in form.raw:
        form.raw = {**form.raw, name: [""]}
    refusal.field = name
    return refusal


def order_of(
    sent: CheckoutForm, who: Visitor, view: CartView, plan: Plan, *, wallets: tuple[WalletUse, ...], locale: str
) -> NewOrder:
    """Return the order that a judged form asks for: at the price of `plan`, which the page has told, and no higher.

    `wallets` pay what the page has told, and not a cent else.
    """
    is_collected = sent.method == "collect"
    notes = [NewNote(kind="delivery", text=sent.note)] if sent.note else []
    if sent.gift and sent.gift_note:
        notes.append(NewNote(kind="packaging", text=sent.gift_note))
    if who.storefront.terms:
        notes.append(NewNote(kind="record", text=agreement(who)))
    return NewOrder(
        lines=_lines(view),
        channel=CHANNEL,
        currency=view.currency,
        locale=locale,
        customer_id=who.customer_id,
        contact=Contact(name=sent.name, phone=sent.phone, email=sent.email),
        ship_to=None if is_collected else _address(sent),
        location=sent.location if is_collected else None,
        payment_terms=plan.header.payment_terms,
        payment_method=plan.draft.body.payment_method,
        notes=tuple(notes),
        tags=(GIFT_TAG,) if sent.gift else (),
        shipping_method=plan.draft.body.shipping_method,
        shipping_minor=0 if is_collected else None,
        cart_id=view.cart_id,
        gifts=gifting.chosen(sent.gift_choice, sent.gift_of),
        coupons=plan.draft.body.coupons,
        expected_total_minor=plan.total_minor,
        wallets=wallets,
    )


def agreement(who: Visitor) -> str:
    """Return what an order keeps of the terms that its customer agreed to: which they were, in the merchant's language.

    The digest is short enough never to be taken for the number of a card.
    """
    text = N_("The customer agreed to the terms of sale when ordering: version {version} of the shop, text {digest}.")
    digest = digest_of(who.storefront.terms)
    return i18n.translate(who.settings.locale, text, version=who.storefront.version, digest=digest)


def digest_of(terms: str) -> str:
    """Return what tells these terms of sale from others; empty where there are none."""
    return hashlib.sha256(terms.encode()).hexdigest()[:AGREEMENT_DIGITS] if terms else ""


def previewed(form: Filled[Any], who: Visitor, view: CartView, *, payment: str, locale: str) -> NewOrder:
    """Return the order as far as it is typed: an address that is not whole yet is left out.

    `payment` is the way to pay that is chosen, or is to begin with: prices may depend on it.
    """
    is_collected = form.text("method") == "collect" and bool(form.text("location"))
    typed = _typed_address(form)
    is_whole = not customers.check_address(typed)
    return NewOrder(
        lines=_lines(view),
        channel=CHANNEL,
        currency=view.currency,
        locale=locale,
        customer_id=who.customer_id,
        ship_to=typed if is_whole and not is_collected else None,
        location=form.text("location") if is_collected else None,
        payment_terms=_terms(payment),
        shipping_method=shipping_choice.asked(form),
        payment_method=paying.method_of(payment),
        shipping_minor=0 if form.text("method") == "collect" else None,
        cart_id=view.cart_id,
        gifts=gifting.chosen(form.raw.get("gift_choice", ()), form.raw.get("gift_of", ())),
    )


def looked_at(who: Visitor, view: CartView, *, locale: str) -> NewOrder:
    """Return the order that a cart alone asks for."""
    return NewOrder(
        lines=_lines(view),
        channel=CHANNEL,
        currency=view.currency,
        locale=locale,
        customer_id=who.customer_id,
        cart_id=view.cart_id,
    )


async def goods_of(tx: ReadTx, view: CartView) -> dict[SkuId, int]:
    """Return the goods that a cart needs, kits by their parts."""
    skus = await tx.load_one(catalog.skus_by_id([line.sku_id for line in view.lines]))
    needed: Counter[SkuId] = Counter()
    for line in view.lines:
        if line.sku_id in skus:
            for part in carts.parts_of(skus[line.sku_id], line.quantity):
                needed[part.sku_id] += part.quantity
    return dict(needed)


async def place(
    unit: Unit, who: Visitor, wanted: NewOrder, *, cart_id: UUID, cards: Mapping[str, UUID] = MappingProxyType({})
) -> OrderId:
    """Place the order of a cart, once; return it, also when it was placed before. Raises what placement refuses.

    `cards` are the gift cards that the order names.
    """
    wish = orders.wish_of(wanted, None, cards=cards)
    placed, _ = await unit.part(orders.OrderDesk).place(who.scope, wish, caller=CALLER, key=str(cart_id))
    return placed.order_id


def for_page(refusal: Refusal) -> Refusal:
    """Return a refusal of placement with its fields called as on the page; what no field has stands above."""
    return errors.renamed(
        refusal,
        lambda name: None if name.startswith(_ABOVE) else _RENAMED.get(name, _unprefixed(name)),
    )


def _unprefixed(name: str) -> str:
    return name.removeprefix("ship_to.").removeprefix("contact.")


def _terms(payment: str) -> PaymentTerms:
    return "on_delivery" if payment == paying.ON_DELIVERY else "prepaid"


def _lines(view: CartView) -> tuple[NewLine, ...]:
    return tuple(NewLine(sku=x.sku, quantity=x.quantity, attributes=dict(x.attributes)) for x in view.lines)


def _address(sent: CheckoutForm) -> Address:
    return sent.address_of(name=sent.recipient or sent.name, phone=sent.phone)


def _typed_address(form: Filled[Any]) -> Address:
    typed: dict[str, Any] = {name: form.text(name)[:ADDRESS_FIELD_CHARACTERS_MAX] for name in PLACE}
    return Address(**typed)
