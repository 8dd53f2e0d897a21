"""Let a gift card whose code was typed pay for what is not an order yet, beside those that do already."""

from collections.abc import Collection
from typing import NamedTuple

from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.wallets import errors, queries, rules
from jiedan.wallets.service.cards import try_cards
from jiedan.wallets.service.redeem import payable
from jiedan.wallets.values import Paying, Source, WalletId


class Joining(NamedTuple):
    """A code as it was typed, the cards that pay already, at most how many may, and the currency that is paid in."""

    typed: str
    taken: Collection[WalletId]
    cards_max: int
    currency: str


async def join_card(tx: Tx, *, joining: Joining, codes: rules.Codes, caller: str, network: str) -> WalletId | Refusal:
    """Return the card of the code if it can pay now, or why it may not join; every one that pays nothing says the same.

    CardLookUpsThrottled, GiftCardUnusable, GiftCardCurrency, GiftCardTaken or TooManyCards is a value, so that the try
    is counted. That a card is of another currency is told of one that pays in that. Nothing is kept of the code.
    """
    found = await try_cards(tx, codes=codes, typed=[joining.typed], caller=caller, network=network)
    if isinstance(found, Refusal):
        return found
    wallet_id = found.get(joining.typed)
    if wallet_id is None:
        return errors.GiftCardUnusable()
    reasons = await _reasons(tx, wallet_id, joining.currency)
    foreign = next((x for x in reasons if isinstance(x, errors.GiftCardCurrency)), None)
    if foreign is not None:
        return errors.GiftCardUnusable() if await _reasons(tx, wallet_id, foreign.unit) else foreign
    if reasons:
        return errors.GiftCardUnusable()
    if wallet_id in joining.taken:
        return errors.GiftCardTaken((await queries.card(tx, wallet_id)).last_four)
    if len(joining.taken) >= joining.cards_max:
        return errors.TooManyCards(joining.cards_max)
    return wallet_id


async def _reasons(tx: ReadTx, wallet_id: WalletId, currency: str) -> list[Refusal]:
    (outcome,) = await payable(tx, payings=[Paying(wallet_id, currency, 1, (Source(wallet_id),))])
    return [x for x in outcome if isinstance(x, Refusal)]
