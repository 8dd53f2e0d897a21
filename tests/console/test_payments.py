"""Payments and refunds across orders in the console: filtered by address, summed, exported, given to orders."""

import contextlib
import csv
import io
import re
from collections.abc import AsyncIterator

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.console import pages
from jiedan.exports import pages as exports
from jiedan.payments import service
from jiedan.payments.providers import gateways
from jiedan.payments.values import OperationRequest, PaymentId, Receipt
from tests.base import web_client
from tests.base.web_client import Client
from tests.payments import factories

LIST_STATEMENTS_MAX = 6


@contextlib.asynccontextmanager
async def console(db: Database, scope: Scope, rights: frozenset[str] = ALL_PERMISSIONS) -> AsyncIterator[Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en")
    async with web_client.open_client(
        routers=[pages.ROUTER, exports.ROUTER],
        principal=caller,
        session=True,
        database=db,
        parts=[gateways.open_gateways],
    ) as client:
        client.headers["accept"] = "text/html"
        yield client


async def received(db: Database, scope: Scope, *amounts: int) -> list[PaymentId]:
    receipts = [Receipt("bank_transfer", x, "CNY", f"wire {x}") for x in amounts]
    async with db.begin(scope) as tx:
        return [factories.accepted(x) for x in await service.receive_money(tx, receipts=receipts)]


async def refunded(db: Database, scope: Scope, payment_id: PaymentId, amount_minor: int) -> None:
    wish = OperationRequest(payment_id, "refund", amount_minor, "damaged")
    async with db.begin(scope) as tx:
        (outcome,) = await service.request_operations(tx, requests=[wish])
    factories.accepted(outcome)


async def shown(client: Client, path: str = "/c/acme/payments") -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    text: str = answer.text
    return text


async def test_the_address_is_the_filter_and_chips_take_it_away(db: Database, scope: Scope) -> None:
    order_id = await factories.an_order(db, scope)
    await factories.transfer(db, scope, order_id, 3_000)
    await received(db, scope, 12_300, 45_600)
    number = (await factories.the_order(db, scope, order_id)).number
    async with console(db, scope) as client:
        everything = await shown(client)
        assert all(text in everything for text in (number, "wire 12300", "wire 45600", "No order yet"))
        assert "#tender-" in everything
        few = await shown(client, "/c/acme/payments?state=captured&amount_max=200&method=bank_transfer")
        assert "wire 12300" in few
        assert "wire 45600" not in few
        assert number not in few
        assert re.findall(
            r'href="/c/acme/payments\?([^"]*)" [^>]*aria-label="Take this filter away: At most"', few
        ) == ["method=bank_transfer&amp;state=captured"]
        found = await shown(client, f"/c/acme/payments?q={number.lower()}")
        assert number in found
        assert "wire" not in found
        nothing = await shown(client, "/c/acme/payments?currency=USD")
        assert "Nothing fits." in nothing


async def test_what_is_typed_wrong_is_told_and_not_filtered_by(db: Database, scope: Scope) -> None:
    await received(db, scope, 12_300)
    async with console(db, scope) as client:
        answer = await client.get("/c/acme/payments?amount_min=much&created_from=2026-11-22&created_to=2026-11-20")
    assert answer.status_code == 422
    assert "“much” cannot be looked for." in answer.text
    assert "2026-11-22 is more than 2026-11-20" in answer.text
    assert "wire 12300" in answer.text


async def test_it_says_what_it_comes_to(db: Database, scope: Scope) -> None:
    first, _ = await received(db, scope, 12_300, 45_600)
    await refunded(db, scope, first, 300)
    async with console(db, scope) as client:
        payments = await shown(client)
        assert "579.00" in payments
        assert "576.00" in payments
        refunds = await shown(client, "/c/acme/payments/refunds?state=succeeded")
        assert "damaged" in refunds
        assert "3.00" in refunds
        assert "Given back" in refunds
        assert "damaged" not in await shown(client, "/c/acme/payments/refunds?state=failed")


async def test_a_page_costs_few_statements(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    order_id = await factories.an_order(db, scope)
    await factories.transfer(db, scope, order_id, 3_000)
    await received(db, scope, *range(100, 160))
    async with console(db, scope) as client:
        for path in ("/c/acme/payments", "/c/acme/payments?q=wire", "/c/acme/payments/refunds"):
            with recorder.watching() as sent:
                await shown(client, path)
            assert len(sent) <= LIST_STATEMENTS_MAX, path
        first = await shown(client)
        assert 'rel="next"' in first


async def test_empty_lists_say_what_comes_here(db: Database, scope: Scope) -> None:
    async with console(db, scope) as client:
        assert "No payments yet." in await shown(client)
        assert "No refunds yet." in await shown(client, "/c/acme/payments/refunds")
    async with console(db, scope, ALL_PERMISSIONS - {"payments:read"}) as client:
        assert (await client.get("/c/acme/payments")).status_code == 403


async def test_what_is_listed_is_exported(db: Database, scope: Scope) -> None:
    order_id = await factories.an_order(db, scope)
    await factories.transfer(db, scope, order_id, 3_000)
    first, _ = await received(db, scope, 12_300, 45_600)
    await refunded(db, scope, first, 300)
    number = (await factories.the_order(db, scope, order_id)).number
    async with console(db, scope) as client:
        form = {"filters": '{"amount_max": 12300}', "format": "csv"}
        answer = await client.submit("/c/acme/payments/export", form, page="/c/acme/payments")
        assert answer.headers["content-disposition"] == 'attachment; filename="payments.csv"'
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [(row["Order"], row["Amount"], row["Refunded"]) for row in rows] == [
            ("", "123.00", "3.00"),
            (number, "30.00", "0.00"),
        ]
        refunds = await client.submit("/c/acme/payments/refunds/export", {"format": "csv"}, page="/c/acme/payments")
        assert "damaged" in refunds.text
        odd = await client.submit(
            "/c/acme/payments/export", {"filters": "{}", "format": "pdf"}, page="/c/acme/payments"
        )
        assert odd.status_code == 303


async def test_one_payment_at_a_glance_is_given_to_an_order(db: Database, scope: Scope) -> None:
    order_id = await factories.an_order(db, scope)
    number = (await factories.the_order(db, scope, order_id)).number
    (payment_id,) = await received(db, scope, 12_300)
    at = f"/c/acme/payments/{payment_id}"
    async with console(db, scope) as client:
        assert "This money belongs to no order yet." in await shown(client, at)
        unknown = await client.submit(f"{at}/assignment", {"number": "nothing"}, page=at)
        assert unknown.status_code == 422
        assert "No order has this number." in unknown.text
        given = await client.submit(f"{at}/assignment", {"number": number.lower()}, page=at)
        assert given.status_code == 303, given.text
        assert number in await shown(client, at)
        again = await client.submit(f"{at}/assignment", {"number": number}, page="/c/acme/payments")
        assert again.status_code in {409, 422}, again.text


async def test_who_may_not_write_is_offered_no_form(db: Database, scope: Scope) -> None:
    (payment_id,) = await received(db, scope, 12_300)
    async with console(db, scope, frozenset({"payments:read"})) as client:
        text = await shown(client, f"/c/acme/payments/{payment_id}")
    assert "assignment" not in text
