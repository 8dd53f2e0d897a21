"""The mail that confirms an order says why it bears no tax, as the law wants it."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from jiedan.base.db import Database
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft, ExemptionId, Saved, TaxExemption
from jiedan.notifications.values import Paragraph
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
