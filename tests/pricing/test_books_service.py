"""Drafts are written, published as books that never change, taken back before they begin, and published again."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from jiedan.accounts import service as accounts
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal, StaleVersion, reasons_of
from jiedan.base.idempotency import KeyReused
from jiedan.catalog.values import Price, ProductDraft
from jiedan.customers import service as customer_service
from jiedan.pricing import errors, queries, service
from jiedan.pricing.errors import drafts as draft_errors
from jiedan.pricing.rules import promotions
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.drafts import DraftRule, RuleId
from jiedan.pricing.values.examples import Example, ExampleLine
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.promotions import AmountOff, BuyGet, Gift, Goods, PercentOff, Promotion, When
from jiedan.pricing.values.taxes import TaxRate
from jiedan.pricing.values.units import Surcharge
from tests.accounts.factories import merchant
from tests.catalog.factories import goods, saved, sku
from tests.customers import factories as customers

TEN_OFF = Promotion("ten", "Ten off", PercentOff(100_000), Goods(any_of=("sku:TEA",)))
SHIRTS = Promotion("shirts", "3 + 1", BuyGet(3, 1, rate_ppm=1_000_000), Goods(any_of=("sku:TEA",)))
FOUR = Example("3 + 1 free", "CNY", (ExampleLine("TEA", 4, 9_900),), total_minor=29_700, discount_minor=9_900)


@pytest.fixture
async def shop(db: Database, scope: Scope) -> Scope:
    """Return a merchant who sells tea for 99.00."""
    async with db.begin(scope) as tx:
        await merchant(tx)
        await saved(tx, goods("TEA"))
    return scope


async def _add(tx: Tx, *promotions: Promotion, examples: tuple[Example, ...] = ()) -> list[DraftRule]:
    return [await service.create_rule(tx, kind="promotion", body=one, examples=examples) for one in promotions]


async def _reasons(tx: Tx) -> list[Refusal]:
    with pytest.raises(draft_errors.CannotPublish) as refused:
        await service.publish(tx)
    return list(reasons_of(refused.value))


async def test_a_draft_is_published_and_orders_are_priced_by_it(db: Database, shop: Scope) -> None:
    cache = queries.RulesCache()
    async with db.begin(shop) as tx:
        await _add(tx, SHIRTS, examples=(FOUR,))
        assert [change.change for change in await service.unpublished(tx)] == ["added"]
        assert await service.problems(tx) == ()
        made = await service.publish(tx, note="First")
        assert await service.unpublished(tx) == ()
        in_force = await tx.load_one(queries.version_in_force(at=tx.now))
        compiled = await cache.current(tx, version=in_force, prices_include_tax=True)
        assert await cache.current(tx, version=in_force, prices_include_tax=True) is compiled
        found = await queries.book(tx, version=1)
        with pytest.raises(draft_errors.NothingToPublish):
            await service.publish(tx)
    assert (made.version, made.note, in_force, compiled.version) == (1, "First", 1, 1)
    assert [one.promotion.id for one in compiled.promotions.promotions] == ["shirts"]
    assert found.book.promotions == (SHIRTS,)
    assert list(found.examples.values()) == [(FOUR,)]


async def test_an_example_that_fails_says_what_came_out(db: Database, shop: Scope) -> None:
    wrong = Example("3 + 1 free", "CNY", (ExampleLine("TEA", 3, 9_900),), total_minor=29_600)
    async with db.begin(shop) as tx:
        await _add(tx, SHIRTS, examples=(FOUR, wrong))
        (found,) = await _reasons(tx)
        assert await tx.load_one(queries.version()) == 0
    assert isinstance(found, draft_errors.ExampleFails)
    # 3 × 99.00 without a fourth: nothing is free.
    assert (found.field, found.expected, found.got) == ("promotion:shirts.examples[1].total_minor", "296.00", "297.00")


async def test_examples_without_prices_and_rules_that_do_not_fit_are_named(db: Database, shop: Scope) -> None:
    unknown = Example("Who sells that?", "CNY", (ExampleLine("COFFEE"),), total_minor=1)
    empty = Example("", "CNY", (), total_minor=1)
    async with db.begin(shop) as tx:
        with pytest.raises(draft_errors.ExampleInvalid):
            await _add(tx, SHIRTS, examples=(empty,))
        with pytest.raises(Refusal) as bad:
            await _add(tx, Promotion("bad", "", PercentOff(2_000_000)))
        await _add(tx, SHIRTS, examples=(unknown,))
        found = await _reasons(tx)
    assert {reason.field for reason in reasons_of(bad.value)} == {"name", "offer.rate_ppm"}
    assert [(type(one), one.field) for one in found] == [
        (draft_errors.ExampleNotPriced, "promotion:shirts.examples[0]")
    ]


async def test_what_promotions_do_together_is_refused(db: Database, shop: Scope) -> None:
    twice = [Promotion(name, name, PercentOff(rate), group="sale") for name, rate in (("a", 100_000), ("b", 50_000))]
    ring = Promotion("ring", "Ring", Gift(("TEA",)), Goods(any_of=("sku:TEA",)))
    beyond = Promotion(
        "beyond", "Beyond", AmountOff({"CNY": 10_000}), Goods(any_of=("sku:TEA",)), When(min_spend={"CNY": 1})
    )
    async with db.begin(shop) as tx:
        await _add(tx, *twice, ring, beyond)
        found = await _reasons(tx)
    assert {type(one) for one in found} == {
        draft_errors.PromotionShadowed,
        draft_errors.GiftsInRing,
        draft_errors.DiscountBeyondWorth,
    }
    (excess,) = [one for one in found if isinstance(one, draft_errors.DiscountBeyondWorth)]
    assert (excess.sku, excess.quantity, excess.currency) == ("TEA", 1, "CNY")


async def test_a_total_discount_of_more_than_all_is_refused_with_a_cart(db: Database, shop: Scope) -> None:
    tea = Goods(any_of=("sku:TEA",))
    first, second = [Promotion(name, name, AmountOff({"CNY": 600}, per="unit"), tea) for name in ("a", "b")]
    async with db.begin(shop) as tx:
        _, other = await _add(tx, first, second)
        (reason,) = await _reasons(tx)
        await service.change_rule(tx, rule_id=other.rule_id, body=replace(second, offer=PercentOff(1_000_000)))
        made = await service.publish(tx)  # all of a tea for nothing is meant where it is said
    assert isinstance(reason, draft_errors.GoodsForNothing)
    # 6.00 and 6.00 off a tea for 10.00
    told = (reason.field, reason.sku, reason.quantity, reason.worth, reason.asked, reason.promotions)
    assert told == ("promotion:a", "TEA", 1, "10.00", "12.00", "a, b")
    assert made.version == 1


async def test_a_sample_costs_what_it_does_by_the_book(db: Database, shop: Scope) -> None:
    off = Promotion("off", "Off", AmountOff({"CNY": 1_050}, per="unit"), Goods(any_of=("sku:TEA",)))
    async with db.begin(shop) as tx:
        await _add(tx, off)
        assert [type(one) for one in await _reasons(tx)] == [draft_errors.GoodsForNothing]
        fine = Surcharge("fine", "sku:TEA", amounts={"CNY": 50})
        await service.create_rule(tx, kind="surcharge", body=fine)
        made = await service.publish(tx)
    assert made.version == 1  # 10.00 and 0.50 less 10.50


async def test_going_back_is_not_refused_for_goods_that_became_cheaper(db: Database, shop: Scope) -> None:
    off = Promotion("off", "Off", AmountOff({"CNY": 400}))
    async with db.begin(shop) as tx:
        (rule,) = await _add(tx, off)
        await service.publish(tx)
        await service.change_rule(tx, rule_id=rule.rule_id, body=replace(off, offer=AmountOff({"CNY": 100})))
        await service.publish(tx)
        await saved(tx, goods("PIN", skus=(sku("PIN", prices=(Price("CNY", 300),)),)))
        await service.change_rule(tx, rule_id=rule.rule_id, body=replace(off, priority=7))
        assert [type(one) for one in await _reasons(tx)] == [draft_errors.GoodsForNothing]
        made, _ = await service.roll_back(tx, version=1)
    assert made.version == 3


async def test_what_no_product_has_is_told_before_publishing(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await saved(tx, ProductDraft(code="TEA", brand="Lu Yu", tags=("spring",)))
        goods = Goods(("brand:Lu Yu", "brand:lu yu"), ("tag:spring",), ("tag:old", "category:none", "product:TEA"))
        await _add(tx, Promotion("lu", "Lu Yu", PercentOff(100_000), goods))
        found = await service.checked(tx)
        made = await service.publish(tx)
    assert found.problems == ()
    assert [(one.code, one.field, one.data()["trait"]) for one in found.warnings] == [
        ("nothing_has_trait", "promotion:lu.goods", trait) for trait in ("brand:lu yu", "tag:old", "category:none")
    ]
    assert made.version == 1


async def test_a_free_condition_on_goods_says_in_which_currency(db: Database, shop: Scope) -> None:
    def offered(id: str, expression: str, **when: Any) -> Promotion:
        return Promotion(id, id, PercentOff(100_000), when=When(expression=expression, **when))

    fine = (
        offered("said", "goods >= 100 and currency == 'CNY'"),
        offered("in_a_step", "here = currency == 'USD'; here and goods > 5"),
        offered("other", "quantity >= 3"),
        offered("spent", "goods / quantity >= 10", min_spend={"CNY": 100}),
        Promotion("off", "off", AmountOff({"CNY": 1}), when=When(expression="goods >= 100")),
    )
    any_currency = offered("any", "goods / quantity >= 10")
    async with db.begin(shop) as tx:
        await _add(tx, *fine)
        assert (await service.checked(tx)).problems == ()
        await _add(tx, any_currency)
        (found,) = await _reasons(tx)
    assert isinstance(found, draft_errors.ConditionOfAnyCurrency)
    assert (found.field, found.currencies) == ("promotion:any.when.expression", "CNY, USD")
    assert promotions.of_any_currency([*fine, any_currency], ["CNY"]) == ()


async def test_rules_are_changed_by_version_and_keep_their_code(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        (rule,) = await _add(tx, TEN_OFF)
        body = Promotion("ten", "A tenth off", PercentOff(100_000), Goods(any_of=("sku:TEA",)))
        changed = await service.change_rule(tx, rule_id=rule.rule_id, body=body, expected_version=1)
        same = await service.change_rule(tx, rule_id=rule.rule_id, body=body)
        with pytest.raises(errors.RuleCodeTaken):
            await _add(tx, TEN_OFF)
        with pytest.raises(draft_errors.RuleCodeFixed):
            await service.change_rule(tx, rule_id=rule.rule_id, body=SHIRTS)
        with pytest.raises(draft_errors.RuleCodeFixed):
            await service.change_rule(tx, rule_id=rule.rule_id, body=TaxRate("standard", 1))
        with pytest.raises(draft_errors.PriceRuleNotFound):
            await service.remove_rule(tx, rule_id=RuleId(tx.new_id()))
    with pytest.raises(StaleVersion, match="name"):
        await db.write(shop, lambda tx: service.remove_rule(tx, rule_id=rule.rule_id, expected_version=1))
    async with db.begin(shop) as tx:
        await service.remove_rule(tx, rule_id=rule.rule_id, expected_version=2)
        left = await tx.load_one(queries.draft_rules())
    assert (changed.version, same.version, left) == (2, 2, [])


async def test_a_tax_rate_moves_to_another_place(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        rule = await service.create_rule(tx, kind="tax_rate", body=TaxRate("standard", 130_000, "CN"))
        await service.create_rule(tx, kind="tax_rate", body=TaxRate("standard", 190_000, "DE"))
        moved = await service.change_rule(tx, rule_id=rule.rule_id, body=TaxRate("standard", 200_000, "FR"))
        with pytest.raises(errors.RuleCodeTaken):
            await service.change_rule(tx, rule_id=rule.rule_id, body=TaxRate("standard", 200_000, "DE"))
    assert (rule.code, moved.code, moved.version) == ("CN|||standard|tax", "FR|||standard|tax", 2)


async def test_the_same_key_adds_a_rule_once(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        first = await service.create_rule(tx, kind="promotion", body=TEN_OFF, key="once")
        again = await service.create_rule(tx, kind="promotion", body=TEN_OFF, key="once")
    assert first == again


async def test_going_back_publishes_the_old_version_again(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await _add(tx, SHIRTS, examples=(FOUR,))
        await service.publish(tx)
        await _add(tx, Promotion("mugs", "Mugs", PercentOff(100_000), Goods(any_of=("sku:MUG",))))
        await service.publish(tx)
        back, _ = await service.roll_back(tx, version=1, note="It was too much")
        (rule,) = await tx.load_one(queries.draft_rules())
        listed = await tx.load_one(queries.books())
        older = await tx.load_one(queries.books(before=2))
        with pytest.raises(draft_errors.PriceBookNotFound):
            await service.roll_back(tx, version=9)
    assert (back.version, back.restores) == (3, 1)
    assert (rule.body, rule.examples) == (SHIRTS, (FOUR,))
    assert [brief.version for brief in listed] == [3, 2, 1]
    assert [brief.version for brief in older] == [1]


async def test_the_same_key_publishes_one_version(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await _add(tx, SHIRTS, examples=(FOUR,))
        first = await service.publish(tx, note="First", key="once")
        assert await service.publish(tx, note="First", key="once") == first
        with pytest.raises(KeyReused):
            await service.publish(tx, note="Another", key="once")
        await _add(tx, Promotion("mugs", "Mugs", PercentOff(100_000), Goods(any_of=("sku:MUG",))))
        await service.publish(tx)
        back, removal_id = await service.roll_back(tx, version=1, key="once")
        assert removal_id is not None
        assert await service.roll_back(tx, version=1, key="once") == (back, None)
        assert [brief.version for brief in await tx.load_one(queries.books())] == [3, 2, 1]


async def test_a_key_that_published_nothing_is_free(db: Database, shop: Scope) -> None:
    with pytest.raises(draft_errors.NothingToPublish):
        await db.write(shop, lambda tx: service.publish(tx, key="later"))
    await db.write(shop, lambda tx: _add(tx, SHIRTS, examples=(FOUR,)))
    made = await db.write(shop, lambda tx: service.publish(tx, key="later"))
    assert made.version == 1


async def test_changes_are_discarded(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        (rule,) = await _add(tx, SHIRTS)
        await service.publish(tx)
        await _add(tx, TEN_OFF)
        await service.remove_rule(tx, rule_id=rule.rule_id)
        changed, _ = await service.discard_changes(tx)
        left = await tx.load_one(queries.draft_rules(["promotion"]))
        again = await service.discard_changes(tx)
    assert [key.code for key in changed] == ["shirts", "ten"]
    assert [found.body for found in left] == [SHIRTS]
    assert again == ([], None)


async def test_a_version_begins_later_and_is_taken_back_before(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await _add(tx, SHIRTS)
        await service.publish(tx)
        await _add(tx, TEN_OFF)
        with pytest.raises(draft_errors.BookBeginsInPast):
            await service.publish(tx, begins_at=tx.now)
        later = tx.now + timedelta(days=1)
        waits = await service.publish(tx, begins_at=later)
        now = await tx.load_one(queries.version_in_force(at=tx.now))
        then = await tx.load_one(queries.version_then(at=later))
        await _add(tx, Promotion("more", "More", PercentOff(10_000)))
        with pytest.raises(draft_errors.PriceBookWaits):
            await service.publish(tx)
        with pytest.raises(draft_errors.PriceBookWaits):
            await service.set_tax_rates(tx, rows=[service.TaxRateRow("CN", "standard", 130_000)])
        with pytest.raises(draft_errors.PriceBookBegun):
            await service.withdraw(tx, version=1)
        gone = await service.withdraw(tx, version=2)
        with pytest.raises(draft_errors.PriceBookBegun):
            await service.withdraw(tx, version=2)
        made = await service.publish(tx)
        then_again = await tx.load_one(queries.version_then(at=later))
    assert (waits.version, now, then) == (2, 1, 2)
    assert gone.withdrawn_at is not None
    assert (made.version, then_again) == (3, 3)


async def test_rates_and_fees_are_published_beside_what_is_not_finished(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await _add(tx, TEN_OFF)
        await service.set_shipping_fees(tx, rows=[service.ShippingFeeRow("CNY", 1_000, 9_900)])
        found = await queries.book(tx, version=1)
        drafts = await tx.load_one(queries.draft_rules())
    assert (found.book.promotions, [method.code for method in found.book.shipping_methods]) == ((), ["standard"])
    assert [rule.kind for rule in drafts] == ["promotion", "shipping_method"]


async def test_prices_of_lists_are_set_removed_and_read_by_sku(db: Database, shop: Scope) -> None:
    tiers = (Tier(1, 9_000), Tier(10, 8_000))
    async with db.begin(shop) as tx:
        rule = await service.create_rule(tx, kind="price_list", body=PriceList("web", "CNY", channels=("web",)))
        rows = [
            service.ListPriceRow("web", "TEA", tiers, "graduated"),
            service.ListPriceRow("shop", "TEA", tiers),
            service.ListPriceRow("web", "COFFEE", (Tier(1, 9_000), Tier(1, 8_000))),
        ]
        first = await service.set_list_prices(tx, rows=rows)
        again = await service.set_list_prices(tx, rows=rows[:1])
        by_sku = await tx.load_one(queries.list_prices(["TEA", "COFFEE"], ["CNY"]))
        elsewhere = await tx.load_one(queries.list_prices(["TEA"], ["EUR"]))
        (listed,) = await tx.load_one(queries.entries_of_list("web"))
        with pytest.raises(draft_errors.PriceListInUse):
            await service.remove_rule(tx, rule_id=rule.rule_id)
        with pytest.raises(draft_errors.PriceListInUse):
            await service.change_rule(tx, rule_id=rule.rule_id, body=PriceList("web", "EUR"))
        await service.publish(tx)
        removed = await service.set_list_prices(tx, rows=[service.ListPriceRow("web", "TEA", ())])
        with pytest.raises(draft_errors.TooManyPrices):
            await service.set_list_prices(tx, rows=rows[:1] * 1_001)
    assert first[0] == service.ListPriceSet("web", "TEA", "set")
    assert isinstance(first[1], draft_errors.PriceListUnknown)
    assert isinstance(first[2], Refusal)
    assert {reason.field for reason in reasons_of(first[2])} == {"prices[2].sku", "prices[2].tiers[1].min_quantity"}
    assert again == [service.ListPriceSet("web", "TEA", "unchanged")]
    assert by_sku == {"TEA": (listed.entry,)}
    assert (elsewhere, listed.entry.tiers, listed.entry.mode) == ({}, tiers, "graduated")
    assert removed == [service.ListPriceSet("web", "TEA", "removed")]


async def test_a_published_book_cannot_be_changed(db: Database, shop: Scope) -> None:
    async with db.begin(shop) as tx:
        await _add(tx, SHIRTS)
        await service.publish(tx)
    for statement in ("UPDATE price_book SET note = 'x'", "DELETE FROM price_book"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            async with db.begin(shop) as tx:
                await tx.execute(sa.text(f"{statement} WHERE tenant_id = :tenant"), {"tenant": shop.tenant})


async def test_a_gift_that_nobody_sells_is_still_weighed(db: Database, shop: Scope) -> None:
    gift = Promotion("gift", "Gift", Gift(("MUG",)), Goods(any_of=("sku:TEA",)), When(min_quantity=2))
    example = Example("A mug", "CNY", (ExampleLine("TEA", 2, 5_000),), total_minor=10_000, country="CN")
    async with db.begin(shop) as tx:
        await _add(tx, gift, examples=(example,))
        assert (await service.publish(tx)).version == 1


async def test_rules_for_nobody_are_a_warning_and_no_refusal(db: Database, shop: Scope) -> None:
    (wang,) = await customers.save(db, shop, [customers.wang()])
    gone = "0193a000-0000-7000-8000-000000000001"
    named = When(groups=("VIP", "vip"), customers=(str(wang), gone, "Wang"))
    club = Promotion("club", "Club", PercentOff(10_000), when=named)
    contract = PriceList("TRADE", "CNY", groups=("VIP", "trade"), customers=(str(wang),))
    async with db.begin(shop) as tx:
        await customer_service.create_group(tx, code="VIP", name="Friends")
        await _add(tx, club)
        await service.create_rule(tx, kind="price_list", body=contract)
        found = await service.checked(tx)
        made = await service.publish(tx)
    assert (found.problems, made.version) == ((), 1)
    assert [(one.code, one.field) for one in found.warnings] == [
        ("group_not_there", "price_list:TRADE.groups[1]"),
        ("group_not_there", "promotion:club.when.groups[1]"),
        ("customer_not_there", "promotion:club.when.customers[1]"),
        ("customer_not_there", "promotion:club.when.customers[2]"),
    ]


async def test_channels_that_nothing_comes_through_are_a_warning_and_no_refusal(db: Database, shop: Scope) -> None:
    club = Promotion("club", "Club", PercentOff(10_000), when=When(channels=("web", "wechat")))
    shop_alone = PriceList("SHOP", "CNY", channels=("web",))
    async with db.begin(shop) as tx:
        await _add(tx, club)
        await service.create_rule(tx, kind="price_list", body=shop_alone)
        closed = await service.checked(tx)
        await accounts.change_storefront(tx, changes={"is_open": True})
        opened = await service.checked(tx)
    assert (closed.problems, opened.problems) == ((), ())
    unknown = ("channel_not_known", "promotion:club.when.channels[1]")
    assert [(one.code, one.field) for one in opened.warnings] == [unknown]
    assert [(one.code, one.field) for one in closed.warnings] == [
        ("channel_closed", "price_list:SHOP.channels[0]"),
        unknown,
    ]
