"""The rules are compiled once per version, and again only when it changed."""

from uuid import uuid4

from jiedan.base.db import Database, Scope
from jiedan.pricing import service
from jiedan.pricing.queries import RulesCache, cache, version
from jiedan.pricing.rules import shipping
from jiedan.pricing.values import Place
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.shipping import Contents, Piece


async def test_the_cache_reads_again_only_when_the_version_changed(db: Database, scope: Scope) -> None:
    rules = RulesCache()
    async with db.begin(scope) as tx:
        assert await tx.load_one(version()) == 0
        first = await rules.current(tx, version=0, prices_include_tax=True)
        assert await rules.current(tx, version=0, prices_include_tax=True) is first
        await service.set_tax_rates(tx, rows=[service.TaxRateRow("CN", "standard", 130_000)])
        assert await rules.current(tx, version=1, prices_include_tax=True) is not first
        assert await rules.current(tx, version=0, prices_include_tax=True) is first


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


async def test_a_book_that_is_tried_is_compiled_once_for_its_trial(db: Database, scope: Scope) -> None:
    rules = RulesCache()
    trial_id, book = uuid4(), RuleBook()
    async with db.read(scope) as tx:
        first = rules.tried(tx, book, trial_id=trial_id, prices_include_tax=True)
        assert rules.tried(tx, RuleBook(), trial_id=trial_id, prices_include_tax=True) is first
        assert rules.tried(tx, book, trial_id=trial_id, prices_include_tax=False) is not first
        assert await rules.current(tx, version=0, prices_include_tax=True) is not first
        for _ in range(cache.CACHED_VERSIONS_MAX):
            rules.tried(tx, book, trial_id=uuid4(), prices_include_tax=True)
        assert rules.tried(tx, book, trial_id=trial_id, prices_include_tax=True) is not first, "there is a bound"
