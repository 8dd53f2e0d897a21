"""Keep the scan of the paper by which a customer pays no tax: one with each exemption, replaced whole."""

import hashlib
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.customers import errors, queries, saving
from jiedan.customers.rules import certificates as rules
from jiedan.customers.service import telling
from jiedan.customers.values import ExemptionId
from jiedan.customers.values.certificates import CertificateFile


async def keep_certificate(tx: Tx, *, customer_id: UUID, exemption_id: UUID, document: bytes) -> CertificateFile:
    """Keep a scan with an exemption, in place of the one before; the same bytes again are no edit.

    Raises CustomerNotFound, CustomerMerged, CustomerErased, ExemptionNotFound, CertificateTooLarge,
    CertificateUnreadable.
    """
    media_type = rules.type_of(document)
    head = await telling.living(tx, customer_id)
    if all(x.exemption_id != exemption_id for x in await queries.tax_exemptions(tx, customer_id)):
        raise errors.ExemptionNotFound(str(exemption_id))
    before = (await queries.certificates(tx, [customer_id])).get(ExemptionId(exemption_id))
    digest = hashlib.sha256(document).digest()
    if before is not None and before.digest == digest:
        return before
    after = CertificateFile(ExemptionId(exemption_id), media_type, len(document), digest, tx.now)
    await tx.sql(
        saving.SQL["write_certificate"],
        customer_id=customer_id,
        exemption_id=exemption_id,
        media_type=media_type,
        document=document,
        digest=digest,
        at=tx.now,
    )
    await telling.touch(tx, head, telling.CERTIFICATES, telling.certificates_told(before, after))
    return after


async def remove_certificate(tx: Tx, *, customer_id: UUID, exemption_id: UUID) -> None:
    """Keep a scan no longer; the exemption stays.

    Raises CustomerNotFound, CustomerMerged, CustomerErased, CertificateNotFound.
    """
    head = await telling.living(tx, customer_id)
    before = (await queries.certificates(tx, [customer_id])).get(ExemptionId(exemption_id))
    if before is None:
        raise errors.CertificateNotFound(str(exemption_id))
    await tx.sql(saving.SQL["delete_certificate"], customer_id=customer_id, exemption_id=exemption_id)
    await telling.touch(tx, head, telling.CERTIFICATES, telling.certificates_told(before, None))
