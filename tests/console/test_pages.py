"""The console's own pages: what they show, what their forms do, and what a page costs."""

import contextlib
import html
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.events import Actor
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog.values import SkuKind
from jiedan.console import pages
from jiedan.orders import queries, service
from jiedan.orders.values import (
    Contact,
    HoldRequest,
    NewNote,
    Placed,
)
from jiedan.payments.providers import gateways
from tests.base import web_client
from tests.orders import factories, listing
from tests.orders.factories import order, place_one, shop

HTML = {"accept": "text/html"}
HOME_STATEMENTS_MAX = 20
LIST_STATEMENTS_MAX = 6
ORDER_STATEMENTS_MAX = 14
PICTURE_STATEMENTS_MAX = 2
"""What the pictures of its goods cost beside."""

CUSTOMER_STATEMENTS_MAX = 3
"""What the panels of the customer cost beside."""

ROUTE_STATEMENTS_MAX = 2
"""What the ways of its parcels cost beside."""


@contextlib.asynccontextmanager
async def open_console(
    db: Database, scope: Scope, rights: frozenset[str] = ALL_PERMISSIONS, locale: str = "en"
) -> AsyncIterator[web_client.Client]:
    """Open the console of a merchant for somebody with `rights`."""
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale=locale)
    async with web_client.open_client(
        routers=[pages.ROUTER],
        principal=caller,
        session=True,
        database=db,
        parts=[service.open_order_desk, gateways.open_gateways],
    ) as client:
        yield client


async def page(client: web_client.Client, path: str, status: int = 200) -> str:
    answer = await client.get(f"/c/acme{path}", headers=HTML)
    assert answer.status_code == status, answer.text
    return answer.text


async def submit(client: web_client.Client, path: str, fields: dict[str, Any], *, on: str) -> httpx2.Response:
    return await client.submit(f"/c/acme{path}", fields, page=f"/c/acme{on}")


async def one_order(db: Database, scope: Scope, **facts: Any) -> Placed:
    await shop(db, scope, {"TEA": {"W1": 10, "W2": 10}, "CUP": {"W1": 1}}, backorder=True)
    async with db.begin(scope) as tx:
        await factories.sku(tx, "WRAP", kind=SkuKind.service)
    return await place_one(db, scope, order(("TEA", 3), ("CUP", 2), ("WRAP", 1), **facts))


async def current(db: Database, scope: Scope, order_id: UUID) -> Any:
    async with db.read(scope) as tx:
        return await queries.order(tx, order_id)


async def test_home_shows_what_needs_attention_in_numbers(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    await listing.drain(db, scope)
    async with open_console(db, scope) as client:
        shown = await page(client, "/home")
    assert placed.number in shown
    numbers = dict(re.findall(r'data-queue="(\w+)".*?<b class="num">([\d,+]+)</b>', shown))
    assert numbers == {
        "held": "0",
        "unpaid": "1",
        "waiting": "1",
        "to_ship": "0",
        "late": "0",
        "released": "0",
        "picked": "0",
        "packed": "0",
        "ready": "0",
        "cases": "0",
        "low": "0",
        "failed": "0",
    }
    assert "Nobody else changed anything." in shown


async def test_home_shows_no_queue_that_one_may_not_work_on(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    async with open_console(db, scope, frozenset({"orders:read"})) as client:
        shown = await page(client, "/home")
    assert set(re.findall(r'data-queue="(\w+)"', shown)) == {"held", "unpaid", "waiting", "to_ship", "late"}


async def test_home_tells_what_others_did_since_the_last_visit(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    colleague = Scope(scope.tenant, Actor("staff", str(uuid4())))
    async with open_console(db, scope) as client:
        await page(client, "/home")
        request = HoldRequest(placed.order_id, "manual", "why")
        await db.write(colleague, lambda tx: service.place_holds(tx, requests=[request]))
        await listing.drain(db, scope)
        shown = await page(client, "/home")
    assert "Hold placed" in shown
    assert "Nobody else changed anything." not in shown


async def test_the_list_is_searched_filtered_and_told_in_words(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope, contact=Contact(name="Anna Bell"), tags=("Gift",), channel="web")
    other = await place_one(db, scope, order(("TEA", 1), contact=Contact(name="Berta")))
    await listing.drain(db, scope)
    async with open_console(db, scope) as client:
        everything = await page(client, "/orders")
        found = await page(client, "/orders?q=anna&payment=pending&channel=web&sku=tea&total_min=10.00")
        none = await page(client, "/orders?view=held&q=anna")
        wrong = await page(client, "/orders?payment=maybe&total_min=ten", 422)
    assert placed.number in everything
    assert other.number in everything
    assert placed.number in found
    assert other.number not in found
    assert "Partly allocated" in found
    assert found.count('title="Take this filter away"') == 4
    assert "No order fits." in none
    assert "“maybe” cannot be looked for." in wrong
    assert placed.number in wrong


async def test_a_range_that_nothing_fits_is_told_at_its_field_and_not_filtered_by(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    days, totals = "placed_from=2026-11-30&placed_to=2026-11-01", "total_min=20&total_max=10"
    async with open_console(db, scope) as client:
        refused = await page(client, f"/orders?{days}&{totals}", 422)
        saved = await submit(client, "/orders/views", {"name": "Cheap", "filters": '{"total_max": 1000}'}, on="/orders")
        key = saved.headers["location"].partition("view=")[2]
        against_view = await page(client, f"/orders?view={key}&total_min=20", 422)
        odd = {"name": "Odd", "filters": '{"placed_from": "2026-11-30", "placed_to": "2026-11-01"}'}
        await submit(client, "/orders/views", odd, on="/orders")
        after = await page(client, "/orders")
    assert placed.number in refused
    assert "2026-11-30 is more than 2026-11-01, where the range ends, so nothing fits." in refused
    assert refused.count('aria-invalid="true"') == 2
    for shown in (refused, against_view):
        assert "CN¥20.00 is more than CN¥10.00, where the range ends, so nothing fits. Exchange the two" in shown
        assert 'name="total_min" inputmode="decimal" value="20" aria-invalid="true"' in shown
    assert "These filters cannot be saved as a view." in after
    assert "Odd<span" not in after


async def test_pages_of_the_list_follow_each_other(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 99}})
    for _ in range(2):
        await factories.place(db, scope, *[order(("TEA", 1)) for _ in range(30)])
    async with open_console(db, scope) as client:
        first = await page(client, "/orders")
        address = re.search(r'rel="next" href="([^"]+)"', first)
        assert address is not None
        second = (await client.get(address[1].replace("&amp;", "&"), headers=HTML)).text
    assert (first.count('name="order_ids"'), second.count('name="order_ids"')) == (50, 10)
    assert 'rel="prev"' in second


async def test_a_view_is_saved_shown_as_a_tab_and_removed(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    async with open_console(db, scope) as client:
        await page(client, "/orders?tag=Gift")
        fields = {"name": "Gifts", "filters": '{"tag": "Gift"}', "is_shared": "1"}
        saved = await submit(client, "/orders/views", fields, on="/orders")
        key = saved.headers["location"].partition("view=")[2]
        with_tab = await page(client, f"/orders?view={key}")
        removed = await submit(client, f"/orders/views/{key}/removal", {}, on="/orders")
        without = await page(client, "/orders")
        toast = without.partition("data-fade")[2].partition("</form>")[0]
        kept = {name: html.unescape(text) for name, text in re.findall(r'name="([^"]+)" value="([^"]*)"', toast)}
        again = await client.post("/c/acme/orders/views", data=kept, headers=HTML, follow_redirects=False)
        back = await page(client, again.headers["location"].removeprefix("/c/acme"))
        broken = await submit(client, "/orders/views", {"name": "Odd", "filters": '{"tag": 1}'}, on="/orders")
        after = await page(client, "/orders")
    assert broken.status_code == 303
    assert "These filters cannot be saved as a view." in after
    assert "Odd<span" not in after
    assert "Gifts<span" in with_tab
    assert ("Gifts<span" in back, kept["is_shared"], kept["filters"]) == (True, "1", '{"tag":"Gift"}')
    assert removed.status_code == 303
    assert "Gifts<span" not in without


async def test_a_view_is_renamed_moved_and_given_other_filters(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    async with open_console(db, scope) as client:
        keys = []
        for name in ("Gifts", "Rush"):
            fields = {"name": name, "filters": '{"tag": "Gift"}'}
            saved = await submit(client, "/orders/views", fields, on="/orders")
            keys.append(saved.headers["location"].partition("view=")[2])
        moved = await submit(client, f"/orders/views/{keys[1]}/move", {"direction": "left"}, on="/orders")
        tabs = re.findall(r">(Gifts|Rush)<span", await page(client, "/orders"))
        fields = {"name": "Presents", "version": "2", "filters": '{"tag": "VIP"}'}
        changed = await submit(client, f"/orders/views/{keys[0]}", fields, on=f"/orders?view={keys[0]}")
        stale = await submit(client, f"/orders/views/{keys[0]}", fields | {"name": "Other"}, on="/orders")
        shown = await page(client, f"/orders?view={keys[0]}")
    assert moved.status_code == changed.status_code == 303
    assert stale.status_code == 409
    assert tabs == ["Rush", "Gifts"]
    assert "Presents<span" in shown
    assert "&#34;VIP&#34;" in shown


async def test_columns_are_chosen_and_kept(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope, contact=Contact(name="Anna", phone="+8613912345678"))
    async with open_console(db, scope) as client:
        before = await page(client, "/orders")
        chosen = {"column": ["customer", "phone"], "listing": "tag=a+b"}
        answer = await submit(client, "/orders/columns", chosen, on="/orders")
        after = await page(client, "/orders")
    assert answer.headers["location"] == "/c/acme/orders?tag=a+b"
    assert "+8613912345678" not in before
    assert "+8613912345678" in after
    assert '<th scope="col">Channel</th>' in before
    assert '<th scope="col">Channel</th>' not in after
    assert placed.number in after


async def test_several_values_of_a_filter_and_the_oldest_first_are_in_the_address(db: Database, scope: Scope) -> None:
    first = await one_order(db, scope)
    second = await place_one(db, scope, order(("TEA", 1)))
    async with open_console(db, scope) as client:
        shown = await page(client, "/orders?payment=pending&payment=paid&sort=oldest")
        part = await client.get(
            "/c/acme/orders?payment=pending", headers=HTML | {"hx-request": "true", "hx-request-type": "partial"}
        )
    assert "Unpaid, Paid" in shown
    assert shown.index(first.number) < shown.index(second.number)
    assert "<html" not in part.text
    assert part.text.lstrip().startswith("<section")
    assert part.text.index(second.number) < part.text.index(first.number)


async def test_an_order_is_looked_at_beside_its_list(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope, contact=Contact(name="Anna Bell"), ship_to=factories.BEIJING, tags=("Gift",))
    async with open_console(db, scope) as client:
        whole = await page(client, f"/orders/{placed.order_id}/peek?from=tag%3DGift")
        part = await client.get(f"/c/acme/orders/{placed.order_id}/peek", headers=HTML | {"hx-request-type": "partial"})
        await page(client, f"/orders/{uuid4()}/peek", 404)
    for text in ("Anna Bell", "长安街1号", "Product TEA", "Gift", "?from=tag%3DGift"):
        assert text in whole, text
    assert "<html" in whole
    assert "<html" not in part.text


async def test_an_order_is_shown_whole(db: Database, scope: Scope) -> None:
    placed = await one_order(
        db,
        scope,
        contact=Contact(name="Anna Bell", email="anna@example.com"),
        ship_to=factories.BEIJING,
        notes=(NewNote(text="Ring twice."),),
        tags=("Gift",),
    )
    async with open_console(db, scope) as client:
        shown = await page(client, f"/orders/{placed.order_id}")
    for text in (
        placed.number,
        "Anna Bell",
        "anna@example.com",
        "长安街1号",
        "Ring twice.",
        "Gift",
        "Product TEA",
        "Place W1 × 3",
        "1 waiting",
        "Order placed",
        "Still due",
        "Services to perform",
        "How it was decided",
        "No payment yet.",
    ):
        assert text in shown, text
    assert "style=" not in shown


async def test_an_order_is_canceled_held_lifted_noted_and_completed_from_its_page(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        nothing = await submit(
            client, f"{at}/cancellations", {"reason": "why", "line": ["1", "2"], "quantity": ["0", "0"]}, on=at
        )
        partly = await submit(
            client, f"{at}/cancellations", {"reason": "why", "line": ["1", "2"], "quantity": ["1", "0"]}, on=at
        )
        await submit(client, f"{at}/holds", {"kind": "fraud_check", "reason": "Looks odd."}, on=at)
        again = await submit(client, f"{at}/holds", {"kind": "fraud_check", "reason": "Twice."}, on=at)
        lift = re.search(rf"/c/acme({at}/holds/[0-9a-f-]+/lift)", await page(client, at))
        assert lift is not None
        lifted = await submit(client, lift[1], {"reason": "It is fine."}, on=at)
        await submit(client, f"{at}/notes", {"kind": "packaging", "text": "Wrap it well."}, on=at)
        await submit(client, f"{at}/performances", {"line": ["3"], "quantity": ["1"]}, on=at)
        early = await submit(client, f"{at}/completion", {"reason": "Done."}, on=at)
        shown = await page(client, at)
        whole = await submit(client, f"{at}/cancellations", {"reason": "why", "whole": "1"}, on=at)
    assert nothing.status_code == 422
    assert "No quantity is given." in nothing.text
    assert partly.status_code == lifted.status_code == 303
    assert again.status_code == 409
    assert "already on hold" in again.text
    assert early.status_code == 409
    assert "still to be shipped" in early.text
    for text in ("1 canceled", "1 performed", "Wrap it well.", "<q>Looks odd.</q>", "<q>It is fine.</q>"):
        assert text in shown, text
    assert whole.status_code == 409, "a service was performed already"
    found = await current(db, scope, placed.order_id)
    assert [line.canceled for line in found.lines] == [1, 0, 0]


async def test_an_edit_is_previewed_and_then_saved(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope, contact=Contact(name="Anna"), ship_to=factories.BEIJING)
    at = f"/orders/{placed.order_id}/edit"
    async with open_console(db, scope) as client:
        shown = await page(client, at)
        fields = dict(re.findall(r'<input name="(\w+)" type="\w+" value="([^"]*)"', shown))
        fields |= {"version": "1", "location": "W2", "contact_name": "Berta", "tags": "Gift, VIP"}
        preview = await submit(client, at, {**fields, "action": "preview"}, on=at)
        unchanged = await current(db, scope, placed.order_id)
        saved = await submit(client, at, {**fields, "action": "save"}, on=at)
        stale = await submit(client, at, {**fields, "contact_name": "Carla", "action": "save"}, on=at)
        invalid = await submit(client, at, {**fields, "version": "2", "line1": "", "action": "save"}, on=at)
    assert "What the edit changes" in preview.text
    assert "The location that was asked for ships." in preview.text
    assert unchanged.order.contact.name == "Anna"
    assert saved.status_code == 303
    found = await current(db, scope, placed.order_id)
    assert (found.order.contact.name, found.order.version) == ("Berta", 2)
    async with db.read(scope) as tx:
        details = (await queries.details(tx, [placed.order_id]))[placed.order_id]
    assert details.tags == ("Gift", "VIP")
    assert details.addresses["ship_to"] == factories.BEIJING, "what was not touched stays, its place on earth too"
    assert stale.status_code == 409
    assert invalid.status_code == 422
    assert 'id="line1-error"' in invalid.text


async def test_an_order_taken_on_the_phone_is_previewed_and_placed_once(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    fields: dict[str, Any] = {
        "key": "k-1",
        "sku": ["TEA", "", "CUP"],
        "quantity": ["2", "1", "3"],
        "contact_name": "Anna",
        "note": "Called at noon.",
    }
    async with open_console(db, scope) as client:
        fresh = await page(client, "/orders/new")
        rows = await submit(client, "/orders/new", {**fields, "action": "rows"}, on="/orders/new")
        preview = await submit(client, "/orders/new", {**fields, "action": "preview"}, on="/orders/new")
        placed = await submit(client, "/orders/new", {**fields, "action": "place"}, on="/orders/new")
        again = await submit(client, "/orders/new", {**fields, "action": "place"}, on="/orders/new")
        bad = await submit(
            client,
            "/orders/new",
            {**fields, "key": "k-3", "sku": ["NOPE"], "quantity": ["1"], "action": "place"},
            on="/orders/new",
        )
        empty = await submit(client, "/orders/new", {"key": "k-2", "action": "place"}, on="/orders/new")
    assert re.search(r'name="country"[^>]* value="CN"', fresh), "the merchant's own"
    assert fresh.count('name="sku"') == 8
    assert rows.text.count('name="sku"') == 11
    assert "Nothing is promised before it is placed." in preview.text
    assert "3 waiting" in preview.text
    assert placed.status_code == again.status_code == 303
    assert placed.headers["location"] == again.headers["location"]
    assert "There is no SKU NOPE." in bad.text
    assert "An order needs at least one line." in empty.text
    found = await current(db, scope, UUID(placed.headers["location"].rpartition("/")[2]))
    assert (found.order.channel, found.order.contact.name) == ("phone", "Anna")
    assert [(line.code, line.ordered) for line in found.lines] == [("TEA", 2), ("CUP", 3)]


async def test_a_transfer_is_expected_confirmed_and_given_back(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        wrong = await submit(client, f"{at}/payments", {"key": "k-0", "amount": "much"}, on=at)
        arranged = await submit(client, f"{at}/payments", {"key": "k-1", "method": "bank_transfer"}, on=at)
        shown = await page(client, at)
        found = re.search(rf"/c/acme({at}/payments/[0-9a-f-]+)/confirmations", shown)
        assert found is not None, shown
        confirmed = await submit(client, f"{found[1]}/confirmations", {"key": "k-2", "reference": "0042"}, on=at)
        paid = await page(client, at)
        too_much = await submit(client, f"{found[1]}/refunds", {"key": "k-3", "amount": "9999"}, on=at)
        back = await submit(client, f"{found[1]}/refunds", {"key": "k-4", "amount": "10"}, on=at)
        refunded = await page(client, at)
        elsewhere = await place_one(db, scope, order(("TEA", 1)))
        foreign = found[1].replace(str(placed.order_id), str(elsewhere.order_id))
        unknown = await submit(client, f"{foreign}/refunds", {"key": "k-5"}, on=at)
    assert wrong.status_code == 422
    assert arranged.status_code == confirmed.status_code == back.status_code == 303
    assert "Payment received" in paid
    assert too_much.status_code in {409, 422}
    assert "Partly refunded" in refunded
    assert unknown.status_code == 404


async def test_somebody_who_may_only_look_sees_no_forms(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    async with open_console(db, scope, frozenset({"orders:read"})) as client:
        shown = await page(client, f"/orders/{placed.order_id}")
        listed = await page(client, "/orders")
        assert (await client.get("/c/acme/orders/new", headers=HTML)).status_code == 403
        refused = await submit(client, f"/orders/{placed.order_id}/cancellations", {"reason": "x"}, on="/orders")
    assert refused.status_code == 403
    assert set(re.findall(rf"/orders/{placed.order_id}/(\w+)", shown)) == {"previous", "next", "pulse", "why"}
    assert 'class="bulk"' not in listed
    assert "Payment arranged" not in shown


@pytest.mark.parametrize("locale", ["en", "zh_Hans", "zh_Hant"])
async def test_pages_cost_few_statements_in_every_language(
    db: Database, scope: Scope, recorder: StatementRecorder, locale: str
) -> None:
    placed = await one_order(db, scope, contact=Contact(name="Anna"), ship_to=factories.BEIJING)
    await listing.drain(db, scope)
    async with open_console(db, scope, locale=locale) as client:
        await submit(client, f"/orders/{placed.order_id}/payments", {"key": "k"}, on=f"/orders/{placed.order_id}")
        with recorder.watching() as sent:
            await page(client, "/home")
        assert len(sent) <= HOME_STATEMENTS_MAX, sent
        with recorder.watching() as sent:  # the figures above are known now, for half a minute
            await page(client, "/orders?q=anna&sku=tea&payment=pending&location=W1&total_min=1")
        assert len(sent) <= LIST_STATEMENTS_MAX, sent
        with recorder.watching() as sent:
            await page(client, f"/orders/{placed.order_id}")
        assert len(sent) <= ORDER_STATEMENTS_MAX + PICTURE_STATEMENTS_MAX, sent


async def test_another_merchants_order_has_no_page(db: Database, scope: Scope, other_tenant: Any) -> None:
    placed = await one_order(db, scope)
    async with open_console(db, Scope(other_tenant)) as client:
        await page(client, f"/orders/{placed.order_id}", 404)
        await page(client, f"/orders/{placed.order_id}/edit", 404)


async def test_at_a_glance_wishes_stand_before_what_is_kept_for_the_record(db: Database, scope: Scope) -> None:
    notes = (NewNote(kind="record", text="Agreed to the terms."), NewNote(kind="delivery", text="After six."))
    wished = await one_order(db, scope, notes=notes)
    async with open_console(db, scope) as client:
        shown = await page(client, f"/orders/{wished.order_id}/peek")
    quiet = shown.partition('<details class="mute">')[2].partition("</details>")[0]
    assert "For the record" in quiet
    assert ("Agreed to the terms." in quiet, shown.count("Agreed to the terms.")) == (True, 1)
    assert "After six." not in quiet
    assert shown.index("After six.") < shown.index("Agreed to the terms.")
