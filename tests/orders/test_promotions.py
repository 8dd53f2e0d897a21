"""Promotions in placement: what they take off is kept with the order, and limits hold whoever comes first."""

import asyncio
from datetime import timedelta
from typing import Any

from jiedan.base import cards
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog.values import ProductDraft
from jiedan.customers import service as customer_service
from jiedan.orders import placement, queries
from jiedan.orders import service as orders
from jiedan.orders.rules.planning import Plan
from jiedan.orders.values import CancelRequest, NewOrder, Placed, Rejected
from jiedan.pricing import service as pricing
from jiedan.pricing.errors import CouponRefused
from jiedan.pricing.queries import redemptions
from jiedan.pricing.values import PriceList, Tier
from jiedan.pricing.values.promotions import AmountOff, AttributeTest, Caps, Goods, PercentOff, Promotion, When
from tests.catalog import factories as catalog
from tests.customers import factories as customers
from tests.orders import factories
from tests.pricing import coupon_factories as coupons

TENTH = Promotion("tenth", "A tenth off tea", PercentOff(100_000), Goods(any_of=("sku:TEA",)))
FIRST_TWO = Promotion("first_two", "For the first two", AmountOff({"CNY": 300}), caps=Caps(total=2))
WELCOME = Promotion("welcome", "Welcome", AmountOff({"CNY": 200}), when=When(first_order=True))
SPRING = Promotion("spring", "Spring", AmountOff({"CNY": 100}), when=When(coupon="required"))


async def publish(db: Database, scope: Scope, *promotions: Promotion) -> None:
    """Publish promotions, and 13 % of tax in prices."""
    async with db.begin(scope) as tx:
        for one in promotions:
            await pricing.create_rule(tx, kind="promotion", body=one)
        await pricing.set_tax_rates(tx, rows=[pricing.TaxRateRow("*", "standard", 130_000)])
        if promotions:
            await pricing.publish(tx)


async def decision(db: Database, scope: Scope, placed: Placed) -> dict[str, Any]:
    """Return what is kept of why an order costs what it costs."""
    async with db.read(scope) as tx:
        (kept,) = await queries.decisions(tx, placed.order_id)
    return dict(kept.data)


async def test_what_a_promotion_took_off_is_kept_with_the_order(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}, "CUP": {"A": 9}})
    await publish(db, scope, TENTH)
    placed = await factories.place_one(db, scope, factories.order(("TEA", 2), ("CUP", 1)))
    # 2 × 10.00 less a tenth = 18.00, and 10.00 for the cup; 28.00 × 13/113 = 3.22 of it is tax.
    assert (placed.total_minor, placed.tax_minor) == (2_800, 322)
    async with db.read(scope) as tx:
        found = (await queries.orders(tx, [placed.order_id]))[placed.order_id]
    assert [(line.unit_minor, line.discount_minor, line.total_minor) for line in found.lines] == [
        (1_000, 200, 1_800),
        (1_000, 0, 1_000),
    ]
    applied = {"promotion": "tenth", "name": "A tenth off tea", "amount_minor": 200, "lines": [[1, 200]]}
    assert (await decision(db, scope, placed))["applied"] == [applied]


async def test_whoever_comes_after_the_last_pays_the_whole_price(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope, FIRST_TWO)
    tea = factories.order(("TEA", 1))
    # One batch or several come to the same: the third finds the two uses gone.
    together = await factories.place(db, scope, tea, tea, tea)
    assert [x.total_minor for x in together if isinstance(x, Placed)] == [700, 700, 1_000]
    assert (await factories.place_one(db, scope, tea)).total_minor == 1_000
    first = together[0]
    assert isinstance(first, Placed)
    async with db.begin(scope) as tx:
        await orders.cancel_orders(tx, requests=[CancelRequest(first.order_id, "changed_mind")])
    # Canceled, the first gave its use back: the next one has it.
    assert (await factories.place_one(db, scope, tea)).total_minor == 700


async def test_many_at_once_never_use_more_than_there_is(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, FIRST_TWO)
    tea = factories.order(("TEA", 1))
    outcomes = [x for (x,) in await asyncio.gather(*[factories.place(db, scope, tea) for _ in range(8)])]
    cheap = [x for x in outcomes if isinstance(x, Placed) and x.total_minor == 700]
    late = [x for x in outcomes if isinstance(x, Rejected)]
    assert len(cheap) == 2
    assert {factories.codes(x)[0] for x in late} <= {("promotion_used_up", "lines")}
    assert all(x.total_minor == 1_000 for x in outcomes if isinstance(x, Placed) and x not in cheap)


async def test_companies_with_a_tax_number_are_told_from_everybody_else(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    company = customers.wang(kind="company", tax_number="91310000MA1K35A12X", external_id="c")
    (firm,) = await customers.save(db, scope, [company])
    (unknown,) = await customers.save(db, scope, [customers.wang(kind="company", external_id="d")])
    (wang,) = await customers.save(db, scope, [customers.wang()])
    who = (firm, unknown, wang, None)
    bodies = [factories.order(("TEA", 1), customer_id=x) for x in who]
    for_firms = Promotion("firms", "For companies", AmountOff({"CNY": 300}), when=When(tax_status="business"))
    others = Promotion("others", "For everybody else", AmountOff({"CNY": 100}), when=When(tax_status="private"))
    await factories.place(db, scope, bodies[0])
    with recorder.watching() as before:
        await factories.place(db, scope, bodies[0])
    await publish(db, scope, for_firms, others)
    await factories.place(db, scope, bodies[0])
    with recorder.watching() as run:
        await factories.place(db, scope, bodies[0])
    assert len(run) == len(before), "it costs no statement"
    outcomes = await factories.place(db, scope, *bodies)
    assert [x.total_minor for x in outcomes if isinstance(x, Placed)] == [700, 900, 900, 900]


async def test_a_first_order_happens_once_for_each_customer(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope, WELCOME)
    (wang,) = await customers.save(db, scope, [customers.wang()])
    known, guest = factories.order(("TEA", 1), customer_id=wang), factories.order(("TEA", 1))
    assert (await factories.place_one(db, scope, guest)).total_minor == 1_000
    two = await factories.place(db, scope, known, known)
    assert [x.total_minor for x in two if isinstance(x, Placed)] == [800, 1_000]
    assert (await factories.place_one(db, scope, known)).total_minor == 1_000


async def test_a_code_opens_its_promotion_until_it_is_used(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope, SPRING)
    await coupons.batch(db, scope)
    coded = factories.order(("TEA", 1), coupons=("spring-10",))
    (preview,) = await preview_of(db, scope, coded)
    assert isinstance(preview, Plan)
    assert preview.total_minor == 900
    placed = await factories.place_one(db, scope, coded)
    assert placed.total_minor == 900
    async with db.read(scope) as tx:
        (used,) = await tx.load_one(redemptions.live_of_orders([placed.order_id]))
    assert (used.promotion, used.code, used.discount_minor) == ("spring", "SPRING10", 100)
    (again,) = await factories.place(db, scope, coded)
    assert factories.codes(again) == [("coupon_refused", "coupons[0]")]


async def test_two_orders_with_one_code_in_one_batch_leave_one(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope, SPRING)
    await coupons.batch(db, scope)
    coded = factories.order(("TEA", 1), coupons=("SPRING10",))
    first, second = await factories.place(db, scope, coded, coded)
    assert isinstance(first, Placed)
    assert factories.codes(second) == [("coupon_refused", "coupons")]


async def test_codes_that_open_nothing_are_refused_by_their_place(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope)
    await coupons.batch(db, scope)
    (refused,) = await factories.place(db, scope, factories.order(("TEA", 1), coupons=("NO-SUCH", "SPRING10")))
    assert isinstance(refused, Rejected)
    assert [(r.field, r.data()["state"]) for r in refused.reasons if isinstance(r, CouponRefused)] == [
        ("coupons[0]", "unknown"),
        ("coupons[1]", "unknown"),
    ]


async def test_nobody_is_charged_more_than_they_have_seen(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}})
    seen = factories.order(("TEA", 1), expected_total_minor=999)
    (refused,) = await factories.place(db, scope, seen)
    assert factories.codes(refused) == [("total_risen", "expected_total_minor")]
    same = factories.order(("TEA", 1), expected_total_minor=1_000)
    assert (await factories.place_one(db, scope, same)).total_minor == 1_000


async def test_a_group_has_prices_of_its_own_list_and_offers_of_its_own(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}})
    club = Promotion("club", "Club", PercentOff(500_000), Goods(any_of=("product:TEA",)), When(groups=("CLUB",)))
    (wang,) = await customers.save(db, scope, [customers.wang()])
    async with db.begin(scope) as tx:
        group = await customer_service.create_group(tx, code="CLUB", name="Club")
        await customer_service.add_members(tx, group_id=group.group_id, customer_ids=[wang])
        await pricing.create_rule(tx, kind="price_list", body=PriceList("TRADE", "CNY", groups=("CLUB",)))
        await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("TRADE", "TEA", (Tier(1, 800),))])
    await publish(db, scope, club)
    guest = await factories.place_one(db, scope, factories.order(("TEA", 2)))
    member = await factories.place_one(db, scope, factories.order(("TEA", 2), customer_id=wang))
    # 2 × 10.00 for everybody; 2 × 8.00 by the list of the group, less half of it.
    assert (guest.total_minor, member.total_minor) == (2_000, 800)
    (line,) = (await decision(db, scope, member))["prices"]
    assert (line["source"], line["listed"]["list_code"]) == ("list", "TRADE")


async def test_goods_are_chosen_by_brand_and_by_tag(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}, "CUP": {"A": 99}, "POT": {"A": 99}})
    async with db.begin(scope) as tx:
        await catalog.saved(tx, ProductDraft(code="TEA", brand="Lu Yu", tags=("spring",)))
        await catalog.saved(tx, ProductDraft(code="CUP", brand="Lu Yu"))
    lu = Promotion("lu", "Lu Yu", PercentOff(100_000), Goods(any_of=("brand:Lu Yu",), none_of=("tag:spring",)))
    spring = Promotion("spring", "Spring", AmountOff({"CNY": 300}), Goods(any_of=("tag:spring",)), When(min_quantity=2))
    await publish(db, scope, lu, spring)
    wanted = factories.order(("TEA", 2), ("CUP", 1), ("POT", 1))
    placed = await factories.place_one(db, scope, wanted)
    # 3.00 off the tea, a tenth off the cup, nothing off the pot.
    assert placed.total_minor == 4_000 - 300 - 100
    told = await decision(db, scope, placed)
    assert {x["promotion"]: x["lines"] for x in told["applied"]} == {"lu": [[2, 100]], "spring": [[1, 300]]}
    near = await factories.place_one(db, scope, factories.order(("TEA", 1)))
    assert [(x["promotion"], x["code"], x["quantity"]) for x in (await decision(db, scope, near))["near_misses"]] == [
        ("spring", "needs_quantity", 1)
    ]

    async def statements(count: int) -> list[str]:
        with recorder.watching() as sent:
            await factories.place(db, scope, *[wanted] * count)
        return sent

    assert await statements(1) == await statements(10)


async def test_a_free_condition_is_asked_of_the_order(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}, "CUP": {"A": 99}})
    free = When(expression="goods / quantity >= 10 and (quantity >= 3 or channel == 'phone')")
    await publish(db, scope, Promotion("free", "Free", AmountOff({"CNY": 100}), when=free))
    totals = []
    for lines, channel in (([("TEA", 2), ("CUP", 1)], "api"), ([("TEA", 2)], "phone"), ([("TEA", 2)], "api")):
        placed = await factories.place_one(db, scope, factories.order(*lines, channel=channel))
        totals.append(placed.total_minor)
    assert totals == [2_900, 1_900, 2_000]
    async with db.read(scope) as tx:
        told = await orders.explain_prices(tx, order_id=placed.order_id, locale="en")
    assert told.explanation is not None
    (rule,) = told.explanation.promotions
    assert (rule.promotion, rule.outcome) == ("free", "expression_not_met")
    assert rule.reason == f"its condition on the order is not met: {free.expression}"


async def test_attributes_of_an_order_are_kept_and_asked(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    tests = (AttributeTest("source", "in", ("live", "app")), AttributeTest("age", ">=", (18,)))
    await publish(db, scope, Promotion("app", "App", AmountOff({"CNY": 100}), when=When(attributes=tests)))
    said: dict[str, Any] = {"source": "app", "age": 18, "is_new": False, "card": "4111 1111 1111 1111"}
    wanted = factories.order(("TEA", 1), attributes=said)
    (preview,) = await preview_of(db, scope, wanted)
    assert isinstance(preview, Plan)
    placed = await factories.place_one(db, scope, wanted)
    assert (preview.total_minor, placed.total_minor) == (900, 900)
    async with db.read(scope) as tx:
        kept = (await queries.details(tx, [placed.order_id]))[placed.order_id]
        told = await orders.explain_prices(tx, order_id=placed.order_id, locale="en")
    assert (dict(kept.attributes), kept.tags) == ({**said, "card": cards.masked(said["card"])}, ())
    assert kept.told[0] == ("age", "18")
    assert said["card"] not in str(kept)
    assert told.is_same
    number = await factories.place_one(db, scope, factories.order(("TEA", 1), attributes={"card": 378282246310005}))
    async with db.read(scope) as tx:
        kept = (await queries.details(tx, [number.order_id]))[number.order_id]
    assert dict(kept.attributes) == {"card": cards.masked("378282246310005")}
    for other in ({}, {"source": "app", "age": 17}, {"source": "app", "age": "18"}, {"age": 18}):
        assert (
            await factories.place_one(db, scope, factories.order(("TEA", 1), attributes=other))
        ).total_minor == 1_000

    async def statements(count: int) -> list[str]:
        with recorder.watching() as sent:
            await factories.place(db, scope, *[wanted] * count)
        return sent

    assert await statements(1) == await statements(10)


async def test_rules_that_wait_price_nothing_before_they_begin(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 9}})
    await publish(db, scope)
    async with db.begin(scope) as tx:
        await pricing.create_rule(tx, kind="promotion", body=TENTH)
        await pricing.publish(tx, begins_at=tx.now + timedelta(days=1))
    assert (await factories.place_one(db, scope, factories.order(("TEA", 1)))).total_minor == 1_000


async def preview_of(db: Database, scope: Scope, wanted: NewOrder) -> list[Plan | Rejected]:
    """Return what an order would become."""
    async with db.read(scope) as tx:
        return await placement.preview_orders(tx, [factories.draft(wanted)])
