"""Where recipients are reached, on PostgreSQL."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.notifications import queries
from jiedan.notifications.queries import Contact
from jiedan.notifications.values import RecipientKind
from tests.accounts import factories as people
from tests.customers import factories as customers
from tests.notifications import factories
from tests.orders import factories as orders


async def reached(
    db: Database, scope: Scope, kind: RecipientKind, recipient_ids: Collection[UUID]
) -> dict[UUID, Contact]:
    """Return where recipients are reached."""
    async with db.read(scope) as tx:
        return await queries.contacts(tx, kind, recipient_ids)


async def test_customers_are_reached_where_they_said(db: Database, scope: Scope, other_tenant: TenantId) -> None:
    wang, li = await customers.save(
        db,
        scope,
        [customers.wang(locale="zh_Hans"), customers.wang(name="李雷", phone="139 1234 5678", email="")],
    )
    wanted = {wang: Contact("王敏", "Wang@example.com", ("zh_Hans", None)), li: Contact("李雷", "", ("", None))}
    assert await reached(db, scope, "customer", [li, wang, li, UUID(int=1)]) == wanted
    assert await reached(db, Scope(other_tenant), "customer", [wang, li]) == {}


async def test_an_order_is_reached_at_its_contact_or_else_at_its_customer(db: Database, scope: Scope) -> None:
    await orders.shop(db, scope, {"TEA": {"W1": 9}})
    (wang,) = await customers.save(db, scope, [customers.wang(locale="zh_Hans")])
    silent = msgspec.structs.replace(factories.CONTACT, email="")
    own, theirs, nobody = [
        (await orders.place_one(db, scope, orders.order(("TEA", 1), **facts))).order_id
        for facts in (
            {"contact": factories.CONTACT, "customer_id": wang, "locale": "en"},
            {"contact": silent, "customer_id": wang, "locale": "zh_Hant"},
            {"contact": silent, "locale": "en"},
        )
    ]
    assert await reached(db, scope, "order", [own, theirs, nobody]) == {
        own: Contact("李雷", "li.lei@example.com", ("zh_Hans", "en")),
        theirs: Contact("李雷", "Wang@example.com", ("zh_Hans", "zh_Hant")),
        nobody: Contact("李雷", "", (None, "en")),
    }


async def test_staff_who_left_are_not_reached(db: Database) -> None:
    at = await people.opened(db)
    left = await people.person(db, at, "sales")
    assert set(await reached(db, at.scope, "staff", [at.owner_id, left])) == {at.owner_id, left}
    async with db.begin(at.scope) as tx:
        await accounts.change_staff(tx, staff_id=left, changes={"is_active": False}, held=ALL_PERMISSIONS)
    assert set(await reached(db, at.scope, "staff", [at.owner_id, left])) == {at.owner_id}
