"""A customer's page of an order, through the application: what it shows, what may be changed, what is refused."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa

from jiedan.accounts import service as accounts
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.base.events import Actor
from jiedan.base.ids import TenantId
from jiedan.base.tables import EventLog
from jiedan.carriers import service as carriers
from jiedan.carriers.values import NewAccount, NewTrackingEvent
from jiedan.cases import queries as cases
from jiedan.cases import service as case_service
from jiedan.cases.values import NewNote
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import Collection, Delivery, FulfillmentId, Pick, Readiness, Ship
from jiedan.orders import events, queries, service
from jiedan.orders.rules import tickets
from jiedan.orders.values import CancelRequest, CustomerWish, Order, OrderEdit
from jiedan.payments import queries as payment_queries
from tests.base import web_client
from tests.carts.factories import reserved
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.payments import factories as payments
from tests.portal.factories import CHECKOUT, HTML, Visitor, open_shop, visiting

FRONT = {"pays_on_delivery": True, "transfer_instructions": "Account 12345"}
STRANGER = Scope(TenantId(UUID("0193a000-0000-7000-8000-00000000000f")))


async def bought(who: Visitor, quantity: int = 2, *, payment: str = "on_delivery", **fields: Any) -> str:
    """Buy tea and return the path of the order's page, with its link."""
    await who.put_in("longjing", "TEA-50", quantity)
    placed = await who.follow(await who.check_out(payment=payment, **fields))
    found = re.search(rf'href="{who.base}(/orders/[^"]+)"', placed)
    assert found is not None, placed
    return found[1]


def under(path: str, part: str) -> str:
    """Return the path of a page below an order's, its link kept."""
    head, _, query = path.partition("?")
    return f"{head}/{part}?{query}"


def id_of(path: str) -> UUID:
    return UUID(path.partition("?")[0].rpartition("/")[2])


def outcome(page: str) -> str:
    """Return what a page says that canceling comes to, as it is sent along."""
    found = re.search(r'name="outcome" value="([^"]*)"', page)
    return found[1] if found is not None else ""


async def act(db: Database, scope: Scope, use_case: Any, **arguments: Any) -> Any:
    return await db.write(scope, lambda tx: use_case(tx, **arguments))


async def the_order(db: Database, scope: Scope, path: str) -> Order:
    async with db.read(scope) as tx:
        return (await queries.order(tx, id_of(path))).order


def at_work(db: Database, scope: Scope) -> Floor:
    """Return the floor of a shop that was opened already."""
    return Floor(db, scope, None)  # type: ignore[arg-type]  # the steps of getting goods out ask nothing of it


async def picked(db: Database, scope: Scope, path: str, quantity: int) -> FulfillmentId:
    """Release an order and pick so many units of its first line."""
    floor = at_work(db, scope)
    await floor.hear()
    work = (await floor.only(id_of(path))).fulfillment_id
    await floor.one(fulfillment.pick_lines, picks=[Pick(work, 1, quantity)])
    return work


async def cancel(who: Visitor, path: str, **fields: Any) -> httpx2.Response:
    """Look at what canceling brings, then cancel."""
    looked = await who.send(under(path, "cancel"), {**fields, "action": "look"}, on=under(path, "cancel"))
    sent = {**fields, "outcome": outcome(looked.text), "action": "cancel"}
    return await who.send(under(path, "cancel"), sent, on=under(path, "cancel"))


async def told(tx: ReadTx, order_id: UUID, kind: str) -> list[Actor]:
    """Return who made an order what events of a kind tell, oldest first."""
    found = await tx.execute(
        sa.select(EventLog.actor_kind, EventLog.actor_id)
        .where(EventLog.tenant_id == tx.tenant, EventLog.subject_id == order_id, EventLog.kind == kind)
        .order_by(EventLog.event_id)
    )
    return [Actor(row.actor_kind, row.actor_id) for row in found]


async def test_who_has_the_link_sees_the_order_and_nobody_else(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path, other = await bought(who), await bought(who, 1)
        page = await who.get(path)
        order = await the_order(db, scope, path)
        bare, _, link = path.partition("?")
        forged = f"{link[:-3]}{'B' if link[-3] == 'A' else 'A'}{link[-2:]}"  # the last may say the same
        links = ("", f"?{other.partition('?')[2]}", "?ticket=", "?ticket=x", f"?{forged}", "?ticket=" + "é" * 38)
        for wrong in links:
            hidden = await who.get(f"{bare}{wrong}", 404)
            assert (order.number in hidden, CHECKOUT["name"] in hidden) == (False, False)
            for act_ in ("cancel", "edit"):
                await who.get(f"{bare}/{act_}{wrong}", 404)
            for act_ in ("cancel", "edit", "requests", "reorder", "code"):
                answer = await who.send(f"{bare}/{act_}{wrong}", {"text": "Hello", "action": "cancel"}, on="/cart")
                assert answer.status_code == 404, (act_, wrong)
        await who.get(f"/orders/{scope.tenant}?{link}", 404)
    for text in (order.number, "龙井 Longjing", "CN¥60.00", "长安街1号", "li.lei@example.com", "Order placed"):
        assert text in page, text
    assert "no-store" in (await _headers(db, scope, tmp_path, path))["cache-control"]


async def _headers(db: Database, scope: Scope, home: Path, path: str) -> Mapping[str, str]:
    async with visiting(db, scope, home) as who:
        return (await who.client.get(f"{who.base}{path}", headers=HTML)).headers


async def test_a_link_ends_so_many_days_after_its_order(
    db: Database, scope: Scope, tmp_path: Path, clock: FakeClock
) -> None:
    await open_shop(db, scope, front={**FRONT, "link_days": 7})
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        thanks = f"/placed/{path.partition('ticket=')[2]}"
        clock.advance(timedelta(days=30))
        assert "Longjing" in await who.get(path)
        await act(db, scope, service.cancel_orders, requests=[CancelRequest(id_of(path), "mistake")])
        clock.advance(timedelta(days=6))
        assert "This order was canceled" in await who.get(path)
        clock.advance(timedelta(days=2))
        for address in (path, thanks):
            ended = await who.get(address, 404)
            assert ("This link does not work any more" in ended, "Longjing" in ended) == (True, False)
        await act(db, scope, accounts.change_storefront, changes={"link_days": 30})
        assert "This order was canceled" in await who.get(path)


async def test_what_canceling_brings_is_shown_before_it_is_done(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who, 4, payment="transfer")
        await payments.confirm(db, scope, (await _payment(db, scope, path)))
        page = await who.get(path)
        assert ("Cancel the order" in page, "Free until the goods are picked and packed." in page) == (True, True)
        whole = await who.get(under(path, "cancel"))
        assert "CN¥120.00 go back to you" in whole
        some = {"what": "some", "line": ["1"], "quantity": ["1"]}
        part = await who.send(under(path, "cancel"), {**some, "action": "look"}, on=under(path, "cancel"))
        assert (part.status_code, "CN¥30.00 go back to you" in part.text) == (200, True)
        assert (await the_order(db, scope, path)).lifecycle == "open"
        stale = await who.send(
            under(path, "cancel"), {**some, "outcome": outcome(whole), "action": "cancel"}, on=under(path, "cancel")
        )
        assert (stale.status_code, "has changed meanwhile" in stale.text) == (409, True)
        done = await who.follow(await cancel(who, path, **some, reason="mistake"))
        assert "the rest of your order goes on" in done
        assert "1 canceled" in done
        ended = await who.follow(await cancel(who, path, what="all", reason="nonsense"))
        assert ("Your order is canceled." in ended, "On its way back to you" in ended) == (True, True)
        gone = await who.get(under(path, "cancel"))
        assert "cannot be canceled here any more" in gone
    order = await the_order(db, scope, path)
    assert (order.lifecycle, order.cancel_reason) == ("canceled", "customer_request")
    async with db.read(scope) as tx:
        (first, second) = await told(tx, order.order_id, events.LinesCanceled.kind)
    assert (first.kind, first) == ("guest", second)
    assert await reserved(db, scope) == {"counted": 0}


async def _payment(db: Database, scope: Scope, path: str) -> Any:
    async with db.read(scope) as tx:
        found = await payment_queries.payments_of_orders(tx, [id_of(path)])
    return found[id_of(path)][0].payment_id


async def test_nothing_or_too_much_is_not_canceled(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        for lines, said in (
            ({"line": ["1"], "quantity": ["0"]}, "Nothing is chosen"),
            ({"line": ["1"], "quantity": ["3"]}, "cannot be canceled here any more"),
            ({"line": ["7"], "quantity": ["1"]}, "cannot be canceled here any more"),
            ({"line": ["1"], "quantity": ["many"]}, "quantity"),
        ):
            answer = await who.send(
                under(path, "cancel"), {"what": "some", **lines, "action": "cancel"}, on=under(path, "cancel")
            )
            assert answer.status_code in {409, 422}, answer.text
            assert said in answer.text
    assert (await the_order(db, scope, path)).total_minor == 6_000


@pytest.mark.parametrize(
    "case", [("never", 0, 0), ("released", 0, 0), ("picked", 0, 4), ("picked", 1, 3), ("shipped", 4, 4)]
)
async def test_how_long_canceling_is_free_is_the_merchants_choice(
    db: Database, scope: Scope, tmp_path: Path, case: tuple[str, int, int]
) -> None:
    until, picks, free = case
    await open_shop(db, scope, front={**FRONT, "cancel_until": until})
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who, 4)
        if picks:
            await picked(db, scope, path, picks)
        else:
            await at_work(db, scope).hear()
        page = await who.get(path)
        assert (">Cancel " in page or "Cancel the order" in page or "Cancel some of it" in page) is bool(free)
        shown = await who.get(under(path, "cancel"))
        assert ("cannot be canceled here any more" in shown) is not bool(free)
        too_many = await cancel(who, path, what="some", line=["1"], quantity=[str(free + 1)])
        assert too_many.status_code in {409, 422}
        whole = await cancel(who, path, what="all")
        assert whole.status_code == (303 if free == 4 else 409)
        if 0 < free < 4:
            assert (await cancel(who, path, what="some", line=["1"], quantity=[str(free)])).status_code == 303
            assert (await the_order(db, scope, path)).total_minor == 3_000


async def test_where_it_goes_is_changed_with_a_preview(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front={**FRONT, "edit_until": "released"})
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        form = await who.get(under(path, "edit"))
        fields = _edit_fields(form)
        assert (fields["line1"], fields["contact_name"]) == ("长安街1号", "李雷")
        assert "contact_email" not in fields
        changed = {**fields, "line1": "长安街2号", "note": "Ring twice.", "contact_email": "thief@example.com"}
        looked = await who.send(under(path, "edit"), {**changed, "action": "look"}, on=under(path, "edit"))
        assert (looked.status_code, "The price stays as it is." in looked.text) == (200, True)
        assert "长安街2号" in looked.text
        other = {**changed, "total_minor": "1", "action": "save"}
        refused = await who.send(under(path, "edit"), other, on=under(path, "edit"))
        assert (refused.status_code, "The total has changed: it was" in refused.text) == (409, True)
        wrong = await who.send(
            under(path, "edit"), {**changed, "postal_code": "X", "action": "save"}, on=under(path, "edit")
        )
        assert (wrong.status_code, 'href="#f-postal_code"' in wrong.text) == (422, True)
        done = await who.send(under(path, "edit"), {**changed, "action": "save"}, on=under(path, "edit"))
        page = await who.follow(done)
        stale = await who.send(under(path, "edit"), {**changed, "line1": "3", "action": "save"}, on=under(path, "edit"))
        assert (stale.status_code, "The order was changed meanwhile." in stale.text) == (409, True)
    assert ("The change was saved." in page, "长安街2号" in page, "Ring twice." in page) == (True, True, True)
    order = await the_order(db, scope, path)
    assert order.contact.email == "li.lei@example.com"
    async with db.read(scope) as tx:
        (by,) = await told(tx, order.order_id, events.OrderEdited.kind)
    assert by.kind == "guest"


def _edit_fields(page: str) -> dict[str, str]:
    form = page.partition('class="checkout"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'<input name="(\w+)" type="\w+" value="([^"]*)"', form))
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version is not None
    chosen = re.findall(r'<select name="(\w+)".*?<option value="([^"]*)" selected', form, re.DOTALL)
    return {**fields, **dict(chosen), "version": version[1]}


async def test_what_is_being_prepared_or_never_free_is_not_changed(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        fields = {**_edit_fields(await who.get(under(path, "edit"))), "line1": "长安街2号", "action": "save"}
        await at_work(db, scope).hear()
        page = await who.get(path)
        assert "Change address or contact" not in page
        assert "cannot be changed here any more" in await who.get(under(path, "edit"))
        refused = await who.send(under(path, "edit"), fields, on=under(path, "edit"))
        assert (refused.status_code, "its goods are being prepared" in refused.text) == (409, True)
        await act(db, scope, accounts.change_storefront, changes={"edit_until": "never"})
        other = await bought(who)
        assert "Change address or contact" not in await who.get(other)


async def test_what_is_not_free_any_more_is_asked_for(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        asked = await who.send(under(path, "requests"), {"text": "Leave it at number 12."}, on=path)
        page = await who.follow(asked)
        assert ("Your request is with us" in page, "Leave it at number 12." in page) == (True, True)
        await who.send(under(path, "requests"), {"text": "With a card 4242 4242 4242 4242."}, on=path)
        async with db.read(scope) as tx:
            (case,) = await cases.cases_about(tx, [id_of(path)])
            notes = (await cases.notes_of(tx, [case.case_id]))[case.case_id]
        await act(db, scope, case_service.add_notes, notes=[NewNote(case.case_id, "A difficult person.")])
        await act(db, scope, service.ask_about_order, wish=CustomerWish(id_of(path), "Told by phone."))
        page = await who.get(path)
        assert ("A difficult person." in page, "Told by phone." in page, "we look into it" in page) == (
            False, False, True,
        )  # fmt: skip
        empty = await who.send(under(path, "requests"), {"text": " "}, on=path)
        assert (empty.status_code, "Please fill this in." in empty.text) == (422, True)
    assert (case.kind, case.state, [n.author.kind for n in notes]) == ("customer_request", "open", ["guest", "guest"])
    assert "4242 4242" not in notes[1].text


async def test_the_same_goods_are_put_into_the_cart_again(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        await who.put_in("cup", "CUP", 1)
        path = await bought(who, 24)
        cart = await who.follow(await who.send(under(path, "reorder"), {}, on=path))
        assert ("except what is not available at present" in cart, "Cup" in cart) == (True, True)
        assert 'value="TEA-50"' in cart
        assert 'name="quantity" type="number" inputmode="numeric" min="0" max="1" value="1"' in cart
        nothing = await bought(who, 0 + 1)
        await act(db, scope, accounts.change_settings, changes={"backorder": True})
        again = await who.follow(await who.send(under(path, "reorder"), {}, on=nothing))
        assert "It is in your cart." in again


async def test_parcels_are_followed_by_their_carriers_names(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    carrier = NewAccount("SF", "hand", "顺丰速运", {"tracking_url": "https://sf.example/{number}"})
    await act(db, scope, carriers.save_carrier, account=carrier)
    floor = at_work(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        await floor.hear()
        parcel_id = await floor.packed(id_of(path))
        await floor.one(fulfillment.ship_parcels, wishes=[Ship(parcel_id, "SF", "SF1439")])
        moment = db.clock.now()
        said = NewTrackingEvent("SF", "SF1439", "50", moment, "in_transit", "已到达武汉转运中心", "武汉")
        await act(db, scope, carriers.record_tracking, events=[said])
        page = await who.get(path)
        assert "The goods have left" in page
        await floor.one(fulfillment.deliver_parcels, wishes=[Delivery(parcel_id)])
        arrived = await who.get(path)
    for text in (
        "顺丰速运",
        "SF1439",
        "https://sf.example/SF1439",
        "武汉",
        "On its way",
        "2 × 龙井 Longjing",
        "rmap wide",
    ):
        assert text in page, text
    assert "<b>SF</b>" not in page
    assert ("Delivered" in arrived, "Arrived on" in arrived) == (True, True)


async def test_goods_that_wait_are_collected_by_a_code(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    floor = at_work(db, scope)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who, method="collect", location="S1")
        nothing = await who.follow(await who.send(under(path, "code"), {}, on=path))
        assert "Nothing waits to be collected any more." in nothing
        await floor.hear()
        await floor.packed(id_of(path))
        work = await floor.only(id_of(path))
        await floor.one(fulfillment.make_ready, wishes=[Readiness(work.fulfillment_id)])
        page = await who.get(path)
        assert "Your goods wait for you at Store one" in page
        assert ("1 Main Street" in page, "9:00–18:00" in page, 'href="tel:01061234567"' in page) == (True, True, True)
        shown = await who.send(under(path, "code"), {}, on=path)
        code = re.search(r'class="collect-code num">(\w+)<', shown.text)
        assert code is not None
        assert code[1] not in await who.get(path)
        wish = Collection(work.fulfillment_id, code[1])
        await floor.one(fulfillment.collect_fulfillments, wishes=[wish])
        assert "Collected" in await who.get(path)


async def test_what_is_sent_from_a_chosen_place_is_not_collected_there(
    db: Database, scope: Scope, tmp_path: Path
) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        await act(db, scope, service.edit_order, order_id=id_of(path), edit=OrderEdit(location="S1"), version=None)
        page = await who.get(path)
    assert "长安街1号" in page
    assert ("Store one" in page, "Collect" in page) == (False, False)


async def test_an_unpaid_order_is_paid_from_its_page(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who, payment="transfer")
        page = await who.get(path)
        assert ("Waiting for your payment" in page, "Account 12345" in page) == (True, True)
        nothing = await who.get(under(path, "cancel"))
        assert "You have paid nothing for it" in nothing
        edit = await who.get(under(path, "edit"))
        assert "Where it goes" in edit


async def test_staff_and_customer_do_not_overwrite_each_other(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        fields = {**_edit_fields(await who.get(under(path, "edit"))), "line1": "长安街2号", "action": "save"}
        by_staff = OrderEdit(tags=("VIP",))
        await act(db, scope, service.edit_order, order_id=id_of(path), edit=by_staff, version=None)
        clashed = await who.send(under(path, "edit"), fields, on=under(path, "edit"))
        assert (clashed.status_code, "长安街2号" in clashed.text, "VIP" in clashed.text) == (409, True, False)
        assert (await who.send(under(path, "edit"), {**fields, **_version(clashed.text)}, on=path)).status_code == 303


def _version(page: str) -> dict[str, str]:
    return {"version": _edit_fields(page)["version"]}


async def test_the_page_costs_a_fixed_number_of_statements(db: Database, scope: Scope, tmp_path: Path) -> None:
    await open_shop(db, scope, front=FRONT)
    recorder = db.recorder
    assert recorder is not None
    async with visiting(db, scope, tmp_path) as who:
        path = await bought(who)
        for address, most in ((path, 34), (under(path, "cancel"), 22), (under(path, "edit"), 18)):
            with recorder.watching() as sent:
                await who.get(address)
            assert len(sent) <= most, (address, len(sent), sent)


def test_a_link_is_for_one_order_of_one_merchant(scope: Scope) -> None:
    ticket = tickets.ticket_of(web_client.SECRET, scope.tenant, scope.tenant)
    assert tickets.order_of(web_client.SECRET, STRANGER.tenant, ticket) is None
