"""A new order from the console: customers found and kept, prices by hand, delivery or collection, drafts."""

import re
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.paging import Cursors, Request
from jiedan.carriers import service as carriers
from jiedan.catalog import queries as catalog
from jiedan.console import new_order_form
from jiedan.customers import service as customers
from jiedan.customers import tables as customer_tables
from jiedan.customers.values import CustomerDraft
from jiedan.inventory import queries as stocks
from jiedan.inventory import service as inventory
from jiedan.inventory.values import NewLocation, Receipt
from jiedan.orders import queries
from jiedan.orders.tables import Order
from jiedan.orders.values import SavedDraft
from jiedan.payments import queries as payments
from jiedan.pricing import service as pricing
from jiedan.pricing.values.promotions import Gift, Goods, Promotion
from tests.carriers.factories import RATES
from tests.console.test_pages import current, open_console, page, submit
from tests.orders import factories, listing
from tests.orders.factories import order, place_one, shop

NEW = "/orders/new"
BEIJING: dict[str, str] = {
    "country": "CN",
    "name": "李雷",
    "region": "北京市",
    "city": "北京市",
    "district": "东城区",
    "line1": "长安街1号",
    "postal_code": "100006",
}
TEA: dict[str, Any] = {"key": "k-1", "sku": ["TEA"], "quantity": ["2"], "contact_name": "Anna"}


async def stock(db: Database, scope: Scope) -> None:
    """Open a merchant with tea, and a carrier that knows how long it takes."""
    await shop(db, scope, {"TEA": {"W1": 10, "W2": 3}, "CUP": {"W1": 1}}, backorder=True)
    await db.write(scope, lambda tx: carriers.save_carrier(tx, account=RATES))


async def gifts(db: Database, scope: Scope, promotion: Promotion) -> None:
    """Have mugs and pens, and publish a promotion that gives of them."""
    async with db.begin(scope) as tx:
        made = {code: await factories.sku(tx, code) for code in ("MUG", "PEN")}
        places = {x.code: x.location_id for x in await tx.load_one(stocks.locations())}
        opened = factories.Shop(made, places)
        await factories.receive(tx, opened, {"MUG": {"W1": 5}, "PEN": {"W1": 5}})
        await pricing.create_rule(tx, kind="promotion", body=promotion)
        await pricing.publish(tx)


async def known(db: Database, scope: Scope) -> UUID:
    """Keep a customer with an address, and find words of theirs."""
    draft = CustomerDraft("Anna Bell", phone="+8613912345678", addresses=(factories.BEIJING,))
    (saved,) = await db.write(scope, lambda tx: customers.upsert_customers(tx, customers=[draft], country="CN"))
    await listing.drain(db, scope)
    return saved.customer_id  # type: ignore[union-attr]  # it was saved


async def send(client: Any, fields: dict[str, Any], action: str) -> Any:
    return await submit(client, NEW, {**fields, "action": action}, on=NEW)


def typed(shown: str) -> dict[str, str]:
    """Return what the form's inputs say."""
    return dict(re.findall(r'<input name="(\w+)" type="\w+" value="([^"]*)"', shown))


async def drafts(db: Database, scope: Scope) -> list[SavedDraft]:
    async with db.read(scope) as tx:
        request = Request.of(Cursors("s"), tenant=scope.tenant, name="drafts", filters={})
        return (await queries.open_drafts(tx, request=request)).items


async def test_what_it_costs_where_it_comes_from_and_when_it_arrives_is_told_first(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    async with open_console(db, scope) as client:
        shown = (await send(client, {**TEA, **BEIJING}, "preview")).text
        waiting = (await send(client, {**TEA, **BEIJING, "quantity": ["40"]}, "preview")).text
    assert "Place W1 × 2" in shown
    assert "One location has everything; it comes first." in shown
    assert re.search(r"arrives about .* by .* at the latest", shown)
    assert "CN¥20.00" in shown
    assert "units wait for stock; nobody can say yet when they arrive." in waiting


async def test_a_customer_is_found_chosen_and_their_address_filled_in(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    customer_id = await known(db, scope)
    async with open_console(db, scope) as client:
        found = (await send(client, {"key": "k", "customer": "anna"}, "find")).text
        nobody = (await send(client, {"key": "k", "customer": "zeno"}, "find")).text
        chosen = (await submit(client, NEW, {**TEA, "pick": str(customer_id)}, on=NEW)).text
        opened = await page(client, f"{NEW}?customer={customer_id}")
        address_id = re.search(r'name="use" value="([0-9a-f-]+)"', chosen)
        assert address_id is not None
        again = {"key": "k", "customer_id": str(customer_id), "use": address_id[1], "line1": "Nowhere"}
        used = (await submit(client, NEW, again, on=NEW)).text
        placed = await send(client, {**TEA, "customer_id": str(customer_id)}, "place")
    assert f'name="pick" value="{customer_id}"' in found
    assert "No customer fits." in nobody
    for shown in (chosen, opened, used):
        assert typed(shown)["contact_name"] == "Anna Bell"
        assert typed(shown)["line1"] == "长安街1号"
        assert f'name="customer_id" value="{customer_id}"' in shown
    assert (await current(db, scope, UUID(placed.headers["location"][-36:]))).order.customer_id == customer_id


async def test_a_new_customer_is_kept_once_with_the_address(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    async with open_console(db, scope) as client:
        nameless = await send(client, {**TEA, "contact_name": "", "keep": "1"}, "place")
        first = await send(client, {**TEA, **BEIJING, "keep": "1"}, "place")
        again = await send(client, {**TEA, **BEIJING, "keep": "1"}, "place")
    assert "A customer who is kept needs a name." in nameless.text
    assert first.headers["location"] == again.headers["location"]
    async with db.read(scope) as tx:
        names = (
            (
                await tx.execute(
                    sa.select(customer_tables.Customer.name).where(customer_tables.Customer.tenant_id == tx.tenant)
                )
            )
            .scalars()
            .all()
        )
        streets = (
            (
                await tx.execute(
                    sa.select(customer_tables.CustomerAddress.line1).where(
                        customer_tables.CustomerAddress.tenant_id == tx.tenant
                    )
                )
            )
            .scalars()
            .all()
        )
        orders = (await tx.execute(sa.select(Order.customer_id).where(Order.tenant_id == tx.tenant))).scalars().all()
    assert (list(names), list(streets), len(orders)) == (["Anna"], ["长安街1号"], 1)
    assert orders[0] is not None


async def test_prices_and_discounts_by_hand_need_a_right_and_a_reason(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    by_hand = {**TEA, "price": ["7.50"], "discount": "1"}
    reasons = {"price_reason": "Agreed on.", "discount_reason": "Late last time."}
    async with open_console(db, scope) as client:
        silent = await send(client, by_hand, "preview")
        odd = await send(client, {**TEA, "price": ["cheap"]}, "preview")
        looked = await send(client, {**by_hand, **reasons}, "preview")
        placed = await send(client, {**by_hand, **reasons}, "place")
    async with open_console(db, scope, ALL_PERMISSIONS - {"orders:price"}) as client:
        shown = await page(client, NEW)
        refused = await send(client, {**by_hand, **reasons, "key": "k-2"}, "place")
    assert silent.status_code == odd.status_code == 422
    assert 'id="row-0-error">cheap is not an amount in CNY.' in odd.text
    assert "CN¥14.00" in looked.text
    assert 'name="price"' not in shown
    assert refused.status_code == 403
    found = await current(db, scope, UUID(placed.headers["location"][-36:]))
    assert (found.lines[0].unit_minor, found.lines[0].price_reason, found.order.total_minor) == (
        750,
        "Agreed on.",
        1400,
    )


async def test_goods_are_collected_where_somebody_said(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    async with db.begin(scope) as tx:
        store = await inventory.create_location(tx, location=NewLocation(code="S1", name="Corner shop", kind="store"))
        (tea,) = (await tx.load_one(catalog.sellable_skus(["TEA"]))).values()
        await inventory.receive_many(tx, receipts=[Receipt(tea.sku_id, store.location_id, 5, "r-1")])
    collected = {**TEA, **BEIJING, "how": "collect"}
    async with open_console(db, scope) as client:
        nowhere = await send(client, collected, "preview")
        warehouse = await send(client, {**collected, "location": "W2"}, "place")
        looked = await send(client, {**collected, "location": "S1"}, "preview")
        placed = await send(client, {**collected, "location": "S1", "pay": "cash_on_delivery"}, "place")
    assert "Where the customer collects the goods is not chosen." in nowhere.text
    assert (warehouse.status_code, "Customers cannot collect goods at Place W2: it is no store." in warehouse.text) == (
        422,
        True,
    )
    assert "Corner shop × 2" in looked.text
    order_id = UUID(placed.headers["location"][-36:])
    found = await current(db, scope, order_id)
    assert found.order.payment_terms == "on_delivery"
    async with db.read(scope) as tx:
        details = (await queries.details(tx, [order_id]))[found.order.order_id]
        tenders = await payments.payments_of_orders(tx, [order_id])
    assert "ship_to" not in details.addresses
    assert [tender.method for tender in tenders[order_id]] == ["cash_on_delivery"]


async def test_staff_choose_among_gifts_as_customers_do(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    await gifts(db, scope, Promotion("mug", "A mug or a pen", Gift(("MUG", "PEN")), Goods(any_of=("sku:TEA",))))
    async with open_console(db, scope) as client:
        first = (await send(client, TEA, "preview")).text
        chosen = (await send(client, {**TEA, "gift_choice": "PEN"}, "keep")).text
        (draft,) = await drafts(db, scope)
        resumed = await page(client, f"{NEW}?draft={draft.draft_id}")
        between = (await send(client, {**TEA, "gift_choice": "PEN"}, "rows")).text
        all_pens = {**TEA, "sku": ["TEA", "PEN"], "quantity": ["2", "5"], "gift_choice": "PEN"}
        instead = (await send(client, all_pens, "preview")).text
        named = {**TEA, "key": "k-2", "gift_choice": "PEN", "gift_of": "mug"}
        await send(client, named, "keep")
        kept = next(x for x in await drafts(db, scope) if x.draft_id != draft.draft_id)
        again = await page(client, f"{NEW}?draft={kept.draft_id}")
        placed = await send(client, {**TEA, "gift_choice": "PEN", "gift_of": "mug"}, "place")
        told = await page(client, f"/orders/{placed.headers['location'][-36:]}")
    assert kept.data["gifts"] == [{"promotion": "mug", "sku": "PEN"}]
    assert 'name="gift_of" value="mug"' in again
    assert "Chosen: Product PEN" in told
    assert (
        'id="gift-2" aria-label="Choose the gift: A mug or a pen"' in first,
        '<option value="MUG" selected>' in first,
    ) == (
        True,
        True,
    )
    assert draft.data["gifts"] == ["PEN"]
    assert '<option value="PEN" selected>' in chosen
    assert '<option value="PEN" selected>' in resumed
    assert ('<option value="MUG" selected>' in instead, "Product PEN is not there right now." in instead) == (
        True,
        True,
    )
    assert "is not there right now" not in chosen
    # A page without a preview keeps the choice.
    assert '<input type="hidden" name="gift_choice" value="PEN">' in between
    found = await current(db, scope, UUID(placed.headers["location"][-36:]))
    assert [(x.code, x.price_source, x.total_minor) for x in found.lines] == [
        ("TEA", "list", 2_000),
        ("PEN", "gift", 0),
    ]


async def test_a_gift_that_is_not_offered_is_told_and_chosen_no_more(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    await gifts(db, scope, Promotion("pen", "A pen", Gift(("PEN",)), Goods(any_of=("sku:TEA",))))
    async with open_console(db, scope) as client:
        refused = await send(client, {**TEA, "gift_choice": "CUP"}, "preview")
        only = (await send(client, TEA, "preview")).text
    assert refused.status_code == 422
    assert "CUP is not offered as a gift." in refused.text
    assert 'name="gift_choice"' not in refused.text
    # Of one gift alone there is nothing to choose.
    assert ("A pen" in only, 'name="gift_choice"' in only) == (True, False)


async def test_what_is_wrong_with_a_line_stands_beside_it(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    fields = {"key": "k", "sku": ["TEA", "", "NOPE"], "quantity": ["1", "1", "1"]}
    async with open_console(db, scope) as client:
        shown = (await send(client, fields, "place")).text
        none = (await send(client, {**fields, "quantity": ["", "1", "1"]}, "place")).text
        phone = (await send(client, {**TEA, "contact_phone": "12"}, "place")).text
    assert 'id="row-2-error">There is no SKU NOPE.' in shown
    assert 'id="row-0-error"' not in shown
    assert 'id="row-0-error">Row 1 needs a SKU and a whole quantity.' in none
    assert 'id="contact_phone-error"' in phone


async def test_a_draft_keeps_itself_is_resumed_and_becomes_one_order(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    more = {**TEA, **BEIJING, "note": "Ring twice.", "note_kind": "delivery", "tags": "Gift，VIP", "pay": "on_account"}
    more |= {"attributes": "source=app; age=18"}
    async with open_console(db, scope) as client:
        nothing = await send(client, {"key": "k-0"}, "keep")
        kept = (await send(client, more, "keep")).text
        again = (await send(client, {**more, "quantity": ["3"]}, "keep")).text
        (draft,) = await drafts(db, scope)
        listed = await page(client, "/orders/drafts")
        resumed = await page(client, f"{NEW}?draft={draft.draft_id}")
        stale = await send(
            client, {**more, "draft_id": str(draft.draft_id), "draft_version": "1", "quantity": ["9"]}, "keep"
        )
        wish = {**more, "key": str(draft.draft_id), "draft_id": str(draft.draft_id)}
        placed = await send(client, wish, "place")
        twice = await send(client, wish, "place")
        gone = await client.get(f"/c/acme{NEW}?draft={draft.draft_id}", headers={"accept": "text/html"})
        empty = await page(client, "/orders/drafts")
    assert 'name="draft_id" value=""' in nothing.text
    assert f'name="draft_id" value="{draft.draft_id}"' in kept
    assert f'name="draft_id" value="{draft.draft_id}"' in again, "the same form is one draft"
    assert draft.data["lines"] == [{"sku": "TEA", "quantity": 3}]
    assert draft.data["tags"] == ["Gift", "VIP"]
    assert draft.data["attributes"] == {"source": "app", "age": 18}
    assert typed(resumed)["attributes"] == "age=18; source=app"
    assert "Anna" in listed
    assert "1 line" in listed
    assert (typed(resumed)["contact_name"], typed(resumed)["tags"]) == ("Anna", "Gift, VIP")
    assert "Ring twice." in resumed
    assert '<option value="on_account" selected>' in resumed
    assert stale.status_code == 409
    assert placed.headers["location"] == twice.headers["location"] == gone.headers["location"]
    assert "No draft is waiting." in empty
    async with db.read(scope) as tx:
        assert len((await tx.execute(sa.select(Order.order_id).where(Order.tenant_id == tx.tenant))).all()) == 1


async def test_drafts_are_placed_or_thrown_away_from_their_list(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    async with open_console(db, scope) as client:
        for key, code in (("k-1", "TEA"), ("k-2", "NOPE"), ("k-3", "TEA")):
            await send(client, {**TEA, "key": key, "sku": [code]}, "keep")
        by_code = {x.data["lines"][0]["sku"]: x for x in await drafts(db, scope)}
        good, bad = [f"/orders/drafts/{by_code[code].draft_id}" for code in ("TEA", "NOPE")]
        placed = await submit(client, f"{good}/placement", {}, on="/orders/drafts")
        again = await submit(client, f"{good}/placement", {}, on="/orders/drafts")
        refused = await submit(client, f"{bad}/placement", {}, on="/orders/drafts")
        told = await page(client, refused.headers["location"].removeprefix("/c/acme"))
        stale = await submit(client, f"{bad}/removal", {"version": "99"}, on="/orders/drafts")
        removed = await submit(client, f"{bad}/removal", {"version": str(by_code["NOPE"].version)}, on="/orders/drafts")
    assert placed.headers["location"] == again.headers["location"]
    assert "There is no SKU NOPE." in told
    assert stale.status_code == removed.status_code == 303
    assert [x.data["lines"][0]["sku"] for x in await drafts(db, scope)] == ["TEA"]
    async with open_console(db, scope, frozenset({"orders:read"})) as client:
        shown = await page(client, "/orders/drafts")
        forbidden = await submit(client, f"{good}/removal", {"version": "1"}, on="/orders/drafts")
    assert "Resume" not in shown
    assert forbidden.status_code == 403


async def test_an_order_like_another_one_begins_with_its_goods_and_people(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    await gifts(db, scope, Promotion("pen", "A pen", Gift(("PEN",)), Goods(any_of=("sku:TEA",))))
    placed = await place_one(db, scope, order(("TEA", 2), ("CUP", 1), ship_to=factories.BEIJING))
    assert [x.code for x in (await current(db, scope, placed.order_id)).lines] == ["TEA", "CUP", "PEN"]
    async with open_console(db, scope) as client:
        shown = await page(client, f"{NEW}?like={placed.order_id}")
        await page(client, f"{NEW}?like={UUID(int=1)}", 404)
        await page(client, f"{NEW}?draft=odd&customer=odd")
    assert re.findall(r'name="sku"[^>]* value="(\w+)"', shown) == ["TEA", "CUP"]
    assert typed(shown)["line1"] == "长安街1号"


async def test_drafts_and_customers_of_others_are_not_found(db: Database, scope: Scope, other_tenant: Any) -> None:
    await stock(db, scope)
    async with open_console(db, scope) as client:
        await send(client, TEA, "keep")
    (draft,) = await drafts(db, scope)
    async with open_console(db, Scope(other_tenant)) as client:
        at = f"/orders/drafts/{draft.draft_id}"
        removed = await submit(client, f"{at}/removal", {"version": "1"}, on="/cases")
        told = await page(client, "/orders/drafts")
        placed = await submit(client, f"{at}/placement", {}, on="/cases")
    assert placed.status_code == 404
    assert "There is no saved draft" in told
    assert removed.status_code == 303
    assert len(await drafts(db, scope)) == 1


async def test_attributes_are_typed_kept_and_shown(db: Database, scope: Scope) -> None:
    await stock(db, scope)
    async with open_console(db, scope) as client:
        unread = await send(client, {**TEA, **BEIJING, "attributes": "app"}, "place")
        placed = await send(client, {**TEA, **BEIJING, "attributes": "source=app; age=18"}, "place")
        shown = await page(client, placed.headers["location"].removeprefix("/c/acme"))
    assert "“app” is no attribute with its value." in unread.text
    assert '<span class="mute">source</span> app' in shown
    assert '<span class="mute">age</span> 18' in shown


def test_a_draft_that_a_program_wrote_is_shown_as_far_as_it_goes() -> None:
    odd = {"lines": ["odd", {"sku": "TEA"}], "channel": "web", "attributes": {"a": None, "b": [1]}}
    assert new_order_form.raw_of_draft({**odd, "attributes": ["odd"]}, "CNY") == new_order_form.raw_of_draft(odd, "CNY")
    assert new_order_form.raw_of_draft(odd, "CNY") == {
        "sku": ["TEA"],
        "quantity": [""],
        "gift_choice": [],
        "gift_of": [],
        "price": [""],
        "channel": ["web"],
        "how": ["ship"],
    }
