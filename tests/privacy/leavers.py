"""Customers who leave: one of whom every field that can hold words holds a word that stands nowhere else."""

from typing import Any
from uuid import UUID

from jiedan.base.db import Database
from jiedan.bulk import jobs as bulk
from jiedan.customers import service as customers
from jiedan.customers.values import Browser, CustomerId
from jiedan.exports import jobs as exports
from jiedan.imports import jobs as imports
from jiedan.notifications import service as notifications
from jiedan.notifications.post import office
from tests.carriers.factories import SHEET
from tests.journeys.merchants import Merchant

WORD = "qzcanary"
"""Stands in every text that is about the customer."""

DIGITS = "13912345678"
EMAIL = f"{WORD}@example.com"
NAME = f"Min {WORD}"
ADDRESS = {
    "country": "CN",
    "name": NAME,
    "phone": f"+86{DIGITS}",
    "company": f"{WORD} Ltd",
    "region": f"{WORD} 省",
    "city": f"{WORD} 市",
    "district": f"{WORD} 区",
    "line1": f"{WORD} Road 1",
    "line2": f"{WORD} House",
    "postal_code": "100006",
    "lat": 39.9,
    "lon": 116.4,
}
PLACED: dict[str, Any] = {
    "payment_terms": "on_account",
    "contact": {"name": NAME, "phone": f"+86{DIGITS}", "email": EMAIL},
    "ship_to": ADDRESS,
    "bill_to": ADDRESS,
    "notes": [{"kind": "delivery", "text": f"{WORD} rings twice"}, {"kind": "internal", "text": f"{WORD} tips"}],
    "tags": [f"for {WORD}"],
    "attributes": {"for": WORD},
}


async def known(merchant: Merchant, name: str = NAME, **fields: Any) -> str:
    """Return a customer of whom everything is known, and a duplicate that was merged into it."""
    person = {
        "name": name,
        "phone": f"+86{DIGITS}",
        "email": EMAIL,
        "tax_number": f"{WORD} 91110000",
        "external_id": f"CRM {WORD}",
        "locale": "en",
        "tags": [f"{WORD} club"],
        "addresses": [ADDRESS],
        **fields,
    }
    customer_id = (await merchant.post("/customers", person))["customer_id"]
    other = {**person, "external_id": None, "email": f"old.{EMAIL}", "name": f"Old {name}"}
    merged_id = (await merchant.post("/customers", other))["customer_id"]
    await merchant.post(f"/customers/{customer_id}/merges", {"merged_id": merged_id})
    at = f"/customers/{customer_id}"
    await merchant.post(f"{at}/notes", {"text": f"{WORD} likes oolong"})
    await merchant.post(
        f"{at}/consents", {"purpose": "marketing_email", "is_granted": True, "source": f"{WORD} said so"}
    )
    paper = {"kind": "exempt", "number": f"{WORD} EX-1", "note": f"{WORD} sent it"}
    exempt = await merchant.post(f"{at}/tax-exemptions", paper)
    scan = f"{at}/tax-exemptions/{exempt['exemption_id']}/certificate"
    assert (await merchant.call("PUT", scan, f"%PDF-1.7 {WORD}".encode())).status_code == 200
    await merchant.post(f"{at}/addresses", {"address": ADDRESS, "label": f"{WORD} at work"})
    await merchant.call("PATCH", at, {"name": f"{name} the Second"})
    await merchant.call("PATCH", at, {"name": name})
    await _given(merchant, str(customer_id))
    return str(customer_id)


async def _given(merchant: Merchant, customer_id: str) -> None:
    """Give a customer credit and a card, and take both back, each time with words."""
    noted = {"note": f"{WORD} was kind"}
    credit = {"customer_id": customer_id, "unit": "CNY", **noted}
    items = [{**credit, "amount": 500, "reason": "goodwill"}, {**credit, "amount": -500, "reason": "payout"}]
    await merchant.post("/wallets/adjustments", {"items": items})
    card = {"amount": 500, "currency": "CNY", "customer_id": customer_id, **noted}
    (issued,) = await merchant.post("/gift-cards", {"items": [card]})
    taken = {"wallet_id": issued["card"]["wallet_id"], "amount": -500, "reason": "correction", **noted}
    await merchant.post("/wallets/adjustments", {"items": [taken]})


async def entered(db: Database, merchant: Merchant, customer_id: str) -> None:
    """Let a customer have an account, a browser that is signed in, and links on their way."""
    browser = Browser("203.0.113.7", f"Browser of {WORD}")
    async with db.begin(merchant.at.scope) as tx:
        account = CustomerId(UUID(customer_id))
        await customers.give_account(tx, customer_id=account, email=EMAIL, password_hash=f"hash of {WORD}")
        await customers.begin_session(tx, account_id=account, browser=browser)
    for email in (EMAIL, f"old.{EMAIL}"):
        await customers.request_link(
            db, tenant=merchant.at.tenant, email=email, wish="sign_in", locale="en", browser=browser
        )


async def bought(merchant: Merchant, customer_id: str | None) -> str:
    """Place an order, of a guest where no customer is named, let it arrive and be paid, and return it.

    Words of people are everywhere.
    """
    lines = [{"sku": "TEA-250", "quantity": 1, "unit_price_minor": 3_000, "price_reason": f"{WORD} haggled"}]
    body = {"lines": lines, "customer_id": customer_id, "external_id": "W-77", **PLACED}
    order_id = (await merchant.post("/orders", body, idempotency_key="one"))["order_id"]
    at = f"/orders/{order_id}"
    held = await merchant.post(f"{at}/holds", {"kind": "address_check", "reason": f"{WORD} moved"})
    hold_id = held["holds"][0]["hold_id"]
    await merchant.post(f"{at}/holds/{hold_id}/lift", {"reason": f"{WORD} called"})
    await merchant.post(f"{at}/comments", {"text": f"{WORD} is a friend"})
    edited = {"contact": {**PLACED["contact"], "name": f"{NAME} the Third"}}
    assert (await merchant.call("PATCH", at, edited)).status_code == 200
    await _sent(merchant, order_id)
    payment = await merchant.post(f"{at}/payments", {"provider": "transfer", "return_url": f"https://{WORD}.example/"})
    await merchant.post(f"/payments/{payment['payment_id']}/confirmations", {})
    await merchant.post(f"/payments/{payment['payment_id']}/refunds", {"amount_minor": 1, "reason": f"{WORD} wept"})
    await merchant.post(
        f"/payments/{payment['payment_id']}/adjustments", {"amount_minor": 1, "reason": f"a gift to {WORD}"}
    )
    return str(order_id)


async def _sent(merchant: Merchant, order_id: str) -> None:
    carrier = {"code": "OWN", "adapter": "rates", "name": "Own", "settings": SHEET}
    assert (await merchant.call("PUT", "/carriers", carrier)).status_code == 200
    (work,) = await merchant.post(f"/orders/{order_id}/releases", {})
    item = {"fulfillment_id": work["fulfillment_id"]}
    await merchant.post("/fulfillments/picks", {"items": [{**item, "line": 1, "quantity": 1}]})
    await merchant.post("/fulfillments/acknowledgements", {"fulfillment_ids": [work["fulfillment_id"]]})
    (packed,) = await merchant.post("/parcels", {"items": [{**item, "weight_g": 500}]})
    parcel_id = packed["parcel"]["parcel_id"]
    (labeled,) = await merchant.post("/parcels/labels", {"carrier": "OWN", "parcel_ids": [parcel_id]})
    await merchant.post("/parcels/shipments", {"items": [{"parcel_id": parcel_id}]})
    said = {
        "carrier": "OWN",
        "number": labeled["parcel"]["tracking_number"],
        "code": "delivered",
        "state": "delivered",
        "occurred_at": "2026-11-21T12:00:00Z",
        "description": f"{WORD} signed",
        "place": f"{WORD} Road",
    }
    await merchant.post("/tracking-events", {"items": [said]})


async def canceled(merchant: Merchant, customer_id: str | None) -> str:
    """Place an order and cancel it in free words, and return it."""
    body = {"lines": [{"sku": "TEA-POT", "quantity": 1}], "customer_id": customer_id, **PLACED}
    order_id = (await merchant.post("/orders", body))["order_id"]
    await merchant.post(f"/orders/{order_id}/cancellations", {"reason": f"{WORD} Has Second Thoughts"})
    return str(order_id)


async def talked_about(merchant: Merchant, db: Database, customer_id: str, order_id: str) -> None:
    """Let staff write about a customer wherever they can: cases, drafts, views, bulk jobs, files."""
    case_id = await asked_for(db, merchant, customer_id)
    await merchant.post(f"/cases/{case_id}/notes", {"text": f"{WORD} called twice"})
    draft = {"data": {"lines": [], "customer_id": customer_id, "note": f"{WORD} asked"}}
    await merchant.post("/order-drafts", draft)
    thrown = await merchant.post("/order-drafts", draft)
    await merchant.call("DELETE", f"/order-drafts/{thrown['draft_id']}")
    await merchant.post("/order-views", {"name": "That one", "filters": {"q": EMAIL}})
    note = {"kind": "internal", "text": f"{WORD} in bulk"}
    chosen = [{"order_id": order_id}]
    job = await merchant.post("/bulk-jobs", {"action": "note", "wish": {"note": note}, "orders": chosen})
    await merchant.hand_out_events()
    await bulk.DO_JOB.work(db, merchant.at.tenant, {"job_id": job["job_id"]})
    await merchant.post("/carts", {"customer_id": customer_id, "lines": [{"sku": "TEA-POT", "quantity": 1}]})
    rows = f"external_id,name,email\nCRM-9,{NAME},not {WORD} an address\n".encode()
    kept = await merchant.post("/imports?kind=customers", rows)
    await merchant.post(f"/imports/{kept['run']['import_id']}/run", {})
    await imports.SAVE_ROWS.work(db, merchant.at.tenant, {"import_id": kept["run"]["import_id"], "locale": "en"})


async def asked_for(db: Database, merchant: Merchant, customer_id: str) -> str:
    """Let a customer want to be erased, and return the case."""
    async with db.begin(merchant.at.scope) as tx:
        return str(await customers.request_erasure(tx, customer_id=UUID(customer_id)))


async def mailed(merchant: Merchant, db: Database) -> None:
    """Hand out what happened and send the mails: without a server they lie in the mailbox."""
    await merchant.hand_out_events()
    await notifications.send_due(db, merchant.at.tenant, office.of(db))


async def exported(merchant: Merchant, db: Database) -> None:
    """Let the worker write a file of all orders."""
    file = await merchant.post("/export-files", {"rows": "orders"})
    await exports.WRITE_FILE.work(db, merchant.at.tenant, {"export_id": file["export_id"]})
