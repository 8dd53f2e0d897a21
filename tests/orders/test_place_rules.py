"""What is known of where an order goes: the region of its address, by code or by name."""

import pytest
from msgspec.structs import replace

from jiedan.orders.rules import askable, placing
from jiedan.orders.rules.planning import Plan
from jiedan.pricing.rules import compile_book
from jiedan.pricing.values import Place, TaxRate
from jiedan.pricing.values.books import RuleBook
from tests.orders.factories import BEIJING
from tests.orders.test_rules import body, circumstances, draft

RATES = (TaxRate("standard", 130_000), TaxRate("standard", 60_000, "CN", "XZ"))
RULES = compile_book(RuleBook(tax_rates=RATES), version=1, prices_include_tax=True)


@pytest.mark.parametrize(
    ("region", "rate_ppm", "told"),
    [
        ("西藏自治区", 60_000, ""),
        ("Tibet", 60_000, ""),
        ("CN-XZ", 60_000, ""),
        ("北京市", 130_000, ""),
        ("Nowhere", 130_000, "region_unknown"),
    ],
)
def test_rules_of_a_region_hold_for_the_addresses_in_it(region: str, rate_ppm: int, told: str) -> None:
    c = circumstances({("TEA", "W1"): 5})
    c = c._replace(prices=c.prices._replace(rules=RULES))
    (plan,) = placing.plan_all([draft(body(("TEA", 1), ship_to=replace(BEIJING, region=region)))], c)
    assert isinstance(plan, Plan)
    assert (plan.lines[0].tax_rate_ppm, plan.price_story.place) == (rate_ppm, told)


def test_goods_without_an_address_stay_in_the_merchants_country() -> None:
    assert askable.place_of(None, "CN") == Place("CN")
    assert askable.place_of(BEIJING, "US") == Place("CN", "BJ", "100006")
