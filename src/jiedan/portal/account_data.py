"""What is stored about a customer, for the customer, as one file of JSON.

Left out is what staff write for each other: notes about the customer, internal notes of orders, tags. Whom the law
gives a right to those, too, gets them from the merchant, who knows what in them is about somebody else.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerId, Holder
from jiedan.customers.values.certificates import CertificateFile
from jiedan.fulfillment import queries as fulfillment
from jiedan.notifications import queries as mails
from jiedan.orders import queries as orders
from jiedan.orders.values import Note, OrderId
from jiedan.orders.values.lists import OrderFilter
from jiedan.payments import queries as payments
from jiedan.portal import own_coupons, signing, visitor
from jiedan.portal.visitor import Visitor
from jiedan.wallets import queries as wallets

DATA_PATH = "/account/data.json"
CERTIFICATES_PATH = "/account/tax-certificates"
ORDERS_MAX = 5_000
"""Orders that are told of, the newest; whoever has more asks the shop."""

LIST_NAME = "customer-data"


@get(DATA_PATH, media_type="application/json")
async def own_data(unit: Unit, slug: str) -> Response[Any]:
    """Answer what is stored about the customer who asks."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.holder is None:
            return signing.first_sign_in(unit, who)
        visitor.slow_down(unit)
        told = await _told(unit, tx, who, who.holder)
    name = f'attachment; filename="{slug}-my-data.json"'
    text = json.dumps(msgspec.to_builtins(told), ensure_ascii=False, indent=2)
    headers = {"content-disposition": name, "cache-control": "no-store"}
    return Response(text.encode(), media_type="application/json", headers=headers)


@get(f"{CERTIFICATES_PATH}/{{exemption_id:uuid}}", media_type="application/octet-stream")
async def own_certificate(unit: Unit, slug: str, exemption_id: UUID) -> Response[Any]:
    """Answer the scan that is kept with a tax exemption of the customer who asks."""
    async with visitor.entered(unit, slug) as (tx, who):
        if who.holder is None:
            return signing.first_sign_in(unit, who)
        visitor.slow_down(unit)
        holder_id = who.holder.customer_id
        identities = (await tx.load_one(customers.identities([holder_id])))[holder_id]
        kept = await customers.certificate(tx, identities, exemption_id)
    headers = {"content-disposition": f'attachment; filename="{kept.file.file_name}"', "cache-control": "no-store"}
    return Response(kept.document, media_type=kept.file.media_type, headers=headers)


async def _told(unit: Unit, tx: ReadTx, who: Visitor, holder: Holder) -> dict[str, Any]:
    """Return it by what it is: duplicates that were merged into the customer are the customer's too."""
    identities = (await tx.load_one(customers.identities([holder.customer_id])))[holder.customer_id]
    known = await customers.customers_by_id(tx, identities)
    exemptions = await customers.tax_exemptions_of(tx, identities)
    scans = await customers.certificates(tx, identities)
    accesses = await customers.accesses(tx, identities)
    sessions = [x for key in accesses for x in await customers.sessions(tx, account_id=key)]
    order_ids = await _order_ids(unit, tx, who, holder.customer_id)
    return {
        "merchant": who.settings.name,
        "written_at": tx.now,
        "customers": [
            {
                "name": x.name,
                "kind": x.kind,
                "email": x.email,
                "phone": x.phone,
                "tax_number": x.tax_number,
                "tax_exemptions": [
                    {
                        "kind": e.kind,
                        "number": e.number,
                        "from": e.from_at,
                        "until": e.until_at,
                        **_scan(unit, who, scans.get(e.exemption_id)),
                    }
                    for e in exemptions[x.customer_id]
                ],
                "language": x.locale,
                "number_of_the_merchant": x.external_id,
                "known_since": x.created_at,
                "further_contacts": [{"kind": kind, "value": value} for kind, value in x.contacts],
                "addresses": [{"label": e.label, "used_first": e.is_default, **_plain(e.address)} for e in x.addresses],
            }
            for x in known.values()
        ],
        "consents": [
            {"purpose": purpose, "given": is_granted, "where": source, "when": at}
            for purpose, is_granted, source, at in await customers.consents_given(tx, identities)
        ],
        "accounts": [
            {"signs_in_by": x.email, "has_password": x.has_password, "active": x.is_active, "opened_at": x.created_at}
            for x in accesses.values()
        ],
        "sessions": [
            {"browser": x.user_agent, "begun_at": x.created_at, "last_seen_at": x.last_seen_at} for x in sessions
        ],
        "wallets": await _wallets(tx, holder.customer_id),
        "coupons": [x._asdict() for x in await own_coupons.of(tx, unit, who, holder.customer_id)],
        "orders": await _orders(tx, order_ids),
        "mails": [
            {"kind": x.kind, "state": x.state, "queued_at": x.created_at}
            for x in await mails.messages_about(tx, [*identities, *order_ids])
        ],
    }


def _scan(unit: Unit, who: Visitor, scan: CertificateFile | None) -> dict[str, Any]:
    """Return which file is kept of the paper, and where its customer fetches it."""
    if scan is None:
        return {}
    path = who.at(f"{CERTIFICATES_PATH}/{scan.exemption_id}")
    return {"certificate": {**scan.told(), "fetched_from": f"{visitor.origin_of(unit)}{path}"}}


async def _wallets(tx: ReadTx, customer_id: CustomerId) -> list[dict[str, Any]]:
    """Return store credit, gift cards and points, each with what happened to it."""
    cards = {x.wallet.wallet_id: x for x in await wallets.cards_of(tx, customer_id)}
    found = [*await wallets.wallets_of(tx, customer_id), *(x.wallet for x in cards.values())]
    entries = await wallets.every_entry(tx, [x.wallet_id for x in found])
    return [
        {
            "kind": x.kind,
            "unit": x.unit,
            "balance": x.balance,
            "opened_at": x.opened_at,
            "ends_with": cards[x.wallet_id].last_four if x.wallet_id in cards else None,
            "entries": [
                {"what": e.kind, "reason": e.reason, "amount": e.amount, "balance": e.balance, "at": e.recorded_at}
                for e in entries.get(x.wallet_id, ())
            ],
        }
        for x in found
    ]


async def _order_ids(unit: Unit, tx: ReadTx, who: Visitor, customer_id: CustomerId) -> list[OrderId]:
    (criteria,) = await orders.criteria_of(tx, [OrderFilter(customer_id=customer_id)], time_zone=who.settings.time_zone)
    found: list[OrderId] = []
    cursor: str | None = None
    while len(found) < ORDERS_MAX:
        request = paging.Request.of(
            unit.exchange.site.cursors,
            tenant=who.tenant,
            name=LIST_NAME,
            filters={"customer_id": str(customer_id)},
            limit=paging.LIMIT_MAX,
            cursor=cursor,
        )
        page = await orders.order_rows(tx, request=request, criteria=criteria)
        found += [row.order_id for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    return found


async def _orders(tx: ReadTx, order_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return orders with what hangs on them: a constant number of statements."""
    found = await orders.orders(tx, order_ids)
    details = await orders.details(tx, order_ids)
    paid = await payments.payments_of_orders(tx, order_ids)
    loaded = await fulfillment.of_orders(tx, order_ids)
    parcels: dict[UUID, list[Any]] = {}
    for each in loaded.fulfillments.values():
        parcels.setdefault(each.order_id, []).extend(each.parcels)
    return [
        {
            "number": order.number,
            "placed_at": order.placed_at,
            "state": order.lifecycle,
            "currency": order.currency,
            "total_minor": order.total_minor,
            "shipping_method": order.shipping_name,
            "contact": _plain(order.contact),
            "addresses": {kind: _plain(x) for kind, x in details[order_id].addresses.items()},
            "notes": [
                {"kind": n.kind, "text": n.text, "written_at": n.written_at}
                for n in details[order_id].notes
                if _is_theirs(n)
            ],
            "attributes": dict(details[order_id].attributes),
            "lines": [
                {
                    "name": x.name,
                    "code": x.code,
                    "ordered": x.ordered,
                    "canceled": x.canceled,
                    "shipped": x.shipped,
                    "measures": [{"name": one.label or one.name, "value": one.measure} for one in x.attributes],
                }
                for x in lines
            ],
            "payments": [
                {
                    "how": x.method,
                    "through": x.provider,
                    "state": x.state,
                    "amount_minor": x.amount_minor,
                    "currency": x.currency,
                    "begun_at": x.created_at,
                }
                for x in paid.get(order_id, [])
            ],
            "parcels": [
                {"carrier": x.carrier, "number": x.tracking_number, "state": x.state} for x in parcels.get(order_id, [])
            ],
        }
        for order_id, (order, lines) in found.items()
    ]


def _is_theirs(note: Note) -> bool:
    """Tell whether a note is the customer's to read: a wish, or what was agreed to, and nothing among staff."""
    return note.kind not in {"internal", "record"} or note.author.kind in {"customer", "guest"}


def _plain(value: msgspec.Struct) -> dict[str, Any]:
    return {name: told for name, told in msgspec.structs.asdict(value).items() if told not in {None, ""}}


HANDLERS = (own_data, own_certificate)
