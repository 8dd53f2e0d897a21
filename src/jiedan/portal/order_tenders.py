"""What an order was paid with out of gift cards and store credit, for the pages of who ordered."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.payments.values import WALLET, Payment
from jiedan.wallets import queries as wallets
from jiedan.wallets.values import WalletKind


def of_wallets(made: Sequence[Payment]) -> list[Payment]:
    """Return those of an order's payments that came out of wallets."""
    return [payment for payment in made if payment.provider == WALLET]


async def endings(tx: ReadTx, made: Sequence[Payment]) -> Mapping[str, str]:
    """Return how the codes of the cards end that paid, by the reference of their payments.

    One statement, none where no card paid.
    """
    ids = {payment.provider_ref for payment in of_wallets(made) if payment.method == WalletKind.gift_card}
    if not ids:
        return {}
    found = await tx.load_one(wallets.cards([UUID(x) for x in ids], now=tx.now))
    return {str(wallet_id): card.last_four for wallet_id, card in found.items()}
