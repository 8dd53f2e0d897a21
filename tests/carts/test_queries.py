"""Which cart somebody has open, on PostgreSQL."""

from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.carts import queries, service
from jiedan.carts.queries import OpenCart
from tests.carts.factories import filled
from tests.customers import factories as people
from tests.orders.factories import shop

NOTHING = OpenCart(None, 0)


async def has_open(
    db: Database, scope: Scope, *, holder_hash: bytes | None = None, customer_id: UUID | None = None
) -> OpenCart:
    """Return what the head of a page says of somebody's cart."""
    async with db.read(scope) as tx:
        return await tx.load_one(queries.open_cart(holder_hash=holder_hash, customer_id=customer_id))


async def test_the_open_cart_of_a_visitor_tells_how_many_things_are_in_it(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}, "CUP": {"W1": 9}})
    cart_id = await filled(db, scope, {"TEA": 2, "CUP": 1}, holder_hash=b"1")
    empty = await filled(db, scope, {}, holder_hash=b"2")
    assert await has_open(db, scope, holder_hash=b"1") == OpenCart(cart_id, 3)
    assert await has_open(db, scope, holder_hash=b"2") == OpenCart(empty, 0)
    assert await has_open(db, scope, holder_hash=b"3") == NOTHING
    assert await has_open(db, scope) == NOTHING


async def test_who_is_known_has_the_customers_cart_whatever_they_hold(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}, "CUP": {"W1": 9}})
    customer, stranger = await people.save(db, scope, [people.wang(), people.wang(phone="", email="li@example.com")])
    own = await filled(db, scope, {"TEA": 2, "CUP": 1}, customer_id=customer)
    await filled(db, scope, {"TEA": 1}, holder_hash=b"1")
    assert await has_open(db, scope, holder_hash=b"1", customer_id=customer) == OpenCart(own, 3)
    assert await has_open(db, scope, holder_hash=b"1", customer_id=stranger) == NOTHING
    assert await has_open(db, Scope(other_tenant), customer_id=customer) == NOTHING
    await db.write(scope, lambda tx: service.discard_cart(tx, cart_id=own))
    assert await has_open(db, scope, customer_id=customer) == NOTHING
