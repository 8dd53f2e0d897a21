"""The page of a customer: who it is, what was bought, what is kept; and all of it as a file."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get

from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.cases import queries as cases
from jiedan.cases.values import KIND_LABELS as CASE_LABELS
from jiedan.cases.values import Case
from jiedan.console import wallets, words
from jiedan.customers import errors, queries, rules
from jiedan.customers.values import (
    CONSENT_LABELS,
    EXEMPTION_LABELS,
    KIND_LABELS,
    Customer,
    CustomerBrief,
    CustomerId,
    ExemptionId,
    Group,
    Head,
    TaxExemption,
)
from jiedan.customers.values.certificates import CertificateFile
from jiedan.orders import queries as orders
from jiedan.orders.queries import Spending
from jiedan.orders.values.lists import LIST_NAME, OrderFilter, OrderRow, given
from jiedan.wallets.values import KIND_LABELS as WALLET_LABELS

ORDERS = 20
EXPORTED_ORDERS_MAX = 200
AMONG_STAFF = frozenset({"notes", "tags", "groups", "assignee_id"})
"""What staff write about customers and orders for each other; it is not in the file for the person."""


class Bought(NamedTuple):
    """What a customer has ordered: the latest orders, and what they come to."""

    orders: Sequence[OrderRow]
    has_more: bool
    spending: Spending
    cases: Sequence[Case]


class ShownCustomer(NamedTuple):
    """Everything about a customer; `bought` None where the reader may not see orders."""

    customer: Customer
    bought: Bought | None
    duplicates: Sequence[CustomerBrief]
    merged: Sequence[Head]
    """Duplicates that were given up for this customer."""
    groups: Sequence[Group]
    """All that the customer could be in; none where the reader may not change that."""
    holdings: wallets.Holdings | None
    """Credit, points and gift cards; None where the reader may not see them."""
    exemptions: Sequence[TaxExemption]
    """Why they pay no tax, be it over or not begun."""
    certificates: Mapping[ExemptionId, CertificateFile]
    """The scans that are kept with these."""


@get("/customers/{customer_id:uuid}", permission="customers:read")
async def customer_page(unit: Unit, customer_id: UUID) -> Response[str]:
    """Show a customer; who was merged leads to the survivor."""
    async with unit.read() as tx:
        customer = await queries.customer(tx, customer_id)
        if customer.merged_into is not None:
            return pages.redirect(unit, f"/customers/{customer.merged_into}")
        shown = await _shown(tx, unit, customer)
        access = await queries.access_of(tx, customer.customer_id)
        now = tx.now
    spent = shown.bought.spending if shown.bought is not None else None
    return pages.render(
        unit,
        "console/customer.html",
        shown=shown,
        customer=customer,
        access=access,
        currency=unit.principal.currency,
        bars=[(month.month, minor) for month, minor in spent.months] if spent is not None else [],
        year=sum(minor for _, minor in spent.months) if spent is not None else 0,
        now=now,
        kinds=KIND_LABELS,
        exemptions=EXEMPTION_LABELS,
        consents=CONSENT_LABELS,
        given={purpose: (granted, at) for purpose, granted, at in customer.consents},
        case_labels=CASE_LABELS,
        wallet_labels=WALLET_LABELS,
        words=words,
        address_lines=rules.written,
    )


async def _shown(tx: ReadTx, unit: Unit, customer: Customer) -> ShownCustomer:
    known_as = (await tx.load_one(queries.identities([customer.customer_id])))[customer.customer_id]
    others = [other for other in known_as if other != customer.customer_id]
    merged = await queries.heads(tx, others) if others else {}
    duplicates = await queries.possible_duplicates(tx, customer.customer_id) if unit.may("customers:merge") else []
    bought = await _bought(tx, unit, customer, known_as) if unit.may("orders:read") else None
    groups = await queries.groups(tx) if unit.may("customers:write") else []
    exemptions = await queries.tax_exemptions(tx, customer.customer_id)
    return ShownCustomer(
        customer,
        bought,
        [other for other in duplicates if other.customer_id not in known_as],
        list(merged.values()),
        groups,
        await wallets.holdings(tx, customer.customer_id, known_as) if unit.may("wallets:read") else None,
        exemptions,
        await queries.certificates(tx, [customer.customer_id]) if exemptions else {},
    )


async def _bought(tx: ReadTx, unit: Unit, customer: Customer, known_as: Sequence[UUID]) -> Bought:
    zone = unit.principal.time_zone
    rows, has_more = await _orders(tx, unit, customer.customer_id, limit=ORDERS)
    today = tx.now.astimezone(ZoneInfo(zone)).date()
    spent = await tx.load_one(orders.spending(known_as, currency=unit.principal.currency, time_zone=zone, today=today))
    about = [row.order_id for row in rows]
    found = await cases.cases_about(tx, about) if about and unit.may("cases:read") else []
    return Bought(rows, has_more, spent, found)


async def _orders(tx: ReadTx, unit: Unit, customer_id: CustomerId, *, limit: int) -> tuple[list[OrderRow], bool]:
    filters = OrderFilter(customer_id=customer_id)
    (criteria,) = await orders.criteria_of(tx, [filters], time_zone=unit.principal.time_zone)
    request = unit.page(LIST_NAME, filters=given(filters), limit=limit)
    page = await orders.order_rows(tx, request=request, criteria=criteria)
    return page.items, page.next is not None


@get("/customers/{customer_id:uuid}/data.json", permission="customers:read")
async def customer_data(unit: Unit, customer_id: UUID) -> Response[bytes]:
    """Answer what is kept about a customer as a file for the person, without what staff write for each other."""
    async with unit.read() as tx:
        customer = await queries.customer(tx, customer_id)
        if customer.merged_into is not None:
            raise errors.CustomerMerged(str(customer.merged_into))
        rows: list[OrderRow] = []
        exemptions = await queries.tax_exemptions(tx, customer.customer_id)
        scans = await queries.certificates(tx, [customer.customer_id])
        if unit.may("orders:read"):
            rows, _ = await _orders(tx, unit, customer.customer_id, limit=EXPORTED_ORDERS_MAX)
    content: Mapping[str, object] = {
        "customer": {**_for_them(customer), "tax_exemptions": [_shown_to_them(x, scans) for x in exemptions]},
        "orders": [_for_them(row) for row in rows],
    }
    return Response(
        msgspec.json.format(msgspec.json.encode(content), indent=2),
        media_type="application/json",
        headers={
            "content-disposition": f'attachment; filename="customer-{customer_id}.json"',
            "cache-control": "no-store",
        },
    )


def _for_them(kept: Customer | OrderRow) -> dict[str, object]:
    names = [field.name for field in dataclasses.fields(kept)]
    return {name: getattr(kept, name) for name in names if name not in AMONG_STAFF}


def _shown_to_them(exemption: TaxExemption, scans: Mapping[ExemptionId, CertificateFile]) -> dict[str, object]:
    """Return an exemption without the note among staff, and which file is its scan: to be handed over beside this."""
    shown = {name: value for name, value in msgspec.structs.asdict(exemption).items() if name != "note"}
    scan = scans.get(exemption.exemption_id)
    return shown if scan is None else {**shown, "certificate": scan.told()}


HANDLERS: tuple[Any, ...] = (customer_page, customer_data)
