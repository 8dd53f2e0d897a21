"""The rules are compiled once per version, and again only when it changed."""

from jiedan.base.db import Database, Scope
from jiedan.pricing import service
from jiedan.pricing.queries import RulesCache, version
from jiedan.pricing.rules import shipping
from jiedan.pricing.values import Place
from jiedan.pricing.values.shipping import Contents, Piece


async def test_the_cache_reads_again_only_when_the_version_changed(db: Database, scope: Scope) -> None:
    cache = RulesCache()
    async with db.begin(scope) as tx:
        assert await tx.load_one(version()) == 0
        first = await cache.current(tx, version=0, prices_include_tax=True)
        assert await cache.current(tx, version=0, prices_include_tax=True) is first
        await service.set_tax_rates(tx, rows=[service.TaxRateRow("CN", "standard", 130_000)])
        assert await cache.current(tx, version=1, prices_include_tax=True) is not first
        assert await cache.current(tx, version=0, prices_include_tax=True) is first


async def test_rates_and_fees_are_compiled(db: Database, scope: Scope) -> None:
    fees = [service.ShippingFeeRow("CNY", 1_000, 9_900), service.ShippingFeeRow("EUR", 500, None, "reduced")]
    async with db.begin(scope) as tx:
        await service.set_tax_rates(tx, rows=[service.TaxRateRow("CN", "standard", 130_000)])
        await service.set_shipping_fees(tx, rows=fees)
        compiled = await RulesCache().current(tx, version=2, prices_include_tax=False)
    asked = [
        {
            offer.method: offer.fee_minor
            for offer in shipping.offers(
                Contents(currency, goods_minor, (Piece("A", 1),)), Place("CN"), compiled.shipping
            )
            if offer.serves
        }
        for currency, goods_minor in [("CNY", 9_899), ("CNY", 9_900), ("EUR", 9_900), ("USD", 9_900)]
    ]
    assert compiled.version == 2
    # 10.00 up to 98.99 of goods, from 99.00 on nothing; in EUR always 5.00, by the method of its class; no fee in USD.
    assert asked == [{"standard": 1_000}, {"standard": 0}, {"standard_reduced": 500}, {}]
