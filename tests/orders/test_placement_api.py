"""Placement over HTTP: one order, batches, previews, saved drafts, and everything that is refused."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.errors import StaleVersion
from jiedan.base.events import Actor
from jiedan.orders import api, queries, service
from jiedan.orders.service.drafts import DISCARDED_KEPT
from tests.base import web_client
from tests.conftest import FakeClock
from tests.orders import factories, listing

RIGHTS = ("prices:read", "orders:read", "orders:write", "orders:price", "orders:import")
TEA = {"sku": "TEA", "quantity": 1}


@contextlib.asynccontextmanager
async def open_shop(
    db: Database, scope: Scope, *, rights: tuple[str, ...] = RIGHTS, stock: int = 10, **settings: Any
) -> AsyncIterator[web_client.Client]:
    """Open a merchant with tea, and a client with `rights` there."""
    await factories.shop(db, scope, {"TEA": {"W1": stock}, "CUP": {"W1": stock}}, **settings)
    caller = web_client.principal(permissions=rights, tenant=scope.tenant)
    async with web_client.open_client(
        routers=[api.ROUTER], principal=caller, database=db, parts=[service.open_order_desk, service.order_subjects()]
    ) as client:
        yield client


async def test_an_order_is_placed_once_under_its_key(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        body = {"lines": [{"sku": "TEA", "quantity": 2}], "contact": {"name": "Li Lei"}}
        first = await client.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "k-1"})
        again = await client.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "k-1"})
        other = await client.post("/api/v1/orders", json={"lines": [TEA]}, headers={"Idempotency-Key": "k-1"})
    assert first.status_code == 201
    assert first.headers["location"] == f"/api/v1/orders/{first.json()['order_id']}"
    assert (first.json()["total_minor"], first.json()["allocated"]) == (2_000, 2)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


class Bad(NamedTuple):
    """A body, and the status, code and field of the answer it must get."""

    body: bytes
    status: int
    code: str
    field: str | None


def bad(code: str, field: str, *, status: int = 422, lines: object = None, **facts: Any) -> Bad:
    """Return a body that is wrong in one thing."""
    return Bad(msgspec.json.encode({"lines": [TEA] if lines is None else lines, **facts}), status, code, field)


def bad_line(code: str, field: str, **facts: Any) -> Bad:
    """Return a body whose one line is wrong in one thing."""
    return bad(code, f"lines[0].{field}", lines=[{**TEA, **facts}])


BAD: dict[str, Bad] = {
    "malformed JSON": Bad(b'{"lines": [', 400, "malformed_json", None),
    "U+0000": Bad(b'{"lines": [{"sku": "T\\u0000", "quantity": 1}]}', 422, "character_refused", "lines[0].sku"),
    "surrogate": Bad(b'{"lines": [{"sku": "T\\ud800", "quantity": 1}]}', 422, "character_refused", "lines[0].sku"),
    "beyond 64 bits": Bad(
        b'{"lines": [{"sku": "TEA", "quantity": 99999999999999999999}]}', 422, "integer_too_large", "lines[0].quantity"
    ),
    "unknown field": bad_line("unknown_field", "qty", qty=1),
    "no lines": bad("no_lines", "lines", lines=[]),
    "zero": bad_line("quantity_out_of_range", "quantity", quantity=0),
    "negative": bad_line("quantity_out_of_range", "quantity", quantity=-1),
    "fraction": bad_line("wrong_type", "quantity", quantity=1.5),
    "absurd": bad_line("quantity_out_of_range", "quantity", quantity=1_000_001),
    "unknown SKU": bad_line("unknown_sku", "sku", sku="NOPE"),
    "unknown location": bad_line("unknown_location", "location", location="X"),
    "as sold without history": bad_line("as_sold_not_allowed", "as_sold", as_sold={"unit_minor": 1}),
    "currency": bad("currency_not_accepted", "currency", currency="EUR"),
    "repeated line": bad("repeated_line", "lines[1].sku", lines=[TEA, {**TEA, "quantity": 2}]),
    "delivery wish": bad("date_out_of_range", "delivery_wish", delivery_wish="2016-01-01"),
    "placed in the future": bad(
        "date_out_of_range", "history.placed_at", history={"placed_at": "2127-01-01T00:00:00Z"}
    ),
    "e-mail": bad("email_invalid", "contact.email", contact={"email": "li"}),
    "address": bad("country_unknown", "ship_to.country", ship_to={"country": "XX"}),
    "blank external id": bad("wrong_value", "external_id", external_id=" "),
    "blank SKU": bad_line("wrong_value", "sku", sku=" "),
    "blank tag": bad("wrong_value", "tags[0]", tags=[" "]),
    "nameless attribute": bad("attribute_name_invalid", "attributes", attributes={"": 1}),
    "attribute of several": bad("wrong_type", "attributes[...]", attributes={"a": [1]}),
    "blank note": bad("wrong_value", "notes[0].text", notes=[{"text": "\n"}]),
    "repeated key": Bad(
        b'{"lines": [{"sku": "TEA", "quantity": 1, "quantity": 2}]}', 422, "repeated_key", "lines[0].quantity"
    ),
    "foreign customer": bad("unknown_customer", "customer_id", customer_id="0193a000-0000-7000-8000-0000000000ff"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
async def test_bad_input_names_its_field_and_stores_nothing(
    db: Database, scope: Scope, owner: psycopg.Connection[Any], case: Bad
) -> None:
    async with open_shop(db, scope) as client:
        answer = await client.post("/api/v1/orders", content=case.body, headers={"content-type": "application/json"})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("field")) == case[1:], problem
    stored = owner.execute(
        "SELECT (SELECT count(*) FROM orders WHERE tenant_id = %(tenant)s)"
        " + (SELECT count(*) FROM reservation WHERE tenant_id = %(tenant)s)"
        " + (SELECT count(*) FROM idempotency_key WHERE tenant_id = %(tenant)s)",
        {"tenant": scope.tenant},
    ).fetchone()
    assert stored == (0,)


async def test_an_over_long_key_is_refused(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        answer = await client.post("/api/v1/orders", json={"lines": [TEA]}, headers={"Idempotency-Key": "k" * 256})
        batch = await client.post("/api/v1/orders/batch", json={"drafts": [{"order": {"lines": [TEA]}, "key": "a\nb"}]})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid")
    assert (batch.status_code, batch.json()["field"]) == (422, "drafts[0].key")


async def test_several_reasons_are_all_named(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        lines = [{"sku": "NOPE", "quantity": 1}, {"sku": "TEA", "quantity": 1, "location": "X"}]
        answer = await client.post("/api/v1/orders", json={"lines": lines})
    assert answer.status_code == 422
    assert [(e["code"], e["field"]) for e in answer.json()["errors"]] == [
        ("unknown_sku", "lines[0].sku"),
        ("unknown_location", "lines[1].location"),
    ]


async def test_sold_out_is_a_conflict_with_its_numbers(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope, stock=1) as client:
        answer = await client.post("/api/v1/orders", json={"lines": [{"sku": "TEA", "quantity": 2}]})
    assert answer.status_code == 409
    assert answer.json()["data"] == {"sku": "TEA", "requested": 2, "available": 1}


@pytest.mark.parametrize(
    ("extra", "needed"),
    [
        ({"discount": {"reason": "x", "amount_minor": 1}}, "orders:price"),
        ({"shipping_minor": 0}, "orders:price"),
        ({"lines": [{**TEA, "unit_price_minor": 1, "price_reason": "x"}]}, "orders:price"),
        ({"history": {"placed_at": "2020-01-01T00:00:00Z"}}, "orders:import"),
    ],
)
async def test_prices_by_hand_and_history_need_rights_of_their_own(
    db: Database, scope: Scope, extra: dict[str, Any], needed: str
) -> None:
    rights = tuple(right for right in RIGHTS if right != needed)
    async with open_shop(db, scope, rights=rights) as client:
        answer = await client.post("/api/v1/orders", json={"lines": [TEA], **extra})
    assert (answer.status_code, answer.json()["data"]) == (403, {"permission": needed})


async def test_a_batch_answers_each_draft(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope, stock=2) as client:
        fine, sold_out, wrong = (
            {"lines": [{"sku": "TEA", "quantity": 2}]},
            {"lines": [{"sku": "TEA", "quantity": 1}]},
            {"lines": [{"sku": "NOPE", "quantity": 0}]},
        )
        drafts = [{"order": fine, "key": "a"}, {"order": sold_out}, {"order": wrong}, {"order": fine, "key": "a"}]
        drafts.append({"order": sold_out, "key": "a"})
        answer = await client.post("/api/v1/orders/batch", json={"drafts": drafts})
        many = await client.post("/api/v1/orders/batch", json={"drafts": [{"order": fine}] * 201})
    assert answer.status_code == 200
    outcomes = answer.json()
    assert [o["status"] for o in outcomes] == ["placed", "rejected", "rejected", "already_placed", "rejected"]
    assert outcomes[3]["order"] == outcomes[0]["order"]
    assert [e["code"] for e in outcomes[1]["errors"]] == ["insufficient_stock"]
    assert [e["code"] for e in outcomes[2]["errors"]] == ["quantity_out_of_range", "unknown_sku"]
    assert [(e["code"], e["field"]) for e in outcomes[4]["errors"]] == [("idempotency_key_reused", "drafts[4].key")]
    assert (many.status_code, many.json()["code"]) == (422, "too_many_drafts")


async def test_a_preview_says_what_it_would_cost_and_why(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    async with open_shop(db, scope, stock=1, backorder=True) as client:
        answer = await client.post("/api/v1/orders/preview", json={"lines": [{"sku": "TEA", "quantity": 3}]})
        refused = await client.post("/api/v1/orders/preview", json={"lines": [{"sku": "NOPE", "quantity": 3}]})
    preview = answer.json()
    assert (preview["total_minor"], preview["allocated"], preview["waiting"]) == (3_000, 1, 2)
    assert preview["lines"][0]["waiting"] == 2
    assert preview["sourcing"]["chosen"][0]["location"] == "W1"
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_sku")
    assert owner.execute("SELECT count(*) FROM orders WHERE tenant_id = %s", (scope.tenant,)).fetchone() == (0,)


async def test_a_saved_draft_is_changed_and_becomes_one_order(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        saved = await client.post("/api/v1/order-drafts", json={"data": {"lines": []}})
        address = saved.headers["location"]
        unfinished = await client.post(f"{address}/placement")
        stale = await client.put(address, json={"data": {}}, headers={"If-Match": '"7"'})
        changed = await client.put(address, json={"data": {"lines": [TEA]}}, headers={"If-Match": '"1"'})
        same = await client.put(address, json={"data": {"lines": [TEA]}})
        listed = await client.get("/api/v1/order-drafts")
        placed = await client.post(f"{address}/placement")
        again = await client.post(f"{address}/placement")
        late = await client.put(address, json={"data": {}})
        left = await client.get("/api/v1/order-drafts")
        kept = await client.get(address)
    assert saved.status_code == 201
    assert (unfinished.status_code, unfinished.json()["code"]) == (422, "no_lines")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert (changed.headers["etag"], same.json()) == ('"2"', changed.json()), "what says nothing new is not written"
    assert [d["draft_id"] for d in listed.json()["items"]] == [saved.json()["draft_id"]]
    assert placed.status_code == 201
    assert (again.status_code, again.json()) == (200, placed.json())
    assert (late.status_code, late.json()["code"]) == (409, "draft_already_placed")
    assert placed.json()["number"] in late.json()["detail"]
    assert left.json()["items"] == []
    assert kept.json()["order_id"] == placed.json()["order_id"]
    draft_id = saved.json()["draft_id"]
    assert await told_of_draft(db, scope, draft_id) == [
        ("orders.draft_saved", {"draft_id": draft_id, "version": version}) for version in (1, 2)
    ]


async def told_of_draft(db: Database, scope: Scope, draft_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Return kind and data of what happened to a saved draft, oldest first; none of it is private."""
    async with db.read(scope) as tx:
        page = await queries.timeline(tx, [UUID(draft_id)], request=listing.request(tx))
    assert [entry.private for entry in page.items] == [None] * len(page.items)
    return [(entry.kind, entry.data) for entry in reversed(page.items)]


async def test_a_saved_draft_is_bounded_discarded_and_idempotent(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        large = await client.post("/api/v1/order-drafts", json={"data": {"x": "y" * 70_000}})
        key = {"Idempotency-Key": "d-1"}
        first = await client.post("/api/v1/order-drafts", json={"data": {}}, headers=key)
        same = await client.post("/api/v1/order-drafts", json={"data": {}}, headers=key)
        other = await client.post("/api/v1/order-drafts", json={"data": {"a": 1}}, headers=key)
        gone = await client.delete(first.headers["location"])
        missing = await client.get(first.headers["location"])
        nobody = await client.get(f"/api/v1/order-drafts/{uuid4()}")
    assert (large.status_code, large.json()["code"]) == (422, "draft_too_large")
    assert same.json()["draft_id"] == first.json()["draft_id"]
    assert other.json()["code"] == "idempotency_key_reused"
    assert gone.status_code == 204
    assert missing.status_code == nobody.status_code == 404
    told = await told_of_draft(db, scope, first.json()["draft_id"])
    assert [kind for kind, _ in told] == ["orders.draft_saved", "orders.draft_discarded"]


async def test_a_discarded_draft_is_taken_back_until_it_is_forgotten(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    async with open_shop(db, scope) as client:
        saved = await client.post("/api/v1/order-drafts", json={"data": {"lines": [TEA]}})
        address = saved.headers["location"]
        as_it_is = await client.post(f"{address}/restoration")
        await client.delete(address)
        unplaced = await client.post(f"{address}/placement")
        unchanged = await client.put(address, json={"data": {}})
        back = await client.post(f"{address}/restoration")
        again = await client.post(f"{address}/restoration")
        listed = await client.get("/api/v1/order-drafts")
        await client.delete(address)
        clock.advance(DISCARDED_KEPT - timedelta(minutes=1))
        early = await db.write(scope, service.forget_discarded)
        clock.advance(timedelta(minutes=1))
        over = await client.post(f"{address}/restoration")
        forgotten = await db.write(scope, service.forget_discarded)
        late = await client.post(f"{address}/restoration")
    assert as_it_is.json() == saved.json()
    assert unplaced.status_code == unchanged.status_code == 404
    assert back.json() == again.json() == saved.json() | {"version": 3, "updated_at": back.json()["updated_at"]}
    assert back.json()["updated_at"] > saved.json()["updated_at"]
    assert [each["draft_id"] for each in listed.json()["items"]] == [saved.json()["draft_id"]]
    assert (early, over.status_code, forgotten, late.status_code) == (0, 404, 1, 404)
    told = await told_of_draft(db, scope, saved.json()["draft_id"])
    discarded = "orders.draft_discarded"
    assert [kind for kind, _ in told] == ["orders.draft_saved", discarded, "orders.draft_restored", discarded]


async def test_who_takes_a_draft_back_is_named_to_whoever_has_an_older_version(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    writer, helper = (Scope(scope.tenant, Actor("system", name)) for name in ("writer", "helper"))
    saved = await db.write(writer, lambda tx: service.save_draft(tx, data={}, caller="test"))
    clock.advance(timedelta(minutes=1))
    await db.write(writer, lambda tx: service.discard_draft(tx, draft_id=saved.draft_id))
    clock.advance(timedelta(minutes=1))
    back = await db.write(helper, lambda tx: service.restore_draft(tx, draft_id=saved.draft_id))
    with pytest.raises(StaleVersion) as refused:
        await db.write(
            writer, lambda tx: service.change_draft(tx, draft_id=saved.draft_id, data={"a": 1}, expected_version=1)
        )
    async with db.read(scope) as tx:
        assert await queries.draft(tx, saved.draft_id) == back
    assert refused.value.changed_by == "helper"
    assert back.actor == helper.actor
    assert back.updated_at >= saved.updated_at + timedelta(minutes=2)


WRONG_IN_EVERY_WAY: dict[str, Any] = {
    "currency": "EUR",
    "location": "X",
    "contact": {"email": "li", "phone": "call me"},
    "ship_to": {"country": "XX", "phone": "1"},
    "lines": [{"sku": "TEA", "quantity": 0}, {"sku": "NOPE", "quantity": 1}, {"sku": "CUP", "quantity": 99}],
}
ALL_THAT_IS_WRONG = {
    ("quantity_out_of_range", "lines[0].quantity"),
    ("email_invalid", "contact.email"),
    ("country_unknown", "ship_to.country"),
    ("currency_not_accepted", "currency"),
    ("unknown_location", "location"),
    ("phone_invalid", "contact.phone"),
    ("phone_invalid", "ship_to.phone"),
    ("unknown_sku", "lines[1].sku"),
}


async def test_no_reason_hides_another(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        placed = await client.post("/api/v1/orders", json=WRONG_IN_EVERY_WAY)
        preview = await client.post("/api/v1/orders/preview", json=WRONG_IN_EVERY_WAY)
        drafts = [{"order": WRONG_IN_EVERY_WAY}, {"order": {"lines": [TEA]}}]
        batch = await client.post("/api/v1/orders/batch", json={"drafts": drafts})
    for answer in (placed, preview):
        assert answer.status_code == 422
        assert {(e["code"], e["field"]) for e in answer.json()["errors"]} == ALL_THAT_IS_WRONG
    bad, good = batch.json()
    prefixed = {(code, f"drafts[0].order.{field}") for code, field in ALL_THAT_IS_WRONG}
    assert {(e["code"], e["field"]) for e in bad["errors"]} == prefixed
    assert good["status"] == "placed"


@pytest.mark.parametrize("other", [{"sku": "NOPE", "quantity": 1}, {"sku": "TEA", "quantity": 0}])
async def test_what_is_wrong_with_one_line_does_not_hide_that_another_is_sold_out(
    db: Database, scope: Scope, other: dict[str, Any]
) -> None:
    async with open_shop(db, scope, stock=3) as client:
        answer = await client.post("/api/v1/orders", json={"lines": [other, {"sku": "CUP", "quantity": 4}]})
    reasons = answer.json()["errors"]
    assert [e["field"] for e in reasons][1:] == ["lines[1].quantity"]
    assert (reasons[1]["code"], reasons[1]["data"]) == (
        "insufficient_stock",
        {"sku": "CUP", "requested": 4, "available": 3},
    )


async def test_a_refused_draft_takes_nothing_from_the_others(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope, stock=3) as client:
        lines = [{"sku": "TEA", "quantity": 3}]
        refused = {"order": {"lines": lines, "contact": {"email": "li"}}}
        batch = await client.post("/api/v1/orders/batch", json={"drafts": [refused, {"order": {"lines": lines}}]})
    first, second = batch.json()
    assert [e["code"] for e in first["errors"]] == ["email_invalid", "insufficient_stock"]  # as it is after the batch
    assert second["order"]["allocated"] == 3
