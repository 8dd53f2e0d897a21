"""What `POST /api/v1/orders` refuses, in every language: the field, every reason, the remedy; nothing stored."""

import json
import re
from typing import Any, NamedTuple

import psycopg
import pytest
import pytest_asyncio

from jiedan.base.db import Database
from tests.api import stored, worlds
from tests.api.test_bad_input import faults, reasons_in
from tests.api.worlds import TEA, World
from tests.base import web_client

LANGUAGES = ("en", "zh-CN", "zh-TW")
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


class Refused(NamedTuple):
    """A body, and the (code, field) of each reason it must be refused for."""

    body: dict[str, Any]
    reasons: frozenset[tuple[str, str | None]]
    headers: dict[str, str]


def refused(*reasons: tuple[str, str], headers: dict[str, str] | None = None, **facts: Any) -> Refused:
    return Refused({"lines": [TEA], **facts}, frozenset(reasons), headers or {})


def line(code: str, field: str, **facts: Any) -> Refused:
    return refused((code, f"lines[0].{field}"), lines=[{**TEA, **facts}])


NOBODY = "0193a000-0000-7000-8000-0000000000ff"
REFUSED: dict[str, Refused] = {
    "unknown SKU": line("unknown_sku", "sku", sku="NOPE"),
    "inactive SKU": line("inactive_sku", "sku", sku="TEA-500"),
    "zero": line("quantity_out_of_range", "quantity", quantity=0),
    "negative": line("quantity_out_of_range", "quantity", quantity=-3),
    "fractional": line("wrong_type", "quantity", quantity=0.5),
    "absurd": line("quantity_out_of_range", "quantity", quantity=10**12),
    "beyond 64 bits": line("integer_too_large", "quantity", quantity=2**64),
    "unknown location": line("unknown_location", "location", location="NOWHERE"),
    "collection at a warehouse": refused(("location_without_counter", "location"), location="SH-1"),
    "wrong currency": refused(("currency_not_accepted", "currency"), currency="EUR"),
    "no currency": refused(("wrong_value", "currency"), currency="yuan"),
    "repeated line": refused(("repeated_line", "lines[1].sku"), lines=[TEA, TEA]),
    "no lines": refused(("no_lines", "lines"), lines=[]),
    "too many lines": refused(
        ("too_many_lines", "lines"), lines=[{"sku": f"S-{i}", "quantity": 1} for i in range(201)]
    ),
    "date out of range": refused(("date_out_of_range", "delivery_wish"), delivery_wish="2199-01-01"),
    "no date": refused(("wrong_value", "delivery_wish"), delivery_wish="tomorrow"),
    "over-long key": refused(("idempotency_key_invalid", "Idempotency-Key"), headers={"Idempotency-Key": "k" * 256}),
    "over-long external id": refused(("out_of_bounds", "external_id"), external_id="x" * 201),
    "foreign customer": refused(("unknown_customer", "customer_id"), customer_id=NOBODY),
    "unknown field": refused(("unknown_field", "coupon"), coupon="SPRING"),
    "several at once": refused(
        ("unknown_sku", "lines[0].sku"),
        ("unknown_location", "lines[1].location"),
        ("unknown_customer", "customer_id"),
        customer_id=NOBODY,
        lines=[{"sku": "NOPE", "quantity": 1}, {**TEA, "location": "NOWHERE"}],
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(api: web_client.Client, session_db: Database) -> World:
    """Return a merchant whose larger tea is not sold any more."""
    world = await worlds.build(api, session_db)
    listed = (await api.get("/api/v1/skus", headers=world.headers)).json()["items"]
    (sku_id,) = [row["sku_id"] for row in listed if row["code"] == "TEA-500"]
    changed = await api.patch(f"/api/v1/skus/{sku_id}", json={"is_active": False}, headers=world.headers)
    assert changed.status_code == 200
    return world


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
async def test_an_order_is_refused_with_every_reason_in_every_language(
    api: web_client.Client, shop: World, owner: psycopg.Connection[Any], case: Refused
) -> None:
    before = stored.everything(owner, shop.at.tenant)
    told: dict[str, list[str]] = {}
    for language in LANGUAGES:
        answer = await api.post(
            "/api/v1/orders",
            content=json.dumps(case.body),
            headers={**shop.headers, "content-type": "application/json", "accept-language": language, **case.headers},
        )
        assert list(faults(answer)) == []
        assert answer.status_code == 422
        assert {(reason["code"], reason.get("field")) for reason in reasons_in(answer)} == case.reasons, answer.text
        told[language] = sorted(reason["detail"] for reason in reasons_in(answer))
    assert stored.changes(before, stored.everything(owner, shop.at.tenant)) == []
    assert told["en"] != told["zh-CN"] != told["zh-TW"]
    assert not any(PLACEHOLDER.search(detail) for details in told.values() for detail in details), told
