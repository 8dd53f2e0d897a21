"""What the demo shop asks of companies, and what points are worth there: a list with tiers, a contract, a program.

Doing it again changes nothing.
"""

from collections.abc import Iterator, Sequence

from jiedan.base import errors
from jiedan.base.db import Tx
from jiedan.customers import queries as customer_queries
from jiedan.customers import service as customers
from jiedan.customers.values import CUSTOMERS_PER_CALL_MAX, CustomerId
from jiedan.demo import goods
from jiedan.pricing import service as pricing
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.lists import PriceList
from jiedan.wallets import service as wallets
from jiedan.wallets.values import LoyaltyRule

CURRENCY = "CNY"
CHANNELS = ("web", "store", "phone", "email")
GROUP, GROUP_NAME = "trade", "批发客户 Trade customers"
TRADE, CONTRACT = "trade", "contract-hotel"

TRADE_TIERS = ((1, 92), (10, 85), (50, 78))
"""From so many bags of a tea on, so many percent of the shop's price."""

CONTRACT_PERCENT = {"TEA-LJ": 80, "FLW-JAS": 75, "CUP-MUG": 85}
"""What the shop has agreed on with one company, for these products whatever the quantity."""

_TEAS = frozenset({"green", "oolong", "black", "puer", "white", "flower"})

PROGRAM = LoyaltyRule(
    CURRENCY,
    points=1,
    step_minor=1_000,
    lives_days=365,
    pays_points=100,
    pays_minor=500,
    pays_points_min=100,
    pays_share_percent=50,
)
"""A point for each 10.00, which lives a year; 100 of them pay 5.00, up to half of an order."""


def lists(companies: Sequence[CustomerId]) -> tuple[PriceList, ...]:
    """Return the price lists: one for all companies, one for the first of them; none where there are no companies."""
    if not companies:
        return ()
    return (
        PriceList(TRADE, CURRENCY, channels=CHANNELS, groups=(GROUP,)),
        PriceList(CONTRACT, CURRENCY, kind="contract", priority=10, channels=CHANNELS, customers=(str(companies[0]),)),
    )


def prices() -> Iterator[pricing.ListPriceRow]:
    """Yield what the lists say of SKUs, to whole yuan."""
    for product in goods.GOODS:
        for variant in goods.variants(product):
            if product.shelf in _TEAS and variant.code != goods.LIMITED:
                tiers = tuple(Tier(least, _part(variant.unit_minor, percent)) for least, percent in TRADE_TIERS)
                yield pricing.ListPriceRow(TRADE, variant.code, tiers)
            if product.code in CONTRACT_PERCENT:
                agreed = Tier(1, _part(variant.unit_minor, CONTRACT_PERCENT[product.code]))
                yield pricing.ListPriceRow(CONTRACT, variant.code, (agreed,))


def _part(unit_minor: int, percent: int) -> int:
    return round(unit_minor * percent / 10_000) * 100


async def write_lists(tx: Tx, *, companies: Sequence[CustomerId]) -> None:
    """Write the price lists into the draft, with their prices."""
    for one in lists(companies):
        await pricing.create_rule(tx, kind="price_list", body=one)
    if companies:
        errors.accepted(await pricing.set_list_prices(tx, rows=list(prices())))


async def gather(tx: Tx, *, companies: Sequence[CustomerId]) -> None:
    """Put companies into their group, and let points be earned and pay."""
    await wallets.set_loyalty_rules(tx, rows=[PROGRAM])
    group = next((x for x in await customer_queries.groups(tx) if x.code == GROUP), None)
    if group is None:
        group = await customers.create_group(tx, code=GROUP, name=GROUP_NAME)
    for start in range(0, len(companies), CUSTOMERS_PER_CALL_MAX):
        some = companies[start : start + CUSTOMERS_PER_CALL_MAX]
        errors.accepted(await customers.add_members(tx, group_id=group.group_id, customer_ids=some))
