"""Prices by hand from an order's page: set, shown while they wait for approval, approved and refused."""

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.orders import service
from jiedan.orders.values import HoldRequest
from tests.console.test_pages import current, one_order, open_console, page, submit
from tests.wallets import factories

PRICES = {"line": ["1"], "price": ["7.50"], "price_reason": "A dent.", "discount": "1", "discount_reason": "Late."}


async def test_prices_are_set_from_the_page_of_an_order(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    before = (await current(db, scope, placed.order_id)).lines[0]
    async with open_console(db, scope) as client:
        assert f"{at}/prices" in await page(client, at)
        odd = await submit(client, f"{at}/prices", {**PRICES, "version": "1", "price": ["cheap"]}, on=f"{at}/prices")
        silent = await submit(client, f"{at}/prices", {**PRICES, "version": "1", "price_reason": ""}, on=f"{at}/prices")
        done = await submit(client, f"{at}/prices", {**PRICES, "version": "1"}, on=f"{at}/prices")
        shown = await page(client, at)
        form = await page(client, f"{at}/prices")
    assert (odd.status_code, silent.status_code, done.status_code) == (422, 422, 303)
    assert 'id="price-1-error">cheap is not an amount in CNY.' in odd.text
    line = (await current(db, scope, placed.order_id)).lines[0]
    assert (line.unit_minor, line.by_hand_minor, line.ruled_minor) == (750, 43, before.unit_minor * before.ordered)
    assert "A dent. · Late." in shown
    assert "10.00 when it was placed" in shown
    assert 'value="7.50"' in form


async def test_prices_that_wait_are_told_and_refused(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    before = (await current(db, scope, placed.order_id)).order.total_minor
    async with open_console(db, scope) as client:
        await submit(client, f"{at}/prices", {**PRICES, "version": "1"}, on=f"{at}/prices")
        wish = HoldRequest(placed.order_id, "price_approval", "A dent.", "orders:price")
        async with db.begin(scope) as tx:
            (hold_id,) = await service.place_holds(tx, requests=[wish])
        shown = await page(client, at)
        refuse = f"{at}/holds/{hold_id}/refuse"
        blank = await submit(client, refuse, {"reason": ""}, on=at)
        done = await submit(client, refuse, {"reason": "Too much."}, on=at)
        after = await page(client, at)
        again = await submit(client, refuse, {"reason": "Too much."}, on=at)
    assert "Approve the prices" in shown
    assert "off by hand, up to" in shown
    assert (blank.status_code, done.status_code, again.status_code) == (422, 303, 409)
    assert (await current(db, scope, placed.order_id)).order.total_minor == before
    assert "Prices by hand refused" in after


async def test_prices_by_hand_need_their_right(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope, rights=ALL_PERMISSIONS - {"orders:price"}) as client:
        assert f"{at}/prices" not in await page(client, at)
        assert (
            (await client.get(f"/c/{client.slug}{at}/prices")).status_code == 403 if hasattr(client, "slug") else True
        )


async def test_store_credit_pays_what_is_due_once_the_customer_agrees(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    await factories.moved(db, scope, factories.credit(who, 500))
    placed = await one_order(db, scope, customer_id=who)
    at = f"/orders/{placed.order_id}"
    due = (await current(db, scope, placed.order_id)).order.balance_minor
    async with open_console(db, scope) as client:
        shown = await page(client, at)
        silent = await submit(client, f"{at}/wallet-payments", {"key": "w-1"}, on=at)
        much = await submit(client, f"{at}/wallet-payments", {"key": "w-1", "agreed": "1", "amount": "9"}, on=at)
        paid = await submit(client, f"{at}/wallet-payments", {"key": "w-1", "agreed": "1"}, on=at)
    assert "Pay with store credit" in shown
    assert (silent.status_code, much.status_code, paid.status_code) == (422, 409, 303)
    assert "Nobody has said that the customer agrees." in silent.text
    order = (await current(db, scope, placed.order_id)).order
    assert (order.balance_minor, order.from_wallets_minor) == (due + 500, 500)
