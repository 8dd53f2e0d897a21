"""Business stories over HTTP, through the whole application, each ending with books that balance."""

from datetime import timedelta
from pathlib import Path

from jiedan.base.db import Database, Scope
from jiedan.imports import jobs as import_jobs
from jiedan.orders import service as orders
from tests.conftest import FakeClock
from tests.journeys.merchants import FIRST_ORDER, open_shops


async def test_the_first_order_is_placed_held_paid_partly_canceled_and_refunded(db: Database, tmp_path: Path) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        placed = await shop.post("/orders", FIRST_ORDER, idempotency_key="my-first-order")
        assert (placed["total_minor"], placed["allocated"], placed["waiting"]) == (20_600, 3, 0)
        again = await shop.call("POST", "/orders", FIRST_ORDER, idempotency_key="my-first-order")
        assert (again.status_code, again.json()["number"]) == (200, placed["number"])
        address = f"/orders/{placed['order_id']}"
        (decision,) = await shop.get(f"{address}/decisions")
        assert decision["kind"] == "placement"

        held = await shop.post(f"{address}/holds", {"kind": "address_check", "reason": "No house number?"})
        hold_id = held["holds"][0]["hold_id"]
        assert (await shop.refused("POST", f"{address}/holds", {"kind": "address_check", "reason": "Again"}))[0] == 409
        lifted = await shop.post(f"{address}/holds/{hold_id}/lift", {"reason": "Called the customer."})
        assert lifted["holds"][0]["lifted_at"] is not None

        payment = await shop.post(f"{address}/payments", {"provider": "transfer"}, idempotency_key="pay-1")
        assert (await shop.get(address))["payment_status"] == "pending"
        await shop.post(f"/payments/{payment['payment_id']}/confirmations", {"reference": "0042"})
        paid = await shop.get(address)
        assert (paid["payment_status"], paid["balance_minor"], paid["expires_at"]) == ("paid", 0, None)

        canceled = await shop.post(
            f"{address}/cancellations", {"reason": "customer_request", "lines": [{"line": 2, "quantity": 1}]}
        )
        assert (canceled["total_minor"], canceled["balance_minor"]) == (7_800, 12_800)
        assert await shop.available("TEA-POT") == 3
        await shop.hand_out_events()
        assert [case["kind"] for case in (await shop.get("/cases?kind=refund_due"))["items"]] == ["refund_due"]
        await shop.post(f"/payments/{payment['payment_id']}/refunds", {"amount_minor": 12_800, "reason": "canceled"})
        assert (await shop.get(address))["balance_minor"] == 0

        told = {entry["kind"] for entry in (await shop.get(f"{address}/timeline"))["items"]}
        assert {"orders.order_placed", "orders.hold_placed", "orders.hold_lifted", "orders.lines_canceled"} <= told
        assert {"payments.payment_created", "payments.money_captured", "payments.money_refunded"} <= told
        await shop.assert_balance()


async def test_two_merchants_with_the_same_goods_and_keys_never_see_each_other(db: Database, tmp_path: Path) -> None:
    async with open_shops(db, tmp_path, 2) as (mine, yours):
        order = {**FIRST_ORDER, "external_id": "1001", "channel": "shop"}
        my_order = await mine.post("/orders", order, idempotency_key="1001")
        assert await yours.available("TEA-POT") == 3, "what I sell is not gone at yours"
        your_order = await yours.post("/orders", order, idempotency_key="1001")
        assert my_order["order_id"] != your_order["order_id"]
        for path in ("", "/timeline", "/decisions", "/payments"):
            assert (await yours.refused("GET", f"/orders/{my_order['order_id']}{path}"))[0] == 404, path
        for path, body in (
            ("cancellations", {"reason": "mischief"}),
            ("holds", {"kind": "mischief", "reason": "mischief"}),
            ("payments", {"provider": "transfer"}),
        ):
            assert (await yours.refused("POST", f"/orders/{my_order['order_id']}/{path}", body))[0] == 404, path
        listed = (await yours.get("/orders"))["items"]
        assert [row["order_id"] for row in listed] == [your_order["order_id"]]
        several = {"cancellations": [{"order_id": my_order["order_id"], "reason": "mischief"}]}
        (outcome,) = await yours.post("/orders/cancellations", several)
        assert (outcome["done"], outcome["error"]["code"]) == (False, "order_not_found")
        assert (await mine.get(f"/orders/{my_order['order_id']}"))["lifecycle"] == "open"
        await mine.assert_balance()
        await yours.assert_balance()


async def test_what_is_not_there_is_refused_or_waits_until_goods_arrive(db: Database, tmp_path: Path) -> None:
    wanted = {"lines": [{"sku": "TEA-POT", "quantity": 5}]}
    async with open_shops(db, tmp_path) as (strict,):
        response = await strict.call("POST", "/orders", wanted)
        assert (response.status_code, response.json()["code"]) == (409, "insufficient_stock")
        assert (response.json()["field"], response.json()["data"]["available"]) == ("lines[0].quantity", 3)
        assert (await strict.get("/orders"))["items"] == []
    async with open_shops(db, tmp_path, backorder=True) as (shop,):
        first = await shop.post("/orders", wanted)
        second = await shop.post("/orders", {"lines": [{"sku": "TEA-POT", "quantity": 4}]})
        assert [(o["allocated"], o["waiting"]) for o in (first, second)] == [(3, 2), (0, 4)]
        await shop.post("/stock/receipts", {"sku": "TEA-POT", "location": "BJ-1", "quantity": 3})
        await shop.hand_out_events()
        found = [(await shop.get(f"/orders/{o['order_id']}"))["lines"][0] for o in (first, second)]
        assert [line["allocated"] for line in found] == [5, 1], "the older promise comes first"
        await shop.post(f"/orders/{first['order_id']}/cancellations", {"reason": "customer_request"})
        await shop.hand_out_events()
        assert (await shop.get(f"/orders/{second['order_id']}"))["lines"][0]["allocated"] == 4
        assert await shop.available("TEA-POT") == 2
        await shop.assert_balance()


async def test_an_order_nobody_pays_ends_and_money_that_comes_late_is_not_lost(
    db: Database, tmp_path: Path, clock: FakeClock
) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        placed = await shop.post("/orders", FIRST_ORDER)
        payment = await shop.post(f"/orders/{placed['order_id']}/payments", {"provider": "transfer"})
        await shop.hand_out_events()
        clock.advance(timedelta(minutes=61))
        assert await db.write(Scope(shop.at.tenant), orders.expire_orders) == 1
        ended = await shop.get(f"/orders/{placed['order_id']}")
        assert (ended["lifecycle"], ended["cancel_reason"]) == ("canceled", "expired")
        assert await shop.available("TEA-POT") == 3
        await shop.post(f"/payments/{payment['payment_id']}/confirmations", {})
        late = await shop.get(f"/orders/{placed['order_id']}")
        assert (late["captured_minor"], late["balance_minor"]) == (20_600, 20_600)
        await shop.hand_out_events()
        assert (await shop.get("/cases"))["items"], "somebody is told"
        await shop.assert_balance()


async def test_a_service_is_performed_and_completes_its_order(db: Database, tmp_path: Path) -> None:
    async with open_shops(db, tmp_path) as (shop,):
        placed = await shop.post("/orders", {"lines": [{"sku": "WRAP", "quantity": 2}]})
        address = f"/orders/{placed['order_id']}"
        payment = await shop.post(f"{address}/payments", {"provider": "transfer"})
        await shop.post(f"/payments/{payment['payment_id']}/confirmations", {})
        half = await shop.post(f"{address}/performances", {"lines": [{"line": 1, "quantity": 1}]})
        assert half["missing_for_completion"] == [["not_performed", 1]]
        done = await shop.post(f"{address}/performances", {"lines": [{"line": 1, "quantity": 1}]})
        assert (done["lifecycle"], done["missing_for_completion"]) == ("completed", [])
        status, code = await shop.refused("POST", f"{address}/cancellations", {"reason": "too_late"})
        assert (status, code) == (409, "order_ended")
        await shop.assert_balance()


async def test_orders_of_another_system_are_sent_as_a_file(db: Database, tmp_path: Path) -> None:
    rows = [
        "order id,sku,qty,date,unit price",
        "A-1,TEA-250,2,2026-10-01 09:00,35.00",
        "A-1,TEA-POT,1,2026-10-01 09:00,99.00",
        "A-2,NOTHING,1,2026-10-01 09:00,1.00",
        "A-3,TEA-250,-1,2026-10-02 09:00,35.00",
    ]
    async with open_shops(db, tmp_path) as (shop,):
        response = await shop.call(
            "POST", "/imports?kind=orders&file_name=orders.csv", "\n".join(rows).encode(), content_type="text/csv"
        )
        begun = response.json()
        address = f"/imports/{begun['run']['import_id']}"
        chosen = {**begun["run"]["mapping"], "claims_stock": "=yes"}
        assert (await shop.call("PUT", f"{address}/mapping", {"mapping": chosen})).status_code == 200
        trial = await shop.post(f"{address}/dry-run")
        assert (trial["counts"]["created"], trial["counts"]["refused"]) == (2, 2)
        await shop.post(f"{address}/run")
        await import_jobs.save_rows(db, shop.at.tenant, {"import_id": begun["run"]["import_id"], "locale": "en"})
        done = await shop.get(address)
        assert (done["status"], done["counts"]) == ("completed", trial["counts"])
        found = await shop.get(f"{address}/errors")
        assert [(error["row"], error["code"]) for error in found] == [(4, "unknown_sku"), (5, "cancellation_of_nobody")]
        await shop.hand_out_events()
        (row,) = (await shop.get("/orders?channel=import"))["items"]
        order = await shop.get(f"/orders/{row['order_id']}")
        assert (order["external_id"], order["total_minor"], order["expires_at"]) == ("A-1", 16_900, None)
        assert await shop.available("TEA-250") == 18
        await shop.assert_balance()
