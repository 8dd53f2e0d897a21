"""REST of paying placed orders out of gift cards and store credit."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
from litestar import Response, post

from jiedan.base.errors import Refusal, one_of
from jiedan.base.web import bodies
from jiedan.base.web.unit import Unit
from jiedan.orders.errors import WalletUnclear
from jiedan.orders.values import WALLETS_PER_ORDER_MAX
from jiedan.payments import queries, service
from jiedan.payments.api import views
from jiedan.wallets import service as wallets
from jiedan.wallets.rules import Codes
from jiedan.wallets.values import Source, WalletId


class PayingWallet(bodies.Body):
    """What pays a part of what is due: the customer's store credit, or a gift card by its `code`.

    A gift card that is the customer's own may be named by its `wallet_id` instead. Points pay only as an order is
    placed.
    """

    kind: Literal["credit", "gift_card"]
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"\S")] | None = None
    wallet_id: UUID | None = None
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=10**15)] | None = None


class WalletPaymentBody(bodies.Body):
    """The wallets that pay what is due of an order, one after the other; whose they are has agreed to it.

    Without an amount each gives as much as it has and the order still needs.
    """

    __example__: ClassVar[dict[str, Any]] = {"wallets": [{"kind": "credit"}]}

    wallets: Annotated[list[PayingWallet], msgspec.Meta(min_length=1, max_length=WALLETS_PER_ORDER_MAX)]


@post(
    "/orders/{order_id:uuid}/wallet-payments",
    permission="payments:write",
    idempotent=True,
    summary="Pay an order out of gift cards and store credit",
)
async def pay_out_of_wallets(unit: Unit, order_id: UUID, data: WalletPaymentBody) -> Response[list[views.PaymentView]]:
    """Pay what is due, as far as the wallets go; the rest stays due, to be paid another way.

    A gift card needs nothing more than its code, a customer's own wallets the permission `wallets:write`.
    """
    if any(use.code is None for use in data.wallets):
        unit.require("wallets:write")
    unclear = [WalletUnclear(field=f"wallets[{i}]") for i, use in enumerate(data.wallets) if not _is_clear(use)]
    if unclear:
        raise one_of(unclear)
    cards = await _cards_of(unit, data.wallets)
    sources = tuple([_source(use, cards, place) for place, use in enumerate(data.wallets)])
    tender, key = service.WalletTender(order_id, sources), unit.idempotency_key
    await unit.write(lambda tx: service.pay_out_of_wallets(tx, tender=tender, key=key))
    async with unit.read() as tx:
        found = await queries.payments_of_orders(tx, [order_id])
    return Response([views.view(x) for x in found.get(order_id, ())], status_code=201)


def _is_clear(use: PayingWallet) -> bool:
    """Tell whether a gift card is named once, and credit not at all."""
    return ((use.code is not None) + (use.wallet_id is not None)) == (use.kind == "gift_card")


async def _cards_of(unit: Unit, uses: Sequence[PayingWallet]) -> Mapping[str, UUID]:
    """Return the gift cards of the codes; no statement without codes. Raises CardLookUpsThrottled."""
    typed = {use.code for use in uses if use.code is not None}
    if not typed:
        return {}
    codes = Codes(*unit.runtime.settings.code_secrets())
    caller, network = unit.principal.caller, unit.network
    found = await unit.write(lambda tx: wallets.try_cards(tx, codes=codes, typed=typed, caller=caller, network=network))
    if isinstance(found, Refusal):
        found.field = "wallets"
        raise found
    return found


def _source(use: PayingWallet, cards: Mapping[str, UUID], place: int) -> Source:
    """Return where the money comes from; of a code that no card has, an id that no card has."""
    if use.code is not None:
        return Source(WalletId(cards.get(use.code) or UUID(int=place)), use.amount_minor)
    wallet_id = None if use.wallet_id is None else WalletId(use.wallet_id)
    return Source(wallet_id, use.amount_minor, is_own=True)


HANDLERS: list[Any] = [pay_out_of_wallets]
