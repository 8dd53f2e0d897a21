"""Coupons: the list of batches, making one, and one with its codes, its time, and what is blocked of it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.response import Stream

from jiedan.base import paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal, accepted
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled, Form
from jiedan.base.web.pages import Undo
from jiedan.base.web.unit import Unit
from jiedan.console import endings
from jiedan.console.signs import Sign
from jiedan.customers import queries as customers
from jiedan.customers.values import Customer
from jiedan.pricing import errors
from jiedan.pricing import queries as prices
from jiedan.pricing.queries import coupons as queries
from jiedan.pricing.service import coupons as service
from jiedan.pricing.service import naming
from jiedan.pricing.values import coupons as values
from jiedan.pricing.values.coupons import CouponBatch, CouponTermsChange, NewCoupons
from jiedan.pricing.values.promotions import Promotion

ROWS = 50
FOUND_MAX = 10
SEARCH_CHARACTERS_MAX = 200
CODES_CHARACTERS_MAX = values.COUPON_ROWS_MAX * (values.COUPON_TYPED_CHARACTERS_MAX + 2)

ACTIVE = Sign(N_("Active"), "ok", "full")
COMING = Sign(N_("Not begun"), "info", "quarter")
OVER = Sign(N_("Over"), "", "empty")
BLOCKED = Sign(N_("Blocked"), "bad", "empty")

Uses = Annotated[int, msgspec.Meta(ge=1, le=values.COUPON_USES_MAX)]
NoteText = Annotated[str, msgspec.Meta(max_length=values.COUPON_NOTE_CHARACTERS_MAX)]
CodesText = Annotated[str, msgspec.Meta(max_length=CODES_CHARACTERS_MAX)]


class MakeForm(Form):
    """A batch to make: so many codes, or `codes`, one on each line. `key` makes a form that is sent again the same."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    promotion: bodies.Code
    size: Annotated[int, msgspec.Meta(ge=1, le=values.COUPONS_PER_BATCH_MAX)] | None = None
    codes: CodesText = ""
    prefix: Annotated[str, msgspec.Meta(max_length=values.COUPON_TYPED_CHARACTERS_MAX)] = ""
    uses_max: Uses | None = None
    uses_per_customer_max: Uses | None = None
    first_day: date | None = None
    last_day: date | None = None
    note: NoteText = ""
    is_personal: bool = False


class ChangeForm(Form):
    """When a batch holds, its note and whether it is blocked, at the version that was looked at."""

    version: bodies.Version
    first_day: date | None = None
    last_day: date | None = None
    note: NoteText = ""
    is_blocked: bool = False


class AddForm(Form):
    """Codes of one's own to add, one on each line."""

    codes: Annotated[str, msgspec.Meta(min_length=1, max_length=CODES_CHARACTERS_MAX)]


class NameForm(Form):
    """A customer for whom codes are, or are no more."""

    customer_id: UUID
    is_named: bool = False


class BlockForm(Form):
    """Whether one code is blocked."""

    coupon_id: UUID
    is_blocked: bool = False


class People(NamedTuple):
    """For how many a batch is, who they are as far as who looks may know, and whom what was typed fits besides."""

    number: int
    named: Sequence[Customer]
    text: str
    fitting: Sequence[Customer]


def sign_of(batch: CouponBatch, *, at: datetime) -> Sign:
    """Return what a batch is good for now."""
    if batch.blocked_at is not None:
        return BLOCKED
    if batch.valid_from is not None and at < batch.valid_from:
        return COMING
    return OVER if batch.valid_until is not None and at >= batch.valid_until else ACTIVE


def last_moment(batch: CouponBatch) -> datetime | None:
    """Return the last moment at which a batch holds, if it ends: on the last day, not the one after."""
    return None if batch.valid_until is None else batch.valid_until - timedelta(microseconds=1)


@get("/coupons", permission="prices:read")
async def coupons_page(unit: Unit) -> Response[str]:
    """Show batches of coupons, latest first. Two statements."""
    promotion = unit.request.query_params.get("promotion", "").strip()
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-coupons", filters={"promotion": promotion}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.batch_rows(tx, request=request, promotion=promotion or None)
        rows = [(x, sign_of(x, at=tx.now), last_moment(x)) for x in page.items]
    shown = paging.Page(rows, page.next, page.previous)
    return pages.render(unit, "console/coupons.html", page=shown, promotion=promotion)


@get("/coupons/new", permission="prices:write")
async def new_coupons_page(unit: Unit) -> Response[str]:
    """Ask what coupons to make. `promotion` in the address is the one they open."""
    return await _new(unit, forms.empty(unit, promotion=unit.request.query_params.get("promotion"), uses_max=1))


async def _new(unit: Unit, form: "Filled[Any]") -> Response[str]:
    async with unit.read() as tx:
        offered = await _promotions(tx)
    return pages.render(
        unit, "console/coupons_new.html", form=form, size_max=values.COUPONS_PER_BATCH_MAX, promotions=offered
    )


async def _promotions(tx: ReadTx) -> list[tuple[str, str, bool]]:
    """Return the promotions that a coupon opens, by name: their codes, and whether they are published."""
    last, present = await tx.load(prices.last_book(), prices.draft_rules(["promotion"]))
    published = {} if last is None else {one.id: one.name for one in last.book.promotions if _wants(one)}
    drafted = {rule.code: rule.body.name for rule in present if isinstance(rule.body, Promotion) and _wants(rule.body)}
    named = sorted((published | drafted).items(), key=lambda each: each[::-1])
    return [(code, name, code in published) for code, name in named]


def _wants(promotion: Promotion) -> bool:
    return promotion.when.coupon == "required"


@post("/coupons", permission="prices:write")
async def make(unit: Unit) -> Response[str]:
    """Make a batch."""
    form = await forms.read(unit, MakeForm)
    sent = form.value
    if sent is None:
        return await _new(unit, form)

    async def work() -> CouponBatch:
        wish = _wish(sent, unit)
        return await unit.write(lambda tx: service.make_coupons(tx, wish=wish, key=f"form-{sent.key}"))

    made = await endings.tried(form, work, lambda refusal: form.refuse(_renamed(refusal)))
    if made is None:
        return await _new(unit, form)
    told = N_("The coupons are made. Say for whom they are.") if made.is_personal else N_("The coupons are made.")
    return pages.redirect(unit, f"/coupons/{made.batch_id}", flash=told)


def _wish(sent: MakeForm, unit: Unit) -> NewCoupons:
    return NewCoupons(
        sent.promotion,
        sent.size or 0,
        _lines(sent.codes),
        sent.prefix,
        sent.uses_max,
        sent.uses_per_customer_max,
        _begin(sent.first_day, unit),
        _end(sent.last_day, unit),
        sent.note,
        () if sent.is_personal else None,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _begin(day: date | None, unit: Unit) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, ZoneInfo(unit.principal.time_zone))


def _end(day: date | None, unit: Unit) -> datetime | None:
    """Return the first moment after a day. Raises CouponPeriodInvalid where there is none."""
    if day is not None and day >= date.max:
        raise errors.CouponPeriodInvalid(field="valid_until")
    return None if day is None else _begin(day + timedelta(days=1), unit)


def _renamed(refusal: Refusal) -> Refusal:
    """Return a refusal whose fields are those of the form."""
    reasons = getattr(refusal, "reasons", (refusal,))
    for reason in reasons:
        field = (reason.field or "").partition("[")[0]
        reason.field = {"valid_from": "first_day", "valid_until": "last_day"}.get(field, field)
    return refusal


@get("/coupons/{coupon_batch_id:uuid}", permission="prices:read")
async def batch_page(unit: Unit, coupon_batch_id: UUID) -> Response[str]:
    """Show a batch; its codes to who may edit prices."""
    return await _batch(unit, coupon_batch_id)


async def _batch(
    unit: Unit, batch_id: UUID, *, form: "Filled[Any] | None" = None, adding: "Filled[Any] | None" = None
) -> Response[str]:
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-coupon-codes", filters={"batch": str(batch_id)}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        batch = await queries.batch(tx, batch_id)
        codes = None
        if unit.may("prices:write"):
            codes = await queries.coupon_rows(tx, request=request, batch_id=batch_id)
        people = await _people(unit, tx, batch)
        sign = sign_of(batch, at=tx.now)
    first_day, last_day = _days(batch, unit)
    return pages.render(
        unit,
        "console/coupon_batch.html",
        batch=batch,
        codes=codes,
        people=people,
        sign=sign,
        form=form,
        adding=adding,
        status=None if adding is None else adding.status,
        first_day="" if first_day is None else first_day.isoformat(),
        last_day="" if last_day is None else last_day.isoformat(),
    )


async def _people(unit: Unit, tx: ReadTx, batch: CouponBatch) -> People | None:
    """Return for whom alone a batch is, and whom what was typed fits; None where it is for all, or nobody may know."""
    if not batch.is_personal or not unit.may("prices:write"):
        return None
    customer_ids = await queries.customers_of(tx, batch.batch_id)
    if not unit.may("customers:read"):
        return People(len(customer_ids), [], "", [])
    named = await customers.customers_by_id(tx, customer_ids)
    text = unit.request.query_params.get("customer", "").strip()[:SEARCH_CHARACTERS_MAX]
    found = (await customers.matching_customers(tx, text=text)).customer_ids if text else []
    others = [customer_id for customer_id in found if customer_id not in named][:FOUND_MAX]
    fitting = await customers.customers_by_id(tx, others) if others else {}
    return People(len(customer_ids), sorted(named.values(), key=_by_name), text, sorted(fitting.values(), key=_by_name))


def _by_name(customer: Customer) -> tuple[str, UUID]:
    return customer.name, customer.customer_id


@post("/coupons/{coupon_batch_id:uuid}/customers", permission="prices:write")
async def name(unit: Unit, coupon_batch_id: UUID) -> Response[str]:
    """Name a customer for whom a batch is, or take one out."""
    form = await forms.read(unit, NameForm)
    sent = form.value
    if sent is None:
        return await _batch(unit, coupon_batch_id, form=form)

    async def work(tx: Tx) -> bool:
        before = await queries.batch(tx, coupon_batch_id)
        after = await naming.change_customers(
            tx, batch_id=coupon_batch_id, customer_ids=[sent.customer_id], is_named=sent.is_named
        )
        return after.version != before.version

    is_other = await unit.write(work)
    told = N_("The coupons are for this customer, too.") if sent.is_named else N_("The customer was taken out.")
    back = {"customer_id": str(sent.customer_id)} | ({} if sent.is_named else {"is_named": "1"})
    undo = Undo(f"/coupons/{coupon_batch_id}/customers", back) if is_other else None
    return pages.redirect(unit, f"/coupons/{coupon_batch_id}", flash=told, undo=undo)


@post("/coupons/{coupon_batch_id:uuid}/changes", permission="prices:write")
async def change(unit: Unit, coupon_batch_id: UUID) -> Response[str]:
    """Change when a batch holds, its note, and whether it is blocked."""
    form = await forms.read(unit, ChangeForm)
    sent = form.value
    if sent is None:
        return await _batch(unit, coupon_batch_id, form=form)

    async def work(tx: Tx) -> tuple[CouponBatch, CouponBatch]:
        wanted = CouponTermsChange(_begin(sent.first_day, unit), _end(sent.last_day, unit), sent.note, sent.is_blocked)
        before = await queries.batch(tx, coupon_batch_id)
        after = await service.change_coupons(tx, batch_id=coupon_batch_id, change=wanted, expected_version=sent.version)
        return before, after

    changed = await endings.tried(form, lambda: unit.write(work), lambda refusal: form.refuse(_renamed(refusal)))
    if changed is None:
        return await _batch(unit, coupon_batch_id, form=form)
    return pages.redirect(
        unit, f"/coupons/{coupon_batch_id}", flash=N_("The coupons were changed."), undo=_way_back(unit, *changed)
    )


def _way_back(unit: Unit, before: CouponBatch, after: CouponBatch) -> Undo | None:
    """Return the form that says what a batch said before; None where nothing differs, or its days do not say it."""
    first, last = _days(before, unit)
    if after.version == before.version or last == date.max:
        return None
    if (_begin(first, unit), _end(last, unit)) != (before.valid_from, before.valid_until):
        return None
    fields = {name: day.isoformat() for name, day in (("first_day", first), ("last_day", last)) if day is not None}
    fields |= {"version": str(after.version), "note": before.note}
    return Undo(
        f"/coupons/{after.batch_id}/changes", fields | ({"is_blocked": "1"} if before.blocked_at is not None else {})
    )


def _days(batch: CouponBatch, unit: Unit) -> tuple[date | None, date | None]:
    """Return the first and the last day of a batch where the merchant is."""
    zone, last = ZoneInfo(unit.principal.time_zone), last_moment(batch)
    return (
        None if batch.valid_from is None else batch.valid_from.astimezone(zone).date(),
        None if last is None else last.astimezone(zone).date(),
    )


@post("/coupons/{coupon_batch_id:uuid}/codes", permission="prices:write")
async def add(unit: Unit, coupon_batch_id: UUID) -> Response[str]:
    """Add codes of one's own."""
    form = await forms.read(unit, AddForm)
    sent = form.value
    if sent is None:
        return await _batch(unit, coupon_batch_id, adding=form)
    codes = _lines(sent.codes)
    await endings.tried(
        form,
        lambda: unit.write(lambda tx: service.add_coupons(tx, batch_id=coupon_batch_id, codes=codes)),
        lambda refusal: form.refuse(_renamed(refusal)),
    )
    if endings.is_refused(form):
        return await _batch(unit, coupon_batch_id, adding=form)
    return pages.redirect(unit, f"/coupons/{coupon_batch_id}", flash=N_("The codes were added."))


@post("/coupons/{coupon_batch_id:uuid}/blocking", permission="prices:write")
async def block(unit: Unit, coupon_batch_id: UUID) -> Response[str]:
    """Block one code of a batch, or let it work again. Raises CouponNotFound."""
    form = await forms.read(unit, BlockForm)
    sent = form.value
    if sent is None:
        return await _batch(unit, coupon_batch_id, form=form)

    async def work(tx: Tx) -> bool:
        outcomes, changed = await service.block_coupons(tx, coupon_ids=[sent.coupon_id], is_blocked=sent.is_blocked)
        (coupon,) = accepted(outcomes)
        if coupon.batch_id != coupon_batch_id:
            raise errors.CouponNotFound
        return bool(changed)

    is_other = await unit.write(work)
    told = N_("The code is blocked.") if sent.is_blocked else N_("The code works again.")
    back = {"coupon_id": str(sent.coupon_id)} | ({} if sent.is_blocked else {"is_blocked": "1"})
    undo = Undo(f"/coupons/{coupon_batch_id}/blocking", back) if is_other else None
    return pages.redirect(unit, f"/coupons/{coupon_batch_id}", flash=told, undo=undo)


@get("/coupons/{coupon_batch_id:uuid}/file", permission="prices:write")
async def download(unit: Unit, coupon_batch_id: UUID) -> Stream:
    """Send the codes of a batch as CSV that spreadsheets open as it is."""
    async with unit.read() as tx:
        await queries.batch(tx, coupon_batch_id)
    headers = {"content-disposition": 'attachment; filename="coupons.csv"'}
    return Stream(queries.csv_of(unit.read, coupon_batch_id), media_type="text/csv", headers=headers)


HANDLERS: tuple[Any, ...] = (
    coupons_page,
    new_coupons_page,
    make,
    batch_page,
    name,
    change,
    add,
    block,
    download,
)
