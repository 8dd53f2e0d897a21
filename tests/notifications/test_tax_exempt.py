"""The mail that confirms an order says why it bears no tax, as the law wants it."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from jiedan.base.db import Database
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft, ExemptionId, Saved, TaxExemption
from jiedan.notifications.values import Facts, Paragraph
from jiedan.pricing import service as pricing
from tests.notifications import factories
from tests.notifications.factories import Post


@pytest.fixture
async def post(db: Database) -> AsyncIterator[Post]:
    async with factories.opened(db) as opened:
        yield opened


async def test_the_confirmation_names_the_certificate(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        (saved,) = await customers.upsert_customers(tx, customers=[CustomerDraft("Firm")], country="CN")
        assert isinstance(saved, Saved)
        exemption = TaxExemption(ExemptionId(UUID(int=0)), "exempt", "EX-1")
        await customers.add_tax_exemption(tx, customer_id=saved.customer_id, exemption=exemption)
    await post.place(customer_id=saved.customer_id)
    await post.send()
    blocks = (await post.kept("order_placed")).content.blocks
    assert Paragraph("Tax exempt, certificate EX-1.") in blocks
    assert Facts((("Tax exempt on CN¥20.00", "CN¥0.00"),)) in blocks


async def test_the_confirmation_tells_the_tax_by_rate(post: Post) -> None:
    async with post.db.begin(post.scope) as tx:
        await pricing.set_tax_rates(tx, rows=[pricing.TaxRateRow("CN", "standard", 130_000)])
    await post.place(locale="zh_Hans")
    await post.send()
    blocks = (await post.kept("order_placed")).content.blocks
    (taxes,) = [x for x in blocks if isinstance(x, Facts) and "13%" in x.pairs[0][0]]
    assert [amount for _, amount in taxes.pairs] == ["¥2.30"]
