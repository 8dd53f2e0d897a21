"""The demo's goods, people and stories: whole, addressable, and the same each time."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from jiedan.catalog.rules import drafts as catalog
from jiedan.catalog.values import ProductDraft
from jiedan.customers import rules
from jiedan.customers.values import CustomerId
from jiedan.demo import bespoke, crowd, goods, marks, offers, steps, stories, trade
from jiedan.demo.people import people
from jiedan.demo.places import STOREHOUSES, TOWNS
from jiedan.pricing.rules import formulas, promotions
from jiedan.pricing.values.promotions import Gift

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
PEOPLE = people(300, seed=1)
TOLD = list(stories.stories(range(1, 2_001), people=PEOPLE, until=UNTIL, days=60, seed=1))


def test_every_sku_has_a_code_of_its_own_and_kits_are_made_of_goods() -> None:
    variants = {variant.code: product for product in goods.GOODS for variant in goods.variants(product)}
    assert len(variants) == sum(len(goods.variants(product)) for product in goods.GOODS)
    parts = {code for product in goods.GOODS for code, _ in product.parts}
    assert {variants[code].kind for code in parts} == {"goods"}
    assert {product.shelf for product in goods.GOODS} <= {shelf.code for shelf in goods.SHELVES}
    assert len(goods.GOODS) == 60


def test_a_few_smooth_orders_have_a_curtain_made_and_its_example_holds() -> None:
    ordered = {number: extra.lines for number, extra in offers.extras(TOLD).items() if extra.lines}
    fates = {story.number: story.fate for story in TOLD}
    assert 20 <= len(ordered) <= len(TOLD) / 13
    assert {fates[number] for number in ordered} == {"smooth"}
    assert len({str(line.attributes) for (line,) in ordered.values()}) >= 12
    assert goods.CURTAIN.code not in {code for story in TOLD for code, _ in story.lines}
    (example,) = bespoke.EXAMPLES
    assert example.total_minor == 4.5 * bespoke.FABRICS["linen"] + bespoke.SETUP_MINOR
    formula = formulas.compile_formula(bespoke.CURTAIN)
    for (line,) in ordered.values():
        said = {name: str(value) for name, value in line.attributes.items()}
        assert formulas.read_attributes(formula, said).texts.keys() == {"width", "height", "fabric"}


def test_larger_bags_cost_less_for_the_gram() -> None:
    small, middle, large = goods.variants(goods.GOODS[0])
    assert small.unit_minor / 50 > middle.unit_minor / 100 > large.unit_minor / 250
    assert all(variant.unit_minor % 100 == 0 for variant in (small, middle, large))


def test_everybody_can_be_written_to_and_called() -> None:
    for person in people(2_000, seed=3):
        assert list(rules.check_address(person.address)) == []
        assert rules.normalize_phone(person.phone, person.address.country) == person.phone
    assert {person.town.country for person in people(2_000, seed=3)} == {town.country for town in TOWNS}


def test_the_same_seed_tells_the_same_stories() -> None:
    assert people(300, seed=1) == PEOPLE
    assert list(stories.stories(range(1, 2_001), people=PEOPLE, until=UNTIL, days=60, seed=1)) == TOLD
    assert list(stories.stories(range(1, 2_001), people=PEOPLE, until=UNTIL, days=60, seed=2)) != TOLD


def test_stories_come_in_order_within_their_days() -> None:
    moments = [story.placed_at for story in TOLD]
    assert moments == sorted(moments)
    assert timedelta(days=59) < UNTIL - moments[0] <= timedelta(days=60)
    assert moments[-1] <= UNTIL


def test_every_fate_happens_and_baskets_can_bear_it() -> None:
    fates = Counter(story.fate for story in TOLD)
    assert set(fates) == set(stories.FATES)
    assert all(len(story.lines) >= 3 for story in TOLD if story.fate == "several_parcels")
    assert all(len(story.lines) >= 2 for story in TOLD if story.fate == "line_canceled")
    assert all(quantity >= 1 for story in TOLD for _, quantity in story.lines)
    sold = {variant.code: product for product in goods.GOODS for variant in goods.variants(product)}
    packed = [(sold[code], quantity) for story in TOLD for code, quantity in story.lines if sold[code].pack > 1]
    assert len({product.code for product, _ in packed}) == 3
    assert all(quantity >= product.least and quantity % product.pack == 0 for product, quantity in packed)
    assert sum(house.share for house in STOREHOUSES) == 100


def test_offers_are_used_by_a_share_of_the_orders_and_wallets_once_by_each_who_has_one() -> None:
    brought = offers.extras(TOLD)
    assert brought == offers.extras(TOLD)
    by_coupon = Counter(extra.coupon for extra in brought.values())
    assert 50 <= by_coupon["friend"] <= 150
    assert 50 <= by_coupon["letter"] <= min(150, offers.LETTER_CODES)
    person = {story.number: story.person for story in TOLD}
    payers = [person[number] for number, extra in brought.items() if extra.tender]
    assert len(payers) == len(set(payers))
    assert {extra.tender for extra in brought.values()} == {None, "card", "credit"}
    assert 30 <= len(payers) <= 100
    assert all(story.channel in offers.OWN_CHANNELS for story in TOLD if story.number in brought)


def test_what_is_offered_is_named_in_two_languages_and_sold_by_the_shop() -> None:
    given = offers.promotions(UNTIL)
    assert all(re.search("[\u4e00-\u9fff]", one.name) and re.search("[A-Za-z]", one.name) for one in given)
    assert [problem for one in given for problem in promotions.problems_of_promotion(one)] == []
    codes = {variant.code for product in goods.GOODS for variant in goods.variants(product)}
    shelves = {shelf.code for shelf in goods.SHELVES}
    there = {f"category:{shelf}" for shelf in shelves}
    there |= {f"brand:{marks.brand_of(product.code, product.shelf)}" for product in goods.GOODS}
    there |= {f"tag:{tag}" for product in goods.GOODS for tag in marks.tags_of(product.code)}
    chosen = {trait for one in given for trait in one.goods.any_of}
    assert chosen <= there
    assert {trait.partition(":")[0] for trait in chosen} == {"category", "brand", "tag"}
    assert {sku for one in given if isinstance(one.offer, Gift) for sku in one.offer.skus} <= codes
    (sale,) = [one for one in given if one.id == "festival"]
    assert sale.when.from_at is not None
    assert sale.when.until_at is not None
    days = Counter((UNTIL - story.placed_at).days for story in TOLD)
    busiest = UNTIL - timedelta(days=days.most_common(1)[0][0], hours=12)
    assert sale.when.from_at <= busiest < sale.when.until_at


def test_a_crowd_pays_ships_and_gives_back_in_that_order() -> None:
    since, last = UNTIL - timedelta(days=60), crowd.waves(60) - 1
    told = list(stories.stories(range(1, 2_001), people=PEOPLE, until=UNTIL, days=60, seed=1, fates=crowd.FATES))
    fates, deeds, ahead = set(), set(), 0
    for story in told:
        fates.add(story.fate)
        placed = crowd.wave_of(story.placed_at, since=since)
        waves = dict[str, int]()
        dues = crowd.dues(story, since=since, last=last)
        for wave, deed in dues:
            assert placed <= wave <= last
            waves[deed] = wave
        early = crowd.ahead(dues, placed=placed)
        assert early <= set(waves.values())
        assert not early & {placed, *(wave + 1 for wave in (placed, *waves.values()))}, "what reactions may meet, waits"
        assert {deed for deed, wave in waves.items() if wave in early} <= crowd.AHEAD
        ahead += len(early)
        deeds |= set(waves)
        way = crowd.way(story, since=since)
        assert since + crowd.WAVE * (placed + 1) < way.left_at <= way.left_last_at < way.arrived_at
        if "bring" in waves:
            assert not {"ship", "ship_part", "deliver"} & set(waves)
            assert way.arrived_at <= since + crowd.WAVE * (waves["bring"] + 1)
        elif "deliver" in waves:
            assert waves.get("ship_part", waves["ship"]) <= waves["ship"] < waves["deliver"]
        assert waves.get("lift", -1) < waves.get("ship", waves.get("bring", 1_000))
    assert fates == set(crowd.FATES)
    assert deeds == set(crowd.DEEDS)
    assert ahead > len(told) // 2


def test_work_lies_undone_only_at_the_end() -> None:
    long_ago, lately = UNTIL - timedelta(days=30), UNTIL - timedelta(hours=3)
    for step in ("pick", "ship", "collect", "deliver"):
        assert {steps.as_far_as(story, step, due=long_ago, until=UNTIL) for story in TOLD} == {step}
        assert len({steps.as_far_as(story, step, due=lately, until=UNTIL) for story in TOLD}) > 1


def test_products_are_marked_with_what_the_catalog_takes() -> None:
    drafts = [
        ProductDraft(code=x.code, brand=marks.brand_of(x.code, x.shelf), tags=marks.tags_of(x.code))
        for x in goods.GOODS
    ]
    assert [refusal for draft in drafts for refusal in catalog.refusals(draft)] == []
    brands = Counter(draft.brand for draft in drafts)
    assert 5 <= len(brands) <= 12
    assert sum(bool(draft.tags) for draft in drafts) >= 12


def test_companies_pay_less_the_more_they_buy_and_one_has_a_contract() -> None:
    first = CustomerId(UUID(int=1))
    general, contract = trade.lists([first, CustomerId(UUID(int=2))])
    assert (general.groups, contract.kind, contract.customers) == ((trade.GROUP,), "contract", (str(first),))
    assert trade.lists([]) == ()
    sold = {variant.code: variant.unit_minor for x in goods.GOODS for variant in goods.variants(x)}
    rows = list(trade.prices())
    assert {row.price_list for row in rows} == {trade.TRADE, trade.CONTRACT}
    for row in rows:
        asked = [sold[row.sku], *(tier.unit_minor for tier in row.tiers)]
        assert asked == sorted(set(asked), reverse=True), row
        assert all(minor % 100 == 0 for minor in asked)
