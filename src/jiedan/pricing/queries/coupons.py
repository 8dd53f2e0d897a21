"""Reads of coupons: batches, their codes, and who used them."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import ids, paging, spreadsheets, sql
from jiedan.base.db import LockRank, ReadTx, Tx
from jiedan.pricing import errors
from jiedan.pricing.rules import coupons as rules
from jiedan.pricing.tables import Coupon as CouponTable
from jiedan.pricing.tables import CouponBatch as BatchTable
from jiedan.pricing.tables import Redemption as RedemptionTable
from jiedan.pricing.values.coupons import CouponBatch, CouponBatchId, CouponId, CouponRow, WrittenCode
from jiedan.pricing.values.redemptions import Redemption

SQL = sql.load("jiedan.pricing.queries", "coupons.sql")

CODES_PER_READ = 5_000

_LATEST_BATCH = paging.Keyset((BatchTable.batch_id,))
_BY_NUMBER = paging.Keyset((CouponTable.number,), descending=False)
_LATEST_USE = paging.Keyset((RedemptionTable.redemption_id,))

_BATCH_COLUMNS = (
    BatchTable.batch_id,
    BatchTable.promotion,
    BatchTable.origin,
    BatchTable.prefix,
    BatchTable.size,
    BatchTable.made,
    sa.literal(0),
    BatchTable.uses_max,
    BatchTable.uses_per_customer_max,
    BatchTable.valid_from,
    BatchTable.valid_until,
    BatchTable.note,
    BatchTable.blocked_at,
    BatchTable.created_at,
    BatchTable.actor_kind,
    BatchTable.actor_id,
    BatchTable.version,
    BatchTable.is_personal,
)


class UsesAsked(NamedTuple):
    """Whose uses a list shows; what is None is not asked."""

    order_id: UUID | None = None
    coupon_id: UUID | None = None
    customer_id: UUID | None = None
    promotion: str | None = None


async def batch(tx: ReadTx, batch_id: UUID) -> CouponBatch:
    """Return one batch. Raises CouponBatchNotFound."""
    return _one(await tx.sql(SQL["batch"], batch_id=batch_id))


async def batch_for_update(tx: Tx, batch_id: UUID) -> CouponBatch:
    """Lock one batch and return it, without its uses. Raises CouponBatchNotFound."""
    tx.will_lock(LockRank.COUPON)
    return _one(await tx.sql(SQL["batch_for_update"], batch_id=batch_id))


async def batch_rows(tx: ReadTx, *, request: paging.Request, promotion: str | None = None) -> paging.Page[CouponBatch]:
    """Return a page of batches, latest first, all or a promotion's. Two statements."""
    rows = (await tx.execute(_LATEST_BATCH.apply(_batches(tx, promotion), request))).all()
    used = await _used_of(tx, rows)
    return _LATEST_BATCH.page(rows, request, make=lambda row: _with_used(row, used), position=lambda row: (row[0],))


async def latest_batches(tx: ReadTx, *, most: int, promotion: str | None = None) -> list[CouponBatch]:
    """Return the latest batches, all or a promotion's. Two statements."""
    statement = _batches(tx, promotion).order_by(BatchTable.batch_id.desc()).limit(most)
    rows = (await tx.execute(statement)).all()
    used = await _used_of(tx, rows)
    return [_with_used(row, used) for row in rows]


def _batches(tx: ReadTx, promotion: str | None) -> sa.Select[*tuple[Any, ...]]:
    statement = sa.select(*_BATCH_COLUMNS).where(BatchTable.tenant_id == tx.tenant)
    return statement if promotion is None else statement.where(BatchTable.promotion == promotion)


async def _used_of(tx: ReadTx, rows: Sequence[Any]) -> dict[str, int]:
    return dict(await tx.sql(SQL["batches_used"], batch_ids=[str(row[0]) for row in rows]))


def _with_used(row: Sequence[Any], used: Mapping[str, int]) -> CouponBatch:
    return _batch((*row[:6], used.get(str(row[0]), 0), *row[7:]))


async def coupon_rows(tx: ReadTx, *, request: paging.Request, batch_id: UUID) -> paging.Page[CouponRow]:
    """Return a page of the codes of a batch, by number. Two statements."""
    statement = sa.select(CouponTable.coupon_id, CouponTable.number).where(
        CouponTable.tenant_id == tx.tenant, CouponTable.batch_id == batch_id
    )
    rows = (await tx.execute(_BY_NUMBER.apply(statement, request))).all()
    found = await coupons(tx, [row.coupon_id for row in rows])
    return _BY_NUMBER.page(
        rows, request, make=lambda row: found[CouponId(row.coupon_id)], position=lambda row: (row.number,)
    )


async def coupons(tx: ReadTx, coupon_ids: Collection[UUID]) -> dict[CouponId, CouponRow]:
    """Return codes by id; unknown ones are absent."""
    rows = await tx.sql(SQL["coupons"], coupon_ids=ids.in_order(coupon_ids))
    return {CouponId(row[0]): _coupon(row) for row in rows}


async def coupon_of_code(tx: ReadTx, code: str) -> CouponRow | None:
    """Return the coupon of a canonical code, if there is one."""
    rows = await tx.sql(SQL["coupon_of_code"], code=code)
    return (await coupons(tx, [rows[0][0]]))[CouponId(rows[0][0])] if rows else None


async def customers_of(tx: ReadTx, batch_id: UUID) -> list[UUID]:
    """Return the customers for whom alone a batch is; of those who were merged, into whom."""
    return [row[0] for row in await tx.sql(SQL["customers_of"], batch_id=batch_id)]


async def codes_for(tx: ReadTx, *, customer_ids: Collection[UUID], limit: int) -> list[str]:
    """Return codes that are for one of these customers alone and may be used now: one of each batch, newest first."""
    wanted = {"customer_ids": ids.in_order(customer_ids), "now": tx.now, "limit": limit}
    return [row[0] for row in await tx.sql(SQL["codes_for"], **wanted)]


async def codes_of(tx: ReadTx, batch_id: UUID, *, after: int = 0) -> list[WrittenCode]:
    """Return the next codes of a batch after a number, as people write them; at most `CODES_PER_READ`."""
    of = await batch(tx, batch_id)
    rows = await tx.sql(SQL["codes_of"], batch_id=batch_id, after=after, limit=CODES_PER_READ)
    is_made = of.origin == "made"
    return [
        WrittenCode(number, rules.spelled(code, prefix=of.prefix, is_made=is_made), blocked_at, used)
        for number, code, blocked_at, used in rows
    ]


async def csv_of(read: Callable[[], AbstractAsyncContextManager[ReadTx]], batch_id: UUID) -> AsyncIterator[bytes]:
    """Yield the codes of a batch as CSV, set by set, each read in a transaction of its own."""
    yield (spreadsheets.BYTE_ORDER_MARK + spreadsheets.csv_lines([rules.HEADINGS])).encode()
    after = 0
    while True:
        async with read() as tx:
            rows = await codes_of(tx, batch_id, after=after)
        if not rows:
            return
        after = rows[-1].number
        yield spreadsheets.csv_lines(rules.cells_of(rows)).encode()


async def redemption_rows(tx: ReadTx, *, request: paging.Request, asked: UsesAsked) -> paging.Page[Redemption]:
    """Return a page of the uses of an order, a code, a customer or a promotion, latest first. Two statements."""
    t = RedemptionTable
    statement = sa.select(
        t.redemption_id, t.order_id, t.promotion, t.coupon_id, t.customer_id, t.units, t.currency, t.discount_minor,
        t.redeemed_at, t.given_back_at,
    ).where(t.tenant_id == tx.tenant)  # fmt: skip
    for column, value in zip((t.order_id, t.coupon_id, t.customer_id, t.promotion), asked, strict=True):
        if value is not None:
            statement = statement.where(column == value)
    rows = (await tx.execute(_LATEST_USE.apply(statement, request))).all()
    coupon_ids = ids.in_order(row.coupon_id for row in rows if row.coupon_id is not None)
    codes = {key: rest for key, *rest in await tx.sql(SQL["codes_by_id"], coupon_ids=coupon_ids)}

    def made(row: Sequence[Any]) -> Redemption:
        redemption_id, order_id, of, coupon_id, *rest = row
        batch_id, code = codes.get(coupon_id, (None, ""))
        return Redemption(redemption_id, order_id, of, coupon_id, batch_id, code, *rest)

    return _LATEST_USE.page(rows, request, make=made, position=lambda row: (row.redemption_id,))


def _one(rows: list[tuple[Any, ...]]) -> CouponBatch:
    if not rows:
        raise errors.CouponBatchNotFound
    return _batch(rows[0])


def _batch(row: Sequence[Any]) -> CouponBatch:
    return CouponBatch(CouponBatchId(row[0]), *row[1:])


def _coupon(row: Sequence[Any]) -> CouponRow:
    coupon_id, batch_id, number, code, promotion, used, blocked_at, origin, prefix = row
    shown = rules.spelled(code, prefix=prefix, is_made=origin == "made")
    return CouponRow(CouponId(coupon_id), CouponBatchId(batch_id), number, shown, promotion, used, blocked_at)
