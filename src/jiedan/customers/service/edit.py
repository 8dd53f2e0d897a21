"""Edit the plain fields of customers, each at the version that was read."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.accounts import service as accounts
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, Rejections, StaleVersion
from jiedan.customers import errors, events, queries, rules, saving
from jiedan.customers.service import telling
from jiedan.customers.values import CustomerDraft, CustomerEdit, CustomerId, Head, Saved


async def edit_customers(tx: Tx, *, edits: Sequence[CustomerEdit], country: str) -> list[Saved | Refusal]:
    """Change plain fields of customers; one outcome per edit, same order. Two statements, and two per stale edit."""
    locked = await queries.heads_for_update(tx, [edit.customer_id for edit in edits])
    outcomes: list[Saved | Refusal] = []
    changes: list[tuple[UUID, CustomerDraft]] = []
    for i, edit in enumerate(edits):
        head = locked.get(CustomerId(edit.customer_id))
        refusal = await _refusal(tx, edit, head)
        if refusal is not None or head is None:
            outcomes.append(refusal or errors.CustomerNotFound(str(edit.customer_id)))
            continue
        fields = {name: getattr(edit, name) for name in telling.EDITABLE if getattr(edit, name) is not None}
        draft = CustomerDraft(**{"name": head.name, **fields})
        (checked,) = rules.check_drafts([draft], country, start=i)
        if isinstance(checked, Rejections):
            outcomes.append(checked)
            continue
        after = rules.completed(checked, head)
        changed = tuple(name for name in telling.EDITABLE if getattr(head, name) != getattr(after, name))
        if not changed:
            outcomes.append(Saved(head.customer_id, is_new=False, version=head.version))
            continue
        changes.append((head.customer_id, after))
        outcomes.append(Saved(head.customer_id, is_new=False, version=head.version + 1))
        telling.tell_changed(tx, head, after, changed)
    await saving.update_customers(tx, changes)
    return outcomes


async def _refusal(tx: Tx, edit: CustomerEdit, head: Head | None) -> Refusal | None:
    refusal = telling.not_living(head, edit.customer_id)
    if head is None or refusal is not None:
        return refusal
    try:
        await accounts.check_version(
            tx,
            subject_id=head.customer_id,
            kind=events.CustomerChanged.kind,
            current=head.version,
            expected=edit.version,
        )
    except StaleVersion as stale:
        return stale
    return None
