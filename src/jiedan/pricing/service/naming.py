"""Say for whom alone the codes of a batch are: customers are named and taken out in sets, and forgotten."""

from collections.abc import Collection, Sequence
from uuid import UUID

from jiedan.accounts import service as accounts
from jiedan.base import ids, sql
from jiedan.base.db import Tx
from jiedan.base.errors import one_of
from jiedan.customers import queries as customers
from jiedan.pricing import errors, events
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.values.coupons import COUPON_CUSTOMERS_MAX, CouponBatch

SQL = sql.load("jiedan.pricing.service", "coupons.sql")


async def change_customers(
    tx: Tx, *, batch_id: UUID, customer_ids: Sequence[UUID], is_named: bool, expected_version: int | None = None
) -> CouponBatch:
    """Name customers for whom a batch is, or take them out; nothing is written where that is so already.

    What somebody has used stays used. Raises CouponBatchNotFound, StaleVersion, CouponsForEverybody,
    CouponCustomersInvalid, CouponCustomerUnknown, or Rejections of several.
    """
    if not 0 < len(customer_ids) <= COUPON_CUSTOMERS_MAX:
        raise errors.CouponCustomersInvalid(COUPON_CUSTOMERS_MAX, field="customer_ids")
    await queries.batch(tx, batch_id)
    named = await known(tx, customer_ids) if is_named else ids.in_order(customer_ids)
    batch = await queries.batch_for_update(tx, batch_id)
    await accounts.check_version(
        tx,
        subject_id=batch_id,
        kind=events.CouponBatchChanged.kind,
        current=batch.version,
        expected=expected_version,
    )
    if not batch.is_personal:
        raise errors.CouponsForEverybody
    if is_named:
        changed = await write(tx, batch_id, named)
        if len(await queries.customers_of(tx, batch_id)) > COUPON_CUSTOMERS_MAX:
            raise errors.CouponCustomersInvalid(COUPON_CUSTOMERS_MAX, field="customer_ids")
    else:
        changed = len(await tx.sql(SQL["unname_customers"], batch_id=batch_id, customer_ids=named))
    if changed:
        await tx.sql_count(SQL["count_change"], batch_id=batch_id)
        is_blocked = batch.blocked_at is not None
        tx.emit(
            events.CouponBatchChanged(
                batch_id=batch_id, fields=("customers",), is_blocked=is_blocked, version=batch.version + 1
            )
        )
    return await queries.batch(tx, batch_id)


async def known(tx: Tx, customer_ids: Sequence[UUID]) -> list[UUID]:
    """Return customers who are there, those who were merged as into whom, and keep them from being erased meanwhile.

    Raises CouponCustomerUnknown, or Rejections of several.
    """
    found = await tx.load_one(customers.existing_held(customer_ids))
    unknown = [
        errors.CouponCustomerUnknown(str(one), field=f"customer_ids[{i}]")
        for i, one in enumerate(customer_ids)
        if one not in found
    ]
    if unknown:
        raise one_of(unknown)
    return ids.in_order({one.customer_id for one in found.values()})


async def write(tx: Tx, batch_id: UUID, customer_ids: Sequence[UUID]) -> int:
    """Name customers, and return how many were not before; no statement for none. The caller has locked the batch."""
    if not customer_ids:
        return 0
    return len(await tx.sql(SQL["name_customers"], batch_id=batch_id, customer_ids=customer_ids, now=tx.now))


async def forget_customers(tx: Tx, *, customer_ids: Collection[UUID]) -> None:
    """Forget that coupons were for customers who are erased; what was for them alone opens for nobody then."""
    await tx.sql_count(SQL["forget_customers"], customer_ids=ids.in_order(customer_ids))
