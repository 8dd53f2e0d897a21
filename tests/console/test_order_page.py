"""The order's page: comments, tags, the timeline, money worked out before it moves, neighbors, who else looks."""

import html
import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import tables
from jiedan.base.db import Database, Scope
from jiedan.base.events import Actor
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft
from jiedan.orders import events, queries, service
from jiedan.orders.values import Contact, Hold, NewNote, OrderEdit, OrderId
from jiedan.payments import service as payments
from jiedan.payments.values import NewPayment
from jiedan.pricing.values import OrderDiscount
from tests.base import web_client
from tests.console.test_pages import (
    CUSTOMER_STATEMENTS_MAX,
    HTML,
    ORDER_STATEMENTS_MAX,
    PICTURE_STATEMENTS_MAX,
    current,
    one_order,
    open_console,
    page,
    submit,
)
from tests.orders import factories, listing
from tests.orders.factories import order, place_one, shop
from tests.orders.test_comments import colleague
from tests.payments.factories import paid_by_card, with_gateway


async def test_a_comment_calls_who_is_named_and_stands_on_the_timeline(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    zhou = await colleague(db, scope, "周建军")
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        written = await submit(client, f"{at}/comments", {"key": "k-1", "text": "@周建军 please call <them>."}, on=at)
        empty = await submit(client, f"{at}/comments", {"key": "k-2", "text": " "}, on=at)
        shown = await page(client, at)
    assert written.status_code == 303
    assert empty.status_code == 422
    assert 'id="comment-error"' in empty.text
    assert "@周建军 please call &lt;them&gt;." in shown
    async with db.read(scope) as tx:
        log = tables.EventLog
        told = sa.select(log.data).where(log.tenant_id == tx.tenant, log.kind == events.OrderCommented.kind)
        data = (await tx.execute(told)).scalar_one()
    assert data["mentioned"] == [str(zhou)]


def way_back(shown: str) -> tuple[str, dict[str, str]]:
    """Return where the toast of a page takes a change back, and the fields that it sends."""
    toast = shown.partition("data-fade")[2].partition("</form>")[0]
    action = re.search(r'action="/c/acme([^"]+)"', toast)
    assert action is not None, "nothing can be taken back here"
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', toast))
    return html.unescape(action[1]), {name: html.unescape(text) for name, text in fields.items()}


async def taken_back(client: web_client.Client, at: str) -> str:
    """Take back what was just done on the page `at`, and return the page."""
    path, fields = way_back(await page(client, at))
    answer = await client.post(f"/c/acme{path}", data=fields, headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/c/acme{at}"), answer.text
    return await page(client, at)


async def holds_of(db: Database, scope: Scope, order_id: UUID) -> tuple[Hold, ...]:
    async with db.read(scope) as tx:
        details = await queries.details(tx, [OrderId(order_id)])
    return tuple(details[OrderId(order_id)].holds)


async def test_tags_and_holds_are_taken_back_from_what_is_said_of_them(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope, tags=("Gift",))
    at = f"/orders/{placed.order_id}?from=tag%3DGift"
    bare, kept = at.split("?")
    async with open_console(db, scope) as client:
        await submit(client, f"{bare}/tags?{kept}", {"remove": "Gift"}, on=at)
        tagged = await taken_back(client, at)
        await submit(client, f"{bare}/holds?{kept}", {"kind": "manual", "reason": "Call first & ask"}, on=at)
        free = await taken_back(client, at)
        await submit(client, f"{bare}/holds?{kept}", {"kind": "manual", "reason": "Call first & ask"}, on=at)
        (hold_id,) = [hold.hold_id for hold in await holds_of(db, scope, placed.order_id) if hold.lifted_at is None]
        await submit(client, f"{bare}/holds/{hold_id}/lift?{kept}", {"reason": "Done"}, on=at)
        await taken_back(client, at)
    assert 'aria-label="Take off Gift"' in tagged
    assert "Taken back at once" in free
    holds = await holds_of(db, scope, placed.order_id)
    assert [hold.reason for hold in holds] == ["Call first & ask"] * 3
    assert sorted(hold.lifted_at is None for hold in holds) == [False, False, True]


async def test_a_hold_is_not_taken_back_by_who_may_not_lift_it(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope, ALL_PERMISSIONS - {"orders:lift"}) as client:
        await submit(client, f"{at}/holds", {"kind": "manual", "reason": "Call first"}, on=at)
        shown = await page(client, at)
    assert "data-fade" not in shown


async def test_tags_are_put_on_and_taken_off(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope, tags=("Gift",))
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        added = await submit(client, f"{at}/tags", {"add": "VIP"}, on=at)
        removed = await submit(client, f"{at}/tags", {"remove": "Gift"}, on=at)
        again = await submit(client, f"{at}/tags", {"add": "VIP"}, on=at)
        shown = await page(client, at)
    assert (added.status_code, removed.status_code, again.status_code) == (303, 303, 422)
    assert 'value="VIP" aria-label="Take off VIP"' in shown
    assert 'aria-label="Take off Gift"' not in shown
    assert "<del>Gift</del>" in shown, "the timeline tells it"


async def test_what_a_guest_did_is_told_without_the_id_of_their_session(db: Database, scope: Scope) -> None:
    guest = Scope(scope.tenant, Actor("guest", "7770395caec7e5cb"), scope.request_id)
    placed = await one_order(db, scope)
    edit = OrderEdit(tags=("Gift",))
    await db.write(guest, lambda tx: service.edit_order(tx, order_id=placed.order_id, edit=edit, version=None))
    async with open_console(db, scope) as client:
        shown = await page(client, f"/orders/{placed.order_id}")
    assert "7770395caec7e5cb" not in shown
    assert "<small>Guest</small>" in shown


async def test_the_timeline_is_filtered_paged_and_folded(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    for i in range(70):
        edit = OrderEdit(tags=(f"Tag {i}",))
        await db.write(
            scope,
            lambda tx, e=edit: service.edit_order(tx, order_id=placed.order_id, edit=e, version=None),  # type: ignore[misc]  # mypy does not infer lambdas with defaults
        )
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        first = await page(client, at)
        older = re.search(r'href="/c/acme([^"]+before=[^"]+)#timeline"', first)
        assert older is not None
        second = await page(client, older[1].replace("&amp;", "&"))
        people = await page(client, f"{at}?show=people")
        system = await page(client, f"{at}?show=system")
        odd = await page(client, f"{at}?show=odd&since=none")
        await page(client, f"{at}?before=nonsense", 422)
    assert "Tag 69" in first
    assert "<ins>Tag 1</ins>" not in first
    assert "<ins>Tag 1</ins>" in second
    assert "Nothing of the kind has happened." in people, "the tests' own actor is no person"
    assert "Order edited" in system
    assert "more system events" in system
    assert 'aria-current="page">All' in odd


async def test_what_a_refund_does_is_shown_before_it_is_done(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        await submit(client, f"{at}/payments", {"key": "k-1"}, on=at)
        found = re.search(rf"/c/acme({at}/payments/[0-9a-f-]+)/confirmations", await page(client, at))
        assert found is not None
        await submit(client, f"{found[1]}/confirmations", {"key": "k-2"}, on=at)
        wish = {"key": "k-3", "amount": "10", "action": "preview"}
        looked = await submit(client, f"{found[1]}/refunds", wish, on=at)
        too_much = await submit(client, f"{found[1]}/refunds", {**wish, "amount": "9999"}, on=at)
        before = await page(client, at)
        done = await submit(client, f"{found[1]}/refunds", {**wish, "action": ""}, on=at)
        after = await page(client, at)
    assert looked.status_code == 200
    assert "CN¥10.00 go back to the customer, the way they came. CN¥50.00 of this payment are kept." in looked.text
    assert too_much.status_code in {409, 422}
    assert "Partly refunded" not in before
    assert done.status_code == 303
    assert "Partly refunded" in after


async def test_money_set_aside_is_taken_or_let_go_after_a_look(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    await with_gateway(db, scope)
    wish = NewPayment(placed.order_id, "sandbox", "card", 2_000, token="tok_visa")
    await db.write(scope, lambda tx: payments.create_payments(tx, wishes=[wish]))
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        shown = await page(client, f"{at}?open=pay")
    assert "The provider has been asked; its answer is awaited." in shown
    assert '<details class="body tender" open>' in shown


async def test_the_orders_beside_it_are_those_of_the_list_it_was_opened_from(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 50}})
    made = [await place_one(db, scope, order(("TEA", 1), tags=("Gift",) if i != 1 else ())) for i in range(3)]
    await listing.drain(db, scope)
    first, second, third = [f"/orders/{x.order_id}" for x in made]
    async with open_console(db, scope) as client:

        async def beside(at: str, way: str, listing: str = "") -> str:
            answer = await client.get(f"/c/acme{at}/{way}{listing}", headers={"accept": "text/html"})
            assert answer.status_code == 303
            return answer.headers["location"].removeprefix("/c/acme")

        assert await beside(third, "next") == second
        assert await beside(first, "previous") == second
        assert await beside(first, "next") == first
        assert "This is the last order of the list." in await page(client, first)
        tagged = "?from=tag%3DGift%26view%3Dall"
        assert await beside(third, "next", tagged) == f"{first}{tagged}"
        assert await beside(first, "previous", tagged) == f"{third}{tagged}"
        assert (
            await beside(third, "next", "?from=total_min%3Dmuch%26payment%3Dmaybe")
            == f"{second}{'?from=total_min%3Dmuch%26payment%3Dmaybe'}"
        )
        several = "?from=lifecycle%3Dopen%26lifecycle%3Dcanceled%26sort%3Doldest"
        assert await beside(first, "next", several) == f"{second}{several}"
        assert await beside(third, "previous", several) == f"{second}{several}"
        shown = await page(client, f"{first}{tagged}")
    assert f'{first}/holds?from=tag%3DGift%26view%3Dall"' in shown, "it is kept by what is done on the page"
    assert 'href="/c/acme/orders?tag=Gift&amp;view=all"' in shown
    assert f'{first}?from=tag%3DGift%26view%3Dall&amp;open=hold#holds"' in shown, "nor is it left by what opens a form"


async def test_an_open_page_hears_who_else_looks_and_what_others_did(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope, contact=Contact(name="Anna"))
    zhou = await colleague(db, scope, "周建军")
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        shown = await page(client, at)
        seen = re.search(r'name="seen" value="([0-9a-f-]+)"', shown)
        assert seen is not None
        quiet = await submit(client, f"{at}/pulse", {"seen": seen[1]}, on=at)
        await db.write(scope, lambda tx: service.look_at(tx, order_id=placed.order_id, staff_id=zhou))
        other = Scope(scope.tenant, Actor("staff", str(zhou)))
        edit = OrderEdit(contact=Contact(name="Berta"), notes=(NewNote(text="New."),))
        await db.write(other, lambda tx: service.edit_order(tx, order_id=placed.order_id, edit=edit, version=1))
        told = await submit(client, f"{at}/pulse", {"seen": seen[1]}, on=at)
        odd = await submit(client, f"{at}/pulse", {"seen": "odd"}, on=at)
        marked = await page(client, f"{at}?since={seen[1]}")
        for form in ("edit", "prices"):
            assert f'hx-post="/c/acme{at}/pulse"' in await page(client, f"{at}/{form}"), "whoever edits is seen"
    assert 'class="note' not in quiet.text
    assert "Also looking at this order: 周建军" in told.text
    assert "周建军 has just updated this order" in told.text
    assert "Order edited · Notes · Name" in told.text
    assert f"?since={seen[1]}#timeline" in told.text
    assert "has just updated" not in odd.text
    assert marked.count('<li class="new">') == 1
    assert "<del>Anna</del> → <ins>Berta</ins>" in marked


async def test_the_panel_of_the_customer_costs_two_statements(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await shop(db, scope, {"TEA": {"W1": 50}})
    outcomes = await db.write(
        scope, lambda tx: customers.upsert_customers(tx, customers=[CustomerDraft("Anna Bell")], country="CN")
    )
    customer_id = outcomes[0].customer_id  # type: ignore[union-attr]  # it was saved
    made = [await place_one(db, scope, order(("TEA", n), customer_id=customer_id)) for n in (1, 2)]
    async with open_console(db, scope) as client:
        with recorder.watching() as sent:
            shown = await page(client, f"/orders/{made[0].order_id}")
    assert len(sent) <= ORDER_STATEMENTS_MAX + PICTURE_STATEMENTS_MAX + CUSTOMER_STATEMENTS_MAX
    assert "2 orders · CN¥30.00 in all" in shown
    assert "Last 12 months" in shown
    assert f"/customers/{customer_id}" in shown
    blind = ALL_PERMISSIONS - {"customers:read"}
    async with open_console(db, scope, blind) as client:
        shown = await page(client, f"/orders/{made[0].order_id}")
    assert "Last 12 months" not in shown
    assert f"/customers/{customer_id}" not in shown


async def test_two_edits_of_one_address_are_shown_field_by_field(db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope, contact=Contact(name="Anna"), ship_to=factories.BEIJING)
    at = f"/orders/{placed.order_id}/edit"
    async with open_console(db, scope) as client:
        shown = await page(client, at)
        fields = _fields(shown)
        theirs = {**fields, "line1": "长安街2号", "contact_name": "Berta", "action": "save"}
        mine = {**fields, "line1": "长安街3号", "city": "北京", "action": "save"}
        saved = await submit(client, at, theirs, on=at)
        clash = await submit(client, at, mine, on=at)
        merged = _fields(clash.text)
        taken = await submit(client, at, {**merged, "theirs": ["line1"], "action": "save"}, on=at)
        final = _fields(await page(client, at))
    assert saved.status_code == 303
    assert clash.status_code == 409
    assert "changed this while you were editing" in clash.text
    assert 'name="theirs" value="line1"' in clash.text
    assert 'name="theirs" value="city"' not in clash.text
    assert "Full name: only they changed it" in clash.text
    assert "City: only you changed it" in clash.text
    assert (merged["line1"], merged["city"], merged["contact_name"]) == ("长安街3号", "北京", "Berta")
    assert merged["version"] == "2"
    assert taken.status_code == 303, taken.text
    assert (final["line1"], final["city"], final["contact_name"]) == ("长安街2号", "北京", "Berta")


def _fields(shown: str) -> dict[str, str]:
    """Return what the form of an edit holds."""
    form = shown[shown.index("data-guard") :]
    found = re.findall(r'<input(?: type="hidden")? name="(\w+)"(?: type="\w+")? value="([^"]*)"', form)
    chosen = re.search(r'<select name="location">.*?</select>', form, re.DOTALL)
    selected = re.search(r'value="(\w*)" selected', chosen[0]) if chosen else None
    fields = {name: text.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&") for name, text in found}
    fields.pop("csrf_token", None)
    fields.pop("form_id", None)
    fields.pop("theirs", None)
    return {**fields, "location": selected[1] if selected else ""}


@pytest.mark.parametrize("path", ["next", "previous", "edit", ""])
async def test_another_merchants_order_has_nothing_of_this(
    db: Database, scope: Scope, other_tenant: Any, path: str
) -> None:
    placed = await one_order(db, scope)
    async with open_console(db, Scope(other_tenant)) as client:
        await page(client, f"/orders/{placed.order_id}/{path}".rstrip("/"), 404)
        refused = await submit(client, f"/orders/{placed.order_id}/comments", {"key": "k", "text": "x"}, on="/home")
    assert refused.status_code == 404


async def test_a_unit_is_given_back_at_what_it_cost_and_that_is_told_before(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 50}, "CUP": {"W1": 50}})
    discount = OrderDiscount("Late last time.", amount_minor=200)
    placed = await place_one(db, scope, order(("TEA", 3), ("CUP", 1), discount=discount, shipping_minor=600))
    at = f"/orders/{placed.order_id}"
    async with open_console(db, scope) as client:
        await submit(client, f"{at}/payments", {"key": "k-1"}, on=at)
        found = re.search(rf"/c/acme({at}/payments/[0-9a-f-]+)/confirmations", await page(client, at))
        assert found is not None
        await submit(client, f"{found[1]}/confirmations", {"key": "k-2"}, on=at)
        wish = {"key": "k-3", "line": ["1", "2", "3"], "units": ["1", "", "1"], "action": "preview"}
        looked = await submit(client, f"{at}/refunds", wish, on=at)
        many = await submit(client, f"{at}/refunds", {**wish, "units": ["4", "", ""]}, on=at)
        odd = await submit(client, f"{at}/refunds", {**wish, "units": ["one", "", ""]}, on=at)
        other = await submit(client, f"{at}/refunds", {**wish, "amount": "9"}, on=at)
        done = await submit(client, f"{at}/refunds", {**wish, "action": ""}, on=at)
        again = await submit(client, f"{at}/refunds", {**wish, "key": "k-4", "units": ["3", "", ""]}, on=at)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", looked.text))
    # 10.00 less a third of 3/4 of the 2.00 off is 9.50; the fee stays as it was.
    assert "1 × Product TEA Price CN¥10.00 · Discount -CN¥0.50 CN¥9.50" in text
    assert "1 × Shipping fee Price CN¥6.00 CN¥6.00" in text
    assert "CN¥15.50 go back" in text
    assert 'name="units" inputmode="numeric" autocomplete="off" placeholder="0" value="1"' in looked.text
    assert "“one” is no number of units." in odd.text
    assert {many.status_code, odd.status_code, other.status_code, again.status_code} == {422}
    assert done.status_code == 303
    assert (await current(db, scope, placed.order_id)).order.refunded_minor == 1_550


async def test_a_refund_of_the_order_is_split_over_what_paid_it_and_shown_before(db: Database, scope: Scope) -> None:
    await one_order(db, scope)
    tender = await paid_by_card(db, scope, 400)
    at = f"/orders/{tender.order_id}"
    async with open_console(db, scope) as client:
        await submit(client, f"{at}/payments", {"key": "k-1"}, on=at)
        found = re.search(rf"/c/acme({at}/payments/[0-9a-f-]+)/confirmations", await page(client, at))
        assert found is not None
        await submit(client, f"{found[1]}/confirmations", {"key": "k-2"}, on=at)
        wish = {"key": "k-3", "amount": "5", "action": "preview"}
        looked = await submit(client, f"{at}/refunds", wish, on=at)
        too_much = await submit(client, f"{at}/refunds", {**wish, "amount": "10.01"}, on=at)
        nobody = await submit(client, f"{at}/refunds", {**wish, "to": "credit"}, on=at)
        done = await submit(client, f"{at}/refunds", {**wish, "action": ""}, on=at)
        after = await page(client, at)
    assert looked.status_code == 200
    assert f'/gift-cards/{tender.provider_ref}">Gift card</a>' in after
    assert "CN¥2.00 went back" in after
    text = re.sub(r"<[^>]+>", "", looked.text)
    assert "CN¥2.00 Gift card · back to where it came from, at once · CN¥2.00 of this payment are kept." in text
    assert "CN¥3.00 Bank transfer · you give it back yourself; it is recorded here" in text
    assert "Only CN¥10.00 of this order can be refunded, not CN¥10.01." in too_much.text
    assert {too_much.status_code, nobody.status_code} <= {409, 422}
    assert "Store credit belongs to a customer" in nobody.text
    assert done.status_code == 303
    assert "Partly refunded" in after
