"""Reads of the scans that are kept with tax exemptions."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.customers import errors
from jiedan.customers.values import ExemptionId
from jiedan.customers.values.certificates import Certificate, CertificateFile

SQL = sql.load("jiedan.customers.queries", "certificates.sql")


async def certificates(tx: ReadTx, ids: Collection[UUID]) -> Mapping[ExemptionId, CertificateFile]:
    """Return by exemption which scans are kept of customers, without their bytes. One statement."""
    rows = await tx.sql(SQL["certificates"], customer_ids=sorted(set(ids)))
    return {row[0]: _file(row) for row in rows}


async def certificate(tx: ReadTx, ids: Collection[UUID], exemption_id: UUID) -> Certificate:
    """Return the scan that is kept with an exemption of a customer, known by any of `ids`. One statement.

    Raises CertificateNotFound, of another customer's, too.
    """
    rows = await tx.sql(SQL["certificate"], customer_ids=sorted(set(ids)), exemption_id=exemption_id)
    if not rows:
        raise errors.CertificateNotFound(str(exemption_id))
    *file, document = rows[0]
    return Certificate(_file(tuple(file)), bytes(document))


def _file(row: tuple[Any, ...]) -> CertificateFile:
    exemption_id, media_type, size_bytes, digest, kept_at = row
    return CertificateFile(exemption_id, media_type, size_bytes, bytes(digest), kept_at)
