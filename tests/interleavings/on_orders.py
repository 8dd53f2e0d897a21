"""Operations on orders and their money, one order for each state of life: `picked`, `unpaid`, `card`, `away`.

What comes alone and in sets is one use case; where both stand, the set meets fewer others.
"""

from typing import Any
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.fulfillment import service as fulfillment
from jiedan.orders import indexing
from jiedan.orders import service as orders
from jiedan.payments import service as payments
from jiedan.payments.values import OperationRequest, PaymentId, Result
from tests.interleavings.fixtures import ADDRESS
from tests.interleavings.operation import Operation, call, use_case

REASON = {"reason": "customer_request"}
TEA = {"sku": "TEA-250", "quantity": 2}
WORK = {"fulfillment_id": "{picked work}"}
WIRE = {"provider": "transfer", "amount_minor": 1_000}
TAKEN_BACK = {"amount_minor": 1_000, "reference": "cb-{side}", "reason": "fraud"}

OPERATIONS = [
    call("cancel", "picked, tea, tea 500, balance", "POST /orders/{picked}/cancellations", REASON),
    call(
        "cancel a line",
        "picked, tea, balance",
        "POST /orders/{picked}/cancellations",
        {**REASON, "lines": [{"line": 1, "quantity": 1}]},
    ),
    call("edit", "picked", "PATCH /orders/{picked}", {"contact": {"name": "韩梅梅 {side}"}, "tags": ["gift {side}"]}),
    call("move", "picked, tea", "PATCH /orders/{picked}", {"location": "BJ-1"}),
    call("hold", "picked", "POST /orders/{picked}/holds", {"kind": "address_check", "reason": "No number."}),
    call("release", "picked", "POST /orders/{picked}/releases", {}),
    call("acknowledge", "picked", "POST /fulfillments/acknowledgements", {"fulfillment_ids": ["{picked work}"]}),
    call("pick", "picked", "POST /fulfillments/picks", {"items": [{**WORK, "line": 1, "quantity": 2}]}),
    call("put back", "picked", "POST /fulfillments/put-backs", {"items": [{**WORK, "line": 2, "quantity": 2}]}),
    call(
        "pick short",
        "picked, tea",
        "POST /fulfillments/shorts",
        {"items": [{**WORK, "line": 1, "quantity": 1, "reason": "damaged"}]},
    ),
    call("pack", "picked", "POST /parcels", {"items": [{**WORK, "lines": [{"line": 2, "quantity": 2}]}]}),
    call("unpack", "picked", "POST /parcels/unpackings", {"parcel_ids": ["{picked parcel}"]}),
    Operation(
        "label",
        frozenset({"picked"}),
        "POST",
        "/parcels/labels",
        {"carrier": "OWN", "parcel_ids": ["{picked parcel}"]},
        is_of_parts=True,
    ),
    call(
        "ship",
        "picked, tea, balance",
        "POST /parcels/shipments",
        {"items": [{"parcel_id": "{picked parcel}", "carrier": "SF", "tracking_number": "SF2"}]},
    ),
    call(
        "ship all",
        "picked",
        "POST /orders/shipments",
        {"items": [{"order_id": "{picked}", "carrier": "SF", "tracking_number": "SF3"}]},
    ),
    call("perform", "picked, balance", "POST /orders/{picked}/performances", {"lines": [{"line": 3, "quantity": 1}]}),
    call("complete", "picked", "POST /orders/{picked}/completion", REASON),
    call("ask", "request", "POST /orders/{picked}/requests", {"text": "Please ring twice {side}."}),
    call("tender", "picked, unpaid", "POST /orders/{picked}/payments", WIRE),
    call(
        "refund",
        "picked, picked money, balance, money case",
        "POST /payments/{picked money}/refunds",
        {"amount_minor": 3_000},
    ),
    call(
        "refund an order",
        "picked, picked money, balance, money case",
        "POST /orders/{picked}/refunds",
        {"amount_minor": 3_000},
    ),
    call(
        "refund to credit",
        "picked, picked money, balance, money case, credit",
        "POST /orders/{picked}/refunds",
        {"amount_minor": 3_000, "to": "credit"},
    ),
    call("confirm a tender", "picked, balance", "POST /payments/{picked tender}/confirmations", {}),
    call(
        "charge back",
        "picked, picked money, balance, money case",
        "POST /payments/{picked money}/chargebacks",
        TAKEN_BACK,
    ),
    call(
        "correct money",
        "picked, picked money, balance, money case",
        "POST /payments/{picked money}/adjustments",
        {"amount_minor": -500, "reason": "misread"},
    ),
    call(
        "refund many",
        "picked money, balance, money case",
        "POST /payments/refunds",
        {"refunds": [{"payment_id": "{picked money}", "amount_minor": 2_500}]},
    ),
    call("cancel unpaid", "unpaid, pot, tea there", "POST /orders/{unpaid}/cancellations", REASON),
    call(
        "cancel many",
        "unpaid, waiting, pot, tea there",
        "POST /orders/cancellations",
        {"cancellations": [{**REASON, "order_id": i, "key": f"{{key}}{i}"} for i in ("{waiting}", "{unpaid}")]},
    ),
    call("edit unpaid", "unpaid", "PATCH /orders/{unpaid}", {"ship_to": {**ADDRESS, "line1": "长安街 {side} 号"}}),
    call("lift", "unpaid", "POST /orders/{unpaid}/holds/{hold}/lift", REASON),
    call(
        "set prices by hand",
        "unpaid",
        "PATCH /orders/{unpaid}/prices",
        {"lines": [{"line": 1, "unit_price_minor": 700, "price_reason": "A dent on {side}."}]},
    ),
    call("refuse prices", "unpaid", "POST /orders/{unpaid}/holds/{price hold}/refuse", REASON),
    call(
        "hold many",
        "unpaid, waiting",
        "POST /orders/holds",
        {
            "holds": [
                {"order_id": i, "kind": "address_check", "reason": "No number.", "key": f"{{key}}{i}"}
                for i in ("{unpaid}", "{waiting}")
            ]
        },
    ),
    call("tender unpaid", "unpaid", "POST /orders/{unpaid}/payments", WIRE),
    call("pay unpaid", "unpaid, money", "POST /payments/{unpaid tender}/confirmations", {}),
    call(
        "pay many",
        "unpaid, picked money, balance",
        "POST /payments/confirmations",
        {"confirmations": [{"payment_id": "{unpaid tender}"}, {"payment_id": "{picked tender}"}]},
    ),
    call("assign money", "unpaid, money", "POST /payments/{money}/assignment", {"order_id": "{unpaid}"}),
    call("assign money elsewhere", "money, balance", "POST /payments/{money}/assignment", {"order_id": "{picked}"}),
    use_case("expire", "unpaid, tea, pot", lambda tx, _: orders.expire_orders(tx)),
    call(
        "settle",
        "card",
        "POST /payments/operations/{operation}/settlement",
        {"outcome": "succeeded", "reason": "It stands on the statement.", "reference": "ch_1"},
    ),
    use_case("ask to void", "card", lambda tx, ids: _ask(tx, ids, "void", None)),
    use_case("ask to capture", "card", lambda tx, ids: _ask(tx, ids, "capture", 3_000)),
    use_case("hear it succeeded", "card", lambda tx, ids: _hear(tx, ids, "succeeded")),
    use_case("hear it failed", "card", lambda tx, ids: _hear(tx, ids, "failed")),
    call("cancel card", "card, tea 500", "POST /orders/{card}/cancellations", REASON),
    use_case("give back", "card", lambda tx, ids: payments.give_back(tx, causes=_cause(ids))),
    use_case("let go", "card", lambda tx, ids: payments.let_go(tx, causes=_cause(ids))),
    use_case("follow late money", "card", lambda tx, ids: payments.follow_late_money(tx, causes=_cause(ids))),
    call("deliver", "away", "POST /parcels/deliveries", {"items": [{"parcel_id": "{away parcel}"}]}),
    call(
        "track",
        "away",
        "POST /tracking-events",
        {
            "items": [
                {
                    "carrier": "SF",
                    "code": "80",
                    "number": "SF1",
                    "occurred_at": "2026-11-21T13:00:00Z",
                    "state": "delivered",
                }
            ]
        },
    ),
    use_case("follow parcels", "away", lambda tx, _: fulfillment.follow_numbers(tx, numbers={("SF", "SF1")})),
    call("edit away", "away", "PATCH /orders/{away}", {"tags": ["gone {side}"]}),
    call("refund away", "away", "POST /payments/{away money}/refunds", {"amount_minor": 3_000}),
    call("tender away", "away", "POST /orders/{away}/payments", {"provider": "transfer"}),
    call("cancel away", "away", "POST /orders/{away}/cancellations", REASON),
    call("collect", "counter", "POST /fulfillments/{counter work}/collection", {"code": "{code}"}),
    call("make ready", "counter", "POST /fulfillments/ready", {"fulfillment_ids": ["{counter work}"]}),
    call("unpack at the counter", "counter", "POST /parcels/unpackings", {"parcel_ids": ["{counter parcel}"]}),
    call("cancel at the counter", "counter", "POST /orders/{counter}/cancellations", REASON),
    call("hold at the counter", "counter", "POST /orders/{counter}/holds", {"kind": "fraud", "reason": "Odd."}),
    call("reopen", "ended, tea, tea 500", "POST /orders/{ended}/reopening", REASON),
    call("edit ended", "ended", "PATCH /orders/{ended}", {"tags": ["back {side}"]}),
    call("release new", "new", "POST /orders/{new}/releases", {}),
    call("release many", "new, picked", "POST /orders/releases", {"order_ids": ["{new}", "{picked}"]}),
    call("cancel new", "new, tea, tea 500", "POST /orders/{new}/cancellations", REASON),
    call("hold new", "new", "POST /orders/{new}/holds", {"kind": "address_check", "reason": "No number."}),
    call("edit new", "new", "PATCH /orders/{new}", {"ship_to": {**ADDRESS, "line1": "长安街 {side} 号"}}),
    call("assign", "new, staff", "POST /orders/{new}/assignment", {"assignee_id": "{staff}"}),
    call(
        "assign many",
        "new, away",
        "POST /orders/assignments",
        {
            "assignments": [
                {"order_id": "{new}", "assignee_id": "{second owner}"},
                {"order_id": "{away}", "assignee_id": "{owner}"},
            ]
        },
    ),
    use_case("take back orders", "new", lambda tx, ids: orders.take_back(tx, staff_ids={UUID(ids["gone"])})),
    use_case("reconsider", "new", lambda tx, ids: fulfillment.reconsider(tx, order_ids={UUID(ids["new"])})),
    use_case("promise", "new", lambda tx, ids: fulfillment.promise_orders(tx, order_ids={UUID(ids["new"])})),
    use_case(
        "reconsider and promise",
        "new",
        lambda tx, ids: fulfillment.release_and_promise(
            tx, reconsidered={UUID(ids["new"])}, promised={UUID(ids["new"])}
        ),
    ),
    use_case(
        "promise anew",
        "new",
        lambda tx, ids: fulfillment.promise_orders(tx, order_ids=(), edited={UUID(ids["new"]): tx.now}),
    ),
    use_case("write terms", "new", lambda tx, ids: indexing.write_terms(tx, {UUID(ids["new"])})),
    use_case("fill", "waiting, pot", lambda tx, ids: orders.fill_waiting(tx, sku_ids=[UUID(ids["TEA-POT"])])),
    call(
        "cancel waiting",
        "waiting, pot",
        "POST /orders/{waiting}/cancellations",
        {**REASON, "lines": [{"line": 1, "quantity": 1}]},
    ),
]


def _cause(ids: Any) -> dict[UUID, UUID]:
    return {UUID(ids["card"]): UUID(ids["letter"])}


async def _ask(tx: Tx, ids: Any, kind: Any, amount_minor: int | None) -> Any:
    return await payments.request_operations(
        tx, requests=[OperationRequest(PaymentId(UUID(ids["card payment"])), kind, amount_minor)]
    )


async def _hear(tx: Tx, ids: Any, state: Any) -> Any:
    return await payments.apply_results(tx, results=[Result(ids["capture"], state, "ch_2")])
