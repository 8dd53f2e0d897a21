"""What is written on goods may name somebody: when that one is erased, nothing is left of it but how long it was."""

from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from jiedan.base import sql
from jiedan.base.db import Database
from jiedan.privacy import run
from jiedan.privacy.values import Status
from tests.journeys import merchants
from tests.journeys.merchants import Merchant
from tests.privacy import leavers
from tests.privacy.test_canary import found_in

CHECKS = sql.load("jiedan.privacy", "verify.sql")
TEXT = f"For {leavers.WORD}"
"""Eleven letters."""

ENGRAVED = {
    "code": "engraved",
    "expression": "100 + length(engraving)",
    "currency": "CNY",
    "attributes": [{"name": "engraving", "label": "Engraving", "text": {"characters_max": 40}}],
    "goods": ["sku:TEA-POT"],
}


async def ordered(merchant: Merchant, customer_id: str | None) -> str:
    """Order an engraved pot out of a cart, have it engraved otherwise, and cancel it; return the order."""
    await merchant.post("/price-rules/drafts", {"kind": "formula", "body": ENGRAVED})
    await merchant.post("/price-rules/versions", {})
    line = {"sku": "TEA-POT", "quantity": 1, "attributes": {"engraving": TEXT}}
    cart = await merchant.post("/carts", {"lines": [line]})
    placed = {key: value for key, value in leavers.PLACED.items() if key != "payment_terms"}
    body = {"lines": [line], "cart_id": cart["cart_id"], "customer_id": customer_id, **placed}
    order_id = (await merchant.post("/orders", body))["order_id"]
    edited = {"measures": [{"line": 1, "attributes": {"engraving": f"{TEXT}!"}}]}
    assert (await merchant.call("PATCH", f"/orders/{order_id}", edited)).status_code == 200
    await merchant.post(f"/orders/{order_id}/cancellations", {"reason": "customer_request"})
    return str(order_id)


@pytest.mark.parametrize("is_guest", [True, False])
async def test_no_text_on_goods_is_left(
    is_guest: bool, db: Database, tmp_path: Path, owner: psycopg.Connection[Any]
) -> None:
    async with merchants.open_shops(db, tmp_path) as (merchant,):
        tenant = merchant.at.tenant
        customer_id = None if is_guest else await leavers.known(merchant)
        order_id = await ordered(merchant, customer_id)
        before = await merchant.get(f"/orders/{order_id}")
        why = await merchant.get(f"/orders/{order_id}/prices")
        held = found_in(owner, tenant)
        assert held >= {"order_line.attributes", "order_line.placed_attributes", "cart_line.attributes"}
        await leavers.mailed(merchant, db)
        if is_guest:
            begun = await merchant.post("/guest-erasures", {"email": leavers.EMAIL}, idempotency_key="one")
        else:
            begun = await merchant.post(f"/customers/{customer_id}/erasure", {"confirmation": leavers.NAME})
        await leavers.mailed(merchant, db)
        erasure = await run.run(db, tenant, UUID(begun["erasure_id"]))
        assert erasure.status == Status.done
        await leavers.mailed(merchant, db)
        assert found_in(owner, tenant) == set()
        after = await merchant.get(f"/orders/{order_id}")
        assert (await merchant.get(f"/orders/{order_id}/prices"))["is_same"] is why["is_same"] is True
        async with db.read(merchant.at.scope) as tx:
            for statement in CHECKS.values():
                assert await tx.sql(statement, now=tx.now) == [], statement.name
    (said,) = after["lines"][0]["attributes"]
    assert (said["value"], said["letters"]) == ("⣿" * 12, 12)
    assert after["lines"][0]["unit_minor"] == before["lines"][0]["unit_minor"] == 11_200
