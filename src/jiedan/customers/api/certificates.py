"""REST of the scans that are kept with tax exemptions: the body is the file itself."""

from uuid import UUID

from litestar import Response, delete, get, put

from jiedan.base.web.errors import FileMissing
from jiedan.base.web.unit import Unit
from jiedan.customers import queries, service
from jiedan.customers.api.exemptions import CertificateView, certificate_view
from jiedan.customers.values.certificates import CERTIFICATE_FORMATS, Certificate


def fetched(kept: Certificate) -> Response[bytes]:
    """Answer a scan as a file to be saved, never as something to be shown in the place of a page."""
    headers = {"Content-Disposition": f'attachment; filename="{kept.file.file_name}"'}
    return Response(kept.document, media_type=kept.file.media_type, headers=headers)


@get(
    "/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}/certificate",
    permission="customers:read",
    media_type="application/pdf",
    answers_in=("image/png", "image/jpeg"),
    summary="Get the scan of a tax exemption",
)
async def get_certificate(unit: Unit, customer_id: UUID, exemption_id: UUID) -> Response[bytes]:
    """Return the scan that is kept with an exemption, as it came in: a PDF, PNG or JPEG file."""
    async with unit.read() as tx:
        return fetched(await queries.certificate(tx, [customer_id], exemption_id))


@put(
    "/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}/certificate",
    permission="customers:write",
    upload="application/octet-stream",
    summary="Keep a scan with a tax exemption",
)
async def put_certificate(unit: Unit, customer_id: UUID, exemption_id: UUID) -> CertificateView:
    """Keep a scan, in place of the one before: the body is a PDF, PNG or JPEG file of 5 MB at most.

    Of which kind it is its bytes tell; the content type that is sent says nothing.
    """
    document = await unit.request.body()
    if not document:
        raise FileMissing(CERTIFICATE_FORMATS)
    kept = await unit.write(
        lambda tx: service.keep_certificate(tx, customer_id=customer_id, exemption_id=exemption_id, document=document)
    )
    return certificate_view(customer_id, kept)


@delete(
    "/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}/certificate",
    permission="customers:write",
    summary="Remove the scan of a tax exemption",
)
async def remove_certificate(unit: Unit, customer_id: UUID, exemption_id: UUID) -> None:
    """Keep a scan no longer; the exemption stays, and so do orders."""
    await unit.write(lambda tx: service.remove_certificate(tx, customer_id=customer_id, exemption_id=exemption_id))


HANDLERS = (get_certificate, put_certificate, remove_certificate)
