"""Coupons, gift cards, store credit and points of a new order: looked at as the shop's checkout does, told in words.

The page keeps no code of a card: whoever typed one gets its proof, good for this form and this person alone. Who tries
many codes that nothing has must wait, as wherever codes are taken.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from jiedan.base import errors, i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.carts.errors import TooManyCoupons
from jiedan.console import new_order_kept
from jiedan.console.new_order_paying_form import (
    CARD,
    CARDS,
    COUNTED,
    COUNTED_MAX,
    COUPON,
    COUPONS,
    OWN_CARDS,
    coupons_of,
    field_of,
    wallets_of,
)
from jiedan.orders import service as orders
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import (
    CARDS_PER_ORDER_MAX,
    COUPONS_PER_ORDER_MAX,
    Draft,
    NewOrder,
    Rejected,
    WalletUse,
)
from jiedan.pricing.errors import CouponRefused
from jiedan.wallets import queries, rules, service
from jiedan.wallets.errors import GiftCardUnusable
from jiedan.wallets.values import WalletId, WalletKind

CODES = (COUPON, CARD)
"""The inputs in which codes are typed."""


class Asked(NamedTuple):
    """The order that a form asks for with its codes and wallets.

    `cards` are gift cards by how `body` names them, `proofs` what the form calls them.
    """

    body: NewOrder
    cards: Mapping[str, UUID] = MappingProxyType({})
    proofs: Mapping[str, str] = MappingProxyType({})


class ShownCard(NamedTuple):
    """A card of the form, by the value that names it there: so much it pays, so much is left, or `why` it pays nothing.

    Without an order to pay for, nothing is known of it.
    """

    value: str
    name: str
    last_four: str = ""
    pays_minor: int = 0
    left_minor: int = 0
    why: str = ""


class Paid(NamedTuple):
    """What wallets would pay of an order and what they leave; `has` is what the customer could use."""

    due_minor: int
    cards: Sequence[ShownCard] = ()
    credit_minor: int = 0
    credit_why: str = ""
    points: int = 0
    points_minor: int = 0
    points_why: str = ""
    has: service.Had = service.Had()


def tries(unit: Unit, form: Filled[Any] | None = None) -> orders.CodeTries:
    """Return where the coupons that somebody tries are counted; those that a form was told to be wrong, no more."""
    found = orders.CodeTries(unit.runtime.database, unit.scope, unit.principal.caller, unit.network)
    if form is None:
        return found
    told = frozenset(form.raw.get(COUNTED, ()))
    return found._replace(is_counted=lambda code: _mark(unit, form, code) in told)


async def count_wrong(unit: Unit, form: Filled[Any], reasons: Iterable[Refusal]) -> None:
    """Count the codes that no coupon has, and mark the form, so that looking at it again counts none of them again.

    A mark is good for one code in this form, in the hands of who tried it: other codes count, each.
    """
    reasons = list(reasons)
    await tries(unit, form).count_wrong(reasons)
    marks = [_mark(unit, form, code) for code in orders.unknown_codes(reasons)]
    if marks:
        known = dict.fromkeys([*form.raw.get(COUNTED, ()), *marks])
        form.raw = {**form.raw, COUNTED: list(known)[-COUNTED_MAX:]}


def _mark(unit: Unit, form: Filled[Any], code: str) -> str:
    secret = unit.runtime.settings.signing_secret()
    key = hashlib.sha256(b"coupon of a new order:" + secret.encode()).digest()
    return hmac.digest(key, unit.tenant.bytes + _subject(unit, form) + code.encode(), "sha256").hex()


async def asked(unit: Unit, form: Filled[Any], body: NewOrder, *, is_placed: bool, is_typed: bool) -> Asked:
    """Return the order with what a form says of codes and wallets; codes that are being typed only if `is_typed`.

    A gift card that cannot pay is told at its field. As the order `is_placed`, placement judges, so that what is sent
    twice is found again. Raises TooManyCoupons, AmountUnreadable, CountUnreadable; GiftCardUnusable and
    CardLookUpsThrottled only as it is placed.
    """
    if is_typed and form.text(CARD):
        await _take(unit, form, is_placed=is_placed)
    coupons = coupons_of(form, with_typed=is_typed)
    if len(coupons) > COUPONS_PER_ORDER_MAX:
        raise TooManyCoupons(COUPONS_PER_ORDER_MAX, field=COUPON)
    proven = _proven(unit, form)
    uses = wallets_of(form, proven, new_order_kept.currency_of(form, unit.principal.currency))
    return Asked(
        replace(body, coupons=coupons, wallets=uses),
        {str(wallet_id): wallet_id for wallet_id in proven},
        {str(wallet_id): proof for wallet_id, proof in proven.items()},
    )


async def begun(unit: Unit, form: Filled[Any], body: NewOrder) -> Asked:
    """Return the order that a form begins with; without wallets of a customer for those who may not use them."""
    wanted = await asked(unit, form, body, is_placed=False, is_typed=False)
    if unit.may("wallets:write"):
        return wanted
    uses = tuple(use for use in wanted.body.wallets if use.code is not None)
    return wanted._replace(body=replace(wanted.body, wallets=uses))


async def planned(tx: ReadTx, unit: Unit, wanted: Asked) -> tuple[Plan | Rejected, Mapping[str, CouponRefused]]:
    """Return what the order would be without the codes that open nothing, and those.

    As many statements as a preview; twice as many where a code is refused.
    """
    found = await _planned(tx, unit, wanted)
    reasons = found.reasons if isinstance(found, Rejected) else ()
    refused = {str(x.coupon): x for x in reasons if isinstance(x, CouponRefused)}
    if refused:
        left = tuple(code for code in wanted.body.coupons if code not in refused)
        found = await _planned(tx, unit, wanted._replace(body=replace(wanted.body, coupons=left)))
    return found, refused


async def _planned(tx: ReadTx, unit: Unit, wanted: Asked) -> Plan | Rejected:
    who = unit.principal
    draft = Draft(wanted.body, 0, who.actor, unit.request_id, who.caller, "", b"", cards=wanted.cards)
    (plan,) = await orders.preview_orders(tx, [draft])
    return plan


async def paid(tx: ReadTx, unit: Unit, wanted: Asked, plan: Plan) -> Paid:
    """Return what wallets would pay of an order, and why those would not that cannot.

    No statement where nothing is to pay and nobody is known who could. What customers have is told to those who may
    use it.
    """
    has = service.Had()
    if unit.may("wallets:write"):
        has = await service.had(tx, customer_id=plan.header.customer_id, currency=plan.header.currency)
    uses = wanted.body.wallets
    if not uses:
        return Paid(plan.total_minor, has=has)
    pieces, refused = await orders.previewed_each(tx, plan)
    known = await tx.load_one(queries.cards(wanted.cards.values(), now=tx.now)) if wanted.cards else {}
    why = {place: i18n.say(unit.locale, refusal) for place, refusal in refused.items()}
    by_kind = {use.kind: place for place, use in enumerate(uses)}
    pays = [sum(x.amount for x in pieces if x.place == place) for place in range(len(uses))]
    last = {x.place: x.last_four for x in pieces} | {
        place: known[WalletId(wanted.cards[use.code])].last_four
        for place, use in enumerate(uses)
        if use.code and WalletId(wanted.cards[use.code]) in known
    }
    left = {x.place: x.left for x in pieces}
    return Paid(
        due_minor=plan.total_minor - sum(pays),
        cards=tuple(
            ShownCard(*_called(wanted, use), last.get(place, ""), pays[place], left.get(place, 0), why.get(place, ""))
            for place, use in enumerate(uses)
            if use.kind == "gift_card"
        ),
        credit_minor=pays[by_kind["credit"]] if "credit" in by_kind else 0,
        credit_why=why.get(by_kind.get("credit", -1), ""),
        points=sum(x.taken for x in pieces if x.kind == WalletKind.points),
        points_minor=pays[by_kind["points"]] if "points" in by_kind else 0,
        points_why=why.get(by_kind.get("points", -1), ""),
        has=has,
    )


def _called(wanted: Asked, use: WalletUse) -> tuple[str, str]:
    """Return the value that names a card in the form, and the name of its input."""
    if use.code is not None:
        return wanted.proofs[use.code], CARDS
    return f"{use.wallet_id} {use.amount_minor or ''}".strip(), OWN_CARDS


def settle(form: Filled[Any], refused: Mapping[str, CouponRefused]) -> None:
    """Let a form ask for the coupon that was typed, or tell at its field why it opens nothing."""
    typed = coupons_of(form, with_typed=True)
    before = coupons_of(form, with_typed=False)
    mine = next((refused[code] for code in typed if code in refused and code not in before), None)
    if mine is None:
        form.raw = {**form.raw, COUPONS: list(typed), COUPON: [""]}
    else:
        mine.field = COUPON
        form.refuse(mine)


def renamed(refusal: Refusal, uses: Sequence[WalletUse]) -> Refusal:
    """Return a refusal of placement with codes and wallets called as in the form."""

    def called(field: str) -> str:
        if field.startswith("coupons"):
            return COUPON
        return field_of(uses, field) if field.startswith("wallets[") else field

    return errors.renamed(refusal, called)


async def _take(unit: Unit, form: Filled[Any], *, is_placed: bool) -> None:
    """Let the card whose code was typed pay; nothing is kept of the code."""
    taken, typed, who = _proven(unit, form), form.text(CARD), unit.principal
    currency = new_order_kept.currency_of(form, who.currency)
    joining = service.Joining(typed, taken, CARDS_PER_ORDER_MAX, currency)
    codes = rules.Codes(*unit.runtime.settings.code_secrets())

    async def work(tx: Tx) -> WalletId | Refusal:
        if not is_placed:
            return await service.join_card(tx, joining=joining, codes=codes, caller=who.caller, network=unit.network)
        found = await service.try_cards(tx, codes=codes, typed=[typed], caller=who.caller, network=unit.network)
        return found if isinstance(found, Refusal) else found.get(typed, GiftCardUnusable())

    found = await unit.runtime.database.write(unit.scope, work)
    if isinstance(found, Refusal):
        found.field = CARD
        if is_placed:
            raise found
        form.refuse(found)
        return
    secret = unit.runtime.settings.signing_secret()
    proofs = {**taken, found: rules.proof_of(secret, unit.tenant, _subject(unit, form), found)}
    form.raw = {**form.raw, CARD: [""], CARDS: list(proofs.values())}


def _proven(unit: Unit, form: Filled[Any]) -> dict[WalletId, str]:
    """Return the cards that a form names with proofs for it, in their order, each once."""
    if not form.raw.get(CARDS):
        return {}
    secret, subject = unit.runtime.settings.signing_secret(), _subject(unit, form)
    found = ((rules.card_of(secret, unit.tenant, subject, proof), proof) for proof in form.raw[CARDS])
    return dict([(wallet_id, proof) for wallet_id, proof in found if wallet_id is not None][:CARDS_PER_ORDER_MAX])


def _subject(unit: Unit, form: Filled[Any]) -> bytes:
    """Return what a proof is good for: this form, in the hands of who typed the code."""
    return hashlib.sha256(f"new order:{unit.principal.caller}:{form.text('key')}".encode()).digest()
