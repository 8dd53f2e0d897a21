"""What a shop with very many promotions offers can be published, and the carts of benchmarks meet what they claim."""

from benchmarks import offers, price_carts
from jiedan.pricing.rules import problems_of_book, quote
from jiedan.pricing.values.books import RuleBook


def test_the_offers_could_be_published() -> None:
    every = (*offers.promotions(200), offers.opened_by_code())
    assert problems_of_book(RuleBook(promotions=every)) == ()
    named = offers.promotions(2, skus_each=[["A", "B"], ["C"]])
    assert [one.goods.any_of for one in named] == [("sku:A", "sku:B"), ("sku:C",)]


def test_carts_are_given_what_their_tags_have() -> None:
    cart, skus = price_carts.basket(price_carts.LARGE_LINES, tags=price_carts.FEW_TAGS)
    priced, trace = quote(cart, skus, price_carts.rules_of(200))
    tags = {f"offer-{n}" for n in range(200) if n % offers.TAGS < price_carts.FEW_TAGS}
    assert len(priced.lines) == price_carts.LARGE_LINES
    assert {one.promotion for one in trace.applied} <= tags
    assert priced.discount_minor > 0


def test_memory_grows_with_what_promotions_name() -> None:
    assert 0 < price_carts.memory_mb(2_000) < price_carts.memory_mb(20_000)
