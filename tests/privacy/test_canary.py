"""A word that stands in every field about a customer stands nowhere once the customer was erased."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from jiedan import schema
from jiedan.base import verify
from jiedan.base.db import Database
from jiedan.privacy import jobs, run
from jiedan.privacy.values import Status
from tests.journeys import merchants
from tests.journeys.merchants import Merchant
from tests.privacy import leavers

FILLED = {
    "bulk_job.wish", "case_note.text", "customer.email", "customer.external_id", "customer.name",
    "customer.phone", "customer.tax_number", "customer_account.email", "customer_account.email_key",
    "customer_account.password_hash", "customer_address.city", "customer_address.company",
    "customer_address.district", "customer_address.label", "customer_address.line1", "customer_address.line2",
    "customer_address.name", "customer_address.phone", "customer_address.region", "customer_consent.source",
    "customer_contact.value", "customer_link.email", "customer_link.email_key", "customer_note.text",
    "customer_session.user_agent", "customer_tag.tag",
    "customer_tax_certificate.document", "customer_tax_exemption.note", "customer_tax_exemption.number",
    "customer_term.term", "event_private.data", "gift_card.note",
    "import_file.content", "import_row_error.detail", "import_row_error.value",
    "order_address.city", "order_address.company", "order_attribute.value",
    "order_address.district", "order_address.line1", "order_address.line2", "order_address.name",
    "order_address.phone", "order_address.region", "order_decision.data", "order_draft.data",
    "order_hold.lift_reason", "order_hold.reason",
    "order_line.price_reason", "order_note.text", "order_tag.tag", "order_term.term", "order_wording.terms",
    "orders.cancel_reason", "orders.contact_email", "orders.contact_name", "orders.contact_phone",
    "orders.tax",
    "payment.return_url", "payment_entry.reason", "payment_operation.reason", "saved_view.filters",
    "tracking_event.description", "tracking_event.place", "wallet_movement.note",
}  # fmt: skip
"""Where words about a customer are: everything that was typed, and all that was made of it."""

GONE_WHOLE = {"export_part.content", "mailbox_mail.sealed", "parcel_label.document"}
"""Where the words lie compressed, sealed or drawn, so that no search finds them: these rows go, or are replaced."""


def found_in(owner: psycopg.Connection[Any], tenant: UUID) -> set[str]:
    """Return every column of every table, whatever its type, in which the merchant's rows hold the word."""
    return {f"{table}.{column}" for table, column in columns() if holds(owner, tenant, table, column)}


def columns() -> Iterator[tuple[str, str]]:
    for table in schema.metadata.sorted_tables:
        if "tenant_id" in table.columns:
            yield from ((table.name, column.name) for column in table.columns)


def holds(owner: psycopg.Connection[Any], tenant: UUID, table: str, column: str) -> bool:
    """Tell whether a column holds the word or the digits: as text, inside JSON and arrays, or as bytes."""
    looked_for = [leavers.WORD, leavers.DIGITS, leavers.WORD.encode().hex(), leavers.DIGITS.encode().hex()]
    asked = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s AND lower({}::text) LIKE ANY(%s)")
    statement = asked.format(sql.Identifier(table), sql.Identifier(column))
    (count,) = owner.execute(statement, [tenant, [f"%{text}%" for text in looked_for]]).fetchone() or (0,)
    return bool(count)


def kept(owner: psycopg.Connection[Any], tenant: UUID, table: str) -> int:
    statement = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s").format(sql.Identifier(table))
    (count,) = owner.execute(statement, [tenant]).fetchone() or (0,)
    return int(count)


async def told_all(merchant: Merchant, db: Database) -> tuple[str, str]:
    """Return a customer of whom everything is kept that can be, and one of the orders."""
    customer_id = await leavers.known(merchant)
    await leavers.entered(db, merchant, customer_id)
    order_id = await leavers.bought(merchant, customer_id)
    await leavers.canceled(merchant, customer_id)
    await leavers.talked_about(merchant, db, customer_id, order_id)
    await leavers.exported(merchant, db)
    await leavers.mailed(merchant, db)
    return customer_id, order_id


async def test_nothing_is_left_of_an_erased_customer(
    db: Database, tmp_path: Path, owner: psycopg.Connection[Any]
) -> None:
    async with merchants.open_shops(db, tmp_path) as (merchant,):
        customer_id, order_id = await told_all(merchant, db)
        tenant = merchant.at.tenant
        assert found_in(owner, tenant) == FILLED
        assert all(kept(owner, tenant, place.partition(".")[0]) for place in GONE_WHOLE)
        amounts = (await merchant.get(f"/orders/{order_id}"))["total_minor"]
        begun = await merchant.post(f"/customers/{customer_id}/erasure", {"confirmation": leavers.NAME})
        assert (begun["status"], begun["orders_total"]) == ("telling", 2)
        await leavers.mailed(merchant, db)
        erasure = await run.run(db, tenant, UUID(begun["erasure_id"]))
        assert (erasure.status, erasure.orders_done) == (Status.done, 2)
        await leavers.mailed(merchant, db)
        assert found_in(owner, tenant) == set()
        assert not kept(owner, tenant, "export_part")
        assert (await merchant.get(f"/orders/{order_id}"))["total_minor"] == amounts
        await merchant.assert_balance()


async def test_nothing_is_left_of_an_erased_guest(db: Database, tmp_path: Path, owner: psycopg.Connection[Any]) -> None:
    async with merchants.open_shops(db, tmp_path) as (merchant,):
        tenant = merchant.at.tenant
        order_id = await leavers.bought(merchant, None)
        await leavers.canceled(merchant, None)
        await leavers.exported(merchant, db)
        await leavers.mailed(merchant, db)
        assert found_in(owner, tenant) >= {"orders.contact_email", "order_term.term", "order_address.name"}
        begun = await merchant.post("/guest-erasures", {"email": leavers.EMAIL}, idempotency_key="one")
        assert (begun["status"], begun["orders_total"]) == ("telling", 2)
        await leavers.mailed(merchant, db)
        erasure = await run.run(db, tenant, UUID(begun["erasure_id"]))
        assert (erasure.status, erasure.orders_done) == (Status.done, 2)
        await leavers.mailed(merchant, db)
        assert found_in(owner, tenant) == set()
        assert not kept(owner, tenant, "idempotency_key")
        assert (await merchant.get(f"/orders/{order_id}"))["contact"] == {}
        await merchant.assert_balance()


@pytest.mark.parametrize("table", sorted({place.partition(".")[0] for place in FILLED | GONE_WHOLE}))
def test_what_may_name_a_customer_is_a_table(table: str) -> None:
    assert table in schema.metadata.tables


async def test_an_erasure_that_a_worker_left_is_gone_on_with_every_minute(db: Database, tmp_path: Path) -> None:
    async with merchants.open_shops(db, tmp_path) as (merchant,):
        customer_id = await leavers.known(merchant, email="")
        begun = await merchant.post(f"/customers/{customer_id}/erasure", {"confirmation": leavers.NAME})
        assert begun["status"] == "erasing"
        await jobs.continue_erasures(db)
        assert (await merchant.get(f"/customers/{customer_id}/erasure"))["status"] == "done"
        assert verify.checks()
