"""How goods reach people, told over HTTP: in one parcel and in three, after a wait, at the counter, with a service."""

from pathlib import Path
from typing import Any

import pytest

from jiedan.base.db import Database
from tests.journeys.merchants import FIRST_ORDER, SHIP_TO, Merchant, open_shops

TEA = {"sku": "TEA-250", "quantity": 3}


async def placed(shop: Merchant, **facts: Any) -> str:
    """Place an order and let the worker hear of it."""
    order = await shop.post("/orders", {"lines": [TEA], "payment_terms": "on_account", "ship_to": SHIP_TO, **facts})
    await shop.hand_out_events()
    return str(order["order_id"])


async def pay(shop: Merchant, order_id: str) -> None:
    """Pay what is due by a transfer that arrives."""
    payment = await shop.post(f"/orders/{order_id}/payments", {"provider": "transfer"})
    await shop.post(f"/payments/{payment['payment_id']}/confirmations", {"reference": "0042"})
    await shop.hand_out_events()


async def work_of(shop: Merchant, order_id: str) -> list[dict[str, Any]]:
    """Return the fulfillments of an order that are not canceled."""
    found = await shop.get(f"/orders/{order_id}/fulfillments")
    return [x for x in found if x["status"] != "canceled"]


async def pick_all(shop: Merchant, work: dict[str, Any]) -> None:
    """Pick whatever is to be picked."""
    key = work["fulfillment_id"]
    items = [{"fulfillment_id": key, "line": x["line"], "quantity": x["to_pick"]} for x in work["lines"]]
    rows = await shop.post("/fulfillments/picks", {"items": items})
    assert all("problem" not in x for x in rows), rows


async def send_off(shop: Merchant, work: dict[str, Any], *shares: int) -> list[str]:
    """Pack the first line in as many parcels as there are shares, or everything in one, and ship; return them."""
    key = work["fulfillment_id"]
    boxes = [{"fulfillment_id": key, "lines": [{"line": 1, "quantity": n}]} for n in shares]
    packed = await shop.post("/parcels", {"items": boxes or [{"fulfillment_id": key}]})
    parcels = [x["parcel"]["parcel_id"] for x in packed]
    items = [{"parcel_id": x, "carrier": "SF", "tracking_number": f"SF{i}"} for i, x in enumerate(parcels)]
    rows = await shop.post("/parcels/shipments", {"items": items})
    assert all("problem" not in x for x in rows), rows
    return parcels


async def arrive(shop: Merchant, *parcels: str) -> None:
    """See parcels arrive."""
    rows = await shop.post("/parcels/deliveries", {"items": [{"parcel_id": x} for x in parcels]})
    assert all("problem" not in x for x in rows), rows
    await shop.hand_out_events()


async def test_a_prepaid_order_is_paid_picked_shipped_and_done(db: Database, tmp_path: Path) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        order = await shop.post("/orders", FIRST_ORDER)
        await shop.hand_out_events()
        assert await work_of(shop, order["order_id"]) == []
        await pay(shop, order["order_id"])
        (work,) = await work_of(shop, order["order_id"])
        await pick_all(shop, work)
        (parcel,) = await send_off(shop, work)
        shown = await shop.get(f"/orders/{order['order_id']}")
        assert (shown["customer_status"], shown["merchant_status"]) == ("shipped", "shipped")
        await arrive(shop, parcel)
        done = await shop.get(f"/orders/{order['order_id']}")
        kinds = {x["kind"] for x in (await shop.get(f"/orders/{order['order_id']}/timeline"))["items"]}
        await shop.assert_balance()
    assert (done["lifecycle"], done["customer_status"]) == ("completed", "done")
    assert {"fulfillment.fulfillment_released", "fulfillment.parcel_shipped", "orders.order_completed"} <= kinds


async def test_an_order_goes_out_in_three_parcels(db: Database, tmp_path: Path) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        order_id = await placed(shop)
        (work,) = await work_of(shop, order_id)
        await pick_all(shop, work)
        first, *rest = await send_off(shop, work, 1, 1, 1)
        await arrive(shop, first)
        assert (await shop.get(f"/orders/{order_id}"))["fulfillment_status"] == "partly_delivered"
        await arrive(shop, *rest)
        assert (await shop.get(f"/orders/{order_id}"))["lifecycle"] == "open"
        await pay(shop, order_id)
        done = await shop.get(f"/orders/{order_id}")
        await shop.assert_balance()
    assert (done["lifecycle"], done["fulfillment_status"]) == ("completed", "delivered")


async def test_a_backorder_is_filled_by_a_receipt_and_goes_out(db: Database, tmp_path: Path) -> None:
    async with open_shops(db, tmp_path, backorder=True) as (shop,):
        order_id = await placed(shop, lines=[{"sku": "TEA-POT", "quantity": 5}])
        (work,) = await work_of(shop, order_id)
        assert work["lines"][0]["released"] == 3
        await pick_all(shop, work)
        await arrive(shop, *await send_off(shop, work))
        await shop.post("/stock/receipts", {"sku": "TEA-POT", "location": "BJ-1", "quantity": 4})
        await shop.hand_out_events()
        _, late = await work_of(shop, order_id)
        assert (late["lines"][0]["released"], late["location"]) == (2, "BJ-1")
        await pick_all(shop, late)
        await arrive(shop, *await send_off(shop, late))
        await pay(shop, order_id)
        done = await shop.get(f"/orders/{order_id}")
        await shop.assert_balance()
    assert (done["lifecycle"], done["lines"][0]["delivered"]) == ("completed", 5)


async def test_goods_are_collected_in_the_store_they_were_asked_from(db: Database, tmp_path: Path) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        await shop.post("/locations", {"code": "STORE", "name": "Store", "kind": "store"})
        await shop.post("/stock/receipts", {"sku": "TEA-250", "location": "STORE", "quantity": 3})
        order_id = await placed(shop, location="STORE", ship_to=None)
        (work,) = await work_of(shop, order_id)
        assert (work["method"], work["location"]) == ("collect", "STORE")
        await pick_all(shop, work)
        await shop.post("/parcels", {"items": [{"fulfillment_id": work["fulfillment_id"]}]})
        (ready,) = await shop.post("/fulfillments/ready", {"fulfillment_ids": [work["fulfillment_id"]]})
        await pay(shop, order_id)
        await shop.post(f"/fulfillments/{work['fulfillment_id']}/collection", {"code": ready["code"]})
        await shop.hand_out_events()
        done = await shop.get(f"/orders/{order_id}")
        await shop.assert_balance()
    assert (done["lifecycle"], done["lines"][0]["delivered"]) == ("completed", 3)


@pytest.mark.parametrize(("given_back_minor", "goes_out"), [(500, True), (5_850, True), (5_851, False)])
async def test_money_given_back_out_of_goodwill_does_not_keep_the_goods(
    db: Database, tmp_path: Path, given_back_minor: int, goes_out: bool
) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        order = await shop.post("/orders", {**FIRST_ORDER, "lines": [TEA]})
        assert order["total_minor"] == 11_700
        home = f"/orders/{order['order_id']}"
        held = await shop.post(f"{home}/holds", {"kind": "manual", "reason": "A question about the address."})
        await pay(shop, order["order_id"])
        (payment,) = await shop.get(f"{home}/payments")
        refund = {"amount_minor": given_back_minor, "reason": "goodwill"}
        await shop.post(f"/payments/{payment['payment_id']}/refunds", refund)
        assert (await shop.get(home))["payment_status"] == "partly_refunded"
        await shop.post(f"{home}/holds/{held['holds'][0]['hold_id']}/lift", {"reason": "It is right."})
        await shop.hand_out_events()
        terms = (await shop.get(f"{home}/release"))["gate"]["terms"]
        assert (terms["is_met"], terms["rule"]) == (goes_out, "goodwill" if goes_out else "captured")
        found = await work_of(shop, order["order_id"])
        assert len(found) == goes_out
        for work in found:
            await pick_all(shop, work)
            await arrive(shop, *await send_off(shop, work))
            missing = (await shop.get(home))["missing_for_completion"]
            assert missing == [["balance", -given_back_minor]], "somebody says that the rest will not be paid"
            done = await shop.post(f"{home}/completion", {"reason": "Goodwill."})
            assert done["lifecycle"] == "completed"
        await shop.hand_out_events()
        await shop.assert_balance()


async def test_an_order_with_a_service_is_done_when_both_are(db: Database, tmp_path: Path) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        order_id = await placed(shop, lines=[TEA, {"sku": "WRAP", "quantity": 1}])
        await pay(shop, order_id)
        (work,) = await work_of(shop, order_id)
        await pick_all(shop, work)
        await arrive(shop, *await send_off(shop, work))
        assert (await shop.get(f"/orders/{order_id}"))["lifecycle"] == "open"
        await shop.post(f"/orders/{order_id}/performances", {"lines": [{"line": 2, "quantity": 1}]})
        done = await shop.get(f"/orders/{order_id}")
        await shop.hand_out_events()
        await shop.assert_balance()
    assert done["lifecycle"] == "completed"


@pytest.mark.parametrize("is_hurried", [False, True])
async def test_an_order_canceled_in_the_warehouse_comes_back(db: Database, tmp_path: Path, is_hurried: bool) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        order_id = await placed(shop)
        (work,) = await work_of(shop, order_id)
        await pick_all(shop, work)
        await shop.post(f"/orders/{order_id}/cancellations", {"reason": "customer_request"})
        if not is_hurried:
            await shop.hand_out_events()
        assert await shop.available("TEA-250") == 20
        items = [{"fulfillment_id": work["fulfillment_id"], "line": 1, "quantity": 3}]
        (row,) = await shop.post("/fulfillments/put-backs", {"items": items})
        assert row["fulfillment"]["status"] == "canceled"
        await shop.hand_out_events()
        await shop.assert_balance()
