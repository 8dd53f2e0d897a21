import dataclasses
import itertools
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base.errors import Refusal, StaleVersion
from jiedan.catalog import errors
from jiedan.catalog.rules import barcodes, drafts, plan, tree, variants, wording
from jiedan.catalog.values import (
    AlternateBarcode,
    Category,
    CategoryId,
    KitPart,
    Option,
    Price,
    Product,
    ProductDraft,
    ProductId,
    ProductStatus,
    Refused,
    Saved,
    SkuDraft,
    SkuKind,
)
from tests.catalog.factories import goods, kit, shirt, sku

NOTHING = plan.Known({}, {}, {}, frozenset())


class World:
    """A catalog without a database: what is saved is known to the next save."""

    def __init__(self) -> None:
        self.products: dict[str, Product] = {}
        self._ids = itertools.count(1)

    def save(self, *wanted: ProductDraft, categories: frozenset[str] = frozenset()) -> list[Saved | Refused]:
        skus = [(product, s) for product in self.products.values() for s in product.skus]
        known = plan.Known(
            products=self.products,
            owners={s.code: plan.Owner(s.code, product.code, product.kind) for product, s in skus},
            barcodes={barcode: s.code for _, s in skus for barcode in s.barcodes},
            categories=categories,
        )
        outcomes, changed = plan.plan(wanted, known, lambda: UUID(int=next(self._ids)))
        self.products = {**self.products, **changed}
        return outcomes

    def reasons(self, *wanted: ProductDraft) -> list[Refusal]:
        outcome = self.save(*wanted)[-1]
        assert isinstance(outcome, Refused), outcome
        return list(outcome.reasons)


@pytest.fixture
def world() -> World:
    return World()


def digits_with_check(payload: str) -> str:
    return next(payload + str(d) for d in range(10) if barcodes.has_check_digit(payload + str(d)))


@pytest.mark.parametrize("gtin", ["4006381333931", "6901234567892", "96385074", "10012345000017"])
def test_a_gtin_with_a_right_check_digit_is_kept(gtin: str) -> None:
    assert barcodes.canonical_barcode(gtin) == gtin


@pytest.mark.parametrize("text", ["4006381333932", "123456", "1234567890123456", "", "   ", "ab c", "条码", "12-3"])
def test_what_is_no_barcode_is_refused(text: str) -> None:
    assert barcodes.canonical_barcode(text) is None


def test_a_upc_a_and_its_longer_forms_are_one_barcode() -> None:
    forms = ["036000291452", "0036000291452", "00036000291452", " 0 36000 29145 2 "]
    assert {barcodes.canonical_barcode(form) for form in forms} == {"0036000291452"}


def test_a_code_of_the_merchants_own_has_a_letter() -> None:
    assert barcodes.canonical_barcode(" shelf-12 ") == "SHELF-12"


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(payload: str, place: int, shift: int) -> None:
    right = digits_with_check(payload)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    assert barcodes.has_check_digit(right)
    assert not barcodes.has_check_digit(wrong)


choices = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=5, unique=True).map(tuple)
option_lists = st.lists(st.tuples(st.text(min_size=1, max_size=5), choices), max_size=4, unique_by=lambda o: o[0]).map(
    lambda pairs: tuple(Option(*pair) for pair in pairs)
)


@given(option_lists)
def test_the_matrix_has_every_variant_once(options: tuple[Option, ...]) -> None:
    matrix = variants.option_matrix(options)
    assert len(matrix) == len(set(matrix)) == variants.variant_count(options)
    assert all(len(variant) == len(options) for variant in matrix)
    for place, option in enumerate(options):
        assert {variant[place] for variant in matrix} == set(option.choices)


@given(option_lists)
def test_generated_variants_have_codes_of_their_own_and_generating_again_adds_none(options: tuple[Option, ...]) -> None:
    blank = Product(product_id=ProductId(plan.NIL), code="P", name="P", options=options)
    missing = plan.missing_variants(blank)
    codes = [draft.code for draft in missing]
    assert len(set(codes)) == len(codes) == variants.variant_count(options)
    world = World()
    world.products["P"] = blank
    assert isinstance(world.save(ProductDraft(code="P", skus=missing))[0], Saved | Refused)
    whole = world.products["P"]
    if whole.skus:
        assert plan.missing_variants(whole) == ()


def test_chinese_choices_become_pinyin_in_codes() -> None:
    assert variants.variant_code("T1", ("红色", "XL"), ()) == "T1-HONGSE-XL"
    assert variants.variant_code("T1", ("红色", "XL"), {"T1-HONGSE-XL"}) == "T1-HONGSE-XL-2"


def test_a_new_product_without_skus_gets_one_of_its_own_code(world: World) -> None:
    (outcome,) = world.save(ProductDraft(code="A", name="Apple"))
    assert isinstance(outcome, Saved)
    assert outcome.outcome == "created"
    assert [s.code for s in world.products["A"].skus] == ["A"]


def test_saving_the_same_again_changes_nothing(world: World) -> None:
    world.save(shirt("T"))
    before = world.products["T"]
    assert world.save(shirt("T")) == [Saved(before.product_id, "T", "unchanged", 1)]
    assert world.products["T"] is before


def test_a_price_change_counts_up_the_sku_and_not_the_product(world: World) -> None:
    world.save(goods("A"))
    (outcome,) = world.save(goods("A", skus=(sku("A", prices=(Price("CNY", 900),)),)))
    assert isinstance(outcome, Saved)
    assert outcome.changed == ("skus[A].prices",)
    assert (world.products["A"].version, world.products["A"].skus[0].version) == (1, 2)


def test_prices_replace_their_own_currency_only(world: World) -> None:
    world.save(goods("A", skus=(sku("A", prices=(Price("CNY", 900), Price("CNY", 800, 10), Price("EUR", 120))),)))
    world.save(goods("A", skus=(sku("A", prices=(Price("CNY", 700),)),)))
    assert world.products["A"].skus[0].prices == (Price("CNY", 700), Price("EUR", 120))
    world.save(goods("A", skus=(sku("A", prices=()),)))
    assert not world.products["A"].skus[0].prices


def test_what_is_not_given_stays(world: World) -> None:
    world.save(goods("A", description="Fresh.", skus=(sku("A", barcode="4006381333931", weight_g=250),)))
    world.save(ProductDraft(code="A", name="Better apple"))
    product = world.products["A"]
    assert (product.name, product.description) == ("Better apple", "Fresh.")
    assert (product.skus[0].barcode, product.skus[0].weight_g) == ("4006381333931", 250)


def test_a_brand_and_tags_are_kept_plain_and_replaced_whole(world: World) -> None:
    world.save(goods("A", brand=" Lu Yu ", tags=("spring", " organic")))
    assert (world.products["A"].brand, world.products["A"].tags) == ("Lu Yu", ("organic", "spring"))
    (same,) = world.save(ProductDraft(code="A", tags=("spring", "organic")))
    (other,) = world.save(ProductDraft(code="A", brand="", tags=("new",)))
    assert isinstance(same, Saved)
    assert isinstance(other, Saved)
    assert (same.outcome, other.changed) == ("unchanged", ("brand", "tags"))
    assert (world.products["A"].brand, world.products["A"].tags) == ("", ("new",))


def test_every_reason_is_named_with_its_field(world: World) -> None:
    wrong = ProductDraft(
        code="",
        name=" ",
        tax_class="Full VAT",
        brand="Lu, Yu",
        tags=("tea", " ", "tea", "a；b"),
        options=(Option("Color", ()), Option("Color", ("Red", "Red"))),
        skus=(
            SkuDraft(code="A", barcode="4006381333932", weight_g=-1, prices=(Price("XYZ", -1, 0),)),
            SkuDraft(code="A"),
        ),
    )
    assert [(reason.code, reason.field) for reason in world.reasons(wrong)] == [
        ("value_missing", "code"),
        ("value_missing", "name"),
        ("tax_class_invalid", "tax_class"),
        ("character_refused", "brand"),
        ("repeated", "tags[2]"),
        ("value_missing", "tags[1]"),
        ("character_refused", "tags[3]"),
        ("repeated", "options[1].name"),
        ("value_missing", "options[0].choices"),
        ("repeated", "options[1].choices[1]"),
        ("repeated", "skus[1].code"),
        ("barcode_invalid", "skus[0].barcode"),
        ("out_of_range", "skus[0].weight_g"),
        ("unknown_currency", "skus[0].prices[0].currency"),
        ("out_of_range", "skus[0].prices[0].unit_minor"),
        ("out_of_range", "skus[0].prices[0].min_quantity"),
    ]


def test_control_characters_are_refused(world: World) -> None:
    assert [r.code for r in world.reasons(goods("A", name="Ap\x00ple"))] == ["character_refused"]


def test_a_barcode_belongs_to_one_sku(world: World) -> None:
    world.save(goods("A", skus=(sku("A", barcode="036000291452"),)))
    (reason,) = world.reasons(goods("B", skus=(sku("B", barcode="0036000291452"),)))
    assert isinstance(reason, errors.BarcodeTaken)
    assert (reason.sku, reason.field) == ("A", "skus[0].barcode")


def test_no_two_skus_share_any_of_their_barcodes(world: World) -> None:
    world.save(goods("A", skus=(sku("A", alternate_barcodes=(AlternateBarcode(12, "14006381333938"),)),)))
    (reason,) = world.reasons(goods("B", skus=(sku("B", barcode="14006381333938"),)))
    assert isinstance(reason, errors.BarcodeTaken)
    assert (reason.sku, reason.field) == ("A", "skus[0].barcode")
    both = (AlternateBarcode(1, "96385074"), AlternateBarcode(6, "14006381333938"))
    (reason,) = world.reasons(goods("B", skus=(sku("B", alternate_barcodes=both),)))
    assert (reason.code, reason.field) == ("barcode_taken", "skus[0].alternate_barcodes")
    world.save(
        goods("A", skus=(sku("A", alternate_barcodes=()),)), goods("B", skus=(sku("B", alternate_barcodes=both),))
    )
    assert world.products["B"].skus[0].barcodes == ("96385074", "14006381333938")
    (reason,) = world.reasons(ProductDraft(code="B", skus=(SkuDraft(code="B", barcode="96385074"),)))
    assert (reason.code, reason.field) == ("repeated", "skus[0].alternate_barcodes")


def test_other_barcodes_are_read_one_by_one(world: World) -> None:
    given = tuple(
        AlternateBarcode(quantity, code) for quantity, code in ((0, "036000291452"), (1, "0036000291452"), (1, "12"))
    )
    assert [(r.code, r.field) for r in world.reasons(goods("A", skus=(sku("A", alternate_barcodes=given),)))] == [
        ("repeated", "skus[0].alternate_barcodes[1].barcode"),
        ("out_of_range", "skus[0].alternate_barcodes[0].quantity"),
        ("barcode_invalid", "skus[0].alternate_barcodes[2].barcode"),
    ]
    many = tuple(AlternateBarcode(n, f"SHELF-{n}") for n in range(1, drafts.ALTERNATE_BARCODES_PER_SKU_MAX + 2))
    assert [r.code for r in world.reasons(goods("A", skus=(sku("A", alternate_barcodes=many),)))] == ["limit_exceeded"]


def test_two_skus_of_one_draft_cannot_share_a_barcode(world: World) -> None:
    options = (Option("Size", ("S", "M")),)
    pair = tuple(sku(size, option_values=(size,), barcode="96385074") for size in ("S", "M"))
    assert [r.code for r in world.reasons(goods("A", options=options, skus=pair))] == ["barcode_taken"]


def test_a_barcode_may_move_when_the_first_sku_lets_go_of_it_before(world: World) -> None:
    world.save(goods("A", skus=(sku("A", barcode="96385074"),)), goods("B"))
    outcomes = world.save(
        ProductDraft(code="A", skus=(SkuDraft(code="A", barcode=None),)),
        ProductDraft(code="B", skus=(SkuDraft(code="B", barcode="96385074"),)),
    )
    assert all(isinstance(outcome, Saved) for outcome in outcomes)
    assert world.products["B"].skus[0].barcode == "96385074"


def test_a_sku_code_belongs_to_one_product(world: World) -> None:
    world.save(goods("A"))
    (reason,) = world.reasons(goods("B", skus=(sku("A"),)))
    assert isinstance(reason, errors.SkuCodeTaken)
    assert reason.field == "skus[0].code"


def test_a_sku_chooses_one_known_value_per_option(world: World) -> None:
    options = (Option("Color", ("Red",)), Option("Size", ("S", "M")))
    wrong = (
        sku("A1", option_values=("Red",)),
        sku("A2", option_values=("Green", "S")),
        sku("A3", option_values=("Red", "M")),
        sku("A4", option_values=("Red", "M")),
    )
    reasons = world.reasons(goods("A", options=options, skus=wrong))
    assert [(r.code, r.field) for r in reasons] == [
        ("option_values_mismatch", "skus[0].option_values"),
        ("unknown_choice", "skus[1].option_values[0]"),
        ("variant_taken", "skus[3].option_values"),
    ]


def test_a_choice_in_use_cannot_be_taken_out(world: World) -> None:
    world.save(shirt("T"))
    reasons = world.reasons(ProductDraft(code="T", options=(Option("Color", ("Red",)), Option("Size", ("S", "M")))))
    assert {r.code for r in reasons} == {"unknown_choice"}


def test_options_can_be_extended_choice_by_choice(world: World) -> None:
    world.save(shirt("T"))
    more = ProductDraft(
        code="T",
        options=(Option("Size", ("L",)),),
        extends_options=True,
        skus=(SkuDraft(code="T-RED-L", option_values=("Red", "L")),),
    )
    assert isinstance(world.save(more)[0], Saved)
    assert world.products["T"].options == (Option("Color", ("Red", "Blue")), Option("Size", ("S", "M", "L")))
    assert len(world.products["T"].skus) == 5


def test_options_that_span_too_many_variants_are_refused(world: World) -> None:
    many = tuple(str(n) for n in range(100))
    (reason,) = world.reasons(shirt("T", colors=many, sizes=many))
    assert isinstance(reason, errors.LimitExceeded)
    assert (reason.given, reason.maximum) == (10_000, drafts.SKUS_PER_PRODUCT_MAX)


def test_a_kind_does_not_change(world: World) -> None:
    world.save(goods("A"))
    assert [r.code for r in world.reasons(goods("A", kind=SkuKind.service))] == ["kind_is_fixed"]


def test_a_kit_may_name_parts_made_earlier_in_the_same_batch(world: World) -> None:
    outcomes = world.save(goods("A"), goods("B"), kit("K", ("A", 2), ("B", 1)))
    assert all(isinstance(outcome, Saved) for outcome in outcomes)
    assert world.products["K"].skus[0].parts == (KitPart("A", 2), KitPart("B", 1))


def test_a_kit_holds_goods_and_nothing_else(world: World) -> None:
    world.save(goods("A"), goods("S", kind=SkuKind.service), kit("K", ("A", 1)))
    assert [r.code for r in world.reasons(kit("K2", ("K", 1)))] == ["part_not_goods"]
    assert [r.code for r in world.reasons(kit("K2", ("S", 1)))] == ["part_not_goods"]
    assert [r.code for r in world.reasons(kit("K2", ("K2", 1)))] == ["part_not_goods"]
    assert [r.code for r in world.reasons(kit("K2", ("Z", 1)))] == ["unknown_part"]
    assert [r.code for r in world.reasons(kit("K2"))] == ["kit_without_parts"]
    assert [r.code for r in world.reasons(goods("G", skus=(sku("G", parts=(KitPart("A", 1),)),)))] == [
        "parts_only_in_kits"
    ]


def test_a_refused_draft_leaves_the_others_alone(world: World) -> None:
    first, second, third = world.save(goods("A"), goods("B", tax_class="?"), goods("C"))
    assert isinstance(first, Saved)
    assert isinstance(second, Refused)
    assert isinstance(third, Saved)
    assert set(world.products) == {"A", "C"}


def test_codes_are_taken_without_the_spaces_around_them(world: World) -> None:
    world.save(goods(" P "), kit("K", (" P ", 2)), goods("A", category=" tea "), categories=frozenset({"tea"}))
    assert world.products["K"].skus[0].parts == (KitPart("P", 2),)
    assert world.products["A"].category == "tea"


def test_create_and_update_can_be_asked_for(world: World) -> None:
    assert [r.code for r in world.reasons(goods("A", must="update"))] == ["product_not_found"]
    world.save(goods("A"))
    assert [r.code for r in world.reasons(goods("A", must="create"))] == ["product_code_taken"]


def test_a_stale_version_is_refused(world: World) -> None:
    world.save(goods("A"))
    world.save(goods("A", status=ProductStatus.archived))
    (reason,) = world.reasons(ProductDraft(code="A", name="Other", expected_version=1))
    assert isinstance(reason, StaleVersion)
    assert (reason.expected, reason.current) == (1, 2)


def node(n: int, parent: int | None) -> Category:
    parent_id = CategoryId(UUID(int=parent)) if parent else None
    return Category(CategoryId(UUID(int=n)), parent_id, f"c{n}", f"Category {n}", 0, 1, ())


@given(st.lists(st.integers(0, 20), min_size=1, max_size=20), st.integers(1, 20), st.integers(0, 20))
def test_no_accepted_move_makes_a_circle(parents: list[int], moved: int, target: int) -> None:
    nodes = {c.category_id: c for c in (node(n + 1, min(p, n)) for n, p in enumerate(parents))}
    category_id = CategoryId(UUID(int=min(moved, len(nodes))))
    parent_id = CategoryId(UUID(int=target)) if target else None
    refusal = tree.refuse_move(category_id, parent_id, nodes)
    if refusal is None:
        nodes[category_id] = dataclasses.replace(nodes[category_id], parent_id=parent_id)
        for start, placed in nodes.items():
            line, at = [], placed.parent_id
            while at is not None:
                assert at not in line
                line.append(at)
                at = nodes[at].parent_id
            if start == category_id:
                assert len(line) < tree.CATEGORY_DEPTH_MAX
    else:
        assert refusal.field == "parent_id"


def test_a_category_cannot_stand_below_itself() -> None:
    nodes = {c.category_id: c for c in (node(1, None), node(2, 1), node(3, 2))}
    refusal = tree.refuse_move(CategoryId(UUID(int=1)), CategoryId(UUID(int=3)), nodes)
    assert isinstance(refusal, errors.CategoryCycle)
    assert str(refusal).startswith("c3 stands below c1")


def test_paths_lead_from_the_root_and_parents_come_first() -> None:
    placed = tree.with_paths([node(3, 2), node(2, 1), node(1, None), node(4, None)])
    assert [c.code for c in placed] == ["c1", "c2", "c3", "c4"]
    assert placed[2].path == ("Category 1", "Category 2", "Category 3")


def test_a_sku_is_found_by_its_words_its_pinyin_and_its_codes(world: World) -> None:
    world.save(
        goods(
            "LYQ-1",
            name="红色连衣裙",
            options=(Option("尺码", ("均码",)),),
            skus=(
                sku(
                    "LYQ-1-U",
                    option_values=("均码",),
                    barcode="036000291452",
                    alternate_barcodes=(AlternateBarcode(12, "14006381333938"),),
                ),
            ),
        )
    )
    product = world.products["LYQ-1"]
    found = set(wording.sku_terms(product, product.skus[0]))
    assert {
        "红色",
        "连衣裙",
        "hongselianyiqun",
        "hslyq",
        "lyq1u",
        "lyq1",
        "0036000291452",
        "36000291452",
        "14006381333938",
        "junma",
    } <= found


def test_terms_change_with_names_and_codes_and_not_with_prices() -> None:
    assert wording.changes_terms(["name"])
    assert wording.changes_terms(["skus[A].barcode"])
    assert wording.changes_terms(["skus[A].alternate_barcodes"])
    assert wording.changes_terms(["skus[A]"])
    assert not wording.changes_terms(["skus[A].prices", "description", "status", "skus[A].weight_g"])
