"""What the shop owes a customer beside goods: their credit, points and gift cards; and what a card is still worth."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web import forms
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerId
from jiedan.portal import shown, signing, visitor
from jiedan.portal.visitor import Visitor
from jiedan.wallets import queries, rules, service
from jiedan.wallets.rules.codes import TYPED_CHARACTERS_MAX
from jiedan.wallets.values import CARD_SIGNS, KIND_LABELS, MOVEMENT_LABELS, GiftCard, Wallet

WALLETS_PATH = "/account/wallets"
ENTRIES = 50


class LookUpForm(forms.Form):
    """The code of a gift card, as it is written on it."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=TYPED_CHARACTERS_MAX)]


@get(WALLETS_PATH)
async def wallets_page(unit: Unit, slug: str) -> Response[str]:
    """Show a customer what they have, and what happened to it."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.customer_id is None:
            return signing.first_sign_in(unit, who)
        return await _page(unit, tx, who, who.customer_id)


@post(WALLETS_PATH)
async def look_up(unit: Unit, slug: str) -> Response[str]:
    """Show what a gift card is worth; who tries many codes that no card has must wait."""
    async with visitor.entered(unit, slug) as (_, who):
        form = await forms.read(unit, LookUpForm)
    customer_id, sent = who.customer_id, form.value
    if customer_id is None:
        return signing.first_sign_in(unit, who)
    card = None
    if sent is not None:
        codes = rules.Codes(*unit.runtime.settings.code_secrets())
        # Asking twice changes nothing, so the same form may come again.
        found = await unit.runtime.database.write(
            who.scope,
            lambda tx: service.look_up_card(
                tx, codes=codes, typed=sent.code, caller=f"customer:{customer_id}", network=unit.network
            ),
        )
        if isinstance(found, Refusal):
            form.refuse(found)
        else:
            card = found
    async with visitor.entered(unit, slug) as (tx, who):
        return await _page(unit, tx, who, customer_id, form=form, looked_up=card)


async def _page(
    unit: Unit,
    tx: ReadTx,
    who: Visitor,
    customer_id: CustomerId,
    *,
    form: "Filled[Any] | None" = None,
    looked_up: GiftCard | None = None,
) -> Response[str]:
    known_as = (await tx.load_one(customers.identities([customer_id])))[customer_id]
    balances = await queries.wallets_of(tx, customer_id, known_as=known_as)
    cards = await queries.cards_of(tx, customer_id, known_as=known_as)
    named: dict[Any, tuple[Wallet, str]] = {x.wallet_id: (x, "") for x in balances}
    named |= {x.wallet.wallet_id: (x.wallet, x.last_four) for x in cards}
    request = paging.Request.of(
        unit.exchange.site.cursors,
        tenant=who.tenant,
        name="own-wallet-entries",
        filters={"customer_id": customer_id},
        limit=ENTRIES,
        cursor=unit.request.query_params.get("cursor") or None,
    )
    entries = await queries.entry_rows(tx, request=request, wallet_ids=list(named))
    return shown.render(
        unit,
        who,
        "portal/wallets.html",
        form=form,
        looked_up=None if looked_up is None else (looked_up, CARD_SIGNS[rules.state_of(looked_up, at=tx.now)]),
        balances=balances,
        cards=[(card, CARD_SIGNS[rules.state_of(card, at=tx.now)]) for card in cards],
        named=named,
        entries=entries,
        labels=KIND_LABELS,
        movements=MOVEMENT_LABELS,
    )


HANDLERS = (wallets_page, look_up)
