"""The queue, the work and the papers, as people see them."""

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from jiedan.carriers import service as carriers
from jiedan.fulfillment import pages, service
from jiedan.fulfillment.values import Readiness
from jiedan.orders.values import Contact, NewNote
from tests.base import web_client
from tests.carriers.factories import RATES
from tests.fulfillment.factories import Floor
from tests.orders.factories import BEIJING

RIGHTS = frozenset(
    {"fulfillment:read", "orders:read", *(f"fulfillment:{x}" for x in ("pick", "pack", "ship", "deliver"))}
)


@contextlib.asynccontextmanager
async def browser_of(at: Floor, rights: frozenset[str] = RIGHTS) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=at.scope.tenant, locale="en")
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, database=at.db, session=True) as client:
        client.headers["accept"] = "text/html"
        yield client


async def test_an_order_goes_out_from_its_page(at: Floor) -> None:
    order_id = await at.place(("TEA", 2), ("CUP", 1), notes=(NewNote(kind="packaging", text="A ribbon, please."),))
    key = (await at.only(order_id)).fulfillment_id
    home = f"/c/acme/fulfillment/{key}"
    async with browser_of(at) as client:
        queue = await client.get("/c/acme/fulfillment?location=W1")
        assert str(key) in queue.text
        assert "Nothing waits here." in (await client.get("/c/acme/fulfillment?status=packed")).text

        async def sent(path: str, fields: dict[str, object], status: int = 303) -> str:
            answer = await client.submit(f"/c/acme{path}", fields, page=home)
            assert answer.status_code == status, answer.text
            return answer.text

        at_work = f"/fulfillment/{key}"
        await sent(f"{at_work}/picks", {"line": ["1", "2"], "quantity": ["2", "1"]})
        assert "must be read before" in await sent(f"{at_work}/parcels", {"line": "1", "quantity": "2"}, 409)
        assert "A ribbon, please." in (await client.get(home)).text
        await sent(f"{at_work}/acknowledgement", {})
        assert "Enter a quantity first." in await sent(f"{at_work}/parcels", {"line": "1", "quantity": "0"}, 422)
        await sent(f"{at_work}/parcels", {"line": ["1", "2"], "quantity": ["2", "1"], "weight_g": "650"})
        (parcel,) = (await at.only(order_id)).parcels
        await sent(f"/parcels/{parcel.parcel_id}/unpacking", {})
        await sent(f"{at_work}/parcels", {"line": ["1", "2"], "quantity": ["2", "1"]})
        parcel = (await at.only(order_id)).parcels[1]
        await sent(f"/parcels/{parcel.parcel_id}/shipment", {"carrier": "SF", "tracking_number": "SF1"})
        await sent(f"/parcels/{parcel.parcel_id}/delivery", {})
        assert "Delivered" in (await client.get(home)).text
    assert (await at.only(order_id)).status == "delivered"


async def test_something_is_missing_and_something_goes_back(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    key = (await at.only(order_id)).fulfillment_id
    home = f"/c/acme/fulfillment/{key}"
    async with browser_of(at) as client:
        short = {"line": "1", "quantity": "1", "reason": "damaged"}
        assert (await client.submit(f"{home}/shorts", short, page=home)).status_code == 303
        wrong = await client.submit(f"{home}/put-backs", {"line": "1", "quantity": "1"}, page=home)
        assert (wrong.status_code, "to be put back" in wrong.text) == (409, True)
        bad = await client.submit(f"{home}/shorts", {"line": "1", "quantity": "x", "reason": "damaged"}, page=home)
        assert bad.status_code == 422


async def test_goods_are_made_ready_and_handed_over(at: Floor) -> None:
    order_id = await at.place(("TEA", 1))
    await at.packed(order_id)
    home = f"/c/acme/fulfillment/{(await at.only(order_id)).fulfillment_id}"
    async with browser_of(at) as client:
        shown = await client.submit(f"{home}/ready", {}, page=home)
        code = re.findall(r'<b class="mono">(\w{4} \w{4})</b>', shown.text)[0]
        wrong = await client.submit(f"{home}/collection", {"code": "WRONG"}, page=home)
        assert wrong.status_code == 409
        assert (await client.submit(f"{home}/collection", {"code": code}, page=home)).status_code == 303
    assert (await at.only(order_id)).status == "collected"


@pytest.mark.parametrize(("lang", "title"), [("zh_Hans", "zh-Hans"), ("zh_Hant", "zh-Hant"), ("en", "en")])
async def test_papers_are_printed_in_each_language_with_a_barcode(at: Floor, lang: str, title: str) -> None:
    notes = (NewNote(kind="delivery", text="Ring twice."), NewNote(kind="internal", text="Old friend."))
    order_id = await at.place(("TEA", 2), ship_to=BEIJING, notes=notes)
    parcel_id = await at.packed(order_id)
    found = await at.only(order_id)
    async with browser_of(at) as client:
        home = f"/c/acme/fulfillment/{found.fulfillment_id}"
        papers = [f"{home}/pick-list", f"{home}/delivery-note", f"/c/acme/parcels/{parcel_id}/packing-slip"]
        texts = [(await client.get(f"{paper}?lang={lang}")).text for paper in papers]
        assert (await client.get(f"/c/acme/parcels/{parcel_id}/label.pdf")).status_code == 409
    for text, number in zip(texts, [found.number, found.number, found.parcels[0].number], strict=True):
        assert f'<html lang="{title}">' in text
        assert f'aria-label="{number}"' in text
        assert "Ring twice." in text
        assert text.count("h2v40") > 10
    assert "Old friend." in texts[0]
    assert "Old friend." not in texts[1] + texts[2]
    assert BEIJING.line1 in texts[1]
    assert BEIJING.line1 not in texts[0]


async def test_papers_of_goods_to_be_collected_say_so_and_who_comes(at: Floor) -> None:
    order_id = await at.place(("TEA", 2), contact=Contact(name="Anna Smith", phone="+8613800138000"))
    parcel_id = await at.packed(order_id)
    found = await at.only(order_id)
    await at.one(service.make_ready, wishes=[Readiness(found.fulfillment_id)])
    async with browser_of(at) as client:
        pick_list = (await client.get(f"/c/acme/fulfillment/{found.fulfillment_id}/pick-list?lang=en")).text
        note = (await client.get(f"/c/acme/fulfillment/{found.fulfillment_id}/delivery-note?lang=en")).text
        slip = (await client.get(f"/c/acme/parcels/{parcel_id}/packing-slip?lang=en")).text
    assert all("To be collected" in text for text in (pick_list, note, slip))
    assert "Anna Smith<br>+8613800138000" in note
    assert "Anna Smith<br>+8613800138000" in slip
    assert "Anna Smith" not in pick_list


async def test_a_label_is_ordered_from_the_page(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    order_id = await at.place(("TEA", 2), ship_to=BEIJING)
    parcel_id = await at.packed(order_id)
    home = f"/c/acme/fulfillment/{(await at.only(order_id)).fulfillment_id}"
    async with browser_of(at) as client:
        address = f"/c/acme/parcels/{parcel_id}/label"
        assert (await client.submit(address, {"carrier": "NONE"}, page=home)).status_code == 404
        assert (await client.submit(address, {"carrier": "OWN"}, page=home)).status_code == 303
        assert (await client.submit(address, {"carrier": "OWN"}, page=home)).status_code == 409
        assert (await client.get(f"/c/acme/parcels/{parcel_id}/label.pdf")).content.startswith(b"%PDF-")
        assert "JD00000000018" in (await client.get(home)).text


SHEET = (
    '{"currency": "CNY", "zones": [{"code": "CN", "country": "CN", "p50_days": 2, "p90_days": 4,'
    ' "steps": [{"up_to_g": 1000, "price_minor": 800}]}]}'
)


async def test_carriers_and_days_are_set_up_on_their_page(at: Floor) -> None:
    rights = RIGHTS | {"carriers:read", "carriers:write", "settings:write"}
    home = "/c/acme/shipping"
    carrier = {"code": "OWN", "adapter": "rates", "name": "Own couriers", "settings": SHEET, "is_active": "1"}
    days = {"location": ["W1", "W2"], "p50_days": ["0", "1"], "p90_days": ["1", "3"]}
    async with browser_of(at, rights) as client:

        async def sent(path: str, fields: Mapping[str, Any], status: int) -> str:
            answer = await client.submit(f"{home}/{path}", fields, page=home)
            assert answer.status_code == status, answer.text
            return answer.text

        assert "No carrier is set up yet" in (await client.get(home)).text
        assert "This is no JSON object" in await sent("carriers", {**carrier, "settings": "[1]"}, 422)
        assert "zones" in await sent("carriers", {**carrier, "settings": '{"currency": "CNY"}'}, 422)
        await sent("carriers", carrier, 303)
        shown = (await client.get(f"{home}?carrier=OWN")).text
        assert "Own couriers" in shown
        assert "&#34;price_minor&#34;: 800" in shown
        assert "365" in await sent("handling", {**days, "p50_days": ["5", "1"]}, 422)
        half = await sent("handling", {**days, "p90_days": ["", "3"]}, 422)
        assert "Enter both days of every location." in half
        await sent("handling", days, 303)
    order_id = await at.place(("TEA", 1), ship_to=BEIJING)
    order = (await at.order(order_id)).order
    assert order.promised_p90_on is not None
    assert order.promised_p50_on is not None
    assert (order.promised_p90_on - order.promised_p50_on).days >= 2
    async with browser_of(at, RIGHTS | {"carriers:read"}) as client:
        shown = (await client.get(home)).text
        assert "Save" not in shown
        assert (await client.submit(f"{home}/handling", days, page=home)).status_code == 403


async def test_a_form_that_is_sent_twice_is_done_once(at: Floor) -> None:
    """The answer was lost, so the browser sends the same page's form again; the next page's form is another one."""
    order_id = await at.place(("TEA", 3))
    key = (await at.only(order_id)).fulfillment_id
    home = f"/c/acme/fulfillment/{key}"
    async with browser_of(at) as client:

        async def fields(**more: str) -> dict[str, str]:
            shown = (await client.get(home, headers={"X-Request-Id": "of-a-proxy-that-calls-all-so"})).text
            hidden = re.findall(r'type="hidden" name="(csrf_token|form_id)" value="([^"]+)"', shown)
            return {**dict(hidden), "line": "1", **more}

        first = await fields(quantity="1")
        picked = await client.post(f"{home}/picks", data=first, follow_redirects=False)
        again = await client.post(f"{home}/picks", data=first, follow_redirects=False)
        other = await client.post(f"{home}/picks", data=first | {"quantity": "2"}, follow_redirects=False)
        assert (await at.only(order_id)).lines[0].picked == 3
        empty = await fields(quantity="")
        asked = [await client.post(f"{home}/picks", data=empty, follow_redirects=False) for _ in range(2)]
        refused = await fields(quantity="1")
        answers = [await client.post(f"{home}/picks", data=refused, follow_redirects=False) for _ in range(2)]
    assert (picked.status_code, again.status_code, other.status_code) == (303, 409, 303)
    assert "This was sent before, and it was done." in again.text
    assert [answer.status_code for answer in asked] == [422, 422]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert not any("sent before" in answer.text for answer in answers), "what was refused may be sent again"
