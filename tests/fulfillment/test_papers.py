"""Papers of many orders at once: sheet by sheet, as chosen, each in its language; and what cannot be printed."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from jiedan.base.db import Scope
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft, ExemptionId, Saved, TaxExemption
from jiedan.fulfillment import pages
from jiedan.fulfillment.pages import papers
from jiedan.fulfillment.pages.shown import gifts_of
from jiedan.fulfillment.rules import papers as rules
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, NewLine
from jiedan.pricing import service as pricing
from jiedan.pricing.values import Formula, FormulaAttribute, FormulaText, Words
from jiedan.pricing.values.promotions import Gift, Goods, Promotion
from tests.base import web_client
from tests.base.web_client import Client
from tests.fulfillment.factories import Floor
from tests.fulfillment.test_pages import browser_of
from tests.fulfillment.test_rules import line

STATEMENTS_MAX = 14
"""Of any number of orders, two of them for those that have no paper."""

HOME = "/c/acme/papers"

GIFT_ROW = re.compile(r"<tr><td>([0-9]+)</td><td>[^<]*</td><td>[^<]*(<b>Gift</b>)?</td>")
"""A line of a paper: its number, and whether it is said to be a gift."""


@pytest.mark.parametrize("number", [0, 1, 200, 230])
def test_ids_in_an_address_are_read_back_as_far_as_they_are_printed(number: int) -> None:
    ids = [uuid4() for _ in range(number)]
    assert papers.unpacked(papers.packed([*ids, *ids[:3]])) == ids[: papers.ORDERS_MAX]
    assert len(papers.packed(ids[:200])) < 4_300


@pytest.mark.parametrize("text", ["x", "AAAA", "%", "订单", "A" * 21])
def test_what_is_no_list_of_ids_is_none(text: str) -> None:
    assert papers.unpacked(text) == []


def test_why_there_is_no_paper_is_said_in_its_order() -> None:
    assert rules.why_none("pick-list", None, []) == "unknown"
    assert rules.why_none("pick-list", "canceled", []) == "canceled"
    assert rules.why_none("pick-list", "open", []) == "not_released"


async def printed(client: Client, document: str, *ids: UUID, status: int = 200) -> str:
    """Choose orders in the list, and return the papers that this leads to."""
    fields = {"document": document, "order_ids": [f"{x}:1" for x in ids], "filters": "{}", "listing": ""}
    led = await client.submit(HOME, fields, page="/c/acme/fulfillment")
    assert led.status_code == 303, led.text
    answer = await client.get(led.headers["location"])
    assert answer.status_code == status, answer.text
    return answer.text


def numbers_of(text: str) -> list[str]:
    """Return the number of each sheet."""
    return re.findall(r"<figcaption>(.*?)</figcaption>", text)


async def test_each_chosen_order_has_a_sheet_in_the_order_they_were_chosen(at: Floor) -> None:
    ids = [await at.place(("TEA", 1), locale=locale) for locale in ("en", "zh_Hans", "zh_Hant")]
    works = [await at.only(x) for x in ids]
    async with browser_of(at) as client:
        lists = await printed(client, "pick-list", *reversed(ids))
        notes = await printed(client, "delivery-note", *ids)
        slips = await printed(client, "packing-slip", *ids)
        led = await client.submit(
            HOME, {"document": "delivery-note", "order_ids": [str(x) for x in ids]}, page="/c/acme/fulfillment"
        )
        in_english = (await client.get(f"{led.headers['location']}&lang=en")).text
    assert numbers_of(lists) == [x.number for x in reversed(works)]
    assert re.findall(r'class="sheet" lang="(.*?)"', lists) == ["en"] * 3
    assert re.findall(r'class="sheet" lang="(.*?)"', notes) == ["en", "zh-Hans", "zh-Hant"]
    assert re.findall(r'class="sheet" lang="(.*?)"', in_english) == ["en"] * 3
    assert "Not printed" not in lists
    assert slips.count("No parcel is packed yet.") == 3
    assert numbers_of(slips) == []


async def test_gifts_go_out_with_the_goods_and_are_told_as_gifts(at: Floor) -> None:
    gift = Promotion("gift", "A cup with tea", Gift(("CUP",)), Goods(any_of=("sku:TEA",)))
    async with at.db.begin(at.scope) as tx:
        await pricing.create_rule(tx, kind="promotion", body=gift)
        await pricing.publish(tx)
    order_id = await at.place(("TEA", 2), ("CUP", 1))
    work = await at.only(order_id)
    assert [(x.line, x.to_pick) for x in work.lines] == [(1, 2), (2, 1), (3, 1)]
    async with browser_of(at) as client:
        papers = [await printed(client, document, order_id) for document in ("pick-list", "delivery-note")]
        together = (await client.get(f"/c/acme/pick-lists?id={work.fulfillment_id}")).text
        picking = (await client.get(f"/c/acme/fulfillment/{work.fulfillment_id}/pick")).text
        shown = (await client.get(f"/c/acme/fulfillment/{work.fulfillment_id}")).text
        await at.delivered(order_id)
        papers.append(await printed(client, "packing-slip", order_id))
    for text in papers:
        assert [line for line, told in GIFT_ROW.findall(text) if told] == ["3"]
    assert together.count("<b>Gift</b>") == 1
    assert picking.count('<span class="tag">Gift</span>') == 1
    assert shown.count('<span class="tag">Gift</span>') == 1
    done = await at.order(order_id)
    assert [(x.line, x.delivered) for x in done.lines] == [(1, 2), (2, 1), (3, 1)]
    assert done.order.fulfillment_status == "delivered"


async def test_measures_are_told_on_every_paper(at: Floor) -> None:
    wide = NewLine(sku="TEA", quantity=2, attributes={"width": "2.4 m", "name": "<b>Anna</b>"})
    high = NewLine(sku="TEA", quantity=1, attributes={"width": "1 m"})
    formula = Formula(
        "cut",
        "width * 10",
        "CNY",
        (
            FormulaAttribute("width", "Breite", "cm", "m", Decimal(50), Decimal(300), labels=Words("Width")),
            FormulaAttribute("name", "Name", text=FormulaText()),
        ),
        goods=("sku:TEA",),
    )
    async with at.db.begin(at.scope) as tx:
        await pricing.create_rule(tx, kind="formula", body=formula)
        await pricing.publish(tx)
    order_id = await at.place(wide, high)
    work = await at.only(order_id)
    async with browser_of(at) as client:
        papers = [await printed(client, document, order_id) for document in ("pick-list", "delivery-note")]
        papers.append((await client.get(f"/c/acme/pick-lists?id={work.fulfillment_id}")).text)
        papers.append((await client.get(f"/c/acme/fulfillment/{work.fulfillment_id}/pick")).text)
        await at.delivered(order_id)
        papers.append(await printed(client, "packing-slip", order_id))
    for text in papers:
        assert "· Width 240 cm · Name “&lt;b&gt;Anna&lt;/b&gt;”" in text
        assert "· Width 100 cm · Name –" in text
    assert papers[2].count("· Width 240 cm") == 2, "among all that is to be picked, and on the order's own list"


def test_parts_of_a_kit_that_is_a_gift_are_gifts() -> None:
    bought, kit = line(1), line(2, kind="kit", price_source="gift")
    part = line(3, kind="component", price_source="included", parent_line=2)
    assert gifts_of([bought, kit, part]) == {kit.line_id, part.line_id}


async def test_what_cannot_be_printed_is_told_on_the_first_sheet(at: Floor) -> None:
    good, gone, done = [await at.place(("TEA", 1)) for _ in range(3)]
    waiting = await at.place(("TEA", 1), payment_terms="prepaid")
    await at.one(orders.cancel_orders, requests=[CancelRequest(gone, "customer_request")])
    await at.shipped(done)
    unknown = uuid4()
    async with browser_of(at) as client:
        shown = await printed(client, "pick-list", gone, good, waiting, done, unknown)
        slips = await printed(client, "packing-slip", done)
    told = dict(re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", shown.partition("</article>")[0]))
    assert told == {
        (await at.order(gone)).order.number: "The order is canceled.",
        (await at.order(waiting)).order.number: "No location was told to pick it yet.",
        (await at.order(done)).order.number: "Nothing is left to be picked.",
        str(unknown): "There is no such order.",
    }
    assert "1 sheet follows." in shown
    assert numbers_of(shown) == [(await at.only(good)).number]
    assert numbers_of(slips) == [(await at.only(done)).parcels[0].number]


async def test_all_that_fit_are_printed_as_the_list_sorts_them(at: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [await at.place(("TEA", 1)) for _ in range(3)]
    numbers = [(await at.only(x)).number for x in ids]
    fields: dict[str, Any] = {"document": "pick-list", "everything": "1", "filters": '{"lifecycle": ["open"]}'}
    async with browser_of(at) as client:

        async def led(**more: str) -> str:
            answer = await client.submit(HOME, {**fields, **more}, page="/c/acme/fulfillment")
            return str(answer.headers["location"])

        newest = (await client.get(await led())).text
        oldest = (await client.get(await led(listing="view=open&sort=oldest"))).text
        assert await led(filters='{"colour": "red"}') == "/c/acme/orders"
        monkeypatch.setattr(papers, "ORDERS_MAX", 2)
        assert await led(listing="view=open") == "/c/acme/orders?view=open"
    assert numbers_of(newest) == numbers[::-1]
    assert numbers_of(oldest) == numbers


async def test_nothing_chosen_leads_back_and_senseless_addresses_print_nothing(at: Floor) -> None:
    async with browser_of(at) as client:
        back = await client.submit(HOME, {"document": "pick-list", "listing": "q=x"}, page="/c/acme/fulfillment")
        assert back.headers["location"] == "/c/acme/orders?q=x"
        for query in ("", "?document=poster&orders=x", f"?works={papers.packed([uuid4()])}"):
            answer = await client.get(f"{HOME}{query}")
            assert (answer.status_code, numbers_of(answer.text)) == (200, [])
            assert "Nothing to be printed was chosen." in answer.text or "There is no such order." in answer.text


async def test_the_queue_prints_what_is_ticked_each_on_its_own_sheet(at: Floor) -> None:
    ids = [await at.place(("TEA", 1)) for _ in range(2)]
    works = [await at.only(x) for x in ids]
    chosen = [str(x.fulfillment_id) for x in reversed(works)]
    async with browser_of(at) as client:
        queue = (await client.get("/c/acme/fulfillment?status=released")).text
        assert "Print delivery notes" in queue
        assert "Print packing slips" not in queue
        for act in ("pick-list", "delivery-note"):
            fields = {"act": act, "chosen": chosen}
            led = await client.submit("/c/acme/fulfillment/bulk", fields, page="/c/acme/fulfillment")
            text = (await client.get(led.headers["location"])).text
            assert numbers_of(text) == [x.number for x in reversed(works)]


async def test_many_papers_cost_as_few_statements_as_one(at: Floor, recorder: StatementRecorder) -> None:
    ids = [await at.place(("TEA", 1)) for _ in range(8)]
    async with browser_of(at) as client:
        for several in (ids[:1], ids, [*ids, uuid4(), uuid4()]):
            with recorder.watching() as sent:
                answer = await client.get(f"{HOME}?document=delivery-note&orders={papers.packed(several)}")
            assert len(numbers_of(answer.text)) == min(len(several), len(ids))
            assert len(sent) <= STATEMENTS_MAX, sent


async def test_who_may_not_see_fulfillment_prints_nothing_and_others_orders_are_unknown(
    at: Floor, other_tenant: TenantId
) -> None:
    order_id = await at.place(("TEA", 1))
    address = f"{HOME}?document=pick-list&orders={papers.packed([order_id])}"
    async with browser_of(at, frozenset({"orders:read"})) as client:
        assert (await client.get(address)).status_code == 403
    async with browser_of(at._replace(scope=Scope(other_tenant))) as client:
        shown = (await client.get(address)).text
    assert f"<tr><td>{order_id}</td><td>There is no such order.</td></tr>" in shown
    assert numbers_of(shown) == []


async def test_programs_get_the_papers_that_the_console_prints(at: Floor) -> None:
    orders_ = [await at.place(("TEA", 1), locale=locale) for locale in ("en", "zh_Hant")]
    parcel_id = await at.packed(orders_[0])
    works = [await at.only(x) for x in orders_]
    by_order = "&".join(f"order_id={x}" for x in reversed(orders_))
    by_work = "&".join(f"fulfillment_id={x.fulfillment_id}" for x in works)
    one = f"/api/v1/fulfillments/{works[0].fulfillment_id}"
    addresses = [
        f"/api/v1/papers?{by_order}", f"/api/v1/papers?document=pick-list&{by_work}&lang=zh-Hans",
        f"/api/v1/pick-lists?{by_work}", f"{one}/pick-list", f"{one}/delivery-note?lang=zh-TW",
        f"/api/v1/parcels/{parcel_id}/packing-slip",
    ]  # fmt: skip
    reader = web_client.principal(permissions=["fulfillment:read"], tenant=at.scope.tenant)
    stranger = web_client.principal(permissions=["orders:read"], tenant=at.scope.tenant)
    async with web_client.open_client(routers=[pages.REST], principal=reader, database=at.db) as client:
        answers = [await client.get(address) for address in addresses]
        missing = await client.get(f"/api/v1/parcels/{uuid4()}/packing-slip")
        too_many = await client.get(f"/api/v1/papers?{'&'.join(f'order_id={uuid4()}' for _ in range(201))}")
    async with web_client.open_client(routers=[pages.REST], principal=stranger, database=at.db) as client:
        refused = [(await client.get(address)).status_code for address in addresses]
    assert [(x.status_code, x.headers["content-type"].partition(";")[0]) for x in answers] == [(200, "text/html")] * 6
    notes, lists, together, lone, note, slip = [x.text for x in answers]
    assert numbers_of(notes) == [x.number for x in reversed(works)]
    assert re.findall(r'class="sheet" lang="(.*?)"', notes) == ["zh-Hant", "en"]
    assert (numbers_of(lists), re.findall(r'class="sheet" lang="(.*?)"', lists)) == ([works[1].number], ["zh-Hans"])
    assert all(work.number in together for work in works)
    assert works[0].number in lone
    assert '<html lang="zh-Hant">' in note
    assert works[0].parcels[0].number in slip
    assert (missing.status_code, missing.json()["code"], too_many.status_code) == (404, "parcel_not_found", 422)
    assert refused == [403] * 6


async def test_what_freed_an_order_of_tax_stands_on_what_goes_with_the_goods(at: Floor) -> None:
    async with at.db.begin(at.scope) as tx:
        (saved,) = await customers.upsert_customers(tx, customers=[CustomerDraft("Firm")], country="CN")
        assert isinstance(saved, Saved)
        await customers.add_tax_exemption(
            tx,
            customer_id=saved.customer_id,
            exemption=TaxExemption(ExemptionId(UUID(int=0)), "exempt", "EX-1"),
        )
    order_id = await at.place(("TEA", 1), customer_id=saved.customer_id)
    async with browser_of(at) as client:
        lists, notes = [await printed(client, document, order_id) for document in ("pick-list", "delivery-note")]
        await at.delivered(order_id)
        slips = await printed(client, "packing-slip", order_id)
    assert ["<b>Tax exempt</b>, certificate EX-1" in text for text in (lists, notes, slips)] == [False, True, True]
