"""The life of an order over HTTP: lists, cancel, hold, lift, edit, preview, perform, complete, timeline, decisions."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx2
import msgspec
import pytest

from jiedan.base.db import Database, ReadTx, Scope
from jiedan.base.runtime import Part
from jiedan.catalog.values import SkuKind
from jiedan.orders import api, service
from tests.base import web_client
from tests.orders import factories, listing

RIGHTS = frozenset(
    {
        "orders:read",
        "orders:write",
        "orders:cancel",
        "orders:hold",
        "orders:lift",
        "orders:complete",
        "orders:reopen",
    }
)
CANCEL_2 = {"Idempotency-Key": "c-2"}
NO_SUCH = "0193a000-0000-7000-8000-00000000dead"


@contextlib.asynccontextmanager
async def open_shop(
    db: Database, scope: Scope, *, rights: frozenset[str] = RIGHTS, **settings: Any
) -> AsyncIterator[web_client.Client]:
    """Open a merchant with tea and a service, and a client with `rights` there."""
    await factories.shop(db, scope, {"TEA": {"W1": 10, "W2": 10}, "CUP": {"W1": 10}}, **settings)
    async with db.begin(scope) as tx:
        await factories.sku(tx, "WRAP", kind=SkuKind.service)
    async with client_of(db, scope, rights) as client:
        yield client


@contextlib.asynccontextmanager
async def client_of(
    db: Database, scope: Scope, rights: frozenset[str] = RIGHTS, *, parts: Sequence[Part] = ()
) -> AsyncIterator[web_client.Client]:
    """Open a client of a merchant that exists; `parts` replace what knows of the things that belong to orders."""
    caller = web_client.principal(permissions=rights, tenant=scope.tenant)
    async with web_client.open_client(
        routers=[api.ROUTER],
        principal=caller,
        database=db,
        parts=[service.open_order_desk, *(parts or [service.order_subjects()])],
    ) as client:
        yield client


async def place(client: web_client.Client, *lines: tuple[str, int], **facts: Any) -> dict[str, Any]:
    """Place an order over HTTP."""
    body = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines], **facts}
    answer = await client.post("/api/v1/orders", json=body)
    assert answer.status_code == 201, answer.text
    placed: dict[str, Any] = answer.json()
    return placed


def refused(answer: httpx2.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_an_order_is_canceled_by_line_and_then_whole(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 3), ("CUP", 1))
        at = f"/api/v1/orders/{placed['order_id']}/cancellations"
        partly = await client.post(at, json={"reason": "less", "lines": [{"line": 1, "quantity": 2}]})
        whole = await client.post(at, json={"reason": "changed their mind"})
        refused(await client.post(at, json={"reason": "again"}), 409, "order_ended")
        refused(await client.post(at, json={"reason": ""}), 422, "out_of_bounds")
    assert partly.json()["total_minor"] == 2 * factories.PRICE_MINOR
    assert partly.json()["lines"][0]["canceled"] == 2
    assert (whole.status_code, whole.json()["lifecycle"], whole.json()["total_minor"]) == (200, "canceled", 0)
    assert whole.json()["merchant_status"] == whole.json()["customer_status"] == "canceled"


async def test_a_cancellation_sent_again_cancels_once(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 5))
        at = f"/api/v1/orders/{placed['order_id']}/cancellations"
        key, body = {"Idempotency-Key": "c-1"}, {"reason": "less", "lines": [{"line": 1, "quantity": 2}]}
        first = await client.post(at, json=body, headers=key)
        again = await client.post(at, json=body, headers=key)
        other = await client.post(at, json={"reason": "all"}, headers=key)
        unkeyed = await client.post(at, json=body)
        early = await client.post(at, json={"reason": "less", "lines": [{"line": 9, "quantity": 1}]}, headers=CANCEL_2)
        freed = await client.post(at, json={"reason": "the rest"}, headers=CANCEL_2)
    assert (first.status_code, first.json()["lines"][0]["canceled"]) == (200, 2)
    assert (again.status_code, again.json()) == (200, first.json())
    refused(other, 422, "idempotency_key_reused")
    assert unkeyed.json()["lines"][0]["canceled"] == 4
    refused(early, 404, "line_not_found")
    assert freed.json()["lifecycle"] == "canceled"


async def test_a_performance_sent_again_performs_once(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("WRAP", 4))
        at = f"/api/v1/orders/{placed['order_id']}/performances"
        key, body = {"Idempotency-Key": "p-1"}, {"lines": [{"line": 1, "quantity": 1}]}
        first = await client.post(at, json=body, headers=key)
        again = await client.post(at, json=body, headers=key)
        other = await client.post(at, json={"lines": [{"line": 1, "quantity": 2}]}, headers=key)
    assert (first.status_code, first.json()["lines"][0]["performed"]) == (200, 1)
    assert (again.status_code, again.json()) == (200, first.json())
    refused(other, 422, "idempotency_key_reused")


async def test_many_are_canceled_and_held_with_an_outcome_each(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        first, second = [await place(client, ("TEA", 1)), await place(client, ("CUP", 1))]
        ids = [first["order_id"], NO_SUCH, second["order_id"]]
        holds = [{"order_id": x, "kind": "check", "reason": "why"} for x in ids]
        cancellations = [{"order_id": x, "reason": "why"} for x in ids]
        held = await client.post("/api/v1/orders/holds", json={"holds": holds})
        gone = await client.post("/api/v1/orders/cancellations", json={"cancellations": cancellations})
    for name, answer in (("holds", held), ("cancellations", gone)):
        assert [outcome["done"] for outcome in answer.json()] == [True, False, True]
        error = answer.json()[1]["error"]
        assert (error["code"], error["field"]) == ("order_not_found", f"{name}[1]")


async def test_many_sent_again_are_canceled_and_held_once_per_key(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        tea, cup = await place(client, ("TEA", 5)), await place(client, ("CUP", 1))
        less = [{"line": 1, "quantity": 2}]
        cancellations = [
            {"order_id": tea["order_id"], "reason": "less", "lines": less, "key": "c-1"},
            {"order_id": tea["order_id"], "reason": "less", "lines": less, "key": "c-1"},
            {"order_id": tea["order_id"], "reason": "other", "key": "c-1"},
            {"order_id": cup["order_id"], "reason": "much", "lines": less, "key": "c-2"},
        ]
        at = "/api/v1/orders/cancellations"
        first = await client.post(at, json={"cancellations": cancellations})
        again = await client.post(at, json={"cancellations": cancellations})
        whole = {"order_id": cup["order_id"], "reason": "all", "key": "c-2"}
        freed = await client.post(at, json={"cancellations": [whole]})
        hold = {"order_id": tea["order_id"], "kind": "check", "reason": "why", "key": "h-1"}
        for _ in range(2):
            assert (await client.post("/api/v1/orders/holds", json={"holds": [hold]})).json()[0]["done"]
        wrong = await client.post("/api/v1/orders/holds", json={"holds": [hold, {**hold, "key": "\n"}]})
        shown = await client.get(f"/api/v1/orders/{tea['order_id']}")
    for answer in (first, again):
        assert [outcome["done"] for outcome in answer.json()] == [True, True, False, False]
        errors = [(x["error"]["code"], x["error"]["field"]) for x in answer.json()[2:]]
        assert errors == [
            ("idempotency_key_reused", "cancellations[2].key"),
            ("too_much_to_cancel", "cancellations[3].lines[0]"),
        ]
    assert freed.json()[0]["done"], "what was refused keeps no key"
    refused(wrong, 422, "idempotency_key_invalid")
    assert wrong.json()["field"] == "holds[1].key"
    assert (shown.json()["lines"][0]["canceled"], len(shown.json()["holds"])) == (2, 1)


async def test_a_hold_is_placed_and_lifted_with_its_right(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 1))
        at = f"/api/v1/orders/{placed['order_id']}/holds"
        held = await client.post(at, json={"kind": "address_check", "reason": "No house number."})
        refused(await client.post(at, json={"kind": "address_check", "reason": "Twice."}), 409, "hold_stands")
        refused(await client.post(at, json={"kind": "Not A Word", "reason": "x"}), 422, "hold_kind_invalid")
        (hold,) = held.json()["holds"]
        for _ in range(2):
            lifted = await client.post(
                f"{at}/{hold['hold_id']}/lift", json={"reason": "Called them."}, headers={"Idempotency-Key": "l-1"}
            )
        refused(await client.post(f"{at}/{hold['hold_id']}/lift", json={"reason": "x"}), 409, "hold_already_lifted")
        refused(await client.post(f"{at}/{NO_SUCH}/lift", json={"reason": "x"}), 404, "hold_not_found")
    assert (held.status_code, held.json()["merchant_status"]) == (201, "submitted")
    assert (hold["lift_permission"], hold["placed_by"]["kind"], hold["lifted_by"]) == ("orders:lift", "staff", None)
    assert lifted.json()["holds"][0]["lifted_by"]["kind"] == "staff"
    assert lifted.json()["holds"][0]["lifted_at"] is not None
    assert lifted.json()["holds"][0]["lift_reason"] == "Called them."
    assert lifted.json()["merchant_status"] == "reviewed"


async def test_a_holds_deadline_is_a_moment_to_come(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 1))
        at = f"/api/v1/orders/{placed['order_id']}/holds"
        hold = {"kind": "address_check", "reason": "No house number."}
        refused(await client.post(at, json={**hold, "deadline_at": "2026-11-25T12:00:00"}), 422, "out_of_bounds")
        for wrong in ("2026-11-20T12:00:00Z", "2036-11-25T12:00:00Z"):
            answer = await client.post(at, json={**hold, "deadline_at": wrong})
            refused(answer, 422, "date_out_of_range")
            assert answer.json()["field"] == "deadline_at"
        keyed = {"Idempotency-Key": "h-1"}
        for _ in range(2):
            held = await client.post(at, json={**hold, "deadline_at": "2026-11-25T20:00:00+08:00"}, headers=keyed)
    assert (held.status_code, held.json()["holds"][0]["deadline_at"]) == (201, "2026-11-25T12:00:00Z")


async def test_an_edit_is_previewed_then_made_and_a_stale_one_refused(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(
            client, ("TEA", 1), contact={"name": "Anna"}, ship_to=msgspec.to_builtins(factories.BEIJING)
        )
        at = f"/api/v1/orders/{placed['order_id']}"
        shown = await client.get(at)
        edit = {"contact": {"name": "Berta"}, "location": "W2", "tags": ["Gift"]}
        preview = await client.post(f"{at}/edit-preview", json=edit)
        unchanged = await client.get(at)
        changed = await client.patch(at, json=edit, headers={"If-Match": shown.headers["etag"]})
        stale = await client.patch(at, json={"tags": []}, headers={"If-Match": shown.headers["etag"]})
        refused(await client.patch(at, json={"location": "W9"}), 422, "unknown_location")
        refused(await client.patch(at, json={"tags": ["Gift"]}), 422, "nothing_to_edit")
        refused(await client.patch(at, json={"colour": "red"}), 422, "unknown_field")
        timeline = await client.get(f"{at}/timeline")
    assert sorted(preview.json()["fields"]) == ["contact", "location", "tags"]
    assert unchanged.json() == shown.json()
    assert (changed.json()["contact"]["name"], changed.json()["tags"]) == ("Berta", ["Gift"])
    assert changed.json()["lines"][0]["allocations"][0]["location"] == "W2"
    assert changed.headers["etag"] == '"2"'
    refused(stale, 409, "stale_version")
    edited = next(x for x in timeline.json()["items"] if x["kind"] == "orders.order_edited")
    assert edited["private"]["contact"][1]["name"] == "Berta"
    assert "Berta" not in str(edited["data"])


async def test_services_are_performed_and_an_order_is_completed_by_hand(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("WRAP", 2))
        at = f"/api/v1/orders/{placed['order_id']}"
        goods = await place(client, ("TEA", 1))
        too_much = await client.post(f"{at}/performances", json={"lines": [{"line": 1, "quantity": 3}]})
        done = await client.post(f"{at}/performances", json={"lines": [{"line": 1, "quantity": 2}]})
        for _ in range(2):
            completed = await client.post(
                f"{at}/completion", json={"reason": "Paid in cash."}, headers={"Idempotency-Key": "done"}
            )
        early = await client.post(f"/api/v1/orders/{goods['order_id']}/completion", json={"reason": "x"})
    refused(too_much, 409, "nothing_to_perform")
    assert done.json()["lines"][0]["performed"] == 2
    assert done.json()["missing_for_completion"] == [["balance", -2 * factories.PRICE_MINOR]]
    assert (completed.json()["lifecycle"], completed.json()["missing_for_completion"]) == ("completed", [])
    refused(early, 409, "goods_outstanding")


async def test_a_canceled_order_is_opened_again_once_per_key(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 2))
        at = f"/api/v1/orders/{placed['order_id']}"
        body, once = {"reason": "The customer called."}, {"Idempotency-Key": "r-1"}
        early = await client.post(f"{at}/reopening", json=body, headers=once)
        await client.post(f"{at}/cancellations", json={"reason": "mistake"})
        opened = await client.post(f"{at}/reopening", json=body, headers=once)
        same = await client.post(f"{at}/reopening", json=body, headers=once)
        another = await client.post(f"{at}/reopening", json={"reason": "Again."})
        timeline = (await client.get(f"{at}/timeline")).json()["items"]
    refused(early, 409, "order_not_canceled")
    assert [x.status_code for x in (opened, same)] == [200, 200]
    assert opened.json()["lifecycle"] == same.json()["lifecycle"] == "open"
    assert opened.json()["lines"][0]["allocated"] == 2
    refused(another, 409, "order_not_canceled")
    assert [x["private"] for x in timeline if x["kind"] == "orders.order_reopened"] == [body]


async def test_decisions_say_why_an_order_is_as_it_is(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 1), location="W2", ship_to=msgspec.to_builtins(factories.BEIJING))
        answer = await client.get(f"/api/v1/orders/{placed['order_id']}/decisions")
    (decision,) = answer.json()
    assert decision["kind"] == "placement"
    assert decision["data"]["sourcing"]["rule"]


async def test_orders_are_listed_by_filters_and_views(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = [await place(client, ("TEA", 1), contact={"name": f"N{i}"}, channel="web") for i in range(3)]
        await client.post(f"/api/v1/orders/{placed[0]['order_id']}/cancellations", json={"reason": "why"})
        await listing.drain(db, scope)
        at = "/api/v1/orders"
        first = await client.get(at, params={"limit": 2, "channel": "web"})
        second = await client.get(at, params={"limit": 2, "channel": "web", "cursor": first.json()["next"]})
        moved = await client.get(at, params={"limit": 2, "channel": "shop", "cursor": first.json()["next"]})
        opened = await client.get(at, params={"view": "open", "payment": ["pending", "paid"]})
        named = await client.get(at, params={"q": "n1"})
        refused(await client.get(at, params={"view": "theirs"}), 404, "view_not_found")
        refused(await client.get(at, params={"currency": "yuan"}), 422, "wrong_value")
        refused(await client.get(at, params={"colour": "red"}), 422, "unknown_parameter")
        unknown = await client.get(at, params={"lifecycle": "lost"})
    numbers = [x["number"] for answer in (first, second) for x in answer.json()["items"]]
    assert numbers == [x["number"] for x in reversed(placed)]
    assert first.json()["count"] == {"value": 3, "is_capped": False}
    assert 'rel="next"' in first.headers["link"]
    refused(moved, 422, "bad_cursor")
    assert [x["number"] for x in opened.json()["items"]] == [placed[2]["number"], placed[1]["number"]]
    assert [x["contact_name"] for x in named.json()["items"]] == ["N1"]
    assert unknown.status_code in {400, 422}


async def test_views_are_saved_changed_and_removed(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await place(client, ("TEA", 1), tags=["Gift"])
        await listing.drain(db, scope)
        at = "/api/v1/order-views"
        gifts = {"name": "Gifts", "filters": {"tag": "gift"}, "is_shared": True}
        saved = await client.post(at, json=gifts, headers={"Idempotency-Key": "v-1"})
        again = await client.post(at, json=gifts, headers={"Idempotency-Key": "v-1"})
        key = saved.json()["view"]
        found = await client.get("/api/v1/orders", params={"view": key})
        changed = await client.put(
            f"{at}/{key}", json={"name": "No gifts", "filters": {"tag": "none"}}, headers={"If-Match": '"1"'}
        )
        stale = await client.put(f"{at}/{key}", json={"name": "x", "filters": {}}, headers={"If-Match": '"1"'})
        names = [view["name"] for view in (await client.get(at)).json()]
        removed = await client.delete(f"{at}/{key}")
        refused(await client.get(f"{at}/{key}"), 404, "view_not_found")
        refused(await client.post(at, json={"name": "x", "filters": {"colour": "red"}}), 422, "unknown_field")
    async with client_of(db, scope, frozenset({"orders:read"})) as reader:
        refused(await reader.post(at, json={"name": "x", "filters": {}, "is_shared": True}), 403, "view_shared")
    assert again.json() == saved.json()
    assert (saved.status_code, len(found.json()["items"])) == (201, 1)
    assert (changed.json()["name"], changed.json()["version"], changed.headers["etag"]) == ("No gifts", 2, '"2"')
    refused(stale, 409, "stale_version")
    assert names[0] == "All"
    assert names[-1] == "No gifts"
    assert removed.status_code == 204


async def test_a_timeline_tells_of_what_belongs_to_the_order(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed, other = await place(client, ("TEA", 1)), await place(client, ("TEA", 1))

    async def belongings(_tx: ReadTx, order_id: UUID) -> list[UUID]:
        return [UUID(other["order_id"])] if str(order_id) == placed["order_id"] else []

    parts = [service.order_subjects(service.SubjectSource("payments:read", belongings))]
    at = f"/api/v1/orders/{placed['order_id']}/timeline"
    seen = []
    for rights in (RIGHTS, RIGHTS | {"payments:read"}):
        async with client_of(db, scope, rights, parts=parts) as client:
            first = await client.get(at, params={"limit": 1})
            follow = await client.get(at, params={"limit": 1, "cursor": first.json()["next"]})
            seen.append([x["subject_id"] for answer in (first, follow) for x in answer.json()["items"]])
            refused(
                await client.get(at.replace(placed["order_id"], other["order_id"]), params={"cursor": "x"}),
                422,
                "bad_cursor",
            )
    assert seen[0][0] == placed["order_id"]
    assert seen[1] == [other["order_id"], placed["order_id"]]


CALLS: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("GET", "", None, "orders:read"),
    ("GET", "/timeline", None, "orders:read"),
    ("GET", "/decisions", None, "orders:read"),
    ("POST", "/cancellations", {"reason": "x"}, "orders:cancel"),
    ("POST", "/holds", {"kind": "check", "reason": "x"}, "orders:hold"),
    ("PATCH", "", {"tags": ["x"]}, "orders:write"),
    ("POST", "/edit-preview", {"tags": ["x"]}, "orders:write"),
    ("POST", "/performances", {"lines": [{"line": 1, "quantity": 1}]}, "orders:write"),
    ("POST", "/completion", {"reason": "x"}, "orders:complete"),
    ("POST", "/reopening", {"reason": "x"}, "orders:reopen"),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1]}")
async def test_another_merchants_order_does_not_exist_and_a_right_is_needed(
    db: Database, scope: Scope, other_tenant: Any, call: tuple[str, str, dict[str, Any] | None, str]
) -> None:
    method, path, body, permission = call
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 1))
    address = f"/api/v1/orders/{placed['order_id']}{path}"
    async with open_shop(db, Scope(other_tenant)) as stranger:
        refused(await stranger.request(method, address, json=body), 404, "order_not_found")
    async with client_of(db, scope, RIGHTS - {permission}) as limited:
        refused(await limited.request(method, address, json=body), 403, "permission_missing")
    async with client_of(db, scope) as known:
        unknown = await known.request(method, f"/api/v1/orders/{uuid4()}{path}", json=body)
    refused(unknown, 404, "order_not_found")


async def test_card_numbers_in_free_text_are_masked_before_they_are_stored(db: Database, scope: Scope) -> None:
    said, kept = "Card 4111 1111 1111 1111", "Card **** **** **** 1111"
    async with open_shop(db, scope) as client:
        placed = await place(client, ("TEA", 3), notes=[{"text": said}])
        where = f"/api/v1/orders/{placed['order_id']}"
        await client.post(f"{where}/holds", json={"kind": "call", "reason": said})
        (hold,) = (await client.get(where)).json()["holds"]
        await client.post(f"{where}/holds/{hold['hold_id']}/lift", json={"reason": said})
        version = (await client.get(where)).json()["version"]
        edited = await client.patch(where, json={"notes": [{"text": said}]}, headers={"If-Match": f'"{version}"'})
        canceled = await client.post(f"{where}/cancellations", json={"reason": said})
        detail = (await client.get(where)).json()
        timeline = await client.get(f"{where}/timeline")
    assert (edited.status_code, canceled.status_code) == (200, 200), (edited.text, canceled.text)
    assert [note["text"] for note in detail["notes"]] == [kept, kept]
    (hold,) = detail["holds"]
    assert (hold["reason"], hold["lift_reason"], detail["cancel_reason"]) == (kept, kept, kept)
    assert "4111" not in timeline.text
    assert kept in timeline.text
