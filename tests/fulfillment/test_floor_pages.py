"""The floor as people see it: what waits and why, the queue, picking with a phone, shipments, the collection desk."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from jiedan.base import paging
from jiedan.base.paging import Cursors
from jiedan.base.recorder import StatementRecorder
from jiedan.carriers import service as carriers
from jiedan.carriers.values import NewAccount, NewTrackingEvent
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.rules.leaving import CODE_TRIES_MAX
from jiedan.fulfillment.values import Readiness, Ship
from jiedan.orders import service as orders
from jiedan.orders.values import Contact, HoldRequest, NewNote
from tests.base import web_client
from tests.conftest import FakeClock
from tests.fulfillment.factories import Floor
from tests.fulfillment.test_pages import RIGHTS, browser_of
from tests.orders.factories import BEIJING

ALL = RIGHTS | {"fulfillment:release", "carriers:read"}


async def test_the_queue_shows_late_work_first_and_filters(at: Floor) -> None:
    late = await at.only(await at.place(("TEA", 1), contact=Contact(name="Late Lee")))
    soon = await at.only(await at.place(("CUP", 1), contact=Contact(name="Soon Su")))
    async with browser_of(at, ALL) as client:
        page = (await client.get("/c/acme/fulfillment")).text
        assert page.index(late.number) < page.index(soon.number)
        assert "Late Lee" in page
        assert "Nothing waits here." in (await client.get("/c/acme/fulfillment?late=1")).text
        assert "Nothing waits here." in (await client.get("/c/acme/fulfillment?method=collect")).text
        assert late.number in (await client.get("/c/acme/fulfillment?method=ship&location=W1")).text


async def test_many_are_picked_at_once_and_each_says_what_came_of_it(at: Floor) -> None:
    first, second = [await at.only(await at.place(("TEA", 2))) for _ in range(2)]
    held = await at.place(("TEA", 1))
    third = await at.only(held)
    await at.act(orders.place_holds, requests=[HoldRequest(held, "manual", "look")])
    async with browser_of(at, ALL) as client:
        chosen = [str(x.fulfillment_id) for x in (first, second, third)]
        answer = await client.submit(
            "/c/acme/fulfillment/bulk", {"chosen": chosen, "act": "pick"}, page="/c/acme/fulfillment"
        )
        assert answer.status_code == 200
        assert answer.text.count("Done</span>") == 2
        assert "Work on order" in answer.text
        none = await client.submit("/c/acme/fulfillment/bulk", {"act": "pick"}, page="/c/acme/fulfillment")
        assert none.status_code == 303
        printed = await client.submit(
            "/c/acme/fulfillment/bulk", {"chosen": chosen[:2], "act": "print"}, page="/c/acme/fulfillment"
        )
        assert printed.headers["location"] == f"/c/acme/pick-lists?id={chosen[0]}&id={chosen[1]}"
    assert {(await at.only(x.order_id)).status for x in (first, second)} == {"picked"}


async def test_a_list_of_several_orders_is_printed(at: Floor) -> None:
    notes = (NewNote(kind="packaging", text="No plastic."), NewNote(kind="internal", text="Old friend."))
    works = [await at.only(await at.place(("TEA", 2), ("CUP", 1), notes=told)) for told in (notes, ())]
    async with browser_of(at, ALL) as client:
        query = "&".join(f"id={x.fulfillment_id}" for x in works)
        text = (await client.get(f"/c/acme/pick-lists?{query}&id=nonsense")).text
        first, second = text.index(works[0].number), text.index(works[1].number)
        assert first < text.index("No plastic.") < text.index("Old friend.") < text.index("Read by:") < second
        assert text.count("Read by:") == 1
        assert '<td class="r">4</td>' in text  # tea for both
        assert all(x.number in text for x in works)
        assert "Nothing to be picked was chosen." in (await client.get("/c/acme/pick-lists")).text


async def test_what_is_kept_for_the_record_is_neither_printed_nor_to_be_read_before_packing(at: Floor) -> None:
    notes = (NewNote(kind="record", text="Agreed to the terms."),)
    work = await at.only(await at.place(("TEA", 2), notes=notes))
    here = f"/c/acme/fulfillment/{work.fulfillment_id}"
    async with browser_of(at, ALL) as client:
        for path in (f"/c/acme/pick-lists?id={work.fulfillment_id}", here, f"{here}/pick"):
            assert "Agreed to the terms." not in (await client.get(path)).text
        await client.submit(f"{here}/picks", {"line": "1", "quantity": "2", "back": "pick"}, page=f"{here}/pick")
        bench = (await client.get(f"{here}/pack")).text
        assert ("I have read the notes" in bench, "Agreed to the terms." in bench) == (False, False)
    note = (NewNote(kind="internal", text="Old friend."),)
    other = await at.only(await at.place(("TEA", 1), notes=note))
    async with browser_of(at, ALL) as client:
        assert "Old friend." in (await client.get(f"/c/acme/fulfillment/{other.fulfillment_id}/pick")).text


async def test_what_is_not_released_says_why_and_can_be_released(at: Floor) -> None:
    unpaid = (await at.order(await at.place(("TEA", 1), payment_terms="prepaid"))).order
    waiting = (await at.order(await at.place(("CUP", 30)))).order
    done = (await at.order(await at.place(("TEA", 1)))).order
    async with browser_of(at, ALL) as client:
        page = (await client.get("/c/acme/fulfillment/waiting")).text
        assert "Not paid yet" in page
        assert "Waits for stock" in page
        assert done.number not in page
        only = (await client.get("/c/acme/fulfillment/waiting?reason=not_allocated")).text
        assert (waiting.number in only, unpaid.number in only) == (True, False)
        answer = await client.submit(
            "/c/acme/fulfillment/releases", {"chosen": str(unpaid.order_id)}, page="/c/acme/fulfillment/waiting"
        )
        assert (answer.status_code, "cannot be released" in answer.text) == (409, True)
        nothing = await client.submit("/c/acme/fulfillment/releases", {}, page="/c/acme/fulfillment/waiting")
        assert nothing.status_code == 303
    async with browser_of(at) as client:
        refused = await client.submit(
            "/c/acme/fulfillment/releases", {"chosen": str(unpaid.order_id)}, page="/c/acme/fulfillment"
        )
        assert refused.status_code == 403


async def test_lines_are_picked_by_scanning(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    at_work = f"/c/acme/fulfillment/{(await at.only(order_id)).fulfillment_id}"

    async def scan(code: str, key: str) -> tuple[int, str]:
        fields = {"code": code, "key": key, "back": "pick"}
        answer = await client.submit(f"{at_work}/picks", fields, page=f"{at_work}/pick")
        return answer.status_code, answer.text

    async with browser_of(at, ALL) as client:
        for key in ("a", "b"):
            assert await scan("tea", key) == (303, "")
        status, text = await scan("TEA", "c")
        assert (status, "0 units are still to be picked" in text) == (409, True)
        status, text = await scan("NOTHING", "d")
        assert (status, "Nothing has the code NOTHING." in text, 'id="picks"' in text) == (409, True, True)
        status, text = await scan("CUP", "e")
        assert (status, "does not belong in this order" in text) == (409, True)
        assert (await scan("", "f"))[0] == 422
    assert [x.picked for x in (await at.only(order_id)).lines] == [2]


async def test_lines_are_checked_off_with_a_phone(at: Floor) -> None:
    order_id = await at.place(("TEA", 2), ("CUP", 1))
    at_work = f"/c/acme/fulfillment/{(await at.only(order_id)).fulfillment_id}"
    async with browser_of(at, ALL) as client:
        picked = await client.submit(
            f"{at_work}/picks", {"line": "1", "quantity": "2", "back": "pick"}, page=f"{at_work}/pick"
        )
        assert picked.headers["location"] == f"{at_work}/pick"
        short = {"line": "2", "quantity": "1", "reason": "not_found", "back": "pick"}
        assert (await client.submit(f"{at_work}/shorts", short, page=f"{at_work}/pick")).status_code == 303
        assert "Pack it" not in (await client.get(f"{at_work}/pick")).text  # another one is on the shelf
        await client.submit(f"{at_work}/picks", {"line": "2", "quantity": "1", "back": "pick"}, page=f"{at_work}/pick")
        assert "Pack it" in (await client.get(f"{at_work}/pick")).text


async def _on_its_way(at: Floor) -> str:
    await at.act(carriers.save_carrier, account=NewAccount("SF", "hand", "SF Express", {}))
    order_id = await at.place(("TEA", 1), ship_to=BEIJING, contact=Contact(name="Li Lei"))
    return str(await at.shipped(order_id))


async def test_a_shipment_is_found_followed_and_told_of(at: Floor) -> None:
    parcel_id = await _on_its_way(at)
    event = NewTrackingEvent("SF", "SF123", "7", at.db.clock.now(), "in_transit", "Sorted", "天津分拨")
    await at.act(service.record_tracking, events=[event])
    here = f"/c/acme/shipments/{parcel_id}"
    async with browser_of(at, ALL) as client:
        for query in ("", "?carrier=SF", "?q=SF12", "?q=SO-"):
            assert parcel_id in (await client.get(f"/c/acme/shipments{query}")).text, query
        for query in ("?state=delivered", "?carrier=XX", "?q=nothing", "?late=1"):
            assert parcel_id not in (await client.get(f"/c/acme/shipments{query}")).text, query
        page = (await client.get(here)).text
        assert "天津分拨" in page
        assert "SF Express" in page
        future = await client.submit(f"{here}/reports", {"state": "failed", "at": "2099-01-01T10:00"}, page=here)
        assert (future.status_code, "cannot have happened" in future.text) == (422, True)
        told = {"state": "failed", "place": "Beijing", "text": "Nobody at home"}
        assert (await client.submit(f"{here}/reports", told, page=here)).status_code == 303
        assert "Nobody at home" in (await client.get(here)).text
        assert parcel_id in (await client.get("/c/acme/shipments?state=failed")).text
        await client.submit(f"{here}/reports", {"state": "delivered"}, page=here)
        assert "Tell what happened" not in (await client.get(here)).text
        listed = (await client.get("/c/acme/shipments/manifest?carrier=SF")).text
        assert "SF123" in listed
        assert "SF123" not in (await client.get("/c/acme/shipments/manifest?carrier=SF&day=2020-01-01")).text
        assert "SF123" not in (await client.get("/c/acme/shipments/manifest?carrier=SF&location=W2")).text
        missing = await client.get("/c/acme/shipments/0193a000-0000-7000-8000-000000000001")
        assert missing.status_code == 404


async def test_parcels_leave_together(at: Floor) -> None:
    parcel_ids = [str(await at.packed(await at.place(("TEA", 1)))) for _ in range(2)]
    await at.act(service.ship_parcels, wishes=[Ship(UUID(parcel_ids[1]))])
    async with browser_of(at, ALL) as client:
        packed = "/c/acme/shipments?state=packed"
        answer = await client.submit("/c/acme/shipments/leaving", {"chosen": parcel_ids}, page=packed)
        assert answer.text.count("Done</span>") == 1
        assert "is shipped" in answer.text
        assert (await client.submit("/c/acme/shipments/leaving", {}, page=packed)).status_code == 303


async def test_where_pictures_stand_lines_are_named_by_the_numbers_of_refusals(at: Floor) -> None:
    order_id = await at.place(("TEA", 2), ("CUP", 1))
    here = f"/c/acme/fulfillment/{(await at.only(order_id)).fulfillment_id}"
    async with at.db.begin(at.scope) as tx:
        tea = (await tx.load_one(catalog_queries.sellable_skus(["TEA"])))["TEA"]
        await catalog.add_image(
            tx,
            product_id=tea.product_id,
            storage_key="tea",
            media_type="image/png",
            width_px=1,
            height_px=1,
            size_bytes=1,
        )
    async with browser_of(at, ALL | {"catalog:read"}) as client:
        shown = [(await client.get(f"{here}/{x}")).text for x in ("pick", "pack")]
    async with browser_of(at, ALL) as client:
        plain = (await client.get(f"{here}/pick")).text
    for text in shown:
        assert re.search(r'Line 1 · <span class="mono">TEA</span>', text)
        assert re.search(r'Line 2 · <span class="mono">CUP</span>', text)
    assert "Line 1 ·" not in plain


async def _ready(at: Floor) -> tuple[str, str, str]:
    order_id = await at.place(("TEA", 1), contact=Contact(name="Han Meimei"))
    await at.packed(order_id)
    key = (await at.only(order_id)).fulfillment_id
    made = await at.one(service.make_ready, wishes=[Readiness(key)])
    return str(key), made.code, (await at.order(order_id)).order.number


async def test_goods_are_found_and_handed_over_for_their_code(at: Floor) -> None:
    key, code, number = await _ready(at)
    async with browser_of(at, ALL) as client:
        for query in ("", "?q=meimei", f"?q={number[-6:]}", "?location=W1"):
            assert key in (await client.get(f"/c/acme/collect{query}")).text, query
        for query in ("?q=nobody", "?location=W2", "?tab=long"):
            assert f"/collect/{key}" not in (await client.get(f"/c/acme/collect{query}")).text, query
        wrong = await client.submit(f"/c/acme/collect/{key}?q=meimei", {"code": "WRONG"}, page="/c/acme/collect")
        assert (wrong.status_code, "This is not the code" in wrong.text) == (409, True)
        right = await client.submit(
            f"/c/acme/collect/{key}?q=meimei", {"code": f" {code[:4].lower()} {code[4:]}"}, page="/c/acme/collect"
        )
        assert (right.status_code, right.headers["location"]) == (303, "/c/acme/collect?q=meimei")
        assert "Nothing waits to be collected here." in (await client.get("/c/acme/collect")).text


async def test_who_may_not_read_the_queue_is_not_led_there(at: Floor) -> None:
    for rights, is_led in ((ALL, True), (ALL - {"fulfillment:read"}, False)):
        async with browser_of(at, rights) as client:
            for path in ("/c/acme/collect", "/c/acme/pack"):
                page = await client.get(path)
                assert page.status_code == 200, page.text
                assert ('href="/c/acme/fulfillment"' in page.text) is is_led, path


async def test_wrong_codes_are_limited(at: Floor) -> None:
    key, code, _ = await _ready(at)

    async def tried(client: web_client.Client, typed: str) -> str:
        return (await client.submit(f"/c/acme/collect/{key}", {"code": typed}, page="/c/acme/collect")).text

    async with browser_of(at, ALL) as client:
        for i in range(CODE_TRIES_MAX):
            assert "This is not the code" in await tried(client, f"WRONG{i}")
        assert "Too many wrong codes" in await tried(client, code)
        made = await client.submit(f"/c/acme/collect/{key}/code", {}, page="/c/acme/collect")
        assert "shown only now" in made.text
    async with browser_of(at, RIGHTS - {"fulfillment:ship"}) as client:
        assert (await client.get("/c/acme/collect")).status_code == 403


async def test_goods_that_wait_long_stand_apart(at: Floor, clock: FakeClock) -> None:
    key, _, _ = await _ready(at)
    clock.advance(timedelta(days=9))
    async with browser_of(at, ALL) as client:
        assert key not in (await client.get("/c/acme/collect")).text
        page = (await client.get("/c/acme/collect?tab=long")).text
        assert key in page
        assert "Waiting since" in page


@pytest.mark.parametrize("count", [1, 8])
async def test_lists_ask_little(at: Floor, recorder: StatementRecorder, count: int) -> None:
    for _ in range(count):
        await at.shipped(await at.place(("TEA", 1)))
        await at.place(("CUP", 1))
    sent = {}
    async with browser_of(at, ALL) as client:
        for path in ("fulfillment", "fulfillment/waiting", "shipments", "shipments?q=SF", "collect"):
            with recorder.watching() as statements:
                assert (await client.get(f"/c/acme/{path}")).status_code == 200
            sent[path] = len(statements)
    assert max(sent.values()) <= 16, sent


async def test_unreleased_orders_are_paged(at: Floor) -> None:
    wanted = [await at.place(("TEA", 1), payment_terms="prepaid") for _ in range(3)]
    cursors = Cursors("secret")
    found, cursor = [], None
    while True:
        request = paging.Request.of(cursors, tenant=at.scope.tenant, name="x", filters={}, limit=2, cursor=cursor)
        async with at.db.read(at.scope) as tx:
            page = await queries.unreleased_page(tx, request=request)
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    assert found == wanted
