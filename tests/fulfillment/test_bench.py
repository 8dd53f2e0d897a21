"""The pack station: what may be scanned, what is in the open box, and how it becomes a parcel."""

import asyncio
from uuid import UUID

import pytest

from jiedan.base.errors import Refusal
from jiedan.catalog import service as catalog
from jiedan.catalog.rules import scanning
from jiedan.catalog.values import AlternateBarcode, ProductDraft, Scannable, SkuDraft, SkuId
from jiedan.fulfillment import queries, service
from jiedan.fulfillment.values import (
    Acknowledgement,
    Closing,
    FulfillmentId,
    PackingBox,
    Pick,
    Print,
    Report,
    Scan,
    Ship,
    Undo,
    Unpack,
)
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, NewNote
from tests.fulfillment.factories import Floor

GTIN = "4006381333931"
CARTON = "14006381333938"


async def box_of(at: Floor, key: FulfillmentId) -> list[str]:
    async with at.db.read(at.scope) as tx:
        scans = await tx.load_one(queries.open_scans([key]))
    return [x.code for x in scans.get(key, [])]


async def released(at: Floor, *lines: tuple[str, int]) -> FulfillmentId:
    return (await at.only(await at.place(*lines))).fulfillment_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tea-1", 1),
        (" TEA-1 ", 1),
        (GTIN, 1),
        ("0" + GTIN, 1),
        ("]E0" + GTIN, 1),
        (f"(01)0{GTIN}(10)LOT7", 1),
        (f"]C1010{GTIN}10LOT7", 1),
        (CARTON, 12),
        (f"(01){CARTON}(10)LOT7", 12),
        ("tea-box", 4),
        ("4006381333932", None),
        ("TEA-2", None),
        ("", None),
    ],
)
def test_what_scanners_read_is_recognized_and_counted(text: str, expected: int | None) -> None:
    sku = Scannable(SkuId(UUID(int=1)), "TEA-1", {GTIN: 1, CARTON: 12, "TEA-BOX": 4}, "Tea")
    assert scanning.units(sku, text) == expected


async def test_a_box_is_scanned_full_and_closed_into_a_parcel(at: Floor) -> None:
    order_id = await at.place(("TEA", 2), ("CUP", 1))
    key = (await at.only(order_id)).fulfillment_id
    for code in ("tea", "TEA", "CUP"):
        await at.one(service.scan_items, scans=[Scan(key, code)])
    parcel_id = await at.one(service.close_boxes, closings=[Closing(key, 750)])
    parcel = await at.parcel(parcel_id)
    assert sorted(x.quantity for x in parcel.lines) == [1, 2]
    assert parcel.weight_g == 750
    found = await at.only(order_id)
    assert (found.status, [x.picked for x in found.lines]) == ("packed", [2, 1])
    assert await box_of(at, key) == []


async def test_a_wrong_item_and_one_too_many_stay_out(at: Floor) -> None:
    key = await released(at, ("TEA", 1))
    assert await at.refused(service.scan_items, scans=[Scan(key, "CUP")]) == "wrong_item"
    assert await at.refused(service.scan_items, scans=[Scan(key, "nothing")]) == "scanned_code_unknown"
    await at.one(service.scan_items, scans=[Scan(key, "TEA")])
    assert await at.refused(service.scan_items, scans=[Scan(key, "TEA")]) == "too_many_scanned"
    assert await box_of(at, key) == ["TEA"]


async def test_a_barcode_of_the_sku_counts_too(at: Floor) -> None:
    draft = ProductDraft(code="TEA", skus=(SkuDraft(code="TEA", barcode=GTIN),))
    await at.act(catalog.upsert_products, products=[draft])
    key = await released(at, ("TEA", 1))
    await at.one(service.scan_items, scans=[Scan(key, "0" + GTIN)])
    other = await released(at, ("CUP", 1))
    assert await at.refused(service.scan_items, scans=[Scan(other, GTIN)]) == "wrong_item"


async def test_the_barcode_of_a_carton_counts_all_that_is_in_it(at: Floor) -> None:
    async with at.db.begin(at.scope) as tx:
        tea = SkuDraft(code="TEA", barcode=GTIN, alternate_barcodes=(AlternateBarcode(2, CARTON),))
        await catalog.price_skus(tx, skus=[tea])
    order_id = await at.place(("TEA", 3))
    key = (await at.only(order_id)).fulfillment_id
    await at.act(service.scan_items, scans=[Scan(key, CARTON), Scan(key, GTIN)])
    assert await at.refused(service.scan_items, scans=[Scan(key, CARTON)]) == "too_many_scanned"
    await at.one(service.undo_scans, undos=[Undo(key)])
    assert await at.refused(service.scan_items, scans=[Scan(key, CARTON)]) == "pack_too_large"
    await at.one(service.undo_scans, undos=[Undo(key)])
    assert await box_of(at, key) == []
    await at.act(service.scan_items, scans=[Scan(key, GTIN), Scan(key, CARTON)])
    parcel_id = await at.one(service.close_boxes, closings=[Closing(key)])
    assert [x.quantity for x in (await at.parcel(parcel_id)).lines] == [3]


async def test_a_scan_sent_twice_counts_once(at: Floor) -> None:
    key = await released(at, ("TEA", 3))
    first = await at.one(service.scan_items, scans=[Scan(key, "TEA", "k1")])
    assert await at.one(service.scan_items, scans=[Scan(key, "TEA", "k1")]) == first
    assert await at.refused(service.scan_items, scans=[Scan(key, "CUP", "k1")]) == "idempotency_key_reused"
    assert await box_of(at, key) == ["TEA"]


async def test_a_set_of_scans_is_decided_in_order(at: Floor) -> None:
    key = await released(at, ("TEA", 2))
    outcomes = await at.act(service.scan_items, scans=[Scan(key, x) for x in ("TEA", "CUP", "TEA", "TEA")])
    assert [x.code if isinstance(x, Refusal) else "" for x in outcomes] == ["", "wrong_item", "", "too_many_scanned"]


async def test_the_last_scan_is_undone_first(at: Floor) -> None:
    key = await released(at, ("TEA", 1), ("CUP", 1))
    await at.act(service.scan_items, scans=[Scan(key, "TEA"), Scan(key, "CUP")])
    assert await at.act(service.undo_scans, undos=[Undo(key, "u1")]) == [None]
    assert await at.act(service.undo_scans, undos=[Undo(key, "u1")]) == [None]
    assert await box_of(at, key) == ["TEA"]
    await at.act(service.undo_scans, undos=[Undo(key)])
    assert await at.refused(service.undo_scans, undos=[Undo(key)]) == "nothing_scanned"
    assert await at.refused(service.close_boxes, closings=[Closing(key)]) == "nothing_scanned"


async def test_an_order_goes_into_several_parcels(at: Floor) -> None:
    order_id = await at.place(("TEA", 3))
    key = (await at.only(order_id)).fulfillment_id
    await at.act(service.scan_items, scans=[Scan(key, "TEA"), Scan(key, "TEA")])
    await at.one(service.close_boxes, closings=[Closing(key)])
    await at.one(service.scan_items, scans=[Scan(key, "TEA")])
    assert await at.refused(service.scan_items, scans=[Scan(key, "TEA")]) == "too_many_scanned"
    await at.one(service.close_boxes, closings=[Closing(key)])
    found = await at.only(order_id)
    assert [sum(y.quantity for y in x.lines) for x in found.parcels] == [2, 1]
    assert found.status == "packed"


async def test_what_is_unpacked_can_be_scanned_again(at: Floor) -> None:
    key = await released(at, ("TEA", 1))
    await at.one(service.scan_items, scans=[Scan(key, "TEA")])
    parcel_id = await at.one(service.close_boxes, closings=[Closing(key)])
    await at.one(service.unpack_parcels, wishes=[Unpack(parcel_id)])
    await at.one(service.scan_items, scans=[Scan(key, "TEA")])
    await at.one(service.close_boxes, closings=[Closing(key)])


async def test_what_is_canceled_meanwhile_must_leave_the_box(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    key = (await at.only(order_id)).fulfillment_id
    await at.one(service.pick_lines, picks=[Pick(key, 1, 1)])
    await at.act(service.scan_items, scans=[Scan(key, "TEA"), Scan(key, "TEA")])
    await at.act(orders.cancel_orders, requests=[CancelRequest(order_id, reason="customer")])
    assert await at.refused(service.close_boxes, closings=[Closing(key)]) != ""
    assert await at.refused(service.scan_items, scans=[Scan(key, "TEA")]) == "work_stopped"


async def test_notes_are_read_before_the_box_is_closed(at: Floor) -> None:
    order_id = await at.place(("TEA", 1), notes=(NewNote(kind="packaging", text="A ribbon."),))
    key = (await at.only(order_id)).fulfillment_id
    await at.one(service.scan_items, scans=[Scan(key, "TEA")])
    assert await at.refused(service.close_boxes, closings=[Closing(key)]) == "notes_unread"
    await at.one(service.acknowledge_notes, wishes=[Acknowledgement(key)])
    await at.one(service.close_boxes, closings=[Closing(key, key="c1")])
    await at.one(service.close_boxes, closings=[Closing(key, key="c1")])


async def test_a_box_is_of_a_kind_in_use(at: Floor) -> None:
    key = await released(at, ("TEA", 1))
    await at.one(service.scan_items, scans=[Scan(key, "TEA")])
    assert await at.refused(service.close_boxes, closings=[Closing(key, box="M")]) == "unknown_box"
    medium = PackingBox("M", "Medium", 300, 200, 150, 120)
    assert (await at.act(service.save_box, box=medium)).version == 1
    assert (await at.act(service.save_box, box=medium)).version == 1
    assert (await at.act(service.save_box, box=medium._replace(tare_g=130))).version == 2
    parcel_id = await at.one(service.close_boxes, closings=[Closing(key, 400, "M")])
    assert (await at.parcel(parcel_id)).box == "M"


async def test_two_scanners_at_one_box_never_overfill_it(at: Floor) -> None:
    key = await released(at, ("TEA", 3))
    outcomes = await asyncio.gather(*(at.act(service.scan_items, scans=[Scan(key, "TEA")]) for _ in range(5)))
    assert sorted(isinstance(x, Refusal) for (x,) in outcomes) == [False] * 3 + [True] * 2
    assert await box_of(at, key) == ["TEA"] * 3


async def test_a_paper_is_printed_again_only_for_a_reason(at: Floor) -> None:
    parcel_id = await at.packed(await at.place(("TEA", 1)))
    await at.one(service.record_prints, prints=[Print(parcel_id, "label")])
    await at.one(service.record_prints, prints=[Print(parcel_id, "packing_slip")])
    assert await at.refused(service.record_prints, prints=[Print(parcel_id, "label")]) == "already_printed"
    await at.one(service.record_prints, prints=[Print(parcel_id, "label", "jammed")])
    async with at.db.read(at.scope) as tx:
        (printed,) = (await tx.load_one(queries.prints([parcel_id]))).values()
    assert [(x.document, x.reason) for x in printed] == [("label", None), ("label", "jammed"), ("packing_slip", None)]


async def test_what_people_tell_of_a_parcel_is_followed(at: Floor) -> None:
    numbered = await at.shipped(await at.place(("TEA", 1)))
    plain = await at.packed(await at.place(("TEA", 1)))
    assert await at.refused(service.report_parcels, reports=[Report(plain, "failed")]) == "parcel_not_under_way"
    await at.one(service.ship_parcels, wishes=[Ship(plain)])
    for parcel_id in (numbered, plain):
        await at.one(service.report_parcels, reports=[Report(parcel_id, "failed", place="Beijing", text="Nobody home")])
        assert (await at.parcel(parcel_id)).state == "failed"
    early = at.db.clock.now().replace(year=2020)
    assert await at.refused(service.report_parcels, reports=[Report(plain, "returned", early)]) == "moment_out_of_range"
    await at.one(service.report_parcels, reports=[Report(plain, "delivered")])
    assert (await at.parcel(plain)).state == "delivered"
    assert await at.refused(service.report_parcels, reports=[Report(UUID(int=7), "failed")]) == "parcel_not_found"
