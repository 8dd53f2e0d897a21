"""Operations on wallets: credit, gift cards, what is paid out of them and what goes back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import accepted
from jiedan.wallets import service, tables
from jiedan.wallets.values import Earning, GiveBack, LoyaltyRule, Redemption, WalletId
from tests.interleavings.operation import Operation, call, use_case

ORDER = UUID(int=0x0DE2)
"""What the card on the stage was spent for."""


async def spend_and_age(db: Database, scope: Scope, ids: Mapping[str, str]) -> None:
    """Spend some of the card, let the time of the old card be over, and let somebody earn points that pay."""
    async with db.begin(scope) as tx:
        wish = Redemption(WalletId(UUID(ids["gift card"])), "CNY", 600, ORDER, "spent on the stage")
        accepted(await service.redeem_many(tx, redemptions=[wish]))
        await service.set_loyalty_rules(tx, rows=[LoyaltyRule("CNY", 1, 100, None, pays_points=1, pays_minor=100)])
        await service.settle_earnings(tx, earnings=[Earning(UUID(ids["wang"]), "CNY", 1_200, ORDER)])
        await tx.execute(
            sa.update(tables.WalletLot)
            .where(tables.WalletLot.tenant_id == tx.tenant, tables.WalletLot.wallet_id == UUID(ids["old gift card"]))
            .values(expires_at=tx.now)
        )


async def _redeem(tx: Tx, ids: Any) -> Any:
    wish = Redemption(WalletId(UUID(ids["gift card"])), "CNY", 300, ORDER, f"{tx.new_id()}")
    return await service.redeem_many(tx, redemptions=[wish])


async def _give_back(tx: Tx, _: Any) -> Any:
    return await service.give_back_many(tx, wishes=[GiveBack(ORDER, "CNY", 400, f"{tx.new_id()}")])


async def _settle(tx: Tx, ids: Any) -> Any:
    spent = Earning(UUID(ids["wang"]), "CNY", 900, ORDER)
    return await service.settle_earnings(tx, earnings=[spent])


PAID_OUT = {"wallet_id": "{credit}", "amount": -500, "reason": "payout", "key": "{key}"}
CREDITED = {"customer_id": "{wang}", "unit": "CNY", "amount": 200, "reason": "goodwill", "key": "{key}"}

OPERATIONS = [
    call("pay credit out", "credit", "POST /wallets/adjustments", {"items": [PAID_OUT]}),
    call("give credit", "credit, wang", "POST /wallets/adjustments", {"items": [CREDITED]}),
    call(
        "issue a card", "gift card", "POST /gift-cards", {"items": [{"amount": 500, "currency": "CNY", "key": "{key}"}]}
    ),
    call("block a card", "gift card", "PATCH /gift-cards/{gift card}", {"is_blocked": True}),
    call("look a card up", "gift card", "POST /gift-cards/look-ups", {"code": "{gift card code}"}),
    Operation(
        "order with a card",
        frozenset({"gift card", "tea 500", "credit", "wang"}),
        "POST",
        "/orders",
        {
            "lines": [{"sku": "TEA-500", "quantity": 1}],
            "customer_id": "{wang}",
            "wallets": [
                {"kind": "gift_card", "code": "{gift card code}", "amount_minor": 200},
                {"kind": "credit", "amount_minor": 600},
            ],
        },
        is_of_parts=True,
    ),
    Operation(
        "order with points",
        frozenset({"points", "tea 500", "wang"}),
        "POST",
        "/orders",
        {
            "lines": [{"sku": "TEA-500", "quantity": 1}],
            "customer_id": "{wang}",
            "wallets": [{"kind": "points", "amount_minor": 800}],
        },
    ),
    use_case("settle points", "points, wang", _settle),
    Operation(
        "pay with a card",
        frozenset({"gift card", "unpaid"}),
        "POST",
        "/orders/{unpaid}/wallet-payments",
        {"wallets": [{"kind": "gift_card", "code": "{gift card code}", "amount_minor": 200}]},
        is_of_parts=True,
    ),
    use_case("redeem a card", "gift card", _redeem),
    use_case("give back to a card", "gift card", _give_back),
    use_case("expire cards", "old gift card", lambda tx, _: service.expire_due(tx)),
    call(
        "set loyalty",
        "loyalty, points",
        "PUT /loyalty-rules",
        {"rules": [{"currency": "CNY", "points": 2, "step_minor": 100, "pays_points": 2, "pays_minor": 100}]},
    ),
]
