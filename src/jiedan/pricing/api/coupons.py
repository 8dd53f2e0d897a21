"""REST of coupons: make batches, list and change them, for whom they are; add, block, look up and download codes."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.response import Stream
from msgspec import UNSET, UnsetType

from jiedan.base import paging
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.service import coupons as service
from jiedan.pricing.service import naming
from jiedan.pricing.values import coupons as values
from jiedan.pricing.values.coupons import CouponBatch, CouponOrigin, CouponRow, CouponTermsChange, NewCoupons

Uses = Annotated[int, msgspec.Meta(ge=1, le=values.COUPON_USES_MAX)]
NoteText = Annotated[str, msgspec.Meta(max_length=values.COUPON_NOTE_CHARACTERS_MAX)]
TypedCode = Annotated[str, msgspec.Meta(min_length=1, max_length=values.COUPON_TYPED_CHARACTERS_MAX)]
TypedCodes = Annotated[list[TypedCode], msgspec.Meta(min_length=1, max_length=values.COUPON_ROWS_MAX)]


class CouponsBody(bodies.Body):
    """Coupons to make for a promotion: `size` codes after a prefix, or `codes` of one's own.

    `uses_max` is how many orders may use each code, `uses_per_customer_max` how many of one customer; null is no limit.
    `customer_ids` are those for whom alone they are, an empty list where they are named later; null is for everybody.
    """

    __example__: ClassVar[dict[str, Any]] = {
        "promotion": "spring",
        "size": 100,
        "prefix": "SPRING",
        "valid_until": "2026-12-31T16:00:00Z",
        "note": "For the letters of November.",
    }

    promotion: bodies.Code
    size: Annotated[int, msgspec.Meta(ge=1, le=values.COUPONS_PER_BATCH_MAX)] | None = None
    codes: TypedCodes | None = None
    prefix: Annotated[str, msgspec.Meta(max_length=values.COUPON_TYPED_CHARACTERS_MAX)] = ""
    uses_max: Uses | None = 1
    uses_per_customer_max: Uses | None = None
    valid_from: bodies.Moment | None = None
    valid_until: bodies.Moment | None = None
    note: NoteText = ""
    customer_ids: Annotated[list[UUID], msgspec.Meta(max_length=values.COUPON_CUSTOMERS_MAX)] | None = None

    def wish(self) -> NewCoupons:
        """Return the batch that is asked for."""
        return NewCoupons(
            self.promotion,
            self.size or 0,
            tuple(self.codes or ()),
            self.prefix,
            self.uses_max,
            self.uses_per_customer_max,
            self.valid_from,
            self.valid_until,
            self.note,
            None if self.customer_ids is None else tuple(self.customer_ids),
        )


class CouponsPatch(bodies.Body):
    """What of a batch changes; what is left out stays, null takes an end of its time away."""

    __example__: ClassVar[dict[str, Any]] = {"valid_until": "2027-01-31T16:00:00Z", "is_blocked": False}

    valid_from: bodies.Moment | UnsetType | None = UNSET
    valid_until: bodies.Moment | UnsetType | None = UNSET
    note: NoteText | UnsetType = UNSET
    is_blocked: bool | UnsetType = UNSET


class CodesBody(bodies.Body):
    """Codes of one's own to add; case, spaces and dashes do not count."""

    __example__: ClassVar[dict[str, Any]] = {"codes": ["WELCOME-10", "双十一"]}

    codes: TypedCodes


class BlockBody(bodies.Body):
    """Codes to block, or to let work again."""

    __example__: ClassVar[dict[str, Any]] = {
        "coupon_ids": ["0193a000-0000-7000-8000-000000000001"],
        "is_blocked": True,
    }

    coupon_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=values.COUPON_ROWS_MAX)]
    is_blocked: bool


class CouponCustomersBody(bodies.Body):
    """Customers for whom coupons are from now on, or not any more."""

    __example__: ClassVar[dict[str, Any]] = {
        "customer_ids": ["0193a000-0000-7000-8000-000000000001"],
        "is_named": True,
    }

    customer_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=values.COUPON_CUSTOMERS_MAX)]
    is_named: bool = True


class LookUpBody(bodies.Body):
    """A code as somebody wrote it; case, spaces and dashes do not count."""

    __example__: ClassVar[dict[str, Any]] = {"code": "spring 10"}

    code: TypedCode


class CouponCustomersView(msgspec.Struct, frozen=True):
    """For whom alone coupons are, those who were merged as into whom; empty also where they are for everybody."""

    customer_ids: list[UUID]


class CouponBatchView(msgspec.Struct, frozen=True):
    """A batch of coupons: `made` of `size` codes exist by now, `used` counts the orders that use one.

    One that `is_personal` is for the customers who are named beside it alone.
    """

    coupon_batch_id: UUID
    promotion: str
    origin: CouponOrigin
    prefix: str
    size: int
    made: int
    used: int
    uses_max: int | None
    uses_per_customer_max: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    note: str
    blocked_at: datetime | None
    created_at: datetime
    version: int
    is_personal: bool


class CouponView(msgspec.Struct, frozen=True):
    """One code; `used` counts the orders that use it."""

    coupon_id: UUID
    coupon_batch_id: UUID
    number: int
    code: str
    promotion: str
    used: int
    blocked_at: datetime | None


class BlockedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one code: as it is now; or refused, and why."""

    coupon: CouponView | None = None
    problem: Problem | None = None


def _batch(x: CouponBatch) -> CouponBatchView:
    return CouponBatchView(
        x.batch_id,
        x.promotion,
        x.origin,
        x.prefix,
        x.size,
        x.made,
        x.used,
        x.uses_max,
        x.uses_per_customer_max,
        x.valid_from,
        x.valid_until,
        x.note,
        x.blocked_at,
        x.created_at,
        x.version,
        x.is_personal,
    )


def _coupon(x: CouponRow) -> CouponView:
    return CouponView(x.coupon_id, x.batch_id, x.number, x.code, x.promotion, x.used, x.blocked_at)


@post("/coupon-batches", permission="prices:write", idempotent=True, also=[409], summary="Make coupons")
async def make_coupons(unit: Unit, data: CouponsBody) -> Response[CouponBatchView]:
    """Make a batch of coupons; more than a thousand codes follow by themselves, `made` tells how far they are."""
    wish, key = data.wish(), unit.idempotency_key
    made = await unit.write(lambda tx: service.make_coupons(tx, wish=wish, key=key))
    return answers.created(_batch(made), f"/api/v1/coupon-batches/{made.batch_id}", version=made.version)


@get("/coupon-batches", permission="prices:read", summary="List batches of coupons")
async def list_coupon_batches(
    unit: Unit, *, promotion: str | None = None, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[CouponBatchView]]:
    """Return batches, latest first; with `promotion` those that open it."""
    request = unit.page("coupon-batches", filters={"promotion": promotion}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.batch_rows(tx, request=request, promotion=promotion)
    return answers.listing(unit, paging.Page([_batch(x) for x in page.items], page.next, page.previous))


@get("/coupon-batches/{coupon_batch_id:uuid}", permission="prices:read", summary="Get a batch of coupons")
async def get_coupon_batch(unit: Unit, coupon_batch_id: UUID) -> Response[CouponBatchView]:
    """Return one batch."""
    async with unit.read() as tx:
        found = await queries.batch(tx, coupon_batch_id)
    return answers.versioned(_batch(found), found.version)


@patch(
    "/coupon-batches/{coupon_batch_id:uuid}",
    permission="prices:write",
    versioned=True,
    summary="Change or block a batch of coupons",
)
async def change_coupon_batch(unit: Unit, coupon_batch_id: UUID, data: CouponsPatch) -> Response[CouponBatchView]:
    """Change when a batch holds, its note, or whether it is blocked; with `If-Match` only if nobody did meanwhile."""
    changed = await unit.write(
        lambda tx: service.change_coupons(
            tx, batch_id=coupon_batch_id, change=_change(data), expected_version=unit.if_match
        )
    )
    return answers.versioned(_batch(changed), changed.version)


def _change(data: CouponsPatch) -> CouponTermsChange:
    return CouponTermsChange(data.valid_from, data.valid_until, data.note, data.is_blocked)


@post(
    "/coupon-batches/{coupon_batch_id:uuid}/coupons",
    permission="prices:write",
    idempotent=True,
    status_code=200,
    also=[409],
    summary="Add coupon codes of one's own",
)
async def add_coupons(unit: Unit, coupon_batch_id: UUID, data: CodesBody) -> CouponBatchView:
    """Add codes to a batch whose codes are one's own; one that is there already refuses them all."""
    key = unit.idempotency_key
    return _batch(
        await unit.write(lambda tx: service.add_coupons(tx, batch_id=coupon_batch_id, codes=data.codes, key=key))
    )


@get("/coupon-batches/{coupon_batch_id:uuid}/coupons", permission="prices:write", summary="List coupon codes")
async def list_coupons(
    unit: Unit, coupon_batch_id: UUID, *, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[CouponView]]:
    """Return the codes of a batch, by number."""
    request = unit.page("coupons", filters={"batch": str(coupon_batch_id)}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        await queries.batch(tx, coupon_batch_id)
        page = await queries.coupon_rows(tx, request=request, batch_id=coupon_batch_id)
    return answers.listing(unit, paging.Page([_coupon(x) for x in page.items], page.next, page.previous))


@get(
    "/coupon-batches/{coupon_batch_id:uuid}/customers",
    permission="prices:write",
    summary="List customers for whom coupons are",
)
async def list_coupon_customers(unit: Unit, coupon_batch_id: UUID) -> CouponCustomersView:
    """Return the customers for whom alone a batch is."""
    async with unit.read() as tx:
        await queries.batch(tx, coupon_batch_id)
        return CouponCustomersView(await queries.customers_of(tx, coupon_batch_id))


@post(
    "/coupon-batches/{coupon_batch_id:uuid}/customers",
    permission="prices:write",
    versioned=True,
    status_code=200,
    summary="Say for whom coupons are",
)
async def change_coupon_customers(
    unit: Unit, coupon_batch_id: UUID, data: CouponCustomersBody
) -> Response[CouponBatchView]:
    """Name customers for whom a batch is, or take them out; with `If-Match` only if nobody changed it meanwhile."""
    changed = await unit.write(
        lambda tx: naming.change_customers(
            tx,
            batch_id=coupon_batch_id,
            customer_ids=data.customer_ids,
            is_named=data.is_named,
            expected_version=unit.if_match,
        )
    )
    return answers.versioned(_batch(changed), changed.version)


@get(
    "/coupon-batches/{coupon_batch_id:uuid}/codes",
    permission="prices:write",
    media_type="text/csv",
    summary="Download coupon codes",
)
async def download_coupons(unit: Unit, coupon_batch_id: UUID) -> Stream:
    """Send the codes of a batch as CSV that spreadsheets open as it is."""
    async with unit.read() as tx:
        await queries.batch(tx, coupon_batch_id)
    headers = {"content-disposition": 'attachment; filename="coupons.csv"'}
    return Stream(queries.csv_of(unit.read, coupon_batch_id), media_type="text/csv", headers=headers)


@post("/coupons/blocking", permission="prices:write", status_code=200, summary="Block coupon codes")
async def block_coupons(unit: Unit, data: BlockBody) -> list[BlockedRow]:
    """Block codes, or let them work again; one outcome each, in order."""
    outcomes, _ = await unit.write(
        lambda tx: service.block_coupons(tx, coupon_ids=data.coupon_ids, is_blocked=data.is_blocked)
    )
    return [
        BlockedRow(problem=problem_of(x, locale=unit.locale)) if isinstance(x, Refusal) else BlockedRow(_coupon(x))
        for x in outcomes
    ]


@post(
    "/coupons/look-ups", permission="prices:read", status_code=200, also=[404], summary="Look up a coupon by its code"
)
async def look_up_coupon(unit: Unit, data: LookUpBody) -> CouponView:
    """Return the coupon of a code; who tries many that no coupon has must wait."""
    caller, network = unit.principal.caller, unit.network
    found = await unit.write(lambda tx: service.look_up_coupon(tx, typed=data.code, caller=caller, network=network))
    if isinstance(found, Refusal):
        raise found
    return _coupon(found)


HANDLERS = (
    make_coupons,
    list_coupon_batches,
    get_coupon_batch,
    change_coupon_batch,
    add_coupons,
    list_coupons,
    list_coupon_customers,
    change_coupon_customers,
    download_coupons,
    block_coupons,
    look_up_coupon,
)
