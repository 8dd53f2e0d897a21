"""Scans that are kept with tax exemptions: sent with a form, fetched as a file, taken away."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from jiedan.base import i18n
from jiedan.base.errors import NotFound, Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import forms, pages
from jiedan.base.web.forms import Form
from jiedan.base.web.unit import Unit
from jiedan.customers import errors, queries, service

FIELD = "scan"


@get("/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}/certificate", permission="customers:read")
async def certificate_file(unit: Unit, customer_id: UUID, exemption_id: UUID) -> Response[bytes]:
    """Answer the scan as a file to be saved."""
    async with unit.read() as tx:
        kept = await queries.certificate(tx, [customer_id], exemption_id)
    headers = {"Content-Disposition": f'attachment; filename="{kept.file.file_name}"'}
    return Response(kept.document, media_type=kept.file.media_type, headers=headers)


@post("/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}/certificate", permission="customers:write")
async def keep_certificate(unit: Unit, customer_id: UUID, exemption_id: UUID) -> Response[str]:
    """Keep the scan that was chosen, in place of the one before."""
    form = await forms.read(unit, Form)
    upload = form.file(FIELD)
    at = f"/customers/{customer_id}/tax-exemptions/{exemption_id}"
    if upload is None:
        await _require(unit, customer_id, exemption_id)
        return pages.redirect(unit, at, flash=N_("Choose a file first: PDF, PNG or JPEG."), tone="warn")
    document = await upload.read()
    try:
        await unit.write(
            lambda tx: service.keep_certificate(
                tx, customer_id=customer_id, exemption_id=exemption_id, document=document
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        said = i18n.say(unit.locale, refusal)
        return pages.redirect(unit, at, flash=N_("The scan was not kept. {problem}"), tone="bad", problem=said)
    return pages.redirect(unit, at, flash=N_("The scan was kept."))


@post(
    "/customers/{customer_id:uuid}/tax-exemptions/{exemption_id:uuid}/certificate/removal",
    permission="customers:write",
)
async def remove_certificate(unit: Unit, customer_id: UUID, exemption_id: UUID) -> Response[str]:
    """Keep the scan no longer."""
    await forms.read(unit, Form)
    await unit.write(lambda tx: service.remove_certificate(tx, customer_id=customer_id, exemption_id=exemption_id))
    at = f"/customers/{customer_id}/tax-exemptions/{exemption_id}"
    return pages.redirect(unit, at, flash=N_("The scan was removed. The exemption stays."))


async def _require(unit: Unit, customer_id: UUID, exemption_id: UUID) -> None:
    """Raise ExemptionNotFound for what is no exemption of this customer."""
    async with unit.read() as tx:
        kept = await queries.tax_exemptions(tx, customer_id)
    if all(exemption.exemption_id != exemption_id for exemption in kept):
        raise errors.ExemptionNotFound(str(exemption_id))


HANDLERS: tuple[Any, ...] = (certificate_file, keep_certificate, remove_certificate)
