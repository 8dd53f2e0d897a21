"""What a new order carries of a draft: prices and wallets of those who may not use them, and what is no draft's."""

import html
from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.console import new_order_kept
from jiedan.orders.tables import Order
from tests.console.test_new_order import NEW, drafts, stock
from tests.console.test_new_order_kept import WHOLE, saved, sent
from tests.console.test_pages import current, open_console, page, submit

TEA: dict[str, Any] = {"sku": "TEA", "quantity": 2}
BY_HAND: dict[str, Any] = {**TEA, "unit_price_minor": 750, "price_reason": "Agreed on."}


@pytest.mark.parametrize(
    ("needed", "data", "told"),
    [
        ("orders:price", {"lines": [TEA], "shipping_minor": 0}, "0.00"),
        ("orders:price", {"lines": [TEA], "shipping_minor": 500, "shipping_tax_minor": 40}, "5.00"),
        ("orders:price", {"lines": [TEA], "discount": {"reason": "Late.", "amount_minor": 120}}, "1.20 · Late."),
        ("orders:price", {"lines": [TEA], "discount": {"reason": "Late.", "rate_ppm": 50_000}}, "5 % · Late."),
        ("orders:price", {"lines": [BY_HAND]}, "7.50 · Reason: Agreed on."),
        ("orders:price", {"lines": [BY_HAND, {**BY_HAND, "sku": "CUP", "price_reason": "A dent."}]}, "A dent."),
        ("wallets:write", {"lines": [TEA], "wallets": [{"kind": "credit", "amount_minor": 250}]}, ""),
        ("wallets:write", {"lines": [TEA], "wallets": [{"kind": "credit"}]}, ""),
        ("wallets:write", {"lines": [TEA], "wallets": [{"kind": "points", "points": 20, "amount_minor": 20}]}, ""),
    ],
)
async def test_what_somebody_may_not_set_stays_in_the_draft_and_is_not_placed(
    db: Database, scope: Scope, needed: str, data: dict[str, Any], told: str
) -> None:
    await stock(db, scope)
    draft = await saved(db, scope, {"channel": "phone", **data})
    async with open_console(db, scope, ALL_PERMISSIONS - {needed}) as client:
        opened = await page(client, f"{NEW}?draft={draft.draft_id}")
        noted = await submit(client, NEW, {**sent(opened), "note": "Soon.", "action": "keep"}, on=NEW)
        looked = await submit(client, NEW, {**sent(noted.text), "action": "preview"}, on=NEW)
        form = await submit(client, NEW, {**sent(looked.text), "action": "place"}, on=NEW)
        listed = await submit(client, f"/orders/drafts/{draft.draft_id}/placement", {}, on="/orders/drafts")
    (after,) = await drafts(db, scope)
    assert told in html.unescape(opened)
    assert (looked.status_code, form.status_code) == (403, 403)
    assert f"This needs the permission “{needed}”." in form.text
    assert "/orders/new" in listed.headers["location"], "nothing was placed"
    notes = [{"kind": "internal", "text": "Soon."}]
    assert after.data == {"channel": "phone", **data, "notes": notes}
    async with db.read(scope) as tx:
        assert not (await tx.execute(sa.select(Order.order_id).where(Order.tenant_id == tx.tenant))).all()


async def test_a_price_that_somebody_may_not_set_goes_with_its_sku_or_its_discount(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    off = {"reason": "Late.", "amount_minor": 120}
    draft = await saved(db, scope, {"lines": [BY_HAND], "channel": "phone", "discount": off})
    async with open_console(db, scope, ALL_PERMISSIONS - {"orders:price"}) as client:
        opened = await page(client, f"{NEW}?draft={draft.draft_id}")
        without = await submit(client, NEW, {**sent(opened), "remove_kept": "discount"}, on=NEW)
        other = {**sent(without.text), "sku": ["CUP", *sent(without.text)["sku"][1:]]}
        placed = await submit(client, NEW, {**other, "action": "place"}, on=NEW)
    assert placed.status_code == 303
    found = await current(db, scope, UUID(placed.headers["location"][-36:]))
    assert [(line.code, line.price_source) for line in found.lines] == [("CUP", "list")]


@pytest.mark.parametrize("name", ["kept", "row_kept"])
@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ('{"x":' + "[" * 6_000 + "]" * 6_000 + "}", (400, "nested too deeply")),
        ('{"x":' + "[" * 150 + "]" * 150 + "}", (400, "nested too deeply")),
        ('{"discount":{"rate_ppm":1' + "0" * 400 + "}}", (422, "does not fit in 64 bits")),
        ('{"discount":{"rate_ppm":1e400}}', (422, "does not fit in 64 bits")),
        ('{"x":"a\\u0000b"}', (422, "U+0000")),
        ('{"x":"a\\ud800b"}', (422, "U+D800")),
        ('{"x":1,"x":2}', (422, "twice")),
        ("[]", (422, "object")),
        ("{odd", (400, "JSON")),
    ],
    ids=["6000 deep", "150 deep", "10^400", "1e400", "U+0000", "surrogate", "repeated", "array", "no JSON"],
)
async def test_what_is_kept_is_read_as_bodies_are(
    db: Database, scope: Scope, name: str, odd: str, told: tuple[int, str]
) -> None:
    await stock(db, scope)
    data = {"lines": [TEA], "channel": "phone", "shipping_minor": 500}
    draft = await saved(db, scope, data)
    async with open_console(db, scope) as client:
        opened = await page(client, f"{NEW}?draft={draft.draft_id}")
        for action in ("keep", "preview", "place"):
            refused = await submit(client, NEW, {**sent(opened), name: odd, "action": action}, on=NEW)
            assert refused.status_code == told[0]
            assert told[1] in html.unescape(refused.text)
    (after,) = await drafts(db, scope)
    assert (after.data, after.version) == (data, 1)


async def test_what_is_kept_does_not_speak_for_inputs(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    draft = await saved(db, scope, {"lines": [BY_HAND], "channel": "phone"})
    whole = {**WHOLE, "lines": [], "currency": "CNY", "ship_to": {}}
    kept = {name: value for name, value in whole.items() if name in new_order_kept.EDITED}
    row = {"sku": "TEA", "quantity": 9, "unit_price_minor": 1, "price_reason": "Cheap."}
    async with open_console(db, scope) as client:
        opened = await page(client, f"{NEW}?draft={draft.draft_id}")
        forged = {**sent(opened), "kept": msgspec.json.encode(kept).decode(), "discount": "1.00"}
        forged |= {"discount_reason": "Late.", "row_kept": [msgspec.json.encode(row).decode()]}
        saved_form = await submit(client, NEW, {**forged, "action": "keep"}, on=NEW)
    (after,) = await drafts(db, scope)
    assert saved_form.status_code == 200
    assert after.data == {
        "lines": [{**BY_HAND, "price_reason": "Cheap."}],
        "channel": "phone",
        "discount": {"reason": "Late.", "amount_minor": 100},
        "notes": WHOLE["notes"],
        "tags": WHOLE["tags"],
        "payment_method": "voucher",
    }


@pytest.mark.parametrize("quantity", ["²", "9" * 5_000, "9" * 25, "-1", "two"])
async def test_a_quantity_that_is_none_is_refused(db: Database, scope: Scope, quantity: str) -> None:
    await stock(db, scope)
    fields = {"key": "k-1", "sku": ["TEA"], "quantity": [quantity], "contact_name": "Anna"}
    async with open_console(db, scope) as client:
        for action in ("keep", "preview", "place"):
            refused = await submit(client, NEW, {**fields, "action": action}, on=NEW)
            assert refused.status_code == 422
    assert [one.data["lines"][0]["quantity"] for one in await drafts(db, scope)] == [1]
