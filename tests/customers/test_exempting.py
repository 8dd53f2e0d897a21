"""Why customers pay no tax is kept, changed and removed: by staff, over REST and on the pages."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from jiedan.base import once
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Rejections
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import errors, queries, service
from jiedan.customers.tables import CustomerTaxExemption
from jiedan.customers.values import (
    EXEMPTIONS_PER_CUSTOMER_MAX,
    CustomerDraft,
    ExemptionDraft,
    ExemptionId,
    Saved,
    TaxExemption,
)
from tests.conftest import NOON
from tests.customers.factories import save, wang
from tests.customers.test_api import ALL, client_of
from tests.customers.test_pages import browsing, sent, shown
from tests.orders.factories import merchant

_ANY = ExemptionId(UUID(int=0))
CERTIFICATE = TaxExemption(_ANY, "exempt", "EX-1", ("US-CA",), ("books",), NOON, NOON + timedelta(365), "Seen.")
SENT = {"kind": "exempt", "number": "EX-1", "places": ["US-CA"], "from_at": "2026-01-01T00:00:00Z"}


async def test_it_is_kept_once_per_key_and_told_with_what_was_before(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    async with db.begin(scope) as tx:
        first = await service.add_tax_exemption(tx, customer_id=customer_id, exemption=CERTIFICATE, key="k")
    async with db.begin(scope) as tx:
        again = await service.add_tax_exemption(tx, customer_id=customer_id, exemption=CERTIFICATE, key="k")
        assert not tx.emitted
    assert first == again
    number = TaxExemption(_ANY, "reverse_charge", "de 123 456 789")
    async with db.begin(scope) as tx:
        await service.change_tax_exemption(tx, customer_id=customer_id, exemption_id=first, exemption=number)
        (told,) = tx.emitted
        assert told.private == {"tax_exemptions": [["exempt EX-1 US-CA books 2026-11-21..2027-11-21"],
                                                   ["reverse_charge DE123456789"]]}  # fmt: skip
    async with db.begin(scope) as tx:
        await service.change_tax_exemption(tx, customer_id=customer_id, exemption_id=first, exemption=number)
        assert not tx.emitted, "what is already so is no edit"
        (brief,) = (await tx.load_one(queries.existing([customer_id]))).values()
        (kept,) = await queries.tax_exemptions(tx, customer_id)
    assert brief.exemptions == (kept,) == (TaxExemption(first, "reverse_charge", "DE123456789"),)
    async with db.begin(scope) as tx:
        await service.remove_tax_exemption(tx, customer_id=customer_id, exemption_id=first)
        assert await queries.tax_exemptions(tx, customer_id) == []


async def test_what_orders_read_of_customers_stays_one_statement(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    first, second = await save(db, scope, [wang(external_id="1"), wang(external_id="2")])
    async with db.begin(scope) as tx:
        for customer_id in (first, second, first):
            await service.add_tax_exemption(tx, customer_id=customer_id, exemption=CERTIFICATE)
    async with db.begin(scope) as tx:
        with recorder.watching() as run:
            found = await tx.load_one(queries.existing_held([first, second]))
    assert len(run) == 1
    assert {key: len(brief.exemptions) for key, brief in found.items()} == {first: 2, second: 1}
    one = found[first].exemptions[0]
    assert (one.places, one.classes, one.from_at, one.until_at) == (
        ("US-CA",), ("books",), NOON, NOON + timedelta(365)
    )  # fmt: skip


async def test_drafts_bring_it_along_once_and_in_one_statement_more_each(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    vat = ExemptionDraft("reverse_charge", "DE 123456789", from_at=NOON)

    async def brought(count: int, *shown: ExemptionDraft) -> tuple[list[Saved | Refusal], int]:
        drafts = [CustomerDraft(f"C{i}", external_id=f"C{i}", exemptions=shown) for i in range(count)]
        async with db.begin(scope) as tx:
            with recorder.watching() as run:
                return await service.upsert_customers(tx, customers=drafts, country="CN"), len(run)

    await brought(5)
    made, _ = await brought(1, vat)
    again, one = await brought(1, vat)
    more, five = await brought(5, ExemptionDraft("exempt", "EX-1", ("DE",)))
    late, _ = await brought(1, vat._replace(from_at=None, until_at=NOON - timedelta(1)))
    versions = [[x.version for x in of if isinstance(x, Saved)] for of in (made, again, more, late)]
    assert versions == [[2], [2], [3, 2, 2, 2, 2], []]
    assert isinstance(late[0], Rejections)
    assert [x.field for x in late[0].reasons] == ["customers[0].exemptions[0].until_at"]
    # the second writes nothing; the five write customers, exemptions and their events
    assert five - one <= 3
    (first, *_) = more
    assert isinstance(first, Saved)
    async with db.read(scope) as tx:
        kept = await queries.tax_exemptions(tx, first.customer_id)
    assert [(x.kind, x.number, x.places, x.from_at) for x in kept] == [
        ("reverse_charge", "DE123456789", (), NOON),
        ("exempt", "EX-1", ("DE",), None),
    ]


async def test_a_key_of_before_drafts_had_any_is_known_again(db: Database, scope: Scope) -> None:
    draft = CustomerDraft("Wang", tags=("VIP",))
    before = ("Wang", None, None, None, None, None, None, None, ("VIP",), ())
    async with db.begin(scope) as tx:
        (made,) = await service.upsert_customers(tx, customers=[draft], country="CN", keys=["k"])
    async with db.begin(scope) as tx:
        (found,) = await once.subjects(tx, operation="customers.create", wishes=[("k", before)])
    assert isinstance(made, Saved)
    assert isinstance(found, once.Subject)
    assert (found.id, found.is_fresh) == (made.customer_id, False)


@pytest.mark.parametrize("end", ["from_at", "until_at"])
@pytest.mark.parametrize("year", [1899, 2200])
async def test_the_database_keeps_no_day_of_a_year_that_nobody_means(
    db: Database, scope: Scope, end: str, year: int
) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    async with db.begin(scope) as tx:
        await service.add_tax_exemption(tx, customer_id=customer_id, exemption=TaxExemption(_ANY, "exempt", "EX-1"))
    table, moment = CustomerTaxExemption, datetime(year, 6, 1, tzinfo=UTC)
    with pytest.raises(IntegrityError, match="of_years_meant"):
        async with db.begin(scope) as tx:
            await tx.execute(sa.update(table).where(table.tenant_id == tx.tenant).values(**{end: moment}))


async def test_it_is_refused_of_who_is_not_there_and_in_numbers(db: Database, scope: Scope) -> None:
    first, second = await save(db, scope, [wang(external_id="1"), wang(external_id="2")])
    async with db.begin(scope) as tx:
        for _ in range(EXEMPTIONS_PER_CUSTOMER_MAX):
            kept = await service.add_tax_exemption(tx, customer_id=first, exemption=CERTIFICATE)
        with pytest.raises(errors.TooMany):
            await service.add_tax_exemption(tx, customer_id=first, exemption=CERTIFICATE)
        with pytest.raises(errors.ExemptionNotFound):
            await service.change_tax_exemption(tx, customer_id=second, exemption_id=kept, exemption=CERTIFICATE)
        with pytest.raises(errors.ExemptionNotFound):
            await service.remove_tax_exemption(tx, customer_id=second, exemption_id=kept)
        with pytest.raises(Rejections):
            await service.add_tax_exemption(tx, customer_id=second, exemption=TaxExemption(_ANY, "exempt", " "))
        await service.merge_customers(tx, survivor_id=second, merged_id=first)
        with pytest.raises(errors.CustomerMerged):
            await service.add_tax_exemption(tx, customer_id=first, exemption=CERTIFICATE)
        (brief,) = (await tx.load_one(queries.existing([first]))).values()
    assert (brief.customer_id, brief.exemptions) == (second, ()), "the survivor's own count"


async def test_it_goes_with_the_customer(db: Database, scope: Scope) -> None:
    (customer_id,) = await save(db, scope, [wang()])
    async with db.begin(scope) as tx:
        await service.add_tax_exemption(tx, customer_id=customer_id, exemption=CERTIFICATE)
        await service.begin_erasure(tx, customer_id=customer_id, customer_ids=[customer_id], erasure_id=uuid4())
        await service.erase_customers(tx, customer_ids=[customer_id])
        assert await queries.tax_exemptions(tx, customer_id) == []


async def test_over_rest(db: Database, tenant: TenantId) -> None:
    async with client_of(db, tenant, *ALL) as client:
        customer = (await client.post("/api/v1/customers", json={"name": "王敏"})).json()["customer_id"]
        at = f"/api/v1/customers/{customer}/tax-exemptions"
        added = await client.post(at, json=SENT, headers={"Idempotency-Key": "k"})
        again = await client.post(at, json=SENT, headers={"Idempotency-Key": "k"})
        one = f"{at}/{added.json()['exemption_id']}"
        number = {"kind": "reverse_charge", "number": "fr 40 303 265 045"}
        changed = await client.put(one, json=number)
        refused = await client.put(one, json={**number, "places": ["FR"]})
        unknown = await client.put(f"{at}/{uuid4()}", json=number)
        naive = await client.post(at, json={**SENT, "from_at": "2026-01-01T00:00:00"})
        listed = await client.get(at)
        removed, gone = await client.delete(one), await client.delete(one)
        nobody = await client.get(f"/api/v1/customers/{uuid4()}/tax-exemptions")
    assert (added.status_code, added.json()["places"]) == (201, ["US-CA"])
    assert again.json() == added.json()
    assert (changed.status_code, changed.json()["number"]) == (200, "FR40303265045")
    assert (refused.status_code, refused.json()["field"]) == (422, "places")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "tax_exemption_not_found")
    assert (naive.status_code, naive.json()["field"]) == (422, "from_at")
    assert listed.json() == [changed.json()]
    assert (removed.status_code, gone.status_code, nobody.status_code) == (204, 404, 404)


async def test_who_only_reads_changes_nothing(db: Database, tenant: TenantId) -> None:
    (customer_id,) = await save(db, Scope(tenant), [wang()])
    async with client_of(db, tenant, "customers:read") as client:
        at = f"/api/v1/customers/{customer_id}/tax-exemptions"
        assert (await client.get(at)).status_code == 200
        assert (await client.post(at, json=SENT)).status_code == 403
        assert (await client.put(f"{at}/{uuid4()}", json=SENT)).status_code == 403
        assert (await client.delete(f"{at}/{uuid4()}")).status_code == 403


async def test_on_pages(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await merchant(tx)
    (customer_id,) = await save(db, scope, [wang()])
    at = f"/customers/{customer_id}/tax-exemptions"
    fields: dict[str, object] = {"kind": "exempt", "number": "EX-1", "places": "us-ca, US-NV", "classes": "books"}
    fields |= {"from_on": "2026-01-01", "until_on": "2026-12-31"}
    async with browsing(db, scope) as client:
        wrong = await sent(client, at, {**fields, "places": "Mars"}, on=f"{at}/new")
        early = await sent(client, at, {**fields, "from_on": "0001-01-01", "until_on": "9999-12-31"}, on=f"{at}/new")
        saved = await sent(client, at, fields, on=f"{at}/new")
        async with db.read(scope) as tx:
            (kept,) = await queries.tax_exemptions(tx, customer_id)
        form = await shown(client, f"{at}/{kept.exemption_id}")
        changed = await sent(client, f"{at}/{kept.exemption_id}", {**fields, "number": "EX-2"})
        async with db.read(scope) as tx:
            (after,) = await queries.tax_exemptions(tx, customer_id)
        removed = await sent(client, f"{at}/{kept.exemption_id}/removal", {}, on=f"{at}/{kept.exemption_id}")
        async with db.read(scope) as tx:
            left = await queries.tax_exemptions(tx, customer_id)
    assert wrong.status_code == 422
    assert "MARS is neither a country nor a region of one." in wrong.text
    assert early.status_code == 422
    assert early.text.count("This day is too long ago or too far ahead.") >= len(("from_on", "until_on"))
    assert [x.status_code for x in (saved, changed, removed)] == [303, 303, 303]
    assert (kept.places, kept.classes) == (("US-CA", "US-NV"), ("books",))
    assert kept.from_at is not None
    assert kept.until_at is not None
    # Whole days by the shop's clock in Shanghai: the last one is still in it.
    assert (kept.from_at.isoformat(), kept.until_at.isoformat()) == (
        "2025-12-31T16:00:00+00:00", "2026-12-31T16:00:00+00:00"
    )  # fmt: skip
    assert 'value="2026-12-31"' in form
    assert (after.number, after.until_at, left) == ("EX-2", kept.until_at, [])
