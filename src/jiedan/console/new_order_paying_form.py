"""What the form of a new order says of coupons and of what pays at once: as typed, as a draft, as an order. Pure.

A code of a gift card is in none of them: a card is named by a proof that stands in the page alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from jiedan.base.web.forms import Filled
from jiedan.console import amounts
from jiedan.console.errors import AmountUnreadable, CountUnreadable
from jiedan.console.order_edit import AddressForm
from jiedan.orders.values import CARDS_PER_ORDER_MAX, COUPONS_PER_ORDER_MAX, WalletUse
from jiedan.pricing.rules.coupons import canonical
from jiedan.pricing.values.coupons import COUPON_TYPED_CHARACTERS_MAX
from jiedan.wallets.rules.codes import TYPED_CHARACTERS_MAX
from jiedan.wallets.values import WalletId

COUPON, COUPONS, COUPON_OUT = "coupon", "coupon_taken", "remove_coupon"
COUNTED = "coupon_counted"
CARD, CARDS, OWN_CARDS, CARD_OUT = "gift_card", "card", "own_card", "remove_card"
CREDIT, CREDIT_AMOUNT = "credit", "credit_amount"
POINTS, POINTS_COUNT, POINTS_AMOUNT = "points", "points_count", "points_amount"

COUNTED_MAX = 2 * COUPONS_PER_ORDER_MAX
"""Marks of wrong codes that a form keeps, the latest."""

MARK_CHARACTERS = 64
"""How long a mark is: digits of a hash, which may look like the number of a card."""

OWN_CARD_CHARACTERS_MAX = 60
DIGITS_MAX = 15

Typed = Annotated[str, msgspec.Meta(max_length=COUPON_TYPED_CHARACTERS_MAX)]
Mark = Annotated[str, msgspec.Meta(max_length=MARK_CHARACTERS)]
Proof = Annotated[str, msgspec.Meta(max_length=TYPED_CHARACTERS_MAX)]
Own = Annotated[str, msgspec.Meta(max_length=OWN_CARD_CHARACTERS_MAX)]
Amount = Annotated[str, msgspec.Meta(max_length=40)]


class PayingForm(AddressForm, kw_only=True):
    """Codes and wallets of a new order.

    `coupon` and `gift_card` are codes as they are typed. `coupon_taken` are coupons that are asked for,
    `coupon_counted` marks of those that no coupon has and that were counted, `card` proofs of gift cards whose codes
    were typed, `own_card` cards of the customer that a program's draft has named.
    """

    __as_sent__: ClassVar = AddressForm.__as_sent__ | {COUNTED}

    coupon: Typed = ""
    coupon_taken: Annotated[list[Typed], msgspec.Meta(max_length=COUPONS_PER_ORDER_MAX)] = msgspec.field(
        default_factory=list
    )
    remove_coupon: Typed = ""
    coupon_counted: Annotated[list[Mark], msgspec.Meta(max_length=COUNTED_MAX)] = msgspec.field(default_factory=list)
    gift_card: Proof = ""
    card: Annotated[list[Proof], msgspec.Meta(max_length=CARDS_PER_ORDER_MAX)] = msgspec.field(default_factory=list)
    own_card: Annotated[list[Own], msgspec.Meta(max_length=CARDS_PER_ORDER_MAX)] = msgspec.field(default_factory=list)
    remove_card: Proof = ""
    credit: bool = False
    credit_amount: Amount = ""
    points: bool = False
    points_count: Amount = ""
    points_amount: Amount = ""


def take_out(form: Filled[Any]) -> None:
    """Forget the coupon and the card that a form takes out."""
    removed = {COUPONS: form.text(COUPON_OUT), CARDS: form.text(CARD_OUT), OWN_CARDS: form.text(CARD_OUT)}
    for name, gone in removed.items():
        if gone:
            form.raw = {**form.raw, name: [one for one in form.raw.get(name, ()) if one != gone]}
    form.raw = {**form.raw, COUPON_OUT: [], CARD_OUT: []}


def coupons_of(form: Filled[Any], *, with_typed: bool) -> tuple[str, ...]:
    """Return the codes that a form asks for, as they are kept, each once."""
    typed = [form.text(COUPON)] if with_typed else []
    codes = [canonical(text) or text for text in (*form.raw.get(COUPONS, ()), *typed)]
    return tuple(dict.fromkeys(code for code in codes if code))[: COUPONS_PER_ORDER_MAX + 1]


def wallets_of(form: Filled[Any], cards: Iterable[WalletId], currency: str) -> tuple[WalletUse, ...]:
    """Return what is to pay: points, gift cards, store credit; what is used last goes back first.

    Raises AmountUnreadable, CountUnreadable.
    """
    uses: list[WalletUse] = []
    if form.text(POINTS):
        amount = amounts.typed_if_any(form.text(POINTS_AMOUNT), currency, field=POINTS_AMOUNT)
        uses.append(WalletUse(kind="points", points=_count(form.text(POINTS_COUNT)), amount_minor=amount))
    uses += [WalletUse(kind="gift_card", code=str(wallet_id)) for wallet_id in cards]
    uses += _own_cards(form)
    if form.text(CREDIT):
        amount = amounts.typed_if_any(form.text(CREDIT_AMOUNT), currency, field=CREDIT_AMOUNT)
        uses.append(WalletUse(kind="credit", amount_minor=amount))
    return tuple(uses)


def field_of(uses: Sequence[WalletUse], field: str) -> str:
    """Return the input at which a refusal of placement about `wallets[2].amount_minor` is told."""
    place, _, part = field.removeprefix("wallets[").partition("]")
    use = uses[int(place)] if place.isdigit() and int(place) < len(uses) else None
    if use is None or use.kind == "gift_card":
        return CARD
    if use.kind == "credit":
        return CREDIT_AMOUNT if part == ".amount_minor" and use.amount_minor else CREDIT
    return POINTS_COUNT if use.points else POINTS


def kept_of(form: Filled[Any], currency: str) -> dict[str, Any]:
    """Return what a draft keeps of coupons and wallets: no gift card whose code was typed."""
    try:
        uses = wallets_of(form, (), currency)
    except (CountUnreadable, AmountUnreadable):
        uses = ()
    return {
        "coupons": list(coupons_of(form, with_typed=False)),
        "wallets": [msgspec.to_builtins(use) for use in uses],
    }


def raw_of(data: Mapping[str, Any], currency: str) -> dict[str, list[str]]:
    """Return what the form says of a draft's coupons and wallets, whoever wrote it, as far as they are any."""
    coupons = [str(one) for one in _listed(data.get("coupons"))]
    raw: dict[str, list[str]] = {COUPONS: coupons} if coupons else {}
    for use in _listed(data.get("wallets")):
        if not isinstance(use, Mapping):
            continue
        kind, minor = use.get("kind"), use.get("amount_minor")
        amount = [amounts.written(minor, currency)] if isinstance(minor, int) else []
        if kind == "credit":
            raw |= {CREDIT: ["1"], CREDIT_AMOUNT: amount}
        elif kind == "points":
            points = use.get("points")
            raw |= {POINTS: ["1"], POINTS_AMOUNT: amount, POINTS_COUNT: [str(points)] if points else []}
        elif kind == "gift_card" and use.get("wallet_id"):
            own = f"{use['wallet_id']} {minor or ''}".strip()
            raw[OWN_CARDS] = [*raw.get(OWN_CARDS, ()), own]
    return raw


def _listed(given: Any) -> Sequence[Any]:
    return given if isinstance(given, list | tuple) else ()


def _own_cards(form: Filled[Any]) -> list[WalletUse]:
    """Return the customer's own cards that a form names; what names none is none."""
    found = []
    for text in form.raw.get(OWN_CARDS, ()):
        name, _, minor = text.partition(" ")
        try:
            wallet_id = UUID(name)
        except ValueError:
            continue
        is_amount = minor.isascii() and minor.isdigit() and len(minor) <= DIGITS_MAX
        found.append(
            WalletUse(kind="gift_card", wallet_id=wallet_id, amount_minor=(int(minor) or None) if is_amount else None)
        )
    return found


def _count(text: str) -> int | None:
    """Return a number of points, None for as many as pay. Raises CountUnreadable."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX and int(text)):
        raise CountUnreadable(text, field=POINTS_COUNT)
    return int(text)
