import asyncio

import pytest
import sqlalchemy as sa

from jiedan.base import ids
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Rejections, StaleVersion
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import errors, queries, service
from jiedan.catalog import tables as t
from jiedan.catalog.values import (
    AlternateBarcode,
    Category,
    CategoryId,
    Component,
    KitPart,
    Option,
    OrderQuantity,
    Price,
    PriceTier,
    ProductDraft,
    ProductStatus,
    Refused,
    Saved,
    SkuDraft,
    SkuKind,
)
from tests.catalog.factories import goods, kit, saved, shirt, sku


async def test_what_is_saved_is_read_back_whole(db: Database, scope: Scope) -> None:
    draft = ProductDraft(
        code="T",
        name="T-shirt",
        description="Cotton.\nWarm.",
        tax_class="reduced",
        brand="Lu Yu",
        tags=("summer", "cotton"),
        options=(Option("Color", ("Red", "Blue")), Option("Size", ("S",))),
        skus=(
            sku("T-R", option_values=("Red", "S"), barcode="036000291452", weight_g=180, length_mm=300, width_mm=200),
            sku("T-B", option_values=("Blue", "S"), is_active=False, prices=(Price("EUR", 900, 10), Price("EUR", 999))),
        ),
    )
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, draft)
    async with db.read(scope) as tx:
        product = await queries.product(tx, product_id=done.product_id)
    assert (product.name, product.description, product.tax_class) == ("T-shirt", "Cotton.\nWarm.", "reduced")
    assert (product.brand, product.tags) == ("Lu Yu", ("cotton", "summer"))
    assert product.options == draft.options
    red, blue = product.skus
    assert (red.code, red.barcode) == ("T-R", "0036000291452")
    assert (red.weight_g, red.length_mm, red.width_mm, red.height_mm) == (180, 300, 200, None)
    assert (blue.code, blue.is_active, blue.position) == ("T-B", False, 1)
    assert blue.prices == (Price("EUR", 999), Price("EUR", 900, 10))
    async with db.begin(scope) as tx:
        await saved(tx, ProductDraft(code="T", brand="Tea & Co", tags=()))
    async with db.read(scope) as tx:
        product = await queries.product(tx, product_id=done.product_id)
    assert (product.name, product.brand, product.tags, product.version) == ("T-shirt", "Tea & Co", (), 2)


async def test_prices_and_kits_reach_placement(db: Database, scope: Scope) -> None:
    tiers = (Price("CNY", 1_000), Price("CNY", 900, 10), Price("EUR", 130))
    async with db.begin(scope) as tx:
        await saved(
            tx,
            goods("A", skus=(sku("A", prices=tiers, weight_g=5),)),
            goods("S", kind=SkuKind.service),
            kit("K", ("A", 3)),
            shirt("T"),
        )
    async with db.read(scope) as tx:
        skus, prices = await tx.load(
            queries.sellable_skus(["A", "K", "S", "T-RED-M", "?"]), queries.price_tiers(["A", "K", "S"], ["CNY", "USD"])
        )
        by_id = await tx.load_one(queries.skus_by_id([found.sku_id for found in skus.values()]))
        offers = await tx.load_one(queries.offers(["A", "K", "S", "T-RED-M", "?"]))
        every_price = await tx.load_one(queries.price_tiers(["A", "K", "S", "T-RED-M"]))
    assert offers == (skus, every_price)
    assert set(every_price) == {*prices, ("A", "EUR")}
    assert set(skus) == {"A", "K", "S", "T-RED-M"}
    assert skus["A"].components == ()
    assert (skus["A"].weight_g, skus["A"].kind, skus["A"].is_active) == (5, SkuKind.goods, True)
    assert skus["K"].components == (Component(skus["A"].sku_id, 3),)
    assert skus["T-RED-M"].name == "Shirt – Red / M"
    assert prices == {
        ("A", "CNY"): (PriceTier(1, 1_000), PriceTier(10, 900)),
        ("K", "CNY"): (PriceTier(1, 1_000),),
        ("S", "CNY"): (PriceTier(1, 1_000),),
    }
    assert {found.code for found in by_id.values()} == set(skus)


async def test_in_which_quantities_a_sku_is_ordered_reaches_placement(db: Database, scope: Scope) -> None:
    limits = {"order_minimum": 12, "order_maximum": 60, "order_step": 3, "order_pack": 6}
    async with db.begin(scope) as tx:
        (done, _) = await saved(tx, goods("A", skus=(sku("A", **limits),)), goods("B"))
    async with db.read(scope) as tx:
        offers = await tx.load_one(queries.offers(["A", "B"]))
        by_code = await tx.load_one(queries.sellable_skus(["A", "B"]))
    assert (offers.skus["A"].quantities, offers.skus["B"].quantities) == (OrderQuantity(12, 60, 3, 6), None)
    assert offers.skus == by_code
    async with db.begin(scope) as tx:
        await saved(tx, goods("A", skus=(SkuDraft(code="A", order_maximum=0, order_pack=1),)))
    async with db.read(scope) as tx:
        product = await queries.product(tx, product_id=done.product_id)
    assert product.skus[0].quantities == OrderQuantity(12, 0, 3, 1)


@pytest.mark.parametrize(
    "limits",
    [
        {"order_minimum": -1},
        {"order_step": 0},
        {"order_pack": 1_000_000_001},
        {"order_minimum": 5, "order_maximum": 4},
        {"order_step": 5, "order_maximum": 4},
        {"order_minimum": 5, "order_step": 4, "order_pack": 2},
    ],
)
async def test_the_database_keeps_no_limits_that_leave_nothing(
    db: Database, scope: Scope, limits: dict[str, int]
) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, goods("A"))
    with pytest.raises(sa.exc.IntegrityError, match="ck_sku_order_"):
        async with db.begin(scope) as tx:
            await tx.execute(sa.update(t.Sku).where(t.Sku.tenant_id == tx.tenant).values(**limits))


async def test_only_what_may_be_sold_is_active(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, goods("A"), goods("D", status=ProductStatus.draft), goods("P"), kit("K", ("A", 1), ("P", 1)))
        await saved(tx, ProductDraft(code="A", skus=(SkuDraft(code="A", is_active=False),)))
    async with db.read(scope) as tx:
        skus = await tx.load_one(queries.sellable_skus(["A", "D", "P", "K"]))
    assert {code: found.is_active for code, found in skus.items()} == {"A": False, "D": False, "P": True, "K": False}
    assert len(skus["K"].components) == 2


async def test_every_field_survives_an_edit_of_another(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await service.create_category(tx, code="fruit", name="Fruit")
        (done,) = await saved(
            tx, goods("A", category="fruit", skus=(sku("A", barcode="96385074", weight_g=1, length_mm=2),))
        )
    async with db.begin(scope) as tx:
        before = await queries.product(tx, product_id=done.product_id)
        await saved(tx, ProductDraft(code="A", name="Renamed"))
        after = await queries.product(tx, product_id=done.product_id)
    assert after.name == "Renamed"
    assert (after.skus, after.category, after.version) == (before.skus, "fruit", 2)


async def test_saving_again_writes_nothing(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    drafts = [goods("A"), kit("K", ("A", 2)), shirt("T")]
    async with db.begin(scope) as tx:
        await saved(tx, *drafts)
    with recorder.watching() as sent:
        async with db.begin(scope) as tx:
            outcomes = await saved(tx, *drafts)
    assert {outcome.outcome for outcome in outcomes} == {"unchanged"}
    assert not [text for text in sent if text.startswith(("UPDATE", "DELETE", "INSERT INTO event", "INSERT INTO sku"))]


async def test_what_a_list_calls_active_is_what_placement_may_sell(db: Database, scope: Scope) -> None:
    changes: tuple[ProductDraft, ...] = (
        goods("P"),
        goods("Q", skus=(sku("Q1"),)),
        kit("K", ("P", 1), ("Q1", 2)),
        ProductDraft(code="P", status=ProductStatus.draft),
        ProductDraft(code="P", status=ProductStatus.archived),
        ProductDraft(code="P", status=ProductStatus.active),
        ProductDraft(code="Q", skus=(SkuDraft(code="Q1", is_active=False),)),
        ProductDraft(code="K", skus=(SkuDraft(code="K", parts=(KitPart("P", 1),)),)),
        ProductDraft(code="K", status=ProductStatus.draft),
    )
    seen = []
    for change in changes:
        async with db.begin(scope) as tx:
            await saved(tx, change)
            sold = await tx.load_one(queries.sellable_skus(["P", "Q1", "K"]))
            rows = await tx.execute(sa.select(t.Sku.code, t.Sku.may_be_sold).where(t.Sku.tenant_id == tx.tenant))
            stored = {row.code: row.may_be_sold for row in rows}
        assert {code: found.is_active for code, found in sold.items()} == stored, change
        seen.append("".join(sorted(code[0] for code, may in stored.items() if may)))
    assert seen == ["P", "PQ", "KPQ", "KQ", "Q", "KPQ", "P", "KP", "P"]


async def test_the_statement_count_does_not_depend_on_the_batch(
    db: Database, scope: Scope, other_tenant: ids.TenantId, recorder: StatementRecorder
) -> None:
    def batch(count: int) -> list[ProductDraft]:
        shirts = [shirt(f"T{n}") for n in range(count)]
        kits = [kit(f"K{n}", (f"T{n}-RED-S", 1)) for n in range(count)]
        return [draft for pair in zip(shirts, kits, strict=True) for draft in pair]

    counts = []
    for where, size in ((scope, 1), (Scope(other_tenant), 100)):
        async with db.begin(where) as tx:
            await saved(tx, *batch(size))
        edits = [
            ProductDraft(
                code=f"T{n}",
                name="New name",
                options=(Option("Color", ("Red", "Blue", "Green")), Option("Size", ("S", "M"))),
                skus=(
                    SkuDraft(code=f"T{n}-RED-S", prices=(Price("CNY", 1),), weight_g=3),
                    sku(f"N{n}", option_values=("Green", "S")),
                ),
            )
            for n in range(size)
        ] + [kit(f"K{n}", (f"T{n}-RED-M", 2)) for n in range(size)]
        with recorder.watching() as sent:
            async with db.begin(where) as tx:
                await saved(tx, *edits)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 24


async def test_more_than_a_batch_is_refused(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        with pytest.raises(errors.LimitExceeded):
            await service.upsert_products(tx, products=[goods(str(n)) for n in range(201)])


async def test_variants_and_barcodes_may_swap_in_one_save(db: Database, scope: Scope) -> None:
    options = (Option("Size", ("S", "M")),)
    async with db.begin(scope) as tx:
        pair = (
            sku("X", option_values=("S",), barcode="96385074"),
            sku("Y", option_values=("M",), barcode="4006381333931"),
        )
        (done,) = await saved(tx, goods("A", options=options, skus=pair))
    async with db.begin(scope) as tx:
        pair = (
            sku("X", option_values=("M",), barcode="4006381333931"),
            sku("Y", option_values=("S",), barcode="96385074"),
        )
        await saved(tx, goods("A", options=options, skus=pair))
        product = await queries.product(tx, product_id=done.product_id)
    assert [(s.code, s.option_values, s.barcode) for s in product.skus] == [
        ("X", ("M",), "4006381333931"),
        ("Y", ("S",), "96385074"),
    ]


async def test_other_barcodes_move_between_skus_in_one_save(db: Database, scope: Scope) -> None:
    carton, pair = AlternateBarcode(12, "14006381333938"), AlternateBarcode(2, "DUO")
    async with db.begin(scope) as tx:
        one, other = await saved(
            tx,
            goods("A", skus=(sku("A", barcode="96385074", alternate_barcodes=(carton, pair)),)),
            goods("B", skus=(sku("B", barcode="4006381333931"),)),
        )
    async with db.begin(scope) as tx:
        moved = (AlternateBarcode(1, "96385074"), carton)
        changed = await saved(
            tx,
            ProductDraft(code="A", skus=(SkuDraft(code="A", barcode="DUO", alternate_barcodes=()),)),
            ProductDraft(code="B", skus=(SkuDraft(code="B", alternate_barcodes=moved),)),
        )
        assert [each.changed for each in changed] == [
            ("skus[A].barcode", "skus[A].alternate_barcodes"),
            ("skus[B].alternate_barcodes",),
        ]
    async with db.begin(scope) as tx:
        (first,) = (await queries.product(tx, product_id=one.product_id)).skus
        (second,) = (await queries.product(tx, product_id=other.product_id)).skus
        again = await saved(tx, ProductDraft(code="B", skus=(SkuDraft(code="B", alternate_barcodes=moved[::-1]),)))
    assert first.barcodes == ("DUO",)
    assert (second.barcode, second.alternate_barcodes) == ("4006381333931", moved)
    assert again[0].outcome == "unchanged"


async def test_what_exists_elsewhere_is_refused_by_name(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, goods("A", skus=(sku("A", barcode="96385074"),)), goods("S", kind=SkuKind.service), shirt("T"))
    async with db.begin(scope) as tx:
        outcomes = await service.upsert_products(
            tx,
            products=[
                goods("B", skus=(sku("A"),)),
                goods("C", skus=(sku("C", barcode="96385074"),)),
                kit("K", ("S", 1)),
                kit("L", ("NONE", 1)),
                goods("D", category="none"),
                ProductDraft(code="T-RED-S", name="Takes a generated code"),
            ],
        )
    codes = [[r.code for r in outcome.reasons] for outcome in outcomes if isinstance(outcome, Refused)]
    assert codes == [
        ["sku_code_taken"],
        ["barcode_taken"],
        ["part_not_goods"],
        ["unknown_part"],
        ["unknown_category"],
        ["sku_code_taken"],
    ]


async def test_one_draft_raises_its_reasons(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        with pytest.raises(errors.ValueMissing) as one:
            await service.save_product(tx, product=ProductDraft(code="A"))
        assert one.value.field == "name"
        with pytest.raises(Rejections) as several:
            await service.save_product(tx, product=goods("A", tax_class="?", category="none", name=""))
        assert [r.field for r in several.value.reasons] == ["name", "tax_class", "category"]


async def test_a_sku_is_edited_alone_and_a_stale_edit_says_who_was_faster(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("A"))
        (found,) = (await queries.product(tx, product_id=done.product_id)).skus
    async with db.begin(scope) as tx:
        product, edited = await service.edit_sku(
            tx, sku_id=found.sku_id, changes=SkuDraft(code="", weight_g=70, expected_version=1)
        )
    assert (product.version, edited.version, edited.weight_g) == (1, 2, 70)
    async with db.begin(scope) as tx:
        with pytest.raises(StaleVersion) as stale:
            await service.edit_sku(tx, sku_id=found.sku_id, changes=SkuDraft(code="", weight_g=80, expected_version=1))
        assert (stale.value.changed_by, stale.value.changed) == ("jiedan", "skus[A].weight_g")
        with pytest.raises(errors.BarcodeInvalid) as refused:
            await service.edit_sku(tx, sku_id=found.sku_id, changes=SkuDraft(code="", barcode="123"))
        assert refused.value.field == "barcode"
        with pytest.raises(errors.SkuNotFound):
            await service.edit_sku(tx, sku_id=tx.new_id(), changes=SkuDraft(code="", weight_g=80))


async def test_missing_variants_are_generated(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, shirt("T"))
        more = ProductDraft(code="T", options=(Option("Size", ("L",)),), extends_options=True)
        await saved(tx, more)
        outcome = await service.generate_variants(tx, product_id=done.product_id)
        again = await service.generate_variants(tx, product_id=done.product_id)
        product = await queries.product(tx, product_id=done.product_id)
    assert outcome.outcome == "updated"
    assert again.outcome == "unchanged"
    assert sorted(s.code for s in product.skus) == [
        f"T-{color}-{size}" for color in ("BLUE", "RED") for size in ("L", "M", "S")
    ]


async def test_prices_of_many_skus_are_set_by_code(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, goods("A"), shirt("T"))
        outcomes = await service.price_skus(
            tx,
            skus=[
                SkuDraft(code="T-RED-S", prices=(Price("CNY", 5),)),
                SkuDraft(code="NONE", prices=()),
                SkuDraft(code="T-RED-M", prices=(Price("CNY", 6),)),
                SkuDraft(code="A", prices=(Price("CNY", -1),)),
            ],
        )
        tiers = await tx.load_one(queries.price_tiers(["T-RED-S", "T-RED-M", "A"], ["CNY"]))
    assert [(o.code, isinstance(o, Saved)) for o in outcomes] == [
        ("T-RED-S", True),
        ("NONE", False),
        ("T-RED-M", True),
        ("A", False),
    ]
    refused = outcomes[3]
    assert isinstance(refused, Refused)
    assert refused.reasons[0].field == "prices[0].unit_minor"
    assert tiers[("T-RED-S", "CNY")] == (PriceTier(1, 5),)
    assert tiers[("A", "CNY")] == (PriceTier(1, 1_000),)


async def test_two_writers_of_one_code_take_turns(db: Database, scope: Scope) -> None:
    async def write(name: str) -> str:
        async with db.begin(scope) as tx:
            (outcome,) = await saved(tx, goods("A", name=name))
            await asyncio.sleep(0.02)
            return outcome.outcome

    outcomes = await asyncio.gather(*(write(f"Name {n}") for n in range(6)))
    assert sorted(outcomes) == ["created", *["updated"] * 5]


async def test_two_moves_cannot_close_a_circle(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        one = await service.create_category(tx, code="one", name="One")
        two = await service.create_category(tx, code="two", name="Two")

    async def move(category: Category, parent: Category) -> bool:
        async with db.begin(scope) as tx:
            try:
                await service.edit_category(
                    tx,
                    category_id=category.category_id,
                    name=category.name,
                    parent=parent.category_id,
                    position=0,
                )
            except errors.CategoryCycle:
                return False
            return True

    assert sorted(await asyncio.gather(move(one, two), move(two, one))) == [False, True]


async def test_categories_are_created_moved_and_removed(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        root = await service.create_category(tx, code="food", name="Food")
        leaf = await service.create_category(tx, code="fruit", name="Fruit", parent=root.category_id)
        assert leaf.path == ("Food", "Fruit")
        await saved(tx, goods("A", category="fruit"))
        with pytest.raises(errors.CategoryCodeTaken):
            await service.create_category(tx, code="fruit", name="Again")
        with pytest.raises(errors.UnknownCategory):
            await service.create_category(tx, code="x", name="X", parent=CategoryId(tx.new_id()))
    async with db.begin(scope) as tx:
        with pytest.raises(errors.CategoryNotEmpty) as full:
            await service.remove_category(tx, category_id=leaf.category_id)
        assert (full.value.categories, full.value.products) == (0, 1)
        moved = await service.edit_category(
            tx, category_id=leaf.category_id, name="Fruits", parent=None, position=3, expected_version=1
        )
        assert (moved.path, moved.version) == (("Fruits",), 2)
    async with db.begin(scope) as tx:
        with pytest.raises(StaleVersion) as stale:
            await service.edit_category(
                tx, category_id=leaf.category_id, name="F", parent=None, position=3, expected_version=1
            )
        assert stale.value.changed == "name, parent_id, position"
        await service.remove_category(tx, category_id=root.category_id)
        with pytest.raises(errors.CategoryNotFound):
            await service.remove_category(tx, category_id=root.category_id)
        assert [c.code for c in await queries.categories(tx)] == ["fruit"]


async def test_pictures_keep_their_order(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        (done, other) = await saved(tx, goods("A"), goods("B"))
        added = [
            await service.add_image(
                tx,
                product_id=done.product_id,
                storage_key=f"key-{n}",
                media_type="image/jpeg",
                width_px=10,
                height_px=10,
                size_bytes=100,
            )
            for n in range(3)
        ]
        first, second, third = (image.image_id for image in added)
        placed = await service.arrange_images(tx, product_id=done.product_id, image_ids=[third, first])
        assert [image.image_id for image in placed] == [third, first, second]
        with pytest.raises(errors.ImageNotFound):
            await service.arrange_images(tx, product_id=other.product_id, image_ids=[first])
        with pytest.raises(errors.Repeated):
            await service.arrange_images(tx, product_id=done.product_id, image_ids=[first, first])
        told = await service.describe_image(tx, image_id=first, alt_text="A shirt")
        assert (told.alt_text, (await queries.image(tx, image_id=first)).alt_text) == ("A shirt", "A shirt")
        await service.remove_image(tx, image_id=first)
        with pytest.raises(errors.ImageNotFound):
            await service.describe_image(tx, image_id=first, alt_text="A shirt")
        with pytest.raises(errors.ImageNotFound):
            await service.remove_image(tx, image_id=first)
        assert len(await queries.images(tx, product_id=done.product_id)) == 2


async def test_another_merchants_catalog_does_not_show(db: Database, scope: Scope, other_tenant: ids.TenantId) -> None:
    async with db.begin(scope) as tx:
        (done,) = await saved(tx, goods("A", skus=(sku("A", barcode="96385074"),)))
    async with db.begin(Scope(other_tenant)) as tx:
        await saved(tx, goods("A", skus=(sku("A", barcode="96385074"),)))
        with pytest.raises(errors.ProductNotFound):
            await queries.product(tx, product_id=done.product_id)
        assert (await saved(tx, kit("K", ("A", 1))))[0].outcome == "created"


async def test_a_part_list_is_read_with_its_codes(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        *_, done = await saved(tx, goods("B"), goods("A"), kit("K", ("B", 2), ("A", 1)))
        product = await queries.product(tx, product_id=done.product_id)
    assert product.skus[0].parts == (KitPart("A", 1), KitPart("B", 2))
