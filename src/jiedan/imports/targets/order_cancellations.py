"""What rows of cancellations say, and which earlier order each is about. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jiedan.base import idempotency
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Phrase
from jiedan.customers.values import CustomerId
from jiedan.imports import cells, errors
from jiedan.imports.targets import order_drafts
from jiedan.imports.targets.order_drafts import Known
from jiedan.imports.values import AppliedCancellation, Outcome, Row
from jiedan.orders.queries import Cancelable

TOLD_BY = ("sku", "quantity", "price", "currency", "customer", "placed_at")
"""What tells a cancellation from another one with the same id."""


class Wish(NamedTuple):
    """One row of a cancellation: so many units of a SKU, of the latest order of a customer up to a moment.

    `place` is the row's among those of its document. Without a price, that of the order is as good as any.
    """

    row: Row
    document: str
    place: int
    fingerprint: bytes
    customer_id: CustomerId
    sku: str
    quantity: int
    price_minor: int | None
    until: datetime


Left = dict[tuple[object, int], int]
"""Units that lines have left, by order and line."""


def wishes(
    rows: Sequence[Row],
    known: Known,
    applied: Mapping[str, AppliedCancellation],
    outcomes: dict[int, Outcome],
) -> list[Wish]:
    """Return what rows of cancellations ask for; what was done before or cannot be read is in `outcomes` instead."""
    found = []
    seen = set()
    faults = cells.Faults()
    for document, of in order_drafts.documents(rows):
        fingerprint = idempotency.fingerprint([[row.values.get(name) for name in TOLD_BY] for row in of])
        before = applied.get(document, AppliedCancellation(fingerprint, frozenset()))
        for place, row in enumerate(of):
            if document in seen or before.fingerprint != fingerprint:
                outcomes[row.number] = (errors.CancellationChanged(document, field="order_id"),)
            elif place in before.places:
                outcomes[row.number] = "unchanged"
            else:
                wish = _wish(row, known, faults, document=document, place=place, fingerprint=fingerprint)
                if wish is None:
                    outcomes[row.number] = faults.of(row)
                else:
                    found.append(wish)
        seen.add(document)
    return found


def _wish(
    row: Row, known: Known, faults: cells.Faults, *, document: str, place: int, fingerprint: bytes
) -> Wish | None:
    """Return what one row asks for, or None when its `faults` were noted."""
    faults.read(row, cells.needed, "order_id")
    sku = faults.read(row, cells.needed, "sku")
    quantity = faults.read(row, _quantity)
    price = faults.read(row, _price, known)
    customer_id = faults.read(row, _customer, known)
    until = faults.read(row, cells.moment, "placed_at", ZoneInfo(known.settings.time_zone)) or known.now
    if sku is None or quantity is None or customer_id is None or faults.of(row):
        return None
    return Wish(row, document, place, fingerprint, customer_id, sku, quantity, price, until)


def _quantity(row: Row) -> int:
    """Return how many units a row takes off. Raises CellMissing or CellInvalid."""
    said = cells.needed(row, "quantity")
    quantity = abs(cells.integer(row, "quantity") or 0)
    if not quantity:
        raise errors.CellInvalid(said[: cells.SHOWN_MAX], Phrase("other than 0"), field="quantity")
    return quantity


def _price(row: Row, known: Known) -> int | None:
    """Return the price that a row tells, if any. Raises CellInvalid or NoSale."""
    price = cells.amount(row, "price", cells.currency(row, "currency", known.settings.currency))
    if price is not None and (price < 0 or (price == 0 and cells.yes(row, "gifts") is False)):
        raise errors.NoSale(row.values["price"][: cells.SHOWN_MAX], field="price")
    return price


def _customer(row: Row, known: Known) -> CustomerId:
    """Return whose order it is. Raises CancellationOfNobody or UnknownReference."""
    if "customer" not in row.values:
        raise errors.CancellationOfNobody(field="customer")
    return order_drafts.customer_of(row, known)


def match(wish: Wish, candidates: Sequence[Cancelable], left: Left) -> Cancelable | None:
    """Return the latest line that has what `wish` asks for, and take it from `left`; candidates are oldest first."""
    for line in reversed(candidates):
        if (
            line.customer_id == wish.customer_id
            and line.code == wish.sku
            and line.placed_at <= wish.until
            and (wish.price_minor is None or line.unit_minor == wish.price_minor)
            and left[line.order_id, line.line] >= wish.quantity
        ):
            left[line.order_id, line.line] -= wish.quantity
            return line
    return None


def nothing_to_cancel(wish: Wish) -> Refusal:
    """Return the refusal of a wish that no line meets."""
    return errors.NothingToCancel(wish.quantity, wish.sku, field="sku")
