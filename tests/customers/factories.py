"""Customers for tests."""

from collections.abc import Sequence

from jiedan.base.db import Database, Scope
from jiedan.customers import service
from jiedan.customers.values import Address, CustomerDraft, CustomerId, Saved

SHANGHAI = Address(
    country="CN", region="上海市", city="上海市", district="黄浦区", line1="南京东路 1 号", postal_code="200001"
)


def wang(**fields: object) -> CustomerDraft:
    """Return a draft of a customer called 王敏."""
    return CustomerDraft(name="王敏", phone="138 0013 8000", email="Wang@Example.com")._replace(**fields)  # type: ignore[arg-type]  # test shorthand


async def save(db: Database, scope: Scope, drafts: Sequence[CustomerDraft]) -> list[CustomerId]:
    """Save customers that must be fine, and return their ids."""
    async with db.begin(scope) as tx:
        outcomes = await service.upsert_customers(tx, customers=drafts, country="CN")
    saved = [outcome for outcome in outcomes if isinstance(outcome, Saved)]
    assert len(saved) == len(drafts), outcomes
    return [outcome.customer_id for outcome in saved]
