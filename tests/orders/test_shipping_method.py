"""The shipping method of an order over HTTP: named or the cheapest, kept with it, changed and refused."""

from typing import Any
from uuid import UUID

import pytest

from jiedan.base.db import Database, Scope
from jiedan.orders import queries, service
from jiedan.orders.values import OrderEdit, PriceEdit
from jiedan.orders.values.lists import OrderFilter
from jiedan.pricing.values import OrderDiscount
from tests.base import web_client
from tests.journeys import books
from tests.orders import listing
from tests.orders.methods import EXPRESS, EXPRESS_MINOR, STANDARD, STANDARD_MINOR, offered
from tests.orders.test_placement_api import open_shop
from tests.replays.factories import done, figures

ORDERS = "/api/v1/orders"
TEA = [{"sku": "TEA", "quantity": 1}]
BEIJING = {
    "country": "CN",
    "name": "李雷",
    "region": "北京市",
    "city": "北京市",
    "district": "东城区",
    "line1": "长安街 1 号",
    "postal_code": "100006",
}
PARIS = {"country": "FR", "name": "Anne", "city": "Paris", "line1": "1 rue de Rivoli", "postal_code": "75001"}
NAMES = {"standard": "Standard", "express": "Express by air"}


async def placed(client: web_client.Client, **facts: Any) -> dict[str, Any]:
    """Place an order of tea, and return it whole."""
    answer = await client.post(ORDERS, json={"lines": TEA, "ship_to": BEIJING, **facts})
    assert answer.status_code == 201, answer.text
    return await whole(client, answer.json()["order_id"])


async def whole(client: web_client.Client, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"{ORDERS}/{order_id}")).json()
    return found


async def edit(client: web_client.Client, order: dict[str, Any], **facts: Any) -> Any:
    return await client.patch(
        f"{ORDERS}/{order['order_id']}", json=facts, headers={"If-Match": f'"{order["version"]}"'}
    )


def sent_by(order: dict[str, Any]) -> tuple[str | None, str | None]:
    return order["shipping_method"], order["shipping_name"]


def fees(order: dict[str, Any]) -> list[int]:
    return [line["unit_minor"] for line in order["lines"] if line["kind"] == "fee"]


@pytest.mark.parametrize(
    ("named", "method", "fee"),
    [
        (None, "standard", STANDARD_MINOR),
        ("standard", "standard", STANDARD_MINOR),
        ("express", "express", EXPRESS_MINOR),
    ],
)
async def test_an_order_goes_by_the_method_that_is_named(
    db: Database, scope: Scope, named: str | None, method: str, fee: int
) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope)
        cart = {"lines": TEA, "ship_to": BEIJING, **({"shipping_method": named} if named else {})}
        (quote,) = (await client.post("/api/v1/pricing/quote", json={"carts": [cart]})).json()
        preview = (await client.post(f"{ORDERS}/preview", json=cart)).json()
        (batch,) = (await client.post(f"{ORDERS}/batch", json={"drafts": [{"order": cart}]})).json()
        order = await placed(client, **({"shipping_method": named} if named else {}))
        told = (await client.get(f"{ORDERS}/{order['order_id']}/prices")).json()
    assert sent_by(order) == (method, NAMES[method])
    assert fees(order) == [fee]
    assert quote["quote"]["total_minor"] == preview["total_minor"] == order["total_minor"] == 1_000 + fee
    assert batch["order"]["total_minor"] == order["total_minor"]
    choices = [("standard", STANDARD_MINOR), ("express", EXPRESS_MINOR)]
    for shipping in (quote["quote"]["shipping"], preview["shipping"]):
        assert [(x["method"], x["fee_minor"]) for x in shipping] == choices
        assert [x["method"] for x in shipping if x["is_taken"]] == [method]
    assert preview["shipping_method"] == method
    assert [x["method"] for x in told["explanation"]["shipping"] if x["is_chosen"]] == [method]
    assert told["is_same"] is True


@pytest.mark.parametrize(
    ("facts", "code", "offered_now"),
    [
        ({"shipping_method": "pigeon"}, "shipping_method_unavailable", "standard, express"),
        ({"shipping_method": "express", "ship_to": PARIS}, "shipping_method_unavailable", "standard"),
        ({"shipping_method": "pigeon", "shipping_minor": 0}, "shipping_method_unavailable", "express, standard"),
    ],
)
async def test_a_method_that_does_not_serve_is_refused_with_those_that_do(
    db: Database, scope: Scope, facts: dict[str, Any], code: str, offered_now: str
) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope)
        body = {"lines": TEA, "ship_to": BEIJING, **facts}
        answer = await client.post(ORDERS, json=body)
        (batch,) = (await client.post(f"{ORDERS}/batch", json={"drafts": [{"order": body}]})).json()
        (quote,) = (await client.post("/api/v1/pricing/quote", json={"carts": [body]})).json()
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (422, code, "shipping_method")
    assert told["data"]["offered"] == offered_now
    assert [(x["code"], x["field"]) for x in batch["errors"]] == [(code, "drafts[0].order.shipping_method")]
    assert [(x["code"], x["field"]) for x in quote["errors"]] == [(code, "carts[0].shipping_method")]


async def test_no_method_is_chosen_where_there_is_none(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        answer = await client.post(ORDERS, json={"lines": TEA, "shipping_method": "express"})
    assert (answer.status_code, answer.json()["code"]) == (422, "shipping_not_chosen")
    assert answer.json()["field"] == "shipping_method"


async def test_a_fee_by_hand_wins_whatever_the_method_asks(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope)
        order = await placed(client, shipping_method="express", shipping_minor=300)
        waived = await placed(client, shipping_method="express", shipping_minor=0, ship_to=PARIS)
        told = (await client.get(f"{ORDERS}/{order['order_id']}/prices")).json()
        moved = await edit(client, order, shipping_method="standard")
    assert (sent_by(order), fees(order)) == (("express", NAMES["express"]), [300])
    assert (sent_by(waived), fees(waived)) == (("express", NAMES["express"]), [])
    assert told["is_same"] is True
    assert (sent_by(moved.json()), fees(moved.json())) == (("standard", "Standard"), [300])


async def test_another_method_costs_what_it_would_have_cost(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope)
        order = await placed(client)
        preview = await client.post(f"{ORDERS}/{order['order_id']}/edit-preview", json={"shipping_method": "express"})
        faster = (await edit(client, order, shipping_method="express")).json()
        told = (await client.get(f"{ORDERS}/{order['order_id']}/prices")).json()
        same = await edit(client, faster, shipping_method="express")
        back = (await edit(client, faster, shipping_method="standard")).json()
        again = (await client.get(f"{ORDERS}/{order['order_id']}/prices")).json()
    assert preview.json()["fields"] == ["shipping_method"]
    assert preview.json()["total_minor"] == 1_000 + EXPRESS_MINOR
    assert (sent_by(faster), fees(faster), faster["total_minor"]) == (
        ("express", NAMES["express"]), [EXPRESS_MINOR], 1_000 + EXPRESS_MINOR,
    )  # fmt: skip
    assert told["is_same"] is True
    assert [(x["before"], x["after"]) for x in told["set_since"]] == [(["Standard"], ["Express by air"])]
    assert same.json()["code"] == "nothing_to_edit"
    assert (sent_by(back), fees(back)) == (("standard", "Standard"), [STANDARD_MINOR])
    assert again["is_same"] is True


async def test_an_order_without_a_fee_gets_one_and_loses_it(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope)
        order = await placed(client, lines=[{"sku": "TEA", "quantity": 10}])
        assert (sent_by(order), fees(order)) == (("standard", "Standard"), [])
        faster = (await edit(client, order, shipping_method="express")).json()
        told = (await client.get(f"{ORDERS}/{order['order_id']}/prices")).json()
        back = (await edit(client, faster, shipping_method="standard")).json()
        again = (await client.get(f"{ORDERS}/{order['order_id']}/prices")).json()
    assert (fees(faster), faster["total_minor"]) == ([EXPRESS_MINOR], 10_000 + EXPRESS_MINOR)
    assert (fees(back), back["total_minor"]) == ([0], 10_000)
    assert (told["is_same"], again["is_same"]) == (True, True)
    assert await figures(db, scope, await done(db, scope))
    async with db.read(scope) as tx:
        found = await queries.order(tx, UUID(order["order_id"]))
    assert found.order.line_count == len(found.lines) == 2
    await books.assert_balance(db, scope)


async def test_a_method_that_was_chosen_has_to_serve_a_new_address(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope)
        order = await placed(client, shipping_method="express")
        refused = await edit(client, order, ship_to=PARIS)
        named = (await edit(client, order, ship_to=PARIS, shipping_method="standard")).json()
        usual = await placed(client)
        moved = (await edit(client, usual, ship_to=PARIS)).json()
    told = refused.json()
    assert (refused.status_code, told["code"], told["field"]) == (
        422, "shipping_method_unavailable", "shipping_method",
    )  # fmt: skip
    assert told["data"] == {"method": "express", "offered": "standard"}
    assert (sent_by(named), fees(named)) == (("standard", "Standard"), [STANDARD_MINOR])
    assert (sent_by(moved), fees(moved)) == (("standard", "Standard"), [STANDARD_MINOR])


async def test_a_discount_by_hand_stays_with_another_method(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope)
        order = await placed(client)
        order_id = UUID(order["order_id"])
        off = PriceEdit(discount=OrderDiscount("Late.", amount_minor=100))
        await db.write(scope, lambda tx: service.set_prices(tx, order_id=order_id, edit=off, version=None))
        wish = OrderEdit(shipping_method="express")
        await db.write(scope, lambda tx: service.edit_order(tx, order_id=order_id, edit=wish, version=None))
        after = await whole(client, order["order_id"])
    assert after["total_minor"] == 1_000 - 100 + EXPRESS_MINOR


async def test_the_tax_of_a_fee_follows_its_method(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope, STANDARD, EXPRESS)
        order = await placed(client)
        after = (await edit(client, order, shipping_method="express")).json()
    assert after["tax_minor"] == order["tax_minor"] == 0


async def test_orders_are_found_by_their_method(db: Database, scope: Scope) -> None:
    async with open_shop(db, scope) as client:
        await offered(db, scope)
        usual, fast = await placed(client), await placed(client, shipping_method="express")
        await listing.drain(db, scope)
        found = (await client.get(f"{ORDERS}?shipping_method=express")).json()
        moved = (await edit(client, usual, shipping_method="express")).json()
        await listing.drain(db, scope)
        both = (await client.get(f"{ORDERS}?shipping_method=express")).json()
    assert [(x["order_id"], x["shipping_name"]) for x in found["items"]] == [(fast["order_id"], NAMES["express"])]
    assert {x["order_id"] for x in both["items"]} == {moved["order_id"], fast["order_id"]}
    assert OrderFilter(shipping_method="express") != OrderFilter()
