"""What every edit of a customer shares: who may be edited, and what is told of it."""

from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.customers import errors, events, queries, saving
from jiedan.customers.values import CustomerDraft, CustomerId, Head

EDITABLE = ("name", "kind", "phone", "email", "tax_number", "locale")


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


async def touch(tx: Tx, head: Head, field: str) -> None:
    """Count up the version of a customer of whom `field` was changed in another table, and tell."""
    await tx.sql(saving.SQL["raise_versions"], customer_ids=[head.customer_id], at=tx.now)
    tx.emit(events.CustomerChanged(customer_id=head.customer_id, fields=(field,), version=head.version + 1))


def tell_changed(tx: Tx, head: Head, after: CustomerDraft, fields: tuple[str, ...]) -> None:
    """Tell that `fields` of a customer were changed; before and after of the plain ones are private."""
    plain = [name for name in fields if name in EDITABLE]
    tx.emit(
        events.CustomerChanged(customer_id=head.customer_id, fields=fields, version=head.version + 1),
        private={name: [getattr(head, name), getattr(after, name)] for name in plain} or None,
    )
