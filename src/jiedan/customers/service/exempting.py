"""Why customers pay no tax: certificates and VAT numbers, kept for the orders to come.

Orders keep what their customer had to show, so nothing that is done here changes one.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Rejections
from jiedan.customers import errors, queries, saving
from jiedan.customers.rules import exempting
from jiedan.customers.service import telling
from jiedan.customers.values import EXEMPTIONS_PER_CUSTOMER_MAX, ExemptionId, Head, TaxExemption


async def add_tax_exemption(
    tx: Tx, *, customer_id: UUID, exemption: TaxExemption, key: str | None = None
) -> ExemptionId:
    """Keep why a customer pays no tax, once per `key`, under a new id; the exemption's own says nothing.

    Raises CustomerNotFound, CustomerMerged, CustomerErased, TooMany, KeyReused, or Rejections naming each field in the
    wrong.
    """
    wish = await once.subject(tx, operation="customers.add_tax_exemption", key=key, body=(customer_id, exemption))
    if not wish.is_fresh:
        return ExemptionId(wish.id)
    head = await telling.living(tx, customer_id)
    kept = _checked(exemption, wish.id)
    before = await queries.tax_exemptions(tx, customer_id)
    if len(before) >= EXEMPTIONS_PER_CUSTOMER_MAX:
        raise errors.TooMany("tax_exemptions", EXEMPTIONS_PER_CUSTOMER_MAX)
    await saving.write_exemptions(tx, [(customer_id, kept)])
    await _tell(tx, head, before, [*before, kept])
    return kept.exemption_id


async def change_tax_exemption(tx: Tx, *, customer_id: UUID, exemption_id: UUID, exemption: TaxExemption) -> None:
    """Make a customer's exemption another; what is already so is no edit.

    Raises CustomerNotFound, CustomerMerged, CustomerErased, ExemptionNotFound, or Rejections naming each field in the
    wrong.
    """
    head = await telling.living(tx, customer_id)
    kept = _checked(exemption, exemption_id)
    before = await queries.tax_exemptions(tx, customer_id)
    if all(x.exemption_id != exemption_id for x in before):
        raise errors.ExemptionNotFound(str(exemption_id))
    if kept in before:
        return
    await saving.write_exemptions(tx, [(customer_id, kept)])
    await _tell(tx, head, before, [kept if x.exemption_id == exemption_id else x for x in before])


async def remove_tax_exemption(tx: Tx, *, customer_id: UUID, exemption_id: UUID) -> None:
    """Keep an exemption no longer, nor its scan: orders to come are taxed. Raises ExemptionNotFound."""
    head = await telling.living(tx, customer_id)
    before = await queries.tax_exemptions(tx, customer_id)
    await tx.sql(saving.SQL["delete_certificate"], customer_id=customer_id, exemption_id=exemption_id)
    if not await tx.sql(saving.SQL["delete_exemption"], customer_id=customer_id, exemption_id=exemption_id):
        raise errors.ExemptionNotFound(str(exemption_id))
    await _tell(tx, head, before, [x for x in before if x.exemption_id != exemption_id])


def _checked(exemption: TaxExemption, exemption_id: UUID) -> TaxExemption:
    kept, reasons = exempting.checked(msgspec.structs.replace(exemption, exemption_id=ExemptionId(exemption_id)))
    if reasons:
        raise Rejections(reasons)
    return kept


async def _tell(tx: Tx, head: Head, before: Sequence[TaxExemption], after: Sequence[TaxExemption]) -> None:
    await telling.touch(tx, head, telling.EXEMPTIONS, telling.exemptions_told(before, after))
