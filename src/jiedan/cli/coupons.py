"""`jiedan coupons make | list | export | find`."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import cyclopts

from jiedan.accounts import queries as accounts
from jiedan.base import files, paging
from jiedan.base.db import Database, Scope
from jiedan.base.i18n import N_
from jiedan.cli import merchant as merchants
from jiedan.cli import output, runtime
from jiedan.pricing import errors
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.rules import coupons as rules
from jiedan.pricing.service import coupons as service
from jiedan.pricing.values.coupons import CouponBatch, NewCoupons

app = cyclopts.App(name="coupons", help=N_("Make coupons, write their codes to a file, look one up."))

_MADE = N_("{made} codes of the batch {batch_id} are made.")
_WRITTEN = N_("{path} has the codes.")
_MAKING = N_("Making codes")
_WRITING = N_("Writing codes")
_HEADINGS = {
    "coupon_batch_id": N_("Batch"),
    "promotion": N_("Promotion"),
    "made": N_("Made"),
    "size": N_("Codes"),
    "used": N_("Orders"),
    "valid_until": N_("Until"),
    "note": N_("Note"),
}
_FOUND = {
    "code": N_("Code"),
    "promotion": N_("Promotion"),
    "used": N_("Orders"),
    "blocked_at": N_("Blocked"),
    "coupon_batch_id": N_("Batch"),
}


@app.command
async def make(
    promotion: str,
    *,
    size: int = 0,
    code: Annotated[Sequence[str], cyclopts.Parameter(name="--code", negative=())] = (),
    prefix: str = "",
    uses_max: int = 1,
    uses_per_customer_max: int | None = None,
    valid_from: dt.datetime | None = None,
    valid_until: dt.datetime | None = None,
    note: str = "",
    customer: Annotated[Sequence[UUID], cyclopts.Parameter(name="--customer", negative=())] = (),
    key: str | None = None,
    merchant: str | None = None,
) -> None:
    """Make a batch of coupons for a promotion: so many codes that nobody guesses, or codes of your own.

    Parameters
    ----------
    promotion
        The promotion that the codes open.
    size
        How many codes to make.
    code
        A code of your own; may be repeated.
    prefix
        What codes that are made begin with.
    uses_max
        How many orders may use each code; 0 for as many as come.
    uses_per_customer_max
        How many orders of one customer may use each code.
    valid_from
        The first moment at which they hold, by the merchant's clock unless it says another.
    valid_until
        The first moment after.
    note
        What they are for.
    customer
        The id of a customer for whom alone they are; may be repeated. For anybody else there are no such codes.
    key
        Run again with the same key, the command makes no second batch and goes on where it stopped.
    merchant
        The merchant; needed when there are several.

    """
    uses = (uses_max or None, uses_per_customer_max)
    own = tuple(customer) or None
    wish = NewCoupons(promotion, size, tuple(code), prefix, *uses, valid_from, valid_until, note, own)
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        batch = await _finished(jiedan.database, scope, await _begun(jiedan.database, scope, wish, key))
    told = {"coupon_batch_id": batch.batch_id, "made": batch.made, "size": batch.size}
    output.result(told, _MADE, made=batch.made, batch_id=batch.batch_id)


async def _begun(database: Database, scope: Scope, wish: NewCoupons, key: str | None) -> CouponBatch:
    """Ask for a batch whose moments are by the merchant's clock."""
    async with database.read(scope) as tx:
        zone = ZoneInfo((await tx.load_one(accounts.settings())).time_zone)
    local = wish._replace(valid_from=_moment(wish.valid_from, zone), valid_until=_moment(wish.valid_until, zone))
    return await database.write(scope, lambda tx: service.make_coupons(tx, wish=local, key=key))


async def _finished(database: Database, scope: Scope, batch: CouponBatch) -> CouponBatch:
    """Make what is missing of a batch, set by set; a worker that does the same meanwhile is no harm."""
    batch_id = batch.batch_id
    with output.progress(_MAKING, total=batch.size) as advance:
        advance(batch.made)
        while batch.made < batch.size:
            before = batch.made
            batch = await database.write(scope, lambda tx: service.make_more(tx, batch_id=batch_id))
            advance(batch.made - before)
    return batch


def _moment(at: dt.datetime | None, zone: ZoneInfo) -> dt.datetime | None:
    return None if at is None else at.replace(tzinfo=zone) if at.tzinfo is None else at


@app.command(name="list")
async def list_(*, promotion: str | None = None, limit: int = 50, merchant: str | None = None) -> None:
    """List batches of coupons, the latest first.

    Parameters
    ----------
    promotion
        Only those that open this promotion.
    limit
        At most so many; 200 is the most there can be.
    merchant
        The merchant; needed when there are several.

    """
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            found = await queries.latest_batches(tx, promotion=promotion, most=max(1, min(limit, paging.LIMIT_MAX)))
    output.table([_row(batch) for batch in found], _HEADINGS)


def _row(batch: CouponBatch) -> dict[str, object]:
    return {
        "coupon_batch_id": batch.batch_id,
        "promotion": batch.promotion,
        "made": batch.made,
        "size": batch.size,
        "used": batch.used,
        "valid_until": batch.valid_until,
        "note": batch.note,
    }


@app.command
async def export(batch_id: UUID, file: Path, *, merchant: str | None = None) -> None:
    """Write the codes of a batch to a CSV file that spreadsheets open as it is.

    Parameters
    ----------
    batch_id
        The batch, as `coupons list` tells it.
    file
        The file to write; it must not exist.
    merchant
        The merchant; needed when there are several.

    """
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        async with jiedan.database.read(scope) as tx:
            batch = await queries.batch(tx, batch_id)
        with (
            files.explained(file),
            files.drafted(file, overwrite=False) as opened,
            output.progress(_WRITING, total=batch.made) as advance,
        ):
            async for part in queries.csv_of(lambda: jiedan.database.read(scope), batch_id):
                opened.write(part)
                advance(part.count(b"\n"))
    output.result({"path": str(file), "codes": batch.made}, _WRITTEN, path=file)


@app.command
async def find(code: str, *, merchant: str | None = None) -> None:
    """Look up a code; case, spaces and dashes do not count.

    Parameters
    ----------
    code
        The code as somebody wrote it.
    merchant
        The merchant; needed when there are several.

    """
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        canonical = rules.canonical(code)
        async with jiedan.database.read(scope) as tx:
            found = None if canonical is None else await queries.coupon_of_code(tx, canonical)
    if found is None:
        raise errors.CouponNotFound(field="code")
    row = {
        "code": found.code,
        "promotion": found.promotion,
        "used": found.used,
        "blocked_at": found.blocked_at,
        "coupon_batch_id": found.batch_id,
    }
    output.table([row], _FOUND)
