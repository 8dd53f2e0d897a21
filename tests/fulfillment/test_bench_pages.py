"""The pack station as people see it: without JavaScript, and the part that its script asks for."""

import re

import httpx2
import pytest

from jiedan.base.recorder import StatementRecorder
from jiedan.base.web import csrf
from jiedan.carriers import service as carriers
from jiedan.fulfillment import service
from jiedan.fulfillment.values import PackingBox
from jiedan.orders.values import NewNote
from tests.base import web_client
from tests.carriers.factories import RATES
from tests.fulfillment.factories import Floor
from tests.fulfillment.test_pages import RIGHTS, browser_of
from tests.orders.factories import BEIJING


async def part(client: web_client.Client, address: str, fields: dict[str, str], *, page: str) -> httpx2.Response:
    """Send a form as the script does."""
    shown = await client.get(page, headers={"accept": "text/html"})
    token = re.search(rf'name="{csrf.FIELD}" value="([0-9a-f]+)"', shown.text)
    assert token is not None
    asked = {"accept": "text/html", "hx-request-type": "partial"}
    return await client.post(address, data={**fields, csrf.FIELD: token[1]}, headers=asked)


def counts(page: str) -> list[str]:
    return [" ".join(x.split()) for x in re.findall(r'class="cnt"><span[^>]*>[^<]*</span>([^<]*)<', page)]


async def test_an_order_is_packed_by_scanning(at: Floor) -> None:
    order_id = await at.place(("TEA", 2), ("CUP", 1))
    found = await at.only(order_id)
    home = f"/c/acme/fulfillment/{found.fulfillment_id}/pack"
    async with browser_of(at) as client:
        station = await client.get("/c/acme/pack?location=W1")
        assert found.number in station.text

        async def scan(code: str, status: int = 303) -> str:
            answer = await client.submit(f"{home}/scans", {"code": code}, page=home)
            assert answer.status_code == status, answer.text
            return answer.text if status != 303 else (await client.get(home)).text

        assert counts(await scan("TEA")) == ["1 / 2", "0 / 1"]
        assert "Nothing has the code XYZ" in await scan("XYZ", 409)
        page = await scan("cup")
        assert counts(page) == ["1 / 2", "1 / 1"]
        assert "Close it, more follows" in page
        too_many = await scan("CUP", 409)
        assert "all 1 units are in the box already" in too_many
        assert re.search(r"data-close-box disabled", too_many)
        assert (await client.submit(f"{home}/undo", {}, page=home)).status_code == 303
        assert counts((await client.get(home)).text) == ["1 / 2", "0 / 1"]
        await scan("TEA")
        assert "Close the parcel" in await scan("CUP")
        done = await client.submit(f"{home}/parcels", {"weight_g": "900"}, page=home)
        assert done.status_code == 303
        assert "Everything is in parcels." in (await client.get(home)).text
    (parcel,) = (await at.only(order_id)).parcels
    assert parcel.weight_g == 900


async def test_a_wrong_item_is_told_by_its_name_and_blocks(at: Floor) -> None:
    key = (await at.only(await at.place(("TEA", 1)))).fulfillment_id
    home = f"/c/acme/fulfillment/{key}/pack"
    async with browser_of(at) as client:
        wrong = await client.submit(f"{home}/scans", {"code": "CUP"}, page=home)
        assert wrong.status_code == 409
        assert "does not belong in this order" in wrong.text
        assert "I have put it aside" in wrong.text
        assert counts(wrong.text) == ["0 / 1"]


async def test_the_script_gets_the_part_that_changes(at: Floor) -> None:
    key = (await at.only(await at.place(("TEA", 1)))).fulfillment_id
    home = f"/c/acme/fulfillment/{key}/pack"
    async with browser_of(at) as client:
        for _ in range(2):  # the answer to the first was lost
            right = await part(client, f"{home}/scans", {"code": "TEA", "key": "k1"}, page=home)
            assert right.status_code == 200
            assert "<html" not in right.text
            assert 'id="bench" data-outcome="right"' in right.text
            assert counts(right.text) == ["1 / 1"]
        wrong = await part(client, f"{home}/scans", {"code": "CUP", "key": "k2"}, page=home)
        assert (wrong.status_code, 'data-outcome="wrong"' in wrong.text) == (409, True)


async def test_the_number_of_another_order_leads_there_when_the_box_is_empty(at: Floor) -> None:
    first = await at.only(await at.place(("TEA", 1)))
    other_id = await at.place(("CUP", 1))
    other = await at.only(other_id)
    home = f"/c/acme/fulfillment/{first.fulfillment_id}/pack"
    there = f"/c/acme/fulfillment/{other.fulfillment_id}/pack"
    async with browser_of(at) as client:
        led = await client.submit(f"{home}/scans", {"code": other.number}, page=home)
        assert (led.status_code, led.headers["location"]) == (303, there)
        parted = await part(client, f"{home}/scans", {"code": other.number}, page=home)
        assert parted.headers["hx-redirect"] == there
        await client.submit(f"{home}/scans", {"code": "TEA"}, page=home)
        assert (await client.submit(f"{home}/scans", {"code": other.number}, page=home)).status_code == 409
        number = (await at.order(other_id)).order.number
        for text in (number, other.number.lower(), "CUP"):
            found = await client.get("/c/acme/pack", params={"code": text})
            assert (found.status_code, found.headers.get("location")) == (303, there)
        missing = await client.get("/c/acme/pack?code=NOPE")
        assert (missing.status_code, "Nothing to pack was found for NOPE" in missing.text) == (404, True)


async def test_notes_box_label_and_print_again(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    await at.act(service.save_box, box=PackingBox("M", "Medium", 300, 200, 150, 120))
    order_id = await at.place(("TEA", 1), ship_to=BEIJING, notes=(NewNote(kind="packaging", text="A ribbon, please."),))
    key = (await at.only(order_id)).fulfillment_id
    home = f"/c/acme/fulfillment/{key}/pack"
    async with browser_of(at) as client:
        await client.submit(f"{home}/scans", {"code": "TEA"}, page=home)
        closing = {"weight_g": "500", "box": "M", "carrier": RATES.code, "form_id": "the-page"}
        unread = await client.submit(f"{home}/parcels", closing, page=home)
        assert (unread.status_code, "A ribbon, please." in unread.text) == (409, True)
        assert (await client.submit(f"{home}/notes", {}, page=home)).status_code == 303
        assert (await client.submit(f"{home}/parcels", closing, page=home)).status_code == 303
        assert (await client.submit(f"{home}/parcels", closing, page=home)).status_code == 303  # the answer was lost
        (parcel,) = (await at.only(order_id)).parcels
        assert (parcel.box, parcel.carrier, bool(parcel.tracking_number)) == ("M", RATES.code, True)
        papers = f"/c/acme/parcels/{parcel.parcel_id}"
        first = await client.submit(f"{papers}/prints", {"document": "label"}, page=home)
        assert first.headers["location"] == f"{papers}/label.pdf"
        again = await client.submit(f"{papers}/prints", {"document": "label"}, page=home)
        assert (again.status_code, "printed for parcel" in again.text) == (409, True)
        assert "The printer jammed" in (await client.get(home)).text
        reason = {"document": "label", "reason": "jammed"}
        assert (await client.submit(f"{papers}/prints", reason, page=home)).status_code == 303
        back = await client.submit(f"{papers}/shipment", {"back": "pack"}, page=home)
        assert back.headers["location"] == home
    assert (await at.only(order_id)).status == "shipped"


async def test_who_may_not_pack_sees_no_station(at: Floor) -> None:
    key = (await at.only(await at.place(("TEA", 1)))).fulfillment_id
    async with browser_of(at, RIGHTS - {"fulfillment:pack"}) as client:
        assert (await client.get("/c/acme/pack")).status_code == 403
        assert (await client.get(f"/c/acme/fulfillment/{key}/pack")).status_code == 403


@pytest.mark.parametrize("count", [1, 12])
async def test_the_station_asks_little(at: Floor, recorder: StatementRecorder, count: int) -> None:
    for _ in range(count):
        key = (await at.only(await at.place(("TEA", 1)))).fulfillment_id
    async with browser_of(at) as client:
        with recorder.watching() as station:
            await client.get("/c/acme/pack")
        with recorder.watching() as bench:
            await client.get(f"/c/acme/fulfillment/{key}/pack")
    assert len(station) <= 10
    assert len(bench) <= 31


async def test_kinds_of_boxes_are_set_up_on_the_page_of_shipping(at: Floor) -> None:
    rights = RIGHTS | {"carriers:read", "settings:write"}
    box = {"code": "M", "name": "Medium", "length_mm": "300", "width_mm": "200", "height_mm": "150", "is_active": "1"}
    async with browser_of(at, rights) as client:
        wrong = await client.submit("/c/acme/shipping/boxes", {**box, "length_mm": "0"}, page="/c/acme/shipping")
        assert wrong.status_code == 422
        assert (await client.submit("/c/acme/shipping/boxes", box, page="/c/acme/shipping")).status_code == 303
        assert "300 × 200 × 150" in (await client.get("/c/acme/shipping?box=M")).text
        key = (await at.only(await at.place(("TEA", 1)))).fulfillment_id
        assert "Medium · 30 × 20 × 15 cm" in (await client.get(f"/c/acme/fulfillment/{key}/pack")).text
