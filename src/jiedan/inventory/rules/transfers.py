"""Transfers: what may leave, what may arrive, where one stands."""

from jiedan.base.errors import Refusal
from jiedan.inventory import errors
from jiedan.inventory.rules.limits import refuse_quantity
from jiedan.inventory.values import NewTransfer, Transfer, TransferLine, TransferStatus


def refuse_transfer(wanted: NewTransfer) -> Refusal | None:
    """Refuse a transfer that leads nowhere, is empty, names a SKU twice or no quantity."""
    skus = [sku_id for sku_id, _ in wanted.quantities]
    if wanted.from_location_id == wanted.to_location_id or not skus or len(set(skus)) < len(skus):
        return errors.InvalidTransfer()
    refusals = (refuse_quantity(quantity) for _, quantity in wanted.quantities)
    return next((refusal for refusal in refusals if refusal), None)


def transfer_status(transfer: Transfer) -> TransferStatus:
    """Derive the status of a transfer from its quantities."""
    has_left = any(line.shipped for line in transfer.lines)
    if transfer.closed_at is not None:
        return "closed" if has_left else "canceled"
    return "in_transit" if has_left else "open"


def step(transfer: Transfer, line: TransferLine | None, quantity: int, *, possible: int) -> Refusal | None:
    """Refuse to move `quantity` on a transfer that has ended, does not know the SKU, or has only `possible` left."""
    if transfer.closed_at is not None:
        return errors.TransferEnded(transfer.transfer_id)
    if line is None:
        return errors.InvalidTransfer()
    if refusal := refuse_quantity(quantity):
        return refusal
    return errors.MoreThanTransferred(line.sku_id, quantity, possible) if quantity > possible else None
