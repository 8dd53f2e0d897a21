"""What every edit of a customer shares: who may be edited, and what is told of it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.customers import errors, events, queries, saving
from jiedan.customers.values import CustomerDraft, CustomerId, Head, TaxExemption
from jiedan.customers.values.certificates import CertificateFile

EDITABLE = ("name", "kind", "phone", "email", "tax_number", "locale")
EXEMPTIONS = "tax_exemptions"
"""What events call that it is something else than before why a customer pays no tax."""

CERTIFICATES = "tax_certificates"
"""What events call that another scan is kept with an exemption, or none."""

Told = Mapping[str, Sequence[Sequence[str]]]


async def living(tx: Tx, customer_id: UUID) -> Head:
    """Return a customer's row, locked. Raises CustomerNotFound, CustomerMerged or CustomerErased."""
    head = (await queries.heads_for_update(tx, [customer_id])).get(CustomerId(customer_id))
    refusal = not_living(head, customer_id)
    if head is None or refusal is not None:
        raise refusal or errors.CustomerNotFound(str(customer_id))
    return head


def not_living(head: Head | None, customer_id: UUID) -> Refusal | None:
    """Return why a customer cannot be edited: unknown, merged into another, erased; None when it can."""
    if head is None:
        return errors.CustomerNotFound(str(customer_id))
    if head.erasing_since is not None:
        return errors.CustomerErased(str(customer_id))
    if head.merged_into is not None:
        return errors.CustomerMerged(str(head.merged_into))
    return None


async def touch(tx: Tx, head: Head, field: str, private: Told | None = None) -> None:
    """Count up the version of a customer of whom `field` was changed in another table, and tell; so `private`."""
    await tx.sql(saving.SQL["raise_versions"], customer_ids=[head.customer_id], at=tx.now)
    told = events.CustomerChanged(customer_id=head.customer_id, fields=(field,), version=head.version + 1)
    tx.emit(told, private=private)


def tell_changed(
    tx: Tx, head: Head, after: CustomerDraft, fields: tuple[str, ...], private: Told | None = None
) -> None:
    """Tell that `fields` of a customer were changed; before and after of the plain ones are private, like `private`."""
    plain = {name: [getattr(head, name), getattr(after, name)] for name in fields if name in EDITABLE}
    tx.emit(
        events.CustomerChanged(customer_id=head.customer_id, fields=fields, version=head.version + 1),
        private={**plain, **(private or {})} or None,
    )


def exemptions_told(before: Sequence[TaxExemption], after: Sequence[TaxExemption]) -> Told:
    """Return what a customer had to show to pay no tax before and has now, as its history has it."""
    return {EXEMPTIONS: [[_said(x) for x in before], [_said(x) for x in after]]}


def certificates_told(before: CertificateFile | None, after: CertificateFile | None) -> Told:
    """Return which scan was kept with an exemption before and is now, by the hash of its bytes."""
    return {CERTIFICATES: [[] if x is None else [f"{x.file_name} SHA-256 {x.digest.hex()}"] for x in (before, after)]}


def _said(exemption: TaxExemption) -> str:
    ends = (exemption.from_at, exemption.until_at)
    period = "..".join("" if at is None else at.date().isoformat() for at in ends) if any(ends) else ""
    return " ".join([exemption.kind, exemption.number, *exemption.places, *exemption.classes, period]).strip()
