"""Customers, as people see and change them."""

import contextlib
import re
from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain, Handler
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import events, jobs, pages, queries, service
from jiedan.customers.values import Customer, CustomerEdit
from tests.base import web_client
from tests.customers.factories import SHANGHAI, save, wang
from tests.orders.factories import merchant

LIST_STATEMENTS_MAX = 6

RIGHTS = frozenset({"customers:read", "customers:write", "customers:merge"})


@contextlib.asynccontextmanager
async def browsing(
    db: Database, scope: Scope, rights: frozenset[str] = RIGHTS, locale: str = "en"
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale=locale)
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, database=db, session=True) as client:
        client.headers["accept"] = "text/html"
        yield client


async def shown(client: web_client.Client, path: str, status: int = 200) -> str:
    answer = await client.get(f"/c/acme{path}")
    assert answer.status_code == status, answer.text
    return answer.text


async def sent(client: web_client.Client, path: str, fields: dict[str, object], *, on: str = "") -> httpx2.Response:
    return await client.submit(f"/c/acme{path}", fields, page=f"/c/acme{on or path}")


async def found(db: Database, scope: Scope) -> None:
    """Let customers be found by what was said of them."""
    terms = (Handler("customers.write_terms", jobs.write_terms, history=True),)
    told = (events.CustomerCreated, events.CustomerChanged, events.ConsentRecorded)
    mine = {event.kind: terms for event in told}
    await Drain(db, None, mine).drain_tenant(scope.tenant)


async def test_the_picker_finds_by_name_pinyin_phone_and_email(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    await save(db, scope, [wang(name="Anna Bell", phone="139 1234 5678", email="anna@example.com")])
    await found(db, scope)
    async with browsing(db, scope) as client:
        for text in ("王敏", "wangmin", "8000", "wang@example.com"):
            picks = await shown(client, f"/customers/search?q={text}")
            assert f'data-value="{customer_id}"' in picks, text
            assert "Anna" not in picks, text
        options = await shown(client, "/customers/search?q=anna&as=options")
        assert "No customer fits." in await shown(client, "/customers/search?q=nobody")
    assert 'label="Anna Bell, +8613912345678, anna@example.com"' in options


async def test_the_picker_is_for_whom_may_see_customers_and_shows_no_other_merchants(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    await save(db, scope, [wang()])
    await found(db, scope)
    async with browsing(db, scope, frozenset({"orders:read"})) as client:
        await shown(client, "/customers/search?q=wang", 403)
    async with browsing(db, Scope(other_tenant)) as client:
        assert "No customer fits." in await shown(client, "/customers/search?q=wang")


async def whole(db: Database, scope: Scope, customer_id: UUID) -> Customer:
    async with db.read(scope) as tx:
        return await queries.customer(tx, customer_id)


async def test_the_list_is_searched_and_filtered_by_tag_and_consent(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    (wang_id,) = await save(db, scope, [wang(tags=("VIP",), addresses=(SHANGHAI,))])
    await save(db, scope, [wang(name="Anna Bell", phone="139 1234 5678", email="anna@example.com", kind="company")])
    async with db.begin(scope) as tx:
        await service.record_consent(
            tx, customer_id=wang_id, purpose="marketing_email", is_granted=True, source="On the phone"
        )
    await found(db, scope)
    async with browsing(db, scope) as client:
        every = await shown(client, "/customers")
        assert "2 in all" in every
        assert "上海市" in every
        assert "Company" in every
        for query in ("q=wangmin", "tag=vip", "consent=marketing_email", "q=8000&tag=VIP&consent=marketing_email"):
            page = await shown(client, f"/customers?{query}")
            assert ("王敏" in page, "Anna Bell" in page) == (True, False), query
            assert "1 in all" in page
        assert "No customer fits." in await shown(client, "/customers?tag=VIP&consent=profiling")
        assert 'title="Take this filter away"' in await shown(client, "/customers?tag=VIP")
    async with browsing(db, scope, frozenset({"customers:read"})) as client:
        assert "New customer" not in await shown(client, "/customers")
        await shown(client, "/customers/new", 403)
        await shown(client, f"/customers/{wang_id}/edit", 403)
    async with browsing(db, Scope(other_tenant)) as client:
        assert "There are no customers yet." in await shown(client, "/customers")
        await shown(client, f"/customers/{wang_id}/edit", 404)


@pytest.mark.parametrize("count", [2, 40])
async def test_the_list_takes_the_same_few_statements_however_long_it_is(
    db: Database, scope: Scope, recorder: StatementRecorder, count: int
) -> None:
    people = [wang(name=f"Wang {number}", phone=None, email=None, tags=("VIP",)) for number in range(count)]
    await save(db, scope, people)
    await found(db, scope)
    async with browsing(db, scope) as client:
        await shown(client, "/customers")
        for path in ("/customers", "/customers?tag=VIP", "/customers?q=wang&tag=VIP", "/customers/search?q=wang"):
            with recorder.watching() as run:
                await shown(client, path)
            assert len(run) <= LIST_STATEMENTS_MAX, (path, run)


async def test_a_customer_is_created_with_an_address_and_tags(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await merchant(tx)
    place = {"country": "CN", "region": "上海市", "city": "上海市", "district": "黄浦区", "line1": "南京东路 1 号"}
    fields: dict[str, object] = {
        "name": "李雷", "kind": "person", "phone": "139 1234 5678", "email": "Li@Example.com", "tags": "VIP, Gift，VIP",
        **place, "postal_code": "200001",
    }  # fmt: skip
    async with browsing(db, scope) as client:
        at = "/customers/new"
        assert 'value="CN"' in await shown(client, at)
        nameless = await sent(client, at, {**fields, "name": ""})
        assert (nameless.status_code, "Please fill this in." in nameless.text) == (422, True)
        wrong = await sent(client, at, {**fields, "phone": "12", "postal_code": "x"})
        assert wrong.status_code == 422
        assert wrong.text.count('class="wrong"') == 2, wrong.text
        made = await sent(client, at, fields)
        assert made.status_code == 303
    kept = await whole(db, scope, UUID(made.headers["location"].rpartition("/")[2]))
    assert (kept.name, kept.phone, kept.tags) == ("李雷", "+8613912345678", ("Gift", "VIP"))
    assert kept.addresses[0].address.line1 == "南京东路 1 号"


async def test_two_people_who_edit_one_customer_are_shown_what_differs(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await merchant(tx)
    (customer_id,) = await save(db, scope, [wang()])
    at = f"/customers/{customer_id}/edit"
    async with browsing(db, scope) as client:
        version = re.search(r'name="version" value="(\d+)"', await shown(client, at))
        assert version is not None
        async with db.begin(scope) as tx:
            edit = CustomerEdit(customer_id, None, name="王小敏", email="new@example.com")
            await service.edit_customers(tx, edits=[edit], country="CN")
        mine: dict[str, object] = {"version": version[1], "name": "王大敏", "phone": "138 0013 8000", "kind": "person"}
        stale = await sent(client, at, mine)
        assert stale.status_code == 409
        assert "王小敏" in stale.text
        assert 'name="take-email"' in stale.text
        settled = {**mine, "version": str(int(version[1]) + 1), "take-name": "theirs", "take-email": "theirs"}
        assert (await sent(client, at, settled)).status_code == 303
        bad = await sent(client, at, {**mine, "version": "", "email": "no address"})
        assert (bad.status_code, 'class="wrong"' in bad.text) == (422, True)
    kept = await whole(db, scope, customer_id)
    assert (kept.name, kept.email) == ("王小敏", "new@example.com")


async def test_what_is_kept_about_a_customer_is_written_on_the_page(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    at, on = f"/customers/{customer_id}", f"/customers/{customer_id}/edit"
    place = {"country": "cn", "region": "上海市", "city": "上海市", "district": "黄浦区", "line1": "南京东路 1 号"}
    address: dict[str, object] = {**place, "postal_code": "200001", "label": "Office", "is_default": "1"}
    async with browsing(db, scope) as client:
        assert (await sent(client, f"{at}/tags", {"tags": "VIP, Gift"}, on=on)).status_code == 303
        assert (await sent(client, f"{at}/notes", {"text": "Rings twice."}, on=on)).status_code == 303
        consent = {"purpose": "marketing_sms", "is_granted": "1", "source": "On the phone"}
        assert (await sent(client, f"{at}/consents", dict(consent), on=on)).status_code == 303
        assert (await sent(client, f"{at}/addresses", address, on=on)).status_code == 303
        wrong = await sent(client, f"{at}/addresses", {**address, "postal_code": "x"}, on=on)
        assert (wrong.status_code, "<h1>Address</h1>" in wrong.text) == (422, True)
        empty = await sent(client, f"{at}/notes", {"text": ""}, on=on)
        assert empty.status_code == 303
        assert "Please fill this in." in await shown(client, on)
        kept = await whole(db, scope, customer_id)
        assert kept.tags == ("Gift", "VIP")
        assert kept.notes[0].text == "Rings twice."
        assert kept.consents[0][:2] == ("marketing_sms", True)
        (book,) = kept.addresses
        assert (book.label, book.is_default, book.address.country) == ("Office", True, "CN")
        removal = f"{at}/addresses/{book.address_id}/removal"
        assert (await sent(client, removal, {}, on=on)).status_code == 303
        assert (await sent(client, removal, {}, on=on)).status_code == 404
        assert not (await whole(db, scope, customer_id)).addresses


async def test_duplicates_are_merged_and_parted_again(db: Database, scope: Scope) -> None:
    (first,) = await save(db, scope, [wang()])
    (second,) = await save(db, scope, [wang(name="王敏 2")])
    at, on = f"/customers/{first}", f"/customers/{first}/edit"
    async with browsing(db, scope) as client:
        assert (await sent(client, f"{at}/merges", {"merged_id": str(second)}, on=on)).status_code == 303
        assert (await whole(db, scope, second)).merged_into == first
        again = await sent(client, f"{at}/merges", {"merged_id": str(first)}, on=on)
        assert again.status_code == 303
        assert (await sent(client, f"{at}/merges/undoing", {"merged_id": str(second)}, on=on)).status_code == 303
    assert (await whole(db, scope, second)).merged_into is None
    async with browsing(db, scope, frozenset({"customers:read", "customers:write"})) as client:
        refused = await sent(client, f"{at}/merges", {"merged_id": str(second)}, on=on)
    assert refused.status_code == 403


async def test_nothing_is_written_about_another_merchants_customer(
    db: Database, scope: Scope, other_tenant: TenantId
) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    async with browsing(db, Scope(other_tenant)) as client:
        for path in ("addresses", "tags", "notes", "consents", "merges", "merges/undoing", "edit"):
            for fields in ({}, {"text": "A note", "tags": "VIP", "merged_id": str(customer_id)}):
                answer = await sent(client, f"/customers/{customer_id}/{path}", dict(fields), on="/customers/new")
                assert answer.status_code == 404, (path, answer.text)
