"""Scans that are kept with tax exemptions: as REST and pages take, show, replace and remove them."""

import hashlib
import re
from uuid import UUID, uuid4

import httpx2
import pytest

from jiedan.base import verify
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.web import csrf
from jiedan.customers import queries, service
from jiedan.customers.rules import certificates as rules
from jiedan.customers.values import CustomerId, ExemptionId, TaxExemption
from jiedan.customers.values.certificates import CERTIFICATE_BYTES_MAX
from tests.base import web_client
from tests.customers.factories import save, wang
from tests.customers.test_api import ALL, client_of
from tests.customers.test_pages import browsing, shown
from tests.orders.factories import merchant

PDF, PNG, JPEG = b"%PDF-1.7 one", b"\x89PNG\r\n\x1a\n two", b"\xff\xd8\xff\xe0 three"
NO_SCANS = {
    "empty": b"",
    "text": b"hello",
    "page": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "late": b"\n%PDF-1.7",
    "archive": b"PK\x03\x04",
}


async def exempted(db: Database, scope: Scope) -> tuple[CustomerId, ExemptionId]:
    """Return a customer with a certificate of which nothing was scanned yet."""
    (customer_id,) = await save(db, scope, [wang()])
    exemption = TaxExemption(ExemptionId(UUID(int=0)), "exempt", "EX-1")
    async with db.begin(scope) as tx:
        return customer_id, await service.add_tax_exemption(tx, customer_id=customer_id, exemption=exemption)


def test_of_which_kind_a_file_is_its_bytes_tell() -> None:
    found = [rules.type_of(document) for document in (PDF, PNG, JPEG)]
    assert found == ["application/pdf", "image/png", "image/jpeg"]


async def test_a_scan_is_kept_fetched_replaced_and_removed(db: Database, tenant: TenantId) -> None:
    customer_id, exemption_id = await exempted(db, Scope(tenant))
    at = f"/api/v1/customers/{customer_id}/tax-exemptions"
    scan = f"{at}/{exemption_id}/certificate"
    async with client_of(db, tenant, *ALL) as client:
        none = await client.get(scan)
        kept = await client.put(scan, content=PDF, headers={"content-type": "image/svg+xml"})
        again = await client.put(scan, content=PDF)
        listed = await client.get(at)
        fetched = await client.get(scan)
        replaced = await client.put(scan, content=JPEG)
        other = await client.get(scan)
        removed, gone, left = await client.delete(scan), await client.delete(scan), await client.get(at)
        await client.put(scan, content=PNG)
        whole = await client.delete(f"{at}/{exemption_id}")
    assert (none.status_code, none.json()["code"]) == (404, "tax_certificate_not_found")
    assert (kept.status_code, kept.json()["media_type"], kept.json()["size_bytes"]) == (200, "application/pdf", 12)
    assert kept.json()["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert again.json() == kept.json()
    assert listed.json()[0]["certificate"] == kept.json()
    assert fetched.content == PDF
    assert fetched.headers["content-type"].startswith("application/pdf")
    assert fetched.headers["content-disposition"] == f'attachment; filename="tax-certificate-{exemption_id}.pdf"'
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert fetched.headers["content-security-policy"].startswith("default-src 'none'")
    assert (replaced.json()["file_name"], other.content) == (f"tax-certificate-{exemption_id}.jpg", JPEG)
    assert (removed.status_code, gone.status_code, left.json()[0]["certificate"]) == (204, 404, None)
    assert whole.status_code == 204
    async with db.read(Scope(tenant)) as tx:
        assert await queries.certificates(tx, [customer_id]) == {}
        for check in verify.statements("customers").values():
            assert await tx.sql(check, now=tx.now) == [], check.name


@pytest.mark.parametrize("document", NO_SCANS.values(), ids=NO_SCANS)
async def test_what_is_no_scan_is_refused_whatever_it_is_called(
    db: Database, tenant: TenantId, document: bytes
) -> None:
    customer_id, exemption_id = await exempted(db, Scope(tenant))
    scan = f"/api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate"
    async with client_of(db, tenant, *ALL) as client:
        refused = await client.put(scan, content=document, headers={"content-type": "application/pdf"})
        nothing = await client.get(scan)
    code = "tax_certificate_unreadable" if document else "body_missing"
    assert (refused.status_code, refused.json()["code"], nothing.status_code) == (422, code, 404)


async def test_a_scan_has_a_limit_and_an_exemption(db: Database, tenant: TenantId) -> None:
    customer_id, exemption_id = await exempted(db, Scope(tenant))
    at = f"/api/v1/customers/{customer_id}/tax-exemptions"
    async with client_of(db, tenant, *ALL) as client:
        most = await client.put(f"{at}/{exemption_id}/certificate", content=PDF.ljust(CERTIFICATE_BYTES_MAX))
        large = await client.put(f"{at}/{exemption_id}/certificate", content=PDF.ljust(CERTIFICATE_BYTES_MAX + 1))
        unknown = await client.put(f"{at}/{uuid4()}/certificate", content=PDF)
    assert most.status_code == 200
    assert (large.status_code, large.json()["code"]) == (422, "tax_certificate_too_large")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "tax_exemption_not_found")


@pytest.mark.parametrize(("right", "statuses"), [("customers:read", [200, 403, 403]), ("orders:read", [403, 403, 403])])
async def test_who_may_not_write_keeps_no_scan(db: Database, tenant: TenantId, right: str, statuses: list[int]) -> None:
    customer_id, exemption_id = await exempted(db, Scope(tenant))
    async with db.begin(Scope(tenant)) as tx:
        await service.keep_certificate(tx, customer_id=customer_id, exemption_id=exemption_id, document=PDF)
    scan = f"/api/v1/customers/{customer_id}/tax-exemptions/{exemption_id}/certificate"
    async with client_of(db, tenant, right) as client:
        answers = [await client.get(scan), await client.put(scan, content=PNG), await client.delete(scan)]
    assert [x.status_code for x in answers] == statuses


async def test_a_scan_goes_with_its_customer(db: Database, scope: Scope) -> None:
    customer_id, exemption_id = await exempted(db, scope)
    async with db.begin(scope) as tx:
        await service.keep_certificate(tx, customer_id=customer_id, exemption_id=exemption_id, document=PDF)
        (told,) = tx.emitted
        assert told.private == {
            "tax_certificates": [[], [f"tax-certificate-{exemption_id}.pdf SHA-256 {hashlib.sha256(PDF).hexdigest()}"]]
        }
    async with db.begin(scope) as tx:
        await service.begin_erasure(tx, customer_id=customer_id, customer_ids=[customer_id], erasure_id=uuid4())
        await service.erase_customers(tx, customer_ids=[customer_id])
        assert await queries.certificates(tx, [customer_id]) == {}


async def chosen(client: web_client.Client, page: str, name: str, document: bytes) -> httpx2.Response:
    """Send the form of a page with a file that was chosen there."""
    form = await shown(client, page)
    token = re.search(rf'name="{csrf.FIELD}" value="([0-9a-f]+)"', form)
    assert token is not None
    headers = {"accept": "text/html"}
    address, data, files = f"/c/acme{page}/certificate", {csrf.FIELD: token[1]}, {"scan": (name, document)}
    return await client.post(address, data=data, files=files, headers=headers, follow_redirects=False)


async def test_on_pages(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await merchant(tx)
    customer_id, exemption_id = await exempted(db, scope)
    page = f"/customers/{customer_id}/tax-exemptions/{exemption_id}"
    scan = f"/c/acme{page}/certificate"
    async with browsing(db, scope) as client:
        empty = await shown(client, page)
        none = await client.submit(scan, {}, page=f"/c/acme{page}")
        wrong = await chosen(client, page, "scan.pdf", b"hello")
        said = await shown(client, page)
        sent = await chosen(client, page, "x.html", PNG)
        there = await shown(client, page)
        fetched = await client.get(scan)
        gone = await client.submit(f"{scan}/removal", {}, page=f"/c/acme{page}")
    assert "Download it" not in empty
    assert [x.status_code for x in (none, wrong, sent, gone)] == [303, 303, 303, 303]
    assert "This is neither a PDF nor a PNG or JPEG picture." in said
    assert "Download it" in there
    assert "PNG" in there
    assert fetched.content == PNG
    assert fetched.headers["content-disposition"].endswith('.png"')
    async with db.read(scope) as tx:
        assert await queries.certificates(tx, [customer_id]) == {}
