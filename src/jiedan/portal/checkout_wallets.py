"""Points, gift cards and store credit at the checkout: what each pays of the order, and what is left for another way.

The page keeps no code: a card whose code was typed is named by its proof, in a field of the form. What is shown is what
is taken: each share is asked for by its amount, and whoever finds less there is led back to the checkout.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from jiedan.base import errors, i18n
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.i18n import N_
from jiedan.base.web import pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.carts.values import CartId
from jiedan.orders import service as orders
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import CARDS_PER_ORDER_MAX, WalletUse
from jiedan.portal.visitor import Visitor
from jiedan.wallets import queries, rules, service
from jiedan.wallets.values import Piece, WalletId, WalletKind

FIELD, TAKEN, REMOVED, CREDIT, POINTS, SHARES = "gift_card", "card", "remove_card", "credit", "points", "shares"
"""The fields: a code that was typed, proofs of cards, one that is taken out, whether credit and points pay, what was
shown."""

WALLETS = "wallets["
"""Beginning of the fields in which placement refuses what is to pay."""


@dataclasses.dataclass(eq=False)
class SharesChanged(errors.Conflict):
    """Gift cards, credit or points would pay something else than the page said."""

    code: ClassVar[str] = "shares_changed"
    message: ClassVar[str] = N_("What gift cards, store credit and points pay has changed.")
    remedy: ClassVar[str] = N_("Look below at what is still to be paid, and order again if it is all right.")


class ShownCard(NamedTuple):
    """A card of the checkout: so much it pays and so much is left on it then, or `why` it pays nothing."""

    proof: str
    last_four: str
    pays_minor: int
    left_minor: int
    why: str


class Shares(NamedTuple):
    """What wallets pay of an order and what they leave; `has` is what the customer could use, nothing of a guest's.

    `points` pay `points_minor`, or nothing and `points_why`. `uses` ask for just that, cards by their ids, which
    `named` tells placement.
    """

    due_minor: int
    cards: Sequence[ShownCard] = ()
    has: service.Had = service.Had()
    credit_minor: int = 0
    points: int = 0
    points_minor: int = 0
    points_why: str = ""
    uses: tuple[WalletUse, ...] = ()
    named: Mapping[str, UUID] = MappingProxyType({})

    @property
    def is_paid(self) -> bool:
        """Whether nothing is left for another way to pay."""
        return not self.due_minor

    @property
    def told(self) -> str:
        """What the page sends back of what it showed; empty where wallets pay nothing."""
        amounts = [*(x.pays_minor for x in self.cards), self.credit_minor]
        if self.points_minor:
            amounts += [self.points_minor, self.points]
        return ",".join(map(str, amounts)) if any(amounts) else ""


def is_told(unit: Unit, form: Filled[Any]) -> bool:
    """Tell whether a code was sent by hand, not by a script while somebody is typing."""
    return not pages.wants_part(unit) and bool(form.text(FIELD)) and not form.error(FIELD)


def take_out(form: Filled[Any]) -> None:
    """Forget the card that a form takes out."""
    if form.text(REMOVED):
        kept = [proof for proof in form.raw.get(TAKEN, ()) if proof != form.text(REMOVED)]
        form.raw = {**form.raw, TAKEN: kept, REMOVED: []}


async def take(unit: Unit, who: Visitor, form: Filled[Any]) -> None:
    """Let the card whose code was typed pay; what is wrong with it stands at its field.

    Who tries many codes that no card has must wait, as wherever codes are taken. It is a transaction of its own, under
    no number of the form: asking twice changes nothing, and nothing is kept of the code.
    """
    if who.cart_id is None:
        return
    secret = unit.runtime.settings.signing_secret()
    taken = _proven(secret, who, who.cart_id, form)
    typed, actor = form.text(FIELD), who.scope.actor

    joining = service.Joining(typed, taken, CARDS_PER_ORDER_MAX, who.currency)

    async def work(tx: Tx) -> WalletId | Refusal:
        codes = rules.Codes(*unit.runtime.settings.code_secrets())
        caller = f"{actor.kind}:{actor.id}"
        return await service.join_card(tx, joining=joining, codes=codes, caller=caller, network=unit.network)

    found = await unit.runtime.database.write(who.scope, work)
    if isinstance(found, Refusal):
        found.field = FIELD
        form.refuse(found)
    else:
        proofs = [*taken.values(), rules.proof_of(secret, who.tenant, who.cart_id.bytes, found)]
        form.raw = {**form.raw, FIELD: [""], TAKEN: proofs}


async def shares(tx: ReadTx, unit: Unit, who: Visitor, form: Filled[Any], plan: Plan) -> Shares:
    """Return what the wallets that a form names pay of an order, each as much as it has: points, cards, credit.

    So of what goes back one day, points come last: what is used last goes back first.

    A guest without a card costs no statement. What cannot pay is told beside it and takes part no more.
    """
    secret = unit.runtime.settings.signing_secret()
    proven = {} if who.cart_id is None else _proven(secret, who, who.cart_id, form)
    known = await tx.load_one(queries.cards(proven, now=tx.now)) if proven else {}
    proofs = {wallet_id: proof for wallet_id, proof in proven.items() if wallet_id in known}
    has = await service.had(tx, customer_id=who.customer_id, currency=plan.header.currency)
    uses = [WalletUse(kind="points")] if has.points and form.text(POINTS) else []
    first = len(uses)
    uses += [WalletUse(kind="gift_card", code=str(wallet_id)) for wallet_id in proofs]
    if has.credit_minor and form.text(CREDIT):
        uses.append(WalletUse(kind="credit"))
    named = {str(wallet_id): UUID(str(wallet_id)) for wallet_id in proofs}
    pieces, refused = await _pieces(tx, plan, uses, named)
    paid = [sum(x.amount for x in pieces if x.place == place) for place in range(len(uses))]
    points = sum(x.taken for x in pieces if x.kind == WalletKind.points)
    cards = [
        ShownCard(
            proof,
            known[wallet_id].last_four,
            paid[place],
            known[wallet_id].spendable - paid[place],
            i18n.say(unit.locale, refused[place]) if place in refused else "",
        )
        for place, (wallet_id, proof) in enumerate(proofs.items(), start=first)
    ]
    return Shares(
        due_minor=plan.total_minor - sum(paid),
        cards=cards,
        has=has,
        credit_minor=sum(paid[first + len(proofs) :]),
        points=points,
        points_minor=sum(paid[:first]),
        points_why=i18n.say(unit.locale, refused[0]) if first and 0 in refused else "",
        uses=tuple(_asking(use, amount, points) for use, amount in zip(uses, paid, strict=True) if amount),
        named=named,
    )


def _asking(use: WalletUse, amount_minor: int, points: int) -> WalletUse:
    """Return a use that asks for just what was shown: at another rate points are refused."""
    return replace(use, amount_minor=amount_minor, points=points if use.kind == "points" else None)


async def _pieces(
    tx: ReadTx, plan: Plan, uses: Sequence[WalletUse], named: Mapping[str, UUID]
) -> tuple[Sequence[Piece], Mapping[int, Refusal]]:
    """Return what those of the wallets pay that can, and why the others cannot, by their places."""
    body = replace(plan.draft.body, wallets=tuple(uses))
    return await orders.previewed_each(tx, plan._replace(draft=plan.draft._replace(body=body, cards=named)))


def _proven(secret: str, who: Visitor, cart_id: CartId, form: Filled[Any]) -> dict[WalletId, str]:
    """Return the cards that a form names with proofs for this cart, in their order, each once."""
    found = ((rules.card_of(secret, who.tenant, cart_id.bytes, proof), proof) for proof in form.raw.get(TAKEN, ()))
    return dict([(wallet_id, proof) for wallet_id, proof in found if wallet_id is not None][:CARDS_PER_ORDER_MAX])


def is_about(refusal: Refusal) -> bool:
    """Tell whether an order was refused for what was to pay for it: less is there than a moment ago."""
    return any((reason.field or "").startswith(WALLETS) for reason in reasons_of(refusal))
